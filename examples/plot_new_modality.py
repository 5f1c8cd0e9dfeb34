"""
Add a modality in one file
==========================

Pupil diameter, as an eye tracker gives it: one class and one registration. Cutting, gaps, NaN,
column names and quality come from the base class; the class only does the science.
"""

from typing import ClassVar

import numpy as np

from physio_vad import (
    Feature,
    Modality,
    Ratings,
    Recording,
    Signal,
    extract_features,
    make_windows,
    register_modality,
)
from physio_vad.dsp.spans import span_mean_sd, span_slope
from physio_vad.units import Conversion


@register_modality
class Pupil(Modality):
    """Pupil diameter: its level, spread and trend."""

    name = "pupil"
    unit = "mm"
    units: ClassVar = {"mm": Conversion(), "um": Conversion(factor=1e-3)}
    plausible = (1.0, 10.0)  # a blink gives 0: it counts as missing

    @property
    def features(self):
        """The catalogue: name, unit, definition."""
        return (
            Feature("mean", "mm", "mean diameter"),
            Feature("sd", "mm", "standard deviation of the diameter"),
            Feature("slope", "mm/s", "slope of the least-squares line"),
        )

    def prepare(self, signal, others):
        """Once for a whole recording; here there is nothing to filter."""
        return signal

    def compute(self, prepared, starts, stops):
        """All windows at once."""
        first, last = prepared.spans(starts, stops)
        good = ~prepared.bad
        mean, sd = span_mean_sd(prepared.values, first, last, good)
        slope = span_slope(prepared.values, first, last, sfreq=prepared.sfreq, good=good)
        return {"mean": mean, "sd": sd, "slope": slope}


# A minute at 60 Hz; the pupil widens by 1 mm, and blinks three times.
diameter = np.linspace(3.0, 4.0, 3600) + 0.05 * np.random.default_rng(0).normal(size=3600)
diameter[[600, 601, 602, 1800, 1801, 3000]] = 0.0
recording = Recording(
    "anna",
    {"pupil": Signal(diameter, sfreq=60.0, unit="mm")},
    Ratings.constant({"arousal": 7.0}, scale={"arousal": (1, 9)}),
)
windows, y = make_windows([recording], length=10, step=10)
print(extract_features(windows).round(3).to_string())
