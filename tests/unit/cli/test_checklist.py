"""`cockpit drill --checklist`: one line a hop, for a ticket or a program."""

from datetime import UTC, datetime, timedelta

import pytest

from cockpit.board.state import Ticked
from cockpit.clock import FixedClock
from cockpit.config.direct import Asked
from cockpit.config.load import load
from cockpit.journal.store import open_journal
from cockpit.locations import state_folder
from tests.fakes.alertmanager import FakeAlertmanager
from tests.unit.cli.running import run


@pytest.fixture
def firing(alertmanager: FakeAlertmanager) -> FakeAlertmanager:
    """Return an Alertmanager with one alert."""
    began = datetime.now(UTC) - timedelta(minutes=6)
    alertmanager.fire({"alertname": "PaymentErrorsHigh", "app": "payment", "severity": "critical"}, starts=began)
    return alertmanager


def test_each_hop_has_a_line() -> None:
    """The demo's checklist has a line for each hop of the journey and its data, none wider than 120 cells."""
    result = run("drill", "--demo", "--checklist")
    assert result.code == 0
    first, *lines = result.out.splitlines()
    assert first.startswith("PaymentErrorsHigh on payment: 10 hops, 1 firing, ")
    for service in ("ui", "auth", "catalog", "payment", "order", "inventory", "card-gateway", "ledger", "stock-db"):
        assert sum(line.startswith("[ ] ") and line[10:].startswith(f"{service} ") for line in lines) == 1
    assert "payment: dashboard https://grafana.example.com/d/payment" in lines
    assert all(len(line) <= 120 for line in lines if line.startswith("["))


def test_json_has_the_key_beside_the_drill() -> None:
    """With --json the drill has one key more; without --checklist it has none."""
    document = run("drill", "--demo", "--checklist", "--json").document
    assert list(document) == ["alert", "priority", "answers", "systems", "checklist"]
    hops = {hop["service"]: hop for hop in document["checklist"]["hops"]}
    assert (hops["payment"]["alert"], hops["payment"]["verdict"], hops["payment"]["suspect"]) == (
        True,
        "needs a look",
        True,
    )
    assert hops["card-gateway"]["status_page"] == "https://status.example.com"
    assert hops["ui"]["way"] == "entry"
    assert not any(hop["ticked"] for hop in hops.values())
    assert "checklist" not in run("drill", "--demo", "--json").document


def test_ticks_of_the_screen_are_told(firing: FakeAlertmanager) -> None:
    """What a person ticked on the screen is ticked on the command line too, and nothing else."""
    where = ("--json", "--alertmanager", firing.base, "--map", "checkout")
    (alert,) = run("alerts", *where).document
    opened = datetime.fromisoformat(alert["fired"])
    now = datetime.now(UTC)
    journal = open_journal(state_folder(), FixedClock(now), load(Asked(alertmanagers=(firing.base,))).chosen)
    journal.write(Ticked(now, f"alertmanager/{alert['id']}/{opened:%Y%m%dT%H%M%SZ}", "order", by="responder"))
    journal.close()
    hops = run("drill", alert["id"], "--checklist", *where).document["checklist"]["hops"]
    assert [hop["service"] for hop in hops if hop["ticked"]] == ["order"]
