"""The wire to git: processes without a shell, without a terminal, in a group of their own that ends with us."""

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cockpit.clock import Clock
from cockpit.locations import make_private
from cockpit.systems.base import Reply, SystemError
from cockpit.text import bare, one_line

TIMEOUT_S = 20.0
"""Seconds after which a process is ended that nobody gave another limit."""

LARGEST = 64 << 20
"""Bytes that a process may answer."""

LARGEST_ERROR = 64 << 10
"""Bytes kept of what it says on standard error."""

GRACE_S = 0.3
"""Seconds that a process group has to clean up before it is killed."""

_WRITING = frozenset({"init", "fetch"})
"""Commands that write to a mirror."""

FOLDER = "folder"
"""The parameter that names the folder a process works in; it is no argument."""

REMOTE = "remote"
"""The parameter that names the URL of the remote `cockpit`; it is passed out of sight of the process list."""

_OPTIONS = (
    "--no-pager",
    "--no-replace-objects",
    "-c", "core.quotepath=off",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "log.showSignature=false",
    "-c", "i18n.logOutputEncoding=UTF-8",
    "-c", "color.ui=never",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "fetch.recurseSubmodules=no",
    "-c", "protocol.ext.allow=never",
)  # fmt: skip

_KEPT = frozenset(
    {
        "HOME", "PATH", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK", "KRB5CCNAME",
        "http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
    }
)  # fmt: skip
"""What of our environment git may see; `GIT_DIR` and the like, left by a hook, would lead it elsewhere."""

_SET = {
    "LC_ALL": "C",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=5 -oControlMaster=no",
}


def environment(ours: Mapping[str, str], folder: str | None = None, remote: str | None = None) -> dict[str, str]:
    """Return the environment of a git process, which may look for a repository in that folder and not above it."""
    there = {name: value for name, value in ours.items() if name in _KEPT} | _SET
    if folder is not None:
        there["GIT_CEILING_DIRECTORIES"] = str(Path(os.path.realpath(folder)).parent)
    if remote is not None:
        there |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "remote.cockpit.url", "GIT_CONFIG_VALUE_0": remote}
    return there


