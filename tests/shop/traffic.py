"""The shop itself, without a server: what customers ask of it, what fails, and what its services count.

Time is passed in. Between two moments the shop lives through whole ticks, so that all its counters agree: when
every attempt fails at the payment step, attempts and failures grow by the same whole number.
"""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.shop.ramp import Ramp, level

ATTEMPTS_PER_S = 47.0
"""Checkouts that customers attempt in a usual second."""

DECLINED = 0.004
"""Share of payments that fail on a usual day: expired cards."""

MEMORY_S = 86_400.0
"""For how long the shop has been counting when it opens: its counters do not begin at nought."""


@dataclass(slots=True)
class Service:
    """One service of the shop: its version, its load and what it has counted."""

    name: str
    version: str
    per_attempt: float
    """Requests that one checkout makes of it, or, behind the payment step, one paid checkout."""
    latency_s: Ramp
    """The 99th percentile of its response times."""
    failing: Ramp = field(default_factory=lambda: level(0.0005))
    """Share of its requests that it fails for reasons of its own."""
    replicas: int = 3
    built: bool = True
    """Whether it is deployed by a team of the shop, and so tells its version."""
    after_payment: bool = False
    """Reached only by checkouts that were paid."""
    requests: float = 0.0
    errors: float = 0.0
    restarts: dict[str, int] = field(default_factory=dict)
    """Restarts by pod."""

    def pods(self) -> tuple[str, ...]:
        """Return the names of its pods, with the hashes that a deployment gives them."""
        letters = "bcdfghjklmnpqrstvwxz2456789"
        chance = random.Random(self.name)  # names stay the same from run to run
        deployment = "".join(chance.choices(letters, k=10))
        return tuple(f"{self.name}-{deployment}-{''.join(chance.choices(letters, k=5))}" for _ in range(self.replicas))


def services() -> dict[str, Service]:
    """Return the services of the checkout map as they are on a good day."""
    listed = (
        Service("ui", "v8.2.0", 3.0, level(0.31), replicas=14),
        Service("mobile", "v5.11.2", 1.1, level(0.29), built=False),
        Service("partner", "v2.0.7", 0.4, level(0.34), built=False),
        Service("ads", "v1.44.0", 2.2, level(0.012), built=False),
        Service("auth", "v4.1.3", 1.3, level(0.031), failing=level(0.002)),
        Service("session", "v2.9.0", 4.0, level(0.001), built=False),
        Service("catalog", "v3.18.1", 2.4, level(0.21)),
        Service("search", "v6.3.0", 1.6, level(0.044)),
        Service("pricing", "v1.27.4", 1.8, level(0.018)),
        Service("payment", "v2.3.9", 1.0, level(0.18)),
        Service("fraud", "v0.14.2", 1.0, level(0.06)),
        Service("card-gateway", "v2026.10", 1.0, level(0.24), built=False),
        Service("order", "v3.5.1", 1.0, level(0.09), after_payment=True),
        Service("ledger", "v1.8.8", 1.0, level(0.04), after_payment=True, built=False),
        Service("inventory", "v1.9.2", 1.2, level(0.05), after_payment=True),
        Service("stock-db", "v15.8", 2.6, level(0.008), after_payment=True, built=False),
    )
    return {service.name: service for service in listed}


@dataclass(slots=True)
class Gauge:
    """A single measurement that somebody sets."""

    service: str
    name: str
    labels: Mapping[str, str]
    value: Ramp


class Shop:
    """Customers, services and counters; broken and repaired by the methods named after what happens.

    Args:
        now: The moment it opens, in seconds since 1970.
        tick_s: The steps in which it lives; a live shop takes a quarter of a second.
    """

    def __init__(self, now: float, tick_s: float = 0.25) -> None:
        self.now = now
        self.tick_s = tick_s
        self.services = services()
        self.gauges: dict[tuple[str, str, tuple[tuple[str, str], ...]], Gauge] = {}
        self.failing = level(DECLINED)
        """Share of payments that fail."""
        self.attempts = int(ATTEMPTS_PER_S * MEMORY_S)
        self.payment_errors = int(self.attempts * DECLINED)
        self.orders = self.attempts - self.payment_errors
        self._attempt_carry = 0.0
        self._error_carry = 0.0
        for service in self.services.values():
            service.requests = float(int(self.attempts * service.per_attempt))
            service.errors = float(int(service.requests * 0.001))

    def advance(self, now: float) -> None:
        """Live until this moment."""
        while self.now + self.tick_s <= now:
            self.now += self.tick_s
            self._tick()

    def deploy(self, service: str, version: str) -> None:
        """Replace a service's version, from now on."""
        self.services[service].version = version

    def break_payment(self, points: tuple[tuple[float, float], ...] = ((0.0, 1.0),)) -> None:
        """Let a share of payments fail: seconds from now, and the share then."""
        self.failing = Ramp(self.now, points)

    def repair_payment(self) -> None:
        """Let payments work again."""
        self.failing = level(DECLINED)

    def slow(self, service: str, seconds: float, within_s: float = 20.0) -> None:
        """Raise or lower a service's 99th percentile, over so many seconds."""
        state = self.services[service]
        state.latency_s = Ramp(self.now, ((0.0, state.latency_s.at(self.now)), (within_s, seconds)))

    def fail(self, service: str, share: float, within_s: float = 10.0) -> None:
        """Let a service fail a share of its requests, over so many seconds."""
        state = self.services[service]
        state.failing = Ramp(self.now, ((0.0, state.failing.at(self.now)), (within_s, share)))

    def restart(self, service: str, pods: int, times: int = 3) -> None:
        """Restart the first so many pods of a service."""
        state = self.services[service]
        for pod in state.pods()[:pods]:
            state.restarts[pod] = state.restarts.get(pod, 0) + times

    def measure(
        self, service: str, name: str, value: float, labels: Mapping[str, str] | None = None, *, within_s: float = 0.0
    ) -> None:
        """Set a gauge of a service, at once or over so many seconds."""
        labels = labels or {}
        key = (service, name, tuple(sorted(labels.items())))
        known = self.gauges.get(key)
        points: tuple[tuple[float, float], ...] = ((0.0, value),)
        if known is not None and within_s > 0:
            points = ((0.0, known.value.at(self.now)), (within_s, value))
        self.gauges[key] = Gauge(service, name, dict(sorted(labels.items())), Ramp(self.now, points))

    def _tick(self) -> None:
        """Live through one tick: so many customers, each going as far as they get."""
        self._attempt_carry += self._demand() * self.tick_s
        attempts = int(self._attempt_carry)
        self._attempt_carry -= attempts
        share = self.failing.at(self.now)
        self._error_carry += attempts * share
        errors = attempts if share >= 1.0 else min(attempts, int(self._error_carry))
        self._error_carry = 0.0 if share >= 1.0 else self._error_carry - errors
        paid = attempts - errors
        self.attempts += attempts
        self.payment_errors += errors
        self.orders += paid
        for service in self.services.values():
            reached = paid if service.after_payment else attempts
            service.requests += reached * service.per_attempt
            service.errors += reached * service.per_attempt * service.failing.at(self.now)
        self.services["payment"].errors += errors

    def _demand(self) -> float:
        """Return checkouts per second now: a day's wave, and smaller ones."""
        day = math.sin(2 * math.pi * (self.now % 86_400 / 86_400 - 0.3))
        ripple = math.sin(self.now / 37.0) + math.sin(self.now / 11.3) + math.sin(self.now / 201.0)
        return ATTEMPTS_PER_S * (1.0 + 0.05 * day + 0.012 * ripple)
