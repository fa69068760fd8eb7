"""A table as a workbook (Office Open XML, ECMA-376), which every spreadsheet reads as it was written.

A text file says nothing of its decimal sign: where that is a comma, a spreadsheet takes 6.316 for 6316 without a word.
Here numbers are numbers and texts are texts, and no cell is calculated.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from napari_refusion.io.spreadsheet import is_number, on_one_line

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
"""Name in the archive -> what makes one sheet a workbook (Part 2, 8 and 10; Part 1, 12)."""

_NO_CHARACTERS: Final = dict.fromkeys((0xFFFE, 0xFFFF))
"""What an XML text may not hold beside control characters (XML 1.0, 2.2)."""


def write_workbook(rows: Sequence[Sequence[str]], path: Path, name: str, typed: Collection[str] = ()) -> None:
    """Write a table as the only sheet of a workbook.

    Parameters
    ----------
    rows
        The headings come first.
    path
        Ends in ``.xlsx``.
    name
        Of the sheet, at most 31 letters.
    typed
        Headings of columns that hold texts of a reader or of a file, which may look like a number.
    """
    sheet = f'<sheets><sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets>'
    lines = f"<sheetData>{_lines(rows, typed)}</sheetData>"
    parts = {
        **_PARTS,
        "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_OFFICE}">{sheet}</workbook>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEETS}">{lines}</worksheet>',
    }
    with ZipFile(path, "w") as archive:
        for part, content in parts.items():
            # of no time: the same table gives the same bytes
            archive.writestr(ZipInfo(part), f"{_HEAD}{content}", ZIP_DEFLATED)


def _lines(rows: Sequence[Sequence[str]], typed: Collection[str]) -> str:
    """Return the rows of a sheet (Part 1, 18.3.1)."""
    head = rows[0] if rows else ()
    return "".join(
        f"<row>{''.join(_cell(one, name in typed) for name, one in zip(head, row, strict=True))}</row>" for row in rows
    )


def _cell(text: str, is_typed: bool) -> str:
    """Return a number, or a text that nothing is made of; an empty cell has no value."""
    if is_number(text) and not is_typed:
        return f"<c><v>{text}</v></c>"
    flat = on_one_line(text.translate(_NO_CHARACTERS))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(flat)}</t></is></c>' if flat else "<c/>"
