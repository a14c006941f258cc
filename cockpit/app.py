"""The app: joins screen, watch, journal and terminal; everything else is elsewhere."""

import contextlib
import getpass
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.screen import Screen

from cockpit.clock import Clock
from cockpit.config import Context
from cockpit.config.zones import person_zone
from cockpit.keymap import make_keys
from cockpit.locations import log_file
from cockpit.painting import ExactUpdate
from cockpit.screens.desk import Desk
from cockpit.screens.main import MainScreen
from cockpit.screens.work import Work, told
from cockpit.terminal import CockpitDriver, Lifeline
from cockpit.themes import DAY, NIGHT, choose_glyphs, choose_palette
from widgets.pane import Looks

if TYPE_CHECKING:
    from cockpit.assembly import Assembly
    from cockpit.screens.announcing import Announcer

_BACKLOG = 6
"""Writes that may wait for the terminal before painting pauses."""
_DRAIN_S = 0.1
"""How often a stalled terminal is looked at."""


def login_name() -> str:
    """Return who is at the screen, where the configuration does not say."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "me"


class Cockpit(App[None], inherit_bindings=False):
    """The terminal app.

    Args:
        desk: What the screens work with.
        begin: Called once after the first frame, with the app; starts the watch.
        lifeline: Ends the process when a signal or the terminal says so.
    """

    CSS_PATH = "cockpit.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []
    TITLE = "cockpit"

    def __init__(
        self, desk: Desk, begin: "Callable[[Cockpit], None] | None" = None, lifeline: Lifeline | None = None
    ) -> None:
        self.desk = desk
        self.lifeline = lifeline
        self._begin = begin
        self.looks = Looks(glyphs=desk.glyphs)
        self.main = MainScreen(desk, make_keys(desk.context.keys), self.looks)
        self.announcer: Announcer | None = None
        self.failure: str | None = None
        """The one line about an internal error."""
        self._behind = False
        super().__init__(driver_class=CockpitDriver)
        for theme in (NIGHT, DAY):
            self.register_theme(theme)
        wanted = desk.context.theme
        self.theme = wanted if wanted in self.available_themes else NIGHT.name

    def get_default_screen(self) -> Screen[None]:
        """Return the cockpit itself."""
        return self.main

    def on_mount(self) -> None:
        """Dress the panes, and follow theme and suspension."""
        self._dress()
        self.theme_changed_signal.subscribe(self, lambda _: self._dress())
        self.app_resume_signal.subscribe(self, lambda _: self._paint_anew())

    def on_ready(self) -> None:
        """The first frame is painted: begin to work."""
        from cockpit.screens.announcing import Announcer

        self.announcer = Announcer(self.desk, self._write, self.bell)
        if self._begin is not None:
            self._begin(self)

    def _dress(self) -> None:
        theme = self.current_theme
        palette = choose_palette(
            theme.name,
            self.theme_variables,
            dark=theme.dark,
            ansi=theme.ansi,
            colours=self.console.color_system,
            no_color=self.no_color,
        )
        self.looks = Looks(palette, self.desk.glyphs)
        self.main.restyle(self.looks)

    def on_main_screen_changed(self, event: MainScreen.Changed) -> None:
        """Say it with title and bell."""
        if self.announcer is not None:
            self.announcer.announce(event.before, event.after)

    def _write(self, data: str) -> None:
        if self._driver is not None and not self.is_headless:
            self._driver.write(data)
            self._driver.flush()

    async def on_event(self, event: events.Event) -> None:
        """Follow keys and pasted texts one after the other, each by the screen that is on top when its turn comes.

        Textual puts them into the queue of the screen that is on top when they arrive.
        """
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and self.screen_stack:
            event._set_forwarded()  # noqa: SLF001 - so that it does not come here again
            await self.screen._dispatch_message(event)  # noqa: SLF001 - what its queue would do with it
        else:
            await super().on_event(event)

    # -- painting ------------------------------------------------------------------------------

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write a frame: spans exactly, and nothing while the terminal has not taken what was written before."""
        driver = self._driver
        if isinstance(driver, CockpitDriver) and (driver.backlog > _BACKLOG or driver.lost):
            if not self._behind:
                self._behind = True
                self.set_timer(_DRAIN_S, self._catch_up)
            return
        exact = ExactUpdate(renderable) if isinstance(renderable, ChopsUpdate) else renderable
        super()._display(screen, exact)  # type: ignore[arg-type]  # Textual passes its updates as renderables too

    def _catch_up(self) -> None:
        driver = self._driver
        if isinstance(driver, CockpitDriver) and driver.backlog:
            self.set_timer(_DRAIN_S, self._catch_up)
            return
        self._behind = False
        if isinstance(driver, CockpitDriver):
            driver.lost = False
        self._paint_anew()

    def _paint_anew(self) -> None:
        """Paint everything, the title too: the terminal lost it, or was another's."""
        self.screen.refresh(repaint=True)
        if self.announcer is not None:
            self.announcer.repeat()

    # -- leaving -------------------------------------------------------------------------------

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """Leave; the process ends soon then, whatever hangs."""
        if self.lifeline is not None:
            self.lifeline.arm(return_code)
        super().exit(result, return_code, message)

    def fail(self, hook: threading.ExceptHookArgs) -> None:
        """Leave because a thread failed: without it the screen would show what is no longer true."""
        error, loop = hook.exc_value, self._loop
        if not isinstance(error, Exception):
            return
        if loop is None or loop.is_closed():
            told(error)
        else:
            loop.call_soon_threadsafe(self._handle_exception, error)

    def _handle_exception(self, error: Exception) -> None:
        """Keep an error's trace in the log and leave with one line: a trace on the screen shows what must not be seen."""
        self._return_code = 1
        if self.lifeline is not None:
            self.lifeline.arm(1)
        if self.failure is None:
            self.failure = told(error)
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def leave(self, failure: str, code: int) -> None:
        """Leave with one line and an exit code, from any thread."""
        self.failure = self.failure or failure
        if self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: self.exit(return_code=code))

    def panic(self, *renderables: RenderableType) -> None:
        """Leave with one line; what Textual would print is not printed."""
        del renderables
        self._return_code = 1
        self.failure = self.failure or f"cockpit: terminal: internal error; the trace is in {log_file()}"
        self._close_messages_no_wait()


def run(
    context: Context,
    assemble: "Callable[[], Assembly]",
    *,
    clock: Clock,
    journal_folder: Path | None,
    recording: object = None,
) -> int:
    """Open the screen and return the exit code.

    Args:
        context: What the configuration says.
        assemble: Puts together what is watched; called once the first frame is there.
        clock: Says what time it is; the one that is assembled with.
        journal_folder: Where the journal is; null keeps it in memory.
        recording: Set where a recording is played.
    """
    desk = Desk(
        context,
        clock,
        person_zone(context.timezone, os.environ, clock.now()),
        context.me.name or login_name(),
        choose_glyphs(context.ascii),
        recording=recording is not None,
    )
    work = Work(assemble, journal_folder)
    lifeline = Lifeline(work.save)
    lifeline.install()

    app = Cockpit(desk, lambda app: work.begin(app.main, app.leave), lifeline)
    threading.excepthook = app.fail
    try:
        app.run(mouse=context.mouse)
    finally:
        lifeline.arm(app.return_code or 0)
        work.end()
    if app.failure is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{app.failure}\n")
    return app.return_code or 0
