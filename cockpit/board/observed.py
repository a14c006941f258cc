"""What live systems tell of who calls whom and what runs where, joined with the declared map.

The joined map is made anew only when its structure changes, as whoever draws it goes by its identity; what is measured
on hops, and how long ago traffic was seen on them, is kept beside it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from cockpit.board.calls import Call, calls_of
from cockpit.board.hop_measures import aged, ages_at, away, of_services, together
from cockpit.board.moments import LAST, later, span
from cockpit.board.observation import Observed, Pair
from cockpit.board.placed import Placed, place, usual
from cockpit.board.sketch import outline, sketch
from cockpit.board.state import Board
from cockpit.model.measure import Measure
from cockpit.model.reading import Liveness, PlacesSeen, Reading, TargetsSeen, Topic
from cockpit.model.topology import NO_MAP, IntegrationMap
from cockpit.topology.draft import TEAM_LABELS
from cockpit.topology.merge import merge
from cockpit.topology.names import normal
from cockpit.topology.naming import Naming

AGED_S = 30.0
"""Seconds after which the ages of what systems measured that are down are told anew."""

MOST = 5000
"""Services that are added for nothing but a label of a target."""

_TOPICS = (Topic.HOPS, Topic.PLACES, Topic.TARGETS)
_NAME_LABEL = "app_kubernetes_io_name"


def observing(board: Board) -> Board:
    """Return the board with what the readings on it tell of calls and places; the same one where they tell nothing new."""
    memory = board.memory
    assert memory is not None
    before = memory.observed
    readings = _readings(board)
    if not readings and not before.made_of:
        return board
    made_of = tuple(reading.answer for reading in readings)
    alerting = _alerting(board, before)
    if _same(made_of, before.made_of) and alerting == before.alerting:
        return board
    naming = memory.naming
    answers = tuple(one.answer for one in readings if isinstance(one.answer, PlacesSeen))
    placed = before.placed if _same(answers, before.places) else _placed(readings, naming)
    alerting = _alerting(board, replace(before, placed=placed, folds=None))
    found, users, spelled = calls_of(readings, naming)
    hosts = placed.hosts(alerting)
    teams, labelled = _labelled(readings, naming, placed)
    structure = (outline(found), tuple(users), hosts, labelled, teams, spelled)
    if structure == before.structure:
        merged, names = board.merged, before.names
    else:
        drawn = sketch(board.setup.map, found, users, hosts, placed, labelled, teams, spelled)
        merged = None if drawn is None else merge(board.setup.map, drawn)
        names = {} if merged is None or drawn is None else _names(merged, drawn)
    observed = Observed(
        made_of=made_of,
        structure=structure,
        placed=placed,
        places=answers,
        names=names,
        hops=_measured(found, names),
        seen=_moments(found, names),
        users={names.get(name, name): measure for name, measure in users.items()},
        measures=before.measures,
        folds=board.folds,
        alerting=alerting,
        told=before.told and placed is before.placed,
        due=board.at if found or users or board.hops or before.measures else None,
    )
    return aging(replace(board, merged=merged, memory=replace(memory, observed=observed)))


def aging(board: Board) -> Board:
    """Return the board with how long there has been no traffic on its hops, and with what hops say of services.

    What systems measured that do not answer any more is told with its age.
    """
    memory = board.memory
    assert memory is not None
    known = memory.observed
    gone = frozenset(name for name, state in board.systems.items() if state.state is Liveness.DOWN)
    if known.due is None or (board.at < known.due and gone == known.gone):
        return board
    hops = {pair: aged(measure, known.seen.get(pair), board.at) for pair, measure in known.hops.items()}
    coming = {**hops, **{("", name): measure for name, measure in known.users.items()}}
    due = min((ages_at(known.seen.get(pair), board.at) for pair in hops), default=LAST)
    measures: Mapping[str, Measure] = of_services(coming)
    if gone:
        hops = {pair: away(one, board.at) if one.system in gone else one for pair, one in hops.items()}
        measures = {name: away(one, board.at) if one.system in gone else one for name, one in measures.items()}
        due = min(due, later(board.at, span(AGED_S)))
    hops = {pair: old if (old := board.hops.get(pair)) == measure else measure for pair, measure in hops.items()}
    measures = {name: old if (old := known.measures.get(name)) == one else one for name, one in measures.items()}
    others = {name: one for name, one in board.measures.items() if known.measures.get(name) is not one}
    everyone = {**measures, **others}
    return replace(
        board,
        hops=board.hops if hops == board.hops else hops,
        measures=board.measures if everyone == board.measures else everyone,
        memory=replace(memory, observed=replace(known, measures=measures, due=due, gone=gone)),
    )


def _readings(board: Board) -> list[Reading]:
    """Return the readings that tell of calls and places, in the order of the configuration."""
    order = {one.name: number for number, one in enumerate(board.setup.systems)}
    found = [item for item in board.readings.items() if item[0][1] in _TOPICS]
    found.sort(key=lambda item: (order.get(item[0][0], len(order)), item[0]))
    return [reading for _, reading in found]


def _same(now: tuple[object, ...], before: tuple[object, ...]) -> bool:
    return len(now) == len(before) and all(one is other for one, other in zip(now, before, strict=True))


def _alerting(board: Board, before: Observed) -> frozenset[str]:
    """Return the services that alert and are nodes on which something runs."""
    if before.folds is board.folds:
        return before.alerting
    if not before.placed.nodes:
        return frozenset()
    services = {key.service for key in board.folds}
    mapped = board.setup.map.services
    return frozenset(name for name in services if name not in mapped and normal(name) in before.placed.nodes)


def _placed(readings: Iterable[Reading], naming: Naming) -> Placed:
    answers = [reading.answer for reading in readings if isinstance(reading.answer, PlacesSeen)]
    return place([one for answer in answers for one in answer.places], naming)


def _labelled(readings: Iterable[Reading], naming: Naming, placed: Placed) -> tuple[dict[str, str], dict[str, str]]:
    """Return teams by service, as labels of targets and pods name them, and services that a Kubernetes label names.

    The latter come with who scrapes them.
    """
    teams: dict[str, Counter[str]] = {}
    services: dict[str, str] = {}
    for reading in readings:
        if not isinstance(reading.answer, TargetsSeen):
            continue
        for labels in reading.answer.targets:
            named = naming.of_labels(labels)
            if not named.service or named.by in {"node", "instance"}:
                continue
            team = next((labels[label] for label in TEAM_LABELS if labels.get(label)), "")
            if team:
                teams.setdefault(normal(named.service), Counter())[team] += 1
            if not named.mapped and named.by == _NAME_LABEL and len(services) < MOST:
                services.setdefault(named.service, f"{reading.system} targets")
    of_pods = {normal(service): team for service, team in placed.teams.items()}
    return {**of_pods, **{service: usual(counter) for service, counter in teams.items()}}, services


def _names(merged: IntegrationMap, drawn: IntegrationMap) -> dict[str, str]:
    """Return what the joined map calls each service that was observed."""
    naming = Naming(replace(NO_MAP, services=merged.services), ())
    return {name: name if name in merged.services else naming.of_name(name).service for name in drawn.services}


def _measured(found: Mapping[Pair, Call], names: Mapping[str, str]) -> dict[Pair, Measure]:
    """Return what is measured on hops, by the joined map's names."""
    named: dict[Pair, list[Measure]] = {}
    for (caller, callee), one in found.items():
        named.setdefault((names.get(caller, caller), names.get(callee, callee)), []).append(one.measure)
    return {pair: together(measures) for pair, measures in named.items()}


def _moments(found: Mapping[Pair, Call], names: Mapping[str, str]) -> dict[Pair, datetime | None]:
    """Return when traffic was last seen on hops, by the joined map's names."""
    named: dict[Pair, datetime | None] = {}
    for (caller, callee), one in found.items():
        pair = names.get(caller, caller), names.get(callee, callee)
        known = [at for at in (named.get(pair), one.seen) if at is not None]
        named[pair] = max(known, default=None)
    return named
