"""An exporter whose counters grow by the clock, and the past that a Prometheus can be given of it."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.e2e.servers import Job


@dataclass(frozen=True, slots=True)
class Series:
    """One series: a counter that grows by so much a second, or a gauge that stands at one."""

    name: str
    labels: Mapping[str, str]
    per_second: float | None = None
    """Null for a gauge."""

    def at(self, seconds: float) -> float:
        """Return its value so many seconds after its begin."""
        return 1.0 if self.per_second is None else 1000.0 + self.per_second * seconds


@dataclass(slots=True)
class Exporter:
    """Serves series at `/metrics`."""

    series: Sequence[Series]
    past_s: float = 2400.0
    """For how long they have been growing when it is made."""
    began: float = field(default_factory=time.time)
    port: int = 0

    @property
    def address(self) -> str:
        """Where it is scraped."""
        return f"127.0.0.1:{self.port}"

    @property
    def job(self) -> Job:
        """What a Prometheus has to scrape."""
        return Job("calls", self.address, "/metrics")

    def text(self) -> str:
        """Return what it says now, in Prometheus' text format."""
        there = time.time() - self.began + self.past_s
        return "".join(f"{one.name}{_labels(one.labels)} {one.at(there)!r}\n" for one in self.series)

    def history(self, every_s: int = 30) -> str:
        """Return its past in OpenMetrics text, as a Prometheus that scraped it has it."""
        lines: list[str] = []
        scraped = {"instance": self.address, "job": "calls"}
        for name in dict.fromkeys(one.name for one in self.series):
            counts = name.endswith("_total")
            lines.append(f"# TYPE {name.removesuffix('_total')} {'counter' if counts else 'gauge'}")
            for one in self.series:
                if one.name == name:
                    lines += [
                        f"{name}{_labels({**one.labels, **scraped})} {one.at(at)!r} {self.began - self.past_s + at:.3f}"
                        for at in range(0, int(self.past_s), every_s)
                    ]
        return "\n".join((*lines, "# EOF")) + "\n"

    @contextmanager
    def serving(self) -> Iterator["Exporter"]:
        """Serve on a free loopback port for as long."""
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = exporter.text().encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"
