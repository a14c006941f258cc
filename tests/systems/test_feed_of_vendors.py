"""Several vendors in one context: one feed, who is on call, and the same again out of a recording."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from cockpit.assembly import Assembly, open_recorded, open_recording
from cockpit.board.state import Board
from cockpit.clock import FixedClock
from cockpit.config import Context, Secret, SystemSpec
from cockpit.model.change import Progress
from cockpit.model.reading import Liveness
from cockpit.poller import Watch
from cockpit.systems.recording import Recording
from tests.fakes.argocd import TOKEN as ARGO_TOKEN
from tests.fakes.argocd import FakeArgoCD
from tests.fakes.github import TOKEN as GITHUB_TOKEN
from tests.fakes.github import FakeGitHub
from tests.fakes.pagerduty import TOKEN as PAGERDUTY_TOKEN
from tests.fakes.pagerduty import FakePagerDuty

NOW = datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
SHA = "3fa9c1b" + "0" * 33
MAP = """
map: checkout
services:
  payment: {team: team-payments, pagerduty: PPAY, aliases: [payment-service]}
teams:
  team-payments: {pagerduty: PABC123}
"""


def _secret(folder: Path, name: str, text: str) -> Secret:
    path = folder / name
    path.write_text(text)
    path.chmod(0o600)
    return Secret(file=str(path))


class _Vendors(NamedTuple):
    pagerduty: FakePagerDuty
    github: FakeGitHub
    argocd: FakeArgoCD


@asynccontextmanager
async def _vendors(folder: Path) -> AsyncIterator[tuple[Context, _Vendors]]:
    def now() -> datetime:
        return NOW

    async with FakePagerDuty(now) as pagerduty, FakeGitHub(now) as github, FakeArgoCD(now) as argocd:
        path = folder / "checkout.yaml"
        path.write_text(MAP)
        specs = [
            SystemSpec(kind, kind, f"c.toml: contexts.x.systems.{kind}", urls=(server.url,), token=_secret(folder, kind, token), extra=extra)
            for kind, server, token, extra in (
                ("pagerduty", pagerduty, PAGERDUTY_TOKEN, {}),
                ("github", github, GITHUB_TOKEN, {"repositories": [{"repo": "acme/payment-service", "environment": "production"}]}),
                ("argocd", argocd, ARGO_TOKEN, {}),
            )
        ]  # fmt: skip
        yield Context("x", systems=tuple(specs), map=str(path)), _Vendors(pagerduty, github, argocd)


async def _once(assembly: Assembly) -> Board:
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
    try:
        return await watch.once()
    finally:
        await watch.close()


def _deploy(pagerduty: FakePagerDuty, github: FakeGitHub, argocd: FakeArgoCD) -> None:
    """Let payment v2.4.0 go out, seen by all three."""
    began = NOW - timedelta(minutes=10)
    details = {"version": "v2.4.0", "status": "success"}
    pagerduty.change(began + timedelta(minutes=3), "Deployed payment", "PPAY", custom_details=details)
    pagerduty.duty("PABC123", "Ada", NOW - timedelta(hours=1), NOW + timedelta(hours=3, minutes=48))
    number = github.deploy("acme/payment-service", began, SHA, "v2.4.0")
    github.status(number, began, "in_progress")
    github.status(number, began + timedelta(minutes=3), "success")
    argocd.app("payment")
    argocd.sync("payment", began + timedelta(minutes=1), SHA)
    argocd.finish("payment", began + timedelta(minutes=2))
    argocd.images("payment", "acme/payment:v2.4.0")


async def test_one_deploy_has_three_witnesses_and_a_recording_tells_the_same(tmp_path: Path) -> None:
    """One row, with begin and end, its owner's team and who of it is on call; no secret is in the recording."""
    async with _vendors(tmp_path) as (context, vendors):
        _deploy(*vendors)
        file = tmp_path / "r.jsonl"
        assembly, writer = open_recorded(context, file, config_folder=None, clock=FixedClock(NOW))
        board = await _once(assembly)
        writer.close()
    (change,) = board.changes
    assert sorted(change.systems) == ["argocd", "github", "pagerduty"]
    assert (change.service, change.mapped, change.version, change.team) == ("payment", True, "v2.4.0", "team-payments")
    assert (change.began, change.progress) == (NOW - timedelta(minutes=10), Progress.DONE)
    assert [duty.person for duty in board.duties["team-payments"]] == ["Ada"]
    assert {state.state for state in board.systems.values()} == {Liveness.LIVE}
    kept = file.read_bytes()
    assert not any(token.encode() in kept for token in (PAGERDUTY_TOKEN, GITHUB_TOKEN, ARGO_TOKEN))
    played = await _once(open_recording(Recording.load(file), at=NOW + timedelta(seconds=1), speed=0))
    assert [(one.id, one.systems) for one in played.changes] == [(change.id, change.systems)]
    assert {team: [duty.person for duty in duties] for team, duties in played.duties.items()} == {
        "team-payments": ["Ada"]
    }


@pytest.mark.parametrize("silent", ["pagerduty", "github", "argocd"])
async def test_one_that_fails_is_named_and_hides_no_other(tmp_path: Path, silent: str) -> None:
    """The others' word for the change stays, and who does not answer says why."""
    async with _vendors(tmp_path) as (context, vendors):
        _deploy(*vendors)
        await getattr(vendors, silent).stop()
        assembly, writer = open_recorded(context, tmp_path / "r.jsonl", config_folder=None, clock=FixedClock(NOW))
        board = await _once(assembly)
        writer.close()
    (change,) = board.changes
    assert sorted(change.systems) == sorted({"pagerduty", "github", "argocd"} - {silent})
    assert board.systems[silent].state is Liveness.DOWN
    assert "connection refused" in (board.systems[silent].error or "")
