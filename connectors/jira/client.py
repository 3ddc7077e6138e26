"""The package `jira` as we use it: one client a thread, raw JSON, none of its retries; nobody else touches it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from threading import Lock, local
from typing import Any

from jira import JIRA, JIRAError
from requests import Response, Session

from connectors.jira.options import Options
from connectors.transport import Answer, Gate, call
from domain.errors import FilrougeError, ItemError, ProtocolError

TIMEOUT = (5.0, 60.0)  # seconds to connect, and between two bytes of an answer
ADDRESS = "{server}/rest/{rest_path}/{rest_api_version}/{path}"


class Client:
    """Sends requests to one Jira site; all its threads share one gate."""

    def __init__(self, options: Options, gate: Gate, agent: str) -> None:
        self.gate = gate
        self._options = options
        self._agent = agent
        self._own = local()
        self._lock = Lock()
        self._all: list[JIRA] = []

    def __repr__(self) -> str:
        return f"Client({self._options.source!r}, {self._options.url!r})"

    def get(
        self,
        path: str,
        version: int,
        *,
        what: str,
        query: Mapping[str, str | int] | None = None,
        accept: Collection[int] = (),
        absent: type[FilrougeError] = ProtocolError,
    ) -> Answer:
        """GET `/rest/api/VERSION/PATH` under the policy of `connectors.transport.call`, whose errors it raises."""
        return call(
            lambda: self._send("GET", path, version, query=query),
            self.gate,
            what=what,
            accept=accept,
            absent=absent,
        )

    def ask(
        self,
        path: str,
        version: int,
        body: Mapping[str, Any],
        *,
        what: str,
        accept: Collection[int] = (),
        absent: type[FilrougeError] = ProtocolError,
    ) -> Answer:
        """POST a question (a search, a bulk read) to `/rest/api/VERSION/PATH`; it writes nothing and may go twice."""
        return call(
            lambda: self._send("POST", path, version, body=body),
            self.gate,
            what=what,
            accept=accept,
            absent=absent,
        )

    def write(
        self,
        method: str,
        path: str,
        version: int,
        body: Mapping[str, Any] | None = None,
        *,
        what: str,
        query: Mapping[str, str | int] | None = None,
        accept: Collection[int] = (),
    ) -> Answer:
        """Change something at `/rest/api/VERSION/PATH`: sent once; ItemError where it is not there or not for us."""
        return call(
            lambda: self._send(method, path, version, query=query, body=body),
            self.gate,
            what=what,
            repeatable=False,
            accept=accept,
            absent=ItemError,
        )

    def close(self) -> None:
        """Give back the connections of all threads."""
        with self._lock:
            clients, self._all = self._all, []
        for client in clients:
            session_of(client).close()
        self._own = local()

    def _send(
        self,
        method: str,
        path: str,
        version: int,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        client = self._client()
        client._options["rest_api_version"] = str(version)
        try:
            response = session_of(client).request(
                method,
                client._get_url(path, base=ADDRESS),
                params=dict(query) if query else None,
                data=json.dumps(body) if body is not None else None,
            )
        except JIRAError as error:
            # The package raises for every status that is not 2xx; what to do about one is decided elsewhere.
            if error.response is None:
                raise ConnectionError("no answer") from None
            response = error.response
        return _answer(response)

    def _client(self) -> JIRA:
        client: JIRA | None = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = connect(self._options, self._agent)
            with self._lock:
                self._all.append(client)
        return client


def connect(options: Options, agent: str) -> JIRA:
    """A client of the package that sends nothing yet, tries nothing twice and never waits for ever."""
    token = options.token.get_secret_value()
    user = options.user
    client = JIRA(
        options={"server": options.url, "check_update": False, "headers": {"User-Agent": agent}},
        basic_auth=(user.get_secret_value(), token) if user else None,
        token_auth=None if user else token,
        get_server_info=False,  # deployment and time are asked by ourselves, under our own policy
        max_retries=0,
        timeout=TIMEOUT,
        logging=False,
    )
    session = session_of(client)
    # Proxy and certificates are taken from the environment once, not at each request; and a .netrc, which would
    # replace the token that the admin gave, not at all.
    found = session.merge_environment_settings(options.url, {}, None, None, None)
    session.proxies, session.verify, session.trust_env = found["proxies"], found["verify"], False
    return client


def session_of(client: JIRA) -> Session:
    """The session that carries authentication, time limits and headers: a private name of the package."""
    session = client._session
    assert isinstance(session, Session)
    return session


def _answer(response: Response) -> Answer:
    status = response.status_code
    # Jira lets a wrong password in as a guest on pages that guests may see, and says so only here.
    if "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", "") or (
        status == 403 and "X-Authentication-Denied-Reason" in response.headers
    ):
        status = 401
    return Answer(status, dict(response.headers), response.content)