class ProcessWire:
    """Runs git: `call(repository, "git", "log", [("", argument), ...])`, its exit code as the status.

    The body is what it wrote to standard output, or to standard error where it failed. Parameters are arguments
    by their values, whatever their names, but for `folder` and `remote`. What writes to a folder waits for whoever
    else does, in this Cockpit or another.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._children = Children()

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
        """Run one git command and return what it wrote.

        Raises:
            SystemError: It cannot be started, took too long or wrote too much.
        """
        if method != "git" or body is not None:
            raise SystemError(f"{one_line(bare(peer))}: only git is run, and nothing is written to it")
        named = dict(params)
        folder, remote = named.get(FOLDER), named.get(REMOTE)
        arguments = [value for name, value in params if name not in {FOLDER, REMOTE}]
        if path == "init" and folder:
            command = ["git", *_OPTIONS, path, *arguments, folder]
        else:
            command = ["git", *_OPTIONS, *(["-C", folder] if folder else []), path, *arguments]
        limit = TIMEOUT_S if timeout_s is None else timeout_s
        began = time.monotonic()
        try:
            async with asyncio.timeout(limit):
                if path in _WRITING and folder:
                    async with _alone(Path(folder)) as held:
                        status, answer = await self._run(command, environment(os.environ, folder, remote), held)
                else:
                    status, answer = await self._run(command, environment(os.environ, folder, remote), None)
        except TimeoutError as error:
            raise SystemError(f"git {path} took longer than {limit:g} s and was ended") from error
        return Reply(status, answer, elapsed_s=time.monotonic() - began)

    async def _run(self, command: list[str], env: dict[str, str], held: int | None) -> tuple[int, bytes]:
        try:
            status, answer, said = await run_process(command, env, self._children, name="git", held=held)
        except FileNotFoundError as error:
            raise SystemError("git is not installed; install it, or remove this system") from error
        except (OSError, ValueError) as error:
            raise SystemError(f"git cannot be started: {one_line(str(error))}") from error
        return status, answer if status == 0 else said

    async def close(self) -> None:
        """End what still runs."""
        await self._children.end()


class Children:
    """The processes of one wire that run; one that is being started while they are told to end, ends as well."""

    def __init__(self) -> None:
        self._running: set[asyncio.subprocess.Process] = set()
        self.ends = 0
        """How often they were told to end."""

    async def began(self, process: asyncio.subprocess.Process, ends: int) -> None:
        """Take a process whose start was asked for when they had been told to end so often."""
        self._running.add(process)
        if ends != self.ends:
            await _end(process)

    def ended(self, process: asyncio.subprocess.Process) -> None:
        """Let go of one that is over."""
        self._running.discard(process)

    async def end(self) -> None:
        """End what still runs, or is being started."""
        self.ends += 1
        await asyncio.gather(*map(_end, tuple(self._running)))


async def run_process(
    command: Sequence[str],
    env: Mapping[str, str],
    children: Children,
    *,
    name: str,
    held: int | None = None,
    folder: str | None = None,
) -> tuple[int, bytes, bytes]:
    """Run one process in a group of its own, and return its exit code, what it wrote, and what it said of errors.

    It has nothing to read and no terminal, makes only private files, and is ended with all it started where who
    asked gives up.

    Args:
        command: The program and its arguments.
        env: All of its environment.
        children: Among whom it stands while it runs.
        name: How errors call it.
        held: A lock that it holds with us.
        folder: Where it works; null for where we do.

    Raises:
        OSError, ValueError: It cannot be started.
        SystemError: It wrote more than the limit.
    """
    ends = children.ends
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=env,
        cwd=folder,
        start_new_session=True,
        umask=0o077,
        pass_fds=() if held is None else (held,),
    )
    try:
        await children.began(process, ends)
        assert process.stdout is not None
        assert process.stderr is not None
        errors = asyncio.create_task(_read(process.stderr, LARGEST_ERROR))
        try:
            answer, more = await _read(process.stdout, LARGEST, stop=True)
            if more:
                raise SystemError(f"{name} answered more than {LARGEST >> 20} MB")
            said, _ = await errors
        finally:
            errors.cancel()
        return await process.wait(), answer, said
    finally:
        await _end(process)
        process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - a child's child may still hold the pipes
        children.ended(process)


async def _read(stream: asyncio.StreamReader, largest: int, *, stop: bool = False) -> tuple[bytes, bool]:
    """Read a stream to its end, or up to the limit; return what was kept of it and whether there was more."""
    kept = bytearray()
    more = False
    while chunk := await stream.read(1 << 16):
        room = largest - len(kept)
        more = more or len(chunk) > room
        kept += chunk[:room]
        if more and stop:
            break
    return bytes(kept), more


def _signal(process: asyncio.subprocess.Process, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process and all that it started, first by asking: a fetch then takes its lock files with it."""
    if process.returncode is not None:
        return
    _signal(process, signal.SIGTERM)
    waiting = asyncio.ensure_future(process.wait())
    try:
        await asyncio.wait([waiting], timeout=GRACE_S)
    finally:
        if not waiting.done():
            _signal(process, signal.SIGKILL)
            waiting.cancel()


@asynccontextmanager
async def _alone(folder: Path) -> AsyncIterator[int | None]:
    """Hold the folder's lock, so that only one git of this user writes to it; then no lock file of git's is alive."""
    try:
        held = _open_lock(folder)
    except OSError:
        yield None
        return
    try:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.1)
            except OSError:  # a file system without locks: git's own lock files still keep the mirror whole
                yield None
                return
        _remove_stale_locks(folder)
        yield held
    finally:
        os.close(held)


def _open_lock(folder: Path) -> int:
    """Open the lock's file, the folder made where it is not there yet."""
    if not folder.exists():
        make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return os.open(folder / "cockpit.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _remove_stale_locks(folder: Path) -> None:
    """Remove the lock files that a killed fetch left: nothing else ever writes to a mirror."""
    for stale in (*folder.glob("*.lock"), *(folder / "refs").rglob("*.lock")):
        if stale.name != "cockpit.lock":
            stale.unlink(missing_ok=True)
