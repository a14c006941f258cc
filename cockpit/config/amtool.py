"""amtool's own configuration, read where there is none of Cockpit's: the Alertmanager and how to log in there."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.config.table import said
from cockpit.config.urls import check_url
from cockpit.config.values import ConfigError, Secret, SystemSpec

SYSTEM_FOLDER = Path("/etc")
"""Where the host's amtool files lie."""


def amtool_files(home: Path, system: Path = SYSTEM_FOLDER) -> tuple[Path, ...]:
    """Return amtool's files in order: upstream's places, then Debian's."""
    return (
        home / ".config" / "amtool" / "config.yml",
        system / "amtool" / "config.yml",
        home / ".config" / "prometheus" / "amtool.yml",
        system / "prometheus" / "amtool.yml",
    )


def find_amtool(home: Path, system: Path | None = None) -> tuple[tuple[SystemSpec, ...], list[str]]:
    """Return the Alertmanager that amtool would ask, if any, and what was looked at.

    Raises:
        ConfigError: A file that counts is no YAML, or names no usable Alertmanager.
    """
    looked_at: list[str] = []
    for path in amtool_files(home, SYSTEM_FOLDER if system is None else system):
        values = _read(path)
        if values is None:
            looked_at.append(f"no {path}")
            continue
        url = _get(values, "alertmanager.url")
        if url is None:
            looked_at.append(f"{path} without alertmanager.url")
            continue
        looked_at.append(f"{path}: {_text(path, 'alertmanager.url', url).rpartition('@')[2]}")
        return (_spec(path, values, url),), looked_at
    return (), looked_at


def _read(path: Path) -> Mapping[str, object] | None:
    """Return a YAML file's mapping; null where the file is not there or not ours to read."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    import yaml

    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        raise ConfigError(place, "is no YAML", "correct it, or say --alertmanager URL") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise ConfigError(str(path), f"holds {said(values)}, not keys", "correct it, or say --alertmanager URL")
    return {str(key): value for key, value in values.items()}


def _get(values: Mapping[str, object], dotted: str) -> object:
    """Return the value of `a.b`, written as one key or as a key in a mapping."""
    if dotted in values:
        return values[dotted]
    first, _, rest = dotted.partition(".")
    below = values.get(first)
    if not rest or not isinstance(below, dict):
        return None if rest else below
    return _get({str(key): value for key, value in below.items()}, rest)


def _text(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{path}: {key}", f"is {said(value)}", "write a string")
    return value


def _spec(path: Path, values: Mapping[str, object], url: object) -> SystemSpec:
    place = f"{path}: alertmanager.url"
    peer = check_url(place, _text(path, "alertmanager.url", url))
    plain = SystemSpec("alertmanager", "alertmanager", place=place, urls=(peer,))
    named = _get(values, "http.config.file")
    if named is None:
        return plain
    http = path.parent / Path(_text(path, "http.config.file", named)).expanduser()
    settings = _read(http)
    if settings is None:
        raise ConfigError(
            f"{path}: http.config.file", f"{http} cannot be read", "correct it, or say --alertmanager URL"
        )
    return _with_login(plain, http, settings)


def _with_login(plain: SystemSpec, http: Path, settings: Mapping[str, object]) -> SystemSpec:
    """Return the system with the login, certificates and proxy of an HTTP configuration file."""
    if settings.get("oauth2"):
        raise ConfigError(f"{http}: oauth2", "is not spoken", "configure a token: cockpit init")
    user = _get(settings, "basic_auth.username")
    scheme = _get(settings, "authorization.type") or "Bearer"
    if scheme != "Bearer":
        raise ConfigError(f"{http}: authorization.type", "only Bearer is spoken", "configure a header: cockpit init")
    insecure = _get(settings, "tls_config.insecure_skip_verify") is True
    proxy = settings.get("proxy_url")
    return SystemSpec(
        name=plain.name,
        kind=plain.kind,
        place=plain.place,
        urls=plain.urls,
        user=None if user is None else _text(http, "basic_auth.username", user),
        password=_secret(http, settings, "basic_auth.password", "basic_auth.password_file"),
        token=_secret(http, settings, "authorization.credentials", "authorization.credentials_file")
        or _secret(http, settings, "bearer_token", "bearer_token_file"),
        verify=False if insecure else _file(http, settings, "tls_config.ca_file") or True,
        client_certificate=_file(http, settings, "tls_config.cert_file"),
        client_key=_file(http, settings, "tls_config.key_file"),
        proxy=check_url(f"{http}: proxy_url", proxy) if isinstance(proxy, str) else None,
    )


def _file(http: Path, settings: Mapping[str, object], key: str) -> str | None:
    value = _get(settings, key)
    return None if value is None else str(http.parent / Path(_text(http, key, value)).expanduser())


def _secret(http: Path, settings: Mapping[str, object], key: str, file_key: str) -> Secret | None:
    """Return where a secret stands: in the file that is named, else in the HTTP configuration itself."""
    file = _file(http, settings, file_key)
    if file is not None:
        return Secret(file=file, place=f"{http}: {file_key}")
    return None if _get(settings, key) is None else Secret(file=str(http), place=f"{http}: {key}", key=key)
