"""A real Prometheus and real Alertmanagers on free loopback ports, configured as a test needs them."""

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.e2e.processes import Process, free_port

PROMETHEUS = "prometheus"
"""The program's name on the path."""

ALERTMANAGER = "prometheus-alertmanager"
"""Debian's name of the program; upstream's is `alertmanager`."""


def alertmanager_program() -> str:
    """Return the name under which Alertmanager is installed here."""
    return ALERTMANAGER if shutil.which(ALERTMANAGER) else "alertmanager"


def get_json(url: str, timeout_s: float = 5.0) -> Any:
    """Return what a URL answers, decoded."""
    with urllib.request.urlopen(url, timeout=timeout_s) as answer:
        return json.loads(answer.read())


def post_json(url: str, said: object, timeout_s: float = 30.0) -> Any:
    """Post a value as JSON and return the decoded answer, or null where it is empty."""
    request = urllib.request.Request(
        url, json.dumps(said).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=timeout_s) as answer:
        body = answer.read()
    return json.loads(body) if body else None


def answers(url: str) -> bool:
    """Return whether a URL answers with status 200; OSError means not yet."""
    with urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)


class Alertmanager:
    """One Alertmanager peer.

    Args:
        folder: Its own folder, made here.
        name: For its log.
        hook: Base URL that every receiver posts to; null for receivers that do nothing.
        peers: Cluster addresses of the peers that are there already.
        inhibit: Inhibition rules, as in its configuration.
        routes: Child routes, as in its configuration.
        receivers: Names of further receivers.
        port: Wanted port; a free one where it is taken.
    """

    def __init__(
        self,
        folder: Path,
        name: str = "alertmanager",
        *,
        hook: str | None = None,
        peers: Sequence[str] = (),
        inhibit: Sequence[Mapping[str, object]] = (),
        routes: Sequence[Mapping[str, object]] = (),
        receivers: Sequence[str] = (),
        port: int = 0,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port(port)
        self.cluster = f"127.0.0.1:{free_port()}"
        self.url = f"http://127.0.0.1:{self.port}"
        config = folder / f"{name}.yml"
        config.write_text(json.dumps(_alertmanager_config(hook, inhibit, routes, receivers), indent=1))
        command = [
            alertmanager_program(),
            f"--config.file={config}",
            f"--storage.path={folder / name}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--web.external-url={self.url}",
            f"--cluster.listen-address={self.cluster}",
            "--cluster.settle-timeout=1s",
            "--cluster.gossip-interval=50ms",
            "--cluster.pushpull-interval=1s",
            "--cluster.reconnect-interval=1s",
            "--log.level=warn",
            *(f"--cluster.peer={peer}" for peer in peers),
        ]
        self.process = Process(name, command, folder, lambda: answers(f"{self.url}/-/ready"))

    def alerts(self) -> list[dict[str, Any]]:
        """Return what it holds, as its interface says it."""
        return list(get_json(f"{self.url}/api/v2/alerts"))

    def names(self) -> set[str]:
        """Return the names of the alerts that it holds."""
        return {alert["labels"]["alertname"] for alert in self.alerts()}

    def post(self, alerts: Sequence[Mapping[str, object]]) -> None:
        """Send it alerts, as a Prometheus would."""
        post_json(f"{self.url}/api/v2/alerts", list(alerts))

    def silence(self, matchers: Mapping[str, str], comment: str, by: str, hours: float = 2.0) -> str:
        """Create a silence for labels with these values and return its id."""
        now = datetime.now(UTC)
        said = post_json(
            f"{self.url}/api/v2/silences",
            {
                "matchers": [
                    {"name": name, "value": value, "isRegex": False, "isEqual": True}
                    for name, value in matchers.items()
                ],
                "startsAt": now.isoformat(),
                "endsAt": (now + timedelta(hours=hours)).isoformat(),
                "createdBy": by,
                "comment": comment,
            },
        )
        return str(said["silenceID"])


def _alertmanager_config(
    hook: str | None,
    inhibit: Sequence[Mapping[str, object]],
    routes: Sequence[Mapping[str, object]],
    receivers: Sequence[str],
) -> dict[str, object]:
    """Return an Alertmanager's configuration; JSON is YAML."""
    named = [
        {"name": name, "webhook_configs": [{"url": f"{hook}/hook/{name}", "send_resolved": True}]}
        if hook
        else {"name": name}
        for name in ("default", *receivers)
    ]
    return {
        "route": {
            "receiver": "default",
            "group_by": ["alertname", "service"],
            "group_wait": "1s",
            "group_interval": "5s",
            "repeat_interval": "1h",
            "routes": list(routes),
        },
        "receivers": named,
        "inhibit_rules": list(inhibit),
    }


@dataclass(frozen=True, slots=True)
class Job:
    """What a Prometheus scrapes: one path of the shop, with the labels of that service."""

    name: str
    address: str
    path: str
    labels: Mapping[str, str] = field(default_factory=dict)


class Prometheus:
    """One Prometheus.

    Args:
        folder: Its own folder, made here.
        jobs: What it scrapes.
        rules: The text of its rule file.
        alertmanagers: URLs of the Alertmanagers that it sends to.
        scrape: Its scrape interval, as in its configuration.
        evaluation: Its evaluation interval.
        resend: Its `--rules.alert.resend-delay`; an alert's end lies four of them ahead.
        labels: Its external labels.
        port: Wanted port; a free one where it is taken.
    """

    def __init__(
        self,
        folder: Path,
        *,
        jobs: Sequence[Job] = (),
        rules: str,
        alertmanagers: Sequence[str] = (),
        scrape: str = "1s",
        evaluation: str = "1s",
        resend: str = "1s",
        labels: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port(port)
        self.url = f"http://127.0.0.1:{self.port}"
        self._data = folder / "data"
        self._folder = folder
        (folder / "rules.yml").write_text(rules)
        config = folder / "prometheus.yml"
        config.write_text(
            json.dumps(_prometheus_config(jobs, alertmanagers, scrape, evaluation, labels or {}), indent=1)
        )
        command = [
            PROMETHEUS,
            f"--config.file={config}",
            f"--storage.tsdb.path={self._data}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--web.external-url={self.url}",
            f"--rules.alert.resend-delay={resend}",
            "--log.level=warn",
        ]
        self.process = Process("prometheus", command, folder, lambda: answers(f"{self.url}/-/ready"))

    def remember(self, history: str) -> None:
        """Give it a past, in OpenMetrics text, before it is started."""
        text = self._folder / "history.txt"
        text.write_text(history)
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(self._data)]
        subprocess.run(command, check=True, capture_output=True)
        text.unlink()

    def alerts(self) -> list[dict[str, Any]]:
        """Return its own view of alerts, pending and firing."""
        return list(get_json(f"{self.url}/api/v1/alerts")["data"]["alerts"])

    def states(self, name: str) -> list[str]:
        """Return the states of the alerts with that name."""
        return [alert["state"] for alert in self.alerts() if alert["labels"]["alertname"] == name]

    def scraped(self) -> bool:
        """Return whether every target has been scraped."""
        targets = get_json(f"{self.url}/api/v1/targets?state=active")["data"]["activeTargets"]
        return bool(targets) and all(target["health"] == "up" for target in targets)


def _prometheus_config(
    jobs: Sequence[Job], alertmanagers: Sequence[str], scrape: str, evaluation: str, labels: Mapping[str, str]
) -> dict[str, object]:
    """Return a Prometheus' configuration; JSON is YAML."""
    targets = [url.removeprefix("http://") for url in alertmanagers]
    return {
        "global": {"scrape_interval": scrape, "evaluation_interval": evaluation, "external_labels": dict(labels)},
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": targets}]}]} if targets else {},
        "scrape_configs": [
            {
                "job_name": job.name,
                "metrics_path": job.path,
                "static_configs": [{"targets": [job.address], "labels": dict(job.labels)}],
            }
            for job in jobs
        ],
    }
