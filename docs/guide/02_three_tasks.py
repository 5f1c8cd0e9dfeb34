"""
2. The problem: three tasks
===========================

A recording is cut into windows of some seconds. Each window becomes a row: numbers that describe
the signals, and the three ratings of that time. To predict valence, arousal and dominance from the
features is **three tasks on the same rows**.

.. drawing:: three_tasks

Each rating is a number, so each task is a regression. There are four ways to handle all three.

Independent models
------------------
One model per rating, none knowing of the others. Start with this one; the others must beat it.

.. drawing:: independent

Shared layers, three heads
--------------------------
One network. Its first layers are shared: what helps one rating is there for all. After them each
rating has its own head and its own loss. A missing rating counts in no loss.

.. drawing:: shared

The chain
---------
Ratings go together: people who are excited often feel good or bad, seldom neutral. A chain
predicts one rating and hands the prediction to the model of the next. The models must learn from
predictions as they will be for new people: made by models that did not see the person. A chain that
is trained on the true ratings instead gets worse, not better.

.. drawing:: chain

Which rating comes first? An ensemble of chains fits all six orders and averages their predictions.
Where two orders begin alike, that beginning is fitted once.

.. drawing:: chain_ensemble

The stack
---------
Several kinds of models predict each rating, and their predictions are added with weights. Where
none of them helps, the weights fall back to the plain mean.

.. drawing:: stack

Each of them is one word given to one function.
"""

from physio_vad import build_pipeline

independent = build_pipeline("multioutput")
shared = build_pipeline("shared")
chain = build_pipeline("chain")
chain_ensemble = build_pipeline("chain_ensemble")
stack = build_pipeline("stack")
chain

# %%
# Each is an ordinary scikit-learn ``Pipeline`` with ``fit(X, y)`` and ``predict(X)``; ``y`` has
# three columns.
#
# What to look up next
# --------------------
# `build_pipeline` lists all options. Page :doc:`11_which_model` compares the models. Next:
# :doc:`03_start_small`.
