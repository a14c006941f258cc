"""The journal in trouble: locked, full, damaged, newer, gone, killed. It says so and loses nothing that it was told."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.state import Answered
from cockpit.clock import FixedClock
from cockpit.journal import schema, store
from cockpit.journal.opening import Journal, open_journal
from cockpit.journal.place import file_system, on_network
from cockpit.journal.schema import SCHEMA
from cockpit.journal.store import OpenJournal
from cockpit.model.drill import PersonAnswer, Question
from tests.unit.journal.boards import KEY, NOON, alert, answer, answered, at, begin, reading, step


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the journal will be."""
    return tmp_path / "state" / "cockpit" / "journal.db"


def opened(file: Path, minutes: float = 0) -> OpenJournal:
    """Open the journal in a file's folder."""
    journal = open_journal(file.parent, FixedClock(at(minutes)))
    assert isinstance(journal, OpenJournal)
    return journal


def trouble(journal: Journal) -> str | None:
    """Return what the journal says is wrong now."""
    return journal.error


def values(file: Path) -> list[str]:
    """Return the values of all acts in their order."""
    connection = sqlite3.connect(file)
    try:
        return [value for (value,) in connection.execute("SELECT value FROM acts ORDER BY id")]
    finally:
        connection.close()


def write(journal: Journal, *said: str, occurrence: str = "am/x/20261120T120000Z") -> None:
    """Let a person say things."""
    for event in answered(answer(occurrence, value) for value in said):
        journal.write(event)


