"""Holds chain and tree to exactness on thousands of random maps, and times them: `python -m tests.bench.exact_chain`.

Prints how many drawings were read, and the median and slowest time of layout and paint for a focus of 24 and of 50
services. Exits 1 at the first drawing that is not exact, after showing it.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable

from cockpit.model.drawing import ASCII, UNICODE, Drawing, Glyphs
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure
from cockpit.model.sights import Sights
from cockpit.model.topology import IntegrationMap
from cockpit.topology.focus import Focus, choose
from cockpit.topology.graph import Topology
from cockpit.topology.paint.chain import paint_chain
from cockpit.topology.paint.tree import paint_tree
from tests.unit.topology.maps import map_of
from tests.unit.topology.reading import assert_exact, read, read_tree
from tests.unit.topology.test_exact import assert_chain_exact, assert_fits, assert_whole
from tests.unit.topology.wild import NAMES


def random_map(dice: random.Random, services: int) -> IntegrationMap:
    """Return a map with cycles, self-calls, calls named twice, and journeys that are no calls."""
    names = dice.sample(NAMES, min(services, len(NAMES)))
    names += [f"service-of-many-{number}" for number in range(services - len(names))]
    most = dice.randint(0, 4)
    return map_of(
        {name: dice.choices(names, k=dice.randint(0, most)) for name in names},
        entry=dice.sample(names, min(2, services)),
        journeys={"j": dice.choices(names, k=dice.randint(1, 8))} if dice.random() < 0.7 else {},
        runs_on={name: dice.sample(names, 1) for name in names if dice.random() < 0.1},
        kinds={name: "third-party" for name in names if dice.random() < 0.1},
    )


def random_sights(dice: random.Random, names: list[str]) -> Sights:
    """Return what may be known of some of these services."""
    some = [name for name in names if dice.random() < 0.4]
    return Sights(
        {name: ServiceHealth(name, dice.choice(list(Health)), error_share=dice.random()) for name in some},
        {name: Measure(latency_s=dice.random(), rate=100 * dice.random(), trend=(0.1, 0.2)) for name in some},
        changed={name: "4m" for name in some if dice.random() < 0.2},
    )


def check(dice: random.Random) -> int:
    """Draw and read one random map every way; return how many drawings that were."""
    services = dice.choice((1, 3, 6, 12, 12, 24, 40))
    source = random_map(dice, services)
    topology = Topology(source)
    sights = random_sights(dice, list(source.services))
    centre = dice.choice(list(source.services))
    focus = choose(topology, centre, sights.states, limit=dice.choice((6, 12, 24, 50)))
    width, height = dice.randint(40, 300), dice.choice((None, dice.randint(1, 24)))
    made = 0
    for glyphs in (UNICODE, ASCII):
        drawing = paint_chain(topology, focus, width, height, glyphs, sights)
        _hold(drawing, _chain(source, focus, glyphs, sights, width, height))
        made += 3
        for callers in (False, True):
            drawing = paint_tree(topology, focus, width, None, glyphs, sights, callers=callers)
            _hold(drawing, _tree(topology, focus, glyphs, width, callers=callers))
        if services <= 12 and width >= 100:
            drawing = paint_chain(topology, centre, width, None, glyphs, sights)
            _hold(drawing, _whole(source, glyphs))
            made += 1
    return made


def _chain(
    source: IntegrationMap, focus: Focus, glyphs: Glyphs, sights: Sights, width: int, height: int | None
) -> Callable[[Drawing], None]:
    def hold(drawing: Drawing) -> None:
        assert_fits(drawing, width, height)
        assert_chain_exact(source, focus, drawing, glyphs, sights)

    return hold


def _tree(topology: Topology, focus: Focus, glyphs: Glyphs, width: int, *, callers: bool) -> Callable[[Drawing], None]:
    def hold(drawing: Drawing) -> None:
        assert_fits(drawing, width, None)
        found = read_tree(drawing, glyphs, callers=callers)
        assert found.calls == set(focus.hops)
        assert_exact(found, topology, {})

    return hold


def _whole(source: IntegrationMap, glyphs: Glyphs) -> Callable[[Drawing], None]:
    return lambda drawing: assert_whole(read(drawing, glyphs), source)


def _hold(drawing: Drawing, holds: Callable[[Drawing], None]) -> None:
    try:
        holds(drawing)
    except AssertionError:
        print(drawing.text())
        raise


def timed(dice: random.Random, services: int, rounds: int) -> list[float]:
    """Return the milliseconds that layout and paint of such a focus take, whatever the map."""
    taken: list[float] = []
    for _ in range(rounds):
        source = random_map(dice, services)
        topology = Topology(source)
        sights = random_sights(dice, list(source.services))
        focus = choose(topology, next(iter(source.services)), sights.states, limit=services)
        for width, height in ((78, 5), (118, 12), (198, None)):
            began = time.perf_counter()
            paint_chain(topology, focus, width, height, UNICODE, sights)
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def main() -> None:
    """Read many drawings, then time some."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--maps", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    made = sum(check(dice) for _ in range(options.maps))
    print(f"chain and tree: {made:,} drawings of {options.maps:,} random maps read, all exact")
    print("| layout and paint of a chain | median ms | slowest ms |\n|---|---:|---:|")
    for services in (24, 50):
        taken = timed(dice, services, options.rounds)
        print(f"| {services} services | {statistics.median(taken):.2f} | {max(taken):.2f} |")


if __name__ == "__main__":
    main()
