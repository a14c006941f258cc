"""`cockpit annotate`: marks a deploy on the dashboards; shown before it is written, and written once."""

import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime
from typing import TypeVar

from cockpit.board.joining import TOGETHER
from cockpit.board.state import Board
from cockpit.board.versions import plain, same_version
from cockpit.cli.asking import ask, tell_unanswered, unanswered
from cockpit.cli.changes import newest_first
from cockpit.cli.moments import span_of
from cockpit.cli.opening import Opened, open_options
from cockpit.cli.options import Options, Usage
from cockpit.cli.output import note, safe, say, say_json
from cockpit.config import ConfigError
from cockpit.journal.opening import open_journal
from cockpit.locations import state_folder
from cockpit.model.change import Change, ChangeKind, Progress
from cockpit.model.reading import Topic
from cockpit.spans import parse_rfc3339
from cockpit.systems.base import Annotator
from cockpit.text import one_line
from cockpit.topology.naming import Naming
from cockpit.writes.annotating import Annotating, why_not_change
from cockpit.writes.carrying import Carrier
from cockpit.writes.plan import Looked, Outcome, State

T = TypeVar("T")
"""What is awaited."""

_ASKED = frozenset({Topic.CHANGES})

_CODES = {State.DONE: 0, State.ALREADY: 0, State.REFUSED: 1, State.FAILED: 1, State.UNKNOWN: 3}
"""Exit codes; 3 also where the system did not answer."""


def run(options: Options) -> int:
    """Annotate one change."""
    if options.change is not None and (options.service or options.version):
        raise Usage("annotate", "names a change and a service", "leave CHANGE or --service and --version out")
    if options.version is not None and options.service is None:
        raise Usage("--version", "stands without --service", "add --service NAME")
    window = None if options.since is None else span_of("--since", options.since)
    opened = open_options(options, window=window)
    annotator = _annotator(opened, options.system)
    board = ask(opened, _ASKED)
    tell_unanswered(opened, board, _ASKED)
    change = _chosen(board, opened, options)
    if change is None:
        note(f"{_meant(options)}: no such change; see cockpit changes, or name --service and --version")
        return 3 if unanswered(board, _ASKED) else 1
    reason = why_not_change(change)
    if reason is not None:
        note(reason)
        return 1
    context = opened.assembly.context
    naming = Naming(opened.assembly.map, context.exporters)
    write = Annotating(annotator, change, naming, dashboard=options.dashboard)
    recorded = opened.recording is not None
    journal = open_journal(None if recorded else state_folder(), opened.assembly.clock, context)
    try:
        carrier = Carrier(context, journal, opened.assembly.clock, context.me.name or _login(), recording=recorded)
        return _carry(opened, options, write, carrier)
    finally:
        journal.close()


def _carry(opened: Opened, options: Options, write: Annotating, carrier: Carrier) -> int:
    """Show it, have it confirmed, and do it."""
    system = write.plan.system
    reason = carrier.why_not(system)
    if reason is not None and not options.dry_run:
        raise ConfigError(f"annotate on {system}", reason, "--dry-run shows what would be written")
    looked = asyncio.run(_closing(opened, carrier.look(write)))
    if not options.json:
        for line in shown(write, looked):
            say(line)
    if looked.error or looked.there or options.dry_run:
        return _tell(options, write, looked, _unwritten(looked, reason, dry=options.dry_run))
    if not options.yes and not _confirmed(looked.target):
        return _tell(options, write, looked, Outcome(State.REFUSED, "not confirmed: nothing was written"))
    return _tell(options, write, looked, asyncio.run(_closing(opened, carrier.do(write))))


def _unwritten(looked: Looked, reason: str | None, *, dry: bool) -> Outcome | None:
    if looked.error:
        return Outcome(State.REFUSED, looked.error, unanswered=looked.unanswered)
    if looked.there:
        return Outcome(State.ALREADY, looked.there)
    if reason is not None and dry:
        note(f"without --dry-run it would not be written: {reason}")
    return None


async def _closing(opened: Opened, deed: Awaitable[T]) -> T:
    """Await something, and close the systems that it asked."""
    try:
        return await deed
    finally:
        await asyncio.gather(*(system.close() for system in opened.assembly.systems))


def shown(write: Annotating, looked: Looked) -> Iterable[str]:
    """Return what would be written, where, and what is there."""
    yield f"{one_line(write.plan.title)}, on {write.plan.system}"
    for name, text in (("where", looked.target or "not known"), *write.plan.lines):
        yield f"  {name:10}{safe(text)}"
    yield f"  {'there':10}{safe(looked.there or looked.error or 'nothing like it yet')}"


