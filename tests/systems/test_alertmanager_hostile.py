"""Alertmanager's answers that want to do harm, or are broken: nothing gets through, and nothing hides the rest."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.model.alert import AlertReport
from cockpit.systems.alertmanager_answers import fingerprint_of, join_reports, read_alert
from cockpit.systems.alertmanager_book import AlertBook, PeerPage
from cockpit.systems.answers import is_plain, web_url
from cockpit.systems.base import Circumstances, SystemError
from tests.fakes.alertmanager import fingerprint
from tests.fakes.http_server import Answer, FakeServer, say
from tests.systems.alertmanagers import alertmanager

EVIL = (
    "[red]markup[/red] [@click=app.quit]x[/]",
    "\x1b]52;c;cm0gLXJm\x07\x1b[2J\x9b31m",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "a\x00b\r\nc\x7f",
    "x" * 100_000,
    "\U0001f468\u200d\U0001f469\U0001f3fd",
)


def an_alert(**changed: Any) -> dict[str, Any]:
    """Return an alert as it is answered."""
    return {
        "annotations": {},
        "endsAt": "2026-11-20T14:16:00.000Z",
        "fingerprint": "aae7a1432b5d2f1b",
        "receivers": [{"name": "team"}],
        "startsAt": "2026-11-20T14:06:00.000Z",
        "status": {"inhibitedBy": [], "silencedBy": [], "state": "active"},
        "updatedAt": "2026-11-20T14:12:00.000Z",
        "generatorURL": "http://prom/graph",
        "labels": {"alertname": "A"},
    } | changed


def read(alert: dict[str, Any], *, ascii_only: bool = True) -> AlertReport:
    """Return an alert as the system reads it."""
    data = json.dumps(alert, ensure_ascii=ascii_only).encode()
    return read_alert(data, is_plain(data), "am:9093", {})


def texts(report: AlertReport) -> list[str]:
    """Return every string of a report."""
    pairs = [text for labels in (report.labels, report.annotations) for pair in labels.items() for text in pair]
    rest = (*report.silenced_by, *report.inhibited_by, *report.receivers, report.id, report.state)
    return [*pairs, *rest, report.generator or ""]


def harmless(text: str) -> bool:
    """Tell whether a text drives no terminal and hides nothing."""
    forbidden = {*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200B, 0x200D, 0xFEFF} - {0x0A}
    return not forbidden & set(map(ord, text)) and len(text) < 5000


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_no_text_of_an_alert_drives_a_terminal(evil: str, ascii_only: bool) -> None:
    """Controls, bidi and endless values in any field come out harmless, escaped in JSON or not."""
    report = read(
        an_alert(
            labels={"alertname": evil, evil: "v"},
            annotations={"summary": evil},
            fingerprint=evil,
            receivers=[{"name": evil}],
            status={"inhibitedBy": [evil], "silencedBy": [evil], "mutedBy": [evil], "state": evil},
            generatorURL=f"http://x/{evil}",
        ),
        ascii_only=ascii_only,
    )
    assert all(map(harmless, texts(report)))
    assert report.state == "active"


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=5), st.booleans())
def test_any_labels_come_out_harmless(labels: dict[str, str], ascii_only: bool) -> None:
    """Whatever Unicode a label holds, what is read of it is harmless, by the quick path and by the careful one."""
    labels = {
        name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for name, value in labels.items()
    }
    assert all(map(harmless, texts(read(an_alert(labels=labels), ascii_only=ascii_only))))


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(max_size=10), st.text(max_size=10), max_size=5))
def test_the_fingerprint_is_the_servers_own(labels: dict[str, str]) -> None:
    """A missing fingerprint is computed as Alertmanager would, so that peers still agree."""
    labels = {
        name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for name, value in labels.items()
    }
    assert fingerprint_of(labels) == fingerprint(labels)
    assert read(an_alert(labels=labels, fingerprint=None)).id == fingerprint(labels)


def test_only_web_addresses_are_links() -> None:
    """A link is http or https, in one line, or there is none."""
    assert web_url("https://prom/graph?g0.expr=up") == "https://prom/graph?g0.expr=up"
    for url in (
        "javascript:alert(1)",
        "file:///etc/passwd",
        "",
        None,
        "http://a b",
        "http://a\n",
        "http://" + "x" * 9999,
    ):
        assert web_url(url) is None


async def test_one_broken_alert_hides_no_other() -> None:
    """Broken alerts are left out, counted, and the first is named with its place."""
    bad = [
        an_alert(startsAt=12),
        an_alert(labels=["a"]),
        an_alert(labels={"a": 1}),
        an_alert(startsAt="0001-01-01T00:00:00Z", updatedAt=None),
        "text",
        None,
        {key: value for key, value in an_alert().items() if key != "labels"},
    ]
    good = [an_alert(fingerprint=f"{number:016x}") for number in range(3)]
    answer = say([good[0], *bad, *good[1:]])
    async with FakeServer({"/api/v2/alerts": answer}) as server, alertmanager(server.url) as system:
        around = Circumstances()
        seen = await system.alerts(around)
        assert len(seen.alerts) == 3
        assert around.partial == "7 of 10 alerts could not be read: $[1].startsAt: expected a time"
        await system.alerts(around)
        assert around.partial is not None


async def test_bytes_that_are_no_utf8_cost_no_alert() -> None:
    """A label in Latin-1 is shown with a stand-in."""
    body = json.dumps([an_alert()]).encode().replace(b'"A"', b'"caf\xe9"')
    async with FakeServer({"/api/v2/alerts": Answer(body=body)}) as server, alertmanager(server.url) as system:
        (report,) = (await system.alerts(Circumstances())).alerts
    assert report.labels["alertname"] == "caf\ufffd"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'[{"labels": {"a":', "its JSON is cut off"),
        (b"not json", "not JSON"),
        (b'{"alerts": []}', r"in another shape than expected: \$: expected a list"),
        (b'"text"', "expected a list"),
        (b"[" * 200_000, "not JSON|cut off"),
        (b"  <!DOCTYPE html><html>", "a web page"),
    ],
)
async def test_what_is_no_list_of_alerts_is_a_failure(body: bytes, said: str) -> None:
    """An answer that cannot be understood at all is a failure in words, never an empty list."""
    async with FakeServer({"/api/v2/alerts": Answer(body=body)}) as server, alertmanager(server.url) as system:
        with pytest.raises(SystemError, match=said):
            await system.alerts(Circumstances())


async def test_a_storm_is_read_in_slices() -> None:
    """While twenty thousand alerts are read, others on the loop have their turn all the time."""
    many = [
        an_alert(
            fingerprint=f"{number:016x}", labels={"alertname": "A", "pod": f"checkout-{number:05d}", "x": "y" * 300}
        )
        for number in range(20_000)
    ]
    body = json.dumps(many).encode()
    page, book = PeerPage("am:9093", {}), AlertBook()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await page.read(body)
    seen = await book.join([page.reports])
    task.cancel()
    assert len(seen.alerts) == 20_000
    assert turns >= 40
    await page.read(body)
    assert await book.join([page.reports]) is seen


moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
few = st.lists(st.sampled_from("abc"), max_size=3, unique=True).map(tuple)
reports = st.builds(
    AlertReport,
    id=st.just("f"),
    labels=st.just({"alertname": "A"}),
    annotations=st.dictionaries(st.sampled_from("ab"), st.text(max_size=2), max_size=2),
    started=moments,
    ends=st.none() | moments,
    updated=st.none() | moments,
    state=st.sampled_from(["active", "suppressed", "unprocessed"]),
    silenced_by=few,
    inhibited_by=few,
    receivers=few,
    peers=few,
    generator=st.none() | st.just("http://prom"),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(reports, min_size=1, max_size=4))
def test_joining_reports_loses_nothing(several: list[AlertReport]) -> None:
    """The joined report starts with the earliest, ends with the latest, and holds every peer, silence and receiver."""
    joined = join_reports(several)
    assert joined.started == min(report.started for report in several)
    assert joined.ends == max((report.ends for report in several if report.ends), default=None)
    for field in ("peers", "silenced_by", "inhibited_by", "receivers"):
        assert set(getattr(joined, field)) == {item for report in several for item in getattr(report, field)}
        assert len(getattr(joined, field)) == len(set(getattr(joined, field)))
    assert (joined.state == "active") == any(report.state == "active" for report in several)
    assert join_reports([joined, *several]).started == joined.started
