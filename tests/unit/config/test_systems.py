"""What all systems have in common: addresses, secrets, certificates, cadence."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.config import ConfigError, Secret, SystemSpec
from cockpit.config.urls import check_url
from tests.unit.config.helpers import loaded, refused, system

_PASSWORD = "hunter2-never-shown"


def _spec(home: Path, body: str) -> SystemSpec:
    return loaded(home, system(body)).chosen.systems[0]


def test_common_keys_are_read(tmp_path: Path) -> None:
    """Every common key is read with its type; paths are absolute, and the rest is the kind's own."""
    for name in ("ca.pem", "me.pem", "me.key"):
        (tmp_path / name).write_text("x", "utf-8")
    spec = _spec(
        tmp_path,
        'url = "https://am:9093/prefix/"\nuser = "me"\npassword = {command = "pass show \'a b\'"}\norg = "tenant"\n'
        'headers = {X-Team = "a", Authorization = {env = "AUTH"}}\nproxy = "http://proxy:3128"\nverify = "~/ca.pem"\n'
        'client_certificate = "~/me.pem"\nclient_key = "~/me.key"\nevery = "500ms"\ntimeout = "3s"\nlabels = {a = "b"}\n'
        "write = true\nown = 7",
    )
    assert spec.urls == ("https://am:9093/prefix",)
    assert spec.password is not None
    assert spec.password.command == ("pass", "show", "a b")
    assert spec.headers["X-Team"] == "a"
    authorization = spec.headers["Authorization"]
    assert isinstance(authorization, Secret)
    assert authorization.env == "AUTH"
    assert (spec.org, spec.proxy, spec.verify) == ("tenant", "http://proxy:3128", str(tmp_path / "ca.pem"))
    assert (spec.client_certificate, spec.client_key) == (str(tmp_path / "me.pem"), str(tmp_path / "me.key"))
    assert (spec.every, spec.timeout) == (timedelta(milliseconds=500), timedelta(seconds=3))
    assert spec.write
    assert spec.extra == {"own": 7}


@pytest.mark.parametrize(
    ("body", "place", "what", "remedy"),
    [
        ('url = "http://a:1"\nurls = ["http://b:2"]', "urls", "beside url", "url for one server"),
        ("urls = []", "urls", "is empty", "http://am-0:9093"),
        ('url = "ftp://a"', "url", "'ftp' is not spoken", "http or https"),
        ('url = "am:9093"', "url", "is no URL", "write http://am:9093"),
        ('url = "http://"', "url", "no host", "http://localhost:9093"),
        ('url = "http://a:99999"', "url", "is no URL", "http://localhost:9093"),
        ('url = "http://a:1/?x=1"', "url", "more behind the path", "without ?"),
        ('url = "http://a b"', "url", "a blank", "without it"),
        ('urls = ["http://a:1", "b"]', "urls[1]", "is no URL", "write http://b"),
        ('token = "abc"', "token", "plain text", "{env ="),
        ("token = 5", "token", "is a whole number", "{file ="),
        ("token = {}", "token", "has no source", "{command ="),
        ('token = {file = "a", env = "B"}', "token", "more than one source", "{file ="),
        ('token = {fil = "a"}', "token.fil", "unknown key", "did you mean file?"),
        ('token = {command = ""}', "token.command", "is empty", "something"),
        ("token = {command = []}", "token.command", "is empty", "a command"),
        ('token = {command = "a \'b"}', "token.command", "cannot be split", "quotes"),
        ("token = {file = 1}", "token.file", "is a whole number", "a string"),
        ('headers = {Authorization = "Bearer x"}', "headers.Authorization", "plain text", "{file ="),
        ('headers = {X-Api-Key = "x"}', "headers.X-Api-Key", "plain text", "{file ="),
        ('headers = {"a b" = "x"}', 'headers."a b"', "no name of a header", "letters"),
        ('headers = {X-A = "a\\nb"}', "headers.X-A", "control character", "without it"),
        ('verify = "none.pem"', "verify", "there is no file", "PEM"),
        ("verify = 1", "verify", "neither a file", "CA file"),
        ('every = "soon"', "every", "no duration", "5m"),
        ('every = "0s"', "every", "no time at all", "more than nothing"),
        ('password = {env = "P"}', "password", "without user", "user ="),
        ('user = "me"', "user", "without password", "password ="),
        ('client_key = "k"', "client_key", "without client_certificate", "client_certificate ="),
        ("labels = {a = 1}", "labels.a", "is a whole number", "a string"),
        ('write = "yes"', "write", "is a string", "true or false"),
    ],
)
def test_mistake_is_told_with_place_and_remedy(tmp_path: Path, body: str, place: str, what: str, remedy: str) -> None:
    """A wrong common key names its file, its key and what to write."""
    error = refused(tmp_path, system(body))
    assert error.place == f"{tmp_path}/.config/cockpit/config.toml: contexts.prod.systems.alertmanager.{place}"
    assert what in error.what
    assert remedy in error.remedy


