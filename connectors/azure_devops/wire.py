"""The one place that touches the package azure-devops: it sends one request and gives back what came."""

from __future__ import annotations

import logging
import os
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any
from urllib.parse import quote

import requests
from pydantic import SecretStr

from connectors.transport import Answer

CACHE_VARIABLE = "AZURE_DEVOPS_CACHE_DIR"
TIMEOUT = (5, 60)  # seconds to connect, and between two pieces of an answer
_importing = Lock()


class Signature:
    """Signs every request of a session; the token is read at that moment and shown nowhere.

    It is given to `requests` as the session's auth, so that no .netrc of the machine takes its place.
    """

    def __init__(self, method: str, token: SecretStr, agent: str) -> None:
        self._method, self._token, self._agent = method, token, agent

    def signed_session(self, session: requests.Session | None = None) -> requests.Session:
        """The session, signed from now on (what the package asks of credentials)."""
        session = session or requests.Session()
        session.auth = self._sign
        return session

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._token.get_secret_value()
        if self._method == "pat":
            request.headers["Authorization"] = "Basic " + b64encode(f":{token}".encode()).decode()
        else:
            request.headers["Authorization"] = f"Bearer {token}"
        request.headers["User-Agent"] = self._agent
        return request


class Wire:
    """One connection to an organisation or collection; not for several threads at once.

    The package's own retries, redirects and models are left out: it would sleep as long as Retry-After says, follow
    a bad token to a sign-in page and take 28 times as long as plain JSON (API_FACTS). Its private `_send` and
    `_get_resource_location` are used here and nowhere else; a test fails when they change.
    """

    def __init__(self, url: str, *, method: str, token: SecretStr, agent: str) -> None:
        client = _package().Client(url, Signature(method, token, agent))
        retries = client.config.retry_policy  # changed in place: a session made by now holds the same object
        retries.retries = 0
        retries.policy.status_forcelist = ()  # else 429 and 503 would be raised, without their headers
        retries.policy.respect_retry_after_header = False
        client.config.redirect_policy.allow = False
        client.config.connection.timeout = TIMEOUT
        client.config.hooks.append(self._catch)
        client.normalized_url = url  # the package would ask for its resources in lower case
        self._client = client
        self._caught: Answer | None = None

    @property
    def knows_resources(self) -> bool:
        """Whether the server's list of resources was read; the first request must be `read_resources`."""
        return self._client.normalized_url in self._client._locations_cache

    def read_resources(self) -> Answer:
        """Send OPTIONS `_apis`: which resources the server has, and in which versions.

        The package keeps the list for the whole process. When another source's thread has read it meanwhile, nothing is
        sent, and an empty answer is given.
        """
        try:
            return self._one(lambda: self._client._get_resource_location(self._client.normalized_url, ""))
        except ConnectionError:
            if self.knows_resources:
                return Answer(200, {}, b"")
            raise

    def offers(self, location: str) -> bool:
        """Whether the server has a resource, by its id."""
        return self._client._get_resource_location(self._client.normalized_url, location) is not None

    def speaks(self, location: str, version: str) -> bool:
        """Whether the server has a resource in this version, and not in an older one alone."""
        found = self._client._get_resource_location(self._client.normalized_url, location)
        return found is not None and self._client._negotiate_request_version(found, version) == version

    def send(
        self,
        method: str,
        location: str,
        version: str,
        *,
        route: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Answer:
        """Send exactly one request to a resource that the server offers, and give back whatever came.

        `route` and `query` are plain values; they are quoted here. A list as the body of a PATCH is a JSON Patch.
        OSError when no answer came.
        """
        patch = method == "PATCH" and isinstance(body, list)
        return self._one(
            lambda: self._client._send(
                http_method=method,
                location_id=location,
                version=version,
                route_values={name: quote(value, safe="") for name, value in (route or {}).items()},
                query_parameters={name: quote(value, safe="") for name, value in (query or {}).items()},
                content=body,
                media_type="application/json-patch+json" if patch else "application/json",
            )
        )

    def close(self) -> None:
        """Give back the connection."""
        self._client._client.close()

    def _one(self, act: Any) -> Answer:
        self._caught = None
        try:
            act()
        except Exception as error:
            # The package raises for what it dislikes in an answer; the answer itself says more than its errors.
            if self._caught is None:
                raise ConnectionError("no answer came") from (getattr(error, "inner_exception", None) or error)
        if self._caught is None:
            raise ConnectionError("no answer came")
        return self._caught

    def _catch(self, response: requests.Response, *_args: Any, **_options: Any) -> None:
        self._caught = Answer(response.status_code, dict(response.headers), response.content)


def _package() -> Any:
    """The module azure.devops.client, imported late, with nothing written to the home folder.

    On import the package makes a cache folder in HOME and fails without one (API_FACTS), unless the environment names
    another. It is shown a temporary one, and its caches are kept in memory from then on.
    """
    with _importing:
        with TemporaryDirectory(prefix="filrouge-") as folder, _environment(CACHE_VARIABLE, folder):
            client, caches = import_module("azure.devops.client"), import_module("azure.devops._file_cache")
        for cache in (caches.OPTIONS_CACHE, caches.RESOURCE_CACHE):
            cache.file_name = ""
        # At debug level these log whole requests and answers, which hold private text.
        for name in ("azure.devops", "msrest"):
            logging.getLogger(name).setLevel(logging.WARNING)
        return client


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
