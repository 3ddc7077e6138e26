"""A report kept as a page of Confluence: created once, and updated in place from then on.

Sources: Confluence Cloud REST API v2 (pages, spaces), Confluence Data Center REST API (content); both take the body in
Confluence's storage format, which is XHTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from markdown_it import MarkdownIt
from requests.auth import AuthBase

from config.delivery import ConfluenceDelivery
from domain.errors import CredentialsError, ProtocolError, UnavailableError
from domain.plain import plain
from reports.delivery.port import Edition, Notice, Parcel
from reports.words import words_of

TIMEOUT = (10.0, 60.0)  # seconds to connect, and for each part of the answer
# By this anchor a page is known as ours; people see nothing of it.
ANCHOR = "filrouge-report"
MARK = f'<ac:structured-macro ac:name="anchor"><ac:parameter ac:name="">{ANCHOR}</ac:parameter></ac:structured-macro>'
CONFLICT = 409
STORED = {"body-format": "storage"}  # how Cloud is asked for a page with its body
EXPANDED = {"expand": "version,body.storage"}  # the same of Data Center


@dataclass(frozen=True, slots=True)
class Found:
    """A page that exists: its id, its title, the number of its version, and whether we made it."""

    id: str
    title: str
    version: int
    ours: bool


@dataclass(frozen=True)
class Page:
    """A page of a site; `trusted` is a file of certificates in PEM (None: those of the system), `agent` who we are."""

    settings: ConfluenceDelivery
    organisation: str
    agent: str
    trusted: str | None = None
    repeatable = True

    @property
    def name(self) -> str:
        host = urlsplit(self.settings.url).hostname
        parts = (host, self.settings.space, self.settings.page or self.settings.title)
        return f"confluence:{'/'.join(filter(None, parts))}"

    @property
    def place(self) -> str:
        return f"the space {self.settings.space} of {urlsplit(self.settings.url).hostname}"

    def look(self) -> None:
        with requests.Session() as session, _told(self.settings.url):
            self._site(session).look()

    def prepare(self, edition: Edition) -> Parcel:
        usual = f"{self.organisation}: {words_of(edition.document).text('Drift report')}"
        title = plain((self.settings.title or usual).replace("{week}", edition.label))
        return Parcel(title, {"page.xml": storage(edition.form("md").decode()).encode()})

    def prepare_notice(self, notice: Notice) -> Parcel:
        return Parcel(plain(notice.subject), {"page.xml": storage(notice.text).encode()})

    def send(self, parcel: Parcel, handing_over: Callable[[], None]) -> None:
        (content,) = parcel.parts.values()
        handing_over()
        with requests.Session() as session, _told(self.settings.url):
            site = self._site(session)
            for last in (False, True):
                if self._put(site, parcel.subject, content.decode(), last=last):
                    return

    def _put(self, site: Site, title: str, body: str, *, last: bool) -> bool:
        """Whether the page is as it should be; False where somebody else changed it meanwhile, unless `last`."""
        named = self.settings.page
        page = site.page(named) if named is not None else site.titled(title)
        if page is None:
            site.create(title, body, self.settings.parent)
            return True
        if named is None and not page.ours:
            raise ProtocolError(
                f"the space {self.settings.space} has a page `{title}` that Filrouge did not make; choose another "
                f"`title`, or say `page: {page.id}` if it is meant to be replaced."
            )
        kept = page.title if named is not None and self.settings.title is None else title
        return site.update(page, kept, body, last=last)

    def _site(self, session: requests.Session) -> Site:
        auth, base = self.settings.auth, self.settings.url.rstrip("/")
        token = auth.token.get_secret_value()
        if auth.method == "basic":
            assert auth.user is not None, "checked when the settings were read"
            session.auth = (auth.user.get_secret_value(), token)
        else:
            session.auth = _Bearer(token)
        session.headers.update({"User-Agent": self.agent, "Accept": "application/json"})
        talk = Talk(session, base, True if self.trusted is None else self.trusted)
        return Cloud(talk, self.settings.space) if self._is_cloud else DataCenter(talk, self.settings.space)

    @property
    def _is_cloud(self) -> bool:
        if self.settings.deployment != "auto":
            return self.settings.deployment == "cloud"
        host = urlsplit(self.settings.url).hostname or ""
        return host.endswith((".atlassian.net", "api.atlassian.com"))


def storage(markdown: str) -> str:
    """A report's Markdown in Confluence's storage format, with the mark by which the page is known as ours."""
    written: str = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table").render(markdown)
    return f"<p>{MARK}</p>\n{written}"


class Site(Protocol):
    """What is asked of either kind of Confluence."""

    def look(self) -> None: ...

    def page(self, page_id: str) -> Found: ...

    def titled(self, title: str) -> Found | None: ...

    def create(self, title: str, body: str, parent: str | None) -> None: ...

    def update(self, page: Found, title: str, body: str, *, last: bool) -> bool: ...


@dataclass(frozen=True)
class Talk:
    """Requests to one site."""

    session: requests.Session
    base: str
    verify: bool | str

    def ask(self, method: str, path: str, what: str, *, conflicts: bool = False, **more: Any) -> Any:
        """The JSON that answers; None for a conflict, where it is one that may be met."""
        answer = self.session.request(
            method, self.base + path, timeout=TIMEOUT, allow_redirects=False, verify=self.verify, **more
        )
        code = answer.status_code
        if conflicts and code == CONFLICT:
            return None
        if code in (401, 403):
            raise CredentialsError(
                f"Confluence does not let us {what} ({code}); check `auth` and what the account may."
            )
        if code == 429 or code >= 500:
            raise UnavailableError(f"Confluence cannot {what} now ({code}).")
        try:
            if code < 300:
                return answer.json()
        except requests.JSONDecodeError:
            pass
        raise ProtocolError(f"Confluence did not {what} ({code}); check `url`, `space`, `parent` and `page`.")

    def update(self, path: str, page: Found, new: dict[str, Any], *, last: bool) -> bool:
        """Put the next version of a page at its path; False where another was quicker, unless `last`."""
        numbered = new | {"id": page.id, "version": {"number": page.version + 1}}
        return self.ask("PUT", path, "update the page", conflicts=not last, json=numbered) is not None


@dataclass(frozen=True)
class Cloud:
    """Confluence Cloud, by version 2 of its API."""

    talk: Talk
    space: str

    def look(self) -> None:
        self._space_id()

    def page(self, page_id: str) -> Found:
        return _found(self.talk.ask("GET", f"{self._root}/pages/{page_id}", "show the page", params=STORED))

    def titled(self, title: str) -> Found | None:
        asked = {"space-id": self._space_id(), "title": title, **STORED}
        pages = self.talk.ask("GET", f"{self._root}/pages", "look for the page", params=asked)["results"]
        return _found(pages[0]) if pages else None

    def create(self, title: str, body: str, parent: str | None) -> None:
        page: dict[str, Any] = {"spaceId": self._space_id(), "status": "current", "title": title}
        page["body"] = self._body(body)
        if parent is not None:
            page["parentId"] = parent
        self.talk.ask("POST", f"{self._root}/pages", "create the page", json=page)

    def update(self, page: Found, title: str, body: str, *, last: bool) -> bool:
        new = {"status": "current", "title": title, "body": self._body(body)}
        return self.talk.update(f"{self._root}/pages/{page.id}", page, new, last=last)

    @property
    def _root(self) -> str:
        return "/api/v2" if self.talk.base.endswith("/wiki") else "/wiki/api/v2"

    def _space_id(self) -> str:
        found = self.talk.ask("GET", f"{self._root}/spaces", "find the space", params={"keys": self.space})["results"]
        if not found:
            raise ProtocolError(f"there is no space {self.space} in Confluence, or the account may not see it.")
        return str(found[0]["id"])

    def _body(self, value: str) -> dict[str, str]:
        return {"representation": "storage", "value": value}


@dataclass(frozen=True)
class DataCenter:
    """Confluence Data Center, by the content resource of its API."""

    talk: Talk
    space: str

    def look(self) -> None:
        self.talk.ask("GET", f"/rest/api/space/{self.space}", "see the space")

    def page(self, page_id: str) -> Found:
        return _found(self.talk.ask("GET", f"/rest/api/content/{page_id}", "show the page", params=EXPANDED))

    def titled(self, title: str) -> Found | None:
        asked = {"type": "page", "spaceKey": self.space, "title": title, **EXPANDED}
        pages = self.talk.ask("GET", "/rest/api/content", "look for the page", params=asked)["results"]
        return _found(pages[0]) if pages else None

    def create(self, title: str, body: str, parent: str | None) -> None:
        page: dict[str, Any] = {"type": "page", "title": title, "space": {"key": self.space}, "body": self._body(body)}
        if parent is not None:
            page["ancestors"] = [{"id": parent}]
        self.talk.ask("POST", "/rest/api/content", "create the page", json=page)

    def update(self, page: Found, title: str, body: str, *, last: bool) -> bool:
        new = {"type": "page", "title": title, "body": self._body(body)}
        return self.talk.update(f"/rest/api/content/{page.id}", page, new, last=last)

    def _body(self, value: str) -> dict[str, Any]:
        return {"storage": {"value": value, "representation": "storage"}}


def _found(page: Any) -> Found:
    """A page as both kinds tell it, when asked for its body and version."""
    ours = ANCHOR in page["body"]["storage"]["value"]
    return Found(str(page["id"]), page["title"], page["version"]["number"], ours)


@dataclass(frozen=True)
class _Bearer(AuthBase):
    """A token in the header, so that no .netrc of the account puts another word there."""

    token: str = field(repr=False)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


@contextmanager
def _told(site: str) -> Iterator[None]:
    """What goes wrong on the way, as an error of ours that says what to do."""
    host = urlsplit(site).hostname
    try:
        yield
    except requests.exceptions.SSLError:
        raise ProtocolError(
            f"the certificate of {host} is not trusted; name its authority's file in `tls: {{ca: …}}`."
        ) from None
    except requests.RequestException:
        raise UnavailableError(f"{host} could not be reached, or hung up.") from None
    except (KeyError, IndexError, TypeError):
        raise ProtocolError(f"{host} does not answer as Confluence does; check `url` and `deployment`.") from None
