"""Proves PagerDuty with harmless requests: what it may be asked, and what of the map it does not know."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from cockpit.model.reading import OnCallSeen
from cockpit.systems.base import Check, Circumstances, SystemError
from cockpit.systems.failures import remedy_for
from cockpit.systems.pagerduty_account import Account, moment

_SHOWN = 5


async def check_changes(account: Account) -> Check:
    """Ask for one change event."""
    what = f"GET {account.url}/change_events"
    now = account.clock.now()
    params = [("since", moment(now - timedelta(hours=4))), ("until", moment(now)), ("limit", "1")]
    try:
        await account.page("/change_events", params, Circumstances())
    except SystemError as error:
        return Check(account.name, what, ok=False, message=str(error), remedy=_remedy(error, "change_events.read"))
    return Check(account.name, what, ok=True, message="answers")


def not_covering(name: str) -> Check:
    """Say that nobody has told which services send all their changes."""
    told = "not said which services send all their changes here"
    remedy = 'name them: covers = ["payment"], or ["*"] for all of the map; else nobody says that nothing changed'
    return Check(name, "covers", ok=True, message=told, remedy=remedy, warning=True)


async def check_services(account: Account, mapped: Mapping[str, tuple[str, ...]]) -> Check:
    """Ask for its services, and say which ids of the map are none of them."""
    what = f"GET {account.url}/services"
    try:
        known = await account.services()
    except SystemError as error:
        message, remedy = f"no names and teams: {error}", _remedy(error, "services.read")
        return Check(account.name, what, ok=True, message=message, remedy=remedy, warning=True)
    strange = [f"{names[0]} ({number})" for number, names in mapped.items() if number not in known]
    if strange:
        told = f"does not know {', '.join(strange[:_SHOWN])}"
        remedy = "correct the pagerduty ids of these services in the map"
        return Check(account.name, what, ok=True, message=told, remedy=remedy, warning=True)
    return Check(account.name, what, ok=True, message=f"{len(known)} services")


async def check_on_call(
    account: Account, policies: Mapping[str, str], ask: Callable[[Circumstances], Awaitable[OnCallSeen]]
) -> Check:
    """Ask who is on call, and say for which teams nobody is."""
    what = f"GET {account.url}/oncalls"
    if not policies:
        remedy = "give the map's teams their escalation policy: pagerduty: PABC123"
        return Check(
            account.name, "who is on call", ok=True, message="no team names a policy", remedy=remedy, warning=True
        )
    around = Circumstances()
    try:
        told = {duty.policy for duty in (await ask(around)).duties}
    except SystemError as error:
        return Check(account.name, what, ok=False, message=str(error), remedy=_remedy(error, "oncalls.read"))
    nobody = [f"{team} ({policy})" for policy, team in policies.items() if policy not in told]
    if nobody or around.partial:
        words = f"nobody on call for {', '.join(nobody[:_SHOWN])}" if nobody else around.partial or ""
        remedy = "is that the id of an escalation policy that this token may see, with somebody on call?"
        return Check(account.name, what, ok=True, message=words, remedy=remedy, warning=True)
    message = f"somebody is on call for {len(policies)} of {len(policies)} escalation policies"
    return Check(account.name, what, ok=True, message=message)


def _remedy(error: SystemError, scope: str) -> str:
    if error.status == 401:
        return "make a REST API key (read-only is enough) and point the token setting at it"
    if error.status == 403:
        return f"a scoped token needs {scope}"
    where = "is the address right (accounts in Europe: https://api.eu.pagerduty.com), and may it be reached from here?"
    return remedy_for(error, where)
