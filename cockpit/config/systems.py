"""One system of a context: the keys that all kinds have in common; the rest is handed to the kind as it stands."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from cockpit.config.files import is_file
from cockpit.config.secrets import WAYS, check_secret_file, read_secret_source
from cockpit.config.table import Table
from cockpit.config.urls import check_url
from cockpit.config.values import ConfigError, Secret, SystemSpec

COMMON_KEYS = (
    "kind",
    "url",
    "urls",
    "token",
    "user",
    "password",
    "api_key",
    "app_key",
    "org",
    "headers",
    "proxy",
    "verify",
    "client_certificate",
    "client_key",
    "every",
    "timeout",
    "labels",
    "write",
)
"""Keys that every kind of system understands."""

_SECRET_HEADERS = {"authorization", "proxy-authorization", "cookie"}
_SECRET_WORDS = ("token", "secret", "password", "api-key", "apikey", "app-key")


def read_system(name: str, table: Table, home: Path) -> SystemSpec:
    """Return a system as it is configured; keys of its kind's own are left unread in `extra`.

    Raises:
        ConfigError: A common key has a wrong type or value.
    """
    timeout = table.duration("timeout")
    spec = SystemSpec(
        name=name,
        kind=table.text("kind") or name,
        place=table.place(),
        urls=_urls(table),
        token=read_secret_source(table, "token", home),
        user=table.text("user"),
        password=read_secret_source(table, "password", home),
        api_key=read_secret_source(table, "api_key", home),
        app_key=read_secret_source(table, "app_key", home),
        org=table.text("org"),
        headers=_headers(table, home),
        proxy=_proxy(table),
        verify=_verify(table, home),
        client_certificate=table.path("client_certificate", home),
        client_key=table.path("client_key", home),
        every=table.duration("every"),
        timeout=timeout or SystemSpec(name, name).timeout,
        labels=table.words("labels"),
        write=table.flag("write", False),
    )
    _check_together(table, spec)
    return replace(spec, extra=table.rest())


def _urls(table: Table) -> tuple[str, ...]:
    one, several = table.text("url"), table.texts("urls")
    if one is not None and several is not None:
        raise table.error("urls", "stands beside url", "write url for one server, or urls for the peers of one cluster")
    if one is not None:
        return (check_url(table.place("url"), one),)
    if several is None:
        return ()
    if not several:
        raise table.error("urls", "is empty", 'write the peers, such as ["http://am-0:9093", "http://am-1:9093"]')
    checked = (check_url(table.place("urls", item=number), text) for number, text in enumerate(several))
    return tuple(dict.fromkeys(checked))


def _headers(table: Table, home: Path) -> Mapping[str, str | Secret]:
    below = table.table("headers")
    if below is None:
        return {}
    headers: dict[str, str | Secret] = {}
    for name, value in below.values.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise below.error(name, "is no name of a header", "write letters, digits and hyphens")
        if isinstance(value, dict):
            secret = read_secret_source(below, name, home)
            assert secret is not None
            headers[name] = secret
            continue
        if _is_secret(name):
            raise below.error(name, "is a secret written as plain text", WAYS)
        text = below.text(name) or ""
        if not text.isprintable():
            raise below.error(name, "has a control character in it", "write the value without it")
        headers[name] = text
    return headers


def _is_secret(header: str) -> bool:
    folded = header.casefold().replace("_", "-")
    return folded in _SECRET_HEADERS or any(word in folded for word in _SECRET_WORDS)


def _proxy(table: Table) -> str | None:
    text = table.text("proxy")
    return None if text is None else check_url(table.place("proxy"), text)


def _verify(table: Table, home: Path) -> bool | str:
    if not table.has("verify"):
        return True
    value = table.values["verify"]
    if isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise table.error("verify", "is neither a file nor true or false", 'write a CA file "…", or false')
    return table.path("verify", home) or True


def _check_together(table: Table, spec: SystemSpec) -> None:
    """Refuse common keys that only make sense with one another."""
    if spec.password is not None and spec.user is None:
        raise table.error("password", "stands without user", 'add user = "…"')
    if spec.user is not None and spec.password is None and spec.token is None:
        raise table.error("user", "stands without password", 'add password = {file = "…"}')
    if spec.client_key is not None and spec.client_certificate is None:
        raise table.error("client_key", "stands without client_certificate", 'add client_certificate = "…"')


def check_files(spec: SystemSpec) -> None:
    """Refuse files that this system cannot be asked with.

    Raises:
        ConfigError: A secret's file can be read by others, or a certificate's file is not there.
    """
    secrets = (spec.token, spec.password, spec.api_key, spec.app_key, *spec.headers.values())
    for secret in secrets:
        if isinstance(secret, Secret):
            check_secret_file(secret)
    for key, path in (
        ("verify", spec.verify),
        ("client_certificate", spec.client_certificate),
        ("client_key", spec.client_key),
    ):
        if isinstance(path, str) and not is_file(Path(path)):
            raise ConfigError(f"{spec.place}.{key}", f"there is no file {path}", "name a PEM file that exists")
