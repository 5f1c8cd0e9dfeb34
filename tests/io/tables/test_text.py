import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts.write_columns import NAMES, eleven_values, write_text

from physio_vad.exceptions import ReadError
from physio_vad.io.tables.dialect import count_cells, sniff, split_cells
from physio_vad.io.tables.open import open_table
from physio_vad.io.tables.text import TextTable

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6)) | st.just(np.nan)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(*[numbers] * 3), min_size=2, max_size=6),
    dialect=st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ",")]),
    header=st.booleans(),
    bom=st.booleans(),
    packed=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    missing=st.sampled_from(["NaN", "nan", "NA", ""]),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_every_way_of_writing_reads_back_bit_for_bit(
    tmp_path_factory, rows, dialect, header, bom, packed, end, missing, encoding
):
    path = tmp_path_factory.mktemp("text") / ("a.csv.gz" if packed else "a.csv")
    values = np.array([[1.5, 2.5, 3.5], *rows])
    names = ("a", "b", "c") if header else None
    write_text(
        path,
        values,
        names,
        delimiter=dialect[0],
        decimal=dialect[1],
        bom=bom and encoding == "utf-8",
        end=end,
        missing=missing,
        encoding=encoding,
    )
    table = open_table(path)
    assert table.names == (None if names is None else list(names))
    np.testing.assert_array_equal(table.load([0, 1, 2])[0].T, values)


def test_numbers_are_parsed_exactly(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.normal(size=(2000, 3)) * 10.0 ** rng.integers(-20, 20, (2000, 3))
    write_text(tmp_path / "a.csv", values.tolist(), None)
    np.testing.assert_array_equal(open_table(tmp_path / "a.csv").load([2, 0])[0].T, values[:, ::-2])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows_far_beyond_what_the_first_lines_promise(tmp_path, end):
    long, short = ["0." + "1" * 60] * 1500, ["7,8", ",-1"] * 400_000
    text = end.join(["a,b", *(f"{cell},{cell}" for cell in long), *short])
    (tmp_path / "a.csv").write_text(text, newline="")
    values = open_table(tmp_path / "a.csv").load([0, 1])[0]
    assert values.shape == (2, 801_500)
    np.testing.assert_array_equal(values[:, :1500], float(long[0]))
    np.testing.assert_array_equal(values[0, 1500:], np.tile([7, np.nan], 400_000))
    np.testing.assert_array_equal(values[1, 1500:], np.tile([8, -1], 400_000))


def test_a_decimal_comma_far_down_is_found(tmp_path):
    values = [["1", "2"]] * 40_000 + [["1,5", "2"]]
    write_text(tmp_path / "a.csv", values, ["a", "b"], delimiter=";")
    assert open_table(tmp_path / "a.csv").load([0])[0][0, -1] == 1.5


@pytest.mark.parametrize("header", [NAMES, None])
def test_text_in_a_number_column_is_named_with_row_and_column(tmp_path, header):
    values = eleven_values(50).tolist()
    values[41][3] = "oops"
    write_text(tmp_path / "a.csv", values, header)
    column, line = ("GSR", 43) if header else ("number 4", 42)
    expected = rf"a\.csv: row 42 \(line {line}\): column {column} must be a number, got 'oops'"
    with pytest.raises(ReadError, match=expected):
        open_table(tmp_path / "a.csv").load(range(11))


@pytest.mark.parametrize(("change", "n_columns"), [(slice(0, 10), 10), (slice(0, 12), 12)])
def test_a_ragged_row_is_named(tmp_path, change, n_columns):
    values = eleven_values(50).tolist()
    values[7] = [*values[7], 1.0][change]
    write_text(tmp_path / "a.csv", values)
    with pytest.raises(ReadError, match=rf"row 8 \(line 9\): has {n_columns} columns, the first"):
        open_table(tmp_path / "a.csv").load(range(11))


def test_a_first_row_with_one_bad_cell_is_no_header(tmp_path):
    values = eleven_values(5).tolist()
    values[0][0] = "x"
    write_text(tmp_path / "a.csv", values, None)
    assert open_table(tmp_path / "a.csv").names is None


@pytest.mark.parametrize("data", [b"", b"\n\n", b"a,b\n", b"# nothing\n"])
def test_files_without_rows_are_named(tmp_path, data):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(ReadError, match=r"a\.csv: (is empty|has no rows of data)"):
        open_table(tmp_path / "a.csv").load([0])


def test_a_broken_gzip_is_named(tmp_path):
    path = write_text(tmp_path / "a.csv.gz", eleven_values(500))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ReadError, match=r"a\.csv\.gz: is no whole gzip file"):
        open_table(path).load([0])


def test_comments_quotes_and_latin_1():
    dialect = sniff('# from a device\n"skin °C";"EDA; µS"\n1,5;2\n'.encode("latin-1"), "a.csv")
    assert (dialect.skip, dialect.encoding, dialect.decimal) == (2, "latin-1", ",")
    assert dialect.names == ("skin °C", "EDA; µS")


def test_text_in_memory():
    from pathlib import Path

    table = TextTable(Path("a.zip/b.csv"), data=b"x,y\n1,one\n2,\n")
    values, texts = table.load([0], [1])
    assert values.tolist() == [[1, 2]]
    assert texts == [["one", None]]


def test_blanks_beside_the_delimiter_belong_to_no_cell(tmp_path):
    (tmp_path / "a.csv").write_text("x, who, film\n1, anna , rain\n2, ben, NA \n3, anna,  rain\n")
    values, (who, film) = open_table(tmp_path / "a.csv").load([0], [1, 2])
    assert (values.tolist(), who) == ([[1, 2, 3]], ["anna", "ben", "anna"])
    assert film == ["rain", None, "rain"]


@pytest.mark.parametrize("missing", ["-", "--", "-nan", " -", "1.#QNAN", "-1.#IND", " NA"])
def test_a_missing_value_that_begins_as_a_number_does_is_found_far_down(tmp_path, missing):
    rows = ["1.5,-2"] * 200_000
    rows[-2] = f"-2.5,{missing}"
    (tmp_path / "a.csv").write_text("a,b\n" + "\n".join(rows))
    values, _ = open_table(tmp_path / "a.csv").load([0, 1])
    assert np.flatnonzero(np.isnan(values[1])).tolist() == [len(rows) - 2]
    assert values[:, -3:][0].tolist() == [1.5, -2.5, 1.5]


@pytest.mark.parametrize(
    ("line", "delimiter", "n_cells"),
    [
        ("", ",", 1),
        ("1,2,", ",", 3),
        ('1,"2,5",3', ",", 3),
        (" 1  2 ", " ", 2),
        ("a\t\tb", "\t", 3),
    ],
)
def test_cells_are_counted_as_they_are_split(line, delimiter, n_cells):
    assert count_cells(line, delimiter) == len(split_cells(line, delimiter)) == n_cells


@pytest.mark.parametrize("suffix", ["parquet", "feather"])
def test_an_empty_file_of_arrow_is_called_so(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"")
    with pytest.raises(ReadError, match=rf"a\.{suffix}: is empty"):
        open_table(path)
    path.write_bytes(b"x")
    with pytest.raises(ReadError, match=rf"a\.{suffix}: is no {suffix} file"):
        open_table(path)
