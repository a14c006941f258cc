"""The checkout incident on real servers, quickened: what the end-to-end tests start from."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

from tests.e2e.scene import ROOT, Scene
from tests.e2e.servers import get_json
from tests.e2e.waiting import eventually
from tests.shop import story
from tests.shop.stage import RULES, Pace, Stage, now, past, quickened
from tests.shop.traffic import Shop

EXTRA_RULES = """
  - name: probes
    rules:
      - alert: ProbeFlapping
        expr: probe_flapping > 0
        labels: {severity: warning, service: session}
"""
"""A rule that a test can switch on and off at once."""

TEST_RULES = quickened(RULES).replace("expr: vector(1)", "expr: heartbeat > 0") + EXTRA_RULES
"""The demo's rules with short windows, and a heartbeat that can stop."""

HISTORY_H = 5
"""Hours that the shop has lived before a test begins."""

AGE = timedelta(minutes=4, seconds=10)
"""How long before the test payment-service v2.4.0 was deployed."""


def quick_map(folder: Path) -> Path:
    """Write the checkout map with short rate windows and return its path."""
    path = folder / "checkout.yaml"
    path.write_text(quickened((ROOT / "maps" / "checkout.yaml").read_text()))
    return path


class Incident:
    """The shop between real servers, and Cockpit configured to read them.

    Args:
        folder: Where everything is kept.
        peers: How many Alertmanagers.
        resend: Prometheus' resend delay; alerts vanish from an Alertmanager four of them after Prometheus stops.
        rules: The rule file.
    """

    def __init__(self, folder: Path, *, peers: int = 1, resend: str = "1s", rules: str = TEST_RULES) -> None:
        began = now()
        self.deploy = began - AGE
        shop = Shop(began.timestamp() - HISTORY_H * 3600)
        happened = [(0.0, lambda shop: shop.deploy("payment", story.VERSION))]
        history = past(shop, began, happened, self.deploy.timestamp())
        shop.measure("session", "heartbeat", 1)
        shop.measure("session", "probe_flapping", 0)
        self.stage = Stage(
            folder / "stage", peers=peers, rules=rules, pace=Pace("1s", "1s", resend), shop=shop, history=history
        )
        self.repositories = self._write_repositories(self.deploy)
        self.map = quick_map(folder)
        self.scene = Scene(folder / "cockpit", self.systems(), self.map)

    def _write_repositories(self, deploy: datetime) -> list[dict[str, object]]:
        settings = []
        for history in story.REPOSITORIES[:2]:
            repository = self.stage.repository(history.name)
            history.write(repository, deploy)
            settings.append(history.setting(repository))
        story.release(self.stage.repository("payment-service"), deploy)
        return settings

    def systems(self, every: str = "2s") -> Mapping[str, Mapping[str, object]]:
        """Return the systems as a configuration names them."""
        labels = {"cluster": "eu-1"}
        return {
            "alertmanager": {
                "urls": [peer.url for peer in self.stage.alertmanagers],
                "labels": labels,
                "every": every,
                "timeout": "2s",
            },
            "prometheus": {
                "url": self.stage.prometheus.url,
                "labels": labels,
                "every": every,
                "timeout": "2s",
                "changes": [{"query": "max by (service, version) (app_build_info)", "version": "version"}],
            },
            "git": {"repositories": self.repositories, "every": every},
        }

    def breaks(self) -> None:
        """Let every payment fail, and wait until the servers say so: firing on every peer, 100 % in both queries."""
        self.stage.shop.control("break", {})
        self.fires("PaymentErrorsHigh", "OrderRateLow")
        queries = (
            "sum(rate(payment_errors_total[10s])) / sum(rate(payment_attempts_total[10s]))",
            'sum(rate(checkout_failed_total{step="payment"}[10s])) / sum(rate(checkout_attempts_total[10s]))',
        )
        for query in queries:
            eventually(partial(self._is_one, query), what=f"all of {query}")

    def repairs(self) -> None:
        """Let payments work again, and wait until nothing fires for it."""
        self.stage.shop.control("repair", {})
        self.rests("PaymentErrorsHigh", "OrderRateLow")

    def fires(self, *names: str, within_s: float = 40.0) -> None:
        """Wait until every running peer holds alerts with these names."""
        eventually(
            lambda: all(set(names) <= peer.names() for peer in self.stage.alertmanagers if peer.process.running),
            within_s,
            what=f"{names} at every peer",
        )

    def rests(self, *names: str, within_s: float = 40.0) -> None:
        """Wait until no running peer holds an alert with one of these names."""
        eventually(
            lambda: not any(set(names) & peer.names() for peer in self.stage.alertmanagers if peer.process.running),
            within_s,
            what=f"{names} gone from every peer",
        )

    def measures(self, service: str, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Set a gauge of the shop."""
        self.stage.shop.act(lambda shop: shop.measure(service, name, value, labels))

    def value(self, query: str) -> float | None:
        """Return what Prometheus answers to a query with one sample, or null."""
        said: Sequence[Mapping[str, Sequence[str]]]
        said = get_json(f"{self.stage.prometheus.url}/api/v1/query?query={quote(query)}")["data"]["result"]
        return float(said[0]["value"][1]) if said else None

    def _is_one(self, query: str) -> bool:
        return self.value(query) == 1
