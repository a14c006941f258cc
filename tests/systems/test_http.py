"""The wire over HTTP: what it sends, what it returns, and what it says when nothing came."""

import asyncio
import gzip
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from cockpit import __version__
from cockpit.clock import FixedClock
from cockpit.systems.base import Reply, SystemError
from cockpit.systems.http import skew_of
from tests.fakes.http_server import TLS, Answer, Asked, FakeServer, say
from tests.systems.wires import spec_of, wire_to

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)


async def test_a_reply_has_status_body_and_the_headers_that_are_looked_at() -> None:
    """A reply carries what the server sent, with the few headers that decide something."""
    async with FakeServer({"/a": say([1], 418, x_more="1")}) as server, wire_to(spec_of(server.url)) as wire:
        reply = await wire.call(server.url, "GET", "/a")
        assert (reply.status, reply.body) == (418, b"[1]")
        assert set(reply.headers) == {"content-type", "date"}
        assert reply.elapsed_s >= 0


async def test_requests_name_the_program_the_tenant_and_the_configured_headers() -> None:
    """User agent, tenant and headers of the settings go with every request."""
    async with FakeServer({"/a": say([])}) as server:
        spec = spec_of(server.url, org="team-1", headers={"X-Team": "pay"})
        async with wire_to(spec) as wire:
            await wire.call(server.url, "GET", "/a")
        headers = server.asked[0].headers
        assert headers["user-agent"] == f"cockpit/{__version__}"
        assert (headers["x-scope-orgid"], headers["x-team"]) == ("team-1", "pay")
        assert headers["accept-encoding"] == "gzip"


async def test_params_go_into_the_query_or_into_a_form() -> None:
    """A GET has its parameters in the query, repeated ones too; a POST without a body in a form."""
    params = [("filter", 'a="b c+&"'), ("filter", "ü=1")]
    async with FakeServer(default=lambda _: say([])) as server, wire_to(spec_of(server.url + "/am/")) as wire:
        await wire.call(server.url + "/am/", "GET", "/api", params)
        await wire.call(server.url + "/am", "POST", "/api", params[:1])
        await wire.call(server.url + "/am", "POST", "/api", body=b"{}")
        assert server.asked[0].path == "/am/api"
        assert list(server.asked[0].query) == params
        assert server.asked[1].params == {"filter": 'a="b c+&"'}
        assert server.asked[1].query == ()
        assert server.asked[2].headers["content-type"] == "application/json"


async def test_packed_answers_are_unpacked() -> None:
    """An answer in gzip arrives as it was before."""
    body = b"[" + b"1," * 3_000_000 + b"1]"
    async with FakeServer({"/a": Answer(body=body, packed=True)}) as server, wire_to(spec_of(server.url)) as wire:
        assert (await wire.call(server.url, "GET", "/a")).body == body


async def test_connections_are_kept_between_polls() -> None:
    """Ten polls take one connection."""
    async with FakeServer({"/a": say([])}) as server, wire_to(spec_of(server.url)) as wire:
        for _ in range(10):
            await wire.call(server.url, "GET", "/a")
        assert server.connections == 1


async def test_at_most_two_requests_are_in_flight() -> None:
    """A burst of calls is asked two at a time."""

    async def slowly(_: Asked) -> Answer:
        await asyncio.sleep(0.01)
        return say([])

    async with FakeServer({"/a": slowly}) as server, wire_to(spec_of(server.url)) as wire:
        await asyncio.gather(*(wire.call(server.url, "GET", "/a") for _ in range(9)))
        assert server.most_in_flight == 2


async def test_a_broken_connection_is_tried_once_more_only_for_get() -> None:
    """A GET whose connection broke is asked a second time, a POST is not."""
    async with FakeServer({"/a": Answer(reset=True)}) as server, wire_to(spec_of(server.url)) as wire:
        with pytest.raises(SystemError, match=r"closed without an answer|reset"):
            await wire.call(server.url, "GET", "/a")
        assert len(server.asked) == 2
        with pytest.raises(SystemError):
            await wire.call(server.url, "POST", "/a", body=b"{}")
        assert len(server.asked) == 3


