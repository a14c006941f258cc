"""A real SSH server on loopback with a key, a configuration and a client of its own."""

import contextlib
import getpass
import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.e2e.processes import Process, free_port
from tests.needs import program

_SEPARATION = Path("/run/sshd")
"""Where a server that runs as root demands an empty folder."""

_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/client_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintLastLog no
PrintMotd no
"""


class SshServer:
    """One server that lets this user in.

    Args:
        folder: Where its keys, configuration and log are.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._port = free_port()
        for name in ("host_key", "client_key"):
            command = [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        config = folder / "sshd_config"
        config.write_text(_CONFIG.format(port=self._port, folder=folder))
        self.process = Process("sshd", [program("sshd"), "-D", "-e", "-f", str(config)], folder, self._answers)
        self._made = False

    def __enter__(self) -> Self:
        if os.getuid() == 0 and not _SEPARATION.exists():
            _SEPARATION.mkdir(mode=0o755)
            self._made = True
        self.process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
        if self._made:
            with contextlib.suppress(OSError):
                _SEPARATION.rmdir()

    def client(self, command: str) -> Sequence[str]:
        """Return how a command is run there on a terminal of its own."""
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes")
        pairs = [part for option in options for part in ("-o", option)]
        key = ["-i", str(self._folder / "client_key"), "-p", str(self._port)]
        return [program("ssh"), "-F", "none", "-tt", *pairs, *key, f"{getpass.getuser()}@127.0.0.1", command]

    def _answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self._port), 1) as connection:
            return connection.recv(4) == b"SSH-"
