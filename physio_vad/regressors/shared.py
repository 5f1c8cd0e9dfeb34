"""The shared-layers network: one trunk for all targets, one head and one loss for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.stats import loguniform

from physio_vad._arrays import BoolArray, FloatArray
from physio_vad.exceptions import ArgumentError, unknown_name
from physio_vad.one_thread import one_thread
from physio_vad.preprocessing import TableScaler
from physio_vad.regressors.base import MultiTargetRegressor, TrainingSet, common_folds
from physio_vad.regressors.estimators import Space
from physio_vad.regressors.moments import target_moments
from physio_vad.regressors.network import Adam, Network, gradients, masked_loss, new_network

LOSSES = ("squared", "huber")


class SharedNetwork(MultiTargetRegressor):
    """Learn layers that all targets share, and a head for each.

    ``cv`` networks are trained, each stopped by the people of another inner fold and averaged, so
    that everyone's ratings are used. Features and targets are standardised inside, missing
    ratings are masked in the loss. Its worth is in a stack, and where one target is rated by few
    people; compare it on your own table.

    Parameters
    ----------
    hidden : sequence of int
        Sizes of the shared layers.
    head_hidden : int
        Size of a hidden layer of each head's own, 0 for none.
    loss : {"squared", "huber"} or mapping of target name to one of them
        Loss of each target; Huber's counts far residuals less.
    loss_weights : "learned", mapping of target name to float, or None
        Weight of each target's loss: learned with its uncertainty [1]_, given, or equal.
    l2 : float
        Decay of the weights.
    learning_rate : float
        Step size of Adam.
    batch_size : int
        Rows of a step.
    max_epochs : int
        Passes over the rows at most.
    patience : int
        Passes without a better inner score after which training stops.
    cv : int
        Inner folds, which is the number of networks; never more than subjects.
    groups : str, optional
        Index level of X that holds the subject. None says that rows are independent.
    targets : sequence of str, optional
        Columns of y that are predicted, in this order; default all.
    random_state : int, optional
        Seed of the folds, the first weights and the order of the rows.
    n_jobs : int, optional
        Networks trained side by side.

    Attributes
    ----------
    networks_ : list of Network
        Trained networks.
    loss_curves_ : list of array of shape (n_epochs, 2)
        Loss of training and held-out people after each pass, one array a network.
    loss_weights_ : array of shape (n_targets,)
        Weights at the end, mean over the networks.
    target_names_ : list of str
        Names of the targets, in the order of the predictions.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : array of shape (n_features,)
        Their names, where X was a DataFrame.

    References
    ----------
    .. [1] Kendall, Gal & Cipolla (2018). Multi-task learning using uncertainty to weigh losses.
       CVPR, 7482-7491. https://doi.org/10.1109/CVPR.2018.00781

    Examples
    --------
    >>> import numpy as np
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> y = np.column_stack([X[:, 0], X[:, 0] + X[:, 1]])
    >>> people = np.repeat(np.arange(12), 5)
    >>> network = SharedNetwork(max_epochs=5, random_state=0).fit(X, y, groups=people)
    >>> network.predict(X).shape
    (60, 2)
    """

    @classmethod
    def search_space(cls) -> Space:
        """Distributions of its own parameters."""
        return {
            "hidden": [(32,), (64,), (128,), (64, 32)],
            "head_hidden": [0, 16],
            "loss": ["squared", "huber"],
            "loss_weights": [None, "learned"],
            "l2": loguniform(1e-3, 0.3),
            "learning_rate": loguniform(1e-3, 1e-2),
        }

    def __init__(
        self,
        hidden: Sequence[int] = (64,),
        *,
        head_hidden: int = 0,
        loss: Any = "squared",
        loss_weights: Any = None,
        l2: float = 0.01,
        learning_rate: float = 0.003,
        batch_size: int = 64,
        max_epochs: int = 300,
        patience: int = 20,
        cv: int = 5,
        groups: str | None = None,
        targets: Sequence[str] | None = None,
        random_state: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.hidden = hidden
        self.head_hidden = head_hidden
        self.loss = loss
        self.loss_weights = loss_weights
        self.l2 = l2
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.patience = patience
        self.cv = cv
        self.groups = groups
        self.targets = targets
        self.random_state = random_state
        self.n_jobs = n_jobs

    @property
    def wants_scaled(self) -> bool:
        """Whether a pipeline scales the features: not here, they are scaled inside."""
        return False

    def _fit(self, training: TrainingSet) -> None:
        huber = self._huber(training.names)
        weights = self._fixed_weights(training.names)
        folds = common_folds(training, self.cv)
        self._scaler = TableScaler().fit(training.X)
        self.mean_, self.scale_ = target_moments(training.Y, training.weight)
        X = self._features(training.X)
        Z = (training.Y - self.mean_) / self.scale_
        rows = np.ones(len(X)) if training.weight is None else training.weight
        importance = np.where(np.isnan(Z), 0.0, rows[:, np.newaxis]) * weights
        importance /= importance.sum() / len(X)
        Z = np.nan_to_num(Z)
        trained = self._run(
            self._train,
            [
                (X, Z, importance, huber, folds == number, _generator(training.seed, int(number)))
                for number in np.unique(folds)
            ],
        )
        self.networks_ = [network for network, _ in trained]
        self.loss_curves_ = [curve for _, curve in trained]
        learned = np.mean([np.exp(-one.log_variance) for one in self.networks_], axis=0)
        self.loss_weights_ = learned * weights

    @one_thread()
    def _predict(self, X: FloatArray) -> FloatArray:
        X = self._features(X)
        Z = np.mean([network.predict(X) for network in self.networks_], axis=0)
        return np.asarray(Z * self.scale_ + self.mean_)

    def _features(self, X: FloatArray) -> FloatArray:
        return np.asarray(self._scaler.transform(X))

    @one_thread()
    def _train(
        self,
        X: FloatArray,
        Z: FloatArray,
        importance: FloatArray,
        huber: BoolArray,
        held_out: BoolArray,
        random: np.random.Generator,
    ) -> tuple[Network, FloatArray]:
        """Train one network until the people held out are predicted no better."""
        learn_weights = isinstance(self.loss_weights, str)
        network = new_network(X.shape[1], Z.shape[1], self.hidden, self.head_hidden, random)
        adam = Adam(network.arrays(), self.learning_rate, self.l2)
        train = X[~held_out], Z[~held_out], importance[~held_out]
        test = X[held_out], Z[held_out], importance[held_out]
        best, best_loss, best_epoch = network.copy(), np.inf, 0
        curve: list[tuple[float, float]] = []
        for epoch in range(self.max_epochs):
            order = random.permutation(len(train[0]))
            for at in range(0, len(order), self.batch_size):
                rows = order[at : at + self.batch_size]
                x, z, weight = (part[rows] for part in train)
                adam.step(gradients(network, x, z, weight, huber, learn_weights))
            curve.append((masked_loss(network, *train, huber), masked_loss(network, *test, huber)))
            if curve[-1][1] < best_loss:
                best, best_loss, best_epoch = network.copy(), curve[-1][1], epoch
            if epoch - best_epoch >= self.patience:
                break
        return best, np.array(curve)

    def _huber(self, names: list[str]) -> BoolArray:
        kinds = _by_target("loss", self.loss, names, "squared")
        for kind in kinds:
            if kind not in LOSSES:
                raise ArgumentError(unknown_name("loss", kind, LOSSES))
        return np.array([kind == "huber" for kind in kinds])

    def _fixed_weights(self, names: list[str]) -> FloatArray:
        if self.loss_weights is None or (
            isinstance(self.loss_weights, str) and self.loss_weights == "learned"
        ):
            return np.ones(len(names))
        if not isinstance(self.loss_weights, Mapping):
            raise ArgumentError(
                "loss_weights must be 'learned', a mapping of target names to weights, or None, "
                f"got {self.loss_weights!r}"
            )
        weights = np.array(_by_target("loss_weights", self.loss_weights, names, 1.0), dtype=float)
        if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
            raise ArgumentError(f"loss_weights must be finite and not below 0, got {weights}")
        return weights


def _by_target(parameter: str, value: Any, names: list[str], default: Any) -> list[Any]:
    if not isinstance(value, Mapping):
        return [value] * len(names)
    for name in value:
        if name not in names:
            raise ArgumentError(unknown_name(f"target in {parameter}", name, names))
    return [value.get(name, default) for name in names]


def _generator(seed: int | None, number: int) -> np.random.Generator:
    return np.random.default_rng(None if seed is None else [seed, number])
