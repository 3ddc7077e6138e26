"""A file from an https address: what is taken, what is refused, and which machines are never asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.fetch import MOST_BYTES, fetch
from domain.errors import CredentialsError, FilrougeError, ProtocolError, UnavailableError
from tests.https import Site, https_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with https_site(tmp_path) as up:
        yield up


def get(site: Site, path: str) -> bytes:
    return fetch(site.address + path, agent="filrouge/test", private_hosts=["LOCALHOST"], trusted=str(site.trusted))


def refused(site: Site, path: str, kind: type[FilrougeError]) -> str:
    with pytest.raises(kind) as caught:
        get(site, path)
    return str(caught.value)


def test_what_stands_there_comes_as_it_is(site: Site) -> None:
    site.says("/kpi.csv?key=s3cret", "on,value\n2026-11-01,2.5\n")
    assert get(site, "/kpi.csv?key=s3cret") == b"on,value\n2026-11-01,2.5\n"
    assert site.agents == {"filrouge/test"}


def test_a_host_of_ones_own_network_is_not_even_connected_to(site: Site) -> None:
    with pytest.raises(ProtocolError, match=r"localhost is a host within your own network.*private_hosts"):
        fetch(site.address + "/kpi.csv", agent="filrouge/test", trusted=str(site.trusted))
    assert site.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "169.254.169.254",
        "10.1.2.3",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - written, never bound
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:0:0:0:0:80ff:fffe]",
        "2130706433",
        "0x7f000001",
    ],
)
def test_no_way_of_writing_a_private_address_leads_there(host: str) -> None:
    with pytest.raises((ProtocolError, UnavailableError), match=r"own network|name is unknown"):
        fetch(f"https://{host}/kpi.csv", agent="filrouge/test")


def test_a_redirect_is_judged_like_an_address_of_its_own(site: Site) -> None:
    site.says("/old", b"", 302, Location="/new")
    site.says("/new", "here")
    assert get(site, "/old") == b"here"
    site.says("/metadata", b"", 302, Location="https://169.254.169.254/latest")
    assert "own network" in refused(site, "/metadata", ProtocolError)
    site.says("/plain", b"", 302, Location=site.address.replace("https", "http") + "/new")
    assert "expected an address such as https" in refused(site, "/plain", ProtocolError)
    site.says("/round", b"", 302, Location="/round")
    assert "from address to address" in refused(site, "/round", ProtocolError)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, CredentialsError, "does not let us in"),
        (403, CredentialsError, "does not let us in"),
        (404, ProtocolError, "is the address right"),
        (429, UnavailableError, "next turn"),
        (503, UnavailableError, "next turn"),
    ],
)
def test_each_status_says_what_to_do(site: Site, status: int, kind: type[FilrougeError], said: str) -> None:
    site.says("/kpi.csv?key=s3cret", "no", status)
    sentence = refused(site, "/kpi.csv?key=s3cret", kind)
    assert said in sentence
    assert "/kpi.csv" in sentence
    assert "s3cret" not in sentence


def test_a_file_without_end_is_left_alone(site: Site) -> None:
    site.says("/big", b"1" * (MOST_BYTES + 1))
    assert "larger than 5 MB" in refused(site, "/big", ProtocolError)


def test_a_certificate_that_nobody_vouches_for_is_refused(site: Site) -> None:
    with pytest.raises(UnavailableError, match="certificate is not trusted"):
        fetch(site.address + "/kpi.csv", agent="filrouge/test", private_hosts=["localhost"])
    assert site.asked == []


def test_the_certificate_has_to_be_of_the_host_that_was_named(site: Site) -> None:
    with pytest.raises(UnavailableError, match="certificate is not trusted"):
        fetch(
            site.address.replace("localhost", "127.0.0.1") + "/kpi.csv",
            agent="filrouge/test",
            private_hosts=["127.0.0.1"],
            trusted=str(site.trusted),
        )


def test_a_host_that_is_gone_is_asked_again_another_time(site: Site) -> None:
    with pytest.raises(UnavailableError, match="the connection failed"):
        fetch("https://localhost:9/kpi.csv", agent="filrouge/test", private_hosts=["localhost"])
