"""Small files as devices and their apps write them, after genuine ones."""

from __future__ import annotations

import datetime
import gzip
import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import fastavro
import numpy as np
from scipy.io import savemat

START = 1_600_000_000.0
"""Seconds since 1970, 2020-09-13 12:26:40 UTC."""
PLACES = ("AF3", "F7", "F3", "FC5", "T7", "P7", "O1", "O2", "P8", "T8", "FC6", "F4", "F8", "AF4")


def iso(seconds: float, mark: str = " ") -> str:
    """Write a time as apps do, without a zone."""
    moment = datetime.datetime.fromtimestamp(round(seconds, 3), datetime.UTC)
    return moment.strftime(f"%Y-%m-%d{mark}%H:%M:%S.%f")[:-3]


def write_lines(path: Path, lines: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, ""]))
    return path


def in_bursts(n_rows: int, sfreq: float, each: int = 12) -> np.ndarray:
    """Stamps of rows that come so many at once, a millisecond apart."""
    rows = np.arange(n_rows)
    return (rows // each) * each / sfreq + 0.001 * (rows % each)


def write_mind_monitor(
    path: Path, eeg: np.ndarray, sfreq: float = 256.0, start: float = START
) -> Path:
    """39 names above rows of 38 cells; every 500th row says that the person blinked."""
    bands = [f"{band}_{place}" for band in ("Delta", "Theta") for place in ("TP9", "AF7")]
    names = ["TimeStamp", *bands, "RAW_TP9", "RAW_AF7", "RAW_AF8", "RAW_TP10", "AUX_RIGHT"]
    names += [f"Accelerometer_{axis}" for axis in "XYZ"] + ["HeadBandOn", "Battery", "Elements"]
    stamps = start + in_bursts(eeg.shape[1], sfreq, 12 if sfreq > 50 else 1)
    lines = [",".join(names)]
    lines.append(f"{iso(start - 0.2)}{',' * (len(names) - 1)}/muse/event/connected Muse-1234")
    for row, stamp in enumerate(stamps):
        cells = [iso(stamp), *["0.5"] * 4, *(f"{one:.4f}" for one in eeg[:, row]), "800.1"]
        lines.append(",".join([*cells, "0.01", "0.02", "0.98", "1", "99.5"]))
        if row % 500 == 499:
            lines.append(f"{iso(stamp + 0.004)}{',' * (len(names) - 1)}/muse/elements/blink")
    return write_lines(path, lines)


def write_muse_lsl(path: Path, eeg: np.ndarray, sfreq: float = 256.0) -> Path:
    lines = ["timestamps,TP9,AF7,AF8,TP10,Right AUX"]
    for row in range(eeg.shape[1]):
        cells = ",".join(f"{one:.3f}" for one in eeg[:, row])
        lines.append(f"{START + row / sfreq:.3f},{cells},0.000")
    return write_lines(path, lines)


def write_openbci(path: Path, eeg: np.ndarray, *, named: bool, lost: Sequence[int] = ()) -> Path:
    """Eight channels at 250 Hz; rows that were lost are missing, but counted."""
    n_rows = eeg.shape[1]
    head = ["%OpenBCI Raw EEG Data", "%", "%Sample Rate = 250.0 Hz", "%First Column = SampleIndex"]
    head += ["%Last Column = Timestamp ", "%Other Columns = EEG data in microvolts ..."]
    if named:
        head = ["%OpenBCI Raw EXG Data", "%Number of channels = 8", "%Sample Rate = 250 Hz"]
        names = ["Sample Index", *(f"EXG Channel {i}" for i in range(8))]
        names += [f"Accel Channel {i}" for i in range(3)] + ["Not Used", "Other", "Other"]
        head += ["%Board = OpenBCI_GUI$BoardCytonSerial"]
        head += [", ".join([*names, "Timestamp", "Marker Channel", "Timestamp (Formatted)"])]
    lines, stamps = head, START + in_bursts(n_rows, 250.0, 10)
    for row in range(n_rows):
        if row in lost:
            continue
        cells = [str(row % 256), *(f"{one:.2f}" for one in eeg[:, row])]
        moving = row % 10 == 0 or named
        cells += ["0.010", "0.020", "0.980"] if moving else ["0.000"] * 3
        text = iso(stamps[row])
        if named:
            marker = "7.0" if 1000 <= row < 1010 else "0.0"
            cells += ["0.0", "64.0", "0.0", f"{stamps[row]:.6f}", marker, text]
        else:
            cells.append(text.split(" ")[1])
        lines.append(", ".join(cells))
    return write_lines(path, lines)


def write_emotiv(path: Path, eeg: np.ndarray, sfreq: float = 128.0) -> Path:
    """Fourteen channels with band powers every 16th row, as EmotivPRO exports them."""
    told = "title:a,start timestamp:1600000000,headset type:EPOCX,sampling:eeg_128;mot_64"
    names = ["Timestamp", "EEG.Counter", "EEG.Interpolated", *(f"EEG.{one}" for one in PLACES)]
    names += ["EEG.RawCq", "EEG.Battery", "MarkerIndex", "MarkerType", "MarkerValueInt"]
    names += ["EEG.MarkerHardware", "CQ.AF3", "POW.AF3.Theta", "PM.Stress.Scaled", "MOT.AccX"]
    lines = [told, ",".join(names)]
    for row in range(eeg.shape[1]):
        cells = [f"{START + row / sfreq:.6f}", str(row % 128), "0"]
        cells += [f"{one:.6f}" for one in eeg[:, row]] + ["120", "4"]
        cells += ["1", "1", "5", "0"] if row == 256 else ["", "", "", "0"]
        cells += ["4.0", "1.5" if row % 16 == 0 else "", "", "0.2" if row % 2 == 0 else ""]
        lines.append(",".join(cells))
    return write_lines(path, lines)


def write_shimmer(
    path: Path,
    signals: Mapping[str, tuple[str, np.ndarray]],
    sfreq: float = 128.0,
    *,
    delimiter: str = "\t",
    start: float = START,
    device: str = "Shimmer_40AC",
) -> Path:
    """Columns with their units below, and a delimiter at the end of each row."""
    names = [f"{device}_{name}" for name in ("Timestamp_Unix_CAL", *signals)]
    units = ["ms", *(unit for unit, _ in signals.values())]
    lines = [f'"sep={delimiter}"']
    lines += ["".join(f"{one}{delimiter}" for one in row) for row in (names, units)]
    rows = np.array([values for _, values in signals.values()]).T
    for row, values in enumerate(rows):
        stamp = np.format_float_scientific(round(1000 * (start + row / sfreq)), exp_digits=1)
        cells = [stamp.replace("e+", "E"), *(repr(float(one)) for one in values)]
        lines.append("".join(f"{one}{delimiter}" for one in cells))
    return write_lines(path, lines)


def write_polar(
    folder: Path,
    ecg: np.ndarray,
    *,
    rr: np.ndarray,
    start: float = START,
    device: str = "Polar_H10_12345678_20200913_122640",
) -> Path:
    """ECG at 130 Hz in bursts by the phone's clock, acceleration at 50 Hz, beats, heart rate."""
    zero = 599_626_033_657_400_832
    ecg_lines = ["Phone timestamp;sensor timestamp [ns];timestamp [ms];ecg [uV]"]
    stamps = start + in_bursts(len(ecg), 130.0, 73)
    for row, (stamp, value) in enumerate(zip(stamps, ecg, strict=True)):
        sensor = zero + round(row * 1e9 / 130)
        ecg_lines.append(f"{iso(stamp, 'T')};{sensor};{1000 * row / 130:.1f};{round(value)}")
    write_lines(folder / f"{device}_ECG.txt", ecg_lines)
    acc_lines = ["Phone timestamp;sensor timestamp [ns];X [mg];Y [mg];Z [mg]"]
    for row in range(round(50 * len(ecg) / 130)):
        acc_lines.append(f"{iso(start + row / 50, 'T')};{zero + row * 20_000_000};276;44;957")
    write_lines(folder / f"{device}_ACC.txt", acc_lines)
    beats = zip(itertools.accumulate(rr / 1000), rr, strict=True)
    rr_lines = [f"{iso(start + time, 'T')};{round(one)}" for time, one in beats]
    write_lines(folder / f"{device}_RR.txt", ["Phone timestamp;RR-interval [ms]", *rr_lines])
    hr = ["Phone timestamp;HR [bpm];HRV [ms];Breathing interval [rpm];", f"{iso(start, 'T')};64"]
    write_lines(folder / f"{device}_HR.txt", hr)
    return folder


def write_garmin(folder: Path, rr: np.ndarray, n_rows: int = 250, start: float = START) -> Path:
    """Intervals among steps and calories, acceleration at 25 Hz, both without a header."""
    zone = "+02:00"
    data = [f"{iso(start + 7200, 'T')}{zone};STEPS;299.0"]
    for time, one in zip(itertools.accumulate(rr / 1000), rr, strict=True):
        data.append(f"{iso(start + 7200 + time, 'T')}{zone};HEART_RATE_VARIABILITY;{one:.1f}")
        data.append(f"{iso(start + 7200 + time, 'T')}{zone};HEART_RATE;{60000 / one:.1f}")
    write_lines(folder / "data.csv", data)
    rows = [f"{iso(start + 7200 + row / 25, 'T')}{zone};-36;620;-824" for row in range(n_rows)]
    write_lines(folder / "acc.csv", rows)
    return folder


def _record(name: str, **fields: object) -> dict[str, object]:
    return {
        "type": "record",
        "name": f"empatica.format.avro.{name}",
        "fields": [{"name": key, "type": kind} for key, kind in fields.items()],
    }


FLOATS = {"type": "array", "items": "float"}
SENSOR = {"timestampStart": "long", "samplingFrequency": "float"}
IMU = _record("Imu", physicalMin="int", physicalMax="int", digitalMin="int", digitalMax="int")
AXES = {axis: {"type": "array", "items": "int"} for axis in "xyz"}
SCHEMA = _record(
    "Session",
    deviceModel="string",
    rawData=_record(
        "RawData",
        accelerometer=_record("Motion", **SENSOR, imuParams=IMU, **AXES),
        eda=_record("Eda", **SENSOR, values=FLOATS),
        temperature=_record("Temperature", **SENSOR, values=FLOATS),
        bvp=_record("Bvp", **SENSOR, values=FLOATS),
        tags=_record("Tags", tagsTimeMicros={"type": "array", "items": "long"}),
    ),
)


def write_embraceplus(
    path: Path,
    bvp: np.ndarray,
    *,
    eda: np.ndarray,
    temperature: np.ndarray,
    start: float = START,
    tags: Sequence[float] = (),
) -> Path:
    """One AVRO file: 64, 4 and 1 Hz, and a still wrist with gravity along z."""
    micros = round(1e6 * start)

    def sensor(sfreq: float, values: np.ndarray) -> dict[str, object]:
        return {
            "timestampStart": micros,
            "samplingFrequency": sfreq,
            "values": [float(one) for one in values],
        }

    still = {"x": [0] * len(bvp), "y": [0] * len(bvp), "z": [2048] * len(bvp)}
    scale = {"physicalMin": -16, "physicalMax": 16, "digitalMin": -32768, "digitalMax": 32768}
    motion = {"timestampStart": micros, "samplingFrequency": 64.0, "imuParams": scale, **still}
    raw = {"accelerometer": motion, "eda": sensor(4.0, eda), "bvp": sensor(64.0, bvp)}
    raw |= {"temperature": sensor(1.0, temperature)}
    raw |= {"tags": {"tagsTimeMicros": [round(1e6 * one) for one in tags]}}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        schema = fastavro.parse_schema(SCHEMA)
        fastavro.writer(stream, schema, [{"deviceModel": "EMBRACEPLUS", "rawData": raw}], "deflate")
    return path


Channels = Mapping[tuple[str, str], np.ndarray]
"""Samples by name and unit."""


def write_acqknowledge_text(path: Path, channels: Channels, sfreq: float, time: bool) -> Path:
    """A title, the interval, names and units in turn, sample counts, samples."""
    lines = [f"{path.stem}.acq", f"{1000 / sfreq:g} msec/sample", f"{len(channels)} channels"]
    lines += [text for pair in channels for text in pair]
    rows = np.array(list(channels.values())).T
    heads = [f"CH{number}" for number in range(1, len(channels) + 1)]
    counts = [str(len(rows))] * len(channels)
    heads, counts = (["min", *heads], ["", *counts]) if time else (heads, counts)
    lines += ["", "\t".join([*heads, ""]), "\t".join([*counts, ""])]
    for number, row in enumerate(rows):
        clock = [f"{number / sfreq / 60:.8f}"] if time else []
        lines.append("\t".join([*clock, *(f"{one:.6g}" for one in row), ""]))
    return write_lines(path, lines)


def write_acqknowledge_mat(path: Path, channels: Channels, sfreq: float) -> Path:
    names, units = zip(*channels, strict=True)
    data = np.array(list(channels.values())).T
    content = {"data": data, "labels": list(names), "units": list(units)}
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, content | {"isi": 1000 / sfreq, "isi_units": "ms", "start_sample": 0.0})
    return path


