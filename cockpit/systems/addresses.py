"""How a server's URL is named: without credentials, and short."""

from collections.abc import Sequence
from urllib.parse import SplitResult, unquote, urlsplit

_PORTS = {"http": 80, "https": 443}


def _parts(url: str) -> tuple[SplitResult, int | None]:
    parts = urlsplit(url)
    try:
        return parts, parts.port
    except ValueError:
        return parts, None


def bare_url(url: str) -> str:
    """Return the URL without credentials and without a slash at its end."""
    parts, _ = _parts(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")


def credentials_in(url: str) -> tuple[str, str] | None:
    """Return user and password where a URL holds them."""
    parts, _ = _parts(url)
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")


def host_of(url: str) -> str:
    """Return the host's name."""
    return _parts(url)[0].hostname or ""


def address_of(url: str) -> str:
    """Return `host:port`, the port told even where it is the scheme's own."""
    parts, port = _parts(url)
    host = parts.hostname or url
    port = port or _PORTS.get(parts.scheme, 0)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def addresses_of(urls: Sequence[str]) -> dict[str, str]:
    """Return the address by URL; where two would be the same, the path stands behind them."""
    plain = {url: address_of(url) for url in urls}
    taken = list(plain.values())
    return {
        url: address if taken.count(address) == 1 else f"{address}{urlsplit(url).path}"
        for url, address in plain.items()
    }
