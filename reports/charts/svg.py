"""A Vega-Lite specification made into SVG that may stand inside a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from xml.etree import ElementTree

from reports.charts.theme import Spec

VEGA_LITE = "6.4"
NAMESPACE = "http://www.w3.org/2000/svg"
LOCALES: Mapping[str, Literal["fr-FR", "en-GB"]] = {"fr": "fr-FR", "en": "en-GB"}
DROPPED = ("role", "aria-roledescription", "aria-hidden", "aria-label", "pointer-events", "class", "version")
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
REFERENCE = re.compile(r"url\(#([^)]+)\)")


def svg(spec: Spec, name: str, title: str, description: str, language: str) -> str:
    """The picture as one `<svg role="img">` element with its title and description.

    `name` is unique in the page and begins every id. The result depends on nothing but the arguments: ids are
    numbered anew (the renderer counts on from picture to picture) and coordinates have two decimals.
    """
    import vl_convert  # noqa: PLC0415 - it is large, and only pages with pictures need it

    drawn = vl_convert.vegalite_to_svg(
        spec,
        vl_version=VEGA_LITE,
        format_locale=LOCALES[language],
        time_format_locale=LOCALES[language],
        allowed_base_urls=[],
    )
    root = ElementTree.fromstring(drawn)  # noqa: S314 - drawn a line above, from no foreign document
    _strip(root)
    ids: dict[str, str] = {}
    for element in root.iter():
        if "id" in element.attrib:
            ids[element.attrib["id"]] = element.attrib["id"] = f"{name}-{len(ids) + 1}"
    for element in root.iter():
        for key, value in element.attrib.items():
            element.attrib[key] = REFERENCE.sub(lambda match: f"url(#{ids[match[1]]})", _rounded(value))
    return _labelled(root, name, title, description)


def _strip(root: ElementTree.Element) -> None:
    """Leave out what draws nothing: empty paths, hidden marks, roles of single marks."""
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        for attribute in DROPPED:
            element.attrib.pop(attribute, None)
        if element.attrib.get("opacity") == "1":
            del element.attrib["opacity"]
    parents = [(parent, child) for parent in root.iter() for child in parent]
    for parent, child in reversed(parents):
        if (child.tag == "path" and "fill" not in child.attrib and "stroke" not in child.attrib) or (
            child.tag == "g" and not len(child)
        ):
            parent.remove(child)


def _rounded(value: str) -> str:
    return LONG_NUMBER.sub(lambda match: f"{round(float(match[0]), 2):g}", value)


def _labelled(root: ElementTree.Element, name: str, title: str, description: str) -> str:
    root.attrib |= {"xmlns": NAMESPACE, "role": "img", "aria-labelledby": f"{name}-title {name}-desc"}
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        label = ElementTree.Element(tag, {"id": f"{name}-{tag}"})
        label.text = text
        root.insert(place, label)
    return ElementTree.tostring(root, encoding="unicode")
