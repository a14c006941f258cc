"""SCOPE: how much is failing, where on the journey, and which entry points feel it."""

import re
from collections.abc import Mapping
from itertools import islice

from cockpit.board.state import Setup
from cockpit.model.alert import Alert, Fold, FoldKey, State
from cockpit.model.drill import Answer, Evidence, Question, Standing
from cockpit.model.reading import ScopeSample, TargetsSeen, Topic
from cockpit.promql import PromqlError, parse
from cockpit.spans import parse_duration, say_seconds
from cockpit.text import one_line
from cockpit.topology.graph import topology_of
from cockpit.triage.case import LOOKED_AT, Behind, Case, waiting
from cockpit.triage.figures import figure, raw, say_scope
from cockpit.triage.memo import Memo
from cockpit.triage.names import naming_of

INSTANCE_LABELS = ("pod", "instance", "node", "host", "hostname")
"""Labels that tell instances apart, the most telling first."""
NAMED = 4
"""So many names are told; the rest is counted."""

_FIRES = frozenset({State.FIRING, State.LOST})
_WORDS = re.compile(r"[_:.-]+")
_NO_NOUN = re.compile(
    r"total|count|sum|bucket|created|rate\w*|irate\w*|increase\w*|seconds?|milliseconds?|duration|latency|bytes|ratio|\d+\w*"
)


def scope(case: Case) -> Answer:
    """Answer SCOPE: by the map's scope query, else by instances and blast radius, else unknown."""
    felt = _felt(case)
    known = case.board.scopes.get(case.subject.service)
    service = case.service
    troubled: tuple[Evidence, ...] = ()
    if known is not None and service is not None and service.scope is not None:
        system, sample = known
        behind = case.behind(system, Topic.SCOPES)
        said = _measured(case, service.scope.says, sample, behind)
        evidence = _evidence(case, system, sample)
        if said:
            return Answer(Question.SCOPE, said, Standing.FILLED, (evidence,), fresh=behind.fresh, detail=felt)
        troubled = (evidence,)
    elif service is not None and service.scope is not None and case.asking:
        asked = waiting(case.board, Topic.SCOPES)
        if asked:
            return Answer(Question.SCOPE, f"asking {', '.join(asked)}", Standing.ASKING, detail=felt)
    return _by_instances(case, felt, troubled)


def _measured(case: Case, template: str, sample: ScopeSample, behind: Behind) -> str:
    """Return what the scope query says; empty where it says nothing."""
    trouble = behind.trouble(case.now)
    aged = f", at {case.clock(sample.at)} ({trouble})" if trouble else ""
    if sample.denominator == 0:
        usual = f", normally {figure(sample.usual)}/s" if sample.usual is not None else ""
        window = _window(sample.window)
        return f"no {noun_of(sample.query)}{f' in {window}' if window else ''}{usual}{aged}"
    if sample.error is not None or sample.value is None:
        return ""
    return say_scope(template, sample.value) + aged


def _window(text: str) -> str:
    try:
        return say_seconds(parse_duration(text).total_seconds()) if text else ""
    except ValueError:
        return text


def noun_of(query: str) -> str:
    """Return what a quotient counts, by its denominator's metric: `attempts` for `checkout_attempts_total`."""
    try:
        denominator = parse(query).denominator
        metrics = parse(denominator).metrics if denominator else ()
    except PromqlError:
        return "traffic"
    words = [word for word in _WORDS.split(metrics[0] if metrics else "") if word and not _NO_NOUN.fullmatch(word)]
    if not words:
        return "traffic"
    if len(metrics[0]) > len("_count") and metrics[0].endswith(("_count", "_sum", "_bucket")):
        return "requests" if any(word.startswith("request") for word in words) else "traffic"
    return words[-1] if words[-1].endswith("s") else f"{words[-1]}s"


def _evidence(case: Case, system: str, sample: ScopeSample) -> Evidence:
    query = one_line(sample.query, 300)
    window = f", rate window {sample.window}" if sample.window else ""
    if sample.error is not None:
        says = f"{one_line(sample.error)} at {case.seconds(sample.at)}, query {query}"
    else:
        value = "no sample" if sample.value is None else raw(sample.value)
        under = "" if sample.denominator is None else f", denominator {figure(sample.denominator)}/s"
        says = f"{value} at {case.seconds(sample.at)}{window}{under}, query {query}"
    return Evidence(system, says, sample.at, sample.url)


def _felt(case: Case) -> str:
    """Return `felt by ui, mobile; journey checkout`, or nothing where the map does not say."""
    known = case.board.map
    if case.subject.service not in known.services:
        return ""
    blast = topology_of(known).blast(case.subject.service)
    others = [name for name in blast.entries or blast.callers if name != case.subject.service]
    parts = []
    if case.subject.service in known.entry:
        parts.append("an entry point")
    if others:
        parts.append(f"felt by {_names(others)}")
    if blast.journeys:
        parts.append(f"{'journey' if len(blast.journeys) == 1 else 'journeys'} {_names(blast.journeys)}")
    return "; ".join(parts)


