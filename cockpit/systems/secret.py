"""Reads a secret from its source: a private file, the environment, or a command without shell and terminal."""

import os
import shlex
import signal
import stat
import subprocess

from cockpit.config import ConfigError, Secret
from cockpit.text import one_line

COMMAND_SECONDS = 10.0
"""How long a command may take to say its secret."""

LARGEST = 64 * 1024
"""Bytes that a secret may have; what is larger is something else."""

_OTHERS = stat.S_IRGRP | stat.S_IROTH


def read_secret(secret: Secret) -> str:
    """Return the secret, without the line's end; blocks for as long as a command takes.

    Raises:
        ConfigError: It cannot be had; the message names the place and the remedy, and nothing of the secret.
    """
    if secret.file is not None:
        value = _from_file(secret, os.path.expanduser(secret.file))  # noqa: PTH111 - keeps a path that has no home
    elif secret.env is not None:
        value = _from_environment(secret, secret.env)
    else:
        value = _from_command(secret, secret.command or ())
    value = value.rstrip("\r\n")
    if not value:
        raise ConfigError(secret.place, f"{source_of(secret)} is empty", "put the secret into it")
    if not value.isprintable() or not value.isascii():
        raise ConfigError(
            secret.place,
            f"{source_of(secret)} holds characters that no credential may have",
            "write the secret alone, on one line",
        )
    return value


def source_of(secret: Secret) -> str:
    """Return where a secret comes from, for errors: the file, the variable or the command's name."""
    if secret.file is not None:
        return f"{secret.file} ({secret.key})" if secret.key else secret.file
    if secret.env is not None:
        return f"the environment variable {secret.env}"
    return f"the answer of {shlex.quote((secret.command or ('',))[0])}"


def _from_file(secret: Secret, path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise ConfigError(
            secret.place, f"{path} cannot be read: {error.strerror}", "write the secret into that file"
        ) from error
    try:
        said = os.fstat(descriptor)
        if not stat.S_ISREG(said.st_mode):
            raise ConfigError(secret.place, f"{path} is no file", "name the file that holds the secret")
        if said.st_mode & _OTHERS and not secret.key:
            mode = f"{stat.S_IMODE(said.st_mode):04o}"
            raise ConfigError(
                secret.place, f"{path} can be read by others (mode {mode})", f"chmod 600 {shlex.quote(path)}"
            )
        raw = os.read(descriptor, LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(raw) > LARGEST:
        raise ConfigError(secret.place, f"{path} is too large for a secret", "name the file that holds the secret")
    text = raw.decode("utf-8", errors="replace")
    return _inside(secret, path, text) if secret.key else text


def _inside(secret: Secret, path: str, text: str) -> str:
    """Return the value at a key of another tool's YAML file."""
    import yaml

    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError):
        value = None
    for name in secret.key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, str):
        raise ConfigError(secret.place, f"{path} has no {secret.key}", "write it there, or configure the system here")
    return value


def _from_environment(secret: Secret, name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise ConfigError(secret.place, f"the environment variable {name} is not set", f"export {name}")
    return value


def _from_command(secret: Secret, command: tuple[str, ...]) -> str:
    name = shlex.quote(command[0]) if command else ""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError, IndexError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no command"
        raise ConfigError(
            secret.place, f"{name} cannot be run: {why}", "name a command that prints the secret"
        ) from None
    try:
        said, complaint = process.communicate(timeout=COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        _end(process)
        raise ConfigError(
            secret.place,
            f"{name} said nothing in {COMMAND_SECONDS:g} s",
            "name a command that asks nobody: it has no terminal",
        ) from None
    if process.returncode:
        why = one_line(complaint.decode("utf-8", errors="replace"), 200)
        if len(first := said.decode("utf-8", errors="replace").strip()) > 2:
            why = why.replace(first, "[secret]")
        raise ConfigError(
            secret.place, f"{name} failed with {process.returncode}{': ' + why if why else ''}", "run it by hand"
        )
    return said[: LARGEST + 1].decode("utf-8", errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        process.kill()
    process.communicate()
