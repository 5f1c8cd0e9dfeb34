"""
10. MAE, MSE, RMSE, r, CCC and how to read them
===============================================

Five numbers, two questions: **how far off** are the predictions, and do they **go up and down**
with the ratings? A small example first, with truth and predictions you can check by hand.
"""

import numpy as np
import pandas as pd

from physio_vad.metrics import METRICS

truth = np.array([3.0, 4.0, 5.0, 6.0, 7.0])
answers = {
    "perfect": truth,
    "one too high": truth + 1,
    "half the swing": 5 + (truth - 5) / 2,
    "always 5": np.full(5, 5.0),
    "upside down": 10 - truth,
}
names = ["mae", "mse", "rmse", "r", "ccc"]
pd.DataFrame(
    {what: [METRICS[name](truth, answer) for name in names] for what, answer in answers.items()},
    index=names,
).T.round(2)

# %%
# - **MAE**, mean absolute error: how many points of the scale one is off, on average.
# - **MSE**, mean squared error: the same with large errors counting more. Its unit is points
#   squared, so nobody can picture it.
# - **RMSE**, its root: in points again. The number to compare with baselines.
# - **r**, Pearson's correlation: 1 if predictions go up and down with the truth. It does not see
#   that all are one point too high, or that they swing half as far.
# - **CCC**, concordance correlation: like r, but it sees both. 1 only if the numbers agree.
#
# "Always 5" has a decent RMSE and no correlation; "one too high" has a perfect correlation and is
# always wrong. So give an error **and** a CCC, beside the same for the baselines.
#
# The scores of a model
# ---------------------

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=20, minutes=2, seed=1))
result = evaluate(build_pipeline(estimator="ridge"), extract_features(windows), y)
table = result.summary()
table[["rmse", "rmse_subject", "r", "r_subject", "ccc", "ccc_subject"]].round(2)

# %%
# ``r`` is over all rows of all people, ``r_subject`` the mean of each person's own. The first may
# be large because some people rate high and the model sees who they are; only the second says that
# it follows a person through the session. Report both, the second with its interval and its p:

from physio_vad.evaluation.within import within_sentence

table[["r_subject", "r_subject_low", "r_subject_high", "r_subject_p", "skill", "skill_low"]].round(
    3
)

# %%
# The terminal and the report say it in words:

print(within_sentence(result, "arousal"))

# %%
# The p lets ratings change places within people while the predictions stay.
# ``permutation_test(..., statistic="r_subject")`` takes longer and fits the model anew each time.

figure = result.plot("skill")

# %%
# **The r of each person is high, but the skill below 0?** Then the model follows the ups and downs
# and is wrong about where a person's scale lies: people rate high or low, and their bodies differ,
# and both offsets go into the RMSE. Try ``normalise="subject"`` (it needs some minutes of a new
# person, no ratings), a baseline period, or some rated minutes of each new person: page
# :doc:`13_a_new_person`. Where nothing helps, report what holds: the direction within people, not
# the level.
#
# A mean hides people. There are always some for whom the model is worse than not looking.
# ``figure.savefig("skill.png")`` writes the picture.
#
# One rating per film? Then the windows of a film share it and look like more data than there is:
# `per_trial` scores trials instead.
#
# What to look up next
# --------------------
# `Evaluation` has the scores by fold, person and pooled; `METRICS <physio_vad.evaluation.METRICS>`
# says each formula. Next: :doc:`11_which_model`.
