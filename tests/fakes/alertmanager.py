"""An Alertmanager that speaks API v2: alerts posted to it, silences shared by its cluster, inhibition, receivers."""

import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cockpit.matchers import MatcherError, all_match, make_matcher, parse_matcher
from tests.fakes.http_server import Answer, Asked, FakeServer, say

Labels = dict[str, str]


def stamp(at: datetime) -> str:
    """Return a moment as Alertmanager writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """Return the moment that a text says."""
    return datetime.fromisoformat(text)


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return Prometheus' fingerprint: FNV-1a of 64 bits over sorted names and values, each followed by 0xff."""
    text = b"".join(part.encode() + b"\xff" for name in sorted(labels) for part in (name, labels[name]))
    value = 0xCBF29CE484222325
    for byte in text:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return format(value, "016x")


@dataclass(slots=True)
class Held:
    """One alert that a peer holds."""

    labels: Labels
    annotations: Labels
    starts: datetime
    ends: datetime
    updated: datetime
    generator: str


@dataclass(slots=True)
class Inhibition:
    """Alerts with these labels suppress those with the others, where some labels are equal."""

    source: Labels
    target: Labels
    equal: Sequence[str] = ()


@dataclass(slots=True)
class Cluster:
    """What peers share: silences and each other's names; never alerts."""

    now: Callable[[], datetime]
    inhibitions: Sequence[Inhibition] = ()
    receivers: Mapping[str, Labels] = field(default_factory=lambda: {"team-default": {}})
    """By receiver: the labels that an alert must have to reach it."""
    version: str = "0.25.0"
    silences: dict[str, dict[str, Any]] = field(default_factory=dict)
    peers: "list[FakeAlertmanager]" = field(default_factory=list)

    def silence(self, matchers: Mapping[str, str], *, comment: str = "", by: str = "me", hours: float = 1) -> str:
        """Silence alerts with these labels and return the silence's id."""
        now = self.now()
        said = {
            "matchers": [
                {"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in matchers.items()
            ],
            "startsAt": stamp(now),
            "endsAt": stamp(now + timedelta(hours=hours)),
            "createdBy": by,
            "comment": comment,
        }
        return self.keep(said)

    def keep(self, said: dict[str, Any]) -> str:
        """Keep a silence as it was posted, and return its id."""
        name = str(said.get("id") or uuid.uuid4())
        self.silences[name] = said | {"id": name, "updatedAt": stamp(self.now())}
        return name

    def expire(self, name: str) -> None:
        """End a silence now."""
        self.silences[name] |= {"endsAt": stamp(self.now()), "updatedAt": stamp(self.now())}

    def state_of(self, silence: Mapping[str, Any]) -> str:
        """Return whether a silence is pending, active or expired."""
        now = self.now()
        if moment(silence["endsAt"]) <= now:
            return "expired"
        return "active" if moment(silence["startsAt"]) <= now else "pending"


class FakeAlertmanager(FakeServer):
    """One peer.

    Args:
        cluster: What it shares with the others.
        prefix: Its route prefix, such as `/am`.
    """

    def __init__(self, cluster: Cluster, *, prefix: str = "", **more: Any) -> None:
        super().__init__(now=cluster.now, **more)
        self.cluster = cluster
        self.prefix = prefix
        self.began = cluster.now()
        self.alerts: dict[str, Held] = {}
        cluster.peers.append(self)
        for path, route in (
            ("GET /api/v2/alerts", self._get_alerts),
            ("POST /api/v2/alerts", self._post_alerts),
            ("GET /api/v2/silences", self._get_silences),
            ("POST /api/v2/silences", self._post_silence),
            ("GET /api/v2/status", self._get_status),
            ("GET /api/v2/receivers", self._get_receivers),
        ):
            method, _, rest = path.partition(" ")
            self.routes[f"{method} {prefix}{rest}"] = route
        self.default = lambda asked: say({"code": 404, "message": f"path {asked.path} was not found"}, 404)

    @property
    def base(self) -> str:
        """Its URL with the route prefix."""
        return self.url + self.prefix

    def fire(
        self,
        labels: Labels,
        annotations: Labels | None = None,
        *,
        starts: datetime | None = None,
        ends: datetime | None = None,
        generator: str = "",
    ) -> str:
        """Hold an alert as if a Prometheus had sent it, and return its fingerprint."""
        now = self.cluster.now()
        name = fingerprint(labels)
        known = self.alerts.get(name)
        begun = min(filter(None, (starts, known.starts if known else None)), default=now)
        self.alerts[name] = Held(labels, annotations or {}, begun, ends or now + timedelta(minutes=4), now, generator)
        return name

    def forget(self) -> None:
        """Lose all alerts, as a restart does."""
        self.alerts.clear()
        self.began = self.cluster.now()

    def _firing(self) -> dict[str, Held]:
        return {name: held for name, held in self.alerts.items() if held.ends > self.cluster.now()}

    def _receivers_of(self, labels: Labels) -> list[str]:
        return [name for name, wanted in self.cluster.receivers.items() if wanted.items() <= labels.items()]

    def _silenced_by(self, labels: Labels) -> list[str]:
        found = []
        for name, silence in self.cluster.silences.items():
            matchers = tuple(make_matcher(one["name"], _operator(one), one["value"]) for one in silence["matchers"])
            if self.cluster.state_of(silence) == "active" and all_match(matchers, labels):
                found.append(name)
        return found

    def _inhibited_by(self, name: str, labels: Labels) -> list[str]:
        return [
            other
            for rule in self.cluster.inhibitions
            if rule.target.items() <= labels.items()
            for other, held in self._firing().items()
            if other != name
            and rule.source.items() <= held.labels.items()
            and all(held.labels.get(label, "") == labels.get(label, "") for label in rule.equal)
        ]

    def _get_alerts(self, asked: Asked) -> Answer:
        try:
            filters = tuple(parse_matcher(text) for text in asked.all("filter"))
            receiver = re.compile(asked.params.get("receiver", ".*"))
        except MatcherError:
            return say([])
        except re.error as error:
            return say(f"failed to parse receiver param: {error}", 400)
        hidden = {state for state in ("active", "silenced", "inhibited") if asked.params.get(state) == "false"}
        told = []
        for name, held in sorted(self._firing().items()):
            receivers = self._receivers_of(held.labels)
            silenced, inhibited = self._silenced_by(held.labels), self._inhibited_by(name, held.labels)
            state = "suppressed" if silenced or inhibited else "active"
            if not all_match(filters, held.labels) or not any(map(receiver.fullmatch, receivers)):
                continue
            if ("silenced" in hidden and silenced) or ("inhibited" in hidden and inhibited) or state in hidden:
                continue
            told.append(
                {
                    "annotations": held.annotations,
                    "endsAt": stamp(held.ends),
                    "fingerprint": name,
                    "receivers": [{"name": receiver} for receiver in receivers],
                    "startsAt": stamp(held.starts),
                    "status": {"inhibitedBy": inhibited, "silencedBy": silenced, "state": state},
                    "updatedAt": stamp(held.updated),
                    "generatorURL": held.generator,
                    "labels": held.labels,
                }
            )
        return say(told)

    def _post_alerts(self, asked: Asked) -> Answer:
        try:
            for said in json.loads(asked.body):
                starts = moment(said["startsAt"]) if "startsAt" in said else None
                ends = moment(said["endsAt"]) if "endsAt" in said else None
                self.fire(
                    said["labels"],
                    said.get("annotations"),
                    starts=starts,
                    ends=ends,
                    generator=said.get("generatorURL", ""),
                )
        except (ValueError, KeyError) as error:
            return say({"code": 400, "message": f"parsing alerts body failed, because {error}"}, 400)
        return Answer(200, b"")

    def _get_silences(self, _: Asked) -> Answer:
        return say(
            [
                silence | {"status": {"state": self.cluster.state_of(silence)}}
                for silence in self.cluster.silences.values()
            ]
        )

    def _post_silence(self, asked: Asked) -> Answer:
        said = json.loads(asked.body)
        if said.get("id") and said["id"] not in self.cluster.silences:
            return say("silence not found", 404)
        if moment(said["endsAt"]) <= moment(said["startsAt"]):
            return say("start time must be before end time", 400)
        return say({"silenceID": self.cluster.keep(said)})

    def _get_status(self, _: Asked) -> Answer:
        several = len(self.cluster.peers) > 1
        members = [
            {"name": f"peer-{number}", "address": peer.address} for number, peer in enumerate(self.cluster.peers)
        ]
        config = 'route:\n  receiver: team-default\n  routes:\n  - matchers: [severity="critical"]\n'
        config += "receivers:\n- name: team-default\n  pagerduty_configs:\n  - routing_key: <secret>\n"
        version = {"branch": "", "buildDate": "", "buildUser": "", "goVersion": "", "revision": ""}
        return say(
            {
                "cluster": {"status": "ready" if several else "disabled", "peers": members if several else []},
                "config": {"original": config},
                "uptime": stamp(self.began),
                "versionInfo": version | {"version": self.cluster.version},
            }
        )

    def _get_receivers(self, _: Asked) -> Answer:
        return say([{"name": name} for name in self.cluster.receivers])


def _operator(matcher: Mapping[str, Any]) -> str:
    if matcher["isRegex"]:
        return "=~" if matcher.get("isEqual", True) else "!~"
    return "=" if matcher.get("isEqual", True) else "!="
