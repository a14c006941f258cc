"""The checklist: each hop of the chain has its line, each line fills and judges itself, and nothing hidden is silent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.board.state import Board, Setup, Ticked
from cockpit.model.alert import State
from cockpit.model.checklist import CheckLine, Checklist, Verdict, Way
from cockpit.model.drawing import ASCII, UNICODE, line_text, line_width
from cockpit.model.health import Health, ServiceHealth
from cockpit.model.measure import Measure, VendorStatus
from cockpit.model.reading import Liveness, Topic
from cockpit.model.sights import Sights
from cockpit.model.topology import IntegrationMap, Service
from cockpit.slices.checklist import again, cut
from cockpit.slices.checkway import MOST, ways
from cockpit.text import width
from cockpit.topology.graph import topology_of
from cockpit.triage.reach import reach
from tests.unit.slices import boards as plain
from tests.unit.topology.maps import map_of
from tests.unit.topology.wild import NAMES, wild_maps, wild_sights
from tests.unit.triage import boards
from tests.unit.triage.boards import MAP, NOW, SETUP, alert, board, changes_seen, deploy, failing, reading, subject


def made(on: Board, cells: int = 77) -> Checklist:
    """Cut the checklist of the incident's alert."""
    return cut(on, subject(on), NOW, UTC, width=cells)


def line(checklist: Checklist, service: str) -> CheckLine:
    """Return the one line of a service."""
    (found,) = [one for one in checklist.lines if one.service == service]
    return found


def told(one: CheckLine) -> str:
    """Return a line's details."""
    return "\n".join(map(line_text, one.details))


def health(*ill: ServiceHealth, fine: Iterable[str] = ()) -> dict[str, ServiceHealth]:
    """Return the health of some services."""
    return {one.service: one for one in (*(ServiceHealth(name, Health.FINE, watched=True) for name in fine), *ill)}


def with_service(**changed: object) -> Board:
    """Return the incident's board with a card gateway below payment, its fields as given."""
    gateway = replace(Service("card-gateway", kind="third-party"), **changed)  # type: ignore[arg-type] # caller's keywords
    payment = boards.service("payment", "team-payments", ["order", "card-gateway"], runs_on=("pool-a",))
    services = {**MAP.services, "payment": payment, "card-gateway": gateway}
    return board(setup=replace(SETUP, map=replace(MAP, services=services)))


def test_it_goes_from_the_entry_to_the_data() -> None:
    """The journey leads to the alert's service, then come whom it calls, what it runs on, and the journey's rest."""
    checklist = made(board())
    assert [(one.service, one.way) for one in checklist.lines] == [
        ("ui", Way.ENTRY),
        ("auth", Way.CALL),
        ("catalog", Way.NEXT),
        ("payment", Way.NEXT),
        ("order", Way.CALL),
        ("pool-a", Way.HOST),
        ("inventory", Way.CALL),
    ]
    assert [one.how for one in checklist.lines][:4] == ["users come in", "ui calls it", "after auth", "after catalog"]
    assert [one.service for one in checklist.lines if one.lead] == ["payment"]
    assert "after catalog in the checkout journey; ui and mobile call it" in told(line(checklist, "payment"))


def test_a_service_beside_the_journey_is_reached_from_it() -> None:
    """Of a service that a step calls the way leads along the journey to that step, then to it."""
    services = {**MAP.services, "auth": boards.service("auth", "t", ["session"]), "session": Service("session")}
    on = board([alert(on="session")], setup=replace(SETUP, map=replace(MAP, services=services)))
    assert [one.service for one in made(on).lines][:3] == ["ui", "auth", "session"]
    services = {**MAP.services, "mobile": boards.service("mobile", "t", ["payment"], kind="frontend")}
    on = board([alert(on="mobile")], setup=replace(SETUP, map=replace(MAP, services=services)))
    found = made(on).lines
    assert [(one.service, one.way) for one in found[:2]] == [("mobile", Way.ENTRY), ("payment", Way.CALL)]
    assert {one.service for one in found} >= set(MAP.journeys["checkout"])


