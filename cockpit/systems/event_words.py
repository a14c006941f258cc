"""What loosely kept events tell of a change: which field is which, times in any unit, words of progress. Pure."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from cockpit.config import ConfigError
from cockpit.config.table import unknown_key
from cockpit.model.change import ChangeKind, Progress
from cockpit.spans import parse_rfc3339
from cockpit.systems.answers import utc
from cockpit.text import one_line

NAMES: Mapping[str, tuple[str, ...]] = {
    "service": ("service", "app", "application", "component"),
    "version": ("version", "release", "image_tag", "build"),
    "owner": ("team", "owner", "squad"),
    "author": ("author", "deployed_by", "deployer", "actor", "user"),
    "environment": ("environment", "env"),
    "commit": ("git.commit.sha", "commit_sha", "commit", "git_sha", "sha", "revision"),
    "previous": ("previous_version", "previous", "from_version"),
    "summary": ("summary", "title", "message", "description"),
    "url": ("url", "link"),
    "progress": ("progress", "status", "outcome"),
    "kind": ("change_type", "change_kind", "kind"),
    "rollback": ("rollback", "is_rollback"),
    "began": ("began", "started_at", "started", "start", "earliest", "first"),
    "latest": ("latest", "last"),
    "ended": ("ended", "finished_at", "finished", "end"),
}
"""By what they mean: names of fields and tags, the first one that says something counts."""

_PROGRESS: Mapping[Progress, tuple[str, ...]] = {
    Progress.FAILED: ("failure", "failed", "fail", "error", "critical", "aborted", "cancelled", "canceled"),
    Progress.DONE: ("success", "successful", "succeeded", "done", "complete", "completed", "finished", "passed", "ok"),
    Progress.ROLLING: ("started", "start", "running", "rolling", "in_progress", "progressing", "pending", "deploying"),
}
_PROGRESS_OF = {word: progress for progress, words in _PROGRESS.items() for word in words}
_NOTHING = frozenset({"", "undefined", "null", "none", "n/a", "unknown", "-"})
"""Words by which a sender says that it has no value."""
_KINDS: Mapping[str, ChangeKind] = {
    "feature_flag": ChangeKind.FLAG,
    "configuration": ChangeKind.CONFIG,
    "deployment": ChangeKind.DEPLOY,
    **{kind.value: kind for kind in ChangeKind},
}
_YES = frozenset({"true", "yes", "1", "y"})
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}", re.ASCII)
_NUMBER = re.compile(r"\d{9,19}(?:\.\d+)?", re.ASCII)
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
"""From which size on a number since 1970 counts in nano-, micro-, milliseconds and seconds."""


def names_of(told: Mapping[str, Sequence[str]], place: str) -> Mapping[str, tuple[str, ...]]:
    """Return the names of fields by what they mean, with those of a setting `fields` in the place of the usual ones.

    Raises:
        ConfigError: The setting names something that a change does not have, or no field.
    """
    for meaning, names in told.items():
        if meaning not in NAMES:
            raise unknown_key(f"{place}.{meaning}", meaning, NAMES)
        if not all(names) or not names:
            raise ConfigError(
                f"{place}.{meaning}", "names no field", f'write such as {meaning} = ["{NAMES[meaning][0]}"]'
            )
    return {**NAMES, **{meaning: tuple(names) for meaning, names in told.items()}}


def moment_of(value: object) -> datetime | None:
    """Return the moment that a value says, or null where it says none.

    A number, or text that is one, is the time since 1970 in seconds, milli-, micro- or nanoseconds, whichever its
    size tells; other text is RFC 3339.
    """
    if isinstance(value, str):
        text = value.strip()
        if not _NUMBER.fullmatch(text):
            try:
                return utc(parse_rfc3339(text))
            except ValueError:
                return None
        value = float(text) if "." in text else int(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    for least, unit in _UNITS:
        if value >= least:
            try:
                return utc(datetime.fromtimestamp(value / unit, UTC))
            except (OverflowError, ValueError, OSError):
                return None
    return None


def words_in(value: object, limit: int = 200) -> str:
    """Return a value of an event on one clean line; empty where the sender says that it has none.

    Several values (a list) stand in their order, separated by commas; at most three of them.
    """
    if isinstance(value, list | tuple):
        told = list(dict.fromkeys(filter(None, (words_in(one, limit) for one in value[:50]))))
        return ", ".join(told[:3])
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = one_line(str(value), limit)
    return "" if text.casefold() in _NOTHING else text


def tags_in(tags: Iterable[object]) -> dict[str, str]:
    """Return tags such as `service:payment` by their names in lower case, the first value of each; a bare one is `""`."""
    found: dict[str, str] = {}
    for tag in tags:
        if isinstance(tag, str) and len(found) < 100:
            name, _, value = one_line(tag, 300).partition(":")
            if name.strip():
                found.setdefault(name.strip().casefold(), value.strip())
    return found


def first_of(fields: Mapping[str, object], names: Sequence[str], limit: int = 200) -> tuple[str, str]:
    """Return the first of these fields that says something, and its name; twice nothing where none does."""
    for name in names:
        words = words_in(fields.get(name), limit)
        if words:
            return words, name
    return "", ""


def commit_in(fields: Mapping[str, object], names: Sequence[str]) -> str:
    """Return the commit that one of these fields names; empty where what it says is none."""
    return as_commit(first_of(fields, names, 64)[0])


def progress_of(word: str) -> Progress:
    """Return how far a change has come by a sender's word for it; unknown where it is none of the usual ones."""
    return _PROGRESS_OF.get(word.strip().casefold().replace(" ", "_").replace("-", "_"), Progress.UNKNOWN)


def kind_of(word: str) -> ChangeKind | None:
    """Return the kind of change that a sender's word names, or null."""
    return _KINDS.get(word.strip().casefold())


def says_yes(fields: Mapping[str, object], name: str) -> bool:
    """Tell whether a field or tag is there and means yes; a bare tag does."""
    value = fields.get(name)
    return value is True or (isinstance(value, str) and (value == "" or value.strip().casefold() in _YES))


def as_commit(text: str) -> str:
    """Return text that is a commit's hash, in lower case; empty for a tag, a branch, a number."""
    return text.lower() if _COMMIT.fullmatch(text) and not text.isdigit() else ""


def short_commit(commit: str) -> str:
    """Return a commit as it stands for a version: its first twelve digits; text that is no hash as it is."""
    return as_commit(commit)[:12] or commit
