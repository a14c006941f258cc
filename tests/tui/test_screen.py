"""What a person sees and can do on the main screen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cockpit.board.state import PriorityChosen
from cockpit.model.alert import State
from cockpit.model.drill import Priority, Question, Standing
from cockpit.model.reading import Liveness, Topic
from tests.tui.person import has, sitting
from tests.tui.samples import NOW, alert, sample_alerts, sample_board, sample_desk
from tests.unit.slices.boards import folded


async def test_first_frame_says_asking() -> None:
    """Before anything was answered all four panes stand there and say whom they ask."""
    async with sitting(first=False) as person:
        for label in ("1 Integrations", "2 Alerts", "3 Changes", "4 Drill"):
            assert label in person.screen
        assert has(person.lines, "asking alertmanager")
        assert has(person.lines[:1], "prod-eu", "asking", "14:12 UTC")


async def test_five_answers_at_eighty_by_twenty_four() -> None:
    """At 80 x 24 the worst alert is selected and its five answers can be read."""
    async with sitting() as person:
        assert "PaymentErrorsHigh" in person.cursor
        drill = person.pane("drill")
        assert has(drill, "WHAT", "payment_errors_total > 5 %, now 100 %")
        assert has(drill, "WHEN", "14:06 UTC (15:06 CET), ongoing 6 min")
        assert has(drill, "SCOPE", "100 % of checkout attempts failing at payment step")
        assert has(drill, "CHANGE", "payment-service v2.4.0 at 14:02 UTC, 4 min before")
        assert has(drill, "OWNER", "team-payments (PagerDuty escalation)")


async def test_selecting_moves_everything() -> None:
    """The drill, the integrations pane and the suspect's mark follow the alert cursor at once."""
    async with sitting() as person:
        assert has(person.pane("changes"), "payment-service", "suspect")
        await person.press("j", "j")
        assert "CheckoutLatencyP99" in person.cursor
        assert "CheckoutLatencyP99" in person.title("drill")
        assert not has(person.pane("changes"), "payment-service", "suspect")
        assert "callees 2" in person.title("integrations")


@pytest.mark.parametrize("size", [(80, 23), (80, 24), (120, 40), (200, 50), (100, 30), (119, 35)])
async def test_all_panes_from_eighty_by_twenty_three(size: tuple[int, int]) -> None:
    """From 80 x 23 on every pane is open, and no line is longer than the screen."""
    async with sitting(size=size) as person:
        for name in ("integrations", "alerts", "changes", "drill"):
            assert len(person.pane(name)) >= 2
        assert len(person.lines) == size[1]
        assert all(len(line) == size[0] for line in person.lines)
        assert has(person.pane("drill"), "OWNER")


@pytest.mark.parametrize("size", [(20, 5), (20, 4), (8, 3), (40, 10), (79, 15), (200, 8), (1, 1)])
async def test_tiny_screens(size: tuple[int, int]) -> None:
    """Under 80 x 23 panes fold, down to nothing, and keys still do what they do."""
    async with sitting(size=size) as person:
        await person.press("j", "tab", "+", "_", "2", "k", "question_mark", "q")
        assert len(person.lines) == size[1]


async def test_folded_panes_keep_their_counts() -> None:
    """A pane that is folded to its title still carries its counts."""
    async with sitting(size=(80, 12)) as person:
        assert "16 firing" in person.title("alerts")
        assert person.pane("changes") == []
        assert "4 in the last 4 h" in person.title("changes")


async def test_cursor_stays_on_its_alert() -> None:
    """What arrives above the cursor's row moves neither the cursor nor its row."""
    async with sitting() as person:
        await person.press("j", "j")
        before = person.cursor
        place = person.pane("alerts").index(before)
        worse = alert(90, "AaaNewOutage", "payment", severity="critical", minutes=9)
        alerts = (worse, *sample_alerts())
        await person.gets(replace(sample_board(), alerts={a.key: a for a in alerts}, folds=folded(alerts)))
        assert person.cursor == before
        assert "CheckoutLatencyP99" in person.title("drill")
        assert abs(person.pane("alerts").index(before) - place) <= 1


