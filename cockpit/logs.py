"""The log file: where traces go, so that none reaches a terminal; rotated, and readable by its owner only."""

import logging
import os
import sys
from pathlib import Path
from time import gmtime

_LARGEST = 1_000_000
"""Bytes after which the file is put aside."""

_KEPT = 3
"""Files that were put aside."""

_NAME = "cockpit's log file"
"""By which our handler is known among others."""


def open_log(path: Path) -> str | None:
    """Send the log of this process to a file; returns why that cannot be, and logs nowhere then.

    Nothing of it reaches standard error: a screen may be there.
    """
    from logging.handlers import RotatingFileHandler

    from cockpit.locations import make_private

    logging.raiseExceptions = False
    close_log()
    root = logging.getLogger()
    try:
        make_private(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600))
        handler: logging.Handler = RotatingFileHandler(
            path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        handler = logging.NullHandler()
        handler.set_name(_NAME)
        root.addHandler(handler)
        return f"{path}: {error.strerror}"
    handler.set_name(_NAME)
    form = logging.Formatter("%(asctime)s.%(msecs)03dZ %(process)d %(levelname)s %(name)s: %(message)s")
    form.converter = gmtime
    form.datefmt = "%Y-%m-%dT%H:%M:%S"
    handler.setFormatter(form)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)  # each request would be a line, with its address
    return None


def close_log() -> None:
    """Let go of the log file."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if one.get_name() == _NAME]:
        root.removeHandler(handler)
        handler.close()


def log_crash(path: Path, error: BaseException) -> str:
    """Keep an error's trace in the log, without local variables, and return the place of the error in our code."""
    if all(handler.get_name() != _NAME for handler in logging.getLogger().handlers):
        open_log(path)
    logging.getLogger("cockpit").critical("%s", " ".join(sys.argv[:2]), exc_info=error)
    trace = error.__traceback__
    place = "cockpit"
    while trace is not None:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if name.startswith(("cockpit", "widgets")):
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
