"""Putting a text on the clipboard through whatever this terminal lets through, and saying which way was taken."""

import os
import subprocess
from collections.abc import Callable, Mapping

_PATIENCE_S = 2.0
"""Seconds for tmux to take a text; the screen waits for it."""


def copy_text(text: str, write: Callable[[str], None], environment: Mapping[str, str] = os.environ) -> str:
    """Copy a text and return how, in words for a person.

    Inside tmux its own buffer is loaded, which it passes on to the terminal; tmux drops what a program sends to the
    clipboard by itself. Elsewhere the terminal is asked to (OSC 52); whether it did, nobody can know.

    Args:
        text: What is copied.
        write: Asks the terminal.
        environment: Tells whether this is tmux.
    """
    if environment.get("TMUX"):
        failed = _load_buffer(text)
        if failed is None:
            return "copied through tmux: prefix ] pastes it"
        write(text)
        return f"tmux did not take it ({failed}); sent to the terminal instead"
    write(text)
    return "sent to the terminal's clipboard (OSC 52), or select it here"


def _load_buffer(text: str) -> str | None:
    """Load tmux' buffer and return why that failed, or null."""
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=text.encode(errors="replace"),
            capture_output=True,
            timeout=_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__
    if done.returncode == 0:
        return None
    return done.stderr.decode(errors="replace").strip()[:60] or f"exit {done.returncode}"
