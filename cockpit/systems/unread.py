"""Kinds of system that a configuration may name and that this version does not read: said plainly, never passed over.

Their keys are taken unchecked, so that one configuration serves this version and a later one. One that would report
changes counts among the change systems and does not answer: without it nobody knows that nothing changed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from cockpit.clock import Clock
from cockpit.config import ConfigError, SystemSpec
from cockpit.config.secrets import WAYS
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.systems.base import Check, Circumstances, Reply, Surroundings, SystemError

UNREAD: Mapping[str, tuple[Topic, ...]] = {
    "jira": (),
    "runbooks": (),
    "slack": (),
}
"""Kinds by name, and what is missing while nobody reads them."""

CADENCE_S = 600.0
"""Seconds between two times that it is said again."""

_SECRET_WORDS = ("token", "secret", "password", "api_key", "app_key")


class UnreadKind:
    """One kind that is not read; calling it builds a system, as the class of any kind does.

    Args:
        name: The kind.
        topics: What it would be asked for.
    """

    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: CADENCE_S}
    WIRE = "none"
    SETTINGS: type = object

    def __init__(self, name: str, topics: tuple[Topic, ...]) -> None:
        self.KIND = name
        self.TOPICS = topics

    def __call__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> "UnreadSystem":  # noqa: ARG002 - it asks nobody, at no time
        """Return a system of this kind.

        Raises:
            ConfigError: A key that names a secret holds it as plain text.
        """
        for key, value in spec.extra.items():
            if isinstance(value, str) and key.casefold().replace("-", "_").endswith(_SECRET_WORDS):
                raise ConfigError(f"{spec.place}.{key}", "is a secret written as plain text", WAYS)
        return UnreadSystem(spec, self.TOPICS)


def unread_kind(name: str) -> UnreadKind | None:
    """Return the kind of that name where this version knows of it without reading it, or null."""
    topics = UNREAD.get(name)
    return None if topics is None else UnreadKind(name, topics)


class UnreadSystem:
    """A configured system that nobody asks.

    Args:
        spec: Its settings.
        topics: What it would be asked for.
    """

    CADENCE = UnreadKind.CADENCE

    def __init__(self, spec: SystemSpec, topics: tuple[Topic, ...]) -> None:
        self.name = spec.name
        self.kind = spec.kind
        self.every_s = CADENCE_S
        self.insecure = False
        self.TOPICS = topics

    @property
    def reason(self) -> str:
        """Why it does not answer."""
        return f"this version does not read {self.kind} yet"

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:  # noqa: ARG002 - whatever is asked
        """Answer nothing.

        Raises:
            SystemError: Always; says why.
        """
        raise SystemError(self.reason)

    async def check(self) -> Sequence[Check]:
        """Return the one warning that there is to give."""
        if self.TOPICS:
            remedy = "its changes are missing, so RECENT CHANGE never says none; look there by hand"
        else:
            remedy = "nothing is asked of it and nothing written to it; it may stay configured"
        return [Check(self.name, "is read", ok=True, message=self.reason, remedy=remedy, warning=True)]

    async def close(self) -> None:
        """Hold nothing, so let go of nothing."""


class NoWire:
    """The wire of a system that nobody asks."""

    async def call(
        self,
        peer: str,  # noqa: ARG002 - nobody is asked
        method: str,  # noqa: ARG002 - nobody is asked
        path: str,  # noqa: ARG002 - nobody is asked
        params: Sequence[tuple[str, str]] = (),  # noqa: ARG002 - nobody is asked
        *,
        body: bytes | None = None,  # noqa: ARG002 - nobody is asked
        timeout_s: float | None = None,  # noqa: ARG002 - nobody is asked
    ) -> Reply:
        """Ask nobody.

        Raises:
            SystemError: Always.
        """
        raise SystemError("this version does not read it")

    async def close(self) -> None:
        """Hold nothing."""
