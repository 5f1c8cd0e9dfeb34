"""Arrays of the shared-layers network: forward, backward, losses and the Adam steps.

The trunk is shared; each target has a head of its own, linear or with one hidden layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from physio_vad._arrays import BoolArray, FloatArray

Layer = tuple[FloatArray, FloatArray]  # weights (n_in, n_out), bias (n_out,)

HUBER = 1.0
"""Residual, in standard deviations, from which Huber's loss is linear."""


@dataclass
class Network:
    """Weights of a network.

    Parameters
    ----------
    trunk : list of (weights, bias)
        Shared layers, each followed by a rectifier.
    heads : list of list of (weights, bias)
        Layers of each target; the last one gives one number.
    log_variance : array of shape (n_targets,)
        Kendall's log variance of each target; 0 where loss weights are fixed.
    """

    trunk: list[Layer]
    heads: list[list[Layer]]
    log_variance: FloatArray = field(default_factory=lambda: np.zeros(0))

    def arrays(self) -> list[FloatArray]:
        """Return every array that is learned, always in the same order."""
        layers = [*self.trunk, *(layer for head in self.heads for layer in head)]
        return [array for layer in layers for array in layer] + [self.log_variance]

    def predict(self, X: FloatArray) -> FloatArray:
        """Return the standardised predictions.

        Parameters
        ----------
        X : array of shape (n_rows, n_features)
            Standardised features.

        Returns
        -------
        array of shape (n_rows, n_targets)
            Predictions.
        """
        for weights, bias in self.trunk:
            X = np.maximum(X @ weights + bias, 0.0)
        return np.column_stack([_forward(head, X)[-1][:, 0] for head in self.heads])

    def copy(self) -> Network:
        """Return a network with arrays of its own."""
        return Network(
            [(w.copy(), b.copy()) for w, b in self.trunk],
            [[(w.copy(), b.copy()) for w, b in head] for head in self.heads],
            self.log_variance.copy(),
        )


def new_network(
    n_features: int,
    n_targets: int,
    hidden: Sequence[int],
    head_hidden: int,
    random: np.random.Generator,
) -> Network:
    """Draw the weights of a network, the spread by He et al. (2015).

    Parameters
    ----------
    n_features, n_targets : int
        Size of input and output.
    hidden : sequence of int
        Sizes of the shared layers.
    head_hidden : int
        Size of the hidden layer of each head, 0 for none.
    random : Generator
        Source of the weights.

    Returns
    -------
    Network
        Not trained.
    """

    def layer(n_in: int, n_out: int, gain: float = 2.0) -> Layer:
        return random.normal(size=(n_in, n_out)) * np.sqrt(gain / n_in), np.zeros(n_out)

    sizes = [n_features, *hidden]
    trunk = [layer(a, b) for a, b in pairwise(sizes)]
    heads = []
    for _ in range(n_targets):
        inner = [layer(sizes[-1], head_hidden)] if head_hidden else []
        heads.append([*inner, layer(head_hidden or sizes[-1], 1, gain=0.1)])
    return Network(trunk, heads, np.zeros(n_targets))


