"""
Features of your own in three lines
===================================

A function of the samples of a window is a feature: it gets the cleaned values in the modality's
unit and the sampling rate, and its docstring is its definition.
"""

import numpy as np

from physio_vad import (
    Feature,
    FeatureExtractor,
    extract_features,
    feature_catalogue,
    make_windows,
    simulate_recordings,
)
from physio_vad.dsp.window_calls import vectorised
from physio_vad.modalities import EDA


def mad(values, sfreq):  # noqa: ARG001  every function gets the rate
    """Median absolute deviation."""
    return np.median(np.abs(values - np.median(values)))


windows, y = make_windows(simulate_recordings(2, minutes=2, seed=0), length=10, step=5)
X = extract_features(windows, ["eda", "temperature"], extra={"eda__mad": mad})
print(X["eda__mad"].describe().round(3))

# %%
# A window of too little good signal is NaN and never gets to the function; a modality of several
# channels has one column a channel. The catalogue names it too.

print(feature_catalogue(["eda"], {"eda__mad": mad}).loc["eda__mad", ["unit", "text"]])

# %%
# :class:`physio_vad.FeatureExtractor` takes the same, so a model is trained, deployed and saved
# with it. A saved model holds the function by its name: define it by ``def`` at the top of a module
# that can be imported where the model is used. A lambda is refused at once.
#
# For long recordings, mark a function that takes all windows together, one a row.


@vectorised
def line_length(values, sfreq):
    """Sum of the steps from sample to sample, a second."""
    return np.abs(np.diff(values, axis=1)).sum(axis=1) * sfreq / values.shape[1]


extractor = FeatureExtractor(["eda"], extra={"eda__mad": mad, "eda__line_length": line_length})
print(extractor.fit_transform(windows).filter(regex="mad|line_length").head(3).round(3))

# %%
# What needs the prepared signal, here the phasic part, is a class that adds to ours.


class MyEDA(EDA):
    """EDA with the share of time in which the phasic part is above 0."""

    @property
    def features(self):
        """One more than those of EDA."""
        return (*super().features, Feature("phasic_share", "1", "share of time above 0"))

    def compute(self, prepared, starts, stops):
        """Add one row to those of EDA."""
        first, last = prepared.signal.spans(starts, stops)
        above = np.concatenate([[0], np.cumsum(prepared.phasic > 0)])
        with np.errstate(invalid="ignore"):
            share = (above[last] - above[first]) / (last - first)
        return {**super().compute(prepared, starts, stops), "phasic_share": share}


print(extract_features(windows, [MyEDA()])["eda__phasic_share"].describe().round(2))
