"""The properties that issues carry: any JSON under a key, which no person sees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from demo.trackers.http import Answer, Refused, Request
from demo.trackers.jira.issues import known

if TYPE_CHECKING:
    from demo.trackers.jira.site import JiraSite

LONGEST = 32_768  # bytes of a value
LONGEST_KEY = 255


def keys(site: JiraSite, request: Request) -> Answer:
    """GET issue/{key}/properties."""
    one = known(site, request.names["issue"])
    address = f"{request.base_url}/rest/api/{request.names['version']}/issue/{one.id}/properties/"
    return Answer(body={"keys": [{"key": key, "self": address + key} for key in one.properties]})


def get(site: JiraSite, request: Request) -> Answer:
    """GET issue/{key}/properties/{key}."""
    one, key = known(site, request.names["issue"]), request.names["key"]
    if key not in one.properties:
        raise _absent(key)
    return Answer(body={"key": key, "value": one.properties[key]})


def put(site: JiraSite, request: Request) -> Answer:
    """PUT issue/{key}/properties/{key} with any JSON as the body: 201 when it is new, else 200."""
    one, key = known(site, request.names["issue"]), request.names["key"]
    try:
        value = json.loads(request.body)
    except ValueError:
        raise Refused(400, "The property's value must be JSON.") from None
    if len(request.body) > LONGEST or len(key) > LONGEST_KEY:
        raise Refused(400, "The property's key or value is too long.")
    new = key not in one.properties
    one.properties = {**one.properties, key: value}
    return Answer(201 if new else 200, body={})


def remove(site: JiraSite, request: Request) -> Answer:
    """DELETE issue/{key}/properties/{key}."""
    one, key = known(site, request.names["issue"]), request.names["key"]
    if key not in one.properties:
        raise _absent(key)
    one.properties = {name: value for name, value in one.properties.items() if name != key}
    return Answer(204)


def _absent(key: str) -> Refused:
    return Refused(404, f"The property with key '{key}' does not exist.")
