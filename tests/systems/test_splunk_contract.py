"""Splunk's system and its fake against the specification that was written down of Splunk's search API."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.splunk_rows import Reader, read_rows
from cockpit.systems.splunk_stream import read_stream
from tests.fakes.http_server import Answer
from tests.fakes.splunk import SESSION, FakeSplunk
from tests.needs import SHARED
from tests.systems.contracts import Kept, needs_contracts, specification
from tests.systems.splunks import NOW, SINCE, secret, splunk

pytestmark = needs_contracts


async def test_it_keeps_to_its_specification(tmp_path: Path) -> None:
    """Every request that the system sends, and every answer of the fake, is as it was written down; each line too."""
    from openapi_schema_validator import OAS30Validator

    spec = specification("splunk-search")
    for v2 in (True, False):
        async with FakeSplunk(lambda: NOW, v2=v2) as server:
            kept = Kept(server)
            server.log(NOW - timedelta(minutes=10), "cart", "v1", owner="a")
            server.log(NOW - timedelta(minutes=9), "cart", "v1", owner="b")
            server.first_messages = [{"type": "INFO", "text": "fine"}]
            common = {"token": secret(tmp_path, SESSION)}
            async with splunk(server.url, tmp_path, common=common, scheme="Splunk") as system:
                (change,) = (await system.changes(SINCE, NOW, Circumstances())).changes
                server.full = True
                with pytest.raises(SystemError):
                    await system.changes(SINCE, NOW, Circumstances())
            async with splunk(server.url, tmp_path, token="wrong-token") as system:
                assert not (await system.check())[0].ok
            assert change.owner == "a, b"
            assert {answer.status for _, answer in kept.exchanges} == {200, 401, 503}
            streams = [answer.body for _, answer in kept.exchanges if answer.status == 200]
            as_text = [(asked, _as_text(answer)) for asked, answer in kept.exchanges]
            kept.exchanges = as_text
            kept.hold(spec)
        lines = [json.loads(line) for body in streams for line in body.splitlines()]
        assert lines
        for line in lines:
            OAS30Validator(_resolved({"$ref": "#/components/schemas/ExportLine"})).validate(line)


def _as_text(answer: Answer) -> Answer:
    """Return a stream as the specification has it: one text; its lines are checked by themselves."""
    return replace(answer, body=json.dumps(answer.body.decode()).encode()) if answer.status == 200 else answer


def _resolved(schema: Any) -> Any:
    """Return a schema with what it refers to in its place."""
    if isinstance(schema, list):
        return [_resolved(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        found: Any = known()
        for part in schema["$ref"].split("/")[1:]:
            found = found[part]
        return _resolved(found)
    return {name: _resolved(below) for name, below in schema.items()}


def known() -> Any:
    """Return the specification as it stands."""
    return json.loads((SHARED / "contracts" / "specs" / "splunk-search.openapi.json").read_text())


async def test_the_examples_of_the_specification_are_read() -> None:
    """The stream that stands there as an example comes to its rows."""
    answers = known()["paths"]["/services/search/v2/jobs/export"]["post"]["responses"]
    stream = await read_stream(answers["200"]["content"]["application/json"]["example"].encode())
    assert [row["service"] for row in stream.rows] == ["cart", "checkout"]
    assert stream.gaps == []
    found = read_rows(stream.rows, Reader(), NOW)
    assert [(one.name, one.version) for one in found.timeless] == [("cart", "2.0.1"), ("checkout", "1.42.0")]
