"""Changes out of a real Prometheus that nobody configured any for: version metrics, and kube-state-metrics."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from cockpit.assembly import open_live
from cockpit.config import Context, SystemSpec
from cockpit.model.change import Change, ChangeKind, Progress
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.poller import Watch
from tests.e2e.servers import Prometheus
from tests.needs import program

pytestmark = pytest.mark.real

PAST_S = 3600
"""For how long it has watched."""

Values = Callable[[int], float | None]
"""A series' value so many seconds ago; null where it has none."""


def at(*steps: tuple[int, float | None]) -> Values:
    """Return a value that changes at some seconds ago."""

    def value(ago: int) -> float | None:
        return next((value for since, value in reversed(steps) if ago <= since), None)

    return value


def always(value: float) -> Values:
    """Return a value that stands still."""
    return at((PAST_S, value))


def series(now: float) -> Iterator[tuple[str, Mapping[str, str], Values]]:
    """Yield the past of a shop in a cluster."""
    for pod in ("payment-1", "payment-2"):
        labels = {"job": "payment", "pod": pod}
        yield "payment_build_info", {**labels, "version": "v1"}, at((PAST_S, 1), (600, None))
        yield "payment_build_info", {**labels, "version": "v2"}, at((600, 1))
    yield "node_exporter_build_info", {"job": "node", "version": "1.5"}, at((PAST_S, 1), (900, None))
    yield "node_exporter_build_info", {"job": "node", "version": "1.6"}, at((900, 1))
    yield "app_build_info", {"app": "catalog", "version": "c1"}, at((PAST_S, 1), (300, None))
    yield "app_build_info", {"app": "catalog", "version": "c2"}, at((300, 1))
    sets: tuple[tuple[str, int, int, int, str], ...] = (
        ("cart-7d9f8c6b5d", 700, 2, 2, "registry.example.com:5000/shop/cart:v3.1"),
        ("cart-5c4f7d6b99", 800_000, 0, 0, ""),
        ("ui-66c9bdf8d4", 120, 3, 1, "ui@sha256:0123456789abcdef"),
    )
    for name, ago, wanted, ready, image in sets:
        place = {"job": "ksm", "namespace": "shop", "replicaset": name}
        since = min(ago, PAST_S)
        yield "kube_replicaset_created", place, at((since, now - ago))
        owner = {"owner_kind": "Deployment", "owner_name": name.rsplit("-", 1)[0]}
        yield "kube_replicaset_owner", {**place, **owner}, at((since, 1))
        yield "kube_replicaset_spec_replicas", place, at((since, wanted))
        yield "kube_replicaset_status_ready_replicas", place, at((since, ready))
        if image:
            its = {"job": "ksm", "namespace": "shop", "pod": f"{name}-abcde"}
            yield "kube_pod_container_info", {**its, "container": "app", "image": image}, at((since, 1))
            sidecar = {**its, "container": "istio-proxy", "image": "istio/proxyv2:1.19"}
            yield "kube_pod_container_info", sidecar, at((since, 1))
    for node, created, since, until in (
        ("node-1", 9_000_000, PAST_S, 0),
        ("node-2", 9_000_000, PAST_S, 0),
        ("node-3", 9_000_000, PAST_S, 1200),
        ("node-4", 1000, 1000, 0),
    ):
        labels = {"job": "ksm", "node": node}
        end = ((until, None),) if until else ()
        yield "kube_node_created", labels, at((since, now - created), *end)
        cordoned = ((800, 1.0), (400, 0.0)) if node == "node-2" else ()
        yield "kube_node_spec_unschedulable", labels, at((since, 0.0), *cordoned, *end)


def history(now: float) -> str:
    """Return that past in OpenMetrics text."""
    lines: list[str] = []
    known = list(series(now))
    for name in dict.fromkeys(name for name, _, _ in known):
        lines.append(f"# TYPE {name} gauge")
        for one, labels, values in known:
            if one == name:
                text = ",".join(f'{label}="{value}"' for label, value in labels.items())
                lines += [
                    f"{name}{{{text}}} {value!r} {now - ago:.3f}"
                    for ago in range(PAST_S, -1, -15)
                    if (value := values(ago)) is not None
                ]
    return "\n".join((*lines, "# EOF")) + "\n"


@pytest.fixture(scope="module")
def began() -> float:
    """Return when the test began."""
    return float(int(time.time()))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, began: float) -> Iterator[Prometheus]:
    """Return a Prometheus with that past."""
    program("prometheus")
    program("promtool")
    there = Prometheus(tmp_path_factory.mktemp("prometheus"), rules="groups: []")
    there.remember(history(began))
    with there.process:
        yield there


