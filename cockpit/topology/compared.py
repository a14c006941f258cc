"""A map held against the calls that were observed: what it declares and nobody makes, what is made and it does not say."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cockpit.text import one_line
from cockpit.topology.parts import Parts
from cockpit.topology.problems import WARNING, Problem
from cockpit.topology.reader import Word


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at."""

    seen: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Calls with traffic, by the map's names (others by their own), with what is known of each: `5.2/s, service graph`."""
    span: str = ""
    """From when to when: `22 Nov 08:05 to 23 Nov 08:05 UTC`."""
    by: str = ""
    """Who looked: `prometheus (service graph)`."""
    watched: Collection[str] = ()
    """Services that any call was seen of; of others nobody can say that they make none."""


def compare(parts: Parts, file: str, looked: Looked) -> tuple[Problem, ...]:
    """Return a warning for each call that the map has and nobody makes, and for each that is made and it does not have.

    Nothing is said of a call that nobody could have seen: neither of its ends has any traffic that is observed.
    """
    if not looked.seen:
        return ()
    problems: list[Problem] = []
    declared = {(name, word.text): word for name, part in parts.services.items() for word in part.calls}
    for (caller, callee), word in declared.items():
        watched = caller in looked.watched or callee in looked.watched
        if watched and callee in parts.services and (caller, callee) not in looked.seen:
            problems.append(_never(file, word, caller, callee, looked))
    for (caller, callee), says in sorted(looked.seen.items()):
        if (caller, callee) not in declared:
            problems.append(_undeclared(parts, file, caller, callee, says, looked))
    return tuple(problems)


def _never(file: str, word: Word, caller: str, callee: str, looked: Looked) -> Problem:
    message = f"{caller} calls {callee}, and {looked.by} saw no such call from {looked.span}"
    remedy = "remove it if it is gone; nothing to do if it is rare, or not traced"
    return Problem(file, word.line, word.column, WARNING, "never-observed", message, remedy)


def _undeclared(parts: Parts, file: str, caller: str, callee: str, says: str, looked: Looked) -> Problem:
    place = next((parts.services[name].key for name in (caller, callee) if name in parts.services), None)
    new = [one_line(name, 100) for name in dict.fromkeys((caller, callee)) if name not in parts.services]
    called, calling = one_line(callee, 100), one_line(caller, 100)
    message = f"{calling} calls {called} ({says}), which the map does not say; looked at from {looked.span}"
    remedy = f"add {called} to the calls of {calling}"
    if new:
        remedy = (
            f"add {' and '.join(new)} under services, or as an alias of a service, and {remedy.removeprefix('add ')}"
        )
    line, column = (1, 1) if place is None else (place.line, place.column)
    return Problem(file, line, column, WARNING, "not-declared", message, remedy)
