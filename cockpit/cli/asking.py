"""Asks once what a command needs, and tells who did not answer."""

import asyncio
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta

from cockpit.board.state import Act, Board, Recalled
from cockpit.cli.opening import Opened
from cockpit.cli.output import note
from cockpit.clock import PlaybackClock
from cockpit.locations import journal_file, state_folder
from cockpit.model.alert import AlertKey, FoldKey
from cockpit.model.reading import Topic
from cockpit.poller import Watch, fast_forward
from cockpit.poller.keeper import Journal

ALERTING = frozenset({Topic.ALERTS, Topic.SILENCES, Topic.RULES, Topic.SCOPES})
"""What is asked for a list of alerts: their states, starts and proposed priorities rest on it."""

DRILLING = ALERTING | {Topic.CHANGES}
"""What is asked for a drill."""

CALLING = frozenset({Topic.HOPS, Topic.PLACES})
"""What is asked beside that, so that the drill knows who calls whom; nobody is missed who does not tell."""

_NOT_ANSWERED = 3
"""Exit code where a system that the command needs did not answer."""

_FLAGS = "command line"
"""What a context's source says where flags named a system."""

Attention = Callable[[Board], AlertKey | FoldKey | None]
"""Finds on a board the alert whose details are asked for too."""


@dataclass(frozen=True, slots=True)
class ReadOnlyJournal:
    """A journal that a command reads and never writes: what people decided counts, its own one look does not."""

    recalled: Recalled
    error: str | None = None

    def recall(self) -> Recalled:
        """Return what the journal holds."""
        return self.recalled

    def write(self, event: Act) -> None:
        """Keep nothing."""

    def follow(self, before: Board, after: Board) -> None:
        """Keep nothing."""


def ask(
    opened: Opened, topics: Collection[Topic], attend: Attention | None = None, *, back: timedelta | None = None
) -> Board:
    """Return a board after each system was asked once for these topics; a recording is played up to its moment.

    With `back` it is asked, too, what fired in so long a time.

    Where scopes are asked, so is what is measured of all services: proposed priorities rest on either.
    """
    if Topic.SCOPES in topics:
        topics = {*topics, Topic.MEASURES}
    assembly = opened.assembly
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock, journal=_journal(opened))
    asyncio.run(_ask(watch, opened, topics, attend, back))  # returns nothing: what it returned would be spelt out once
    return watch.board


async def _ask(
    watch: Watch, opened: Opened, topics: Collection[Topic], attend: Attention | None, back: timedelta | None
) -> None:
    clock = opened.assembly.clock
    try:
        if opened.recording is None or opened.at is None:
            await watch.once(topics, attend)
        else:
            assert isinstance(clock, PlaybackClock)
            await fast_forward(watch, opened.recording, clock, opened.at)
            await watch.once((), attend)
        if back is not None:
            await watch.once_back(back)
    finally:
        await watch.close()


def _journal(opened: Opened) -> Journal | None:
    """Return what people decided, where there is a journal; a recording has none."""
    if opened.recording is not None or not journal_file().exists():
        return None
    from cockpit.journal.store import open_journal

    journal = open_journal(state_folder(), opened.assembly.clock, opened.assembly.context)
    try:
        return ReadOnlyJournal(journal.recall())
    finally:
        journal.close()


def unanswered(board: Board, topics: Iterable[Topic]) -> tuple[str, ...]:
    """Return the systems that are asked for one of these topics and did not answer."""
    wanted = set(topics)
    return tuple(
        expected.name
        for expected in board.setup.systems
        if any(_missing(board, expected.name, topic) for topic in expected.topics if topic in wanted)
    )


def _missing(board: Board, system: str, topic: Topic) -> bool:
    if topic is Topic.SCOPES and not any(service.scope for service in board.setup.map.services.values()):
        return False
    return (system, topic) in board.failures or (system, topic) not in board.readings


def alerting_topic(board: Board) -> Topic:
    """Return what the list of alerts rests on: the alert systems, else the rules where there are none."""
    held = any(Topic.ALERTS in expected.topics for expected in board.setup.systems)
    return Topic.ALERTS if held else Topic.RULES


def known(board: Board, topic: Topic) -> bool:
    """Tell whether there is a system for a topic, and all of them answered."""
    return bool(_names(board, topic)) and not unanswered(board, {topic})


def exit_code(board: Board, topics: Collection[Topic]) -> int:
    """Return 3 where one of the systems for these topics did not answer, or nobody would tell of alerts, else 0."""
    blind = alerting_topic(board) in topics and not _names(board, alerting_topic(board))
    return _NOT_ANSWERED if blind or unanswered(board, topics) else 0


def not_answered() -> int:
    """Return the exit code that says that a system which the command needs did not answer."""
    return _NOT_ANSWERED


def tell_unanswered(opened: Opened, board: Board, topics: Collection[Topic]) -> None:
    """Tell on standard error who did not answer, and why, and which peers are down; without a configuration what was tried."""
    if not board.setup.systems:
        note("no system is configured; say --alertmanager URL, or write a configuration: cockpit init")
    for expected in board.setup.systems:
        said: set[str] = set()
        for topic in expected.topics:
            if topic not in topics:
                continue
            for line in _troubles(board, expected.name, topic):
                if line not in said:
                    said.add(line)
                    note(line)
    context = opened.assembly.context
    if context.tried and _FLAGS not in context.source and board.failures and not board.readings:
        remedy = "say --alertmanager http://HOST:9093, or write a configuration: cockpit init"
        note(f"nothing is configured; tried: {'; '.join(context.tried)}; {remedy}")


def _troubles(board: Board, name: str, topic: Topic) -> Iterable[str]:
    failure, reading = board.failures.get((name, topic)), board.readings.get((name, topic))
    if failure is not None:
        yield f"{name} not answering: {failure.error}"
    elif reading is None and _missing(board, name, topic):
        yield f"{name} not answering: was not asked for {topic}"
    elif reading is not None:
        if reading.error:
            yield f"{name}: {reading.error}"
        yield from (f"{name}: peer {peer.address} not answering: {peer.error}" for peer in reading.peers if not peer.up)


def who_answered(board: Board, topic: Topic) -> str:
    """Return who answered for a topic: `alertmanager answered`, `both alert systems answered`, `nobody answered`."""
    names = _names(board, topic)
    answered = [name for name in names if not _missing(board, name, topic)]
    if not names:
        what = "changes" if topic is Topic.CHANGES else "alerts"
        return f"no system that reports {what} is configured"
    if len(answered) < len(names):
        missing = ", ".join(name for name in names if name not in answered)
        return f"{', '.join(answered)} answered, {missing} did not" if answered else f"{missing} did not answer"
    return f"{names[0]} answered" if len(names) == 1 else f"{_all(len(names))} answered: {', '.join(names)}"


def _names(board: Board, topic: Topic) -> list[str]:
    """Return the systems that are asked for a topic."""
    return [expected.name for expected in board.setup.systems if topic in expected.topics]


def _all(number: int) -> str:
    return "both" if number == 2 else f"all {number}"
