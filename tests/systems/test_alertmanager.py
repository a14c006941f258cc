"""Alertmanager over real sockets: peers side by side, one alert per fingerprint, and what every state says."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import FixedClock
from cockpit.config import ConfigError, Context, Secret
from cockpit.matchers import parse_matcher
from cockpit.model.alert import AlertReport
from cockpit.model.reading import AlertsSeen
from cockpit.model.topology import NO_MAP
from cockpit.systems.alertmanager import System
from cockpit.systems.base import Circumstances, Surroundings, SystemError
from cockpit.systems.http import HttpWire
from cockpit.systems.recording import (
    NotRecorded,
    PlaybackWire,
    Recording,
    RecordingWire,
    RecordingWriter,
    header_of,
)
from tests.fakes.alertmanager import Cluster, FakeAlertmanager, Inhibition, fingerprint
from tests.fakes.http_server import Answer, say
from tests.systems.alertmanagers import NOW, alertmanager
from tests.systems.wires import spec_of

PAYMENT = {"alertname": "PaymentErrorsHigh", "service": "payment", "severity": "critical"}
DISK = {"alertname": "DiskFull", "instance": "db-1", "severity": "warning"}


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock that both sides go by."""
    return FixedClock(NOW)


@pytest.fixture
def cluster(clock: FixedClock) -> Cluster:
    """Return what peers share."""
    return Cluster(clock.now)


@pytest.fixture
async def one(cluster: Cluster) -> AsyncIterator[FakeAlertmanager]:
    """Open one peer."""
    async with FakeAlertmanager(cluster) as peer:
        yield peer


@pytest.fixture
async def two(cluster: Cluster, one: FakeAlertmanager) -> AsyncIterator[FakeAlertmanager]:
    """Open a second peer of the same cluster."""
    async with FakeAlertmanager(cluster) as peer:
        yield peer


async def ask(system: System) -> tuple[AlertsSeen, Circumstances]:
    """Ask for alerts and return them with what came beside."""
    around = Circumstances()
    return await system.alerts(around), around


async def only(system: System) -> AlertReport:
    """Return the only alert."""
    (report,) = (await ask(system))[0].alerts
    return report


async def test_an_alert_carries_all_that_is_known_of_it(one: FakeAlertmanager, clock: FixedClock) -> None:
    """Labels, annotations, times, receivers, peer and link arrive as they were sent."""
    one.fire(
        PAYMENT, {"summary": "31 %"}, starts=NOW - timedelta(minutes=6), generator="http://prom:9090/graph?g0.expr=x"
    )
    async with alertmanager(one.url, clock=clock) as system:
        report = await only(system)
    assert (report.id, report.labels, report.annotations) == (fingerprint(PAYMENT), PAYMENT, {"summary": "31 %"})
    assert (report.started, report.ends, report.updated) == (
        NOW - timedelta(minutes=6),
        NOW + timedelta(minutes=4),
        NOW,
    )
    assert (report.state, report.receivers, report.peers) == ("active", ("team-default",), (one.address,))
    assert report.generator == "http://prom:9090/graph?g0.expr=x"


async def test_silenced_inhibited_and_both_are_told(one: FakeAlertmanager, cluster: Cluster) -> None:
    """A suppressed alert names its silences and the alerts that inhibit it."""
    cluster.inhibitions = [Inhibition({"severity": "critical"}, {"severity": "warning"})]
    source, target = one.fire(PAYMENT), one.fire(DISK)
    name = cluster.silence({"alertname": "DiskFull"}, comment="resize", by="responder")
    async with alertmanager(one.url) as system:
        reports = {report.id: report for report in (await ask(system))[0].alerts}
        silences = (await system.silences(Circumstances())).silences
    assert reports[source].state == "active"
    assert (reports[target].state, reports[target].silenced_by, reports[target].inhibited_by) == (
        "suppressed",
        (name,),
        (source,),
    )
    (silence,) = silences
    assert (silence.id, silence.state, silence.created_by, silence.comment) == (name, "active", "responder", "resize")
    assert (silence.matchers, silence.ends) == (('alertname="DiskFull"',), NOW + timedelta(hours=1))


