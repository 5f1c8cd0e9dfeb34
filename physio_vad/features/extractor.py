"""From the window table to the feature table."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from physio_vad._arrays import FloatArray, Progress
from physio_vad.column_names import modality_of
from physio_vad.exceptions import ArgumentError, SignalWarning, unknown_name
from physio_vad.features.own import Extra, modalities_with
from physio_vad.features.quality import check_min_quality, drop_poor_rows
from physio_vad.features.tasks import Task, extract_tasks
from physio_vad.features.windows import INDEX_NAMES
from physio_vad.modalities.base import AnyModality
from physio_vad.modalities.feature import FeatureBlock
from physio_vad.recording.recording import Recording
from physio_vad.validation import warn_of_other_length

Modalities = Iterable[str | AnyModality] | None

BLOCK_MINUTES = 60.0
"""Length of the blocks in which long recordings are worked on."""


def extract_features(
    windows: pd.DataFrame,
    modalities: Modalities = None,
    *,
    extra: Extra | None = None,
    min_quality: float | None = None,
    block_minutes: float | None = BLOCK_MINUTES,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Compute the feature table of a window table.

    Each signal is prepared once per recording, and each feature is computed for all windows of the
    recording at once. A long recording is worked on in blocks (see `long_recordings`): the numbers
    are the same within a millionth of a feature's range, and memory stays bounded.

    Parameters
    ----------
    windows : DataFrame of shape (n_windows, 3)
        What `make_windows` returns.
    modalities : iterable of str or Modality, optional
        Which to use, by name or as instances with parameters; all that occur by default.
    extra : mapping of str to callable, optional
        Features of your own, such as ``{"eda__mad": mad}``: by column, without channels, what is
        called as ``mad(values, sfreq)`` with the samples of each window of a channel, cleaned, in
        the modality's unit; of many at once if it is marked by `vectorised`.
    min_quality : float, optional
        Leave rows out whose quality (`row_quality`) is below, in [0, 1]. How
        many is warned about and stands in ``table.attrs["dropped"]``; the ratings that are left are
        ``y.loc[table.index]``.
    block_minutes : float or None
        A recording of more than 1.5 times that is worked on in blocks of about that length; None
        for any in one piece.
    n_jobs : int, optional
        Recordings worked on side by side, as in joblib; None for one, or for what
        `joblib.parallel_config` says. Small tables are left to threads.
    progress : callable, optional
        Called as ``progress("recordings", done, total)``.

    Returns
    -------
    DataFrame of shape (n_windows, n_features)
        Same index, float64. Undefined values and modalities that a recording lacks are NaN; a
        modality that no recording has gives no columns.

    Raises
    ------
    ArgumentError
        If `windows` is no window table or holds none of the modalities.

    Warns
    -----
    SignalWarning
        Once per modality and recording with unusable signal, and once if rows are left out.

    Examples
    --------
    >>> import numpy as np
    >>> from physio_vad import Recording, Signal, make_windows
    >>> skin = Signal(np.linspace(33, 34, 240), sfreq=4.0, unit="C")
    >>> windows, y = make_windows([Recording("anna", {"temperature": skin})], length=30, step=30)
    >>> extract_features(windows)["temperature__slope"].round(2).tolist()
    [1.0, 1.0]
    """
    check_min_quality(min_quality)
    _check_block_minutes(block_minutes)
    made = modalities_with(modalities, extra)
    tasks = _tasks(windows)
    columns = _columns(tasks, made)
    if not columns:
        there = sorted({name for task in tasks for name in task.recording.signals})
        raise ArgumentError(
            f"no recording has one of the modalities {list(made)}; the recordings have {there}"
        )
    table = _table(windows, tasks, made, columns, block_minutes, n_jobs, progress)
    return table if min_quality is None else _without_poor_rows(table, min_quality)


def _without_poor_rows(table: pd.DataFrame, min_quality: float) -> pd.DataFrame:
    rest, said = drop_poor_rows(table, min_quality)
    if said:
        warnings.warn(said, SignalWarning, stacklevel=3)
    return rest


