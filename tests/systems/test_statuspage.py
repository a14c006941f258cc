"""What vendors' status pages say, asked over real sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.assembly import open_live
from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context, Secret
from cockpit.model.health import Health
from cockpit.model.reading import Liveness, Topic
from cockpit.model.topology import IntegrationMap, Service
from cockpit.poller import Watch
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.http import HttpWire
from cockpit.systems.status_bodies import Said, read_feed, read_instatus, read_statuspage
from cockpit.systems.statuspage import System
from tests.fakes.http_server import Answer, FakeServer, say
from tests.fakes.status_pages import FakeStatuspage, atom, instatus
from tests.needs import SHARED
from tests.systems.wires import spec_of

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
SAMPLES = SHARED / "contracts" / "samples" / "statuspage-summary"


def _map(**pages: str) -> IntegrationMap:
    services = {name: Service(name, kind="third-party", status_page=page) for name, page in pages.items()}
    return IntegrationMap("m", services={"ui": Service("ui"), **services})


@asynccontextmanager
async def _pages(known: IntegrationMap, *urls: str, **said: Any) -> AsyncIterator[System]:
    clock = FixedClock(NOW)
    spec = replace(spec_of(*urls, **said), name="pages", kind="statuspage")
    wire = HttpWire(replace(spec, urls=System.addresses(spec, known)), clock)
    system = System(spec, Surroundings(wire, known, ""), clock)
    try:
        yield system
    finally:
        await system.close()


async def test_a_page_in_trouble_is_quoted() -> None:
    """The page's own words and its open incident come through; one that is well is fine."""
    async with FakeStatuspage() as bad, FakeStatuspage() as good:
        bad.trouble("major", "Partial System Outage")
        bad.incident("Card payments fail")
        async with _pages(_map(gateway=bad.url, mail=good.url)) as system:
            seen = await system.statuses(Circumstances())
    gateway, mail = seen.statuses
    assert (gateway.service, gateway.fine, gateway.says) == ("gateway", False, "Partial System Outage")
    assert (gateway.incident, gateway.at, gateway.url) == ("Card payments fail", NOW, bad.url)
    assert (mail.service, mail.fine, mail.says) == ("mail", True, "All Systems Operational")
    assert seen.errors == {}


async def test_one_page_of_several_services_is_asked_once() -> None:
    """Two services that depend on different components of one vendor are told apart."""
    async with FakeStatuspage() as page:
        page.component("Webhooks", "partial_outage")
        known = _map(charge=page.url, hooks=page.url)
        parts = {"components": {"charge": ["api"], "hooks": ["Webhooks"]}}
        async with _pages(known, extra=parts) as system:
            charge, hooks = (await system.statuses(Circumstances())).statuses
        assert len(page.asked) == 1
    assert (charge.fine, charge.says) == (True, "API operational")
    assert (hooks.fine, hooks.says) == (False, "Webhooks partial outage")


async def test_a_page_that_does_not_answer_is_no_fine_page() -> None:
    """It is told why, beside those that answer; where none answers the asking fails."""
    async with FakeStatuspage() as good, FakeServer({"/api/v2/summary.json": Answer(503, b"busy")}) as bad:
        async with _pages(_map(gateway=bad.url, mail=good.url)) as system:
            seen = await system.statuses(Circumstances())
        assert [one.service for one in seen.statuses] == ["mail"]
        assert "503" in seen.errors["gateway"]
        async with _pages(_map(gateway=bad.url)) as system:
            with pytest.raises(SystemError, match="503"):
                await system.statuses(Circumstances())


@pytest.mark.parametrize("body", [b"<!doctype html><p>hi", b"", b"[1]", b'{"status": 3}', b'{"status": {}'])
async def test_what_is_no_summary_is_said(body: bytes) -> None:
    """A web page, nothing, and other shapes are failures in words, never fine."""
    async with (
        FakeServer({"/api/v2/summary.json": Answer(200, body)}) as server,
        _pages(_map(gateway=server.url)) as system,
    ):
        with pytest.raises(SystemError):
            await system.statuses(Circumstances())
        (check,) = await system.check()
    assert not check.ok


