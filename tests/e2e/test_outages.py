"""Servers die and come back while Cockpit watches: what is gone is told from what is resolved."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.board.state import Board
from cockpit.model.alert import State
from tests.e2e.incident import Incident
from tests.e2e.tmux import Terminal
from tests.e2e.waiting import eventually
from tests.e2e.watching import Watcher, named, states

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def incident(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Incident]:
    """Return a broken shop whose servers the tests of this module stop and start again."""
    incident = Incident(tmp_path_factory.mktemp("outages"), peers=2)
    with incident.stage:
        incident.breaks()
        yield incident


@pytest.fixture(autouse=True)
def _whole_again(incident: Incident) -> Iterator[None]:
    """Leave every server running and the alert firing for the next test."""
    yield
    for process in incident.stage.processes:
        if not process.running:
            process.start()
    incident.measures("session", "heartbeat", 1)
    incident.measures("session", "probe_flapping", 0)
    incident.fires("PaymentErrorsHigh", "Watchdog")


def fires(board: Board) -> bool:
    """Return whether the shop's alert fires on the board."""
    return states(board, "PaymentErrorsHigh") == {State.FIRING}


async def test_a_dead_peer_holds_nothing_back(incident: Incident) -> None:
    """With one of two peers killed every alert stays as it is, and the dead peer is named."""
    async with Watcher(incident.scene) as watcher:
        before = await watcher.sees(fires, "firing")
        incident.stage.alertmanagers[1].process.kill()

        board = await watcher.looks()

        assert states(board) == states(before)
        peers = {peer.address: peer.up for peer in board.systems["alertmanager"].peers}
        assert sorted(peers.values()) == [False, True]
        assert peers[incident.stage.alertmanagers[1].url.removeprefix("http://")] is False


async def test_vanished_alerts_are_lost_and_not_resolved(incident: Incident) -> None:
    """With a peer and Prometheus gone until alerts vanish nothing is called resolved, and nothing is left over after."""
    async with Watcher(incident.scene) as watcher:
        before = await watcher.sees(fires, "firing")
        incident.stage.alertmanagers[1].process.kill()
        await watcher.looks()
        incident.stage.prometheus.process.stop()
        eventually(lambda: not incident.stage.alertmanagers[0].names(), what="alerts vanish from the living peer")

        board = await watcher.looks()

        assert State.RESOLVED not in states(board)
        assert states(board, "PaymentErrorsHigh") == {State.LOST}
        assert "since" in named(board, "PaymentErrorsHigh")[0].note

        incident.stage.prometheus.process.start()
        incident.stage.alertmanagers[1].process.start()
        incident.fires("PaymentErrorsHigh", "OrderRateLow")
        after = await watcher.sees(fires, "firing again")
        assert states(after) <= {State.FIRING, State.INHIBITED}
        (alert,) = named(after, "PaymentErrorsHigh")
        assert alert.occurrence == named(before, "PaymentErrorsHigh")[0].occurrence


async def test_a_heartbeat_that_stops_is_missed(incident: Incident) -> None:
    """The Watchdog is never a row while it beats, and is missed when it stops."""
    async with Watcher(incident.scene) as watcher:
        board = await watcher.sees(lambda board: bool(board.heartbeats), "a heartbeat")
        assert board.heartbeats[0].missing_since is None
        assert not named(board, "Watchdog")

        incident.measures("session", "heartbeat", 0)

        await watcher.sees(lambda board: board.heartbeats[0].missing_since is not None, "a missing heartbeat")


async def test_three_starts_in_an_hour_are_flapping(incident: Incident) -> None:
    """An alert that comes and goes three times is one row that is marked as flapping."""
    async with Watcher(incident.scene) as watcher:
        await watcher.looks()
        for _ in range(2):
            incident.measures("session", "probe_flapping", 1)
            await watcher.sees(lambda board: states(board, "ProbeFlapping") == {State.FIRING}, "a start")
            incident.measures("session", "probe_flapping", 0)
            await watcher.sees(lambda board: states(board, "ProbeFlapping") == {State.RESOLVED}, "an end")
        incident.measures("session", "probe_flapping", 1)

        board = await watcher.sees(lambda board: states(board, "ProbeFlapping") == {State.FIRING}, "a third start")

        (alert,) = named(board, "ProbeFlapping")
        assert alert.flapping
        assert len(alert.starts) == 3


async def test_resolved_alerts_leave_after_a_quarter_of_an_hour(incident: Incident) -> None:
    """What Prometheus no longer lists is resolved, stays for fifteen minutes of our clock and is then gone."""
    async with Watcher(incident.scene) as watcher:
        incident.measures("session", "probe_flapping", 1)
        await watcher.sees(lambda board: states(board, "ProbeFlapping") == {State.FIRING}, "a start")
        incident.measures("session", "probe_flapping", 0)
        await watcher.sees(lambda board: states(board, "ProbeFlapping") == {State.RESOLVED}, "an end")

        watcher.clock.advance(minutes=16)

        assert not named(await watcher.looks(), "ProbeFlapping")


def test_prometheus_down_while_alertmanager_lives(incident: Incident) -> None:
    """Without Prometheus the drill still names what fires, the deploy and the owner, and says what is not known."""
    peer = incident.stage.alertmanagers[0]
    held = [alert for alert in peer.alerts() if alert["labels"]["alertname"] == "PaymentErrorsHigh"]
    incident.stage.prometheus.process.stop()
    later = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    kept = ("labels", "annotations", "startsAt", "generatorURL")
    peer.post([{key: held[0][key] for key in kept} | {"endsAt": later}])

    said = incident.scene.says("drill", "--json", "PaymentErrorsHigh")

    assert said.status == 3, said.err
    answers = said.json["answers"]
    assert "100 %" not in answers["what"]["value"]
    assert "100 %" not in answers["scope"]["value"]
    assert "payment-service v2.4.0 deployed" in answers["change"]["value"]
    assert {piece["system"] for piece in answers["change"]["evidence"]} == {"git"}
    assert answers["owner"]["value"] == "team-payments (PagerDuty escalation)"
    systems = {system["name"]: system for system in said.json["systems"]}
    assert systems["alertmanager"]["state"] == "live"
    assert systems["prometheus"]["state"] == "down"
    assert systems["prometheus"]["error"]
    peer.post([{key: held[0][key] for key in kept} | {"endsAt": datetime.now(UTC).isoformat()}])


def test_everything_down_and_back_without_a_restart(incident: Incident, short_folder: Path) -> None:
    """The last board stays on the screen, marked as not answering with its age, and comes alive by itself."""
    repositories = incident.stage.folder / "git"
    away = incident.stage.folder / "away"
    with Terminal(short_folder, 120, 40) as terminal:
        incident.scene.opens(terminal)
        terminal.sees("PaymentErrorsHigh", "3 of 3 live", within_s=30)
        incident.stage.alertmanagers[1].process.kill()
        terminal.sees("PaymentErrorsHigh", "alertmanager 1/2")
        for process in incident.stage.processes:
            process.kill()
        repositories.rename(away)

        screen = terminal.sees("none of 3 systems answers", within_s=60)
        assert "PaymentErrorsHigh" in screen
        assert "BLIND" in terminal.title()
        said = incident.scene.says("alerts", "--json")
        assert said.status == 3
        assert "alertmanager not answering" in said.err

        away.rename(repositories)
        for process in incident.stage.processes:
            process.start()
        incident.fires("PaymentErrorsHigh")
        screen = terminal.sees("3 of 3 live", "PaymentErrorsHigh", within_s=60)
        assert "not answering" not in screen
