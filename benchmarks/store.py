"""How fast pages are kept, against the same rows by the database driver's bare executemany.

Usage: `python benchmarks/store.py [ITEMS]`. Both sides write the same rows into the same
tables in the same transactions of one page each; ours decides, converts, compresses and replaces besides. On
PostgreSQL also what COPY makes of the same rows, bare and by moving a whole store (`filrouge store import --from`).
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine, event, text

# This file is called like the package that it measures, so the repository has to be found before this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from domain.work import Record, State, Transition, WorkItem
from store.open import Store, open_store
from store.transfer import copy_store
from tests.databases import started_postgres

PAGE = 100
TABLES = ("work_item", "raw_payload", "item_key", "transition")
START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def records(count: int) -> list[Record]:
    """Items with 7.6 history entries and a payload of 4 kB each, as a tracker sends them."""
    dice = random.Random(7)
    words = [f"word{number}" for number in range(2000)]
    return [_record(number, dice, words) for number in range(count)]


def _record(number: int, dice: random.Random, words: list[str]) -> Record:
    history = []
    at = START + timedelta(minutes=number)
    for turn in range(dice.choice((6, 7, 8, 8, 9))):
        at += timedelta(hours=dice.randint(1, 90))
        if turn in (1, 4):
            history.append(Transition(at, "state", "todo" if turn == 1 else "doing", "doing" if turn == 1 else "done"))
        else:
            history.append(Transition(at, "status", words[turn], words[turn + 1]))
    item = WorkItem(
        source="shop",
        id=str(100_000 + number),
        key=f"SHOP-{number}",
        url=f"https://shop.example/browse/SHOP-{number}",
        type="Story",
        level=0,
        title=" ".join(dice.choices(words, k=8)),
        status=words[8],
        state=State.DONE,
        project="SHOP",
        created_at=START + timedelta(minutes=number),
        updated_at=at,
        points=float(dice.randint(1, 13)),
        labels=tuple(sorted(dice.sample(words, 2))),
        components=("checkout",),
        fields={"squad": ("ocean",)},
        started_at=history[1].at,
        done_at=history[4].at,
    )
    raw = json.dumps({"id": item.id, "fields": {word: dice.choice(words) for word in dice.sample(words, 180)}})
    return Record(item, tuple(history), raw.encode())


def keep(store: Store, all_records: list[Record], hours: int) -> float:
    """Seconds for saving everything page by page."""
    began = perf_counter()
    for start in range(0, len(all_records), PAGE):
        with store.writing() as unit:
            unit.save_page(
                "shop",
                run=None,
                records=all_records[start : start + PAGE],
                cursor={"start": start},
                context={"points": "customfield_10016"},
                at=START + timedelta(hours=hours),
            )
    return perf_counter() - began


def bare(filled: str, empty: str, *, copy: bool = False) -> tuple[float, int]:
    """Seconds for inserting the rows of one store into the tables of another, and how many rows they are.

    By executemany, or by PostgreSQL's COPY.
    """
    engine = create_engine(filled)
    batches: list[list[tuple[str, list[tuple[object, ...]]]]] = []
    with engine.connect() as connection:
        ids = connection.execute(text("SELECT id FROM work_item ORDER BY id")).scalars().all()
        for start in range(0, len(ids), PAGE):
            span = {"first": ids[start], "last": ids[min(start + PAGE, len(ids)) - 1]}
            batches.append(
                [
                    (
                        table,
                        [
                            tuple(row)
                            for row in connection.execute(
                                text(f"SELECT * FROM {table} WHERE id >= :first AND id <= :last"), span
                            )
                        ],
                    )
                    for table in TABLES
                ]
            )
    engine.dispose()
    target = create_engine(empty)
    if target.dialect.name == "sqlite":
        _as_the_store(target)
    mark = "?" if target.dialect.name == "sqlite" else "%s"
    rows = sum(len(some) for page in batches for _, some in page)
    raw = target.raw_connection()
    driver = raw.cursor()
    began = perf_counter()
    for page in batches:
        for table, some in page:
            if copy:
                with driver.copy(f"COPY {table} FROM STDIN") as stream:
                    for row in some:
                        stream.write_row(row)
                continue
            driver.executemany(f"INSERT INTO {table} VALUES ({', '.join([mark] * len(some[0]))})", some)
        raw.commit()
    seconds = perf_counter() - began
    raw.close()
    target.dispose()
    return seconds, rows


def _as_the_store(engine: object) -> None:
    @event.listens_for(engine, "connect")
    def set_up(connection: object, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")  # type: ignore[attr-defined] # the driver's own connection


@contextmanager
def sqlite() -> Iterator[Callable[[], str]]:
    """Addresses of new SQLite files."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(9))
        yield lambda: f"sqlite:///{Path(folder) / str(next(numbers))}.db"


@contextmanager
def postgresql() -> Iterator[Callable[[], str]]:
    """Addresses of new databases on a server of our own."""
    with started_postgres() as server:
        numbers = iter(range(9))

        def make() -> str:
            name = f"bench_{next(numbers)}"
            server.run(f"CREATE DATABASE {name}")
            return server.url.set(database=name).render_as_string(hide_password=False)

        yield make


def moved(filled: str, empty: str) -> tuple[float, int]:
    """Seconds for moving a whole store into an empty one, and how many rows it has."""
    with closing(open_store(filled)) as origin, closing(open_store(empty)) as target:
        began = perf_counter()
        rows = copy_store(origin, target)
        return perf_counter() - began, sum(rows.values())


def main(count: int) -> None:
    """Print, for each database, rows a second of both and their ratio, and what a page without news costs."""
    everything = records(count)
    print(f"{count} items, {sum(len(record.history) for record in everything)} history entries, pages of {PAGE}")
    print("database         rows    bare/s   store/s  ratio  same again, items/s  snapshot s")
    for name, databases in (("sqlite", sqlite), ("postgresql", postgresql)):
        with databases() as new:
            filled, empty = new(), new()
            open_store(empty).close()
            store = open_store(filled)
            ours = keep(store, everything, 1)
            same = keep(store, everything, 2)
            began = perf_counter()
            with store.reading() as reader:
                reader.snapshot(START + timedelta(days=9000))
            looked = perf_counter() - began
            store.close()
            theirs, rows = bare(filled, empty)
            open_store(other := new()).close()
            took, all_rows = moved(filled, other)
            told = f"moved as a whole: {all_rows / took:.0f} rows/s, {theirs / rows * all_rows / took:.2f} times bare"
            if name == "postgresql":
                open_store(other := new()).close()
                copied, _ = bare(filled, other, copy=True)
                told += f"; COPY, bare: {rows / copied:.0f} rows/s, {theirs / copied:.2f} times as fast as executemany"
        print(
            f"{name:<12}{rows:>9}{rows / theirs:>10.0f}{rows / ours:>10.0f}{ours / theirs:>7.2f}"
            f"{count / same:>21.0f}{looked:>12.2f}\n  {told}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
