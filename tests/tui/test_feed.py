"""The deploy feed at the keys: filtered, grouped, read, at ten thousand rows too."""

from dataclasses import replace
from datetime import timedelta

from cockpit.model.change import Change, ChangeKind, Progress
from tests.tui.person import has, sitting
from tests.tui.samples import NOW, sample_board


def _many(count: int) -> tuple[Change, ...]:
    """Return so many changes over the last hours, newest first."""
    base = sample_board().changes[0]
    return tuple(
        replace(
            base,
            id=f"svc-{number % 300}@v{number}@x",
            service=f"svc-{number % 300}",
            name=f"svc-{number % 300}",
            version=f"v{number}",
            team=f"team-{number % 20}" if number % 7 else None,
            kind=ChangeKind.FLAG if number % 5 == 0 else ChangeKind.DEPLOY,
            began=NOW - timedelta(seconds=number),
            progress=Progress.ROLLING if number == 2 else Progress.FAILED if number == 3 else Progress.UNKNOWN,
        )
        for number in range(count)
    )


async def test_fields_and_words_narrow_the_feed() -> None:
    """The prompt says which fields there are; the title how many are left; Escape shows all again."""
    async with sitting(replace(sample_board(), changes=_many(40)), size=(120, 40)) as person:
        await person.press("3", "slash")
        assert has(person.lines[-1:], "team: kind: system: service:")
        await person.press(*"kind:flag", "space", *"team:none", "enter")
        assert "/kind:flag team:none: 2 of 40 in the last 4 h" in person.title("changes")
        assert has(person.pane("changes"), "⚑", "flag", "no owner")
        await person.press("n")
        await person.press("escape")
        assert "3 Changes ─ 40 in the last 4 h" in person.title("changes")


async def test_v_groups_the_feed_by_service() -> None:
    """One key puts each service's changes behind a heading, and puts them back; the cursor stays on its change."""
    async with sitting(replace(sample_board(), changes=_many(620)), size=(120, 40)) as person:
        await person.press("3", "j", "v")
        assert "by service, 620 in the last 4 h" in person.title("changes")
        assert has(person.pane("changes"), "svc-1  3 changes")
        assert has(person.pane("changes"), "›", "svc-1 v1 ")
        await person.press("k")
        assert has(person.pane("changes"), "›", "svc-0 v600")
        await person.press("v")
        assert "by service" not in person.title("changes")


async def test_a_deploy_in_progress_and_a_failed_one_stand_out() -> None:
    """Both say what they are in the pane, and Enter tells the whole."""
    async with sitting(replace(sample_board(), changes=_many(40)), size=(120, 40)) as person:
        assert has(person.pane("changes"), "svc-2", "rolling <1m")
        assert has(person.pane("changes"), "✗", "svc-3", "failed")
        await person.press("3", "j", "j", "enter")
        assert has(person.lines, "still rolling")
        assert has(person.lines, "Who was asked")


async def test_ten_thousand_rows_scroll_filter_and_end() -> None:
    """The last row is reached, half pages go through, and a filter finds what lies deep."""
    async with sitting(replace(sample_board(), changes=_many(10_000)), size=(120, 40)) as person:
        await person.press("3", "G")
        assert has(person.pane("changes"), "›", "svc-99 v9999")
        await person.press("ctrl+u", "g")
        assert has(person.pane("changes"), "›", "svc-0 v0")
        await person.press("slash", *"v9876", "enter")
        assert "/v9876: 1 of 10,000" in person.title("changes")
        assert has(person.pane("changes"), "svc-276 v9876")
