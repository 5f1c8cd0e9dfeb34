"""`physio-vad live`: a line a prediction, and a recording that can be read again."""

import numpy as np
from typer.testing import CliRunner

from physio_vad.cli.commands import app
from physio_vad.features.extractor import FeatureExtractor, extract_features
from physio_vad.features.windows import make_windows
from physio_vad.io import read_recordings, write_eleven_column
from physio_vad.persistence import save_model
from physio_vad.pipeline import build_pipeline, deploy
from physio_vad.synthetic import simulate_recordings


def test_live_predicts_and_records_a_replay(tmp_path):
    people = simulate_recordings(n_subjects=2, minutes=1, sfreq=64.0, seed=1)
    sensors = ["eda", "temperature"]
    windows, y = make_windows(people, length=10, step=10)
    pipeline = build_pipeline(estimator="ridge").fit(extract_features(windows, sensors), y)
    save_model(
        tmp_path / "m.joblib",
        deploy(pipeline, FeatureExtractor(sensors)),
        targets=y.columns,
        scale=y.attrs["scale"],
        recipe={"layout": {"name": "eleven-column", "sfreq": 64.0}},
        half_widths={0.8: dict.fromkeys(y.columns, 1.5)},
    )
    write_eleven_column(people[1:], tmp_path / "new", sfreq=64.0)
    (file,) = (tmp_path / "new").iterdir()
    arguments = [str(tmp_path / "m.joblib"), "--source", f"replay:{file}", "--out"]
    options = ["--speed", "1000", "--step", "5", "--interval", "0.8", "--no-page"]
    wrong = ["--page", "--port", "99999"]
    done = CliRunner().invoke(app, ["live", *arguments, str(tmp_path / "out"), *options, *wrong])
    assert "cannot listen" in str(done.exception)
    done = CliRunner().invoke(app, ["live", *arguments, str(tmp_path / "out"), *options])
    assert done.exit_code == 0, done.output
    lines = [one for one in done.output.splitlines() if "valence" in one]
    assert len(lines) == 11
    assert " to " in lines[0]
    assert "eda: 0 samples lost" in done.output
    (again,) = read_recordings(tmp_path / "out", "live")
    (given,) = read_recordings(file.parent, "eleven-column")
    for name, signal in given.signals.items():
        assert np.array_equal(again.signals[name].values, signal.values)
