"""What stands beside a service and on a hop: what is measured, what changed, whom one suspects, what a vendor says."""

from cockpit.model.drawing import Glyphs, Role, Span
from cockpit.model.health import Health
from cockpit.model.measure import Measure
from cockpit.model.sights import Sights
from cockpit.spans import age_step
from cockpit.text import cut, one_line
from cockpit.topology.graph import Topology
from cockpit.topology.paint.figures import say_latency, say_rate, sparkline
from cockpit.topology.paint.marks import badge, health_of, say_share, share

_LONGEST = 28
"""Cells that a vendor's words may take."""

_PROTOCOL = 16
"""Cells that a protocol may take."""


def brief(sights: Sights, service: str, glyphs: Glyphs) -> tuple[Span, ...]:
    """Return what always stands beside a service where anything does: its failing share, and its change."""
    spans = (_share(sights, service), badge(sights.states, service, sights.changed, glyphs))
    return tuple(span for span in spans if span is not None)


def further(sights: Sights, service: str, glyphs: Glyphs) -> tuple[Span, ...]:
    """Return what stands beside a service where there is room, the most telling first."""
    spans: list[Span] = []
    state = sights.states.get(service)
    if state is not None and state.suspect:
        spans.append(Span("suspect", Role.SUSPECT))
    vendor = sights.vendors.get(service)
    said = None if vendor is None else Span(cut(vendor.says, _LONGEST, glyphs.ellipsis), Role.DIM)
    if vendor is not None and said is not None and not vendor.fine:
        spans.append(Span(said.text, Role.UNKNOWN if vendor.fine is None else Role.WARNING))
    measure = sights.measures.get(service)
    if measure is not None:
        role = Role.STALE if measure.stale_s is not None else Role.DIM
        if measure.latency_s is not None:
            spans.append(Span(say_latency(measure.latency_s, glyphs), role))
        if measure.rate is not None:
            spans.append(Span(f"{say_rate(measure.rate, glyphs)}/s", role))
        if any(one is not None for one in measure.trend):
            loud = health_of(sights.states, service) in {Health.FIRING, Health.WARNING}
            spans.append(Span(sparkline(measure.trend, glyphs), Role.WARNING if loud else role))
    if vendor is not None and vendor.fine and said is not None:
        spans.append(said)
    return tuple(span for span in spans if span.text)


def on_hop(topology: Topology, sights: Sights, caller: str, callee: str) -> str:
    """Return what is known of a hop: its protocol, and the share of its calls that fail; empty where nothing is."""
    hop = topology.hop(caller, callee)
    measure = sights.hops.get((caller, callee))
    words = [cut(one_line(hop.protocol), _PROTOCOL)] if hop is not None and hop.protocol else []
    if measure is not None and measure.error_share is not None:
        words.append(say_share(measure.error_share))
    return " ".join(words)


def _share(sights: Sights, service: str) -> Span | None:
    """Return what is measured of a service's failures: by its health, else by what measured it."""
    said = share(sights.states, service)
    measure = sights.measures.get(service)
    if said is not None or measure is None or measure.error_share is None:
        return said
    return Span(*_measured(measure))


def _measured(measure: Measure) -> tuple[str, Role]:
    text = say_share(measure.error_share or 0.0)
    if measure.stale_s is None:
        return text, Role.DIM
    age = age_step(measure.stale_s)
    return text if age == "0s" else f"{text} {age} old", Role.STALE
