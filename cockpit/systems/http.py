"""The one place that opens connections: asks a server over HTTP and returns what came, or says why nothing did."""

import asyncio
import logging
import math
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.systems.addresses import bare_url, host_of
from cockpit.systems.base import Reply, SystemError
from cockpit.systems.bodies import LARGEST, Progress, read_body
from cockpit.systems.credentials import Credentials
from cockpit.systems.failures import causes_of, http_date, retry_after, transport_words
from cockpit.systems.manners import PLAIN, Manners
from cockpit.systems.proxies import proxy_for
from cockpit.systems.secret import read_secret
from cockpit.systems.tls import plain_context, tls_context
from cockpit.text import one_line

if TYPE_CHECKING:
    import httpx

__all__ = ["IN_FLIGHT", "HttpWire", "read_secret", "skew_of"]

IN_FLIGHT = 2
"""Requests that one system is asked at the same time, at most."""

KEPT_S = 75.0
"""Seconds that a connection stays open between two polls."""

REDIRECTS = 5
"""How often an answer may point elsewhere on the same server."""

TAGGED = 200
"""Answers that are kept because their server says when they have not changed."""

LONGEST_SKEW_S = 10 * 365 * 86400.0
"""Seconds that a clock is said to be wrong at most: what comes of it must stay on the calendar."""

_KEPT_HEADERS = ("content-type", "date", "retry-after", "location")
_TOLD_SKEW_S = 2.0


