"""A stream whose sensor is in another unit or column says so, and an honest one nothing."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from physio_vad.exceptions import UnlikeTrainingWarning
from physio_vad.features.extractor import FeatureExtractor, extract_features
from physio_vad.features.inputs import inputs_of
from physio_vad.features.windows import make_windows
from physio_vad.live.likeness import FIRST, LAST, Likeness
from physio_vad.live.page import LivePage
from physio_vad.live.sources import Replay
from physio_vad.live.stream import Stream
from physio_vad.persistence import Model, save_model
from physio_vad.pipeline import build_pipeline, deploy
from physio_vad.study.live_session import run_live
from physio_vad.synthetic import simulate_recordings

NAMES = ["eda", "ppg"]


@pytest.fixture(scope="module")
def people():
    return simulate_recordings(n_subjects=6, minutes=2, sfreq=64.0, seed=3)


@pytest.fixture(scope="module")
def model(request, people):
    windows, y = make_windows(people[:5], length=10, step=10)
    X = extract_features(windows, NAMES)
    pipeline = build_pipeline(estimator="ridge", normalise=getattr(request, "param", None)).fit(
        X, y
    )
    return Model(
        deploy(pipeline, FeatureExtractor(NAMES)),
        tuple(y.columns),
        dict(y.attrs["scale"]),
        tuple(X.columns),
        recipe={},
        window_length=10.0,
        inputs=tuple(one for one in inputs_of(people) if one.modality in NAMES),
    )


def changed(person, **values):
    signals = {name: replace(one, values=values[name]) for name, one in person.signals.items()
               if name in values}  # fmt: skip
    return replace(person, signals={**person.signals, **signals})


def louder(person):
    return changed(person, ppg=1000 * person.signals["ppg"].values)


def swapped(person):
    eda, ppg = (person.signals[name].values for name in NAMES)
    return changed(person, eda=ppg, ppg=eda)


def told(stream, person):
    """Say after how many predictions a stream warned, and what."""
    for chunk in Replay(person, speed=np.inf):
        if chunk.modality in stream.sensors:
            stream.push(chunk.modality, chunk.samples, chunk.times)
    n_predicted, found = 0, []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnlikeTrainingWarning)
        for _ in stream.finish():
            n_predicted += 1
            found += [(n_predicted, str(one.message)) for one in caught]
            caught.clear()
    return found


@pytest.mark.parametrize(
    ("fault", "model"), [(louder, "online"), (swapped, None)], indirect=["model"]
)
def test_a_stream_unlike_the_training_warns_once_it_has_six_windows(model, people, fault):
    stream = Stream(model, model.inputs, step=10.0, min_quality=0.0)
    ((after, text),) = told(stream, fault(people[5]))
    assert after == FIRST
    assert "ppg of this stream is unlike that of the 5 people of the training" in text
    assert stream.unlike.startswith(("ppg of", "eda of"))


def test_a_stream_like_the_training_says_nothing(model, people):
    stream = Stream(model, model.inputs, step=10.0)
    assert told(stream, people[5]) == []
    assert stream.unlike == ""


def test_windows_that_overlap_are_one_moment(model, people):
    windows, _ = make_windows(people[:1], length=10, step=10)
    row = 1000 * extract_features(windows, NAMES).median().to_numpy()
    likeness = Likeness(model)
    news = [likeness.look(row, 2.0 * number, 2.0 * number + 10) for number in range(40)]
    assert np.flatnonzero(news).tolist() == [5 * (FIRST - 1)]  # five steps to a window


def test_looks_end_and_a_sensor_that_came_right_is_no_longer_named(model, people):
    windows, _ = make_windows(people[:1], length=10, step=10)
    row = extract_features(windows, NAMES).median().to_numpy()
    likeness = Likeness(model)
    looks = []
    for number in range(2 * LAST):
        one = 1000 * row if number < FIRST else row
        if likeness.look(one, 10.0 * number, 10.0 * number + 10):
            looks.append(number + 1)
        if number + 1 == FIRST:
            assert likeness.text
    assert looks[0] == FIRST == 6  # as the pages say
    assert likeness.text == ""
    assert len(likeness._rows) == LAST == 96


def test_withheld_windows_do_not_count(model, people):
    stream = Stream(model, model.inputs, step=10.0, min_quality=1.1)
    assert told(stream, louder(people[5])) == []


def test_the_page_shows_it(model, people):
    stream = Stream(model, model.inputs, step=10.0, min_quality=0.0)
    with LivePage(stream) as page:
        joined = page.listen()
        told(stream, louder(people[5]))
        page.close()
    messages = [joined.get() for _ in range(joined.qsize())]
    assert any("is unlike that of the 5 people" in one for one in messages if one)


def test_the_command_says_it_as_it_sees_it(people, tmp_path, model, monkeypatch):
    save_model(tmp_path / "m.joblib", model.pipeline, scale=model.scale, inputs=model.inputs)
    monkeypatch.setattr(
        "physio_vad.study.live_session.open_source",
        lambda *_, **__: Replay(louder(people[5]), speed=np.inf),
    )
    said = []
    run_live(
        tmp_path / "m.joblib", "file", tmp_path / "out", delay=1.0, step=10.0, speed=np.inf,
        interval=None, say=said.append,
    )  # fmt: skip
    (number,) = [place for place, text in enumerate(said) if text.startswith("warning: ppg of")]
    assert number < len(said) - 5  # before the end of the session
