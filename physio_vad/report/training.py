"""Pictures of how a model was trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from physio_vad.exceptions import ArgumentError
from physio_vad.regressors import SharedNetwork
from physio_vad.report.style import BASELINE, PREDICTION, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@styled
def plot_loss(model: SharedNetwork | Pipeline) -> Figure:
    """Draw the loss of training people and of people held out, epoch by epoch.

    Parameters
    ----------
    model : SharedNetwork or Pipeline
        Fitted; of a pipeline the last step.

    Returns
    -------
    Figure
        One pair of lines a network of the ensemble, with a mark where it stopped.

    Raises
    ------
    ArgumentError
        If it is no shared-layers network.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> network = SharedNetwork(max_epochs=5, random_state=0).fit(X, X, groups=np.arange(60) // 5)
    >>> plot_loss(network).axes[0].get_xlabel()
    'epoch'
    """
    network = model.steps[-1][1] if isinstance(model, Pipeline) else model
    if not isinstance(network, SharedNetwork):
        raise ArgumentError(
            f"plot_loss draws a fitted SharedNetwork (model='shared'), got {type(network).__name__}"
        )
    check_is_fitted(network)
    figure, axes = new_figure(1, 1, (7.0, 4.0))
    ax = axes[0, 0]
    for number, curve in enumerate(network.loss_curves_):
        epochs = np.arange(1, len(curve) + 1)
        best = int(curve[:, 1].argmin())
        train, held_out = ("training people", "people held out") if number == 0 else (None, None)
        ax.plot(epochs, curve[:, 0], color=PREDICTION, alpha=0.6, linewidth=1.0, label=train)
        ax.plot(epochs, curve[:, 1], color=BASELINE, alpha=0.8, linewidth=1.0, label=held_out)
        kept = "weights kept" if number == 0 else None
        ax.plot(epochs[best], curve[best, 1], "o", color=BASELINE, markersize=5, label=kept)
    ax.set(xlabel="epoch", ylabel="loss of standardised ratings", title="Loss of the network")
    ax.legend()
    return figure
