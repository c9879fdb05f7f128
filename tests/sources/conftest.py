"""Small workbooks, written without a package for them."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _links(targets):
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_KIND}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{links}</Relationships>'
    )


def _cell(value, place):
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def _sheet(rows):
    lines = [
        f'<row r="{n}">{"".join(_cell(value, f"{chr(65 + k)}{n}") for k, value in enumerate(row))}</row>'
        for n, row in enumerate(rows, start=1)
        if row is not None
    ]
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


@pytest.fixture
def workbook(tmp_path):
    """Write rows (lists, or None for an empty row) and the rows of further sheets to a workbook; return its path."""

    def write(*rows, name="speakers.xlsx", more=None) -> Path:
        sheets = {"Sheet1": rows, **(more or {})}
        listed = "".join(
            f'<sheet name="{title}" sheetId="{n}" r:id="r{n}"/>' for n, title in enumerate(sheets, start=1)
        )
        parts = {
            "[Content_Types].xml": _TYPES,
            "_rels/.rels": _links([("officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_KIND}"><sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _links(
                [("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)]
            ),
            **{f"xl/worksheets/sheet{n}.xml": _sheet(cells) for n, cells in enumerate(sheets.values(), start=1)},
        }
        with zipfile.ZipFile(tmp_path / name, "w") as file:
            for part, content in parts.items():
                file.writestr(part, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
        return tmp_path / name

    return write
