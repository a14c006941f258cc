"""What the configuration may say of repositories, and how mistakes are told."""

import pytest

from cockpit.config import ConfigError, SystemSpec
from cockpit.systems.git.memory import slug
from cockpit.systems.git.settings import Repository, read_settings


def spec(*repositories: dict[str, object], **extra: object) -> SystemSpec:
    """Return the settings of a system git."""
    return SystemSpec("git", "git", "c.toml: git", extra={"repositories": list(repositories), **extra})


def test_everything_but_the_path_has_a_default() -> None:
    """A path alone is enough: the service is called by its folder, main is read, every two minutes."""
    (only,) = read_settings(spec({"path": "/srv/git/payment-service.git"}))
    assert (only.name, only.owner, only.covers, only.ref) == ("payment-service", "payment-service", only.covers, "main")
    assert only.covers == ("payment-service",)
    assert only.fetch_every.total_seconds() == 120


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("/srv/git/x", False),
        ("~/x", False),
        ("ssh://git@host/x.git", True),
        ("https://host/x", True),
        ("git@host:team/x.git", True),
        ("host:x", True),
        ("file:///srv/x", True),
    ],
)
def test_a_url_is_told_from_a_folder(path: str, remote: bool) -> None:
    """URLs and the short form of ssh are remotes, folders are not."""
    assert Repository(path=path).remote is remote


@pytest.mark.parametrize(
    ("setting", "place", "words"),
    [
        ({}, "c.toml: git.repositories[0]", "has no path"),
        ({"path": "/x", "tag": "v*"}, "c.toml: git.repositories[0].tag", "did you mean tags?"),
        ({"path": 3}, "c.toml: git.repositories[0].path", "expected `str`, got `int`"),
        ({"path": "/x", "kind": "deployed"}, "c.toml: git.repositories[0].kind", "did you mean deploy? kinds: merged,"),
        ({"path": "x/y"}, "c.toml: git.repositories[0].path", "write it from / or ~/ on"),
        ({"path": "https://a:b@host/x"}, "c.toml: git.repositories[0].path", "credential helper"),
        ({"path": "/x", "ref": "--upload-pack=x"}, "c.toml: git.repositories[0].ref", "can be no branch"),
        ({"path": "/x", "ref": "a b"}, "c.toml: git.repositories[0].ref", "can be no branch"),
        ({"path": "/x", "fetch": "often"}, "c.toml: git.repositories[0].fetch", "'often' is no duration"),
        ({"path": "/x", "fetch": "0s"}, "c.toml: git.repositories[0].fetch", "less than a second"),
        ({"path": "/x", "tags": "v*", "paths": {"a": "b"}}, "c.toml: git.repositories[0].paths", "tags are read"),
        ({"path": "/x", "url_template": "javascript:"}, "c.toml: git.repositories[0].url_template", "is no URL"),
    ],
)
def test_a_mistake_is_told_with_its_place(setting: dict[str, object], place: str, words: str) -> None:
    """Every error names the place in the file and what would be right, and never repeats a password."""
    with pytest.raises(ConfigError) as raised:
        read_settings(spec(setting))
    assert raised.value.place == place
    assert words in str(raised.value)
    assert "a:b" not in str(raised.value)


def test_an_unknown_key_of_the_system_is_told() -> None:
    """A key beside `repositories` that nobody knows names the nearest."""
    with pytest.raises(ConfigError, match=r"c\.toml: git\.repository: unknown key; did you mean repositories\?"):
        read_settings(spec(repository=[]))


def test_a_system_without_repositories_is_an_error() -> None:
    """Git without repositories says what to write."""
    with pytest.raises(ConfigError, match="names no repositories"):
        read_settings(SystemSpec("git", "git", "c.toml: git"))


def test_two_repositories_never_share_a_mirror() -> None:
    """Equal last parts of different addresses give different folders, readable ones."""
    names = {slug(f"https://host/{team}/app.git", "") for team in ("a", "b", "a b", "../../etc")}
    assert len(names) == 4
    assert all("/" not in name and name.startswith("app.git-") for name in names)
