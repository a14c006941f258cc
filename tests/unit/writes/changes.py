"""Changes to annotate, made by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cockpit.model.change import Change, ChangeKind, ChangeReport, Witness

BEGAN = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def change(**said: Any) -> Change:
    """Return the deploy of payment v2.4.0, changed as said."""
    began, version = said.get("began", BEGAN), said.get("version", "v2.4.0")
    report = ChangeReport("v2.4.0", "payment-service", version, ChangeKind.DEPLOY, began)
    known: dict[str, Any] = {
        "id": "payment@2.4.0@20261120T1402Z",
        "service": "payment",
        "mapped": True,
        "name": "payment-service",
        "team": "team-payments",
        "version": version,
        "kind": ChangeKind.DEPLOY,
        "began": began,
        "ended": began + timedelta(minutes=7),
        "author": "Jo",
        "summary": "Ask the new <gateway>",
        "url": "https://git.example/v2.4.0",
        "rollback": False,
        "seen": False,
        "tolerance_s": 0.0,
        "witnesses": (Witness("git", report, began), Witness("prometheus", report, began)),
    }
    return Change(**known | said)
