"""The identities of alerts and folds, and the states of an alert: what panes need before anything was answered."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """The state of an alert, told honestly; flapping is a mark beside it."""

    FIRING = "firing"
    PENDING = "pending"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    RESOLVED = "resolved"
    LOST = "lost"


class AlertKey(NamedTuple):
    """The identity of an alert: its fingerprint within one system."""

    system: str
    """The name of the system in the configuration."""
    id: str
    """The fingerprint."""


class FoldKey(NamedTuple):
    """The identity of a fold: one alertname, one service, one cluster."""

    name: str
    service: str
    cluster: str
