"""Moves a recording in time by one constant: nothing else in it changes."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from cockpit.systems.recording.call import Call
from cockpit.systems.recording.file import Recording

_MOMENT = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)([Tt])(\d\d):(\d\d):(\d\d)(?=(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d))")
"""RFC 3339, in answers of servers and in git's strict ISO format; fraction and zone stay as they are."""

_SAMPLE = re.compile(r"(\[\s*)(\d{9,10})((?:\.\d+)?\s*,\s*[\"{])")
"""A Prometheus sample: a Unix time in front of a value."""

_UNIX = re.compile(r"^(\D*?)(\d{9,10})((?:\.\d+)?)$")
"""A parameter that is a Unix time."""

_TIMES = frozenset({"start", "end", "time", "since", "until"})
"""Parameters that hold a moment."""

_OLDEST_YEAR = 1971
"""Servers write the year 1 for `never`; that stays never."""


def _move_text(text: str, seconds: int) -> str:
    by = timedelta(seconds=seconds)

    def move(found: re.Match[str]) -> str:
        year, month, day, between, hour, minute, second = found.groups()
        if int(year) < _OLDEST_YEAR:
            return found[0]
        try:
            there = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), tzinfo=UTC) + by
        except (ValueError, OverflowError):
            return found[0]
        return f"{there:%Y-%m-%d}{between}{there:%H:%M:%S}"

    return _MOMENT.sub(move, text)


def _move_body(body: bytes, seconds: int) -> bytes:
    text = body.decode("utf-8", errors="surrogateescape")
    text = _move_text(text, seconds)
    text = _SAMPLE.sub(lambda found: f"{found[1]}{int(found[2]) + seconds}{found[3]}", text)
    return text.encode("utf-8", errors="surrogateescape")


def _move_param(name: str, value: str, seconds: int) -> tuple[str, str]:
    if name not in _TIMES:
        return (name, value)
    value = _move_text(value, seconds)
    return (name, _UNIX.sub(lambda found: f"{found[1]}{int(found[2]) + seconds}{found[3]}", value))


def _move_header(name: str, value: str, seconds: int) -> str:
    if name.lower() not in {"date", "retry-after", "last-modified"}:
        return value
    try:
        there = parsedate_to_datetime(value)
    except ValueError:
        return value
    return format_datetime(there.astimezone(UTC) + timedelta(seconds=seconds), usegmt=True)


def moved(recording: Recording, seconds: int) -> Recording:
    """Return the recording with every moment in it, outside and inside of the answers, moved by so many seconds."""
    by = timedelta(seconds=seconds)
    bodies: dict[bytes, bytes] = {}

    def body(raw: bytes) -> bytes:
        there = bodies.get(raw)
        if there is None:
            there = bodies[raw] = _move_body(raw, seconds)
        return there

    def call(old: Call) -> Call:
        return replace(
            old,
            asked=old.asked + by,
            at=old.at + by,
            params=tuple(_move_param(name, value, seconds) for name, value in old.params),
            headers={name: _move_header(name, value, seconds) for name, value in old.headers.items()},
            body=body(old.body),
        )

    header = replace(
        recording.header, began=recording.header.began + by, moved_by_s=recording.header.moved_by_s + seconds
    )
    return Recording(
        header,
        map(call, recording.calls),
        problems=recording.problems,
        truncated=recording.truncated,
        name=recording.name,
    )
