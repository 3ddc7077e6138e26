"""Secrets by reference: a variable, a file, an entry of the system's keyring; never the secret itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, SecretStr, WithJsonSchema

from config.problems import nearest
from config.scalars import as_text, wrong

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FILE = re.compile(r"\{file: (.+)\}")
_KEYRING = re.compile(r"\{keyring: (.+)/(.+?)\}")
WAYS = "`${VARIABLE}`, `{file: path}` or `{keyring: service/name}`"

Lookup = Callable[[str], str]


class FromEnvironment(str):
    """A value that came from an overriding variable, which is where a secret may stand in clear."""

    variable: str


def as_reference(value: Any) -> str:
    """A reference as text; a literal is refused without being shown."""
    if isinstance(value, FromEnvironment):
        return f"${{{value.variable}}}"
    if isinstance(value, str) and is_reference(value):
        return value
    if isinstance(value, dict):
        if set(value) == {"file"}:
            return f"{{file: {as_text(value['file'])}}}"
        if set(value) != {"keyring"}:
            raise wrong(f"these keys are no reference to a secret; expected {WAYS}")
        reference = f"{{keyring: {as_text(value['keyring'])}}}"
        if not _KEYRING.fullmatch(reference):
            raise wrong("an entry of the keyring is named by its service and its name; expected such as filrouge/jira")
        return reference
    raise wrong(
        f"a secret stands here in clear (it is not shown); expected {WAYS}, "
        "and the secret itself, once written to a file, should be replaced"
    )


def as_account(value: Any) -> str:
    """An account's name: a reference or plain text."""
    if isinstance(value, dict | FromEnvironment):
        return as_reference(value)
    return as_text(value)


def is_reference(text: str) -> bool:
    """Whether a text only says where a secret is."""
    return any(way.fullmatch(text) for way in (VARIABLE, _FILE, _KEYRING))


def resolve(reference: str, folder: Path, environ: Mapping[str, str]) -> str:
    """What a reference stands for; ValueError with one sentence, never with the secret, when there is nothing."""
    if match := VARIABLE.fullmatch(reference):
        return variable(match[1], environ)
    if match := _KEYRING.fullmatch(reference):
        return _entry(match[1], match[2])
    match = _FILE.fullmatch(reference)
    if match is None:
        return reference
    try:
        text = (folder / match[1]).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise ValueError(
            f"the file `{match[1]}` of this secret cannot be read; expected a text file in the workspace"
        ) from None
    if not text:
        raise ValueError(f"the file `{match[1]}` of this secret is empty; expected the secret in it")
    return text


def _entry(service: str, name: str) -> str:
    """An entry of the system's keyring."""
    try:
        import keyring  # noqa: PLC0415 - an extra
    except ImportError:
        raise ValueError("a secret from the system's keyring needs the extra `keyring`; install it") from None
    try:
        found = keyring.get_password(service, name)
    except Exception as error:  # of any keyring there is, by whomever it was made
        raise ValueError(
            f"the system's keyring cannot be read ({type(error).__name__}); expected one that is open for this user"
        ) from None
    if not found:
        raise ValueError(f"the keyring has no entry `{name}` of `{service}`; `keyring set {service} {name}` makes it")
    return found


def variable(name: str, environ: Mapping[str, str]) -> str:
    """The value of an environment variable; ValueError with one sentence when it is not set or empty."""
    value = environ.get(name, "").strip()
    if not value:
        state = "empty" if name in environ else "not set"
        near = nearest(name, [other for other in environ if other != name], closeness=0.8)
        raise ValueError(f"the environment variable `{name}` is {state}; expected it to hold the value{near}")
    return value


REFERENCE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_]*\}$"},
        {
            "type": "object",
            "properties": {"file": {"type": "string", "description": "A file that holds the secret alone."}},
            "required": ["file"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {
                "keyring": {
                    "type": "string",
                    "pattern": "^.+/[^/]+$",
                    "description": "An entry of the system's keyring: its service, a slash, its name.",
                }
            },
            "required": ["keyring"],
            "additionalProperties": False,
        },
    ]
}
ACCOUNT_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "string", "minLength": 1}, *REFERENCE_SCHEMA["anyOf"][1:]]}

Secret = Annotated[SecretStr, BeforeValidator(as_reference), WithJsonSchema(REFERENCE_SCHEMA)]
Account = Annotated[SecretStr, BeforeValidator(as_account), WithJsonSchema(ACCOUNT_SCHEMA)]
