"""Extraction, evaluation and tuning on an engine outside: a worker may die on the way."""

import os
import signal
import threading
import time

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from physio_vad import (
    FeatureTable,
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    simulate_recordings,
)
from physio_vad.evaluation import nested_search

distributed = pytest.importorskip("distributed")


class Marked(Ridge):
    """Writes down who fits, and takes its time, so that there is a middle to be killed in."""

    def __init__(self, alpha=1.0, folder=""):
        super().__init__(alpha=alpha)
        self.folder = folder

    def fit(self, X, y, sample_weight=None):
        time.sleep(0.05)
        with open(os.path.join(self.folder, str(os.getpid())), "a") as file:
            file.write("fitted\n")
        return super().fit(X, y, sample_weight)


@pytest.fixture(scope="module")
def client():
    """Two worker processes with one thread each; one that dies is started again."""
    options = {"processes": True, "n_workers": 2, "threads_per_worker": 1}
    with (
        distributed.LocalCluster(dashboard_address=None, silence_logs=50, **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def tables():
    windows, y = make_windows(simulate_recordings(6, minutes=2.0, sfreq=100.0, seed=0))
    return windows, extract_features(windows), y


def kill_one(client):
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)


class Killer(threading.Thread):
    """Kills a worker once four fits are done, and remembers how many were done then."""

    def __init__(self, client, folder):
        super().__init__()
        self.client, self.folder, self.killed_at = client, folder, None

    def fits(self):
        return sum(path.read_text().count("fitted") for path in self.folder.iterdir())

    def run(self):
        deadline = time.monotonic() + 20
        while self.fits() < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        kill_one(self.client)
        self.killed_at = self.fits()


def test_extraction_survives_a_worker(client, tables):
    windows, wanted, _ = tables
    seen = []

    def progress(_, done, total):
        seen.append((done, total))
        if done == 2:
            kill_one(client)

    with joblib.parallel_config(backend="dask"):
        table = extract_features(windows, progress=progress)
    assert seen == [(done, 6) for done in range(1, 7)]
    pd.testing.assert_frame_equal(table, wanted, rtol=1e-9)


def test_evaluation_survives_a_worker(client, tables, tmp_path):
    """Workers map the features themselves."""
    _, X, y = tables
    table = FeatureTable.write(tmp_path / "table", [(X, y)])
    marks = tmp_path / "marks"
    marks.mkdir()
    pipeline = build_pipeline("multioutput", estimator=Marked(folder=str(marks)))
    killer = Killer(client, marks)
    with joblib.parallel_config(backend="dask"):
        killer.start()
        found = evaluate(pipeline, *table)
        killer.join()
    assert 4 <= killer.killed_at < 6 * 3, "of six folds and three targets"
    wanted = evaluate(pipeline.set_params(model__estimator=Ridge()), X, y)
    pd.testing.assert_frame_equal(found.predictions, wanted.predictions, rtol=1e-9)


def test_tuning_survives_a_worker(client, tables, tmp_path):
    _, X, y = tables
    pipeline = build_pipeline("multioutput", estimator=Marked(folder=str(tmp_path)))
    space = {"model__estimator__alpha": [0.1, 10.0, 1000.0]}
    search = nested_search(pipeline, space, n_iter=3, inner_folds=3, random_state=0)
    killer = Killer(client, tmp_path)
    with joblib.parallel_config(backend="dask"):
        killer.start()
        search.fit(X, y)
        killer.join()
    assert 4 <= killer.killed_at < 3 * 3 * 3, "of settings, folds and targets"
    found = search.cv_results_["mean_test_score"]
    search.fit(X, y)
    np.testing.assert_allclose(found, search.cv_results_["mean_test_score"], rtol=1e-9)
