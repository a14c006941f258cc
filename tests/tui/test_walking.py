"""Walking on the map by keys, as somebody who looks for the cause does."""

import pytest

from cockpit.screens import walking
from tests.tui.person import has, sitting


async def test_l_and_h_walk_along_the_calls() -> None:
    """In the integrations pane `l` goes down to the worst callee, `h` back the way one came."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1")
        start = person.app.main.walk.here
        assert start == "payment"
        await person.press("h")
        caller = person.app.main.walk.here
        assert caller != start
        await person.press("l")
        assert person.app.main.walk.here == start


async def test_the_alert_list_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking to a service that alerts puts the alert cursor on its worst row once it rests, and the drill follows."""
    monkeypatch.setattr(walking, "REST_S", 0.0)
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "f")
        first = person.app.main.walk.here
        await person.press("f")
        second = person.app.main.walk.here
        assert first != second
        assert second in person.cursor.lower() or has([person.title("drill")], "─")
        row = person.app.main.alerts.cursor
        assert row is not None
        assert getattr(row, "service", "") == second


async def test_an_alert_leads_the_map() -> None:
    """Going on to another alert moves the map to its service, wherever one had walked."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "h", "2", "j")
        main = person.app.main
        assert getattr(main.alerts.cursor, "service", "") == main.walk.here == main.walk.centre


async def test_a_find_follows_what_is_typed_and_escape_goes_back() -> None:
    """`/` on the map goes to the service that is typed; Escape brings one back, Enter stays, `n` goes on."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "/")
        await person.type("inv")
        assert person.app.main.walk.here == "inventory"
        await person.press("escape")
        assert person.app.main.walk.here == "payment"
        await person.press("/")
        await person.type("inv")
        await person.press("enter", "backspace")
        assert person.app.main.walk.here == "payment"
        await person.press("n")
        assert person.app.main.walk.here == "inventory"
        await person.press("/")
        await person.type("no such")
        assert has(person.lines[-1:], "no service of that name")


async def test_enter_and_backspace_keep_a_history() -> None:
    """Enter makes the service under the cursor the focus, Backspace goes back, and at the begin it leaves the pane."""
    async with sitting(size=(120, 40)) as person:
        main = person.app.main
        await person.press("1", "h", "enter")
        assert main.walk.centre == main.walk.here != "payment"
        await person.press("backspace")
        assert main.walk.centre == "payment"
        await person.press("backspace")
        assert main.focus_on == "alerts"


async def test_where_there_is_no_way_it_says_so() -> None:
    """A step that cannot be taken says why in the footer."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "/")
        await person.type("stock-db")
        await person.press("enter", "l")
        assert has(person.lines[-1:], "stock-db calls nothing that the map knows")


async def test_the_views_turn_and_the_blast_radius_is_counted() -> None:
    """`v` turns the views; `m` says what feels a failure, and again gives the view back."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "v")
        assert "around payment" in person.title("integrations")
        await person.press("m")
        assert "what feels a failure of payment: " in person.title("integrations")
        await person.press("m")
        assert "around payment" in person.title("integrations")


@pytest.mark.parametrize("view", ["chain", "subway", "tree", "overview"])
async def test_a_click_puts_the_cursor_on_what_is_drawn_there(view: str) -> None:
    """With the mouse a service, or a cell of the overview, is chosen where it is drawn."""
    async with sitting(size=(120, 40)) as person:
        main, views = person.app.main, ["chain", "subway", "tree", "overview"]
        await person.press("1", *("v" for _ in range(views.index(view))))
        here = main.walk.cell if view == "overview" else main.walk.here
        row, cell, cells, name = next(one for one in main.integrations.names if one[3] != here)
        await person.pilot.click("#integrations", offset=(cell + cells, row + 1))
        assert (main.walk.cell if view == "overview" else main.walk.here) == name


async def test_the_footer_says_what_the_keys_do_where_one_is() -> None:
    """In the overview and on the layers, the keys that do something else there are called by what they do."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1")
        assert "l worst callee" in person.lines[-1]
        await person.press("ctrl+o")
        assert "enter choose  l column right" in person.lines[-1]
        await person.press("V")
        assert "enter everything known" in person.lines[-1]
        await person.press("V", "V")
        assert "enter choose" in person.lines[-1]
        await person.press("ctrl+o")
        assert "enter focus" in person.lines[-1]


async def test_a_leaf_does_not_pretend_to_fold() -> None:
    """`z` on a service that calls nothing says so, and draws nothing else."""
    async with sitting(size=(120, 40)) as person:
        await person.press("1", "/")
        await person.type("ledger")
        await person.press("enter", "z")
        assert "ledger calls nothing" in person.lines[-1]
        await person.press("Z")
        assert "nothing is folded away" in person.lines[-1]


async def test_help_on_the_map_begins_with_how_to_walk() -> None:
    """The first page of the help, at 80 columns too, tells the keys of the pane it was asked in."""
    async with sitting(size=(80, 24)) as person:
        await person.press("1", "?")
        assert "Walk" in person.lines[1]
        assert "Go to the worst service that this one calls." in person.screen


async def test_a_title_without_room_still_says_which_rows_are_seen() -> None:
    """A drawing that is higher than its pane is never taken for all of it, however long the title is."""
    async with sitting(size=(80, 24)) as person:
        await person.press("1", "v", "v")
        assert " of " in person.title("integrations")


async def test_what_is_in_sight_is_not_counted_as_out_of_sight() -> None:
    """A firing service that is seen, and named once more further down, is not said to fire out of sight."""
    async with sitting(size=(120, 24)) as person:
        await person.press("1", "v", "v")
        assert any("✗ payment" in line for line in person.pane("integrations"))
        assert "rows " in person.title("integrations")
        assert "firing out of sight" not in person.title("integrations")
        await person.press("g")
        assert "firing out of sight" not in person.title("integrations")
