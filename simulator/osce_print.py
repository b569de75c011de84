"""The marking sheet of an OSCE station on paper: HTML -> PDF, A4, by Qt's text layout."""

import os

from simulator.screen import check_qt
from simulator.version import program_version

_MARGIN_MM = 14.0
_DPI = 300


def sheet_pdf(html: str, title: str) -> bytes:
    """The sheet (`lessons.station_sheet.sheet_html`) as the bytes of a PDF file.

    Needs no screen: without an application one is made that shows nothing.
    UserError if Qt's system libraries are missing.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    check_qt()
    from PySide6.QtCore import QBuffer, QIODevice, QMarginsF
    from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPdfWriter, QTextDocument

    application = QGuiApplication.instance() or QGuiApplication(["insonate"])
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(title)
    writer.setCreator(f"Insonate {program_version()}")
    writer.setResolution(_DPI)
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    document = QTextDocument()
    document.setHtml(html)
    document.print_(writer)
    del writer, application
    return bytes(buffer.data().data())
