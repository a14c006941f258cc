"""A folder in which cockpits of one person, or of one group, keep answers for one another: whole files, and locks."""

import contextlib
import fcntl
import grp
import logging
import os
import pwd
import shlex
import stat
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from cockpit.config import ConfigError
from cockpit.locations import make_private

log = logging.getLogger(__name__)
"""Where an answer that cannot be kept is told."""

LARGEST = 64 << 20
"""Bytes of an answer that is kept."""

KEPT_S = 3600.0
"""Seconds after which a file that nobody wrote anew is removed."""

_FORM = 1
_ENDS = (".answer", ".lock", ".new")


class Entry(msgspec.Struct, frozen=True):
    """One answer at rest: this on a line, the body behind it."""

    form: int
    at: float
    """When it came, in Unix seconds of this host."""
    anchor: float | None
    """The latest moment that it was asked about, where it was asked about one."""
    status: int
    headers: dict[str, str] = {}
    elapsed_s: float = 0.0
    until: float | None = None
    """Of a server that asked to be left alone: until when."""


class SharedFolder:
    """The folder, checked.

    Args:
        path: Where it is.
        place: Where the configuration names it.
        own: Whether it is Cockpit's own, which is made where it is not there.

    Raises:
        ConfigError: It is not there, or not safe to share; names the remedy.
    """

    def __init__(self, path: str, place: str, *, own: bool = False) -> None:
        self.path = Path(path)
        self._place = place
        self._group = False
        """Whether a group shares it."""
        self._told = False
        self._check(own=own)
        self._mode = 0o660 if self._group else 0o600
        self.tidy()

    def _check(self, *, own: bool) -> None:
        name, where = shlex.quote(str(self.path)), str(self.path)
        try:
            if own:
                make_private(self.path)
            said, above = self.path.stat(), self.path.parent.stat()
        except FileNotFoundError as error:
            remedy = f"make it: mkdir -m 700 {name} for yourself, or for a group: install -d -m 2770 -g GROUP {name}"
            raise ConfigError(self._place, f"{where} is not there", remedy) from error
        except OSError as error:
            raise ConfigError(self._place, f"{where}: {error.strerror}", "name a folder that you may write") from error
        mode = stat.S_IMODE(said.st_mode)
        if not stat.S_ISDIR(said.st_mode):
            raise ConfigError(self._place, f"{where} is no folder", "name a folder")
        if mode & stat.S_IRWXO:
            what = "written" if mode & stat.S_IWOTH else "read"
            raise ConfigError(self._place, f"{where} can be {what} by everybody (mode {mode:04o})", f"chmod o= {name}")
        if above.st_mode & stat.S_IWOTH and not above.st_mode & stat.S_ISVTX:
            raise ConfigError(
                self._place, f"{where} can be replaced by everybody (they may write above it)", "move it elsewhere"
            )
        self._group = bool(mode & stat.S_IWGRP)
        if self._group and said.st_gid not in {os.getegid(), *os.getgroups()}:
            remedy = f"ask to be added to that group, or chgrp {name} to one of yours"
            raise ConfigError(
                self._place, f"{where} is of the group {_group(said.st_gid)}, which you are not in", remedy
            )
        if self._group and not mode & stat.S_ISGID:
            what = f"{where} is written by a group, but files in it would be of another (no setgid)"
            raise ConfigError(self._place, what, f"chmod g+s {name}")
        if said.st_uid != os.geteuid() and not self._group:
            remedy = f"name one of your own, or let a group share it: chgrp GROUP {name} && chmod 2770 {name}"
            raise ConfigError(self._place, f"{where} belongs to {_user(said.st_uid)}", remedy)
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            raise ConfigError(self._place, f"{where} cannot be written", f"chmod u+rwx {name}")

    def read(self, key: str) -> tuple[Entry, bytes] | None:
        """Return what is kept under a key; null where nothing is, or nothing that can be read."""
        try:
            descriptor = os.open(self._file(key), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            said = os.fstat(descriptor)
            if not stat.S_ISREG(said.st_mode) or said.st_size > LARGEST or said.st_mode & stat.S_IRWXO:
                return None
            try:
                head, _, body = file.read().partition(b"\n")
                entry = msgspec.json.decode(head, type=Entry)
            except (OSError, msgspec.DecodeError, UnicodeDecodeError):
                return None
        return (entry, body) if entry.form == _FORM else None

    def stamp(self, key: str) -> int:
        """Return when what is kept under a key was written, in the file system's nanoseconds; 0 where nothing is."""
        try:
            return self._file(key).stat().st_mtime_ns
        except OSError:
            return 0

    def write(
        self,
        key: str,
        *,
        at: float,
        anchor: float | None,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        elapsed_s: float = 0.0,
        until: float | None = None,
    ) -> None:
        """Keep an answer in the place of the last one, whole or not at all; a disk that cannot take it is logged once."""
        head = msgspec.json.encode(Entry(_FORM, at, anchor, status, dict(headers), elapsed_s, until))
        if len(head) + len(body) >= LARGEST:
            return
        try:
            descriptor, name = tempfile.mkstemp(suffix=".new", dir=self.path)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    os.fchmod(descriptor, self._mode)
                    file.write(head + b"\n" + body)
                Path(name).replace(self._file(key))
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            if not self._told:
                log.warning("answers are not shared: %s: %s", self.path, error.strerror)
            self._told = True

    def lock(self, key: str) -> int | None:
        """Return an open lock that is ours until it is closed; null where somebody else has it.

        Raises:
            OSError: There is no such lock to be had.
        """
        path = self.path / f"{key}.lock"
        before = os.umask(0o117 if self._group else 0o177)
        try:
            held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, self._mode)
        finally:
            os.umask(before)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(held)
            return None
        except OSError:
            os.close(held)
            raise
        with contextlib.suppress(OSError):
            os.utime(held)
        return held

    def tidy(self) -> None:
        """Remove what nobody has written for an hour."""
        oldest = time.time() - KEPT_S  # by the host's clock, as the file system's is
        with contextlib.suppress(OSError), os.scandir(self.path) as files:
            for file in files:
                with contextlib.suppress(OSError):
                    if file.name.endswith(_ENDS) and file.stat(follow_symlinks=False).st_mtime < oldest:
                        Path(file.path).unlink()

    def _file(self, key: str) -> Path:
        return self.path / f"{key}.answer"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _group(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
