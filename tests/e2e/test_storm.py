"""A storm on a real Alertmanager: four thousand alerts with one node label in common, and no deploy to blame."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.repositories import Repository
from tests.e2e.scene import Scene
from tests.e2e.servers import Alertmanager
from tests.e2e.tmux import Terminal
from tests.e2e.waiting import eventually

pytestmark = pytest.mark.real

ALERTS = 4_000
"""How many alerts fire."""

SERVICES = 200
"""On how many services."""

POOL = "gp-3"
"""The node pool that failed; 94 of 100 alerts name it."""


def storm(began: datetime) -> list[dict[str, object]]:
    """Return the alerts, the first of them a node that is not ready."""
    alerts: list[dict[str, object]] = []
    for number in range(ALERTS):
        labels = {
            "alertname": ("PodNotReady", "TargetDown", "HighErrorRate", "QueueGrowing")[number // SERVICES % 4],
            "service": f"svc-{number % SERVICES:03d}",
            "instance": f"10.0.{number // 250}.{number % 250}:8080",
            "severity": "critical" if number % 10 == 0 else "warning",
            "node_pool": POOL if number % 100 < 94 else f"gp-{number % 3}",
        }
        starts = began + timedelta(milliseconds=10 * number)
        alerts.append(
            {
                "labels": labels,
                "annotations": {"summary": "not answering"},
                "startsAt": starts.isoformat(),
                "endsAt": (began + timedelta(hours=2)).isoformat(),
            }
        )
    return alerts


@pytest.fixture(scope="module")
def stormy(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Return Cockpit beside an Alertmanager in a storm, and a repository with changes that have nothing to do with it."""
    folder = tmp_path_factory.mktemp("storm")
    began = datetime.now(UTC) - timedelta(minutes=2)
    repository = Repository(folder / "web")
    for number in range(3):
        repository.commit(f"Change {number}", began - timedelta(minutes=20 * (3 - number)))
    peer = Alertmanager(folder / "alertmanager")
    with peer.process:
        alerts = storm(began)
        for first in range(0, ALERTS, 500):
            peer.post(alerts[first : first + 500])
        eventually(lambda: len(peer.alerts()) == ALERTS, what="the whole storm")
        systems: dict[str, dict[str, object]] = {
            "alertmanager": {"url": peer.url, "every": "5s"},
            "git": {"repositories": [{"path": str(repository.path), "service": "web", "kind": "deploy"}]},
        }
        yield Scene(folder / "cockpit", systems)


def test_recent_change_names_nobody(stormy: Scene) -> None:
    """When many services start at once and nothing changed on what they share, no change is blamed."""
    said = stormy.says("drill", "--json")

    assert said.status == 0, said.err
    change = said.json["answers"]["change"]
    assert change["suspects"] == []
    assert change["value"].startswith("no change explains it; 3 in the window")


def test_every_alert_is_listed(stormy: Scene) -> None:
    """`cockpit alerts` prints all of them, each once."""
    alerts = stormy.alerts()

    assert len(alerts) == ALERTS
    assert len({alert["id"] for alert in alerts}) == ALERTS
    assert len({alert["service"] for alert in alerts}) == SERVICES


def test_storm_line_names_what_is_common(stormy: Scene, short_folder: Path) -> None:
    """The screen says how many fire, on how many services, and which label covers most of them."""
    with Terminal(short_folder) as terminal:
        stormy.opens(terminal)
        terminal.sees("4,000 firing", f"{SERVICES} services", f"94 % share node_pool={POOL}", within_s=30)
        assert "no change explains it" in terminal.screen()
