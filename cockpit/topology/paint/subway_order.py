"""The order of rows: callers above callees wherever no cycle forbids it, a journey downwards, lanes short."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

Hops = Sequence[tuple[str, str]]
"""Caller and callee of each call."""


@dataclass(frozen=True, slots=True)
class Order:
    """Services from the top down."""

    rows: tuple[str, ...]
    """Every service once."""
    back: frozenset[tuple[str, str]]
    """Calls that go up or to the caller itself: without them nothing goes round."""


def order_rows(services: Sequence[str], hops: Hops, steps: Sequence[str] = (), entries: Iterable[str] = ()) -> Order:
    """Return the rows of services, the same for the same sets however healthy they are.

    Args:
        services: What is drawn; those alike keep this order.
        hops: Calls among them.
        steps: The journey, which reads downwards wherever calls allow it.
        entries: Where users come in: cycles are cut above these first.
    """
    place = {name: number for number, name in enumerate(services)}
    step = {name: number for number, name in reversed(list(enumerate(steps))) if name in place}
    wish = {name: (step.get(name, len(steps)), place[name]) for name in services}
    for entry in entries:
        if entry in place:
            wish[entry] = (step.get(entry, -1), place[entry])
    calls: dict[str, list[str]] = {name: [] for name in services}
    for caller, callee in hops:
        if caller != callee:
            calls[caller].append(callee)
    back = {(caller, callee) for caller, callee in hops if caller == callee}
    for knot in _knots(services, calls):
        if len(knot) > 1:
            back |= _cut(knot, calls, wish)
    below = {name: tuple(one for one in calls[name] if (name, one) not in back) for name in services}
    return Order(_downwards(services, below, step), frozenset(back))


def _knots(services: Sequence[str], calls: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the services that reach one another, grouped (Tarjan's strongly connected components, unrolled)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    held: list[str] = []
    holding: set[str] = set()
    knots: list[list[str]] = []
    for root in services:
        if root in number:
            continue
        number[root] = low[root] = len(number)
        held.append(root)
        holding.add(root)
        walk = [(root, iter(calls[root]))]
        while walk:
            name, onward = walk[-1]
            for callee in onward:
                if callee not in number:
                    number[callee] = low[callee] = len(number)
                    held.append(callee)
                    holding.add(callee)
                    walk.append((callee, iter(calls[callee])))
                    break
                if callee in holding:
                    low[name] = min(low[name], number[callee])
            else:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[name])
                if low[name] == number[name]:
                    knot = held[held.index(name) :]
                    del held[-len(knot) :]
                    holding.difference_update(knot)
                    knots.append(knot)
    return knots


def _cut(
    knot: Sequence[str], calls: Mapping[str, Sequence[str]], wish: Mapping[str, tuple[int, int]]
) -> set[tuple[str, str]]:
    """Return few calls without which nothing in a knot goes round (Eades, Lin and Smyth's greedy heuristic)."""
    left = set(knot)
    below = {name: {one for one in calls[name] if one in left} for name in knot}
    above: dict[str, set[str]] = {name: set() for name in knot}
    for name, callees in below.items():
        for callee in callees:
            above[callee].add(name)
    inside = {name: frozenset(callees) for name, callees in below.items()}
    first: list[str] = []
    last: list[str] = []

    def take(name: str) -> None:
        left.discard(name)
        for one in below[name]:
            above[one].discard(name)
        for one in above[name]:
            below[one].discard(name)

    while left:
        ranked = sorted(left, key=wish.__getitem__)
        end = next((name for name in ranked if not below[name]), None)
        if end is not None:
            last.append(end)
            take(end)
            continue
        begin = next((name for name in ranked if not above[name]), None)
        if begin is None:
            begin = min(ranked, key=lambda name: (wish[name][0], len(above[name]) - len(below[name]), wish[name][1]))
        first.append(begin)
        take(begin)
    place = {name: number for number, name in enumerate((*first, *reversed(last)))}
    return {(name, one) for name in knot for one in inside[name] if place[one] < place[name]}


def _downwards(services: Sequence[str], below: Mapping[str, Sequence[str]], step: Mapping[str, int]) -> tuple[str, ...]:
    """Return a topological order: what calls nothing right under its last caller, an entry right above its callee."""
    above: dict[str, list[str]] = {name: [] for name in services}
    for name, callees in below.items():
        for callee in callees:
            above[callee].append(name)
    _follow(sorted(step, key=step.__getitem__), above)
    heights = _heights(services, below)
    place = {name: number for number, name in enumerate(services)}
    waiting = {name: len(callers) for name, callers in above.items()}
    followers: dict[str, list[str]] = {name: [] for name in services}
    for name, callers in above.items():
        for caller in callers:
            followers[caller].append(name)
    rows: dict[str, None] = {}

    def emit(name: str) -> None:
        rows[name] = None
        for one in followers[name]:
            waiting[one] -= 1
        for one in below[name]:
            if not waiting[one] and not below[one] and one not in rows:
                emit(one)

    def emit_with_callers(name: str) -> None:
        walk = [name]
        while walk:
            missing = [one for one in above[walk[-1]] if one not in rows]
            if missing:
                walk.append(missing[0])
                continue
            done = walk.pop()
            if done not in rows:
                emit(done)

    def onward(name: str) -> list[str]:
        return sorted(below[name], key=lambda one: (step.get(one, -1), heights[one], place[one]))

    starts = [*sorted(step, key=step.__getitem__), *sorted(services, key=lambda one: (bool(above[one]), place[one]))]
    visited: set[str] = set()
    stack = list(reversed(starts))
    while stack:
        name = stack.pop()
        if name in visited:
            continue
        visited.add(name)
        if name not in rows:
            emit_with_callers(name)
        stack += reversed([one for one in onward(name) if one not in visited])
    order = list(rows)
    return _shortened(order, below, above, pinned=bool(order) and order[0] in step)


def _shortened(
    rows: list[str], below: Mapping[str, Sequence[str]], above: Mapping[str, Sequence[str]], *, pinned: bool
) -> tuple[str, ...]:
    """Return the rows with services moved up or down past others, as long as that makes lanes shorter.

    Where a journey begins in the first row, that one stays. Of two neighbours the one goes first that ends a lane and
    begins fewer: only the lanes between the two rows change.
    """
    callers = {name: {one for one in above[name] if name in below[one]} for name in rows}
    for name in rows[pinned:]:
        at = rows.index(name)
        best, target = 0, at
        for step in (-1, 1):
            gain, place = 0, at + step
            over = set(rows[:at])
            while pinned <= place < len(rows) and abs(place - at) <= _FARTHEST:
                other = rows[place]
                first, second = (other, name) if step < 0 else (name, other)
                if first in above[second]:
                    break
                if step < 0:
                    over.discard(other)
                gain += _opened(second, below, callers, over) - _opened(first, below, callers, over)
                if step > 0:
                    over.add(other)
                if gain < best:
                    best, target = gain, place
                place += step
        rows.insert(target, rows.pop(at))
    return tuple(rows)


_FARTHEST = 12
"""How many rows a service may move."""


def _opened(name: str, below: Mapping[str, Sequence[str]], callers: Mapping[str, set[str]], over: set[str]) -> int:
    """Return how many lanes more run under a service than over it, given those that stand over it."""
    return sum(callers[one].isdisjoint(over) for one in below[name]) - bool(callers[name])


def _follow(steps: Sequence[str], above: dict[str, list[str]]) -> None:
    """Let each step of the journey wait for the one before it, unless that one waits for it."""
    for before, after in pairwise(steps):
        seen = {before}
        ahead = [before]
        while ahead:
            fresh = [one for one in above[ahead.pop()] if one not in seen]
            seen.update(fresh)
            ahead += fresh
        if after not in seen and before not in above[after]:
            above[after].append(before)


def _heights(services: Sequence[str], below: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return how many calls the longest way down from each service has."""
    heights: dict[str, int] = {}
    for root in services:
        walk = [root]
        while walk:
            name = walk[-1]
            missing = [one for one in below[name] if one not in heights]
            if missing:
                walk.append(missing[0])
                continue
            heights[name] = max((heights[one] + 1 for one in below[name]), default=0)
            walk.pop()
    return heights
