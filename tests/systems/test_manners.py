"""How vendors want to be asked: their headers, their keys, their limits, and answers that did not change."""

from pathlib import Path

import pytest

from cockpit.clock import FixedClock
from cockpit.systems.base import SystemError
from cockpit.systems.manners import Manners
from tests.fakes.http_server import Answer, Asked, FakeServer, say
from tests.systems.test_http import NOW
from tests.systems.test_http_secrets import HIDDEN, secret_file
from tests.systems.wires import spec_of, wire_to


async def test_keys_and_headers_of_the_vendor_are_sent_and_never_repeated(tmp_path: Path) -> None:
    """Both keys go out in the vendor's headers, with what it wants in each request; an answer that repeats one loses it."""
    manners = Manners(headers={"Accept": "application/vnd.a+json"}, keys={"api_key": "X-Api", "app_key": "X-App"})
    source = secret_file(tmp_path)
    async with FakeServer({"/a": lambda asked: Answer(body=asked.headers["x-api"].encode())}) as server:
        spec = spec_of(server.url, api_key=source, app_key=source)
        async with wire_to(spec, manners=manners) as wire:
            reply = await wire.call(server.url, "GET", "/a")
    sent = server.asked[0].headers
    assert (sent["x-api"], sent["x-app"], sent["accept"]) == (HIDDEN, HIDDEN, "application/vnd.a+json")
    assert HIDDEN.encode() not in reply.body


@pytest.mark.parametrize(
    ("status", "headers", "rest"),
    [
        (429, {"x_reset": "17"}, 17),
        (429, {"x_reset": str(int(NOW.timestamp()) + 40)}, 40),
        (403, {"x_reset": "9", "x_left": "0"}, 9),
        (403, {"x_reset": "900", "x_left": "41", "Retry-After": "60"}, 60),
    ],
)
async def test_the_vendors_own_limit_stops_it_for_just_as_long(status: int, headers: dict[str, str], rest: int) -> None:
    """A reset in seconds or as a moment, with a 429 or a spent 403, leaves the server alone for just that long."""
    clock = FixedClock(NOW)
    manners = Manners(resets=("x-reset",), remaining="x-left")
    async with (
        FakeServer({"/a": lambda _: say({}, status, **headers) if len(server.asked) < 2 else say("fine")}) as server,
        wire_to(spec_of(server.url), clock, manners=manners) as wire,
    ):
        assert (await wire.call(server.url, "GET", "/a")).status == 429
        clock.advance(rest - 1)
        with pytest.raises(SystemError, match="429: asked to be left alone"):
            await wire.call(server.url, "GET", "/a")
        clock.advance(1)
        assert (await wire.call(server.url, "GET", "/a")).status == 200


def test_what_is_no_limit_is_none() -> None:
    """A plain 403, a good answer and a header that is no number say nothing about waiting."""
    manners = Manners(resets=("x-reset",), remaining="x-left")
    for status, headers in (
        (403, {"x-left": "5", "x-reset": "9"}),
        (200, {"x-reset": "9"}),
        (429, {"x-reset": "soon"}),
    ):
        assert manners.rest_of(status, headers, NOW.timestamp()) is None


async def test_an_answer_that_did_not_change_is_the_kept_one() -> None:
    """With ETags the second asking sends the tag, and a 304 gives what was answered before, parameters told apart."""

    def answer(asked: Asked) -> Answer:
        page = asked.params.get("page", "1")
        if asked.headers.get("if-none-match") == f'"tag-{page}"':
            return Answer(304, headers={"ETag": f'"tag-{page}"'})
        return say({"page": page}, ETag=f'"tag-{page}"')

    async with (
        FakeServer({"/a": answer}) as server,
        wire_to(spec_of(server.url), manners=Manners(etags=True)) as wire,
    ):
        for page in ("1", "2"):
            first = await wire.call(server.url, "GET", "/a", [("page", page)])
            again = await wire.call(server.url, "GET", "/a", [("page", page)])
            assert first.body == again.body
            assert again.status == 200
    assert ["if-none-match" in asked.headers for asked in server.asked] == [False, True, False, True]