async def watched(server: Prometheus, **extra: object) -> tuple[dict[str, Change], ChangesSeen]:
    """Return the changes on a board by service, and what the Prometheus said."""
    spec = SystemSpec("prom", "prometheus", "c.toml: prom", urls=(server.url,), extra=extra)
    assembly = open_live(Context("x", systems=(spec,), window=timedelta(minutes=50)), config_folder=None)
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
    try:
        board = await watch.once({Topic.CHANGES})
    finally:
        await watch.close()
    reading = board.readings["prom", Topic.CHANGES]
    assert isinstance(reading.answer, ChangesSeen)
    assert reading.error is None
    return {f"{change.service} {change.summary}": change for change in board.changes}, reading.answer


def moment(began: float, ago: float) -> datetime:
    """Return the moment so many seconds before the test began."""
    return datetime.fromtimestamp(began - ago, UTC)


async def test_changes_are_found_without_configuration(server: Prometheus, began: float) -> None:
    """Versions of services, new ReplicaSets and nodes are changes; an exporter's new version is none."""
    changes, seen = await watched(server)
    assert set(changes) == {
        "payment v2 instead of v1",
        "catalog c2 instead of c1",
        "cart image registry.example.com:5000/shop/cart:v3.1",
        "ui image ui@sha256:0123456789abcdef",
        "node-2 node node-2 cordoned",
        "node-3 node node-3 gone",
        "node-4 node node-4 added",
    }
    assert set(seen.covers) == {"payment", "catalog"}
    assert seen.gaps == ()


async def test_a_replicaset_is_a_deploy_with_its_image(server: Prometheus, began: float) -> None:
    """It counts from when it was made, has its image's tag, and rolls while pods are missing."""
    changes, _ = await watched(server)
    cart = changes["cart image registry.example.com:5000/shop/cart:v3.1"]
    assert (cart.kind, cart.version, cart.began) == (ChangeKind.DEPLOY, "v3.1", moment(began, 700))
    assert cart.progress is Progress.DONE
    ui = changes["ui image ui@sha256:0123456789abcdef"]
    assert (ui.version, ui.progress, ui.ended) == ("0123456789ab", Progress.ROLLING, None)
    assert cart.witnesses[0].report.labels["namespace"] == "shop"


async def test_nodes_are_infrastructure(server: Prometheus, began: float) -> None:
    """A node is added when it was made, cordoned from then to then, and gone after its last sample."""
    changes, _ = await watched(server)
    added, cordoned = changes["node-4 node node-4 added"], changes["node-2 node node-2 cordoned"]
    gone = changes["node-3 node node-3 gone"]
    assert {change.kind for change in (added, cordoned, gone)} == {ChangeKind.INFRASTRUCTURE}
    assert added.began == moment(began, 1000)
    assert cordoned.ended is not None
    for found, ago in ((cordoned.began, 800), (cordoned.ended, 400)):
        assert abs((found - moment(began, ago)).total_seconds()) <= 30
    assert abs((gone.began - moment(began, 1200)).total_seconds()) <= 330


async def test_configured_versions_stand_instead(server: Prometheus) -> None:
    """Where a query is configured only that is asked; `sum by (version)` is of the service that it selects."""
    query = 'sum by (version) (app_build_info{app="catalog"})'
    changes, seen = await watched(server, changes=[{"query": query}])
    assert (set(changes), seen.covers) == ({"catalog c2 instead of c1"}, ("catalog",))
    changes, _ = await watched(server, changes=[{"query": "sum by (version) (payment_build_info)"}])
    assert set(changes) == {"payment v2 instead of v1"}
    changes, _ = await watched(server, changes=[{"query": "sum by (version) (payment_build_info)", "service": "pay"}])
    assert set(changes) == {"pay v2 instead of v1"}


async def test_kubernetes_is_asked_beside_where_it_is_wanted(server: Prometheus) -> None:
    """`kubernetes` switches it on beside configured queries, and off without them."""
    changes, _ = await watched(server, changes=[], kubernetes=True)
    assert len(changes) == 5
    changes, _ = await watched(server, kubernetes=False)
    assert len(changes) == 2


async def test_doctor_says_what_was_found(server: Prometheus) -> None:
    """It names the metrics."""
    spec = SystemSpec("prom", "prometheus", "c.toml: prom", urls=(server.url,))
    (system,) = open_live(Context("x", systems=(spec,)), config_folder=None).systems
    try:
        (check,) = [check for check in await system.check() if check.check == "changes without configuration"]
    finally:
        await system.close()
    assert check.message == "app_build_info, payment_build_info, new ReplicaSets and nodes"
