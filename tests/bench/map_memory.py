"""How much memory a map takes, in a process of its own: `python -m tests.bench.map_memory FILE [--traced]`.

Everything that is done with a map is done once before with a small one, so that no library is counted.
"""

import argparse
import gc
import json
import tracemalloc
from pathlib import Path

from cockpit.garbage import give_back
from cockpit.model.drawing import UNICODE
from cockpit.model.sights import NO_SIGHTS
from cockpit.topology.focus import choose
from cockpit.topology.graph import Topology, topology_of
from cockpit.topology.load import load_map
from cockpit.topology.naming import Naming
from cockpit.topology.paint.chain import paint_chain
from cockpit.topology.paint.overview import paint_overview
from cockpit.topology.paint.subway import paint_subway


def _pss() -> float:
    """Return this process' share of memory in megabytes."""
    rows = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024


def work(file: Path) -> tuple[Topology, Naming]:
    """Return what is kept of a map after it was looked at from all sides."""
    source, _ = load_map(file)
    topology, naming = topology_of(source), Naming(source)
    for name in list(source.services)[::50]:
        naming.of_name(name)
        topology.blast(name)
        topology.all_callees(name)
        focus = choose(topology, name, {})
        paint_chain(topology, focus, 120, 30, UNICODE, NO_SIGHTS)
        paint_subway(topology, focus, 120, 30, UNICODE, NO_SIGHTS)
    paint_overview(topology, 120, 30, UNICODE, NO_SIGHTS)
    return topology, naming


def main() -> None:
    """Print the megabytes that the map took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--traced", action="store_true", help="what Python's allocator gave out, instead of Pss")
    options = parser.parse_args()
    work(Path(__file__).resolve().parents[2] / "maps" / "checkout.yaml")
    gc.collect()
    give_back()
    before = _pss()
    if options.traced:
        tracemalloc.start()
    kept = work(options.file)
    gc.collect()
    give_back()
    taken = tracemalloc.get_traced_memory()[0] / 2**20 if options.traced else _pss() - before
    print(json.dumps({"mb": taken, "services": len(kept[0].map.services)}))


if __name__ == "__main__":
    main()