async def test_cursor_goes_to_the_nearest_when_its_alert_is_gone() -> None:
    """When the alert under the cursor is gone the cursor stands where it was, on another."""
    async with sitting() as person:
        await person.press("j")
        alerts = tuple(a for a in sample_alerts() if a.name != "PodRestarting")
        await person.gets(replace(sample_board(), alerts={a.key: a for a in alerts}, folds=folded(alerts)))
        assert "CheckoutLatencyP99" in person.cursor


async def test_new_ones_are_marked_until_the_next_key() -> None:
    """What came since the last key press is marked and counted, and no longer after the next."""
    async with sitting() as person:
        alerts = (*sample_alerts(), alert(91, "DiskFull", "auth", minutes=0.2))
        await person.gets(replace(sample_board(), alerts={a.key: a for a in alerts}, folds=folded(alerts)))
        assert has(person.pane("alerts"), "+", "DiskFull")
        assert "+1 new" in person.title("alerts")
        await person.press("j")
        assert not has([line[:3] for line in person.pane("alerts")], "+")
        assert "new" not in person.title("alerts")


async def test_filter_hides_and_says_so() -> None:
    """A filter shows what matches while it is typed, says what it hides, and Escape brings everything back."""
    async with sitting() as person:
        await person.press("slash")
        await person.type("latency")
        await person.press("enter")
        assert "CheckoutLatencyP99" in person.cursor
        assert not has(person.pane("alerts"), "PaymentErrorsHigh")
        assert "hidden: 1 at P1?" in person.title("alerts")
        await person.press("escape")
        assert has(person.pane("alerts"), "PaymentErrorsHigh")


async def test_keys_typed_into_a_filter_do_nothing_else() -> None:
    """Letters typed into a filter are letters, whatever they mean elsewhere."""
    async with sitting() as person:
        await person.press("slash")
        await person.type("qjcZ:")
        assert person.app.is_running
        assert "/qjcZ:" in person.lines[-1]
        await person.press("escape")
        assert "details" in person.lines[-1]


async def test_a_filter_that_cannot_be_read_says_why() -> None:
    """A broken matcher is told, and the list stays."""
    async with sitting(size=(120, 40)) as person:
        await person.press("slash")
        await person.type('service=~"("')
        assert "no regular expression" in person.lines[-1]
        assert has(person.pane("alerts"), "PaymentErrorsHigh")


async def test_next_match_after_the_filter_is_gone() -> None:
    """N and N walk through what was last looked for, in the whole list."""
    async with sitting() as person:
        await person.press("slash")
        await person.type("latency")
        await person.press("enter", "escape", "g", "n")
        assert "CheckoutLatencyP99" in person.cursor
        await person.press("g", "N")
        assert "CheckoutLatencyP99" in person.cursor


async def test_confirming_everything_at_one_key() -> None:
    """C in the drill confirms all that is filled and fresh, and the title counts it."""
    async with sitting() as person:
        await person.press("d", "c")
        assert "5 filled, 5 confirmed" in person.title("drill")
        assert len(person.watch.told) == 5


async def test_confirming_needs_the_drill() -> None:
    """C elsewhere says where it works, and decides nothing."""
    async with sitting() as person:
        await person.press("c")
        assert "works in drill" in person.lines[-1]
        assert not person.watch.told


async def test_editing_an_answer() -> None:
    """E edits the answer under the cursor as readline does, Enter keeps it, and no refresh overwrites it."""
    async with sitting() as person:
        await person.press("d", "j", "j", "j", "j", "e", "ctrl+u")
        await person.type("team-web, asked Responder")
        await person.press("ctrl+a", "ctrl+k", "ctrl+y", "enter")
        answer = person.watch.answer
        assert answer is not None
        assert answer.value == "team-web, asked Responder"
        assert has(person.pane("drill"), "OWNER", "* team-web, asked Responder")
        await person.gets(replace(person.watch.board or sample_board(), at=NOW + timedelta(seconds=30)))
        assert has(person.pane("drill"), "OWNER", "* team-web, asked Responder")


async def test_leaving_an_edit_changes_nothing() -> None:
    """Escape leaves an edit, and the answer stays ours."""
    async with sitting() as person:
        await person.press("d", "e", "x", "escape")
        assert not person.watch.told
        assert has(person.pane("drill"), "WHAT", "payment_errors_total > 5 %")


