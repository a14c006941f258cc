"""The system splunk: what searches find of deploys, over the export stream of a search head."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.change import ChangeReport
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.spans import clock_time, say_seconds
from cockpit.systems.base import Check, Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.covering import Covers
from cockpit.systems.failures import refused, what_it_said
from cockpit.systems.http import skew_of
from cockpit.systems.manners import Manners
from cockpit.systems.splunk_rows import Reader, read_rows
from cockpit.systems.splunk_search import Search, Settings, Wanted, read_settings, scheme_of, wanted
from cockpit.systems.splunk_stream import QUOTA_REST_S, quota, read_stream
from cockpit.text import cut, one_line

EXPORT = "/services/search/v2/jobs/export"
"""Where searches are run and answered in one call."""

EXPORT_V1 = "/services/search/jobs/export"
"""The same before Splunk 9."""

REMEMBERED = 5000
"""Versions without a time whose first sighting is remembered."""

_REMEDIES = {
    400: "correct the search: try it in Splunk's own search page",
    401: "put a good token where that setting points to",
    403: "the role needs the capability search, and the index",
    404: "correct url: it is the management port of a search head, 8089 unless changed",
    503: "wait, or raise every: each role may only run so many searches at a time",
}
"""What to do about an answer's status."""


class System:
    """One search head. Each refresh runs each search once; one that is given up is cancelled with its connection.

    Args:
        spec: Its settings.
        around: Its wire and the integration map.
        clock: Says when it answered.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "splunk"
    TOPICS: tuple[Topic, ...] = (Topic.CHANGES,)
    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: 60.0}
    WIRE = "http"
    SETTINGS = Settings

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else self.CADENCE[Topic.CHANGES]
        self.insecure = spec.verify is False
        self._spec = spec
        self._wire = around.wire
        self._clock = clock
        self._window = timedelta(seconds=around.window_s)
        self._settings = read_settings(spec)
        self._covers = Covers(self._settings.covers, around.map)
        self._path = EXPORT
        self._first: dict[str, tuple[datetime, float]] = {}
        self._asked: tuple[datetime, datetime] | None = None

    @staticmethod
    def manners(spec: SystemSpec) -> Manners:
        """Return how it wants to be asked: by a token, or by a session key.

        Raises:
            ConfigError: The setting `scheme` is neither.
        """
        return Manners(scheme=f"{scheme_of(spec)} ")

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the changes that the searches find; one that fails is a gap, and so is what one leaves out.

        Raises:
            SystemError: No search answered.
        """
        changes: dict[str, ChangeReport] = {}
        gaps: list[str] = []
        failures: list[SystemError] = []
        begins, doubt = [since], self._doubt(since, until)
        for search in self._settings.searches:
            asked = wanted(search, since, until)
            try:
                found, told = await self._find(asked, since, until, around, doubt)
            except SystemError as error:
                failures.append(error)
                gaps.append(f"search {one_line(search.search, 60)}: {error}")
                continue
            gaps += told
            begins += [asked.since] if asked.since is not None else []
            for change in found:
                changes.setdefault(change.id, change)
        if failures and len(failures) == len(self._settings.searches):
            raise failures[0]
        around.complete_to = max(since, until - self._settings.lag)
        around.partial = "; ".join(dict.fromkeys(gaps)) or None
        self._covers.saw(change.name for change in changes.values())
        newest = sorted(changes.values(), key=lambda change: (change.began, change.id), reverse=True)
        return ChangesSeen(tuple(newest), max(begins), self._covers.names, tuple(dict.fromkeys(gaps)))

    def _doubt(self, since: datetime, until: datetime) -> float:
        """Return for how many seconds nobody looked: since the last asking, or all of a window that was not asked yet."""
        before, self._asked = self._asked, (since, until)
        looked = before is not None and before[0] <= since <= before[1] <= until
        return (until - before[1] if looked and before is not None else until - since).total_seconds()

    async def _find(
        self, asked: Wanted, since: datetime, until: datetime, around: Circumstances, doubt: float
    ) -> tuple[list[ChangeReport], list[str]]:
        reply = await self._run(asked, since, until)
        around.skew_s = skew_of(reply, self._clock.now())
        stream = await read_stream(reply.body)
        reader = Reader(asked.kind, self._settings.names, self._spec.labels)
        found = await asyncio.to_thread(read_rows, stream.rows, reader, until)
        changes = [change for change in found.changes if change.began >= since]
        changes += self._seen(found.timeless, until, doubt)
        gaps = [*stream.gaps, *found.gaps]
        if asked.since is None:
            gaps.append("the search has a time of its own: how far back it reaches is not known, leave earliest out")
        return changes, gaps

    def _seen(self, changes: Sequence[ChangeReport], until: datetime, doubt: float) -> list[ChangeReport]:
        """Return changes of rows without a time: each began before the asking that first had it, and after the last."""
        known: list[ChangeReport] = []
        for change in changes:
            stem = change.id.rpartition("@")[0]
            began, tolerance_s = self._first.setdefault(stem, (until, doubt))
            known.append(replace(change, id=f"{stem}@{began:%Y%m%dT%H%M%SZ}", began=began, tolerance_s=tolerance_s))
        while len(self._first) > REMEMBERED:
            del self._first[next(iter(self._first))]
        return known

    async def _run(self, asked: Wanted, since: datetime, until: datetime) -> Reply:
        form = (
            ("search", asked.text),
            ("output_mode", "json"),
            ("earliest_time", f"{since.timestamp():.0f}"),
            ("latest_time", f"{until.timestamp() + 1:.0f}"),
            ("preview", "false"),
            ("adhoc_search_level", "fast"),
            ("timeout", f"{max(1.0, self._spec.timeout.total_seconds()):.0f}"),
        )
        peer = next(iter(self._spec.urls), "")
        reply = await self._wire.call(peer, "POST", self._path, form)
        if reply.status == 404 and self._path == EXPORT:
            older = await self._wire.call(peer, "POST", EXPORT_V1, form)
            if older.status != 404:
                self._path, reply = EXPORT_V1, older
        error = self._refused(reply)
        if error is not None:
            raise error
        return reply

    def _refused(self, reply: Reply) -> SystemError | None:
        error = refused(reply, self._spec, self._path, self._clock.now())
        if error is None:
            return None
        said, words, rest = what_it_said(reply), str(error), error.retry_after_s
        place = self._spec.place or self.name
        if reply.status == 401:
            words += f": {said}" if said else ""
            if self._spec.token is not None and scheme_of(self._spec) == "Bearer":
                words += '; a session key wants scheme = "Splunk"'
        elif reply.status == 400:
            words += f" (setting search in {place})"
        elif reply.status == 503 and rest is None and quota(said):
            rest = QUOTA_REST_S
        return SystemError(words, retry_after_s=rest, status=reply.status)

    async def check(self) -> Sequence[Check]:
        """Run each search once."""
        until = self._clock.now()
        return [await self._checked(search, until - self._window, until) for search in self._settings.searches]

    async def _checked(self, search: Search, since: datetime, until: datetime) -> Check:
        asked = wanted(search, since, until)
        what = f"search {cut(one_line(search.search), 50)}"
        try:
            found, gaps = await self._find(asked, since, until, Circumstances(), 0.0)
        except SystemError as error:
            remedy = _REMEDIES.get(error.status or 0, "is it the management port, and may it be reached from here?")
            return Check(self.name, what, ok=False, message=str(error), remedy=remedy)
        said = f"{len(found) or 'no'} {'change' if len(found) == 1 else 'changes'}"
        said += f" in {say_seconds(self._window.total_seconds())}"
        if asked.since is not None and asked.since > since:
            gaps.append(f"its own earliest reaches back to {clock_time(asked.since)} UTC only: leave it out")
        said += f"; {'; '.join(gaps)}" if gaps else ""
        remedy = "is there such an index, may this role read it, and have its events a service and a version?"
        fine = bool(found) and not gaps
        return Check(self.name, what, ok=True, message=said, remedy="" if fine else remedy, warning=not fine)

    async def close(self) -> None:
        """Close the connections, which cancels a search that still runs."""
        await self._wire.close()
