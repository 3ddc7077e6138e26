"""Long text in Jira's two forms: plain or wiki text for version 2, the document format (ADF) for version 3."""

from __future__ import annotations

from typing import Any


def document(text: str) -> dict[str, Any]:
    """Plain text as a document, one paragraph a line block."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": block}]} for block in blocks],
    }


def plain(node: Any) -> str:
    """The words of a document, its blocks parted by an empty line."""
    if isinstance(node, str):
        return node
    if not isinstance(node, dict):
        return ""
    if node.get("type") == "text":
        return str(node.get("text", ""))
    if node.get("type") == "hardBreak":
        return "\n"
    glue = "\n\n" if node.get("type") == "doc" else ""
    return glue.join(plain(part) for part in node.get("content", ()))


def for_version(value: Any, version: str) -> Any:
    """A long text as the asked version of the interface gives it."""
    if value is None:
        return None
    if version == "3":
        return document(value) if isinstance(value, str) else value
    return value if isinstance(value, str) else plain(value)


def is_document(value: Any) -> bool:
    """Whether a value is a document that Jira takes: type, version, and a list of nodes that have a type."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    content = value.get("content")
    return isinstance(content, list) and all(isinstance(node, dict) and "type" in node for node in content)
