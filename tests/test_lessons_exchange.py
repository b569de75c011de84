"""Moodle XML and GIFT: what goes out comes back, and nothing that comes in does harm."""

import contextlib
import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons.exchange.common import Imported, Picture, Question, bank_toml
from lessons.exchange.gift import read_gift, write_gift
from lessons.exchange.moodle import read_moodle, write_moodle
from lessons.exchange.texts import from_html, to_html
from lessons.question_bank import load_bank
from lessons.questions import Item
from phantoms.checked import ContentError, parse_toml

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
FORMATS = {"moodle": (write_moodle, read_moodle), "gift": (write_gift, read_gift)}
_INLINE = re.compile(r"<(?!/?(?:p|em|strong|code)>|br />)")


def _plain_enough(text: str) -> bool:
    """No blocks but paragraphs, no links: what items of the bank consist of."""
    made = to_html(text)
    return bool(made) and not _INLINE.search(made) and made.count("<p>") == 1


WORDS = (
    st.text(
        st.one_of(
            st.sampled_from("~=#{}:\\<>&'\"*_`[]()%$-!|/ \n;abtn0é°λ²½µ→日🙂"),
            st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn", "Zs"]),
        ),
        min_size=1,
        max_size=40,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and _plain_enough(text))
)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True)


@st.composite
def items(draw: st.DrawFn) -> Item:
    true_false = draw(st.booleans())
    n = 2 if true_false else draw(st.integers(3, 5))
    key = draw(st.integers(0, n - 1))
    return Item.model_validate(
        {
            "id": draw(NAMES),
            "kind": "true_false" if true_false else "sba",
            "outcome": draw(st.sampled_from(["LO1", "LO4", "LO11"])),
            "difficulty": draw(st.integers(1, 3)),
            "level": draw(st.sampled_from(["recall", "apply", "analyse"])),
            "source": draw(st.lists(NAMES, min_size=1, max_size=3)),
            "tags": draw(st.lists(NAMES, max_size=2)),
            "stem": draw(WORDS),
            "options": [
                {
                    "text": ("True", "False")[i] if true_false else draw(WORDS),
                    "explanation": draw(WORDS),
                    "correct": i == key,
                }
                for i in range(n)
            ],
        }
    )


def shown(item: Item) -> dict:
    """An item with its texts as they are read, for two spellings in Markdown can look the same."""
    data = item.model_dump()
    for part in (data, *data["options"]):
        for key in {"stem", "text", "explanation"} & set(part):
            part[key] = " ".join(html.unescape(to_html(part[key])).split())
    return data


@pytest.mark.parametrize("name", FORMATS)
@given(items())
@settings(max_examples=40, deadline=None)
def test_an_item_comes_back_as_it_went(name: str, item: Item) -> None:
    write, read = FORMATS[name]
    content, losses = write([Question(item)])
    found = read(content, "a file")
    assert not losses
    assert found.losses == []
    assert [shown(question.item) for question in found.questions] == [shown(item)]


@pytest.mark.parametrize("name", FORMATS)
def test_a_third_of_the_bank_comes_back_but_for_what_was_reported(name: str) -> None:
    write, read = FORMATS[name]
    bank = dict(list(load_bank().items.items())[::3])
    content, losses = write([Question(item) for item in bank.values()])
    found = read(content, "a file")
    assert found.losses == []
    assert {loss.field for loss in losses} <= {"misconception", "in_order"}
    back = {question.item.id: shown(question.item) for question in found.questions}
    lost = {(loss.item, loss.field) for loss in losses}
    assert list(back) == list(bank)
    for item in bank.values():
        expected = shown(item)
        if (item.id, "misconception") in lost:
            for option in expected["options"]:
                option["misconception"] = None
        if (item.id, "in_order") in lost:
            expected["in_order"] = False
        assert back[item.id] == expected


def test_the_texts_of_the_bank_come_back_letter_for_letter() -> None:
    for item in load_bank().items.values():
        for option in item.options:
            for text in (item.stem, option.explanation):
                assert from_html(to_html(text)).markdown.split() == text.split()


def test_a_bank_file_of_imported_items_is_read_as_they_were() -> None:
    some = list(load_bank().items.values())
    entries = parse_toml(bank_toml(some).encode(), "a file")["item"]
    assert [Item.model_validate(entry) for entry in entries] == some


def test_a_picture_is_embedded_in_moodle_xml_and_reported_by_gift() -> None:
    item = next(iter(load_bank().items.values()))
    question = Question(item, Picture(PNG, 'a "dark" band & more'))
    found = read_moodle(write_moodle([question])[0], "a file")
    assert found.questions[0].picture == question.picture
    assert found.questions[0].item.stem == item.stem
    assert "picture" in {loss.field for loss in write_gift([question])[1]}


def test_formulas_stand_between_the_marks_of_mathjax() -> None:
    made = to_html("Depth is $c t_0 / 2 < 3$ here.")
    assert made == r"<p>Depth is \(c t_0 / 2 &lt; 3\) here.</p>"
    assert from_html(made).markdown == "Depth is $c t_0 / 2 < 3$ here."


# the kinds of question of the published description of GIFT, in words of our own
GIFT = r"""
// a comment
$CATEGORY: $course$/one

::essay:: Describe gain. {}

::match:: Which goes with which? { =gain -> all echoes =TGC -> [plain]a depth }

::mc:: What does gain change?
{
    =brightness # yes
    ~[plain]speed < 3 # [html]<b>no</b>
    ~output # no\: never
}

::several:: Tick two. { ~%50%a#ok ~%50%b ~%-100%c }

::numbers:: How fast? {#1540:20~#no}

::more numbers:: How fast? {# =1540:0 =%50%1540:20 }

::range:: How fast? {#1500..1600}

::short:: Who? { =%100%him#yes =%50%her }

::tf:: Gain changes MI. { F#Output does.#Right.#### General }

Sound in fat is {~faster =slower ~as fast} than in muscle.

Only words.

::broken:: What } is { this
"""


