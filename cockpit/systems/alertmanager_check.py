"""What `doctor` finds out about an Alertmanager cluster, with requests that change nothing."""

import re
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from cockpit.clock import Clock
from cockpit.model.reading import WRONG_S
from cockpit.model.topology import ToolHop
from cockpit.spans import rfc3339, say_seconds
from cockpit.systems.alertmanager_answers import RawServer
from cockpit.systems.answers import decode, decode_list, require_json, utc
from cockpit.systems.base import Check, Reply, SystemError
from cockpit.systems.http import skew_of
from cockpit.systems.peers import Peers
from cockpit.text import one_line

SKEW_S = 5.0
"""Seconds from which a server's clock is told."""

NTP = "set the clocks by NTP"
"""What is to be done about clocks."""

Get = Callable[[str, str, Sequence[tuple[str, str]]], Awaitable[Reply]]
"""Asks one peer for a path with parameters; raises SystemError."""


class _Print(msgspec.Struct):
    fingerprint: str = ""


class _Found:
    """What one peer said."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.server: RawServer | None = None
        self.alerts: set[str] | None = None


async def checks(
    name: str, peers: Peers, get: Get, params: Sequence[tuple[str, str]], tools: Sequence[ToolHop], clock: Clock
) -> list[Check]:
    """Return a line for each peer's status and alerts, for the cluster, and for each tool it must talk to.

    Args:
        name: The system's.
        peers: Its peers.
        get: Asks one.
        params: What alerts are asked with.
        tools: The map's tool integrations.
        clock: For the skew of clocks.
    """
    told: list[Check] = []
    found: list[_Found] = []
    for url in peers.urls:
        one = _Found(peers.addresses[url])
        found.append(one)
        told.append(await _status(name, url, one, get, clock))
        told.append(await _alerts(name, url, one, get, params))
    told += _cluster(name, found)
    told += _tools(name, found, tools)
    return told


async def _status(name: str, url: str, one: _Found, get: Get, clock: Clock) -> Check:
    what = f"GET /api/v2/status on {one.address}"
    try:
        reply = await get(url, "/api/v2/status", ())
        skew = skew_of(reply, clock.now())
        one.server = server = decode(require_json(reply), RawServer)
    except SystemError as error:
        return _failed(name, what, error)
    since = rfc3339(utc(server.uptime))
    message = f"Alertmanager {one_line(server.versionInfo.version, 40) or 'of unknown version'}"
    message += f", cluster {one_line(server.cluster.status, 40)}"
    message += f", up since {since}" if since else ""
    if abs(skew) > WRONG_S:
        return Check(name, what, True, f"{message}; its clock is wrong by {say_seconds(abs(skew))}", NTP, True)
    if abs(skew) >= SKEW_S:
        ahead = "ahead of" if skew > 0 else "behind"
        return Check(name, what, True, f"{message}; its clock is {abs(skew):.0f} s {ahead} ours", NTP, True)
    return Check(name, what, True, message)


async def _alerts(name: str, url: str, one: _Found, get: Get, params: Sequence[tuple[str, str]]) -> Check:
    what = f"GET /api/v2/alerts on {one.address}"
    try:
        raws = decode_list(require_json(await get(url, "/api/v2/alerts", params)))
    except SystemError as error:
        return _failed(name, what, error)
    one.alerts = set()
    for raw in raws:
        try:
            one.alerts.add(decode(raw, _Print).fingerprint)
        except SystemError as error:
            return Check(name, what, False, str(error), "report this answer; one broken alert hides no other")
    return Check(name, what, True, "1 alert" if len(raws) == 1 else f"{len(raws)} alerts")


def _failed(name: str, what: str, error: SystemError) -> Check:
    text = str(error)
    if "refused" in text and error.status is None:
        remedy = "is it running, and is the port right?"
    elif error.status in {401, 403}:
        remedy = "check the credentials"
    elif "verify" in text or "certificate" in text:
        remedy = 'verify = "/path/to/ca.pem"'
    else:
        remedy = "check the address, and the network between"
    return Check(name, what, False, text, remedy)


def _cluster(name: str, found: Sequence[_Found]) -> list[Check]:
    """Compare the peers with one another."""
    servers = [one.server for one in found if one.server is not None]
    told: list[Check] = []
    members = max((len(server.cluster.peers or ()) for server in servers), default=0)
    what = "cluster"
    if members > len(found):
        message = f"it has {members} members, {len(found)} configured: alerts that only the others hold are not seen"
        told.append(Check(name, what, True, message, "add their addresses to urls", warning=True))
    elif len(found) > 1 and servers and members < len(found):
        message = f"{len(found)} peers are configured, but the cluster has {max(members, 1)} member(s)"
        told.append(
            Check(name, what, False, message, "give each peer --cluster.peer of the others, or make it two systems")
        )
    elif len(found) > 1 and servers:
        told.append(Check(name, what, True, f"{members} members, all configured"))
    held = [one for one in found if one.alerts is not None]
    if len(held) > 1:
        told.append(_agreement(name, held))
    return told


def _agreement(name: str, held: Sequence[_Found]) -> Check:
    sets = [one.alerts or set() for one in held]
    alone = sets[0].union(*sets[1:]) - sets[0].intersection(*sets[1:])
    if not alone:
        return Check(name, "peers agree", True, f"all hold the same {len(sets[0])} alerts")
    fewest = min(held, key=lambda one: len(one.alerts or ()))
    message = f"{len(alone)} alert(s) are not on all peers; {fewest.address} holds the fewest"
    remedy = "peers do not share alerts: every Prometheus must send to each of them"
    return Check(name, "peers agree", True, message, remedy, warning=True)


def _tools(name: str, found: Sequence[_Found], tools: Sequence[ToolHop]) -> list[Check]:
    """Look in the configuration for the receivers that the map says it talks to, and the label they are routed by."""
    config = next((one.server.config.original for one in found if one.server is not None), None)
    if not config:
        return []
    told: list[Check] = []
    for hop in tools:
        if hop.source not in {name, "alertmanager"}:
            continue
        what = f"{hop.source} -> {hop.target}"
        if not re.search(rf"(?m)^\s*(?:- )?{re.escape(hop.target)}_configs:", config) and hop.target not in config:
            told.append(Check(name, what, False, "no receiver of that kind", f"add {hop.target}_configs to a receiver"))
        elif hop.label and not re.search(rf"\b{re.escape(hop.label)}\b", config):
            message = f"a receiver is there, but the label {hop.label} stands nowhere in its configuration"
            told.append(Check(name, what, True, message, f"route by {hop.label}, or pass it on", warning=True))
        else:
            told.append(Check(name, what, True, "a receiver is configured"))
    return told
