"""
3. Start small
==============

Run the whole analysis on three people and two minutes before you run it on everything. What is
wrong with the files, the columns or the plan then shows up in seconds instead of hours.

.. drawing:: way
"""

import tempfile
from pathlib import Path

from physio_vad import (
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    read_recordings,
    simulate_recordings,
    write_eleven_column,
)

# A folder like one of yours: one CSV file per person, eight sensors and three labels.
folder = Path(tempfile.mkdtemp())
files = write_eleven_column(simulate_recordings(n_subjects=5, minutes=3, seed=1), folder)
print(*[file.name for file in files])

# %%
# ``subjects`` and ``minutes`` read a part. Take them away once everything works.

recordings = read_recordings(folder, "eleven-column", subjects=3, minutes=2)
for one in recordings:
    print(one)

# %%
windows, y = make_windows(recordings)
X = extract_features(windows)
print(len(X), "windows,", X.shape[1], "features")

result = evaluate(build_pipeline(estimator="ridge"), X, y)
result

# %%
# Three people say nothing about how good a model is. They do show that nothing stands in the way.
#
# On the command line the same is::
#
#     physio-vad run pipelines/eleven_column.toml --data my_folder --out results \
#         --subjects 3 --minutes 2
#
# Another layout? ``physio-vad init my_folder`` looks at the files and proposes a recipe to correct.
#
# What to look up next
# --------------------
# `read_recordings`, the :doc:`recipe files <../reference/made/recipe>` and the
# :doc:`command line <../reference/made/commands>`. An error? Its message says what to do; all of
# them are listed :doc:`here <../reference/made/messages>`. Next: :doc:`04_look_at_the_signals`.