def test_each_line_says_its_health_with_the_reason() -> None:
    """Which alert fires since when, what is measured, what is not watched: in words, and judged by that."""
    on = replace(
        board(),
        health=health(
            ServiceHealth("payment", Health.FIRING, firing=1, error_share=1.0),
            ServiceHealth("order", Health.NO_TRAFFIC, why=("2/s, usually 47/s",)),
            ServiceHealth("catalog", Health.UNKNOWN, stale_s=300, error_share=0.02),
            fine=["ui", "auth"],
        ),
        measures={"auth": Measure(0.002, 0.031, 508.0, at=NOW, system="prometheus")},
    )
    checklist = made(on)
    said = {one.service: (one.verdict, one.state) for one in checklist.lines}
    assert "rule           sum(rate(payment_errors_total[1m]))" in told(line(checklist, "payment"))
    assert said["payment"] == (Verdict.LOOK, "PaymentErrorsHigh 14:06; 100 % failing")
    assert said["order"] == (Verdict.LOOK, "2/s, usually 47/s; no traffic")
    assert said["auth"] == (Verdict.FINE, "0.2 % failing, 31ms, 508/s")
    assert said["ui"] == (Verdict.FINE, "nothing fires")
    assert said["catalog"] == (Verdict.UNKNOWN, "2.0 % failing, 5m old; not known now")
    assert said["inventory"] == (Verdict.UNKNOWN, "not watched")
    assert checklist.counts[0] == "7 hops, 1 firing, 1 to look at, 3 not known"


@pytest.mark.parametrize("state", [State.PENDING, State.SILENCED, State.INHIBITED, State.LOST])
def test_an_alert_that_does_not_fire_openly_is_told(state: State) -> None:
    """A pending, silenced, inhibited or lost alert on a hop that is fine makes it worth a look; a dimmed one does not."""
    other = alert("QueueGrows", "order", "1", state=state)
    on = replace(board([alert(), other]), health=health(fine=MAP.services))
    found = line(made(on), "order")
    assert (found.verdict, found.state) == (Verdict.LOOK, f"{state} QueueGrows 14:06")
    on = replace(board([alert(), replace(other, dim=True)]), health=health(fine=MAP.services))
    assert line(made(on), "order").verdict is Verdict.FINE


def test_a_failing_call_is_told_on_the_hop_that_it_leads_to() -> None:
    """What is measured on the call counts, where it is of now."""
    share = Measure(0.38, 5.0, 61.0, system="prometheus")
    on = replace(board(), health=health(fine=MAP.services), hops={("payment", "order"): share})
    found = line(made(on), "order")
    assert (found.verdict, found.state) == (Verdict.LOOK, "38 % of calls from payment failing")
    assert "from payment: 38 % failing, 5.0s, 61/s, prometheus" in told(found)
    stale = replace(on, hops={("payment", "order"): replace(share, stale_s=300.0)})
    assert line(made(stale), "order").verdict is Verdict.FINE


def test_the_last_change_is_told_and_a_suspect_called_one() -> None:
    """A service's likeliest suspect stands in its line, with the reasons in its details; others are named behind."""
    older = deploy("13:00", version="v2.3.0")
    found = line(made(board(changes=[deploy(), older])), "payment")
    assert (found.change, found.suspect, found.verdict) == ("⇡ suspect v2.4.0 14:02", True, Verdict.LOOK)
    assert "suspect        on the alert's service, began 4 min before it" in told(found)
    assert "also" in told(found)
    assert "v2.3.0" in told(found)


def test_no_change_is_said_only_where_everybody_answered() -> None:
    """`no change` names the span only where every change system answered for all of it and would report the service."""
    whole = made(board(changes=()))
    assert line(whole, "order").change == "no change 10:06-14:12"
    assert line(whole, "order").change_told == "no change 10:06 to 14:12 in prometheus, git"
    silent = made(failing(board(changes=()), "git", Topic.CHANGES, "14:00"))
    assert line(silent, "order").change == "no change known; git not answering"
    late = boards.with_readings(board(changes=()), git_changes=reading("git", Topic.CHANGES, changes_seen("13:00")))
    assert line(made(late), "order").change == "no change known; git answered only from 13:00 on"
    covers = [name for name in MAP.services if name != "order"]
    few = {
        f"{name}_changes": reading(name, Topic.CHANGES, changes_seen(covers=covers), every_s=120.0)
        for name in ("git", "prometheus")
    }
    assert line(made(boards.with_readings(board(changes=()), **few)), "order").change == "no change known; not covered"
    nobody = board(changes=(), setup=replace(SETUP, systems=SETUP.systems[:1]))
    assert line(made(nobody), "order").change == "not known: no change system"
    asking = boards.with_readings(board(changes=()), git_changes=None)
    assert line(made(asking), "order").change == "asking git"


