"""The documentation's site: built without a warning, and read without a network."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

LOADED = re.compile(
    r'<(?:script|img|iframe|source)\b[^>]*?\bsrc="(?P<src>[^"]+)"'
    r'|<link\b[^>]*?\bhref="(?P<href>[^"]+)"'
)
"""What a browser fetches by itself when it opens a page."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site; a link or docstring that mkdocs warns of fails the build."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)]
    environment = os.environ | {"SEARCHABLE": "false"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_no_page_fetches_anything_from_another_place(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    loaded = {link["src"] or link["href"] for page in pages for link in LOADED.finditer(page.read_text("utf-8"))}
    assert any(address.endswith(".css") for address in loaded)
    assert [address for address in loaded if re.match(r"[a-z]+:|//", address) and not address.startswith("data:")] == []


@pytest.mark.slow
def test_every_module_has_a_page(site: Path) -> None:
    package = ROOT / "src" / "napari_refusion"
    modules = [path.relative_to(package).with_suffix("") for path in package.rglob("*.py")]
    pages = [site / "api" / path.with_name("index" if path.name == "__init__" else path.name) for path in modules]
    assert [page for page in pages if not page.with_suffix(".html").is_file()] == []


@pytest.mark.slow
def test_equations_are_set_without_a_script(site: Path) -> None:
    page = (site / "method.html").read_text("utf-8")
    source = (ROOT / "docs" / "method.md").read_text("utf-8")
    assert page.count('<math xmlns="http://www.w3.org/1998/Math/MathML" display="block"') == source.count("\n$$\n") // 2
    assert "arithmatex" not in page


@pytest.mark.slow
def test_a_link_of_the_repository_leads_to_the_page_of_that_file(site: Path) -> None:
    review = (site / "review.html").read_text("utf-8")  # docs/review.md links ../training/results/planted_errors.md
    assert 'href="planted-errors.html"' in review
    assert (site / "planted-errors.html").is_file()
