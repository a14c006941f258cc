"""Keeps where pods run on disk: Prometheus is slow just when somebody has to know."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from cockpit.locations import make_private
from cockpit.model.reading import Place, PlacesSeen
from cockpit.text import one_line

log = logging.getLogger(__name__)
"""Where it is told that the disk is full, or not ours."""

LARGEST = 32 * 1024 * 1024
"""Bytes of a file that is read or written; more is not kept."""

_FORM = 1


class _Kept(msgspec.Struct):
    """The file: strings stand once, and pods name them by place."""

    form: int
    read: datetime
    strings: list[str]
    pods: list[tuple[int, int, int, list[int]]]
    """Pod, namespace, node, and its labels as names and values in turn."""


class PlacesCache:
    """One system's places at rest.

    Args:
        folder: Cockpit's folder for what may be deleted at any time.
        system: The system's name.
        urls: Its addresses: another server's places are none of its.
    """

    def __init__(self, folder: str, system: str, urls: Sequence[str]) -> None:
        known = hashlib.blake2b("\n".join((system, *urls)).encode(), digest_size=12).hexdigest()
        self._file = Path(folder) / "places" / f"{known}.json"

    def there(self) -> bool:
        """Tell whether anything is kept."""
        return self._file.exists()

    def read(self) -> PlacesSeen | None:
        """Return what is kept, with the moment that it was read; null where nothing is, or nothing that can be read."""
        try:
            if self._file.stat().st_size > LARGEST:
                return None
            kept = msgspec.json.decode(self._file.read_bytes(), type=_Kept)
            if kept.form != _FORM or kept.read.tzinfo is None:
                return None
            texts = [one_line(text, 300) for text in kept.strings]
            places = tuple(
                Place(
                    texts[pod],
                    texts[space],
                    texts[node],
                    {texts[a]: texts[b] for a, b in zip(said[::2], said[1::2], strict=True)},
                )
                for pod, space, node, said in kept.pods
            )
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, IndexError, ValueError):
            return None
        return PlacesSeen(places, kept.read.astimezone(UTC))

    def write(self, seen: PlacesSeen) -> None:
        """Keep an answer in the place of the last one, readable by its owner only; a disk that cannot take it is logged."""
        if seen.read is None:
            return
        strings: dict[str, int] = {}

        def place(text: str) -> int:
            return strings.setdefault(text, len(strings))

        pods = [
            (
                place(one.pod),
                place(one.namespace),
                place(one.node),
                [place(x) for pair in one.labels.items() for x in pair],
            )
            for one in seen.places
        ]
        data = msgspec.json.encode(_Kept(_FORM, seen.read, list(strings), pods))
        if len(data) > LARGEST:
            return
        try:
            folder = make_private(self._file.parent)
            descriptor, name = tempfile.mkstemp(prefix=".places-", dir=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                Path(name).replace(self._file)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            log.warning("places are not kept: %s", error.strerror)
