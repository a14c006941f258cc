"""What stands right of the lanes: name, figures and marks of each service, in columns that go one by one for want of room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cockpit.model.drawing import Glyphs, Role, Span
from cockpit.model.health import Health
from cockpit.model.measure import Measure
from cockpit.model.sights import Sights
from cockpit.spans import age_step
from cockpit.text import cut, width
from cockpit.topology.graph import Topology
from cockpit.topology.paint.figures import SPARK_CELLS, say_latency, say_nothing, say_rate, sparkline
from cockpit.topology.paint.marks import badge, fails, health_of, say_share
from cockpit.topology.paint.notes import hop_age
from cockpit.topology.paint.shorten import Place, shorten

LEAST = 6
"""Cells that a name has, however narrow the drawing."""

GAP = 2
"""Cells between columns."""

_NAMES = (14, 20, 28, 48)
"""How wide names may grow before more columns are shown, in turns."""

_SPARKS = (15, 30)
"""Further cells of a trend, as there is room."""

_VENDOR = 28
"""Cells that a vendor's words may take."""

_TEAM = 20
_PROTOCOL = 14

_ORDER = ("errors", "latency", "rate", "trend", "team", "protocol")
"""Columns from the left."""

_LEFT = frozenset({"trend", "team", "protocol"})
"""Columns that are read from their left end."""

_LOUD = 2
"""Marks up to this rank stand in front of badges and counts."""

_TONES = {Health.FIRING: Role.FIRING, Health.WARNING: Role.WARNING, Health.NO_TRAFFIC: Role.WARNING}


@dataclass(slots=True)
class Beside:
    """What is said of one service."""

    service: str
    tail: str
    """Marks right behind its name."""
    must: tuple[Span, ...]
    """Calls told by badges and counts: never left out."""
    figures: dict[str, Span] = field(default_factory=dict)
    """By column."""
    marks: list[tuple[int, Span]] = field(default_factory=list)
    """What else there is, with how soon it goes for want of room."""


