"""What a setting of a rule, a pin or a team's command says of an item, dimension by dimension."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from config.rules import Setting
from domain.tags import Dimension
from domain.work import WorkItem
from mapping.contribution import Contribution, Speaker, Targets, speaker

Word = Contribution | str  # what is said in one dimension


@dataclass(frozen=True, slots=True)
class Sayings:
    """A compiled setting: a word per dimension, and for `contributes_to` what finds it."""

    words: tuple[tuple[Dimension, str], ...]
    contributes_to: Speaker | None

    @property
    def dimensions(self) -> frozenset[Dimension]:
        """The dimensions in which the setting may speak."""
        fixed = frozenset(dimension for dimension, _ in self.words)
        return fixed if self.contributes_to is None else fixed | {Dimension.CONTRIBUTES_TO}

    def of(self, item: WorkItem) -> Iterator[tuple[Dimension, Word]]:
        """What is said of an item; nothing in a dimension in which the setting does not speak."""
        if self.contributes_to is not None:
            contribution = self.contributes_to(item)
            if contribution is not None:
                yield Dimension.CONTRIBUTES_TO, contribution
        yield from self.words


def sayings(setting: Setting, targets: Targets) -> Sayings:
    """Compile a setting; PatternError for parts or a template that make no sense."""
    single = (
        (Dimension.VALUE_STREAM, setting.value_stream),
        (Dimension.PRODUCT, setting.product),
        (Dimension.WORK_CLASS, setting.work_class),
    )
    return Sayings(
        words=tuple((dimension, word) for dimension, word in single if word is not None),
        contributes_to=None if setting.contributes_to is None else speaker(setting.contributes_to, targets),
    )
