"""A report as a page of Confluence, Cloud and Data Center: created once, updated in place, nobody else's touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest

from reports.delivery.confluence import storage
from reports.formats.registry import FORMATS
from reports.report import Report
from tests.delivery.conftest import Office
from tests.delivery.loopback import Answer, Asked, Recorder, answering
from tests.reports_formats.sample_documents import SAMPLES

TOKEN = "t0k3n"
NAMES = 'xmlns:ac="http://atlassian.com/content"'


@dataclass
class Wiki:
    """A Confluence with one space, AGILE, and its pages by id; the next `conflicts` edits come too late."""

    cloud: bool
    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    conflicts: int = 0
    status: int = 200

    def add(self, title: str, body: str) -> str:
        """A page that a person made; its id."""
        number = str(1000 + len(self.pages))
        self.pages[number] = {"title": title, "version": 1, "body": body, "parent": None}
        return number

    def answer(self, asked: Asked) -> Answer:
        """As the vendor describes it."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "no"}
        if self.status != 200:
            return self.status, {"message": "not now"}
        root = "/wiki/api/v2/pages" if self.cloud else "/rest/api/content"
        if self.cloud and asked.path == "/wiki/api/v2/spaces":
            return 200, {"results": [{"id": "77", "key": "AGILE"}] if asked.query == {"keys": "AGILE"} else []}
        if asked.path == root:
            return self._new(asked.body) if asked.method == "POST" else self._titled(asked.query)
        page = self.pages.get(asked.path.removeprefix(f"{root}/"))
        if page is None:
            return 404, {"message": "no such page"}
        return self._changed(page, asked.body) if asked.method == "PUT" else (200, self._told(page))

    def _titled(self, query: dict[str, str]) -> Answer:
        in_space = query.get("space-id") == "77" if self.cloud else query.get("spaceKey") == "AGILE"
        found = [self._told(page) for page in self.pages.values() if in_space and page["title"] == query["title"]]
        return 200, {"results": found}

    def _new(self, body: Any) -> Answer:
        if not (body.get("spaceId") == "77" if self.cloud else body.get("space") == {"key": "AGILE"}):
            return 404, {"message": "no such space"}
        if any(page["title"] == body["title"] for page in self.pages.values()):
            return 400, {"message": "A page with this title already exists"}
        number = self.add(body["title"], self._value(body))
        ancestors = body.get("ancestors", [{}])
        self.pages[number]["parent"] = body.get("parentId") if self.cloud else ancestors[0].get("id")
        self.writes.append(f"new {body['title']}")
        return 200, self._told(self.pages[number])

    def _changed(self, page: dict[str, Any], body: Any) -> Answer:
        if self.conflicts:
            self.conflicts -= 1
            page["version"] += 1
            return 409, {"message": "Version must be incremented"}
        if body["version"]["number"] != page["version"] + 1:
            return 409, {"message": "Version must be incremented"}
        page |= {"version": page["version"] + 1, "title": body["title"], "body": self._value(body)}
        self.writes.append(f"edit {page['title']}")
        return 200, self._told(page)

    def _value(self, body: Any) -> str:
        if self.cloud:
            assert body["body"]["representation"] == "storage"
            return str(body["body"]["value"])
        assert body["body"]["storage"]["representation"] == "storage"
        return str(body["body"]["storage"]["value"])

    def _told(self, page: dict[str, Any]) -> dict[str, Any]:
        number = next(number for number, one in self.pages.items() if one is page)
        stored = {"value": page["body"], "representation": "storage"}
        return {
            "id": number,
            "title": page["title"],
            "version": {"number": page["version"]},
            "body": {"storage": stored},
        }


@contextmanager
def confluence(office: Office, *, cloud: bool, more: str = "") -> Iterator[tuple[Wiki, Recorder]]:
    """A site that an office writes to."""
    wiki = Wiki(cloud)
    with answering(wiki.answer) as (address, recorder):
        kind = "cloud" if cloud else "data_center"
        office.write(
            f"[{{confluence: {{url: {address}, deployment: {kind}, space: AGILE, "
            f'auth: {{method: bearer, token: "${{WIKI_TOKEN}}"}}{more}}}}}]'
        )
        office.environ["WIKI_TOKEN"] = TOKEN
        yield wiki, recorder


