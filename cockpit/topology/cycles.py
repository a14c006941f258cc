"""Calls that go round, one cycle for each knot of services that reach one another."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence


def find_cycles(calls: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return a shortest cycle through the first service of each knot, in the order of the mapping."""
    knotted = _knotted(calls)
    order = {name: place for place, name in enumerate(calls)}
    cycles: list[tuple[str, ...]] = []
    for knot in _knots({name: [one for one in calls[name] if one in knotted] for name in calls if name in knotted}):
        first = min(knot, key=order.__getitem__)
        if len(knot) > 1 or first in calls[first]:
            cycles.append(_shortest(calls, knot, first))
    return tuple(sorted(cycles, key=lambda cycle: order[cycle[0]]))


def _knotted(calls: Mapping[str, Sequence[str]]) -> set[str]:
    """Return what is left when services that nobody left calls are taken away again and again."""
    callers = dict.fromkeys(calls, 0)
    for targets in calls.values():
        for target in targets:
            callers[target] += 1
    free = [name for name, count in callers.items() if not count]
    left = set(calls)
    while free:
        name = free.pop()
        left.discard(name)
        for target in calls[name]:
            callers[target] -= 1
            if not callers[target]:
                free.append(target)
    return left


def _knots(calls: Mapping[str, Sequence[str]]) -> Iterator[set[str]]:
    """Yield the services that reach one another, by Tarjan's way of depth-first search, without recursion."""
    reached: dict[str, int] = {}
    lowest: dict[str, int] = {}
    held: dict[str, None] = {}
    for root in calls:
        if root in reached:
            continue
        reached[root] = lowest[root] = len(reached)
        held[root] = None
        path = [(root, iter(calls[root]))]
        while path:
            name, targets = path[-1]
            for target in targets:
                if target not in reached:
                    reached[target] = lowest[target] = len(reached)
                    held[target] = None
                    path.append((target, iter(calls[target])))
                    break
                if target in held:
                    lowest[name] = min(lowest[name], reached[target])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == reached[name]:
                    knot: set[str] = set()
                    while name not in knot:
                        knot.add(held.popitem()[0])
                    yield knot


def _shortest(calls: Mapping[str, Sequence[str]], knot: set[str], first: str) -> tuple[str, ...]:
    came: dict[str, str] = {}
    ahead = deque([first])
    while ahead:
        name = ahead.popleft()
        for target in calls[name]:
            if target == first:
                path = [name]
                while path[-1] != first:
                    path.append(came[path[-1]])
                return tuple(reversed(path))
            if target in knot and target not in came:
                came[target] = name
                ahead.append(target)
    raise AssertionError("a knot has a cycle through each of its services")
