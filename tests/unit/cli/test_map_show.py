"""`cockpit map show`: four views of a map, alone or with what is known of its services."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.text import width as cells
from tests.fakes.alertmanager import FakeAlertmanager
from tests.unit.cli.running import run

VIEWS = pytest.mark.parametrize("view", ["chain", "subway", "tree", "overview"])


@VIEWS
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_every_view_shows_the_map_in_the_width_that_is_asked_for(view: str, width: int) -> None:
    """Payment is there, and no line is wider than it may be."""
    result = run("map", "show", "checkout", "--view", view, "--focus", "payment", "--width", str(width))
    assert (result.code, result.err) == (0, "")
    assert "payment" in result.out
    assert max(map(cells, result.out.splitlines())) <= width


@VIEWS
def test_every_view_can_be_pasted_into_a_ticket(view: str) -> None:
    """Without a terminal there are no escape codes, and with --ascii no other character."""
    plain = run("map", "show", "checkout", "--view", view).out
    assert "\x1b" not in plain
    assert run("map", "show", "checkout", "--view", view, "--ascii").out.isascii()


@VIEWS
def test_a_terminal_gets_colours_and_the_same_text(view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal gets attributes, unless it wants none, and the words are those of the plain drawing."""
    monkeypatch.setenv("TERM", "xterm-256color")
    asked = ("map", "show", "--demo", "--view", view, "--width", "100")
    coloured = run(*asked, terminal=True).out
    assert "\x1b[1;31m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run(*asked, terminal=True).out


@VIEWS
def test_the_demo_carries_health_measures_and_changes(view: str) -> None:
    """A recording answers instead of systems: what fires is marked, and the worst service is the focus."""
    result = run("map", "show", "--demo", "--view", view, "--width", "120")
    assert result.code == 0
    assert "✗ payment" in result.out or "✗─╮ payment" in result.out
    if view != "overview":
        assert "100%" in result.out
        assert "⇡10m" in result.out


def test_the_map_alone_knows_no_health() -> None:
    """Without systems nothing is watched, and nothing is said about that."""
    result = run("map", "show", "checkout")
    assert result.err == ""
    assert not {"✗", "▲", "●"} & set(result.out)


def test_systems_on_the_command_line_give_health(alertmanager: FakeAlertmanager) -> None:
    """An Alertmanager that is named tells what fires; the drawing begins there."""
    alertmanager.fire({"alertname": "LedgerDown", "app": "ledger", "severity": "critical"})
    result = run("map", "show", "checkout", "--alertmanager", alertmanager.base, "--view", "tree")
    assert result.code == 0
    assert "✗ ledger" in result.out


def test_a_context_gives_health_and_a_map(alertmanager: FakeAlertmanager, tmp_path: Path) -> None:
    """With a configuration the context's map is drawn with what its systems answer; a named file is drawn alone."""
    alertmanager.fire({"alertname": "LedgerDown", "app": "ledger", "severity": "critical"})
    config = tmp_path / "c.toml"
    config.write_text(
        f'[contexts.x]\nmap = "checkout"\n[contexts.x.systems.alertmanager]\nurls = ["{alertmanager.base}"]\n'
    )
    assert "✗ ledger" in run("map", "show", "--config", str(config), "--view", "tree").out


def test_a_named_map_is_drawn_alone(
    alertmanager: FakeAlertmanager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map's file does not need the configuration, and asks nobody of it."""
    monkeypatch.setenv("ALERTMANAGER_URL", alertmanager.base)
    alertmanager.fire({"alertname": "LedgerDown", "app": "ledger", "severity": "critical"})
    assert "✗" not in run("map", "show", "checkout", "--view", "tree").out
    broken = tmp_path / "c.toml"
    broken.write_text("nonsense")
    monkeypatch.setenv("COCKPIT_CONFIG", str(broken))
    assert run("map", "show", "checkout").code == 0


@pytest.fixture
def deaf() -> Iterator[str]:
    """Return the address of a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_system_that_is_away_neither_fails_nor_slows_the_drawing(deaf: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The map is drawn without it, and standard error names who did not answer."""
    gone = run("map", "show", "checkout", "--prometheus", "http://127.0.0.1:1", "--alertmanager", "http://127.0.0.1:1")
    assert gone.code == 0
    assert "payment" in gone.out
    assert "prometheus" in gone.err
    monkeypatch.setattr("cockpit.cli.map_sights._PATIENCE_S", 0.3)
    began = time.monotonic()
    slow = run("map", "show", "checkout", "--prometheus", deaf)
    assert (slow.code, "payment" in slow.out) == (0, True)
    assert time.monotonic() - began < 3


def test_callers_stand_under_callees_where_that_is_asked_for() -> None:
    """--callers turns the tree round, and is wrong usage with another view."""
    lines = run("map", "show", "checkout", "--view", "tree", "--callers", "--focus", "payment").out.splitlines()
    assert lines[0].split() == ["○", "payment", "team-payments"]
    assert "○ ui" in lines[1]
    wrong = run("map", "show", "checkout", "--callers")
    assert wrong.code == 2
    assert "--view tree" in wrong.error


def test_hops_say_how_they_are_known() -> None:
    """In JSON every hop and service carries its provenance, when it was last seen, and who else told of it."""
    graph = run("map", "show", "checkout", "--json").document
    for one in (*graph["hops"], *graph["services"]):
        assert (one["provenance"], one["seen"], one["sources"]) == ("declared", None, [])
    assert json.dumps(run("map", "show", "--demo", "--json").document["journeys"]) == json.dumps(graph["journeys"])


def test_with_a_recording_the_focus_is_the_worst_service() -> None:
    """Nobody who looks during an incident has to name it: the tree of callers begins with the failing service."""
    lines = run("map", "show", "--demo", "--view", "tree", "--callers").out.splitlines()
    assert lines[0].startswith("✗ payment")


def test_errors_of_a_map_are_told_once(alertmanager: FakeAlertmanager, tmp_path: Path) -> None:
    """A map with an error is drawn without what is wrong in it, whether systems are asked or not."""
    path = tmp_path / "shop.yaml"
    path.write_text("map: shop\nentry: [ui]\nservices:\n  ui: {team: t, calls: [nobody]}\nteams: {t: {}}\n")
    for more in ((), ("--alertmanager", alertmanager.base)):
        result = run("map", "show", str(path), *more)
        assert (result.code, result.err.count("1 error")) == (0, 1)
