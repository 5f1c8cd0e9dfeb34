"""How many seeded single changes of the science the tests notice: mutants.py [N] [SEED].

Numbers, comparisons and signs are changed one at a time in the folders below, each in a copy of the
tree. First the whole suite runs once and notes which test reaches which line and how long it takes
(kept in the folder `--notes`); then each change meets the tests that reach it, the quickest first.
What survives is printed with its place, to be read: a change that no input can show is no gap.
Left alone is what is never computed (types), and how much of a text or a list an error or a warning
quotes (``[:40]``) and whom it points to (``stacklevel``); the numbers that it says are changed.

    python benchmarks/mutants.py 300 0 --jobs 2
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("dsp", "modalities", "features", "evaluation", "io")
SLOW_TO_IMPORT = ("pandas", "scipy.signal", "scipy.stats", "sklearn.ensemble", "lightgbm", "mne")
PLAIN = ("-q", "-p", "no:cacheprovider", "--no-header", "-o", "addopts=--import-mode=importlib")
LONGEST = 240  # seconds of clock; a change that makes an endless loop counts as noticed
NOT_RUN = ("cli", "live", "test_docs.py", "test_readme.py", "test_howto.py", "test_names.py")
FLIPPED = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
}


@dataclass(frozen=True)
class Mutant:
    """One change: the text between two offsets of a file becomes another."""

    path: Path
    line: int
    first: int
    last: int
    text: str

    def describe(self) -> str:
        """Say where it is and what is changed."""
        old = (ROOT / self.path).read_text(encoding="utf-8")[self.first : self.last]
        return f"{self.path}:{self.line}: {old!r} -> {self.text!r}"


def mutants_of(path: Path) -> list[Mutant]:
    """List the changes that can be made in a file."""
    source = (ROOT / path).read_text(encoding="utf-8")
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + column

    found = []
    tree = ast.parse(source)
    alone = {id(one) for part in _left_alone(tree) for one in ast.walk(part)}
    for node in ast.walk(tree):
        if id(node) in alone:
            continue
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            first = offset(node.lineno, node.col_offset)
            last = offset(node.end_lineno, node.end_col_offset)
            text = repr(node.value * 2 if node.value not in (0, 1) else 1 - node.value)
            found.append(Mutant(path, node.lineno, first, last, text))
            continue
        if isinstance(node, ast.BinOp):
            left, operator, right = node.left, node.op, node.right
        elif isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, operator, right = node.left, node.ops[0], node.comparators[0]
        else:
            continue
        if type(operator) not in FLIPPED or left.end_lineno != right.lineno:
            continue
        first = offset(left.end_lineno, left.end_col_offset)
        last = offset(right.lineno, right.col_offset)
        between = source[first:last]
        if between.strip() not in ("<", "<=", ">", ">=", "+", "-", "*", "/", "&", "|"):
            continue  # brackets or a comment stand there too
        found.append(Mutant(path, node.lineno, first, last, f" {FLIPPED[type(operator)]} "))
    return found


def _left_alone(tree: ast.AST) -> list[ast.AST]:
    """Find types, what only type checkers read, and what shortens a message."""
    found = []
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            if getattr(node, name, None) is not None:
                found.append(getattr(node, name))
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            found += node.body
        elif isinstance(node, ast.keyword) and node.arg == "stacklevel":
            found.append(node)
        elif isinstance(node, ast.Raise) or _is_warning(node):
            texts = (one for one in ast.walk(node) if isinstance(one, ast.JoinedStr))
            found += [one for text in texts for one in ast.walk(text) if isinstance(one, ast.Slice)]
    return found


def _is_warning(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "warn"


class Reach:
    """Which tests reach which line of the package, and how long each of them takes."""

    def __init__(self, tests: dict[str, dict[int, list[str]]], seconds: dict[str, float]) -> None:
        self.tests = tests  # of a file, of a line
        self.seconds = seconds
        self.named = defaultdict(set)  # (file, line) where a name is used
        self.shown = defaultdict(set)  # of the line of a default, those of the function
        self.made = defaultdict(set)  # of a line that runs at import, what it assigns to
        for path in sorted((ROOT / "physio_vad").rglob("*.py")):
            self._read(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8")))

    def _read(self, file: str, tree: ast.AST) -> None:
        functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
        inner = {line for one in functions for line in _lines(one.body)}
        for one in functions:
            for default in filter(None, (*one.args.defaults, *one.args.kw_defaults)):
                self.shown[file, default.lineno] |= {(file, line) for line in _lines(one.body)}
        for node in ast.walk(tree):
            name = getattr(node, "id", getattr(node, "attr", None))
            if name is not None and isinstance(node.ctx, ast.Load):
                self.named[name].add((file, node.lineno))
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.lineno not in inner:
                for line in _lines([node]):
                    self.made[file, line] |= _assigned([node])

    def of(self, mutant: Mutant, seconds: float) -> list[str]:
        """List the tests that reach a change, the quickest first, up to some seconds."""
        chosen, spent = [], 0.0
        reaching = {one for place in self._places(mutant) for one in self._at(*place)}
        for test in sorted(reaching, key=lambda one: (self.seconds[one], one)):
            spent += self.seconds[test]
            if chosen and spent > seconds:
                break
            chosen.append(test)
        return chosen

    def _at(self, path: str, line: int) -> list[str]:
        return self.tests.get(path, {}).get(line, [])

    def _places(self, mutant: Mutant) -> set[tuple[str, int]]:
        """Find the lines whose running shows a change; those of a default or a constant use it."""
        path = str(mutant.path)
        tree = ast.parse((ROOT / mutant.path).read_text(encoding="utf-8"))
        inside = [one for one in ast.walk(tree) if _holds(one, mutant.line)]
        functions = [one for one in inside if isinstance(one, ast.FunctionDef)]
        if functions:
            innermost = max(functions, key=lambda one: one.lineno)
            body = _lines(innermost.body)
            if mutant.line in body and innermost.body[0].lineno != innermost.lineno:
                statements = [one for one in inside if isinstance(one, ast.stmt)]
                first = max(one.lineno for one in statements)
                return {(path, line) for line in range(first, mutant.line + 1)}
            return {(path, line) for line in body}
        names = _assigned(inside)
        return self._uses(names, set()) or {(path, line) for line in self.tests.get(path, {})}

    def _uses(self, names: set[str], before: set[str]) -> set[tuple[str, int]]:
        """Find the lines that use what is made at import, or what is made of it there."""
        found = {place for name in names for place in self.named[name]}
        more = set().union(*(self.made[place] for place in found)) - names - before
        found = found.union(*(self.shown[place] for place in found))
        return found | self._uses(more, before | names) if more else found


def _assigned(nodes: list[ast.AST]) -> set[str]:
    """Name what some statements assign to."""
    statements = [one for one in nodes if isinstance(one, ast.Assign | ast.AnnAssign)]
    targets = [
        target
        for one in statements
        for target in getattr(one, "targets", [getattr(one, "target", None)])
    ]
    parts = (one for target in targets for one in ast.walk(target))
    return {getattr(one, "id", getattr(one, "attr", None)) for one in parts} - {None}


def _lines(body: list[ast.stmt]) -> range:
    return range(body[0].lineno, body[-1].end_lineno + 1)


def _holds(node: ast.AST, line: int) -> bool:
    return hasattr(node, "lineno") and node.lineno <= line <= node.end_lineno


class Watch:
    """Pytest plugin: the seconds that each passed test took."""

    def __init__(self) -> None:
        self.seconds = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the seconds of a test."""
        if report.when == "call" and report.passed:
            self.seconds[report.nodeid] = round(report.duration, 3)


