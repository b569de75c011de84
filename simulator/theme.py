"""One restrained dark theme: Fusion, a palette and a small style sheet, in units of the font."""

from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPainter, QPalette
from PySide6.QtWidgets import QApplication

GROUND = "#1b1f23"
PANEL = "#22272d"
RAISED = "#2f363e"
LINE = "#3d4650"
TEXT = "#e6edf3"
QUIET = "#9aa7b4"
"""Labels that may step back; 6.6 : 1 on the ground, still readable from the back row."""
ACCENT = "#58a6d8"
"""What can be moved, and what has focus."""
NOTICE = "#f0b73e"
"""What needs attention: frozen, waiting, late, error."""
PICTURE = "#000000"
LARGE = 1.25
"""Letters of the knobs that are turned most, of the system's size."""
LEAST_PX = 11
"""No text is smaller."""


def apply(app: QApplication) -> None:
    """Dress the whole application; sizes follow the system font."""
    app.setStyle("Fusion")
    app.setPalette(_palette())
    app.setStyleSheet(_sheet(em_px(app), QFontInfo(app.font()).pixelSize()))


def em_px(app: QApplication) -> float:
    """Height of a line of text in the system font, px: the unit of all sizes here."""
    return QFontMetricsF(app.font()).height()


def least_points(painter: QPainter) -> float:
    """Size of the smallest letters allowed on what is painted on, points."""
    return 72.0 * LEAST_PX / painter.device().logicalDpiY()


def _palette() -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for which, colour in {
        role.Window: GROUND,
        role.WindowText: TEXT,
        role.Base: PANEL,
        role.AlternateBase: RAISED,
        role.Text: TEXT,
        role.Button: RAISED,
        role.ButtonText: TEXT,
        role.BrightText: NOTICE,
        role.ToolTipBase: RAISED,
        role.ToolTipText: TEXT,
        role.PlaceholderText: QUIET,
        role.Highlight: ACCENT,
        role.HighlightedText: "#0b0e11",
        role.Link: ACCENT,
        role.Accent: ACCENT,
    }.items():
        palette.setColor(which, QColor(colour))
    for which in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor("#6b7783"))
    return palette


def _sheet(em: float, letters: int) -> str:
    """Style sheet for a font with lines `em` px high and letters of so many px."""
    groove, handle = round(0.26 * em), round(0.98 * em)
    margin = (handle - groove) // 2
    small = round(0.3 * em)
    return f"""
    QToolTip {{
        background: {RAISED}; color: {TEXT}; border: 1px solid {LINE}; padding: {small}px; }}
    QSlider::groove:horizontal {{
        height: {groove}px; background: #121519; border: 1px solid {LINE};
        border-radius: {groove // 2}px; }}
    QSlider::sub-page:horizontal {{
        background: #35658a; border: 1px solid {LINE}; border-radius: {groove // 2}px; }}
    QSlider[bipolar="true"]::sub-page:horizontal {{ background: #121519; }}
    QSlider::handle:horizontal {{
        width: {round(0.62 * em)}px; height: {handle}px; margin: -{margin + 1}px 0;
        background: #c3ced9; border: 1px solid #0b0e11; border-radius: {round(0.2 * em)}px; }}
    QSlider::handle:horizontal:hover {{ background: #ffffff; }}
    QSlider::handle:horizontal:focus {{ background: {ACCENT}; border: 1px solid {TEXT}; }}
    QPushButton, QToolButton {{
        background: {RAISED}; border: 1px solid {LINE}; border-radius: {small}px;
        padding: {small}px {2 * small}px; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {QUIET}; }}
    QPushButton:focus, QToolButton:focus {{ border: 1px solid {ACCENT}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {GROUND}; }}
    QPushButton#freeze {{ font-weight: bold; padding: {round(0.45 * em)}px; }}
    QPushButton#freeze:checked {{ background: {NOTICE}; color: #15181b; border-color: {NOTICE}; }}
    QToolButton#fold {{ background: transparent; border: none; font-weight: bold; padding: 0; }}
    QToolButton#fold:hover, QToolButton#fold:focus {{ color: {ACCENT}; }}
    QLabel[quiet="true"] {{ color: {QUIET}; }}
    QLabel[large="true"], QPushButton#value[large="true"], QLineEdit#typed[large="true"] {{
        font-size: {round(LARGE * letters)}px; }}
    QPushButton#step {{ padding: {round(0.1 * em)}px; }}
    QPushButton#step:checked {{ background: #1d4260; border-color: {ACCENT}; }}
    QToolButton:checked {{ background: #1d4260; border-color: {ACCENT}; }}
    QToolButton#fold:checked {{ background: transparent; }}
    QStatusBar {{ background: {PANEL}; }}
    QStatusBar::item {{ border: none; }}
    QLabel#section {{ color: {QUIET}; font-weight: bold; }}
    QLabel[waiting="true"], QPushButton#value[waiting="true"] {{ color: {NOTICE}; }}
    QPushButton#value {{
        background: transparent; border: 1px solid transparent; font-weight: bold;
        padding: 0 {small}px; text-align: right; }}
    QPushButton#value:hover {{ border-color: {LINE}; background: #15181b; }}
    QPushButton#value:focus {{ border-color: {ACCENT}; }}
    QLineEdit#typed {{
        background: #0f1215; border: 1px solid {ACCENT}; padding: 0 {small}px; font-weight: bold; }}
    QFrame#banner {{ background: #4a3a12; border: 1px solid {NOTICE}; }}
    QFrame#banner QLabel {{ color: #fff4d6; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: {GROUND}; border: none; }}
    QScrollBar:vertical {{ background: {GROUND}; width: {round(0.7 * em)}px; margin: 0; }}
    QScrollBar::handle:vertical {{
        background: {LINE}; border-radius: {round(0.25 * em)}px; min-height: {2 * round(em)}px; }}
    QScrollBar::handle:vertical:hover {{ background: {QUIET}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QTreeView::indicator {{
        width: {round(0.8 * em)}px; height: {round(0.8 * em)}px; background: #0f1215;
        border: 1px solid {QUIET}; border-radius: {round(0.15 * em)}px; }}
    QTreeView::indicator:checked {{ background: {ACCENT}; border-color: {TEXT}; }}
    QDockWidget::title {{ background: {PANEL}; padding: {small}px; }}
    QProgressBar {{
        background: #15181b; border: 1px solid {LINE}; border-radius: {small}px;
        text-align: center; }}
    QProgressBar::chunk {{ background: {ACCENT}; }}
    """
