"""The fitted pipeline as bytes: a pickle (joblib), or a form that runs no code (skops)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Literal

import joblib

from physio_vad.exceptions import ArgumentError, MissingExtraError, ModelFileError, unknown_name

Format = Literal["joblib", "skops"]

TRUSTED = (
    "collections.OrderedDict",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMRegressor",
    "physio_vad.conditions.EncodeConditions",
    "physio_vad.features.extractor.FeatureExtractor",
    "physio_vad.filling.FillMissing",
    "physio_vad.normal_scores.NormalScores",
    "physio_vad.preprocessing.TableScaler",
    "physio_vad.regressors.blend.Blend",
    "physio_vad.regressors.chain.CrossFittedChain",
    "physio_vad.regressors.chain_ensemble.ChainEnsemble",
    "physio_vad.regressors.estimators.StandardisedTarget",
    "physio_vad.regressors.joint.JointRegressor",
    "physio_vad.regressors.kernel.KernelRegressor",
    "physio_vad.regressors.last_digits.LastDigits",
    "physio_vad.regressors.missing.MissingFeatures",
    "physio_vad.regressors.multioutput.MultiOutput",
    "physio_vad.regressors.network.Network",
    "physio_vad.regressors.rank_ridge.Basis",
    "physio_vad.regressors.rank_ridge.RankRidge",
    "physio_vad.regressors.sensors.SensorErrors",
    "physio_vad.regressors.shared.SharedNetwork",
    "physio_vad.regressors.stack.Stack",
    "physio_vad.regressors.stack._Preparation",
    "sklearn.tree._tree.Tree",
)
"""Types that the models of this package hold, beside those that skops trusts by itself."""

_ZIP = b"PK\x03\x04"


def dump_body(pipeline: Any, form: Format) -> bytes:
    """Write a fitted pipeline as bytes.

    Parameters
    ----------
    pipeline : estimator
        Fitted.
    form : {"joblib", "skops"}
        A pickle, or a zip of plain values and names of types.

    Raises
    ------
    ArgumentError
        If there is no such form.
    MissingExtraError
        If skops is asked for and not installed.
    """
    if form not in ("joblib", "skops"):
        raise ArgumentError(unknown_name("format", form, ("joblib", "skops")))
    if form == "skops":
        made: bytes = _skops().dumps(pipeline)
        return made
    body = io.BytesIO()
    joblib.dump(pipeline, body)
    return body.getvalue()


def load_body(body: bytes, trusted: Sequence[str] | None) -> Any:
    """Make a pipeline of the bytes of `dump_body`.

    Parameters
    ----------
    body : bytes
        Either form.
    trusted : sequence of str, optional
        Types that may be made beside `TRUSTED` and those of skops; not None refuses a pickle.

    Raises
    ------
    ModelFileError
        If a type is not trusted, or the bytes are a pickle and `trusted` is given.
    MissingExtraError
        If skops is needed and not installed.
    """
    if not body.startswith(_ZIP):
        if trusted is not None:
            raise ModelFileError(
                "the file holds a pickle, which can run any code, so trusted= cannot hold for it; "
                'ask for one that was saved with save_model(..., format="skops")'
            )
        return joblib.load(io.BytesIO(body))
    skops, allowed = _skops(), [*TRUSTED, *(trusted or ())]
    strange = sorted(set(skops.get_untrusted_types(data=body)) - set(allowed))
    if strange:
        raise ModelFileError(
            f"the file holds types that nobody trusts yet: {', '.join(strange)}; look at what they "
            f"do, and if they are meant load it with trusted={strange!r}"
        )
    return skops.loads(body, trusted=allowed)


def _skops() -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise MissingExtraError(
            "this form of a model file needs skops: pip install physio-vad[skops]"
        ) from error
    return skops.io
