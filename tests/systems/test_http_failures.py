"""What a status that is no success is told as: in words, with the setting that helps."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from cockpit.config import Secret
from cockpit.systems.addresses import address_of, addresses_of, bare_url
from cockpit.systems.base import Reply
from cockpit.systems.failures import refused, retry_after, what_it_said
from tests.systems.wires import PLACE, spec_of

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
TOKEN = Secret(env="TOKEN")


def words(reply: Reply, **settings: Any) -> str:
    """Return what an answer is told as."""
    error = refused(reply, spec_of("http://am-0:9093", **settings), "/api/v2/alerts", NOW)
    assert error is not None
    assert error.status == reply.status
    return str(error)


def test_a_success_is_no_failure() -> None:
    """Every status of the 200s passes."""
    assert refused(Reply(204, b""), spec_of("http://am-0:9093"), "/", NOW) is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token": TOKEN}, f"401 Unauthorized: the token was refused (setting token in {PLACE})"),
        ({"user": "me", "password": TOKEN}, f"user and password were refused (settings user, password in {PLACE})"),
        ({"headers": {"X-Key": TOKEN}}, f"the credentials were refused (setting headers in {PLACE})"),
        ({"api_key": TOKEN}, f"the key was refused (settings api_key, app_key in {PLACE})"),
        ({}, f"it wants credentials: set token, or user and password in {PLACE}"),
    ],
)
def test_unauthorized_names_the_setting(settings: dict[str, Any], said: str) -> None:
    """A 401 names the credential that was refused, or that there is none."""
    assert words(Reply(401, b"who are you?"), **settings).endswith(said)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'"start time must be before end time"', "start time must be before end time"),
        (b'{"code":601,"message":"not a uuid"}', "not a uuid"),
        (b"", ""),
        (b'{"status":"error","errorType":"bad_data","error":"1:5: parse error"}', "1:5: parse error"),
        (b'{"errors":["no such key","really"]}', "no such key; really"),
        (b"404 page not found\n", "404 page not found"),
        (b"<html><body>nginx</body></html>", ""),
        (b'{"data":{}}', ""),
        (b'{"error":{"message":"deep \\u001b[31m"}}', "deep \u241b[31m"),
        (b"[" * 100_000, "["),
    ],
)
def test_every_shape_of_an_error_is_read(body: bytes, said: str) -> None:
    """A JSON string, objects of several tools, plain text and nothing at all are read into clean words."""
    found = what_it_said(Reply(400, body))
    assert found[:40].startswith(said[:40]) if said else found == ""


def test_statuses_say_what_to_look_at() -> None:
    """A 404 asks for the route prefix, a 403 names the place, a page of a proxy is not quoted."""
    assert "is the address right, with its route prefix?" in words(Reply(404, b"404 page not found"))
    assert words(Reply(403, b"")).endswith(f"403 Forbidden: these credentials may not ask that ({PLACE})")
    page = Reply(502, b"<html>x</html>", {"content-type": "text/html"})
    assert words(page) == "502 Bad Gateway: with a web page, not JSON"
    assert words(Reply(500, b'"silence not found"')) == "500 Internal Server Error: silence not found"
    assert words(Reply(599, b"")) == "status 599"


def test_retry_after_is_seconds_or_a_date_and_bounded() -> None:
    """Both forms are read, nonsense is none, and nobody is left alone for a day."""
    later = format_datetime(NOW + timedelta(seconds=40), usegmt=True)
    assert retry_after("30", NOW) == 30
    assert retry_after(later, NOW) == 40
    assert retry_after(format_datetime(NOW - timedelta(days=1), usegmt=True), NOW) == 0
    assert retry_after("86400", NOW) == 3900
    assert [retry_after(text, NOW) for text in (None, "", "soon", "-5", "1e9", "²")] == [None] * 6
    error = refused(Reply(429, b"slow down", {"retry-after": "30"}), spec_of("http://a"), "/", NOW)
    assert error is not None
    assert error.retry_after_s == 30
    assert str(error) == "429 Too Many Requests: asks to be left alone for 30 s (slow down)"
    bare = refused(Reply(429, b""), spec_of("http://a"), "/", NOW)
    assert bare is not None
    assert (bare.retry_after_s, str(bare)) == (None, "429 Too Many Requests")


def test_addresses_have_a_port_and_no_credentials() -> None:
    """A server is named host:port; peers behind one gateway are told apart by their paths."""
    assert address_of("http://me:pw@am-0:9093/am") == "am-0:9093"
    assert address_of("https://am.example.com") == "am.example.com:443"
    assert address_of("http://[::1]:9093") == "[::1]:9093"
    assert bare_url("http://me:p%40w@am-0:9093/am/") == "http://am-0:9093/am"
    assert list(addresses_of(["http://gw/am-0", "http://gw/am-1", "http://c:1"]).values()) == [
        "gw:80/am-0",
        "gw:80/am-1",
        "c:1",
    ]