def _names(names: list[str] | tuple[str, ...]) -> str:
    rest = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _by_instances(case: Case, felt: str, troubled: tuple[Evidence, ...]) -> Answer:
    label, firing = _firing(case)
    evidence: list[Evidence] = []
    said = ""
    fresh = case.alert_fresh
    if label:
        targets = _targets(case, label)
        parts = []
        for cluster, names in firing.items():
            total = len(targets.get(cluster, ()))
            of = f" of {total}" if total >= len(names) else ""
            noun = "instance" if max(total if of else 0, len(names)) == 1 else "instances"
            parts.append(f"{len(names):,}{of} {noun}{f' in {cluster}' if cluster else ''}")
        said = ", ".join(parts[:NAMED]) + (f" and {len(parts) - NAMED} more clusters" if len(parts) > NAMED else "")
        listed = [f'{label}="{name}"' for names in firing.values() for name in sorted(names)]
        evidence.append(case.alert_says(f"firing with {_names(listed)}"))
        for system, seen in case.board.targets.items():
            reading = case.board.readings.get((system, Topic.TARGETS))
            if reading is not None and targets:
                evidence.append(Evidence(system, f"{len(seen.targets):,} targets", reading.at))
    if felt:
        said = f"{said}, {felt}" if said else felt
        evidence.append(Evidence("map", f"services.{case.subject.service}: {felt}", case.board.began))
    if said:
        if not fresh and label:
            behind = case.alert_behind
            said += f" ({behind.trouble(case.now)})" if behind is not None else ""
        return Answer(Question.SCOPE, said, Standing.FILLED, (*evidence, *troubled), fresh=fresh)
    return Answer(Question.SCOPE, _not_known(case, bool(troubled)), Standing.UNKNOWN, troubled, fresh=fresh)


def _not_known(case: Case, failed: bool) -> str:
    name = case.subject.service
    if not name:
        return "not known: the alert names no service and no instance"
    parts = []
    if failed:
        parts.append(f"the scope query of {name} has no answer")
    elif case.service is None:
        known = case.board.setup.map
        parts.append("no map" if known.empty else f"{name} is not in map {known.name}".rstrip())
    elif case.service.scope is None:
        parts.append(f"no scope query for {name}")
    else:
        troubles = [
            case.behind(one.name, Topic.SCOPES) for one in case.board.setup.systems if Topic.SCOPES in one.topics
        ]
        parts += [trouble for behind in troubles if (trouble := behind.trouble(case.now))] or ["nobody to ask it of"]
    parts.append("its alerts name no instance")
    return f"not known: {'; '.join(parts)}"


def _clusters(folds: Mapping[FoldKey, Fold]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([key.cluster for key in folds]))


_clusters_of = Memo(_clusters)
"""The clusters that a board's folds are of, in which the same alert is looked for."""


def _firing(case: Case) -> tuple[str, dict[str, set[str]]]:
    """Return the label that tells instances apart, and its firing values by cluster."""
    alerts = list(_alike(case)) or list(case.members)
    best, found = "", set[str]()
    for label in INSTANCE_LABELS:
        values = {value for alert in alerts if (value := alert.labels.get(label))}
        if len(values) > len(found):
            best, found = label, values
    firing: dict[str, set[str]] = {}
    for alert in alerts:
        value = alert.labels.get(best) if best else None
        if value:
            firing.setdefault(alert.cluster, set()).add(value)
    return best, firing


def _alike(case: Case) -> list[Alert]:
    """Return the firing alerts of the same name and service, in every cluster, at most `LOOKED_AT` of each fold."""
    found = []
    folds, name, service = case.board.folds, case.subject.name, case.subject.service
    same = (folds.get(FoldKey(name, service, cluster)) for cluster in _clusters_of(folds))
    for fold in islice((fold for fold in same if fold is not None), NAMED * 4):
        for key in fold.alerts[:LOOKED_AT]:
            alert = case.board.alerts.get(key)
            if alert is not None and alert.state in _FIRES:
                found.append(alert)
    return found


def _targets(case: Case, label: str) -> Mapping[str, set[str]]:
    """Return the service's known instances by cluster."""
    known = _instances(case.board.targets, case.board.setup)
    return known.get((case.subject.service, label), {})


def _by_service(targets: Mapping[str, TargetsSeen], setup: Setup) -> Mapping[tuple[str, str], Mapping[str, set[str]]]:
    naming = naming_of(setup.map, setup.exporters)
    extra = {expected.name: expected.labels for expected in setup.systems}
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for system, seen in targets.items():
        for labels in seen.targets:
            named = naming.of_labels(labels)
            cluster = named.cluster or extra.get(system, {}).get("cluster", "")
            for label in INSTANCE_LABELS:
                value = labels.get(label)
                if value and named.service:
                    found.setdefault((named.service, label), {}).setdefault(cluster, set()).add(value)
    return found


_instances = Memo(_by_service)
"""Instances by service and label, then by cluster, as Prometheus scrapes them."""
