"""Named splits into training and test side, as scikit-learn splitters that read the row index.

What may stand on both sides depends on the question asked:

=============================== ======= ====== ===================
split                           subject trial  overlapping windows
=============================== ======= ====== ===================
leave-one-subject-out           no      no     no
grouped-k-fold                  no      no     no
holdout                         no      no     no
leave-stimulus-out              yes     no     no
leave-subject-and-stimulus-out  no      no     no
within-subject-chronological    yes     yes    no
=============================== ======= ====== ===================

A chronological split cuts between trials where a person has several, and inside the trial where
there is only one; there, what must not cross the border is a window that overlaps it. Rest windows
(negative numbers) carry no label; they are left out of these rules and go with their subject.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from physio_vad._arrays import BoolArray, IntArray, ObjectArray
from physio_vad.evaluation.rows import Rows, subjects_of
from physio_vad.exceptions import ArgumentError, GroupsError
from physio_vad.registry import Registry

Side = IntArray
Masks = Iterator[tuple[BoolArray, BoolArray]]


@dataclass(frozen=True, eq=False)
class Data:
    """What a splitter is given: the table, its labels, and groups for plain arrays."""

    X: Any
    y: Any = None
    groups: Any = None


class Splitter(ABC):
    """Base of the named splits; works wherever scikit-learn takes ``cv=``."""

    shares_subjects: ClassVar[bool] = False
    shares_trials: ClassVar[bool] = False
    chronological: ClassVar[bool] = False

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Side, Side]]:
        """Give the row numbers of the training and the test side of each fold.

        Parameters
        ----------
        X : DataFrame
            Row index ``(subject, trial, window)``.
        y : DataFrame, optional
            Labels, with ``attrs`` of `make_windows` where the split needs stimuli or times.
        groups : array of shape (n_rows,), optional
            Subject of each row, where X is a plain array (splits by subject only).

        Yields
        ------
        train, test : int array
            Row numbers of the two sides of a fold.
        """
        for train, test in self._masks(Data(X, y, groups)):
            yield np.flatnonzero(train), np.flatnonzero(test)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Count the folds."""
        return sum(1 for _ in self._masks(Data(X, y, groups)))

    @abstractmethod
    def _masks(self, data: Data) -> Masks:
        """Mark the rows of the training and the test side of each fold."""


@dataclass(frozen=True)
class LeaveOneSubjectOut(Splitter):
    """Each subject is the test side once."""

    def _masks(self, data: Data) -> Masks:
        codes, n_subjects = _subject_codes(data, "leave-one-subject-out")
        for code in range(n_subjects):
            yield codes != code, codes == code


@dataclass(frozen=True)
class GroupedKFold(Splitter):
    """Subjects are dealt into folds by chance; each fold is the test side once.

    Parameters
    ----------
    n_splits : int
        Folds; at most as many as there are subjects.
    random_state : int, optional
        Seed of the deal.
    """

    n_splits: int = 5
    random_state: int | None = None

    def _masks(self, data: Data) -> Masks:
        if self.n_splits < 2:
            raise ArgumentError(f"n_splits must be at least 2, got {self.n_splits!r}")
        codes, n_subjects = _subject_codes(data, "grouped-k-fold")
        fold = _deal(n_subjects, min(self.n_splits, n_subjects), self.random_state)[codes]
        for number in range(fold.max() + 1):
            yield fold != number, fold == number


@dataclass(frozen=True)
class SubjectHoldout(Splitter):
    """A share of the subjects, drawn by chance, is the test side; repeated if asked.

    Parameters
    ----------
    n_repeats : int
        How often to draw.
    test_size : float
        Share of subjects on the test side, in (0, 1).
    random_state : int, optional
        Seed of the draws.
    """

    n_repeats: int = 1
    test_size: float = 0.2
    random_state: int | None = None

    def _masks(self, data: Data) -> Masks:
        _check_share(self.test_size)
        codes, n_subjects = _subject_codes(data, "holdout")
        n_test = int(np.clip(round(self.test_size * n_subjects), 1, n_subjects - 1))
        rng = check_random_state(self.random_state)
        for _ in range(self.n_repeats):
            test = np.isin(codes, rng.permutation(n_subjects)[:n_test])
            yield ~test, test


