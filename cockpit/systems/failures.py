"""Failures in an engineer's words: of connections, of HTTP statuses, and what a server said about them."""

import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import msgspec

from cockpit.config import SystemSpec
from cockpit.systems.base import Reply, SystemError
from cockpit.text import one_line

LONGEST_REST_S = 3900.0
"""Seconds for which a server is left alone at most: limits that are counted by the hour are kept, but on-call cannot be
blind for a day because one header says so."""

SAID = 300
"""Characters kept of what a server says about an error."""


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and everything that led to it, groups included, each once."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions


def remedy_for(error: SystemError, otherwise: str) -> str:
    """Return what to do about an error: nothing but wait where a server asked for that, whatever its status was."""
    if error.retry_after_s is not None:
        return "try again after that; whoever asks with the same credentials shares their limit"
    return otherwise


def transport_words(error: BaseException, host: str, place: str) -> str:
    """Return why nothing came back, with the remedy where there is one.

    Args:
        error: What the HTTP library raised.
        host: The host's name, for errors of the name service.
        place: Where the configuration names the system.
    """
    causes = [cause for cause in causes_of(error) if not isinstance(cause, ssl.SSLWantReadError)]
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = one_line(cause.verify_message or cause.reason or "not valid", SAID)
            return f"its certificate is not trusted: {why} (set verify to the CA's file{_at(place)})"
        if isinstance(cause, socket.gaierror):
            return f"the name {one_line(host, 100)} is not known (DNS: {cause.strerror or 'no answer'})"
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {_tls_words(cause)}"
    for cause in causes:
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "the connection was reset"
    for cause in causes:
        if isinstance(cause, OSError) and cause.errno is not None and cause.strerror:
            return one_line(cause.strerror, SAID).lower()
    return _protocol_words(error)


def _tls_words(error: ssl.SSLError) -> str:
    reason = (error.reason or "").replace("_", " ").lower()
    if "wrong version" in reason or "http request" in reason:
        return f"{reason} (does that port speak https?)"
    return reason or one_line(str(error), SAID) or "no reason given"


def _protocol_words(error: BaseException) -> str:
    text = str(error).lower()
    if "without sending a response" in text or "disconnected" in text:
        return "the connection was closed without an answer"
    if "incomplete" in text or "closed connection" in text:
        return "the answer broke off"
    if type(error).__name__ == "ProxyError":
        return "the proxy refused the connection"
    if "protocol" in type(error).__name__.lower():
        return "answered something that is not HTTP"
    return f"the connection broke ({type(error).__name__})"


def _at(place: str, key: str = "") -> str:
    where = f"{place}.{key}" if place and key else place
    return f" in {where}" if where else ""


def what_it_said(reply: Reply) -> str:
    """Return a server's own words about an error, whichever of the known shapes they have; empty for none.

    A JSON string; an object with message, error, detail or errors; plain text. Web pages are not quoted.
    """
    body = reply.body[:65536]
    if not body.strip() or is_web_page(reply):
        return ""
    try:
        said = msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return one_line(body.decode("utf-8", errors="replace"), SAID)
    return one_line(_from_json(said), SAID)


def _from_json(said: object) -> str:
    if isinstance(said, str):
        return said
    if isinstance(said, list):
        return "; ".join(filter(None, map(_from_json, said[:5])))
    if isinstance(said, dict):
        for key in ("error", "message", "detail", "errors", "errorMessages", "messages", "msg", "text"):
            if said.get(key):
                return _from_json(said[key])
    return ""


def is_web_page(reply: Reply) -> bool:
    """Tell whether an answer is HTML, by what it says of itself or by how it begins."""
    begins = reply.body[:64].lstrip().lower()
    return "html" in reply.headers.get("content-type", "").lower() or begins.startswith((b"<!doctype", b"<html"))


def http_date(text: str) -> datetime | None:
    """Return the moment that a Date header, or one like it, says; null for what is none, or what no calendar has."""
    try:
        there = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return there if there.tzinfo is not None else None


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number or a date), at most somewhat over an hour."""
    if not value:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(LONGEST_REST_S, float(text[:9]))
    there = http_date(text)
    if there is None:
        return None
    return min(LONGEST_REST_S, max(0.0, (there - now).total_seconds()))


def refused(reply: Reply, spec: SystemSpec, path: str, now: datetime) -> SystemError | None:
    """Return the error for an answer whose status is none of the 200s, or null where it is one.

    The message names the setting that would help: the credential for 401, the address for 404.
    """
    if 200 <= reply.status < 300:
        return None
    rest = retry_after(reply.headers.get("retry-after"), now) if reply.status in {429, 502, 503, 504} else None
    words = f"{_status_line(reply.status)}{_why(reply, spec, path, rest)}"
    return SystemError(words, retry_after_s=rest, status=reply.status)


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _why(reply: Reply, spec: SystemSpec, path: str, rest: float | None) -> str:
    said = what_it_said(reply)
    if reply.status == 401:
        return f": {_credential(spec)}"
    if reply.status == 403:
        return f": {said or 'these credentials may not ask that'}{_setting(spec)}"
    if reply.status == 404:
        return f": {said or 'nothing there'} (at {one_line(path, 100)}: is the address right, with its route prefix?)"
    if reply.status == 407:
        return ": the proxy wants credentials"
    if rest is not None:
        return f": asks to be left alone for {rest:.0f} s{' (' + said + ')' if said else ''}"
    if is_web_page(reply):
        return ": with a web page, not JSON"
    return f": {said}" if said else ""


def _credential(spec: SystemSpec) -> str:
    """Return which credential was refused, and the setting that holds it."""
    if spec.token is not None:
        return f"the token was refused (setting token{_at(spec.place)})"
    if spec.password is not None or spec.user is not None:
        return f"user and password were refused (settings user, password{_at(spec.place)})"
    if spec.api_key is not None:
        return f"the key was refused (settings api_key, app_key{_at(spec.place)})"
    if spec.headers:
        return f"the credentials were refused (setting headers{_at(spec.place)})"
    return f"it wants credentials: set token, or user and password{_at(spec.place)}"


def _setting(spec: SystemSpec) -> str:
    return f" ({spec.place})" if spec.place else ""
