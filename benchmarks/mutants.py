"""How many seeded single changes of the science the tests notice: mutants.py [N] [SEED].

Numbers, comparisons and signs are changed one at a time in the folders below, each in
a copy of the tree, and the tests that stand beside the file are run. What survives is printed with
its place, to be read: a change that no input can show is no gap.

    python benchmarks/mutants.py 300 0 --jobs 2
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("dsp", "modalities", "features", "evaluation", "io")
LONGEST = 240  # seconds; a change that makes an endless loop counts as noticed
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
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            first = offset(node.lineno, node.col_offset)
            last = offset(node.end_lineno, node.end_col_offset)
            text = repr(node.value * 2 if node.value not in (0, 1) else 1 - node.value)
            found.append(
                Mutant(path, node.lineno, offset(node.lineno, node.col_offset), last, text)
            )
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


def tests_of(path: Path) -> list[str]:
    """Find the tests of a file: of its own name, of those that name its module, or its folder's."""
    folder, name = path.parent.name, path.stem
    module = ".".join(path.with_suffix("").parts)
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    own = [one for one in tests if one.stem == f"test_{name}"]
    named = [one for one in tests if module in one.read_text(encoding="utf-8") and one not in own]
    beside = [one for one in tests if one.parent.name == folder and one not in [*own, *named]]
    chosen = [*own, *named[:6], *beside[:12]]
    return [str(one.relative_to(ROOT)) for one in chosen] or ["tests/features"]


def survives(mutant: Mutant, tree: Path) -> bool:
    """Make the change in a copy of the tree, run its tests, and undo it."""
    file = tree / mutant.path
    source = file.read_text(encoding="utf-8")
    file.write_text(source[: mutant.first] + mutant.text + source[mutant.last :], encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header"]
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [*command, *tests_of(mutant.path)],
            cwd=tree,
            env=environment,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )
        return done.returncode == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        file.write_text(source, encoding="utf-8")


def main() -> None:
    """Draw changes, run them, print the share that is noticed and what is not."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("number", type=int, nargs="?", default=300)
    parser.add_argument("seed", type=int, nargs="?", default=0)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    files = [one for name in FOLDERS for one in sorted((ROOT / "physio_vad" / name).rglob("*.py"))]
    every = [one for path in files for one in mutants_of(path.relative_to(ROOT))]
    chosen = random.Random(options.seed).sample(every, min(options.number, len(every)))
    with tempfile.TemporaryDirectory() as folder:
        trees = [Path(folder) / str(number) for number in range(options.jobs)]
        for tree in trees:
            ignored = shutil.ignore_patterns(".git", ".venv", "*_output", "_build", "__pycache__")
            shutil.copytree(ROOT, tree, ignore=ignored)
        shares = [chosen[number :: options.jobs] for number in range(options.jobs)]

        def work(tree: Path, share: list[Mutant]) -> list[Mutant]:
            left = []
            for one in share:
                if survives(one, tree):
                    left.append(one)
                    print(f"survived: {one.describe()}", flush=True)
            return left

        with ThreadPoolExecutor(options.jobs) as pool:
            left = [one for some in pool.map(work, trees, shares) for one in some]
    killed = len(chosen) - len(left)
    print(
        f"{killed} of {len(chosen)} changes noticed ({killed / len(chosen):.1%}), "
        f"of {len(every)} there are; seed {options.seed}"
    )


if __name__ == "__main__":
    main()
