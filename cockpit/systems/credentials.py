"""What a system is asked with: the headers that its settings and secrets make, and how to keep secrets unseen."""

import asyncio
import base64
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from cockpit import __version__
from cockpit.clock import Clock
from cockpit.config import ConfigError, Secret, SystemSpec
from cockpit.systems.addresses import bare_url, credentials_in
from cockpit.systems.base import SystemError
from cockpit.systems.manners import PLAIN, Manners
from cockpit.systems.secret import read_secret

AGAIN_S = 60.0
"""Seconds that must pass before secrets that were refused twice are read once more: a command may ask a person."""

SURE = 8
"""Characters from which a secret is removed from good answers too; a shorter one could be any word of them."""

REMOVED = b"[secret]"
"""What stands in a secret's place."""


class Credentials:
    """The headers of one system's requests. Secrets are read when they are first needed, and kept in memory only.

    Args:
        spec: The system's settings.
        clock: Says when secrets may be read again.
        manners: What stands before the token, and further headers of the vendor.
    """

    def __init__(self, spec: SystemSpec, clock: Clock, manners: Manners = PLAIN) -> None:
        self._spec = spec
        self._clock = clock
        self._manners = manners
        self._values: dict[Secret, str] = {}
        self._refused_at: float | None = None
        self._in_urls = {bare_url(url): pair for url in spec.urls if (pair := credentials_in(url))}

    async def headers(self, peer: str) -> Mapping[str, str]:
        """Return the headers for one peer, by its bare URL.

        Raises:
            SystemError: A secret cannot be had; tells where it should come from.
        """
        await self._read()
        spec = self._spec
        headers = {"User-Agent": f"cockpit/{__version__}", "Accept": "application/json", "Accept-Encoding": "gzip"}
        headers |= self._manners.headers
        if spec.org is not None:
            headers[self._manners.org] = spec.org
        for setting, name in self._manners.keys.items():
            secret = getattr(spec, setting)
            if secret is not None:
                headers[name] = self._values[secret]
        for name, value in spec.headers.items():
            headers[name] = self._values[value] if isinstance(value, Secret) else value
        authorization = self._authorization(peer)
        if authorization is not None:
            headers["Authorization"] = authorization
        return headers

    def _authorization(self, peer: str) -> str | None:
        if self._spec.token is not None:
            return f"{self._manners.scheme}{self._values[self._spec.token]}"
        if self._spec.user is not None:
            return _basic(self._spec.user, self._values[self._spec.password] if self._spec.password else "")
        return _basic(*self._in_urls[peer]) if peer in self._in_urls else None

    def _sources(self) -> Iterable[Secret]:
        spec = self._spec
        keys = (getattr(spec, setting) for setting in self._manners.keys)
        for source in (spec.token, spec.password, *keys, *spec.headers.values()):
            if isinstance(source, Secret):
                yield source

    async def _read(self) -> None:
        for source in self._sources():
            if source not in self._values:
                try:
                    self._values[source] = await asyncio.to_thread(read_secret, source)
                except ConfigError as error:
                    raise SystemError(str(error)) from error

    async def renew(self) -> bool:
        """Read secrets again after they were refused and tell whether there is something new to try.

        Commands are always worth a second try, as they are told to make tokens; files only where they differ.
        """
        now = self._clock.monotonic()
        if self._refused_at is not None and now - self._refused_at < AGAIN_S:
            return False
        sources = [source for source in self._sources() if source.env is None]
        if not sources:
            return False
        before = dict(self._values)
        for source in sources:
            self._values.pop(source, None)
        self._refused_at = now
        await self._read()
        return self._values != before or any(source.command for source in sources)

    def accepted(self) -> None:
        """Note that what was sent was good."""
        self._refused_at = None

    def known(self) -> tuple[str, ...]:
        """Return the secrets that were read so far, for whoever has to keep them out of something."""
        return (*self._values.values(), *(password for _, password in self._in_urls.values() if password))

    def redact(self, body: bytes, *, failed: bool) -> bytes:
        """Return an answer without the secrets that it repeats; of good answers only long ones are taken out."""
        for secret in self.known():
            if not failed and len(secret) < SURE:
                continue
            user = self._spec.user or ""
            for spelling in {
                secret,
                quote(secret, safe=""),
                quote_plus(secret),
                base64.b64encode(f"{user}:{secret}".encode()).decode(),
            }:
                if spelling.encode() in body:
                    body = body.replace(spelling.encode(), REMOVED)
        return body


def _basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
