"""A first map from labels: it passes the check, and says what it was made from."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config import DEFAULT_EXPORTERS
from cockpit.topology.draft import draft_map
from cockpit.topology.load import read_map

ALERTS = [
    {"alertname": "ErrorsHigh", "app": "payment", "team": "team-payments", "namespace": "pay", "cluster": "eu-1"},
    {"alertname": "Slow", "app": "Payment", "owner": "team-payments"},
    {"alertname": "NodeDown", "instance": "10.0.0.1:9100", "job": "node-exporter"},
    {"alertname": "Odd"},
]
TARGETS = [{"job": "orders-db", "instance": "x:1"}, {"job": "payment", "instance": "y:1"}]


def test_a_draft_names_what_was_seen() -> None:
    """Services are named by labels, teams by labels, hops are left to people, and comments say what was seen."""
    text = draft_map("prod", ALERTS, TARGETS, DEFAULT_EXPORTERS)
    source, problems = read_map(text, "draft.yaml")
    assert problems == ()
    assert source.name == "prod"
    assert {name.lower() for name in source.services} == {"payment", "orders-db"}
    assert source.services["payment"].team == "team-payments"
    assert source.services["orders-db"].team == "unowned"
    assert source.services["orders-db"].kind == "database"
    assert "calls: []" in text
    assert "2 alerts (ErrorsHigh, Slow), 1 target" in text
    assert "nodes" in text
    assert "10.0.0.1" in text
    assert "1 alert named no service" in text


def test_a_draft_of_nothing_shows_the_form() -> None:
    """Where nothing was seen the draft is still a map that passes the check."""
    assert read_map(draft_map("", [], [], DEFAULT_EXPORTERS), "f")[1] == ()


_LABELS = st.dictionaries(
    st.sampled_from(["alertname", "app", "team", "job", "pod", "cluster", "namespace"]), st.text()
)


@settings(max_examples=100, deadline=None)
@given(st.text(), st.lists(_LABELS, max_size=5), st.lists(_LABELS, max_size=5))
def test_any_labels_give_a_map_that_passes_the_check(
    name: str, alerts: list[dict[str, str]], targets: list[dict[str, str]]
) -> None:
    """Whatever the labels hold, the draft is a map without a problem."""
    assert read_map(draft_map(name, alerts, targets, DEFAULT_EXPORTERS), "f")[1] == ()