def test_every_kind_of_gift_is_read_or_reported() -> None:
    found = read_gift(GIFT.encode(), "a file", "LO4")
    assert [question.item.id for question in found.questions] == ["mc", "tf", "question_11"]
    mc, tf, missing = (question.item for question in found.questions)
    assert [option.text for option in mc.options] == ["brightness", "speed < 3", "output"]
    assert [option.explanation for option in mc.options] == ["yes", "**no**", "no: never"]
    assert [option.explanation for option in tf.options] == ["Output does.", "Right."]
    assert tf.key == 1
    assert from_html(to_html(missing.stem)).plain == "Sound in fat is _____ than in muscle."
    said = {loss.item: loss.why for loss in found.losses if loss.field == "question"}
    for name, kind in {
        "essay": "essay", "match": "matching", "several": "several right", "numbers": "numerical",
        "more numbers": "numerical", "range": "numerical", "short": "short answer",
        "broken": "braces",
    }.items():  # fmt: skip
        assert kind in said[name]


MOODLE_KINDS = (
    "shortanswer", "numerical", "matching", "essay", "cloze", "description", "ddwtos", "calculated",
)  # fmt: skip


def test_every_kind_of_moodle_xml_is_read_or_reported() -> None:
    others = "".join(
        f'<question type="{kind}"><name><text>n {kind}</text></name></question>'
        for kind in MOODLE_KINDS
    )
    content = f"""<?xml version="1.0"?><quiz>
    <question type="category"><category><text>$course$/x</text></category></question>
    {others}
    <question type="multichoice"><name><text>Two right</text></name><single>false</single>
      <questiontext><text>Both?</text></questiontext>
      <answer fraction="50"><text>a</text></answer><answer fraction="50"><text>b</text></answer>
    </question>
    <question type="multichoice"><name><text>Which Knob?</text></name>
      <questiontext format="html"><text><![CDATA[<p>Which <u>knob</u> &amp; why?</p>]]></text>
      </questiontext>
      <answer fraction="100"><text>gain</text><feedback><text>yes</text></feedback></answer>
      <answer fraction="0"><text>TGC</text></answer>
      <answer fraction="33.3"><text>power</text></answer></question>
    </quiz>"""
    found = read_moodle(content.encode(), "a file", "LO4")
    assert [question.item.id for question in found.questions] == ["which_knob"]
    assert found.questions[0].item.stem == "Which knob & why?"
    said = " ".join(str(loss) for loss in found.losses)
    for kind in MOODLE_KINDS:
        assert f"n {kind}: question: not imported: an item cannot be of type '{kind}'" in said
    for words in ("Two right: question", "<u> lost", "which_knob: explanation", "fraction"):
        assert words in said


def test_a_question_without_an_outcome_is_not_guessed() -> None:
    found = read_gift(b"::q:: Really? {T}", "a file")
    assert not found.questions
    assert "--outcome" in str(found.losses[0])


BOMB = b'<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>'
OUTSIDE = b'<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/hosts">]><quiz>&x;</quiz>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (BOMB, "entities are not allowed"),
        (OUTSIDE, "entities are not allowed"),
        (b"<a>" * 5000, "nested deeper"),
        (b"<quiz>" + b" " * 20_000_000, "20 MB"),
        (b"<quiz><question>", "not valid XML"),
        (b"<html/>", "no Moodle XML"),
        (b'<?xml version="1.0" encoding="nonsense"?><quiz/>', "not valid XML"),
        (b"", "not valid XML"),
        (b"<quiz>" + b"<question/>" * 5001 + b"</quiz>", "5000 are allowed"),
    ],
)
def test_hostile_xml_is_refused_in_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(ContentError, match=words):
        read_moodle(content, "a file")


def test_a_damaged_or_huge_picture_is_lost_and_not_the_question() -> None:
    item = next(iter(load_bank().items.values()))
    good = write_moodle([Question(item, Picture(PNG))])[0]
    start, end = good.index(b'"base64">') + 9, good.index(b"</file>")
    for coded, words in (
        (b"!!!", "no base64"), (b"A" * 7_000_000, "larger than 5 MB"), (b"AAAA", "neither PNG"),
    ):  # fmt: skip
        found = read_moodle(good[:start] + coded + good[end:], "a file")
        assert found.questions[0].item.stem == item.stem
        assert found.questions[0].picture is None
        assert words in str(found.losses[0])


@given(st.binary(max_size=200) | st.text("{}~=#:\\[]%->\n TF/$a<&;", max_size=80).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_no_gift_file_crashes_the_reader(content: bytes) -> None:
    with contextlib.suppress(ContentError):
        assert isinstance(read_gift(content, "a file", "LO4"), Imported)


@given(st.text("<>!/[]-&#;p=\"' abimgsrcCDATA\\()$*_`\n", max_size=80))
@settings(max_examples=300, deadline=None)
def test_no_html_crashes_the_reader(source: str) -> None:
    for text in (source, f"<![{source}", f"<!{source}", f"<p>{source}</p>"):
        assert isinstance(from_html(text).markdown, str)


@pytest.mark.parametrize("difficulty", ["9" * 5000, "easy", "\u0663"])
def test_a_difficulty_that_is_none_is_reported(difficulty: str) -> None:
    found = read_gift(f"// [tag:difficulty:{difficulty}]\n::q:: Really? {{T}}".encode(), "f", "LO4")
    assert not found.questions
    assert "difficulty" in found.losses[0].why
