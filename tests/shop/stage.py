"""Everything the demo and the end-to-end tests stand on: the shop, a Prometheus, Alertmanagers and git repositories."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from tests.e2e.processes import Process
from tests.e2e.repositories import Repository
from tests.e2e.servers import Alertmanager, Job, Prometheus
from tests.shop.exposition import History, samples_of
from tests.shop.shop import NODES, ShopServer
from tests.shop.traffic import Shop

RULES = (Path(__file__).parent / "rules.yml").read_text()
"""The shop's alerting rules, as its Prometheus evaluates them in the demo."""

INHIBIT: tuple[dict[str, object], ...] = (
    {"source_matchers": ['alertname="PaymentErrorsHigh"'], "target_matchers": ['alertname="OrderRateLow"']},
)
"""While payments fail, nobody needs to be told that no orders come in."""

RECEIVERS = ("pagerduty-checkout", "slack-oncall", "heartbeat")
"""Who is told by the shop's Alertmanager."""

ROUTES: tuple[dict[str, object], ...] = (
    {"receiver": "heartbeat", "matchers": ['alertname="Watchdog"']},
    {"receiver": "pagerduty-checkout", "matchers": ['severity="critical"']},
    {"receiver": "slack-oncall", "matchers": ['severity="warning"']},
)
"""Which alert goes to whom."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the servers are."""

    scrape: str = "1s"
    evaluation: str = "1s"
    resend: str = "1s"


QUICK = Pace()
"""For tests: a second each."""

LIFELIKE = Pace("5s", "5s", "1m")
"""For the demo."""


def quickened(text: str, window: str = "10s") -> str:
    """Return rules or a map with short rate windows and short `for`s, so that a test need not wait for minutes."""
    for slow in ("[5m]", "[2m]", "[1m]"):
        text = text.replace(slow, f"[{window}]")
    for slow in ("for: 30s", "for: 20s", "for: 10s", "for: 1m\n"):
        text = text.replace(slow, "for: 2s" + ("\n" if slow.endswith("\n") else ""))
    return text


def labels_of(name: str) -> dict[str, str]:
    """Return the labels that a scrape of one service, or of a node, adds."""
    if name in NODES:
        return {"job": "node-exporter", "instance": f"{name}:9100"}
    return {"job": "shop", "instance": f"{name}:8080", "service": name}


def past(shop: Shop, until: datetime, happened: Sequence[tuple[float, Callable[[Shop], None]]], deploy: float) -> str:
    """Let a shop live up to a moment and return what a Prometheus would have kept of it.

    Args:
        shop: A new shop; it has lived until then afterwards.
        until: Where the past ends.
        happened: Seconds after the deploy (so below nought), and what was done to the shop then; ascending.
        deploy: The moment that those seconds count from, in seconds since 1970.
    """
    history = History()
    end = until.timestamp()
    due = list(happened)
    tick = shop.tick_s
    shop.tick_s = 5.0
    while shop.now < end - shop.tick_s:
        near = shop.now > end - 5400
        shop.advance(min(shop.now + (15 if near else 60), end))
        while due and deploy + due[0][0] <= shop.now:
            due.pop(0)[1](shop)
        for name in (*shop.services, *NODES):
            history.add(samples_of(shop, name), labels_of(name), shop.now)
    shop.tick_s = tick
    return history.text()


class Stage:
    """The shop and the servers around it; started on entering, ended on leaving, whatever happens between.

    Args:
        folder: Where everything is kept.
        peers: How many Alertmanagers form the cluster.
        rules: The Prometheus' rule file.
        pace: Intervals of the servers.
        ports: Wanted ports: of Prometheus, then of the Alertmanagers; free ones where they are taken.
        shop: A shop that has lived before, where there is one.
        history: That shop's past, for Prometheus.
    """

    def __init__(
        self,
        folder: Path,
        *,
        peers: int = 1,
        rules: str | None = None,
        pace: Pace = QUICK,
        ports: Sequence[int] = (),
        shop: Shop | None = None,
        history: str = "",
    ) -> None:
        self.folder = folder
        self.shop = ShopServer(shop=shop)
        wanted = [*ports, *([0] * (peers + 1))]
        self.alertmanagers: list[Alertmanager] = []
        for number in range(peers):
            self.alertmanagers.append(
                Alertmanager(
                    folder / "alertmanager",
                    f"alertmanager-{number}",
                    hook=self.shop.url,
                    peers=[peer.cluster for peer in self.alertmanagers],
                    inhibit=INHIBIT,
                    routes=ROUTES,
                    receivers=RECEIVERS,
                    port=wanted[1 + number],
                )
            )
        self.prometheus = Prometheus(
            folder / "prometheus",
            jobs=self._jobs(),
            rules=quickened(RULES) if rules is None else rules,
            alertmanagers=[peer.url for peer in self.alertmanagers],
            scrape=pace.scrape,
            evaluation=pace.evaluation,
            resend=pace.resend,
            labels={"cluster": "eu-1"},
            port=wanted[0],
        )
        if history:
            self.prometheus.remember(history)
        self._repositories: dict[str, Repository] = {}
        self._open = ExitStack()

    def repository(self, name: str) -> Repository:
        """Return the git repository of that name, made where it is not there yet."""
        if name not in self._repositories:
            self._repositories[name] = Repository(self.folder / "git" / name)
        return self._repositories[name]

    @property
    def processes(self) -> tuple[Process, ...]:
        """All server processes: the Alertmanagers', then Prometheus'."""
        return (*(peer.process for peer in self.alertmanagers), self.prometheus.process)

    def _jobs(self) -> list[Job]:
        address = self.shop.url.removeprefix("http://")
        return [
            Job(f"shop-{name}", address, f"/metrics/{name}", labels_of(name))
            for name in (*self.shop.shop.services, *NODES)
        ]

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.shop)
            for peer in self.alertmanagers:
                opening.enter_context(peer.process)
            opening.enter_context(self.prometheus.process)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


def now() -> datetime:
    """Return this moment, in whole seconds and UTC."""
    return datetime.now(UTC).replace(microsecond=0)
