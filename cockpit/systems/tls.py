"""The TLS side of a connection: whom to trust, and how to show who we are."""

import ssl

from cockpit.config import SystemSpec
from cockpit.systems.base import SystemError


def plain_context() -> ssl.SSLContext:
    """Return a context for connections without TLS: it trusts nobody and costs nothing to make."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def tls_context(spec: SystemSpec) -> ssl.SSLContext:
    """Return the context that a system's settings describe.

    Trusted are the host's own authorities (else those that come with the HTTP library), or the file that
    `verify` names instead of them.

    Raises:
        SystemError: A file cannot be read or is none of its kind; names the setting.
    """
    context = _trust(spec)
    if spec.verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if spec.client_certificate is not None:
        _identify(context, spec)
    return context


def _trust(spec: SystemSpec) -> ssl.SSLContext:
    if isinstance(spec.verify, str):
        try:
            return ssl.create_default_context(cafile=spec.verify)
        except OSError as error:
            raise SystemError(_unreadable(spec, "verify", spec.verify, error)) from error
    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not any((paths.cafile, paths.capath)):
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def _identify(context: ssl.SSLContext, spec: SystemSpec) -> None:
    """Load the client certificate; a key behind a passphrase is refused, where OpenSSL would ask the terminal."""
    assert spec.client_certificate is not None
    try:
        context.load_cert_chain(spec.client_certificate, spec.client_key, password=lambda: "")
    except (OSError, ValueError) as error:
        file = spec.client_key or spec.client_certificate
        raise SystemError(_unreadable(spec, "client_certificate", file, error)) from error


def _unreadable(spec: SystemSpec, key: str, path: str, error: Exception) -> str:
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError):
        why = "no PEM file of that kind, or behind a passphrase"
    else:
        why = error.strerror or "cannot be read"
    where = f" (setting {key} in {spec.place})" if spec.place else ""
    return f"{path}: {why}{where}"
