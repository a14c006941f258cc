"""What somebody in a hurry, with only a keyboard, is told and spared."""

from dataclasses import replace

from cockpit.matchers import parse_matcher
from cockpit.model.alert import Heartbeat
from tests.tui.person import has, sitting
from tests.tui.samples import NOW, sample_board


async def test_escape_leaves_mine() -> None:
    """What an empty list of one's own alerts says is true: Escape shows all."""
    async with sitting() as person:
        await person.press("t", "t")
        assert has(person.pane("alerts"), "esc shows all")
        await person.press("escape")
        assert has(person.pane("alerts"), "PaymentErrorsHigh")
        assert "[mine]" not in person.title("alerts")


async def test_header_counts_all_while_rows_are_left_out() -> None:
    """While a filter stands the header says how many fire in all; without one it does not."""
    async with sitting() as person:
        assert "firing in all" not in person.lines[0]
        await person.press("/")
        await person.type("nothing-like-it")
        await person.press("enter")
        assert "16 firing in all" in person.lines[0]
        await person.press("escape")
        assert "firing in all" not in person.lines[0]


async def test_a_key_without_a_meaning_says_so() -> None:
    """A key that does nothing says so and names the help; an arrow key torn apart does no harm either."""
    async with sitting() as person:
        for key in ("x", "a", "A"):
            await person.press(key)
            assert f" {key} does nothing here; ? shows all keys" in person.lines[-1]


async def test_what_needs_an_alert_says_so() -> None:
    """With no alert in the list, what would need one says that, not something else that is missing."""
    async with sitting(replace(sample_board(), alerts={}, folds={})) as person:
        for key, said in (("z", "no alert is selected"), ("b", "no alert is selected"), ("Z", "nothing to unfold")):
            await person.press(key)
            assert said in person.lines[-1]


async def test_the_header_says_shortly_what_is_wrong_with_the_journal() -> None:
    """What is wrong with the journal fits the narrowest header; where its file lies stands in the log."""
    place = "/home/somebody/.local/state/cockpit/journal.db"
    for error, said in (
        (f"{place} is locked by another program; answers wait in memory", "journal locked, answers wait in memory"),
        (f"no space left for {place}; make room, answers wait in memory", "journal full: no space left"),
        (f"{place} is of version 9, this Cockpit knows 1: it is only read, and nothing is kept", "only read"),
    ):
        async with sitting(replace(sample_board(), journal_error=error)) as person:
            assert said in person.lines[0]
            assert "/home" not in person.lines[0]


async def test_a_span_of_nothing_is_not_told() -> None:
    """What is missing since this moment is missing, not missing for nothing."""
    beat = Heartbeat("alertmanager", 'alertname="Watchdog"', NOW, NOW, {"alertname": "Watchdog"})
    async with sitting(replace(sample_board(), heartbeats=(beat,))) as person:
        assert "Watchdog missing" in person.lines[0]
        assert "missing 0s" not in person.lines[0]


async def test_matchers_are_handed_to_the_servers() -> None:
    """Matchers of a filter go to whoever asks the servers once they were typed, not while; Escape takes them back."""
    async with sitting() as person:
        await person.press("/")
        await person.type('ui severity="warning"')
        assert person.watch.narrowed == []
        await person.press("enter")
        assert person.watch.narrowed == [(parse_matcher('severity="warning"'),)]
        await person.press("escape")
        assert person.watch.narrowed[-1] == ()


async def test_rows_are_marked_and_copied_together() -> None:
    """Space marks a row, the title counts them, the copy menu takes all of them, and Escape takes the marks away."""
    async with sitting() as person:
        await person.press("space", "j", "space")
        assert "─ 2 marked" in person.title("alerts")
        assert [line[2:4] for line in person.pane("alerts")[:3]] == ["✗*", "✗*", "▲ "]
        await person.press("y")
        assert "Copy ─ 2 marked" in person.screen
        assert "2 matchers" in person.screen
        assert "2 amtool commands" in person.screen
        await person.press("escape", "space")
        assert "─ 1 marked" in person.title("alerts")
        await person.press("escape")
        assert "marked" not in person.title("alerts")
        assert "*" not in "".join(line[:5] for line in person.pane("alerts"))
