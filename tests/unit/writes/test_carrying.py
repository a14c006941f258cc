"""A write from plan to journal: allowed, looked at, once, and known whatever happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import FixedClock
from cockpit.config import Context, SystemSpec
from cockpit.journal.opening import Journal, open_journal
from cockpit.model.change import Change
from cockpit.model.topology import NO_MAP
from cockpit.model.written import WriteStanding
from cockpit.systems.grafana import System
from cockpit.topology.naming import Naming
from cockpit.writes.annotating import ANNOTATE, Annotating
from cockpit.writes.carrying import Carrier
from cockpit.writes.plan import Outcome, State
from tests.fakes.grafana import FakeGrafana
from tests.fakes.http_server import Answer, Asked, say
from tests.systems.grafanas import NOW, grafana
from tests.unit.writes.changes import BEGAN, change

_SPEC = SystemSpec("grafana", "grafana", "c.toml: contexts.prod.systems.grafana", write=True)
_CONTEXT = Context("prod", read_only=False, systems=(_SPEC,), source="c.toml")


class Desk:
    """One person with a journal, before one Grafana."""

    def __init__(self, server: FakeGrafana, system: System, journal: Journal, context: Context) -> None:
        self.server = server
        self.journal = journal
        self.system = system
        self.carrier = Carrier(context, journal, FixedClock(NOW), "first responder")

    def write(self, one: Change | None = None, **said: Any) -> Annotating:
        """Return the annotation of a change."""
        return Annotating(self.system, one or change(**said), Naming(NO_MAP))

    async def do(self, one: Change | None = None, **said: Any) -> Outcome:
        """Write it."""
        return await self.carrier.do(self.write(one, **said))

    @property
    def posts(self) -> int:
        """How often anything was sent to be written."""
        return sum(asked.method != "GET" for asked in self.server.asked)

    def standings(self) -> list[WriteStanding]:
        """What the journal has, oldest first."""
        return [one.standing for one in self.journal.writes(ANNOTATE, NOW - timedelta(days=1))]


@asynccontextmanager
async def desk(folder: Path | None = None, *, context: Context = _CONTEXT, **more: Any) -> AsyncIterator[Desk]:
    """Sit down."""
    journal = open_journal(folder, FixedClock(NOW), context)
    try:
        async with FakeGrafana(**more) as server, grafana(server.url, write=True) as system:
            yield Desk(server, system, journal, context)
    finally:
        journal.close()


async def test_it_is_written_and_journalled_before_and_after(tmp_path: Path) -> None:
    """What is sent is what was shown; the journal has what was there before and what is there now."""
    async with desk(tmp_path) as sitting:
        write = sitting.write()
        looked = await sitting.carrier.look(write)
        assert looked.free
        assert "the whole organisation, grafana at 127.0.0.1" in looked.target
        outcome = await sitting.carrier.do(write)
        assert (outcome.state, outcome.says) == (State.DONE, "written as annotation 1")
        (there,) = sitting.server.annotations
        sent = json.loads(next(asked.body for asked in sitting.server.asked if asked.method == "POST"))
        assert sent == dict(write.plan.sent)
        assert (there["time"], there["timeEnd"]) == (sent["time"], sent["timeEnd"])
        begun, done = sitting.journal.writes(ANNOTATE, NOW - timedelta(days=1))
        assert (begun.standing, done.standing) == (WriteStanding.BEGUN, WriteStanding.DONE)
        assert json.loads(begun.after) == sent
        assert json.loads(begun.before)["there"] is None
        assert json.loads(done.after)["id"] == "1"
        assert (done.by, done.subject) == ("first responder", f"grafana/{change().id}")


async def test_it_is_safe_to_repeat(tmp_path: Path) -> None:
    """The second time it is there: nothing is sent, by whichever journal."""
    async with desk(tmp_path) as sitting:
        await sitting.do()
        again = await sitting.do()
        assert (again.state, sitting.posts) == (State.ALREADY, 1)
        assert "annotation 1 marks it already, by Cockpit" in again.says
        other = Carrier(_CONTEXT, open_journal(None, FixedClock(NOW)), FixedClock(NOW), "another")
        assert (await other.do(sitting.write())).state is State.ALREADY
        assert sitting.posts == 1


async def test_one_that_a_pipeline_wrote_is_enough() -> None:
    """Service, version and time say that it is the same deploy, without any tag of ours."""
    async with desk() as sitting:
        sitting.server.annotate(BEGAN - timedelta(minutes=9), "deploy", "app=payment", text="version: 2.4.0")
        outcome = await sitting.do()
        assert (outcome.state, sitting.posts) == (State.ALREADY, 0)
        assert "not by Cockpit" in outcome.says


async def test_the_journal_knows_what_was_taken_away(tmp_path: Path) -> None:
    """Somebody deleted it in Grafana: nothing is written a second time, also where the change has another id by now."""
    async with desk(tmp_path) as sitting:
        await sitting.do()
        sitting.server.annotations.clear()
        for one in (change(), change(id="payment@2.4.0@20261120T1401Z", began=BEGAN - timedelta(minutes=1))):
            outcome = await sitting.do(one)
            assert (outcome.state, sitting.posts) == (State.ALREADY, 1)
            assert "the journal says" in outcome.says


async def test_another_version_is_another_deploy(tmp_path: Path) -> None:
    """Two deploys of one service are two annotations."""
    async with desk(tmp_path) as sitting:
        await sitting.do()
        later = change(id="payment@2.4.1@20261120T1405Z", version="v2.4.1", began=BEGAN + timedelta(minutes=3))
        assert (await sitting.do(later)).state is State.DONE
        assert sitting.posts == 2


@pytest.mark.parametrize(
    ("context", "said"),
    [
        (replace(_CONTEXT, read_only=True), "read-only"),
        (replace(_CONTEXT, systems=(replace(_SPEC, write=False),)), "write = true is missing"),
        (replace(_CONTEXT, systems=()), "no system is configured"),
    ],
)
async def test_read_only_is_impossible_to_pass(context: Context, said: str) -> None:
    """Without both settings nothing is asked or sent, and the reason is the outcome."""
    async with desk(context=context) as sitting:
        outcome = await sitting.do()
        assert outcome.state is State.REFUSED
        assert said in outcome.says
        assert sitting.server.asked == []
        assert sitting.standings() == []


async def test_an_answer_that_is_lost_is_looked_for(tmp_path: Path) -> None:
    """The connection broke after it was written: it is not known, and the next attempt finds it."""
    async with desk(tmp_path) as sitting:
        sitting.server.loses_answers = True
        outcome = await sitting.do()
        assert outcome.state is State.UNKNOWN
        assert sitting.standings() == [WriteStanding.BEGUN, WriteStanding.UNKNOWN]
        sitting.server.loses_answers = False
        assert (await sitting.do()).state is State.ALREADY
        assert len(sitting.server.annotations) == 1


async def test_an_answer_of_a_proxy_leaves_it_unknown(tmp_path: Path) -> None:
    """502 says nothing of what lies behind it; an answer that cannot be read says that it was written."""
    async with desk(tmp_path) as sitting:
        route = sitting.server.routes["POST /api/annotations"]
        sitting.server.routes["POST /api/annotations"] = say({"message": "bad gateway"}, 502)
        assert (await sitting.do()).state is State.UNKNOWN

        def garbled(asked: Asked) -> Answer:
            route(asked)  # type: ignore[operator] # routes are functions here
            return Answer(200, b"<html>")

        sitting.server.routes["POST /api/annotations"] = garbled
        outcome = await sitting.do()
        assert (outcome.state, outcome.says) == (State.DONE, "written")
        assert len(sitting.server.annotations) == 1


async def test_a_refusal_is_said_and_can_be_tried_again(tmp_path: Path) -> None:
    """403 names the permission; once it is granted the same write works."""
    async with desk(tmp_path) as sitting:
        permission = sitting.server.permissions.pop("annotations:create")
        outcome = await sitting.do()
        assert outcome.state is State.FAILED
        assert "annotations:create" in outcome.says
        sitting.server.permissions["annotations:create"] = permission
        assert (await sitting.do()).state is State.DONE
        assert sitting.standings() == [
            WriteStanding.BEGUN,
            WriteStanding.FAILED,
            WriteStanding.BEGUN,
            WriteStanding.DONE,
        ]


async def test_what_cannot_be_looked_at_is_not_written() -> None:
    """Without knowing what is there nothing is sent."""
    async with desk(permissions={"annotations:create": ["*"]}) as sitting:
        outcome = await sitting.do()
        assert outcome.state is State.REFUSED
        assert "annotations:read" in outcome.says
        assert sitting.posts == 0


async def test_two_at_the_same_moment_write_once(tmp_path: Path) -> None:
    """Several Cockpits of one person share the journal: only one of them begins."""
    async with desk(tmp_path) as sitting:
        journals = [open_journal(tmp_path, FixedClock(NOW), _CONTEXT) for _ in range(4)]
        carriers = [Carrier(_CONTEXT, journal, FixedClock(NOW), "x") for journal in journals]
        outcomes = await asyncio.gather(*(carrier.do(sitting.write()) for carrier in carriers))
        for journal in journals:
            journal.close()
        assert [one.state for one in outcomes].count(State.DONE) == 1
        assert len(sitting.server.annotations) == 1
        assert any("being written by x" in one.says or one.state is State.ALREADY for one in outcomes)


async def test_what_cannot_be_journalled_is_not_written(tmp_path: Path) -> None:
    """A journal of a later version is only read: nothing is sent, and that is why."""
    import sqlite3

    async with desk(tmp_path) as first:
        assert first.journal.error is None
    connection = sqlite3.connect(tmp_path / "journal.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    async with desk(tmp_path) as sitting:
        outcome = await sitting.do()
        assert outcome.state is State.REFUSED
        assert "the journal cannot keep it" in outcome.says
        assert sitting.posts == 0


async def test_a_dashboard_that_is_not_there_is_said_before() -> None:
    """Nothing is written where it could not be seen."""
    async with desk() as sitting:
        for board, said in (("abc", 'dashboard "Checkout" (abc)'), ("gone", "there is no dashboard gone")):
            write = Annotating(sitting.system, change(), Naming(NO_MAP), dashboard=board)
            looked = await sitting.carrier.look(write)
            assert said in looked.target + looked.error
