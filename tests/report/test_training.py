import numpy as np
import pytest

from physio_vad.exceptions import ArgumentError
from physio_vad.pipeline import build_pipeline
from physio_vad.regressors import MultiOutput, SharedNetwork
from physio_vad.report import plot_loss


def test_two_lines_a_network_and_a_mark_where_it_stopped():
    X = np.random.default_rng(0).normal(size=(60, 2))
    people = np.arange(60) // 5
    network = SharedNetwork((4,), cv=3, max_epochs=6, random_state=0).fit(X, X, groups=people)
    lines = plot_loss(network).axes[0].lines
    assert len(lines) == 3 * 3
    curve = network.loss_curves_[0]
    np.testing.assert_array_equal(lines[0].get_ydata(), curve[:, 0])
    np.testing.assert_array_equal(lines[1].get_ydata(), curve[:, 1])
    assert lines[2].get_ydata()[0] == curve[:, 1].min()


def test_the_last_step_of_a_pipeline():
    X = np.random.default_rng(0).normal(size=(40, 2))
    pipeline = build_pipeline("shared", groups=None, random_state=0)
    pipeline.set_params(model__max_epochs=3, model__cv=2)
    assert len(plot_loss(pipeline.fit(X, X)).axes[0].lines) == 2 * 3


def test_other_models_have_no_loss():
    with pytest.raises(ArgumentError, match="got MultiOutput"):
        plot_loss(MultiOutput())
