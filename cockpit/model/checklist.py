"""The checklist of one alert: the hops from where users come in to its data, one line each, and what to look at."""

from dataclasses import dataclass
from enum import StrEnum

from cockpit.model.drawing import Line
from cockpit.model.health import Health


class Verdict(StrEnum):
    """What a line makes of itself, worst first."""

    LOOK = "needs a look"
    UNKNOWN = "not known"
    FINE = "looked fine"


class Way(StrEnum):
    """How one comes to a hop."""

    ENTRY = "entry"
    """Users come in here."""
    BEGIN = "begin"
    """Nothing that leads here is known."""
    CALL = "call"
    """The hop that leads here is a call."""
    NEXT = "next"
    """The next step of the journey, which the step before does not call."""
    HOST = "runs on"
    """What leads here runs on it."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """One hop of the way, before anything is known of it."""

    service: str
    way: Way
    by: str = ""
    """The service that leads here."""
    journey: str = ""
    """The journey of a next step."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One hop and what is known of it, in words on one line each."""

    service: str
    lead: bool
    """The alert's own service."""
    way: Way
    how: str
    """`ui calls it`, `after auth`."""
    health: Health
    verdict: Verdict
    state: str
    """Its health with the reason, in words."""
    change: str
    """Its last change, or how far it is known that there was none."""
    change_told: str = ""
    """The same in full, with who says so."""
    suspect: bool = False
    vendor: str = ""
    """What its status page says; empty where there is none to expect."""
    vendor_ails: bool = False
    """Its status page tells of trouble."""
    takes: tuple[tuple[str, str], ...] = ()
    """What can be taken along, as name and text: log query, dashboard, status page, support, runbook."""
    details: tuple[Line, ...] = ()
    """Everything about it in full."""
    third_party: bool = False
    ticked: bool = False
    occurrence: str = ""
    """The occurrence that its tick stands under, or would."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """All lines of one alert's checklist."""

    title: str
    """`PaymentErrorsHigh on payment`."""
    counts: tuple[str, ...] = ()
    """`6 hops, 1 firing, 2 not known, 3 ticked`, and the same shorter; the longest that there is room for."""
    lines: tuple[CheckLine, ...] = ()
    heading: Line = ()
    """What stands over the columns."""
    rows: tuple[Line, ...] = ()
    """The lines as they are painted, one each."""
    below: tuple[str, ...] = ()
    """What is left out, and what is in the way of knowing more."""
    stale: bool = False
    """Nobody answers: it is the last that is known."""
