"""The chain view: exact, never too wide or too high, and whole where there is room."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cockpit.model.drawing import ASCII, UNICODE, Drawing, Role, line_text
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure, VendorStatus
from cockpit.model.sights import NO_SIGHTS, Sights
from cockpit.model.topology import NO_MAP, Hop, IntegrationMap, Provenance, Service
from cockpit.topology.focus import choose
from cockpit.topology.graph import topology_of
from cockpit.topology.load import find_map, load_map
from cockpit.topology.paint.chain import paint_chain
from tests.maps import booking, checkout
from tests.unit.topology.maps import health, map_of

CHECKOUT = topology_of(load_map(find_map("checkout"))[0])
STATES = health(
    ui="warning",
    auth="fine",
    catalog="warning",
    payment="firing",
    order="no-traffic",
    mobile="warning",
    partner="warning",
    ads="fine",
    session="fine",
    search="fine",
    pricing="fine",
    ledger="fine",
    stock_db="fine",
)


def paint(focus: str = "payment", width: int = 78, height: int = 6, **more: object) -> Drawing:
    """Paint the checkout map during its incident."""
    unmapped = more.get("unmapped", ())
    assert isinstance(unmapped, tuple)
    sights = Sights(STATES, changed={"payment": "10m"}, unmapped=unmapped)
    return paint_chain(CHECKOUT, focus, width, height, UNICODE, sights)


def test_the_incident_at_eighty_columns() -> None:
    """The checkout incident reads as it should on half a laptop."""
    assert paint(height=5).text().splitlines() == [
        "          ╭─▲ mobile  ╭─▲ ui         ┏━▲ mobile",
        "▲ ui ────►● auth ┄┄┄┄▷▲ catalog ┄┄┄┄▷✗ payment ━━━━━►↓ order ────►○ inventory",
        "│ ►+1     │           │              │ 40% ⇡10m +2►  │ no traffic │",
        "╰─● ads   ╰─● session ├─● search     ╰─○ card-gate…◇ ╰─● ledger   ╰─● stock-db",
        "                      ╰─● pricing",
    ]


def test_the_incident_in_ascii() -> None:
    """The ASCII set draws the same with characters that every terminal has."""
    drawing = paint_chain(CHECKOUT, "payment", 78, 4, ASCII, Sights(STATES))
    assert drawing.text().isascii()
    line = drawing.text().splitlines()[1]
    assert line == "! ui ---->o auth ....>! catalog ....>X payment =====>0 order ---->. inventory"


def test_the_smallest_forms() -> None:
    """One row is the chain alone, two have what is measured, three the callees."""
    assert len(paint(height=1).lines) == 1
    assert "✗ payment" in paint(height=1).text()
    assert "40% ⇡10m" in paint(height=2).text().splitlines()[1]
    assert "╰─● ads" in paint(height=3).text().splitlines()[2]


def test_the_selection_is_marked_wherever_it_stands() -> None:
    """The focus has its own role, its row is told, and a caller, a callee and a host can be the focus."""
    for focus in ("payment", "mobile", "ledger", "pool-a"):
        drawing = paint(focus)
        chosen = [span.text for line in drawing.lines for span in line if span.role is Role.SELECTED]
        assert set(chosen) == {focus}
        assert drawing.selected is not None
        assert focus in line_text(drawing.lines[drawing.selected])
        assert focus in paint(focus, height=2).text()


def test_a_host_in_trouble_hangs_on_a_dotted_branch() -> None:
    """What services run on shows when it is the focus or does badly, and is never drawn as a call."""
    assert "pool-a" not in "\n".join(paint().text().splitlines()[:-1])
    assert "╰┄○ pool-a" in paint("pool-a").text()
    firing = paint_chain(CHECKOUT, "ui", 118, 8, UNICODE, Sights({**STATES, **health(pool_a="firing")}))
    assert "╰┄✗ pool-a" in firing.text()


def test_a_window_counts_what_is_hidden_at_its_ends() -> None:
    """A chain that is too long becomes a window around the focus; a firing hidden step shows."""
    line = next(one for one in paint("ui", width=34).text().splitlines() if "ui" in one and "›" in one)
    assert line.endswith((" 3✗1›", " 4✗1›"))
    line = next(one for one in paint("inventory", width=34).text().splitlines() if "inventory" in one)
    assert line.startswith(("‹4✗1 ", "‹5✗1 "))


def test_callees_that_do_not_fit_are_counted() -> None:
    """Left out callees are counted at their caller, and those that fire apart."""
    topology = topology_of(map_of({"a": list("bcdef"), **{name: [] for name in "bcdef"}}, journeys={"j": ["a"]}))
    calm = paint_chain(topology, "a", 60, 3, UNICODE, NO_SIGHTS).text()
    assert calm.splitlines() == ["○ a ►+3", "├─○ b", "╰─○ c"]
    states = health(d="firing", e="firing", f="firing")
    bad = paint_chain(topology, "a", 60, 3, UNICODE, Sights(states)).text()
    assert bad.splitlines() == ["○ a ►+3✗1", "┣━✗ d 40%", "┗━✗ e 40%"]


def test_a_firing_service_further_down_is_counted_at_the_callee_above_it() -> None:
    """A failure that no row has room for still shows at its neighbour."""
    calls = {"a": ["b"], "b": ["c"], "c": ["d"], "d": []}
    topology = topology_of(map_of(calls, journeys={"j": ["a"]}))
    assert "  ╰─○ c ►+1✗1" in paint_chain(topology, "a", 60, 3, UNICODE, Sights(health(d="firing"))).text()
    assert "○ a ►+1✗1" in paint_chain(topology, "a", 60, 1, UNICODE, Sights(health(b="firing"))).text()


def test_with_room_the_callees_of_callees_are_drawn() -> None:
    """A generous height shows a second level and says what feels the focus."""
    calls = {"a": ["b"], "b": ["c"], "c": []}
    text = paint_chain(topology_of(map_of(calls, journeys={"j": ["a"]})), "a", 60, 9, UNICODE, NO_SIGHTS).text()
    assert "╰─○ b\n  ╰─○ c" in text
    assert "a (team): felt by nothing else; journey j" in text


def test_unmapped_services_are_islands() -> None:
    """What is not in the map stands apart, the focus first, joined to nothing; what does not fit is counted."""
    lines = paint(unmapped=("legacy", "cron")).text().splitlines()
    assert lines[-1] == "not in map: ○ legacy  ○ cron"
    assert paint("cron", unmapped=("legacy", "cron")).text().splitlines()[-1] == "not in map: ○ cron  ○ legacy"
    many = tuple(f"service-{number}" for number in range(100))
    states = health(service_99="firing")
    last = paint_chain(CHECKOUT, "payment", 60, 6, UNICODE, Sights(states, unmapped=many)).text().splitlines()[-1]
    assert last.endswith("+97✗1")
    assert paint("who", height=1).text() == "not in map: ○ who"


def test_without_a_map_there_are_only_islands() -> None:
    """An empty map draws no line at all."""
    drawing = paint_chain(topology_of(NO_MAP), "", 40, 3, UNICODE, Sights(unmapped=("a", "b")))
    assert drawing.text().strip().splitlines() == ["not in map: ○ a  ○ b"]


def test_cut_names_stay_distinct() -> None:
    """Two names that begin alike are cut so that each can only be one of them."""
    names = ["recommendation-service-eu-1", "recommendation-service-us-1", "ui"]
    topology = topology_of(map_of(dict.fromkeys(names, ()), journeys={"j": names}))
    text = paint_chain(topology, "ui", 50, 2, UNICODE, NO_SIGHTS).text()
    assert "eu-1" in text
    assert "us-1" in text


def test_a_stale_measurement_says_its_age() -> None:
    """A share that nobody measured for a while carries its age."""
    states = {"payment": ServiceHealth("payment", Health.UNKNOWN, error_share=0.04, stale_s=300)}
    assert "4.0% 5m old" in paint_chain(CHECKOUT, "payment", 118, 6, UNICODE, Sights(states)).text()


def test_a_suspect_change_is_marked_as_one() -> None:
    """The badge of a change that may be the cause has the role of a suspect."""
    states = {"payment": replace(STATES["payment"], suspect=True)}
    drawing = paint_chain(CHECKOUT, "payment", 118, 6, UNICODE, Sights(states, changed={"payment": "4m"}))
    assert [span.role for line in drawing.lines for span in line if span.text == "⇡4m"] == [Role.SUSPECT]


FULL = Sights(
    STATES,
    {"payment": Measure(1.0, 0.88, 405.0, trend=(0.0, 0.0, 0.5, 1.0)), "mobile": Measure(0.03, 0.02, 1200.0)},
    hops={("payment", "card-gateway"): Measure(0.38), ("payment", "order"): Measure(0.021)},
    changed={"payment": "10m"},
    vendors={
        "card-gateway": VendorStatus(
            "card-gateway", fine=False, says="Partial System Outage", at=datetime(2026, 1, 1, tzinfo=UTC)
        )
    },
)


def test_what_is_measured_stands_under_a_step_as_far_as_there_is_room() -> None:
    """Share and change always stand there; latency, rate and trend follow in the same row, and in more where there are."""
    rows = paint_chain(CHECKOUT, "payment", 118, None, UNICODE, FULL).text()
    for word in ("40% ⇡10m", "880ms", "405/s", "▁▁▅█"):
        assert word in rows
    tight = paint_chain(CHECKOUT, "payment", 78, 5, UNICODE, FULL).text()
    assert "40% ⇡10m" in tight
    assert "405/s" not in tight


def test_a_hop_says_its_protocol_and_its_failing_share_where_it_is_wide() -> None:
    """On an arrow the words interrupt the line and never its ends; on a branch they stand behind the name."""
    wide = paint_chain(CHECKOUT, "payment", 200, None, UNICODE, FULL).text()
    assert re.search(r"✗ payment ━+ 2.1% ━+►↓ order", wide)
    assert re.search(r"card-gateway◇ .*via https 38%", wide)
    assert "via" not in paint_chain(CHECKOUT, "payment", 78, 5, UNICODE, FULL).text()


def test_a_vendors_own_words_stand_beside_the_third_party() -> None:
    """What its status page says is quoted where there is room."""
    assert "card-gateway◇ Partial System Outage" in paint_chain(CHECKOUT, "payment", 200, None, UNICODE, FULL).text()


def test_a_measured_hop_that_fails_is_heavy() -> None:
    """A hop whose calls fail is heavy although its callee does not fire."""
    text = paint_chain(CHECKOUT, "payment", 118, None, UNICODE, FULL).text()
    assert "┗━○ card-gateway" in text


def test_a_suspect_is_called_one_where_there_is_room() -> None:
    """The mark of a suspect is a word, not a colour alone."""
    states = {**STATES, "payment": replace(STATES["payment"], suspect=True)}
    assert "suspect" in paint_chain(CHECKOUT, "payment", 200, None, UNICODE, Sights(states)).text()


def test_the_selected_service_need_not_be_the_centre() -> None:
    """The cursor walks over a focus that stays as it is."""
    focus = choose(CHECKOUT, "payment", STATES)
    there = paint_chain(CHECKOUT, focus, 118, 10, UNICODE, FULL, selected="ledger")
    chosen = [span.text for line in there.lines for span in line if span.role is Role.SELECTED]
    assert chosen == ["ledger"]
    assert there.selected is not None
    assert "ledger" in line_text(there.lines[there.selected])


def test_a_repeated_step_is_said_once() -> None:
    """A journey that comes back to a service has what is known of it at its first place only."""
    topology = topology_of(map_of({"a": ["b"], "b": ["a"]}, journeys={"j": ["a", "b", "a"]}))
    text = paint_chain(topology, "a", 60, 4, UNICODE, Sights(health(a="firing"))).text()
    assert text.count("40%") == 1
    assert text.count("✗ a") == 2


def test_calls_that_no_step_has_stand_beside_the_chain() -> None:
    """A caller a row, with whom it calls; the failing ones come first and are heavy."""
    calls = {"a": ["b"], "b": [], "x": ["y", "z"], "y": [], "z": ["x"]}
    topology = topology_of(map_of(calls, journeys={"j": ["a", "b"]}))
    rows = paint_chain(topology, "a", 60, None, UNICODE, Sights(health(z="firing"))).text().splitlines()
    begin = rows.index("beside the chain")
    assert rows[begin + 1 : begin + 4] == [" ○ x ━━━►✗ z 40%", " ✗ z ───►○ x", " ○ x ───►○ y"]


def test_a_hop_that_nobody_declared_says_how_it_is_known() -> None:
    """Observed and inferred calls are told from declared ones where there is room."""
    hop = Hop("a", "b", "grpc", provenance=Provenance.OBSERVED)
    source = IntegrationMap(services={"a": Service("a", calls=(hop,)), "b": Service("b")}, journeys={"j": ("a",)})
    assert "╰─○ b via grpc observed" in paint_chain(topology_of(source), "a", 80, None, UNICODE, NO_SIGHTS).text()


def test_a_narrow_chain_keeps_its_steps_before_what_is_known_of_them() -> None:
    """In 68 cells and two rows all steps of the checkout stand on the line; what fires keeps its share, the rest gives way."""
    sample = checkout()
    changed = dict.fromkeys(sample.map.services, "12m")
    sights = Sights(states=sample.states, changed=changed)
    lines = paint_chain(sample.topology, sample.focus, 68, 2, UNICODE, sights).text().split("\n")
    assert all(name in lines[0] for name in sample.map.journeys["checkout"])
    assert "61% ⇡12m" in lines[1]
    assert "2.1%" not in lines[1]


@pytest.mark.parametrize(("width", "height"), [(78, 3), (78, 6), (78, 8), (118, 8)])
def test_whatever_the_room_the_service_under_the_cursor_is_seen(width: int, height: int) -> None:
    """Steps of the journey give way to the service that it is about, which is never only counted at its neighbours."""
    sample = booking()
    topology, sights = topology_of(sample.map), Sights(sample.states)
    for name in sample.map.services:
        drawing = paint_chain(topology, name, width, height, UNICODE, sights)
        assert drawing.selected is not None, name
        assert name in {entry[3] for entry in drawing.names}
