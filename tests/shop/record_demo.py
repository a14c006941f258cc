"""Records the demo: lets the checkout incident happen on real servers while Cockpit's own systems read them.

`python -m tests.shop.record_demo` takes about 28 minutes, because minutes in it are real ones; see `docs/demo.md`.
"""

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cockpit.assembly import Assembly, open_live
from cockpit.clock import SystemClock
from cockpit.config import Context, SystemSpec
from cockpit.demo import recording_path
from cockpit.model.alert import State
from cockpit.model.reading import Topic
from cockpit.poller import Watch
from cockpit.systems.recording import Recording, RecordingWriter, header_of, moved
from tests.e2e.processes import free_port
from tests.e2e.servers import get_json
from tests.e2e.waiting import eventually
from tests.shop import story
from tests.shop.stage import LIFELIKE, RULES, Stage, now, past
from tests.shop.traffic import MEMORY_S, Shop

STANDS_AT = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)
"""The moment to which the deploy is moved."""

MAP = Path(__file__).resolve().parent.parent.parent / "maps" / "checkout.yaml"
"""The integration map of the shop; it ships with Cockpit."""

VERSIONS = "max by (service, version) (app_build_info)"
"""What tells Prometheus' view of deploys."""

MEASURES = {
    "errors": "sum by (service) (rate(http_errors_total[1m])) / sum by (service) (rate(http_requests_total[1m]))",
    "latency": 'max by (service) (http_request_duration_seconds{quantile="0.99"})',
    "rate": "sum by (service) (rate(http_requests_total[1m]))",
}
"""What tells Prometheus' view of how services do."""

ROUND_S = 15
"""Seconds between two askings of alerts, rules and scopes."""

ROUNDS_FROM_S = -305
"""First asking, in seconds after the deploy; so one round ends just before 14:12."""

EVERY_TOPIC = {
    Topic.ALERTS: 1,
    Topic.RULES: 1,
    Topic.SCOPES: 1,
    Topic.SILENCES: 2,
    Topic.CHANGES: 4,
    Topic.MEASURES: 4,
    Topic.TARGETS: 20,
}
"""Every how many rounds a topic is asked for."""

EVERY_SERIES = {State.FIRING: 2, State.PENDING: 4, State.SILENCED: 8, State.INHIBITED: 4}
"""Every how many rounds the series of a fold is asked for, by its state."""


PORTS = (9090, 9093, 9095)
"""Where Prometheus and both Alertmanagers listen, or 10,000 above where somebody has that port."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long is recorded, in seconds after the deploy."""

    begin: int = ROUNDS_FROM_S
    end: int = story.AFTER_S


def context_for(stage: Stage, repositories: Sequence[dict[str, object]]) -> Context:
    """Return a context that reads the stage's servers and repositories."""
    changes = [{"query": VERSIONS, "version": "version"}]
    return Context(
        name="demo",
        map=str(MAP),
        source="demo",
        systems=(
            SystemSpec(
                "alertmanager",
                "alertmanager",
                "demo: systems.alertmanager",
                urls=tuple(peer.url for peer in stage.alertmanagers),
                labels={"cluster": "eu-1"},
            ),
            SystemSpec(
                "prometheus",
                "prometheus",
                "demo: systems.prometheus",
                urls=(stage.prometheus.url,),
                labels={"cluster": "eu-1"},
                extra={"changes": changes, "measures": MEASURES},
            ),
            SystemSpec("git", "git", "demo: systems.git", extra={"repositories": list(repositories)}),
        ),
    )


def builds_of(stage: Stage) -> dict[str, str]:
    """Return what every server says of its build."""
    prometheus = get_json(f"{stage.prometheus.url}/api/v1/status/buildinfo")["data"]
    alertmanager = get_json(f"{stage.alertmanagers[0].url}/api/v2/status")["versionInfo"]
    git = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout.strip()

    def said(name: str, build: dict[str, str]) -> str:
        return (
            f"{name} {build['version']} (branch {build['branch']}, revision {build['revision']}, {build['goVersion']})"
        )

    return {
        "prometheus": said("prometheus", prometheus),
        "alertmanager": said("alertmanager", alertmanager),
        "git": git,
    }


