"""What the models of the settings have in common."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from config.references import Account, Secret

ADDRESS: JsonDict = {"pattern": "^https?://"}


class Model(BaseModel):
    """Strict settings: an unknown key is an error, and nothing changes after loading."""

    # Validators are built on first use, so that commands that load nothing start at once.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class AtlassianAuth(Model):
    method: Literal["basic", "bearer"] = Field(
        description="basic: an account with its API token or password; bearer: a personal access or OAuth token."
    )
    user: Account | None = Field(default=None, description="The account's name or e-mail address, for basic only.")
    token: Secret = Field(description="The token by reference: ${VARIABLE}, {file: …} or {keyring: …}.")
