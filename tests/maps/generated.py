"""Maps of any size that have the shape of a large company's: domains, layers, shared platforms, cycles, third parties.

The same size gives the same map on every machine: the random numbers are of our own making.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from cockpit.model.health import Health, ServiceHealth
from cockpit.model.topology import Hop, IntegrationMap, Service
from tests.maps.sample import Sample, teams_of

_WORDS = """
    account basket billing booking card catalogue chat claims content coupon courier credit delivery device email
    events export feed finance fleet fraud gift identity image import insight inventory invoice ledger legal
    listing loan location loyalty mail market media menu message metrics notice offer order partner payment payout
    photo policy price product profile promo quote rating receipt refund region report reserve returns review
    reward risk route sales search seat seller session shipment shop stock store subscription supplier support
    survey tariff tax ticket transfer translate trip user vendor video voucher wallet warehouse
"""
_DOMAINS = tuple(_WORDS.split())
_PARTS = ("api", "core", "worker", "rules", "events", "cache", "db", "search", "sync", "gateway", "queue", "vendor")
_LAYERS = {
    "gateway": 1, "api": 2, "search": 3, "core": 3, "rules": 4, "worker": 4, "events": 5, "sync": 5,
    "queue": 6, "cache": 6, "db": 6, "vendor": 6,
}  # fmt: skip
_KINDS = {"cache": "cache", "db": "database", "queue": "queue", "vendor": "third-party"}
_SHARED = ("identity-core", "feature-flags", "audit-events", "config-core")


class _Numbers:
    """Random numbers that are the same everywhere."""

    def __init__(self, seed: int) -> None:
        self._state = seed * 2 + 1

    def below(self, limit: int) -> int:
        """Return a number from 0 to one less than the limit."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % limit

    def chance(self, of: int) -> bool:
        """Return true once in so many times."""
        return self.below(of) == 0


@lru_cache(maxsize=8)
def generated(count: int, seed: int = 1) -> Sample:
    """Return a map of exactly so many services (30 at least), and its health: about one in 150 fires.

    One team owns about fifteen services. Most calls stay in a domain or go to another one's interface; nearly all
    call a shared platform service; one service in twenty-five calls back up; one in sixty calls itself; some are
    reached by no entry point.
    """
    numbers = _Numbers(seed * 100_003 + count)
    layer: dict[str, int] = {}
    fronts = [f"{'web' if number % 2 else 'app'}-{number // 2:02d}" for number in range(max(2, count // 300))]
    pools = [f"pool-{number:02d}" for number in range(max(2, count // 250))]
    layer.update(dict.fromkeys(fronts, 0))
    layer.update(dict.fromkeys(_SHARED, 5))
    layer.update(dict.fromkeys(pools, 7))
    for name in _names(count - len(layer)):
        layer[name] = _LAYERS[name.split("-")[1]]
    floors: dict[int, list[str]] = {}
    domains: dict[str, list[str]] = {}
    for name, floor in layer.items():
        floors.setdefault(floor, []).append(name)
        domains.setdefault(_domain(name), []).append(name)
    known: dict[str, Service] = {}
    for name, floor in layer.items():
        own = [one for one in domains[_domain(name)] if layer[one] > floor]
        callees = list(dict.fromkeys(_callees(name, floor, own, floors, numbers))) if floor < 6 else []
        known[name] = Service(
            name,
            team=_team(name, layer, numbers),
            kind="frontend" if floor == 0 else "node-pool" if floor == 7 else _KINDS.get(name.split("-")[1], "service"),
            weight=8.0 if floor == 0 else float(1 + numbers.below(4)),
            calls=tuple(Hop(name, callee, "grpc" if numbers.below(3) else "https") for callee in callees),
            runs_on=(pools[numbers.below(len(pools))],) if floor in {2, 3} else (),
        )
    source = IntegrationMap(
        name=f"generated-{count}",
        entry=tuple(fronts),
        journeys=dict(_journeys(fronts, known)),
        services=known,
        teams=teams_of(known.values()),
    )
    return Sample(source, *_with_trouble(source, layer, numbers))


def _names(count: int) -> list[str]:
    """Return so many names of services, domain by domain."""
    names: list[str] = []
    number = 0
    while len(names) < count:
        for domain in _DOMAINS:
            house = domain if number == 0 else f"{domain}{number + 1}"
            names += [name for part in _PARTS if (name := f"{house}-{part}") not in _SHARED]
            if len(names) >= count:
                break
        number += 1
    return names[:count]


def _domain(name: str) -> str:
    return name.partition("-")[0]


def _team(name: str, layer: dict[str, int], numbers: _Numbers) -> str | None:
    if layer[name] == 0:
        return "team-experience"
    if layer[name] == 7 or name in _SHARED:
        return "team-platform"
    return None if numbers.chance(200) else f"team-{_domain(name)}"


def _callees(
    name: str, floor: int, own: Sequence[str], floors: dict[int, list[str]], numbers: _Numbers
) -> Iterator[str]:
    """Yield whom a service calls; a name may come twice."""
    if floor == 0:
        for _ in range(6):
            yield floors[1][numbers.below(len(floors[1]))]
        yield "identity-core"
        return
    for callee in own:
        if not numbers.chance(3):
            yield callee
    if floor < 5:
        for _ in range(1 + numbers.below(2)):
            away = floors[2 + numbers.below(2)] if floor < 3 else floors[3]
            if floor < 3 or numbers.chance(4):
                yield away[numbers.below(len(away))]
    if name not in _SHARED and numbers.below(3):
        yield _SHARED[numbers.below(len(_SHARED))]
    if numbers.chance(25) and floor > 1:
        above = floors[floor - 1]
        yield above[numbers.below(len(above))]
    if numbers.chance(60):
        yield name


def _journeys(fronts: Sequence[str], known: dict[str, Service]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield one journey for each front: the way of its first calls."""
    for front in fronts:
        steps = [front]
        while len(steps) < 7:
            onward = [hop.callee for hop in known[steps[-1]].calls if hop.callee not in steps]
            if not onward:
                break
            steps.append(onward[0])
        yield f"journey-{front}", tuple(steps)


def _with_trouble(
    source: IntegrationMap, layer: dict[str, int], numbers: _Numbers
) -> tuple[dict[str, ServiceHealth], str]:
    """Return the health of a map's services, and the first one that fires deep in it."""
    states: dict[str, ServiceHealth] = {}
    focus = ""
    for name in source.services:
        dice = numbers.below(300)
        found = (
            Health.FIRING if dice < 2 else
            Health.WARNING if dice < 12 else
            Health.NO_TRAFFIC if dice < 14 else
            Health.UNKNOWN if dice < 70 else
            Health.FINE
        )  # fmt: skip
        if not focus and layer[name] == 3:
            focus, found = name, Health.FIRING
        shares = {Health.FIRING: 0.2 + dice / 10, Health.WARNING: 0.02 + dice / 1000, Health.FINE: 0.0}
        if found is not Health.UNKNOWN:
            states[name] = ServiceHealth(
                name, found, firing=int(found is Health.FIRING), error_share=shares.get(found), watched=True
            )
    focus = focus or next(iter(source.services))
    return states, focus
