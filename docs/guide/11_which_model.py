"""
11. Which model when
====================

Begin with the default; take another model for a reason.

===========================================  ==================================================
you have                                     take
===========================================  ==================================================
a new table, no number yet                   ``"multioutput"`` (the default)
few rows, or a quick look                    ``estimator="ridge"``, ``normalise="subject"``
rows of no people, few clean columns         ``"stack"``
ratings that follow from each other          ``"chain_ensemble"``; the gain is small
an order of the ratings that theory gives    ``"chain"`` with ``targets=[...]``
a rating that few people gave                ``"shared"``, or ``"stack"``
===========================================  ==================================================

Compare them on **the same people**. People differ more than models do, so the difference is taken
person by person.
"""

from textwrap import fill

from physio_vad import build_pipeline, extract_features, make_windows, simulate_recordings
from physio_vad.evaluation import compare_models

windows, y = make_windows(simulate_recordings(n_subjects=12, minutes=2, seed=1))
X = extract_features(windows, ["eda", "temperature", "emg", "respiration"])
comparison = compare_models(
    {
        "ridge": build_pipeline(estimator="ridge"),
        "ridge in a chain": build_pipeline("chain", estimator="ridge", random_state=0),
        "kernel ridge": build_pipeline(estimator="kernel_ridge"),
    },
    X,
    y,
    cv="grouped-k-fold",
    random_state=0,
)
print(fill(comparison.verdict(), 90))

# %%
from physio_vad.report import plot_scores

figure = plot_scores(comparison.evaluations)

# %%
# The bars are intervals over people. Where they overlap widely and the verdict says that nothing
# separates the models, take the cheaper one: seconds to fit, to predict a fold, and one row.

comparison.costs.round(4)

# %%
# Ridge or boosted trees?
# -----------------------
# Ridge wants ``normalise="subject"``, or a baseline period: its answers grow with the features
# without a bound, so a person whose skin conductance is ten times that of the others gets ratings
# far off the scale. Trees cannot leave the ratings that they have seen, and are the safer first
# number without normalisation. They need rows, though: with a few dozen for training a booster does
# not split and answers the mean. Both are noted beside the scores. So of the same eight people
# trees may be well above the baseline and ridge below it, for want of one word; and with three
# people of half a minute only ridge answers anything. The pages here take ridge as it is fast, and
# on simulated people, who are alike.
#
# What to expect
# --------------
# On thirteen public tables with several targets, and against independent boosted trees, an ensemble
# of chains had 0.996 times the error, a stack of diverse models 0.912, and a chain trained on true
# ratings, as scikit-learn does by default, 1.040. The honest gain of a chain is half a percent.
# What was measured with the models of this package stands on the page of :doc:`models <../models>`.
#
# Trying many models and reporting the best is tuning too: see the next page.
#
# What to look up next
# --------------------
# `compare_models`; ``physio-vad compare``. Next:
# :doc:`12_tuning`.