def look_where_tests_reach(jobs: int) -> tuple[dict, dict]:
    """Run the suite once under coverage, by test."""
    import coverage

    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COVERAGE_FILE"] = f"{folder}/data"
        options = ["--cov=physio_vad", "--cov-context=test", "--cov-report=", f"-n{jobs}"]
        skipped = [f"--ignore-glob=*/{name}" for name in NOT_RUN]
        pytest.main([*PLAIN, "-mnot exhaustive", *options, *skipped, "tests"], plugins=[watch])
        data = coverage.CoverageData(f"{folder}/data")
        data.read()
        tests = {}
        for file in data.measured_files():
            lines = {
                line: sorted({one.partition("|")[0] for one in contexts} & set(watch.seconds))
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            tests[str(Path(file).relative_to(ROOT))] = lines
    return tests, watch.seconds


def read_or_look(folder: Path, jobs: int) -> Reach:
    """Take the notes of an earlier look, or make them."""
    notes = folder / "reach.json"
    if not notes.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # not here: what the tests import would stay, and no change of it would be seen
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as elsewhere:
            look = elsewhere.submit(look_where_tests_reach, jobs).result()
        notes.write_text(json.dumps(look), encoding="utf-8")
    tests, seconds = json.loads(notes.read_text(encoding="utf-8"))
    by_line = {
        file: {int(line): found for line, found in lines.items()} for file, lines in tests.items()
    }
    return Reach(by_line, seconds)


def survives(mutant: Mutant, tests: list[str], tree: Path) -> bool:
    """Make the change in a copy of the tree, run the tests, and undo it."""
    if not tests:
        return True
    file = tree / mutant.path
    source, when = file.read_text(encoding="utf-8"), file.stat()
    file.write_text(source[: mutant.first] + mutant.text + source[mutant.last :], encoding="utf-8")
    try:
        return _run_in_fork(tests, tree) == 0
    finally:
        file.write_text(source, encoding="utf-8")
        os.utime(file, ns=(when.st_atime_ns, when.st_mtime_ns))


def _run_in_fork(tests: list[str], tree: Path) -> int:
    """Run tests in a fork, which has all that is slow to import; an endless loop is a failure."""
    child = os.fork()
    if child == 0:
        os.setsid()
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.chdir(tree)
        sys.path.insert(0, str(tree))
        os.environ["PYTHONPATH"] = str(tree)
        os._exit(int(pytest.main([*PLAIN, "-x", *tests])))
    stop = time.monotonic() + LONGEST
    while time.monotonic() < stop:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return 1


def main() -> None:
    """Draw changes, run them, print the share that is noticed and what is not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("number", type=int, nargs="?", default=300)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=60, help="of tests a change meets at most")
    parser.add_argument("--notes", type=Path, default=ROOT / "bench-output" / "mutants")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    reach = read_or_look(options.notes, options.jobs)
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    assert "physio_vad" not in sys.modules, "the copies of the tree would not be imported"
    files = [one for name in FOLDERS for one in sorted((ROOT / "physio_vad" / name).rglob("*.py"))]
    every = [one for path in files for one in mutants_of(path.relative_to(ROOT))]
    chosen = random.Random(options.seed).sample(every, min(options.number, len(every)))
    left = _left_of(chosen, reach, options)
    killed = len(chosen) - len(left)
    print(
        f"{killed} of {len(chosen)} changes noticed ({killed / len(chosen):.1%}), "
        f"of {len(every)} there are; seed {options.seed}"
    )


def _left_of(chosen: list[Mutant], reach: Reach, options: argparse.Namespace) -> list[Mutant]:
    """Run every change, in as many copies of the tree as there are jobs."""
    tests = [reach.of(one, options.seconds) for one in chosen]
    with tempfile.TemporaryDirectory() as folder:
        if (ROOT.parent / "shared").exists():
            (Path(folder) / "shared").symlink_to((ROOT.parent / "shared").resolve())
        work = []
        for job in range(options.jobs):
            tree = Path(folder) / str(job)
            ignored = shutil.ignore_patterns(".git", ".venv*", "*-output", "_build")
            shutil.copytree(ROOT, tree, ignore=ignored)
            share = slice(job, None, options.jobs)
            work.append((chosen[share], tests[share], tree))
        with multiprocessing.get_context("fork").Pool(options.jobs) as pool:
            return [one for some in pool.starmap(survivors, work, chunksize=1) for one in some]


def survivors(mutants: list[Mutant], tests: list[list[str]], tree: Path) -> list[Mutant]:
    """Run changes one after the other in a copy of the tree."""
    left = []
    for number, (one, reaching) in enumerate(zip(mutants, tests, strict=True), start=1):
        if survives(one, reaching, tree):
            left.append(one)
            print(f"survived {len(reaching)} tests: {one.describe()}", flush=True)
        print(f"job {tree.name}: {number} of {len(mutants)}", file=sys.stderr, flush=True)
    return left


if __name__ == "__main__":
    main()