async def test_other_forms_are_found_and_remembered() -> None:
    """A page of Instatus is found behind the first form, and asked in its own one from then on."""
    async with instatus("HASISSUES", "API is slow") as page, _pages(_map(mail=f"{page.url}/")) as system:
        for _ in range(2):
            (said,) = (await system.statuses(Circumstances())).statuses
            assert (said.fine, said.says, said.incident) == (False, "Has issues", "API is slow")
        assert page.paths() == ["/api/v2/summary.json", "/summary.json", "/summary.json"]


async def test_a_feed_is_read_where_the_map_names_one() -> None:
    """An address that ends like a feed's is asked as it stands."""
    feed = Answer(200, atom(("Outage", NOW - timedelta(hours=1), "Investigating")), content_type="application/atom+xml")
    async with (
        FakeServer({"/history.atom": feed}) as server,
        _pages(_map(mail=f"{server.url}/history.atom")) as system,
    ):
        (said,) = (await system.statuses(Circumstances())).statuses
    assert (said.fine, said.says) == (False, "Outage")


async def test_configured_addresses_narrow_the_pages() -> None:
    """With addresses only the map's pages on those servers are asked."""
    async with FakeStatuspage() as one, FakeStatuspage() as other:
        async with _pages(_map(a=one.url, b=other.url), one.url) as system:
            assert [said.service for said in (await system.statuses(Circumstances())).statuses] == ["a"]
        assert not other.asked


async def test_without_pages_nothing_is_asked() -> None:
    """A map that names none leaves nothing to ask, and `doctor` says so."""
    async with _pages(IntegrationMap()) as system:
        assert system.TOPICS == ()
        (check,) = await system.check()
    assert (check.ok, check.warning) == (True, True)


async def test_doctor_asks_each_page() -> None:
    """One line a page, with what it says."""
    async with FakeStatuspage() as page, _pages(_map(gateway=page.url)) as system:
        (check,) = await system.check()
    assert (check.ok, check.warning, check.message) == (True, False, "All Systems Operational")


def test_a_page_is_asked_once_a_minute_at_most() -> None:
    """A quicker cadence in the configuration is not taken."""
    known = _map(gateway="https://status.example.com")
    for every, wanted in ((None, 60), (timedelta(seconds=5), 60), (timedelta(minutes=5), 300)):
        system = System(spec_of(every=every), Surroundings(None, known, ""), FixedClock(NOW))  # type: ignore[arg-type] # nothing is asked
        assert system.CADENCE[Topic.STATUS] == wanted == system.every_s


def test_wrong_settings_are_named() -> None:
    """A component of an unknown service, an unknown key, and a credential that vendors would get."""
    known = _map(gateway="https://status.example.com")

    def of(**said: Any) -> System:
        return System(spec_of(**said), Surroundings(None, known, ""), FixedClock(NOW))  # type: ignore[arg-type] # nothing is asked

    with pytest.raises(ConfigError, match="did you mean gateway"):
        of(extra={"components": {"gatway": ["API"]}})
    with pytest.raises(ConfigError, match="unknown key"):
        of(extra={"component": {}})
    with pytest.raises(ConfigError, match="every vendor"):
        of(token=Secret(env="TOKEN"))


