"""Times the integration map, small and large: `python -m tests.bench.maps [--rounds N]`.

Layout and paint are timed on services that were not drawn before, so that nothing is remembered; each figure is the
median of all of them, beside the slowest, its ratio to a reference of the same run (reading the map of 5,000 services
as JSON with the standard library), and what it may be at most.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cockpit.model.drawing import UNICODE
from cockpit.model.sights import Sights
from cockpit.topology.exporting import as_json, as_yaml
from cockpit.topology.focus import Focus, choose
from cockpit.topology.graph import Topology
from cockpit.topology.load import read_map
from cockpit.topology.overview import services_in
from cockpit.topology.paint.chain import paint_chain
from cockpit.topology.paint.overview import paint_overview
from cockpit.topology.paint.subway import paint_subway
from cockpit.topology.paint.tree import paint_tree
from tests.maps import Sample, five_thousand, generated

ROOT = Path(__file__).resolve().parents[2]

_WIDTH = 120
_HEIGHT = 30
_EACH = 12
"""Services that are drawn in a round."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured piece of work."""

    what: str
    median: float
    worst: float
    limit: float | None = None
    unit: str = "ms"

    def said(self, reference: float) -> str:
        """Return it as a row of a table."""
        most = "" if self.limit is None else f"{self.limit:g} {self.unit}"
        kept = "" if self.limit is None else "yes" if self.median < self.limit else "**no**"
        ratio = f"{self.median / reference:.3f}" if self.unit == "ms" else ""
        return f"| {self.what} | {self.median:.2f} | {self.worst:.2f} | {ratio} | {most} | {kept} |"


def _figure(what: str, works: Sequence[Callable[[], object]], limit: float | None = None) -> Figure:
    """Return the times of pieces of work, each done once."""
    taken: list[float] = []
    gc.collect()
    gc.disable()
    try:
        for work in works:
            began = time.perf_counter()
            work()
            taken.append((time.perf_counter() - began) * 1000)
    finally:
        gc.enable()
    return Figure(what, statistics.median(taken), max(taken), limit)


