"""Notes for the next shift are kept as everything that people do: on the disk at once, and there again however late."""

import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.people import MOST_NOTES, joined_notes
from cockpit.board.reduce import reduce, with_setup
from cockpit.board.state import Noted, Recalled, Ticked
from cockpit.clock import FixedClock
from cockpit.config import Context
from cockpit.journal.opening import Journal, open_journal
from cockpit.journal.schema import SCHEMA
from cockpit.poller.keeper import Keeper
from tests.unit.journal.boards import NOON, at, begin

_KILLED = """
import os, signal, sys
from pathlib import Path
from cockpit.board.state import Noted
from cockpit.clock import FixedClock
from cockpit.journal.opening import open_journal
from tests.unit.journal.boards import NOON, at
journal = open_journal(Path(sys.argv[1]), FixedClock(NOON))
for number in range(3):
    journal.write(Noted(at(number), f"note {number}", "first"))
os.kill(os.getpid(), signal.SIGKILL)
"""


def reopen(folder: Path, minutes: float = 1) -> Journal:
    """Open a journal at a moment."""
    return open_journal(folder, FixedClock(at(minutes)))


def test_notes_survive_being_killed(tmp_path: Path) -> None:
    """After `kill -9` right behind the last act every note is there, oldest first, with its time and who left it."""
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == -signal.SIGKILL
    notes = reopen(tmp_path).recall().notes
    assert notes == tuple(Noted(at(number), f"note {number}", "first") for number in range(3))


def test_a_note_grows_never_too_old(tmp_path: Path) -> None:
    """Whoever comes back after a year is told what the last hand-off said."""
    journal = reopen(tmp_path, 0)
    journal.write(Noted(at(0), "see the wiki", "first"))
    journal.close()
    later = open_journal(tmp_path, FixedClock(NOON + timedelta(days=365)))
    assert [note.text for note in later.recall().notes] == ["see the wiki"]
    later.close()


def test_contexts_have_notes_of_their_own(tmp_path: Path) -> None:
    """A note about one context is not shown in another."""
    for name in ("prod", "staging"):
        journal = open_journal(tmp_path, FixedClock(NOON), Context(name, source="config.toml"))
        journal.write(Noted(at(0), f"about {name}"))
        assert [note.text for note in journal.recall().notes] == [f"about {name}"]
        journal.close()


def test_a_note_on_the_board_is_kept_where_the_journal_has_it_not(tmp_path: Path) -> None:
    """What the board has and the journal has not is journalled once, in a file and in memory alike."""
    for journal in (reopen(tmp_path, 0), open_journal(None, FixedClock(NOON))):
        before = begin()
        told = reduce(before, Noted(at(0), "a note", "first"))
        for _ in range(2):
            journal.follow(before, told)
        assert [note.text for note in journal.recall().notes] == ["a note"]
        journal.close()


def test_a_note_left_elsewhere_is_read_anew(tmp_path: Path) -> None:
    """A note that another Cockpit kept meanwhile is on the board once the notes are read again, and once only."""
    board = begin()
    keeper = Keeper(board.setup, FixedClock(at(1)), reopen(tmp_path), None)
    keeper.recall()
    other = reopen(tmp_path)
    other.write(Noted(at(0), "from elsewhere", "second"))
    other.close()
    assert not keeper.board.notes
    for _ in range(2):
        keeper.reread()
        assert [note.text for note in keeper.board.notes] == ["from elsewhere"]


def test_a_journal_of_a_newer_version_takes_no_note(tmp_path: Path) -> None:
    """A file that is only read is left as it is, and its notes are recalled."""
    journal = reopen(tmp_path)
    journal.write(Noted(at(0), "before"))
    journal.close()
    file = tmp_path / "journal.db"
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    before = file.read_bytes()
    journal = reopen(tmp_path)
    journal.write(Noted(at(1), "after"))
    assert [note.text for note in journal.recall().notes] == ["before"]
    journal.close()
    assert file.read_bytes() == before


def test_notes_stand_beside_everything_else(tmp_path: Path) -> None:
    """A note takes no tick's place and no answer's, and an edited map loses none."""
    journal = reopen(tmp_path)
    journal.write(Ticked(at(0), "am/x/20261120T120000Z", "payment", by="first"))
    journal.write(Noted(at(0), "a note"))
    held = journal.recall()
    assert (len(held.ticks), len(held.notes), held.persons) == (1, 1, ())
    board = reduce(begin(), held)
    assert with_setup(board, replace(board.setup, window=timedelta(hours=1)), at(2)).notes == held.notes
    journal.close()


_NOTES = st.lists(
    st.builds(Noted, st.integers(0, 9).map(at), st.sampled_from(["a", "b'; --", "漢 字", "x\ny"])), max_size=9
)


@settings(max_examples=25, deadline=None)
@given(_NOTES)
def test_whatever_is_noted_is_recalled(tmp_path_factory: pytest.TempPathFactory, notes: list[Noted]) -> None:
    """Every note is there again once, oldest first."""
    folder = tmp_path_factory.mktemp("j")
    journal = reopen(folder)
    for note in notes:
        journal.write(note)
    assert set(journal.recall().notes) == set(notes)
    assert [note.at for note in journal.recall().notes] == sorted(note.at for note in set(notes))
    journal.close()


@settings(max_examples=50, deadline=None)
@given(_NOTES, _NOTES)
def test_joined_notes_lose_and_double_nothing(known: list[Noted], more: list[Noted]) -> None:
    """Whichever came first, the same notes are held, each once; and no more than so many."""
    one = joined_notes(joined_notes((), tuple(known)), tuple(more))
    other = joined_notes(joined_notes((), tuple(more)), tuple(known))
    assert one == other
    assert len(one) == len({*known, *more})
    many = tuple(Noted(at(number), "n") for number in range(MOST_NOTES + 5))
    assert joined_notes((), many) == many[5:]


def test_a_late_recall_keeps_what_was_noted_since() -> None:
    """What the journal held is joined with what was noted since the start."""
    board = reduce(begin(), Noted(at(1), "now"))
    board = reduce(board, Recalled(at(2), notes=(Noted(at(0), "before"),)))
    assert [note.text for note in board.notes] == ["before", "now"]
