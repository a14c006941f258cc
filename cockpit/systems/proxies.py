"""Through which proxy a server is asked: the setting, else the environment's, and never for this host itself."""

import ipaddress
from urllib.parse import urlsplit

from cockpit.config import SystemSpec
from cockpit.systems.addresses import host_of
from cockpit.systems.base import SystemError


def proxy_for(spec: SystemSpec, base: str) -> str | None:
    """Return the proxy's URL for one server, or null.

    As with the tools that come with Prometheus, the environment (`HTTPS_PROXY`, `NO_PROXY`) counts where the
    settings name none, but not for loopback addresses.

    Raises:
        SystemError: It is a proxy of a kind that is not spoken.
    """
    if spec.proxy is not None:
        return spec.proxy
    host = host_of(base)
    if _is_loopback(host):
        return None
    from urllib.request import getproxies, proxy_bypass

    if proxy_bypass(host):
        return None
    proxies = getproxies()
    proxy = proxies.get(urlsplit(base).scheme) or proxies.get("all")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in {"http", "https"}:
        raise SystemError("the environment names a proxy that is neither http nor https: set proxy, or NO_PROXY")
    return proxy


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