def _spread(sample: Sample, count: int, offset: int = 0) -> list[str]:
    """Return so many services from all over a map, those that fire first."""
    names = list(sample.map.services)
    step = max(1, len(names) // count)
    return list(dict.fromkeys([*names[offset % step :: step]]))[:count]


def _painted(sample: Sample, topology: Topology, size: int, rounds: int, limit: float) -> list[Figure]:
    """Return the times of the views of a focus of so many services, in a map of 1,000."""
    sights = Sights(sample.states)
    centres = _spread(sample, _EACH * rounds)
    focuses = [choose(topology, centre, sample.states, limit=size) for centre in centres]
    full = [focus for focus in focuses if len(focus.services) == size]

    def chain(focus: Focus) -> Callable[[], object]:
        return lambda: paint_chain(topology, focus, _WIDTH, _HEIGHT, UNICODE, sights)

    def subway(focus: Focus) -> Callable[[], object]:
        return lambda: paint_subway(topology, focus, _WIDTH, _HEIGHT, UNICODE, sights)

    def tree(focus: Focus) -> Callable[[], object]:
        return lambda: paint_tree(topology, focus, _WIDTH, _HEIGHT, UNICODE, sights)

    return [
        _figure(f"{name}: layout and paint of a focus of {size}", [make(focus) for focus in full], limit)
        for name, make in (("chain", chain), ("subway", subway), ("tree", tree))
    ]


def _large(sample: Sample, rounds: int) -> list[Figure]:
    """Return the times of what is done with a map of 5,000 services."""
    many = _EACH * rounds
    topology = Topology(sample.map)
    sights = Sights(sample.states)

    def overview(width: int) -> Callable[[], object]:
        fresh = Sights(dict(sample.states))
        return lambda: paint_overview(topology, width, _HEIGHT, UNICODE, fresh)

    def change(centre: str, size: int, view: Callable[..., object]) -> Callable[[], object]:
        return lambda: view(
            topology, choose(topology, centre, sample.states, limit=size), _WIDTH, _HEIGHT, UNICODE, sights
        )

    def cell(service: str) -> Callable[[], object]:
        team = sample.map.services[service].team or ""
        return lambda: services_in(topology, f"{team}|2+", sample.states)

    count = f"{len(sample.map.services):,}"
    selected = paint_overview(topology, _WIDTH, _HEIGHT, UNICODE, sights).names
    return [
        _figure(
            f"overview of {count}, first", [lambda: paint_overview(Topology(sample.map), 120, 30, UNICODE, sights)], 200
        ),
        _figure(f"overview of {count}, after a poll", [overview(80 + 10 * number) for number in range(rounds)], 200),
        _figure(
            f"overview of {count}, the cursor moves",
            [
                lambda name=name: paint_overview(topology, _WIDTH, _HEIGHT, UNICODE, sights, selected=name)  # type: ignore[misc]  # a lambda's default is untyped
                for *_, name in selected[:many]
            ],
            200,
        ),
        _figure(f"services of a cell of {count}", [cell(one) for one in _spread(sample, many)]),
        _figure(
            f"focus change in {count}: choose 24 and paint the chain",
            [change(one, 24, paint_chain) for one in _spread(sample, many)],
            20,
        ),
        _figure(
            f"focus change in {count}: choose 24 and paint the subway",
            [change(one, 24, paint_subway) for one in _spread(sample, many, 3)],
            20,
        ),
        _figure(
            f"focus change in {count}: choose 50 and paint the tree",
            [change(one, 50, paint_tree) for one in _spread(sample, many, 5)],
            20,
        ),
        _figure(f"blast radius in {count}", [lambda one=one: topology.blast(one) for one in _spread(sample, many, 7)]),  # type: ignore[misc]  # a lambda's default is untyped
        _figure(f"graph of {count}", [lambda: Topology(sample.map)] * rounds),
    ]


def _memory(text: str) -> list[Figure]:
    """Return what a map holds above an empty one, each measured in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        large, empty = Path(folder, "large.yaml"), Path(folder, "empty.yaml")
        large.write_text(text, "utf-8")
        empty.write_text("map: empty\nservices:\n  one: {team: team}\nentry: [one]\nteams:\n  team: {}\n", "utf-8")

        def measured(path: Path, *words: str) -> float:
            command = [sys.executable, "-m", "tests.bench.map_memory", str(path), *words]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            return float(json.loads(done.stdout)["mb"])

        pss = measured(large) - measured(empty)
        traced = measured(large, "--traced") - measured(empty, "--traced")
    return [
        Figure("memory of 5,000 above an empty map: Pss", pss, pss, 60, "MB"),
        Figure("memory of 5,000 above an empty map: Python's own", traced, traced, 60, "MB"),
    ]


def measure(rounds: int) -> tuple[float, list[Figure]]:
    """Return the reference in milliseconds, and every figure."""
    thousand, sample = generated(1_000), five_thousand()
    text = json.dumps(as_json(sample.map))
    reference = _figure("reference: json.loads of a map of 5,000", [lambda: json.loads(text)] * rounds)
    document = as_yaml(sample.map)
    figures = [reference]
    for size, limit in ((24, 5.0), (50, 10.0)):
        figures += _painted(thousand, Topology(thousand.map), size, rounds, limit)
    figures += _large(sample, rounds)
    figures.append(_figure("map of 5,000 read from YAML and checked", [lambda: read_map(document, "m.yaml")]))
    return reference.median, [*figures, *_memory(document)]


def table(rounds: int) -> str:
    """Return what was measured, as a table."""
    reference, figures = measure(rounds)
    head = f"| integration map (rounds of {_EACH} services: {rounds}) | median | slowest | ratio | at most | kept |"
    return "\n".join([head, "|---|---:|---:|---:|---:|---|", *(figure.said(reference) for figure in figures)])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    print(table(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
