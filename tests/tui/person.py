"""A person at the screen: presses keys, sees what is painted, and knows nothing of how."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from textual.pilot import Pilot

from cockpit.app import Cockpit
from cockpit.board.people import noted, ticked
from cockpit.board.state import Act, Answered, Board, Noted, PriorityChosen, Ticked
from cockpit.matchers import Matcher
from cockpit.model.drill import PersonAnswer
from cockpit.model.panes import RowId
from cockpit.screens.cutting import Cutter
from cockpit.screens.desk import Desk
from tests.tui.samples import sample_board, sample_desk


@dataclass
class FakeWatch:
    """Remembers what it was told, and answers with a board that knows it."""

    attended: list[RowId | None] = field(default_factory=list)
    told: list[Act] = field(default_factory=list)
    narrowed: list[tuple[Matcher, ...]] = field(default_factory=list)
    windows: list[timedelta | None] = field(default_factory=list)
    backs: list[timedelta | None] = field(default_factory=list)
    refreshed: int = 0
    paused: bool = False
    cutter: Cutter | None = None
    board: Board | None = None

    def attend(self, key: RowId | None) -> None:
        self.attended.append(key)

    def narrow(self, matchers: Sequence[Matcher]) -> None:
        self.narrowed.append(tuple(matchers))

    def widen(self, window: timedelta | None) -> None:
        self.windows.append(window)

    def look_back(self, span: timedelta | None) -> None:
        self.backs.append(span)

    def refresh(self) -> None:
        self.refreshed += 1

    def pause(self, paused: bool) -> None:
        self.paused = paused

    def tell(self, event: Act) -> None:
        self.told.append(event)
        board = self.board
        if board is None or self.cutter is None:
            return
        if isinstance(event, PriorityChosen):
            chosen = {name: level for name, level in board.chosen.items() if name != event.occurrence}
            if event.priority is not None:
                chosen[event.occurrence] = event.priority
            self.publish(replace(board, chosen=chosen))
            return
        if isinstance(event, Ticked):
            self.publish(ticked(board, event))
            return
        if isinstance(event, Noted):
            self.publish(noted(board, event))
            return
        answers = {q: a for q, a in board.persons.get(event.occurrence, {}).items() if q is not event.question}
        if event.answer is not None:
            answers[event.question] = event.answer
        self.publish(replace(board, persons={**board.persons, event.occurrence: answers}))

    @property
    def answer(self) -> PersonAnswer | None:
        """What was last decided about an answer; null where that was taken back."""
        last = self.told[-1]
        assert isinstance(last, Answered)
        return last.answer

    def publish(self, board: Board) -> None:
        self.board = board
        if self.cutter is not None:
            self.cutter.take(board)


class Person:
    """Sits before the app."""

    def __init__(self, app: Cockpit, pilot: Pilot[None], watch: FakeWatch) -> None:
        self.app = app
        self.pilot = pilot
        self.watch = watch

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until they were taken."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text."""
        names = {" ": "space", "/": "slash", ":": "colon"}
        await self.press(*(names.get(char, char) for char in text))

    async def gets(self, board: Board) -> None:
        """See the watch publish a board."""
        self.watch.publish(board)
        await self.pilot.pause()

    @property
    def lines(self) -> list[str]:
        """What is painted, line by line."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def screen(self) -> str:
        """What is painted."""
        return "\n".join(line.rstrip() for line in self.lines)

    def pane(self, name: str) -> list[str]:
        """What one pane shows, without its frame."""
        pane = self.app.main.panes[name]
        region = pane.region
        return [line[region.x : region.right] for line in self.lines[region.y + 1 : region.bottom]]

    def title(self, name: str) -> str:
        """A pane's title line."""
        region = self.app.main.panes[name].region
        return self.lines[region.y][region.x : region.right]

    @property
    def cursor(self) -> str:
        """The alert row under the cursor."""
        return next((line for line in self.pane("alerts") if "›" in line[:3]), "")


@asynccontextmanager
async def sitting(
    board: Board | None = None, *, size: tuple[int, int] = (80, 24), desk: Desk | None = None, first: bool = True
) -> AsyncIterator[Person]:
    """Sit down before a running app that shows a board."""
    watch = FakeWatch()
    used = desk or sample_desk()
    used.watch = watch
    app = Cockpit(used)
    watch.cutter = Cutter(used, app.main.receive)
    app.main.cutter = watch.cutter
    async with app.run_test(size=size) as pilot:
        person = Person(app, pilot, watch)
        if first:
            await person.gets(board if board is not None else sample_board())
        await pilot.pause()
        yield person


def has(lines: Iterable[str], *texts: str) -> bool:
    """Tell whether one of the lines holds all the texts."""
    return any(all(text in line for text in texts) for line in lines)
