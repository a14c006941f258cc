"""What the shop's services say at `/metrics`, and the same as a history that a Prometheus can be given."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.shop.traffic import Service, Shop


@dataclass(frozen=True, slots=True)
class Sample:
    """One number of one series."""

    name: str
    labels: Mapping[str, str]
    value: float
    kind: str
    """counter or gauge."""


def samples_of(shop: Shop, name: str) -> Iterator[Sample]:
    """Yield what one service of the shop, or `node`, exports now."""
    if name in shop.services:
        yield from _of_service(shop, shop.services[name])
    for gauge in shop.gauges.values():
        if gauge.service == name:
            yield Sample(gauge.name, gauge.labels, gauge.value.at(shop.now), "gauge")


def _of_service(shop: Shop, service: Service) -> Iterator[Sample]:
    if service.built:
        yield Sample("app_build_info", {"version": service.version}, 1, "gauge")
    yield Sample("http_requests_total", {}, int(service.requests), "counter")
    yield Sample("http_errors_total", {}, int(service.errors), "counter")
    latency = service.latency_s.at(shop.now)
    yield Sample("http_request_duration_seconds", {"quantile": "0.5"}, round(latency / 4, 4), "gauge")
    yield Sample("http_request_duration_seconds", {"quantile": "0.99"}, round(latency, 4), "gauge")
    for pod in service.pods():
        yield Sample("pod_restarts_total", {"pod": pod}, service.restarts.get(pod, 0), "counter")
    if service.name == "ui":
        yield Sample("checkout_attempts_total", {}, shop.attempts, "counter")
        for step in ("auth", "catalog", "order", "inventory"):
            yield Sample("checkout_failed_total", {"step": step}, 0, "counter")
        yield Sample("checkout_failed_total", {"step": "payment"}, shop.payment_errors, "counter")
    if service.name == "payment":
        yield Sample("payment_attempts_total", {}, shop.attempts, "counter")
        yield Sample("payment_errors_total", {}, shop.payment_errors, "counter")
    if service.name == "order":
        yield Sample("orders_total", {}, shop.orders, "counter")


def exposition(samples: Iterable[Sample]) -> str:
    """Return samples in Prometheus' text format, grouped by name with their types."""
    families: dict[str, list[Sample]] = {}
    for sample in samples:
        families.setdefault(sample.name, []).append(sample)
    lines: list[str] = []
    for name, members in families.items():
        lines.append(f"# TYPE {name} {members[0].kind}")
        lines.extend(f"{name}{_labels(sample.labels)} {sample.value!r}" for sample in members)
    return "\n".join(lines) + "\n"


class History:
    """Samples of the past, gathered by series, in the text form from which `promtool` makes blocks."""

    def __init__(self) -> None:
        self._families: dict[str, dict[str, list[str]]] = {}
        self._kinds: dict[str, str] = {}

    def add(self, samples: Iterable[Sample], labels: Mapping[str, str], at: float) -> None:
        """Keep samples of one moment, with the labels that their scrape would add."""
        for sample in samples:
            series = f"{sample.name}{_labels({**sample.labels, **labels})}"
            rows = self._families.setdefault(sample.name, {}).setdefault(series, [])
            rows.append(f"{series} {sample.value!r} {at:.3f}")
            self._kinds[sample.name] = sample.kind

    def text(self) -> str:
        """Return everything as OpenMetrics text."""
        lines: list[str] = []
        for name, family in self._families.items():
            counted = self._kinds[name] == "counter"
            lines.append(f"# TYPE {name.removesuffix('_total') if counted else name} {self._kinds[name]}")
            for rows in family.values():
                lines.extend(rows)
        lines.append("# EOF")
        return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items()) + "}"


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
