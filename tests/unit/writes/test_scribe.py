"""Writes beside a running watch, and what a recording keeps of a Grafana."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cockpit.assembly import open_live, open_recorded, open_recording
from cockpit.clock import FixedClock
from cockpit.config import Context, Secret, SystemSpec
from cockpit.journal.opening import open_journal
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.poller import Watch, WatchThread
from cockpit.systems import grafana as module
from cockpit.systems.base import Annotator
from cockpit.systems.recording import Recording
from cockpit.topology.naming import Naming
from cockpit.writes.annotating import Annotating
from cockpit.writes.carrying import Carrier, Scribe
from cockpit.writes.plan import State
from tests.fakes.grafana import TOKEN, FakeGrafana
from tests.fakes.http_server import in_thread
from tests.systems.grafanas import NOW
from tests.unit.writes.changes import change


def _context(url: str, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setenv("TESTS_GRAFANA_TOKEN", TOKEN)
    place = "c.toml: contexts.prod.systems.grafana"
    spec = SystemSpec(
        "grafana", "grafana", place, urls=(url,), token=Secret(env="TESTS_GRAFANA_TOKEN", place=place), write=True
    )
    return Context("prod", read_only=False, systems=(spec,), source="c.toml")


def _answer(ask: Callable[[Callable[[Any], None]], None]) -> Any:
    """Return what is told in another thread."""
    told: list[Any] = []
    there = threading.Event()

    def tell(one: object) -> None:
        told.append(one)
        there.set()

    ask(tell)
    assert there.wait(20)
    return told[0]


def test_it_is_written_where_the_systems_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a watch polls the same Grafana over the same connections, a person's write is looked at, done, journalled."""
    server = FakeGrafana()
    with in_thread(server):
        context = _context(server.url, monkeypatch)
        assembly = open_live(context, config_folder=None)
        journal = open_journal(tmp_path, assembly.clock, context)
        watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock, journal=journal)
        thread = WatchThread(watch)
        thread.start()
        try:
            scribe = Scribe(Carrier(context, journal, assembly.clock, "me"), watch.perform)
            (system,) = assembly.systems
            assert isinstance(system, Annotator)
            write = Annotating(system, change(), Naming(assembly.map))
            assert _answer(lambda tell: scribe.look(write, tell)).free
            assert _answer(lambda tell: scribe.do(write, tell)).state is State.DONE
            assert _answer(lambda tell: scribe.do(write, tell)).state is State.ALREADY
        finally:
            thread.stop(5)
            journal.close()
    assert len(server.annotations) == 1


async def test_every_page_is_played_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recording holds the pages apart: played back they give the same changes, and no secret is in it."""
    monkeypatch.setattr(module, "PAGE", 3)
    server, path = FakeGrafana(), tmp_path / "r.jsonl"
    for minute in range(10):
        server.annotate(NOW - timedelta(minutes=minute), "deploy", f"service:s{minute}", "version:1")
    with in_thread(server):
        context = replace(_context(server.url, monkeypatch), read_only=True)
        assembly, writer = open_recorded(context, path, config_folder=None, clock=FixedClock(NOW))
        watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
        await watch.once({Topic.CHANGES})
        await watch.close()
        writer.close()
    assert TOKEN not in path.read_text()
    played = open_recording(Recording.load(path), at=NOW)
    again = Watch(systems=played.systems, setup=played.setup, clock=played.clock)
    board = await again.once({Topic.CHANGES})
    await again.close()
    answer = board.readings["grafana", Topic.CHANGES].answer
    assert isinstance(answer, ChangesSeen)
    assert {one.name for one in answer.changes} == {f"s{minute}" for minute in range(10)}
    assert not answer.gaps
