"""Suspects: few, ranked by distance, each with its reason; none where none is likely."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cockpit.board.state import Board
from cockpit.model.alert import Alert, AlertKey, Storm
from cockpit.model.change import ChangeKind, Progress
from cockpit.triage.starts import starts_of
from cockpit.triage.suspects import FURTHEST, changes_from, suspects
from tests.unit.triage.boards import NOW, SETUP, alert, at, board, deploy, subject


def names(on: Board) -> list[str]:
    """Return the suspects' ids, best first."""
    return [one.change for one in suspects(on, subject(on))]


def test_order() -> None:
    """The own service comes before callees, near ones before far ones, the latest begin first, hosts last."""
    changes = [
        deploy("14:05", "pool-a"),
        deploy("14:04", "inventory"),
        deploy("14:03", "order"),
        deploy("13:10", version="v2.3.0"),
        deploy("14:01", version="v2.4.0"),
        deploy("14:05", version="abc", kind=ChangeKind.MERGED),
    ]
    assert names(board(changes=changes)) == [
        "git/payment-service@v2.4.0",
        "git/payment-service@v2.3.0",
        "git/payment-service@abc",
        "git/order@v2.4.0",
        "git/inventory@v2.4.0",
        "git/pool-a@v2.4.0",
    ]


def test_beside_the_likeliest_only_recent_changes_are_named() -> None:
    """What began over an hour before the alert is a suspect only where nothing likelier is known."""
    old = deploy("11:00", "inventory")
    assert names(board(changes=[deploy("14:02"), old])) == ["git/payment-service@v2.4.0"]
    assert names(board(changes=[old])) == ["git/inventory@v2.4.0"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (deploy(), ("on the alert's service, began 4 min before it",)),
        (deploy(on="order"), ("on order, which payment calls, began 4 min before it",)),
        (deploy(on="inventory"), ("on inventory, 2 hops below payment, began 4 min before it",)),
        (deploy(on="pool-a"), ("on pool-a, which payment runs on, began 4 min before it",)),
        (
            deploy(kind=ChangeKind.MERGED),
            ("on the alert's service, merged 4 min before it", "merged, not known to be deployed"),
        ),
        (deploy(rollback=True), ("on the alert's service, began 4 min before it", "a rollback")),
        (deploy(seen=True), ("on the alert's service, first seen 4 min before it",)),
        (
            deploy("14:06:20", tolerance_s=30.0),
            ("on the alert's service, began as it began, give or take 30 s",),
        ),
    ],
)
def test_reasons(change: object, why: tuple[str, ...]) -> None:
    """Each suspect says where it is and how long before."""
    (found,) = suspects(on := board(changes=[change]), subject(on))  # type: ignore[list-item] # a change
    assert found.why == why


@pytest.mark.parametrize(
    "change",
    [
        deploy("14:06:05"),
        deploy("14:07"),
        deploy("14:06:40", tolerance_s=30.0),
        deploy("10:05"),
        deploy(on="ui"),
        deploy(on="catalog"),
        deploy(on="unheard-of"),
    ],
)
def test_no_suspects(change: object) -> None:
    """Later changes, too old ones, callers' and strangers' are no suspects."""
    assert names(board(changes=[change])) == []  # type: ignore[list-item] # a change


def test_unmapped_service() -> None:
    """Without a map a change on the same name is one, however it is spelled."""
    on = board([alert("X", "pay_ments", "x1", mapped=False)], [deploy(on="Pay-Ments", mapped=False)])
    assert len(suspects(on, subject(on, AlertKey("alertmanager", "x1")))) == 1


def test_older_changes_count() -> None:
    """What has left the deploy feed is still within four hours before the start."""
    on = replace(board(changes=[]), older=(deploy("10:30"),))
    assert names(on) == ["git/payment-service@v2.4.0"]


def many(on: list[str], every_s: float = 20.0) -> list[Alert]:
    """Return the incident's alert and one on each of these services, so many seconds apart."""
    start = at("14:06:05")
    return [
        alert(),
        *(
            alert(f"A{n}", name, f"m{n}", since=start + timedelta(seconds=every_s * (n + 1)))
            for n, name in enumerate(on)
        ),
    ]


def test_many_services_and_nothing_in_common() -> None:
    """Five services starting within two minutes clear a change that only one of them depends on."""
    assert names(board(many(["a", "b", "c", "d"]))) == []


@pytest.mark.parametrize("services", [["a", "b", "c"], ["payment", "payment", "payment", "payment"]])
def test_four_services_are_not_many(services: list[str]) -> None:
    """Fewer than five services keep their suspects, and alerts of one service count once."""
    assert names(board(many(services))) == ["git/payment-service@v2.4.0"]


def test_many_services_over_a_longer_time() -> None:
    """Services that start one after the other over minutes did not start together."""
    assert names(board(many(["a", "b", "c", "d"], every_s=40.0))) == ["git/payment-service@v2.4.0"]


def test_many_services_with_a_common_cause() -> None:
    """A change on what all of them depend on stays, one on the service alone goes."""
    services = {
        **SETUP.map.services,
        **{name: replace(SETUP.map.services["payment"], name=name) for name in ("a", "b", "c", "d")},
    }
    setup = replace(SETUP, map=replace(SETUP.map, services=services))
    on = board(many(["a", "b", "c", "d"]), [deploy(), deploy(on="order"), deploy(on="pool-a")], setup)
    found = suspects(on, subject(on))
    assert [one.service for one in found] == ["order", "pool-a"]
    assert found[0].why[-1] == "common to 5 services that started within 2 min"


def test_a_storm_s_label_names_a_host() -> None:
    """A change on the node that most alerts share is one, though no map knows the node."""
    alerts = [replace(one, labels={**one.labels, "node_pool": "gp-3"}) for one in many(["a", "b", "c", "d"])]
    storm = Storm(60, 5, 5, ("node_pool", "gp-3"), 0.94, ())
    on = board(alerts, [deploy(on="gp-3"), deploy()], storm=storm)
    assert [one.service for one in suspects(on, subject(on))] == ["gp-3"]


def test_services_together() -> None:
    """The most services within any two minutes around the start are counted."""
    on = board(many(["a", "b", "c"], every_s=50.0))
    assert starts_of(on.folds).together("payment", at("14:06:05")) == {"payment", "a", "b"}


def test_how_far_back_to_ask() -> None:
    """Change systems are asked from a window before the earliest start, at least two windows and at most a day back."""
    window = SETUP.window
    assert changes_from(board([]), NOW) == changes_from(board(), NOW) == NOW - 2 * window
    early = board([alert(since=at("04:00"))])
    assert changes_from(early, NOW) == at("04:00") - window
    old = board([alert(since=NOW - timedelta(days=9))])
    assert changes_from(old, NOW) == NOW - FURTHEST
    long = board([], setup=replace(SETUP, window=timedelta(days=2)))
    assert changes_from(long, NOW) == NOW - timedelta(days=4)


@pytest.mark.parametrize(("progress", "said"), [(Progress.FAILED, "it failed"), (Progress.ROLLING, "still rolling")])
def test_how_far_a_suspect_has_come_is_a_reason(progress: Progress, said: str) -> None:
    """A deploy that failed or still rolls says so beside when it began."""
    change = replace(deploy("14:02"), progress=progress)
    (found,) = suspects(on := board(changes=[change]), subject(on))
    assert found.why[-1] == said
