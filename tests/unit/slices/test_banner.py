"""What stands above the list, and why a list is empty."""

from dataclasses import replace
from datetime import UTC, timedelta

from cockpit.model.alert import Heartbeat, State, Storm
from cockpit.model.drawing import Line, Role
from cockpit.model.reading import Liveness, SystemState
from cockpit.slices import banner, header, quiet
from cockpit.slices.alerts import AlertsView, cut
from cockpit.slices.index import advance
from tests.tui.samples import NOW, alert, sample_board
from tests.unit.slices.boards import folded


def _text(*lines: Line) -> str:
    return "\n".join("".join(span.text for span in line) for line in lines)


def test_the_first_of_a_storm_carry_their_date() -> None:
    """What did not begin today says so, in the storm's line and in what Enter shows, and says nothing twice."""
    alerts = (
        alert(1, "NodeDown", "pool-a", minutes=30 * 60, instance="i-1"),
        alert(2, "Late", "pool-b", minutes=2),
    )
    storm = Storm(60, 20, 20, None, 0.0, tuple(one.key for one in alerts))
    board = replace(sample_board(), alerts={one.key: one for one in alerts}, folds=folded(alerts), storm=storm)
    assert "first NodeDown 19 Nov 08:12:09" in _text(banner.line(board, UTC))
    first, second = banner.known(board, UTC)
    assert _text(first).startswith("19 Nov 08:12:09  NodeDown  pool-a  i-1")
    assert _text(second).startswith("14:10:09  Late  pool-b")
    assert _text(second).count("Late") == 1


def test_a_missing_heartbeat_can_be_looked_at() -> None:
    """Without a storm Enter on the line tells of the heartbeat: since when, where it was seen, by which matcher."""
    beat = Heartbeat(
        "alertmanager",
        'alertname="Watchdog"',
        NOW - timedelta(minutes=9),
        NOW - timedelta(minutes=4),
        {"alertname": "Watchdog"},
    )
    board = replace(sample_board(), heartbeats=(beat,))
    told = _text(*banner.known(board, UTC))
    assert "heartbeat Watchdog missing since 14:08, 4 min" in told
    assert 'last seen 14:03:09 in alertmanager, matched by alertname="Watchdog"' in told


def test_a_filter_does_not_hide_that_nobody_answers() -> None:
    """Where a filter leaves nothing and a source does not answer, both are said."""
    board = sample_board()
    assert "not answering" not in quiet.empty(board, narrowed=True, hidden=3)
    down = replace(board.systems["alertmanager"], state=Liveness.DOWN)
    blind = replace(board, systems={**board.systems, "alertmanager": down})
    assert quiet.empty(blind, narrowed=True, hidden=3) == (
        "nothing matches; 3 hidden, esc shows all; alertmanager not answering"
    )


def test_pending_fires_when_only_its_prometheus_knows() -> None:
    """While the Prometheus of a pending alert does not answer, nobody knows when it fires, and the row says so."""
    board = sample_board()
    down = replace(board.systems["prometheus"], state=Liveness.DOWN)

    def notes(prometheus: SystemState) -> list[str]:
        changed = replace(board, systems={**board.systems, "prometheus": prometheus})
        listed = cut(advance(None, changed), AlertsView(), NOW)
        assert listed.build is not None
        rows = [listed.build(number) for number in range(len(listed.ids))]
        return [row.note for row in rows if row.state is State.PENDING]

    assert notes(down) == ["prometheus not answering"]
    assert "prometheus not answering" not in notes(board.systems["prometheus"])


def test_every_missing_heartbeat_is_named() -> None:
    """Several are counted and named with their systems, above the list and behind Enter; each rings by itself."""
    beats = tuple(
        Heartbeat(
            system, 'alertname="Watchdog"', NOW, NOW - timedelta(minutes=minutes), {"alertname": name, "n": one}, one
        )
        for system, name, minutes, one in (
            ("am-eu", "Watchdog", 4, "1"),
            ("am-us", "Watchdog", 2, "2"),
            ("am-us", "DeadMan", 1, "3"),
            ("am-us", "DeadMan", 1, "4"),
        )
    )
    board = replace(sample_board(), heartbeats=beats)
    assert _text(banner.line(board, UTC)) == (
        "✗ 4 heartbeats missing since 14:08, alerts may not reach us: "
        "Watchdog of am-eu, Watchdog of am-us, DeadMan of am-us ×2"
    )
    told = _text(*banner.known(board, UTC))
    assert told.count("heartbeat Watchdog missing") == told.count("heartbeat DeadMan missing") == 2
    shown = header.cut(board, NOW, UTC, context="prod", production=False)
    assert ("✗ 4 heartbeats missing 2m", Role.FIRING) in shown.trouble
    one = advance(None, replace(board, heartbeats=beats[:1]))
    assert len(header.bells(one, advance(one, replace(board, heartbeats=beats[:2])))) == 1
