"""Every rule that the code writes is in the table, and the table holds no other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from napari_refusion.volume.rule import BY_CHECK, CHECKS, RULES

ROOT = Path(__file__).resolve().parents[2]

FILES = sorted(path.relative_to(ROOT) for folder in ("src", "training") for path in (ROOT / folder).rglob("*.py"))

FROM_VARIABLES = {
    "io/dicom/alike.py": {"patient", "study"},
    "io/dicom/traits.py": {"image type", "echo", "inversion time", "b-value", "contrast agent", "kernel"}
    | {"energy window", "frames", "repetition time", "flip angle", "tube voltage", "trigger time", "multi-frame"},
    "io/dicom/gate.py": {"modality", "units", "attenuation correction", "decay correction"},
    "io/dicom/geometry.py": {"matrix", "pixel spacing", "frame of reference"},
    "io/dicom/pixels.py": {"colour", "grey scale", "truncated file", "mosaic", "localizer", "projections"}
    | {"modality", "compression", "burned-in annotation"},
    "io/overlays/region_findings.py": {"volume of interest", "orientation", "position"} | {"missing slice", "overlap"},
    "session/settings.py": {"task", "axis", "engine"},
    "volume/registration/sentences.py": {"laterality", "registration"},
}
"""File -> rules that reach a finding through a variable there; they stand in that file as they are."""

COPIES = {
    "batch/fusing.py": {"one.rule"},
    "io/dicom/alike.py": {"trait.rule"},
    "io/dicom/read.py": {"one.rule"},
    "io/dicom/gate.py": {"fault.rule"},
    "report/words.py": {"one.rule"},
    "volume/finding.py": {"rule"},
}
"""File -> arguments that are the rule of another finding, or those of `PLACES`, whose callers are looked at."""

VARIABLES = {
    "io/dicom/alike.py": {"rule"},
    "io/dicom/gate.py": {"rule"},
    "io/dicom/geometry.py": {"rule"},
    "io/dicom/pixels.py": {"rule.name"},
    "io/overlays/region_findings.py": {"rule"},
    "session/settings.py": {"rule"},
    "volume/registration/sentences.py": {"rule"},
}
"""File -> arguments that hold the rules of `FROM_VARIABLES`."""


PLACES = {"refuse": 0, "check_name": 0, "Finding": 1}
"""What makes a finding -> the place of the rule among its arguments."""


def in_package(file: Path) -> str:
    """Return a file's path inside the package, or inside the repository for other files."""
    return file.as_posix().removeprefix("src/napari_refusion/")


def rules_of(source: str) -> Iterator[ast.expr]:
    """Yield the expression of the rule in every call of `PLACES` in a source text."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if called in PLACES:
            place = PLACES[called]
            named = [keyword.value for keyword in node.keywords if keyword.arg == "rule"]
            for rule in named or node.args[place : place + 1]:
                yield from (rule.body, rule.orelse) if isinstance(rule, ast.IfExp) else (rule,)


def literals(file: Path) -> set[str]:
    """Return the rules that are written out in the calls of one file."""
    found = (
        node.value for node in rules_of((ROOT / file).read_text(encoding="utf-8")) if isinstance(node, ast.Constant)
    )
    return {value for value in found if isinstance(value, str)}


def test_every_rule_that_a_file_writes_is_in_the_table() -> None:
    assert len(FILES) > 500
    assert {str(file): unknown for file in FILES if (unknown := literals(file) - RULES.keys())} == {}


def test_a_rule_in_a_variable_is_one_of_those_listed_here() -> None:
    for file in FILES:
        source = (ROOT / file).read_text(encoding="utf-8")
        found = {ast.unparse(node) for node in rules_of(source) if not isinstance(node, ast.Constant)}
        assert found == VARIABLES.get(in_package(file), set()) | COPIES.get(in_package(file), set()), file


@pytest.mark.parametrize("file", FROM_VARIABLES)
def test_the_rules_of_a_variable_stand_in_its_file_and_in_the_table(file: str) -> None:
    source = (ROOT / "src" / "napari_refusion" / file).read_text(encoding="utf-8")
    written = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    assert FROM_VARIABLES[file] <= written
    assert FROM_VARIABLES[file] <= RULES.keys()


def test_the_table_holds_no_rule_that_nothing_uses() -> None:
    used = set().union(*map(literals, FILES), *FROM_VARIABLES.values())
    assert RULES.keys() - used == set()


def test_no_rule_stands_under_two_checks() -> None:
    assert sum(len(rules) for rules in BY_CHECK.values()) == len(RULES)
    assert {rule.check for rule in RULES.values()} <= {*CHECKS, None}


def test_a_rule_describes_itself_in_whole_sentences() -> None:
    for name, rule in RULES.items():
        assert rule.name == name
        assert rule.description[0].isupper()
        assert rule.description.endswith(".")


@pytest.mark.parametrize(
    ("source", "rules"),
    [
        ("Finding('warn', 'gap', '')", ["gap"]),
        ("finding.Finding('warn', rule='gap', sentence='')", ["gap"]),
        ("raise refuse('gap', '')", ["gap"]),
        ("check_name('gap', gap, GAPS)", ["gap"]),
        ("raise refuse('gap' if apart else 'tilt', '')", ["gap", "tilt"]),
    ],
)
def test_a_rule_is_found_in_every_way_of_writing_the_call(source: str, rules: list[str]) -> None:
    assert [ast.literal_eval(node) for node in rules_of(source)] == rules
