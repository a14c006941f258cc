"""What a checklist says of a service's health: what fires on it, what is measured, what its vendor says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from cockpit.board.health import FAILING
from cockpit.board.state import Board
from cockpit.model.alert import Fold, FoldKey, State
from cockpit.model.checklist import Ahead, Verdict, Way
from cockpit.model.drawing import Glyphs
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure
from cockpit.spans import age_step, clock_time
from cockpit.text import one_line
from cockpit.topology.paint.figures import say_latency, say_rate, sparkline
from cockpit.triage.figures import percent
from cockpit.triage.memo import Memo

_ORDER = (State.FIRING, State.LOST, State.PENDING, State.SILENCED, State.INHIBITED)
"""States of an alert that make a service worth a look, worst first."""
_TOLD = 8
"""Folds of one service that the details name."""
_OLD_S = 600.0
"""Seconds after which it is told from when a vendor's word is."""
_ILL = frozenset({Health.FIRING, Health.WARNING, Health.NO_TRAFFIC})


def _by_service(folds: Mapping[FoldKey, Fold]) -> Mapping[str, tuple[Fold, ...]]:
    found: dict[str, list[Fold]] = {}
    for key, fold in folds.items():
        if fold.state in _ORDER:
            found.setdefault(key.service, []).append(fold)
    return {
        name: tuple(sorted(same, key=lambda fold: (_ORDER.index(fold.state), fold.since)))
        for name, same in found.items()
    }


folds_of = Memo(_by_service)
"""By service: its folds that are not over, worst and oldest first."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How one hop does."""

    health: Health
    verdict: Verdict
    said: str
    """For the line."""
    vendor: str = ""
    vendor_ails: bool = False
    """Its status page tells of trouble."""
    told: tuple[tuple[str, str], ...] = ()
    """For the details, as name and text."""


def condition(board: Board, hop: Ahead, now: datetime, zone: tzinfo, glyphs: Glyphs) -> Condition:
    """Return how a hop does; the judgement rests on what was measured and answered, never on what is not known."""
    name = hop.service
    known = board.health.get(name) or ServiceHealth(name, Health.UNKNOWN)
    folds = tuple(fold for fold in folds_of(board.folds).get(name, ()) if not _dim(board, fold))
    into = board.hops.get((hop.by, name)) if hop.way is Way.CALL else None
    vendor = _vendor(board, name, now, zone)
    failing = _failing(into)
    status = board.vendors.get(name)
    said = [*(_alerts(folds, now, zone) if folds else ()), *_reasons(board, known), *_figures(board, known, glyphs)]
    if failing:
        said.append(f"{failing} of calls from {hop.by} failing")
    if not folds and known.health is Health.UNKNOWN:
        said.append(_unknown(known, board.measures.get(name)))
    elif known.health is Health.FINE and not said:
        said.append("nothing fires")
    if folds or known.health in _ILL or failing or (status is not None and status.fine is False):
        verdict = Verdict.LOOK
    else:
        verdict = Verdict.FINE if known.health is Health.FINE else Verdict.UNKNOWN
    told = (*_told(board, known, folds, now, zone, glyphs), *_hop_told(hop, into, glyphs), *_vendor_told(board, name))
    ails = status is not None and status.fine is False
    return Condition(known.health, verdict, one_line("; ".join(dict.fromkeys(said))), vendor, ails, tuple(told))


def _dim(board: Board, fold: Fold) -> bool:
    lead = board.alerts.get(fold.alerts[0])
    return lead is not None and lead.dim


def _alerts(folds: Iterable[Fold], now: datetime, zone: tzinfo) -> Iterable[str]:
    """Give the worst of some alerts, and how many more there are."""
    first, *others = folds
    state = "" if first.state is State.FIRING else f"{first.state} "
    more = f" +{len(others):,}" if others else ""
    yield f"{state}{first.key.name} {clock_time(first.since, zone, today=now)}{more}"


def _reasons(board: Board, known: ServiceHealth) -> Iterable[str]:
    """Give what is not well beside alerts, but for what figures and vendor say themselves."""
    vendor = board.vendors.get(known.service)
    for why in known.why:
        if why.endswith("% of requests failing") or why.startswith("status page says"):
            continue
        if vendor is None or why != vendor.says:
            yield why
    if known.health is Health.NO_TRAFFIC:
        yield "no traffic"


def _figures(board: Board, known: ServiceHealth, glyphs: Glyphs) -> Iterable[str]:
    """Give the share of failing requests, latency and rate on one line, with their age where they are stale."""
    measure = board.measures.get(known.service) or Measure()
    share = measure.error_share if known.error_share is None else known.error_share
    parts = [f"{percent(share)} failing"] if share is not None else []
    if measure.latency_s is not None:
        parts.append(say_latency(measure.latency_s, glyphs))
    if measure.rate is not None:
        parts.append(f"{say_rate(measure.rate, glyphs)}/s")
    stale = known.stale_s if known.stale_s is not None else measure.stale_s
    if parts:
        yield ", ".join(parts) + (f", {age_step(stale)} old" if stale is not None else "")