def test_a_third_party_tells_what_its_status_page_says() -> None:
    """Trouble is worth a look, fine alone measures nothing, and a missing page is told as missing."""
    assert line(made(with_service()), "card-gateway").vendor == "no status page in the map"
    paged = with_service(status_page="https://status.example.com", support="https://support.example.com")
    assert line(made(paged), "card-gateway").vendor == "status page not asked"
    bad = VendorStatus("card-gateway", fine=False, says="Partial Outage", at=NOW, incident="Cards declined")
    ill = line(made(replace(paged, vendors={"card-gateway": bad})), "card-gateway")
    assert (ill.verdict, ill.vendor) == (Verdict.LOOK, "says Partial Outage: Cards declined")
    good = replace(bad, fine=True, says="All Systems Operational", incident="", at=NOW - timedelta(hours=1))
    well = line(made(replace(paged, vendors={"card-gateway": good})), "card-gateway")
    assert (well.verdict, well.vendor) == (Verdict.UNKNOWN, "says All Systems Operational (as of 13:12)")
    for link in ("https://status.example.com", "https://support.example.com"):
        assert link in told(ill)


def test_dashboard_and_logs_can_be_taken_along() -> None:
    """The map's links come first; a dashboard may come from an alert's annotation; what is no link is no dashboard."""
    given = with_service(logs='{app="gateway"} |=\n "error"', dashboard="https://grafana.example.com/d/gw")
    takes = dict(line(made(given), "card-gateway").takes)
    assert takes == {"log query": '{app="gateway"} |= "error"', "dashboard": "https://grafana.example.com/d/gw"}
    for value, wanted in (
        ("https://grafana.example.com/d/pay", {"dashboard": "https://grafana.example.com/d/pay"}),
        ("javascript:alert(1)", {}),
        ("https://x/ && rm", {}),
    ):
        on = board([alert(annotations={"dashboard_url": value})])
        assert dict(line(made(on), "payment").takes) == wanted


def test_a_tick_is_the_occurrence_s() -> None:
    """What was ticked under the fold's occurrence counts for its only alert, and its place is kept for taking it away."""
    on = board()
    (fold,) = on.folds.values()
    tick = Ticked(NOW, fold.occurrence, "order", by="first")
    checklist = made(replace(on, ticks={fold.occurrence: {"order": tick}}))
    assert (line(checklist, "order").ticked, line(checklist, "order").occurrence) == (True, fold.occurrence)
    assert not line(checklist, "payment").ticked
    assert checklist.counts[0].endswith(", 1 ticked")
    assert "ticked         first 14:12" in told(line(checklist, "order"))


def test_an_alert_that_is_gone_keeps_its_checklist() -> None:
    """Once the alert is no longer listed the hops go on being told, and the title says that it is gone."""
    on = board()
    about = subject(on)
    gone = replace(on, alerts={}, folds={})
    assert again(gone, about) == about
    checklist = cut(gone, again(gone, about), NOW, UTC)
    assert checklist.title == "PaymentErrorsHigh on payment, no longer listed"
    assert len(checklist.lines) == 7
    assert line(checklist, "order").change == "no change known"


def test_without_a_map_it_says_so() -> None:
    """Without a map, and for a service that the map does not know, the one line stands alone and it is said why."""
    nothing = made(board(setup=replace(SETUP, map=IntegrationMap())))
    assert [one.service for one in nothing.lines] == ["payment"]
    assert "no map" in nothing.below[0]
    unmapped = made(board([alert(on="legacy")]))
    assert [one.service for one in unmapped.lines] == ["legacy"]
    assert unmapped.below[0] == "legacy is not in map checkout: its hops are not known"
    nameless = made(board([alert(on="")]))
    assert "no service" in line_text(nameless.rows[0])
    assert nameless.below[0] == "the alert's service is not in map checkout: its hops are not known"


def test_who_does_not_answer_stands_below() -> None:
    """A system that is down is named with its last answer; where all are, the checklist is stale."""
    on = board()
    down = {name: replace(one, state=Liveness.DOWN) for name, one in on.systems.items()}
    some = made(replace(on, systems={**on.systems, "prometheus": down["prometheus"]}))
    assert some.below == ("prometheus not answering, last answered 14:12",)
    assert not some.stale
    assert made(replace(on, systems=down)).stale


@st.composite
def wild_boards(draw: st.DrawFn) -> Board:
    """Draw a board of a random map with anything known of it, one alert firing on any service."""
    known: IntegrationMap = draw(wild_maps())
    sights: Sights = draw(wild_sights())
    on = draw(st.sampled_from(sorted(known.services)) | st.sampled_from(["legacy", ""]))
    firing = plain.alert(1, service=on)
    made_of = plain.board(firing, setup=Setup(map=known))
    usual = draw(st.none() | st.floats(0, 1e7))
    measures = {name: replace(one, usual=usual) for name, one in sights.measures.items()}
    return replace(made_of, health=sights.states, measures=measures, hops=sights.hops, vendors=sights.vendors)


