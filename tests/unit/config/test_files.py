"""Which files count, how they lie over one another, and what is said of a broken one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit import locations
from cockpit.config import ConfigError
from cockpit.config.direct import Asked
from cockpit.config.files import merge_values
from cockpit.config.load import load
from tests.unit.config.helpers import loaded, refused, system, write

_ONE = '[contexts.prod]\nmap = "checkout"\n'

_values = st.recursive(
    st.one_of(st.integers(), st.text(max_size=3), st.lists(st.integers(), max_size=2)),
    lambda inner: st.dictionaries(st.sampled_from("abcdef"), inner, max_size=4),
    max_leaves=12,
)
_tables = st.dictionaries(st.sampled_from("abcdef"), _values, max_size=4)


@given(_tables, _tables)
@settings(max_examples=100, deadline=None)
def test_upper_stands_over_lower_key_by_key(lower: dict[str, Any], upper: dict[str, Any]) -> None:
    """Every key of either file is there; where both are tables they merge, else the upper one's value stands."""
    merged = merge_values(lower, upper)
    assert set(merged) == set(lower) | set(upper)
    for key, value in merged.items():
        if isinstance(lower.get(key), dict) and isinstance(upper.get(key), dict):
            assert value == merge_values(lower[key], upper[key])
        else:
            assert value == (upper[key] if key in upper else lower[key])


@given(_tables)
@settings(max_examples=50, deadline=None)
def test_merging_with_nothing_changes_nothing(table: dict[str, Any]) -> None:
    """An empty file below or above leaves the other as it is."""
    assert merge_values(table, {}) == table
    assert merge_values({}, table) == table


@given(_tables, _tables, _tables)
@settings(max_examples=100, deadline=None)
def test_merging_twice_is_like_merging_at_once(a: dict[str, Any], b: dict[str, Any], c: dict[str, Any]) -> None:
    """What the topmost file says survives whatever lay below it."""
    merged = merge_values(merge_values(a, b), c)
    assert merge_values(merged, c) == merged


def test_person_stands_over_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of the person's file replaces the host's, the host's other keys stay, and errors name the right file."""
    host = write(
        tmp_path / "etc" / "config.toml", '[contexts.prod]\nproduction = true\nwindow = "2h"\n' + system("x=1")
    )
    monkeypatch.setattr(locations, "SYSTEM_CONFIG", host)
    config = loaded(tmp_path, '[contexts.prod]\nwindow = "6h"\n')
    assert config.chosen.production
    assert config.chosen.window.total_seconds() == 6 * 3600
    assert config.paths == (str(host), str(tmp_path / ".config/cockpit/config.toml"))
    write(host, "[contexts.prod]\nwindwo = 1\n")
    assert refused(tmp_path, _ONE).place == f"{host}: contexts.prod.windwo"


def test_url_and_secret_are_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's `urls` stands for the host's `url`, and one source of a secret for another."""
    host = write(tmp_path / "etc" / "config.toml", system('url = "http://a:1"\ntoken = {env = "HOST"}'))
    monkeypatch.setattr(locations, "SYSTEM_CONFIG", host)
    spec = loaded(tmp_path, system('urls = ["http://b:2"]\ntoken = {file = "t"}')).chosen.systems[0]
    assert spec.urls == ("http://b:2",)
    assert spec.token is not None
    assert (spec.token.env, spec.token.file) == (None, str(tmp_path / ".config/cockpit/t"))


def test_config_flag_stands_instead_of_both(tmp_path: Path) -> None:
    """`--config` and `COCKPIT_CONFIG` are read instead of the usual files, the flag before the variable."""
    flag, variable = write(tmp_path / "f.toml", "[contexts.flag]\n"), write(tmp_path / "v.toml", "[contexts.var]\n")
    assert loaded(tmp_path, "broken", Asked(config=str(flag))).context == "flag"
    assert loaded(tmp_path, "broken", COCKPIT_CONFIG=str(variable)).context == "var"
    assert loaded(tmp_path, "broken", Asked(config=str(flag)), COCKPIT_CONFIG=str(variable)).context == "flag"


def test_xdg_config_home_counts(tmp_path: Path) -> None:
    """The person's file lies in `$XDG_CONFIG_HOME/cockpit`."""
    write(tmp_path / "elsewhere" / "cockpit" / "config.toml", "[contexts.there]\n")
    assert load(None, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "elsewhere")}).context == "there"


