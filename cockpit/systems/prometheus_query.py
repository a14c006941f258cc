"""Asks a Prometheus over its HTTP API: queries by GET or form, replicas in turn, errors and warnings in words."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any
from urllib.parse import urlencode

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.reading import Peer, shift_of
from cockpit.spans import rfc3339
from cockpit.systems.addresses import addresses_of, bare_url
from cockpit.systems.answers import LATEST, SLICE, Raws, decode, joined, require_json
from cockpit.systems.base import Circumstances, Reply, SystemError, Wire
from cockpit.systems.failures import refused, what_it_said
from cockpit.systems.http import skew_of
from cockpit.systems.peers import common_kind
from cockpit.text import one_line

LONG_QUERY = 1500
"""Characters from which a query is sent as a form: addresses have limits on the way."""

_ERRORS = {
    "bad_data": "the query was refused",
    "execution": "the query failed",
    "timeout": "the query took too long for the server",
    "canceled": "the query was cancelled by the server",
    "too_many_requests": "the server has too many queries to answer",
}
_PARAMETER = 'invalid parameter "query": '


class Envelope(msgspec.Struct):
    """What every answer is wrapped in."""

    status: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
    errorType: str = ""  # noqa: N815 - the field's name in the answer
    warnings: list[str] | None = None


class QueryData(msgspec.Struct):
    """What a query came to; the shape of the result depends on its type."""

    resultType: str  # noqa: N815 - the field's name in the answer
    result: msgspec.Raw = msgspec.Raw(b"[]")


class _Instant(msgspec.Struct):
    metric: dict[str, str] = {}
    value: tuple[float, str] | None = None


class _Range(msgspec.Struct):
    metric: dict[str, str] = {}
    values: list[tuple[float, str]] = []


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value at one moment; its labels are raw, cleaned by whoever shows them."""

    labels: Mapping[str, str]
    at: datetime
    value: float | None
    """Null where it is no finite number."""


@dataclass(frozen=True, slots=True)
class Line:
    """One series over a span, without what is no finite number; times are Unix seconds."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


def number(text: str) -> float | None:
    """Return a sample's value, or null for NaN, infinity and what is no number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def moment(seconds: float) -> datetime:
    """Return a sample's time; milliseconds are the server's precision.

    Raises:
        SystemError: It lies before 1970, or so far ahead that no calendar has it.
    """
    if not 0 <= seconds < LATEST.timestamp():
        raise SystemError("answered with a time that no calendar has")
    return datetime.fromtimestamp(round(seconds, 3), UTC)


