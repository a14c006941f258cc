"""Grafana's system and its fake against Grafana's published specification."""

from datetime import timedelta
from typing import Any

import pytest

from cockpit.model.annotation import Annotation
from cockpit.systems.base import Circumstances, SystemError
from cockpit.systems.grafana_check import PERMISSIONS
from tests.fakes.grafana import FakeGrafana
from tests.fakes.http_server import Answer, Asked
from tests.needs import SHARED
from tests.systems.grafanas import NOW, SINCE, grafana

pytestmark = pytest.mark.skipif(not (SHARED / "contracts").is_dir(), reason="missing: shared contracts")


class Watched(FakeGrafana):
    """Keeps what it answers."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.kept: list[tuple[Asked, Answer]] = []
        for path, route in list(self.routes.items()):
            self.routes[path] = self._watched(route)
        self.default = self._watched(self.default)

    def _watched(self, route: Any) -> Any:
        def watched(asked: Asked) -> Answer:
            made: Answer = route(asked)
            self.kept.append((asked, made))
            return made

        return watched


def _validate(server: Watched) -> None:
    """Check every request and every answer; the list of permissions stands in no published specification."""
    from openapi_core import OpenAPI
    from openapi_core.testing import MockRequest, MockResponse
    from werkzeug.datastructures import ImmutableMultiDict

    specification = OpenAPI.from_file_path(str(SHARED / "contracts" / "specs" / "grafana.openapi.json"))
    assert server.kept
    for asked, answer in server.kept:
        if asked.path == PERMISSIONS:
            continue
        content = asked.headers.get("content-type", "application/json")
        headers = {"Authorization": asked.headers.get("authorization", "")}
        request = MockRequest(
            server.url, asked.method, asked.path, headers=headers, data=asked.body, content_type=content
        )
        request.parameters.query = ImmutableMultiDict(asked.query)
        specification.validate_request(request)
        specification.validate_response(
            request, MockResponse(answer.body, answer.status, content_type=answer.content_type)
        )


async def test_grafana_keeps_to_its_specification() -> None:
    """Every request that the system sends, and every answer of the fake, is as Grafana specifies."""
    async with Watched() as server:
        server.annotate(NOW, "deploy", "service:payment", "version:v1", ended=NOW + timedelta(minutes=3))
        server.annotate(NOW, "deploy", alertId=4, newState="alerting")
        extra = {"tags": ["deploy", "release"], "dashboard_uid": "abc"}
        async with grafana(server.url, extra=extra, write=True) as system:
            await system.changes(SINCE, NOW, Circumstances())
            assert all(check.ok for check in await system.check())
            tags = ("deploy", "service:payment", "version:v2", "cockpit:payment@v2@x")
            for dashboard in ("", "abc"):
                wanted = Annotation("payment v2", tags, NOW, NOW + timedelta(minutes=3), dashboard, service="payment")
                await system.similar(wanted)
                written = await system.annotate(wanted)
                assert (written.tags, written.began, written.ended) == (tags, NOW, NOW + timedelta(minutes=3))
        _validate(server)


async def test_refusals_keep_to_the_specification() -> None:
    """Its refusals too, where the specification has them."""
    async with Watched(permissions={}) as server:
        async with grafana(server.url) as system:
            with pytest.raises(SystemError, match="annotations:create"):
                await system.annotate(Annotation("x", (), NOW))
            with pytest.raises(SystemError, match="there is no dashboard"):
                await system.spot("gone")
            server.token = "another"
            with pytest.raises(SystemError, match="token"):
                await system.changes(SINCE, NOW, Circumstances())
        _validate(server)
