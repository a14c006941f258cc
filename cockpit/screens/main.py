"""The main screen: joins the four panes, header and footer to the latest cut; what keys do stands in `deeds`."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from textual import events
from textual.layout import Layout
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from cockpit.actions import ALERTS, CHANGES, DRILL, INTEGRATIONS, Action
from cockpit.keymap import Keys, say_key
from cockpit.model.drawing import Role
from cockpit.model.panes import RowId
from cockpit.model.walk import Layer, Walk
from cockpit.screens import first
from cockpit.screens.deck import Deck
from cockpit.screens.desk import Desk
from cockpit.screens.guarding import Guard
from cockpit.screens.heading import header_of
from cockpit.screens.knowing import hints, situation
from cockpit.screens.latest import Latest
from cockpit.screens.layout import Needs, Placed, arrange
from cockpit.screens.needing import needs_of
from cockpit.screens.quick import QuickScreen
from cockpit.screens.typist import Typist
from cockpit.slices.clocks import clocks
from widgets.alerts import Alerts
from widgets.changes import Changes
from widgets.drill import DrillPane
from widgets.footer import FooterBar
from widgets.header import HeaderBar
from widgets.integrations import Integrations
from widgets.pane import Looks, Pane

if TYPE_CHECKING:
    from cockpit.screens.checking import Checking
    from cockpit.screens.cutting import Cut, Cutter
    from cockpit.screens.follow import FeedView, Followed, Follower
    from cockpit.screens.shifting import Shifting

ATTEND_S = 0.12
"""The watch is told where the cursor stands once it has rested there for so long."""


def pressed(event: events.Key) -> str:
    """Return a key as the action table writes it: `j`, `?`, `G`, `ctrl+d`, `pageup`."""
    char = event.character
    if char is not None and char.isprintable() and char != " " and "+" not in event.key.removesuffix("+"):
        return char
    return event.key


class MainScreen(QuickScreen, inherit_bindings=False):
    """The cockpit."""

    class Arrived(Message):
        """A cut is there; the latest is taken, so several waiting ones are one."""

        def can_replace(self, message: Message) -> bool:
            """Say that a later one makes this one needless."""
            return isinstance(message, MainScreen.Arrived)

    class Changed(Message):
        """The title, the bell or the quitting of the app may be due.

        Attributes:
            before: The cut before.
            after: The cut now.
        """

        def __init__(self, before: "Cut | None", after: "Cut") -> None:
            super().__init__()
            self.before = before
            self.after = after

    def __init__(self, desk: Desk, keys: Keys, looks: Looks) -> None:
        super().__init__(id="main")
        self.desk = desk
        self.keys = keys
        self.looks = looks
        self.header = HeaderBar(id="header")
        self.integrations = Integrations(id="integrations")
        self.alerts = Alerts(id="alerts")
        self.changes = Changes(id="changes")
        self.drill = DrillPane(id="drill")
        self.footer = FooterBar(id="footer")
        self.panes: dict[str, Pane] = {
            INTEGRATIONS: self.integrations,
            ALERTS: self.alerts,
            CHANGES: self.changes,
            DRILL: self.drill,
        }
        self.focus_on = ALERTS
        """The pane that keys go to."""
        self.zoomed = False
        self.paused = False
        self.typist = Typist(self.footer, self.drill)
        self.asked: str | None = None
        """The key that leaves at its next press."""
        self.searched = ""
        """What was last looked for among the alerts."""
        self.searched_changes = ""
        """What was last looked for in the feed."""
        self.searched_services = ""
        """What was last looked for on the map."""
        self.histories: dict[str, tuple[str, ...]] = {}
        """Lines typed before, by what they were for."""
        self.cut: Cut | None = None
        self.waiting: Latest[Cut] = Latest()
        """The latest cut that is not shown yet."""
        self.followed: Followed | None = None
        self.cutter: Cutter | None = None
        self.follower: Follower | None = None
        self.feed: FeedView | None = None
        self.over: Checking | Shifting | None = None
        """The screen that is open over this one and follows it: a checklist, the start of a shift."""
        self.walk: Walk = Walk()
        """Where the person is on the map."""
        self._touched = False
        """Whether a key was pressed: until then, and while systems are still asked, the cursor stays on the worst."""
        self.ended = False
        """Whether a recording has been played to its end."""
        self._needs = Needs()
        self._placed: dict[str, Placed] = {}
        self._guard = Guard()
        self._deck = Deck(self._place)
        self._attending: asyncio.TimerHandle | None = None
        self._minute: Timer | None = None
        self._show_first()

    @property
    def layout(self) -> Layout:
        """The arrangement of the panes."""
        return self._deck

    def compose(self) -> Iterable[Widget]:
        """Return header, panes and footer."""
        return (self.header, self.integrations, self.alerts, self.changes, self.drill, self.footer)

    def on_mount(self) -> None:
        """Begin the minutes."""
        self.await_minute()

    @property
    def walks(self) -> bool:
        """Whether there is a map to walk on."""
        if self.cut is None or self.walk.layer is Layer.SERVICES:
            return self.cut is not None and not self.cut.board.map.empty
        from cockpit.slices.layers import layered

        return not layered(self.cut.board, self.walk.layer).map.empty

    # -- what is shown -------------------------------------------------------------------------

    def _show_first(self) -> None:
        context = self.desk.context
        now = self.desk.now()
        self.header.show(first.first_header(context, clocks(now, self.desk.zone)))
        self.integrations.show(first.first_map(context))
        self.alerts.show(first.first_alerts(context))
        self.changes.show(first.first_changes(context))
        self.drill.show(first.first_drill())
        self.alerts.focused = True
        for widget in (self.header, *self.panes.values(), self.footer):
            widget.looks = self.looks
        self.show_hints()

    def receive(self, cut: "Cut") -> None:
        """Take a cut from any thread; the latest one is shown once this screen comes to it."""
        if self.waiting.put(cut):
            self.post_message(self.Arrived())

    def on_main_screen_arrived(self) -> None:
        """Show the latest cut, unless the screen is held."""
        if self.paused and self.cut is not None:
            return
        cut = self.waiting.take()
        if cut is not None:
            self.show(cut)

    def show(self, cut: "Cut") -> None:
        """Show a cut: the list keeps its cursor, and what follows the cursor follows."""
        before, self.cut = self.cut, cut
        shown = first.with_help(self.desk.context, cut.board.systems.values(), cut.alerts)
        top = shown.ids[0] if shown.ids and not self._touched and not cut.settled else None
        self.alerts.show(shown, moved=top)
        self.show_header()
        self.follow()
        self._arrange_again()
        self.post_message(self.Changed(before, cut))

    def show_header(self) -> None:
        """Cut and show the header."""
        self.header.show(header_of(self, self._guard))

    def follow(self) -> None:
        """Show what follows the cursor: drill, integrations, marks in the feed."""
        if self.cut is None:
            return
        follower, feed = self._followers()
        self.followed = found = follower.follow(self.cut.board, self.alerts.cursor, feed, self.walk)
        self.walk = found.walk
        self.drill.show(found.view)
        self.integrations.show(found.map, found.painter)
        self.changes.show(found.changes)
        self.show_hints()
        self._attend()
        if self.over is not None:
            self.over.follow()

    def _followers(self) -> "tuple[Follower, FeedView]":
        if self.follower is None or self.feed is None:
            from cockpit.screens.follow import FeedView, Follower

            self.follower, self.feed = Follower(self.desk), FeedView()
        return self.follower, self.feed

    def _attend(self) -> None:
        if self._attending is not None:
            self._attending.cancel()
        row, watch = self.alerts.cursor, self.desk.watch
        self._attending = asyncio.get_running_loop().call_later(ATTEND_S, lambda: watch.attend(row))

    def look(self, **changed: object) -> None:
        """Change the view of the alert list, and have it cut."""
        if self.cutter is not None:
            self.cutter.look(replace(self.cutter.view, **changed))  # type: ignore[arg-type]  # fields of one dataclass

    def set_feed(self, **changed: object) -> None:
        """Change the view of feed and map."""
        if self.feed is not None:
            self.feed = replace(self.feed, **changed)  # type: ignore[arg-type]  # fields of one dataclass
            self.follow()
            self._arrange_again()

    def tick(self) -> None:
        """Let ages step with the header's minute."""
        self.show_header()
        if self.cut is not None and not self.paused:
            self.cut = replace(
                self.cut, index=replace(self.cut.index, board=replace(self.cut.board, at=self.desk.now()))
            )
            self.follow()
            self.look()
        self.await_minute()

    def await_minute(self) -> None:
        """Wait for the clock's next minute, at whatever speed it runs."""
        speed = float(getattr(self.desk.clock, "speed", 1.0))
        self.ended = bool(getattr(self.desk.clock, "ended", False)) and speed > 0
        if speed <= 0 or self.ended:
            self.show_header()
            return
        now = self.desk.now()
        left = 60 - now.second - now.microsecond / 1e6
        end = getattr(self.desk.clock, "end", None)
        if end is not None:
            left = min(left, (end - now).total_seconds())
        self._minute = self.set_timer(max(0.05, left / speed), self.tick)

    # -- where it stands -----------------------------------------------------------------------

    def _place(self, width: int, height: int) -> dict[str, Placed]:
        self._placed = arrange(width, height, self.focus_on, zoom=self.zoomed, needs=self._needs)
        return self._placed

    def look_at(self, walk: Walk) -> None:
        """Take another place on the map, and give it the room that its drawing needs; the other panes are left alone."""
        turned = (walk.view, walk.layer) != (self.walk.view, self.walk.layer)
        self.walk = walk
        if self.cut is not None:
            self.integrations.show(*self._followers()[0].look(self.cut.board, walk))
        self._arrange_again()
        if turned:
            self.show_hints()

    def _arrange_again(self) -> None:
        """Place the panes anew where that would put any of them elsewhere."""
        needs = needs_of(self)
        width, height = self.size
        wanted = arrange(width, height, self.focus_on, zoom=self.zoomed, needs=needs)
        self._needs = needs
        if self._placed and wanted != self._placed:
            self.alerts.refresh(layout=True)

    def go_to(self, pane: str) -> None:
        """Give the keys to a pane."""
        if pane == self.focus_on:
            return
        self.panes[self.focus_on].focused = False
        self.panes[pane].focused = True
        before, self.focus_on = self.focus_on, pane
        self._arrange_again()
        for name in (before, pane):
            self.panes[name].repaint()
        self.show_hints()

    def zoom(self, zoomed: bool) -> None:
        """Give the pane in focus the whole screen, or give it back."""
        self.zoomed = zoomed
        self._arrange_again()

    # -- what keys do --------------------------------------------------------------------------

    async def on_key(self, event: events.Key) -> None:
        """Do what the key says; while a line is being typed, everything goes there."""
        event.stop()
        event.prevent_default()
        if self.typist.prompt is not None:
            self.typist.press(event.key, event.character)
            return
        self.press(pressed(event))

    def press(self, key: str) -> None:
        """Do what a key means in the pane in focus, or say why not."""
        self._touched = True
        asked, self.asked = self.asked, None
        if self.footer.said is not None:
            self.footer.say("")
        action = self.keys.find(key, self.focus_on)
        if asked is not None and (action is None or action.id != asked):
            asked = None
        self._no_longer_new()
        if action is None:
            other = self.keys.elsewhere(key)
            if other is not None:
                self.say(f"{say_key(key)} ({other.label}) works in {', '.join(other.panes)}", Role.DIM)
            elif key.isprintable() and len(key) == 1:
                self.say(f"{key} does nothing here; ? shows all keys, : finds by name", Role.DIM)
            return
        self.asked = asked
        self.do(action)

    def do(self, action: Action) -> None:
        """Do an action, or say why not."""
        reason = action.why_not(situation(self)) if action.conditional else None
        if reason is not None:
            self.say(reason, Role.WARNING)
            return
        from cockpit.screens.deeds import DEEDS

        DEEDS[action.id](self)

    def _no_longer_new(self) -> None:
        if self.cut is not None and self.cut.news:
            self.cut = replace(self.cut, news=False)
            self.look(known=self.cut.board.folds)

    def on_paste(self, event: events.Paste) -> None:
        """Put a pasted text into the line that is being typed; elsewhere it does nothing."""
        event.stop()
        self.typist.paste(event.text)

    def say(self, text: str, role: Role = Role.STRONG) -> None:
        """Say something in the footer until the next key."""
        self.footer.say(text, role)

    def show_hints(self) -> None:
        """Show the keys of the pane in focus."""
        self.footer.show_hints(hints(self))

    def restyle(self, looks: Looks) -> None:
        """Take another palette or glyph set."""
        self.looks = looks
        for widget in (self.header, *self.panes.values(), self.footer):
            widget.restyle(looks)

    def on_pane_clicked(self, event: Pane.Clicked) -> None:
        """Go to what was clicked."""
        event.stop()
        name = event.pane.id or ""
        if name not in self.panes or self.typist.prompt is not None:
            return
        self._touched = True
        self.go_to(name)
        row = self.alerts.row_at(event.row) if name == ALERTS else None
        if row is not None:
            self.select(row)
        if name == INTEGRATIONS and self.cut is not None:
            from cockpit.screens.walking import point

            point(self, event.row, event.cell)

    def select(self, row: RowId) -> None:
        """Put the alert cursor on a row, and let everything follow."""
        self.alerts.show(self.alerts.value, moved=row)
        self.follow()