async def test_only_current_silences_are_told_and_the_latest_word_counts(
    one: FakeAlertmanager, two: FakeAlertmanager, cluster: Cluster, clock: FixedClock
) -> None:
    """Expired silences are left out, pending ones are not, and one that a peer knows better is told once."""
    ended, running = cluster.silence({"a": "1"}, hours=2), cluster.silence({"b": "1"}, hours=3)
    stale = dict(cluster.silences[ended], status={"state": "active"})
    clock.advance(60)
    cluster.expire(ended)
    later = cluster.keep(
        dict(cluster.silences[running], id=None, startsAt="2026-11-21T00:00:00Z", endsAt="2026-11-21T01:00:00Z")
    )
    two.routes["GET /api/v2/silences"] = say([stale])
    async with alertmanager(one.url, two.url, clock=clock) as system:
        told = (await system.silences(Circumstances())).silences
    assert [(silence.id, silence.state) for silence in told] == [(running, "active"), (later, "pending")]


async def test_peers_are_joined_by_fingerprint(
    one: FakeAlertmanager, two: FakeAlertmanager, cluster: Cluster, clock: FixedClock
) -> None:
    """The same alert on two peers is one: earliest start, latest end, and both peers; others are kept apart."""
    one.fire(PAYMENT, starts=NOW - timedelta(minutes=6), ends=NOW + timedelta(minutes=1))
    two.fire(PAYMENT, starts=NOW - timedelta(minutes=2), ends=NOW + timedelta(minutes=4))
    two.fire(DISK)
    async with alertmanager(one.url, two.url, clock=clock) as system:
        seen, around = await ask(system)
    by_name = {report.labels["alertname"]: report for report in seen.alerts}
    assert len(seen.alerts) == 2
    both = by_name["PaymentErrorsHigh"]
    assert (both.started, both.ends) == (NOW - timedelta(minutes=6), NOW + timedelta(minutes=4))
    assert both.peers == (one.address, two.address)
    assert by_name["DiskFull"].peers == (two.address,)
    assert [(peer.address, peer.up, peer.started) for peer in around.peers] == [
        (one.address, True, NOW),
        (two.address, True, NOW),
    ]


async def test_a_dead_peer_is_named_and_holds_nothing_back(one: FakeAlertmanager, two: FakeAlertmanager) -> None:
    """With one of two peers gone the other's alerts stand, and the dead one carries its reason."""
    one.fire(PAYMENT)
    async with alertmanager(one.url, two.url) as system:
        await two.stop()
        seen, around = await ask(system)
        assert len(seen.alerts) == 1
        assert [(peer.up, peer.error) for peer in around.peers] == [(True, None), (False, "connection refused")]
        await system.silences(around)
        assert [peer.up for peer in around.peers] == [True, False]
        await two.start()
        _, around = await ask(system)
        assert [peer.up for peer in around.peers] == [True, True]


async def test_a_peer_that_hangs_keeps_nobody_waiting(one: FakeAlertmanager, two: FakeAlertmanager) -> None:
    """A peer that never answers is given up soon after another has answered, and sooner from then on."""
    one.fire(PAYMENT)
    good, two.routes["GET /api/v2/alerts"] = two.routes["GET /api/v2/alerts"], Answer(hang=True)
    loop = asyncio.get_running_loop()
    async with alertmanager(one.url, two.url, timeout_s=30.0) as system:
        waits = []
        for _ in range(2):
            began = loop.time()
            seen, around = await ask(system)
            waits.append(loop.time() - began)
            assert len(seen.alerts) == 1
            assert "while another peer answered" in str(around.peers[1].error)
        assert waits[0] < 5
        assert waits[1] < 2
        two.routes["GET /api/v2/alerts"] = good
        _, around = await ask(system)
        assert around.peers[1].up


async def test_no_peer_at_all_is_a_failure_that_names_each(one: FakeAlertmanager, two: FakeAlertmanager) -> None:
    """When nobody answers the failure tells every peer with its reason, and the peers are told beside it."""
    two.routes["GET /api/v2/alerts"] = say("overloaded", 500)
    await one.stop()
    around = Circumstances()
    async with alertmanager(one.url, two.url) as system:
        with pytest.raises(SystemError) as caught:
            await system.alerts(around)
    assert str(caught.value) == (
        f"{one.address}: connection refused; {two.address}: 500 Internal Server Error: overloaded"
    )
    assert [peer.up for peer in around.peers] == [False, False]


async def test_labels_of_the_settings_are_added_and_replace_none(one: FakeAlertmanager) -> None:
    """Configured labels stand beside the alert's own, which win; the fingerprint stays the server's."""
    name = one.fire(PAYMENT)
    async with alertmanager(one.url, labels={"cluster": "eu-1", "service": "other"}) as system:
        report = await only(system)
    assert report.labels == PAYMENT | {"cluster": "eu-1"}
    assert report.id == name