class FeatureExtractor(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The raw door of a pipeline: a transformer from the window table to the feature table.

    It learns nothing from the signals: fitting only remembers which columns there are.

    Parameters
    ----------
    modalities : iterable of str or Modality, optional
        Which to use, by name or as instances with parameters; all that occur by default.
    columns : sequence of str, optional
        Exactly these columns come out, NaN where a recording lacks the sensor. By default those
        of the recordings seen in `fit`.
    extra : mapping of str to callable, optional
        Features of your own, as in `extract_features`. A saved model holds such a function by its
        name: what loads the model must be able to import it.
    block_minutes : float or None
        A recording of more than 1.5 times that is worked on in blocks of about that length, as in
        `extract_features`; None for any in one piece.
    n_jobs : int, optional
        Recordings worked on side by side, as in `extract_features`.

    Attributes
    ----------
    columns_ : list of str
        Columns that come out.
    window_length_ : float or None
        Length of the windows of the training in seconds, None if unknown or not all the same.
    trained_columns_ : list of str
        Those of `columns_` that a recording of the training could give.
    in_use_ : bool
        Whether a recording that lacks channels of `trained_columns_` is warned about: False while
        a model is made and evaluated, True after `deploy` and `load_model`.
    """

    def __init__(
        self,
        modalities: Modalities = None,
        *,
        columns: Sequence[str] | None = None,
        extra: Extra | None = None,
        block_minutes: float | None = BLOCK_MINUTES,
        n_jobs: int | None = None,
    ) -> None:
        self.modalities = modalities
        self.columns = columns
        self.extra = extra
        self.block_minutes = block_minutes
        self.n_jobs = n_jobs

    def fit(self, X: pd.DataFrame, y: object = None) -> FeatureExtractor:  # noqa: ARG002
        """Remember the columns that the recordings of a window table give."""
        _check_block_minutes(self.block_minutes)
        made = self.made()
        found = _columns(_tasks(X), made)
        lengths = _lengths(X)
        self.window_length_ = lengths[0] if len(lengths) == 1 else None
        if self.columns is not None:
            _check_columns(self.columns, made)
        self.columns_ = list(self.columns) if self.columns is not None else found
        if not self.columns_:
            raise ArgumentError("no recording has one of the modalities; nothing to extract")
        self.trained_columns_ = [one for one in self.columns_ if one in set(found)]
        self.in_use_ = False
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Compute the features of a window table.

        Parameters
        ----------
        X : DataFrame of shape (n_windows, 3)
            Window table.

        Returns
        -------
        DataFrame of shape (n_windows, n_columns)
            Feature table with the columns `columns_`.

        Warns
        -----
        PhysioVadWarning
            If windows have another length than those of the training.
        SignalWarning
            Once per recording that lacks channels of a sensor that the training had, if the
            extractor is in use (`in_use_`).
        """
        check_is_fitted(self)
        wanted = {modality_of(column) for column in self.columns_}
        made = {k: v for k, v in self.made().items() if k in wanted}
        tasks = _tasks(X)
        warn_of_other_length(_lengths(X), self.window_length_)
        if self.in_use_:
            _warn_of_lacking(tasks, made, self.trained_columns_, len(self.columns_))
        return _table(X, tasks, made, self.columns_, self.block_minutes, self.n_jobs, None)

    def made(self) -> dict[str, AnyModality]:
        """Make the modalities, with the features of your own."""
        return modalities_with(self.modalities, self.extra)

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:  # noqa: ARG002
        """Names of the columns that come out."""
        check_is_fitted(self)
        return np.array(self.columns_, dtype=object)


def _lengths(windows: pd.DataFrame) -> list[float]:
    """Give the lengths of the windows in seconds, without those of a baseline, which may differ."""
    rows = windows[windows.index.get_level_values("window") >= 0]
    seconds = (rows["stop"] - rows["start"]).to_numpy(dtype=float)
    return [float(one) for one in np.unique(seconds.round(3))]


def _warn_of_lacking(
    tasks: list[Task], made: dict[str, AnyModality], trained: Sequence[str], n_columns: int
) -> None:
    """Say which channels of the training each recording lacks; models tell of whole sensors."""
    for task in tasks:
        given, signals = set(_columns([task], made)), task.recording.signals
        lacking = [one for one in trained if one not in given and modality_of(one) in signals]
        if lacking:
            touched = dict.fromkeys(modality_of(one) for one in lacking)
            warnings.warn(
                f"{task.recording.subject}/{task.recording.trial}: lacks channels of "
                f"{', '.join(touched)} that the model was trained with; {len(lacking)} of the "
                f"model's {n_columns} columns are empty (NaN) in all its windows. If new people "
                "will not have them, train without them",
                SignalWarning,
                stacklevel=3,
            )


def _check_block_minutes(minutes: float | None) -> None:
    if minutes is not None and not 0 < minutes < np.inf:
        raise ArgumentError(f"block_minutes must be above 0, or None, got {minutes!r}")


def _tasks(windows: pd.DataFrame) -> list[Task]:
    if not isinstance(windows, pd.DataFrame) or not {"recording", "start", "stop"} <= set(
        windows.columns
    ):
        raise ArgumentError(
            "windows must be the window table of make_windows, with the columns recording, start "
            f"and stop, got {_what(windows)}"
        )
    if list(windows.index.names) != INDEX_NAMES:
        raise ArgumentError(
            f"the row index of windows must have the levels {INDEX_NAMES}, got "
            f"{list(windows.index.names)}"
        )
    for one in windows["recording"]:
        if not isinstance(one, Recording):
            raise ArgumentError(f"column recording must hold Recording, got {type(one).__name__}")
    starts = windows["start"].to_numpy(dtype=float)
    stops = windows["stop"].to_numpy(dtype=float)
    codes, recordings = pd.factorize(np.array([id(one) for one in windows["recording"]]))
    first = np.array([np.argmax(codes == number) for number in range(len(recordings))], dtype=int)
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.searchsorted(codes[order], np.arange(1, len(recordings))))
    return [
        Task(windows["recording"].iloc[row], rows, starts[rows], stops[rows])
        for row, rows in zip(first, groups, strict=False)
    ]


