"""`cockpit doctor`: tries every system and every handshake between tools, and says what to do."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict

from cockpit.assembly import Assembly
from cockpit.cli.asking import ask
from cockpit.cli.handshakes import UNKNOWN, handshakes
from cockpit.cli.opening import Opened, open_options
from cockpit.cli.options import Options
from cockpit.cli.output import columns, counted, note, say, say_json, table
from cockpit.cli.tastes import check_tastes
from cockpit.model.reading import Topic
from cockpit.systems.base import Check

_ASKED = frozenset(Topic) - {Topic.SERIES, Topic.HISTORY}


def run(options: Options) -> int:
    """Print every check; 1 where one fails."""
    opened = open_options(options)
    check_tastes(opened.assembly.context)
    _tell_where(opened)
    board = ask(opened, _ASKED)  # a recording stands at its moment from here on
    checks = (*_map(opened.assembly), *asyncio.run(_checked(opened.assembly)), *handshakes(board))
    failed = sum(not check.ok for check in checks)
    if options.json:
        say_json([{**asdict(check), "known": _known(check)} for check in checks])
    else:
        for line in _lines(checks):
            say(line)
        say("")
        warnings = sum(check.ok and check.warning for check in checks)
        unknown = sum(not _known(check) for check in checks)
        told = f", {unknown} not known" if unknown else ""
        say(f"{counted(len(checks), 'check')}, {failed} failed, {counted(warnings, 'warning')}{told}")
    return 1 if failed else 0


def _tell_where(opened: Opened) -> None:
    context = opened.assembly.context
    note(f"context {context.name}, from {context.source}")
    if not context.systems:
        note("no system is configured; say --alertmanager URL, or write a configuration: cockpit init")


def _map(assembly: Assembly) -> Iterable[Check]:
    if assembly.map_text is None:
        remedy = "draft one: cockpit map draft"
        return [Check("map", "there is one", ok=True, message="none is configured", remedy=remedy, warning=True)]
    errors = sum(problem.fatal for problem in assembly.problems)
    message = f"{counted(len(assembly.map.services), 'service')}, {counted(errors, 'error')}"
    return [Check("map", "is right", ok=not errors, message=message, remedy="cockpit map check" if errors else "")]


async def _checked(assembly: Assembly) -> list[Check]:
    """Return what every system says of itself, asked side by side."""
    found = await asyncio.gather(*(system.check() for system in assembly.systems))
    await asyncio.gather(*(system.close() for system in assembly.systems))
    return [*(check for checks in found for check in checks), *_unverified(assembly)]


def _unverified(assembly: Assembly) -> Iterable[Check]:
    """Warn of each system that could be somebody else."""
    for system in assembly.systems:
        if system.insecure:
            message = "is not verified: verify = false"
            yield Check(system.name, "certificate", True, message, 'verify = "/path/to/ca.pem"', warning=True)


def _known(check: Check) -> bool:
    """Tell whether anything came of a check at all."""
    return not check.message.startswith(UNKNOWN)


def _lines(checks: Iterable[Check]) -> Iterable[str]:
    rows = [
        (
            "FAIL" if not check.ok else "warn" if check.warning else "ok" if _known(check) else "?",
            check.system,
            check.check,
            check.message + (f"; {check.remedy}" if check.remedy else ""),
        )
        for check in checks
    ]
    yield from table(("", "SYSTEM", "CHECK", "WHAT CAME OF IT"), rows, columns())
