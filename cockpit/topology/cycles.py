"""Calls that go round, one cycle for each knot of services that reach one another."""

from collections import deque
from collections.abc import Mapping, Sequence


def find_cycles(calls: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Return a shortest cycle through the first service of each knot, in the order of the mapping.

    A map without any, the usual case, is told without importing networkx.
    """
    knotted = _knotted(calls)
    if not knotted:
        return ()
    import networkx as nx

    order = {name: place for place, name in enumerate(calls)}
    graph = nx.DiGraph(
        (name, target) for name in calls if name in knotted for target in calls[name] if target in knotted
    )
    cycles: list[tuple[str, ...]] = []
    for knot in nx.strongly_connected_components(graph):
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