async def test_a_server_that_was_restarted_is_asked_again_without_an_error() -> None:
    """A kept connection that the server closed meanwhile is opened anew."""
    async with FakeServer({"/a": say([])}) as server, wire_to(spec_of(server.url)) as wire:
        await wire.call(server.url, "GET", "/a")
        await server.stop()
        await server.start()
        assert (await wire.call(server.url, "GET", "/a")).status == 200


async def test_refused_connections_and_unknown_names_are_told_in_words() -> None:
    """A closed port reads as refused, an unknown host as unknown."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        async with wire_to(spec_of(url)) as wire:
            with pytest.raises(SystemError, match=r"^connection refused$"):
                await wire.call(url, "GET", "/a")
    url = "http://nowhere.invalid:9093"
    async with wire_to(spec_of(url)) as wire:
        with pytest.raises(SystemError, match=r"nowhere\.invalid is not known \(DNS"):
            await wire.call(url, "GET", "/a")


async def test_no_answer_and_a_slow_drip_end_at_the_timeout() -> None:
    """The time is that of the whole call, however slowly bytes come."""
    routes = {"/hang": Answer(hang=True), "/drip": Answer(body=b"x" * 1000, drip=(1, 0.02))}
    async with FakeServer(routes) as server, wire_to(spec_of(server.url, timeout_s=0.2)) as wire:
        with pytest.raises(SystemError, match=r"^no answer in 0\.2 s$"):
            await wire.call(server.url, "GET", "/hang")
        with pytest.raises(SystemError, match=r"not complete after 0\.15 s \(\d+ bytes came\)"):
            await wire.call(server.url, "GET", "/drip", timeout_s=0.15)


async def test_an_answer_that_breaks_off_is_told() -> None:
    """A body shorter than promised is no answer, packed or not."""
    routes = {"/cut": Answer(body=b"x" * 1000, cut=10), "/packed": Answer(body=b"x" * 100_000, packed=True, cut=20)}
    async with FakeServer(routes) as server, wire_to(spec_of(server.url)) as wire:
        for path in routes:
            with pytest.raises(SystemError, match="the answer broke off"):
                await wire.call(server.url, "GET", path)


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_over_the_limit_is_refused_on_the_way(packed: bool) -> None:
    """The limit counts what comes out of the packing, so that a small packed answer cannot fill the memory."""
    answer = Answer(body=b"x" * 5_000_000, packed=packed)
    async with (
        FakeServer({"/a": answer}) as server,
        wire_to(spec_of(server.url), largest=2 * 1024 * 1024) as wire,
    ):
        with pytest.raises(SystemError, match="larger than 2 MB"):
            await wire.call(server.url, "GET", "/a")


async def test_twenty_megabytes_are_read() -> None:
    """A storm's answer of 20 MB is no failure."""
    body = b"x" * 20_000_000
    async with FakeServer({"/a": Answer(body=body)}) as server, wire_to(spec_of(server.url)) as wire:
        assert len((await wire.call(server.url, "GET", "/a")).body) == len(body)


async def test_wrong_packing_is_told() -> None:
    """What says gzip and is none, or is packed in another way, is an error."""
    routes = {
        "/not": Answer(body=b"plain", headers={"content-encoding": "gzip"}),
        "/br": Answer(body=b"plain", headers={"content-encoding": "br"}),
        "/two": Answer(body=gzip.compress(b"[]"), headers={"content-encoding": "gzip"}),
    }
    async with FakeServer(routes) as server, wire_to(spec_of(server.url)) as wire:
        with pytest.raises(SystemError, match="says gzip and is none"):
            await wire.call(server.url, "GET", "/not")
        with pytest.raises(SystemError, match="not asked for"):
            await wire.call(server.url, "GET", "/br")
        assert (await wire.call(server.url, "GET", "/two")).body == b"[]"


