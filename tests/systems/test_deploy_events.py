"""Deploys out of Datadog and Splunk together: lost nowhere, doubled nowhere, harmless, and the same when played again."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.assembly import open_live, open_recorded, open_recording
from cockpit.clock import FixedClock
from cockpit.config import Context, Secret, SystemSpec
from cockpit.model.change import Progress
from cockpit.model.reading import Topic
from cockpit.model.topology import NO_MAP
from cockpit.poller import Watch
from cockpit.systems import datadog, datadog_search, splunk
from cockpit.systems.base import Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.recording import Recording
from tests.fakes.datadog import API_KEY, APP_KEY, FakeDatadog
from tests.fakes.hostile import EVIL, harmless
from tests.fakes.http_server import Answer, Asked, FakeServer
from tests.fakes.splunk import TOKEN, FakeSplunk
from tests.systems.datadogs import NOW, key_file
from tests.systems.splunks import secret
from tests.systems.wires import spec_of


class Direct:
    """A wire to a fake without a socket between, for many examples.

    Args:
        server: What answers.
        headers: Sent with each request.
    """

    def __init__(self, server: FakeServer, **headers: str) -> None:
        self._server = server
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    async def call(
        self,
        peer: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Answer as the fake does."""
        from urllib.parse import urlencode

        form = {"content-type": "application/x-www-form-urlencoded"} if body is None else {}
        sent = urlencode(params).encode() if body is None else body
        route: Any = self._server.routes.get(f"{method} {path}") or self._server.routes[path]
        answer: Answer = route(Asked(method, path, (), {**self._headers, **form}, sent))
        return Reply(answer.status, answer.body, {"content-type": answer.content_type})

    async def close(self) -> None:
        """Hold nothing."""


EVENTS = st.lists(st.tuples(st.integers(0, 300), st.sampled_from("abc"), st.integers(0, 120)), max_size=30)
"""Minutes ago, a service, and seconds after which it can be found."""


@settings(max_examples=50, deadline=None)
@given(EVENTS, st.integers(1, 7), st.integers(0, 3), st.booleans())
def test_every_event_is_there_once_however_pages_overlap_and_however_late_it_is(
    events: list[tuple[int, str, int]], size: int, repeat: int, restarted: bool
) -> None:
    """At each asking all that could be found by then, each once; what it is complete to holds; a restart changes nothing."""
    clock = FixedClock(NOW - timedelta(minutes=10))
    server = FakeDatadog(clock.now)
    server.repeat = repeat
    sent = [
        (NOW - timedelta(minutes=ago), server.event(NOW - timedelta(minutes=ago), f"service:{name}", late_s=late))
        for ago, name, late in events
    ]
    spec = spec_of("http://d:1", extra={"dora": False})
    wire = Direct(server, dd_api_key=API_KEY, dd_application_key=APP_KEY)
    before, pages = datadog_search.LIMIT, datadog_search.PAGES
    datadog_search.LIMIT, datadog_search.PAGES = size, 100
    try:
        system = datadog.System(spec, Surroundings(wire, NO_MAP, ""), clock)
        for _ in range(12):
            told = Circumstances()
            since = clock.now() - timedelta(hours=4)
            answer = asyncio.run(system.changes(since, clock.now(), told))
            ids = [change.id for change in answer.changes]
            assert len(ids) == len(set(ids))
            assert told.complete_to is not None
            assert {one for at, one in sent if since <= at <= told.complete_to} <= set(ids)
            assert set(ids) <= {one for at, one in sent if since <= at <= clock.now()}
            clock.advance(60)
            if restarted:
                system = datadog.System(spec, Surroundings(wire, NO_MAP, ""), clock)
    finally:
        datadog_search.LIMIT, datadog_search.PAGES = before, pages


async def test_what_senders_write_does_no_harm() -> None:
    """Titles, tags, versions and owners that would drive a terminal come out harmless, and errors too."""
    clock = FixedClock(NOW)
    one, other = FakeDatadog(clock.now), FakeSplunk(clock.now)
    at = NOW - timedelta(minutes=5)
    tags = [f"{name}:{EVIL}" for name in ("service", "version", "team", "env", "deployed_by", EVIL)]
    one.event(at, *tags, title=EVIL, author={"name": EVIL})
    one.deploy(EVIL, at, at, version=EVIL, team=EVIL, custom_tags=[EVIL, f"x:{EVIL}"])
    one.meta = {"warnings": [{"detail": EVIL}]}
    other.log(at, EVIL, EVIL, owner=EVIL, **{EVIL: EVIL})
    other.messages = [{"type": "WARN", "text": EVIL}]
    keys = {"dd_api_key": API_KEY, "dd_application_key": APP_KEY}
    systems: tuple[datadog.System | splunk.System, ...] = (
        datadog.System(spec_of("http://d:1"), Surroundings(Direct(one, **keys), NO_MAP, ""), clock),
        *(
            splunk.System(
                spec_of("http://s:1", extra=extra),
                Surroundings(Direct(other, authorization=f"Bearer {TOKEN}"), NO_MAP, ""),
                clock,
            )
            for extra in ({}, {"search": "index=deploy"})
        ),
    )
    for system in systems:
        told = Circumstances()
        answer = await system.changes(NOW - timedelta(hours=4), NOW, told)
        assert answer.changes
        harmless(answer, lines=False)
        harmless(told.partial or "", lines=False)
        harmless(await system.check(), lines=False)
    other.logged.clear()
    other.messages = [{"type": "FATAL", "text": EVIL}]
    try:
        await systems[1].changes(NOW - timedelta(hours=4), NOW, Circumstances())
    except SystemError as error:
        harmless(str(error), lines=False)


