"""Small files that want to become large, or to keep who reads them busy: one or more a layout."""

from __future__ import annotations

import gzip
import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

from physio_vad import io
from physio_vad.io.devices.live import frame

from . import (
    write_acq,
    write_bdf,
    write_case,
    write_ceap,
    write_columns,
    write_deap_original,
    write_e4,
    write_mahnob,
    write_matlab,
    write_opensignals,
    write_pickle,
    write_wesad,
    write_xdf,
)

Bomb = Callable[[Path, int], io.Reader]
"""Writes it to a folder, of a size that it wants to become, and gives the reader."""

BOMBS: dict[str, Bomb] = {}
_PIECE = 2**18
ELEVEN = io.ElevenColumnReader()
A_COLUMN = io.TableReader(
    columns={"a": {"modality": "eda", "unit": "uS"}}, sfreq=4, ignore=["*"], comment="#"
)


def bomb(write: Bomb) -> Bomb:
    BOMBS[write.__name__] = write
    return write


def pieces(part: bytes, size: int) -> Iterator[bytes]:
    piece = part * (_PIECE // len(part))
    for _ in range(size // len(piece) + 1):
        yield piece


def gz(path: Path, part: bytes, size: int, head: bytes = b"") -> None:
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(head)
        for piece in pieces(part, size):
            stream.write(piece)


# text


@bomb
def gzip_of_one_row(home, size):
    gz(home / "a.csv.gz", b"0,0,0,0,0,0,0,0,0,0,0\n", size)
    return ELEVEN


@bomb
def gzip_of_empty_lines(home, size):
    gz(home / "a.csv.gz", b"\n", size, b"a,b\n1,2\n")
    return A_COLUMN


@bomb
def gzip_that_must_be_cleaned(home, size):
    gz(home / "a.csv.gz", b"1;2\0\n", size, b"a;b\n1;2\n# c\n1;2\0\n")
    return A_COLUMN


@bomb
def gzip_of_one_endless_line(home, size):
    gz(home / "a.csv.gz", b"1,", size)
    return ELEVEN


@bomb
def times_that_jump(home, size):
    rows = np.column_stack([np.arange(400.0), np.ones(400)])
    rows[200:, 0] += size
    np.savetxt(home / "a.csv", rows, header="time_s,eda_uS", delimiter=",", comments="")
    return io.TableReader(columns={"eda_uS": {"modality": "eda", "unit": "uS"}}, time="time_s")


@bomb
def nested_json_beside(home, size):
    gz(home / "a.tsv.gz", b"1\t2\n", 4000)
    (home / "a.json").write_bytes(b"[" * (size // 64))
    return A_COLUMN


# arrays


@bomb
def npy_that_claims(home, size):
    np.save(home / "a.npy", write_columns.eleven_values(60))
    data = (home / "a.npy").read_bytes()
    (home / "a.npy").write_bytes(
        data.replace(b"(60, 11)", b"(%d, 11)" % size).replace(b" " * 9, b"", 1)
    )
    return ELEVEN


def mat_element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def mat(path: Path, flags: int, shape: tuple[int, int], kind: int, part: bytes, size: int) -> None:
    """Write one packed variable, whose data are a part again and again."""
    size = min(size, 2**31)
    n_bytes = sum(map(len, pieces(part, size)))
    head = mat_element(6, struct.pack("<II", flags, 0)) + mat_element(5, struct.pack("<ii", *shape))
    head += mat_element(1, b"data")
    head += b"" if kind == 14 else struct.pack("<II", kind, n_bytes)
    packer = zlib.compressobj(1)
    packed = packer.compress(struct.pack("<II", 14, len(head) + n_bytes) + head)
    packed += b"".join(map(packer.compress, pieces(part, size))) + packer.flush()
    name = b"MATLAB 5.0".ljust(124) + struct.pack("<H", 0x100) + b"IM"
    path.write_bytes(name + struct.pack("<II", 15, len(packed)) + packed)


def n_in(part: bytes, size: int) -> int:
    return sum(map(len, pieces(part, min(size, 2**31)))) // len(part)


@bomb
def mat_of_zeros(home, size):
    mat(home / "a.mat", 6, (n_in(b"\0" * 8, size) // 16, 16), 9, b"\0" * 8, size)
    return ELEVEN


@bomb
def mat_of_bytes_for_doubles(home, size):
    mat(home / "a.mat", 6, (n_in(b"\0", size // 8) // 16, 16), 2, b"\0", size // 8)
    return ELEVEN


@bomb
def mat_of_empty_cells(home, size):
    part = struct.pack("<II", 14, 0)
    mat(home / "a.mat", 1, (n_in(part, size // 16), 1), 14, part, size // 16)
    return ELEVEN


@bomb
def dreamer_of_empty_cells(home, size):
    mat_of_empty_cells(home, size)
    (home / "a.mat").rename(home / "DREAMER.mat")
    return io.DreamerReader()


@bomb
def amigos_of_zeros(home, size):
    write_matlab.write_amigos(home)
    path = next(home.glob("*.mat"))
    mat(path, 6, (n_in(b"\0" * 8, size) // 16, 16), 9, b"\0" * 8, size)
    return io.AmigosReader()


@bomb
def deap_of_zeros(home, size):
    mat(home / "s01.mat", 6, (n_in(b"\0" * 8, size) // 16, 16), 9, b"\0" * 8, size)
    return io.DeapReader()


# Arrow


@bomb
def parquet_of_one_value(home, size):
    rows = min(size // 88, 2**20)
    table = pa.table({name: np.zeros(rows) for name in write_columns.NAMES})
    with pq.ParquetWriter(home / "a.parquet", table.schema) as writer:
        for _ in range(size // 88 // rows + 1):
            writer.write_table(table)
    return ELEVEN


@bomb
def parquet_of_one_long_text(home, size):
    text, rows = "x" * 2**18, size // 2**18 + 1
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([text]))
    table = pa.table({"eda": np.zeros(rows), "person": column.cast(pa.string())
                      if rows < 100 else column})  # fmt: skip
    pq.write_table(table, home / "a.parquet", store_schema=False)
    return io.TableReader(
        columns={"eda": {"modality": "eda", "unit": "uS"}}, sfreq=4, subject="person"
    )


@bomb
def parquet_that_claims_rows(home, size):
    pq.write_table(
        pa.table({name: np.arange(1000.0) for name in write_columns.NAMES}), home / "a.parquet"
    )
    data = (home / "a.parquet").read_bytes()
    length = struct.unpack("<I", data[-8:-4])[0]
    footer = data[-8 - length : -8].replace(b"\xd0\x0f", b"\x80\xc0\xca\xf3\x84\xa3\x02")  # 10**13
    ending = struct.pack("<I", len(footer)) + b"PAR1"
    (home / "a.parquet").write_bytes(data[: -8 - length] + footer + ending)
    return ELEVEN


@bomb
def feather_of_one_value(home, size):
    rows = size // 88
    table = pa.table({name: np.zeros(rows) for name in write_columns.NAMES})
    pa.feather.write_feather(table, home / "a.feather", compression="zstd", chunksize=rows)
    return ELEVEN


@bomb
def feather_that_claims(home, size):
    table = pa.table({name: np.arange(9999.0) for name in write_columns.NAMES})
    pa.feather.write_feather(table, home / "a.feather", compression="zstd")
    data = (home / "a.feather").read_bytes()
    claim = struct.pack("<q", 9999 * 8)
    assert claim in data
    (home / "a.feather").write_bytes(data.replace(claim, struct.pack("<q", 2**45)))
    return ELEVEN


# Excel


def xlsx(path: Path, head: bytes, part: bytes, size: int) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["a", 1])
    book.save(path.with_name("whole.xlsx"))
    with (
        zipfile.ZipFile(path.with_name("whole.xlsx")) as whole,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed,
    ):
        for name in whole.namelist():
            with packed.open(name, "w", force_zip64=True) as stream:
                if name != "xl/worksheets/sheet1.xml":
                    stream.write(whole.read(name))
                    continue
                space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
                stream.write(b"<worksheet %b>%b<sheetData>" % (space, head))
                for piece in pieces(part, size):
                    stream.write(piece)
                stream.write(b"</sheetData></worksheet>")
    path.with_name("whole.xlsx").unlink()


@bomb
def excel_with_one_far_cell(home, size):
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    xlsx(home / "a.xlsx", b'<dimension ref="A1:XFD1048576"/>', far, 0)
    return ELEVEN


@bomb
def excel_of_one_row(home, size):
    xlsx(home / "a.xlsx", b"", b"<row><c><v>1</v></c></row>", size)
    return ELEVEN


# devices


def e4(home: Path, name: str, head: bytes, part: bytes, size: int) -> io.E4Reader:
    with zipfile.ZipFile(home / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for member, text in write_e4.e4_members(12).items():
            with packed.open(member, "w", force_zip64=True) as stream:
                stream.write(head if member == name else text.encode())
                for piece in pieces(part, size) if member == name else ():
                    stream.write(piece)
    return io.E4Reader(trials="tags")


@bomb
def e4_of_one_row(home, size):
    return e4(home, "ACC.csv", b"1600000000,1,1\n32,32,32\n", b"0,0,0\n", size)


@bomb
def e4_of_empty_tags(home, size):
    return e4(home, "tags.csv", b"1600000000\n", b"\n", size)


@bomb
def e4_of_one_tag(home, size):
    return e4(home, "tags.csv", b"1600000000\n", b"1\n", size)


@bomb
def e4_with_two_clocks(home, size):
    return e4(home, "EDA.csv", b"0\n4\n" + b"1\n" * 99, b" ", 0)


@bomb
def e4_with_a_far_beat(home, size):
    return e4(home, "IBI.csv", b"1600000000, IBI\n1.5,0.8\n1.5e308,0.8\n", b" ", 0)


@bomb
def opensignals_at_no_rate(home, size):
    path = write_opensignals.write_opensignals(home / "a.txt", n_rows=60)
    path.write_text(path.read_text().replace('"sampling rate": 1000', '"sampling rate": 1e-9'))
    return io.OpenSignalsReader()


@bomb
def opensignals_with_many_comments(home, size):
    path = write_opensignals.write_opensignals(home / "a.txt", n_rows=60)
    with path.open("a") as stream:
        for piece in pieces(b"# \n", size // 512):
            stream.write(piece.decode())
    return io.OpenSignalsReader()


def xdf(home: Path, header: bytes, samples: bytes) -> io.XdfReader:
    info = b"<info><name>a</name><type>EDA</type>%b<nominal_srate>4</nominal_srate></info>" % header
    me = struct.pack("<I", 1)
    (home / "a.xdf").write_bytes(
        b"XDF:" + write_xdf.chunk(2, me + info) + write_xdf.chunk(3, me + samples)
    )
    return io.XdfReader()


@bomb
def xdf_of_many_channels(home, size):
    header = b"<channel_count>4096</channel_count><channel_format>double64</channel_format>"
    count = size // 4096 // 8
    return xdf(home, header, b"\x04" + struct.pack("<I", count) + b"\0" * (count + 16))


@bomb
def xdf_of_empty_texts(home, size):
    header = b"<channel_count>1</channel_count><channel_format>string</channel_format>"
    count = size // 1024
    return xdf(home, header, b"\x04" + struct.pack("<I", count) + b"\0\x01\0" * count)


@bomb
def xdf_whose_clock_jumps(home, size):
    header = b"<channel_count>1</channel_count><channel_format>double64</channel_format>"
    rows = (struct.pack("<Bdd", 8, size * number, 1.0) for number in range(64))
    return xdf(home, header, b"\x04" + struct.pack("<I", 64) + b"".join(rows))


@bomb
def acq_of_endless_markers(home, size):
    path = home / "a.acq"
    write_acq.write_acq(path, {("EDA", "uS"): np.arange(300.0)}, 100.0)
    data = path.read_bytes()
    marks = struct.pack("<ii", 8 + 98_000, 2**31 - 1) + b"\0" * 98_000
    path.write_bytes(data[:-8] + marks)
    return io.AcqReader(channels={"EDA": io.Column("eda", "uS")})


@bomb
def acq_that_claims_samples(home, size):
    path = home / "a.acq"
    write_acq.write_acq(path, {("EDA", "uS"): np.arange(300.0)}, 100.0)
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<i", 300), struct.pack("<i", size // 8), 1))
    return io.AcqReader(channels={"EDA": io.Column("eda", "uS")})


@bomb
def bdf_of_one_fast_channel(home, size):
    """MNE brings all channels to the rate of the fastest."""
    n, rate = 32, size // 8 // 32
    path = write_bdf.write_bdf(home / "a.bdf", {f"A{i}": np.zeros(2) for i in range(n)}, 1)
    head = path.read_bytes()[: 256 * (n + 1)]
    place = 256 + n * (16 + 80 + 8 * 5 + 80)
    rates = b"".join(str(rate if i == 0 else 1).encode().ljust(8) for i in range(n))
    head = head[:236] + b"1".ljust(8) + head[244:place] + rates + head[place + 8 * n :]
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(len(head) + 3 * (rate + n - 1))
    return io.MneReader()


@bomb
def brainvision_of_many_marks(home, size):
    (home / "a.vhdr").write_text(
        "Brain Vision Data Exchange Header File Version 1.0\n[Common Infos]\nDataFile=a.eeg\n"
        "MarkerFile=a.vmrk\nDataFormat=BINARY\nDataOrientation=MULTIPLEXED\nNumberOfChannels=1\n"
        "SamplingInterval=10000\n[Binary Infos]\nBinaryFormat=INT_16\n[Channel Infos]\n"
        "Ch1=Fp1,,0.1,uV\n"
    )
    (home / "a.eeg").write_bytes(b"\0" * 2000)
    marks = "".join(f"Mk{n + 1}=Stimulus,S 1,{n % 999 + 1},1,0\n" for n in range(size // 2**14))
    head = "Brain Vision Data Exchange Marker File, Version 1.0\n[Marker Infos]\n"
    (home / "a.vmrk").write_text(head + marks)
    return io.MneReader(trial_start="*")


@bomb
def eeglab_of_empty_cells(home, size):
    mat_of_empty_cells(home, size)
    (home / "a.mat").rename(home / "a.set")
    return io.MneReader()


def live(home: Path, content: bytes, times: float = 0.0) -> io.LiveReader:
    sensor = {"modality": "eda", "sfreq": 4.0, "unit": "uS", "channels": ["0"]}
    note = {"subject": "a", "trial": "1", "start_time": 0.0, "sensors": [sensor]}
    (home / "live.json").write_text(json.dumps(note))
    (home / "eda.samples").write_bytes(content)
    return io.LiveReader()


@bomb
def live_of_empty_chunks(home, size):
    return live(home, frame(np.empty((1, 0)), np.zeros(1)) * (size // 1024))


@bomb
def live_whose_clock_jumps(home, size):
    one = np.ones((1, 4))
    return live(home, frame(one, np.zeros(1)) + frame(one, np.array([size / 8.0])))


# data sets


@bomb
def deap_pickle_that_encodes_one_text(home, size):
    text = b"X" + struct.pack("<I", size // 1024) + b"x" * (size // 1024) + b"q\x00"
    again = b"c_codecs\nencode\nh\x00X\x06\0\0\0latin1\x86Ra"
    (home / "s01.dat").write_bytes(b"\x80\x02]" + text + b"a" + again * 1024 + b".")
    return io.DeapReader()


@bomb
def deap_pickle_of_arrays_of_one_text(home, size):
    array = write_pickle.dumps(np.zeros(size // 1024, "i1"))[2:-1]
    begin = array.index(b"T" + struct.pack("<i", size // 1024))
    text = b"X" + struct.pack("<I", size // 1024) + b"x" * (size // 1024)
    one = array[:begin] + b"h\x00" + array[begin + 5 + size // 1024 :]
    (home / "s01.dat").write_bytes(b"\x80\x02]" + text + b"q\x00a" + (one + b"a") * 1024 + b".")
    return io.DeapReader()


@bomb
def wesad_pickle_that_encodes_one_text(home, size):
    write_wesad.write_wesad_pickle(home)
    deap_pickle_that_encodes_one_text(home, size)
    (home / "s01.dat").rename(home / "S2" / "S2.pkl")
    return io.WesadReader(files="pickle", device="wrist")


@bomb
def deap_original_of_one_fast_channel(home, size):
    write_deap_original.write_deap_original(home, sfreq=64)
    bdf_of_one_fast_channel(home, size)
    (home / "a.bdf").rename(next(home.rglob("s01.bdf")))
    return io.DeapReader(files="original")


@bomb
def mahnob_of_entities(home, size):
    session = write_mahnob.write_session(home, 4, seconds=2, margin=1, sfreq=64)
    laughs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    text = f'<!DOCTYPE a [<!ENTITY a0 "ha">{laughs}]><session>&a9;</session>'
    (session / "session.xml").write_text(text)
    return io.MahnobReader(margin=1)


@bomb
def mahnob_of_many_elements(home, size):
    session = write_mahnob.write_session(home, 4, seconds=2, margin=1, sfreq=64)
    (session / "session.xml").write_bytes(b"<a>" + b"".join(pieces(b"<b/>", size // 512)) + b"</a>")
    return io.MahnobReader(margin=1)


@bomb
def case_whose_clock_jumps(home, size):
    write_case.write_raw(home, seconds=1)
    path = next(home.rglob("sub1_DAQ.txt"))
    rows = path.read_text().splitlines()
    rows[-1] = f"{size}" + rows[-1][rows[-1].index("\t") :]
    path.write_text("\n".join(rows) + "\n")
    return io.CaseReader(files="raw")


@bomb
def ceap_of_empty_lists(home, size):
    write_ceap.write_person(home, videos=1, seconds=2)
    path = next(home.rglob("*RawData.json"))
    path.write_bytes(b'{"a":[{"b":[' + b"".join(pieces(b"[],", size // 32)) + b"[]]}]}")
    return io.CeapReader()


@bomb
def hku956_of_short_numbers(home, size):
    from .write_studies import hku956

    hku956(home)
    next(home.rglob("EDA/*.csv")).write_bytes(b"".join(pieces(b"1\n", size // 32)))
    return io.Hku956Reader()


def write(folder: Path, name: str, size: int) -> io.Reader:
    """Write a bomb to a folder of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return BOMBS[name](folder, size)