class HttpWire:
    """A wire to one system over HTTP, to any of its peers.

    `params` go into the query, or with POST and no body into a form. Only the peers of the settings are asked,
    credentials go nowhere else, and a redirect is followed only on the same server. Total time per call, size
    and number of requests at a time are bounded; a server that asked to be left alone is left alone.

    Args:
        spec: The system's settings.
        clock: Measures how long answers take.
        manners: How this kind of server wants to be asked.
        largest: Bytes that an answer may have.
    """

    def __init__(self, spec: SystemSpec, clock: Clock, *, manners: Manners = PLAIN, largest: int = LARGEST) -> None:
        self._spec = spec
        self._clock = clock
        self._manners = manners
        self._credentials = Credentials(spec, clock, manners)
        self._tagged: dict[str, tuple[str, Reply]] = {}
        self._largest = largest
        self._gate = asyncio.Semaphore(IN_FLIGHT)
        self._peers = frozenset(map(bare_url, spec.urls))
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._rests: dict[str, tuple[float, SystemError]] = {}

    def secrets(self) -> tuple[str, ...]:
        """Return the secrets that were read so far, for a recording to leave out."""
        return self._credentials.known()

    async def call(
        self,
        peer: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Ask one peer and return what it answered, whatever the status.

        Raises:
            SystemError: Nothing came back in time, it points elsewhere, or it is too large.
        """
        base = bare_url(peer)
        if base not in self._peers:
            raise SystemError(f"{base} is none of this system's addresses")
        self._leave_alone(base)
        seconds = self._spec.timeout.total_seconds() if timeout_s is None else timeout_s
        async with self._gate:
            reply = await self._bounded(base, method, path, params, body, seconds)
            if reply.status == 401 and await self._credentials.renew():
                reply = await self._bounded(base, method, path, params, body, seconds)
            if reply.status < 400:
                self._credentials.accepted()
        self._note_rest(base, reply)
        return reply

    def _leave_alone(self, base: str) -> None:
        until, error = self._rests.get(base, (0.0, SystemError("")))
        left = until - self._clock.monotonic()
        if left > 0:
            raise SystemError(str(error), retry_after_s=left, status=error.status)

    def _note_rest(self, base: str, reply: Reply) -> None:
        self._rests.pop(base, None)
        if reply.status in {429, 503}:
            rest = retry_after(reply.headers.get("retry-after"), self._clock.now())
            if rest:
                words = f"{reply.status}: asked to be left alone for {rest:.0f} s"
                self._rests[base] = (self._clock.monotonic() + rest, SystemError(words, status=reply.status))

    async def _bounded(
        self, base: str, method: str, path: str, params: Sequence[tuple[str, str]], body: bytes | None, seconds: float
    ) -> Reply:
        """Ask within the time, and once more where a connection broke and asking twice does no harm."""
        headers = await self._credentials.headers(base)
        progress = Progress()
        try:
            async with asyncio.timeout(seconds):
                try:
                    return await self._exchange(base, method, path, params, body, headers, progress)
                except _BrokenError:
                    if method != "GET":
                        raise
                    return await self._exchange(base, method, path, params, body, headers, progress)
        except TimeoutError:
            raise SystemError(_timeout_words(seconds, progress)) from None
        except _BrokenError as error:
            raise SystemError(str(error)) from error.__cause__

    async def _exchange(
        self,
        base: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]],
        body: bytes | None,
        headers: Mapping[str, str],
        progress: Progress,
    ) -> Reply:
        """Ask once, following redirects on the same server."""
        import httpx

        client = await self._client(base)
        asked = self._clock.monotonic()
        form = method == "POST" and body is None
        sent = dict(headers)
        if form:
            body = urlencode(params).encode()
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded" if form else "application/json"
        try:
            url = httpx.URL(base + path)
            if params and not form:
                url = url.copy_merge_params(list(params))
            tagged = self._tagged.get(str(url)) if self._manners.etags and method == "GET" else None
            if tagged is not None:
                sent["If-None-Match"] = tagged[0]
            for _ in range(REDIRECTS + 1):
                request = client.build_request(method, url, headers=sent, content=body)
                response = await client.send(request, stream=True)
                try:
                    if not response.is_redirect or "location" not in response.headers:
                        if response.status_code == 304 and tagged is not None:
                            return replace(tagged[1], elapsed_s=max(0.0, self._clock.monotonic() - asked))
                        return await self._reply(response, asked, progress, str(url))
                    url = _followed(method, url, response)
                finally:
                    await response.aclose()
        except httpx.InvalidURL as error:
            raise SystemError(f"no address that can be asked: {one_line(str(error), 200)}") from error
        except UnicodeError as error:
            raise SystemError("a header of the settings holds characters that cannot be sent") from error
        except (httpx.HTTPError, OSError) as error:
            await self._forget_after(error, base)
            words = transport_words(error, host_of(base), self._spec.place)
            if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError):
                raise _BrokenError(words) from error
            raise SystemError(words) from error
        raise SystemError(f"redirects in a circle ({REDIRECTS} times)")

    async def _reply(self, response: "httpx.Response", asked: float, progress: Progress, url: str) -> Reply:
        progress.began = True
        encoding = response.headers.get("content-encoding", "")
        raw = await read_body(response.aiter_raw(), encoding, progress, self._largest)
        names = (*_KEPT_HEADERS, *self._manners.kept)
        kept = {name: response.headers[name] for name in names if name in response.headers}
        rest = self._manners.rest_of(response.status_code, response.headers, self._clock.now().timestamp())
        if rest is not None:
            kept["retry-after"] = str(math.ceil(rest))
        reply = Reply(
            429 if rest is not None else response.status_code,
            self._credentials.redact(raw, failed=response.status_code >= 300),
            kept,
            max(0.0, self._clock.monotonic() - asked),
        )
        tag = response.headers.get("etag")
        if self._manners.etags and tag and reply.status == 200:
            self._tagged.pop(url, None)
            self._tagged[url] = (tag, reply)
            while len(self._tagged) > TAGGED:
                del self._tagged[next(iter(self._tagged))]
        return reply

    async def _client(self, base: str) -> "httpx.AsyncClient":
        """Return the client of one peer, made at the first call: the library is slow to import."""
        if base not in self._clients:
            import httpx

            for name in ("httpx", "httpcore"):
                logging.getLogger(name).setLevel(logging.WARNING)
            secure = urlsplit(base).scheme == "https"
            context = await asyncio.to_thread(tls_context, self._spec) if secure else plain_context()
            if base not in self._clients:
                transport = httpx.AsyncHTTPTransport(
                    verify=context,
                    proxy=proxy_for(self._spec, base),
                    limits=httpx.Limits(
                        max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT, keepalive_expiry=KEPT_S
                    ),
                    trust_env=False,
                )
                self._clients[base] = httpx.AsyncClient(transport=transport, timeout=None, trust_env=False)  # noqa: S113 - the whole call has a deadline
        return self._clients[base]

    async def _forget_after(self, error: BaseException, base: str) -> None:
        """After a TLS failure start afresh next time: certificates are replaced on disk while we run."""
        if any(isinstance(cause, ssl.SSLError) for cause in causes_of(error)):
            client = self._clients.pop(base, None)
            if client is not None:
                await client.aclose()

    async def close(self) -> None:
        """Close all connections."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()


class _BrokenError(SystemError):
    """A connection broke in the middle: worth asking once more."""


def _timeout_words(seconds: float, progress: Progress) -> str:
    if progress.began:
        return f"its answer was not complete after {seconds:g} s ({progress.size:,} bytes came)"
    return f"no answer in {seconds:g} s"


def _followed(method: str, url: "httpx.URL", response: "httpx.Response") -> "httpx.URL":
    """Return where a redirect leads, where it may be followed.

    Raises:
        SystemError: It leads to another server, or would turn a POST into a GET; names where, without credentials.
    """
    there = url.join(response.headers["location"])
    named = one_line(f"{there.scheme}://{there.host}{f':{there.port}' if there.port else ''}{there.path}", 200)
    if (there.scheme, there.host, there.port) != (url.scheme, url.host, url.port):
        raise SystemError(
            f"points to {named} ({response.status_code}): write that address if it is the right one",
            status=response.status_code,
        )
    if method != "GET" and response.status_code not in {307, 308}:
        raise SystemError(f"points a {method} to {named} ({response.status_code})", status=response.status_code)
    return there


def skew_of(reply: Reply, now: datetime) -> float:
    """Return by how many seconds the server's clock is ahead of ours, by the Date header of its answer.

    Half of the round trip is taken off. What lies within two seconds and the doubt of the round trip is zero:
    the header has whole seconds.

    Args:
        reply: The answer.
        now: When it was there, by our clock.
    """
    there = http_date(reply.headers.get("date", ""))
    if there is None:
        return 0.0
    ahead = (there - now).total_seconds() + 0.5 + reply.elapsed_s / 2
    ahead = max(-LONGEST_SKEW_S, min(LONGEST_SKEW_S, ahead))
    return ahead if abs(ahead) >= _TOLD_SKEW_S + reply.elapsed_s / 2 else 0.0
