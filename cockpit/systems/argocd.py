"""Argo CD: the deploys in its applications' history, and the syncs that are under way or failed."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from cockpit.clock import Clock
from cockpit.config import SystemSpec
from cockpit.model.change import ChangeKind
from cockpit.model.reading import ChangesSeen, Topic
from cockpit.systems.addresses import bare_url
from cockpit.systems.answers import ItemReader, Raws, decode, joined, require_json
from cockpit.systems.argocd_answers import Application, read_application, tells_operations
from cockpit.systems.argocd_changes import Teller, Version, blind_of
from cockpit.systems.base import Check, Circumstances, Reply, Surroundings, SystemError
from cockpit.systems.failures import refused, remedy_for
from cockpit.systems.http import skew_of
from cockpit.systems.settings import settings_of
from cockpit.topology.names import normal

WHOLE_S = 600.0
"""Seconds after which all applications are asked for whole again."""
SINGLE = 20
"""Applications that are asked for one by one after something happened to them; more are asked for all together."""
FIELDS = ",".join(
    f"items.{name}"
    for name in (
        "metadata.name",
        "metadata.namespace",
        "status.operationState.startedAt",
        "status.operationState.finishedAt",
        "status.operationState.phase",
        "status.summary",
    )
)
"""What is asked of all applications each time: of a list the server gives no history with chosen fields."""

_LIST = "/api/v1/applications"


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """Keys of this kind's own."""

    services: dict[str, str] = {}
    """Whose changes an application's are, by its name or `namespace/name`; without it its own name says it."""
    projects: tuple[str, ...] = ()
    """Only the applications of these projects."""
    selector: str | None = None
    """Only the applications with these labels."""
    version: Version = Version.IMAGE
    """What stands for a version."""
    kind: ChangeKind = ChangeKind.DEPLOY
    """What a sync is."""


