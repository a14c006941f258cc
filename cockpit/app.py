"""The app: joins screen, watch, journal and terminal; everything else is elsewhere."""

import getpass
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual._compositor import ChopsUpdate
from textual.app import App
from textual.screen import Screen

from cockpit.actions import make_keys
from cockpit.clock import PlaybackClock
from cockpit.config.zones import person_zone
from cockpit.locations import log_file
from cockpit.logs import log_crash
from cockpit.painting import ExactUpdate
from cockpit.screens.desk import Desk
from cockpit.screens.main import MainScreen
from cockpit.terminal import CockpitDriver, Lifeline
from cockpit.themes import DAY, NIGHT, choose_glyphs, choose_palette
from widgets.pane import Looks

if TYPE_CHECKING:
    from cockpit.assembly import Assembly
    from cockpit.journal.store import OpenJournal
    from cockpit.poller import WatchThread
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
    """

    CSS_PATH = "cockpit.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar = []
    TITLE = "cockpit"

    def __init__(self, desk: Desk, begin: "Callable[[Cockpit], None] | None" = None) -> None:
        self.desk = desk
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
        self.app_resume_signal.subscribe(self, lambda _: self.screen.refresh(repaint=True))

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
        self.screen.refresh(repaint=True)

    # -- errors --------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """Keep an error's trace in the log and leave with one line: a trace on the screen shows what must not be seen."""
        self._return_code = 1
        if self.failure is None:
            self._exception = error
            self._exception_event.set()
            place = log_crash(log_file(), error)
            self.failure = f"cockpit: {place}: internal error, {type(error).__name__}; the trace is in {log_file()}"
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """Leave with one line; what Textual would print is not printed."""
        del renderables
        self._return_code = 1
        self.failure = self.failure or f"cockpit: terminal: internal error; the trace is in {log_file()}"
        self._close_messages_no_wait()


class Work:
    """What runs beside the screen: the cutter, the watch and the journal.

    Args:
        assembly: What is watched.
        journal_folder: Where the journal is; null keeps it in memory.
    """

    def __init__(self, assembly: "Assembly", journal_folder: Path | None) -> None:
        self._assembly = assembly
        self._folder = journal_folder
        self._journal: OpenJournal | None = None
        self._thread: WatchThread | None = None

    def begin(self, app: Cockpit) -> None:
        """Begin in a thread: what it imports is heavy, and the first frame is already there."""
        threading.Thread(target=self._open, args=(app,), name="opening", daemon=True).start()

    def save(self) -> None:
        """Keep what was decided, now."""
        if self._journal is not None:
            self._journal.close()

    def end(self) -> None:
        """Stop watching, and close the journal."""
        if self._thread is not None:
            self._thread.stop(1.0)
        self.save()

    def _open(self, app: Cockpit) -> None:
        from cockpit.journal.store import open_journal
        from cockpit.poller import Watch, WatchThread, fast_forward
        from cockpit.screens import deeds, follow  # noqa: F401 - loaded here, so that the first cut and key find them
        from cockpit.screens.cutting import Cutter

        assembly = self._assembly
        cutter = Cutter(app.desk, app.main.receive)
        cutter.start()
        self._journal = open_journal(self._folder, assembly.clock, assembly.context)
        watch = Watch(
            systems=assembly.systems,
            setup=assembly.setup,
            clock=assembly.clock,
            journal=self._journal,
            publish=cutter.take,
        )
        first = None
        recording, clock = assembly.recording, assembly.clock
        if recording is not None and isinstance(clock, PlaybackClock):
            first = partial(fast_forward, watch, recording, clock, clock.now())
        app.main.cutter = cutter
        app.desk.watch = watch
        self._thread = WatchThread(watch, first=first, switch_interval_s=0.0005)
        self._thread.start()


def run(assembly: "Assembly", *, journal_folder: Path | None, recording: object = None) -> int:
    """Open the screen and return the exit code.

    Args:
        assembly: What is watched, and the context.
        journal_folder: Where the journal is; null keeps it in memory.
        recording: Set where a recording is played.
    """
    context = assembly.context
    desk = Desk(
        context,
        assembly.clock,
        person_zone(context.timezone, os.environ, assembly.clock.now()),
        context.me.name or login_name(),
        choose_glyphs(context.ascii),
        recording=recording is not None,
    )
    work = Work(assembly, journal_folder)
    lifeline = Lifeline(work.save)
    lifeline.install()

    def begin(app: Cockpit) -> None:
        import asyncio

        lifeline.attach(asyncio.get_running_loop(), lambda code: app.exit(return_code=code))
        if isinstance(app._driver, CockpitDriver):  # noqa: SLF001 - nothing public gives it
            app._driver.gone = lambda: lifeline.end(129)  # noqa: SLF001
        work.begin(app)

    app = Cockpit(desk, begin)
    try:
        app.run(mouse=context.mouse)
    finally:
        lifeline.arm()
        work.end()
    if app.failure is not None:
        sys.stderr.write(f"{app.failure}\n")
    return app.return_code or 0
