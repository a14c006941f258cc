"""The clocks of the header."""

from datetime import UTC, datetime, tzinfo


def clocks(now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """Return `14:12 UTC`, and `16:12 CEST` behind it where the person's zone differs."""
    there = now.astimezone(zone)
    utc = f"{now.astimezone(UTC):%H:%M} UTC"
    if there.utcoffset() == now.astimezone(UTC).utcoffset():
        return (utc,)
    return (utc, f"{there:%H:%M} {there.tzname()}")
