"""Ratings that stay make trials, in every layout that has columns of ratings; others do not."""

import tomllib

import numpy as np
import pandas as pd
import pytest
from layouts.write_columns import NAMES

from physio_vad import read_recordings
from physio_vad.study.propose import propose_recipe
from physio_vad.study.recipe import make_recipe

SECONDS = (12, 15, 11)
"""How long the ratings stay in each file."""


def staying(sfreq, number=0, seconds=SECONDS):
    """Ratings of three trials, others in each file: (n_rows, 3)."""
    values = [[2 + number, 5, 8], [7, 3, 6], [4, 5, 6]]
    return np.repeat(values, [int(one * sfreq) for one in seconds], axis=0).astype(float)


def moving(sfreq, number=0):
    """A joystick that is held for most of the time, and moved now and then."""
    values = staying(sfreq, number)
    ramp = np.arange(sfreq)[:, np.newaxis] / sfreq
    for second in (3, 14, 20, 30):
        values[second * sfreq : (second + 1) * sfreq] += ramp
    return values


def few_rows(sfreq, number=0):
    return np.resize(np.repeat(staying(1, number), 5, axis=0), (38 * sfreq, 3))


def still(sfreq, number=0):
    return np.tile([3.0 + number, 5, 8], (38 * sfreq, 1))


def dropping_out(sfreq, number=0):
    values = still(sfreq, number)
    values[::70] = np.nan
    return values


def smooth(sfreq, number=0):
    return 5 + np.sin(np.arange(38 * sfreq)[:, np.newaxis] / sfreq / [5, 6, 7])


def eleven(folder, ratings, end=".csv", **options):
    for number in range(2):
        rated = ratings(250, number)
        frame = pd.DataFrame(np.column_stack([noise(rated, 8), rated]), columns=NAMES)
        if end == ".npy":
            np.save(folder / f"P{number}.npy", frame.to_numpy())
        elif end == ".parquet":
            frame.to_parquet(folder / f"P{number}.parquet")
        else:
            frame.to_csv(folder / f"P{number}.csv", index=False, **options)


def eleven_without_header(folder, ratings):
    eleven(folder, ratings, header=False)


def eleven_of_numpy(folder, ratings):
    eleven(folder, ratings, ".npy")


def eleven_of_parquet(folder, ratings):
    eleven(folder, ratings, ".parquet")


def eleven_in_folders(folder, ratings):
    eleven(folder, ratings)
    for path in list(folder.glob("*.csv")):
        (folder / path.stem).mkdir()
        path.rename(folder / path.stem / "signals.csv")


def table(folder, ratings, names=("valence", "arousal", "dominance"), **more):
    for number in range(2):
        rated = ratings(32, number)
        time, eda = np.arange(len(rated)) / 32, noise(rated, 1)[:, 0]
        columns = {"time": time, "eda": eda, **dict(zip(names, rated.T, strict=True)), **more}
        pd.DataFrame(columns).to_csv(folder / f"P{number}.csv", index=False)


def table_as_deap_has_it(folder, ratings):
    table(folder, ratings, liking=5)


def table_in_german(folder, ratings):
    table(folder, ratings, ("Valenz", "Erregung", "Dominanz"))


def table_without_clock(folder, ratings):
    for number in range(2):
        rated = np.repeat(ratings(32, number), 32, axis=0)
        frame = pd.DataFrame(rated, columns=["valence", "arousal", "dominance"])
        frame.assign(eda=noise(rated, 1)).to_csv(folder / f"P{number}.csv", index=False)


def long_table_with_people_in_turn(folder, ratings):
    frames = []
    for number in range(2):
        rated = ratings(32, number)
        frame = pd.DataFrame(rated, columns=["valence", "arousal", "dominance"])
        time = np.arange(len(rated)) / 32
        frames.append(frame.assign(time=time, eda=noise(rated, 1), subject=f"P{number}"))
    pd.concat(frames).sort_values(["time", "subject"]).to_csv(folder / "all.csv", index=False)


def noise(rated, n_columns):
    return np.random.default_rng(0).normal(5, 1, (len(rated), n_columns)).round(2)


LAYOUTS = [
    eleven,
    eleven_without_header,
    eleven_of_numpy,
    eleven_of_parquet,
    eleven_in_folders,
    table,
    table_as_deap_has_it,
    table_in_german,
    table_without_clock,
    long_table_with_people_in_turn,
]


def proposed(folder):
    text = propose_recipe(folder)
    return tomllib.loads(text)["layout"], text


