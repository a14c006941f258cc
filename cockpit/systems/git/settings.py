"""What the configuration says of git repositories."""

import re
from datetime import timedelta
from pathlib import PurePosixPath

import msgspec

from cockpit.config import ConfigError, SystemSpec
from cockpit.config.table import unknown_key
from cockpit.model.change import ChangeKind
from cockpit.spans import parse_duration
from cockpit.systems.settings import kind_error

_URL = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SCP = re.compile(r"^(?:[\w.-]+@)?[\w.-]+:(?!\\)\S+$")
_PASSWORD = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@:]*:[^/@]+@", re.IGNORECASE)
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_MISSING = re.compile(r"missing required field `([^`]*)`")
_WHERE = re.compile(r" - at `\$([^`]*)`$")
_NO_REF = re.compile(r"[\s\x00-\x1f\x7f~^:?*\[\\]|^-|\.\.|^$")


class Repository(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One repository, as the configuration names it."""

    path: str
    """A folder, absolute or below `~`, or a URL."""
    service: str = ""
    """Whose changes it holds; its folder's name by default."""
    ref: str = "main"
    """The branch whose first-parent commits are changes."""
    tags: str | None = None
    """Instead of commits: the pattern of tags that are."""
    kind: ChangeKind = ChangeKind.MERGED
    fetch: str = "2m"
    """A remote is fetched at most so often."""
    paths: dict[str, str] = {}
    """Which service the files below a path belong to."""
    url_template: str | None = None
    """Where a change can be looked at: with `{commit}`, `{tag}` or `{version}`."""

    @property
    def name(self) -> str:
        """What it is called in gaps and errors: the last part of its path."""
        last = re.split(r"[/:]", self.path.rstrip("/"))[-1]
        return last.removesuffix(".git") or self.path

    @property
    def remote(self) -> bool:
        """Whether the path is a URL."""
        return bool(_URL.match(self.path)) or (not self.path.startswith(("/", "~")) and bool(_SCP.match(self.path)))

    @property
    def owner(self) -> str:
        """The service that its changes belong to where no path says otherwise."""
        return self.service or ("" if self.paths else self.name)

    @property
    def covers(self) -> tuple[str, ...]:
        """Every service whose changes it would hold."""
        return tuple(dict.fromkeys(name for name in (self.owner, *self.paths.values()) if name))

    @property
    def fetch_every(self) -> timedelta:
        """At most so often a remote is fetched."""
        return parse_duration(self.fetch)


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of the kind's own."""

    repositories: list[Repository]
    """What is read."""


def read_settings(spec: SystemSpec) -> tuple[Repository, ...]:
    """Return the repositories that a system's own settings name.

    Raises:
        ConfigError: A setting is wrong; names its place and what would be right.
    """
    if "repositories" not in spec.extra:
        raise ConfigError(spec.place, "names no repositories", 'write repositories = [{path = "/srv/git/NAME"}]')
    try:
        settings = msgspec.convert(dict(spec.extra), type=Settings)
    except msgspec.ValidationError as error:
        raise _wrong(spec.place, str(error)) from error
    for number, repository in enumerate(settings.repositories):
        _check(repository, f"{spec.place}.repositories[{number}]")
    return tuple(settings.repositories)


def _wrong(place: str, message: str) -> ConfigError:
    found = _WHERE.search(message)
    where = f"{place}{found[1]}" if found else place
    what = message[: found.start()] if found else message
    if unknown := _UNKNOWN.search(what):
        known = [field.name for field in msgspec.structs.fields(Repository if found else Settings)]
        return unknown_key(f"{where}.{unknown[1]}", unknown[1], known)
    if missing := _MISSING.search(what):
        return ConfigError(where, f"has no {missing[1]}", f"set {missing[1]}")
    if (wrong_kind := kind_error(where, what)) is not None:
        return wrong_kind
    return ConfigError(where, what[:1].lower() + what[1:], "see the example that `cockpit init` writes")


def _check(repository: Repository, place: str) -> None:
    path = repository.path
    if _PASSWORD.match(path):
        raise ConfigError(
            f"{place}.path",
            "holds a password as plain text",
            "leave it out and let ssh or git's credential helper answer",
        )
    if not repository.remote and not PurePosixPath(path).is_absolute() and not path.startswith("~/"):
        raise ConfigError(f"{place}.path", f"{path!r} is no absolute path and no URL", "write it from / or ~/ on")
    if _NO_REF.search(repository.ref):
        raise ConfigError(f"{place}.ref", f"{repository.ref!r} can be no branch", 'write a branch, such as "main"')
    if repository.tags is not None and repository.paths:
        remedy = "name the repository once a service, each with its own tags"
        raise ConfigError(f"{place}.paths", "splits commits, but tags are read", remedy)
    if repository.url_template is not None and not repository.url_template.startswith(("https://", "http://")):
        raise ConfigError(f"{place}.url_template", "is no URL", "write one such as https://host/commit/{commit}")
    try:
        every = repository.fetch_every
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"{place}.fetch", str(error).partition(";")[0], "write one such as 2m") from error
    if every < timedelta(seconds=1):
        raise ConfigError(f"{place}.fetch", "is less than a second", "write one such as 2m")
