"""A Jira Cloud site of any size on the loopback interface, in a process of its own, as `benchmarks/sync.py` needs it.

Usage: `python benchmarks/sync_site.py COUNT`. It prints its address; then it obeys lines on standard input (`latency
SECONDS`, `edit COUNT`) and answers each with a line. It ends with its standard input. Answers are made once and then
kept, so that a second reader of the same pages does not wait for them to be made.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from demo.trackers.http import Answer, Request, Route, serve
from demo.trackers.jira.site import JiraSite
from demo.trackers.jira.standard import SPRINT, STORY_POINTS

TOKEN = "benchmark"  # noqa: S105 (the loopback server's)
NOW = datetime.now(UTC).replace(microsecond=0)
STATUSES: list[dict[str, Any]] = [
    {"id": str(3 + place), "name": name, "statusCategory": {"id": 2 + place, "key": key, "name": name}}
    for place, (name, key) in enumerate((("To Do", "new"), ("In Progress", "indeterminate"), ("Done", "done")))
]
PEOPLE: list[dict[str, Any]] = [
    {
        "self": f"https://site.example/rest/api/3/user?accountId=5b10a2844c20165700ede{number:03}",
        "accountId": f"5b10a2844c20165700ede{number:03}",
        "displayName": f"Person {number}",
        "active": True,
        "timeZone": "Europe/Paris",
        "accountType": "atlassian",
        "avatarUrls": {
            size: f"https://avatar.example/{number}/{size}.png" for size in ("16x16", "24x24", "32x32", "48x48")
        },
    }
    for number in range(60)
]
STORY = {"id": "10001", "name": "Story", "iconUrl": "https://site.example/s.png", "subtask": False, "hierarchyLevel": 0}
EPIC = {"id": "10000", "name": "Epic", "iconUrl": "https://site.example/e.png", "subtask": False, "hierarchyLevel": 1}
MEDIUM = {"id": "3", "name": "Medium", "iconUrl": "https://site.example/medium.png"}
WORDS = [
    "payment",
    "basket",
    "login",
    "search",
    "returns",
    "customer",
    "invoice",
    "address",
    "mobile",
    "report",
    "export",
    "import",
    "price",
    "tax",
]


def issues(count: int) -> Iterator[dict[str, Any]]:
    """Issues made over two years, each with 7.6 history entries on average, of the kinds that real logs hold."""
    dice = random.Random(7)
    start = NOW - timedelta(days=730)
    for number in range(1, count + 1):
        created = start + timedelta(days=700 * number / count)
        yield _issue(number, created, dice)


def _issue(number: int, created: datetime, dice: random.Random) -> dict[str, Any]:
    key, at = f"SHOP-{number}", created
    status, labels = STATUSES[0], ["shop"]
    points: float | None = None
    person: dict[str, Any] | None = None
    sprint: dict[str, Any] | None = None
    histories: list[dict[str, Any]] = []
    for step in range(dice.randint(4, 11) if number % 5 else 8):
        at = min(NOW - timedelta(days=1), at + timedelta(hours=dice.randint(1, 60), milliseconds=dice.randint(0, 999)))
        kind = ("status", "sprint", "points", "rank", "assignee", "status", "labels", "description")[step % 8]
        if kind == "status":
            after = STATUSES[min(2, STATUSES.index(status) + 1)] if step < 8 else STATUSES[1]
            item = _item("status", "status", status["id"], status["name"], after["id"], after["name"])
            status = after
        elif kind == "sprint":
            sprint = {"id": number % 90, "name": f"Team {number % 9} sprint {number % 90}", "state": "closed"}
            item = _item("Sprint", SPRINT, "", "", str(sprint["id"]), str(sprint["name"]), custom=True)
        elif kind == "points":
            before, points = points, float(dice.choice((1, 2, 3, 5, 8)))
            item = _item("Story Points", STORY_POINTS, None, _text(before), None, _text(points), custom=True)
        elif kind == "rank":
            item = _item("Rank", "customfield_10019", "", "", "", "Ranked higher", custom=True)
        elif kind == "assignee":
            before_person, person = person, dice.choice(PEOPLE)
            item = _item(
                "assignee",
                "assignee",
                before_person["accountId"] if before_person else None,
                before_person["displayName"] if before_person else None,
                person["accountId"],
                person["displayName"],
            )
        elif kind == "labels":
            old, labels = labels, [*labels, dice.choice(WORDS)]
            item = _item("labels", "labels", "", " ".join(old), "", " ".join(labels))
        else:
            item = _item("description", "description", None, _prose(dice, 40), None, _prose(dice, 45))
        histories.append(
            {
                "id": str(number * 100 + step),
                "author": dice.choice(PEOPLE),
                "created": at.isoformat(),
                "items": [item],
            }
        )
    parent = max(1, number - number % 20)
    epic = {
        "id": str(10_000 + parent),
        "key": f"SHOP-{parent}",
        "self": f"https://site.example/rest/api/3/issue/{10_000 + parent}",
        "fields": {"summary": _prose(dice, 6), "status": STATUSES[1], "issuetype": EPIC, "priority": MEDIUM},
    }
    return {
        "id": str(10_000 + number),
        "key": key,
        "fields": {
            "summary": f"{_prose(dice, 7).capitalize()} {number}",
            "status": status,
            "issuetype": STORY if number % 20 else EPIC,
            "project": {"id": "1", "key": "SHOP", "name": "Shop"},
            "priority": MEDIUM,
            "labels": sorted(set(labels)),
            "components": [{"id": str(number % 12), "name": WORDS[number % 12].capitalize()}],
            "fixVersions": [],
            "assignee": person,
            "parent": epic if number % 20 else None,
            "description": _prose(dice, 150),
            STORY_POINTS: points,
            SPRINT: [sprint] if sprint else None,
            "resolution": {"id": "1", "name": "Done"} if status is STATUSES[2] else None,
            "created": created.isoformat(),
            "updated": at.isoformat(),
            **_rest(number, dice),
        },
        "changelog": {"histories": histories},
    }


def _rest(number: int, dice: random.Random) -> dict[str, Any]:
    """What `*all` brings besides: the fields that every site has, and a hundred of its own, most of them empty."""
    nothing = {"progress": 0, "total": 0}
    rest: dict[str, Any] = {
        "reporter": dice.choice(PEOPLE),
        "creator": dice.choice(PEOPLE),
        "votes": {"self": f"https://site.example/rest/api/3/issue/{number}/votes", "votes": 0, "hasVoted": False},
        "watches": {"self": f"https://site.example/rest/api/3/issue/{number}/watchers", "watchCount": 1},
        "progress": nothing,
        "aggregateprogress": nothing,
        "worklog": {"startAt": 0, "maxResults": 20, "total": 0, "worklogs": []},
        "timetracking": {},
        "workratio": -1,
        "comment": {"comments": [_comment(number * 10 + place, dice) for place in range(number % 5)]},
        "attachment": [],
        "subtasks": [],
        "issuelinks": [],
        "duedate": None,
        "environment": None,
        "security": None,
    }
    for place in range(100):
        option = {"self": f"https://site.example/option/{place}", "id": str(place), "value": f"Option {place}"}
        rest[f"customfield_{10_100 + place}"] = option if place % 6 == number % 6 else None
    return rest


def _comment(number: int, dice: random.Random) -> dict[str, Any]:
    person = dice.choice(PEOPLE)
    at = (NOW - timedelta(days=30)).isoformat()
    text = _prose(dice, 30)
    return {"id": str(number), "author": person, "updateAuthor": person, "body": text, "created": at, "updated": at}


def _item(
    field: str,
    field_id: str,
    before: str | None,
    was: str | None,
    after: str | None,
    becomes: str | None,
    custom: bool = False,
) -> dict[str, Any]:
    sides = {"from": before, "fromString": was, "to": after, "toString": becomes}
    return {"field": field, "fieldtype": "custom" if custom else "jira", "fieldId": field_id, **sides}


def _text(points: float | None) -> str | None:
    return None if points is None else f"{points:g}"


def _prose(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words))


class Kept:
    """Answers by request; `clear` when the site changes."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._answers: dict[tuple[str, str, str, bytes], Answer] = {}

    def clear(self) -> None:
        """Make every answer anew."""
        self._answers.clear()

    def around(self, route: Route) -> Route:
        """The same route; what it answered once is not made again, and every answer is late by `seconds`."""

        def answer(request: Request) -> Answer:
            time.sleep(self.seconds)
            key = (request.method, request.path, _flat(request.query), request.body)
            if key not in self._answers:
                made = route.handler(request)
                self._answers[key] = replace(made, body=made.data())
            return self._answers[key]

        return Route(route.method, route.template, answer)


def _flat(query: Mapping[str, Any]) -> str:
    return repr(sorted(query.items()))


def main(count: int) -> None:
    """Serve until standard input ends."""
    site = JiraSite(now=lambda: datetime.now(UTC), issues=issues(count), token=TOKEN)
    kept = Kept()
    site.routes = [kept.around(route) for route in site.routes]
    edited = 0
    with serve(site) as url:
        print(url, flush=True)
        for line in sys.stdin:
            order, value = line.split()
            if order == "latency":
                kept.seconds = float(value)
            else:
                for number in range(int(value)):
                    edited += 1
                    site.edit(str(10_001 + number * 7), datetime.now(UTC), {"summary": f"Edited, number {edited}"})
                kept.clear()
            print("done", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
