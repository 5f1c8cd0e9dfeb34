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
from physio_vad.testing import check_modality
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


# %%
# A class attribute each: :class:`physio_vad.Modality` lists them all with their defaults. What is
# careless there (no unit, a name with two underscores) is refused when it is registered.
#
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

# %%
# How much is missing
# -------------------
#
# There is no need for a feature of it: ``pupil__quality`` holds it already, 1 where all of a window
# is good. Where less than ``min_good`` of a window is good, by default half, quality is 0 and every
# feature is NaN, so a feature of yours cannot tell how bad such a window is. Where the share of
# blinks is itself the science, ``prepared.good_share(starts, stops)`` in ``compute`` is the way to
# count it: it knows what lies outside the signal, and one minus it is what is missing. To see it in
# worse windows, set ``min_good`` lower (never 0).
#
# Does it keep the contract?
# --------------------------
#
# Gaps that stay where they are, any unit, any length, the same numbers block by block. It says
# nothing if all is well; put it in a test of yours.

check_modality(Pupil)

# %%
# On the command line
# -------------------
#
# A recipe names what is registered, never a file to import: a recipe from a stranger must not run
# code. So the command ``physio-vad`` does not know your class. With the class and its registration
# in ``pupil.py``, this script beside it does:
#
# .. code-block:: python
#
#     import pupil
#     from physio_vad.cli import main
#     main()
#
# ``python study.py list modalities`` shows it, and all else goes as with ``physio-vad``. Model
# files made with it need ``pupil.py`` too.
