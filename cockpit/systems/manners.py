"""How a vendor wants to be asked: its headers, its credentials, its way of saying that it was asked too often."""

from collections.abc import Mapping
from dataclasses import dataclass, field

_EPOCH_FROM = 1_000_000_000.0
"""A reset given as a number beyond this is a moment in seconds since 1970, not a time to wait."""


@dataclass(frozen=True, slots=True)
class Manners:
    """The manners of one kind of server over HTTP."""

    scheme: str = "Bearer "
    """What stands before the token in the Authorization header."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with each request."""
    org: str = "X-Scope-OrgID"
    """The header that carries the setting `org`."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Headers by the setting whose secret they carry: `api_key`, `app_key`."""
    resets: tuple[str, ...] = ()
    """Headers, lower-case, that say with a 429 how long to wait: in seconds, or as seconds since 1970."""
    remaining: str = ""
    """A header, lower-case, whose 0 makes a 403 a 429; of such a vendor a 403 with `Retry-After` is one too, and that
    counts before its resets."""
    etags: bool = False
    """Whether an answer with an ETag is asked for again only where it changed; the kept one is returned then."""
    kept: tuple[str, ...] = ()
    """Headers, lower-case, that its system looks at."""

    def rest_of(self, status: int, headers: Mapping[str, str], now: float) -> float | None:
        """Return the seconds that an answer asks to be left alone for by the vendor's own headers, or null.

        Args:
            status: The HTTP status.
            headers: The answer's, by lower-case name.
            now: The present, in seconds since 1970.
        """
        wait = headers.get("retry-after", "").strip()
        if self.remaining and status in {403, 429} and wait.isascii() and wait.isdigit():
            return float(wait)
        spent = bool(self.remaining) and headers.get(self.remaining, "").strip() == "0"
        if status != 429 and not (status == 403 and spent):
            return None
        for name in self.resets:
            try:
                told = float(headers[name])
            except (KeyError, ValueError):
                continue
            if told >= 0:
                return max(0.0, told - now) if told > _EPOCH_FROM else told
        return None


PLAIN = Manners()
"""A bearer token, and `Retry-After`."""
