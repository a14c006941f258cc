"""What GitHub answers, read into our words: deployments and their statuses, releases, comparisons, owners. Pure."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from cockpit.model.change import Progress
from cockpit.spans import parse_rfc3339
from cockpit.systems.answers import UnreadableError, utc, web_url
from cockpit.systems.event_words import NAMES, first_of, short_commit
from cockpit.text import one_line

COMMITS = 50
"""Commits that are kept of one comparison."""
FILES = 200
"""Files that are kept of one."""

_VERSION = re.compile(r"(?:[\w.-]*[@/-])?v?\d+(?:\.\d+)+[\w.+-]*", re.ASCII)
_NEXT = re.compile(r'<(?P<url>[^<>]*)>\s*;[^,<]*\brel="?next"?')
_EVERYTHING = frozenset({"*", "**", "/**", "**/*", "/**/*"})

_PROGRESS = {
    "success": Progress.DONE,
    "failure": Progress.FAILED,
    "error": Progress.FAILED,
    "in_progress": Progress.ROLLING,
    "pending": Progress.ROLLING,
}
_NOT_BEGUN = frozenset({"queued", "waiting", "requested"})
_FINAL = frozenset({"success", "failure", "error", "inactive"})


class _User(msgspec.Struct):
    login: str | None = None


class _Deployment(msgspec.Struct):
    id: int
    sha: str
    created_at: str
    ref: str | None = None
    task: str | None = None
    environment: str | None = None
    description: str | None = None
    creator: _User | None = None
    payload: Any = None
    transient_environment: bool | None = None


class _Status(msgspec.Struct):
    state: str
    created_at: str
    log_url: str | None = None
    target_url: str | None = None
    environment_url: str | None = None


class _Release(msgspec.Struct):
    id: int
    tag_name: str
    published_at: str | None = None
    name: str | None = None
    draft: bool | None = None
    prerelease: bool | None = None
    html_url: str | None = None
    author: _User | None = None


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment as it was asked for, cleaned."""

    id: int
    sha: str
    ref: str
    version: str
    environment: str
    author: str
    summary: str
    created: datetime
    service: str
    """What its payload names; empty for none."""
    transient: bool
    """Whether its environment goes away again."""


@dataclass(frozen=True, slots=True)
class Course:
    """How far one deployment came, by its statuses."""

    state: str
    """The newest one's; empty where it has none."""
    begun: bool = True
    """False while it waits for its turn or for somebody's word."""
    began: datetime | None = None
    ended: datetime | None = None
    progress: Progress = Progress.UNKNOWN
    changed: datetime | None = None
    """When the newest status was set."""
    url: str | None = None

    @property
    def final(self) -> bool:
        """Whether nothing is expected to follow."""
        return self.state in _FINAL


@dataclass(frozen=True, slots=True)
class Release:
    """One published release, cleaned."""

    id: int
    tag: str
    published: datetime
    summary: str
    author: str
    url: str | None


def _moment(text: str, name: str) -> datetime:
    try:
        at = utc(parse_rfc3339(text))
    except ValueError:
        at = None
    if at is None:
        raise UnreadableError(f".{name}: expected a time")
    return at


def _login(user: _User | None) -> str:
    return one_line(user.login or "", 80) if user is not None else ""


def version_of(ref: str, sha: str) -> str:
    """Return the version that a ref names where it looks like one or is a tag's, else the short commit."""
    if ref.startswith("refs/tags/"):
        return ref.removeprefix("refs/tags/")
    return ref if _VERSION.fullmatch(ref) else short_commit(sha)


def read_deployment(data: bytes, plain: bool) -> Deployment:  # noqa: ARG001 - every text is short, and cleaned at once
    """Return one deployment.

    Raises:
        UnreadableError: Its time is none.
    """
    raw = msgspec.json.decode(data, type=_Deployment)
    payload = _payload(raw.payload)
    sha, ref = one_line(raw.sha, 64), one_line(raw.ref or "", 200)
    environment = one_line(raw.environment or "", 80)
    return Deployment(
        id=raw.id,
        sha=sha,
        ref=ref,
        version=first_of(payload, ("version", "release"))[0] or version_of(ref, sha),
        environment=environment,
        author=_login(raw.creator),
        summary=one_line(raw.description or "", 300)
        or f"{one_line(raw.task or 'deploy', 60)} to {environment or 'nowhere named'}",
        created=_moment(raw.created_at, "created_at"),
        service=first_of(payload, NAMES["service"])[0],
        transient=raw.transient_environment is True,
    )