async def test_an_edit_is_kept_for_its_own_drill() -> None:
    """A refresh that selects another alert while a person writes does not carry the words to it."""
    async with sitting() as person:
        await person.press("d", "e", "ctrl+u")
        await person.type("mine")
        alerts = tuple(a for a in sample_alerts() if a.name != "PaymentErrorsHigh")
        await person.gets(replace(sample_board(), alerts={a.key: a for a in alerts}, folds=folded(alerts)))
        await person.press("enter")
        assert "PaymentErrorsHigh" in person.watch.told[-1].occurrence


async def test_unknown_and_taking_back() -> None:
    """U sets an answer to unknown, U takes that back."""
    async with sitting() as person:
        await person.press("d", "u")
        answer = person.watch.answer
        assert answer is not None
        assert answer.standing is Standing.UNKNOWN
        await person.press("U")
        assert person.watch.answer is None
        assert has(person.pane("drill"), "WHAT", "payment_errors_total > 5 %")


async def test_choosing_a_priority() -> None:
    """P offers the four with their meaning; the chosen one loses its question mark."""
    async with sitting() as person:
        await person.press("p")
        assert "rapid response team" in person.screen
        await person.press("2")
        chosen = person.watch.told[-1]
        assert isinstance(chosen, PriorityChosen)
        assert chosen.priority is Priority.P2
        assert "─ P2 ─" in person.title("drill")


async def test_folds_open_and_close() -> None:
    """Z opens the fold under the cursor and closes it again, Z all of them."""
    async with sitting(size=(120, 40)) as person:
        await person.press("j", "z")
        assert has(person.pane("alerts"), "ui-3")
        await person.press("j", "z")
        assert not has(person.pane("alerts"), "ui-3")
        assert "PodRestarting" in person.cursor
        await person.press("Z")
        assert has(person.pane("alerts"), "ui-3")


async def test_hidden_ones_can_be_shown() -> None:
    """Silenced alerts are counted in the title and shown on demand."""
    async with sitting(size=(120, 40)) as person:
        assert not has(person.pane("alerts"), "CertificateExpir")
        assert "1 silenced" in person.title("alerts")
        await person.press("full_stop")
        assert has(person.pane("alerts"), "CertificateExpir")


async def test_zoom_and_back() -> None:
    """+ gives the pane the whole screen, _ gives it back."""
    async with sitting() as person:
        await person.press("plus")
        assert "1 Integrations" not in person.screen
        assert "2 Alerts" in person.lines[1]
        await person.press("underscore")
        assert "1 Integrations" in person.screen


async def test_panes_by_number_and_tab() -> None:
    """Numbers and tab give the keys to a pane."""
    async with sitting() as person:
        for key, name in (("1", "integrations"), ("3", "changes"), ("4", "drill"), ("2", "alerts")):
            await person.press(key)
            assert person.app.main.focus_on == name
        await person.press("tab")
        assert person.app.main.focus_on == "changes"
        await person.press("shift+tab")
        assert person.app.main.focus_on == "alerts"


async def test_leaving_asks_once() -> None:
    """Q at the top asks, another key stays, a second q leaves."""
    async with sitting() as person:
        await person.press("q")
        assert "q again leaves" in person.lines[-1]
        await person.press("j")
        assert person.app.is_running
        await person.press("q", "q")
        assert not person.app.is_running


async def test_control_c_needs_two() -> None:
    """ctrl+c asks for a second press, and q does not count as that."""
    async with sitting() as person:
        await person.press("ctrl+c", "q")
        assert person.app.is_running
        await person.press("ctrl+c", "ctrl+c")
        assert not person.app.is_running


async def test_escape_at_the_top_does_nothing() -> None:
    """A bare Escape at the top changes nothing."""
    async with sitting() as person:
        before = person.screen
        await person.press("escape")
        assert person.screen == before


async def test_details_show_everything() -> None:
    """Enter shows everything known of an alert, and q goes back."""
    async with sitting() as person:
        await person.press("enter")
        assert "pagerduty-checkout" in person.screen
        assert "sum(rate(payment_errors_total[1m]))" in person.screen
        await person.press("q")
        assert "1 Integrations" in person.screen