def write_labchart_text(
    path: Path, channels: Channels, sfreq: float, starts: Sequence[float] = (START,)
) -> Path:
    """As many equal blocks as starts; a comment stands in the tenth row of each."""
    names, units = zip(*channels, strict=True)
    rows = np.array(list(channels.values())).T
    lines = []
    for start in starts:
        lines += [f"Interval=\t{1 / sfreq:g} s", f"ExcelDateTime=\t{start / 86400 + 25569:.16e}\t"]
        lines += ["TimeFormat=\tStartOfBlock", "DateFormat=\t"]
        lines += ["\t".join(["ChannelTitle=", *names])]
        lines += ["\t".join(["Range=", *(f"10.000 {one}" for one in units)])]
        for number, row in enumerate(rows):
            note = "\t#* film " if number == 10 else ""
            cells = "\t".join(f"{one:.6g}" for one in row)
            lines.append(f"{number / sfreq:g}\t{cells}{note}")
    return write_lines(path, lines)


def write_labchart_mat(
    path: Path, channels: Channels, sfreqs: Sequence[float], starts: Sequence[float] = (START,)
) -> Path:
    """As many equal blocks as starts; the last channel is missing in the second."""
    names, units = zip(*channels, strict=True)
    data, first, last = [], np.zeros((len(names), len(starts))), np.zeros((len(names), len(starts)))
    place = 0
    for block in range(len(starts)):
        for number, values in enumerate(channels.values()):
            if block and number == len(names) - 1:
                first[number, block] = last[number, block] = -1
                continue
            data.append(values)
            first[number, block], last[number, block] = place + 1, place + len(values)
            place += len(values)
    shape = (1, len(starts))
    content = {
        "data": np.concatenate(data)[np.newaxis],
        "datastart": first,
        "dataend": last,
        "titles": list(names),
        "samplerate": np.tile(np.array(sfreqs, dtype=float)[:, np.newaxis], shape),
        "unittext": list(units),
        "unittextmap": np.tile(np.arange(1.0, len(names) + 1)[:, np.newaxis], shape),
        "blocktimes": np.array([[start / 86400 + 719529 for start in starts]]),
        "tickrate": np.full(shape, max(sfreqs)),
        "com": np.array([[-1.0, 1.0, 2 * max(sfreqs), 1.0, 1.0]]),
        "comtext": ["film"],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, content)
    return path


