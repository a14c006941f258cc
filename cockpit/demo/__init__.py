"""The embedded recording of a checkout incident, made from real servers by `tests/shop/record_demo.py`.

payment-service v2.4.0 is deployed at 14:02 UTC; from 14:06 on payments fail; at 14:12 no checkout succeeds.
"""

from pathlib import Path

DEFAULT_AT = "14:12"
"""Where `cockpit demo` begins: the incident is six minutes old."""


def recording_path() -> Path:
    """Return the path of the embedded recording."""
    return Path(__file__).parent / "checkout.jsonl.gz"