@dataclass(frozen=True)
class LeaveStimulusOut(Splitter):
    """Each stimulus is the test side once; its viewers are known from their other trials."""

    shares_subjects: ClassVar[bool] = True

    def _masks(self, data: Data) -> Masks:
        rows = Rows.of(data.X, data.y)
        for stimulus in _stimuli(rows, data.y, "leave-stimulus-out"):
            shown = (rows.stimuli == stimulus) & ~rows.rest
            viewers = np.isin(rows.subjects.astype(str), rows.subjects[shown].astype(str))
            yield ~shown, shown | (rows.rest & viewers)


@dataclass(frozen=True)
class LeaveSubjectAndStimulusOut(Splitter):
    """Test on one subject's trials of one stimulus; train without both.

    Parameters
    ----------
    n_subject_folds, n_stimulus_folds : int, optional
        Deal subjects and stimuli into so many folds instead of leaving out one at a time.
    random_state : int, optional
        Seed of the deal.
    """

    n_subject_folds: int | None = None
    n_stimulus_folds: int | None = None
    random_state: int | None = None

    def _masks(self, data: Data) -> Masks:
        rows, name = Rows.of(data.X, data.y), "leave-subject-and-stimulus-out"
        stimuli = _stimuli(rows, data.y, name)
        who, n_subjects = _subject_codes(data, name)
        what = np.asarray(pd.Categorical(rows.stimuli, categories=stimuli).codes)
        seed = self.random_state
        subject_fold = _deal(n_subjects, self.n_subject_folds or n_subjects, seed)[who]
        dealt = _deal(len(stimuli), self.n_stimulus_folds or len(stimuli), seed)
        stimulus_fold = np.where(what >= 0, dealt[what], -1)
        for one in range(subject_fold.max() + 1):
            mine = subject_fold == one
            for other in range(dealt.max() + 1):
                shown = stimulus_fold == other
                test = mine & (shown | rows.rest)
                if (test & ~rows.rest).any():
                    yield ~mine & (~shown | rows.rest), test


@dataclass(frozen=True)
class WithinSubjectChronological(Splitter):
    """Each subject's past trains, the same subject's future tests: one fold a subject.

    The cut lies between trials (in the order of the table) where a subject has several rated
    ones. With a single trial it lies inside; windows that overlap the border are left out.

    Parameters
    ----------
    test_size : float
        Share of trials, or of windows, on the test side, in (0, 1).
    gap : float
        Seconds before the border that training windows must keep free, for features that look
        further back than their window.
    """

    shares_subjects: ClassVar[bool] = True
    shares_trials: ClassVar[bool] = True
    chronological: ClassVar[bool] = True

    test_size: float = 0.25
    gap: float = 0.0

    def _masks(self, data: Data) -> Masks:
        _check_share(self.test_size)
        rows, rated = Rows.of(data.X, data.y), _rated(data.y, len(data.X))
        codes = rows.trial_codes
        for subject in pd.unique(rows.subjects):
            mine = rows.subjects == subject
            asked = mine & rated & ~rows.rest
            trials = pd.unique(codes[asked])
            if len(trials) == 0:
                continue
            if len(trials) > 1:
                n_test = int(np.clip(round(self.test_size * len(trials)), 1, len(trials) - 1))
                later = np.isin(codes, trials[-n_test:])
                earlier = ~later
            else:
                earlier, later = self._cut_trial(rows, asked)
            rest = mine & rows.rest
            yield (mine & earlier & ~rows.rest) | rest, (mine & later & ~rows.rest) | rest

    def _cut_trial(self, rows: Rows, asked: BoolArray) -> tuple[BoolArray, BoolArray]:
        starts = np.sort(rows.starts[asked])
        who = rows.subjects[asked][0]
        if np.isnan(starts).any():
            raise GroupsError(
                f"subject {who!r} has one trial, which can only be cut where the times of windows "
                'are known: keep y.attrs["window"] of make_windows, or give the window table as X'
            )
        border = starts[int(np.clip(len(starts) * (1 - self.test_size), 0, len(starts) - 1))]
        earlier, later = rows.stops <= border - self.gap + 1e-9, rows.starts >= border - 1e-9
        if not (asked & earlier).any():
            raise GroupsError(
                f"subject {who!r}: no window of its one trial ends before the border at "
                f"{border:g} s; use shorter windows or a split by subject"
            )
        return earlier, later


