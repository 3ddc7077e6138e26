"""What of one project may be said in a ticket of another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from config.settings import Comments
from domain.work import ItemRef, WorkItem

Home = tuple[str, str]  # a project: its source, and its name without regard to case


class Discretion:
    """Keeps what confidential projects hold out of other projects' tickets.

    A project is told apart by its source and its name; the setting names it in every source.
    """

    def __init__(self, comments: Comments, items: Mapping[ItemRef, WorkItem]) -> None:
        names = {name.casefold() for name in comments.confidential}
        self._judged: dict[tuple[Home, str], bool] = {}  # rules say the same in many tickets
        self._secret: dict[Home, set[str]] = {}
        for item in items.values():
            if item.project.casefold() in names:
                self._secret.setdefault(_home(item), {item.project.casefold()}).update(_words(item))

    def may_show(self, item: WorkItem, ticket: WorkItem) -> bool:
        """Whether a ticket may speak of an item."""
        return self.secret(item) in (None, _home(ticket))

    def secret(self, item: WorkItem) -> Home | None:
        """The confidential project that an item is of; None for any other item."""
        home = _home(item)
        return home if home in self._secret else None

    def may_say(self, text: str, ticket: WorkItem) -> bool:
        """Whether a text that somebody wrote names nothing of another confidential project.

        Neither its name or key as a word, nor a key or title of its items. A bare number is no key here: it stands for
        something in every text.
        """
        asked = (_home(ticket), " ".join(text.casefold().split()))
        if asked not in self._judged:
            self._judged[asked] = not any(
                word in asked[1] and _stands_alone(word, asked[1])
                for home, words in self._secret.items()
                if home != asked[0]
                for word in words
            )
        return self._judged[asked]


def _home(item: WorkItem) -> Home:
    return item.source, item.project.casefold()


def _words(item: WorkItem) -> Iterable[str]:
    for text in (item.key, item.title):
        word = " ".join(text.casefold().split())
        if word and not word.isdecimal():
            yield word


def _stands_alone(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