def write_bids(
    root: Path, subject: str, rows: np.ndarray, sfreq: float, start: float = 0.0
) -> Path:
    """Skin, pulse and breath without a header, two rated films, and a sidecar for all people."""
    home = root / f"sub-{subject}" / "beh"
    home.mkdir(parents=True, exist_ok=True)
    said = {"SamplingFrequency": sfreq, "StartTime": start}
    said |= {"Columns": ["eda", "cardiac", "respiratory"], "eda": {"Units": "uS"}}
    (root / "task-film_physio.json").write_text(json.dumps(said))
    text = "".join("\t".join(f"{one:.6g}" for one in row) + "\n" for row in rows.T)
    name = f"sub-{subject}_task-film"
    (home / f"{name}_physio.tsv.gz").write_bytes(gzip.compress(text.encode()))
    lines = ["onset\tduration\ttrial_type\tresponse_time\tvalence\tarousal\tdominance"]
    lines += ["0\t40\tfilm\t0.5\t2\t8\t6", "40\tn/a\tcross\tn/a\tn/a\tn/a\tn/a"]
    lines += ["45\t35\tfilm\t0.6\t7\t3\t5"]
    write_lines(home / f"{name}_events.tsv", lines)
    return root


def write_wfdb(path: Path, channels: Channels, sfreq: float, notes: Sequence[int] = ()) -> Path:
    """A header, 16-bit samples and, at some of them, normal beats."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = np.round(1000 * np.array(list(channels.values()))).astype("<i2").T
    lines = [f"{path.name} {len(channels)} {sfreq:g} {len(rows)} 12:26:40 13/09/2020"]
    lines += [f"{path.name}.dat 16 1000(0)/{unit} 16 0 0 0 0 {name}" for name, unit in channels]
    path.with_suffix(".dat").write_bytes(rows.tobytes())
    if len(notes):
        words = [(1 << 10) | step for step in np.diff(notes, prepend=0)]
        path.with_suffix(".atr").write_bytes(np.array([*words, 0], dtype="<u2").tobytes())
    return write_lines(path.with_suffix(".hea"), lines)