@pytest.fixture(params=[True, False], ids=["cloud", "data_center"])
def cloud(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def test_one_page_is_created_and_updated_in_place(office: Office, cloud: bool) -> None:
    with confluence(office, cloud=cloud, more=', parent: "42"') as (wiki, _):
        assert [one.state for one in office.deliver("drifting_fr")] == ["sent"]
        assert [one.state for one in office.deliver("eight_targets_fr")] == ["sent"]
        assert wiki.writes == ["new Acme: Rapport de dérive", "edit Acme: Rapport de dérive"]
        (page,) = wiki.pages.values()
        assert (page["version"], page["parent"]) == (2, "42")
        # The same report once more changes nothing that anybody would see, and makes no second page.
        office.deliver("eight_targets_fr")
        assert len(wiki.pages) == 1


def test_each_week_has_a_page_of_its_own_where_the_title_says_so(office: Office, cloud: bool) -> None:
    with confluence(office, cloud=cloud, more=', title: "Drift {week}"') as (wiki, _):
        office.deliver("drifting_fr")
        assert wiki.writes == ["new Drift 2026-W47"]


def test_a_page_that_a_person_made_is_left_alone_unless_it_is_named(office: Office, cloud: bool) -> None:
    with confluence(office, cloud=cloud, more=", title: Team report") as (wiki, _):
        number = wiki.add("Team report", "<p>ours for years</p>")
        (refused,) = office.deliver()
        assert refused.state == "failed"
        assert f"did not make; choose another `title`, or say `page: {number}`" in refused.sentence()
        assert wiki.writes == []
    with confluence(office, cloud=cloud, more=f', page: "{number}"') as (wiki, _):
        wiki.add("Team report", "<p>to be replaced</p>")
        assert [one.state for one in office.deliver()] == ["sent"]
        assert wiki.writes == ["edit Team report"]


def test_somebody_who_edits_at_the_same_time_is_not_written_over_blindly(office: Office, cloud: bool) -> None:
    with confluence(office, cloud=cloud) as (wiki, _):
        office.deliver("drifting_fr")
        wiki.conflicts = 1
        assert [one.state for one in office.deliver("eight_targets_fr")] == ["sent"]
        (page,) = wiki.pages.values()
        assert page["version"] == 3
        wiki.conflicts = 2
        (late,) = office.deliver("drifting_fr")
        assert (late.state, "did not update the page (409)" in late.sentence()) == ("failed", True)


@pytest.mark.parametrize(
    ("status", "state", "says"),
    [(503, "waiting", "now (503)"), (403, "failed", "what the account may"), (404, "failed", "check `url`, `space`")],
)
def test_what_the_site_refuses_is_told(office: Office, cloud: bool, status: int, state: str, says: str) -> None:
    with confluence(office, cloud=cloud) as (wiki, recorder):
        wiki.status = status
        (one,) = office.deliver()
        assert (one.state, says in one.sentence()) == (state, True), one
        assert TOKEN not in str(one)
        assert len(recorder.asked) == (3 if state == "waiting" else 1)
        wiki.status = 200
        waiting = office.deliver_waiting()
        assert [one.state for one in waiting] == (["sent"] if state == "waiting" else [])


def test_an_unknown_space_is_said(office: Office) -> None:
    with confluence(office, cloud=True) as (_wiki, _):
        settings = (office.folder / "filrouge.yaml").read_text("utf-8").replace("space: AGILE", "space: AGIL")
        (office.folder / "filrouge.yaml").write_text(settings, "utf-8")
        (one,) = office.deliver()
        assert (one.state, "there is no space AGIL" in one.sentence()) == ("failed", True)


@pytest.mark.parametrize("sample", sorted(SAMPLES))
def test_every_report_is_whole_in_the_storage_format(sample: str) -> None:
    """It is XHTML, with tables, and without anything that a title could smuggle in."""
    written = storage(FORMATS["md"](Report(SAMPLES[sample]())).decode())
    tree = ElementTree.fromstring(f"<page {NAMES}>{written}</page>")  # noqa: S314 - what we wrote ourselves
    tags = {element.tag for element in tree.iter() if not element.tag.startswith("{")}
    plain = {"p", "h1", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "table", "thead", "tbody", "tr", "th", "td"}
    assert tags <= plain | {"page", "code", "br", "hr", "blockquote"}
    links = [element.get("href", "") for element in tree.iter("a")]
    assert all(link.startswith(("http://", "https://")) for link in links)