@settings(max_examples=100, deadline=None)
@given(wild_boards(), st.integers(20, 220), st.booleans())
def test_every_hop_has_one_line_and_nothing_hidden_is_silent(on: Board, cells: int, ascii_only: bool) -> None:
    """Each step of the chain, each callee and the service have one line each; all lines fit, all names stay apart."""
    (key,) = on.alerts
    about = subject(on, key)
    topology = topology_of(on.map)
    glyphs = ASCII if ascii_only else UNICODE
    checklist = cut(on, about, plain.NOW, UTC, glyphs=glyphs, width=cells)
    services = [one.service for one in checklist.lines]
    assert len(services) == len(set(services))
    assert [one.service for one in checklist.lines if one.lead] == [about.service]
    if about.service in topology:
        chain = {step.service for step in topology.chain(about.service).steps}
        assert {about.service, *chain, *topology.callees(about.service)} <= set(services)
        left = ways(on, about.service).left
        assert {*reach(on.map, about.service)} <= {*services, *left}
        assert not {*services} & {*left}
        ill = {name for name, one in on.health.items() if one.health is Health.FIRING}
        assert not ill & {*left}
    assert len(checklist.rows) == len(services)
    for row in (checklist.heading, *checklist.rows):
        assert line_width(row) <= max(cells, 11)
    painted = [line_text(row) for row in checklist.rows]
    assert not any("\n" in text for text in painted)
    if cells >= 60:
        names = [next(span.text for span in row[3:4]).strip() for row in checklist.rows]
        assert len(set(names)) == len(names)


@settings(max_examples=50, deadline=None)
@given(wild_maps())
def test_a_call_is_one_of_the_map(known: IntegrationMap) -> None:
    """A hop that is told as a call is a call of the map, one told as a host is one, and only entries are entries."""
    topology = topology_of(known)
    for service in known.services:
        for hop in ways(plain.board(setup=Setup(map=known)), service).hops:
            if hop.way is Way.CALL:
                assert topology.hop(hop.by, hop.service) is not None
            elif hop.way is Way.HOST:
                assert hop.service in topology.runs_on(hop.by)
            elif hop.way is Way.NEXT:
                assert hop.journey in known.journeys
            else:
                assert (hop.way is Way.ENTRY) == (hop.service in known.entry)


def test_of_very_many_callees_the_worst_are_shown_and_the_rest_counted() -> None:
    """Of a hundred callees those that fire have their lines; the rest is counted, none of it lost."""
    names = [f"callee-{number:03}" for number in range(100)]
    known = map_of({"hub": names, **{name: [] for name in names}}, entry=["hub"])
    ill = {name: ServiceHealth(name, Health.FIRING, firing=1) for name in names[90:]}
    on = replace(plain.board(plain.alert(1, service="hub"), setup=Setup(map=known)), health=ill)
    (key,) = on.alerts
    checklist = cut(on, subject(on, key), plain.NOW, UTC)
    services = [one.service for one in checklist.lines]
    assert set(names[90:]) <= set(services)
    assert len(services) <= MOST + 2
    left = 101 - len(services)
    assert any(f"{left} further below: " in said and f"and {left - 6} more" in said for said in checklist.below)
    worse = {name: ServiceHealth(name, Health.FIRING, firing=1) for name in names}
    full = cut(replace(on, health=worse), subject(on, key), plain.NOW, UTC)
    assert any(f"{101 - len(full.lines)} firing" in said for said in full.below)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(NAMES), st.text(max_size=40), st.integers(30, 160))
def test_no_name_breaks_a_line(name: str, hostile: str, cells: int) -> None:
    """Whatever a service, an alert, a version or a vendor is called, each row is one line that fits."""
    odd = hostile.strip() or "x"
    services = {
        name: Service(name, kind="third-party", status_page=odd, logs=odd),
        odd: boards.service(odd, odd, [name], dashboard=odd, support=odd),
    }
    known = IntegrationMap(name=odd, entry=(odd,), services=services, journeys={odd: (odd, name)})
    on = board([alert(odd, on=odd)], [deploy(on=odd, version=odd)], setup=replace(SETUP, map=known))
    on = replace(on, vendors={name: VendorStatus(name, fine=False, says=odd, at=NOW, incident=odd)})
    checklist = made(on, cells)
    for row in (*checklist.rows, *(detail for one in checklist.lines for detail in one.details)):
        assert "\n" not in line_text(row)
    for row in checklist.rows:
        assert line_width(row) <= cells
    assert width(checklist.title) < 1000
    assert all("\n" not in text for one in checklist.lines for _, text in one.takes)