def lock(file: Path) -> sqlite3.Connection:
    """Take the write lock as another program would."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def test_folder_and_files_are_private(file: Path) -> None:
    """The folder is 0700 and every file in it 0600, also where they were open to others before."""
    file.parent.mkdir(parents=True, mode=0o755)
    file.touch(mode=0o644)
    journal = opened(file)
    write(journal, "x")
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}
    journal.close()


def test_while_it_is_locked_entries_wait_in_order(file: Path) -> None:
    """A lock of another program is said, holds nobody up, and what waits is written in order once it is gone."""
    journal = opened(file)
    write(journal, "one")
    other = lock(file)
    write(journal, "two")
    assert trouble(journal) == f"{file} is locked by another program; answers wait in memory"
    board = step(journal, begin(), reading(0, alert("Errors")))
    write(journal, "three")
    assert values(file) == ["one"]
    other.execute("ROLLBACK")
    other.close()
    step(journal, board, reading(1, alert("Errors")))
    assert trouble(journal) is None
    assert values(file) == ["one", "two", "three"]
    assert len(journal.recall().open) == 2
    journal.close()


def test_a_full_disk_is_said_and_survived(file: Path) -> None:
    """With no room left answers wait, and are written when there is room again."""
    journal = opened(file)
    write(journal, "one")
    assert journal._connection is not None
    pages = journal._connection.execute("PRAGMA page_count").fetchone()[0]
    journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    write(journal, "two " + "x" * 100_000)
    assert (trouble(journal) or "").startswith(f"no space left for {file}; make room")
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    write(journal, "three")
    assert trouble(journal) is None
    assert [value[:5] for value in values(file)] == ["one", "two x", "three"]
    journal.close()


def test_a_file_that_cannot_be_written_is_said(file: Path) -> None:
    """A folder that is a file, or of somebody else, leaves everything in memory with the reason."""
    file.parent.parent.mkdir(parents=True)
    file.parent.write_text("in the way")
    journal = opened(file)
    assert trouble(journal) is not None
    write(journal, "one")
    assert journal.waiting == 1
    assert "answers wait in memory" in (trouble(journal) or "")
    file.parent.unlink()
    write(journal, "two")
    assert trouble(journal) is None
    assert values(file) == ["one", "two"]
    journal.close()


@pytest.mark.parametrize("damage", [b"this is no database at all, " * 100, None])
def test_a_damaged_file_is_set_aside(file: Path, damage: bytes | None) -> None:
    """Damage moves the file aside under a name that says when, begins a new one, and is said."""
    journal = opened(file)
    write(journal, *("x" * 2000 for _ in range(50)))
    journal.close()
    whole = file.read_bytes()
    file.write_bytes(damage if damage is not None else whole[:4096] + os.urandom(len(whole) - 4096))
    journal = opened(file, 5)
    write(journal, "after")
    step(journal, begin(), reading(6, alert("Errors")))
    assert (
        journal.error
        == f"{file} was damaged: it is kept as journal.db.corrupt-20261120T120500Z, and a new one was begun"
    )
    assert (file.parent / "journal.db.corrupt-20261120T120500Z").exists()
    assert "after" in values(file)
    journal.close()
    assert opened(file, 7).error is None


def test_what_is_open_is_written_again_into_a_new_file(file: Path) -> None:
    """When the file is taken away while it is used, open occurrences and answers are in the new one."""
    journal = opened(file)
    board = step(journal, begin(), reading(0, alert("Errors")))
    said = answer(board.alerts[KEY].occurrence)
    journal.write(Answered(said.at, said.occurrence, said.question, said))
    board = step(journal, board, Answered(said.at, said.occurrence, said.question, said))
    for path in file.parent.iterdir():
        path.unlink()
    step(journal, board, reading(1, alert("Errors")))
    journal.close()
    recalled = opened(file, 2).recall()
    assert {one.subject for one in recalled.open} == {"am/id-Errors-", "fold/Errors/payment/"}
    assert recalled.persons == (said,)


def test_a_newer_file_is_only_read(file: Path) -> None:
    """A schema that we do not know is left as it is, what can be read is recalled, and the error says so."""
    journal = opened(file)
    write(journal, "one")
    journal.close()
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    before = file.read_bytes()
    journal = opened(file)
    assert journal.read_only
    assert f"is of version {SCHEMA + 1}, this Cockpit knows {SCHEMA}" in (trouble(journal) or "")
    write(journal, "two")
    step(journal, begin(), reading(0, alert("Errors")))
    assert [one.value for one in journal.recall().persons] == ["one"]
    assert journal.read_only
    journal.close()
    assert file.read_bytes() == before


def test_an_upgrade_keeps_a_copy(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of an older version is copied, then changed; what was in it is still there."""
    journal = opened(file)
    write(journal, "one")
    journal.close()
    monkeypatch.setattr(schema, "SCHEMA", SCHEMA + 1)
    monkeypatch.setattr(store, "SCHEMA", SCHEMA + 1)
    monkeypatch.setattr(schema, "UPGRADES", {SCHEMA: ("ALTER TABLE acts ADD COLUMN more TEXT",)})
    journal = opened(file)
    assert trouble(journal) is None
    write(journal, "two")
    journal.close()
    copy = file.with_name(f"journal.db.bak-v{SCHEMA}")
    assert copy.stat().st_mode & 0o777 == 0o600
    assert values(copy) == ["one"]
    assert values(file) == ["one", "two"]


def test_several_cockpits_share_it(file: Path) -> None:
    """Two that follow the same alerts write the same occurrences once, and both their people's answers."""
    one, other = opened(file), opened(file)
    boards = [step(journal, begin(), reading(0, alert("Errors"))) for journal in (one, other)]
    write(one, "from one", occurrence=boards[0].alerts[KEY].occurrence)
    write(other, "from the other", occurrence=boards[0].alerts[KEY].occurrence)
    assert one.error is None
    assert other.error is None
    recalled = opened(file).recall()
    assert len(recalled.open) == 2
    assert [said.value for said in recalled.persons] == ["from the other"]
    one.close()
    other.close()


def test_an_act_after_closing_is_still_kept(file: Path) -> None:
    """What a person said at the last moment is written although the journal was closed; closing twice is fine."""
    journal = opened(file)
    journal.close()
    journal.close()
    write(journal, "late")
    step(journal, begin(), reading(0, alert("Errors")))
    assert values(file) == ["late"]
    assert opened(file).recall().open == ()


def test_what_a_person_typed_is_kept_whatever_it_is(file: Path) -> None:
    """Quotes, NUL, other scripts and halves of characters do not stop the journal."""
    journal = opened(file)
    said = ["'; DROP TABLE acts; --", "a\0b", "naïve ✗ 漢字", "\ud800 half"]
    write(journal, *said)
    assert trouble(journal) is None
    assert values(file) == [*said[:3], "? half"]
    journal.close()