async def test_the_start_of_a_peer_is_asked_at_first_then_each_minute_and_after_it_was_down(
    one: FakeAlertmanager, clock: FixedClock
) -> None:
    """A restart is seen within a minute, and at once when the peer was missed meanwhile."""

    def statuses() -> int:
        return one.paths().count("/api/v2/status")

    async with alertmanager(one.url, clock=clock) as system:
        for _ in range(3):
            await ask(system)
        assert statuses() == 1
        clock.advance(61)
        one.forget()
        _, around = await ask(system)
        assert (statuses(), around.peers[0].started) == (2, NOW + timedelta(seconds=61))
        await one.stop()
        with pytest.raises(SystemError):
            await ask(system)
        clock.advance(1)
        one.forget()
        await one.start()
        _, around = await ask(system)
        assert (statuses(), around.peers[0].started) == (3, NOW + timedelta(seconds=62))


async def test_alerts_stand_without_a_status(one: FakeAlertmanager) -> None:
    """A peer that does not say when it was started still gives its alerts."""
    one.fire(PAYMENT)
    for answer in (say("no", 500), say({"uptime": 12}), say({}), Answer(body=b"<html>")):
        one.routes["GET /api/v2/status"] = answer
        async with alertmanager(one.url) as system:
            seen, around = await ask(system)
        assert len(seen.alerts) == 1
        assert (around.peers[0].up, around.peers[0].started) == (True, None)


async def test_what_did_not_change_is_the_same_object(
    one: FakeAlertmanager, two: FakeAlertmanager, clock: FixedClock
) -> None:
    """An unchanged answer is the same value, and among changed alerts the unchanged ones are the same objects."""
    for number in range(20):
        for peer in (one, two):
            peer.fire({"alertname": "A", "n": str(number)})
    async with alertmanager(one.url, two.url, clock=clock) as system:
        first, _ = await ask(system)
        again, _ = await ask(system)
        assert again is first
        clock.advance(5)
        changed = two.fire({"alertname": "A", "n": "7"})
        third, _ = await ask(system)
        moved = {before.id for before, after in zip(first.alerts, third.alerts, strict=True) if before is not after}
        assert moved == {changed}


async def test_filters_and_receiver_go_to_the_server(one: FakeAlertmanager) -> None:
    """Configured matchers and the receiver are the server's to apply; without them nothing is sent along."""
    one.fire(PAYMENT)
    one.fire(DISK)
    settings = {"filter": ["severity=critical", 'alertname!="X"'], "receiver": "team-.*"}
    async with alertmanager(one.url, extra=settings) as system:
        assert (await only(system)).labels == PAYMENT
    assert one.asked[0].query == (
        ("filter", 'severity="critical"'),
        ("filter", 'alertname!="X"'),
        ("receiver", "team-.*"),
    )
    async with alertmanager(one.url) as system:
        await ask(system)
    assert one.asked[-2].query == ()


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"filters": []}, "am.filters: unknown key; did you mean filter?"),
        ({"filter": "a=1"}, "am.filter: expected a list"),
        ({"filter": ["a b"]}, "am.filter[0]: 'a b' is no matcher; write one such as"),
        ({"filter": ['a=~"("']}, "am.filter[0]: "),
        ({"receiver": 1}, "am.receiver: expected text"),
    ],
)
async def test_wrong_settings_name_their_place(extra: dict[str, object], said: str) -> None:
    """A wrong setting is refused before anything is asked, with its place and a remedy."""
    with pytest.raises(ConfigError) as caught:
        async with alertmanager("http://127.0.0.1:1", extra=extra):
            pass
    assert said in str(caught.value)


async def test_a_route_prefix_is_part_of_the_address(cluster: Cluster) -> None:
    """An Alertmanager under a path is asked there; without the prefix the error asks for it."""
    async with FakeAlertmanager(cluster, prefix="/am") as peer:
        peer.fire(PAYMENT)
        async with alertmanager(peer.base + "/") as system:
            assert (await only(system)).labels == PAYMENT
        async with alertmanager(peer.url) as system:
            with pytest.raises(SystemError, match=r"404 Not Found: path /api/v2/alerts was not found .*route prefix"):
                await ask(system)


async def test_skew_of_the_clocks_is_told(one: FakeAlertmanager, clock: FixedClock) -> None:
    """A server whose clock is minutes wrong says so in its answers."""
    one.ahead_s = -300
    async with alertmanager(one.url, clock=clock) as system:
        _, around = await ask(system)
    assert around.skew_s == pytest.approx(-300, abs=1)


