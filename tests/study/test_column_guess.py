"""What columns seem to be where only their numbers tell, on both sides of each limit."""

import numpy as np
import pandas as pd
import pytest

from physio_vad.io.tables.open import open_table
from physio_vad.study.column_guess import guess_columns

TIME = np.arange(400) / 4


def guessed(tmp_path, **columns):
    pd.DataFrame(columns).to_csv(tmp_path / "a.csv", index=False)
    table = open_table(tmp_path / "a.csv")
    return guess_columns(table, table.names)


@pytest.mark.parametrize(
    ("name", "middle", "spread", "unit"),
    [
        ("eeg", 0, 9e-3, "V"),
        ("eeg", 0, 11e-3, "uV"),
        ("eog", 0, 9e-3, "V"),
        ("emg", 0, 11e-3, "uV"),
        ("ecg", 0, 9e-3, "V"),
        ("ecg", 0, 11e-3, "mV"),
        ("ecg", 0, 19, "mV"),
        ("ecg", 0, 21, "uV"),
        ("eda", 190, 5, "uS"),
        ("eda", 210, 5, "ohm"),
        ("skt", 59, 1, "C"),
        ("skt", 61, 1, "F"),
        ("skt", 199, 1, "F"),
        ("skt", 201, 1, "K"),
        ("ibi", 4.9, 0.1, "s"),
        ("ibi", 5.1, 0.1, "bpm"),
        ("ibi", 249, 5, "bpm"),
        ("ibi", 251, 5, "ms"),
        ("acc_x", 0, 2.9, "g"),
        ("acc_x", 0, 3.1, "1/64 g"),
        ("ppg", 300, 30, "a.u."),
    ],
)
def test_units_by_numbers(tmp_path, name, middle, spread, unit):
    values = middle + np.sqrt(2) * spread * np.sin(2 * np.pi * np.arange(400) / 40)
    (found,) = guessed(tmp_path, time=TIME, **{name: values}).columns.values()
    assert (found.unit, found.sure) == (unit, False)


@pytest.mark.parametrize(
    ("low", "high", "known"),
    [
        (20.5, 30, True),
        (19.5, 29, False),
        (33, 41.5, True),
        (33, 42.5, False),
        (22, 31.5, True),
        (22, 32.5, False),
        (33, 33, False),
    ],
)
def test_skin_that_is_as_warm_as_skin(tmp_path, low, high, known):
    guess = guessed(tmp_path, time=TIME, wrist=np.linspace(low, high, 400))
    assert [(one.modality, one.unit) for one in guess.columns.values()] == [
        ("temperature", "C")
    ] * known


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (TIME, True),
        (TIME[:10], True),
        (TIME[:9], False),
        (TIME + 9.5 / 4, True),
        (TIME + 10.5 / 4, False),
        (1.6e9 + TIME, True),
        (TIME + 0.2 * (np.arange(400) % 100 == 50), True),  # a hundredth of the steps
        (TIME + 0.2 * (np.arange(400) % 20 == 10), False),  # a tenth
        (4 * TIME, False),  # the number of the row
    ],
)
def test_a_clock_without_a_name_rises_steadily_from_about_zero(tmp_path, values, found):
    eda = np.linspace(2, 3, len(values))
    assert guessed(tmp_path, x=values, eda=eda).clock == ("x" if found else None)


@pytest.mark.parametrize(
    ("step", "unit"),
    [(0.5, "s"), (0.6, "ms"), (500, "ms"), (600, "us"), (5e5, "us"), (6e5, "ns"), (6e8, "s")],
)
def test_the_unit_of_a_clock_by_its_step(tmp_path, step, unit):
    """Sensors run at two samples a second or more."""
    assert guessed(tmp_path, time=step * np.arange(400), eda=TIME).time_unit == unit


def test_a_unit_that_is_said_counts_more_than_numbers(tmp_path):
    noise = 1 + 0.1 * np.sin(np.arange(400))
    guess = guessed(tmp_path, time=TIME, eda=noise, gsr=noise, **{"gsr [nS]": 1000 * noise})
    assert {name: one.unit for name, one in guess.columns.items()} == {"gsr [nS]": "nS"}


@pytest.mark.parametrize(
    ("n_answers", "rows_each", "maybe"),
    [(11, 46, True), (12, 60, False), (11, 45, False), (2, 300, True)],
)
def test_whole_numbers_that_rarely_change_may_be_ratings(tmp_path, n_answers, rows_each, maybe):
    """At most eleven answers, 0 to 10, and a change in fifty rows."""
    values = np.repeat(np.arange(n_answers), rows_each)
    values = np.append(values, values[::-1])
    columns = {"time": np.arange(len(values)) / 4, "eda": np.linspace(2, 3, len(values))}
    for name, one in (("q", values), ("r", values + 0.5)):
        said = guessed(tmp_path, **columns, **{name: one}).left_out[name]
        assert ("a label?" in said) == (maybe and name == "q")


@pytest.mark.parametrize(
    ("seconds", "found"), [((10, 10, 10), True), ((9, 9, 9), False), ((9, 9, 99), False)]
)
def test_a_column_that_tells_trials_stays_for_ten_seconds(tmp_path, seconds, found):
    video = np.repeat(["a", "b", "c"], 4 * np.array(seconds))
    time = np.arange(len(video)) / 4
    guess = guessed(tmp_path, time=time, eda=np.linspace(2, 3, len(video)), video=video)
    assert guess.roles == ({"trial": "video"} if found else {})