def recordings(folder, text):
    given = tomllib.loads(text)
    if not {"sfreq", "time"} & set(given["layout"]):
        given["layout"].setdefault("sfreq", 1024.0 if given["layout"]["name"] == "table" else 250.0)
    return read_recordings(folder, make_recipe(given).reader())


@pytest.mark.parametrize("write", LAYOUTS)
def test_ratings_that_stay_long_make_trials(tmp_path, write):
    write(tmp_path, staying)
    layout, text = proposed(tmp_path)
    assert layout["trial"] == "ratings"
    assert "here they change 2 times in" in text
    found = recordings(tmp_path, text)
    assert [(one.subject, one.trial) for one in found] == [
        (who, trial) for who in ("P0", "P1") for trial in "123"
    ]
    assert [round(one.stop - one.start) for one in found] == [*SECONDS, *SECONDS]
    first = "arousal" if layout["name"] == "eleven-column" else "valence"
    rated = [one.ratings.values[0, one.targets.index(first)] for one in found]
    assert rated == [2, 7, 4, 3, 7, 4]


@pytest.mark.parametrize("ratings", [moving, few_rows, still, dropping_out, smooth])
@pytest.mark.parametrize("write", [eleven, eleven_without_header, table, table_as_deap_has_it])
def test_ratings_that_do_not_stay_make_none(tmp_path, write, ratings):
    write(tmp_path, ratings)
    layout, text = proposed(tmp_path)
    assert "trial" not in layout
    assert [one.subject for one in recordings(tmp_path, text)] == ["P0", "P1"]


def test_what_is_short_at_an_unknown_rate_is_only_a_hint(tmp_path):
    table_without_clock(tmp_path, lambda sfreq, number: staying(sfreq, number, (8, 9, 8)))
    layout, text = proposed(tmp_path)
    assert "trial" not in layout
    assert '\n# trial = "ratings"\n' in text


def test_one_short_trial_among_many_does_not_matter(tmp_path):
    table(tmp_path, lambda sfreq, number: np.vstack([staying(sfreq, n) for n in range(4)])[:-288])
    assert proposed(tmp_path)[0]["trial"] == "ratings"


@pytest.mark.parametrize("name", ["participant", "VP_Nr", "respondent name", "Subject"])
def test_people_in_a_column_of_another_name(tmp_path, name):
    long_table_with_people_in_turn(tmp_path, staying)
    frame = pd.read_csv(tmp_path / "all.csv").rename(columns={"subject": name})
    frame.to_csv(tmp_path / "all.csv", index=False)
    layout, text = proposed(tmp_path)
    assert (layout.get("subject", "Subject"), layout["time"]) == (name, "time")
    assert [one.subject for one in recordings(tmp_path, text)] == ["P0"] * 3 + ["P1"] * 3


@pytest.mark.parametrize(
    ("name", "role", "each", "used"),
    [
        ("Film", "trial", 608, True),
        ("video_no", "trial", 608, True),
        ("SourceStimuliName", "stimulus", 608, True),
        ("Film", "trial", 64, False),  # two seconds each
        ("Film", "trial", 5000, False),  # one for the whole file
    ],
)
def test_what_was_shown_in_a_column_of_another_name(tmp_path, name, role, each, used):
    film = np.array(["a", "b", "c"])[np.arange(38 * 32) // each % 3]
    table(tmp_path, smooth, **{name: film})
    layout, text = proposed(tmp_path)
    assert layout.get(role) == (name if used else None)
    assert len(recordings(tmp_path, text)) == (4 if used else 2)


@pytest.mark.parametrize("name", ["trial", "stimulus"])
def test_a_column_that_names_trials_is_believed(tmp_path, name):
    table(tmp_path, staying, **{name: "film"})
    layout, text = proposed(tmp_path)
    assert "trial" not in layout
    assert f"the column {name} is used as what its name says" in text


def test_files_differ_in_what_changes(tmp_path):
    """One person who gave one answer throughout does not speak against trials of the others."""
    table(tmp_path, lambda sfreq, number: (still if number == 0 else staying)(sfreq, number))
    layout, text = proposed(tmp_path)
    assert layout["trial"] == "ratings"
    assert "here they change 2 times in P1.csv" in text


def test_ratings_of_eleven_columns_beyond_their_usual_scale(tmp_path):
    eleven(tmp_path, lambda sfreq, number: staying(sfreq, number) * [10, 1, 1])
    layout, text = proposed(tmp_path)
    assert layout["scale"] == {"arousal": [0, 100], "dominance": [1, 5], "valence": [1, 9]}
    assert len(recordings(tmp_path, text)) == 6