SPLITS: Registry[Callable[[int | None], Splitter]] = Registry(
    "split",
    __name__,
    {
        "leave-one-subject-out": lambda _: LeaveOneSubjectOut(),
        "grouped-k-fold": lambda seed: GroupedKFold(random_state=seed),
        "holdout": lambda seed: SubjectHoldout(random_state=seed),
        "leave-stimulus-out": lambda _: LeaveStimulusOut(),
        "leave-subject-and-stimulus-out": lambda seed: LeaveSubjectAndStimulusOut(
            random_state=seed
        ),
        "within-subject-chronological": lambda _: WithinSubjectChronological(),
    },
)
"""The named splits: from a seed to a splitter."""


def make_splitter(name: str, random_state: int | None = None) -> Splitter:
    """Make the splitter of a name.

    Parameters
    ----------
    name : str
        One of `SPLITS`.
    random_state : int, optional
        Seed, where chance has a part.

    Returns
    -------
    Splitter
        Works wherever scikit-learn takes ``cv=``.

    Raises
    ------
    ArgumentError
        If the name is unknown.

    Examples
    --------
    >>> make_splitter("grouped-k-fold", random_state=0)
    GroupedKFold(n_splits=5, random_state=0)
    """
    return SPLITS.find(name)(random_state)


def _subject_codes(data: Data, name: str) -> tuple[IntArray, int]:
    subjects = subjects_of(data.X, data.groups)
    codes, known = pd.factorize(subjects)
    if len(known) < 2:
        one = f" ({known[0]!r})" if len(known) else ""
        raise GroupsError(
            f"{name} cannot run: it needs at least 2 subjects, the table has {len(known)}{one}; "
            'read more people, or use cv="within-subject-chronological" for a model of one person'
        )
    return np.asarray(codes, dtype=np.intp), len(known)


def _stimuli(rows: Rows, y: Any, name: str) -> ObjectArray:
    known = np.array([stimulus is not None for stimulus in rows.stimuli], dtype=bool)
    unknown = np.flatnonzero(~known & _rated(y, len(rows)) & ~rows.rest)
    if len(unknown):
        row = unknown[0]
        raise GroupsError(
            f"{name} cannot run: the stimulus of {len(unknown)} rated rows is unknown, first "
            f"subject {rows.subjects[row]!r}, trial {rows.trials[row]!r}; give each recording its "
            'stimulus, and keep y.attrs["stimulus"] of make_windows'
        )
    stimuli = pd.unique(rows.stimuli[known & ~rows.rest])
    if len(stimuli) < 2:
        raise GroupsError(
            f"{name} cannot run: it needs at least 2 stimuli, the table has {len(stimuli)}"
        )
    return np.asarray(stimuli, dtype=object)


def _rated(y: Any, n_rows: int) -> BoolArray:
    if y is None:
        return np.ones(n_rows, dtype=bool)
    return np.asarray(pd.DataFrame(y).notna().any(axis=1))


def _deal(n_items: int, n_folds: int, random_state: int | None) -> IntArray:
    """Deal items into folds whose sizes differ by one at most."""
    folds = np.arange(n_items) % min(n_folds, n_items)
    return np.asarray(check_random_state(random_state).permutation(folds), dtype=np.intp)


def _check_share(test_size: float) -> None:
    if not 0 < test_size < 1:
        raise ArgumentError(f"test_size must be a share between 0 and 1, got {test_size!r}")
