"""What a command printed, read line by line: changes, and what it says of itself. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite

import msgspec

from cockpit.config.table import nearest
from cockpit.model.change import ChangeKind, ChangeReport, Progress
from cockpit.spans import parse_rfc3339
from cockpit.systems.answers import LATEST, clean_labels, web_url
from cockpit.text import clean, one_line

MOST = 20_000
"""Changes that are kept of one answer."""

TOLD = 3
"""Lines that could not be read and are told one by one; the rest is counted."""

LISTED = 100
"""Commits and files that are kept of one change."""

_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which number on an epoch counts nanoseconds, microseconds or milliseconds."""

_SAYS = ("complete_to", "covers", "gap")
"""Keys of a line that tells of the command itself, and of no change."""

_TIMES = 'write RFC 3339 such as "2026-11-20T14:02:00Z", or seconds since 1970'


class _BadLineError(ValueError):
    """A line is no change; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a command printed."""

    changes: tuple[ChangeReport, ...]
    covers: tuple[str, ...]
    gaps: tuple[str, ...]
    complete_to: datetime | None
    """Up to when it says that it is complete; null where it does not."""
    bad: int
    """Lines that could not be read."""


class LineReader:
    """Reads lines one after another; of lines with the same id the last counts.

    Args:
        since: Begin of the window: what ended before is left out.
        until: Its end: what begins later is left out until it has begun.
        labels: Added to each change.
    """

    def __init__(self, since: datetime, until: datetime, labels: Mapping[str, str]) -> None:
        self._since = since
        self._until = until
        self._labels = labels
        self._changes: dict[str, ChangeReport] = {}
        self._covers: dict[str, None] = {}
        self._gaps: list[str] = []
        self._bad: list[str] = []
        self._complete_to: datetime | None = None
        self._number = 0
        self._over = 0

    def add(self, line: bytes) -> None:
        """Read one line; one that cannot be read is noted."""
        self._number += 1
        if not line.strip():
            return
        try:
            said = _object(line)
            if "service" not in said and "began" not in said and said and not set(said) - set(_SAYS):
                self._hear(said)
                return
            change = _change(said, self._labels)
        except _BadLineError as error:
            self._bad.append(f"line {self._number}: {error}")
            return
        if change.began > self._until or (change.ended or change.began) < self._since:
            self._changes.pop(change.id, None)
        elif change.id not in self._changes and len(self._changes) >= MOST:
            self._over += 1
        else:
            self._changes[change.id] = change

    def _hear(self, said: Mapping[str, object]) -> None:
        """Take note of what the command says of itself."""
        if said.get("complete_to") is not None:
            there = _time(said, "complete_to")
            self._complete_to = there if self._complete_to is None else min(self._complete_to, there)
        self._covers |= dict.fromkeys(_texts(said, "covers"))
        if (gap := _text(said, "gap", 300)) and gap not in self._gaps:
            self._gaps.append(gap)

    def told(self) -> Told:
        """Return what came of all lines."""
        gaps = [*self._gaps, *self._bad[:TOLD]]
        if len(self._bad) > TOLD:
            gaps.append(f"{len(self._bad) - TOLD:,} more lines that cannot be read")
        if self._over:
            gaps.append(f"{self._over:,} changes more than {MOST:,}; print fewer: only those since COCKPIT_SINCE")
        changes = sorted(self._changes.values(), key=lambda change: (change.began, change.id), reverse=True)
        return Told(tuple(changes), tuple(self._covers), tuple(gaps), self._complete_to, len(self._bad))


def _object(line: bytes) -> dict[str, object]:
    try:
        said = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        begins = one_line(line[:60].decode(errors="replace"), 40)
        raise _BadLineError(f"is no JSON ({begins}); print one object a line, as jq -c does") from None
    if not isinstance(said, dict):
        raise _BadLineError("is no JSON object; print one object a line, as jq -c '.[]' does")
    return said


def _change(said: Mapping[str, object], labels: Mapping[str, str]) -> ChangeReport:
    for key in ("service", "began"):
        if said.get(key) in (None, ""):
            meant = nearest(key, (name for name in said if isinstance(name, str)))
            remedy = f"did you mean it by {one_line(meant, 40)}?" if meant else "every change has service and began"
            raise _BadLineError(f"has no {key}; {remedy}")
    service, version = _text(said, "service", 200), _text(said, "version", 100)
    began = _time(said, "began")
    ended = None if said.get("ended") in (None, "") else _time(said, "ended")
    if ended is not None and ended < began:
        raise _BadLineError("ended before it began; are both in UTC?")
    kind, progress = _kind(said), _progress(said)
    own = _labels(said)
    owner = _text(said, "owner", 100)
    url = _text(said, "url", 2000)
    return ChangeReport(
        id=_text(said, "id", 300) or f"{service}@{version}@{kind}@{began:%Y%m%dT%H%M%SZ}",
        name=service,
        version=version,
        kind=kind,
        began=began,
        ended=ended,
        author=_text(said, "author", 100),
        summary=_text(said, "summary"),
        url=web_url(url) if url else None,
        rollback=_flag(said, "rollback"),
        labels={**labels, **own},
        previous=_text(said, "previous", 100),
        progress=Progress.DONE if progress is Progress.UNKNOWN and ended is not None else progress,
        owner=owner or _text(said, "team", 100),
        owner_by="owner" if owner else "team" if said.get("team") else "",
        commit=_text(said, "commit", 64),
        commits=_texts(said, "commits"),
        files=_texts(said, "files"),
        environment=_text(said, "environment", 100),
    )


def _text(said: Mapping[str, object], key: str, limit: int = 400) -> str:
    value = said.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _BadLineError(f"{key} is no text; write a string")
    return one_line(str(value), limit)


def _texts(said: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = said.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _BadLineError(f"{key} is no list of strings")
    return tuple(one_line(item, 200) for item in value[:LISTED])


def _flag(said: Mapping[str, object], key: str) -> bool:
    value = said.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise _BadLineError(f"{key} is neither true nor false")


def _labels(said: Mapping[str, object]) -> dict[str, str]:
    value = said.get("labels")
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise _BadLineError("labels is no object of strings")
    return {one_line(name, 200): clean(text) for name, text in clean_labels(value).items()}


def _kind(said: Mapping[str, object]) -> ChangeKind:
    word = _text(said, "kind", 40)
    try:
        return ChangeKind(word.casefold()) if word else ChangeKind.DEPLOY
    except ValueError:
        known = ", ".join(kind.value for kind in ChangeKind)
        raise _BadLineError(f"{word!r} is no kind of change; kinds: {known}") from None


def _progress(said: Mapping[str, object]) -> Progress:
    word = _text(said, "progress", 40)
    try:
        return Progress(word.casefold()) if word else Progress.UNKNOWN
    except ValueError:
        known = ", ".join(one.value for one in Progress)
        raise _BadLineError(f"{word!r} is no progress; write one of {known}") from None


def _time(said: Mapping[str, object], key: str) -> datetime:
    """Return a moment: RFC 3339, or an epoch in seconds, or in a finer unit where it is too large for those."""
    value = said[key]
    if isinstance(value, str):
        try:
            return parse_rfc3339(value.strip())
        except ValueError:
            value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise _BadLineError(f"{key} is no time; {_TIMES}")
    seconds = next((value / unit for limit, unit in _UNITS if abs(value) >= limit), float(value))
    if not 0 < seconds < LATEST.timestamp():
        raise _BadLineError(f"{key} is a time that no calendar has; {_TIMES}")
    return datetime.fromtimestamp(round(seconds, 6), UTC)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