async def test_redirects_stay_on_the_same_server() -> None:
    """A redirect on the same server is followed; one to elsewhere is an error that names where, without credentials."""
    async with FakeServer() as other, FakeServer() as server:
        there = f"http://user:hunter2@127.0.0.1:{other.port}/login?token=abc"
        server.routes = {
            "/old": say(None, 302, location="/new"),
            "/new": say("here"),
            "/away": say(None, 302, location=there),
            "/round": say(None, 301, location="/round"),
            "/tls": say(None, 301, location=f"https://127.0.0.1:{server.port}/new"),
        }
        async with wire_to(spec_of(server.url)) as wire:
            assert (await wire.call(server.url, "GET", "/old")).body == b'"here"'
            with pytest.raises(SystemError, match=f"points to http://127.0.0.1:{other.port}/login ") as caught:
                await wire.call(server.url, "GET", "/away")
            assert "hunter2" not in str(caught.value)
            assert "abc" not in str(caught.value)
            with pytest.raises(SystemError, match="circle"):
                await wire.call(server.url, "GET", "/round")
            with pytest.raises(SystemError, match="points to https://"):
                await wire.call(server.url, "GET", "/tls")
            with pytest.raises(SystemError, match="points a POST"):
                await wire.call(server.url, "POST", "/old", body=b"{}")
        assert other.asked == []


async def test_only_the_configured_addresses_are_asked() -> None:
    """Another server's URL is refused before anything is sent to it."""
    async with FakeServer(default=lambda _: say([])) as server, wire_to(spec_of("http://127.0.0.1:1")) as wire:
        with pytest.raises(SystemError, match="none of this system's addresses"):
            await wire.call(server.url, "GET", "/a")
        assert server.asked == []


async def test_a_server_that_asks_for_rest_is_left_alone() -> None:
    """After Retry-After in seconds or as a date nothing is sent until then; without one the next call goes out."""
    clock = FixedClock(NOW)
    until = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
    answers = [say("slow", 429, retry_after="30"), say("slow", 503, retry_after=until), say("no", 429), say("fine")]
    async with (
        FakeServer({"/a": lambda _: answers[len(server.asked) - 1]}) as server,
        wire_to(spec_of(server.url), clock) as wire,
    ):
        assert (await wire.call(server.url, "GET", "/a")).status == 429
        with pytest.raises(SystemError, match="429: asked to be left alone for 30 s") as caught:
            await wire.call(server.url, "GET", "/a")
        assert caught.value.retry_after_s == 30
        clock.set(NOW + timedelta(seconds=31))
        assert (await wire.call(server.url, "GET", "/a")).status == 503
        clock.advance(58)
        with pytest.raises(SystemError, match="503"):
            await wire.call(server.url, "GET", "/a")
        clock.advance(2)
        assert [(await wire.call(server.url, "GET", "/a")).status for _ in range(2)] == [429, 200]
        assert len(server.asked) == 4


async def test_certificates_are_verified_with_the_configured_authority() -> None:
    """An unknown authority is refused with the remedy; the CA file, or `verify = false`, lets it through."""
    async with FakeServer({"/a": say([])}, tls=True) as server:
        async with wire_to(spec_of(server.url)) as wire:
            with pytest.raises(SystemError, match=r"certificate is not trusted: .* \(set verify to the CA's file"):
                await wire.call(server.url, "GET", "/a")
        for verify in (str(TLS / "ca.pem"), False):
            async with wire_to(spec_of(server.url, verify=verify)) as wire:
                assert (await wire.call(server.url, "GET", "/a")).status == 200


async def test_a_client_certificate_is_shown() -> None:
    """A server that demands a certificate gets the configured one."""
    async with FakeServer({"/a": say([])}, tls=True, client_certificate=True) as server:
        trusted: dict[str, Any] = {"verify": str(TLS / "ca.pem"), "timeout_s": 2.0}
        async with wire_to(spec_of(server.url, **trusted)) as wire:
            with pytest.raises(SystemError):
                await wire.call(server.url, "GET", "/a")
        async with wire_to(spec_of(server.url, client_certificate=str(TLS / "client.pem"), **trusted)) as wire:
            assert (await wire.call(server.url, "GET", "/a")).status == 200


