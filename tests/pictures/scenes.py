"""The scenes that are painted: recordings, most of them the demo with something changed, and the board each leads to."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from cockpit.assembly import open_recording
from cockpit.board.state import Board
from cockpit.clock import FixedClock, PlaybackClock
from cockpit.config import Context, SystemSpec
from cockpit.config.zones import person_zone
from cockpit.model.keys import FoldKey
from cockpit.poller import Watch, fast_forward
from cockpit.screens.desk import Desk
from cockpit.systems.recording import Call, Recording, header_of
from cockpit.systems.recording.call import Key
from cockpit.triage.subject import worst
from tests.pictures.storm import storm

STEP_S = 15
"""Seconds between two looks at systems that do not answer."""

_MOMENT = timedelta(seconds=10)
"""How long before it is silent a system was still heard."""

REFUSED = "connection refused"
"""What a server that is not there answers, in the words of the systems."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A recording and the moment of it that is painted."""

    recording: Recording
    at: datetime
    context: Context | None = None
    """Instead of the recorded one, for what the screen says of its configuration."""
    heard_to: datetime | None = None
    """The last moment at which every system answered, where some are asked in vain after it."""

    def look(self) -> tuple[Board, Desk]:
        """Return the board at that moment, and a desk whose clock stands there."""
        return asyncio.run(self._look())

    async def _look(self) -> tuple[Board, Desk]:
        start = self.heard_to or self.at
        assembly = open_recording(self.recording, at=start, speed=0)
        clock = assembly.clock
        assert isinstance(clock, PlaybackClock)
        watch = Watch(systems=assembly.systems, setup=assembly.setup, clock=clock)
        await fast_forward(watch, self.recording, clock, start)
        while clock.now() < self.at:
            clock.set(min(self.at, clock.now() + timedelta(seconds=STEP_S)))
            await watch.once()
        board = await watch.once((), attend=_worst)
        await watch.close()
        context = self.context or assembly.context
        desk = Desk(
            context, FixedClock(self.at), person_zone(context.timezone, {"TZ": "UTC"}, self.at), "first responder"
        )
        return board, desk


def _worst(board: Board) -> FoldKey | None:
    subject = worst(board)
    return subject.fold if subject is not None else None


class Silent(Recording):
    """A recording in which some systems stop answering.

    Args:
        recording: What is changed.
        since: For each such system, from when on and with which words.
    """

    def __init__(self, recording: Recording, since: Mapping[str, tuple[datetime, str]]) -> None:
        super().__init__(recording.header, recording.calls, name=recording.name)
        self._since = since

    def latest(self, key: Key, until: datetime) -> Call | None:
        """Return the failure where the system of the call does not answer any more."""
        began, words = self._since.get(key[0], (None, ""))
        if began is None or until < began:
            return super().latest(key, until)
        return Call(until, until, *key, error=words)

    @property
    def ended(self) -> datetime:
        """Some hours later: what does not answer can be watched for long."""
        return super().ended + timedelta(hours=4)


def changed(recording: Recording, change: Callable[[Call], Call]) -> Recording:
    """Return the recording with every call changed."""
    return Recording(recording.header, [change(call) for call in recording.calls], name=recording.name)


def _answer(call: Call, body: object) -> Call:
    return replace(call, body=json.dumps(body).encode())


def _quiet(call: Call) -> Call:
    """Return the call with nothing in it that fires but the heartbeat, and nothing that is silenced."""
    if call.error is not None or call.status != 200:
        return call
    if call.path == "/api/v2/alerts":
        return _answer(call, [one for one in json.loads(call.body) if one["labels"]["alertname"] == "Watchdog"])
    if call.path == "/api/v2/silences":
        return _answer(call, [])
    if call.path == "/api/v1/rules":
        said: dict[str, Any] = json.loads(call.body)
        for group in said["data"]["groups"]:
            for rule in group["rules"]:
                if rule.get("type") == "alerting" and rule["name"] != "Watchdog":
                    rule.update(alerts=[], state="inactive")
        return _answer(call, said)
    return call


def _repositories(recording: Recording) -> Sequence[object]:
    context: Mapping[str, Any] = recording.header.context
    return next(system["extra"]["repositories"] for system in context["systems"] if system["kind"] == "git")


def _unconfigured(at: datetime) -> Scene:
    context = Context(
        "default",
        systems=(
            SystemSpec("alertmanager", "alertmanager", urls=("http://localhost:9093",)),
            SystemSpec("prometheus", "prometheus", urls=("http://localhost:9090",)),
        ),
        tried=(
            "no ~/.config/cockpit/config.toml",
            "no /etc/cockpit/config.toml",
            "ALERTMANAGER_URL is not set",
            "PROMETHEUS_URL is not set",
            "no ~/.config/amtool/config.yml",
            "no /etc/amtool/config.yml",
            "http://localhost:9093",
            "http://localhost:9090",
        ),
    )
    nobody = Recording(header_of(context, at - timedelta(minutes=1)))
    began = at - timedelta(seconds=STEP_S)
    silent = Silent(nobody, dict.fromkeys(("alertmanager", "prometheus"), (began, REFUSED)))
    return Scene(silent, at, context, heard_to=began)


def scenes(demo: Recording) -> Mapping[str, Callable[[], Scene]]:
    """Return what makes each scene, by name.

    Args:
        demo: The recording of the checkout incident.
    """
    day = demo.began.astimezone(UTC).replace(second=0, microsecond=0)
    incident = day.replace(hour=14, minute=12)
    calm = day.replace(hour=14, minute=1)
    blind = incident + timedelta(seconds=10)
    everything = dict.fromkeys(("alertmanager", "prometheus", "git"), (blind, REFUSED))
    stale = incident - timedelta(minutes=3)
    git = [call for call in demo.calls if call.system == "git"]
    return {
        "incident": lambda: Scene(demo, incident),
        "calm": lambda: Scene(changed(demo, _quiet), calm),
        "storm": partial(_storm, demo, git, incident + timedelta(seconds=30)),
        "blind": lambda: Scene(Silent(demo, everything), blind + timedelta(minutes=12), heard_to=incident),
        "stale": lambda: Scene(
            Silent(demo, {"prometheus": (stale, "no answer within 10 s")}), incident, heard_to=stale - _MOMENT
        ),
        "no-map": lambda: Scene(Recording(replace(demo.header, map=None), demo.calls, name=demo.name), incident),
        "no-configuration": partial(_unconfigured, incident),
    }


def _storm(demo: Recording, git: Sequence[Call], at: datetime) -> Scene:
    return Scene(storm(at, _repositories(demo), git, demo.header.map), at)
