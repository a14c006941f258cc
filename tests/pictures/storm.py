"""A storm as an Alertmanager answers it: four thousand alerts over two hundred services, one node pool in common."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from cockpit.clock import FixedClock
from cockpit.config import Context, Me, SystemSpec
from cockpit.spans import rfc3339
from cockpit.systems.recording import Call, Recording, header_of

ALERTS = 4_000
"""How many alerts fire."""

POOL = "gp-3"
"""The node pool that failed; 94 of 100 alerts name it."""

PEER = "http://am-0:9093"
"""The address of the Alertmanager."""

_AREAS = (
    *("address", "basket", "billing", "catalog", "consent", "coupon", "delivery", "fraud", "gift", "invoice"),
    *("loyalty", "mail", "media", "offer", "order", "parcel", "payment", "price", "profile", "refund"),
    *("returns", "review", "search", "seller", "session", "stock", "tax", "voucher", "warehouse", "wishlist"),
)
_PARTS = ("api", "cache", "consumer", "export", "gateway", "scheduler", "worker")
_MAPPED = ("payment", "order", "inventory", "catalog")
_NAMES = (
    ("KubePodNotReady", "warning"),
    ("TargetDown", "critical"),
    ("HighErrorRate", "critical"),
    ("QueueGrowing", "warning"),
)
_TEAMS = ("team-payments", "team-orders", "team-catalogue", "team-stock", "team-web", "team-identity")


def services(count: int = 200) -> tuple[str, ...]:
    """Return the names of so many services; a few of them are in the checkout's map."""
    made = [f"{area}-{part}" for part in _PARTS for area in _AREAS]
    return (*_MAPPED, *made)[:count]


def _alert(number: int, names: Sequence[str], began: datetime, now: datetime) -> dict[str, object]:
    service = names[number % len(names)]
    name, severity = _NAMES[number // len(names) % len(_NAMES)]
    starts = began + timedelta(seconds=20 + 0.02 * number)
    labels = {
        "alertname": name,
        "service": service,
        "instance": f"10.40.{number // 250}.{number % 250}:8080",
        "node_pool": POOL if number % 100 < 94 else f"gp-{number % 3}",
        "severity": severity,
        "team": _TEAMS[sum(service.encode()) % len(_TEAMS)],
    }
    if not number:
        starts = began
        labels = {"alertname": "KubeNodeNotReady", "node": "gp-3-a", "node_pool": POOL, "severity": "critical"}
    return {
        "labels": labels,
        "annotations": {"summary": f"{labels['alertname']} on {labels.get('service', 'gp-3-a')}"},
        "fingerprint": hashlib.blake2b(f"{number}".encode(), digest_size=8).hexdigest(),
        "startsAt": rfc3339(starts),
        "endsAt": rfc3339(now + timedelta(minutes=4)),
        "updatedAt": rfc3339(now - timedelta(seconds=5)),
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        "receivers": [{"name": "pagerduty"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
    }


def storm(now: datetime, repositories: Sequence[object], changes: Sequence[Call], map_text: str | None) -> Recording:
    """Return a recording of a storm that began a little over nine minutes before its end.

    Args:
        now: The end of the recording.
        repositories: The repositories, as a configuration names them.
        changes: What git answered.
        map_text: The integration map.
    """
    began = now - timedelta(minutes=9, seconds=26)
    context = Context(
        "prod-eu",
        production=True,
        timezone="Europe/Berlin",
        me=Me("first responder", ("team-payments",)),
        systems=(
            SystemSpec("alertmanager", "alertmanager", urls=(PEER,)),
            SystemSpec("git", "git", extra={"repositories": list(repositories)}),
        ),
    )
    names = services()
    build = {"version": "0.25.0", "revision": "", "branch": "", "buildUser": "", "buildDate": "", "goVersion": ""}
    status = {
        "cluster": {"status": "disabled", "peers": []},
        "config": {"original": ""},
        "uptime": rfc3339(now - timedelta(days=9)),
        "versionInfo": build,
    }
    answers = {
        "/api/v2/status": status,
        "/api/v2/alerts": [_alert(number, names, began, now) for number in range(ALERTS)],
        "/api/v2/silences": [],
    }
    at = FixedClock(now).now()
    calls = [
        Call(
            at - timedelta(milliseconds=400),
            at,
            "alertmanager",
            PEER,
            "GET",
            path,
            status=200,
            headers={"content-type": "application/json"},
            body=json.dumps(body).encode(),
        )
        for path, body in answers.items()
    ]
    return Recording(header_of(context, at - timedelta(seconds=30), map_text=map_text), (*changes, *calls))
