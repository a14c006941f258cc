"""From a deploy to those who look for the cause: it reaches the feed, and the dashboards."""

from collections.abc import Iterable

from cockpit.board.state import Board, Setup
from cockpit.model.change import ChangeKind
from cockpit.model.handshake import Condition, Handshake
from cockpit.model.reading import ChangesSeen, Reading, Topic
from cockpit.topology.naming import Naming
from cockpit.topology.toolmap import DASHBOARDS, FEED, SERVICES
from cockpit.triage.handshakes.words import asked, counted, few, of, silent
from cockpit.triage.memo import Memo

_BESIDE = frozenset({"third-party", "node-pool", "cluster", "zone", "dns"})
"""Kinds of service that nobody of ours deploys."""


def fed(board: Board) -> Iterable[Handshake]:
    """A deploy that nobody reports is a suspect that nobody sees."""
    systems = asked(board, Topic.CHANGES)
    if not systems:
        yield Handshake(
            "feed",
            SERVICES,
            FEED,
            "deploys reach the feed",
            Condition.UNKNOWN,
            "not known: no system that reports changes is configured",
            "name repositories under systems.git, or a query under systems.prometheus",
        )
        return
    covered: set[str] = set()
    whole = True
    for system in systems:
        reading = board.readings.get((system, Topic.CHANGES))
        reason = silent(board, system, Topic.CHANGES)
        if not reason and reading is not None and isinstance(reading.answer, ChangesSeen):
            names = _covers(board.setup, reading.answer)
            covered |= names
            yield _feeding(board, reading, reading.answer, len(names))
            continue
        whole = False
        why = f"not known: {reason or f'{system} did not answer yet'}"
        yield Handshake(
            f"feed:{system}",
            system,
            FEED,
            f"deploys reach the feed by {system}",
            Condition.UNKNOWN,
            why,
            "RECENT CHANGE does not say none while it is away" if reason else "",
            place=system,
        )
    yield from _covered(board, covered, whole=whole)


def _feeding(board: Board, reading: Reading, answer: ChangesSeen, services: int) -> Handshake:
    system = reading.system
    number = sum(system in change.systems for change in board.changes)
    told = [f"{counted(number, 'change')} in the window"]
    if reading.complete_to is not None:
        told.append(f"complete to {reading.complete_to:%H:%M} UTC")
    if services:
        told.append(f"covers {counted(services, 'service')} of the map")
    said = ", ".join(told)
    return Handshake(
        id=f"feed:{system}",
        source=system,
        target=FEED,
        question=f"deploys reach the feed by {system}",
        condition=Condition.WARNING if answer.gaps else Condition.WORKS,
        seen=f"{said}; {few(answer.gaps)}" if answer.gaps else said,
        remedy="until then RECENT CHANGE does not say none" if answer.gaps else "",
        brief=counted(number, "change"),
        place=system,
    )


def _named(setup: Setup, answer: ChangesSeen) -> frozenset[str]:
    naming = Naming(setup.map, setup.exporters)
    return frozenset(found.service for name in answer.covers if (found := naming.of_name(name)).mapped)


_covers = Memo(_named, kept=8)
"""The map's services that a change system would report."""


def _covered(board: Board, covered: set[str], *, whole: bool) -> Iterable[Handshake]:
    """Give how many of the map's services somebody would tell a deploy of."""
    ours = [name for name, one in board.setup.map.services.items() if one.kind not in _BESIDE]
    if not ours:
        return
    bare = [name for name in ours if name not in covered]
    question = "a deploy of any service would be told"
    if bare and not whole:
        condition = Condition.UNKNOWN
        seen = f"not known: {of(len(ours) - len(bare), len(ours))} by those who answered"
    else:
        condition = Condition.WARNING if bare else Condition.WORKS
        seen = f"{of(len(ours) - len(bare), len(ours))} services are covered"
    yield Handshake(
        id="feed",
        source=SERVICES,
        target=FEED,
        question=question,
        condition=condition,
        seen=f"{seen}; without: {few(bare)}" if bare else seen,
        remedy="add their repositories to systems.git, or export their version to Prometheus" if bare else "",
        brief=of(len(ours) - len(bare), len(ours)),
    )


def annotated(board: Board) -> Iterable[Handshake]:
    """A dashboard on which a deploy is marked shows what it did."""
    question = "deploys reach the dashboards"
    grafanas = [one for one in board.setup.systems if one.kind == "grafana"]
    if not grafanas:
        yield Handshake(
            "dashboards",
            FEED,
            DASHBOARDS,
            question,
            Condition.UNKNOWN,
            "not known: no grafana is configured",
            "add [contexts.NAME.systems.grafana] to the configuration",
        )
        return
    deploys = [one for one in board.changes if one.kind is not ChangeKind.MERGED]
    for one in grafanas:
        reason = silent(board, one.name, Topic.CHANGES) if Topic.CHANGES in one.topics else f"{one.name} is not asked"
        marked = [change for change in deploys if one.name in change.systems]
        bare = [f"{change.name} {change.version}" for change in deploys if one.name not in change.systems]
        if reason:
            condition, seen, brief = Condition.UNKNOWN, f"not known: {reason}", ""
        elif not deploys:
            condition, seen, brief = Condition.UNKNOWN, "not known: nothing was deployed in the window", ""
        else:
            brief = of(len(marked), len(deploys))
            condition = Condition.WARNING if bare else Condition.WORKS
            seen = f"{brief} deploys are annotated" + (f"; without: {few(bare)}" if bare else "")
        yield Handshake(
            f"dashboards:{one.name}",
            FEED,
            one.name,
            question,
            condition,
            seen,
            "let the pipeline write an annotation with each deploy; cockpit annotate marks one"
            if bare and not reason
            else "",
            brief,
            one.name,
        )