def test_missing_file_that_was_named_is_an_error(tmp_path: Path) -> None:
    """A file that was asked for by name must be there."""
    with pytest.raises(ConfigError, match="there is no such file"):
        load(Asked(config=str(tmp_path / "none.toml")), {"HOME": str(tmp_path)})


def test_syntax_error_names_the_line(tmp_path: Path) -> None:
    """A file that is no TOML is refused with the line."""
    error = refused(tmp_path, '[contexts.prod]\nmap = "a"\nwindow = = 2\n')
    assert error.place.startswith(f"{tmp_path}/.config/cockpit/config.toml:3:")
    assert "no TOML" in error.what
    assert error.remedy == "correct line 3"
    assert ":2:" in refused(tmp_path, "[contexts.prod]\nmap = [1,").place


def test_mark_at_the_begin_is_passed_over(tmp_path: Path) -> None:
    """A byte order mark, as some editors write it, is no part of the configuration."""
    assert loaded(tmp_path, "\ufeff" + _ONE).context == "prod"


def test_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 and a folder in the file's place are told, not raised."""
    path = write(tmp_path / "x.toml", "")
    path.write_bytes(b'a = "\xff"')
    for named in (path, tmp_path):
        with pytest.raises(ConfigError, match=str(named)):
            load(Asked(config=str(named)), {"HOME": str(tmp_path)})


def test_context_is_chosen(tmp_path: Path) -> None:
    """The default context is the file's, `--context` another one, and the only one needs no word."""
    two = 'context = "a"\n[contexts.a]\n[contexts.b]\n'
    assert loaded(tmp_path, two).context == "a"
    assert loaded(tmp_path, two, Asked(context="b")).context == "b"
    assert loaded(tmp_path, _ONE).context == "prod"
    assert "a, b" in refused(tmp_path, "[contexts.a]\n[contexts.b]\n").remedy
    error = refused(tmp_path, _ONE, Asked(context="prd"))
    assert (error.place, error.remedy) == ("--context", "did you mean prod? known: prod")
    assert refused(tmp_path, 'context = "c"\n[contexts.a]\n').place.endswith("config.toml: context")


def test_file_without_a_context_is_refused(tmp_path: Path) -> None:
    """A configuration that configures nothing says what to add."""
    assert "[contexts.prod]" in refused(tmp_path, "").remedy


def test_context_needs_a_configuration(tmp_path: Path) -> None:
    """`--context` without a configuration is an error, not a silent default."""
    with pytest.raises(ConfigError, match="cockpit init"):
        load(Asked(context="prod"), {"HOME": str(tmp_path)})


def test_map_beside_the_configuration_is_found(tmp_path: Path) -> None:
    """A map is a path from the file's folder, or a name beside it; any other name is left for those that ship."""
    beside = write(tmp_path / ".config" / "cockpit" / "shop.yaml", "map: shop")
    assert loaded(tmp_path, '[contexts.a]\nmap = "shop"\n').chosen.map == str(beside)
    assert loaded(tmp_path, '[contexts.a]\nmap = "./shop.yaml"\n').chosen.map == str(beside)
    assert loaded(tmp_path, '[contexts.a]\nmap = "~/none.yaml"\n').chosen.map == str(tmp_path / "none.yaml")
    assert loaded(tmp_path, '[contexts.a]\nmap = "checkout"\n').chosen.map == "checkout"
