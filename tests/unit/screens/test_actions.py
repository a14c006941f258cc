"""The table of actions: one meaning a key, none that terminals garble, a deed and a sentence for each."""

from dataclasses import replace
from pathlib import Path

import pytest

from cockpit.actions import ACTIONS, ANYWHERE, GROUPS
from cockpit.commands import commands
from cockpit.keymap import FORBIDDEN, keys_page, make_keys, unknown_ids
from cockpit.screens.deeds import DEEDS
from cockpit.situation import Situation


@pytest.mark.parametrize("pane", ANYWHERE)
def test_no_key_has_two_meanings(pane: str) -> None:
    """Within reach of one focus each key does one thing."""
    keys = [key for action in ACTIONS if pane in action.panes for key in action.keys]
    assert len(keys) == len(set(keys))


def test_no_key_that_terminals_garble() -> None:
    """No action stands on a key that tmux takes or that a split arrow key sends."""
    for action in ACTIONS:
        assert not FORBIDDEN & set(action.keys)
        assert not {"ctrl+s", "ctrl+q"} >= set(action.keys)
        assert "ctrl+z" not in action.keys or action.id == "suspend"


def test_every_action_has_a_deed_and_a_sentence() -> None:
    """Each action can be done, stands under a heading, and says what it does in a sentence."""
    assert {action.id for action in ACTIONS} == set(DEEDS)
    for action in ACTIONS:
        assert action.help.endswith(".")
        assert action.group in GROUPS
        assert action.label
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_own_keys_take_over() -> None:
    """A key given to an action is taken from whichever had it."""
    keys = make_keys({"zoom": "j, f5"})
    found = keys.find("j", "alerts")
    assert found is not None
    assert found.id == "zoom"
    assert keys.by_id("down").keys == ("down",)


def test_unknown_ids_are_named() -> None:
    """An id that no action has is found."""
    assert unknown_ids(["zoom", "zomo"]) == ("zomo",)


def test_a_reason_for_everything_that_cannot_be_done() -> None:
    """With nothing selected every action that needs something says why not."""
    nothing = Situation(map=False, can_suspend=False)
    needy = {action.id for action in ACTIONS if action.why_not(nothing) is not None}
    assert {"open", "priority", "confirm", "confirm-all", "edit", "copy-drill", "runbook", "link", "view"} <= needy
    ready = replace(
        nothing, selected=True, drill=True, answer=True, decided=True, confirmable=5, runbook=True, link=True,
        foldable=True, change=True, map=True, searched=True, can_suspend=True,
    )  # fmt: skip
    assert not [action.id for action in ACTIONS if action.why_not(ready)]


def test_the_palette_holds_actions_views_and_themes() -> None:
    """The palette lists every action but itself, every named filter and every theme."""
    found = {one.id for one in commands(make_keys({}), Situation(), {"mine": "team=web"}, ["nord"])}
    assert {"zoom", "view mine", "theme nord"} <= found
    assert "palette" not in found


def test_the_keys_page_is_what_the_table_says() -> None:
    """The documents' page of keys is made from the table."""
    page = Path(__file__).parents[3] / "docs" / "keys.md"
    assert page.read_text() == keys_page()


def test_what_cannot_be_done_now_stands_last_in_the_palette() -> None:
    """Impossible actions come after everything that can be done, in the table's order, each with its reason."""
    found = commands(make_keys({}), Situation(), {"mine": "team=web"}, ["nord"])
    reasons = [one.reason is not None for one in found]
    assert any(reasons)
    assert reasons == sorted(reasons)
    last = [one.id for one in found if one.reason is not None]
    assert last == [action.id for action in ACTIONS if action.id in set(last)]
