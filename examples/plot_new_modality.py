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
from physio_vad.dsp.window_stats import span_mean_sd, span_slope
from physio_vad.recording.units import Conversion
from physio_vad.testing import check_modality, example_signal


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
# Two eyes
# --------
#
# Several channels of ``Pupil`` need nothing more: each goes alone, and its columns are called
# ``pupil__mean__left`` and so on. Where a feature looks at several at once, ``together = True``
# gives `prepare` all of them, and each :class:`physio_vad.Feature` says what there is a column for:


@register_modality
class Eyes(Pupil):
    """Pupil diameter of two eyes, and how far they are apart."""

    name = "eyes"
    together = True

    @property
    def features(self):
        """Each eye, and both."""
        apart = Feature("anisocoria", "mm", "right - left mean diameter", per="pair")
        either = Feature("widest", "mm", "larger mean diameter", per="modality")
        return (*super().features, apart, either)

    def pairs(self, channels):
        """Right and left, where both are there."""
        return [("right", "left")] if {"left", "right"} <= set(channels) else []

    def compute(self, prepared, starts, stops):
        """Features of each eye, of the pair, of all."""
        found = super().compute(prepared, starts, stops)
        order = prepared.channels
        apart = [
            found["mean"][order.index(right)] - found["mean"][order.index(left)]
            for right, left in self.pairs(order)
        ]
        return found | {"anisocoria": apart, "widest": found["mean"].max(axis=0)}


both = Signal(np.vstack([diameter, diameter + 0.2]), 60.0, "mm", channels=("left", "right"))
print(Eyes().columns(both.channels))

# %%
# ============== ========== =========================== ==========================================
# ``per``        together   what `compute` returns      column
# ============== ========== =========================== ==========================================
# ``"channel"``  False      ``(1, n_windows)``          ``pupil__mean``, ``pupil__mean__left``
# ``"channel"``  True       ``(n_channels, n_windows)`` ``eyes__mean__left``
# ``"pair"``     True       ``(n_pairs, n_windows)``    ``eyes__anisocoria__right-left``
# ``"modality"`` True       ``(n_windows,)``            ``eyes__widest``
# ============== ========== =========================== ==========================================
#
# Where there is one row, ``(n_windows,)`` will do; any other shape is an error that says which.
# `trust`, if you define it, gives numbers from 0 to 1, ``(n_windows,)`` or
# ``(n_channels, n_windows)``.
#
# A window of which one eye is mostly missing is NaN for that eye, for the pair and for the whole:
# ``Feature(..., per="modality", needs="any")`` is for features that leave bad channels out
# themselves. The quality is the mean of the channels, a bad one counting 0.
#
# A class with ``together`` is checked with one channel and then with two, called left and right:
# one has to do, with NaN or no pair. If yours cannot do without two, or pairs channels by other
# names, give a typical signal of ten minutes that has them, and it is checked with those only.

check_modality(Eyes)
check_modality(Eyes, example_signal(Eyes, channels=("right", "left")))

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
#     from physio_vad.cli.commands import main
#     main()
#
# ``python study.py list modalities`` shows it, and all else goes as with ``physio-vad``, with any
# number of ``--jobs``: the processes are told what is registered. After a change in ``pupil.py``
# its features are made anew. Model files made with it need ``pupil.py`` too: start where it stands,
# or put its folder on ``PYTHONPATH``.
