"""How often intervals over people hold, on simulated studies whose truth is known.

``python benchmarks/interval_coverage.py`` prints, in about a minute of one core, the share of
studies in which the 95 % interval of skill, of a difference of two models, of pooled r, CCC and
RMSE, and of the mean r within people holds the truth, by people and world; beside it that of the
percentile bootstrap that it replaces. The models are ridges, fitted to the other people of each
study, so that their predictions depend on each other; the truth is the mean over the studies (of
skill: that of the mean squared errors), for the same number of people.
"""

import argparse

import numpy as np
from scipy.signal import lfilter

from physio_vad.intervals import left_out, over_people

WORLDS = {
    "nothing to find, 5 features": {"coupling": 0},
    "nothing to find, 20 features": {"coupling": 0, "n_features": 20},
    "weak": {"coupling": 0.3},
    "strong": {},
    "strong, 20 features": {"n_features": 20},
    "levels taken out of the signals": {"level": 0, "gain": 0},
    "uneven people": {"uneven": 0.8, "offset": 1.2},
    "8 trials, nothing to find": {"coupling": 0, "n_trials": 8},
    "8 trials": {"coupling": 0.5, "n_trials": 8},
}
LINKS = {
    "skill": "log of the rest",
    "difference": "difference",
    "r": "Fisher z",
    "CCC": "Fisher z",
    "RMSE": "log",
    "r within": "none",
}


def lasting(rng, shape, memory):
    """Noise with a memory from window to window (last axis), of SD 1."""
    noise = rng.normal(size=(*shape[:-1], shape[-1] + 50))
    return lfilter([np.sqrt(1 - memory**2)], [1, -memory], noise, axis=-1)[..., 50:]