def _payload(payload: object) -> Mapping[str, object]:
    """Return a payload's fields; it is an object, or text that may be one."""
    if isinstance(payload, str) and len(payload) < 65536:
        try:
            payload = msgspec.json.decode(payload)
        except (msgspec.DecodeError, RecursionError):
            return {}
    return {str(name): value for name, value in payload.items()} if isinstance(payload, Mapping) else {}


def read_status(data: bytes, plain: bool) -> tuple[str, datetime, str | None]:  # noqa: ARG001 - likewise
    """Return one status: its state, when it was set, and where to look.

    Raises:
        UnreadableError: Its time is none.
    """
    raw = msgspec.json.decode(data, type=_Status)
    url = web_url(raw.log_url) or web_url(raw.target_url) or web_url(raw.environment_url)
    return one_line(raw.state, 40).lower(), _moment(raw.created_at, "created_at"), url


def course_of(statuses: Sequence[tuple[str, datetime, str | None]]) -> Course:
    """Return how far a deployment came by its statuses, in any order.

    `inactive` says that a later one took its place: it ended where it succeeded. It began with its first status that is
    more than waiting.
    """
    newest_first = sorted(statuses, key=lambda one: one[1], reverse=True)
    if not newest_first:
        return Course("")
    state, changed, _ = newest_first[0]
    url = next((url for _, _, url in newest_first if url is not None), None)
    telling = next(((said, at) for said, at, _ in newest_first if said in _PROGRESS), None)
    moving = [at for said, at, _ in newest_first if said in {"in_progress", "pending"}]
    if telling is None:
        return Course(state, begun=state not in _NOT_BEGUN, changed=changed, url=url)
    if state in _NOT_BEGUN and not moving:
        return Course(state, begun=False, changed=changed, url=url)
    said, at = telling
    progress = _PROGRESS[said]
    over = progress in {Progress.DONE, Progress.FAILED}
    began = min(moving, default=None)
    return Course(state, True, began, at if over else None, progress, changed, url)


def read_release(data: bytes, plain: bool) -> Release | bool:  # noqa: ARG001 - likewise
    """Return one release; false for a draft, which nobody has published.

    Raises:
        UnreadableError: Its time is none.
    """
    raw = msgspec.json.decode(data, type=_Release)
    if raw.draft or raw.published_at is None:
        return False
    tag = one_line(raw.tag_name, 120)
    early = " (pre-release)" if raw.prerelease else ""
    return Release(
        id=raw.id,
        tag=tag,
        published=_moment(raw.published_at, "published_at"),
        summary=f"{one_line(raw.name or '', 200) or tag}{early}",
        author=_login(raw.author),
        url=web_url(raw.html_url),
    )


class _Message(msgspec.Struct):
    message: str = ""


class _Commit(msgspec.Struct):
    sha: str
    commit: _Message


class _File(msgspec.Struct):
    filename: str


class _Comparison(msgspec.Struct):
    commits: list[_Commit] | None = None
    files: list[_File] | None = None
    total_commits: int = 0


def read_comparison(body: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the commits between two versions, newest first, and the files that they changed.

    Where there are more commits than a page has, the first line counts those that are not told.

    Raises:
        msgspec.DecodeError: It has another shape.
    """
    raw = msgspec.json.decode(body, type=_Comparison)
    lines = [
        f"{one_line(one.sha, 64)[:7]} {one_line(one.commit.message.partition(chr(10))[0], 160)}"
        for one in raw.commits or ()
    ]
    newest = tuple(reversed(lines))[:COMMITS]
    missing = raw.total_commits - len(newest)
    commits = (f"{missing:,} more commits", *newest) if missing > 0 else newest
    return commits, tuple(one_line(one.filename, 300) for one in (raw.files or ())[:FILES])


class _Content(msgspec.Struct):
    content: str = ""
    encoding: str = ""


def read_owner(body: bytes) -> str:
    """Return who owns everything by a CODEOWNERS file: the team of its last rule for `*`, else its first name.

    Raises:
        msgspec.DecodeError: It has another shape.
    """
    raw = msgspec.json.decode(body, type=_Content)
    if raw.encoding != "base64":
        return ""
    try:
        text = base64.b64decode(raw.content).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return ""
    owners: list[str] = []
    for line in text.splitlines():
        pattern, *names = line.partition("#")[0].split() or [""]
        if pattern in _EVERYTHING:
            owners = [name for name in names if name.startswith("@")]
    team = next((name for name in owners if "/" in name), owners[0] if owners else "")
    return one_line(team.removeprefix("@").rpartition("/")[2], 80)


def next_page(link: str) -> list[tuple[str, str]] | None:
    """Return the parameters of the next page by a Link header, or null where there is none."""
    found = _NEXT.search(link)
    return None if found is None else parse_qsl(urlsplit(found["url"]).query, keep_blank_values=True)
