"""What was seen and decided is there again after a restart."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.board.reduce import reduce
from cockpit.board.state import Answered, PriorityChosen
from cockpit.clock import FixedClock
from cockpit.config import Context, SystemSpec
from cockpit.journal.opening import Journal, open_journal, scope_of
from cockpit.model.alert import Heartbeat
from cockpit.model.drill import Priority, Question
from tests.unit.journal.boards import KEY, NOON, alert, answer, at, begin, reading, step


def reopen(folder: Path, minutes: float, context: Context | None = None) -> Journal:
    """Open a journal at a moment."""
    return open_journal(folder, FixedClock(at(minutes)), context)


def test_an_occurrence_goes_on_over_a_restart(tmp_path: Path) -> None:
    """An alert that still fires with another start is the same occurrence, with its answers and priority."""
    journal = reopen(tmp_path, 0)
    board = step(journal, begin(), reading(0, alert("Errors")), reading(3, alert("Errors")))
    occurrence = board.alerts[KEY].occurrence
    said = answer(occurrence)
    journal.write(Answered(said.at, occurrence, said.question, said))
    journal.write(PriorityChosen(at(3), occurrence, Priority.P1))
    journal.close()

    later = reopen(tmp_path, 60)
    board = step(later, begin(later, 60), reading(60, alert("Errors", started=14)))
    assert board.alerts[KEY].occurrence == occurrence
    assert board.persons[occurrence] == {Question.CHANGE: said}
    assert board.chosen == {occurrence: Priority.P1}
    later.close()


def test_a_new_occurrence_quotes_the_last(tmp_path: Path) -> None:
    """A start more than fifteen minutes after the last sighting is a new occurrence, which starts empty."""
    journal = reopen(tmp_path, 0)
    board = step(journal, begin(), reading(0, alert("Errors")), reading(3, alert("Errors")))
    occurrence = board.alerts[KEY].occurrence
    said = answer(occurrence)
    journal.write(Answered(said.at, occurrence, said.question, said))
    journal.close()

    later = reopen(tmp_path, 60)
    board = step(later, begin(later, 60), reading(60, alert("Errors", started=20)))
    new = board.alerts[KEY]
    assert new.opened == at(20)
    assert new.last is not None
    assert (new.last.started, new.last.ended) == (at(0), at(3))
    assert new.occurrence not in board.persons
    later.close()
    past = reopen(tmp_path, 61).recall().past
    assert (past["am/id-Errors-"].started, past["am/id-Errors-"].ended) == (at(0), at(3))


def test_an_ended_occurrence_is_past_and_no_more_open(tmp_path: Path) -> None:
    """What resolved while it was watched is remembered with its end; so is its fold."""
    journal = reopen(tmp_path, 0)
    board = step(journal, begin(), reading(0, alert("Errors"), alert("Other")), reading(5, alert("Other")))
    assert len(journal.recall().open) == 4
    step(journal, board, *(reading(minute, alert("Other")) for minute in (6, 12, 21, 22)))
    journal.close()
    recalled = reopen(tmp_path, 23).recall()
    assert {one.subject for one in recalled.open} == {"am/id-Other-", "fold/Other/payment/"}
    assert set(recalled.past) == {"am/id-Errors-", "fold/Errors/payment/"}
    assert recalled.past["am/id-Errors-"].started == NOON
    assert at(0) <= recalled.past["am/id-Errors-"].ended <= at(6)


def test_a_last_sighting_follows_the_last_good_reading(tmp_path: Path) -> None:
    """What is there is seen whenever its system answers; what vanished was last seen when it was there."""
    journal = reopen(tmp_path, 0)
    readings = [reading(0, alert("Gone"), alert("There"))]
    readings += [reading(minute / 4, alert("There")) for minute in range(1, 40)]
    step(journal, begin(), *readings)
    journal.close()
    seen = {one.subject: one.seen for one in reopen(tmp_path, 10).recall().open}
    assert seen["am/id-There-"] == seen["fold/There/payment/"] == at(39 / 4)
    assert seen["am/id-Gone-"] == seen["fold/Gone/payment/"] == at(0)


def test_what_comes_back_is_seen_again(tmp_path: Path) -> None:
    """An alert that vanished and returned within minutes follows its system's readings again."""
    journal = reopen(tmp_path, 0)
    there = alert("Errors")
    readings = [reading(0, there), *(reading(minute) for minute in (1, 2, 3)), reading(4, there), reading(9, there)]
    step(journal, begin(), *readings)
    journal.close()
    assert {one.seen for one in reopen(tmp_path, 10).recall().open} == {at(9)}