def _confirmed(target: str) -> bool:
    """Ask the person at the terminal; nobody there is an error, as nothing was confirmed."""
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise Usage("annotate", "there is nobody to confirm it", "say --yes, or --dry-run to see it only")
    sys.stderr.write(f"Write it to {safe(target)}? Type yes: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() == "yes"


def _tell(options: Options, write: Annotating, looked: Looked, outcome: Outcome | None) -> int:
    """Say what came of it, and return the exit code; without an outcome it was only shown."""
    if options.json:
        say_json(
            {
                "what": write.plan.what,
                "change": write.plan.subject.partition("/")[2],
                "system": write.plan.system,
                "where": looked.target or None,
                "sends": json.loads(json.dumps(write.plan.sent)),
                "state": "planned" if outcome is None else outcome.state.value,
                "says": None if outcome is None else outcome.says,
                "annotation": None if outcome is None else outcome.after,
            }
        )
    if outcome is None:
        return 0
    if not options.json:
        (say if outcome.state in {State.DONE, State.ALREADY} else note)(safe(outcome.says))
    return 3 if outcome.unanswered else _CODES[outcome.state]


def _annotator(opened: Opened, wanted: str | None) -> Annotator:
    """Return the system that is written to.

    Raises:
        ConfigError: None takes annotations, or not the named one; several do and none is named.
    """
    found = [system for system in opened.assembly.systems if isinstance(system, Annotator)]
    named = [system for system in found if wanted is None or system.name == wanted]
    place = f"contexts.{opened.assembly.context.name}"
    if wanted is not None and not named:
        known = ", ".join(system.name for system in found) or "none"
        raise ConfigError("--system", f"{wanted} takes no annotations", f"systems that do: {known}")
    if not named:
        raise ConfigError(place, "no system takes annotations", f"add [{place}.systems.grafana]; see cockpit init")
    specs = {spec.name: spec for spec in opened.assembly.context.systems}
    writable = [system for system in named if specs[system.name].write]
    several = writable or named
    if len(several) > 1:
        names = ", ".join(system.name for system in several)
        raise ConfigError("annotate", f"several systems take annotations: {names}", "add --system NAME")
    return several[0]


def _meant(options: Options) -> str:
    if options.change is not None:
        return one_line(options.change)
    if options.service is not None:
        return one_line(f"{options.service} {options.version or ''}").strip()
    return "the newest deploy"


def _chosen(board: Board, opened: Opened, options: Options) -> Change | None:
    """Return the change that is meant; one that is named by service and version and not known is told first-hand."""
    changes = [change for change in newest_first(board) if why_not_change(change) is None]
    if options.change is not None:
        every = newest_first(board)
        exact = [change for change in every if change.id == options.change]
        begun = [change for change in every if change.id.startswith(options.change)]
        return exact[0] if exact else begun[0] if len(begun) == 1 else None
    if options.service is None:
        done = (one for one in changes if one.kind is ChangeKind.DEPLOY and one.progress is not Progress.FAILED)
        return next(done, None)
    naming = Naming(opened.assembly.map, opened.assembly.context.exporters)
    named = naming.of_name(options.service)
    own = [change for change in changes if change.service == named.service]
    if options.version is None:
        return next(iter(own), None)
    began = _moment("--began", options.began)
    alike = (change for change in own if same_version(change.version, options.version))
    known = next((one for one in alike if began is None or abs(one.began - began) <= TOGETHER), None)
    return known or _first_hand(board, options, named.service, mapped=named.mapped)


def _first_hand(board: Board, options: Options, service: str, *, mapped: bool) -> Change:
    """Return a change that nobody reported but whoever runs this."""
    began = _moment("--began", options.began) or board.at.replace(microsecond=0)
    known = board.setup.map.services.get(service)
    version = one_line(options.version or "", 200)
    ended = _moment("--ended", options.ended)
    if ended is not None and ended < began:
        raise Usage("--ended", "is before the begin", "write a later moment")
    return Change(
        id=f"{service}@{plain(version)}@{began.astimezone(UTC):%Y%m%dT%H%MZ}",
        service=service,
        mapped=mapped,
        name=(known.repository if known is not None else None) or service,
        team=None if known is None else known.team,
        version=version,
        kind=ChangeKind.DEPLOY,
        began=began,
        ended=ended,
        author="",
        summary="",
        url=None,
        rollback=False,
        seen=False,
        tolerance_s=0.0,
        witnesses=(),
    )


def _moment(place: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        raise Usage(place, f"{text!r} is no moment", "write one such as 2026-11-20T14:02:00Z") from error


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "me"
