"""What was first seen when: a commit that came with a later fetch counts from that fetch, also after a restart."""

import contextlib
import hashlib
import logging
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from cockpit.locations import make_private
from cockpit.systems.git.history import Commit

log = logging.getLogger(__name__)
"""Where a cache that cannot be written is told."""

LATE = timedelta(minutes=5)
"""A commit that is so much older than the fetch before was not there then: it counts from the fetch that saw it."""

KEPT = timedelta(days=8)
"""How long it is kept that a commit came late: longer than the widest window."""


class _Late(msgspec.Struct):
    seen: datetime
    committed: datetime
    author: str
    subject: str
    files: tuple[str, ...] = ()


class _Kept(msgspec.Struct):
    tip: str = ""
    read: datetime | None = None
    late: dict[str, _Late] = {}


def slug(repository: str, ref: str) -> str:
    """Return a file name for a repository and ref, readable and unlike any other's."""
    digest = hashlib.sha256(f"{repository}\0{ref}".encode()).hexdigest()[:12]
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", re.split(r"[/:]", repository.rstrip("/"))[-1]).strip("-.")
    return f"{name[:40] or 'repository'}-{digest}"


class Memory:
    """What is remembered of one branch of one repository.

    Args:
        cache: The cache folder; empty keeps it in memory only.
        repository: Its URL or path, without credentials.
        ref: The branch.
    """

    def __init__(self, cache: str, repository: str, ref: str) -> None:
        self._file = Path(cache) / "first-seen" / f"{slug(repository, ref)}.json" if cache else None
        self._kept = self._load()

    @property
    def tip(self) -> str:
        """The branch's last commit when it was last read; empty before."""
        return self._kept.tip

    @property
    def read(self) -> datetime | None:
        """The last successful fetch that was read."""
        return self._kept.read

    @property
    def first_seen(self) -> dict[str, datetime]:
        """By hash: the fetch that first saw a commit that came late."""
        return {name: late.seen for name, late in self._kept.late.items()}

    @property
    def late(self) -> list[Commit]:
        """The commits that came late; their parents are not kept."""
        return [
            Commit(name, (), late.committed, late.author, late.subject, late.files)
            for name, late in self._kept.late.items()
        ]

    def note(self, tip: str, read: datetime, arrived: Iterable[Commit]) -> None:
        """Take note of what a fetch brought.

        Args:
            tip: The branch's last commit now.
            read: The moment of that fetch.
            arrived: The commits between the tip before and this one.
        """
        late = {name: entry for name, entry in self._kept.late.items() if read - entry.seen < KEPT}
        before = self._kept.read
        for commit in arrived:
            if before is not None and commit.hash not in late and commit.committed < before - LATE:
                late[commit.hash] = _Late(read, commit.committed, commit.author, commit.subject, commit.files)
        self._kept = _Kept(tip, read, late)
        self._save()

    def _load(self) -> _Kept:
        if self._file is None:
            return _Kept()
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            return _Kept()

    def _save(self) -> None:
        if self._file is None:
            return
        try:
            _replace(self._file, [msgspec.json.encode(self._kept)])
        except OSError as error:
            log.warning("what was first seen when cannot be kept: %s", error)


def _replace(file: Path, data: Sequence[bytes]) -> None:
    """Write a private file whole, or leave the one that is there."""
    make_private(file.parent)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.writelines(data)
        Path(name).replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
