"""A Prometheus that speaks its HTTP API: queries known by their text, rules with alerts, targets."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.alertmanager import moment, stamp
from tests.fakes.http_server import Answer, Asked, FakeServer, say

Labels = dict[str, str]

Metric = Callable[[float], Sequence[tuple[Labels, float]]]
"""What a query comes to at a moment (Unix seconds): labels and value of each series."""


@dataclass(slots=True)
class Alerting:
    """One alerting rule with its alerts."""

    name: str
    query: str
    hold_s: float = 0.0
    labels: Labels = field(default_factory=dict)
    annotations: Labels = field(default_factory=dict)
    health: str = "ok"
    error: str = ""
    group: str = "rules"
    alerts: list[dict[str, Any]] = field(default_factory=list)

    def active(self, labels: Labels, since: datetime, value: str = "1e+00", state: str = "firing") -> None:
        """Add an alert that has been active since then."""
        self.alerts.append(
            {
                "labels": {"alertname": self.name} | labels | self.labels,
                "annotations": self.annotations,
                "state": state,
                "activeAt": stamp(since),
                "value": value,
            }
        )


def refusal(kind: str, text: str, status: int) -> Answer:
    """Return an error as Prometheus words it."""
    return say({"status": "error", "errorType": kind, "error": text}, status)


def seconds(text: str) -> float:
    """Return a moment given as Unix seconds or RFC 3339."""
    try:
        return float(text)
    except ValueError:
        return moment(text).timestamp()


class FakePrometheus(FakeServer):
    """One server.

    Args:
        now: What time it is there.
        queries: What each query comes to, by its text; any other is a parse error.
    """

    def __init__(self, now: Callable[[], datetime], queries: Mapping[str, Metric] | None = None, **more: Any) -> None:
        super().__init__(now=now, **more)
        self.now = now
        self.queries: dict[str, Metric] = dict(queries or {})
        self.warnings: list[str] = []
        self.rules: list[Alerting] = []
        self.alerts_with_rules = True
        self.targets: list[dict[str, Any]] = []
        self.alertmanagers: list[str] = ["http://am-0:9093/api/v2/alerts"]
        self.names: list[str] = []
        """Names of metrics, which are told where the selector's regex fits them."""
        for path, route in (
            ("query", self._query),
            ("query_range", self._range),
            ("rules", self._rules),
            ("alerts", self._alerts),
            ("targets", self._targets),
            ("alertmanagers", self._alertmanagers),
            ("status/buildinfo", self._build),
            ("label/__name__/values", self._names),
        ):
            self.routes[f"/api/v1/{path}"] = route

    def target(self, labels: Labels, health: str = "up", error: str = "") -> None:
        """Add a target."""
        self.targets.append(
            {
                "discoveredLabels": {"__address__": labels.get("instance", "")},
                "labels": labels,
                "scrapePool": labels.get("job", ""),
                "scrapeUrl": f"http://{labels.get('instance', '')}/metrics",
                "globalUrl": f"http://{labels.get('instance', '')}/metrics",
                "lastError": error,
                "lastScrape": stamp(self.now()),
                "lastScrapeDuration": 0.003,
                "health": health,
                "scrapeInterval": "15s",
                "scrapeTimeout": "10s",
            }
        )

    def _success(self, data: object) -> Answer:
        return say({"status": "success", "data": data} | ({"warnings": self.warnings} if self.warnings else {}))

    def _metric(self, asked: Asked) -> Metric | Answer:
        query = asked.params.get("query", "")
        metric = self.queries.get(query)
        if metric is None:
            return refusal("bad_data", f'invalid parameter "query": 1:{len(query)}: parse error: unknown here', 400)
        return metric

    def _query(self, asked: Asked) -> Answer:
        metric = self._metric(asked)
        if isinstance(metric, Answer):
            return metric
        at = seconds(asked.params["time"]) if "time" in asked.params else self.now().timestamp()
        result = [{"metric": labels, "value": [at, _text(value)]} for labels, value in metric(at)]
        return self._success({"resultType": "vector", "result": result})

    def _range(self, asked: Asked) -> Answer:
        metric = self._metric(asked)
        if isinstance(metric, Answer):
            return metric
        start, end = seconds(asked.params["start"]), seconds(asked.params["end"])
        step = float(asked.params["step"])
        count = int((end - start) / step) + 1
        if count > 11_000:
            return refusal("bad_data", "exceeded maximum resolution of 11,000 points per timeseries.", 400)
        series: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
        for place in range(count):
            at = start + place * step
            for labels, value in metric(at):
                series.setdefault(tuple(sorted(labels.items())), []).append([at, _text(value)])
        result = [{"metric": dict(labels), "values": values} for labels, values in series.items()]
        return self._success({"resultType": "matrix", "result": result})

    def _rules(self, asked: Asked) -> Answer:
        groups: dict[str, list[dict[str, Any]]] = {}
        for rule in self.rules:
            told: dict[str, Any] = {
                "state": _state(rule),
                "name": rule.name,
                "query": rule.query,
                "duration": rule.hold_s,
                "labels": rule.labels,
                "annotations": rule.annotations,
                "health": rule.health,
                "lastError": rule.error,
                "evaluationTime": 0.001,
                "lastEvaluation": stamp(self.now() - timedelta(seconds=3)),
                "type": "alerting",
            }
            if self.alerts_with_rules:
                told["alerts"] = rule.alerts
            groups.setdefault(rule.group, []).append(told)
        return self._success(
            {
                "groups": [
                    {
                        "name": name,
                        "file": "rules.yml",
                        "rules": rules,
                        "interval": 15,
                        "limit": 0,
                        "evaluationTime": 0.002,
                        "lastEvaluation": stamp(self.now()),
                    }
                    for name, rules in groups.items()
                ]
            }
        )

    def _alerts(self, _: Asked) -> Answer:
        return self._success({"alerts": [alert for rule in self.rules for alert in rule.alerts]})

    def _targets(self, _: Asked) -> Answer:
        return self._success({"activeTargets": self.targets, "droppedTargets": [], "droppedTargetCounts": {}})

    def _alertmanagers(self, _: Asked) -> Answer:
        active = [{"url": url} for url in self.alertmanagers]
        return self._success({"activeAlertmanagers": active, "droppedAlertmanagers": []})

    def _names(self, asked: Asked) -> Answer:
        wanted = re.search(r'__name__=~"(.*)"', asked.params.get("match[]", ""))
        return self._success([name for name in self.names if wanted is None or re.fullmatch(wanted[1], name)])

    def _build(self, _: Asked) -> Answer:
        return self._success(
            {"version": "2.42.0", "revision": "x", "branch": "x", "buildUser": "x", "buildDate": "x", "goVersion": "x"}
        )


def _state(rule: Alerting) -> str:
    states = {alert["state"] for alert in rule.alerts}
    return next((state for state in ("firing", "pending") if state in states), "inactive")


def _text(value: float) -> str:
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(str(value), str(value))


def constant(value: float, **labels: str) -> Metric:
    """Return one series that never changes."""
    return lambda _: [(labels, value)]


def nothing(_: float) -> Sequence[tuple[Labels, float]]:
    """Come to no series at all."""
    return []
