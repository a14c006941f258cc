"""The shop as one process: every service's `/metrics`, a control endpoint, and a place where pages arrive.

`python -m tests.shop.shop --port 8080` opens it. Then

- `GET /metrics/payment` is what Prometheus scrapes;
- `POST /control/deploy?service=payment&version=v2.4.0`, `/control/break?after=4&share=1`, `/control/repair`,
  `/control/slow?service=catalog&seconds=0.88` and `/control/restart?service=ui&pods=14` do what they say;
- `POST /hook/NAME` takes what an Alertmanager sends to its receiver NAME, `GET /hook` lists it.
"""

import argparse
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from tests.shop.exposition import exposition, samples_of
from tests.shop.traffic import Shop

NODES = ("node-3", "node-7")
"""Machines beside the services; their metrics are those of a node exporter."""


@dataclass(frozen=True, slots=True)
class Page:
    """One notification that arrived at a receiver."""

    receiver: str
    status: str
    alerts: tuple[Mapping[str, str], ...]
    """The labels of its alerts."""


class ShopServer:
    """The shop behind a loopback port, living in real time while it is open.

    Args:
        port: Where to listen; 0 takes a free one.
        shop: One that has lived before, or null for a new one.
    """

    def __init__(self, port: int = 0, shop: Shop | None = None) -> None:
        self.shop = shop or Shop(time.time())
        self.pages: list[Page] = []
        self._lock = threading.Lock()
        owner = self

        class Handler(_Handler):
            server_of = owner

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="shop", daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def act(self, deed: Callable[[Shop], None]) -> None:
        """Let the shop live until now, then do something to it."""
        with self._lock:
            self.shop.advance(time.time())
            deed(self.shop)

    def metrics(self, name: str) -> str:
        """Return what one service exports now."""
        with self._lock:
            self.shop.advance(time.time())
            return exposition(samples_of(self.shop, name))

    def control(self, command: str, given: Mapping[str, str]) -> None:
        """Do what a command says.

        Raises:
            KeyError: There is no such command or service, or a value is missing.
            ValueError: A number is none.
        """
        self.act(lambda shop: _obey(shop, command, given))


def _obey(shop: Shop, command: str, given: Mapping[str, str]) -> None:
    if command == "deploy":
        shop.deploy(given["service"], given["version"])
    elif command == "break":
        after = float(given.get("after", 0))
        share = float(given.get("share", 1))
        shop.break_payment(((0.0, shop.failing.at(shop.now)), (max(after, 0.001), share)))
    elif command == "repair":
        shop.repair_payment()
    elif command == "slow":
        shop.slow(given["service"], float(given["seconds"]))
    elif command == "restart":
        shop.restart(given["service"], int(given["pods"]))
    elif command == "measure":
        labels = {name: text for name, text in given.items() if name not in {"service", "name", "value"}}
        shop.measure(given["service"], given["name"], float(given["value"]), labels)
    else:
        raise KeyError(command)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request for the server it belongs to."""

    server_of: ShopServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer metrics, and what arrived at the receivers."""
        path = urlsplit(self.path).path
        if path.startswith("/metrics/"):
            self._say(200, self.server_of.metrics(path.removeprefix("/metrics/")), "text/plain; version=0.0.4")
        elif path == "/hook":
            said = [{"receiver": page.receiver, "alerts": list(page.alerts)} for page in self.server_of.pages]
            self._say(200, json.dumps(said), "application/json")
        else:
            self._say(404, "no such page\n")

    def do_POST(self) -> None:
        """Take a command, or a notification."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        if parts.path.startswith("/hook/"):
            self._take(parts.path.removeprefix("/hook/"), body)
            return
        try:
            self.server_of.control(parts.path.removeprefix("/control/"), dict(parse_qsl(parts.query)))
        except (KeyError, ValueError) as error:
            self._say(400, f"{error!r}\n")
        else:
            self._say(200, "done\n")

    def _take(self, receiver: str, body: bytes) -> None:
        said = json.loads(body)
        alerts = tuple(alert["labels"] for alert in said["alerts"])
        self.server_of.pages.append(Page(receiver, said["status"], alerts))
        self._say(200, "")

    def _say(self, status: int, text: str, kind: str = "text/plain") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: a scrape a second is no news."""


def main() -> None:
    """Open the shop until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.shop.shop", description="A small checkout shop.")
    parser.add_argument("--port", type=int, default=8080)
    with ShopServer(parser.parse_args().port) as server:
        print(f"the shop is open at {server.url}, try {server.url}/metrics/payment")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("the shop is closed")


if __name__ == "__main__":
    main()
