"""PromQL expressions, parsed (never matched by a regex): what is measured, against what, over which window."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expression:
    """What Cockpit reads out of an alert's or the map's expression; every field may be missing."""

    text: str
    measure: str | None = None
    """The single metric's name; of a quotient its numerator's metric; null where there are several or none."""
    left: str | None = None
    """The side that is measured, as text: what the series is asked for."""
    operator: str | None = None
    """`>`, `>=`, `<`, `<=`, `==`, `!=` as seen from the measure; mirrored where the number stood left."""
    threshold: float | None = None
    percent: bool = False
    """Quotients and names ending in `_ratio` print as percent."""
    numerator: str | None = None
    """Of a quotient."""
    denominator: str | None = None
    """Of a quotient, as text."""
    windows: tuple[str, ...] = ()
    """Range windows, as written: `5m`."""
    metrics: tuple[str, ...] = ()
    """Every metric's name, in order of appearance."""
    selectors: tuple[tuple[str, str], ...] = ()
    """Every equality matcher's label and value, in order of appearance."""


class PromqlError(ValueError):
    """A text is no PromQL; the message is the parser's, with the place."""


def parse(text: str) -> Expression:
    """Return what the expression says.

    Raises:
        PromqlError: It is no PromQL.
    """
    raise NotImplementedError(text)
