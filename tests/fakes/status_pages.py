"""Status pages of vendors, in the shapes that they have: Statuspage, Instatus, a feed."""

from datetime import datetime
from typing import Any

from tests.fakes.alertmanager import stamp
from tests.fakes.http_server import Answer, Asked, FakeServer, say


class FakeStatuspage(FakeServer):
    """One page of Atlassian Statuspage: its summary, changed by the test."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.indicator = "none"
        self.description = "All Systems Operational"
        self.components: list[dict[str, Any]] = []
        self.incidents: list[dict[str, Any]] = []
        self.component("API")
        self.routes["/api/v2/summary.json"] = self._summary

    def component(self, name: str, status: str = "operational", **more: Any) -> None:
        """Add a component."""
        self.components.append({"id": name.casefold(), "name": name, "status": status, "group": False, **more})

    def incident(self, name: str, impact: str = "major") -> None:
        """Open an incident."""
        self.incidents.append({"id": "i", "name": name, "status": "investigating", "impact": impact})

    def trouble(self, indicator: str, description: str) -> None:
        """Say how the whole page does."""
        self.indicator, self.description = indicator, description

    def _summary(self, _: Asked) -> Answer:
        return say(
            {
                "page": {"id": "p", "name": "Vendor", "url": self.url},
                "status": {"indicator": self.indicator, "description": self.description},
                "components": self.components,
                "incidents": self.incidents,
                "scheduled_maintenances": [],
            }
        )


def instatus(status: str, *incidents: str) -> FakeServer:
    """Return a page of Instatus."""
    page = {"page": {"name": "Vendor", "url": "https://vendor.example", "status": status}}
    return FakeServer({"/summary.json": say(page | {"activeIncidents": [{"name": name} for name in incidents]})})


def atom(*entries: tuple[str, datetime, str]) -> bytes:
    """Return an Atom feed of entries with title, time and text."""
    told = "".join(
        f"<entry><title>{title}</title><updated>{stamp(at)}</updated><content>{text}</content></entry>"
        for title, at, text in entries
    )
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{told}</feed>'.encode()
