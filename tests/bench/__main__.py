"""Times what can be measured without a terminal: `python -m tests.bench [--alerts N] [--rounds N]`.

Every figure is a median of rounds and a ratio to a reference measured in the same run, so that two machines can be
compared: the reference is reading the same alerts with the standard library's `json`. The integration map has a table
of its own, which `python -m tests.bench.maps` prints alone.
"""

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Board, Expected, Setup, Tick
from cockpit.model.alert import AlertReport
from cockpit.model.drawing import UNICODE
from cockpit.model.reading import AlertsSeen, Reading, Topic
from cockpit.model.sights import Sights
from cockpit.slices.alerts import AlertsView
from cockpit.slices.alerts import cut as cut_alerts
from cockpit.slices.filter import parse_filter
from cockpit.slices.index import advance
from cockpit.spans import parse_rfc3339
from cockpit.topology.graph import topology_of
from cockpit.topology.load import find_map, load_map
from cockpit.topology.paint.chain import paint_chain
from cockpit.triage.drill import fill
from cockpit.triage.subject import subject_of
from tests.bench import maps
from tests.bench.generate import NOW, alert


def _median_ms(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        gc.collect()
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _reports(raw: Sequence[dict[str, object]]) -> tuple[AlertReport, ...]:
    made = []
    for one in raw:
        labels, annotations = one["labels"], one["annotations"]
        assert isinstance(labels, dict)
        assert isinstance(annotations, dict)
        made.append(
            AlertReport(
                id=str(one["fingerprint"]),
                labels=labels,
                annotations=annotations,
                started=parse_rfc3339(str(one["startsAt"])),
                ends=parse_rfc3339(str(one["endsAt"])),
                updated=parse_rfc3339(str(one["updatedAt"])),
                receivers=("team-page",),
                peers=("127.0.0.1:9093",),
            )
        )
    return tuple(made)


def _reading(alerts: tuple[AlertReport, ...], later_s: float) -> Reading:
    at = NOW + timedelta(seconds=later_s)
    return Reading("alertmanager", "alertmanager", Topic.ALERTS, at, at, 0.3, AlertsSeen(alerts), complete_to=at)


def _board(count: int) -> tuple[Board, tuple[AlertReport, ...], str]:
    raw = [alert(number, 10) for number in range(count)]
    integration_map, _ = load_map(find_map("checkout", None))
    setup = Setup(map=integration_map, systems=(Expected("alertmanager", "alertmanager", (Topic.ALERTS,)),))
    return empty(setup, NOW), _reports(raw), json.dumps(raw)


def measure(count: int, rounds: int) -> list[tuple[str, float]]:
    """Return each piece of work with its median in milliseconds, the reference first."""
    fresh, reports, text = _board(count)
    board = reduce(fresh, _reading(reports, 0))
    changed = tuple(
        replace(report, started=report.started + timedelta(seconds=1)) if number < 200 else report
        for number, report in enumerate(reports)
    )
    after = reduce(board, _reading(changed, 15))
    index = advance(None, board)
    view = AlertsView()
    narrow = AlertsView(filter=parse_filter("svc-013 !team-07"))
    matched = AlertsView(filter=parse_filter('severity=~"crit.*"'))
    shown = cut_alerts(index, view, NOW)
    rows = list(range(min(40, len(shown.ids))))
    build = shown.build
    assert build is not None
    subjects = [subject_of(board, row) for row in shown.ids[:50]]
    topology = topology_of(board.setup.map)
    fifty = [subject for subject in subjects if subject is not None]
    tick = Tick(NOW + timedelta(seconds=16))
    return [
        (f"reference: json.loads of {count:,} alerts", _median_ms(lambda: json.loads(text), rounds)),
        (
            f"reduce: a first reading of {count:,} alerts",
            _median_ms(lambda: reduce(fresh, _reading(reports, 0)), rounds),
        ),
        (
            "reduce: a reading in which 200 alerts changed",
            _median_ms(lambda: reduce(board, _reading(changed, 15)), rounds),
        ),
        (
            "reduce: a reading in which nothing changed",
            _median_ms(lambda: reduce(board, _reading(reports, 15)), rounds),
        ),
        ("reduce: a tick", _median_ms(lambda: reduce(board, tick), rounds)),
        ("index: a first board", _median_ms(lambda: advance(None, board), rounds)),
        ("index: a board in which 200 alerts changed", _median_ms(lambda: advance(index, after), rounds)),
        ("list: cut, folded", _median_ms(lambda: cut_alerts(index, view, NOW), rounds)),
        ("list: cut, all open", _median_ms(lambda: cut_alerts(index, AlertsView(all_open=True), NOW), rounds)),
        ("list: cut with a filter of words", _median_ms(lambda: cut_alerts(index, narrow, NOW), rounds)),
        ("list: cut with a matcher", _median_ms(lambda: cut_alerts(index, matched, NOW), rounds)),
        ("list: forty rows built", _median_ms(lambda: [build(row) for row in rows], rounds)),
        ("drill: fifty subjects filled", _median_ms(lambda: [fill(board, subject) for subject in fifty], rounds)),
        (
            "map: the checkout chain painted",
            _median_ms(lambda: paint_chain(topology, "payment", 118, 8, UNICODE, Sights(board.health)), rounds),
        ),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alerts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = measure(options.alerts, options.rounds)
    reference = rows[0][1]
    print(f"| work ({options.alerts:,} alerts, medians of {options.rounds}) | ms | ratio |\n|---|---:|---:|")
    for name, taken in rows:
        print(f"| {name} | {taken:.2f} | {taken / reference:.3f} |")
    print(f"\n{maps.table(options.rounds)}")


if __name__ == "__main__":
    main()
