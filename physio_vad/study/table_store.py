"""The feature table of a study, made one recording at a time, and how it goes on after a stop.

In a folder of their own stand one Parquet file for each recording, with its feature rows, its
ratings and how it was made, and one JSON file for each source (files that are read together),
written when the source is done. Every file is whole before it gets its name, so a run that is
killed leaves no half one, and the next run makes only what is missing. What was made by another
recipe or other versions, by a reader or modality of yours whose file was another, or from files
whose size, date or digest was another, is made anew. Beside each Parquet file stands its SHA-256 in
the form of ``sha256sum``, the JSON files hold theirs: what is damaged is named and made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import itertools
import json
import os
import platform
import re
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import joblib
import pandas as pd

from physio_vad import exceptions
from physio_vad._arrays import Progress
from physio_vad.atomic import remove_leftovers
from physio_vad.exceptions import (
    PhysioVadWarning,
    ReadError,
    SkippedWarning,
)
from physio_vad.features.extractor import extract_features
from physio_vad.features.inputs import inputs_of
from physio_vad.features.windows import cut_recording
from physio_vad.integrity import (
    fingerprint,
    write_json,
)
from physio_vad.io.base import (
    Choice,
    Source,
    check_minutes,
    check_some_read,
    find_sources,
    read_source,
)
from physio_vad.live.as_live import live_features
from physio_vad.recording.recording import Recording
from physio_vad.registry import with_registrations
from physio_vad.study.join import LABEL, check_targets, join_parts
from physio_vad.study.parts import Meta, read_about, read_sheet, write_part
from physio_vad.study.recipe import Recipe
from physio_vad.study.recording_cache import Entry, RecordingCache
from physio_vad.validation import check_jobs
from physio_vad.workers import will_need, worker_processes

Delay = float | Literal["settling"]
"""Seconds of signal after a window that a stream waits for."""

_PACKAGES = ("physio_vad", "numpy", "scipy", "pandas", "pyarrow", "mne", "neurokit2")


@dataclass(frozen=True)
class BuiltTable:
    """A feature table that was put together from its parts.

    Parameters
    ----------
    X : DataFrame of shape (n_windows, n_features)
        Feature table.
    y : DataFrame of shape (n_windows, n_targets)
        Ratings, with the attributes that `make_windows` gives them.
    kept, made : int
        Sources whose parts were there from a run before, and those that were read now.
    changes : dict of str to int
        What had changed since that run, and for how many sources.
    unrated : int
        Windows that are left out because nothing rates them.
    """

    X: pd.DataFrame
    y: pd.DataFrame
    kept: int
    made: int
    changes: dict[str, int]
    unrated: int


@dataclass(frozen=True)
class _Job:
    """What every process must know."""

    recipe: Recipe
    minutes: float | None
    root: Path
    folder: Path
    how: Meta
    cache: RecordingCache | None
    as_live: Delay | None = None

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        data: Path,
        folder: Path,
        minutes: float | None,
        cache: Path | None,
        as_live: Delay | None = None,
    ) -> _Job:
        tables = recipe.to_tables()
        asked = {name: tables[name] for name in ("layout", "windows", "features")}
        versions = {name: metadata.version(name) for name in _PACKAGES}
        how: Meta = {
            "recipe": asked | {"targets": recipe.model.targets},
            "minutes": minutes,
            "versions": versions | {"python": platform.python_version()},
        }
        if own := _own_code([recipe.reader(), *recipe.modalities()]):
            how["code"] = own
        if as_live is not None:
            how["as_live"] = as_live
        root = data if data.is_dir() else data.parent
        kept = None if cache is None else RecordingCache(cache)
        return cls(recipe, minutes, root, folder, how, kept, as_live)


def _own_code(parts: Iterable[object]) -> dict[str, str]:
    """Digest of the file of each class that is not the library's: who writes one, changes it."""
    digests = {}
    for cls in map(type, parts):
        if cls.__module__.partition(".")[0] == "physio_vad":
            continue
        try:
            content = Path(inspect.getfile(cls)).read_bytes()
        except (OSError, TypeError):  # typed at a prompt
            content = b""
        digests[cls.__qualname__] = hashlib.sha256(content).hexdigest()
    return digests


