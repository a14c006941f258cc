"""What the checkout incident's drill says, in the demo and, but for times, whenever the shop breaks."""

import re
from collections.abc import Mapping

VALUES: Mapping[str, str] = {
    "what": "payment_errors_total > 5 %, now 100 %",
    "when": "Started 14:06 UTC, ongoing 6 min",
    "scope": "100 % of checkout attempts failing at payment step",
    "change": "payment-service v2.4.0 deployed at 14:02 UTC, 4 min before",
    "owner": "team-payments (PagerDuty escalation)",
}
"""The five values of the demo at 14:12."""


def but_for_times(values: Mapping[str, str]) -> dict[str, str]:
    """Return values with every moment and span blotted out."""
    return {
        question: re.sub(r"\b\d+ (s|min)\b", "SPAN", re.sub(r"\b\d\d:\d\d\b", "TIME", value))
        for question, value in values.items()
    }
