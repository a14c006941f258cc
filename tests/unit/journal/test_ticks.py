"""Ticks of checklists are kept as answers are: on the disk at once, and there again after a restart."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.reduce import reduce
from cockpit.board.state import Answered, PriorityChosen, Ticked
from cockpit.clock import FixedClock
from cockpit.journal.opening import Journal, open_journal
from cockpit.journal.schema import SCHEMA
from cockpit.model.drill import Priority
from tests.unit.journal.boards import KEY, NOON, alert, answer, at, begin, reading, step

_WHERE = "am/x/20261120T120000Z"
_KILLED = """
import os, signal, sys
from pathlib import Path
from cockpit.board.state import Ticked
from cockpit.clock import FixedClock
from cockpit.journal.opening import open_journal
from tests.unit.journal.boards import NOON
journal = open_journal(Path(sys.argv[1]), FixedClock(NOON))
for number in range(5):
    journal.write(Ticked(NOON, "am/x/20261120T120000Z", f"service {number}", by="first"))
journal.write(Ticked(NOON, "am/x/20261120T120000Z", "service 3", ticked=False))
os.kill(os.getpid(), signal.SIGKILL)
"""


def reopen(folder: Path, minutes: float = 1) -> Journal:
    """Open a journal at a moment."""
    return open_journal(folder, FixedClock(at(minutes)))


def test_ticks_survive_being_killed(tmp_path: Path) -> None:
    """After `kill -9` right behind the last act every tick is there, and what was taken away is not."""
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == -signal.SIGKILL
    ticks = reopen(tmp_path).recall().ticks
    assert [(tick.item, tick.by, tick.occurrence) for tick in ticks] == [
        (f"service {number}", "first", _WHERE) for number in (0, 1, 2, 4)
    ]


def test_a_tick_is_on_the_board_after_a_restart(tmp_path: Path) -> None:
    """Ticks of an occurrence that goes on stand beside its answer and its priority; none takes another's place."""
    journal = reopen(tmp_path, 0)
    board = step(journal, begin(), reading(0, alert("Errors")))
    occurrence = board.alerts[KEY].occurrence
    said = answer(occurrence)
    journal.write(Answered(said.at, occurrence, said.question, said))
    journal.write(PriorityChosen(at(3), occurrence, Priority.P1))
    ticks = [Ticked(at(3), occurrence, name, by="first") for name in ("payment", "order")]
    for tick in ticks:
        journal.write(tick)
    journal.close()
    later = reopen(tmp_path, 4)
    board = begin(later, 4)
    assert board.ticks == {occurrence: {tick.item: tick for tick in ticks}}
    assert board.chosen == {occurrence: Priority.P1}
    assert board.persons[occurrence] == {said.question: said}
    later.close()


def test_a_tick_follows_its_occurrence_to_another_name(tmp_path: Path) -> None:
    """What the board ticks under a name that the journal does not have is journalled under it too."""
    for journal in (reopen(tmp_path, 0), open_journal(None, FixedClock(NOON))):
        before = begin()
        told = reduce(before, Ticked(at(0), _WHERE, "payment", by="first"))
        journal.follow(before, told)
        assert [(tick.occurrence, tick.item) for tick in journal.recall().ticks] == [(_WHERE, "payment")]
        journal.close()


def test_a_journal_of_a_newer_version_takes_no_tick(tmp_path: Path) -> None:
    """A file that is only read is left as it is, and its ticks are recalled."""
    journal = reopen(tmp_path)
    journal.write(Ticked(at(0), _WHERE, "payment"))
    journal.close()
    file = tmp_path / "journal.db"
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    before = file.read_bytes()
    journal = reopen(tmp_path)
    journal.write(Ticked(at(1), _WHERE, "order"))
    assert [tick.item for tick in journal.recall().ticks] == ["payment"]
    assert journal.read_only
    journal.close()
    assert file.read_bytes() == before


_ACTS = st.lists(st.tuples(st.sampled_from(["a", "b'; --", "漢 字"]), st.booleans()), max_size=8)


@settings(max_examples=25, deadline=None)
@given(_ACTS)
def test_the_last_act_counts(tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, bool]]) -> None:
    """Of each line the last act counts, in a file and in memory alike."""
    wanted = {item for item, ticked in dict(acts).items() if ticked}
    folder = tmp_path_factory.mktemp("j")
    for place in (folder, None):
        journal = open_journal(place, FixedClock(NOON))
        for item, ticked in acts:
            journal.write(Ticked(NOON, _WHERE, item, ticked=ticked))
        assert {tick.item for tick in journal.recall().ticks} == wanted
        journal.close()
