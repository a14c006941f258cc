"""What stands beside a service and on a hop: what is measured, what changed, whom one suspects, what a vendor says."""

from dataclasses import dataclass

from cockpit.model.drawing import Glyphs, Role, Span
from cockpit.model.health import Health
from cockpit.model.measure import Measure
from cockpit.model.sights import Sights
from cockpit.model.topology import Provenance
from cockpit.spans import age_step
from cockpit.text import cut, one_line
from cockpit.topology.graph import Topology
from cockpit.topology.paint.figures import say_latency, say_rate, sparkline
from cockpit.topology.paint.marks import badge, health_of, say_share, share

_LONGEST = 28
"""Cells that a vendor's words may take."""

_PROTOCOL = 16
"""Cells that a protocol may take."""

_SAYS = 24
"""Cells that a hop's own words may take."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of one service, piece by piece; null where nothing is."""

    share: Span | None = None
    """Its failing share."""
    change: Span | None = None
    """Its latest change."""
    suspect: Span | None = None
    vendor: Span | None = None
    """What its status page says."""
    ill: bool = False
    """Whether that is no good news."""
    latency: Span | None = None
    rate: Span | None = None
    trend: Span | None = None

    @property
    def brief(self) -> tuple[Span, ...]:
        """What always stands beside a service where anything does."""
        return tuple(span for span in (self.share, self.change) if span is not None)

    @property
    def further(self) -> tuple[Span, ...]:
        """What stands there where there is room, the most telling first."""
        news = (self.vendor, None) if self.ill else (None, self.vendor)
        pieces = (self.suspect, news[0], self.latency, self.rate, self.trend, news[1])
        return tuple(span for span in pieces if span is not None)

    @property
    def columns(self) -> tuple[Span | None, ...]:
        """Every piece in the order in which it is read down a column."""
        return (self.share, self.latency, self.rate, self.trend, self.change, self.suspect, self.vendor)


def notes_on(sights: Sights, service: str, glyphs: Glyphs) -> Notes:
    """Return what is known of a service."""
    state, vendor, measure = sights.states.get(service), sights.vendors.get(service), sights.measures.get(service)
    said = None
    if vendor is not None and vendor.says:
        role = Role.DIM if vendor.fine else Role.UNKNOWN if vendor.fine is None else Role.WARNING
        said = Span(cut(one_line(vendor.says), _LONGEST, glyphs.ellipsis), role)
    latency = rate = trend = None
    if measure is not None:
        role = Role.STALE if measure.stale_s is not None else Role.DIM
        if measure.latency_s is not None:
            latency = Span(say_latency(measure.latency_s, glyphs), role)
        if measure.rate is not None:
            rate = Span(f"{say_rate(measure.rate, glyphs)}/s", role)
        if any(one is not None for one in measure.trend):
            loud = {Health.FIRING: Role.FIRING, Health.WARNING: Role.WARNING}
            trend = Span(sparkline(measure.trend, glyphs), loud.get(health_of(sights.states, service), role))
    return Notes(
        share=_share(sights, service),
        change=badge(sights.states, service, sights.changed, glyphs),
        suspect=Span("suspect", Role.SUSPECT) if state is not None and state.suspect else None,
        vendor=said,
        ill=vendor is not None and not vendor.fine,
        latency=latency,
        rate=rate,
        trend=trend,
    )


def on_hop(topology: Topology, sights: Sights, caller: str, callee: str) -> str:
    """Return what is known of a hop: its protocol, how it is known where nobody declared it, and its failing share.

    Where there was no request for long, or who measures it is away, it says for how long. A hop that is no call of a service says its own words instead.
    """
    hop = topology.hop(caller, callee)
    if hop is not None and hop.says:
        return cut(one_line(hop.says), _SAYS)
    measure = sights.hops.get((caller, callee))
    words = [cut(one_line(hop.protocol), _PROTOCOL)] if hop is not None and hop.protocol else []
    if hop is not None and hop.provenance is not Provenance.DECLARED:
        words.append(hop.provenance.value)
    if measure is not None and measure.error_share is not None:
        words.append(say_share(measure.error_share))
    if measure is not None and (aged := hop_age(measure)):
        words.append(aged)
    return " ".join(words)


def hop_age(measure: Measure) -> str:
    """Return for how long there was no traffic on a hop, or how old its measure is; empty where neither is long."""
    age = "0s" if measure.stale_s is None else age_step(measure.stale_s)
    if age == "0s":
        return ""
    return f"no traffic {age}" if measure.rate == 0 else f"{age} old"


def via(topology: Topology, sights: Sights, caller: str, callee: str) -> str:
    """Return what is known of a hop as it stands behind the name of the service that it leads to."""
    said = on_hop(topology, sights, caller, callee)
    hop = topology.hop(caller, callee)
    return said if not said or (hop is not None and hop.says) else f"via {said}"


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
