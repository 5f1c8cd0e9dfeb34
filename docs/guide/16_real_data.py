"""
16. What to expect from real data
=================================

The simulated people of this guide were made predictable. Real ones are not. Here are the field's
honest numbers, and why the others are higher.

The numbers that are too good
-----------------------------
A review of 101 studies on DEAP, the most used data set, found errors of method in nearly 87 % of
them: rows of one person on both sides of a split, features or settings chosen on the test data, and
others. In the reviewers' own runs such errors raised the accuracy by up to 46 %
(`arXiv:2508.02417 <https://arxiv.org/abs/2508.02417>`__). So a paper with 95 % is not a target.
First ask how its data were split.

The numbers one gets without looking
------------------------------------
The EPiC 2023 challenge used CASE: 30 people, 8 videos, valence and arousal by joystick
throughout, on a scale from 0.5 to 9.5 (`doi:10.1038/s41597-019-0209-0
<https://doi.org/10.1038/s41597-019-0209-0>`__). Our own count of its published scores:

==========================================================  ======
answer                                                      RMSE
==========================================================  ======
always 5.0, all scenarios                                   1.35
nine of the fourteen scored entries, all scenarios          worse
a constant, new people                                      1.28
every entry that does not know the video, new people        worse
the mean rating of other people for the same video          0.94
==========================================================  ======

One entry that was published with its method reports 1.19 over all scenarios
(`arXiv:2312.16036 <https://arxiv.org/abs/2312.16036>`__): an eighth less than *always 5*. For new
people, what a film does to everybody says more than each person's body.

Ours
----
No openly licensed set has these sensors together with ratings. Stress-Predict (20 of its people, a
wristband; `doi:10.3390/s22218135 <https://doi.org/10.3390/s22218135>`__) has a stand-in: stress
tasks or rest, 0 or 1. For people never seen:

==========================================================  ======  =====  =====
answer                                                       RMSE    r      CCC
==========================================================  ======  =====  =====
mean of the training people                                 0.467   -0.04  0.00
``multioutput`` on pulse, skin and temperature              0.438   0.35   0.21
a clock: what the others did at the same minute             0.303   0.76   0.74
==========================================================  ======  =====  =====

The body says something: it takes 6 % off the error. A clock says more, because everybody followed
one timetable. ``physio-vad run pipelines/stress_predict.toml`` prints this again.

How many people does one need?
------------------------------
Try it on simulated people whose bodies follow their ratings loosely. The interval of the skill
tells what a study of that size could have shown.
"""

from physio_vad import build_pipeline, evaluate, extract_features, make_windows, simulate_recordings

windows, y = make_windows(simulate_recordings(n_subjects=30, minutes=2, seed=1, coupling=0.7))
X = extract_features(windows, ["eda", "ppg", "emg"])
model = build_pipeline(estimator="ridge", select=10, normalise="subject")
people = X.index.get_level_values("subject")
for number in (8, 15, 30):
    some = people <= f"S{number:02d}"
    result = evaluate(model, X[some], y[some], cv="grouped-k-fold", random_state=0)
    row = result.summary().loc["arousal"]
    print(
        f"{number:2d} people: skill of arousal {row['skill']:+.2f} "
        f"({row['skill_low']:+.2f} to {row['skill_high']:+.2f})"
    )

# %%
# A checklist for your report
# ---------------------------
# 1. How many people, trials, windows; who was left out, decided when, and why.
# 2. The split, by person; what was learned inside the folds.
# 3. The baselines, in the same table as the model.
# 4. RMSE and CCC for each rating, pooled and within people, with intervals over people.
# 5. What was tuned, and where.
# 6. Versions and seeds: the report that ``physio-vad run`` writes holds them.
#
# What to look up next
# --------------------
# :doc:`The traps <../auto_traps/index>`, :doc:`how-to pages <../auto_howto/index>` for your own
# data, and `permutation_test` for a p-value that keeps people whole: of skill, or of the
# correlation within people (``statistic="r_subject"``).
