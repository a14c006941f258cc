"""Where the journal's file lies: made private, told from network file systems, set aside when it is damaged."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cockpit.locations import make_private

NETWORK = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs",
        "nfs4", "ocfs2", "orangefs", "smb3", "smbfs", "sshfs", "vboxsf", "virtiofs",
    }
)  # fmt: skip
"""File systems on which several hosts may have a file open: a write-ahead log is not safe there."""

_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def file_system(path: Path, mounts: Iterable[str]) -> str:
    """Return the type of file system that holds a path, by the lines of /proc/mounts; empty where they do not say."""
    there = os.path.realpath(path)
    best, found = -1, ""
    for line in mounts:
        fields = line.split()
        if len(fields) < 3:
            continue
        point = fields[1]
        for written, meant in _ESCAPES.items():
            point = point.replace(written, meant)
        above = point.rstrip("/")
        if (there == point or there.startswith(f"{above}/")) and len(above) >= best:
            best, found = len(above), fields[2]
    return found


def on_network(path: Path, mounts: Path = Path("/proc/mounts")) -> bool:
    """Tell whether a path lies on a network file system, or on one in user space, which may be one."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return False
    kind = file_system(path, lines)
    return kind in NETWORK or kind.startswith("fuse")


def make_file(file: Path) -> None:
    """Make the folder (0700) and the file (0600), or make those that are there private.

    Raises:
        OSError: They cannot be made.
    """
    make_private(file.parent)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def set_aside(file: Path, at: datetime) -> Path:
    """Move a damaged journal out of the way, with what belongs to it, and return where it is now.

    Raises:
        OSError: It cannot be moved.
    """
    aside = file.with_name(f"{file.name}.corrupt-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    file.rename(aside)
    for suffix in ("-wal", "-shm", "-journal"):
        beside = file.with_name(f"{file.name}{suffix}")
        if beside.exists():
            beside.rename(aside.with_name(f"{aside.name}{suffix}"))
    return aside