async def test_refusals_are_told_in_words(one: FakeAlertmanager, clock: FixedClock) -> None:
    """401, 429 and a web page read as what to do about them."""
    token = Secret(env="THE_TOKEN")
    later = format_datetime(NOW + timedelta(seconds=40), usegmt=True)
    cases: tuple[tuple[Answer, dict[str, Any], str, float | None], ...] = (
        (
            say("who?", 401),
            {"token": token},
            r"401 Unauthorized: the token was refused \(setting token in config",
            None,
        ),
        (say("slow", 429, retry_after="7"), {}, "429 Too Many Requests: asks to be left alone for 7 s", 7),
        (say("slow", 429, retry_after=later), {}, "asks to be left alone for 40 s", 40),
        (say("slow", 429), {}, "429 Too Many Requests: slow", None),
        (
            Answer(body=b"<html>login</html>", content_type="text/html"),
            {},
            "a web page, not JSON: is this the right",
            None,
        ),
        (Answer(body=b""), {}, "answered nothing", None),
    )
    for answer, settings, said, rest in cases:
        one.routes["GET /api/v2/alerts"] = answer
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("THE_TOKEN", "hunter2-and-more")
            async with alertmanager(one.url, clock=clock, **settings) as system:
                with pytest.raises(SystemError, match=said) as caught:
                    await ask(system)
        assert caught.value.retry_after_s == rest


async def test_every_setting_of_the_kind_stands_on_the_class() -> None:
    """A kind tells its topics, cadence and wire without being built."""
    assert (System.KIND, System.WIRE) == ("alertmanager", "http")
    assert {str(topic) for topic in System.TOPICS} == {"alerts", "silences"}
    assert set(System.CADENCE.values()) == {15.0}
    async with alertmanager("http://a:1", every=timedelta(seconds=5), verify=False) as system:
        assert (system.every_s, system.insecure, system.name) == (5, True, "am")


async def test_a_filter_is_asked_of_the_server(one: FakeAlertmanager) -> None:
    """The server gets the matchers that it knows the labels of, beside those of the settings, and says which those were."""
    one.fire(PAYMENT)
    one.fire(DISK)
    wanted = (parse_matcher('service=~"pay.*"'), parse_matcher('cluster="eu-1"'))
    async with alertmanager(one.url, labels={"cluster": "eu-1"}, extra={"filter": ['severity!="info"']}) as system:
        around = Circumstances()
        seen = await system.filtered(wanted, around)
        assert [report.id for report in seen.alerts] == [fingerprint(PAYMENT)]
        assert seen.only == ('service=~"pay.*"',)
        assert one.asked[-1].all("filter") == ['severity!="info"', 'service=~"pay.*"']
        assert len((await ask(system))[0].alerts) == 2
        assert system.filters(wanted)
        assert not system.filters(wanted[1:])
        one.fire(PAYMENT | {"instance": "2"})
        assert len((await system.filtered(wanted, around)).alerts) == 2


async def test_a_filter_is_recorded_and_played_back(one: FakeAlertmanager, tmp_path: Path, clock: FixedClock) -> None:
    """What was asked with a filter is kept with its matchers, and answers that question alone."""
    one.fire(PAYMENT)
    one.fire(DISK)
    spec = spec_of(one.url)
    writer = RecordingWriter(tmp_path / "r.jsonl", header_of(Context("test"), clock.now()), clock=clock)
    recorder = RecordingWire(HttpWire(spec, clock), writer, "am")
    live = System(spec, Surroundings(recorder, NO_MAP, ""), clock)
    wanted, other = (parse_matcher('service="payment"'),), (parse_matcher('service="order"'),)
    await live.filtered(wanted, Circumstances())
    await live.close()
    writer.close()
    wire = PlaybackWire(Recording.load(tmp_path / "r.jsonl"), "am", clock)
    played = System(spec, Surroundings(wire, NO_MAP, ""), clock)
    assert [report.labels for report in (await played.filtered(wanted, Circumstances())).alerts] == [PAYMENT]
    with pytest.raises(NotRecorded):
        await played.filtered(other, Circumstances())


async def test_null_is_no_empty_list(one: FakeAlertmanager) -> None:
    """An Alertmanager without alerts or silences answers [], and null is an answer that says nothing."""
    async with alertmanager(one.url) as system:
        assert (await ask(system))[0].alerts == ()
        one.routes["GET /api/v2/alerts"] = one.routes["GET /api/v2/silences"] = lambda _: say(None)
        for asked in (system.alerts, system.silences):
            with pytest.raises(SystemError, match="answered null instead of a list"):
                await asked(Circumstances())
