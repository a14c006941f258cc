"""Names of services, compared the one way that Cockpit compares them."""

from functools import lru_cache

SAME = str.maketrans("_.", "--")
"""What is the same in a name, for `str.translate`."""


@lru_cache(maxsize=65536)
def normal(name: str) -> str:
    """Return the name as it is compared: without case, and `_`, `.`, `-` the same."""
    return name.strip().casefold().translate(SAME)
