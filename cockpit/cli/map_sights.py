"""What `cockpit map show` knows beside the map: health, measures and changes, from a recording or from systems at hand."""

import asyncio
import os
from dataclasses import dataclass, replace

from cockpit.assembly import Assembly
from cockpit.board.state import Board
from cockpit.cli.asking import ALERTING, ask, tell_unanswered
from cockpit.cli.opening import Opened, asked_of, open_options
from cockpit.cli.options import Options
from cockpit.config.direct import ALERTMANAGER_URL, PROMETHEUS_URL
from cockpit.config.load import find_document
from cockpit.model.reading import Topic
from cockpit.model.sights import NO_SIGHTS, Sights
from cockpit.model.topology import IntegrationMap
from cockpit.poller import Watch

_TOLD = ALERTING | {Topic.CHANGES}
"""Topics whose systems are named where they do not answer."""

_TOPICS = _TOLD | {Topic.TARGETS, Topic.HOPS, Topic.MEASURES, Topic.STATUS, Topic.PLACES}
"""What is asked for a drawing."""

_PATIENCE_S = 5.0
"""How long a drawing waits for systems; it shows what came until then."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A map as it is now, and what is known of its services and hops."""

    map: IntegrationMap
    """Declared, and observed where somebody observes."""
    sights: Sights = NO_SIGHTS
    board: Board | None = None
    """Null where nobody was asked."""


def look(options: Options, declared: IntegrationMap) -> Seen:
    """Return what is known beside a map; the map alone where no recording and no system is named.

    A map that is named by its file is drawn alone unless a recording, a context or a system is named with it.

    Args:
        options: The command line's.
        declared: The map that was chosen.

    Raises:
        ConfigError: Configuration or recording is wrong.
        Usage: The moment is none.
    """
    if not (options.playing or _has_systems(options)):
        return Seen(declared)
    named = options.file if options.file is not None else options.map_name
    opened = open_options(replace(options, map_name=named), at_end=True)
    if opened.recording is not None:
        board = ask(opened, _TOPICS)
    else:
        board = _glance(opened.assembly)
        _tell(opened, board)
    from cockpit.slices.sights import sights_of

    return Seen(board.map, sights_of(board, opened.assembly.clock.now()), board)


def _has_systems(options: Options) -> bool:
    """Tell whether the command line, the environment or a configuration names systems to ask."""
    asked = asked_of(options)
    if asked.alertmanagers or asked.prometheuses or asked.config is not None or asked.context is not None:
        return True
    if options.file is not None:
        return False
    if os.environ.get(ALERTMANAGER_URL) or os.environ.get(PROMETHEUS_URL):
        return True
    return find_document(asked, os.environ)[0] is not None


def _glance(assembly: Assembly) -> Board:
    """Return what systems answer while one is patient."""
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
    asyncio.run(_once(watch))
    return watch.board


async def _once(watch: Watch) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await watch.once(_TOPICS)
    except TimeoutError:
        pass  # what came until then is on the board, and who did not answer is told
    finally:
        await watch.close()


def _tell(opened: Opened, board: Board) -> None:
    """Name on standard error who did not answer; a configuration without systems is nothing to tell of."""
    if board.setup.systems:
        tell_unanswered(opened, board, _TOLD)
