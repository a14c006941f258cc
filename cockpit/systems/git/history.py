"""Git's words read: commits and tags, and the changes that they are. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import islice

from cockpit.model.change import ChangeReport
from cockpit.spans import parse_rfc3339
from cockpit.systems.git.settings import Repository
from cockpit.text import one_line

LOG_FORMAT = "--format=%x00%H%x00%P%x00%cI%x00%an%x00%s"
"""Of `git log -z`: an empty field begins each commit, as no file name that may follow one is empty."""

_LOG_FIELDS = 5

TAG_FORMAT = (
    "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(creatordate:iso-strict)"
    "%00%(taggername)%00%(authorname)%00%(contents:subject)"
)
"""Of `git for-each-ref`: one line a tag."""

_TAG_FIELDS = 7

_HASH = re.compile(r"[0-9a-f]{40,64}")

SHORT = 7
"""Digits of a short commit."""

MOST_CAME = 100
"""Commits that are told of one tag."""

MOST_FILES = 200
"""Files that are told of one change."""

LONG = 12
"""Digits of a commit in a change's id."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a branch."""

    hash: str
    parents: tuple[str, ...]
    committed: datetime
    author: str
    subject: str
    files: tuple[str, ...] = ()
    """What it changed, where that was asked for."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What came with a tag since the one before it."""

    commits: tuple[str, ...] = ()
    """A short hash and a subject each, newest first."""
    files: tuple[str, ...] = ()


NOTHING = Contents()
"""Nothing is known to have come with it."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag."""

    name: str
    commit: str
    created: datetime
    author: str
    """Who set it, of a tag without a tagger who wrote its commit."""
    subject: str


def read_log(data: bytes) -> list[Commit]:
    """Return the commits of `git log -z` in `LOG_FORMAT`, newest first; what has no hash or no date is left out."""
    fields = data.decode(errors="replace").split("\0")
    commits: list[Commit] = []
    place = 0
    while place + _LOG_FIELDS < len(fields):
        if fields[place]:
            place += 1
            continue
        name, parents, committed, author, subject = fields[place + 1 : place + 1 + _LOG_FIELDS]
        place += 1 + _LOG_FIELDS
        files: list[str] = []
        while place < len(fields) and fields[place]:
            files.append(fields[place].removeprefix("\n") if not files else fields[place])
            place += 1
        try:
            moment = parse_rfc3339(committed)
        except ValueError:
            continue
        if not _HASH.fullmatch(name):
            continue
        commits.append(
            Commit(name, tuple(parents.split()), moment, one_line(author, 100), one_line(subject), tuple(files))
        )
    return commits


def read_tags(data: bytes) -> list[Tag]:
    """Return the tags of `git for-each-ref` in `TAG_FORMAT`, in its order; one without a date is left out."""
    tags: list[Tag] = []
    for line in data.decode(errors="replace").split("\n"):
        fields = line.split("\0")
        if len(fields) != _TAG_FIELDS:
            continue
        name, thing, target, created, tagger, author, subject = fields
        try:
            moment = parse_rfc3339(created)
        except ValueError:
            continue
        commit = target or thing
        commit = commit if _HASH.fullmatch(commit) else ""
        tags.append(Tag(name, commit, moment, one_line(tagger or author, 100), one_line(subject)))
    return tags


def services_of(repository: Repository, files: Iterable[str]) -> tuple[str, ...]:
    """Return whose files these are: by the longest path that holds a file, else the repository's own service."""
    if not repository.paths:
        return (repository.owner,)
    split = sorted(((path.strip("/"), service) for path, service in repository.paths.items()), key=lambda p: -len(p[0]))
    found: dict[str, None] = {}
    for file in files:
        for path, service in split:
            if not path or file == path or file.startswith(f"{path}/") or fnmatchcase(file, path):
                found[service] = None
                break
        else:
            if repository.owner:
                found[repository.owner] = None
    return tuple(found)


def _url(repository: Repository, commit: str, tag: str, version: str) -> str | None:
    template = repository.url_template
    if template is None:
        return None
    return template.replace("{commit}", commit).replace("{tag}", tag).replace("{version}", version)


def changes_of_commits(
    repository: Repository,
    commits: Iterable[Commit],
    first_seen: Mapping[str, datetime],
    since: datetime,
    labels: Mapping[str, str],
) -> list[ChangeReport]:
    """Return the commits as changes, one for each service that a commit touches.

    Args:
        repository: Where they are from.
        commits: Of its branch.
        first_seen: By hash: the fetch that first saw a commit, where its own date says less.
        since: Begin of the window; what began before it is left out.
        labels: Added to each.
    """
    changes: list[ChangeReport] = []
    for commit in commits:
        began = first_seen.get(commit.hash, commit.committed)
        if began < since:
            continue
        version = commit.hash[:SHORT]
        changes.extend(
            ChangeReport(
                id=f"{service}@{commit.hash[:LONG]}",
                name=service,
                version=version,
                kind=repository.kind,
                began=began,
                author=commit.author,
                summary=commit.subject,
                url=_url(repository, commit.hash, "", version),
                seen=commit.hash in first_seen,
                labels=labels,
                says=f"commit {version} on {repository.ref}",
                commit=commit.hash,
                files=_files(commit.files),
            )
            for service in services_of(repository, commit.files)
        )
    return changes


def changes_of_tags(
    repository: Repository,
    tags: Sequence[Tag],
    since: datetime,
    labels: Mapping[str, str],
    contents: Mapping[tuple[str, str], Contents] | None = None,
) -> list[ChangeReport]:
    """Return the tags that match the repository's pattern as changes, newest first, each with the one before it.

    Args:
        repository: Where they are from.
        tags: Of it, in any order.
        since: Begin of the window.
        labels: Added to each.
        contents: What came with a tag, by the commits of the tag before it and of its own.
    """
    changes: list[ChangeReport] = []
    before: Tag | None = None
    for tag in matching(repository, tags):
        name = one_line(tag.name, 100)
        if tag.created >= since:
            came = (contents or {}).get((before.commit if before else "", tag.commit), NOTHING)
            changes.append(
                ChangeReport(
                    id=f"{repository.owner}@{name}",
                    name=repository.owner,
                    version=name,
                    kind=repository.kind,
                    began=tag.created,
                    author=tag.author,
                    summary=tag.subject,
                    url=_url(repository, tag.commit, tag.name, name),
                    labels=labels,
                    previous=one_line(before.name, 100) if before else "",
                    says=f"tag {name} at {tag.commit[:SHORT]}" if tag.commit else f"tag {name}",
                    commit=tag.commit,
                    commits=came.commits,
                    files=came.files,
                )
            )
        before = tag
    return changes[::-1]


def matching(repository: Repository, tags: Iterable[Tag]) -> list[Tag]:
    """Return the tags that match the repository's pattern, oldest first."""
    pattern = repository.tags or "*"
    return sorted((tag for tag in tags if fnmatchcase(tag.name, pattern)), key=lambda tag: (tag.created, tag.name))


def contents_of(commits: Sequence[Commit]) -> Contents:
    """Return what came with a tag: its commits, and the files that they changed, each once."""
    said = tuple(f"{commit.hash[:SHORT]} {commit.subject}".strip() for commit in commits[:MOST_CAME])
    files = dict.fromkeys(file for commit in commits for file in commit.files)
    return Contents(said, _files(files))


def _files(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of files as they can be shown, a bounded number of them."""
    return tuple(one_line(name, 300) for name in islice(names, MOST_FILES))