def _what(thing: object) -> str:
    if isinstance(thing, pd.DataFrame):
        return f"a DataFrame with the columns {list(thing.columns)[:6]}"
    return type(thing).__name__


def _check_columns(columns: Sequence[str], made: dict[str, AnyModality]) -> None:
    for column in columns:
        name, feature = [*column.split("__"), ""][:2]
        if name not in made:
            raise ArgumentError(f"column {column!r}: {unknown_name('modality', name, made)}")
        known = [*(one.name for one in made[name].catalogue), "quality"]
        if feature not in known:
            what = unknown_name(f"feature of {name}", feature, known)
            raise ArgumentError(f"column {column!r}: {what}")


def _columns(tasks: list[Task], made: dict[str, AnyModality]) -> list[str]:
    """All columns that these recordings give, by modality, channels in order of appearance."""
    columns: list[str] = []
    for name, modality in made.items():
        channels = dict.fromkeys(
            tuple(getattr(task.recording.signals[name], "channels", ("0",)))
            for task in tasks
            if name in task.recording.signals
        )
        found = dict.fromkeys(column for one in channels for column in modality.columns(one))
        quality = f"{name}__quality"
        columns += [column for column in found if column != quality]
        columns += [quality] if quality in found else []
    return columns


def _table(
    windows: pd.DataFrame,
    tasks: list[Task],
    made: dict[str, AnyModality],
    columns: Sequence[str],
    block_minutes: float | None,
    n_jobs: int | None,
    progress: Progress | None,
) -> pd.DataFrame:
    values = np.full((len(windows), len(columns)), np.nan)
    place = {column: number for number, column in enumerate(columns)}
    results = extract_tasks(tasks, made, block_minutes, n_jobs, progress)
    for task, blocks in zip(tasks, results, strict=True):
        for block in blocks.values():
            _place(values, task.rows, block, place)
            if block.warning:
                where = f"{task.recording.subject}/{task.recording.trial}"
                warnings.warn(f"{where}: {block.warning}", SignalWarning, stacklevel=3)
    table = pd.DataFrame(values, index=windows.index, columns=list(columns))
    if "window" in windows.attrs:
        table.attrs["window"] = windows.attrs["window"]
    return table


def _place(
    values: FloatArray, rows: npt.NDArray[np.intp], block: FeatureBlock, place: dict[str, int]
) -> None:
    known = [number for number, column in enumerate(block.columns) if column in place]
    targets = np.array([place[block.columns[number]] for number in known], dtype=np.intp)
    values[rows[:, np.newaxis], targets] = block.values[:, known]