async def test_details_of_a_change() -> None:
    """Enter on a change shows who reported it and what they said."""
    async with sitting() as person:
        await person.press("3", "enter")
        assert "tag v2.4.0 at 3fa9c1b" in person.screen


async def test_help_names_every_key() -> None:
    """Help lists all actions, and can be scrolled to its end."""
    async with sitting() as person:
        await person.press("question_mark")
        assert "everything that is known" in person.screen
        await person.press("G")
        assert "came since the last key" in person.screen


async def test_palette_finds_an_action() -> None:
    """The palette finds an action by its words and does it."""
    async with sitting() as person:
        await person.press("colon")
        await person.type("whole screen to")
        await person.press("escape", "colon")
        await person.type("zoom")
        await person.press("enter")
        assert "1 Integrations" not in person.screen


async def test_palette_changes_the_theme() -> None:
    """Themes of Textual are in the palette."""
    async with sitting() as person:
        await person.press("colon")
        await person.type("theme nord")
        await person.press("enter")
        assert person.app.theme == "nord"


async def test_pause_holds_the_screen() -> None:
    """A paused screen says so, takes no new board, and shows the latest when it goes on."""
    async with sitting() as person:
        await person.press("ctrl+p")
        assert "PAUSED" in person.lines[0]
        assert person.watch.paused
        await person.gets(replace(sample_board(), alerts={}, folds={}))
        assert has(person.pane("alerts"), "PaymentErrorsHigh")
        await person.press("ctrl+p")
        assert "PAUSED" not in person.lines[0]
        assert not has(person.pane("alerts"), "PaymentErrorsHigh")


async def test_refresh_asks_the_watch() -> None:
    """R asks every system at once."""
    async with sitting() as person:
        await person.press("r")
        assert person.watch.refreshed == 1


async def test_the_watch_hears_where_the_cursor_rests() -> None:
    """The watch is told which alert is looked at once the cursor rests."""
    async with sitting() as person:
        await person.press("j")
        await person.pilot.pause(0.2)
        assert person.watch.attended[-1] == person.app.main.alerts.cursor


async def test_copying_shows_the_text() -> None:
    """Y copies the drill and always shows it to select from, without a frame."""
    async with sitting() as person:
        await person.press("Y")
        assert person.lines[0].startswith("P1? PaymentErrorsHigh")
        assert "OWNER: team-payments (PagerDuty escalation)" in person.screen


async def test_copy_menu() -> None:
    """Y offers matcher, amtool command, PromQL and link."""
    async with sitting() as person:
        await person.press("y")
        for name in ("matcher", "amtool command", "PromQL", "link"):
            assert name in person.screen


async def test_the_window_widens() -> None:
    """W turns the feed's window from 4 h to 24 h, 7 d and back."""
    async with sitting() as person:
        await person.press("w")
        assert "in the last 24 h" in person.title("changes")
        await person.press("w")
        assert "in the last 7 d" in person.title("changes")
        await person.press("w")
        assert "in the last 4 h" in person.title("changes")
        assert person.watch.windows == [timedelta(hours=24), timedelta(days=7), None]


async def test_a_recording_is_asked_for_nothing_that_it_does_not_hold() -> None:
    """While a recording is played a wider window asks nobody: nobody was asked then."""
    async with sitting(desk=replace(sample_desk(), recording=True)) as person:
        await person.press("w")
        assert "in the last 24 h, asked only from" in person.title("changes")
        assert person.watch.windows == []


async def test_whose_alerts() -> None:
    """T turns to the alerts of the person's team, and says which."""
    async with sitting() as person:
        await person.press("t")
        assert has(person.pane("alerts"), "PaymentErrorsHigh")
        assert not has(person.pane("alerts"), "CheckoutLatencyP99")
        assert "team-payments" in person.lines[-1]


async def test_empty_means_who_answered() -> None:
    """An empty list says who answered; with nobody answering it says that instead."""
    async with sitting(replace(sample_board(), alerts={}, folds={})) as person:
        assert has(person.pane("alerts"), "0 alerts, alertmanager answers")
        board = sample_board()
        down = replace(
            board.systems["alertmanager"],
            state=Liveness.DOWN,
            error="connection refused",
            failing_since=NOW - timedelta(minutes=3),
        )
        await person.gets(replace(board, alerts={}, folds={}, systems={**board.systems, "alertmanager": down}))
        assert has(person.pane("alerts"), "alertmanager not answering", "connection refused")
        assert "alertmanager not answering 2m" in person.lines[0]


