import json
import tracemalloc

import pytest

from skcrowd.io._json_records import CHUNK, read_records

RECORDS = [{"id": k, "text": f"número {k} \U0001f600\r\n"} for k in range(5)]


def as_lines(records):
    return "\n".join(json.dumps(r, ensure_ascii=False) for r in records)


TEXTS = {
    "lines": as_lines(RECORDS),
    "lines that end": as_lines(RECORDS) + "\n",
    "windows": as_lines(RECORDS).replace("\n", "\r\n"),
    "blank lines": as_lines(RECORDS).replace("\n", "\n\n \n"),
    "array": json.dumps(RECORDS),
    "pretty array": json.dumps(RECORDS, indent=4),
    "pretty objects": "\n".join(json.dumps(r, indent=2) for r in RECORDS),
}


def write(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "export.json"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_layout_is_read(tmp_path, text, encoding):
    path = write(tmp_path, text, encoding)
    assert [record.data for record in read_records(path)] == RECORDS


def test_records_are_numbered_and_located(tmp_path):
    records = list(read_records(write(tmp_path, TEXTS["pretty objects"])))
    assert [r.number for r in records] == [1, 2, 3, 4, 5]
    assert records[1].where == "export.json, record 2 (line 5)"
    assert records[0].source == "export"


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_record_may_be_cut_anywhere(tmp_path, monkeypatch, text, chunk):
    monkeypatch.setattr("skcrowd.io._json_records.CHUNK", chunk)
    records = [record.data for record in read_records(write(tmp_path, text))]
    assert records == RECORDS


def test_records_longer_than_a_chunk(tmp_path):
    long = [{"text": "x" * 3 * CHUNK}, {"text": 'y\\"' * CHUNK}]
    records = read_records(write(tmp_path, json.dumps(long)))
    assert [record.data for record in records] == long


def test_a_truncated_array_is_an_error(tmp_path):
    for cut in range(1, len(TEXTS["array"])):
        path = write(tmp_path, TEXTS["array"][:cut])
        with pytest.raises(ValueError, match=r"record \d+ \(line 1\)"):
            list(read_records(path))


def test_a_truncated_last_line_is_an_error(tmp_path):
    path = write(tmp_path, TEXTS["lines"][:-5])
    with pytest.raises(ValueError, match=r"record 5 \(line 5\): .*truncated"):
        list(read_records(path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no record"),
        (" \n", "holds no record"),
        ("[]", "holds no record"),
        ('{"a": 1}\n{"a": }', r"record 2 \(line 2\): it is no JSON"),
        ('[{"a": 1} {"a": 2}]', "a comma is missing"),
        ('[{"a": 1}] x', "something follows the end"),
        ('[{"a": 1}, 3]', "record 2 .* is a int"),
        ("[" * 100_000, "nested too deeply|truncated"),
        ("item,label\n1,2", "no JSON"),
    ],
)
def test_malformed_files(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        list(read_records(write(tmp_path, text)))


def test_an_early_error_is_found_without_reading_on(tmp_path):
    text = '{"a": 1}\n{"a": x}\n' + '{"b": "' + "y" * 20 * CHUNK + '"}'
    seen = []
    with pytest.raises(ValueError, match="record 2"):
        list(read_records(write(tmp_path, text), lambda done, total: seen.append(done)))
    assert seen[-1] < len(text) / 2


def test_other_encodings_are_refused(tmp_path):
    path = write(tmp_path, '{"text": "caf\u00e9"}', "latin-1")
    with pytest.raises(ValueError, match=r"is not utf-8.*0xe9"):
        list(read_records(path))


def test_progress(tmp_path, capsys):
    path = write(tmp_path, as_lines([{"text": "x" * 5000}] * 500))
    seen = []
    list(read_records(path, lambda done, total: seen.append((done, total))))
    done = [one for one, _ in seen]
    assert done == sorted(done)
    assert len(set(done)) > 5
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
    list(read_records(path, True))
    assert "export.json: 100%" in capsys.readouterr().err


def test_memory_does_not_grow_with_the_file(tmp_path):
    peaks = []
    for n in (20, 200):
        path = write(tmp_path, as_lines([{"text": "x" * 100_000}] * n))
        tracemalloc.start()
        for _ in read_records(path):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]
    assert peaks[1] < path.stat().st_size / 4


def test_iterables_and_several_files(tmp_path):
    assert [r.data for r in read_records(iter(RECORDS))] == RECORDS
    path = write(tmp_path, TEXTS["array"])
    assert [r.data for r in read_records([path, str(path)])] == RECORDS * 2
    with pytest.raises(TypeError, match="an export is a path"):
        list(read_records(3))
    with pytest.raises(ValueError, match="record 1 is a str"):
        list(read_records(iter("ab")))
