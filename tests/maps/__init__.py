"""Sample maps for tests, pictures and benchmarks, each with the health of its services on a bad night."""

from collections.abc import Callable, Mapping

from tests.maps.booking import booking
from tests.maps.generated import generated
from tests.maps.sample import Sample
from tests.maps.shops import boutique, checkout, demo


def thousand() -> Sample:
    """Return a generated map of 1,000 services."""
    return generated(1_000)


def five_thousand() -> Sample:
    """Return a generated map of 5,000 services."""
    return generated(5_000)


SAMPLES: Mapping[str, Callable[[], Sample]] = {
    "checkout": checkout,
    "boutique": boutique,
    "demo": demo,
    "booking": booking,
    "thousand": thousand,
    "five-thousand": five_thousand,
}
"""Every sample by its name, the smallest first."""

__all__ = [
    "SAMPLES",
    "Sample",
    "booking",
    "boutique",
    "checkout",
    "demo",
    "five_thousand",
    "generated",
    "thousand",
]
