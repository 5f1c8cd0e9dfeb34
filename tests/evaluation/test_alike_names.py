"""One person under two names is told of; people who are merely numbered are not."""

import pandas as pd
import pytest

from physio_vad.evaluation import check_leakage

ALIKE = [
    (["01", "1", "02", "3"], "'01' and '1'"),
    (["1", "1.0", "2"], "'1' and '1.0'"),
    (["P01", "P1", "P2"], "'P01' and 'P1'"),
    (["anna", "Anna", "ben"], "'Anna' and 'anna'"),
    (["anna", "anna ", "ben"], "'anna' and 'anna '"),
    (["S_01", "S01", "S02"], "'S01' and 'S_01'"),
    (["S01", "S02", "S05_1", "S05_2"], "'S05_1' and 'S05_2'"),
    (["S01", "S05 1", "S05 2"], "'S05 1' and 'S05 2'"),
    (["S_05_1", "S_05_2", "S_06"], "'S_05_1' and 'S_05_2'"),
    (["S01_rest", "S01_film", "S02"], "'S01_film' and 'S01_rest'"),
    (["S01", "S01_2", "S02"], "'S01' and 'S01_2'"),
    (["anna_1", "anna_2", "ben_1", "ben_2", "cleo_1", "cleo_2"], "'anna_1' and 'anna_2'; "),
]


def found_in(make_tables, names):
    X, y = make_tables(len(names))
    named = dict(zip(sorted(X.index.unique("subject")), names, strict=True))
    X, y = (one.rename(index=named, level="subject") for one in (X, y))
    return [one for one in check_leakage(X, y) if one.check == "alike_names"]


@pytest.mark.parametrize(("names", "told"), ALIKE)
def test_names_that_may_be_of_one_person(make_tables, names, told):
    (finding,) = found_in(make_tables, names)
    assert finding.level == "warning"
    assert told in finding.seen


@pytest.mark.parametrize(
    "names",
    [
        ["P1", "P2", "P10", "P11"],
        ["1", "10", "100", "2"],
        ["1_1", "11", "2_1"],
        ["P", "P0", "P1"],
        ["P_1", "P_2", "P_3", "P_4", "P_5"],
        ["sub-01", "sub-02", "sub-10"],
        ["male_1", "male_2", "female_1", "female_2"],
        ["site1_1", "site1_2", "site1_3", "site1_4", "site1_5", "site2_1", "site2_2"],
        ["anna", "ben", "annabel", "cleo"],
    ],
)
def test_people_who_are_numbered(make_tables, names):
    assert found_in(make_tables, names) == []


@pytest.mark.parametrize(
    ("n_people", "end"), [(3, "'P03' and 'P3'"), (4, "'P03' and 'P3' and 1 more")]
)
def test_three_people_are_named(make_tables, n_people, end):
    numbers = range(1, n_people + 1)
    (finding,) = found_in(make_tables, [f"P{zero}{n}" for n in numbers for zero in ("0", "")])
    assert finding.seen.endswith(f"'P01' and 'P1'; 'P02' and 'P2'; {end}")


@pytest.mark.parametrize(("n_files", "told"), [(4, True), (5, False)])
def test_a_person_may_be_four_files(make_tables, n_files, told):
    names = [f"S07_{number}" for number in range(n_files)]
    found = found_in(make_tables, [*names, "S08"])
    assert [one.seen.partition(": ")[2] for one in found] == [
        "'S07_0' and 'S07_1' and 'S07_2'"
    ] * told


def test_numbers_as_names(make_tables):
    X, y = make_tables(3)
    for table in (X, y):
        people = table.index.get_level_values("subject").str[1:].astype(int)
        table.index = pd.MultiIndex.from_arrays(
            [people, *(table.index.get_level_values(one) for one in ("trial", "window"))],
            names=table.index.names,
        )
    assert not [one for one in check_leakage(X, y) if one.check == "alike_names"]
