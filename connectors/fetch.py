"""A text file from an https address that an admin named, and never from a machine that the address should not reach.

An address in a configuration file makes this machine ask another one, perhaps one that trusts it (a cloud's metadata
service, a database's console). So only https counts; what the host's name stands for is looked up once, every answer
has to be public unless the host is one of `private_hosts`, and the connection goes to the very address that was
looked at. A redirect is a new address and judged like one.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urljoin, urlsplit

import certifi
from urllib3 import HTTPSConnectionPool, Timeout
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from domain.errors import CredentialsError, FilrougeError, ProtocolError, UnavailableError

MOST_BYTES = 5_000_000
MOST_REDIRECTS = 3
TIMEOUT = Timeout(connect=10.0, read=30.0)
TRANSLATED = ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an older address
AGAIN = frozenset({408, 425, 429})  # and everything from 500 on: another time it may go well


def fetch(url: str, *, agent: str, private_hosts: Collection[str] = (), trusted: str | None = None) -> bytes:
    """The body that an https address answers with, at most 5 MB, whatever its kind.

    `private_hosts` are names of hosts that may stand for private addresses; `trusted` is a file of certificates in
    PEM (default: certifi's). No proxy is used. Raises CredentialsError (401, 403), UnavailableError (another time may
    go well) or ProtocolError; the sentences name host and path only, since a query may hold a secret.
    """
    allowed = {host.casefold().rstrip(".") for host in private_hosts}
    for _ in range(1 + MOST_REDIRECTS):
        answer = _ask(url, agent, allowed, trusted)
        if isinstance(answer, bytes):
            return answer
        url = answer
    raise ProtocolError(f"{shown(url)}: it leads from address to address, more than {MOST_REDIRECTS} times.")


def shown(url: str) -> str:
    """An address for people: host and path, without a query, which may hold a secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _ask(url: str, agent: str, allowed: Collection[str], trusted: str | None) -> bytes | str:
    """The body, or the address that it is to be had at instead."""
    name = shown(url)
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None:
        raise ProtocolError(f"{name}: expected an address such as https://kpi.example/checkout.csv, without a user.")
    host, port = parts.hostname, parts.port or 443
    pool = HTTPSConnectionPool(
        _address_of(host, port, allowed, name),
        port,
        timeout=TIMEOUT,
        retries=False,
        ca_certs=trusted or certifi.where(),
        cert_reqs="CERT_REQUIRED",
        server_hostname=host,
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "User-Agent": agent, "Accept": "text/csv, text/plain;q=0.9, */*;q=0.1"}
    try:
        answer = pool.request("GET", path, headers=headers, redirect=False, preload_content=False)
        try:
            return _taken(answer, url, name)
        finally:
            answer.close()
    except HTTPError as error:
        raise UnavailableError(f"{name}: {_reason(error)}; it is asked again at the next turn.") from None
    finally:
        pool.close()


def _taken(answer: BaseHTTPResponse, url: str, name: str) -> bytes | str:
    status = answer.status
    place = answer.headers.get("location")
    if status in range(300, 400) and place:
        return urljoin(url, place)
    if status in (401, 403):
        raise CredentialsError(
            f"{name}: it does not let us in ({status}); expected an address that asks for no account."
        )
    if status in AGAIN or status >= 500:
        raise UnavailableError(f"{name}: it answered {status}; it is asked again at the next turn.")
    if status != 200:
        raise ProtocolError(f"{name}: it answered {status}; is the address right?")
    body = answer.read(MOST_BYTES + 1, decode_content=True)
    if len(body) > MOST_BYTES:
        raise ProtocolError(f"{name}: the file is larger than {MOST_BYTES // 1_000_000} MB; expected a short CSV file.")
    return body


def _address_of(host: str, port: int, allowed: Collection[str], name: str) -> str:
    """The network address to connect to; FilrougeError where one of those the host stands for is not public."""
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        raise UnavailableError(f"{name}: the host's name is unknown; it is asked again at the next turn.") from None
    if host.casefold().rstrip(".") not in allowed and not all(_public(address) for address in found):
        raise _private(name, host)
    return found[0]


def _private(name: str, host: str) -> FilrougeError:
    return ProtocolError(
        f"{name}: {host} is a host within your own network, which is not asked unless you say so: add it to "
        "`readings: {private_hosts: […]}` in filrouge.yaml."
    )


def _public(address: str) -> bool:
    """Whether an address is one of the public internet, also where an older one is wrapped in it."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        translated = IPv4Address(int(found) & 0xFFFFFFFF) if found in TRANSLATED else None
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else translated)
        if wrapped is not None:
            return _public(str(wrapped))
    return found.is_global and not found.is_multicast


def _reason(error: BaseException) -> str:
    here: BaseException | None = error
    while here is not None:
        if isinstance(here, ssl.SSLCertVerificationError):
            return "its certificate is not trusted"
        if isinstance(here, ssl.SSLError):
            return "it does not speak https"
        if "Timeout" in type(here).__name__:
            return "no answer came in time"
        here = here.__cause__ or here.__context__ or next((a for a in here.args if isinstance(a, BaseException)), None)
    return "the connection failed"
