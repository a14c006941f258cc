"""Versions, commits and environments as different systems spell them: which of them mean the same."""

import re
from functools import lru_cache

_TAG = re.compile(r"[vV](?=\d)")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
SHORTEST = 7
"""Digits of the shortest commit that counts as one."""

_ENVIRONMENTS = {
    **dict.fromkeys(("production", "prod", "prd", "live"), "production"),
    **dict.fromkeys(("staging", "stage", "stg"), "staging"),
    **dict.fromkeys(("development", "develop", "dev"), "development"),
    **dict.fromkeys(("test", "testing", "qa"), "test"),
}
"""What everybody calls them, by how they are written."""


@lru_cache(maxsize=65536)
def plain(version: str) -> str:
    """Return a version as it is compared: without a leading v, in lower case."""
    version = version.strip()
    return (version[1:] if _TAG.match(version) else version).lower()


@lru_cache(maxsize=65536)
def is_commit(version: str) -> bool:
    """Tell whether a version, as it is compared, is a commit; a number is a version."""
    return bool(_COMMIT.fullmatch(version)) and not version.isdigit()


def same_commit(one: str, other: str) -> bool:
    """Tell whether two commits are the same, either of which may be short."""
    return one.startswith(other) or other.startswith(one)


def same_version(one: str, other: str) -> bool:
    """Tell whether two systems mean the same version: a leading v is none, a short commit is its long one.

    An empty version is like no other.
    """
    if not one or not other:
        return False
    one, other = plain(one), plain(other)
    return one == other or (is_commit(one) and is_commit(other) and same_commit(one, other))


def shown(versions: list[str]) -> str:
    """Return the version as a reader knows it: a tag with its v before any commit, else the short commit."""
    named = [version for version in versions if not is_commit(plain(version))]
    if named:
        return max(named, key=lambda version: (_TAG.match(version) is not None, version))
    return min(versions, key=lambda version: (len(version), version), default="")


def other_environment(one: str, other: str, *, own: bool) -> bool:
    """Tell whether two environments are certainly not the same.

    Args:
        one: As its source writes it; empty where it does not tell.
        other: Likewise.
        own: Whether both are one system's words, which mean something else wherever they differ.
    """
    if not one or not other:
        return False
    one, other = one.strip().casefold(), other.strip().casefold()
    if own:
        return one != other
    usual, others = _ENVIRONMENTS.get(one), _ENVIRONMENTS.get(other)
    return usual is not None and others is not None and usual != others