class Words:
    """The words of all rows of one drawing.

    Args:
        topology: The map's graph.
        sights: What is known of services and hops.
        glyphs: The glyph set.
        told: By service in the order of rows, the badges and counts that must stand.
        cells: Cells right of the lanes.
        selected: The service under the cursor: what is measured on its own calls stands at their other ends.
    """

    def __init__(
        self,
        topology: Topology,
        sights: Sights,
        glyphs: Glyphs,
        told: Mapping[str, tuple[Span, ...]],
        cells: int,
        selected: str = "",
    ) -> None:
        self._topology = topology
        self._sights = sights
        self._glyphs = glyphs
        self._selected = selected
        self._entries = frozenset(topology.map.entry)
        self._rows = {service: self._tell(service, must) for service, must in told.items()}
        self._share_out(cells)
        self._names = self._shortened()

    def line(self, service: str, role: Role) -> list[Span]:
        """Return the words of a row, its name first, in the given role."""
        row = self._rows[service]
        name = self._names[service]
        spans = [Span(name, role), Span(row.tail, Role.DIM)]
        at, end = width(name) + width(row.tail), self._name
        for column, cells in self._columns:
            end += GAP + cells
            span = row.figures.get(column)
            if span is None:
                continue
            text = span.text
            if column == "trend":
                text = sparkline(self._sights.measures[service].trend, self._glyphs, cells)
            text = cut(text, cells, self._glyphs.ellipsis)
            start = end - (cells if column in _LEFT else width(text))
            spans += (Span(" " * (start - at)), Span(text, span.role))
            at = start + width(text)
        rest = self._fitting(row)
        if rest:
            spans.append(Span(" " * (end + GAP - at)))
            spans += rest
        return spans

    def _fitting(self, row: Beside) -> list[Span]:
        """Return badges, counts and as many marks as there is room for."""
        room = self._rest - cells_of(row.must)
        kept: list[tuple[int, Span]] = []
        for rank, span in sorted(row.marks, key=lambda mark: mark[0]):
            size = width(span.text) + bool(kept or row.must)
            if size <= room:
                kept.append((rank, span))
                room -= size
        ahead = [span for rank, span in kept if rank <= _LOUD]
        behind = [span for rank, span in kept if rank > _LOUD]
        spaced: list[Span] = []
        for span in (*ahead, *row.must, *behind):
            spaced += (Span(" "), span) if spaced else (span,)
        return spaced

    def _tell(self, service: str, must: tuple[Span, ...]) -> Beside:
        sights, glyphs = self._sights, self._glyphs
        known = self._topology.map.services.get(service)
        third = known is not None and known.kind == "third-party"
        row = Beside(service, glyphs.third_party if third else "", must)
        state, measure = sights.states.get(service), sights.measures.get(service)
        tone = _TONES.get(health_of(sights.states, service), Role.DIM)
        share, stale = (None, None) if state is None else (state.error_share, state.stale_s)
        if share is None and measure is not None:
            share, stale = measure.error_share, measure.stale_s
        if share is not None:
            row.figures["errors"] = Span(say_share(share), Role.STALE if stale is not None else tone)
        if measure is not None:
            old = Role.DIM if measure.stale_s is None else Role.STALE
            if measure.latency_s is not None:
                row.figures["latency"] = Span(say_latency(measure.latency_s, glyphs), old)
            if measure.rate is not None:
                row.figures["rate"] = Span(say_rate(measure.rate, glyphs), old)
            if any(one is not None for one in measure.trend):
                row.figures["trend"] = Span("", old if tone is Role.DIM else tone)
        if known is not None and known.team:
            row.figures["team"] = Span(known.team, Role.DIM)
        protocols = self._protocols(service)
        if protocols:
            row.figures["protocol"] = Span(protocols, Role.DIM)
        row.marks = self._marks(service, None if share is None else stale)
        return row

    def _marks(self, service: str, stale: float | None) -> list[tuple[int, Span]]:
        sights, glyphs = self._sights, self._glyphs
        state = sights.states.get(service)
        marks: list[tuple[int, Span]] = []
        change = badge(sights.states, service, sights.changed, glyphs)
        if change is not None:
            marks.append((0, change))
        if state is not None and state.suspect:
            marks.append((1, Span("suspect", Role.SUSPECT)))
        if health_of(sights.states, service) is Health.NO_TRAFFIC:
            marks.append((2, Span("no traffic", Role.WARNING)))
        vendor = sights.vendors.get(service)
        if vendor is not None and vendor.says:
            role = Role.DIM if vendor.fine else Role.UNKNOWN if vendor.fine is None else Role.WARNING
            marks.append((6 if vendor.fine else 2, Span(cut(vendor.says, _VENDOR, glyphs.ellipsis), role)))
        if stale is not None and (age := age_step(stale)) != "0s":
            marks.append((3, Span(f"{age} old", Role.STALE)))
        if service in self._entries:
            marks.append((4, Span("entry", Role.DIM)))
        if sights.hops and self._selected:
            for hop, verb in (((service, self._selected), "calls"), ((self._selected, service), "called")):
                measure = sights.hops.get(hop)
                if measure is not None and (said := self._say(measure)):
                    marks.append((5, Span(f"{verb} {said}", Role.FIRING if fails(sights, *hop) else Role.FOCUS)))
        return marks

    def _say(self, measure: Measure) -> str:
        """Return what is measured on a hop."""
        words = (
            say_share(measure.error_share) if measure.error_share is not None else "",
            say_latency(measure.latency_s, self._glyphs) if measure.latency_s is not None else "",
            f"{say_rate(measure.rate, self._glyphs)}/s" if measure.rate is not None else "",
            hop_age(measure),
        )
        return " ".join(word for word in words if word)

    def _protocols(self, service: str) -> str:
        topology = self._topology
        hops = (topology.hop(caller, service) for caller in topology.callers(service)[:_CALLERS])
        said = (hop.says or hop.protocol for hop in hops if hop is not None)
        return ",".join(dict.fromkeys(filter(None, said)))

    def _share_out(self, cells: int) -> None:
        """Share the cells out: what tells calls first, then names, then what tells of trouble, then the rest."""
        rows = list(self._rows.values())
        sizes = {
            column: max((width(row.figures[column].text) for row in rows if column in row.figures), default=0)
            for column in _ORDER
        }
        sizes["trend"] = SPARK_CELLS if any("trend" in row.figures for row in rows) else 0
        sizes["team"] = min(sizes["team"], _TEAM)
        sizes["protocol"] = min(sizes["protocol"], _PROTOCOL)
        natural = max((width(row.service) + width(row.tail) for row in rows), default=0)
        room = _Room(cells, rows)
        for number, most in enumerate(_NAMES):
            room.widen(min(natural, most))
            for kind, wish in _WISHES[number]:
                if kind == "marks":
                    room.mark(int(wish))
                else:
                    room.show(wish, sizes[wish])
        for wide in _SPARKS:
            if "trend" in room.shown and 0 < wide - sizes["trend"] <= room.left:
                room.left -= wide - sizes["trend"]
                sizes["trend"] = wide
        self._name = room.name
        self._columns = tuple((one, sizes[one]) for one in _ORDER if one in room.shown)
        self._rest = room.rest + max(0, room.left - (0 if room.rest else GAP))
        for row in rows:
            for column in ("errors", "latency", "rate"):
                row.figures.setdefault(column, Span(say_nothing(self._glyphs), Role.DIM))

    def _shortened(self) -> dict[str, str]:
        places = [(one, self._name - width(row.tail)) for one, row in self._rows.items()]
        if all(width(name) <= cells for name, cells in places):
            return {name: name for name in self._rows}
        texts = shortened(tuple(places), self._glyphs.ellipsis)
        return {place[0]: texts.get(place, "") for place in places}


