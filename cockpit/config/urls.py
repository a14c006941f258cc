"""Addresses of systems: http or https, with a host, and without anything secret in them."""

from urllib.parse import SplitResult, urlsplit

from cockpit.config.values import ConfigError

_LAST_CONTROL = " "


def check_url(place: str, text: str) -> str:
    """Return the URL without a slash at its end.

    Raises:
        ConfigError: It is no http or https URL, or holds credentials, which the message does not repeat.
    """
    if not text.strip():
        raise ConfigError(place, "is empty", "write a URL such as http://localhost:9093")
    if any(char <= _LAST_CONTROL or char == "\x7f" for char in text):
        raise ConfigError(place, "has a blank or a control character in it", "write the URL without it")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ConfigError(place, f"is no URL: {error}", "write one such as http://localhost:9093") from error
    _refuse_credentials(place, text, parts)
    shown = text.partition("?")[0].partition("#")[0]  # what stands behind may be a secret
    if parts.scheme not in {"http", "https"}:
        raise _scheme_error(place, shown, parts)
    if not parts.hostname:
        raise ConfigError(place, f"{shown!r} has no host", "write a URL such as http://localhost:9093")
    if port == 0:
        raise ConfigError(place, f"{shown!r} has port 0", "write a port from 1 to 65535")
    if parts.query or parts.fragment:
        raise ConfigError(place, f"{shown!r} has more behind the path", "write it up to the path, without ? and #")
    return text.rstrip("/")


def _refuse_credentials(place: str, text: str, parts: SplitResult) -> None:
    """Refuse `user:password@`, also where the scheme was forgotten."""
    authority = parts.netloc or text.split("/", 1)[0]
    if "@" in authority:
        raise ConfigError(
            place,
            "holds credentials",
            'take them out of the URL: user = "…" and password = {file = "…"} (or {env}, {command}) in the configuration',
        )


def _scheme_error(place: str, text: str, parts: SplitResult) -> ConfigError:
    if "://" in text:
        return ConfigError(place, f"{parts.scheme!r} is not spoken", "write a URL of http or https")
    return ConfigError(place, f"{text!r} is no URL", f"write http://{text.lstrip('/')}")
