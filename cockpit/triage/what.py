"""WHAT fired: the measure, its threshold, its value now and where it is going."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

from cockpit.model.alert import Alert, State
from cockpit.model.drill import Answer, Evidence, Question, Standing
from cockpit.model.reading import SeriesSeen, Topic
from cockpit.promql import Expression, PromqlError, parse
from cockpit.spans import clock_time, say_seconds
from cockpit.text import one_line
from cockpit.triage.case import Behind, Case, waiting
from cockpit.triage.figures import holds, raw, say_measure, say_threshold

STEADY = 0.03
"""A value that stays within this share of itself is flat."""
STEADY_RANGE = 0.02
"""Or within this share of the range it moved through."""
LOOK_BACK = timedelta(minutes=5)
"""Rising and falling compare with this long ago."""
FLAT = timedelta(minutes=2)
"""What is steady for less than this is not called flat."""
CLOSE = timedelta(minutes=1)
"""Values that close in time are as new as one another."""
LONGEST = 300
"""Characters of an expression or a summary that are quoted."""

_WORSE_HIGH = frozenset({">", ">=", "!=", "=="})
_LEFT = {">": "below", ">=": "below", "<": "above", "<=": "above", "==": "no longer so", "!=": "no longer so"}


@dataclass(frozen=True, slots=True)
class Now:
    """The measure's latest value and who gave it."""

    value: float | None
    """Null: it was asked for and there was no sample."""
    at: datetime
    behind: Behind
    alert: Alert
    series: SeriesSeen | None = None
    url: str | None = None


def what(case: Case) -> Answer:
    """Answer WHAT fired."""
    text, source = expression_of(case)
    expression = _parsed(text)
    now = _latest(case, expression)
    head = _head(case, expression)
    tail, detail = _value(case, expression, now)
    value = head + (f", {tail}" if tail else "")
    standing = Standing.FILLED
    if now is None and case.asking and (asked := waiting(case.board, Topic.RULES)):
        standing, value = Standing.ASKING, f"{head}, asking {', '.join(asked)}"
    evidence = tuple(_evidence(case, expression, now, text, source))
    fresh = case.alert_fresh if now is None else now.behind.fresh
    return Answer(Question.WHAT, value, standing, evidence, fresh=fresh, detail=detail)


def expression_of(case: Case) -> tuple[str, str]:
    """Return the alert's expression and where it stands: `rule`, `generatorURL`, or nothing."""
    rule = case.rule
    if rule is not None:
        return rule.expression, "rule"
    asked = generator_expression(case.alert.generator or "")
    return asked, "generatorURL" if asked else ""


@lru_cache(maxsize=2048)
def generator_expression(url: str) -> str:
    """Return the expression that a link back to Prometheus asks for, cleaned; empty where there is none."""
    try:
        asked = parse_qs(urlsplit(url).query, max_num_fields=50).get("g0.expr", [""])[0]
    except ValueError:
        return ""
    return one_line(asked, 16_384)


def _parsed(text: str) -> Expression:
    try:
        return parse(text) if text else Expression("")
    except PromqlError:
        return Expression(text)


def _head(case: Case, expression: Expression) -> str:
    """Return measure and threshold; without a comparison the summary, else the name."""
    if expression.operator is not None:
        return f"{expression.measure or case.alert.name} {say_threshold(expression)}"
    summary = case.alert.annotations.get("summary", "").strip()
    return one_line(summary, LONGEST) or case.alert.name


def _latest(case: Case, expression: Expression) -> Now | None:
    """Return the latest value: of the series that was looked at, or of the rules; of a fold the worst."""
    candidates = [now for alert in case.members if (now := _of_alert(case, alert)) is not None]
    valued = [now for now in candidates if now.value is not None]
    if not valued:
        return candidates[0] if candidates else None
    if expression.operator in {"<", "<="}:
        return min(valued, key=lambda now: now.value or 0.0)
    if expression.operator in _WORSE_HIGH:
        return max(valued, key=lambda now: now.value or 0.0)
    return valued[0]


def _of_alert(case: Case, alert: Alert) -> Now | None:
    board = case.board
    found: list[Now] = []
    if alert.value is not None or alert.value_at is not None:
        system = alert.prometheus or alert.key.system
        rules = case.behind(system, Topic.RULES)
        at = alert.value_at or rules.at or alert.seen
        found.append(Now(alert.value, at, rules, alert, url=alert.generator))
    if alert.key in board.series:
        system, series = board.series[alert.key]
        asked = case.behind(system, Topic.SERIES)
        asked_at = series.at or asked.at or (series.points[-1][0] if series.points else None)
        if asked_at is not None:
            found.append(Now(series.value, asked_at, asked, alert, series, series.url or alert.generator))
    if not found:
        return None
    if len(found) == 1:
        return found[0]
    reported, looked = found
    if _prefer(looked, reported):
        return looked
    return replace(reported, series=looked.series)


