"""The package `azure-devops` works against the loopback organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.trackers.azure_devops import AzureDevOpsSite
from tests.conftest import NOW, Running
from tests.trackers.conftest import work_item

Start = Callable[..., Running[AzureDevOpsSite]]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`connect(running, token)` is a Connection of the package; its cache folder is a temporary one."""
    monkeypatch.setenv("AZURE_DEVOPS_CACHE_DIR", str(tmp_path))
    from azure.devops import _file_cache
    from azure.devops.client import Client
    from azure.devops.connection import Connection
    from msrest.authentication import BasicAuthentication

    for cache in (_file_cache.OPTIONS_CACHE, _file_cache.RESOURCE_CACHE):
        monkeypatch.setattr(cache, "file_name", "")
    made: list[Any] = []

    def connected(running: Running[Any], token: str | None = None) -> Any:
        made.append(Connection(base_url=running.url, creds=BasicAuthentication("", token or running.token)))
        return made[-1]

    yield connected
    for connection in made:
        connection._client.close()
        for client in connection._client_cache.values():
            client._client.close()
    Client._locations_cache.clear()


def test_first_use_finds_the_resources_and_reads(azure_devops: Start, connect: Callable[..., Any]) -> None:
    from azure.devops.v7_1.work.models import TeamContext

    project = {"name": "Alpha", "process": "Scrum", "iterations": [{"path": "Alpha\\S1", "start": NOW, "finish": NOW}]}
    items = [work_item(2, "New", "Done"), work_item(1, parent=2)]
    running = azure_devops(projects=[project], items=items)
    clients = connect(running).clients_v7_1
    core, wit, work = clients.get_core_client(), clients.get_work_item_tracking_client(), clients.get_work_client()
    assert [(one.name, one.state) for one in core.get_projects()] == [("Alpha", "wellFormed")]
    whole = core.get_project("Alpha", include_capabilities=True)
    assert whole.capabilities["processTemplate"]["templateName"] == "Scrum"
    assert [one.name for one in core.get_teams("Alpha")] == ["Alpha Team"]
    states = wit.get_work_item_type_states("Alpha", "Product Backlog Item")
    assert [one.category for one in states] == ["Proposed", "Proposed", "InProgress", "Completed", "Removed"]
    assert "Epic" in {one.name for one in wit.get_work_item_types("Alpha")}
    assert "System.Title" in {one.reference_name for one in wit.get_work_item_fields()}
    assert (
        work.get_backlog_configurations(TeamContext(project="Alpha"))
        .backlog_fields.type_fields["Effort"]
        .endswith("Effort")
    )
    node = wit.get_classification_node("Alpha", "iterations", depth=1)
    assert (node.path, node.children[0].path) == ("\\Alpha\\Iteration", "\\Alpha\\Iteration\\S1")
    one = wit.get_work_item(1, expand="Relations")
    assert one.fields["System.Parent"] == 2
    assert one.relations[0].rel == "System.LinkTypes.Hierarchy-Reverse"
    assert [(update.id, update.rev) for update in wit.get_updates(2)] == [(1, 1), (2, 2), (3, 2)]
    batch = wit.get_work_items_batch({"ids": [1, 99], "errorPolicy": "omit"})
    assert [item and item.id for item in batch] == [1, None]
    first = [one.path for one in running.exchanges[:2]]
    assert first == ["/_apis", "/_apis/ResourceAreas"]


def test_reporting_by_the_packages_own_requests(azure_devops: Start, connect: Callable[..., Any]) -> None:
    running = azure_devops(items=[work_item(1, "New", "Active"), work_item(2, parent=1)])
    wit = connect(running).clients_v7_1.get_work_item_tracking_client()
    revisions = wit.read_reporting_revisions_get(fields=["System.State"], include_deleted=True)
    values = revisions.additional_properties["values"]
    assert [(one["id"], one["rev"]) for one in values] == [(2, 1), (1, 1), (1, 2)]
    links = wit.get_reporting_links_by_link_type()
    assert links.additional_properties["values"][0]["sourceId"] == 1


def test_a_query_and_comments(azure_devops: Start, connect: Callable[..., Any]) -> None:
    running = azure_devops(items=[work_item(1), work_item(2)])
    wit = connect(running).clients_v7_1.get_work_item_tracking_client()
    found = wit.query_by_wiql({"query": "SELECT [System.Id] FROM WorkItems WHERE [System.Id] > 1"}).work_items
    assert [one.id for one in found] == [2]
    comment = wit.add_comment({"text": "Bonjour"}, "Alpha", 1)
    assert wit.update_comment({"text": "Salut"}, "Alpha", 1, comment.id).version == 2
    assert [one.text for one in wit.get_comments("Alpha", 1).comments] == ["Salut"]
    wit.delete_comment("Alpha", 1, comment.id)
    assert wit.get_comments("Alpha", 1).total_count == 0


def test_a_wrong_token_gets_the_sign_in_page(azure_devops: Start, connect: Callable[..., Any]) -> None:
    from msrest import exceptions

    running = azure_devops(items=[work_item(1)])
    with pytest.raises(exceptions.DeserializationError):  # type: ignore[attr-defined] # it is there, under an import
        connect(running, "wrong").clients_v7_1.get_core_client().get_projects()
    assert {one.status for one in running.exchanges} == {203}
    assert running.exchanges[0].response_headers["Content-Type"].startswith("text/html")