@dataclass
class _Done:
    """What became of one source."""

    parts: list[Meta] = field(default_factory=list)
    warned: list[list[str]] = field(default_factory=list)
    changed: list[str] | None = None
    damaged: list[str] = field(default_factory=list)
    error: ReadError | None = None


def build_table(
    recipe: Recipe,
    data: Path,
    folder: Path,
    *,
    subjects: int | Sequence[str] | None = None,
    minutes: float | None = None,
    on_error: Literal["raise", "skip"] = "raise",
    cache: bool | Path = True,
    as_live: Delay | None = None,
    on_disk: Path | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> BuiltTable:
    """Read recordings and extract their features, as the recipe says, one by one.

    Each process holds one recording at a time. Only one run may write to a folder.

    Parameters
    ----------
    recipe : Recipe
        What to read and how.
    data : Path
        File or folder of recordings.
    folder : Path
        Where the parts stand, and those of a run before.
    subjects, minutes, on_error : object
        As in `read_recordings`.
    cache : bool or Path
        Keep the recordings as they were read, in the folder ``recordings`` there, or in another.
    as_live : float or "settling", optional
        Compute the features as `live_features` does with this delay.
    on_disk : path, optional
        Folder to put the table together in, part by part, as a `FeatureTable`; it is not in memory
        then.
    n_jobs : int, optional
        Sources worked on side by side, or where there are fewer of them, recordings of one source.
    progress : callable, optional
        Told how many sources are done, or recordings where these are worked on side by side.

    Raises
    ------
    ReadError
        If files cannot be read.
    ArgumentError
        If the recipe does not fit the recordings.
    """
    check_minutes(minutes)
    check_jobs(n_jobs)
    folder.mkdir(parents=True, exist_ok=True)
    recordings = cache if isinstance(cache, Path) else folder / "recordings" if cache else None
    for place in filter(None, (folder, recordings)):
        remove_leftovers(place)
    for modality in recipe.modalities():
        will_need(*modality.imports)
    job, choice = _Job.of(recipe, data, folder, minutes, recordings, as_live), Choice(subjects)
    waiting = find_sources(recipe.reader(), data)
    all_done: list[_Done] = []
    while waiting:
        wave, waiting = choice.wave(waiting)
        for done in _work(job, wave, choice, n_jobs, progress, len(all_done)):
            all_done.append(done)
            _tell(done, on_error)
            for part in done.parts:
                choice.takes(part["subject"])
    check_some_read(
        [one.error for one in all_done if one.error], sum(len(one.parts) for one in all_done)
    )
    choice.check_all_seen()
    parts = [part for one in all_done for part in one.parts]
    X, y = join_parts(recipe, folder, parts, on_disk)
    whole = [one for one in all_done if one.error is None]
    kept = sum(one.changed is None for one in whole)
    changes = Counter(what for one in whole for what in one.changed or ())
    unrated = sum(part.get("unrated", 0) for part in parts)
    return BuiltTable(X, y, kept, len(whole) - kept, dict(changes), unrated)


def _work(
    job: _Job,
    sources: Sequence[Source],
    choice: Choice,
    n_jobs: int | None,
    progress: Progress | None,
    n_before: int,
) -> Iterator[_Done]:
    """Finish sources side by side, or one after another the recordings of each."""
    n_jobs = joblib.effective_n_jobs(n_jobs)
    if len(sources) < max(n_jobs, 2):
        for source in sources:
            yield _finish_source(job, source, choice, n_jobs, progress)
        return
    tasks = ((job, source, choice) for source in sources)
    for place, done in enumerate(_side_by_side(n_jobs, _finish_source, tasks), start=1):
        if progress is not None:
            progress("sources", n_before + place, n_before + len(sources))
        yield done


def _side_by_side(
    n_jobs: int, function: Callable[..., Any], tasks: Iterable[tuple[Any, ...]]
) -> Iterator[Any]:
    tasks = iter(tasks)
    ahead = deque(itertools.islice(tasks, 0 if n_jobs == 1 else 2))
    alone = len(ahead) < 2
    tasks = itertools.chain(_emptied(ahead), tasks)
    if alone:  # no process is started for one task
        for task in tasks:
            yield function(*task)
            del task  # the next one is made without it in memory
        return
    # no more tasks are taken than there are processes, and none is left in shared memory
    function = with_registrations(function)
    with worker_processes():
        parallel = joblib.Parallel(
            n_jobs=n_jobs,
            return_as="generator",
            pre_dispatch="n_jobs",
            batch_size=1,
            max_nbytes=None,
        )
        results = parallel(joblib.delayed(function)(*task) for task in tasks)
    try:
        for result in results:
            yield result
            del result
    finally:
        with warnings.catch_warnings():  # tasks that an error makes needless are no news
            warnings.simplefilter("ignore")
            results.close()


def _emptied(tasks: deque[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    while tasks:
        yield tasks.popleft()


def _tell(done: _Done, on_error: str) -> None:
    for text in done.damaged:
        warnings.warn(text, PhysioVadWarning, stacklevel=4)
    for kind, text in done.warned + [one for part in done.parts for one in part["warned"]]:
        warnings.warn(text, getattr(exceptions, kind), stacklevel=4)
    if done.error is not None:
        if on_error == "raise":
            raise done.error
        warnings.warn(f"left out: {done.error}", SkippedWarning, stacklevel=4)


def _finish_source(
    job: _Job,
    source: Source,
    choice: Choice,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> _Done:
    """Make the parts of one source, unless a run before has."""
    name = _source_name(job, source)
    how: Meta = json.loads(json.dumps(job.how | {"files": _stamps(source, job.root)}))
    key = _key(how)
    if source.subject is None:
        how |= {"people": choice.state()}
    path = job.folder / f"{name}.json"
    done = _Done()
    before = read_sheet(path, done.damaged)
    if before is not None and before["how"] == how:
        parts = [read_about(job.folder / part, done.damaged) for part in before["parts"]]
        if all(part is not None and part["key"] == key for part in parts):
            return _Done([part for part in parts if part], before["warned"])
    done.changed = [] if before is None else [n for n in how if before["how"].get(n) != how[n]]
    failures: list[ReadError] = []
    recordings, entry = _recordings(job, source, how, done)

    def tasks() -> Iterator[tuple[_Job, Recording, str, str]]:
        # an error must not leave an iterator that other threads take from
        try:
            for recording in recordings:
                if entry is not None:
                    entry.add(recording)
                if choice.takes(recording.subject):
                    yield job, recording, f"{name}-{_part_name(recording)}", key
                del recording
        except ReadError as error:
            failures.append(error)

    with _noted(done.warned):
        for part in _side_by_side(n_jobs, _finish_recording, tasks()):
            done.parts.append(part)
            if progress is not None:
                progress("recordings", len(done.parts), 0)
    done.error = failures[0] if failures else None
    if done.error is None:
        if entry is not None:
            entry.finish(done.warned)
        files = [part["file"] for part in done.parts]
        write_json(path, {"how": how, "parts": files, "warned": done.warned})
    return done


def _recordings(
    job: _Job, source: Source, how: Meta, done: _Done
) -> tuple[Iterator[Recording], Entry | None]:
    """Read a source, or take what was kept of it; the entry is what to keep the recordings in."""
    if job.cache is None:
        return read_source(job.recipe.reader(), source, job.minutes), None
    files = [[name, size, digest] for name, size, _, digest in how["files"]]
    decides = {name: how.get(name) for name in ("minutes", "versions", "code")}
    layout = how["recipe"]["layout"]
    key = _key(decides | {"layout": layout, "files": files, "source": _source_name(job, source)})
    kept = job.cache.read(key, done.damaged)
    if kept is None:
        return read_source(job.recipe.reader(), source, job.minutes), job.cache.begin(key)
    done.warned += kept[1]
    return kept[0], None


def _finish_recording(job: _Job, recording: Recording, name: str, key: str) -> Meta:
    """Make the part of one recording, unless a run before has; say what is in it."""
    path = job.folder / f"{name}.parquet"
    before = read_about(path, [])
    if before is not None and before["key"] == key:
        return before
    warned: list[list[str]] = []
    with _noted(warned):
        X, y, unrated = _tables_of(recording, job)
    part = {
        "key": key,
        "file": path.name,
        "subject": recording.subject,
        "trial": recording.trial,
        "stimulus": recording.stimulus,
        "targets": list(recording.targets),
        "scale": {target: list(limits) for target, limits in recording.scale.items()},
        "signals": list(recording.signals),
        "inputs": [asdict(one) for one in inputs_of([recording])],
        "seconds": recording.stop - recording.start,
        "unrated": unrated,
        "warned": warned,
    }
    write_part(path, pd.concat([X, y.add_prefix(LABEL)], axis=1), part)
    return part


def _tables_of(recording: Recording, job: _Job) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Feature rows and ratings of one recording, and how many rows no target of the recipe has."""
    recipe = job.recipe
    windows, y = cut_recording(recording, **vars(recipe.windows), keep_unrated=True)
    targets, n_all = recipe.model.targets, len(windows)
    if targets is not None:
        if recording.ratings is not None:
            check_targets(targets, list(y.columns))
        y = y.reindex(columns=targets)
    if targets is not None or recording.ratings is not None:
        kept = y.notna().any(axis=1) | (y.index.get_level_values("window") < 0)
        windows, y = windows[kept], y[kept]
    modalities = recipe.modalities()
    if len(windows) == 0 or not any(one.name in recording.signals for one in modalities):
        return pd.DataFrame(index=windows.index), y, n_all - len(windows)
    if job.as_live is None:
        X = extract_features(windows, modalities)
    else:
        X = live_features(windows, modalities, delay=job.as_live)
    return X, y, n_all - len(windows)


@contextlib.contextmanager
def _noted(notes: list[list[str]]) -> Iterator[None]:
    """Note our warnings as kind and text; those of libraries go on as they would."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PhysioVadWarning)
        yield
    for one in caught:
        if issubclass(one.category, PhysioVadWarning):
            notes.append([one.category.__name__, str(one.message)])
        else:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _stamps(source: Source, root: Path) -> list[list[Any]]:
    """Size, date and digest of a source's files and of those that differ in the ending only."""
    found: set[Path] = set()
    for file in source.files:
        if file.is_dir():
            found.update(file.rglob("*"))
        elif file.parent.is_dir():
            stem = file.name.split(".")[0]
            found |= {
                file.parent / name for name in os.listdir(file.parent) if name.split(".")[0] == stem
            }
    stats = [(one, one.stat()) for one in sorted(found) if one.is_file()]
    return [
        [_relative(one, root), stat.st_size, stat.st_mtime_ns, fingerprint(one)]
        for one, stat in stats
    ]


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _source_name(job: _Job, source: Source) -> str:
    place = _relative(source.files[0], job.root)
    return _safe(source.subject or source.files[0].stem, place, source.subject, source.trial)


def _part_name(recording: Recording) -> str:
    return _safe(f"{recording.subject}-{recording.trial}", recording.subject, recording.trial)


def _safe(text: str, *identity: object) -> str:
    """Make a name that any file system takes, and that differs where what it names does."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40]
    return f"{plain}-{_key(identity)[:8]}".lstrip("-")


def _key(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]
