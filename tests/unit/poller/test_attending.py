"""Which Prometheus is asked for the series behind an alert, and with what."""

from dataclasses import replace

from cockpit.board.reduce import empty, reduce
from cockpit.board.state import Board, Expected, Setup
from cockpit.model.alert import AlertKey
from cockpit.model.reading import AlertsSeen, Reading, Rule, RuleAlert, Topic
from cockpit.poller.attending import lead, prometheus_of, series_request, worth_a_series
from tests.unit.poller.pretend import NOON, report

KEY = AlertKey("am", "id-Errors")
ONE = Expected("one", "prometheus", (Topic.RULES,), urls=("http://prom-1:9090/prefix",), labels={"cluster": "eu"})
TWO = Expected("two", "prometheus", (Topic.RULES,), urls=("https://PROM-2/",), labels={"cluster": "us"})


def board(**changed: object) -> Board:
    """Return a board with one alert, changed as told."""
    setup = Setup(systems=(Expected("am", "alertmanager", (Topic.ALERTS,)),))
    seen = Reading("am", "alertmanager", Topic.ALERTS, NOON, NOON, 0.1, AlertsSeen((report("Errors"),)))
    there = reduce(empty(setup, NOON), seen)
    alert = replace(there.alerts[KEY], **changed)  # type: ignore[arg-type]  # put together from names
    return replace(there, alerts={KEY: alert})


def test_its_own_prometheus_is_asked_first() -> None:
    """The one whose rule made it, else the one its generator names, else the one whose labels agree, else the only one."""
    both = (ONE, TWO)
    labels = {"alertname": "Errors", "cluster": "us"}
    generator = "http://prom-1:9090/graph?g0.expr=up"
    assert prometheus_of(board(prometheus="two", generator=generator).alerts[KEY], both) == "two"
    assert prometheus_of(board(generator=generator, labels=labels).alerts[KEY], both) == "one"
    assert prometheus_of(board(generator="https://prom-2:443/x", labels={}).alerts[KEY], both) == "two"
    assert prometheus_of(board(generator="http://elsewhere/", labels=labels).alerts[KEY], both) == "two"
    assert prometheus_of(board(generator=None, labels={}).alerts[KEY], both) is None
    assert prometheus_of(board(generator=None, labels={}).alerts[KEY], (ONE,)) == "one"
    assert prometheus_of(board(generator="http://[broken", labels={}).alerts[KEY], both) is None


def test_the_rule_says_what_is_asked() -> None:
    """The rule's expression and its own labels are asked with; without a rule, the generator's expression."""
    own = RuleAlert({"alertname": "Errors", "service": "payment", "replica": "a"}, {}, "firing", NOON, 1.0)
    rule = Rule("g/Errors/0", "Errors", "errors > 5", 0, {}, {}, "ok", "", NOON, (own,))
    known = replace(board(generator=None, rule="g/Errors/0"), rules={"one": {rule.key: rule}})
    wanted = series_request(known, KEY, (ONE,))
    assert wanted is not None
    assert (wanted.system, wanted.alert, wanted.expression, wanted.labels) == ("one", KEY, "errors > 5", own.labels)
    by_name = series_request(replace(known, alerts=board(generator=None, rule=None).alerts), KEY, (ONE,))
    assert by_name is not None
    assert by_name.expression == "errors > 5"
    without = series_request(board(), KEY, (ONE,))
    assert without is not None
    assert without.expression == "up==0"
    assert without.labels == {"alertname": "Errors", "service": "payment"}


def test_where_there_is_nothing_to_ask_nothing_is_asked() -> None:
    """No alert, no Prometheus or no expression: no request."""
    assert series_request(board(), None, (ONE,)) is None
    assert series_request(board(), AlertKey("am", "none"), (ONE,)) is None
    assert series_request(board(), KEY, ()) is None
    assert series_request(board(generator="http://prom-1:9090/"), KEY, (ONE,)) is None


def test_a_fold_is_looked_at_by_its_lead() -> None:
    """A fold means its worst and oldest alert; one that is gone means none."""
    there = board()
    (fold,) = there.folds
    assert lead(there, fold) == KEY
    assert lead(there, fold._replace(name="gone")) is None
    assert worth_a_series(there, 5) == (KEY,)
    assert worth_a_series(there, 0) == ()
