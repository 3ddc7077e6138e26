"""A process that is killed while it delivers, at each step in turn: one mail, or none or one that is called unclear."""

from __future__ import annotations

from collections import Counter
from itertools import count
from pathlib import Path

from reports.formats.registry import FORMATS
from reports.report import Report
from store.open import open_store
from tests.delivery.conftest import PASSWORD, MailServer, Office
from tests.delivery.victim import deliver_and_die
from tests.reports_formats.sample_documents import SAMPLES
from tests.sync.conftest import StillClock

KILLED = -9
MOST_UNCLEAR = 6  # steps from the commit that it is handed over, to the commit that it was


def test_no_kill_loses_a_mail_or_doubles_it(database_url: str, tmp_path: Path, server: MailServer) -> None:
    """Whoever comes next sends what waits, and the report job does its work again, as after any kill."""
    environ = {"SMTP_PASSWORD": PASSWORD, "REQUESTS_CA_BUNDLE": str(server.trusted)}
    store = open_store(database_url)
    office = Office(tmp_path, store, StillClock(), environ)
    mail = FORMATS["email"](Report(SAMPLES["nothing_delivered_fr"]()))
    unclear: dict[str, int] = {}
    for step in count(1):
        address = f"p{step}@acme.example"
        office.write(f"[{{email: {{to: [{address}]}}}}]", server.settings)
        code = deliver_and_die(tmp_path, database_url, environ, mail, step)
        office.deliver_waiting()
        (one,) = office.deliver()
        arrived = [to for to, _ in server.mails].count(address)
        if one.state == "unclear":
            assert arrived <= 1
            unclear[address] = arrived
        else:
            assert (one.state, arrived) == ("sent", 1), f"step {step}: {one.sentence()}"
        if code != KILLED:
            break
    assert code == 0
    assert step > 20
    assert 2 <= len(unclear) <= MOST_UNCLEAR
    assert set(unclear.values()) == {0, 1}, "with no mail after one kill, with one after another"
    assert max(Counter(to for to, _ in server.mails).values()) == 1
    store.close()
