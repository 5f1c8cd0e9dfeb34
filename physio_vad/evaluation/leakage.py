"""Leak checks: what in a table or a split would make scores too good.

Each check reads the tables, never the model's inside, and gives findings that say what was seen,
what it means and what to do. `evaluate` runs them by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from physio_vad._arrays import BoolArray, FloatArray, IntArray
from physio_vad.evaluation.baselines import Fold, fill_gaps, stimulus_mean, training_mean
from physio_vad.evaluation.design import Design, make_design
from physio_vad.registry import Registry

MOST_ROWS = 1000
"""Test rows that the nearest-neighbour check looks up, at most."""


@dataclass(frozen=True)
class Finding:
    """One thing that a leak check saw.

    Parameters
    ----------
    level : str
        ``"error"``: scores are too good and must not be quoted; ``"warning"``: they can be read
        wrongly; ``"note"``: something that belongs beside them is missing.
    check : str
        Name of the check.
    seen : str
        What was seen, where.
    meaning : str
        What it does to the scores.
    remedy : str
        What to do.
    """

    level: str
    check: str
    seen: str
    meaning: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.level} ({self.check}): {self.seen}. {self.meaning} {self.remedy}"

    def as_dict(self) -> dict[str, str]:
        """Return the parts by name, as JSON keeps them."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the checks look at.

    Parameters
    ----------
    design : Design
        Tables and folds.
    outputs : sequence of array of shape (n_test, n_targets), optional
        Predictions of the model in each fold.
    """

    design: Design
    outputs: Sequence[FloatArray] | None = None

    @cached_property
    def features(self) -> pd.DataFrame:
        """Columns of numbers that vary; none for a raw window table."""
        design = self.design
        if "recording" in design.X.columns:
            return pd.DataFrame(index=design.X.index)
        table = design.X.select_dtypes("number")
        return table.loc[:, _varies(table)].astype(float)

    @property
    def ratings(self) -> FloatArray:
        """Ratings, shape (n_rows, n_targets), NaN where there are none."""
        return self.design.y.to_numpy(dtype=float)


def check_leakage(
    X: pd.DataFrame,
    y: pd.DataFrame | pd.Series[float],
    *,
    cv: Any = "leave-one-subject-out",
    random_state: int | None = None,
) -> list[Finding]:
    """Look for leaks in a table and the split it is to be evaluated with.

    Parameters
    ----------
    X : DataFrame
        Feature table, row index ``(subject, trial, window)``; of a raw window table only the
        split is checked.
    y : DataFrame of shape (n_rows, n_targets) or Series
        Ratings, same index.
    cv : str, splitter or iterable of (train, test)
        As in `evaluate`; a split that leaks is reported, not refused.
    random_state : int, optional
        Seed of splits that draw.

    Returns
    -------
    list of Finding
        Errors first; empty if nothing was seen. The check of near duplicates needs a model's
        predictions and runs in `evaluate` only.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product(
    ...     [["anna", "ben"], ["1"], range(4)], names=["subject", "trial", "window"]
    ... )
    >>> y = pd.DataFrame({"valence": [2.0, 2, 5, 6, 8, 7, 4, 1]}, index)
    >>> X = pd.DataFrame({"eda__scl_mean": y["valence"] + 1}, index)
    >>> [finding.check for finding in check_leakage(X, y)]
    ['label_among_features']
    """
    design = make_design(X, y, cv, allow_leakage=True, random_state=random_state)
    return run_checks(Evidence(design))


def run_checks(evidence: Evidence) -> list[Finding]:
    """Run all checks.

    Parameters
    ----------
    evidence : Evidence
        Tables, folds, predictions.

    Returns
    -------
    list of Finding
        Errors first.
    """
    found = [finding for check in CHECKS.values() for finding in check(evidence)]
    return sorted(found, key=lambda finding: finding.level != "error")


def shared_borders(evidence: Evidence) -> Iterator[Finding]:
    """Find a subject, a trial or overlapping windows on both sides of a fold."""
    kinds: dict[str, list[str]] = {}
    for leak in evidence.design.leaks:  # "subject ...", "trial ..." or "overlapping windows ..."
        kinds.setdefault(leak.split()[0], []).append(leak)
    for leaks in kinds.values():
        more = f" (and {len(leaks) - 1} folds more share others)" if len(leaks) > 1 else ""
        yield Finding(
            "error",
            "shared_borders",
            f"training and test side share {leaks[0]}{more}",
            "The model has met what it is tested on.",
            'Split by subject: cv="leave-one-subject-out".',
        )


def duplicate_rows(evidence: Evidence) -> Iterator[Finding]:
    """Find rows whose features are the same to the last bit on both sides of a fold.

    At least three columns must vary from row to row: with fewer, such as counts or one slow,
    rounded signal, rows of honest tables repeat by chance, and nothing is said.
    """
    table = evidence.features
    # Counts repeat by chance, and so do rows of a flat signal or of one or two rounded columns.
    table = table.loc[:, (table.nunique() > len(table) / 3).to_numpy()]
    if table.empty:
        return
    keys = pd.util.hash_pandas_object(table, index=False).to_numpy()
    usable = pd.Series(keys).duplicated(keep=False).to_numpy() & ~evidence.design.rows.rest
    repeated = table[usable]
    usable[usable] = repeated.where(repeated != 0).nunique(axis=1).to_numpy() >= 3
    if not usable.any():
        return
    twins: list[tuple[int, int]] = []
    for train, test in evidence.design.splits:
        known = {keys[row]: row for row in train[usable[train]]}
        twins += [(row, known[keys[row]]) for row in test[usable[test]] if keys[row] in known]
    if twins:
        left, right = ("/".join(map(str, table.index[row])) for row in twins[0])
        yield Finding(
            "error",
            "duplicate_rows",
            f"{len(twins)} test rows have a twin with the same features on the training side, "
            f"first {left} and {right}",
            "The model can look the answer up.",
            "Find out why rows repeat (a file read twice, copied signals) and keep one of each.",
        )


def fitted_outside(evidence: Evidence) -> Iterator[Finding]:
    """Find columns whose statistics over all people are exact: a transformer saw the test side."""
    table = evidence.features
    if table.empty:
        return
    within = _standardised_within(evidence, table)
    rated = evidence.design.y.notna().any(axis=1).to_numpy()
    traces = _traces(table)
    if not rated.all():  # a scaler may have been fitted before the other rows were added
        part = _traces(table[rated])
        traces = {trace: columns | part[trace] for trace, columns in traces.items()}
    for trace, columns in traces.items():
        names = list(table.columns[columns & ~within])
        if names:
            yield Finding(
                "error",
                "fitted_outside",
                f"{len(names)} of {table.shape[1]} columns have {trace} over all people, first "
                f"{names[0]!r}",
                "A scaler or imputer was fitted on training and test people together.",
                "Give the table as it was extracted; put scaling and imputing into the pipeline.",
            )
    if within.any():
        yield Finding(
            "warning",
            "fitted_outside",
            f"{int(within.sum())} of {table.shape[1]} columns are standardised by subject",
            "That needs a person's whole session before the first prediction.",
            'Say so, or use normalise="baseline" in the pipeline: it needs the rest period only.',
        )


def label_among_features(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that is a rating in disguise."""
    table, y = evidence.features, evidence.design.y
    for target in y.columns:
        rated = y[target].notna()
        known = table[rated]
        known = known.loc[:, _varies(known)]
        if rated.sum() < 8 or known.empty or y[target].nunique() < 3:
            continue
        rating = y.loc[rated, target].to_numpy(dtype=float)
        r = pd.Series(correlations(known.to_numpy(), rating), known.columns).abs()
        names = list(r.index[r > 0.995])
        if names:
            yield Finding(
                "error",
                "label_among_features",
                f"column {names[0]!r} correlates with {target!r} by {r[names[0]]:.4f}",
                "No body signal knows a rating that well: the column was made from it.",
                "Drop the column.",
            )


