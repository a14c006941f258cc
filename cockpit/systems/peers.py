"""Asks the peers of one cluster side by side: each may fail by itself, and a dead one keeps nobody waiting long."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from cockpit.model.reading import Peer
from cockpit.systems.addresses import addresses_of, bare_url
from cockpit.systems.base import Circumstances, SystemError

T = TypeVar("T")

GRACE_S = 3.0
"""Seconds that the other peers have at least, once one has answered."""

GRACE_DOWN_S = 1.0
"""The same for a peer that did not answer last time."""

PATIENT_EVERY = 5
"""A peer that is down gets the longer grace every so many times: it may be slow, not dead."""


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """What one peer answered."""

    url: str
    address: str
    answer: T


class _State:
    """What is remembered of one peer between two polls."""

    def __init__(self) -> None:
        self.failures = 0
        self.known = False
        self.error: str | None = None
        self.started: datetime | None = None


class Peers:
    """The peers of one cluster.

    Args:
        urls: As configured; credentials in them are dropped here.
    """

    def __init__(self, urls: Sequence[str]) -> None:
        self.urls = tuple(map(bare_url, urls))
        self.addresses = addresses_of(self.urls)
        self._states = {url: _State() for url in self.urls}

    def started(self, url: str, at: datetime | None) -> None:
        """Note when a peer was started."""
        self._states[url].started = at

    def in_order(self) -> tuple[str, ...]:
        """Return the peers, those that answered last time first."""
        return tuple(sorted(self.urls, key=lambda url: self._states[url].failures > 0))

    def reachable(self) -> tuple[str, ...]:
        """Return the peers that answered last time, or all where none did."""
        return tuple(url for url in self.urls if not self._states[url].failures) or self.urls

    def was_down(self, url: str) -> bool:
        """Tell whether a peer did not answer last time."""
        return self._states[url].failures > 0

    def report(self, errors: Mapping[str, SystemError | None] | None = None) -> tuple[Peer, ...]:
        """Return how each peer that was ever asked does, in the order of the configuration.

        Args:
            errors: By URL, what another question than the usual one came to: it counts in its stead.
        """
        told: list[Peer] = []
        for url, state in self._states.items():
            error = state.error
            if errors is not None and url in errors:
                error = str(errors[url]) if errors[url] is not None else None
            elif not state.known:
                continue
            told.append(Peer(self.addresses[url], error is None, error, state.started))
        return tuple(told)

    async def ask(
        self, call: Callable[[str], Awaitable[T]], around: Circumstances, *, aside: bool = False
    ) -> list[Said[T]]:
        """Ask peers side by side and return the answers of those that gave one, in the order of the configuration.

        How each peer did is told in `around`, also where all failed.

        Args:
            call: Asks one peer, by its URL.
            around: Gets the peers.
            aside: A question beside the usual one: only peers that answered last are asked, and how they do is
                not remembered.

        Raises:
            SystemError: None answered; names each with its reason.
        """
        wanted = self.reachable() if aside else self.in_order()
        tasks: dict[asyncio.Future[T], str] = {asyncio.ensure_future(call(url)): url for url in wanted}
        answers: dict[str, T] = {}
        errors: dict[str, SystemError] = {}
        try:
            await self._gather(tasks, answers, errors)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if not aside:
            for url in wanted:
                self._note(url, errors.get(url))
        around.peers = self.report({url: errors.get(url) for url in wanted})
        if not answers:
            raise self._all_failed(errors)
        return [Said(url, self.addresses[url], answers[url]) for url in self.urls if url in answers]

    async def _gather(
        self, tasks: dict[asyncio.Future[T], str], answers: dict[str, T], errors: dict[str, SystemError]
    ) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        first: float | None = None
        pending = set(tasks)
        while pending:
            timeout = None if first is None else max(0.0, self._deadline(first, pending, tasks) - (loop.time() - began))
            done, pending = await asyncio.wait(pending, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                try:
                    answers[tasks[task]] = task.result()
                    first = loop.time() - began if first is None else first
                except SystemError as error:
                    errors[tasks[task]] = error
            if not done and first is not None:
                late = {task for task in pending if self._allowed(first, tasks[task]) <= loop.time() - began}
                for task in late:
                    waited = self._allowed(first, tasks[task])
                    errors[tasks[task]] = SystemError(f"no answer in {waited:.1f} s, while another peer answered")
                pending -= late

    def _deadline(self, first: float, pending: set[asyncio.Future[T]], tasks: dict[asyncio.Future[T], str]) -> float:
        return min(self._allowed(first, tasks[task]) for task in pending)

    def _allowed(self, first: float, url: str) -> float:
        """Return how many seconds a peer may take, when the first one took so many."""
        failures = self._states[url].failures
        if failures and failures % PATIENT_EVERY:
            return max(first + GRACE_DOWN_S, 2 * first)
        return max(first + GRACE_S, 4 * first)

    def _note(self, url: str, error: SystemError | None) -> None:
        state = self._states[url]
        state.known = True
        state.error = None if error is None else str(error)
        state.failures = 0 if error is None else state.failures + 1

    def _all_failed(self, errors: dict[str, SystemError]) -> SystemError:
        told = "; ".join(f"{self.addresses[url]}: {errors[url]}" for url in self.urls if url in errors)
        rests = [error.retry_after_s for error in errors.values() if error.retry_after_s is not None]
        statuses = {error.status for error in errors.values()}
        return common_kind(list(errors.values()))(
            told or "no address is configured",
            retry_after_s=min(rests) if len(rests) == len(errors) and rests else None,
            status=statuses.pop() if len(statuses) == 1 else None,
        )


def common_kind(errors: Sequence[SystemError]) -> type[SystemError]:
    """Return the class that all of the errors have, or the plain one."""
    kinds = set(map(type, errors))
    return kinds.pop() if len(kinds) == 1 else SystemError
