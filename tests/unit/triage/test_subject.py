"""Which alert or fold a drill is about."""

from dataclasses import replace

from cockpit.model.alert import AlertKey, State
from cockpit.triage.subject import find, worst
from tests.unit.triage.boards import alert, at, board


def test_worst_by_priority() -> None:
    """What is proposed the highest stands first, whatever its age."""
    old = alert("Old", "billing", "o", severity="warning", since=at("10:00"))
    found = worst(board([old, alert()]))
    assert found is not None
    assert found.name == "PaymentErrorsHigh"


def test_worst_by_entry_points_then_age() -> None:
    """Of the same priority, what more entry points feel stands first, then what is older."""
    far = alert("Far", "billing", "f", severity="warning", since=at("10:00"))
    near = alert("Near", "order", "n", severity="warning", since=at("14:00"))
    older = alert("Older", "order", "e", severity="warning", since=at("13:00"))
    found = worst(board([far, near, older], scopes={}))
    assert found is not None
    assert found.name == "Older"


def test_only_what_fires() -> None:
    """Pending, silenced, inhibited and resolved alerts are not the worst of anything."""
    for state in (State.PENDING, State.SILENCED, State.INHIBITED, State.RESOLVED):
        assert worst(board([alert(state=state)])) is None
    assert worst(board([alert(state=State.LOST)])) is not None


def test_dimmed_last() -> None:
    """What is dimmed stands behind everything else that fires."""
    dim = alert("InfoInhibitor", "ui", "d", severity="critical", dim=True)
    found = worst(board([dim, alert("X", "billing", "x", severity="info")]))
    assert found is not None
    assert found.name == "X"


def test_same_fingerprint_in_two_systems() -> None:
    """Of several alerts with one id the worst is meant; with its system any of them."""
    other = replace(alert(severity="info"), key=AlertKey("am-us", "9f2c"), state=State.RESOLVED)
    on = board([other, alert()])
    found, exact = find(on, "9f2c"), find(on, "am-us/9f2c")
    assert found is not None
    assert exact is not None
    assert (found.alert.system, exact.alert.system) == ("alertmanager", "am-us")


def test_of_several_folds_the_worst() -> None:
    """A name that several folds have means the worst of them, though it may not fire."""
    eu = alert(fingerprint="eu", cluster="eu-1", severity="info", service="billing")
    us = alert(fingerprint="us", cluster="us-1", severity="critical", service="billing")
    found = find(board([eu, us]), "PaymentErrorsHigh")
    assert found is not None
    assert found.alert.id == "us"
    silenced = find(board([alert(state=State.SILENCED)]), "PaymentErrorsHigh")
    assert silenced is not None
