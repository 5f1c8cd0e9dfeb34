import numpy as np
import pytest

from physio_vad.synthetic.people import COURSE_RATE, LINKS, Person, latent_course


@pytest.fixture
def person():
    return Person.draw(np.random.default_rng(0))


def courses(n, duration, timescale):
    return np.array(
        [latent_course(duration, timescale, np.random.default_rng(seed)) for seed in range(n)]
    )


def test_latents_have_mean_0_and_variance_1_at_all_times_and_are_independent():
    many = courses(1500, 60.0, 20.0)
    assert many.shape == (1500, 241, 3)
    # 241 correlated times: bounds of about 4.5 standard errors.
    assert np.abs(many.mean(axis=0)).max() < 4.5 / np.sqrt(1500)
    assert np.abs(many.var(axis=0) - 1).max() < 4.5 * np.sqrt(2 / 1500)
    correlation = np.corrcoef(many[:, 100].T)
    assert np.abs(correlation[np.triu_indices(3, 1)]).max() < 4 / np.sqrt(1500)


@pytest.mark.parametrize("timescale", [5.0, 20.0])
def test_latents_change_over_the_timescale(timescale):
    many = courses(1500, 60.0, timescale)[..., 0]
    later = round(timescale * COURSE_RATE)
    assert np.mean(many[:, 0] * many[:, later]) == pytest.approx(np.exp(-0.5), abs=0.1)


def test_properties_follow_the_latents_in_the_direction_of_their_links(person):
    calm = np.zeros((400, 3))
    for target, column in (("valence", 0), ("arousal", 1), ("dominance", 2)):
        high = calm.copy()
        high[:, column] = 1.0
        before, after = person.properties(calm), person.properties(high)
        for name, link in LINKS.items():
            change = np.sign(after[name][-1] - before[name][-1])
            assert change == np.sign(getattr(link, target)), name


def test_properties_stay_within_their_limits(person):
    wild = 20 * latent_course(300.0, 20.0, np.random.default_rng(1))
    for name, values in person.properties(wild).items():
        low, high = LINKS[name].limits
        assert low <= values.min(), name
        assert values.max() <= high, name


def test_a_lag_delays_the_property_but_starts_at_rest(person):
    step = np.zeros((801, 3))
    step[400:, 1] = 1.0  # arousal rises after 100 s
    skin = person.properties(step)["temperature"]
    change = (skin - skin[0]) / (LINKS["temperature"].arousal * person.gains["temperature"])
    assert change[:400] == pytest.approx(0.0)
    assert change[400 + 80] == pytest.approx(1 - np.exp(-1), abs=0.01)  # one lag of 20 s later


def test_ratings_are_the_latents_on_the_persons_scale(person):
    latent = np.zeros((241, 3))
    latent[:, 0], latent[:, 2] = 0.5, 50.0
    ratings = person.rate(latent, 60.0, 0.0, np.random.default_rng(2))
    points = person.rating_offsets + person.rating_gains * [0.5, 0, 50]
    assert ratings.values.mean(axis=0) == pytest.approx(5 + 4 * np.tanh(points / 4), abs=0.1)
    assert ratings.values.max() <= 9
    assert ratings.starts.tolist() == list(range(60))


def test_late_ratings_are_those_of_earlier_feelings(person):
    latent = latent_course(60.0, 5.0, np.random.default_rng(3))
    at_once, late = (
        person.rate(latent, 60.0, lag, np.random.default_rng(4)).values for lag in (0.0, 3.0)
    )
    assert np.abs(late[3:] - at_once[:-3]).max() < 0.7  # the noise of rating
