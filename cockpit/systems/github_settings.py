"""How GitHub is configured: which repositories hold whose deployments."""

import re

import msgspec

from cockpit.config import ConfigError, SystemSpec
from cockpit.model.change import ChangeKind
from cockpit.systems.settings import settings_of

_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*)/[A-Za-z0-9_.-]+", re.ASCII)


class Repository(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One repository whose deployments and releases are changes."""

    repo: str
    """`owner/name`."""
    service: str | None = None
    """Whose changes they are; else what a deployment's payload says, else the repository's name."""
    environment: str | None = None
    """Only deployments to this one; else to all that do not go away again (previews)."""
    kind: ChangeKind = ChangeKind.DEPLOY
    """What a deployment is."""
    deployments: bool = True
    """Whether its deployments are read."""
    releases: ChangeKind | bool = True
    """What a published release is: `merged` unless it says more; false reads none."""

    @property
    def release_kind(self) -> ChangeKind | None:
        """What a release is, or null where none are read."""
        if isinstance(self.releases, bool):
            return ChangeKind.MERGED if self.releases else None
        return self.releases

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"/repos/{self.repo}"


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    repositories: list[Repository] = []
    codeowners: bool = True
    """Whether the team of `*` in CODEOWNERS stands for an owner where the map names none."""
    compare: bool = True
    """Whether commits and files since the version before are asked for of the newest deployments."""


def read_settings(spec: SystemSpec) -> Settings:
    """Return the settings.

    Raises:
        ConfigError: No repository is named, or one not as `owner/name`.
    """
    settings = settings_of(spec, Settings)
    place = f"{spec.place or spec.name}.repositories"
    if not settings.repositories:
        raise ConfigError(
            place, "names no repository", 'add repositories = [{repo = "acme/payment", service = "payment"}]'
        )
    for number, one in enumerate(settings.repositories):
        if not _REPOSITORY.fullmatch(one.repo):
            raise ConfigError(f"{place}[{number}].repo", f"{one.repo!r} is no repository", 'write "owner/name"')
    return settings
