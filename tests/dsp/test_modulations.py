"""Heights and levels of beats, by hand."""

import numpy as np
import pytest

from physio_vad.dsp.beats import Beats
from physio_vad.dsp.modulations import pulse_levels, qrs_heights_and_levels


def beats_at(places, smooth, sfreq=100.0, offset=0.25):
    times, flags = offset + np.array(places) / sfreq, np.zeros(len(places), dtype=bool)
    return Beats(
        times=times,
        agreement=np.ones(len(times)),
        plain=~flags,
        ectopic=flags,
        alike=~flags,
        smooth=smooth,
        bad=np.zeros(len(smooth), dtype=bool),
        sfreq=sfreq,
        offset=offset,
        polarity=1,
        votes=np.zeros(2),
    )


def test_a_qrs_complex_takes_six_hundredths_of_a_second_on_each_side():
    smooth = np.zeros(1000)
    smooth[[200, 194, 193, 206, 207]] = 5, -2, -9, -3, -9
    smooth[[500, 494, 506]] = 4, -1, 6
    heights, _ = qrs_heights_and_levels(beats_at([200, 500], smooth))
    assert heights.tolist() == [8, 7]


def test_the_level_is_that_from_a_tenth_to_four_hundredths_of_a_second_before():
    smooth = np.zeros(1000)
    smooth[189:198] = [90, 1, 2, 3, 4, 5, 6, 7, 90]
    _, levels = qrs_heights_and_levels(beats_at([200], smooth))
    assert levels == pytest.approx([4])


def test_beats_at_the_ends_of_a_signal():
    smooth = np.arange(50.0)
    heights, levels = qrs_heights_and_levels(beats_at([2, 48], smooth))
    assert heights.tolist() == [8, 7]
    assert levels == pytest.approx([0, 41])


def test_a_pulse_goes_from_its_rise_to_the_next():
    smooth = np.arange(100.0)
    found = pulse_levels(beats_at([10, 20, 20, 50], smooth))
    assert found == pytest.approx([14.5, 20, 34.5, 74.5])
    assert len(pulse_levels(beats_at([], smooth))) == 0