def _unknown(known: ServiceHealth, measure: Measure | None) -> str:
    """Return why nothing is known of a service's health."""
    if known.stale_s is not None or (measure is not None and measure.stale_s is not None):
        return "not known now"
    return "errors not measured" if measure is not None and measure.error_share is None else "not watched"


def _failing(into: Measure | None) -> str:
    """Return the share of failing calls of a hop, where that is of now and not fine."""
    if into is None or into.stale_s is not None or into.error_share is None or into.error_share < FAILING:
        return ""
    return percent(into.error_share)


def _vendor(board: Board, name: str, now: datetime, zone: tzinfo) -> str:
    """Return what a status page says, or why nothing is known of one; empty where none is to be expected."""
    known, service = board.vendors.get(name), board.map.services.get(name)
    if known is None:
        if service is None or (service.kind != "third-party" and not service.status_page):
            return ""
        return "status page not asked" if service.status_page else "no status page in the map"
    old = (now - known.at).total_seconds() > _OLD_S
    at = f" (as of {clock_time(known.at, zone, today=now)})" if old else ""
    said = known.says if known.fine is None else f"says {known.says}"
    return one_line(f"{said}{f': {known.incident}' if known.incident else ''}{at}")


def _vendor_told(board: Board, name: str) -> Iterable[tuple[str, str]]:
    known = board.vendors.get(name)
    if known is not None and known.url:
        yield "incident", one_line(known.url, 2000)


def _told(
    board: Board, known: ServiceHealth, folds: tuple[Fold, ...], now: datetime, zone: tzinfo, glyphs: Glyphs
) -> Iterable[tuple[str, str]]:
    """Give a service's health in full."""
    stale = f", measured {age_step(known.stale_s)} ago" if known.stale_s is not None else ""
    unknown = _unknown(known, board.measures.get(known.service))
    word = {Health.UNKNOWN: unknown, Health.NO_TRAFFIC: "no traffic"}.get(known.health, str(known.health))
    yield "health", "; ".join((f"{word}{stale}", *map(one_line, known.why)))
    for fold in folds[:_TOLD]:
        count = f" {glyphs.times}{len(fold.alerts):,}" if len(fold.alerts) > 1 else ""
        lead = board.alerts.get(fold.alerts[0])
        about = "" if lead is None else lead.annotations.get("summary") or lead.annotations.get("description") or ""
        said = f"{fold.key.name}{count} since {clock_time(fold.since, zone, today=now)}"
        yield str(fold.state), one_line(f"{said}{f': {about}' if about else ''}")
    if len(folds) > _TOLD:
        yield "", f"{len(folds) - _TOLD:,} more"
    measure = board.measures.get(known.service)
    figures = ", ".join(_figures(board, known, glyphs))
    if figures and (measure is not None or not known.why):
        at = None if measure is None else measure.at or known.measured
        by = f", {measure.system}{f' {clock_time(at, zone, today=now)}' if at else ''}" if measure is not None else ""
        usual = "" if measure is None or measure.usual is None else f", usually {say_rate(measure.usual, glyphs)}/s"
        yield "measured", one_line(f"{figures}{usual}{by}")
    if measure is not None and any(share is not None for share in measure.trend):
        yield "errors 30 min", sparkline(measure.trend, glyphs, len(measure.trend))
    if folds and (expression := _expression(board, folds[0])):
        yield "rule", one_line(expression)


def _expression(board: Board, fold: Fold) -> str:
    """Return what the rule behind a fold's worst alert asks, where its Prometheus is known."""
    lead = board.alerts.get(fold.alerts[0])
    rule = None if lead is None else board.rules.get(lead.prometheus or "", {}).get(lead.rule or "")
    return "" if rule is None else rule.expression


def _hop_told(hop: Ahead, into: Measure | None, glyphs: Glyphs) -> Iterable[tuple[str, str]]:
    """Give what is measured of the call that leads here."""
    if into is None:
        return
    parts = [f"{percent(into.error_share)} failing"] if into.error_share is not None else []
    if into.latency_s is not None:
        parts.append(say_latency(into.latency_s, glyphs))
    if into.rate is not None:
        parts.append(f"{say_rate(into.rate, glyphs)}/s")
    if parts:
        old = f", {age_step(into.stale_s)} old" if into.stale_s is not None else ""
        yield (
            "this call",
            one_line(f"from {hop.by}: {', '.join(parts)}{old}{f', {into.system}' if into.system else ''}"),
        )