def subject_encoding(evidence: Evidence) -> Iterator[Finding]:
    """Find a column that hardly moves within people and follows their mean rating."""
    table, rows = evidence.features, evidence.design.rows
    people = table.groupby(rows.subjects)
    level, within = people.mean(), people.var(ddof=0).mean()
    steady = list(table.columns[(within <= 0.05 * level.var(ddof=0)) & (level.nunique() > 2)])
    means = evidence.design.y.groupby(rows.subjects).mean()
    for column in steady:
        for target in means.columns:
            pair = pd.concat([level[column], means[target]], axis=1).dropna().to_numpy(dtype=float)
            if len(pair) < 5 or (np.ptp(pair, axis=0) == 0).any():
                continue
            test = stats.pearsonr(pair[:, 0], pair[:, 1])
            if abs(test.statistic) > 0.9 and test.pvalue * len(steady) * means.shape[1] < 0.001:
                yield Finding(
                    "error",
                    "subject_encoding",
                    f"column {column!r} is almost constant within each person and follows the mean "
                    f"{target!r} of each (r = {test.statistic:.3f} over {len(pair)} people)",
                    "It encodes the subject by the ratings, those of test people too.",
                    "Drop the column, or encode inside the pipeline.",
                )
                break


def stimulus_identity(evidence: Evidence) -> Iterator[Finding]:
    """Find columns that are the same for all people and tell the stimuli apart."""
    table, rows = evidence.features, evidence.design.rows
    known = np.array([stimulus is not None for stimulus in rows.stimuli])
    # Where stimuli are not named, trials of the same name may well be the same stimulus.
    shown = np.where(known, rows.stimuli, rows.trials)[~rows.rest].astype(str)
    table, subjects = table[~rows.rest], rows.subjects[~rows.rest].astype(str)
    people = pd.Series(subjects).groupby(shown).nunique()
    if len(table.columns) == 0 or (people > 1).sum() < 2:
        return
    low, high = table.groupby(shown).min(), table.groupby(shown).max()
    names = list(table.columns[low.eq(high).all().to_numpy() & _varies(low)])
    if names and (_stimuli_on_both_sides(evidence.design) or not known.any()):
        yield Finding(
            "error",
            "stimulus_identity",
            f"{len(names)} columns have one value for each stimulus, the same for all people, "
            f"first {names[0]!r}",
            "The model can learn the mean rating of a stimulus without looking at the body.",
            'Drop these columns, or quote only cv="leave-stimulus-out".',
        )


