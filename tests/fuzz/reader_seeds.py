"""Small whole files of every reader, to be harmed."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from pathlib import Path

import mne
import numpy as np
import pandas as pd
from layouts import (
    write_acq,
    write_bombs,
    write_case,
    write_ceap,
    write_columns,
    write_deap_original,
    write_devices,
    write_e4,
    write_mahnob,
    write_matlab,
    write_opensignals,
    write_studies,
    write_wesad,
    write_xdf,
)
from scipy.io import savemat

from physio_vad import io
from physio_vad.io.devices.live import frame

Seed = tuple[Path, str, io.Reader]
"""Folder, file in it to harm, and the reader."""


class _Calls:
    def __reduce__(self):
        return os.system, ("touch EVIL",)


def make_seeds(base: Path, shared: Path | None) -> list[Seed]:
    """Write the files; real ones are taken from the shared folder, where there is one."""
    made = (_tables, _devices, _apps, _lab_exports, _data_sets, _pickles)
    seeds = [seed for write in made for seed in write(base)]
    return seeds if shared is None else [*seeds, *_real(base, shared)]


def _folder(base: Path, name: str) -> Path:
    (base / name).mkdir(parents=True)
    return base / name


def _tables(base: Path) -> Iterator[Seed]:
    reader = io.ElevenColumnReader()
    values = write_columns.eleven_values(60)
    frame = pd.DataFrame(values, columns=write_columns.NAMES)
    for name, options in (
        ("a.csv", {}),
        ("b.tsv", {"names": None, "delimiter": "\t", "decimal": ","}),
        ("c.csv", {"encoding": "utf-16"}),
        ("d.csv.gz", {}),
    ):
        home = _folder(base, f"text-{name}")
        write_columns.write_text(home / name, values, **options)
        yield home, name, reader
    home = _folder(base, "parquet")
    frame.to_parquet(home / "a.parquet")
    yield home, "a.parquet", reader
    home = _folder(base, "feather")
    frame.to_feather(home / "a.feather")
    yield home, "a.feather", reader
    home = _folder(base, "npy")
    np.save(home / "a.npy", values)
    yield home, "a.npy", reader
    columns = {"skin": io.Column("eda", "uS")}
    home = _folder(base, "table")
    (home / "a.csv").write_text("time,skin\n" + "".join(f"{i / 4},{i % 7}.5\n" for i in range(80)))
    yield home, "a.csv", io.TableReader(columns=columns)
    home = _folder(base, "mat")
    savemat(home / "a.mat", {"data": values}, do_compression=True)
    yield home, "a.mat", reader


def _devices(base: Path) -> Iterator[Seed]:
    home = _folder(base, "e4zip")
    write_e4.write_zip(home / "a.zip", write_e4.e4_members(12))
    yield home, "a.zip", io.E4Reader()
    home = _folder(base, "e4")
    write_e4.write_folder(home / "a", write_e4.e4_members(12))
    for member in ("BVP.csv", "EDA.csv", "IBI.csv", "ACC.csv", "tags.csv"):
        yield home, f"a/{member}", io.E4Reader(trials="tags")
    home = _folder(base, "blocks")
    write_e4.write_folder(home / "a", write_e4.e4_members(12))
    write_e4.write_blocks(home, "a,x,0,5,1\na,y,5,9,0\n")
    yield home, "blocks.csv", io.E4Reader(trials="task")
    home = _folder(base, "opensignals")
    write_opensignals.write_opensignals(home / "a.txt", n_rows=60)
    yield home, "a.txt", io.OpenSignalsReader()
    home = _folder(base, "opensignals-h5")
    write_opensignals.write_opensignals_h5(home / "a.h5", ECG=np.arange(60))
    yield home, "a.h5", io.OpenSignalsReader()
    home = _folder(base, "live")
    rows = np.arange(40.0) / 4
    write_bombs.live(home, frame(rows[None], rows))
    yield home, "eda.samples", io.LiveReader()
    yield home, "live.json", io.LiveReader()
    home = _folder(base, "xdf")
    write_xdf.write_xdf(home / "a.xdf", seconds=2)
    yield home, "a.xdf", io.XdfReader(trial_start="go*", channels={"Sk*": io.Column("eda", "uS")})
    home = _folder(base, "acq")
    channels = {("ECG", "mV"): np.sin(np.arange(300) / 9), ("EDA", "uS"): np.arange(300.0)}
    write_acq.write_acq(home / "a.acq", channels, 100.0)
    yield home, "a.acq", io.AcqReader(channels={"E[CD]*": io.Column("ecg", "mV")})
    home = _folder(base, "fif")
    info = mne.create_info(2, 100.0, "eeg")
    raw = mne.io.RawArray(np.zeros((2, 500)), info, verbose="error")
    raw.save(home / "a_raw.fif", verbose="error")
    yield home, "a_raw.fif", io.MneReader()


def _apps(base: Path) -> Iterator[Seed]:
    """Files of devices with many short rows, and of several kinds each."""
    rows = np.sin(np.arange(400) / 7)
    home = _folder(base, "muse")
    write_devices.write_mind_monitor(home / "a.csv", np.tile(rows, (4, 1)))
    yield home, "a.csv", io.MuseReader()
    home = _folder(base, "muse-lsl")
    write_devices.write_muse_lsl(home / "a.csv", np.tile(rows, (4, 1)))
    yield home, "a.csv", io.MuseReader()
    for named in (False, True):
        home = _folder(base, f"openbci-{named}")
        write_devices.write_openbci(home / "a.txt", np.tile(rows, (8, 1)), named=named)
        yield home, "a.txt", io.OpenBciReader()
    home = _folder(base, "emotiv")
    write_devices.write_emotiv(home / "a.csv", np.tile(rows, (14, 1)))
    yield home, "a.csv", io.EmotivReader()
    home = _folder(base, "shimmer")
    write_devices.write_shimmer(home / "a.csv", {"PPG_A13_CAL": ("mV", rows)})
    yield home, "a.csv", io.ShimmerReader()
    home = _folder(base, "polar")
    write_devices.write_polar(home / "a", rows, rr=800 + rows[:20])
    for kind in ("ECG", "RR"):
        yield home, f"a/Polar_H10_12345678_20200913_122640_{kind}.txt", io.PolarReader()
    home = _folder(base, "garmin")
    write_devices.write_garmin(home / "a", 800 + rows[:20], 100)
    for file in ("acc.csv", "data.csv"):
        yield home, f"a/{file}", io.GarminReader()
    home = _folder(base, "embraceplus")
    path = home / "a_1600000000.avro"
    write_devices.write_embraceplus(path, rows, eda=rows[:25], temperature=rows[:6], tags=[1.6e9])
    yield home, path.name, io.EmbracePlusReader(trial_start="tag")


def _lab_exports(base: Path) -> Iterator[Seed]:
    """Files that the programs of laboratories export."""
    rows = np.sin(np.arange(300) / 7)
    channels = {("ECG", "mV"): rows, ("EDA", "uS"): rows + 2}
    home = _folder(base, "acqknowledge")
    write_devices.write_acqknowledge_text(home / "a.txt", channels, 50, time=True)
    yield home, "a.txt", io.AcqKnowledgeReader()
    home = _folder(base, "acqknowledge-mat")
    write_devices.write_acqknowledge_mat(home / "a.mat", channels, 50)
    yield home, "a.mat", io.AcqKnowledgeReader()
    home = write_devices.write_bids(_folder(base, "bids"), "1", np.tile(rows, (3, 1)), 5)
    for file in ("task-film_physio.json", "sub-1/beh/sub-1_task-film_events.tsv"):
        yield home, file, io.BidsReader(trial_start="film")
    home = _folder(base, "wfdb")
    write_devices.write_wfdb(home / "a", channels, 50, notes=[50, 100])
    for file in ("a.hea", "a.dat", "a.atr"):
        yield home, file, io.WfdbReader(trial_start="*")
    home = _folder(base, "labchart")
    times = (write_devices.START, write_devices.START + 60)
    write_devices.write_labchart_text(home / "a.txt", channels, 50, times)
    yield home, "a.txt", io.LabChartReader(trial_start="film")
    home = _folder(base, "labchart-mat")
    write_devices.write_labchart_mat(home / "a.mat", channels, [50, 50], times)
    yield home, "a.mat", io.LabChartReader(trial_start="film")


def _data_sets(base: Path) -> Iterator[Seed]:
    home = write_matlab.write_deap(base / "deap", n_trials=1, seconds=1)
    yield home, "s01.mat", io.DeapReader()
    home = write_matlab.write_dreamer(_folder(base, "dreamer"), 1, 1)
    yield home, "DREAMER.mat", io.DreamerReader()
    home = write_matlab.write_amigos(_folder(base, "amigos"))
    yield home, "Data_Preprocessed_P01.mat", io.AmigosReader(annotation="external")
    home = write_case.write_epic(base / "epic")
    yield home, "test/annotations/sub_0_vid_2.csv", io.CaseReader()
    home = write_case.write_raw(base / "case", seconds=1)
    yield home, "data/raw/annotations/sub1_joystick.txt", io.CaseReader(files="raw")
    yield home, "data/raw/physiological/sub1_DAQ.txt", io.CaseReader(files="raw")
    home = write_wesad.write_wesad(base / "wesad", seconds=11)
    yield home, "S2/S2_quest.csv", io.WesadReader(device="wrist")
    yield home, "S2/S2_respiban.txt", io.WesadReader(device="wrist")
    session = write_mahnob.write_session(base / "mahnob", 4, seconds=2, margin=1, sfreq=64)
    reader = io.MahnobReader(margin=1)
    yield base / "mahnob", "Sessions/4/session.xml", reader
    yield base / "mahnob", f"Sessions/4/{next(session.glob('*.bdf')).name}", reader
    home = write_deap_original.write_deap_original(base / "deap_original", sfreq=64)
    yield home, "data_original/s01.bdf", io.DeapReader(files="original")
    yield home, "metadata_csv/participant_ratings.csv", io.DeapReader(files="original")
    home = write_ceap.write_person(base / "ceap", videos=1, seconds=2)
    yield home, "5_PhysioData/Raw/P1_Physio_RawData.json", io.CeapReader()
    felt = "3_AnnotationData/Transformed/P1_Annotation_TransData.json"
    yield home, felt, io.CeapReader()
    home = _folder(base, "hku956")
    write_studies.hku956(home)
    yield home, "3. AV_ratings.csv", io.Hku956Reader()
    yield home, "1. physiological_signals/hku0/EDA/1_701.csv", io.Hku956Reader()


def _pickles(base: Path) -> Iterator[Seed]:
    home = write_matlab.write_deap_python(base / "deap_python", n_trials=1, seconds=1)
    yield home, "s01.dat", io.DeapReader()
    home = write_wesad.write_wesad_pickle(base / "wesad_pickle")
    yield home, "S2/S2.pkl", io.WesadReader(files="pickle", device="wrist")
    data, labels = write_matlab.deap_arrays(1, 1)
    for protocol in (0, 2, 4, 5):
        home = _folder(base, f"evil{protocol}")
        content = {"data": data[:, :, ::64], "labels": labels, "more": [_Calls()]}
        (home / "s01.dat").write_bytes(pickle.dumps(content, protocol))
        yield home, "s01.dat", io.DeapReader()


def _real(base: Path, shared: Path) -> Iterator[Seed]:
    """Files of formats that the tests cannot write."""
    for name, files in {
        "edf": ["test.edf"],
        "bdf": ["test.bdf"],
        "vhdr": ["testbva.vhdr", "testbva.dat", "testbva.vmrk"],
        "set": ["eeglab_data.set", "eeglab_data.fdt"],
    }.items():
        home = _folder(base, name)
        for file in files:
            (home / file).write_bytes((shared / "eeglab_sample" / file).read_bytes())
        yield home, files[0], io.MneReader(trial_start=None if name == "edf" else "*")
    yield base / "vhdr", "testbva.vmrk", io.MneReader(trial_start="*")
    for folder, file, reader in (
        ("biopac_acq", "r42_test.acq", io.AcqReader(channels={"E[CD]*": io.Column("ecg", "mV")})),
        (
            "xdf_examples",
            "empty_streams.xdf",
            io.XdfReader(channels={"D*": io.Column("ppg", "a.u.")}),
        ),
    ):
        home = _folder(base, file)
        (home / file).write_bytes((shared / folder / file).read_bytes())
        yield home, file, reader
