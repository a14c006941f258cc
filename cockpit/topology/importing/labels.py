"""What people write on boxes and arrows: names of services, protocols, and what a call is for."""

import html
import re
from collections.abc import Callable, Iterable

from cockpit.text import one_line
from cockpit.topology.importing.document import NAME
from cockpit.topology.names import normal

PROTOCOLS = frozenset(
    [
        "http",
        "https",
        "http/2",
        "http2",
        "grpc",
        "rest",
        "graphql",
        "soap",
        "websocket",
        "websockets",
        "ws",
        "wss",
        "tcp",
        "udp",
        "tls",
        "mtls",
        "sql",
        "jdbc",
        "odbc",
        "postgres",
        "postgresql",
        "mysql",
        "mongodb",
        "redis",
        "amqp",
        "amqps",
        "kafka",
        "mqtt",
        "nats",
        "stomp",
        "jms",
        "smtp",
        "imap",
        "ftp",
        "sftp",
        "ssh",
        "ldap",
        "ldaps",
        "dns",
        "thrift",
        "database",
        "messaging",
        "async",
        "sse",
        "s3",
        "rpc",
        "xmpp",
        "quic",
    ]
)
"""Words on an arrow that name a protocol."""

_OPAQUE = re.compile(r"[A-Za-z]|[A-Z]{2}|[A-Za-z]{1,7}_?\d+|\d+")
_SLUG = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_TEAM = re.compile(r"(?i)(?:^|[\s_.:-])(?:team|squad|tribe|guild)(?:$|[\s_.:-])")
_TEAM_PREFIX = re.compile(r"(?i)^team:\s*")
_BREAK = re.compile(r"(?i)<br\s*/?>|\\[nlr]|\n")
_TAG = re.compile(r"<[^<>]*>")
_ICON = re.compile(r"\bfa[bsrlk]?:fa-[\w-]+\s*")
_MARKS = re.compile(r"^[*_`\"\s]+|[*_`\"\s]+$")


def plain(text: str, decode: Callable[[str], str] = str, *, first_line: bool = True) -> str:
    """Return a label without markup, cleaned; of several lines the first one that says something.

    Args:
        text: As it stands in the file.
        decode: Turns a format's own escapes into what they stand for, once the markup is gone.
        first_line: Whether only the first line counts.
    """
    lines = (_line(line, decode) for line in _BREAK.split(_MARKS.sub("", text) if text.startswith("`") else text))
    said = [line for line in lines if line]
    return (said[0] if first_line else " ".join(said)) if said else ""


def _line(text: str, decode: Callable[[str], str]) -> str:
    return one_line(decode(html.unescape(_ICON.sub("", _TAG.sub(" ", text)))), NAME)


def called(identity: str, label: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of a box and its other names.

    The label is the name where it is written as names of services are (`order-db`), or where the identity is only a
    handle such as `A` or `node3`.
    """
    if not label or label == identity:
        return identity, ()
    handle = _OPAQUE.fullmatch(identity) is not None
    if handle:
        return label, ()
    name, other = (label, identity) if _SLUG.fullmatch(label) else (identity, label)
    return name, () if normal(name) == normal(other) else (other,)


def said_of(label: str) -> tuple[str, str]:
    """Return the protocol and the purpose that an arrow's label says: `https: authorise a card`, `gRPC`, `orders`."""
    head, mark, rest = label.partition(":")
    if head.strip().lower() in PROTOCOLS:
        return head.strip().lower(), rest.strip()
    if not mark and label.strip().lower() in PROTOCOLS:
        return label.strip().lower(), ""
    return "", label.strip()


def team_named(titles: Iterable[str]) -> str | None:
    """Return the first title that names a team: `team-payments`, `Web squad`; a box named otherwise owns nothing."""
    found = next((title for title in titles if _TEAM.search(title)), None)
    return None if found is None else _TEAM_PREFIX.sub("", found) or found
