"""Looking: filters and finding, folds, whose alerts, windows, views, refresh and pause."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from cockpit.actions import CHANGES, INTEGRATIONS
from cockpit.model.alert import AlertKey, FoldKey
from cockpit.model.drawing import Role
from cockpit.screens import walking
from cockpit.screens.prompt import Behind, Prompt
from widgets.lineedit import editing

if TYPE_CHECKING:
    from cockpit.screens.main import MainScreen

WINDOWS = (timedelta(hours=24), timedelta(days=7))
"""What the window of changes widens to, after the configured one."""
_HISTORY = 50


def filter_rows(screen: "MainScreen") -> None:
    """Ask for a filter; the list follows while it is typed, Escape brings the old one back."""
    if screen.cut is None or screen.cutter is None:
        screen.say("nothing was answered yet", Role.DIM)
        return
    if screen.focus_on == CHANGES:
        _filter_changes(screen)
        return
    if screen.focus_on == INTEGRATIONS and screen.walks:
        walking.find(screen)
        return
    from cockpit.slices.filter import NO_FILTER, FilterError, parse_filter

    before = screen.cutter.view.filter

    def typed(text: str) -> Behind:
        try:
            wanted = parse_filter(text) if text.strip() else NO_FILTER
        except FilterError as error:
            screen.look(filter=before)
            return f"not yet: {error}", Role.WARNING
        screen.look(filter=wanted)
        return "", Role.DIM

    def done(text: str) -> None:
        if typed(text)[0]:
            screen.look(filter=before)
            screen.say(typed(text)[0].removeprefix("not yet: "), Role.WARNING)
            return
        screen.desk.watch.narrow(screen.cutter.view.filter.matchers if screen.cutter is not None else ())
        screen.searched = text.strip() or screen.searched
        _remember(screen, "filter", text)

    _ask(screen, Prompt("/", done, lambda: screen.look(filter=before), typed, editing(before.text)), "filter")


def _filter_changes(screen: "MainScreen") -> None:
    from cockpit.slices.feedfilter import FIELDS, NO_FEED_FILTER, parse

    before = screen.feed.filter if screen.feed is not None else NO_FEED_FILTER
    told: Behind = (f"words, !word, {' '.join(f'{name}:' for name in FIELDS)}", Role.DIM)

    def typed(text: str) -> Behind:
        screen.set_feed(filter=parse(text))
        return told if not text else ("", Role.DIM)

    def done(text: str) -> None:
        typed(text)
        screen.searched_changes = text.strip() or screen.searched_changes
        _remember(screen, "changes", text)

    prompt = Prompt("/", done, lambda: screen.set_feed(filter=before), typed, editing(before.text), behind=told)
    _ask(screen, prompt, "changes")


def _ask(screen: "MainScreen", prompt: Prompt, what: str) -> None:
    prompt.history = screen.histories.get(what, ())
    screen.typist.ask(prompt)


def _remember(screen: "MainScreen", what: str, text: str) -> None:
    if text.strip():
        known = [line for line in screen.histories.get(what, ()) if line != text]
        screen.histories[what] = (*known, text)[-_HISTORY:]


def next_match(screen: "MainScreen", way: int) -> None:
    """Move to the next row that matches what was last looked for, whether or not the filter still stands."""
    if screen.cut is None:
        return
    if screen.focus_on == INTEGRATIONS:
        walking.next_match(screen, way)
        return
    found = _matching_change(screen) if screen.focus_on == CHANGES else _matching_alert(screen)
    rows: tuple[object, ...] = screen.alerts.value.ids
    here = screen.alerts.index
    if screen.focus_on == CHANGES:
        rows, here = screen.changes.value.ids, screen.changes.index
    start = here if here is not None else -1
    for step in range(1, len(rows) + 1):
        there = (start + way * step) % len(rows)
        if found(there):
            if screen.focus_on == CHANGES:
                screen.changes.move(there - start)
            else:
                screen.select(screen.alerts.value.ids[there])
            return
    wanted = screen.searched_changes if screen.focus_on == CHANGES else screen.searched
    screen.say(f"no row matches {wanted}", Role.DIM)


def _matching_alert(screen: "MainScreen") -> Callable[[int], bool]:
    from cockpit.slices.filter import parse_filter

    assert screen.cut is not None
    index, ids, wanted = screen.cut.index, screen.alerts.value.ids, parse_filter(screen.searched)

    def matches(number: int) -> bool:
        row = ids[number]
        keys = index.board.folds[row].alerts if isinstance(row, FoldKey) else (row,)
        return any(wanted.keeps(index.hays[key][1], index.hays[key][0].labels) for key in keys)

    return matches


def _matching_change(screen: "MainScreen") -> Callable[[int], bool]:
    from cockpit.slices.changes import known_changes
    from cockpit.slices.feedfilter import parse, passing
    from cockpit.slices.feedindex import index_of

    assert screen.cut is not None
    index = index_of(known_changes(screen.cut.board, screen.feed.window if screen.feed is not None else None))
    found = passing(parse(screen.searched_changes), index.hays, index.columns, len(index.changes))
    matching, ids = {index.changes[place].id for place in found}, screen.changes.value.ids
    return lambda number: ids[number] in matching


def turn_whose(screen: "MainScreen") -> None:
    """Turn between all alerts, the team's and the person's own."""
    if screen.cutter is None:
        return
    from cockpit.slices.alerts import Whose

    order = [Whose.ALL, *([Whose.TEAM] if screen.desk.context.me.teams else []), Whose.MINE]
    whose = order[(order.index(screen.cutter.view.whose) + 1) % len(order)]
    screen.look(whose=whose)
    teams = ", ".join(screen.desk.context.me.teams)
    said = {Whose.ALL: "all alerts", Whose.TEAM: f"alerts of {teams}", Whose.MINE: "alerts that you have"}[whose]
    screen.say(said, Role.DIM)


def fold(screen: "MainScreen") -> None:
    """Open or close the fold under the cursor; from a member the cursor goes to its fold."""
    if screen.focus_on == INTEGRATIONS:
        walking.fold(screen)
        return
    row = screen.alerts.cursor
    if row is None or screen.cut is None or screen.cutter is None:
        return
    if isinstance(row, AlertKey) and not isinstance(row, FoldKey):
        owner = next((key for key, one in screen.cut.board.folds.items() if row in one.alerts), None)
        if owner is None:
            return
        screen.alerts.cursor = row = owner
    screen.look(open=screen.cutter.view.open ^ {row})


def fold_all(screen: "MainScreen") -> None:
    """Open or close all folds."""
    if screen.focus_on == INTEGRATIONS:
        walking.unfold_all(screen)
        return
    if screen.cutter is None or screen.cut is None:
        return
    row = screen.alerts.cursor
    if isinstance(row, AlertKey) and screen.cutter.view.all_open:
        screen.alerts.cursor = next((key for key, one in screen.cut.board.folds.items() if row in one.alerts), row)
    screen.look(all_open=not screen.cutter.view.all_open, open=frozenset())


def mark(screen: "MainScreen") -> None:
    """Mark the row under the cursor, or take its mark away."""
    row = screen.alerts.cursor
    if row is not None and screen.cutter is not None:
        screen.look(marked=screen.cutter.view.marked ^ {row})


def show_hidden(screen: "MainScreen") -> None:
    """Show or hide silenced, inhibited and dimmed alerts."""
    if screen.cutter is not None:
        screen.look(hidden=not screen.cutter.view.hidden)
        screen.say(
            "silenced, inhibited and dimmed alerts " + ("shown" if screen.cutter.view.hidden else "hidden"), Role.DIM
        )


def turn_sort(screen: "MainScreen") -> None:
    """Turn between the orders of the list."""
    if screen.cutter is not None:
        from cockpit.slices.alerts import Sort

        order = list(Sort)
        screen.look(sort=order[(order.index(screen.cutter.view.sort) + 1) % len(order)])
        screen.say(f"sorted {screen.cutter.view.sort}", Role.DIM)


def widen(screen: "MainScreen") -> None:
    """Widen the window of changes, and after the widest begin anew."""
    if screen.feed is None:
        return
    order = [None, *(window for window in WINDOWS if window > screen.desk.context.window)]
    window = order[(order.index(screen.feed.window) + 1) % len(order)]
    screen.set_feed(window=window)
    if not screen.desk.recording:  # nobody was asked for more than it holds, and what it holds is no answer to that
        screen.desk.watch.widen(window)


def group(screen: "MainScreen") -> None:
    """Turn the feed between newest first and by service."""
    if screen.feed is not None:
        screen.set_feed(grouped=not screen.feed.grouped)


def refresh(screen: "MainScreen") -> None:
    """Ask every system now."""
    screen.desk.watch.refresh()
    screen.say("asking every system", Role.DIM)


def pause(screen: "MainScreen") -> None:
    """Hold the screen as it is, or let it go on with the latest."""
    screen.paused = not screen.paused
    screen.desk.watch.pause(screen.paused)
    screen.show_header()
    cut = None if screen.paused else screen.waiting.take()
    if cut is not None:
        screen.show(replace(cut))
