"""Put pages of the repository that lie outside ``docs/`` on the site, and let all links between pages hold there.

Every page is written once, where a reader of the repository looks for it, with links that hold there. On the site a
link to a file that has a page becomes a link to that page, a picture is brought along, and of any other link the text
stays.
"""

import posixpath
import re
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

PAGES: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "sample_data/README.md": "sample-data.md",
    "training/README.md": "training.md",
    "training/results/planted_errors.md": "planted-errors.md",
    "src/napari_refusion/weights/medical.md": "weights/medical.md",
    "src/napari_refusion/weights/infrared_visible.md": "weights/infrared_visible.md",
    "src/napari_refusion/weights/multi_focus.md": "weights/multi_focus.md",
    "src/napari_refusion/weights/multi_exposure.md": "weights/multi_exposure.md",
}
"""Files of the repository -> their pages on the site."""

PICTURES: Final = {".gif", ".png", ".svg"}

LINK: Final = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
"""A Markdown link or picture to anything but an anchor of the same page."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of `PAGES`, and the pictures that they show."""
    root = _root(config)
    for source, page in PAGES.items():
        files.append(File.generated(config, page, content=(root / source).read_text(encoding="utf-8")))
        for picture in _pictures(root, source):
            if not picture.startswith("docs/"):
                files.append(File.generated(config, picture, abs_src_path=str(root / picture)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the page with every relative link as the site needs it."""
    place = page.file.src_uri
    folder = posixpath.dirname(_source(place))

    def on_site(link: re.Match[str]) -> str:
        target, anchor = link["target"], link["anchor"] or ""
        if "://" in target or target.startswith("mailto:"):
            return link[0]
        path = posixpath.normpath(posixpath.join(folder, target))
        if not (_root(config) / path).exists():
            return link[0]  # left as it is, for mkdocs to warn of
        found = _page(path)
        if files.get_file_from_path(found) is None:
            return link["text"]
        there = posixpath.relpath(found, posixpath.dirname(place) or ".")
        return f"{link['image']}[{link['text']}]({there}{anchor})"

    return LINK.sub(on_site, markdown)


def _root(config: MkDocsConfig) -> Path:
    return Path(config.docs_dir).parent


def _source(page: str) -> str:
    """Return the file of the repository that a page of the site was written in."""
    return {page: source for source, page in PAGES.items()}.get(page, f"docs/{page}")


def _page(source: str) -> str:
    """Return where a file of the repository is on the site, if it is there."""
    return PAGES.get(source, source.removeprefix("docs/"))


def _pictures(root: Path, source: str) -> list[str]:
    """Return the pictures that a page shows, as paths from the root of the repository."""
    text = (root / source).read_text(encoding="utf-8")
    shown = (
        posixpath.normpath(posixpath.join(posixpath.dirname(source), link["target"])) for link in LINK.finditer(text)
    )
    return sorted({path for path in shown if Path(path).suffix in PICTURES and (root / path).exists()})