async def test_from_a_configuration_to_the_board(tmp_path: Path) -> None:
    """Configured without an address it asks the map's pages, and the board tells what they say."""
    async with FakeStatuspage() as page:
        page.trouble("critical", "Major System Outage")
        text = (
            "map: m\nentry: [ui]\nservices:\n  ui: {team: t, calls: [gateway]}\n"
            f"  gateway: {{team: t, kind: third-party, status_page: '{page.url}'}}\nteams: {{t: {{}}}}\n"
        )
        (tmp_path / "m.yaml").write_text(text)
        context = Context(
            "x", map=str(tmp_path / "m.yaml"), systems=(replace(spec_of(), name="pages", kind="statuspage"),)
        )
        assembly = open_live(context, config_folder=None, clock=FixedClock(NOW))
        watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
        try:
            board = await watch.once()
            await page.stop()
            silent = await watch.once()
        finally:
            await watch.close()
    assert board.vendors["gateway"].says == "Major System Outage"
    assert board.health["gateway"].health is Health.WARNING
    assert board.systems["pages"].state is Liveness.LIVE
    assert silent.vendors["gateway"].fine is None
    assert silent.health["gateway"].why[0].startswith("status page not answering")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="missing: shared contracts")
@pytest.mark.parametrize(
    ("name", "fine", "says"),
    [
        ("github-2019-12-30-none", True, "All Systems Operational"),
        ("github-2020-04-02-major", False, ""),
    ],
)
def test_recorded_summaries_are_read(name: str, fine: bool, says: str) -> None:
    """Two summaries of a well-known page, one green and one of an outage."""
    said = read_statuspage((SAMPLES / f"{name}.json").read_bytes())
    assert said.fine is fine
    assert says in said.says
    assert said.says
    assert bool(said.incident) is not fine


def _summary(indicator: str, *components: tuple[str, str], **incident: str) -> bytes:
    told = [{"name": name, "status": status} for name, status in components]
    incidents = [incident] if incident else []
    return say({"status": {"indicator": indicator}, "components": told, "incidents": incidents}).body


@pytest.mark.parametrize(
    ("body", "fine"),
    [
        (_summary("none", ("API", "operational")), True),
        (_summary("none", ("API", "degraded_performance")), False),
        (_summary("none", name="Slow", impact="minor"), False),
        (_summary("none", name="Watching", impact="none"), True),
        (_summary("none", name="Over", impact="major", resolved_at="2026-11-20T10:00:00Z"), True),
        (_summary("minor"), False),
        (_summary("maintenance"), False),
        (_summary("purple"), None),
        (_summary(""), None),
    ],
)
def test_fine_is_only_what_is_all_well(body: bytes, fine: bool | None) -> None:
    """A page may say none while a component is degraded; what is not known is not fine."""
    assert read_statuspage(body).fine is fine


def test_a_component_that_is_not_there_leaves_it_open() -> None:
    """A renamed component is not silently fine."""
    assert read_statuspage(_summary("none", ("API", "operational")), ["Checkout"]) == Said(
        None, "status page has no component Checkout"
    )
    assert read_statuspage(_summary("none", ("API", "what")), ["API"]).fine is None


def test_instatus_is_read() -> None:
    """Up, with issues, in maintenance, and what nobody knows."""
    for status, fine in (("UP", True), ("HASISSUES", False), ("UNDERMAINTENANCE", False), ("NEW", None)):
        assert read_instatus(say({"page": {"status": status}}).body).fine is fine


@pytest.mark.parametrize(
    ("hours", "text", "fine"),
    [(1, "Investigating", False), (1, "Resolved - all is well", True), (30, "Investigating", True)],
)
def test_a_feed_tells_of_the_last_day(hours: float, text: str, fine: bool) -> None:
    """Trouble is what began within a day and is not over."""
    assert read_feed(atom(("Outage", NOW - timedelta(hours=hours), text)), NOW).fine is fine


@pytest.mark.parametrize("body", [b"", b"<html/>", b"<rss", b'<!DOCTYPE a [<!ENTITY b "c">]><rss/>', b"\xff\xfe<\0"])
def test_what_is_no_feed_is_said(body: bytes) -> None:
    """Nothing, a web page, and a document that would define entities are refused."""
    with pytest.raises(SystemError):
        read_feed(body, NOW)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_said_or_refused(body: bytes) -> None:
    """Whatever comes, it is a value or an error in words."""
    for read in (read_statuspage, read_instatus, lambda said: read_feed(said, NOW)):
        try:
            read(body)
        except SystemError as error:
            assert str(error)
