"""The versions that make installs can be installed on every Python that the package names."""

import tomllib
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT: Final = Path(__file__).resolve().parents[1]
MINORS: Final = [
    one.rsplit(" ", 1)[1]
    for one in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    if one.startswith("Programming Language :: Python :: 3.")
]
PINNED: Final = {
    str(pin.name): pin.specifier
    for pin in map(
        Requirement, (line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "#" not in line)
    )
}


@pytest.mark.parametrize("minor", MINORS)
def test_what_is_pinned_installs_on_the_first_release_of_each_python(minor: str) -> None:
    """Debian 12 has Python 3.11.2: two pins that wanted 3.11.5 kept every command of make from working there."""
    asked = {one.name: one for one in distributions() if one.version in PINNED.get(one.name, SpecifierSet("<0"))}
    assert len(asked) > 100, "most of what is pinned is installed"
    refused = {
        name: wanted
        for name, one in asked.items()
        if f"{minor}.0" not in SpecifierSet(wanted := one.metadata.get("Requires-Python") or "")
    }
    assert not refused
