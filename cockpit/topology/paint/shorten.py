"""Names cut to the cells that they have, so that none can be taken for another one."""

from collections.abc import Iterable, Iterator

from cockpit.text import width

Place = tuple[str, int]
"""A name and the cells that it may take."""


def shorten(places: Iterable[Place], ellipsis: str = "…") -> dict[Place, str]:
    """Return for each place its name, cut only where it must be.

    What is left of a cut name fits no other name that is asked for: its beginning where that is enough, else both
    ends, else its end, and at last a number in place of an end. Places without a cell get nothing.
    """
    wanted = sorted({place for place in places if place[1] > 0})
    names = {name for name, _ in wanted}
    texts = {(name, cells): name for name, cells in wanted if width(name) <= cells}
    taken = {text: name for (name, _), text in texts.items()}
    for place in wanted:
        if place in texts:
            continue
        name = place[0]
        text = ""
        for head, tail in _ways(place):
            text = head + ellipsis + tail
            if taken.get(text, name) == name and not _fits_another(head, tail, name, names):
                break
        else:
            text = _numbered(place, ellipsis, taken)
        texts[place] = text
        taken[text] = name
    return texts


def _ways(place: Place) -> Iterator[tuple[str, str]]:
    """Yield what can be kept in front and behind, the best first."""
    name, cells = place
    room = cells - 1
    if room > 0:
        yield _first(name, room), ""
    if room > 2:
        yield _first(name, room - room // 2), _last(name, room // 2)
        yield _first(name, room // 3), _last(name, room - room // 3)
    if room > 0:
        yield "", _last(name, room)


def _fits_another(head: str, tail: str, name: str, names: set[str]) -> bool:
    return any(other != name and other.startswith(head) and other.endswith(tail) for other in names)


def _numbered(place: Place, ellipsis: str, taken: dict[str, str]) -> str:
    name, cells = place
    text = ellipsis
    for number in range(1, min(1000, 10**cells)):
        digits = str(number)
        room = cells - 1 - len(digits)
        text = _first(name, room) + ellipsis + digits if room >= 0 else digits
        if taken.get(text, name) == name:
            break
    return text


def _first(name: str, cells: int) -> str:
    """Return as much of the beginning as fits."""
    kept = name[: max(0, cells)]
    while width(kept) > cells:
        kept = kept[:-1]
    return kept


def _last(name: str, cells: int) -> str:
    """Return as much of the end as fits."""
    return _first(name[::-1], cells)[::-1]
