"""Where the time goes from CSV files to the leave-one-subject-out table.

``python benchmarks/whole_way.py --people 20 --minutes 10`` simulates people, writes them as CSV
(not counted), then reads, cuts, extracts and evaluates `multioutput`, and prints the seconds of
each step and their share.
"""

import argparse
import tempfile
import time
import warnings

import joblib

from physio_vad import (
    build_pipeline,
    evaluate,
    extract_features,
    make_windows,
    read_recordings,
    simulate_recordings,
    write_eleven_column,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--jobs", type=int, default=joblib.cpu_count())
    parser.add_argument("--model", default="multioutput")
    arguments = parser.parse_args()
    seconds: dict[str, float] = {}

    def timed(step, call):
        begin = time.perf_counter()
        result = call()
        seconds[step] = time.perf_counter() - begin
        return result

    with tempfile.TemporaryDirectory() as folder:
        write_eleven_column(
            simulate_recordings(n_subjects=arguments.people, minutes=arguments.minutes), folder
        )
        recordings = timed("read CSV", lambda: read_recordings(folder))
    windows, y = timed("cut windows", lambda: make_windows(recordings))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        X = timed("extract features", lambda: extract_features(windows, n_jobs=arguments.jobs))
        pipeline = build_pipeline(arguments.model, random_state=0)
        result = timed("evaluate", lambda: evaluate(pipeline, X, y, n_jobs=arguments.jobs))
    total = sum(seconds.values())
    print(f"{X.shape[0]} windows x {X.shape[1]} features, {arguments.jobs} processes")
    for step, spent in seconds.items():
        print(f"{step:<18}{spent:8.2f} s {spent / total:6.1%}")
    print(f"{'all':<18}{total:8.2f} s")
    print(result.skill.round(3).to_string())


if __name__ == "__main__":
    main()