_CALLERS = 50
"""Callers that are asked for their protocol: enough to see what a service speaks."""

_WISHES = (
    (("column", "errors"), ("marks", "0"), ("marks", "1")),
    (("marks", "2"), ("column", "trend"), ("column", "latency"), ("column", "rate"), ("marks", "4")),
    (("marks", "5"), ("column", "team"), ("marks", "6"), ("column", "protocol")),
    (),
)
"""What is shown next after each widening of the names, as long as there is room."""


class _Room:
    """Cells that are given away, first come first served."""

    def __init__(self, cells: int, rows: Sequence[Beside]) -> None:
        self._rows = rows
        self.rest = max((cells_of(row.must) for row in rows), default=0)
        """For badges, counts and marks."""
        self.left = cells - (self.rest + GAP if self.rest else 0)
        """Not given away yet."""
        self.name = 0
        """For names."""
        self.shown: set[str] = set()
        """Columns."""

    def widen(self, cells: int) -> None:
        """Widen the names, as far as it goes."""
        more = max(0, min(cells - self.name, self.left))
        self.name, self.left = self.name + more, self.left - more

    def show(self, column: str, cells: int) -> None:
        """Show a column if it has any content, and all of it has room."""
        if cells and cells + GAP <= self.left:
            self.shown.add(column)
            self.left -= cells + GAP

    def mark(self, rank: int) -> None:
        """Show marks up to a rank, if the longest row of them has room."""
        wanted = max(
            (cells_of((*row.must, *(span for one, span in row.marks if one <= rank))) for row in self._rows), default=0
        )
        more = wanted - self.rest + (GAP if not self.rest and wanted else 0)
        if 0 < more <= self.left:
            self.left -= more
            self.rest = wanted


@lru_cache(maxsize=128)
def shortened(places: tuple[Place, ...], ellipsis: str) -> Mapping[Place, str]:
    """Return names cut to their places, all of them told apart."""
    return shorten(places, ellipsis)


def cells_of(spans: Sequence[Span]) -> int:
    """Return the cells of spans with a space between any two."""
    return sum(width(span.text) for span in spans) + max(0, len(spans) - 1)
