"""Formats that are written only, and files read by programs that were not written here."""

import io
import json
import re
import sqlite3
import time
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lessons.exchange.aiken import write_aiken
from lessons.exchange.anki import guid, write_anki
from lessons.exchange.common import Picture, Question
from lessons.exchange.gift import write_gift
from lessons.exchange.moodle import write_moodle
from lessons.exchange.qti import write_qti
from lessons.exchange.texts import from_html, to_html, to_plain
from lessons.question_bank import load_bank

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
SOME = [Question(item) for item in list(load_bank().items.values())[::9]]


def test_an_independent_parser_reads_the_gift_file() -> None:
    parser = pytest.importorskip("pygiftparser.parser")
    quiz = parser.parseFile(io.StringIO(write_gift(SOME)[0].decode()))
    assert len(quiz) == len(SOME)
    for theirs, ours in zip(quiz, SOME, strict=True):
        assert theirs.valid
        assert theirs.title == ours.item.id


def test_an_independent_parser_reads_the_moodle_xml_file() -> None:
    parser = pytest.importorskip("moodle_xml_parser.parser")
    theirs = parser.parse_bytes(write_moodle(SOME)[0])["multichoice"]
    ours = [question.item for question in SOME if question.item.kind == "sba"]
    assert [question.name for question in theirs] == [item.id for item in ours]
    for question, item in zip(theirs, ours, strict=True):
        assert question.single
        assert question.shuffle_answers != item.in_order
        worth = [option.score_fraction for option in question.options]
        assert worth == [100 if option.correct else 0 for option in item.options]
        texts = [from_html(option.answer).plain for option in question.options]
        assert texts == [from_html(to_html(option.text)).plain for option in item.options]


def test_aiken_has_a_line_for_each_part() -> None:
    content, losses = write_aiken(SOME)
    blocks = content.decode().strip().split("\n\n")
    assert len(blocks) == len(SOME)
    for block, question in zip(blocks, SOME, strict=True):
        stem, *options, key = block.split("\n")
        assert stem == to_plain(question.item.stem)
        assert [line[:3] for line in options] == ["A. ", "B. ", "C. ", "D. ", "E. "][: len(options)]
        assert len(options) == len(question.item.options)
        right = options[question.item.key]
        assert right[3:] == to_plain(question.item.options[question.item.key].text)
        assert key == f"ANSWER: {right[0]}"
    for field in ("explanation", "misconception"):
        assert field in {loss.field for loss in losses}


def test_aiken_leaves_out_a_stem_that_reads_as_an_option() -> None:
    item = SOME[0].item.model_copy(update={"stem": "A. Then what?"})
    content, losses = write_aiken([Question(item)])
    assert content == b""
    assert "not exported" in losses[-1].why


def notes_of(content: bytes, folder: Path) -> tuple[dict[str, tuple[str, str]], dict[str, bytes]]:
    """Fields and tags of the notes by GUID, and the media, of a package as Anki documents it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (folder / "c.anki2").write_bytes(archive.read("collection.anki2"))
        names = json.loads(archive.read("media"))
        media = {name: archive.read(number) for number, name in names.items()}
    base = sqlite3.connect(folder / "c.anki2")
    notes = {row[0]: row[1:] for row in base.execute("select guid, flds, tags from notes")}
    assert base.execute("select count(*) from cards").fetchone()[0] == len(notes)
    base.close()
    return notes, media


def test_an_anki_package_has_a_note_and_a_card_for_each_question(tmp_path: Path) -> None:
    pytest.importorskip("genanki")
    questions = [Question(SOME[0].item, Picture(PNG, "a band")), *SOME[1:]]
    notes, media = notes_of(write_anki(questions)[0], tmp_path)
    assert list(notes) == [guid(question.item.id) for question in questions]
    for question in questions:
        fields, tags = notes[guid(question.item.id)]
        front, _, answer, _ = fields.split("\x1f")
        key = question.item.options[question.item.key]
        assert to_plain(key.text) in " ".join(from_html(answer).plain.split())
        assert f"outcome::{question.item.outcome}" in tags.split()
        assert ("<img" in front) == (question.picture is not None)
    assert list(media.values()) == [PNG]
    assert re.search(f'src="{next(iter(media))}"', notes[guid(SOME[0].item.id)][0])


def test_a_qti_package_lists_what_it_holds_and_says_what_is_right() -> None:
    questions = [Question(SOME[0].item, Picture(PNG, 'a "band" & more')), *SOME[1:]]
    with zipfile.ZipFile(io.BytesIO(write_qti(questions)[0])) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = ElementTree.fromstring(files.pop("imsmanifest.xml"))
    package = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
    assert {file.get("href") for file in manifest.iter(f"{package}file")} == set(files)
    for question in questions:
        item = question.item
        root = ElementTree.fromstring(files[f"{item.id}.xml"])
        choices = [choice.get("identifier") for choice in root.iter(f"{QTI}simpleChoice")]
        feedback = [each.get("identifier") for each in root.iter(f"{QTI}modalFeedback")]
        assert choices == feedback == list("ABCDE"[: len(item.options)])
        assert root.findtext(f".//{QTI}correctResponse/{QTI}value") == "ABCDE"[item.key]
        images = [image.get("src") for image in root.iter(f"{QTI}img")]
        assert [files[str(src)] for src in images] == ([PNG] if question.picture else [])


def test_an_independent_parser_reads_the_qti_items(tmp_path: Path) -> None:
    parser = pytest.importorskip("onyx2moodle.parser")
    with zipfile.ZipFile(io.BytesIO(write_qti(SOME)[0])) as archive:
        archive.extractall(tmp_path)
    for question in SOME:
        item = question.item
        theirs = parser.parse_item(tmp_path / f"{item.id}.xml")
        (choice,) = theirs.interactions
        assert (theirs.identifier, choice.kind, choice.max_choices) == (item.id, "choice", 1)
        assert choice.shuffle == (item.kind == "sba" and not item.in_order)
        texts = [from_html(each.html).plain for each in choice.choices]
        assert texts == [from_html(to_html(option.text)).plain for option in item.options]
        whys = [to_plain(from_html(each.html).markdown) for each in theirs.feedback]
        assert whys == [to_plain(option.explanation) for option in item.options]


def test_anki_itself_takes_the_package_and_updates_it(tmp_path: Path) -> None:
    collection = pytest.importorskip("anki.collection")
    pytest.importorskip("genanki")
    first = [Question(SOME[0].item, Picture(PNG, "a band")), *SOME[1:]]
    stem = "Something new is asked here?"
    second = [*first[:1], Question(first[1].item.model_copy(update={"stem": stem})), *first[2:]]
    anki = collection.Collection(str(tmp_path / "c.anki2"))
    options = collection.ImportAnkiPackageOptions()
    for questions, new in ((first, len(first)), (second, 0)):
        path = tmp_path / "q.apkg"
        path.write_bytes(write_anki(questions)[0])
        request = collection.ImportAnkiPackageRequest(package_path=str(path), options=options)
        log = anki.import_anki_package(request).log
        assert (len(log.new), len(log.conflicting), anki.card_count()) == (new, 0, len(first))
        time.sleep(1.1)  # Anki counts changes in whole seconds
    assert len(anki.find_notes(f'"{stem}"')) == 1
    assert [path.read_bytes() for path in Path(anki.media.dir()).iterdir()] == [PNG]
    assert anki.fix_integrity()[1]
    anki.close()
