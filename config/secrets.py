"""Every secret of the settings in the place of its reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from ssl import create_default_context
from typing import TypeVar

from pydantic import BaseModel, SecretStr

from config.delivery import Delivery
from config.locate import Path as Location
from config.locate import place_of
from config.problems import Problem, short
from config.references import resolve
from config.settings import FilesSource, Settings, Source
from config.tree import Keys

M = TypeVar("M", bound=BaseModel)


def with_secrets(
    settings: Settings, tree: Keys, folder: Path, environ: Mapping[str, str]
) -> tuple[Settings, list[Problem]]:
    """The settings with what their references stand for, and a problem for each that stands for nothing."""
    secrets = _Secrets(tree, folder, environ)
    sources: list[Source] = []
    for index, source in enumerate(settings.sources):
        if not isinstance(source, FilesSource):
            auth = secrets.of(source.auth, ("sources", index, "auth"), "user", "token")
            source = source.model_copy(update={"auth": auth})  # noqa: PLW2901 # the same source, signed in
        sources.append(source)
    reports = [
        report.model_copy(
            update={
                "deliver": tuple(
                    secrets.of_delivery(delivery, ("reports", index, "deliver", number))
                    for number, delivery in enumerate(report.deliver)
                )
            }
        )
        for index, report in enumerate(settings.reports)
    ]
    mail = settings.mail and secrets.of(settings.mail, ("mail",), "user", "password")
    if settings.tls.ca is not None:
        secrets.check_authorities(settings.tls.ca)
    found = {"sources": tuple(sources), "reports": tuple(reports), "mail": mail}
    return settings.model_copy(update=found), secrets.problems


@dataclass
class _Secrets:
    tree: Keys
    folder: Path
    environ: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def check_authorities(self, file: str) -> None:
        try:
            create_default_context(cafile=self.folder / file)
        except OSError:  # as an SSLError is, too
            said = (
                f"`{short(file)}` cannot be read as certificates; expected a file in PEM, from the workspace's folder"
            )
            self.problems.append(Problem(place_of(self.tree, ("tls", "ca")), said))

    def of(self, model: M, here: Location, *names: str) -> M:
        """A model whose values of these names are resolved."""
        found: dict[str, SecretStr] = {}
        for name in names:
            reference: SecretStr | None = getattr(model, name, None)
            if reference is None:
                continue
            try:
                found[name] = SecretStr(resolve(reference.get_secret_value(), self.folder, self.environ))
            except ValueError as error:
                self.problems.append(Problem(place_of(self.tree, (*here, name)), str(error)))
        return model.model_copy(update=found)

    def of_delivery(self, delivery: Delivery, here: Location) -> Delivery:
        if delivery.chat is not None:
            named = delivery.chat.model_copy(update={"name": delivery.chat.called})
            return delivery.model_copy(update={"chat": self.of(named, (*here, "chat"), "url")})
        if delivery.confluence is not None:
            auth = self.of(delivery.confluence.auth, (*here, "confluence", "auth"), "user", "token")
            page = delivery.confluence.model_copy(update={"auth": auth})
            return delivery.model_copy(update={"confluence": page})
        return delivery
