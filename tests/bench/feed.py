"""Times the deploy feed on 10,000 changes: `python -m tests.bench.feed [--changes N] [--rounds N]`.

Four systems report them: two know every change, two each half of them. Limits are those that must hold, in milliseconds.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from cockpit import garbage
from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Board, Expected, Setup
from cockpit.model.alert import AlertReport
from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.model.reading import AlertsSeen, ChangesSeen, Reading, Topic
from cockpit.slices.changes import ChangesView, cut
from cockpit.slices.feedfilter import parse
from cockpit.slices.feedindex import Indexer
from cockpit.topology.load import find_map, load_map
from cockpit.triage.drill import fill
from cockpit.triage.subject import worst
from tests.bench.generate import NOW
from widgets.changes import Changes

FIRST_MS, POLL_MS, FILTER_MS, KEY_MS = 300.0, 20.0, 50.0, 16.0
"""What a first merge, each poll's merge, a filter and any other key may take."""

SYSTEMS = ("datadog", "argocd", "github", "git")
"""Who reports."""
_WINDOW_S = 4 * 3600
_SERVICES = 500
_KINDS = (ChangeKind.DEPLOY, ChangeKind.DEPLOY, ChangeKind.CONFIG, ChangeKind.FLAG, ChangeKind.MERGED)


def reports_of(system: str, count: int) -> tuple[ChangeReport, ...]:
    """Return what a system reports of so many changes, the newest first, as objects of its own."""
    lag = 20 * SYSTEMS.index(system)
    halves = {"github": 0, "git": 1}
    return tuple(
        ChangeReport(
            id=f"{system}-{number}",
            name=f"svc-{number % _SERVICES:03}",
            version=f"v{number // _SERVICES}.{number % 7}.{number % 11}",
            kind=_KINDS[number // _SERVICES % len(_KINDS)],
            began=NOW - timedelta(seconds=60 + number * (_WINDOW_S - 600) / count - lag),
            author=f"person-{number % 90}",
            summary=f"Release {number} of service {number % _SERVICES}",
            url=f"https://{system}.example/{number}",
            labels={"service": f"svc-{number % _SERVICES:03}", "env": "production"},
            says=f"{system} said {number}",
            progress=Progress.DONE if system != "git" else Progress.UNKNOWN,
            owner=f"team-{number % 40}" if number % 9 else "",
            owner_by="tag team",
            commit=f"{number:07x}abcdef" if system in {"github", "argocd"} else "",
        )
        for number in range(count)
        if system not in halves or number % 2 == halves[system]
    )


def reading(system: str, reports: Sequence[ChangeReport], later_s: float = 0.0) -> Reading:
    """Return what a system answered so many seconds later."""
    at = NOW + timedelta(seconds=later_s)
    seen = ChangesSeen(tuple(reports), NOW - timedelta(hours=8))
    return Reading(system, system, Topic.CHANGES, at, at, 0.3, seen, complete_to=at, every_s=30)


def _firing() -> Reading:
    """Return an alert on one of the services, which began while it changed."""
    labels = {"alertname": "ErrorsHigh", "service": "svc-007", "severity": "critical"}
    began = NOW - timedelta(minutes=20)
    report = AlertReport("9f2c", labels, {}, began, NOW + timedelta(hours=1), began)
    return Reading("am", "alertmanager", Topic.ALERTS, NOW, NOW, 0.1, AlertsSeen((report,)), complete_to=NOW)


def fresh_board() -> Board:
    """Return the board before anybody answered."""
    known, _ = load_map(find_map("checkout", None))
    systems = [Expected(name, name, (Topic.CHANGES,), 30.0) for name in SYSTEMS]
    systems.append(Expected("am", "alertmanager", (Topic.ALERTS,)))
    return empty(Setup(map=known, systems=tuple(systems)), NOW)


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Return the median of what a piece of work takes of one processor, whatever else the machine does."""
    taken = []
    for _ in range(rounds):
        gc.collect()
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1000)
    return statistics.median(taken)


def merging(count: int, rounds: int) -> tuple[Board, list[tuple[str, float, float]]]:
    """Return the board, and each merge with its median and its limit in milliseconds."""
    fresh = fresh_board()
    board = fresh
    rows: list[tuple[str, float, float]] = []
    for system in SYSTEMS:
        answer = reading(system, reports_of(system, count))
        took = median_ms(partial(reduce, board, answer), rounds)
        rows.append((f"first merge of {system}, {len(reports_of(system, count)):,} reports", took, FIRST_MS))
        board = reduce(board, answer)
    again = reports_of("datadog", count)
    newer = (
        replace(again[0], id="new-1", version="v99", began=NOW - timedelta(seconds=5)),
        *(replace(one, progress=Progress.FAILED) if number < 20 else one for number, one in enumerate(again[:-5])),
    )
    same, changed = reading("datadog", again, 30), reading("datadog", newer, 30)
    rows.append(
        ("a poll that says nothing new, all decoded anew", median_ms(lambda: reduce(board, same), rounds), POLL_MS)
    )
    rows.append(("a poll with 1 new, 20 changed, 5 gone", median_ms(lambda: reduce(board, changed), rounds), POLL_MS))
    return board, rows


def looking(board: Board, rounds: int) -> list[tuple[str, float, float]]:
    """Return what a person's keys cost on such a board, with its limit in milliseconds."""
    plain = cut(board, ChangesView(), NOW)
    pane = Changes(id="changes")
    pane.show(plain)

    def scroll() -> None:
        pane.focused = True
        for _ in range(40):
            pane.move(20)
            pane.content(118, 14)

    lit = reduce(board, _firing())
    subject = worst(lit)
    assert subject is not None
    fill(lit, subject)
    rows = []
    for text in ("release 17", "team:team-7 kind:flag system:git", "!merged owner:none", "svc-0"):
        view = ChangesView(parse(text))
        rows.append((f"filter: {text}", median_ms(partial(cut, board, view, NOW), rounds), FILTER_MS))
    by_service = ChangesView(grouped=True)
    return [
        (
            "the first index of the feed, beside the screen",
            median_ms(lambda: Indexer().make(board.changes), rounds),
            300.0,
        ),
        *rows,
        ("by service", median_ms(lambda: cut(board, by_service, NOW), rounds), FILTER_MS),
        ("forty jumps through the pane, each painted", median_ms(scroll, rounds), 40 * KEY_MS),
        ("the drill of an alert, its changes judged", median_ms(lambda: fill(lit, subject), rounds), KEY_MS),
    ]


def say(rows: Sequence[tuple[str, float, float]]) -> None:
    """Print the table."""
    print(f"| {'deploy feed':<58} | ms | limit ms | holds |\n|---|---|---|---|")
    for name, took, limit in rows:
        print(f"| {name:<58} | {took:.1f} | {limit:.0f} | {'yes' if took < limit else 'NO'} |")


def main() -> None:
    """Print what the deploy feed takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    garbage.go_on()  # as the screen does
    board, rows = merging(options.changes, options.rounds)
    say([*rows, *looking(board, options.rounds)])


if __name__ == "__main__":
    main()
