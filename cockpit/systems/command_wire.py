"""The wire to a configured command: no shell, no terminal, hardly any environment, and it ends with us."""

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from cockpit.config import ConfigError, Secret, SystemSpec
from cockpit.systems.base import Reply, SystemError
from cockpit.systems.command_settings import command_of
from cockpit.systems.process import Children, run_process
from cockpit.systems.secret import read_secret
from cockpit.text import one_line

RUN = "run"
"""The one thing that a command can be asked: to run."""

PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where programs are looked for when our own environment does not say."""

SURE = 8
"""Characters from which a secret in what a command printed is surely no word of something else."""

_REMOVED = b"[secret]"


class CommandWire:
    """Runs one configured command: `call(name, "run", program, [("", argument), …, ("since", …), ("until", …)])`.

    The status is its exit code; the body is what it wrote to standard output, or to standard error where it failed,
    without the secrets that it was given. Only the configured command is run, and only one at a time.

    Args:
        spec: The system's settings.

    Raises:
        ConfigError: They name no command, or hold a secret as plain text.
    """

    def __init__(self, spec: SystemSpec) -> None:
        self._spec = spec
        self._command = command_of(spec)
        self._alone = asyncio.Lock()
        self._children = Children()
        self._known: dict[Secret, str] = {}

    def secrets(self) -> tuple[str, ...]:
        """Return the secrets that were read so far, for a recording to leave out."""
        return tuple(self._known.values())

    async def call(
        self,
        peer: str,
        method: str,
        path: str,
        params: Sequence[tuple[str, str]] = (),
        *,
        body: bytes | None = None,
        timeout_s: float | None = None,
    ) -> Reply:
        """Run the command and return what it wrote.

        Raises:
            SystemError: It cannot be started, took too long or wrote too much.
        """
        words = (path, *(value for name, value in params if not name))
        if method != RUN or body is not None or words != self._command.run:
            raise SystemError(f"{one_line(peer)}: only the configured command is run")
        limit = self._spec.timeout.total_seconds() if timeout_s is None else timeout_s
        name = one_line(Path(path).name, 60) or "the command"
        async with self._alone:
            env = await self._environment(dict(params))
            there = [_program(path), *words[1:]]
            began = time.monotonic()
            try:
                async with asyncio.timeout(limit):
                    status, answer, said = await run_process(there, env, self._children, name=name, folder=_folder(env))
            except TimeoutError as error:
                raise SystemError(
                    f"{name} took longer than {limit:g} s and was ended (timeout in {self._spec.place})"
                ) from error
            except FileNotFoundError as error:
                raise SystemError(f"{one_line(path, 200)} is not there (run in {self._spec.place})") from error
            except PermissionError as error:
                raise SystemError(f"{one_line(path, 200)} may not be run; chmod +x it") from error
            except (OSError, ValueError) as error:
                raise SystemError(f"{name} cannot be started: {one_line(str(error))}") from error
        return Reply(status, self._without_secrets(answer if status == 0 else said), elapsed_s=time.monotonic() - began)

    async def _environment(self, params: Mapping[str, str]) -> dict[str, str]:
        """Return all of the command's environment; secrets are read anew each time, as tokens run out."""
        there = {"PATH": os.environ.get("PATH") or PATH, "HOME": os.environ.get("HOME") or "/"}
        for name, value in self._command.env.items():
            there[name] = await self._secret(value) if isinstance(value, Secret) else value
        return there | {f"COCKPIT_{name.upper()}": params[name] for name in ("since", "until") if name in params}

    async def _secret(self, source: Secret) -> str:
        try:
            self._known[source] = await asyncio.to_thread(read_secret, source)
        except ConfigError as error:
            raise SystemError(str(error)) from error
        return self._known[source]

    def _without_secrets(self, answer: bytes) -> bytes:
        for secret in self._known.values():
            if len(secret) >= SURE:
                for spelling in {secret, json.dumps(secret)[1:-1]}:
                    answer = answer.replace(spelling.encode(), _REMOVED)
        return answer

    async def close(self) -> None:
        """End what still runs."""
        await self._children.end()


def _program(path: str) -> str:
    """Return a program with `~` as our home; a name stays one."""
    return os.path.expanduser(path)  # noqa: PTH111 - keeps a name as it is


def _folder(env: Mapping[str, str]) -> str:
    """Return where a command works: at home, wherever Cockpit was started."""
    home = env["HOME"]
    return home if Path(home).is_dir() else "/"
