"""What an entity of a Backstage catalogue links to: repository, runbook, dashboard, logs, pager, chat."""

import re

from cockpit.topology.importing.document import At

_SLUGS = (
    "github.com/project-slug",
    "gitlab.com/project-slug",
    "bitbucket.org/project-slug",
    "dev.azure.com/project-repo",
)
_PLACES = ("backstage.io/source-location", "backstage.io/managed-by-location")
_REPOSITORY = re.compile(
    r"^(?:url:)?https?://[^/\s]+/(?:[^/\s]+/)+?(?P<name>[^/\s]+?)(?:\.git)?(?:/(?:-/)?(?:tree|blob|src)/.*|/)?$"
)

_LINKS = {
    "runbook": re.compile(r"run-?\s?book|playbook", re.IGNORECASE),
    "dashboard": re.compile(r"dashboard|grafana|datadog", re.IGNORECASE),
    "logs": re.compile(r"\blogs?\b|logging|kibana|splunk|loki", re.IGNORECASE),
    "status_page": re.compile(r"status\s?-?page|\bstatus\b", re.IGNORECASE),
    "support": re.compile(r"\bsupport\b|help\s?desk", re.IGNORECASE),
}
"""What the title, type or icon of a link says that it is."""

_ANNOTATIONS = {
    "pagerduty.com/service-id": "pagerduty",
    "pagerduty.com/escalation-policy-id": "policy",
    "jira/project-key": "jira",
    "slack.com/channel": "slack",
    "slack/channel": "slack",
}
"""Annotations that hold no secret: PagerDuty's integration key is one, and is never read."""


def links_of(entity: At) -> dict[str, str]:
    """Return what an entity's links and annotations say, by field; links that cannot be opened are left out."""
    metadata = entity.get("metadata")
    found: dict[str, str] = {}
    if metadata is None:
        return found
    for name, value in metadata.entries_of("annotations"):
        if value.value is None:
            continue
        if name in _ANNOTATIONS:
            found.setdefault(_ANNOTATIONS[name], value.text())
        elif _LINKS["runbook"].search(name) and _opens(value.text()):
            found.setdefault("runbook", value.text())
    for link in metadata.items_of("links"):
        url = link.text_of("url")
        said = " ".join(link.text_of(key) for key in ("title", "type", "icon"))
        field = next((field for field, pattern in _LINKS.items() if pattern.search(said)), None)
        if field is not None and _opens(url):
            found.setdefault(field, url)
        elif said.strip().startswith("#"):
            found.setdefault("slack", said.split()[0])
    return found


def _opens(url: str) -> bool:
    return url.lower().startswith(("https://", "http://"))


def repository_of(entity: At) -> str | None:
    """Return the name of the repository that an entity's code is in, without its owner."""
    metadata = entity.get("metadata")
    annotations = None if metadata is None else metadata.get("annotations")
    if annotations is None:
        return None
    for key in _SLUGS:
        slug = annotations.text_of(key).strip("/")
        if slug:
            return slug.rsplit("/", 1)[-1]
    for key in _PLACES:
        found = _REPOSITORY.match(annotations.text_of(key))
        if found:
            return found["name"]
    return None