async def test_nothing_configured_says_what_was_tried() -> None:
    """Without a configuration and with nobody answering the screen says what was tried, and the one command."""
    board = sample_board()
    systems = {
        name: replace(state, state=Liveness.DOWN, answered=None, error="connection refused")
        for name, state in board.systems.items()
    }
    desk = sample_desk(tried=("$ALERTMANAGER_URL is not set", "http://localhost:9093"), source="default")
    async with sitting(replace(board, alerts={}, folds={}, systems=systems), desk=desk) as person:
        assert has(person.lines, "http://localhost:9093")
        assert has(person.lines, "cockpit --alertmanager")
        assert has(person.lines, "cockpit init")


async def test_hostile_text_stays_text() -> None:
    """Markup, escapes and control characters in every text are shown and do nothing."""
    hostile = "[/dev/sda1] [@click=app.quit]x[/] \x1b]52;c;AAAA\x07 \x1b[2J \u202e \x00"
    alerts = (
        replace(
            sample_alerts()[0],
            name=hostile,
            service=hostile,
            annotations={"summary": hostile, hostile: hostile},
            labels={"alertname": hostile, "service": hostile, "severity": hostile},
        ),
    )
    board = sample_board()
    change = replace(board.changes[0], name=hostile, version=hostile, summary=hostile, author=hostile, team=hostile)
    async with sitting(
        replace(board, alerts={a.key: a for a in alerts}, folds=folded(alerts), changes=(change,)), size=(120, 40)
    ) as person:
        for keys in ((), ("enter",), ("q", "y"), ("q", "3", "enter"), ("q", "d", "e")):
            await person.press(*keys)
            assert "[/dev/sda1]" in person.screen or keys == ("q", "d", "e")
            assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for line in person.lines for char in line)
        assert person.app.is_running


async def test_storm_line_stands_above() -> None:
    """A storm has its line above the rows; going up from the first row reaches it, and Enter lists the first to fire."""
    from cockpit.model.alert import Storm

    alerts = tuple(alert(n, "NodeDown", f"svc-{n % 20}", minutes=n / 10, node_pool="gp-3") for n in range(60))
    storm = Storm(60, 20, 20, ("node_pool", "gp-3"), 1.0, tuple(a.key for a in alerts[-5:]))
    board = replace(sample_board(), alerts={a.key: a for a in alerts}, folds=folded(alerts), storm=storm)
    async with sitting(board) as person:
        assert "100 % share node_pool=gp-3" in person.pane("alerts")[0]
        await person.press("k")
        await person.press("enter")
        assert "The first to fire" in person.screen
        assert sum("NodeDown" in line for line in person.lines) == 5


async def test_a_long_list_scrolls_half_a_page() -> None:
    """When the cursor leaves the pane it scrolls by half a page, and the title says where it stands."""
    alerts = tuple(alert(n, f"Alert{n:03d}", "auth", minutes=200 - n) for n in range(100))
    board = replace(sample_board(), alerts={a.key: a for a in alerts}, folds=folded(alerts))
    async with sitting(board) as person:
        rows = len(person.pane("alerts"))
        await person.press(*["j"] * rows)
        assert f"Alert{rows:03d}" in person.cursor
        assert person.pane("alerts").index(person.cursor) == rows // 2
        assert f"{rows + 1}/100" in person.title("alerts")
        await person.press("G")
        assert "Alert099" in person.cursor
        await person.press("g")
        assert "Alert000" in person.cursor


async def test_own_keys() -> None:
    """A key of the configuration does what it was given, and no longer what it did."""
    desk = sample_desk(keys={"zoom": "j,F5"})
    async with sitting(desk=desk) as person:
        await person.press("j")
        assert "1 Integrations" not in person.screen
        await person.press("down")
        assert "PodRestarting" in person.cursor


