"""Text as devices and programs write it: where the table is, and how it is told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physio_vad.exceptions import ArgumentError, PhysioVadError, SkippedWarning
from physio_vad.io.tables.dialect import TextOptions, sniff
from physio_vad.io.tables.open import open_table
from physio_vad.io.tables.text import TextTable

ROWS = np.array([[0.0, 2.5, 33.0], [0.25, 2.6, 33.5], [0.5, 2.75, 34.0], [0.75, 2.5, 34.5]])


def lines(delimiter, end="", decimal="."):
    cells = ([f"{cell:.2f}".replace(".", decimal) for cell in row] for row in ROWS)
    return "".join(delimiter.join(row) + end + "\n" for row in cells)


TEXTS = {
    "title rows": "Study 7\nParticipant;12\n\nt;e;s\n" + lines(";"),
    "units below": "t,e,s\ns,uS,°C\n" + lines(","),
    "units in brackets": "t,e,s\n[s],[µS],[Deg C]\n" + lines(","),
    "names, kind and units": "t\te\ts\nCAL\tCAL\tCAL\nmSecs\tkOhms\tno units\n" + lines("\t"),
    "sep line": "sep=|\nt|e|s\n" + lines("|"),
    "sep line in quotes": '"sep=\t"\nt\te\ts\t\n' + lines("\t", "\t"),
    "rows end with a delimiter": "t,e,s\n" + lines(",", ","),
    "rows and names end with one": "t;e;s;\n" + lines(";", ";"),
    "names alone end with one": "t;e;s;\n" + lines(";"),
    "percent comments": "%Rate = 4 Hz\n%\n%a, b, c\nt, e, s\n" + lines(", "),
    "names in the last comment": "# from numpy\n# t e s\n" + lines(" "),
    "blanks to one width": "      t       e       s\n" + lines("    "),
    "row names of R": '"t" "e" "s"\n'
    + "".join(f'"{i}" {a} {b} {c}\n' for i, (a, b, c) in enumerate(ROWS, 1)),
    "decimal commas in quotes": '"t","e","s"\n'
    + lines('","', '"', ",").replace("\n", '\n"').join(['"', ""])[:-1],
    "decimal commas and tabs": "t\te\ts\n" + lines("\t", decimal=","),
    "decimal commas and blanks": "t e s\n" + lines(" ", decimal=","),
    "key=value lines": "rate=4\nsubject=P1\nt,e,s\n" + lines(","),
    "NUL bytes": "t,e,s\n" + lines(",").replace("0.25", "0.2\x005"),
    "repr of numpy": "t,e,s\n"
    + "".join(",".join(f"np.float64({cell})" for cell in row) + "\n" for row in ROWS),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("kind", TEXTS)
def test_the_table_is_found_in_any_text(tmp_path, kind, encoding):
    path = tmp_path / "a.txt"
    path.write_text(TEXTS[kind], encoding=encoding)
    table = open_table(path)
    first = kind == "row names of R"
    assert table.names[first:] == ["t", "e", "s"]
    values, _ = table.load([first + 0, first + 1, first + 2])
    np.testing.assert_array_equal(values.T, ROWS)


def test_a_row_of_units_is_kept_beside_the_names():
    table = TextTable("a.csv", data=b"time,eda,note\nms,uS,\n0,1.5,\n250,1.6,\n")
    assert (table.names, table.units) == (["time", "eda", "note"], ["ms", "uS", ""])


def test_names_that_stand_twice_take_the_line_below():
    text = b"Timestamp,GSR,GSR\nCAL,RAW,CAL\nms,no units,kOhms\n0,100,2\n1,101,3\n"
    dialect = sniff(text, "a.csv")
    assert dialect.names == ("Timestamp CAL", "GSR RAW", "GSR CAL")
    assert dialect.units == ("ms", "no units", "kOhms")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("# t e\n0 1.5\n1 1.6\n", ("t", "e")),
        ("# t,e,s\n0,1.5,3\n1,1.6,4\n", ("t", "e", "s")),
        ("# made by numpy\n0 1.5\n1 1.6\n", None),  # three words, two columns
        ("# a a\n0 1.5\n1 1.6\n", None),
        ("# rate= 4\n0 1.5\n1 1.6\n", None),
        ("# Rate: Hz\n0 1.5\n1 1.6\n", None),
        ("# 0 1\n0 1.5\n1 1.6\n", None),
        ("# eda\n1.5\n1.6\n", None),  # of one word it is not known
    ],
)
def test_names_in_a_comment_are_those_of_all_columns(text, names):
    found = sniff(text.encode(), "a.txt")
    assert (found.names if found.header else None) == names


@pytest.mark.parametrize("missing", ["-", "--", " ", "  ", "NA", " NA", "null", "", "#N/A", " -"])
def test_what_stands_for_a_missing_value(missing):
    table = TextTable("a.csv", data=f"a,b\n1,2\n{missing},3\n4,{missing}\n5,6\n".encode())
    expected = [[1, np.nan, 4, 5], [2, 3, np.nan, 6]]
    np.testing.assert_array_equal(table.load([0, 1])[0], expected)


def test_comments_and_ends_of_rows_further_down_are_no_rows(tmp_path):
    rows = [f"{i},{i / 2}" for i in range(20_000)]
    rows[15_000] += ","
    rows.insert(17_000, "# the battery was changed")
    (tmp_path / "a.csv").write_text("a,b\n" + "\n".join(rows))
    values = open_table(tmp_path / "a.csv").load([1, 0])[0]
    np.testing.assert_array_equal(values, [np.arange(20_000) / 2, np.arange(20_000)])


def test_options_override_what_is_found():
    text = b"7;8\n1,5;2,5\nx;y\nms;uS\n3;4\n5;6\n"
    found = sniff(text, "a.csv", TextOptions(header_row=3, units_row=4))
    assert (found.names, found.units, found.skip) == (("x", "y"), ("ms", "uS"), 4)
    assert sniff(b"1,2;3,4\n5,6;7,8\n", "a", TextOptions(delimiter=",")).width == 3
    assert sniff(b"! note\na,b\n1,2\n", "a", TextOptions(comment="!")).names == ("a", "b")
    assert sniff(b"9,9\na,b\n1,2\n", "a", TextOptions(skip=1)).names == ("a", "b")
    assert not sniff(b"a,b\n1,2\n", "a", TextOptions(header_row=0)).header
    for wrong in ({"delimiter": "/"}, {"skip": -1}, {"header_row": "two"}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            TextOptions(**wrong)


def test_what_was_found_is_said_in_one_line():
    said = sniff("Titel\nt;e\ns;uS\n0,5;1\n1,5;2\n".encode("utf-16"), "a").describe()
    assert said == (
        "';' between cells, decimal comma, utf-16, names in the header, a row of units, rows from "
        "line 4"
    )


def test_names_and_rate_from_the_json_beside(tmp_path):
    (tmp_path / "x.tsv").write_text("1.5\t33\n1.6\t34\n")
    (tmp_path / "x.json").write_text(
        '{"SamplingFrequency": 8, "Columns": ["eda", "skin"], "eda": {"Units": "uS"}}'
    )
    table = open_table(tmp_path / "x.tsv")
    assert (table.names, table.units, table.sfreq) == (["eda", "skin"], ["uS", ""], 8.0)


def test_excel_is_read_as_the_text_that_it_holds(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["Study 7"], ["time", "eda"], [0, 1.5], [0.25, None], [0.5, 1.75]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    table = open_table(tmp_path / "a.xlsx")
    assert table.names == ["time", "eda"]
    np.testing.assert_array_equal(table.load([0, 1])[0], [[0, 0.25, 0.5], [1.5, np.nan, 1.75]])


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("a,b,c", ["a", "b", "c"]),
        ("a,b,c,", ["a", "b", "c"]),
        ("b,c", ["", "b", "c"]),  # rows begin with their own name
        ("a,b,c,d", None),  # nobody knows which of them these are
        ("a,b,c,,", None),
        ("7,8", None),
    ],
)
def test_a_header_of_another_width_than_its_rows(tmp_path, header, names):
    (tmp_path / "a.csv").write_text(f"{header}\n" + "1.5,2.5,3.5\n" * 20)
    assert open_table(tmp_path / "a.csv").names == names


def test_of_several_sheets_the_longest_is_read_and_the_others_are_told_of(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["who", "what"])
    book.active.append(["P1", "late"])
    data = book.create_sheet("Data")
    for row in (["eda"], [1.5], [1.75], [2]):
        data.append(row)
    book.create_sheet("Empty")
    book.create_sheet("Title").append(["A study"])
    book.save(tmp_path / "a.xlsx")
    said = r"a\.xlsx: only its longest sheet, 'Data', is read, not 'Notes'$"
    with pytest.warns(SkippedWarning, match=said):
        table = open_table(tmp_path / "a.xlsx")
    assert table.load([0])[0].tolist() == [[1.5, 1.75, 2]]


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(alphabet="0123456789.,;|\t\n\r \"'#%-+eEnaXµ\0:/=()", max_size=400),
    name=st.sampled_from(["a.csv", "a.tsv", "a.txt"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "latin-1"]),
)
def test_any_text_is_read_or_refused_by_an_error_of_ours(tmp_path_factory, text, name, encoding):
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes(text.encode(encoding))
    try:
        table = open_table(path)
        values, texts = table.load(range(table.n_columns - 1), [table.n_columns - 1])
    except PhysioVadError:
        return
    assert values.shape == (table.n_columns - 1, len(texts[0]))


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=300),
    at=st.integers(0, 60),
)
def test_any_bytes_in_a_table_are_read_or_refused(tmp_path_factory, data, at):
    good = TEXTS["units below"].encode()
    path = tmp_path_factory.mktemp("fuzz") / "a.csv"
    path.write_bytes(good[:at] + data + good[at:])
    try:
        table = open_table(path)
        table.load(range(table.n_columns))
    except PhysioVadError:
        return


@pytest.mark.parametrize(("numbers", "is_word"), [(2, True), (3, False)])
def test_a_column_is_one_of_words_where_half_of_the_lower_rows_are(numbers, is_word):
    """Of eight rows, names and all, the last four count."""
    lower = ["a", "b", "c", "d"]
    lower[4 - numbers :] = [str(number) for number in range(numbers)]
    cells = ["1"] * 3 + lower
    text = "t,x\n" + "".join(f"{row},{cell}\n" for row, cell in enumerate(cells))
    assert sniff(text.encode(), "a.csv").words == (frozenset({1}) if is_word else frozenset())


@pytest.mark.parametrize(
    ("below", "are_units"), [("ms,uS,C,wrist", False), ("ms,uS,C,mV", True), ("ms,uS,,", True)]
)
def test_a_row_of_units_has_more_than_three_of_them_in_four_words(below, are_units):
    text = f"time,eda,skin,more\n{below}\n" + "0,1,2,3\n1,2,3,4\n"
    dialect = sniff(text.encode(), "a.csv")
    names = ("time", "eda", "skin", "more")
    assert dialect.names == (names if are_units else tuple(below.split(",")))
    assert dialect.skip == 2


@pytest.mark.parametrize(("n_between", "first"), [(3, 0), (4, 5)])
def test_a_line_above_is_a_row_if_seven_of_ten_from_it_on_are(n_between, first):
    """A line of a preamble may have as many commas as the table."""
    text = "9,9,9\n" + "note\n" * n_between + "".join(f"{row},1,2\n" for row in range(12))
    assert sniff(text.encode(), "a.csv").skip == first


@pytest.mark.parametrize(("n_numbers", "delimiter"), [(2, ","), (3, " ")])
def test_blanks_part_cells_where_most_words_are_numbers(n_numbers, delimiter):
    words = ["a"] * (4 - n_numbers) + [str(number) for number in range(n_numbers)]
    text = "".join(" ".join(words) + "\n" for _ in range(8))
    assert sniff(text.encode(), "a.csv").delimiter == delimiter


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "latin-1", "utf-8"])
def test_encodings_without_a_mark(encoding):
    text = "zeit,überall\n" + "".join(f"{row},{row + 1}\n" for row in range(20))
    dialect = sniff(text.encode(encoding), "a.csv")
    assert dialect.names == ("zeit", "überall")
    assert dialect.encoding == encoding
