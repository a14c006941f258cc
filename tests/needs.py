"""What a test needs beside Python: real servers and the shared folder; what is missing is told at the end."""

import shutil
from pathlib import Path

import pytest

MISSING = "missing: "
"""How the reason of a skipped test begins when something was missing on this machine."""

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

SHARED = ROOT.parent / "shared"
"""Documents, harness and samples that lie beside the checkout, where they are."""

_ALSO = {"prometheus-alertmanager": ("alertmanager",), "alertmanager": ("prometheus-alertmanager",)}
"""Distributions disagree about the name of the same program."""

_PLACES = ("/usr/sbin", "/sbin", "/usr/local/sbin")
"""Where servers lie that are on nobody's path."""


def find_program(name: str) -> str | None:
    """Return the path of a program, or null where it is not installed."""
    for candidate in (name, *_ALSO.get(name, ())):
        for folders in (None, *_PLACES):
            found: str | None = shutil.which(candidate, path=folders)
            if found:
                return found
    return None


def program(name: str) -> str:
    """Return the path of a program; skips the test where it is not installed."""
    found = find_program(name)
    if found is None:
        pytest.skip(f"{MISSING}{name}")
    return found


def needs(*names: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test where one of the programs is not installed."""
    missing = [name for name in names if find_program(name) is None]
    return pytest.mark.skipif(bool(missing), reason=MISSING + ", ".join(missing))


def needs_shared() -> pytest.MarkDecorator:
    """Return a mark that skips a test where `../shared` is not there."""
    return pytest.mark.skipif(not SHARED.is_dir(), reason=f"{MISSING}../shared")


def shared_folder() -> Path:
    """Return the folder `../shared`; skips the test where it is not there."""
    if not SHARED.is_dir():
        pytest.skip(f"{MISSING}../shared")
    return SHARED


def missing_of(reason: str) -> tuple[str, ...]:
    """Return what a skip's reason names as missing; nothing when it was skipped for something else."""
    _, found, names = reason.partition(MISSING)
    return tuple(name.strip() for name in names.split(",")) if found else ()