def studies(
    n_studies,
    n_people,
    *,
    coupling=1.0,
    n_features=5,
    offset=0.7,
    uneven=0.4,
    gain=0.3,
    level=1.0,
    n_trials=0,
    n_windows=40,
    seed=1,
):
    """Draw studies: features (..., windows, features) and ratings (studies, people, windows)."""
    rng = np.random.default_rng(seed)
    shape = (n_studies, n_people, n_windows)
    mixing = np.linspace(0.2, 1.6, n_features) / np.sqrt(n_features)
    gains = 1 + gain * rng.normal(size=(n_studies, n_people, 1, n_features))
    if n_trials:
        by_trial = rng.normal(size=(n_studies, n_people, n_trials, 1 + n_features))
        by_trial = np.repeat(by_trial, n_windows // n_trials, axis=2)
        latent = by_trial[..., 0]
        noise = 0.7 * (by_trial[..., 1:] + rng.normal(size=(*shape, n_features)))
    else:
        latent = lasting(rng, shape, 0.9)
        noise = np.moveaxis(lasting(rng, (n_studies, n_people, n_features, n_windows), 0.6), 2, 3)
    own = level * rng.normal(size=(n_studies, n_people, 1, n_features))
    X = coupling * latent[..., None] * mixing * gains + own + noise
    spread = np.exp(uneven * rng.normal(size=(n_studies, n_people, 1)))
    return X, latent * spread + offset * rng.normal(size=(n_studies, n_people, 1))


def leave_one_out(X, y, penalty):
    """Predict each person by a ridge fitted to the others, and by the mean of the others."""
    n_people, n_windows, n_features = X.shape[1:]
    n = (n_people - 1) * n_windows

    def others(values):
        return values.sum(axis=1, keepdims=True) - values

    mean_x, mean_y = others(X.sum(axis=2)) / n, others(y.sum(axis=2)) / n
    gram = others(np.einsum("sptd,spte->spde", X, X))
    gram -= n * mean_x[..., :, None] * mean_x[..., None, :]
    both = others(np.einsum("sptd,spt->spd", X, y)) - n * mean_x * mean_y[..., None]
    coef = np.linalg.solve(gram + penalty * n * np.eye(n_features), both[..., None])[..., 0]
    answer = mean_y[..., None] + np.einsum("sptd,spd->spt", X - mean_x[:, :, None], coef)
    return answer, np.broadcast_to(mean_y[..., None], y.shape)


def scores(y, answer, other, baseline, counts):
    """Compute each score for every way to count people: (n_studies, n_counts) each."""
    parts = (y, answer, y * y, answer * answer, y * answer, (y - answer) ** 2)
    parts += ((y - other) ** 2, (y - baseline) ** 2)
    total = counts.sum(axis=1) * y.shape[2]
    means = [np.einsum("spt,cp->sc", part, counts) / total for part in parts]
    my, mp, yy, pp, yp, error, error_of_other, error_of_baseline = means
    var_y, var_p, both = yy - my**2, pp - mp**2, yp - my * mp
    centred = [one - one.mean(axis=2, keepdims=True) for one in (y, answer)]
    size = [np.sqrt((one**2).sum(axis=2)) for one in centred]
    within = (centred[0] * centred[1]).sum(axis=2) / (size[0] * size[1])
    roots = [np.sqrt(one / error_of_baseline) for one in (error, error_of_other)]
    return {
        "skill": 1 - roots[0],
        "difference": roots[1] - roots[0],
        "r": both / np.sqrt(var_y * var_p),
        "CCC": 2 * both / (var_y + var_p + (my - mp) ** 2),
        "RMSE": np.sqrt(error),
        "r within": np.einsum("sp,cp->sc", within, counts) / counts.sum(axis=1),
    }


def coverage(n_people, world, n_studies):
    """Share of studies whose interval holds the truth, and that of percentile intervals."""
    X, y = studies(n_studies, n_people, **world)
    answer, baseline = leave_one_out(X, y, 0.1)
    other, _ = leave_one_out(X, y, 2.0)
    known = scores(y, answer, other, baseline, left_out(n_people))
    draws = np.random.default_rng(0).multinomial(n_people, np.ones(n_people) / n_people, 500)
    drawn = scores(y[:200], answer[:200], other[:200], baseline[:200], draws)
    share = ((y - y.mean(axis=(1, 2), keepdims=True)) ** 2).sum(axis=2)
    held = {}
    for name, values in known.items():
        true = values[:, 0].mean()
        if name == "skill":
            true = 1 - np.sqrt(np.mean((y - answer) ** 2) / np.mean((y - baseline) ** 2))
        shares = np.ones_like(share) if name == "r within" else share
        bounds = np.array(
            [over_people(*pair, 0.95, LINKS[name]) for pair in zip(values, shares, strict=True)]
        )
        low, high = np.quantile(drawn[name], [0.025, 0.975], axis=1)
        held[name] = (
            np.mean((bounds[:, 0] <= true) & (true <= bounds[:, 1])),
            np.mean((low <= true) & (true <= high)),
        )
    return held


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--studies", type=int, default=400)
    parser.add_argument("--people", type=int, nargs="+", default=[3, 6, 10, 20])
    arguments = parser.parse_args()
    print(f"share of {arguments.studies} studies held by 95 % intervals (percentile bootstrap)")
    for n_people in arguments.people:
        tables = {name: coverage(n_people, one, arguments.studies) for name, one in WORLDS.items()}
        print(f"{n_people} people")
        for name, held in tables.items():
            cells = (f"{score} {new:.3f} ({old:.2f})" for score, (new, old) in held.items())
            print(f"  {name:32}" + ", ".join(cells), flush=True)
        for what, summary in (("least", min), ("mean", np.mean)):
            cells = (
                f"{score} {summary([one[score][0] for one in tables.values()]):.3f} "
                f"({summary([one[score][1] for one in tables.values()]):.2f})"
                for score in LINKS
            )
            print(f"  {what + ' of the worlds':32}" + ", ".join(cells), flush=True)


if __name__ == "__main__":
    main()