async def record(assembly: Assembly, stage: Stage, release: "Release", plan: Plan) -> None:
    """Let the story happen and ask every system, round after round, until the plan ends."""
    watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=assembly.clock)
    for system in assembly.systems:
        for check in await system.check():
            print(f"  {check.system}: {check.check}: {check.message}")
    due = [(second, deed) for second, deed in story.STORY if second <= plan.end]
    rounds = list(range(plan.begin, plan.end, ROUND_S))
    for number, second in enumerate(rounds):
        while due and due[0][0] <= second:
            after, deed = due.pop(0)
            await _until(release.deploy + timedelta(seconds=after))
            if after == 0:
                release.happen()
            stage.shop.act(deed)
        await _until(release.deploy + timedelta(seconds=second))
        last = second == rounds[-1]
        topics = {topic for topic, every in EVERY_TOPIC.items() if number % every == 0 or last}
        board = await watch.once(topics)
        for fold in board.folds.values():
            every = EVERY_SERIES.get(fold.state)
            if every is not None and (number % every == 0 or last):
                await watch.once((), attend=fold.key)
        print(f"  {_clock(second)} {len(board.alerts)} alerts, {len(board.changes)} changes", flush=True)
    await watch.close()


@dataclass(frozen=True, slots=True)
class Release:
    """The deploy that breaks the checkout, and the repositories around it."""

    deploy: datetime
    stage: Stage

    def prepare(self) -> list[dict[str, object]]:
        """Make the repositories with their past and return how Cockpit's configuration names them."""
        settings = []
        for history in story.REPOSITORIES:
            repository = self.stage.repository(history.name)
            history.write(repository, self.deploy)
            settings.append(history.setting(repository))
        return settings

    def happen(self) -> None:
        """Tag the new version, at the moment of the deploy."""
        story.release(self.stage.repository("payment-service"), self.deploy)


async def _until(moment: datetime) -> None:
    await asyncio.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))


def _clock(second: int) -> str:
    return f"{STANDS_AT + timedelta(seconds=second):%H:%M:%S}"


def make(folder: Path, out: Path, plan: Plan, lead_s: int = 100) -> None:
    """Record the incident into a file, its deploy moved to 14:02 UTC.

    Args:
        folder: Where the servers keep everything; made here, and gone afterwards.
        out: The recording.
        plan: How long is recorded.
        lead_s: Seconds for the servers to start before the first round.
    """
    folder.mkdir(parents=True)
    began = now()
    deploy = began + timedelta(seconds=lead_s - plan.begin)
    deploy += timedelta(seconds=-deploy.timestamp() % 60)  # so that minutes stay minutes when its clock is moved
    print(f"the deploy will be at {deploy:%H:%M:%S} UTC, the recording ends {plan.end} s after it")
    shop = Shop(began.timestamp() - MEMORY_S)
    history = past(shop, began, story.PAST, deploy.timestamp())
    stage = Stage(
        folder,
        peers=2,
        rules=RULES,
        pace=LIFELIKE,
        ports=[free_port(port, port + 10_000) for port in PORTS],
        shop=shop,
        history=history,
    )
    try:
        with stage:
            release = Release(deploy, stage)
            context = context_for(stage, release.prepare())
            eventually(stage.prometheus.scraped, what="a scrape of everything")
            stage.alertmanagers[0].silence(
                {"alertname": "SearchShardStale"},
                "shards are indexed anew until this evening",
                "team-catalogue",
                hours=6,
            )
            raw = folder / "raw.jsonl.gz"
            builds = builds_of(stage)
            asyncio.run(_until(deploy + timedelta(seconds=plan.begin - 1)))
            header = header_of(context, datetime.now(UTC), builds=builds, map_text=MAP.read_text())
            with RecordingWriter(raw, header, clock=SystemClock()) as writer:
                assembly = open_live(context, config_folder=None, record=writer)
                asyncio.run(record(assembly, stage, release, plan))
            seconds = int((STANDS_AT - deploy).total_seconds())
            moved(Recording.load(raw), seconds).save(out, force=True)
    finally:
        shutil.rmtree(folder)
    os.chmod(out, 0o644)  # noqa: PTH101 - a file of the package, readable by everybody
    print(f"wrote {out}, {out.stat().st_size / 1e6:.2f} MB")


def main() -> None:
    """Read the arguments and record."""
    parser = argparse.ArgumentParser(prog="python -m tests.shop.record_demo", description=__doc__)
    parser.add_argument("--out", type=Path, default=recording_path(), help="the recording to write")
    parser.add_argument(
        "--folder", type=Path, default=Path("/tmp/checkout-shop"), help="a folder that is not there yet"
    )
    parser.add_argument("--begin", type=int, default=ROUNDS_FROM_S, help="first round, seconds after the deploy")
    parser.add_argument("--end", type=int, default=story.AFTER_S, help="end, seconds after the deploy")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended before the recording was whole"))
    make(given.folder, given.out, Plan(given.begin, given.end))


if __name__ == "__main__":
    main()
