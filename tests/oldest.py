"""Print the lower bounds of the dependencies as constraints for pip: oldest.py SETUP_CFG."""

import configparser
import re
import sys

BOUND = re.compile(r"^([A-Za-z0-9_.-]+)>=([0-9][0-9.]*)")
NEWEST = {"pandas-stubs", "mypy", "ruff", "numpydoc"}
"""Tools of the house that no user installs."""


def bounds(path: str) -> dict[str, str]:
    """Read the lower bound of each dependency of the package and of its test extra."""
    setup = configparser.ConfigParser()
    setup.read(path, encoding="utf-8")
    lines = setup["options"]["install_requires"] + setup["options.extras_require"]["test"]
    found = map(BOUND.match, lines.splitlines())
    return {one[1]: one[2] for one in found if one and one[1] not in NEWEST}


if __name__ == "__main__":
    for name, version in bounds(sys.argv[1]).items():
        print(f"{name}=={version}")
