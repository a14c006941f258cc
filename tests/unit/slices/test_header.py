"""The header, the terminal's title and the bell."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from cockpit.model.drawing import ASCII
from cockpit.model.reading import Liveness, Peer
from cockpit.slices.header import bells, blind, clocks, cut, terminal_title
from cockpit.slices.index import advance
from tests.unit.slices.boards import NOW, alert, board, system

BERLIN = ZoneInfo("Europe/Berlin")
"""A zone that is not UTC."""


def _texts(*systems: object) -> list[str]:
    made = board(systems=systems)  # type: ignore[arg-type]  # the tests below pass SystemState
    return [text for text, _ in cut(made, NOW, BERLIN, context="prod", production=True).trouble]


def test_only_what_is_not_well_is_named() -> None:
    """Live systems are counted, not named."""
    header = cut(board(systems=[system("am"), system("git", kind="git")]), NOW, BERLIN, context="prod", production=True)
    assert header.trouble == ()
    assert header.live == "2 of 2 live"
    assert header.clocks == ("14:12 UTC", "15:12 CET")


def test_a_system_that_does_not_answer_is_named_with_its_age_and_reason() -> None:
    """Ages step, so that the header stays calm."""
    down = system("splunk", Liveness.DOWN, error="401 Unauthorized: …")
    assert _texts(down, system("am")) == ["✗ splunk not answering 30s (401)"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("502 Bad Gateway", " (502)"),
        ("answered nothing where JSON was expected", " (empty answer)"),
        ("its answer was not complete after 3 s (15 bytes came)", " (too slow)"),
        ("the name splunk.example.com is not known (DNS: Name or service not known)", " (DNS)"),
        ("connection refused", ""),
    ],
)
def test_a_reason_is_told_where_it_says_more_than_that_nobody_answers(error: str, reason: str) -> None:
    """In a word or two: the feed's details and doctor have all of it."""
    assert _texts(system("splunk", Liveness.STALE, error=error), system("am")) == [f"▲ splunk stale 30s{reason}"]


def test_several_that_do_not_answer_share_one_sentence() -> None:
    """Nobody is dropped for want of room, and when all are down that is said at once."""
    down = [system(name, Liveness.DOWN) for name in ("am", "git")]
    assert _texts(*down, system("prom")) == ["✗ not answering 30s: am, git"]
    assert _texts(*down) == ["✗ none of 2 systems answers 30s"]


def test_a_dead_peer_is_counted_against_all() -> None:
    """One of two peers is a state of its own."""
    half = replace(system("am-eu"), peers=(Peer("a", up=True), Peer("b", up=False, error="refused")))
    assert _texts(half) == ["▲ am-eu 1/2"]


def test_skew_late_rules_and_an_unverified_certificate_are_told() -> None:
    """Each is a state of its own."""
    odd = replace(system("prom"), skew_s=12.0, late_s=90.0, insecure=True)
    assert _texts(odd) == ["▲ prom rules late 1m", "▲ prom clock +12s", "prom not verified"]


def test_one_zone_is_enough_where_both_agree() -> None:
    """The clock is not shown twice."""
    assert clocks(NOW, ZoneInfo("UTC")) == ("14:12 UTC",)


def test_the_title_names_the_worst_and_counts_all() -> None:
    """A window list tells the worst alert."""
    made = board(alert(1, severity="critical"), alert(2, name="Other"))
    assert terminal_title(advance(None, made), NOW) == "✗1 P2? payment | 2 firing"


def test_the_title_says_blind_when_no_alert_system_answers() -> None:
    """The last board is no excuse."""
    made = board(alert(1), systems=[system("am", Liveness.DOWN)])
    assert blind(made) is not None
    assert terminal_title(advance(None, made), NOW) == "BLIND am 30s"


def test_the_bell_rings_once_for_a_new_loud_fold_and_for_blindness() -> None:
    """Mild alerts and repeated boards ring nothing."""
    quiet = advance(None, board(alert(9, name="Mild")))
    loud = advance(quiet, board(alert(9, name="Mild"), alert(1, severity="critical")))
    assert bells(None, loud) == ()
    assert bells(quiet, loud) == ("P2 HighErrorRate payment",)
    assert bells(loud, advance(loud, replace(loud.board, at=NOW + timedelta(seconds=9)))) == ()
    dark = advance(
        loud, board(alert(9, name="Mild"), alert(1, severity="critical"), systems=[system("am", Liveness.DOWN)])
    )
    assert bells(loud, dark) == ("no alert system answers",)


def test_the_title_is_written_in_the_glyph_set() -> None:
    """Where the locale is not UTF-8 the terminal's title has no sign that it cannot show."""
    for shown in (board(alert(1)), board()):
        title = terminal_title(advance(None, shown), NOW, ASCII)
        assert title.isascii()
        assert title.startswith(("X1 P3? payment | 1 firing", "v 0 firing"))


def test_a_clock_that_is_wrong_by_years_is_called_wrong() -> None:
    """Skew of seconds and hours is told; more than a day is no skew any more."""
    assert _texts(replace(system("am"), skew_s=-90.0)) == ["▲ am clock -1m"]
    assert _texts(replace(system("am"), skew_s=-5 * 365 * 86400.0)) == ["▲ am clock wrong"]
