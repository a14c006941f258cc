"""A small HTTP server on a real loopback socket that can also misbehave: drip, hang, break off, reset.

In a test with an event loop: `async with FakeServer({...}) as server`. Elsewhere, for a program that has its own
loop: `with in_thread(FakeServer({...})) as server`.
"""

import asyncio
import gzip
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlsplit

TLS = Path(__file__).parent / "tls"
"""A certificate authority of the tests' own (`ca.pem`), a server's and a client's certificate for loopback."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def params(self) -> dict[str, str]:
        """The query's and the form's parameters, the last of each name."""
        form = self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        return dict(self.query) | (dict(parse_qsl(self.body.decode(), keep_blank_values=True)) if form else {})

    def all(self, name: str) -> list[str]:
        """Return every value of a query parameter."""
        return [value for key, value in self.query if key == name]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, and how badly."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Added to content type, length and date; an empty value leaves a header out."""
    content_type: str = "application/json"
    drip: tuple[int, float] | None = None
    """Bytes at a time, and seconds between."""
    cut: int | None = None
    """Bytes of the body after which the connection is closed, the length promising more."""
    reset: bool = False
    """Close the connection before answering anything."""
    hang: bool = False
    """Answer nothing at all, until the server is closed."""
    packed: bool = False
    """Pack it with gzip where the request accepts that."""


Route = Callable[[Asked], Answer | Awaitable[Answer]]
"""Answers one request."""


def say(value: object, status: int = 200, **headers: str) -> Answer:
    """Return a value as a JSON answer; underscores in headers' names become hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value).encode(), named)


class FakeServer:
    """Answers requests by path; what it was asked is kept in `asked`.

    Args:
        routes: By path, with the method in front where it matters: `/api/v2/alerts`, `POST /api/v2/silences`.
        default: Answers every other path; 404 as plain text unless given.
        tls: Whether it speaks TLS with the tests' certificate.
        client_certificate: Whether it demands one of the tests' authority.
        now: What time it is there, for the Date header; the host's unless given.
    """

    def __init__(
        self,
        routes: Mapping[str, Route | Answer] | None = None,
        *,
        default: Route | None = None,
        tls: bool = False,
        client_certificate: bool = False,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.routes: dict[str, Route | Answer] = dict(routes or {})
        self.default = default
        self.asked: list[Asked] = []
        self.in_flight = 0
        self.most_in_flight = 0
        """How many requests were under way at the same time, at most."""
        self.connections = 0
        """How many connections were opened to it."""
        self.port = 0
        self.ahead_s = 0.0
        """By how much its clock is wrong."""
        self._now = now or (lambda: datetime.now(UTC))
        self._scheme = "https" if tls else "http"
        self._tls = _server_context(client_certificate) if tls else None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = asyncio.Event()

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """Its `host:port`."""
        return f"127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        """Return the paths that were asked, in order."""
        return [asked.path for asked in self.asked]

    async def start(self) -> None:
        """Listen; on the same port again after a stop."""
        self._closed.clear()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break every connection, as a killed process would."""
        self._closed.set()
        if self._server is not None:
            self._server.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        try:
            while (asked := await _read(reader)) is not None:
                self.asked.append(asked)
                self.in_flight += 1
                self.most_in_flight = max(self.most_in_flight, self.in_flight)
                try:
                    if not await self._answer(asked, writer):
                        break
                finally:
                    self.in_flight -= 1
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            if writer.transport is not None:
                writer.transport.abort()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Answer and return whether the connection is kept."""
        route = self.routes.get(f"{asked.method} {asked.path}") or self.routes.get(asked.path) or self.default
        if route is None:
            answer = Answer(404, b"404 page not found\n", content_type="text/plain; charset=utf-8")
        elif isinstance(route, Answer):
            answer = route
        else:
            made = route(asked)
            answer = made if isinstance(made, Answer) else await made
        if answer.reset:
            return False
        if answer.hang:
            await self._closed.wait()
            return False
        date = format_datetime(self._now() + timedelta(seconds=self.ahead_s), usegmt=True)
        return await _write(writer, asked, answer, date)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    line = await reader.readline()
    if not line:
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Asked(method, parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


async def _write(writer: asyncio.StreamWriter, asked: Asked, answer: Answer, date: str) -> bool:
    body = answer.body
    headers = {
        "content-type": answer.content_type,
        "date": date,
        "content-length": str(len(body)),
        **answer.headers,
    }
    if answer.packed and "gzip" in asked.headers.get("accept-encoding", ""):
        body = gzip.compress(body, compresslevel=1)
        headers |= {"content-encoding": "gzip", "content-length": str(len(body))}
    head = f"HTTP/1.1 {answer.status} Said\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value)
    writer.write(head.encode("latin-1") + b"\r\n")
    sent = body if answer.cut is None else body[: answer.cut]
    if answer.drip is None:
        writer.write(sent)
        await writer.drain()
    else:
        size, seconds = answer.drip
        for start in range(0, len(sent), size):
            writer.write(sent[start : start + size])
            await writer.drain()
            await asyncio.sleep(seconds)
    if answer.cut is not None:
        writer.close()
        await writer.wait_closed()
    return answer.cut is None and headers["content-length"] != ""


def _server_context(client_certificate: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem")
    if client_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(TLS / "ca.pem")
    return context


@contextmanager
def in_thread(*servers: FakeServer) -> Iterator[None]:
    """Run servers on an event loop of their own in another thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fake-servers", daemon=True)
    thread.start()
    try:
        for server in servers:
            asyncio.run_coroutine_threadsafe(server.start(), loop).result(5)
        yield
    finally:
        for server in servers:
            asyncio.run_coroutine_threadsafe(server.stop(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
