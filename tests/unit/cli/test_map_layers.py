"""`cockpit map show --layer`: teams and tools on the command line."""

import pytest

from cockpit.text import width as cells
from tests.unit.cli.running import run

LAYERS = pytest.mark.parametrize("layer", ["teams", "tools"])


@LAYERS
@pytest.mark.parametrize("view", ["", "chain", "subway", "tree"])
@pytest.mark.parametrize("width", [40, 80, 160])
def test_every_view_draws_every_layer_in_its_width(layer: str, view: str, width: int) -> None:
    """Both layers are drawn by the views of services, in the width that is asked for, and in ASCII where that is."""
    asked = ("map", "show", "checkout", "--layer", layer, "--width", str(width), "--ascii")
    result = run(*asked, *(("--view", view) if view else ()))
    assert (result.code, result.err) == (0, "")
    assert result.out.isascii()
    assert max(map(cells, result.out.splitlines())) <= width


def test_the_tools_carry_the_state_of_each_handshake() -> None:
    """With a recording hops say how they do; without any system what only systems tell is not known."""
    played = _words("--demo")
    assert "alertmanager works 28 of 28" in played
    assert "runbooks warning 3 of 9" in played
    alone = _words("checkout")
    assert "alertmanager not known" in alone
    assert "owners works 16 of 16" in alone


def _words(*asked: str) -> str:
    return " ".join(run("map", "show", *asked, "--layer", "tools", "--width", "100").out.split())


def test_the_teams_do_as_their_services() -> None:
    """With a recording the team of a firing service fires, and so it says how it is escalated to."""
    played = run("map", "show", "--demo", "--layer", "teams", "--focus", "team-payments", "--width", "100").out
    assert "✗ team-payments" in played
    assert "PagerDuty escalation" in played


def test_the_document_has_nodes_hops_and_handshakes() -> None:
    """In JSON every handshake has a state, and every hop both its ends among the nodes."""
    found = run("map", "show", "--demo", "--layer", "tools", "--json").document
    nodes = {node["name"] for node in found["nodes"]}
    assert all({hop["from"], hop["to"]} <= nodes for hop in found["hops"])
    assert {one["state"] for one in found["handshakes"]} <= {"works", "fails", "warning", "not known"}
    assert found["layer"] == "tools"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--layer", "tolls"), "there is no layer 'tolls'"),
        (("--layer", "tools", "--view", "overview"), "the overview is of services, not of tools"),
        (("--layer", "teams", "--focus", "team-x"), "the map has no team 'team-x'"),
    ],
)
def test_what_there_is_not_is_refused(flags: tuple[str, ...], said: str) -> None:
    """An unknown layer, its overview, and a focus that is not on it are wrong usage."""
    result = run("map", "show", "checkout", *flags)
    assert (result.code, result.out) == (2, "")
    assert said in result.error