@pytest.mark.parametrize("key", ["token", "password", "api_key", "app_key"])
def test_plain_secret_is_not_repeated(tmp_path: Path, key: str) -> None:
    """The error for a secret in plain text names the three ways and never the secret."""
    error = refused(tmp_path, system(f'user = "me"\n{key} = "{_PASSWORD}"'))
    assert _PASSWORD not in str(error)
    assert all(way in error.remedy for way in ("{file", "{env", "{command"))


@pytest.mark.parametrize(
    "url", [f"http://me:{_PASSWORD}@am:9093", f"me:{_PASSWORD}@am:9093", f"https://{_PASSWORD}@am"]
)
def test_credentials_in_a_url_are_refused(tmp_path: Path, url: str) -> None:
    """Credentials in a URL are refused with the remedy, and not repeated."""
    error = refused(tmp_path, system(f'url = "{url}"'))
    assert error.what == "holds credentials"
    assert "password = {file" in error.remedy
    assert _PASSWORD not in str(error)


@pytest.mark.parametrize(
    "url", ["http://am:9093/?token=hunter2", "am:9093/#hunter2", "ftp://am/?a=hunter2", "http:/?hunter2"]
)
def test_what_stands_behind_a_path_is_not_repeated(tmp_path: Path, url: str) -> None:
    """A URL with a query or a fragment is refused, and the error does not hold what may be a secret."""
    error = refused(tmp_path, system(f'url = "{url}"'))
    assert error.place.endswith("systems.alertmanager.url")
    assert "hunter2" not in str(error)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_secret_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A secret's file that others may read is refused with the chmod that mends it."""
    secret = tmp_path / "my token"
    secret.write_text(_PASSWORD, "utf-8")
    secret.chmod(mode)
    error = refused(tmp_path, system('token = {file = "~/my token"}'))
    assert error.remedy == f"chmod 600 '{secret}'"
    assert error.place.endswith("systems.alertmanager.token")
    secret.chmod(0o600)
    assert _spec(tmp_path, 'token = {file = "~/my token"}').token is not None


def test_secret_file_of_another_context_is_not_looked_at(tmp_path: Path) -> None:
    """Files of a context that was not chosen do not keep the chosen one from opening."""
    (tmp_path / "t").write_text("x", "utf-8")
    (tmp_path / "t").chmod(0o644)
    text = 'context = "b"\n' + system('token = {file = "~/t"}') + "[contexts.b]\n"
    assert loaded(tmp_path, text).context == "b"


def test_peers_that_are_the_same_count_once(tmp_path: Path) -> None:
    """A peer written twice is one peer."""
    assert _spec(tmp_path, 'urls = ["http://a:1/", "http://a:1"]').urls == ("http://a:1",)


@given(st.text(max_size=30))
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_url_or_refused(text: str) -> None:
    """A URL that passes is http or https, has no credentials and stays itself when it is checked again."""
    try:
        url = check_url("here", text)
    except ConfigError as error:
        assert error.place == "here"
    else:
        assert url.startswith(("http://", "https://", "HTTP", "Http"))
        assert "@" not in url.split("/")[2]
        assert check_url("here", url) == url
