"""The list of resources that the package `azure-devops` asks for before anything else."""

from __future__ import annotations

from typing import Any

_PROJECT = "{project}/_apis/{area}/{resource}"
_TEAM = "{project}/{team}/_apis/{area}/{resource}"
_CORE, _WIT, _WORK, _LOCATION = "core", "wit", "work", "Location"

# (id, area, resource, route template, resource version, released)
_TABLE = (
    ("00d9565f-ed9c-4a06-9a50-00e7896ccab4", _LOCATION, "ConnectionData", "_apis/{resource}", 1, False),
    ("e81700f7-3be2-46de-8624-2eb35882fcaa", _LOCATION, "ResourceAreas", "_apis/{resource}/{areaId}", 1, False),
    ("603fe2ac-9723-48b9-88ad-09305aa6c6e1", _CORE, "projects", "_apis/{resource}/{*projectId}", 4, True),
    (
        "d30a3dd1-f8ba-442a-b86a-bd0c0c383e59",
        _CORE,
        "teams",
        "_apis/projects/{projectId}/{resource}/{*teamId}",
        3,
        True,
    ),
    (
        "294c494c-2600-4d7e-b76c-3dd50c3c95be",
        _CORE,
        "members",
        "_apis/projects/{projectId}/teams/{teamId}/{resource}",
        2,
        True,
    ),
    ("93878975-88c5-4e6a-8abb-7ddd77a8a7d8", _CORE, "processes", "_apis/process/{resource}/{processId}", 1, True),
    ("7c8d7a76-4a09-43e8-b5df-bd792f4ac6aa", _WIT, "workItemTypes", _PROJECT + "/{type}", 2, True),
    (
        "7c9d7a76-4a09-43e8-b5df-bd792f4ac6aa",
        _WIT,
        "states",
        "{project}/_apis/{area}/workitemtypes/{type}/{resource}",
        1,
        True,
    ),
    ("b51fd764-e5c2-4b9b-aaf7-3395cf4bdd94", _WIT, "fields", _PROJECT + "/{fieldNameOrRefName}", 3, True),
    ("a70579d1-f53a-48ee-a5be-7be8659023b9", _WIT, "classificationNodes", _PROJECT, 2, True),
    (
        "5a172953-1b41-49d3-840a-33f79c3ce89f",
        _WIT,
        "classificationNodes",
        _PROJECT + "/{structureGroup}/{*path}",
        2,
        True,
    ),
    (
        "f828fe59-dd87-495d-a17c-7a8d6211ca6c",
        _WIT,
        "workItemRevisions",
        "{project}/_apis/{area}/reporting/{resource}",
        2,
        True,
    ),
    (
        "b5b5b6d0-0308-40a1-b3f4-b9bb3c66878f",
        _WIT,
        "workItemLinks",
        "{project}/_apis/{area}/reporting/{resource}",
        3,
        True,
    ),
    ("908509b6-4248-4475-a1cd-829139ba419f", _WIT, "workItemsBatch", _PROJECT, 1, True),
    ("72c7ddf8-2cdc-4f60-90cd-ab71c14a399b", _WIT, "workItems", _PROJECT + "/{id}", 3, True),
    (
        "6570bf97-d02c-4a91-8d93-3abe9895b1a9",
        _WIT,
        "updates",
        "{project}/_apis/{area}/workItems/{id}/{resource}/{updateNumber}",
        3,
        True,
    ),
    (
        "a00c85a5-80fa-4565-99c3-bcd2181434bb",
        _WIT,
        "revisions",
        "{project}/_apis/{area}/workItems/{id}/{resource}/{revisionNumber}",
        3,
        True,
    ),
    ("1a9c53f7-f243-4447-b110-35ef023636e4", _WIT, "wiql", _TEAM, 2, True),
    ("b70d8d39-926c-465e-b927-b1bf0e5ca0e0", _WIT, "recyclebin", _PROJECT + "/{id}", 2, True),
    (
        "608aac0a-32e1-4493-a863-b9cf4566d257",
        _WIT,
        "comments",
        "{project}/_apis/{area}/workItems/{workItemId}/{resource}/{commentId}",
        4,
        False,
    ),
    ("7799f497-3cb5-4f16-ad4f-5cd06012db64", _WORK, "backlogconfiguration", _TEAM, 1, True),
    (
        "07ced576-58ed-49e6-9c1e-5cb53ab8bf2a",
        _WORK,
        "teamFieldValues",
        "{project}/{team}/_apis/{area}/teamsettings/{resource}",
        1,
        True,
    ),
    (
        "c9175577-28a1-4b06-9197-8636af9f64ad",
        _WORK,
        "iterations",
        "{project}/{team}/_apis/{area}/teamsettings/{resource}/{id}",
        1,
        True,
    ),
    ("c3c1012b-bea7-49d7-b45e-1664e566f84c", _WORK, "teamsettings", _TEAM, 1, True),
)
AREAS = {
    "wit": "5264459e-e5e0-4bd8-b118-0985e68a4ec5",
    "work": "1d4f49f9-02b9-4e26-b826-2cdb6195f2a9",
    "core": "79134c72-4a58-4b42-976c-04e7115f32bf",
}


def locations(version: str = "7.1") -> list[dict[str, Any]]:
    """Every resource of this server; `version` is the newest interface version that it speaks."""
    return [
        {
            "id": location,
            "area": area,
            "resourceName": resource,
            "routeTemplate": template,
            "resourceVersion": number,
            "minVersion": "1.0",
            "maxVersion": version,
            "releasedVersion": version if released else "0.0",
        }
        for location, area, resource, template, number, released in _TABLE
    ]
