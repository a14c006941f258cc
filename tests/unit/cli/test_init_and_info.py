"""`cockpit init` and `cockpit info`."""

import os
from pathlib import Path

import pytest

from cockpit import locations
from cockpit.cli.template import configuration
from cockpit.config.direct import Asked
from cockpit.config.load import load
from tests.unit.cli.running import run


def test_written_configuration_is_read_again() -> None:
    """What init writes is a configuration that loads, private, at the usual place."""
    result = run("init")
    path = locations.config_file()
    assert (result.code, result.out) == (0, f"{path}\n")
    assert path.stat().st_mode & 0o777 == 0o600
    context = load().chosen
    assert context.name == "prod"
    assert [spec.kind for spec in context.systems] == ["alertmanager", "prometheus"]


def test_nothing_is_overwritten() -> None:
    """A second init leaves the first one's file as it is and exits 1."""
    run("init")
    locations.config_file().write_text("mine")
    result = run("init", "--json")
    assert result.code == 1
    assert result.document == {"path": str(locations.config_file()), "written": False}
    assert locations.config_file().read_text() == "mine"


def test_addresses_of_the_command_line_are_written(tmp_path: Path) -> None:
    """Flags become the configuration's addresses, and `--config` its place."""
    path = tmp_path / "sub" / "c.toml"
    flags = ("--alertmanager", "http://a:1", "--alertmanager", "http://b:1", "--prometheus", "http://p:1")
    assert run("init", "--config", str(path), "--context", "eu 1", *flags, "--prometheus", "http://q:1").code == 0
    context = load(Asked(config=str(path))).chosen
    assert context.name == "eu 1"
    assert [spec.urls for spec in context.systems] == [("http://a:1", "http://b:1"), ("http://p:1",), ("http://q:1",)]


def test_commented_lines_are_right_too(tmp_path: Path) -> None:
    """Every commented-out key is one that the loader knows: an annotated file must not teach mistakes."""
    text = configuration(context="prod", alertmanagers=["http://a"], prometheuses=["http://p"], map_name=None)
    lines = [line.removeprefix("# ") for line in text.splitlines() if not _is_prose(line)]
    kept = [line for line in lines if not line.startswith(("verify", "token", "map ="))]
    path = tmp_path / "c.toml"
    path.write_text("\n".join(kept))
    context = load(Asked(config=str(path))).chosen
    assert context.production
    assert context.me.teams == ("team-payments",)
    kinds = [spec.kind for spec in context.systems]
    assert {"alertmanager", "prometheus", "git", "statuspage", "pagerduty", "github", "argocd"} <= set(kinds)


def _is_prose(line: str) -> bool:
    return line.startswith("# ") and not any(mark in line for mark in (" = ", "[contexts", "  {path", "  {repo", "# ]"))


def test_place_that_cannot_be_written_is_told() -> None:
    """A configuration that cannot be written is an error with a remedy, not a trace."""
    result = run("init", "--config", "/proc/nowhere/c.toml")
    assert result.code == 2
    assert "cannot be written" in result.error


def test_info_names_every_path() -> None:
    """Version, paths and terminal are told without a configuration."""
    result = run("info", "--json")
    assert (result.code, result.err) == (0, "")
    paths = result.document["paths"]
    assert set(paths) == {"config", "system_config", "state", "journal", "log", "cache"}
    assert paths["log"] == str(locations.log_file())
    assert result.document["configuration"]["source"] == "default"
    assert str(locations.log_file()) in run("info").out


def test_info_tells_what_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A broken configuration is told and does not keep info from answering."""
    path = tmp_path / "c.toml"
    path.write_text("[contexts.x]\nwindwo = 1\n")
    monkeypatch.setenv("COCKPIT_CONFIG", str(path))
    result = run("info", "--json")
    assert result.code == 0
    assert "windwo" in result.document["configuration"]["error"]
    assert os.fspath(path) in run("info").out
