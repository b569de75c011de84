"""The one way to the user's language for text that no widget says by itself with `tr`.

Widgets say `self.tr("...")`; functions and tables say `translate("Context", "...")`, with both
texts written out, so that `tools/make_translation.py` finds them. Texts from data (knobs, presets)
are looked up in the context of their kind; the same tool lists them.
"""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QTranslator

TRANSLATIONS = Path(__file__).with_name("translations")
"""Compiled translations, `insonate_<language>.qm`."""


def translate(context: str, text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate(context, text)


def install_language(
    app: QCoreApplication, folder: Path = TRANSLATIONS, locale: QLocale | None = None
) -> QTranslator | None:
    """Speak the language of the system, or of `locale`, if there is a translation for it.

    Returns the translator, which lives as long as the application; None if English stays.
    """
    translator = QTranslator(app)
    if not translator.load(locale or QLocale(), "insonate", "_", str(folder), ".qm"):
        translator.deleteLater()
        return None
    app.installTranslator(translator)
    return translator


CONSENSUS, SYNONYMS = "consensus", "synonyms"
MOVES = {
    CONSENSUS: {
        "slide_m": "Slide", "slide_y_m": "Across", "turn_rad": "Rotation", "tilt_rad": "Tilt",
        "rock_rad": "Heel-toe", "standoff_m": "Stand-off", "press_m": "Compression",
    },
    SYNONYMS: {
        "slide_m": "Slide", "slide_y_m": "Sweep", "turn_rad": "Turn", "tilt_rad": "Fan",
        "rock_rad": "Rock", "standoff_m": "Gel pad", "press_m": "Pressure",
    },
}  # fmt: skip
"""What ways to move a probe are called, by field of `Pose`: the terms of the consensus on
musculoskeletal ultrasound (Br J Sports Med), and common synonyms. 57 % of 418 who were asked find
that differing words make teaching harder: so a lecturer chooses."""
_PROPERTY = "moves_called"


def moves_called() -> str:
    """CONSENSUS or SYNONYMS: which terms are in use."""
    app = QCoreApplication.instance()
    chosen = app.property(_PROPERTY) if app is not None else None
    return chosen if chosen in MOVES else CONSENSUS


def call_moves(which: str) -> None:
    """Use these terms from now on; widgets hear of it as of another language."""
    app = QCoreApplication.instance()
    if app is not None and which in MOVES and which != moves_called():
        app.setProperty(_PROPERTY, which)
        QCoreApplication.sendEvent(app, QEvent(QEvent.Type.LanguageChange))


def move_name(field: str) -> str:
    """What changing this field of a pose is called."""
    return translate("Move", MOVES[moves_called()][field])
