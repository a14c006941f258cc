"""Datadog's system and its fake against Datadog's published specifications, and against recorded answers."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from cockpit.model.change import Progress
from cockpit.systems.answers import decode
from cockpit.systems.base import Circumstances, Reply, SystemError
from cockpit.systems.datadog_events import Page, Reader, after, read_deployment, read_event
from cockpit.systems.failures import refused, what_it_said
from tests.fakes.datadog import FakeDatadog
from tests.systems.contracts import SAMPLES, Kept, needs_contracts, specification
from tests.systems.datadogs import NOW, SINCE, datadog
from tests.systems.wires import spec_of

pytestmark = needs_contracts

CASSETTES = sorted((SAMPLES / "datadog-cassettes").glob("v*/*.yaml"))
EVENTS = [path for path in CASSETTES if "_of_events_" in path.name or "search_events" in path.name]
DEPLOYMENTS = [path for path in CASSETTES if "list_of_deployment_events" in path.name]


def exchanges(path: Path) -> list[tuple[dict[str, Any], Reply]]:
    """Return what was asked and answered in a cassette."""
    kept = []
    for one in yaml.safe_load(path.read_text())["interactions"]:
        said = one["response"]
        headers = {name: values[0] for name, values in said["headers"].items()}
        kept.append((one["request"], Reply(said["status"]["code"], said["body"]["string"].encode(), headers)))
    return kept


def named(path: Path) -> str:
    """Return a cassette's short name."""
    return f"{path.parent.name}-{path.stem}"


async def test_it_keeps_to_its_specification(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request that the system sends, and every answer of the fake, is as Datadog specifies."""
    monkeypatch.setattr("cockpit.systems.datadog_search.LIMIT", 10)
    git = {"commit_sha": "66adc9350f2cc9b250b69abddab733dd55e1a588", "repository_id": "github.com/acme/shop"}
    async with FakeDatadog(lambda: NOW) as server:
        server.dora_type = "application/json"
        kept = Kept(server)
        for number in range(25):
            server.event(NOW - timedelta(minutes=5 + number), "service:a", f"version:{number}")
            server.deploy("a", NOW - timedelta(minutes=9 + number), NOW - timedelta(minutes=7 + number), git=git)
        async with datadog(server.url, tmp_path) as system:
            assert len((await system.changes(SINCE, NOW, Circumstances())).changes) == 50
            server.limited = 1
            assert await system.check()
        async with datadog(server.url, tmp_path, app_key="wrong-app-key", dora="service:a") as system:
            with pytest.raises(SystemError):
                await system.changes(SINCE, NOW, Circumstances())
    assert {answer.status for _, answer in kept.exchanges} == {200, 403, 429}
    kept.hold(specification("datadog-v2"), unknown=("/api/v1/",))
    kept.hold(specification("datadog-v1"), unknown=("/api/v2/",))


@pytest.mark.parametrize("path", CASSETTES, ids=named)
def test_every_recorded_refusal_is_told_in_words(path: Path) -> None:
    """Whatever the content type and the shape of the errors, the server's own words come out."""
    for _, reply in exchanges(path):
        error = refused(reply, spec_of(), "/x", NOW)
        assert (error is None) == (reply.status < 300)
        if error is not None and reply.status not in {401, 404}:
            said = what_it_said(reply)
            assert said
            assert said in str(error)


@pytest.mark.parametrize("path", EVENTS, ids=named)
def test_every_recorded_event_is_read(path: Path) -> None:
    """All of them, each once, with the time that it has twice; the last page has no cursor."""
    for _, reply in exchanges(path):
        if reply.status != 200:
            continue
        page: Page = decode(reply.body, Page)
        for raw in page.data:
            change = read_event(bytes(raw), Reader())
            told = json.loads(bytes(raw))["attributes"]
            assert change.began == datetime.fromtimestamp(told["attributes"]["timestamp"] / 1000, UTC)
            assert change.name == "(no service tag)"
            assert change.environment == "staging"
            assert change.progress is Progress.UNKNOWN
            assert change.url == f"https://app.datadoghq.com/event/event?id={told['attributes']['evt']['id']}"
        assert bool(after(page)) == bool(page.data)


@pytest.mark.parametrize("path", DEPLOYMENTS, ids=named)
def test_every_recorded_deployment_is_read(path: Path) -> None:
    """Text where the specification has numbers, too."""
    for _, reply in exchanges(path):
        if reply.status == 200:
            for raw in decode(reply.body, Page).data:
                change = read_deployment(bytes(raw), Reader())
                assert (change.name, change.version, change.owner) == ("shopist", "v1.12.07", "backend")
                assert change.began == datetime(2023, 8, 31, 14, 26, 14, tzinfo=UTC)
                assert change.ended == datetime(2023, 8, 31, 14, 26, 24, tzinfo=UTC)


def test_a_deployment_that_was_sent_is_read_as_it_would_be_listed() -> None:
    """Nanoseconds, and the commit that the sender gave."""
    (path,) = [path for path in CASSETTES if "send_a_deployment" in path.name]
    ((request, _),) = exchanges(path)
    sent = {"id": "a", "type": "dora_deployment", "attributes": json.loads(request["body"])["data"]["attributes"]}
    change = read_deployment(msgspec.json.encode(sent), Reader())
    assert change.began == datetime(2023, 8, 31, 14, 26, 14, tzinfo=UTC)
    assert change.commit == "66adc9350f2cc9b250b69abddab733dd55e1a588"
