"""Joins what the peers of one cluster hold, and keeps what did not change as the very same objects."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import attrgetter, is_

from cockpit.model.alert import AlertReport
from cockpit.model.reading import AlertsSeen
from cockpit.systems.alertmanager_answers import apart, join_reports, named_in, read_alert
from cockpit.systems.answers import ItemReader, decode_list

_SLICE = 2000
"""Fingerprints that are joined before others on the loop have their turn."""


class PeerPage:
    """What one peer answered last: an unchanged body is not read again, an unchanged alert neither.

    Args:
        address: The peer's.
        added: Labels of the system's settings.
    """

    def __init__(self, address: str, added: Mapping[str, str]) -> None:
        self._reader: ItemReader[AlertReport] = ItemReader(
            "alerts", lambda data, plain: read_alert(data, plain, address, added, self._known)
        )
        self._body: bytes | None = None
        self._known: dict[str, AlertReport] = {}
        self.reports: list[AlertReport] = []
        """One per alert of the answer that could be read, or once could."""

    async def read(self, body: bytes) -> None:
        """Read an answer.

        Raises:
            SystemError: It is no list of alerts.
        """
        if body == self._body:
            return
        raws = decode_list(body)
        self._body = None
        before = self.reports
        self._reader.begin()
        self._known = {report.id: report for report in before}
        self.reports = await self._reader.read(raws)
        self._reader.end()
        self._known = {}
        self._keep(before)
        self._body = body

    def _keep(self, before: Sequence[AlertReport]) -> None:
        """Let an alert that cannot be read any more stand as it was: it is still there, and not resolved."""
        unread = {name for data in self._reader.unread if (name := named_in(data))}
        if unread:
            unread -= {report.id for report in self.reports}
            self.reports += [report for report in before if report.id in unread]

    @property
    def complaint(self) -> str | None:
        """What could not be read in it."""
        return self._reader.complaint


_Joined = tuple[tuple[AlertReport, ...], tuple[AlertReport, ...]]
"""What peers said of one fingerprint, and the alerts that it is: more than one only where labels differ."""


def _join(reports: tuple[AlertReport, ...]) -> tuple[AlertReport, ...]:
    if all(report.labels == reports[0].labels for report in reports):
        return (join_reports(reports),)
    return tuple(map(join_reports, apart(reports)))


class AlertBook:
    """The alerts of one cluster, joined by fingerprint."""

    def __init__(self) -> None:
        self._joined: dict[str, _Joined] = {}
        self._seen = AlertsSeen(())

    async def join(self, pages: Sequence[Sequence[AlertReport]]) -> AlertsSeen:
        """Return the alerts of all peers; unchanged ones, or an unchanged whole, are the same objects as before."""
        if len(pages) == 1 and len({report.id for report in pages[0]}) == len(pages[0]):
            return self._alone(pages[0])
        found: dict[str, tuple[AlertReport, ...]] = {}
        for page in pages:
            for number, report in enumerate(page):
                before = found.get(report.id)
                found[report.id] = (report,) if before is None else (*before, report)
                if number % _SLICE == _SLICE - 1:
                    await asyncio.sleep(0)
        joined: dict[str, _Joined] = {}
        for number, (name, reports) in enumerate(found.items()):
            known = self._joined.get(name)
            joined[name] = known if known is not None and _same(known[0], reports) else (reports, _join(reports))
            if number % _SLICE == _SLICE - 1:
                await asyncio.sleep(0)
        self._joined = joined
        return self._said(tuple(chain.from_iterable(joined[name][1] for name in sorted(joined))))

    def _alone(self, page: Sequence[AlertReport]) -> AlertsSeen:
        """Return what one peer alone says: there is nothing to join."""
        self._joined = {}
        return self._said(tuple(sorted(page, key=attrgetter("id"))))

    def _said(self, alerts: tuple[AlertReport, ...]) -> AlertsSeen:
        if not _same(alerts, self._seen.alerts):
            self._seen = AlertsSeen(alerts)
        return self._seen


def _same(some: Sequence[AlertReport], others: Sequence[AlertReport]) -> bool:
    """Tell whether both hold the very same objects."""
    return len(some) == len(others) and all(map(is_, some, others))
