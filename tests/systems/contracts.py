"""Checks what a fake was asked, and what it answered, against the vendor's published specification."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.fakes.http_server import Answer, Asked, FakeServer
from tests.needs import SHARED

SAMPLES = SHARED / "contracts" / "samples"
"""Answers that vendors give."""

needs_contracts = pytest.mark.skipif(not (SHARED / "contracts").is_dir(), reason="missing: shared contracts")
"""Skips a test where the shared contracts are not there."""


def specification(name: str) -> Any:
    """Return a vendor's specification, opened."""
    from openapi_core import OpenAPI

    return OpenAPI.from_file_path(str(SHARED / "contracts" / "specs" / f"{name}.openapi.json"))


class Kept:
    """Keeps every exchange with a fake.

    Args:
        server: What is listened to from now on.
    """

    def __init__(self, server: FakeServer) -> None:
        self._server = server
        self.exchanges: list[tuple[Asked, Answer]] = []
        for path, route in list(server.routes.items()):
            server.routes[path] = self._watched(route)
        if server.default is not None:
            server.default = self._watched(server.default)

    def _watched(self, route: Any) -> Callable[[Asked], Awaitable[Answer]]:
        async def watched(asked: Asked) -> Answer:
            made = route if isinstance(route, Answer) else route(asked)
            answer: Answer = made if isinstance(made, Answer) else await made
            self.exchanges.append((asked, answer))
            return answer

        return watched

    def hold(self, spec: Any, *, unknown: tuple[str, ...] = ()) -> None:
        """Demand that each exchange is as specified.

        Args:
            spec: The specification.
            unknown: Parts of paths that it leaves out.
        """
        from openapi_core.testing import MockRequest, MockResponse
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        assert self.exchanges
        for asked, answer in self.exchanges:
            if any(part in asked.path for part in unknown):
                continue
            content = asked.headers.get("content-type", "application/json")
            request = MockRequest(self._server.url, asked.method, asked.path, data=asked.body, content_type=content)
            request.parameters.query = ImmutableMultiDict(asked.query)
            request.parameters.header = Headers(asked.headers)
            spec.validate_request(request)
            if answer.body:
                spec.validate_response(
                    request, MockResponse(answer.body, answer.status, content_type=answer.content_type)
                )