def test_credentials_in_evidence_are_not_kept(file: Path) -> None:
    """A URL that evidence names loses its credentials before it is written."""
    journal = opened(file)
    said = answer("am/x/20261120T120000Z")
    shown = (replace(said.evidence[0], url="https://me:hunter2@host/x", says="at https://me:hunter2@host"),)
    journal.write(Answered(NOON, said.occurrence, said.question, replace(said, evidence=shown)))
    journal.close()
    assert b"hunter2" not in file.read_bytes()


_KILLED = """
import os, signal, sys
from pathlib import Path
from cockpit.clock import FixedClock
from cockpit.journal.store import open_journal
from tests.unit.journal.test_trouble import NOON, write
journal = open_journal(Path(sys.argv[1]), FixedClock(NOON))
for number in range(20):
    write(journal, f"said {number}")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_it_survives_being_killed(file: Path) -> None:
    """After `kill -9` right behind the last act every act is there."""
    done = subprocess.run([sys.executable, "-c", _KILLED, str(file.parent)], check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == -signal.SIGKILL
    assert values(file) == [f"said {number}" for number in range(20)]
    (last,) = opened(file).recall().persons
    assert last.value == "said 19"


def test_no_write_ahead_log_on_network_file_systems(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On NFS and the like the old journal mode is used, on a local disk the write-ahead log."""
    for network, mode in ((True, "delete"), (False, "wal")):
        monkeypatch.setattr(store, "on_network", lambda _, network=network: network)
        journal = opened(file)
        assert journal._connection is not None
        assert journal._connection.execute("PRAGMA journal_mode").fetchone() == (mode,)
        journal.close()


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    """The longest mount point above a path counts, later mounts over earlier ones, spaces as /proc writes them."""
    mounts = [
        "/dev/sda / ext4 rw 0 0",
        "srv:/h /home nfs4 rw 0 0",
        "/dev/sdb /home/responder/fast\\040disk xfs rw 0 0",
        "x /mnt ext4 rw 0 0",
        "y /mnt fuse.sshfs rw 0 0",
        "broken",
    ]
    kinds = [
        file_system(Path(path), mounts)
        for path in ("/home/responder/x", "/home/responder/fast disk/x", "/homes/x", "/mnt/x", "/")
    ]
    assert kinds == ["nfs4", "xfs", "ext4", "fuse.sshfs", "ext4"]
    lines = tmp_path / "mounts"
    lines.write_text("\n".join(mounts))
    assert on_network(Path("/home/responder/x"), lines)
    assert on_network(Path("/mnt/x"), lines)
    assert not on_network(Path("/home/responder/fast disk/x"), lines)
    assert not on_network(Path("/x"), tmp_path / "none")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["say", "lock", "unlock", "follow", "reopen"]), min_size=3, max_size=15))
def test_order_holds_under_failures(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    """Whatever fails in between, acts are in the file in the order in which people did them, each once."""
    file = tmp_path_factory.mktemp("j") / "journal.db"
    journal = opened(file)
    board = begin()
    held: sqlite3.Connection | None = None
    said = 0
    for minute, deed in enumerate([*steps, "unlock", "follow"]):
        if deed == "say":
            write(journal, str(said))
            said += 1
        elif deed == "lock" and held is None:
            held = lock(file)
        elif deed == "unlock" and held is not None:
            held.execute("ROLLBACK")
            held.close()
            held = None
        elif deed == "follow":
            board = step(journal, board, reading(minute, alert(f"A{minute}")))
        elif deed == "reopen" and held is None:
            journal.close()
            journal = opened(file)
    assert trouble(journal) is None
    journal.close()
    assert values(file) == [str(number) for number in range(said)]


def test_every_question_keeps_its_own_answer(file: Path) -> None:
    """The latest answer to each question of each occurrence is recalled, with its evidence, as it was."""
    journal = opened(file)
    said: list[PersonAnswer] = []
    for occurrence in ("am/x/20261120T120000Z", "fold/a/b/c/20261120T120000Z"):
        said += [answer(occurrence, f"{question}", question) for question in Question]
    for event in answered(said):
        journal.write(event)
    journal.close()
    assert sorted(opened(file).recall().persons, key=str) == sorted(said, key=str)
