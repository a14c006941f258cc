"""Metrics that tell of requests in many places, and the queries for error share, latency and rate made of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

WINDOW = "5m"
"""The rate window of every query."""


@dataclass(frozen=True, slots=True)
class MeasureSource:
    """Queries that belong together; an empty one is not asked."""

    errors: str = ""
    """Comes to failing requests among all, 0 to 1."""
    latency: str = ""
    """Comes to seconds."""
    rate: str = ""
    """Comes to requests a second."""
    label: str | None = None
    """The label that names the service; without it the map's labels are tried."""
    service: str = ""
    """The map's key, where the map's own queries measure it."""
    names: tuple[str, ...] = ()
    """Labels that name the service before the map's labels do."""
    says: str = ""
    """What it is called when it fails: `http_requests_total`."""


@dataclass(frozen=True, slots=True)
class Family:
    """One well-known metric that counts requests."""

    count: str
    failing: Mapping[str, str]
    """By label that tells how a request ended, the values (a regex) of failing ones; the first label there counts."""
    latency: Sequence[tuple[str, float]] = ()
    """Histograms of the same requests, and what turns their values into seconds; the first one there counts."""
    selector: str = ""
    """What of it is looked at: only one side of a call, only served requests."""
    names: tuple[str, ...] = field(default=())
    """Labels of its own that name the service."""


_SERVED = 'span_kind=~"SPAN_KIND_SERVER|SPAN_KIND_CONSUMER"'
_FAILED_SPAN = {"status_code": "STATUS_CODE_ERROR"}
_HTTP = "5.."

FAMILIES: Sequence[Family] = (
    Family(
        "http_server_request_duration_seconds_count",
        {"http_response_status_code": _HTTP, "http_status_code": _HTTP},
        (("http_server_request_duration_seconds_bucket", 1.0),),
        names=("service_name",),
    ),
    Family(
        "http_requests_total",
        {"code": _HTTP, "status": _HTTP, "status_code": _HTTP},
        (("http_request_duration_seconds_bucket", 1.0),),
    ),
    Family(
        "grpc_server_handled_total",
        {"grpc_code": "Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"},
        (("grpc_server_handling_seconds_bucket", 1.0),),
    ),
    Family(
        "istio_requests_total",
        {"response_code": _HTTP},
        (("istio_request_duration_milliseconds_bucket", 0.001),),
        'reporter="destination"',
        ("destination_canonical_service", "destination_workload"),
    ),
    Family(
        "traces_spanmetrics_calls_total",
        _FAILED_SPAN,
        (("traces_spanmetrics_latency_bucket", 1.0),),
        _SERVED,
        ("service", "service_name"),
    ),
    Family(
        "traces_span_metrics_calls_total",
        _FAILED_SPAN,
        (
            ("traces_span_metrics_duration_seconds_bucket", 1.0),
            ("traces_span_metrics_duration_milliseconds_bucket", 0.001),
        ),
        _SERVED,
        ("service_name", "service"),
    ),
)
"""OpenTelemetry's HTTP servers, the usual HTTP counter, gRPC, Istio, and span metrics of Tempo and of the collector;
what an earlier one says of a service counts."""


def probe() -> str:
    """Return the selector of every metric that is known here."""
    names = dict.fromkeys(name for family in FAMILIES for name in (family.count, *(name for name, _ in family.latency)))
    return f'{{__name__=~"{"|".join(names)}"}}'


def selector_of(family: Family) -> str:
    """Return what of a family's counter is looked at."""
    return f"{family.count}{{{family.selector}}}" if family.selector else family.count


def source_of(
    family: Family, there: Collection[str], labels: Collection[str], naming: Iterable[str]
) -> MeasureSource | None:
    """Return the queries for one family, or null where none of its labels can name a service.

    Args:
        family: Which.
        there: Names of metrics that exist.
        labels: Labels that the family's counter has.
        naming: Labels that decide which service a series belongs to, by the map.
    """
    kept = [label for label in dict.fromkeys((*family.names, *naming)) if label in labels]
    if not kept:
        return None
    by = [label for label in kept if label != "pod"] or kept
    group = f" by ({', '.join(by)})"
    rate = f"sum{group} (rate({selector_of(family)}[{WINDOW}]))"
    ended = next((label for label in family.failing if label in labels), None)
    errors = ""
    if ended is not None:
        failing = ", ".join(filter(None, (family.selector, f'{ended}=~"{family.failing[ended]}"')))
        errors = f"(sum{group} (rate({family.count}{{{failing}}}[{WINDOW}])) or 0 * {rate}) / {rate}"
    latency = next(((name, scale) for name, scale in family.latency if name in there), None)
    slow = ""
    if latency is not None:
        selected = f"{latency[0]}{{{family.selector}}}" if family.selector else latency[0]
        slow = f"histogram_quantile(0.99, sum by ({', '.join(('le', *by))}) (rate({selected}[{WINDOW}])))"
        slow = slow if latency[1] == 1.0 else f"{latency[1]:g} * {slow}"
    return MeasureSource(errors, slow, rate, names=family.names, says=family.count)