def test_an_answer_that_was_taken_back_stays_away(tmp_path: Path) -> None:
    """The latest act counts; the acts before are kept in the file all the same."""
    journal = reopen(tmp_path, 0)
    board = step(journal, begin(), reading(0, alert("Errors")))
    occurrence = board.alerts[KEY].occurrence
    for value in ("one", "two"):
        said = answer(occurrence, value)
        journal.write(Answered(said.at, occurrence, said.question, said))
    kept = answer(occurrence, "stays", Question.WHAT)
    journal.write(Answered(kept.at, occurrence, kept.question, kept))
    journal.write(Answered(at(2), occurrence, Question.CHANGE, None))
    journal.write(PriorityChosen(at(2), occurrence, Priority.P2))
    journal.write(PriorityChosen(at(3), occurrence, None))
    journal.close()
    recalled = reopen(tmp_path, 4).recall()
    assert recalled.persons == (kept,)
    assert recalled.chosen == {}
    connection = sqlite3.connect(tmp_path / "journal.db")
    assert connection.execute("SELECT count(*) FROM acts").fetchone() == (6,)
    connection.close()


def test_heartbeats_are_remembered(tmp_path: Path) -> None:
    """A heartbeat that was seen before is known after a restart, so that its absence is noticed."""
    journal = reopen(tmp_path, 0)
    step(journal, begin(), reading(0, alert("Watchdog")))
    journal.close()
    later = reopen(tmp_path, 5)
    (beat,) = later.recall().heartbeats
    labels = {"alertname": "Watchdog", "service": "payment"}
    assert beat == Heartbeat("am", 'alertname="Watchdog"', at(0), None, labels, "id-Watchdog-")
    board = step(later, begin(later, 5), *(reading(5 + minute) for minute in range(4)))
    assert board.heartbeats[0].missing_since is not None
    later.close()
    (beat,) = reopen(tmp_path, 10).recall().heartbeats
    assert beat.missing_since is not None
    assert reopen(tmp_path, 60 * 24 * 8).recall().heartbeats == ()


def test_contexts_are_kept_apart(tmp_path: Path) -> None:
    """What was seen in one context is not recalled in another, although they share the file."""
    prod, staging = Context("prod", source="/etc/x"), Context("staging", source="/etc/x")
    journal = reopen(tmp_path, 0, prod)
    step(journal, begin(), reading(0, alert("Errors"), alert("Watchdog")))
    journal.close()
    other = reopen(tmp_path, 1, staging).recall()
    assert (other.open, other.heartbeats) == ((), ())
    assert len(reopen(tmp_path, 1, prod).recall().open) == 2


def test_without_a_file_addresses_tell_contexts_apart() -> None:
    """Contexts made of flags have the same name; their addresses differ, and hold no credential in the journal."""
    one = Context("default", source="command line", systems=(SystemSpec("am", "am", urls=("http://a:b@x:9093",)),))
    other = Context("default", source="command line", systems=(SystemSpec("am", "am", urls=("http://y:9093",)),))
    assert scope_of(one) != scope_of(other)
    assert "a:b" not in scope_of(one)
    assert scope_of(None) == ""


def test_an_answer_follows_its_occurrence_to_another_name(tmp_path: Path) -> None:
    """When the board gives an occurrence another name, what people decided is journalled under it too."""
    journal = reopen(tmp_path, 0)
    before = step(journal, begin(), reading(0, alert("Errors")))
    occurrence = before.alerts[KEY].occurrence
    old = answer("prometheus/lone/20261120T120000Z")
    told = reduce(before, Answered(old.at, occurrence, old.question, old))
    journal.follow(before, told)
    journal.close()
    assert [one.occurrence for one in reopen(tmp_path, 1).recall().persons] == [occurrence]


def test_in_memory_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder it keeps what people did, leaves the rest to the board, and writes no file."""
    monkeypatch.chdir(tmp_path)
    journal = open_journal(None, FixedClock(NOON))
    board = step(journal, begin(journal), reading(0, alert("Errors")))
    said = answer(board.alerts[KEY].occurrence)
    journal.write(Answered(said.at, said.occurrence, said.question, said))
    assert journal.recall().persons == (said,)
    assert not journal.recall().open
    assert journal.error is None
    journal.close()
    assert not list(tmp_path.iterdir())


def test_a_storm_is_written_in_one_step(tmp_path: Path) -> None:
    """Four thousand alerts that begin at once are all there afterwards."""
    journal = reopen(tmp_path, 0)
    storm = [alert(f"A{n % 40}", labels={"pod": f"p{n}"}) for n in range(4000)]
    board = step(journal, begin(), reading(0, *storm))
    assert len(board.alerts) == 4000
    assert len(journal.recall().open) == 4000 + 40
    step(journal, board, *(reading(minute) for minute in range(1, 20)))
    assert journal.waiting == 0
    journal.close()
    recalled = reopen(tmp_path, 20).recall()
    assert recalled.open == ()
    assert len(recalled.past) == 4040


def test_what_ended_long_ago_is_not_brought_back(tmp_path: Path) -> None:
    """Past and open occurrences older than thirty days stay in the file and off the board."""
    journal = reopen(tmp_path, 0)
    step(
        journal,
        begin(),
        reading(0, alert("Errors"), alert("Other")),
        *(reading(m, alert("Other")) for m in range(1, 20)),
    )
    journal.close()
    month = timedelta(days=31).total_seconds() / 60
    recalled = reopen(tmp_path, month).recall()
    assert (recalled.open, dict(recalled.past)) == ((), {})
