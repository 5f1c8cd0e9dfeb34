"""All benchmarks: what ``make bench`` runs.

Run ``python benchmarks/run_all.py`` on a quiet machine (ten minutes on two cores), or with
``--quick`` for a look (about six minutes). Each part runs in a process of its own. What they print
goes to the screen, and with the seconds that each took, the date, the machine and the versions to a
JSON file in ``--out``; beside it stand a picture and the tables as Markdown, to be put into
``docs/performance.md``. Scripts on how well something is done, rather than how fast, run alone:
``live_parity``, ``live_robust``, ``ecg_noise``, ``ectopic``, ``ppg_shape`` and those on models.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
PACKAGES = ("physio_vad", "numpy", "scipy", "pandas", "scikit-learn", "lightgbm", "mne")
PEERS = ("neurokit2", "tsflex", "mne-features", "biosppy", "wfdb", "pyarrow", "polars")
PARTS: dict[str, tuple[list[str], list[str]]] = {
    # arguments of a whole run, and of a quick one
    "starting": ([], ["--quick"]),
    "extraction": ([], ["--quick"]),
    "peers": ([], ["--quick"]),
    "growth": ([], ["--quick"]),
    "long recording": (["--hours", "24"], ["--hours", "4"]),
    "latency": ([], ["--quick"]),
    "as_live": (["--quick"], ["--quick"]),
    "model_cost": (["--rows", "2400"], ["--rows", "600"]),
    "cross_validation": (["--jobs", "2"], ["--jobs", "2", "--folds", "2"]),
    "reading": ([], ["--quick"]),
    "parallel": ([], ["--quick"]),
    "people": ([], ["--quick"]),
    "whole_way": ([], ["--quick"]),
    "on_disk": ([], ["--quick"]),
}
SCRIPTS = {"long recording": "growth"}
NO_TABLES = {"model_cost", "cross_validation"}


def run(part: str, *, quick: bool) -> tuple[str, object]:
    """Run one part; its output, and its tables where it gives any."""
    always, less = PARTS[part]
    command = [sys.executable, "-W", "ignore", str(HERE / f"{SCRIPTS.get(part, part)}.py")]
    command += less if quick else always
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tables.json"
        command += ["--json", str(file)] if part not in NO_TABLES else []
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        tables = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return done.stdout if done.returncode == 0 else f"{done.stdout}\nfailed", tables


def about() -> dict[str, object]:
    """Date, machine and versions."""
    versions = {}
    for name in (*PACKAGES, *PEERS):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load before": os.getloadavg()[0],
        "versions": versions,
    }


def draw(results: dict[str, object], path: Path) -> None:
    """Milliseconds by modality, ratios to the references, and growth."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 4.2), layout="constrained")
    speed = table_of(results, "extraction", "Extraction of 10")
    modalities = [name for name in speed.index if name not in ("ppg", "ecg", "total")]
    shown = speed.loc[modalities[::-1], ["ours", "once", "loop"]]
    labels = {
        "ours": "this library",
        "once": "light calls once",
        "loop": "light calls, each window",
    }
    for place, (name, marker) in enumerate(zip(shown, "osD", strict=True)):
        left.plot(shown[name], range(len(shown)), marker, color=f"C{place}", label=labels[name])
    left.set_yticks(range(len(shown)), shown.index)
    left.set(xscale="log", xlabel="CPU ms per minute of recording", title="Extraction")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower left", ncols=3, fontsize=9)
    for place, kind in enumerate(("once", "loop")):
        ratio = speed.loc[shown.index, f"{kind} / ours"]
        ends = (ratio - speed[f"{kind} least"], speed[f"{kind} most"] - ratio)
        errors = [one[shown.index].clip(lower=0) for one in ends]
        middle.errorbar(
            ratio, range(len(shown)), xerr=errors, fmt="sD"[place], color=f"C{place + 1}"
        )
    middle.axvline(1, color="0.5", linewidth=1)
    middle.set_yticks(range(len(shown)), [])
    middle.set(xscale="log", xlabel="times as long as this library", title="Ratio, with spread")
    for place, what in enumerate(("minutes", "people")):
        grown = table_of(results, "growth", f"Growth with {what}")
        exponent = grown["exponent"].iloc[0]
        label = f"{what} (exponent {exponent:.2f})"
        right.plot(grown.index, grown["CPU s"], "o-s-"[2 * place : 2 * place + 2], label=label)
    right.set(xscale="log", yscale="log", ylabel="CPU s", title="Growth")
    right.set_xlabel("minutes, or people with 10 minutes")
    right.legend(fontsize=8, loc="lower right")
    for axes in (left, middle, right):
        axes.grid(alpha=0.3, which="major")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)


def as_markdown(results: dict[str, object]) -> str:
    """Write the tables of every part, or else what it printed."""
    lines = [f"Results of {results['about']['date']}"]  # type: ignore[index]
    for part, found in results.items():
        if part == "about":
            continue
        lines += ["", f"## {part}", "", f"{found['seconds']:.0f} s on the clock"]  # type: ignore[index]
        if not found["tables"]:  # type: ignore[index]
            lines += ["", "```text", *found["text"], "```"]  # type: ignore[index]
        for title, table in (found["tables"] or {}).items():  # type: ignore[index]
            lines += ["", title, "", *rows_of(frame_of(table))]
    return "\n".join(lines) + "\n"


def frame_of(table: dict[str, list]) -> pd.DataFrame:
    """Make a table again of what JSON kept; names of two levels are lists there."""
    index = [", ".join(map(str, one)) if isinstance(one, list) else one for one in table["index"]]
    return pd.DataFrame(table["data"], index, table["columns"])


def rows_of(table: pd.DataFrame) -> list[str]:
    """Write a table as lines of Markdown, numbers with three digits."""
    cells = [["", *map(str, table.columns)], ["---"] * (1 + len(table.columns))]
    for name, row in table.iterrows():
        values = [f"{one:.3g}" if isinstance(one, float) else str(one) for one in row]
        cells.append([str(name), *("" if one == "nan" else one for one in values)])
    return [f"| {' | '.join(line)} |" for line in cells]


def table_of(results: dict[str, object], part: str, title: str) -> pd.DataFrame:
    """Find the table of a part by the beginning of its title."""
    tables = results[part]["tables"]  # type: ignore[index]
    found = next(one for name, one in tables.items() if name.startswith(title))
    return frame_of(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less data and fewer turns")
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--out", type=Path, default=Path("bench-output"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    results: dict[str, object] = {"about": about() | {"quick": arguments.quick}}
    for part in arguments.only:
        print(f"\n== {part}", flush=True)
        begin = time.perf_counter()
        text, tables = run(part, quick=arguments.quick)
        seconds = time.perf_counter() - begin
        print(f"{text}\n{seconds:.0f} s", flush=True)
        results[part] = {"seconds": seconds, "text": text.splitlines(), "tables": tables}
    name = f"bench-{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
    path = arguments.out / f"{name}.json"
    path.write_text(json.dumps(results, indent=1), encoding="utf-8")
    path.with_suffix(".md").write_text(as_markdown(results), encoding="utf-8")
    print(f"results: {path}, and as tables {path.with_suffix('.md')}")
    if {"extraction", "growth"} <= set(arguments.only):
        draw(results, path.with_suffix(".png"))
        print(f"picture: {path.with_suffix('.png')}")


if __name__ == "__main__":
    main()
