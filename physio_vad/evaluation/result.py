"""The result of an evaluation: predictions, and every number computed from them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from physio_vad._arrays import FloatArray, IntArray
from physio_vad.evaluation.high_low import high_low
from physio_vad.evaluation.leakage import Finding
from physio_vad.evaluation.paper import FORMATS, methods_text, paper_table
from physio_vad.evaluation.saved import FORMAT, check_saved
from physio_vad.evaluation.within import r_within_people
from physio_vad.exceptions import ReadError
from physio_vad.integrity import read_json, read_table, write_json, write_table
from physio_vad.intervals import over_people
from physio_vad.metrics import METRICS, Moments
from physio_vad.registry import Registry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PICTURES: Registry[Callable[..., Figure]] = Registry(
    "picture", __name__, provider="physio_vad.report"
)
"""What `Evaluation.plot` draws: functions of an evaluation. ``physio_vad.report`` fills it."""

REPORTS: Registry[Callable[..., Path]] = Registry(
    "form of a report", __name__, provider="physio_vad.report"
)
"""What writes a report of an evaluation. ``physio_vad.report`` fills it."""


@dataclass(frozen=True, eq=False, repr=False)
class Evaluation:
    """Out-of-fold predictions of a model and its baselines, and their scores.

    Made by `evaluate`, or read back with `Evaluation.load`. All numbers are computed from
    `predictions`, so anyone can recompute them. `to_html` writes the report, `plot` draws its
    pictures.

    Parameters
    ----------
    predictions : DataFrame
        One row a window and fold: columns subject, trial, window, start, stop (seconds), stimulus,
        fold, and for each target ``t``: ``t`` (truth, NaN where not rated), ``t_predicted``, and
        ``t_<baseline>`` for each baseline (NaN where it does not apply to that target).
    info : mapping
        What was done: targets, metrics, baselines, cv, scale, findings, ... (JSON types).
    """

    predictions: pd.DataFrame
    info: Mapping[str, Any]

    def plot(self, kind: str = "scores", **options: Any) -> Figure:
        """Draw the evaluation.

        Parameters
        ----------
        kind : {"scores", "skill", "predictions", "plane", "ratings", "coverage", "calibration"}
            What is drawn; a name in `PICTURES`.
        **options : object
            As the function ``physio_vad.report.plot_<kind>`` takes them, such as ``metric`` of
            the scores or ``subjects`` of the predictions.

        Returns
        -------
        Figure
            A matplotlib figure outside pyplot: ``figure.savefig(...)`` writes it, notebooks show
            it.

        Raises
        ------
        ArgumentError
            If there is no such picture.
        """
        return PICTURES.find(kind)(self, **options)

    def to_html(self, path: str | os.PathLike[str], **options: Any) -> Path:
        """Write the report that a person reads: one HTML file that needs no network.

        Parameters
        ----------
        path : path
            The file to write.
        **options : object
            As `physio_vad.report.write_report` takes them: ``name``, ``others``, ``subjects``,
            ``explanation``, ``extra``, ``title``, ``study`` and ``date``.

        Returns
        -------
        Path
            The file.
        """
        return REPORTS.find("html")(self, path, **options)

    def to_table(
        self,
        format: str = "markdown",  # noqa: A002
        level: float = 0.95,
        metrics: Sequence[str] | None = None,
    ) -> str:
        """Write the scores as a table that can be pasted into a paper.

        Parameters
        ----------
        format : {"markdown", "latex", "csv"}
            How it is written.
        level : float
            Coverage of the intervals over people, in (0, 1).
        metrics : sequence of str, optional
            Which metrics get a column, such as ``["rmse", "ccc"]``; all by default, which is
            wider than a page.

        Returns
        -------
        str
            One row a target: metrics with intervals, the best baseline, skill, people, windows.

        Raises
        ------
        ArgumentError
            If there is no such format or metric.
        """
        return FORMATS.find(format)(paper_table(self, level, metrics))

    def high_low(
        self, threshold: float | Mapping[str, float] | None = None, **options: Any
    ) -> pd.DataFrame:
        """Score the same predictions as high or low, as much of the literature reports them.

        Parameters
        ----------
        threshold : float or mapping of str to float, optional
            Where high begins; by default the midpoint of the scale.
        **options : object
            As `physio_vad.evaluation.high_low` takes them.

        Returns
        -------
        DataFrame
            One row a target: balanced accuracy and AUC with intervals over people, beside the
            baseline.

        Raises
        ------
        ArgumentError
            If a target has neither a threshold nor a scale.
        """
        return high_low(self, threshold, **options)

    def methods_text(self) -> str:
        """Write the paragraph of a methods section that says what was done, true by construction.

        Returns
        -------
        str
            People, windows, features, split, model, baselines, intervals and versions.
        """
        return methods_text(self)

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets."""
        return tuple(self.info["targets"])

    @property
    def subjects(self) -> tuple[str, ...]:
        """Subjects with at least one scored row, in the order of the table."""
        scored = self.predictions[list(self.targets)].notna().any(axis=1)
        return tuple(self.predictions.loc[scored, "subject"].unique())

    @property
    def leaky(self) -> bool:
        """Whether a leak check found an error: the scores must not be quoted."""
        return any(finding.level == "error" for finding in self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the leak checks saw, errors first."""
        return tuple(Finding(**parts) for parts in self.info.get("findings", ()))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Scores of the model, tidy.

        Columns `level` (``"fold"``, ``"subject"`` or ``"pooled"``), `fold` and `subject` (missing
        where the level has none), `target`, `metric`, `value`, and `n`, the rows scored. Scores of
        a subject take all folds together, pooled ones all rows.
        """
        return pd.concat(
            [self._tidy(target) for target in self.targets], ignore_index=True
        ).sort_values("level", key=lambda level: level.map(_LEVELS.index), kind="stable")

    @cached_property
    def baselines(self) -> pd.DataFrame:
        """Pooled scores of the baselines, by target and baseline; columns are the metrics."""
        rows = {
            (target, name): self._pooled(target, name)
            for target in self.targets
            for name in self._applicable(target)
        }
        index = pd.MultiIndex.from_tuples(list(rows), names=["target", "baseline"])
        return pd.DataFrame(list(rows.values()), index=index, columns=self.info["metrics"])

    @cached_property
    def best_baselines(self) -> pd.Series[str]:
        """Name of the applicable baseline with the smallest pooled RMSE, for each target."""
        best = []
        for target in self.targets:
            rmse = {name: self._rmse(target, name) for name in self._applicable(target)}
            best.append(min(rmse, key=rmse.__getitem__))
        return self._by_target(best, "baseline")

    @cached_property
    def skill(self) -> pd.Series[float]:
        """Skill by target: 1 - RMSE / RMSE of the best baseline, pooled; 0 is no skill.

        NaN where a baseline makes no error at all: nothing can be better.
        """
        best = self.best_baselines
        values = [
            float(_skill(self._rmse(target), self._rmse(target, best[target])))
            for target in self.targets
        ]
        return self._by_target(values, "skill")

    def skill_interval(self, level: float = 0.95) -> pd.DataFrame:
        """Interval of skill over people: see `physio_vad.intervals`.

        The best baseline is the one chosen on all subjects.

        Parameters
        ----------
        level : float
            Coverage, in (0, 1).

        Returns
        -------
        DataFrame of shape (n_targets, 2)
            Columns `low` and `high`; NaN with fewer than three subjects.
        """
        bounds = {}
        for target in self.targets:
            model, baseline = (
                METRICS["rmse"].formula(self.left_out(target, name))
                for name in (None, self.best_baselines[target])
            )
            bounds[target] = over_people(
                _skill(model, baseline), self.by_subject(target).shares(), level, "log of the rest"
            )
        return pd.DataFrame.from_dict(bounds, orient="index", columns=["low", "high"]).rename_axis(
            "target"
        )

    def intervals(self, level: float = 0.95) -> pd.DataFrame:
        """Interval of each pooled score of the model over people: see `physio_vad.intervals`.

        Parameters
        ----------
        level : float
            Coverage, in (0, 1).

        Returns
        -------
        DataFrame
            Index ``(target, metric)``, columns `value`, `low` and `high`.
        """
        rows = {}
        for target in self.targets:
            pooled, shares = self.left_out(target), self.by_subject(target).shares()
            for name in self.info["metrics"]:
                values = METRICS[name].formula(pooled)
                low, high = over_people(values, shares, level, METRICS[name].link)
                rows[target, name] = (float(values[0]), low, high)
        index = pd.MultiIndex.from_tuples(list(rows), names=["target", "metric"])
        return pd.DataFrame(list(rows.values()), index=index, columns=["value", "low", "high"])

    def within_people(self, level: float = 0.95) -> pd.DataFrame:
        """Average r within each person over people.

        It asks whether the body follows the rating of a person. Skill asks something else: whether
        the model is better than what needs no body.

        Parameters
        ----------
        level : float
            Coverage, in (0, 1).

        Returns
        -------
        DataFrame
            Index: targets; columns `value`, `low`, `high` and `p` (one-sided; approximate, see
            `physio_vad.evaluation.within`).
        """
        return r_within_people(self, level)

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Put the scores beside the best baseline, one row a target.

        Parameters
        ----------
        level : float
            Coverage of the intervals, in (0, 1).

        Returns
        -------
        DataFrame
            For each metric its pooled value and, as ``<metric>_subject``, the mean over subjects
            (those where it is defined); `r_subject_low`, `r_subject_high` and `r_subject_p` of
            `within_people`; `baseline`, `baseline_rmse`; `skill`, `skill_low`, `skill_high`;
            `windows`, `trials` and `subjects` scored. Windows of a trial are not independent:
            trials and subjects say how much was seen.
        """
        interval, within = self.skill_interval(level), self.within_people(level)
        rows = {}
        for target in self.targets:
            best = self.best_baselines[target]
            scored = self.predictions[self.predictions[target].notna()]
            rows[target] = {
                **self._metric_pairs(target),
                "r_subject": within.loc[target, "value"],
                "r_subject_low": within.loc[target, "low"],
                "r_subject_high": within.loc[target, "high"],
                "r_subject_p": within.loc[target, "p"],
                "baseline": best,
                "baseline_rmse": self._rmse(target, best),
                "skill": self.skill[target],
                "skill_low": interval.loc[target, "low"],
                "skill_high": interval.loc[target, "high"],
                "windows": len(scored),
                "trials": len(scored[["subject", "trial"]].drop_duplicates()),
                "subjects": scored["subject"].nunique(),
            }
        return pd.DataFrame(list(rows.values()), index=pd.Index(list(rows), name="target"))

    def by_subject(self, target: str, baseline: str | None = None) -> Moments:
        """Compute the moments of each subject, once.

        Parameters
        ----------
        target : str
            Name of the target.
        baseline : str, optional
            Name of a baseline; the model by default.

        Returns
        -------
        Moments
            One part a subject, in the order of first appearance.
        """
        place = (target, baseline)
        if place not in self._kept:
            codes, names = self._subject_codes
            self._kept[place] = Moments.of(*self._columns(target, baseline), codes, len(names))
        return self._kept[place]

    def left_out(self, target: str, baseline: str | None = None) -> Moments:
        """Compute the moments of all subjects, and of all without each, once.

        Parameters
        ----------
        target, baseline : str
            As in `by_subject`.

        Returns
        -------
        Moments
            As of `Moments.left_out`.
        """
        place = (target, baseline, "left out")
        if place not in self._kept:
            self._kept[place] = self.by_subject(target, baseline).left_out()
        return self._kept[place]

    @cached_property
    def _kept(self) -> dict[tuple[Any, ...], Moments]:
        return {}

    @cached_property
    def _subject_codes(self) -> tuple[IntArray, pd.Index]:
        codes, names = pd.factorize(self.predictions["subject"])
        return codes.astype(np.intp), pd.Index(names)

    def columns_of(self, target: str) -> list[str]:
        """Names of the columns with predictions of a target: the model's, then the baselines'."""
        return [f"{target}_{name}" for name in ("predicted", *self.info["baselines"])]

    def with_predictions(self, predictions: pd.DataFrame, level: str) -> Evaluation:
        """Put other predictions in the place of these, and name their level in `info`.

        Parameters
        ----------
        predictions : DataFrame
            Same columns.
        level : str
            What a row is, such as ``"trial"``.

        Returns
        -------
        Evaluation
            Scores are computed from the new predictions.
        """
        return Evaluation(predictions.reset_index(drop=True), {**self.info, "level": level})

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write ``predictions.parquet`` and ``evaluation.json`` into a folder.

        Each file is written under a temporary name and renamed: no half-written file stays. The
        second holds the SHA-256 of both, which `load` checks.

        Parameters
        ----------
        folder : path
            Made if it does not exist.

        Returns
        -------
        Path
            The folder.
        """
        folder = Path(folder)
        digest = write_table(folder / "predictions.parquet", self.predictions, index=False)
        sheet = {"format": FORMAT, **self.info, "files": {"predictions.parquet": digest}}
        write_json(folder / "evaluation.json", sheet)
        return folder

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> Evaluation:
        """Read what `save` wrote.

        Parameters
        ----------
        folder : path
            The folder given to `save`.

        Raises
        ------
        ReadError
            If a file is missing, or a byte of it is not what `save` wrote.
        """
        folder = Path(folder)
        remedy = "restore it from a copy, or evaluate again"
        try:
            info = read_json(folder / "evaluation.json", remedy=remedy)
            files = info.pop("files", None)
            digest = files.get("predictions.parquet") if isinstance(files, dict) else None
            predictions = read_table(folder / "predictions.parquet", digest, remedy=remedy)
        except FileNotFoundError as error:
            raise ReadError(
                f"{folder} holds no evaluation: {error.filename or error} is missing; give the "
                "folder that Evaluation.save wrote"
            ) from error
        check_saved(folder, info, predictions)
        del info["format"]
        return cls(predictions, info)

    def __repr__(self) -> str:
        found = "".join(f"\n  {finding}" for finding in self.findings)
        best = self.best_baselines
        lines = [
            f"{target}: RMSE {self._rmse(target):.3f}, {best[target]} "
            f"{self._rmse(target, best[target]):.3f}, skill {self.skill[target]:+.3f}"
            for target in self.targets
        ]
        head = f"Evaluation by {self.info['cv']}: {len(self.subjects)} subjects"
        level = self.info.get("level", "window")
        if level != "window":
            head += f", {level}"
        return head + "".join(f"\n  {line}" for line in lines) + found

    def _by_target(self, values: list[Any], name: str) -> pd.Series[Any]:
        return pd.Series(values, index=pd.Index(self.targets, name="target"), name=name)

    def _applicable(self, target: str) -> list[str]:
        names = self.info["baselines"]
        return [name for name in names if self.predictions[f"{target}_{name}"].notna().any()]

    def _columns(self, target: str, baseline: str | None) -> tuple[FloatArray, FloatArray]:
        column = f"{target}_{'predicted' if baseline is None else baseline}"
        table = self.predictions
        return table[target].to_numpy(dtype=float), table[column].to_numpy(dtype=float)

    def _rmse(self, target: str, baseline: str | None = None) -> float:
        return float(METRICS["rmse"](*self._columns(target, baseline)))

    def _pooled(self, target: str, baseline: str | None = None) -> list[float]:
        moments = Moments.of(*self._columns(target, baseline))
        return [float(METRICS[name].formula(moments)[0]) for name in self.info["metrics"]]

    def _metric_pairs(self, target: str) -> dict[str, float]:
        people, pairs = self.by_subject(target), {}
        for name, value in zip(self.info["metrics"], self._pooled(target), strict=True):
            pairs[name] = value
            each = METRICS[name].formula(people)
            known = each[~np.isnan(each)]
            pairs[f"{name}_subject"] = float(known.mean()) if len(known) else np.nan
        return pairs

    def _tidy(self, target: str) -> pd.DataFrame:
        truth, answer = self._columns(target, None)
        rows: list[tuple[Any, ...]] = []
        for level, codes, names in self._levels():
            moments = Moments.of(truth, answer, codes, len(names))
            scored = np.flatnonzero(moments.n > 0)
            for metric in self.info["metrics"]:
                values = METRICS[metric].formula(moments)
                for place in scored:
                    fold = names[place] if level == "fold" else None
                    subject = names[place] if level == "subject" else np.nan
                    n = int(moments.n[place])
                    rows.append((level, fold, subject, target, metric, values[place], n))
        columns = ["level", "fold", "subject", "target", "metric", "value", "n"]
        return pd.DataFrame(rows, columns=columns).astype({"fold": "Int64"})

    def _levels(self) -> Iterator[tuple[str, IntArray, np.ndarray]]:
        for level in ("fold", "subject"):
            codes, names = (
                self._subject_codes if level == "subject" else pd.factorize(self.predictions[level])
            )
            yield level, codes.astype(np.intp), np.asarray(names)
        yield "pooled", np.zeros(len(self.predictions), dtype=np.intp), np.array(["all"])


_LEVELS = ["pooled", "fold", "subject"]


def _skill(model: npt.ArrayLike, baseline: npt.ArrayLike) -> FloatArray:
    model, baseline = np.asarray(model, dtype=float), np.asarray(baseline, dtype=float)
    ratio = np.divide(model, baseline, out=np.full(model.shape, np.nan), where=baseline > 0)
    return np.asarray(1 - ratio)
