import pytest

from skcrowd.exceptions import CrowdWarning
from skcrowd.io._csv_rows import read_columns, read_rows

TABLE = 'item,text,label\n1,"a, ""b""\n\U0001f600",yes\n2,,no\n'
ROWS = [
    {"item": "1", "text": 'a, "b"\n\U0001f600', "label": "yes"},
    {"item": "2", "text": "", "label": "no"},
]


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "answers.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_rows(tmp_path, encoding):
    path = write(tmp_path, TABLE, encoding)
    assert [record.data for record in read_rows(path)] == ROWS
    assert read_columns(path) == ["item", "text", "label"]


def test_windows_line_ends(tmp_path):
    path = write(tmp_path, "item,label\r\n1,yes\r\n\r\n2,no\r\n")
    rows = [record.data for record in read_rows(path)]
    assert rows == [{"item": "1", "label": "yes"}, {"item": "2", "label": "no"}]


@pytest.mark.parametrize("delimiter", "\t,;")
def test_delimiters(tmp_path, delimiter):
    path = write(tmp_path, "item,label\n1,yes\n".replace(",", delimiter))
    assert [r.data for r in read_rows(path)] == [{"item": "1", "label": "yes"}]


def test_long_fields(tmp_path):
    path = write(tmp_path, f"item,label\n1,{'x' * 300_000}\n")
    assert len(next(read_rows(path)).data["label"]) == 300_000


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("item,label\n", "no row"),
        ("item,item\n1,2\n", "several columns 'item'"),
        ("7;1;1\n8;1;0\n", "several columns '1', a number: its first line is no hea"),
        ("a,b,,\n1,2,,\n3,4,,5\n", r"row 2 .* has '5' in column 4, one of several"),
        ("item,label\n1,yes\n2\n", r"row 2 \(line 3\) has 1 fields"),
        ("item,label\n1,yes,no\n", r"row 1 \(line 2\) has 3 fields"),
    ],
)
def test_malformed_tables(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        list(read_rows(write(tmp_path, text)))


def test_several_columns_without_a_name_are_left_out(tmp_path):
    path = write(tmp_path, "item,label,,\n1,yes,, \n2,no,,\n")
    assert read_columns(path) == ["item", "label"]
    rows = [record.data for record in read_rows(path)]
    assert rows == [{"item": "1", "label": "yes"}, {"item": "2", "label": "no"}]


def test_one_column_without_a_name_is_kept(tmp_path):
    path = write(tmp_path, ",item\n0,a\n")
    assert read_columns(path) == ["", "item"]
    assert [record.data for record in read_rows(path)] == [{"": "0", "item": "a"}]


def test_only_paths(tmp_path):
    with pytest.raises(TypeError, match="expected a path"):
        list(read_rows({"item": [1]}))


ITEM_LABEL = [{"item": "1", "label": "yes"}, {"item": "2", "label": "no"}]


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nitem;label\n1;yes\n2;no\n",
        "SEP=,\r\nitem,label\r\n1,yes\r\n2,no\r\n",
        "item|label\n1|yes\n2|no\n",
        "item,label\n1,yes\n,\n , \n2,no\n,\n",
    ],
)
def test_how_spreadsheets_and_databases_write_rows(tmp_path, text):
    path = write(tmp_path, text)
    assert [record.data for record in read_rows(path)] == ITEM_LABEL
    assert read_columns(path) == ["item", "label"]


def test_delimiters_in_quoted_names_of_columns_do_not_count(tmp_path):
    path = write(tmp_path, 'item;"mood (good, bad, none)"\n1;good\n')
    assert read_columns(path) == ["item", "mood (good, bad, none)"]


def test_repeated_headers_are_left_out(tmp_path):
    path = write(tmp_path, "item,label\n1,yes\nitem,label\n2,no\n")
    with pytest.warns(CrowdWarning, match=r"repeats its header \(1 times\)"):
        assert [record.data for record in read_rows(path)] == ITEM_LABEL
