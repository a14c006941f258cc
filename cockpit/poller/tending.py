"""How the watch tends to its tasks: for ever, one of two, and without an error of ours ending anything."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import ParamSpec

from cockpit.systems.base import System

log = logging.getLogger("cockpit.poller.watch")
"""Where errors of the watch itself go."""

AGAIN_S = 5.0
"""Seconds of the host after which what never ends, and did, begins again."""

P = ParamSpec("P")
"""What a deed takes."""


async def either(one: Coroutine[None, None, object], other: Coroutine[None, None, object]) -> None:
    """Wait for whichever ends first, and cancel the other."""
    tasks = [asyncio.create_task(one), asyncio.create_task(other)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def for_ever(name: str, deed: Callable[P, Awaitable[None]], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do something that never ends; an error of ours in it is logged, and it begins again."""
    while True:
        try:
            await deed(*args, **kwargs)
        except Exception:
            log.exception("watching %s; it begins again", name)
        await asyncio.sleep(AGAIN_S)


async def logged(deed: Callable[[], Coroutine[None, None, None]]) -> None:
    """Do what a person began; an error of ours in it is logged."""
    try:
        await deed()
    except Exception:
        log.exception("doing what a person began")


async def close(system: System) -> None:
    """Let a system go; an error of ours in it is logged."""
    try:
        await system.close()
    except Exception:
        log.exception("closing %s", system.name)
