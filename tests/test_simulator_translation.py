"""All text of the window can be translated: none is bare, all is found, and all has room."""

import ast
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
)

from simulator import theme
from simulator.models.scanner import Scanner
from simulator.views.lesson_panel import LessonPanel
from simulator.views.main_window import MainWindow
from simulator.words import install_language

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import make_translation  # noqa: E402

VIEWS = sorted((ROOT / "simulator" / "views").glob("*.py"))
SHOWS = {
    "setText", "setToolTip", "setWindowTitle", "setAccessibleName", "setPlaceholderText",
    "setStatusTip", "setTitle", "setIconText", "addAction", "addMenu", "addItem", "addRow",
    "showMessage", "QLabel", "QPushButton", "QCheckBox", "QMenu", "QAction", "QDockWidget",
    "QGroupBox", "QToolButton", "QRadioButton", "say", "tell", "drawText",
}  # fmt: skip
"""What puts a text before the user."""
PROPER_NAMES = {"TGC"}


def bare(node: ast.expr) -> list[str]:
    """Words of a text that stands in the code without being translated."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        found = [node.value]
    elif isinstance(node, ast.JoinedStr):
        found = [p.value for p in node.values if isinstance(p, ast.Constant)]
    elif isinstance(node, ast.IfExp):
        return bare(node.body) + bare(node.orelse)
    elif isinstance(node, ast.BinOp):
        return bare(node.left) + bare(node.right)
    else:
        found = []
    words = [str(text) for text in found if any(c.isalpha() for c in _without_tags(str(text)))]
    return [word for word in words if word not in PROPER_NAMES]


def _without_tags(text: str) -> str:
    import re

    return re.sub(r"<[^>]*>?|[^<]*>|&\w+;", "", text)


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_no_view_shows_a_bare_text(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in SHOWS:
                for argument in node.args:
                    assert not bare(argument), f"{path.name}:{node.lineno}: {ast.unparse(node)}"


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory):
    """A folder with a compiled translation into a made-up language: every text in brackets and
    with a few accented letters more, as a longer language has."""
    folder = tmp_path_factory.mktemp("translations")
    ts = folder / "insonate_eo.ts"
    make_translation.write_ts(ts)
    tree = ET.parse(ts)
    for message in tree.iter("message"):
        source = message.findtext("source") or ""
        translation = message.find("translation")
        assert translation is not None
        more = "é" * max(1, round(0.15 * len(source))) if len(source) < 40 else ""
        translation.text = f"{source}{more}»"
        translation.attrib.pop("type", None)
    tree.write(ts, encoding="utf-8", xml_declaration=True)
    assert make_translation.compile_ts(ts).is_file()
    return folder


@pytest.fixture
def translated_window(qtbot, qapp, pseudo):
    theme.apply(qapp)
    locale = QLocale(QLocale.Language.Esperanto)
    translator = install_language(qapp, pseudo, locale)
    assert translator is not None
    scanner = Scanner("muscle_block")
    window = MainWindow(scanner, lesson=LessonPanel(scanner))
    qtbot.addWidget(window)
    window.resize(1366, 690)
    window.show()
    yield window
    qapp.removeTranslator(translator)


def is_translated(text):
    plain = text.replace("&nbsp;", "")
    return "»" in plain or not any(c.isalpha() for c in plain)


def test_the_window_speaks_another_language_and_nothing_is_cut(translated_window, qtbot):
    window = translated_window
    for fold in window.console.folds.values():
        fold.button.setChecked(True)
    qtbot.wait(30)
    menus = [a.menu() for a in window.menuBar().actions()]
    assert all(is_translated(menu.title()) for menu in menus if isinstance(menu, QMenu))
    actions = [a for menu in menus for a in menu.actions() if a.text() and a.menu() is None]
    assert len(actions) > 15
    assert not [a.text() for a in actions if not is_translated(a.text())]
    names = {control.slider.accessibleName() for control in window.console.knobs.values()}
    assert all(is_translated(name) for name in names)
    kinds = (QPushButton, QToolButton, QCheckBox)
    for button in (b for kind in kinds for b in window.console.findChildren(kind)):
        if button.isVisible() and not button.objectName().startswith("qt_"):
            assert is_translated(button.toolTip()), button.text()
    for part in [window.console, window.probe, window.status]:
        for label in part.findChildren(QLabel):
            if label.isVisible() and label.text() and not label.wordWrap():
                assert label.width() >= label.minimumSizeHint().width(), label.text()
        for button in part.findChildren(QAbstractButton):
            if button.isVisible() and button.text() and isinstance(button, QPushButton):
                assert button.width() >= button.minimumSizeHint().width(), button.text()
    assert window.minimumSizeHint().width() <= 1366


def test_the_key_page_and_a_knobs_tool_tip_are_translated(translated_window):
    window = translated_window
    assert all(is_translated(binding.what) for binding in window.keys.bindings)
    tip = window.console.knobs["gain_db"].toolTip()
    assert tip.count("»") >= 3


def test_english_stays_where_there_is_no_translation(qapp, tmp_path):
    assert install_language(qapp, tmp_path, QLocale("de")) is None
    assert QApplication.translate("Knob", "Gain") == "Gain"
