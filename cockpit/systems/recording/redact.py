"""What must not be kept: secrets by their value, and credentials inside of URLs."""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from cockpit.text import bare

SHORTEST = 4
"""Characters; a shorter secret cannot be told from the rest of an answer."""

REMOVED = "[secret]"
"""What stands in a secret's place."""


def _spellings(secret: str) -> Iterable[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(secret, safe="")
    yield quote(secret)
    yield quote_plus(secret)


class Redactor:
    """Replaces known secrets, in the spellings that JSON and URLs give them; told anew which ones at each use."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secrets: Iterable[str]) -> None:
        """Take note of the secrets known so far."""
        known = frozenset(secret for secret in secrets if len(secret) >= SHORTEST)
        if known == self._known:
            return
        self._known = known
        spellings = {spelling for secret in known for spelling in _spellings(secret)}
        ordered = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        """Return the text without secrets and without credentials in URLs."""
        if self._pattern is not None:
            text = self._pattern.sub(REMOVED, text)
        return bare(text)
