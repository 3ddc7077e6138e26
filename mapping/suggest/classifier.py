"""A linear classifier of sparse counts, the same on every run, and the words that weighed in its guess."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from domain.errors import ConfigurationError
from mapping.suggest.traits import Trait, tokens

Rows = Any  # a scipy.sparse matrix, an item a row and a token a column
STRENGTH = 0.25  # the C of the support vector machine; less trusts single words less
ANY = ""  # stands in every item, so that none is empty
WEIGHED = 3  # reasons that are told at most,
LOUD = 0.25  # and by how much each must weigh of what the heaviest does


def count(texts: Iterable[Sequence[Trait]]) -> tuple[Rows, dict[str, int]]:
    """How often each token stands in each item, and the tokens' columns.

    ConfigurationError where the extra `suggest` is not installed.
    """
    try:
        from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - an extra, and large
    except ImportError:
        raise ConfigurationError("Suggestions need the extra `suggest`; install filrouge[suggest].") from None
    counter = CountVectorizer(analyzer=lambda traits: [ANY, *(token for trait in traits for token in tokens(trait))])
    rows = counter.fit_transform(texts)
    return rows.astype(float), counter.vocabulary_


class Model:
    """Learnt from rows and their labels (0, 1, …), at least two of them different."""

    def __init__(self, rows: Rows, labels: Sequence[int]) -> None:
        from sklearn.feature_extraction.text import TfidfTransformer  # noqa: PLC0415 - an extra, and large
        from sklearn.svm import LinearSVC  # noqa: PLC0415 - an extra, and large

        self._weights = TfidfTransformer(sublinear_tf=True).fit(rows)
        # Balanced: how common a target was in the past says little of what no rule reaches.
        self._machine = LinearSVC(C=STRENGTH, class_weight="balanced", random_state=0)
        self._machine.fit(self._weights.transform(rows), labels)

    def guess(self, rows: Rows) -> list[tuple[int, float]]:
        """For each row the likeliest label, and by how much it beats the next one."""
        import numpy as np  # noqa: PLC0415 - wanted here alone

        if not rows.shape[0]:
            return []
        scores = self._scores(rows)
        ordered = np.sort(scores, axis=1)
        labels = self._machine.classes_[scores.argmax(axis=1)]
        return list(zip(labels.tolist(), (ordered[:, -1] - ordered[:, -2]).tolist(), strict=True))

    def reasons(self, row: Rows, columns: dict[str, int], traits: Sequence[Trait]) -> list[Trait]:
        """The traits of one row that weighed most for its label against the next one, heaviest first."""
        scores = self._scores(row)[0]
        second, first = scores.argsort(kind="stable")[-2:]
        coefficients = self._machine.coef_
        if len(self._machine.classes_) == 2:
            coefficients = [-coefficients[0], coefficients[0]]
        values = self._weights.transform(row)
        slopes = coefficients[first][values.indices] - coefficients[second][values.indices]
        pull = dict(zip(values.indices, values.data * slopes, strict=True))
        # A part that several words share counts for each of them: it is told which words spoke, not how loud.
        heard = {trait: sum(pull[columns[token]] for token in tokens(trait)) for trait in traits}
        worth_telling = max(0.0, *heard.values()) * LOUD if heard else 0.0
        told = [trait for trait in heard if heard[trait] > worth_telling]
        return sorted(told, key=lambda trait: (-heard[trait], trait))[:WEIGHED]

    def _scores(self, rows: Rows) -> Any:
        import numpy as np  # noqa: PLC0415 - wanted here alone

        scores = self._machine.decision_function(self._weights.transform(rows))
        return np.column_stack([-scores, scores]) if scores.ndim == 1 else scores


def fit(rows: Rows, labels: Sequence[int]) -> Model | None:
    """A model of the rows; None where their labels are all the same, so that there is nothing to tell apart."""
    return Model(rows, labels) if len(set(labels)) > 1 else None
