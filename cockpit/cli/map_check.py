"""`cockpit map check`: what is wrong in a map, offline, and asked of a Prometheus where one answers."""

import asyncio
from dataclasses import asdict
from pathlib import Path

from cockpit.assembly import Assembly, open_live
from cockpit.board.state import Board
from cockpit.cli.maps import Chosen, choose_map
from cockpit.cli.observing import Asked, ask_calls, joined
from cockpit.cli.opening import asked_of, folder_of, open_options
from cockpit.cli.options import Options
from cockpit.cli.output import counted, note, say, say_json
from cockpit.config import ConfigError, Context
from cockpit.config.load import load
from cockpit.model.reading import ScopesSeen, Topic
from cockpit.model.topology import Hop, IntegrationMap
from cockpit.poller import Request, ask
from cockpit.systems.base import ScopeRequest
from cockpit.topology.check import query_error
from cockpit.topology.compared import Looked, compare
from cockpit.topology.nodes import compose
from cockpit.topology.parts import Parts, read_parts
from cockpit.topology.problems import ERROR, Problem, in_order
from cockpit.topology.reader import Reader, Word


def run(options: Options) -> int:
    """Print what is wrong in a map; 1 where something is."""
    chosen = choose_map(options)
    integration_map, problems = chosen.read()
    asked = _asked(options, integration_map, chosen)
    problems = in_order((*problems, *asked))
    if options.json:
        say_json([asdict(problem) for problem in problems])
    else:
        for problem in problems:
            say(str(problem))
    errors = sum(problem.fatal for problem in problems)
    warnings = len(problems) - errors
    summary = f"{chosen.file}: {counted(len(integration_map.services), 'service')}, {counted(errors, 'error')}"
    summary += f", {counted(warnings, 'warning')}" if warnings else ""
    if options.json or problems:
        note(summary)
    else:
        say(summary)
    return 1 if errors else 0


def _asked(options: Options, integration_map: IntegrationMap, chosen: Chosen) -> tuple[Problem, ...]:
    """Return what a Prometheus refuses of the map's queries and what calls it saw, where one is configured and answers."""
    if integration_map.empty:
        return ()
    assembly = _measuring(options)
    if assembly is None:
        return ()
    places = queries_of(chosen.text, chosen.file)
    requests = [ScopeRequest(name, word.text) for name, word in places.items()]
    asked, refused = asyncio.run(_ask_all(assembly, requests))
    queries = (
        Problem(
            chosen.file,
            places[query].line,
            places[query].column,
            ERROR,
            "bad-query",
            f"{query}, asked of {system}: {error}",
            "correct the query; try it in that Prometheus first",
        )
        for system, query, error in refused
    )
    return (*queries, *_compared(asked, assembly, integration_map, chosen))


def _compared(asked: Asked, assembly: Assembly, integration_map: IntegrationMap, chosen: Chosen) -> tuple[Problem, ...]:
    """Return where the map and the calls that were seen differ."""
    if not asked.readings:
        return ()
    board = joined(asked.readings, integration_map, assembly, asked.until)
    hops = [hop for service in board.map.services.values() for hop in service.calls]
    seen = {(hop.caller, hop.callee): _says(board, hop) for hop in hops if hop.seen is not None}
    note(f"{counted(len(seen), 'call')} seen from {asked.span} by {asked.by}")
    watched = frozenset(name for pair in board.hops for name in pair)
    return compare(_parts(chosen.text, chosen.file), chosen.file, Looked(seen, asked.span, asked.by, watched))


def _says(board: Board, hop: Hop) -> str:
    """Return what is known of a call: `5.2/s, prom service graph`."""
    rate = board.hops[hop.caller, hop.callee].rate
    return ", ".join((f"{rate:.2g}/s" if rate else "none just now", *hop.sources))


def _measuring(options: Options) -> Assembly | None:
    """Return the systems that can answer queries; null where none is configured: then nobody is asked."""
    if options.playing:
        assembly = open_options(options).assembly
        return assembly if any(Topic.SCOPES in expected.topics for expected in assembly.setup.systems) else None
    explicit = options.config is not None or options.context is not None or bool(options.prometheuses)
    try:
        config = load(asked_of(options))
        if not config.paths and not options.prometheuses and config.chosen.source == "default":
            return None
        return _only_measuring(config.chosen, folder_of(config))
    except ConfigError as error:
        if explicit:
            raise
        note(f"no Prometheus was asked: {error}")
        return None


def _only_measuring(context: Context, folder: Path | None) -> Assembly | None:
    from dataclasses import replace

    from cockpit.kinds import find_kind

    measuring = tuple(spec for spec in context.systems if Topic.SCOPES in find_kind(spec).TOPICS)
    return open_live(replace(context, map=None, systems=measuring), config_folder=folder) if measuring else None


async def _ask_all(assembly: Assembly, requests: list[ScopeRequest]) -> tuple[Asked, list[tuple[str, str, str]]]:
    """Return the calls that were seen, and system, query and error of each query that was refused.

    Who does not answer is told and passed over.
    """
    try:
        refused = await _refused(assembly, requests)
        return await ask_calls(assembly), refused
    finally:
        await asyncio.gather(*(system.close() for system in assembly.systems))


async def _refused(assembly: Assembly, requests: list[ScopeRequest]) -> list[tuple[str, str, str]]:
    refused: list[tuple[str, str, str]] = []
    for system in assembly.systems if requests else ():
        if Topic.SCOPES not in getattr(system, "TOPICS", ()):
            continue
        request = Request(assembly.clock.now(), tuple(requests))
        reading = (await ask(system, Topic.SCOPES, assembly.clock, request, every_s=system.every_s)).reading
        if not isinstance(reading.answer, ScopesSeen):
            note(f"the queries were not asked of {system.name}: {reading.error}")
            continue
        refused += [(system.name, one.service, one.error) for one in reading.answer.samples if one.error]
    return refused


def queries_of(text: str, file: str) -> dict[str, Word]:
    """Return every query of a map that is PromQL, by what it is called: `the scope query of payment`."""
    found: dict[str, Word] = {}
    for name, part in _parts(text, file).services.items():
        if part.query is not None:
            found[f"the scope query of {name}"] = part.query
        found |= {word.path: word for word in part.measures}
    return {name: word for name, word in found.items() if query_error(word.text) is None}


def _parts(text: str, file: str) -> Parts:
    root, _ = compose(text, file)
    return Parts() if root is None else read_parts(root, Reader(file))
