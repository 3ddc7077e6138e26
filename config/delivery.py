"""Where reports go, as typed settings."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from config.model import ADDRESS, AtlassianAuth, Model
from config.references import Account, Secret, is_reference
from config.scalars import Text, Whole


class EmailDelivery(Model):
    to: tuple[Text, ...] = Field(min_length=1, description="Addresses; each gets a mail of its own.")
    from_: Text | None = Field(default=None, alias="from", description="The sender, where it is not that of `mail`.")


class ChatDelivery(Model):
    url: Secret = Field(
        description="An address of apprise (https://appriseit.com: slack://…, workflows://… for Teams, and many more) "
        "by reference, ${VARIABLE}, {file: …} or {keyring: …}: it holds a secret."
    )
    name: Text | None = Field(
        default=None, description="Your name for this chat, such as teams (default: the variable or file of its url)."
    )

    @property
    def called(self) -> str:
        """Its name, never its secret."""
        assert self.name is not None or is_reference(self.url.get_secret_value()), "named before it is resolved"
        return self.name or self.url.get_secret_value().strip("${}")


class ConfluenceDelivery(Model):
    url: Text = Field(
        description="The site's address: https://acme.atlassian.net, or that of a Data Center server.",
        json_schema_extra=ADDRESS,
    )
    deployment: Literal["auto", "cloud", "data_center"] = Field(
        default="auto", description="Which Confluence it is; auto goes by the address."
    )
    auth: AtlassianAuth = Field(description="How to sign in, as to Jira.")
    space: Text = Field(description="Key of the space.")
    title: Text | None = Field(
        default=None,
        description="The page's title (default: the organisation and `Drift report`); with {week} in it, each week "
        "gets a page of its own.",
    )
    parent: Text | None = Field(default=None, description="Id of the page under which a new one is created.")
    page: Text | None = Field(default=None, description="Id of a page that exists, to be updated instead.")


WAYS = ("folder", "email", "chat", "confluence")


class Delivery(Model):
    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [way]} for way in WAYS]})
    folder: Text | None = Field(default=None, description="A folder, from the workspace's.")
    email: EmailDelivery | None = Field(default=None, description="By e-mail, through the server of `mail`.")
    chat: ChatDelivery | None = Field(default=None, description="Into a chat: Slack, Microsoft Teams and others.")
    confluence: ConfluenceDelivery | None = Field(
        default=None, description="As a page of Confluence, created once and updated in place."
    )


class Mail(Model):
    """The mail server by which reports go out."""

    host: Text = Field(description="The server's name, such as smtp.acme.example.")
    port: Whole | None = Field(
        default=None, ge=1, le=65535, description="Its port (default: 587 for starttls, 465 for tls, 25 for none)."
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="starttls or tls, the certificate always checked; none: in clear, to this very machine only.",
    )
    user: Account | None = Field(default=None, description="The account's name, where the server asks for one.")
    password: Secret | None = Field(
        default=None, description="Its password by reference: ${VARIABLE}, {file: …} or {keyring: …}."
    )
    from_: Text = Field(alias="from", description="The sender's address, such as filrouge@acme.example.")
