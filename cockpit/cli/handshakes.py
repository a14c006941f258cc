"""What `cockpit doctor` makes of a board: every handshake between tools, and what the map needs to be answered."""

from collections.abc import Iterable

from cockpit.board.state import Board
from cockpit.model.alert import State
from cockpit.model.handshake import Condition, Handshake
from cockpit.model.reading import Topic
from cockpit.systems.base import Check
from cockpit.triage.handshakes import handshakes as judged

UNKNOWN = Condition.UNKNOWN.value
"""How the message of a check begins that nobody could make."""


def handshakes(board: Board) -> tuple[Check, ...]:
    """Return every handshake as a check, and what else a board tells: senders, queries, names."""
    return (
        *map(as_check, judged(board)),
        *_senders(board),
        *_scopes(board),
        *_vendors(board),
        *_names(board),
    )


def as_check(one: Handshake) -> Check:
    """Return a handshake as a line of `doctor`; what is not known is no failure, and begins with these words."""
    message = one.seen
    if one.condition is Condition.UNKNOWN and not message.startswith(UNKNOWN):
        message = f"{UNKNOWN}: {message}"
    return Check(
        one.place,
        one.check or one.question,
        ok=one.condition is not Condition.FAILS,
        message=message,
        remedy=one.remedy,
        warning=one.condition is Condition.WARNING,
    )


def _senders(board: Board) -> Iterable[Check]:
    """An alert's current value is asked of the Prometheus that its `generatorURL` names: it has to be configured."""
    reporting = [alert for alert in board.alerts.values() if alert.state == State.FIRING and alert.generator]
    unknown = [alert for alert in reporting if alert.prometheus is None]
    if reporting and any(Topic.RULES in expected.topics for expected in board.setup.systems):
        check = "each alert's Prometheus is configured"
        message = f"{len(reporting) - len(unknown)} of {len(reporting)} firing alerts"
        remedy = f"add the Prometheus behind {unknown[0].generator}" if unknown else ""
        yield Check("alerts", check, ok=True, message=message, remedy=remedy, warning=bool(unknown))


def _scopes(board: Board) -> Iterable[Check]:
    """The map's scope queries need an answer with a value."""
    wanted = [service.name for service in board.setup.map.services.values() if service.scope]
    answering = any(Topic.SCOPES in expected.topics for expected in board.setup.systems)
    for name in wanted if answering else ():
        check = f"scope of {name}"
        found = board.scopes.get(name)
        if found is None:
            yield Check("map", check, ok=False, message="no Prometheus answered it", remedy="see the checks above")
            continue
        system, sample = found
        if sample.error:
            yield Check(system, check, ok=False, message=sample.error, remedy="correct the query in the map")
        elif sample.value is None:
            yield Check(system, check, ok=True, message="no data now", remedy="try it by hand", warning=True)
        else:
            yield Check(system, check, ok=True, message=f"{sample.value:.3g}")


def _vendors(board: Board) -> Iterable[Check]:
    """The map's status pages need somebody who asks them."""
    pages = [service.name for service in board.setup.map.services.values() if service.status_page]
    if pages and not any(Topic.STATUS in expected.topics for expected in board.setup.systems):
        message = f"{len(pages)} in the map, and nobody outside is asked"
        remedy = "to ask them add [contexts.NAME.systems.statuspage] to the configuration"
        yield Check("map", "status pages of third parties", ok=True, message=message, remedy=remedy)


def _names(board: Board) -> Iterable[Check]:
    """Alerts should belong to services of the map."""
    if board.setup.map.empty or not board.alerts:
        return
    unmapped = sorted({alert.service or alert.name for alert in board.alerts.values() if not alert.mapped})
    message = f"{sum(alert.mapped for alert in board.alerts.values())} of {len(board.alerts)} alerts"
    remedy = f"not in the map: {', '.join(unmapped[:5])}" if unmapped else ""
    yield Check("map", "alerts belong to its services", ok=True, message=message, remedy=remedy, warning=bool(unmapped))
