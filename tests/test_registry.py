"""What a study registers is known in every process that works for it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from physio_vad.registry import with_registrations

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "examples" / "plot_new_modality.py").read_text(encoding="utf-8")
PUPIL = EXAMPLE.partition("# %%")[0]
OTHERS = '''
from dataclasses import dataclass

from physio_vad.io import READERS, TableReader
from physio_vad.regressors import ESTIMATORS, MODELS, MultiOutput


@dataclass(frozen=True, kw_only=True)
class Tracker(TableReader):
    """An own reader."""

    name: ClassVar[str] = "tracker"


class Mine(MultiOutput):
    """An own model."""


READERS["tracker"] = Tracker
MODELS["mine"] = Mine
ESTIMATORS["my-ridge"] = lambda: ESTIMATORS["ridge"]()
'''
START = """
if __name__ == "__main__":
    from physio_vad.cli.commands import main
    main()
"""
RECIPE = """
[layout]
name = "tracker"
sfreq = 30.0
labels = ["valence", "arousal"]
columns.pupil_left = { modality = "pupil", unit = "mm", channel = "left" }
columns.pupil_right = { modality = "pupil", unit = "mm", channel = "right" }

[features]
modalities = ["pupil"]

[model]
name = "mine"
estimator = "my-ridge"
"""

ARGUMENTS = {
    "run": ["study.toml", "--data", "data", "--out"],
    "features": ["data", "--recipe", "study.toml", "--out"],
}


def write_study(folder: Path, *, apart: bool) -> None:
    """Put a script, its recipe and three people into a folder."""
    parts = PUPIL + OTHERS
    if apart:
        (folder / "pupil.py").write_text(parts)
    (folder / "study.py").write_text(("import pupil\n" if apart else parts) + START)
    (folder / "study.toml").write_text(RECIPE)
    (folder / "data").mkdir()
    rng = np.random.default_rng(0)
    for subject in ("anna", "ben", "cleo"):
        eyes = rng.normal(4.0, 0.3, (1200, 2))
        table = pd.DataFrame(eyes, columns=["pupil_left", "pupil_right"])
        table = table.assign(valence=np.repeat([3.0, 7.0], 600), arousal=eyes.mean(axis=1))
        table.to_csv(folder / "data" / f"{subject}.csv", index=False)


def run(folder: Path, command: str, jobs: int, out: str) -> str:
    done = subprocess.run(
        [sys.executable, "study.py", command, *ARGUMENTS[command], out, "--jobs", str(jobs)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_whole_study_in_one_script_runs_side_by_side(tmp_path):
    write_study(tmp_path, apart=False)
    run(tmp_path, "run", 2, "results")
    assert (tmp_path / "results" / "model.joblib").is_file()


def test_parts_in_a_module_of_their_own_and_a_change_in_it(tmp_path):
    write_study(tmp_path, apart=True)
    run(tmp_path, "features", 2, "tables")
    before = pd.read_parquet(tmp_path / "tables" / "features.parquet")
    home = tmp_path / "pupil.py"
    home.write_text(home.read_text().replace('"mean": mean', '"mean": mean + 1'))
    said = " ".join(run(tmp_path, "features", 2, "tables").split())
    assert "made anew because of a change in code (3 sources)" in said
    changed = pd.read_parquet(tmp_path / "tables" / "features.parquet")
    np.testing.assert_allclose(changed["pupil__mean__left"], before["pupil__mean__left"] + 1)


def test_nothing_is_sent_where_nothing_is_added():
    assert with_registrations(len) is len