async def test_production_stands_out() -> None:
    """A production context is marked in the header with a style that nothing else has."""
    from cockpit.model.drawing import Role

    async with sitting(desk=sample_desk(production=True)) as person:
        header = person.app.main.header
        roles = {span.text: span.role for span in header.content(80, 1)[0].line}
        assert roles[" prod-eu "] is Role.PRODUCTION


async def test_drill_evidence_where_there_is_room() -> None:
    """At 120 x 40 the evidence stands under each answer."""
    async with sitting(size=(120, 40)) as person:
        assert has(person.pane("drill"), "alertmanager 14:12: startsAt")
        assert has(person.pane("drill"), "git 14:12: tag v2.4.0 at 3fa9c1b")


async def test_states_are_told_by_signs() -> None:
    """Firing, pending and resolved alerts differ by their sign, not by colour alone."""
    async with sitting() as person:
        for sign, name in (("✗", "PaymentErrorsHigh"), ("◌", "QueueDepthGrowing"), ("✓", "InventoryTimeouts")):
            assert has(person.pane("alerts"), sign, name)
        assert State.PENDING in {a.state for a in sample_alerts()}


async def test_resizing_keeps_cursor_and_focus() -> None:
    """Another size keeps the cursor, the focus and every answer."""
    async with sitting() as person:
        await person.press("j", "d")
        for size in ((120, 40), (60, 20), (200, 50), (80, 24)):
            await person.pilot.resize_terminal(*size)
            await person.pilot.pause()
            assert len(person.lines) == size[1]
            assert person.app.main.focus_on == "drill"
        assert "PodRestarting" in person.cursor
        assert Question.WHAT is person.app.main.drill.question


async def test_the_cursor_is_on_the_worst_until_everything_answered() -> None:
    """While systems are still asked and no key was pressed the cursor stays on the worst, whenever that comes."""
    board = sample_board()
    mild = tuple(a for a in sample_alerts() if a.name == "CheckoutLatencyP99")
    early = replace(
        board,
        alerts={a.key: a for a in mild},
        folds=folded(mild),
        readings={key: reading for key, reading in board.readings.items() if key[1] is not Topic.RULES},
    )
    async with sitting(early) as person:
        assert "CheckoutLatencyP99" in person.cursor
        await person.gets(board)
        assert "PaymentErrorsHigh" in person.cursor
        await person.gets(early)
        assert "CheckoutLatencyP99" in person.cursor


async def test_a_view_of_the_configuration() -> None:
    """Named filters of the configuration are in the palette; one that cannot be read says so."""
    desk = sample_desk(views={"pay": 'service="payment"', "broken": 'x=~"("'})
    async with sitting(desk=desk) as person:
        await person.press("colon")
        await person.type("view pay")
        await person.press("enter")
        assert not has(person.pane("alerts"), "PodRestarting")
        await person.press("colon")
        await person.type("view broken")
        await person.press("enter")
        assert "no regular expression" in person.lines[-1]


async def test_everything_down_keeps_the_last_board() -> None:
    """With everything down the last board stays, dimmed, and the header says since when."""
    from widgets.palette import Tone

    async with sitting() as person:
        board = sample_board()
        down = {
            name: replace(state, state=Liveness.DOWN, failing_since=NOW - timedelta(minutes=3), error="refused")
            for name, state in board.systems.items()
        }
        await person.gets(replace(board, systems=down))
        assert has(person.pane("alerts"), "PaymentErrorsHigh")
        assert "none of 3 systems answers 2m" in person.lines[0]
        rows = person.app.main.alerts._rows
        assert Tone.STALE in {row.tone for row in rows}


async def test_nothing_is_written_for_an_equal_board() -> None:
    """A board that changes nothing repaints nothing."""
    async with sitting() as person:
        panes = person.app.main.panes.values()
        painted = [list(pane._strips) for pane in panes]
        await person.gets(replace(sample_board()))
        for before, pane in zip(painted, panes, strict=True):
            assert all(one is other for one, other in zip(before, pane._strips, strict=True))


async def test_leaving_an_edit_gives_the_footer_back() -> None:
    """After Escape out of an edit the footer shows keys again."""
    async with sitting() as person:
        await person.press("d", "e")
        assert "enter keeps it" in person.lines[-1]
        await person.press("escape")
        assert "confirm" in person.lines[-1]
