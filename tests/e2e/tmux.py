"""A terminal that a test can look at: a tmux of its own, told what a person would do in it."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.e2e.waiting import eventually


class Terminal:
    """One tmux pane on a private server.

    Args:
        folder: Where its socket is; the path must be short enough for one.
        width: Columns of the pane.
        height: Rows of the pane; no status line takes one.
    """

    def __init__(self, folder: Path, width: int = 80, height: int = 24) -> None:
        self.folder = folder
        self.width = width
        self.height = height
        self._socket = folder / "tmux"

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)

    def runs(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Open the pane with a program in it; the pane stays when the program ends."""
        given = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(self.folder), **(environment or {})}
        pairs = [part for name, value in given.items() for part in ("-e", f"{name}={value}")]
        size = ["-x", str(self.width), "-y", str(self.height)]
        program = " ".join(_quoted(part) for part in command)
        start = ["set", "-g", "remain-on-exit", "on", ";", "set", "-g", "status", "off", ";"]
        self._tmux(*start, "new-session", "-d", *size, *pairs, program)

    def presses(self, *keys: str) -> None:
        """Press keys, by tmux' names for them."""
        self._tmux("send-keys", *keys)

    def types(self, text: str) -> None:
        """Type text as it is."""
        self._tmux("send-keys", "-l", text)

    def screen(self) -> str:
        """Return what the pane shows."""
        return self._tmux("capture-pane", "-p")

    def title(self) -> str:
        """Return the title that the program gave to its terminal."""
        return self._tmux("display-message", "-p", "#{pane_title}").strip()

    @property
    def ended(self) -> bool:
        """Whether the program in the pane has ended."""
        return self._tmux("display-message", "-p", "#{pane_dead}").strip() == "1"

    @property
    def pid(self) -> int:
        """The process id of the program in the pane."""
        return int(self._tmux("display-message", "-p", "#{pane_pid}"))

    def buffer(self) -> str:
        """Return what was copied last."""
        return self._tmux("show-buffer")

    def kill_pane(self) -> None:
        """Kill the pane."""
        self._tmux("kill-pane", check=False)

    def sees(self, *texts: str, within_s: float = 20.0) -> str:
        """Wait until all the texts stand on the screen at once, and return the screen."""

        def there() -> str:
            screen = self.screen()
            missing = [text for text in texts if text not in screen]
            assert not missing, f"{missing} not on the screen:\n{screen}"
            return screen

        return eventually(there, within_s, what=f"{texts} on the screen")

    def sees_no(self, *texts: str, within_s: float = 20.0) -> str:
        """Wait until none of the texts stands on the screen, and return the screen."""

        def gone() -> str:
            screen = self.screen()
            still = [text for text in texts if text in screen]
            assert not still, f"{still} still on the screen:\n{screen}"
            return screen

        return eventually(gone, within_s, what=f"{texts} gone from the screen")

    def answer(self, question: str) -> str:
        """Return what the drill pane says behind a question, its continuation lines joined; empty where it is not."""
        found: list[str] = []
        for line in self.screen().splitlines():
            text = line.strip("│┃| \n")
            if re.match(rf"[›> ]*{question}\b", text):
                found.append(text)
            elif found and re.match(r"[›> ]*(WHAT|WHEN|SCOPE|CHANGE|OWNER)\b|[╰├└+]", text):
                break
            elif found:
                found.append(text)
        return " ".join(found)

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *arguments]
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=clean)
        assert done.returncode == 0 or not check, f"tmux {arguments[0]}: {done.stderr.strip()}"
        return done.stdout


def _quoted(part: str) -> str:
    return "'" + part.replace("'", "'\\''") + "'"
