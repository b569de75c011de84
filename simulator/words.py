"""The one way to the user's language for text that no widget says by itself with `tr`.

Widgets say `self.tr("...")`; functions and tables say `translate("Context", "...")`, with both
texts written out, so that `tools/make_translation.py` finds them. Texts from data (knobs, presets)
are looked up in the context of their kind; the same tool lists them.
"""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

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
