"""Asks one account of PagerDuty: all pages of a list, its refusals in its own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.spans import rfc3339
from cockpit.systems.answers import ItemReader, Raws, decode, require_json
from cockpit.systems.base import Circumstances, SystemError, Wire
from cockpit.systems.http import skew_of
from cockpit.systems.pagerduty_answers import KnownService, read_service, refusal

PAGE = 100
"""Items a page, the most that it gives."""

REACH = 10_000
"""Offset and limit together may not be more: what lies behind is refused."""


class Found(NamedTuple):
    """What all pages held."""

    items: Raws
    gap: str | None = None


class Account:
    """One account.

    Args:
        spec: The system's settings.
        wire: Over which it is asked.
        clock: Says when it answered.
        url: The base URL.
    """

    def __init__(self, spec: SystemSpec, wire: Wire, clock: Clock, url: str) -> None:
        self.name = spec.name
        self.url = url
        self.clock = clock
        self._spec = spec
        self._wire = wire

    async def page(self, path: str, params: Sequence[tuple[str, str]], around: Circumstances) -> dict[str, msgspec.Raw]:
        """Return one page.

        Raises:
            SystemError: It was refused, or is none.
        """
        reply = await self._wire.call(self.url, "GET", path, params)
        now = self.clock.now()
        error = refusal(reply, self._spec, path, now)
        if error is not None:
            raise error
        around.skew_s = skew_of(reply, now)
        page: dict[str, msgspec.Raw] = decode(require_json(reply), dict[str, msgspec.Raw])
        return page

    async def paged(self, path: str, key: str, params: Sequence[tuple[str, str]], around: Circumstances) -> Found:
        """Return the items of all pages, each once, and what of them could not be had.

        New items move older ones to the next page, so an item may come twice; one that says that there is more for ever
        is left at its first page without anything new.
        """
        items: dict[bytes, msgspec.Raw] = {}
        offset = 0
        while True:
            window = [("limit", str(PAGE)), ("offset", str(offset))]
            page = await self.page(path, [*params, *window], around)
            if key not in page:
                raise SystemError(f"answered in another shape than expected: $.{key}: is missing")
            raws: Raws = decode(page[key], Raws, f"$.{key}")
            before = len(items)
            items |= {bytes(raw): raw for raw in raws}
            more = bytes(page.get("more", b"false")).strip() == b"true"
            if not more:
                return Found(list(items.values()))
            if len(items) == before:
                return Found(list(items.values()), f"{path} says that there is more and gives nothing new")
            offset += len(raws)
            if offset + PAGE > REACH:
                return Found(list(items.values()), f"{path} has more than the {len(items):,} that it gives")

    async def services(self) -> dict[str, KnownService]:
        """Return its services by id."""
        found = await self.paged("/services", "services", [], Circumstances())
        reader = ItemReader("services", read_service, remember=False)
        return dict(await reader.read(found.items, "$.services"))


def moment(at: datetime) -> str:
    """Return a moment as PagerDuty wants it: UTC and nothing else."""
    return rfc3339(at.replace(microsecond=0)) or ""
