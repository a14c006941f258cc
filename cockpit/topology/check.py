"""The rules that look at a map as a whole: names that exist, owners, reach, queries, names told apart, cycles."""

import re
from collections.abc import Iterable

from cockpit.promql import PromqlError, parse
from cockpit.text import one_line
from cockpit.topology.cycles import find_cycles
from cockpit.topology.names import normal
from cockpit.topology.parts import Parts, ServicePart
from cockpit.topology.problems import WARNING, close
from cockpit.topology.reader import Reader, Word

_PLACEHOLDER = re.compile(r"\{[^{}]*\}?")
_SAYS = ("{value:percent}", "{value:number}", "{value:duration}")


def check(parts: Parts, reader: Reader) -> None:
    """Note every problem that the parts have with one another."""
    _services_exist(parts, reader)
    _owners(parts, reader)
    _names(parts, reader)
    _scopes(parts, reader)
    _reach(parts, reader)
    _cycles(parts, reader)


def _services_exist(parts: Parts, reader: Reader) -> None:
    used: list[tuple[str, Word]] = [("entry names", word) for word in parts.entry]
    for name, steps in parts.journeys.items():
        used += [(f"journey {name} goes through", word) for word in steps]
    for name, part in parts.services.items():
        used += [(f"{name} calls", word) for word in part.calls]
        used += [(f"{name} runs on", word) for word in part.runs_on]
    aliases = {normal(one): name for name, part in parts.services.items() for one in (name, *part.service.aliases)}
    for what, word in used:
        if word.text in parts.services:
            continue
        meant = aliases.get(normal(word.text))
        guess = close(word.text, parts.services)
        remedy = "add it under services, or correct the name"
        if meant is not None:
            remedy = f'write "{meant}": names are written here as under services'
        elif guess is not None:
            remedy = f'did you mean "{guess}"? else {remedy}'
        reader.problem(word, "unknown-service", f"{what} {word.text}, which is no service of this map", remedy)


def _owners(parts: Parts, reader: Reader) -> None:
    for name, part in parts.services.items():
        if part.team is None:
            remedy = "add `team:`; somebody has to be called when it fails"
            reader.problem(part.key, "no-owner", f"{name} has no owning team", remedy)
        elif part.team.text not in parts.teams:
            team = part.team.text
            guess = close(team, parts.teams)
            remedy = f"add `{team}: {{}}` under teams, or correct the name"
            if guess is not None:
                remedy = f'did you mean "{guess}"? else {remedy}'
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


def _reach(parts: Parts, reader: Reader) -> None:
    """Note services that no user gets to; jobs begin by themselves."""
    entries = [word.text for word in parts.entry if word.text in parts.services]
    if not entries:
        return
    seen = set(entries)
    seen.update(word.text for steps in parts.journeys.values() for word in steps)
    seen.update(name for name, part in parts.services.items() if part.service.kind == "job")
    ahead = [name for name in seen if name in parts.services]
    while ahead:
        for target in _targets(parts.services[ahead.pop()]):
            if target not in seen:
                seen.add(target)
                if target in parts.services:
                    ahead.append(target)
    for name, part in parts.services.items():
        if name not in seen:
            message = f"{name} is not reached from any entry point or journey"
            remedy = "name it in a caller's `calls` or `runs_on`, in a journey or under `entry`; or remove it"
            reader.problem(part.key, "unreachable", message, remedy)


def _targets(part: ServicePart) -> Iterable[str]:
    return (*(word.text for word in part.calls), *(word.text for word in part.runs_on))


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
