"""Headers of EDF and BDF files, and when their records begin."""

import numpy as np
import pytest

from physio_vad.exceptions import ReadError
from physio_vad.io.formats.edf import read_edf_header, record_starts

WIDTHS = (
    ("label", 16),
    (None, 80),
    ("unit", 8),
    (None, 32),
    (None, 80),
    ("samples", 8),
    (None, 32),
)


def write(path, onsets, *, bdf=False, seconds=1.0, kind="EDF+D", last=True):
    """Records of an EEG of 8 samples, an EDA of 2 and annotations of 10, wherever these stand."""
    marks = ("BDF" if bdf else "EDF") + " Annotations"
    rows = [("EEG F3", "uV", 8), ("GSR", "uS", 2)]
    rows.insert(2 if last else 1, (marks, "", 10))
    size, n_header = 3 if bdf else 2, 256 * (1 + len(rows))
    fields = (("", 8), ("", 80), ("", 80), ("", 8), ("", 8), (n_header, 8), (kind, 44))
    fields += ((len(onsets), 8), (seconds, 8), (len(rows), 4))
    head = "".join(str(text).ljust(width) for text, width in fields)
    for name, width in WIDTHS:
        place = {"label": 0, "unit": 1, "samples": 2}.get(name)
        head += "".join(("" if place is None else str(one[place])).ljust(width) for one in rows)
    content = (b"\xff" if bdf else b"0") + head.encode()[1:]
    for onset in onsets:
        for label, _, n_samples in rows:
            text = onset.encode() if label == marks else b"+9\x14\x14"  # samples say nothing
            content += text.ljust(n_samples * size, b"\0")
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("bdf", [False, True])
@pytest.mark.parametrize("last", [False, True])
def test_records_say_when_they_begin(tmp_path, bdf, last):
    path = write(tmp_path / "a.edf", [f"+{x}\x14\x14" for x in (5, 6, 9.5)], bdf=bdf, last=last)
    header = read_edf_header(path)
    assert (header.n_bytes, header.first) == (20 * (2 + bdf), 1024)
    assert (header.seconds, header.interrupted) == (1, True)
    assert (header.units["EEG F3"], header.units["GSR"]) == ("uV", "uS")
    assert record_starts(path, header).tolist() == [0, 1, 4.5]


@pytest.mark.parametrize(
    ("second", "fits"), [(2.0, True), (1.9995, True), (1.99, False), (0, False)]
)
def test_records_may_not_overlap(tmp_path, second, fits):
    path = write(tmp_path / "a.edf", ["+0\x14\x14", f"+{second}\x14\x14"], seconds=2.0)
    header = read_edf_header(path)
    if fits:
        np.testing.assert_allclose(record_starts(path, header), [0, second])
        return
    with pytest.raises(ReadError, match=r"a\.edf: its records overlap or do not ascend"):
        record_starts(path, header)


def test_what_does_not_say_when_it_begins_is_named(tmp_path):
    path = write(tmp_path / "a.edf", ["+0\x14\x14", "x", "+2\x14\x14"])
    with pytest.raises(ReadError, match="record 2 does not say when it begins"):
        record_starts(path, read_edf_header(path))
    path.write_bytes(path.read_bytes().replace(b"EDF Annotations", b"EDF annotations"))
    with pytest.raises(ReadError, match="has no annotations that time its records"):
        record_starts(path, read_edf_header(path))
    assert not read_edf_header(write(path, [], kind="EDF+C")).interrupted
    path.write_bytes(path.read_bytes()[:252] + b"many")
    with pytest.raises(ReadError, match="its header is damaged"):
        read_edf_header(path)
