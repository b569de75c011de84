"""Anki packages (.apkg) by `genanki`: one note for each question, its options on the front.

A note's GUID is made of the item's id, so a later export updates the notes of an earlier one and
leaves the learner's schedule alone. Needs the extra `anki`.
"""

import hashlib
import html
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from lessons.exchange.common import Loss, Question, common_losses, labels_of
from lessons.exchange.texts import to_html
from phantoms.checked import ContentError

MODEL_ID, DECK_ID = 1742095301, 1742095302
"""Drawn once; Anki knows the note type and the deck again by them."""
DECK = "Insonate"
_LETTERS = "ABCDE"
_CSS = """.card { font-family: sans-serif; font-size: 18px; text-align: left; }
.key { font-weight: bold; }"""


def write_anki(questions: Sequence[Question]) -> tuple[bytes, list[Loss]]:
    """The file, and what it does not hold; ContentError without `genanki`."""
    try:
        import genanki
    except ImportError:
        raise ContentError(
            "Anki packages need genanki: install Insonate with the extra 'anki'"
        ) from None
    model = genanki.Model(
        MODEL_ID,
        "Insonate question",
        fields=[{"name": name} for name in ("Question", "Options", "Answer", "Explanations")],
        templates=[
            {
                "name": "Question",
                "qfmt": "{{Question}}{{Options}}",
                "afmt": "{{FrontSide}}<hr id=answer>{{Answer}}{{Explanations}}",
            }
        ],
        css=_CSS,
    )
    deck = genanki.Deck(DECK_ID, DECK)
    losses = common_losses(questions)
    with tempfile.TemporaryDirectory() as folder:
        media = []
        for question in questions:
            item, picture = question.item, question.picture
            front = to_html(item.stem)
            if picture is not None:
                name = f"insonate_{item.id}{picture.suffix}"
                Path(folder, name).write_bytes(picture.content)
                media.append(str(Path(folder, name)))
                front += f'<img src="{name}" alt="{html.escape(picture.alt)}">'
            options = list(zip(_LETTERS, item.options, strict=False))
            key = _LETTERS[item.key]
            deck.add_note(
                genanki.Note(
                    model=model,
                    guid=guid(item.id),
                    fields=[
                        front,
                        _lines(f"{at}. {_inline(option.text)}" for at, option in options),
                        f'<p class="key">{key}. {_inline(item.options[item.key].text)}</p>',
                        _lines(f"{at}. {_inline(option.explanation)}" for at, option in options),
                    ],
                    tags=[label.replace(":", "::") for label in labels_of(item)],
                )
            )
        losses += [
            Loss(question.item.id, "order of options", "a card shows them as they stand")
            for question in questions
            if question.item.kind == "sba" and not question.item.in_order
        ]
        out = Path(folder, "deck.apkg")
        # dated now: Anki updates a note only if the file's is newer
        genanki.Package(deck, media_files=media).write_to_file(str(out))
        return out.read_bytes(), losses


def guid(name: str) -> str:
    """Of the note of the item with this id, for ever."""
    return hashlib.sha256(f"insonate:{name}".encode()).hexdigest()[:20]


def _inline(text: str) -> str:
    return to_html(text, block=False)


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"<div>{line}</div>" for line in lines)
