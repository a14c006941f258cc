"""Kinds of system that may be configured and that this version does not read."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from cockpit.assembly import open_live, open_recorded, open_recording
from cockpit.board.state import Board
from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context, SystemSpec
from cockpit.kinds import find_kind
from cockpit.model.reading import Liveness, Topic
from cockpit.poller import Watch
from cockpit.slices.header import cut
from cockpit.systems.recording import Recording
from cockpit.systems.unread import UNREAD

AT = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
LATER = "later"
"""A kind that reports changes and that a later version reads."""


@pytest.fixture(autouse=True)
def _later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be one of those that this version knows of."""
    monkeypatch.setitem(cast("dict[str, tuple[Topic, ...]]", UNREAD), LATER, (Topic.CHANGES,))


def _spec(kind: str, **extra: object) -> SystemSpec:
    return SystemSpec("it", kind, place="c.toml: contexts.x.systems.it", extra=extra)


async def _board(*specs: SystemSpec) -> Board:
    assembly = open_live(Context("x", systems=specs), config_folder=None, clock=FixedClock(AT))
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
    try:
        return await watch.once()
    finally:
        await watch.close()


@pytest.mark.parametrize("kind", [*UNREAD, LATER])
def test_it_is_taken_with_its_keys_unchecked(kind: str) -> None:
    """Neither an address nor known keys are asked for, and it is built."""
    spec = _spec(kind, anything=[1, {"a": "b"}], bot_token={"env": "X"})
    assert kind == find_kind(spec).KIND
    (system,) = open_live(Context("x", systems=(spec,)), config_folder=None).systems
    assert (system.name, system.kind) == ("it", kind)


@pytest.mark.parametrize("key", ["bot_token", "signing-secret", "password", "APP_KEY"])
def test_a_secret_in_plain_text_is_refused(key: str) -> None:
    """Also where nobody reads it, no secret stands in the configuration, and the error does not repeat it."""
    with pytest.raises(ConfigError, match="is a secret written as plain text") as caught:
        open_live(Context("x", systems=(_spec("slack", **{key: "xoxb-12345"}),)), config_folder=None)
    assert caught.value.place == f"c.toml: contexts.x.systems.it.{key}"
    assert "xoxb" not in str(caught.value)


@pytest.mark.parametrize("kind", [*UNREAD, LATER])
async def test_doctor_is_warned_plainly(kind: str) -> None:
    """Its one check is a warning that says so, with what follows from it."""
    (system,) = open_live(Context("x", systems=(_spec(kind),)), config_folder=None).systems
    (check,) = await system.check()
    assert check.ok
    assert check.warning
    assert check.message == f"this version does not read {kind} yet"
    assert check.remedy


@pytest.mark.parametrize("kind", [*(kind for kind, topics in UNREAD.items() if topics), LATER])
async def test_a_kind_that_reports_changes_does_not_answer(kind: str) -> None:
    """It is down with its reason, and the header names it."""
    board = await _board(_spec(kind))
    assert board.systems["it"].state is Liveness.DOWN
    assert board.failures["it", Topic.CHANGES].error == f"this version does not read {kind} yet"
    header = cut(board, AT, UTC, context="x", production=False)
    ((said, _),) = header.trouble
    assert said.startswith("✗ it not answering")
    assert said.endswith("(not read yet)")


@pytest.mark.parametrize("kind", [kind for kind, topics in UNREAD.items() if not topics])
async def test_a_kind_that_reports_no_changes_is_missed_by_nobody(kind: str) -> None:
    """Nothing is expected of it, so nothing is called not answering."""
    board = await _board(_spec(kind))
    assert not board.failures
    assert not board.systems
    assert cut(board, AT, UTC, context="x", production=False).trouble == ()


async def test_a_recording_holds_none_of_its_settings(tmp_path: Path) -> None:
    """What nobody has checked is not kept, and the recording plays it as not answering too."""
    context = Context("x", systems=(_spec(LATER, site="secret.example.com"),))
    assembly, writer = open_recorded(context, tmp_path / "r.jsonl", config_folder=None, clock=FixedClock(AT))
    await Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock).once()
    writer.close()
    assert b"secret.example.com" not in (tmp_path / "r.jsonl").read_bytes()
    played = open_recording(Recording.load(tmp_path / "r.jsonl"), at=AT + timedelta(seconds=1), speed=0)
    board = await Watch(systems=played.systems, setup=played.setup, clock=played.clock).once()
    assert board.systems["it"].state is Liveness.DOWN
