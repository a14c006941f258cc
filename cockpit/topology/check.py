"""The rules that look at a map as a whole: names that exist, owners, reach, queries, names told apart, cycles."""

import re
from collections.abc import Iterable, Iterator, Mapping

from cockpit.promql import PromqlError, parse
from cockpit.text import one_line
from cockpit.topology.cycles import find_cycles
from cockpit.topology.names import normal
from cockpit.topology.parts import Parts
from cockpit.topology.problems import WARNING, close
from cockpit.topology.reader import Reader, Word

_PLACEHOLDER = re.compile(r"\{[^{}]*\}?")
_SAYS = ("{value:percent}", "{value:number}", "{value:duration}")


_GUESSES = 100
"""Mistakes for which the nearest name is looked for; a map with more of them has another problem."""


def check(parts: Parts, reader: Reader, *, cycles: bool = True) -> None:
    """Note every problem that the parts have with one another; calls that go round are no mistake, only a warning."""
    meant = _services_exist(parts, reader)
    _owners(parts, reader)
    _names(parts, reader)
    _scopes(parts, reader)
    _measures(parts, reader)
    _reach(parts, reader, meant)
    if cycles:
        _cycles(parts, reader)


def _services_exist(parts: Parts, reader: Reader) -> dict[str, str]:
    """Note names that are no services, and return what they were probably meant to be."""
    used: list[tuple[str, Word]] = [("entry names", word) for word in parts.entry]
    for name, steps in parts.journeys.items():
        used += [(f"journey {name} goes through", word) for word in steps]
    for name, part in parts.services.items():
        used += [(f"{name} calls", word) for word in part.calls]
        used += [(f"{name} runs on", word) for word in part.runs_on]
    spelled = {normal(one): name for name, part in parts.services.items() for one in (name, *part.service.aliases)}
    guesses: dict[str, str | None] = {}
    meant: dict[str, str] = {}
    for what, word in used:
        if word.text in parts.services:
            continue
        remedy = "add it under services, or correct the name"
        same = spelled.get(normal(word.text))
        if same is None and word.text not in guesses:
            guesses[word.text] = close(word.text, parts.services) if len(guesses) < _GUESSES else None
        guess = same or guesses[word.text]
        if guess is not None:
            meant[word.text] = guess
            remedy = f'did you mean "{guess}"? else {remedy}'
        if same is not None:
            remedy = f'write "{same}": names are written here as under services'
        reader.problem(word, "unknown-service", f"{what} {word.text}, which is no service of this map", remedy)
    return meant


def _owners(parts: Parts, reader: Reader) -> None:
    guesses: dict[str, str | None] = {}
    for name, part in parts.services.items():
        if part.team is None:
            remedy = "add `team:`; somebody has to be called when it fails"
            reader.problem(part.key, "no-owner", f"{name} has no owning team", remedy)
        elif part.team.text not in parts.teams:
            team = part.team.text
            if team not in guesses:
                guesses[team] = close(team, parts.teams) if len(guesses) < _GUESSES else None
            remedy = f"add `{team}: {{}}` under teams, or correct the name"
            if guesses[team] is not None:
                remedy = f'did you mean "{guesses[team]}"? else {remedy}'
            reader.problem(part.team, "unknown-team", f"{name} belongs to {team}, which is not under teams", remedy)


def _names(parts: Parts, reader: Reader) -> None:
    owners: dict[str, tuple[str, str]] = {}
    for name, part in parts.services.items():
        for word in (part.key, *part.aliases):
            owner, spelled = owners.setdefault(normal(word.text), (name, word.text))
            if owner != name:
                message = f"{_called(name, word.text)} and {_called(owner, spelled)} are the same name"
                remedy = "give one of them another name or alias; case is ignored, and _ . - are the same"
                reader.problem(word, "ambiguous-name", message, remedy)


def _called(name: str, spelled: str) -> str:
    return name if name == spelled else f'"{spelled}" of {name}'


def _scopes(parts: Parts, reader: Reader) -> None:
    for name, part in parts.services.items():
        if part.scope is None:
            continue
        if part.query is None:
            reader.problem(
                part.scope, "bad-query", f"the scope of {name} has no query", "add `query:` with a PromQL expression"
            )
        else:
            error = query_error(part.query.text)
            if error is not None:
                message = f"the scope query of {name} is no PromQL: {error}"
                reader.problem(
                    part.query, "bad-query", message, "try it with `promtool` or in Prometheus, then paste it here"
                )
        if part.says is None:
            remedy = 'add `says: "{value:percent} of … failing"`'
            reader.problem(part.scope, "bad-query", f"the scope of {name} does not say what it found", remedy)
        elif not _says_one_value(part.says.text):
            message = f"`says` of {name} should hold the value exactly once"
            reader.problem(
                part.says, "bad-query", message, f"write exactly one of {', '.join(_SAYS)} in it, and no other braces"
            )


def _measures(parts: Parts, reader: Reader) -> None:
    for part in parts.services.values():
        for word in part.measures:
            error = query_error(word.text)
            if error is not None:
                message = f"{word.path} is no PromQL: {error}"
                reader.problem(
                    word, "bad-query", message, "try it with `promtool` or in Prometheus, then paste it here"
                )


def _says_one_value(text: str) -> bool:
    found = _PLACEHOLDER.findall(text)
    return len(found) == 1 and found[0] in _SAYS and text.count("}") == 1


def query_error(query: str) -> str | None:
    """Return why a text is no PromQL, or null; nothing is asked."""
    try:
        parse(query)
    except PromqlError as error:
        return one_line(str(error))
    return None


def _reach(parts: Parts, reader: Reader, meant: Mapping[str, str]) -> None:
    """Note services that no user gets to; jobs begin by themselves."""
    if not any(word.text in parts.services for word in parts.entry):
        return
    seen: set[str] = {name for name, part in parts.services.items() if part.service.kind == "job"}
    begin = [*parts.entry, *(word for steps in parts.journeys.values() for word in steps)]
    seen.update(_known(parts, begin, meant))
    ahead = list(seen)
    while ahead:
        part = parts.services[ahead.pop()]
        for target in _known(parts, (*part.calls, *part.runs_on), meant):
            if target not in seen:
                seen.add(target)
                ahead.append(target)
    for name, part in parts.services.items():
        if name not in seen:
            message = f"{name} is not reached from any entry point or journey"
            remedy = "name it in a caller's `calls` or `runs_on`, in a journey or under `entry`; or remove it"
            reader.problem(part.key, "unreachable", message, remedy)


def _known(parts: Parts, words: Iterable[Word], meant: Mapping[str, str]) -> Iterator[str]:
    """Yield the services that words name or were meant to: one mistake is one problem."""
    for word in words:
        name = word.text if word.text in parts.services else meant.get(word.text)
        if name is not None:
            yield name


def _cycles(parts: Parts, reader: Reader) -> None:
    calls = {
        name: tuple(word.text for word in part.calls if word.text in parts.services)
        for name, part in parts.services.items()
    }
    for cycle in find_cycles(calls):
        last = parts.services[cycle[-1]]
        closing = next(word for word in last.calls if word.text == cycle[0])
        message = f"calls go round: {' → '.join(one_line(name, 60) for name in (*cycle, cycle[0]))}"
        remedy = "nothing to do if this is meant; a failure here feeds itself"
        reader.problem(closing, "cycle", message, remedy, WARNING)
