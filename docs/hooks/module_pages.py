"""Make one page for each module of the package, a list for each folder, and the navigation that leads there.

Made from the folders as they are, so a module that is moved, added or removed changes no file of the documentation.
"""

import ast
from pathlib import Path
from typing import Any, Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

PACKAGE: Final = "src/napari_refusion"
"""The package, from the root of the repository."""

SECTION: Final = "API"
"""Title of the navigation's section."""

NavEntry = dict[str, Any]
"""A title with its page, or with the entries below it."""


def on_config(config: MkDocsConfig) -> None:
    """Fill the navigation's section with all modules, folder by folder."""
    for entry in config.nav or []:
        if SECTION in entry:
            entry[SECTION] = _entries(_package(config))


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each module and each folder."""
    package = _package(config)
    for path in package.rglob("*.py"):
        name = ".".join(_names(path, package))
        content = f"---\ntitle: {name}\n---\n\n::: {name}\n{_contents(path)}"
        files.append(File.generated(config, _page(path, package), content=content))
    return files


def _package(config: MkDocsConfig) -> Path:
    return Path(config.docs_dir).parent / PACKAGE


def _entries(folder: Path, package: Path | None = None) -> list[NavEntry]:
    """Return a folder's own page, then its folders, then its modules."""
    package = package or folder
    own: list[NavEntry] = [{folder.name: _page(folder / "__init__.py", package)}]
    folders: list[NavEntry] = [
        {path.parent.name: _entries(path.parent, package)} for path in sorted(folder.glob("*/__init__.py"))
    ]
    modules = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
    return own + folders + [{path.stem: _page(path, package)} for path in modules]


def _contents(path: Path) -> str:
    """Return the list of what is in a folder with the first line of each docstring; nothing for a module."""
    if path.name != "__init__.py":
        return ""
    parts = [*sorted(path.parent.glob("*/__init__.py")), *sorted(path.parent.glob("*.py"))]
    rows = []
    for part in parts:
        if part != path:
            is_folder = part.name == "__init__.py"
            link = f"{part.parent.name}/index.md" if is_folder else f"{part.stem}.md"
            docstring = ast.get_docstring(ast.parse(part.read_text(encoding="utf-8"))) or ""
            title = part.parent.name if is_folder else part.stem
            rows.append(f"| [{title}]({link}) | {docstring.partition(chr(10))[0]} |\n")
    return "\n| part | what is there |\n|---|---|\n" + "".join(rows) if rows else ""


def _names(path: Path, package: Path) -> tuple[str, ...]:
    """Return the names that import a module: package, folders, file."""
    return tuple(name for name in path.relative_to(package.parent).with_suffix("").parts if name != "__init__")


def _page(path: Path, package: Path) -> str:
    """Return a module's page; that of a folder is the folder's index."""
    names = "/".join(_names(path, package)[1:])
    return f"api/{names}/index.md".replace("//", "/") if path.name == "__init__.py" else f"api/{names}.md"
