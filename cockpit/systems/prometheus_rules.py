"""Prometheus' rules and alerts as it sees them itself, read item by item."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

import msgspec

from cockpit.model.reading import Rule, RuleAlert, RulesSeen
from cockpit.systems.answers import ItemReader, Raws, UnreadableError, clean_labels, decode, joined, utc
from cockpit.systems.prometheus_query import number
from cockpit.text import clean, one_line

LONG = 16_384
"""Characters that are kept of an expression: it is parsed again, and half of one says something else."""

LONGEST_HOLD_S = 100 * 365 * 86400.0
"""Seconds that a rule holds back at most: a hundred years are as good as for ever."""

DEFAULT_INTERVAL_S = 60.0
"""Seconds between evaluations, where no group says."""

_HEALTH = frozenset({"ok", "err", "unknown"})


class _Alert(msgspec.Struct, gc=False):
    labels: dict[str, str]
    activeAt: datetime  # noqa: N815 - the field's name in the answer
    annotations: dict[str, str] | None = None
    state: str = "firing"
    value: str | float | None = None


class _Rule(msgspec.Struct):
    name: str
    query: str
    type: str = "alerting"
    state: str = ""
    duration: float = 0.0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    health: str = "unknown"
    lastError: str | None = None  # noqa: N815 - the field's name in the answer
    lastEvaluation: datetime | None = None  # noqa: N815 - the field's name in the answer
    alerts: Raws | None = None


class _Group(msgspec.Struct):
    name: str = ""
    interval: float = 0.0
    rules: Raws | None = None


class _Groups(msgspec.Struct):
    groups: list[_Group] | None = None


class _Alerts(msgspec.Struct):
    alerts: Raws | None = None


_ALERTS = msgspec.json.Decoder(_Alert)
_RULES = msgspec.json.Decoder(_Rule)


def _read_alert(data: bytes, plain: bool, added: Mapping[str, str]) -> RuleAlert:
    raw = _ALERTS.decode(data)
    active = utc(raw.activeAt)
    if active is None:
        raise UnreadableError(".activeAt: expected a time")
    labels = clean_labels(raw.labels, plain)
    return RuleAlert(
        labels={**added, **labels} if added else labels,
        annotations=clean_labels(raw.annotations or {}, plain),
        state="pending" if raw.state == "pending" else "firing",
        active=active,
        value=None if raw.value is None else number(str(raw.value)),
    )


def _read_rule(data: bytes, plain: bool) -> tuple[_Rule, Rule]:
    raw = _RULES.decode(data)
    rule = Rule(
        key="",
        name=one_line(raw.name),
        expression=clean(raw.query, LONG),
        hold_s=min(LONGEST_HOLD_S, max(0.0, raw.duration)),
        labels=clean_labels(raw.labels or {}, plain),
        annotations=clean_labels(raw.annotations or {}, plain),
        health=raw.health if raw.health in _HEALTH else "unknown",
        error=one_line(raw.lastError or ""),
        evaluated=utc(raw.lastEvaluation),
    )
    return raw, rule


class RuleReader:
    """Reads the rules of one Prometheus; an alert that did not change is the same object as in the last answer.

    Args:
        labels: Added to what it reports; a label that an alert has already stays as it is.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._alerts: ItemReader[RuleAlert] = ItemReader("alerts", partial(_read_alert, added=labels))
        self._rules: ItemReader[tuple[_Rule, Rule]] = ItemReader("rules", _read_rule, remember=False)
        self._last: list[Rule] = []
        self.without_alerts = False
        """Whether a rule of the last answer fires or is pending and yet came without its alerts."""

    async def read(self, data: msgspec.Raw) -> RulesSeen:
        """Return the alerting rules of an answer of `/api/v1/rules`.

        Raises:
            SystemError: It is no such answer.
        """
        groups: list[_Group] = decode(data, _Groups, "$.data").groups or []
        await asyncio.sleep(0)
        self._alerts.begin()
        self._rules.begin()
        self.without_alerts = False
        rules: list[Rule] = []
        keys: dict[str, int] = {}
        for place, group in enumerate(groups):
            path = f"$.data.groups[{place}].rules"
            for index, (raw, rule) in enumerate(await self._rules.read(group.rules or [], path)):
                if raw.type != "alerting":
                    continue
                self.without_alerts |= raw.alerts is None and raw.state in {"firing", "pending"}
                alerts = await self._alerts.read(raw.alerts or [], f"{path}[{index}].alerts")
                key = f"{one_line(group.name, 200)}/{rule.name}/{index}"
                keys[key] = again = keys.get(key, 0) + 1
                rules.append(replace(rule, key=key if again == 1 else f"{key}#{again}", alerts=tuple(alerts)))
        longest = max((group.interval for group in groups), default=0.0)
        rules = self._last = _kept(rules, self._last, self._rules.unread, self._alerts.unread)
        return RulesSeen(tuple(rules), interval_s=longest if longest > 0 else DEFAULT_INTERVAL_S)

    async def alerts(self, data: msgspec.Raw) -> list[RuleAlert]:
        """Return the alerts of an answer of `/api/v1/alerts`.

        Raises:
            SystemError: It is no such answer.
        """
        raws: Raws = decode(data, _Alerts, "$.data").alerts or []
        return await self._alerts.read(raws, "$.data.alerts")

    @property
    def complaint(self) -> str | None:
        """What could not be read."""
        return joined((self._rules.complaint, self._alerts.complaint))


