"""Which marks begin and end a trial, by hand."""

import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError, ReadError
from physio_vad.io.markers import TrialMarkers
from physio_vad.recording.recording import Recording, Signal

MARKS = [(1.0, 0.0, "film 1"), (3.0, 0.5, "film 2"), (4.0, 0.0, "end"), (7.0, 0.0, "film 3")]
WHOLE = Recording("anna", {"eda": Signal(np.ones((1, 40)), 4.0, "uS")})


def spans(*options, marks=MARKS, whole=WHOLE):
    trials = TrialMarkers(*options).cut(whole, marks)
    return [(one.trial, one.start, one.stop, one.stimulus) for one in trials]


@pytest.mark.parametrize(
    ("options", "ends"),
    [
        (("film*",), [3, 3.5, 10]),  # the next start, the mark's own end, the end of the recording
        (("film*", "end"), [4, 4, 10]),
        (("film*", None, 1.5), [2.5, 4.5, 8.5]),
        (("film*", None, 9.0), [10, 10, 10]),
        (("film*", "film*"), [3, 7, 10]),
    ],
)
def test_where_trials_end(options, ends):
    begins = [(1, "film 1"), (3, "film 2"), (7, "film 3")]
    expected = [
        (str(number), start, stop, text)
        for number, ((start, text), stop) in enumerate(zip(begins, ends, strict=True), 1)
    ]
    assert spans(*options) == expected


def test_a_trial_of_no_length_is_none_and_a_part_keeps_its_number_before_it():
    marks = [(2.0, 0.0, "a"), (2.0, 0.0, "a"), (10.0, 0.0, "a")]
    session = Recording("anna", WHOLE.signals, trial="2")
    assert spans("a", marks=marks, whole=session) == [("2/1", 2, 10, "a")]


def test_without_a_start_the_recording_is_one_trial():
    assert list(TrialMarkers(None).cut(WHOLE, MARKS)) == [WHOLE]
    with pytest.raises(ReadError, match="no event fits trial_start = 'x'; there are 'end', 'film"):
        spans("x")
    with pytest.raises(ReadError, match="there are none"):
        spans("x", marks=[])
    for wrong in (("a", None, 0.0), ("a", None, -1.0), (None, "b"), (None, None, 5.0)):
        with pytest.raises(ArgumentError, match="trial_"):
            TrialMarkers(*wrong)
