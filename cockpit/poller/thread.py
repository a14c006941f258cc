"""The watch in a thread of its own, with its own event loop, so that a stalled terminal holds nothing up."""

import asyncio
import logging
import sys
import threading
from collections.abc import Awaitable, Callable

from cockpit.poller.watch import Watch

log = logging.getLogger(__name__)
"""Where it is told that the thread ended by itself."""


class WatchThread:
    """Runs a watch beside the screen.

    Args:
        watch: What is run.
        first: Awaited in the thread before anything is asked.
        switch_interval_s: How long one thread may hold the interpreter while another wants it; null leaves it.
    """

    def __init__(
        self,
        watch: Watch,
        *,
        first: Callable[[], Awaitable[None]] | None = None,
        switch_interval_s: float | None = None,
    ) -> None:
        self.watch = watch
        self._first = first
        self._switch_interval_s = switch_interval_s
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin watching."""
        if self._switch_interval_s is not None:
            sys.setswitchinterval(self._switch_interval_s)
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> bool:
        """Ask the watch to end, wait at most so many seconds, and tell whether it has."""
        self.watch.stop()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether the thread is alive."""
        return self._thread.is_alive()

    def _run(self) -> None:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(self.watch.run(self._first))
        except Exception:
            log.exception("the watch ended")
        finally:
            _let_go(loop)


def _let_go(loop: asyncio.AbstractEventLoop) -> None:
    """Close a loop without waiting for anything that does not listen to being cancelled."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left, timeout=0.1))
    loop.run_until_complete(loop.shutdown_asyncgens())
    asyncio.set_event_loop(None)
    loop.close()