def _kept(rules: list[Rule], before: Sequence[Rule], broken: Sequence[bytes], odd: Sequence[bytes]) -> list[Rule]:
    """Return the rules with those rules and alerts as they were that cannot be read any more: they have not ended.

    Args:
        rules: What could be read.
        before: The rules of the answer before.
        broken: Rules that could not be read.
        odd: Alerts that could not be read.
    """
    if not (broken or odd) or not before:
        return rules
    names = {one_line(name) for data in broken if isinstance(name := _part(data, "name"), str)}
    found = {rule.name: rule for rule in rules}
    taken = {rule.key for rule in rules}
    gone = [rule for rule in before if rule.name in names and rule.name not in found]
    kept = [*rules, *(replace(rule, key=f"{rule.key}#") if rule.key in taken else rule for rule in gone)]
    lost = [labels for data in odd if isinstance(labels := _part(data, "labels"), dict)]
    for old in before if lost else ():
        alerts = tuple(alert for alert in old.alerts if any(_same(labels, alert.labels) for labels in lost))
        kept = [
            replace(rule, alerts=rule.alerts + alerts) if alerts and rule.name == old.name else rule for rule in kept
        ]
    return kept


def _part(data: bytes, name: str) -> object:
    """Return one value of an object of which something else cannot be read; null where that cannot be read either."""
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return raw.get(name) if isinstance(raw, dict) else None


def _same(said: Mapping[object, object], labels: Mapping[str, str]) -> bool:
    """Tell whether labels as they came are those that were read before, whatever the settings added to these."""
    return all(isinstance(value, str) and labels.get(str(name)) == clean(value) for name, value in said.items())


def with_alerts(seen: RulesSeen, alerts: Sequence[RuleAlert]) -> RulesSeen:
    """Return the rules with alerts that came by themselves, each at the rule of its name whose labels it has."""
    at: dict[str, list[RuleAlert]] = {rule.key: list(rule.alerts) for rule in seen.rules}
    by_name: dict[str, list[Rule]] = {}
    for rule in seen.rules:
        by_name.setdefault(rule.name, []).append(rule)
    for alert in alerts:
        candidates = by_name.get(alert.labels.get("alertname", ""), [])
        fitting = [rule for rule in candidates if _has(alert.labels, rule.labels)] or candidates
        if fitting:
            at[fitting[0].key].append(alert)
    return RulesSeen(tuple(replace(rule, alerts=tuple(at[rule.key])) for rule in seen.rules), seen.interval_s)


def _has(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Tell whether labels hold those of a rule; a template in a rule's label fits every value."""
    return all("{{" in value or labels.get(name) == value for name, value in wanted.items())