class Server:
    """One Prometheus, or replicas of one that are asked in turn, the last good one first.

    Args:
        spec: The system's settings.
        wire: The way to it.
        clock: For skew and spans.
    """

    def __init__(self, spec: SystemSpec, wire: Wire, clock: Clock) -> None:
        self._spec = spec
        self._wire = wire
        self._clock = clock
        self.urls = tuple(map(bare_url, spec.urls))
        self.addresses = addresses_of(self.urls)
        self._good = 0
        self._peers: dict[str, Peer] = {}
        self.skew_s = 0.0
        """How far its clock is ahead of ours."""

    def now(self) -> datetime:
        """Return what time it is there."""
        return self._clock.now() + timedelta(seconds=shift_of(self.skew_s))

    def graph(self, query: str) -> str | None:
        """Return a link that shows a query as a graph."""
        if not self.urls:
            return None
        return f"{self.urls[self._good]}/graph?{urlencode({'g0.expr': query, 'g0.tab': '0'})}"

    async def ask(
        self, path: str, params: Sequence[tuple[str, str]], around: Circumstances, *, form: bool = False
    ) -> msgspec.Raw:
        """Return an answer's data.

        Raises:
            SystemError: No replica answered, or the server refused; in words.
        """
        errors: dict[str, SystemError] = {}
        first = self._good  # another asking may move it meanwhile
        try:
            for turn in range(len(self.urls)):
                place = (first + turn) % len(self.urls)
                url = self.urls[place]
                try:
                    data = await self._ask_one(url, path, params, around, form=form)
                except SystemError as error:
                    if error.status is not None and error.status < 500:
                        raise
                    errors[url] = error
                    self._peers[url] = Peer(self.addresses[url], up=False, error=str(error))
                    continue
                self._good = place
                self._peers[url] = Peer(self.addresses[url], up=True)
                return data
        finally:
            around.peers = tuple(self._peers[url] for url in self.urls if url in self._peers)
            around.skew_s = self.skew_s
        raise self._failed(errors)

    def _failed(self, errors: Mapping[str, SystemError]) -> SystemError:
        told = "; ".join(f"{self.addresses[url]}: {error}" for url, error in errors.items())
        last = list(errors.values())[-1] if errors else None
        return common_kind(list(errors.values()))(
            told or "no address is configured",
            retry_after_s=last.retry_after_s if last else None,
            status=last.status if last else None,
        )

    async def _ask_one(
        self, url: str, path: str, params: Sequence[tuple[str, str]], around: Circumstances, *, form: bool
    ) -> msgspec.Raw:
        reply = await self._wire.call(url, "POST" if form else "GET", path, params)
        self.skew_s = skew_of(reply, self._clock.now())
        error = _refusal(reply) or refused(reply, self._spec, path, self._clock.now())
        if error is not None:
            raise error
        envelope: Envelope = decode(require_json(reply), Envelope)
        if envelope.status != "success":
            raise SystemError(_error_words(envelope), status=reply.status)
        if envelope.warnings:
            around.partial = joined(
                (around.partial, *(f"warns: {one_line(text, 200)}" for text in envelope.warnings[:3]))
            )
        await asyncio.sleep(0)
        return envelope.data

    async def _query(self, path: str, params: list[tuple[str, str]], around: Circumstances) -> QueryData:
        query = next(value for name, value in params if name == "query")
        params.append(("timeout", f"{max(1, int(self._spec.timeout.total_seconds()))}s"))
        data: QueryData = decode(await self.ask(path, params, around, form=len(query) > LONG_QUERY), QueryData)
        return data

    async def instant(self, query: str, around: Circumstances) -> list[Sample]:
        """Return a query's values now, by the server's own clock; a scalar as one sample without labels.

        Raises:
            SystemError: It failed, or came to a string or a span of values.
        """
        data = await self._query("/api/v1/query", [("query", query)], around)
        if data.resultType == "scalar":
            seconds, text = decode(data.result, tuple[float, str])
            return [Sample({}, moment(seconds), number(text))]
        if data.resultType != "vector":
            raise SystemError(
                f"the query comes to a {one_line(data.resultType, 20)}, not to values of one moment", status=422
            )
        found: list[_Instant] = decode(data.result, list[_Instant])
        return [
            Sample(one.metric, moment(one.value[0]), number(one.value[1])) for one in found if one.value is not None
        ]

    async def span(
        self, query: str, start: datetime, end: datetime, step_s: float, around: Circumstances
    ) -> list[Line]:
        """Return a query's values over a span by the server's clock, every so many seconds.

        Raises:
            SystemError: It failed, came to no series, or holds a time that no calendar has.
        """
        params = [
            ("query", query),
            ("start", rfc3339(start) or ""),
            ("end", rfc3339(end) or ""),
            ("step", f"{step_s:g}"),
        ]
        data = await self._query("/api/v1/query_range", params, around)
        if data.resultType != "matrix":
            raise SystemError(f"a range query came to a {one_line(data.resultType, 20)}")
        raws: Raws = decode(data.result, Raws)
        lines: list[Line] = []
        taken = 0
        for raw in raws:
            one: _Range = decode(raw, _Range)
            points = tuple((at, value) for at, text in one.values if (value := number(text)) is not None)
            if points:
                moment(min(points)[0])
                moment(max(points)[0])
            lines.append(Line(one.metric, points))
            taken += len(one.values) + 20
            if taken > SLICE * 20:
                taken = 0
                await asyncio.sleep(0)
        return lines


def _refusal(reply: Reply) -> SystemError | None:
    """Return the error for a query that the server did not like, told with the place in it."""
    if reply.status not in {400, 422, 503} or not reply.body.lstrip().startswith(b"{"):
        return None
    try:
        envelope = decode(reply.body, Envelope)
    except SystemError:
        return None
    if not envelope.errorType:
        return None
    return SystemError(_error_words(envelope) or what_it_said(reply), status=reply.status)


def _error_words(envelope: Envelope) -> str:
    said = one_line(envelope.error.removeprefix(_PARAMETER), 300)
    kind = _ERRORS.get(envelope.errorType, one_line(envelope.errorType, 40) or "it failed")
    return f"{kind}: {said}" if said else kind


def per_query(error: SystemError) -> bool:
    """Tell whether an error is the one query's, not the server's."""
    return error.status in {400, 422}


def fits(labels: Mapping[str, str], alert: Mapping[str, Any], ignored: frozenset[str]) -> int | None:
    """Return how many labels of a series agree with an alert's, or null where one of them differs.

    A series' label that the alert does not have differs too: it is another series of the same rule.
    """
    count = 0
    for name, value in labels.items():
        if name == "__name__" or name in ignored:
            continue
        if alert.get(name) != value:
            return None
        count += 1
    return count
