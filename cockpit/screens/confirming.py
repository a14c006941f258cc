"""A screen that shows a write before it is done: the place is named, everything that is sent stands there, `y` does it."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from textual import events

from cockpit.model.drawing import Line, Role, Span
from cockpit.screens.reader import Reader
from cockpit.text import fit, one_line
from widgets.footer import Hint
from widgets.pane import Looks

if TYPE_CHECKING:
    from cockpit.writes.carrying import Scribe
    from cockpit.writes.plan import Looked, Outcome, Write

_BACK = Hint("q", "back")
_SCROLL = Hint("j k", "scroll")


class Confirming(Reader):
    """Shows one write, looks whether it is there, and does it when a person says so.

    Args:
        write: What would be written.
        scribe: Carries it out.
        looks: How panes look.
        said: Told what came of it where the person went back meanwhile.
    """

    HINTS: ClassVar[tuple[Hint, ...]] = (_SCROLL, _BACK)

    def __init__(self, write: "Write", scribe: "Scribe", looks: Looks, said: Callable[[str, Role], None]) -> None:
        super().__init__(one_line(write.plan.title, 200), (), looks)
        self._write = write
        self._scribe = scribe
        self._said = said
        self._looked: Looked | None = None
        self._outcome: Outcome | None = None
        self._writing = False
        self._show()

    def on_mount(self) -> None:
        """Look, while everything that would be written can be read already."""
        app = self.app

        def told(looked: "Looked") -> None:
            app.call_later(self._seen, looked)

        self._scribe.look(self._write, told)

    @property
    def ready(self) -> bool:
        """Whether `y` writes now."""
        return self._looked is not None and self._looked.free and not self._writing and self._outcome is None

    def _seen(self, looked: "Looked") -> None:
        self._looked = looked
        self._show()

    def _done(self, outcome: "Outcome") -> None:
        self._writing, self._outcome = False, outcome
        if self.is_current:
            self._show()
        else:
            self._said(f"{self._write.plan.title}: {outcome.says}", _role(outcome))

    def _show(self) -> None:
        """Show where it stands: what is asked first, what would be written below."""
        self.page.show(self.page.title_text, tuple(self._lines()))
        hints = (Hint("y", "write it"), _SCROLL, _BACK) if self.ready else self.HINTS
        self.footer.show_hints(hints)

    def _lines(self) -> Iterable[Line]:
        yield from self._question()
        yield ()
        plan = self._write.plan
        names = max(len(name) for name, _ in plan.lines)
        for name, text in plan.lines:
            yield (Span(f"{fit(name, names)}  ", Role.DIM), Span(one_line(text, 2000)))

    def _question(self) -> Iterable[Line]:
        plan, looked, outcome = self._write.plan, self._looked, self._outcome
        if outcome is not None:
            yield (Span(one_line(outcome.says, 1000), _role(outcome)),)
        elif self._writing:
            yield (Span(f"writing to {plan.system}…", Role.STRONG),)
        elif looked is None:
            yield (Span(f"looking whether {plan.system} has it already…", Role.DIM),)
        elif looked.error:
            yield (Span(f"it cannot be written: {one_line(looked.error, 1000)}", Role.WARNING),)
        elif looked.there:
            yield (Span(f"nothing to write: {one_line(looked.there, 1000)}", Role.FINE),)
        else:
            yield (
                Span("Write this to ", Role.STRONG),
                Span(one_line(looked.target, 400), Role.KEY),
                Span("?", Role.STRONG),
            )
            yield (Span("y writes it, once; q leaves it", Role.DIM),)

    def on_key(self, event: events.Key) -> None:
        """Write at `y`; scroll or go back as anywhere."""
        if event.key != "y":
            super().on_key(event)
            return
        event.stop()
        event.prevent_default()
        if not self.ready:
            return
        self._writing = True
        self._show()
        app = self.app

        def told(outcome: "Outcome") -> None:
            app.call_later(self._done, outcome)

        self._scribe.do(self._write, told)


def _role(outcome: "Outcome") -> Role:
    return Role.FINE if outcome.state.value in {"done", "already"} else Role.WARNING
