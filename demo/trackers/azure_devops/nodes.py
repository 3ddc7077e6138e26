"""Areas and iterations as trees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from demo.trackers.azure_devops import values
from demo.trackers.azure_devops.about import listed, project_of
from demo.trackers.http import Answer, Refused, Request

if TYPE_CHECKING:
    from demo.trackers.azure_devops.site import AzureDevOpsSite, Project

_GROUPS = {"areas": ("area", "Area"), "iterations": ("iteration", "Iteration")}


def roots(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET {project}/_apis/wit/classificationnodes: both roots, children down to `$depth`."""
    one = project_of(site, request)
    depth = request.number("$depth", 0)
    return listed([_node(site, one, group, one.name, depth, request) for group in _GROUPS])


def node(site: AzureDevOpsSite, request: Request) -> Answer:
    """GET {project}/_apis/wit/classificationnodes/{areas or iterations}/{path}."""
    one, group = project_of(site, request), request.names["group"].lower()
    if group not in _GROUPS:
        raise Refused(404, f"The structure group {group} does not exist.", "ClassificationNodeNotFoundException")
    inner = request.names.get("path", "").strip("/").replace("/", "\\")
    path = f"{one.name}\\{inner}" if inner else one.name
    if path not in _paths(site, one, group):
        raise Refused(404, f"VS402485: The node {path} does not exist.", "ClassificationNodeNotFoundException")
    return Answer(body=_node(site, one, group, path, request.number("$depth", 0), request))


def _paths(site: AzureDevOpsSite, one: Project, group: str) -> list[str]:
    field = "System.AreaPath" if group == "areas" else "System.IterationPath"
    named: Iterable[str] = one.areas if group == "areas" else one.iterations
    used = (str(item.fields[field]) for item in site.items.values() if item.project == one.name)
    found: dict[str, None] = {one.name: None}
    for path in (*named, *used):
        parts = path.split("\\")
        for size in range(1, len(parts) + 1):
            found["\\".join(parts[:size])] = None
    return [path for path in found if values.under(path, one.name)]


def _node(site: AzureDevOpsSite, one: Project, group: str, path: str, depth: int, request: Request) -> dict[str, Any]:
    kind, segment = _GROUPS[group]
    below = [other for other in _paths(site, one, group) if other.rpartition("\\")[0] == path]
    inner = path.removeprefix(one.name).strip("\\")
    address = f"{request.base_url}/{one.id}/_apis/wit/classificationNodes/{segment}s"
    shown: dict[str, Any] = {
        "id": int(values.number_id(kind, path)[:6], 16),
        "identifier": values.number_id(kind, path),
        "name": path.rpartition("\\")[2],
        "structureType": kind,
        "hasChildren": bool(below),
        "path": "\\" + "\\".join(filter(None, (one.name, segment, inner))),
        "url": f"{address}/{quote(inner.replace(chr(92), '/'))}" if inner else address,
    }
    start, finish = one.iterations.get(path, (None, None)) if kind == "iteration" else (None, None)
    if start or finish:
        shown["attributes"] = {"startDate": start, "finishDate": finish}
    if below and depth > 0:
        shown["children"] = [_node(site, one, group, other, depth - 1, request) for other in below]
    return shown