async def test_certificate_files_that_cannot_be_used_are_named() -> None:
    """A missing or wrong CA file or client certificate is an error that names file and setting."""
    settings: tuple[dict[str, Any], ...] = (
        {"verify": "/nowhere/ca.pem"},
        {"verify": __file__},
        {"client_certificate": "/nowhere/c.pem"},
        {"client_certificate": str(TLS / "ca.pem")},
    )
    for setting in settings:
        (key, path) = next(iter(setting.items()))
        async with wire_to(spec_of("https://127.0.0.1:1", **setting)) as wire:
            with pytest.raises(SystemError, match=rf"^{path}: .*\(setting {key} in config\.toml"):
                await wire.call("https://127.0.0.1:1", "GET", "/a")


async def test_what_speaks_no_http_or_no_tls_is_told() -> None:
    """Another protocol behind the port is an error in words."""

    async def banner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        await reader.read(65536)
        writer.close()

    server = await asyncio.start_server(banner, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        async with wire_to(spec_of(f"http://127.0.0.1:{port}")) as wire:
            with pytest.raises(SystemError, match="not HTTP"):
                await wire.call(f"http://127.0.0.1:{port}", "GET", "/a")
        async with wire_to(spec_of(f"https://127.0.0.1:{port}")) as wire:
            with pytest.raises(SystemError, match="TLS failed"):
                await wire.call(f"https://127.0.0.1:{port}", "GET", "/a")


@pytest.mark.parametrize(
    ("ahead", "elapsed", "told"),
    [(0, 0.1, 0.0), (1.2, 0.0, 0.0), (-1.9, 0.0, 0.0), (300, 0.2, 300.0), (-240, 0.2, -240.0), (6, 12.0, 0.0)],
)
def test_skew_comes_from_the_date_header(ahead: float, elapsed: float, told: float) -> None:
    """Minutes of skew are told; what lies within the header's seconds and the round trip is none."""
    sent = NOW - timedelta(seconds=elapsed / 2) + timedelta(seconds=ahead)
    reply = Reply(200, b"", {"date": format_datetime(sent, usegmt=True)}, elapsed)
    assert skew_of(reply, NOW) == pytest.approx(told, abs=1.01)
    assert (skew_of(reply, NOW) == 0.0) == (told == 0.0)


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Nov 2026 02:27:03 GMT", "Mon, 23 Nov 2026 02:27:03"])
def test_a_date_header_that_says_nothing_is_no_skew(date: str) -> None:
    """A missing, broken or zoneless Date header counts as no skew."""
    assert skew_of(Reply(200, b"", {"date": date}), NOW) == 0.0
    assert skew_of(Reply(200, b""), NOW) == 0.0


async def test_the_proxy_of_the_settings_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configured proxy is asked for the server; the environment's is not used for this host itself."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with FakeServer(default=lambda _: say("by proxy")) as proxy, FakeServer({"/a": say("direct")}) as server:
        async with wire_to(spec_of("http://am.example:9093", proxy=proxy.url)) as wire:
            assert (await wire.call("http://am.example:9093", "GET", "/a")).body == b'"by proxy"'
            assert proxy.asked[0].headers["host"] == "am.example:9093"
        async with wire_to(spec_of(server.url)) as wire:
            assert (await wire.call(server.url, "GET", "/a")).body == b'"direct"'
        async with wire_to(spec_of("http://am.example:9093")) as wire:
            with pytest.raises(SystemError, match="refused"):
                await wire.call("http://am.example:9093", "GET", "/a")


def test_importing_and_building_a_wire_imports_no_http_library() -> None:
    """The HTTP library is imported at the first call, after the first paint."""
    code = (
        "import sys\n"
        "from cockpit.clock import SystemClock\n"
        "from cockpit.config import SystemSpec\n"
        "from cockpit.systems.http import HttpWire\n"
        "HttpWire(SystemSpec('am', 'alertmanager', urls=('http://a:1',)), SystemClock())\n"
        "sys.exit(' '.join({'httpx', 'yaml'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (0, "")