def repeated_stimuli(evidence: Evidence) -> Iterator[Finding]:
    """Find stimuli that people on both sides rated; tell how far their mean alone gets."""
    design = evidence.design
    rows, repeated = design.rows, _stimuli_on_both_sides(design)
    if not repeated:
        return
    folds = [
        Fold(rows, evidence.ratings, train, test, design.targets, design.scale)
        for train, test in design.splits
    ]
    truth = np.concatenate([evidence.ratings[fold.test] for fold in folds])
    mean = np.concatenate([training_mean(fold) for fold in folds])
    answer = fill_gaps(np.concatenate([stimulus_mean(fold) for fold in folds]), mean)
    parts = [
        f"{target} {_rmse(truth[:, column], answer[:, column]):.3f} (training mean "
        f"{_rmse(truth[:, column], mean[:, column]):.3f})"
        for column, target in enumerate(design.targets)
    ]
    yield Finding(
        "warning",
        "repeated_stimuli",
        f"{len(repeated)} stimuli stand on both sides; their mean rating over the training people "
        f"has RMSE {', '.join(parts)}",
        "Part of a model's score can be knowledge of the stimulus.",
        'Compare with the stimulus_mean baseline; cv="leave-subject-and-stimulus-out" is clean.',
    )


def near_duplicates(evidence: Evidence) -> Iterator[Finding]:
    """Find out whether copying the nearest training row beats the model."""
    table = evidence.features
    if evidence.outputs is None or table.shape[1] == 0:
        return
    design, ratings = evidence.design, evidence.ratings
    values = ((table - table.mean()) / table.std()).fillna(0.0).to_numpy()
    rated = design.y.notna().all(axis=1).to_numpy()
    most = max(1, MOST_ROWS // len(design.splits))
    parts = []
    for (train, test), output in zip(design.splits, evidence.outputs, strict=True):
        asked, known = np.flatnonzero(rated[test]), train[rated[train]]
        asked = asked[:: max(1, -(-len(asked) // most))]
        if len(asked) and len(known):
            copied = ratings[_nearest(values, known, test[asked])]
            parts.append((ratings[test[asked]], output[asked], copied, ratings[known].mean(axis=0)))
    if not parts:
        return
    truth, answer, copied = (
        np.concatenate([part[number] for part in parts]) for number in range(3)
    )
    mean = np.concatenate([np.broadcast_to(part[3], part[0].shape) for part in parts])
    seen = []
    for column, target in enumerate(design.targets):
        rmse = [_rmse(truth[:, column], other[:, column]) for other in (copied, answer, mean)]
        if rmse[0] < 0.9 * min(rmse[1:]):  # more than chance does among a few people
            seen.append(f"{target} by RMSE {rmse[0]:.3f}, the model {rmse[1]:.3f}")
    if seen:
        yield Finding(
            "warning",
            "near_duplicates",
            f"copying the rating of the nearest training row predicts {'; '.join(seen)}",
            "Test rows may have near duplicates on the training side.",
            "Look for copied or overlapping recordings, and for rows that identify a trial.",
        )


CHECKS: Registry[Callable[[Evidence], Iterator[Finding]]] = Registry(
    "leak check",
    __name__,
    {
        check.__name__: check
        for check in (
            shared_borders,
            duplicate_rows,
            fitted_outside,
            label_among_features,
            subject_encoding,
            stimulus_identity,
            repeated_stimuli,
            near_duplicates,
        )
    },
)
"""The checks by name."""


def _stimuli_on_both_sides(design: Design) -> set[Any]:
    rows = design.rows
    known = ~rows.rest & np.array([stimulus is not None for stimulus in rows.stimuli])
    return {
        stimulus
        for train, test in design.splits
        for stimulus in set(rows.stimuli[train[known[train]]])
        & set(rows.stimuli[test[known[test]]])
    }


def _varies(table: pd.DataFrame) -> BoolArray:
    return np.asarray(table.max() > table.min())


def correlations(values: FloatArray, rating: FloatArray) -> FloatArray:
    """Correlate each column with a rating over the rows where it is known.

    Parameters
    ----------
    values : array of shape (n_rows, n_columns)
        NaN where unknown; something is known in each column.
    rating : array of shape (n_rows,)
        Known throughout.

    Returns
    -------
    array of shape (n_columns,)
        Pearson correlation, 0 for what is constant.
    """
    known = (~np.isnan(values)).astype(float)
    x = np.where(known > 0, values - np.nanmean(values, axis=0), 0.0)
    y = rating - rating.mean()
    n, sum_x, sum_y = known.sum(axis=0), x.sum(axis=0), y @ known
    spread_x = np.einsum("ij,ij->j", x, x) - sum_x**2 / n
    spread_y = y**2 @ known - sum_y**2 / n
    spread = np.sqrt(np.clip(spread_x * spread_y, 0, None))
    together = y @ x - sum_x * sum_y / n
    constant = spread <= 1e-9 * np.sqrt(n) * np.sqrt(spread_x.clip(0) * (y @ y))
    return np.asarray(np.divide(together, spread, out=np.zeros(len(n)), where=~constant))


def _is(values: pd.Series[float], number: float) -> BoolArray:
    return np.asarray(np.abs(values.to_numpy(dtype=float) - number) < 1e-7)


def _mostly(columns: BoolArray) -> BoolArray:
    """Keep a trace that one column may show by chance only if most columns show it."""
    return columns & bool(columns.sum() > max(2, len(columns) / 2))


def _traces(table: pd.DataFrame) -> dict[str, BoolArray]:
    """Mark the columns that show what a scaler or imputer leaves behind."""
    return {
        "mean 0 and SD 1": _is(table.mean(), 0.0)
        & (_is(table.std(ddof=0), 1.0) | _is(table.std(), 1.0)),
        "median 0 and quartiles 1 apart": _is(table.median(), 0.0)
        & _is(table.quantile(0.75) - table.quantile(0.25), 1.0),
        "minimum 0 and maximum 1": _mostly(_is(table.min(), 0.0) & _is(table.max(), 1.0)),
        "gaps filled with the mean of all": _filled_with_mean(table),
    }


def _filled_with_mean(table: pd.DataFrame) -> BoolArray:
    """Mark columns in which one value repeats that is the mean of all the others."""
    marks = []
    for _, column in table.items():
        counts = column.value_counts()
        if counts.empty:
            marks.append(False)
            continue
        value = float(counts.index[0])
        others = column[column != value]
        close = abs(value - others.mean()) <= 1e-9 * others.std()
        # Counts may balance by chance; measured values do not.
        measured = len(others) > 10 and others.nunique() > len(others) / 2
        marks.append(bool(counts.iloc[0] > 2 and measured and close))
    return np.array(marks, dtype=bool)


def _standardised_within(evidence: Evidence, table: pd.DataFrame) -> BoolArray:
    groups = table.groupby(evidence.design.rows.subjects)
    spread = (groups.std(ddof=0) - 1).abs().lt(1e-7) | (groups.std() - 1).abs().lt(1e-7)
    centred = groups.mean().abs().lt(1e-7) | groups.median().abs().lt(1e-7)
    return np.asarray((spread & centred).all()) & (len(groups) > 1)


def _nearest(values: FloatArray, train: IntArray, test: IntArray) -> IntArray:
    """Find the training row nearest to each test row."""
    known = values[train]
    # |a - b|^2 without |a|^2, which is the same for all candidates of a row
    distance = np.einsum("ij,ij->i", known, known) - 2 * values[test] @ known.T
    return np.asarray(train[distance.argmin(axis=1)])


def _rmse(truth: FloatArray, answer: FloatArray) -> float:
    return float(np.sqrt(np.nanmean((truth - answer) ** 2)))
