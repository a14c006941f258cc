"""What fired and ended, out of a real Prometheus: flaps that end by its own markers, and a past with a gap."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cockpit.assembly import open_live
from cockpit.config import Context, SystemSpec
from cockpit.model.history import HistorySeen
from cockpit.model.reading import Topic
from cockpit.model.shift import Part
from cockpit.poller import Watch
from cockpit.slices.shift import cut
from cockpit.systems.base import Circumstances
from cockpit.systems.prometheus import System
from cockpit.systems.prometheus_history import HistoryAsker
from tests.e2e.servers import Prometheus, get_json
from tests.e2e.waiting import eventually
from tests.needs import program

pytestmark = pytest.mark.real

RULES = """\
groups:
  - name: shift
    interval: 1s
    rules:
      - {alert: Flapping, expr: "vector(time()) % 4 < 2", labels: {service: payment, team: team-payments}}
      - {alert: Steady, expr: "vector(1)", labels: {service: ui}}
      - {alert: Watchdog, expr: "vector(1)"}
"""

_GONE = "NaN"
"""Written where a series ends in a past that is made: no value, as behind a marker of Prometheus."""


def _past(now: float) -> str:
    """Return nine hours of scrapes with half an hour missing, and alerts before, over and after that."""
    lines = ["# TYPE up gauge"]
    times = [now - 9 * 3600 + 30 * step for step in range(int(8.5 * 3600 / 30))]
    known = [at for at in times if not now - 5 * 3600 < at < now - 4.5 * 3600]
    lines += [f'up{{job="shop"}} 1 {at:.0f}' for at in known]
    lines.append("# TYPE ALERTS gauge")
    spans = {"Once": (now - 8 * 3600, now - 7.5 * 3600), "Over": (now - 6 * 3600, now - 4 * 3600)}
    for name, (begin, end) in spans.items():
        labels = f'alertname="{name}",alertstate="firing",service="order"'
        lines += [f"ALERTS{{{labels}}} 1 {at:.0f}" for at in known if begin <= at < end]
        lines.append(f"ALERTS{{{labels}}} {_GONE} {end:.0f}")
    return "\n".join([*lines, "# EOF", ""])


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """Return a Prometheus with a past, whose rule flaps every four seconds."""
    program("prometheus")
    program("promtool")
    server = Prometheus(tmp_path_factory.mktemp("history"), rules=RULES)
    server.remember(_past(datetime.now(UTC).timestamp() // 30 * 30))
    with server.process:
        eventually(lambda: _flaps(server) >= 3, what="four starts")
        yield server


def _flaps(server: Prometheus) -> int:
    """Return how often the rule became true again, as the server counts it."""
    query = 'changes(ALERTS_FOR_STATE{alertname="Flapping"}[1m])'
    found = get_json(f"{server.url}/api/v1/query?query={query}")["data"]["result"]
    return int(found[0]["value"][1]) if found else 0


async def test_flaps_are_counted_by_the_servers_own_markers(prometheus: Prometheus) -> None:
    """Looked at every second, an alert that ended three times has three stretches and more, each of two seconds or so."""
    assembly = open_live(_context(prometheus.url), config_folder=None)
    system = assembly.systems[0]
    assert isinstance(system, System)
    try:
        asker = HistoryAsker(system._server, {}, steps_s=(1.0,))
        now = datetime.now(UTC)
        seen = await asker.ask(now - timedelta(minutes=2), now, Circumstances())
    finally:
        await system.close()
    found = {alert.labels["alertname"]: alert.firings for alert in seen.alerts}
    ended = [one for one in found["Flapping"] if one.ended is not None]
    assert len(found["Flapping"]) >= 3
    assert all(one.ended and one.ended - one.began <= timedelta(seconds=4) for one in ended)
    assert len(found["Steady"]) == 1
    assert found["Steady"][0].ended is None


async def test_the_start_of_a_shift_tells_what_ended_and_what_is_not_known(prometheus: Prometheus) -> None:
    """Of a shift's length back: what ended with its team, no heartbeat, nothing that fires, and each time without a word."""
    assembly = open_live(_context(prometheus.url), config_folder=None)
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
    try:
        await watch.once({Topic.RULES})
        board = await watch.once_back(timedelta(hours=12))
    finally:
        await watch.close()
    seen = board.readings["prometheus", Topic.HISTORY].answer
    assert isinstance(seen, HistorySeen)
    shift = cut(board, board.at, shift=timedelta(hours=12), baking=timedelta(hours=1))
    rows = {row.name: row for row in shift.ended}
    assert {"Once", "Over"} <= set(rows) <= {"Once", "Over", "Flapping"}
    once, over = rows["Once"], rows["Over"]
    assert (once.service, once.starts, once.unsure) == ("order", 1, False)
    assert timedelta(minutes=29) <= once.ended - once.began <= timedelta(minutes=31)
    assert over.starts == 1
    assert timedelta(minutes=119) <= over.ended - over.began <= timedelta(minutes=121)
    assert "Steady" in {row.name for row in shift.firing}
    said = " | ".join(shift.unknown[Part.ENDED])
    assert "prometheus does not reach back before" in said
    assert "prometheus knows nothing from" in said


def _context(url: str) -> Context:
    extra = {"places": False, "hops": False, "measures": False}
    spec = SystemSpec(name="prometheus", kind="prometheus", urls=(url,), extra=extra)
    return Context(name="test", systems=(spec,))
