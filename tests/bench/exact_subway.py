"""Reads thousands of subway drawings by their glyphs, and times the drawing: `python -m tests.bench.exact_subway [--cases N]`.

Every case is a random digraph with cycles, self-calls, long, alike and wide names and random health, in a random width.
"""

import argparse
import gc
import random
import statistics
import sys
import time
from collections.abc import Callable

from cockpit.model.drawing import ASCII, UNICODE, line_width
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure
from cockpit.model.sights import Sights
from cockpit.topology.focus import Focus, Stub, choose
from cockpit.topology.graph import Topology
from cockpit.topology.paint.subway import paint_subway
from cockpit.topology.paint.subway_lanes import lay_lanes
from cockpit.topology.paint.subway_words import shortened
from tests.unit.topology.glyph_reader_subway import read_subway
from tests.unit.topology.maps import map_of

_PARTS = ("payment", "order", "x", "gateway-v2", "名前", "サービス", "cafe\u0301", "orchestrator", "eu")
_HEALTHS = tuple(Health)


def world(chance: random.Random, most: int = 40) -> tuple[Topology, Sights]:
    """Return any digraph of at most so many services, and what is known of them."""
    count = chance.randint(1, most)
    kind = chance.choice(("plain", "alike", "parts"))
    names = [_name(chance, kind, number) for number in range(count)]
    density = chance.choice((0.5, 1, 2, 3, 6, 12))
    calls = {name: [chance.choice(names) for _ in range(int(chance.expovariate(1 / density)))] for name in names}
    steps = chance.sample(names, min(count, chance.randint(0, 6)))
    topology = Topology(
        map_of(calls, entry=chance.sample(names, min(count, 2)), journeys={"buy": steps} if steps else {})
    )
    known = chance.sample(names, count // 2)
    return topology, Sights(
        {name: ServiceHealth(name, chance.choice(_HEALTHS), error_share=chance.random()) for name in known},
        {name: Measure(error_share=0.02, latency_s=0.2, rate=31.0, trend=(0.0, 0.1) * 15) for name in known},
    )


def _name(chance: random.Random, kind: str, number: int) -> str:
    if kind == "plain":
        return f"s{number}"
    if kind == "alike":
        return f"payment-orchestrator-service-{number:02}-eu"
    return "-".join((*chance.choices(_PARTS, k=chance.randint(1, 4)), str(number)))


def wrong(focus: Focus, topology: Topology, sights: Sights, cells: int, *, ascii_only: bool) -> str:
    """Return what a reader of the glyphs misses or invents, or nothing."""
    glyphs = ASCII if ascii_only else UNICODE
    selected = focus.services[-1]
    drawing = paint_subway(topology, focus, cells, None, glyphs, sights, selected=selected)
    try:
        read = read_subway(drawing, glyphs)
    except AssertionError as error:
        return f"cannot be read: {error}"
    hops, told = set(focus.hops), {*read.calls, *read.badges}
    if len(told) != len(read.calls) + len(read.badges) or not told <= hops:
        return "tells a call twice, or one that is none"
    for name in focus.services:
        for counted, stubs, end in ((read.callees, focus.callees_hidden, 0), (read.callers, focus.callers_hidden, 1)):
            stub = stubs.get(name, Stub())
            missing = sum(hop[end] == name for hop in hops - told)
            if counted.get(name, (0, 0)) != (stub.count + missing, stub.firing):
                return f"miscounts the neighbours of {name}"
    if max(map(line_width, drawing.lines)) > cells:
        return "is too wide"
    if len(focus.services) <= 12 and cells >= 100 and told != hops:
        return "counts what it had room to draw"
    return ""


def read_cases(cases: int, seed: int) -> list[str]:
    """Return what is wrong with so many cases."""
    found: list[str] = []
    for number in range(cases):
        chance = random.Random(f"{seed}/{number}")
        topology, sights = world(chance)
        centre = chance.choice(list(topology.map.services))
        focus = choose(topology, centre, sights.states, limit=chance.choice((6, 12, 24, 50)))
        cells = chance.choice((40, 60, 80, 100, 120, 160, 200, 300, chance.randint(40, 300)))
        what = wrong(focus, topology, sights, cells, ascii_only=bool(number % 2))
        if what:
            found.append(f"case {seed}/{number}, {len(focus.services)} services in {cells} columns: {what}")
    return found


def _median_ms(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        gc.collect()
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def times(rounds: int) -> list[tuple[str, float, float]]:
    """Return the milliseconds of layout and paint, with what they may take."""
    rows: list[tuple[str, float, float]] = []
    for count, limit_ms in ((24, 5.0), (50, 10.0)):
        chance = random.Random(count)
        names = [f"service-number-{number:02}" for number in range(count)]
        calls = {name: [chance.choice(names) for _ in range(chance.choice((0, 1, 2, 3, 4, 5)))] for name in names}
        topology = Topology(map_of(calls, entry=names[:2]))
        states = {name: ServiceHealth(name, chance.choice(_HEALTHS), error_share=0.01) for name in names}
        measures = {name: Measure(latency_s=0.1, rate=10.0, trend=(0.0, 0.1) * 15) for name in names}
        sights = Sights(states, measures)
        focus = choose(topology, names[0], states, limit=count)

        def paint(topology: Topology = topology, focus: Focus = focus, sights: Sights = sights) -> None:
            paint_subway(topology, focus, 120, None, UNICODE, sights, selected=focus.centre)

        def fresh(paint: Callable[[], None] = paint) -> None:
            lay_lanes.cache_clear()
            shortened.cache_clear()
            paint()

        size = f"{len(focus.services)} services, {len(focus.hops)} calls"
        rows.append((f"subway: laid out and painted, {size}", _median_ms(fresh, rounds), limit_ms))
        rows.append((f"subway: painted again, {size}", _median_ms(paint, rounds), limit_ms))
    return rows


def main() -> int:
    """Print the times and what the reader found; fail where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print("| work | ms | at most |\n|---|---:|---:|")
    for name, taken, most in times(options.rounds):
        print(f"| {name} | {taken:.2f} | {most:.0f} |")
    found = read_cases(options.cases, options.seed)
    print(f"subway: {options.cases:,} drawings read by their glyphs, {len(found):,} of them wrong")
    for one in found[:20]:
        print(f"  {one}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
