"""The proposed priority by the matrix, and its reasons."""

from dataclasses import replace

import pytest

from cockpit.board.state import Board
from cockpit.model.alert import Alert, State
from cockpit.model.drill import Priority
from cockpit.model.health import Health, ServiceHealth
from cockpit.triage.priority import propose, quick_priority
from tests.unit.triage.boards import SAMPLE, SETUP, alert, board, folded, subject


def proposal(on: Board, one: Alert) -> tuple[str, tuple[str, ...]]:
    """Return the proposed priority with its reasons; the quick way must agree."""
    found = propose(on, subject(on, one.key))
    assert quick_priority(on, one) is found.proposed
    return found.proposed.value, found.why


def with_severity(severity: str, on: str = "billing", **more: object) -> Alert:
    """Return an alert of a service that nothing measures."""
    return alert("X", on, "x1", severity=severity, **more)


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("critical", "P2"),
        ("Critical", "P2"),
        ("page", "P2"),
        ("SEV1", "P2"),
        ("sev-2", "P2"),
        ("P1", "P2"),
        ("warning", "P3"),
        ("ticket", "P3"),
        ("SEV3", "P3"),
        ("info", "P4"),
        ("none", "P4"),
        ("SEV4", "P4"),
    ],
)
def test_label_alone(severity: str, expected: str) -> None:
    """A label alone proposes at most P2, and says that it is alone."""
    one = with_severity(severity)
    assert proposal(board([one]), one) == (expected, (f"severity={severity} alone, impact unknown",))


def test_neither_label_nor_measurement() -> None:
    """With nothing to go by it is P3, impact unknown."""
    one = with_severity("")
    assert proposal(board([one]), one) == ("P3", ("impact unknown",))


@pytest.mark.parametrize(("mapped", "expected"), [("P1", "P2"), ("p3", "P3"), ("P4", "P4"), ("nonsense", "P4")])
def test_mapped_scales(mapped: str, expected: str) -> None:
    """Another scale is mapped by the configuration, never above P2."""
    one = with_severity("blocker")
    on = board([one], setup=replace(SETUP, severities={"Blocker": mapped}))
    assert proposal(on, one)[0] == expected


@pytest.mark.parametrize(
    ("value", "severity", "expected", "why"),
    [
        (0.5, "warning", "P1", "50 % of checkout attempts failing, threshold 50 %"),
        (0.49, "warning", "P2", "49 % of checkout attempts failing, threshold 5 %"),
        (0.05, "", "P2", "5.0 % of checkout attempts failing, threshold 5 %"),
        (0.01, "warning", "P3", "severity=warning"),
        (0.01, "critical", "P2", "severity=critical"),
        (0.01, "", "P4", "1.0 % of checkout attempts failing"),
    ],
)
def test_scope(value: float, severity: str, expected: str, why: str) -> None:
    """A measured share decides, and a label beside it is not alone."""
    one = alert(severity=severity)
    on = board([one], scopes={"payment": ("prometheus", replace(SAMPLE, value=value))})
    assert proposal(on, one) == (expected, (why,))


def entry(share: float | None, **more: object) -> tuple[Board, Alert]:
    """Return a board on which the entry service fires with this error share."""
    one = with_severity("warning", "ui", **more)
    return board([one], health={"ui": ServiceHealth("ui", Health.FIRING, error_share=share)}), one


def test_entry_service() -> None:
    """A firing entry service is a P2, with half of its requests failing a P1."""
    assert proposal(*entry(None)) == ("P2", ("entry service ui firing",))
    assert proposal(*entry(0.3))[0] == "P2"
    assert proposal(*entry(0.62)) == ("P1", ("entry service ui firing with 62 % errors, threshold 50 %",))
    assert proposal(*entry(0.62, state=State.PENDING))[0] == "P3"


def test_heavy_service_without_traffic() -> None:
    """A service of weight 10 that nobody reaches any more is a P1."""
    one = alert(severity="warning")
    starved = replace(SAMPLE, value=None, denominator=0.0)
    on = board([one], scopes={"payment": ("prometheus", starved)})
    assert proposal(on, one) == ("P1", ("payment (weight 10) without traffic, normally 47/s",))
    seen = board([one], scopes={}, health={"payment": ServiceHealth("payment", Health.NO_TRAFFIC)})
    assert proposal(seen, one)[0] == "P1"


def test_fold_takes_its_highest() -> None:
    """A fold's priority is that of its worst member."""
    alerts = [alert("X", "billing", f"x{n}", severity=level) for n, level in enumerate(["info", "critical", "warning"])]
    on = board(alerts)
    (key,) = folded(alerts)
    assert propose(on, subject(on, key)).proposed is Priority.P2


def test_chosen() -> None:
    """A choice stands beside the proposal, by the alert's occurrence or its fold's."""
    one = alert()
    (key,) = folded([one])
    on = board([one], chosen={one.occurrence: Priority.P3})
    assert propose(on, subject(on)).chosen is Priority.P3
    assert propose(on, subject(on, key)).chosen is Priority.P3
    of_fold = board([one], chosen={subject(on, key).occurrence: Priority.P4})
    assert propose(of_fold, subject(of_fold)).chosen is Priority.P4