def gradients(
    network: Network,
    X: FloatArray,
    Z: FloatArray,
    importance: FloatArray,
    huber: BoolArray,
    learn_weights: bool,
) -> list[FloatArray]:
    """Return the derivative of the masked loss by every learned array.

    Parameters
    ----------
    network : Network
        Where the derivative is taken.
    X : array of shape (n_rows, n_features)
        Standardised features.
    Z : array of shape (n_rows, n_targets)
        Standardised targets, any finite number where missing.
    importance : array of shape (n_rows, n_targets)
        Weight of each rating, 0 where missing.
    huber : array of bool of shape (n_targets,)
        Which targets have Huber's loss, the others the squared one.
    learn_weights : bool
        Whether ``exp(-log_variance)`` weighs the targets and is learned [1]_.

    Returns
    -------
    list of array
        In the order of ``network.arrays()``.

    References
    ----------
    .. [1] Kendall, Gal & Cipolla (2018). Multi-task learning using uncertainty to weigh losses.
       CVPR, 7482-7491. https://doi.org/10.1109/CVPR.2018.00781
    """
    shared = _forward(network.trunk, X, last_is_linear=False)
    n_rows = len(X)
    precision = np.exp(-network.log_variance) if learn_weights else np.ones(Z.shape[1])
    trunk_slope = np.zeros_like(shared[-1])
    head_slopes: list[FloatArray] = []
    log_slope = np.zeros(Z.shape[1])
    for target, head in enumerate(network.heads):
        states = _forward(head, shared[-1])
        residual = states[-1][:, 0] - Z[:, target]
        loss, slope = _loss(residual, bool(huber[target]))
        weight = importance[:, target] / n_rows
        if learn_weights:
            log_slope[target] = (weight * (1 - precision[target] * loss)).sum() / 2
        back = (precision[target] * weight * slope)[:, np.newaxis]
        arrays, into = _backward(head, states, back)
        head_slopes += arrays
        trunk_slope += into
    trunk_slope *= shared[-1] > 0
    arrays, _ = _backward(network.trunk, shared, trunk_slope)
    return [*arrays, *head_slopes, log_slope]


def masked_loss(
    network: Network, X: FloatArray, Z: FloatArray, importance: FloatArray, huber: BoolArray
) -> float:
    """Return the mean loss of a rating, fixed weights, for watching.

    Parameters
    ----------
    network, X, Z, importance, huber
        See `gradients`.
    """
    residual = network.predict(X) - Z
    loss = np.column_stack([_loss(r, bool(h))[0] for r, h in zip(residual.T, huber, strict=True)])
    return float((importance * loss).sum() / importance.sum())


class Adam:
    """Steps of Kingma & Ba (2015), https://arxiv.org/abs/1412.6980, with weight decay.

    Parameters
    ----------
    arrays : list of array
        What is changed in place.
    rate : float
        Step size.
    decay : float
        L2 penalty of weight matrices; biases have none.
    """

    def __init__(self, arrays: list[FloatArray], rate: float, decay: float) -> None:
        self._arrays, self._rate, self._decay = arrays, rate, decay
        self._first = [np.zeros_like(array) for array in arrays]
        self._second = [np.zeros_like(array) for array in arrays]
        self._steps = 0

    def step(self, slopes: list[FloatArray]) -> None:
        """Change the arrays along the derivative.

        Parameters
        ----------
        slopes : list of array
            Derivative by each array.
        """
        self._steps += 1
        rate = self._rate * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        for number, slope in enumerate(slopes):
            array, first, second = self._arrays[number], self._first[number], self._second[number]
            first += 0.1 * (slope - first)
            second += 0.001 * (slope**2 - second)
            if array.ndim == 2:
                array -= self._rate * self._decay * array
            array -= rate * first / (np.sqrt(second) + 1e-8)


def _forward(
    layers: Sequence[Layer], X: FloatArray, last_is_linear: bool = True
) -> list[FloatArray]:
    states = [X]
    for number, (weights, bias) in enumerate(layers):
        state = states[-1] @ weights + bias
        if not (last_is_linear and number == len(layers) - 1):
            state = np.maximum(state, 0.0)
        states.append(state)
    return states


def _backward(
    layers: Sequence[Layer], states: list[FloatArray], slope: FloatArray
) -> tuple[list[FloatArray], FloatArray]:
    """Carry the slope at the last layer's sum back; also return that at the input."""
    arrays: list[FloatArray] = []
    for number in range(len(layers) - 1, -1, -1):
        arrays = [states[number].T @ slope, slope.sum(axis=0), *arrays]
        slope = slope @ layers[number][0].T
        if number:
            slope = slope * (states[number] > 0)
    return arrays, slope


def _loss(residual: FloatArray, huber: bool) -> tuple[FloatArray, FloatArray]:
    """Loss, and half its derivative."""
    if not huber:
        return residual**2, residual
    bounded = np.clip(residual, -HUBER, HUBER)
    return bounded * (2 * residual - bounded), bounded