def _specs(folder: Path, one: FakeDatadog, other: FakeSplunk) -> tuple[SystemSpec, ...]:
    keys: dict[str, Secret] = {
        "api_key": key_file(folder, "api_key", API_KEY),
        "app_key": key_file(folder, "app_key", APP_KEY),
    }
    return (
        replace(spec_of(one.url), name="datadog", kind="datadog", api_key=keys["api_key"], app_key=keys["app_key"]),
        replace(spec_of(other.url), name="splunk", kind="splunk", token=secret(folder, TOKEN)),
    )


async def test_one_deploy_told_by_both_is_one_row_and_a_dead_one_is_named(tmp_path: Path) -> None:
    """The board joins them by service, version and time; who does not answer is down, with its reason."""
    clock = FixedClock(NOW)
    at = NOW - timedelta(minutes=10)
    async with FakeDatadog(clock.now) as one, FakeSplunk(clock.now) as other:
        one.event(at + timedelta(minutes=3), "service:payment", "version:v2.4.0", "team:team-payments")
        one.deploy("payment", at, at + timedelta(minutes=3), version="2.4.0")
        other.log(at + timedelta(minutes=1), "payment", "v2.4.0")
        assembly = open_live(Context("x", systems=_specs(tmp_path, one, other)), config_folder=None, clock=clock)
        watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=clock)
        try:
            board = await watch.once()
            (change,) = board.changes
            assert (change.service, change.began, change.systems) == ("payment", at, ("datadog", "splunk"))
            assert change.progress is Progress.DONE
            assert change.ended == at + timedelta(minutes=3)
            other.full = True
            later = await watch.once()
        finally:
            await watch.close()
    assert "maximum number of concurrent" in str(later.failures["splunk", Topic.CHANGES].error)
    assert len(later.changes) == 1


async def test_what_was_recorded_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The moments that are asked about move with every asking, in forms and in bodies; the recording answers all the same."""
    monkeypatch.setattr("cockpit.systems.datadog_search.LIMIT", 2)
    clock = FixedClock(NOW)
    async with FakeDatadog(clock.now) as one, FakeSplunk(clock.now) as other:
        for number in range(5):
            one.event(NOW - timedelta(minutes=30 + number), f"service:s{number}", "version:1")
        one.deploy("shop", NOW - timedelta(minutes=90), NOW - timedelta(minutes=80), version="7")
        other.log(NOW - timedelta(minutes=60), "cart", "v1")
        context = Context("x", systems=_specs(tmp_path, one, other))
        assembly, writer = open_recorded(context, tmp_path / "r.jsonl", config_folder=None, clock=clock)
        watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=clock)
        live = await watch.once()
        await watch.close()
        writer.close()
    kept = (tmp_path / "r.jsonl").read_bytes()
    assert not any(value.encode() in kept for value in (API_KEY, APP_KEY, TOKEN))
    for late_s in (1, 70):
        played = open_recording(Recording.load(tmp_path / "r.jsonl"), at=NOW + timedelta(seconds=late_s), speed=0)
        board = await Watch(systems=played.systems, setup=played.setup, clock=played.clock).once()
        assert [change.id for change in board.changes] == [change.id for change in live.changes]
        assert len(board.changes) == 7
        assert not board.failures


def test_moments_are_read_in_every_unit() -> None:
    """Seconds, milli-, micro- and nanoseconds, as numbers and as text, and RFC 3339, are the same moment."""
    from cockpit.systems.event_words import moment_of

    at = NOW.timestamp()
    forms: list[object] = [at, int(at), at * 1e3, int(at * 1e6), int(at) * 10**9, f"{at}", f"{at:.6f}"]
    forms += [f"{int(at) * 10**9}", "2026-11-20T14:12:00Z", "2026-11-20T15:12:00.000+01:00"]
    assert [moment_of(form) for form in forms] == [NOW] * len(forms)
    wrongs: tuple[object, ...] = (
        None,
        True,
        "",
        "soon",
        7,
        -at,
        "1790",
        float("nan"),
        float("inf"),
        [],
        "9" * 19,
        1e300,
    )
    for wrong in wrongs:
        found: datetime | None = moment_of(wrong)
        assert found is None or found.year > 2000
