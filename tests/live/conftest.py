"""A small model and the people it was made of."""

import warnings

import pytest

from physio_vad.features.extractor import FeatureExtractor, extract_features
from physio_vad.features.inputs import inputs_of
from physio_vad.features.windows import make_windows
from physio_vad.persistence import Model
from physio_vad.pipeline import build_pipeline, deploy
from physio_vad.synthetic import simulate_recordings


@pytest.fixture(scope="session")
def skin_people():
    return simulate_recordings(n_subjects=2, minutes=3, sfreq=64.0, seed=3)


@pytest.fixture(scope="session")
def skin_model(skin_people):
    """Give a model of skin temperature and conductance, with intervals."""
    names = ["temperature", "eda"]
    windows, y = make_windows(skin_people, length=10, step=20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X = extract_features(windows, names)
        pipeline = build_pipeline(estimator="ridge").fit(X, y)
    return Model(
        deploy(pipeline, FeatureExtractor(names)),
        tuple(y.columns),
        dict(y.attrs["scale"]),
        tuple(X.columns),
        window_length=10.0,
        inputs=tuple(one for one in inputs_of(skin_people) if one.modality in names),
        half_widths={"0.8": dict.fromkeys(y.columns, 1.5)},
    )