class System:
    """One Argo CD.

    Args:
        spec: Its settings; the token's account gets applications.
        around: Its wire, and the map whose services the applications should be.
        clock: Says when it is time to ask for everything again.

    Raises:
        ConfigError: A setting of its own is wrong.
    """

    KIND = "argocd"
    TOPICS: tuple[Topic, ...] = (Topic.CHANGES,)
    CADENCE: Mapping[Topic, float] = {Topic.CHANGES: 30.0}
    WIRE = "http"
    SETTINGS = Settings

    def __init__(self, spec: SystemSpec, around: Surroundings, clock: Clock) -> None:
        self.name = spec.name
        self.kind = self.KIND
        self.every_s = spec.every.total_seconds() if spec.every else System.CADENCE[Topic.CHANGES]
        self.insecure = spec.verify is False
        self._spec = spec
        self._wire = around.wire
        self._clock = clock
        self._known = around.map
        settings = settings_of(spec, Settings)
        self._url = bare_url(spec.urls[0]) if spec.urls else ""
        self._only = [("projects", one) for one in settings.projects]
        self._only += [("selector", settings.selector)] if settings.selector else []
        self._teller = Teller(settings.services, settings.version, settings.kind, spec.labels, self._url)
        self._reader = ItemReader("applications", read_application)
        self._apps: dict[tuple[str, str], Application] = {}
        self._whole_at: float | None = None
        self._projects = True
        self._alone = asyncio.Lock()

    async def changes(self, since: datetime, until: datetime, around: Circumstances) -> ChangesSeen:
        """Return the deploys of the window by all applications that the token may see.

        Raises:
            SystemError: It did not answer, or no application can be read.
        """
        async with self._alone:
            await self._refresh(around)
            apps = list(self._apps.values())
            told = [change for one in apps for change in self._teller.changes(one, since, until)]
        odd = sum(one.odd for one in apps)
        gaps = (self._reader.complaint, f"{odd} deploys have no time that can be read" if odd else None)
        around.partial = joined(gaps)
        around.complete_to = until
        return ChangesSeen(
            changes=tuple(sorted(told, key=lambda one: (one.began, one.id), reverse=True)),
            since=since,
            covers=tuple(dict.fromkeys(self._teller.service(one) for one in apps if one.kept > 0)),
            gaps=tuple(filter(None, gaps)),
            blind=tuple(filter(None, (blind_of(one, since) for one in apps))),
        )

    async def _refresh(self, around: Circumstances) -> None:
        """Bring what is known of the applications up to date, with as little as will do.

        All of it at first and every ten minutes; in between a short list of when each was synced last, and those by
        themselves to which something happened.
        """
        now = self._clock.monotonic()
        fresh = self._whole_at is not None and now - self._whole_at < WHOLE_S
        if not fresh or not self._projects:
            await self._ask_whole(around)
            return
        raws = await self._list([("fields", FIELDS)], around)
        reader = ItemReader("applications", read_application, remember=False)
        listed = {one.key: one for one in await reader.read(raws, "$.items")}
        knows = any(one.operation is not None for one in self._apps.values())
        if reader.unread or (knows and not tells_operations(raws)):
            self._projects = not knows or tells_operations(raws)
            await self._ask_whole(around)
            return
        self._apps = {key: one for key, one in self._apps.items() if key in listed}
        moved = [one for key, one in listed.items() if key not in self._apps or self._apps[key].pulse != one.pulse]
        if len(moved) > SINGLE:
            await self._ask_whole(around)
            return
        for one in moved:
            whole = await self._ask_one(one, around)
            if whole is None:
                self._apps.pop(one.key, None)
            else:
                self._apps[one.key] = whole

    async def _ask_whole(self, around: Circumstances) -> None:
        raws = await self._list([], around)
        self._reader.begin()
        apps = await self._reader.read(raws, "$.items")
        self._reader.end()
        if raws and not apps:
            raise SystemError(self._reader.complaint or "its applications cannot be read")
        self._apps = {one.key: one for one in apps}
        self._whole_at = self._clock.monotonic()

    async def _list(self, params: Sequence[tuple[str, str]], around: Circumstances) -> Raws:
        reply = await self._ask(_LIST, [*self._only, *params], around)
        said: dict[str, msgspec.Raw] = decode(require_json(reply), dict[str, msgspec.Raw])
        if "items" not in said:
            raise SystemError("answered in another shape than expected: $.items: is missing")
        raws: Raws | None = decode(said["items"], Raws | None, "$.items")
        return raws or []

    async def _ask_one(self, one: Application, around: Circumstances) -> Application | None:
        """Return one application whole; null where it is gone, which is told as if it were hidden."""
        params = [("appNamespace", one.namespace)] if one.namespace else []
        try:
            reply = await self._ask(f"{_LIST}/{one.name}", params, around)
        except SystemError as error:
            if error.status in {403, 404}:
                return None
            raise
        reader = ItemReader("applications", read_application, remember=False)
        found = await reader.read([msgspec.Raw(require_json(reply))])
        if not found:
            raise SystemError(reader.complaint or "an application cannot be read")
        return found[0]

    async def _ask(self, path: str, params: Sequence[tuple[str, str]], around: Circumstances) -> Reply:
        reply = await self._wire.call(self._url, "GET", path, params)
        now = self._clock.now()
        error = refused(reply, self._spec, path, now)
        if error is not None:
            raise error
        around.skew_s = skew_of(reply, now)
        return reply

    async def check(self) -> Sequence[Check]:
        """Ask who it takes us for, and for the list of applications."""
        who = f"GET {self._url}/api/v1/session/userinfo"
        try:
            reply = await self._ask("/api/v1/session/userinfo", (), Circumstances())
            user = decode(require_json(reply), _User)
        except SystemError as error:
            return [Check(self.name, who, ok=False, message=str(error), remedy=_remedy(error))]
        if not user.loggedIn:
            remedy = "make a token: argocd account generate-token, and point the token setting at it"
            place = f" (setting token in {self._spec.place})"
            return [Check(self.name, who, ok=False, message=f"the token is nobody's{place}", remedy=remedy)]
        checks = [Check(self.name, who, ok=True, message=f"answers {user.username or 'somebody'}")]
        return [*checks, await self._check_list()]

    async def _check_list(self) -> Check:
        what = f"GET {self._url}{_LIST}"
        try:
            raws = await self._list([("fields", FIELDS)], Circumstances())
            reader = ItemReader("applications", read_application, remember=False)
            apps = await reader.read(raws, "$.items")
        except SystemError as error:
            return Check(self.name, what, ok=False, message=str(error), remedy=_remedy(error))
        if not apps:
            remedy = "give the account a role with applications, get (and look at projects and selector)"
            return Check(self.name, what, ok=True, message="sees no application", remedy=remedy, warning=True)
        services = self._known.services.values()
        names = {normal(name) for one in services for name in (one.name, *one.aliases)}
        strange = sorted({self._teller.service(one) for one in apps if normal(self._teller.service(one)) not in names})
        count = f"{len(apps)} application{'s' if len(apps) > 1 else ''}"
        if names and strange:
            remedy = f"say whose they are: services = {{{strange[0]} = …}}, or give the map's services aliases"
            more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
            message = f"{count}; not in the map: {', '.join(strange[:5])}{more}"
            return Check(self.name, what, ok=True, message=message, remedy=remedy, warning=True)
        return Check(self.name, what, ok=True, message=count)

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()


class _User(msgspec.Struct):
    loggedIn: bool = False  # noqa: N815 - the field's name in the answer
    username: str = ""


def _remedy(error: SystemError) -> str:
    if error.status == 401:
        return "make a token: argocd account generate-token, and point the token setting at it"
    if error.status == 403:
        return "give the account a role with applications, get"
    where = "is the address right, with its root path, and may it be reached from here? (verify = a CA file)"
    return remedy_for(error, where)