def _prefer(looked: Now, reported: Now) -> bool:
    """Tell whether a series says more than the rules: it also knows values for which the rule does not fire."""
    if looked.behind.fresh != reported.behind.fresh:
        return looked.behind.fresh
    late = reported.at - looked.at
    if looked.value is None:
        return late < -CLOSE or reported.value is None
    return late < CLOSE


def _value(case: Case, expression: Expression, now: Now | None) -> tuple[str, str]:
    """Return what is said of the value, and of its direction."""
    if now is None:
        return _unknown(case, expression), ""
    if now.value is None:
        return _no_data(case, expression, now), ""
    said = say_measure(now.value, expression)
    trouble = now.behind.trouble(case.now)
    if trouble:
        return f"was {said} at {case.clock(now.at)} ({trouble})", ""
    if case.alert.state is State.RESOLVED:
        return f"last value {said} at {case.clock(now.at)}", ""
    among = f" (worst of {case.subject.count:,})" if case.subject.count > 1 else ""
    back = _back_under(case, expression, now)
    if back:
        return f"now {said}{among}, {back}, not resolved yet", ""
    points = () if now.series is None else now.series.points
    return f"now {said}{among}", direction(points, case.now)


def _unknown(case: Case, expression: Expression) -> str:
    """Return why no value is known, where there is a comparison that asks for one."""
    if expression.operator is None or case.alert.state is State.RESOLVED:
        return ""
    system = case.alert.prometheus
    if system is not None:
        trouble = case.behind(system, Topic.RULES).trouble(case.now)
        return f"now not known ({trouble})" if trouble else "no data now"
    troubles = [
        trouble
        for expected in case.board.setup.systems
        if Topic.RULES in expected.topics
        and (trouble := case.behind(expected.name, Topic.RULES).trouble(case.now))
        and (expected.name, Topic.RULES) in case.board.failures
    ]
    return f"now not known ({troubles[0]})" if troubles else "now not known"


def _no_data(case: Case, expression: Expression, now: Now) -> str:
    trouble = now.behind.trouble(case.now)
    text = "no data now" if not trouble else f"no data at {case.clock(now.at)} ({trouble})"
    last: tuple[datetime, float] | None = None
    if now.series is not None and now.series.points:
        last = now.series.points[-1]
    elif now.series is not None and now.alert.value is not None and now.alert.value_at is not None:
        last = (now.alert.value_at, now.alert.value)
    if last is None:
        return text
    return f"{text}; last value {say_measure(last[1], expression)} at {case.clock(last[0])}"


def _back_under(case: Case, expression: Expression, now: Now) -> str:
    """Return since when the comparison no longer holds, while the alert has not resolved."""
    operator, threshold = expression.operator, expression.threshold
    if (
        operator is None
        or threshold is None
        or now.series is None
        or case.alert.state not in {State.FIRING, State.LOST}
    ):
        return ""
    if now.value is None or holds(operator, now.value, threshold):
        return ""
    since = now.at
    for at, value in reversed(now.series.points):
        if holds(operator, value, threshold):
            break
        since = min(since, at)
    return f"{_LEFT[operator]} since {case.clock(since)}"


def direction(points: Sequence[tuple[datetime, float]], today: datetime) -> str:
    """Return `flat since 14:08`, `rising` or `falling`; empty where too little is known."""
    if len(points) < 3:
        return ""
    last_at, last = points[-1]
    values = [value for _, value in points]
    near = max(abs(last) * STEADY, (max(values) - min(values)) * STEADY_RANGE)
    first = len(points) - 1
    while first > 0 and abs(points[first - 1][1] - last) <= near:
        first -= 1
    steady = last_at - points[first][0]
    if steady >= FLAT and len(points) - first >= 3:
        if first == 0:
            return f"flat for {say_seconds(steady.total_seconds())}"
        return f"flat since {clock_time(points[first][0], today=today)}"
    before = next((value for at, value in reversed(points) if last_at - at >= LOOK_BACK), values[0])
    if abs(last - before) <= near:
        return ""
    return "rising" if last > before else "falling"


def _evidence(case: Case, expression: Expression, now: Now | None, text: str, source: str) -> list[Evidence]:
    quoted = one_line(text, LONGEST)
    found: list[Evidence] = []
    if now is not None:
        sample = "no sample" if now.value is None else raw(now.value)
        rule = f", rule {quoted}" if quoted else ""
        found.append(Evidence(now.behind.system, f"{sample} at {case.seconds(now.at)}{rule}", now.at, now.url))
    elif quoted and source == "rule" and case.alert.prometheus is not None:
        at = case.behind(case.alert.prometheus, Topic.RULES).at
        found.append(Evidence(case.alert.prometheus, f"rule {quoted}", at, case.alert.generator))
    elif quoted:
        found.append(case.alert_says(f"generatorURL asks {quoted}"))
    if expression.operator is None or not found:
        summary = one_line(case.alert.annotations.get("summary", ""), LONGEST)
        found.append(case.alert_says(f"summary: {summary}" if summary else f"alertname {case.alert.name}"))
    return found
