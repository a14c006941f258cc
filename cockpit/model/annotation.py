"""Annotations: marks on dashboards that say what was changed when."""

from dataclasses import dataclass
from datetime import datetime

OWN = "cockpit:"
"""Begins the tag by which an annotation of ours is found again; the change's id follows."""

FROM = "from:"
"""Begins a tag that names who reported the change: an annotation with `OWN` and one of these repeats what they said."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One mark on a dashboard, or on every dashboard of an organisation."""

    text: str
    tags: tuple[str, ...]
    began: datetime
    ended: datetime | None = None
    """Null for a moment."""
    dashboard: str = ""
    """The dashboard's uid; empty for the whole organisation."""
    id: str = ""
    """What the system calls it; empty while it is not written."""
    service: str = ""
    """Whose change it marks, as far as its tags and words tell."""
    version: str = ""
    url: str | None = None

    @property
    def repeats(self) -> bool:
        """Whether Cockpit wrote it about a change that another system had reported."""
        return any(tag.startswith(OWN) for tag in self.tags) and any(tag.startswith(FROM) for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an annotation would stand, as its system tells before anything is written."""

    says: str
    """`dashboard "Checkout" (abc) of https://grafana.example`."""
    dashboard: str = ""
    """The dashboard's uid; empty for the whole organisation."""
    url: str | None = None
