"""Keeps calls as they are answered: line by line, flushed each, private, without secrets."""

import hashlib
import logging
import os
import threading
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Self

from cockpit.clock import Clock, SystemClock
from cockpit.systems.recording.call import Call
from cockpit.systems.recording.file import Header, head_line, open_new
from cockpit.systems.recording.lines import call_line
from cockpit.systems.recording.redact import Redactor

log = logging.getLogger(__name__)
"""Where a recording that cannot be written any more is told."""


def _no_secrets() -> Iterable[str]:
    return ()


class RecordingWriter:
    """Appends calls to a new file; several systems may share one, from any thread.

    Args:
        path: The file; packed where its name ends in .gz.
        header: What the recording says of itself.
        secrets: Told at each call which secrets are known by now; none of them is written.
        force: Whether a file that exists is overwritten.
        clock: Says when a call was asked and answered.

    Raises:
        ConfigError: The file exists, or cannot be written.
    """

    def __init__(
        self,
        path: Path,
        header: Header,
        secrets: Callable[[], Iterable[str]] = _no_secrets,
        force: bool = False,
        clock: Clock | None = None,
    ) -> None:
        self.path = path
        self.clock: Clock = SystemClock() if clock is None else clock
        self.calls = 0
        """How many calls were kept."""
        self.error: str | None = None
        """Why nothing more is kept, where that is so."""
        self._secrets = secrets
        self._redact = Redactor()
        self._known: dict[bytes, int] = {}
        self._lock = threading.Lock()
        self._pack = zlib.compressobj(6, zlib.DEFLATED, 31) if path.name.endswith(".gz") else None
        self._file = os.fdopen(open_new(path, force=force), "wb", buffering=0)
        self._redact.learn(secrets())
        self._write(self._redact(head_line(header).decode()).encode())

    def now(self) -> datetime:
        """Return the moment, as the recording counts it."""
        return self.clock.now()

    def add(self, call: Call) -> None:
        """Keep one call; a disk that is full ends the recording and nothing else."""
        with self._lock:
            if self.error is not None or self._file.closed:
                return
            self._redact.learn(self._secrets())
            kept = self._without_secrets(call)
            same = None
            if kept.error is None:
                same = self._known.setdefault(hashlib.sha256(kept.body).digest(), self.calls)
            self._write(call_line(kept, None if same == self.calls else same))
            self.calls += 1

    def _without_secrets(self, call: Call) -> Call:
        redact = self._redact
        try:
            body = redact(call.body.decode()).encode()
        except UnicodeDecodeError:
            body = redact(call.body.decode("latin-1")).encode("latin-1")
        return replace(
            call,
            peer=redact(call.peer),
            path=redact(call.path),
            params=tuple((name, redact(value)) for name, value in call.params),
            sent=None if call.sent is None else redact(call.sent),
            headers={name: redact(value) for name, value in call.headers.items()},
            body=body,
            error=None if call.error is None else redact(call.error),
        )

    def _write(self, line: bytes) -> None:
        try:
            if self._pack is None:
                self._put(line)
            else:
                self._put(self._pack.compress(line) + self._pack.flush(zlib.Z_SYNC_FLUSH))
        except OSError as error:
            self.error = f"{self.path}: {error.strerror or error}"
            log.warning("the recording ends here: %s", self.error)

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) or 0 :]

    def close(self) -> None:
        """End the file; what was written before is whole already."""
        with self._lock:
            if self._file.closed:
                return
            try:
                if self._pack is not None and self.error is None:
                    self._put(self._pack.flush(zlib.Z_FINISH))
            except OSError as error:
                self.error = f"{self.path}: {error.strerror or error}"
            finally:
                self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
