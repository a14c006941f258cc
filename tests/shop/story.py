"""The checkout incident, told once: what happens to the shop, in seconds after payment-service v2.4.0 is deployed.

The demo stands this story at 14:02 UTC. Its times in comments are those that the demo shows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.e2e.repositories import Repository
from tests.shop.traffic import Shop

Deed = Callable[[Shop], None]
"""Something that is done to the shop."""

VERSION = "v2.4.0"
"""The version of payment-service that breaks the checkout."""

RAMP = (
    (0.0, 0.004),
    (60.0, 0.004),
    (120.0, 0.012),
    (210.0, 0.03),
    (232.0, 0.03),
    (262.0, 0.25),
    (290.0, 0.7),
    (330.0, 1.0),
)
"""Share of payments that fail: seconds after the deploy, and the share then.

A minute's average passes 5 % four minutes and some seconds after the deploy, and is 100 % from 14:08 on.
"""

RECOVERY = ((0.0, 1.0), (30.0, 0.6), (60.0, 0.004))
"""The same after the rollback."""

SEARCH_SHARDS = 7
"""Shards whose alerts are silenced while they are indexed anew."""


def _deploy(service: str, version: str) -> Deed:
    return lambda shop: shop.deploy(service, version)


def _measure(service: str, name: str, value: float, labels: Mapping[str, str] | None = None) -> Deed:
    return lambda shop: shop.measure(service, name, value, labels)


def _slow(service: str, seconds: float) -> Deed:
    return lambda shop: shop.slow(service, seconds, within_s=10)


def _fail(service: str, share: float) -> Deed:
    return lambda shop: shop.fail(service, share)


def _restart(pods: int) -> Deed:
    return lambda shop: shop.restart("ui", pods, times=1)


def _break(shop: Shop) -> None:
    shop.deploy("payment", VERSION)
    shop.break_payment(RAMP)


def _roll_back(shop: Shop) -> None:
    shop.deploy("payment", "v2.3.9")
    shop.break_payment(RECOVERY)


DISK = {"mountpoint": "/var/lib/containers", "device": "/dev/sda1"}
"""The disk that fills on a node that the map does not know."""

PAST: tuple[tuple[float, Deed], ...] = (
    (-86_000, _deploy("ui", "v8.1.4")),
    (-86_000, _deploy("catalog", "v3.18.0")),
    (-218 * 60, _deploy("inventory", "v1.9.3")),  # 10:24
    (-204 * 60, _deploy("inventory", "v1.9.2")),  # 10:38, rolled back
    (-142 * 60, _deploy("ui", "v8.2.0")),  # 11:40
    (-75 * 60, _deploy("catalog", "v3.18.1")),  # 12:47
    *((-3000.0, _measure("search", "search_shard_age_seconds", 1260, {"shard": str(n)})) for n in range(SEARCH_SHARDS)),
    (-2400, _measure("ads", "cpu_throttled_ratio", 0.41, {"container": "ads"})),
    (-1500, _measure("node-7", "node_filesystem_avail_ratio", 0.062, DISK)),
)
"""What happened before the recording begins."""

_HAPPENS: tuple[tuple[float, Deed], ...] = (
    (0, _break),  # 14:02
    (270, _measure("session", "session_evictions_per_second", 84)),  # 14:06:30
    (300, _measure("card-gateway", "card_gateway_seconds", 3.4)),  # 14:07
    (360, _slow("catalog", 0.88)),  # 14:08
    (360, _fail("catalog", 0.04)),
    (400, _fail("ui", 0.021)),
    (400, _restart(5)),
    (415, _restart(10)),
    *((second, _restart(14)) for second in range(430, 1060, 30)),  # from 14:09
    (480, _measure("session", "session_evictions_per_second", 3)),  # 14:10
    (480, _measure("ledger", "ledger_lag_seconds", 340)),
    (990, _roll_back),  # 14:18:30
    (1060, _slow("catalog", 0.21)),
    (1060, _fail("catalog", 0.0005)),
    (1060, _fail("ui", 0.0005)),
    (1070, _measure("card-gateway", "card_gateway_seconds", 0.24)),
    (1090, _measure("ledger", "ledger_lag_seconds", 4)),
)

STORY = tuple(sorted(_HAPPENS, key=lambda happening: happening[0]))
"""What happens from the deploy on, in seconds after it, in order."""

BEFORE_S = 300
"""How long before the deploy the demo begins: 13:57."""

AFTER_S = 1320
"""How long after the deploy the demo ends: 14:24."""


@dataclass(frozen=True, slots=True)
class History:
    """The past of one repository, and how Cockpit reads it."""

    name: str
    service: str
    kind: str
    tags: str | None
    past: tuple[tuple[float, str, str, str], ...]
    """Minutes before the deploy, tag or empty, summary, author; oldest first."""

    def write(self, repository: Repository, deploy: datetime) -> None:
        """Write the past into a repository."""
        for minutes, tag, summary, author in self.past:
            at = deploy - timedelta(minutes=minutes)
            repository.commit(summary, at, author)
            if tag:
                repository.tag(tag, f"{self.name} {tag}", at)

    def setting(self, repository: Repository) -> dict[str, object]:
        """Return how the configuration of Cockpit names it."""
        said: dict[str, object] = {
            "path": str(repository.path),
            "service": self.service,
            "ref": "main",
            "kind": self.kind,
        }
        return said | ({"tags": self.tags} if self.tags else {})


REPOSITORIES: Sequence[History] = (
    History(
        "payment-service",
        "payment",
        "deploy",
        "v*",
        (
            (2 * 1440, "v2.3.8", "Retry the card gateway once", "team-payments"),
            (1620, "v2.3.9", "Log the gateway's reason for a decline", "team-payments"),
        ),
    ),
    History(
        "catalog",
        "catalog",
        "deploy",
        "v*",
        (
            (3 * 1440, "v3.18.0", "Cache facets by tenant", "team-catalogue"),
            (75, "v3.18.1", "Raise the facet cache to 2 GB", "team-catalogue"),
        ),
    ),
    History(
        "web",
        "ui",
        "deploy",
        "v*",
        (
            (4 * 1440, "v8.1.4", "Shorten the address form", "team-web"),
            (142, "v8.2.0", "New cart drawer", "team-web"),
        ),
    ),
    History(
        "inventory-service",
        "inventory",
        "deploy",
        "v*",
        (
            (9 * 1440, "v1.9.2", "Reserve stock for 20 minutes", "team-stock"),
            (218, "v1.9.3", "Reserve stock in batches", "team-stock"),
        ),
    ),
    History(
        "pricing-config",
        "pricing",
        "config",
        None,
        (
            (5 * 1440, "", "Weekend prices", "team-pricing"),
            (31, "", "Raise the free-shipping threshold to 60", "team-pricing"),
        ),
    ),
    History(
        "search",
        "search",
        "merged",
        None,
        (
            (6 * 1440, "", "Synonyms for shoe sizes", "team-catalogue"),
            (110, "", "Rank by availability", "team-catalogue"),
            (44, "", "Typo tolerance for short words", "team-catalogue"),
        ),
    ),
)
"""The repositories of the shop."""


def release(repository: Repository, deploy: datetime) -> None:
    """Tag the version of payment-service that breaks the checkout, at the moment of its deploy."""
    repository.commit(
        "Authorise cards through the gateway's v3 interface", deploy - timedelta(minutes=21), "team-payments"
    )
    repository.tag(VERSION, f"payment-service {VERSION}", deploy)
