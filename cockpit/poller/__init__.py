"""Asks every system at its cadence, turns answers and failures into readings, and moves one board forward."""

from cockpit.poller.asking import Asked, Request, ask
from cockpit.poller.cadence import every_of, next_delay
from cockpit.poller.forward import fast_forward
from cockpit.poller.thread import WatchThread
from cockpit.poller.watch import Watch

__all__ = ["Asked", "Request", "Watch", "WatchThread", "ask", "every_of", "fast_forward", "next_delay"]
