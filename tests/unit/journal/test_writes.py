"""Writes to outside systems are kept before and after, and begun once."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.clock import FixedClock
from cockpit.config import Context
from cockpit.journal.opening import Journal, open_journal
from cockpit.model.written import WriteStanding, Written
from tests.unit.journal.boards import NOON, at

_STALE = timedelta(minutes=2)
_KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from cockpit.clock import FixedClock
from cockpit.journal.opening import open_journal
from cockpit.model.written import WriteStanding, Written
from tests.unit.journal.boards import NOON
journal = open_journal(Path(sys.argv[1]), FixedClock(NOON))
entry = Written(NOON, "annotate", "grafana/a", WriteStanding.BEGUN, "first", "{}", "{}")
assert journal.claim(entry, timedelta(minutes=2)) is None
os.kill(os.getpid(), signal.SIGKILL)
"""


def entry(standing: WriteStanding = WriteStanding.BEGUN, *, minutes: float = 0, subject: str = "grafana/a") -> Written:
    """Return one step of a write."""
    return Written(at(minutes), "annotate", subject, standing, "first", '{"there": null}', '{"id": "1"}')


@pytest.fixture(params=["file", "memory"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Journal:
    """Return a journal in a file, and one in memory: both keep to the same rules."""
    return open_journal(tmp_path if request.param == "file" else None, FixedClock(NOON))


def test_what_was_done_is_not_begun_again(journal: Journal) -> None:
    """A claim is kept, and refused once the same was done, with who and when."""
    assert journal.claim(entry(), _STALE) is None
    journal.settle(entry(WriteStanding.DONE))
    assert "it was written at 12:00 UTC by first" in (journal.claim(entry(minutes=60), _STALE) or "")
    assert journal.claim(entry(subject="grafana/b"), _STALE) is None
    assert [one.standing for one in journal.writes("annotate", at(-1))] == [
        WriteStanding.BEGUN,
        WriteStanding.DONE,
        WriteStanding.BEGUN,
    ]
    assert journal.writes("annotate", at(-1))[0] == entry()


def test_what_is_being_done_is_left_alone_for_a_while(journal: Journal) -> None:
    """Somebody else is at it; after two minutes without a word nobody is."""
    assert journal.claim(entry(), _STALE) is None
    assert "being written by first" in (journal.claim(entry(minutes=1), _STALE) or "")
    assert journal.claim(entry(minutes=3), _STALE) is None


@pytest.mark.parametrize("standing", [WriteStanding.FAILED, WriteStanding.UNKNOWN])
def test_what_was_not_done_may_be_begun_again(journal: Journal, standing: WriteStanding) -> None:
    """A refusal, or an answer that was lost, keeps nobody from trying again."""
    assert journal.claim(entry(), _STALE) is None
    journal.settle(entry(standing))
    assert journal.claim(entry(), _STALE) is None


def test_a_write_that_was_killed_is_known_to_have_begun(tmp_path: Path) -> None:
    """It is on the disk before anything is sent; nobody begins the same within two minutes, and then somebody may."""
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == -signal.SIGKILL
    after = open_journal(tmp_path, FixedClock(at(1)))
    (kept,) = after.writes("annotate", at(-1))
    assert kept.standing is WriteStanding.BEGUN
    assert after.claim(entry(minutes=1), _STALE) is not None
    assert after.claim(entry(minutes=5), _STALE) is None


def test_writes_are_no_answers(tmp_path: Path) -> None:
    """What people decided is recalled as ever beside them."""
    before = open_journal(tmp_path, FixedClock(NOON))
    before.claim(entry(), _STALE)
    before.close()
    held = open_journal(tmp_path, FixedClock(NOON)).recall()
    assert (held.persons, held.chosen, held.ticks) == ((), {}, ())


def test_contexts_are_apart(tmp_path: Path) -> None:
    """What was written in one context is not known in another."""
    one, other = (Context(name, source="c.toml") for name in ("one", "other"))
    open_journal(tmp_path, FixedClock(NOON), one).settle(entry(WriteStanding.DONE))
    journal = open_journal(tmp_path, FixedClock(NOON), other)
    assert journal.writes("annotate", at(-1)) == ()
    assert journal.claim(entry(), _STALE) is None
