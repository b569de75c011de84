"""Bad content is refused with a sentence that names file and entry; good content is read."""

import math
from pathlib import Path

import pytest
from lesson_fakes import FakePhantom

import phantoms
from lessons.lesson import (
    FadedStep,
    QuestionStep,
    ReadStep,
    SourcesStep,
    TaskStep,
    WorkedStep,
)
from lessons.loader import MAX_BYTES, load_lesson, load_lesson_folder
from phantoms import ContentError
from phantoms.checked import faults_of
from physics.probe import UnknownNameError

GOOD_TOML = """
format = 1
name = "tilt"
title = "Tilt"
summary = "Tilt a tendon."
outcomes = ["LO5"]
phantom = "flat_tendon"
probe = "L12-3"
sources = ["a book"]

[start]
slide_mm = 1
knobs = { frequency_mhz = 9 }

[[patch]]
name = "tendon"
label = "tendon"
region = "tendon"
x_mm = [-3, 3]

[[patch]]
name = "muscle"
label = "muscle"
region = "muscle"

[[reading]]
name = "drop"
label = "tendon below its best"
measure = "level_below_best_db"
patch = "tendon"

[[reading]]
name = "contrast"
label = "tendon re muscle"
measure = "level_difference_db"
patch = "tendon"
re = "muscle"

[[wire]]
name = "pin"
label = "pin"
at_mm = [0, 10]

[[reading]]
name = "width"
label = "width of the pin"
measure = "lateral_width_mm"
wire = "pin"

[[figure]]
name = "flat"
rock_deg = 3
crop_mm = [-9, 9, 5, 25]

[[step]]
name = "predict"
kind = "question"
title = "Predict"
ask = "What?"
choices = [
    { text = "no", why_not = "because not" },
    { text = "yes", correct = true, why = "because so" },
]

[[step]]
name = "cause"
kind = "task"
title = "Cause"
shows = ["drop", "contrast"]
ask = "Rock."
goals = [{ reading = "drop", at_least = 10, unmet = "Only {value}." }]
hint = "further"
reason = "angle"
solution = { rock_deg = 12 }

[[step]]
name = "bank"
kind = "question"
title = "Bank"
item = "lo5_why_tilted_tendon_is_dark"

[[step]]
name = "watch"
kind = "worked"
title = "Watch"
shows = ["width"]
moves = [
    { say = "Look.", seconds = 2 },
    { rock_deg = 9, say = "Rock.", knobs = { gain_db = 3 } },
]

[[step]]
name = "finish"
kind = "faded"
title = "Finish"
start = { rock_deg = 5 }
moves = [{ rock_deg = 4, say = "First." }, { rock_deg = 0, say = "Then." }]
left_to_you = 1
ask = "Go on."
goals = [{ reading = "drop", at_most = 1, unmet = "Still {value}." }]
hint = "on"
reason = "angle"

[[step]]
name = "end"
kind = "read"
title = "End"

[[step]]
name = "books"
kind = "sources"
title = "Books"
"""
GOOD_TEXT = """
# predict
One.

# cause
Two.

# bank
Four.

# watch
Five.

# finish
Six.

# end
Three. ![flat](figure:flat)
"""


@pytest.fixture(autouse=True)
def fake_phantom(monkeypatch):
    def load(name: str) -> FakePhantom:
        if name != "flat_tendon":
            raise UnknownNameError("phantom", name, ["flat_tendon"])
        return FakePhantom()

    monkeypatch.setattr(phantoms, "load_phantom", load)


def write(folder: Path, toml: str | bytes = GOOD_TOML, text: str | bytes = GOOD_TEXT) -> Path:
    for name, content in (("lesson.toml", toml), ("text.md", text)):
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name).write_bytes(data)
    return folder


def message(folder: Path, toml: str | bytes = GOOD_TOML, text: str | bytes = GOOD_TEXT) -> str:
    with pytest.raises(ContentError) as caught:
        load_lesson_folder(write(folder, toml, text), shown_as="here")
    return str(caught.value)


def test_good_content_is_read_and_converted_to_si(tmp_path):
    lesson = load_lesson_folder(write(tmp_path))
    assert lesson.name == "tilt"
    assert lesson.start.pose.slide_m == pytest.approx(1e-3)
    assert lesson.start.settings.frequency_hz == pytest.approx(9e6)
    assert lesson.start.settings.depth_m == pytest.approx(40e-3)  # the phantom's own start
    predict, cause, bank, watch, finish, end, books = lesson.steps
    assert isinstance(predict, QuestionStep)
    assert isinstance(cause, TaskStep)
    assert isinstance(end, ReadStep)
    assert [choice.correct for choice in predict.choices] == [False, True]
    assert cause.shows[0].patch.x_m == (-3e-3, 3e-3)
    assert (cause.goals[0].low, cause.goals[0].high) == (10.0, math.inf)
    assert cause.solution.pose.rock_rad == pytest.approx(math.radians(12))
    assert cause.solution.pose.slide_m == lesson.start.pose.slide_m
    assert end.text.startswith("Three.")
    assert bank.ask.startswith("A tendon is tilted by 12°")
    assert isinstance(watch, WorkedStep)
    assert [move.seconds for move in watch.moves] == [2.0, 5.0]
    assert watch.start == lesson.start  # an example begins somewhere
    assert watch.moves[0].scene == lesson.start
    assert watch.moves[1].scene.settings.gain_db == 3
    assert watch.shows[0].wire.z_m == pytest.approx(10e-3)
    assert watch.shows[0].decimals == 2
    assert isinstance(finish, FadedStep)
    assert [move.say for move in finish.moves] == ["First."]
    assert finish.solution.pose.rock_rad == 0.0
    assert isinstance(books, SourcesStep)
    assert books.text == "- a book"
    figure = lesson.figures["flat"]
    assert figure.scene.pose.rock_rad == pytest.approx(math.radians(3))
    assert figure.crop_m == pytest.approx((-9e-3, 9e-3, 5e-3, 25e-3))


@pytest.mark.parametrize(
    ("found", "instead", "expected"),
    [
        ('item = "lo', 'item = "lo5_why', ["step 3 'bank', item", "question of the bank"]),
        (
            "moves = [\n    { say",
            "moves = [\n    { said",
            ["step 4 'watch', moves 1", "'said' is not a key"],
        ),
        ("rock_deg = 9", "rock_deg = 19", ["step 4 'watch', moves 2, rock_deg", "-15 to 15"]),
        ("seconds = 2", "seconds = 0.2", ["step 4 'watch', moves 1, seconds", "0.2"]),
        ("left_to_you = 1", "left_to_you = 2", ["step 5 'finish', left_to_you", "2 of 2 moves"]),
        ("left_to_you = 1", "left_to_you = 0", ["step 5 'finish', left_to_you", "0"]),
        ("crop_mm = [-9, 9, ", "crop_mm = [9, -9, ", ["figure 1 'flat', crop_mm", "smaller"]),
        ("rock_deg = 3\n", "rock_deg = 33\n", ["figure 1 'flat', rock_deg", "33"]),
        ('[[figure]]\nname = "flat"', "[[figure]]", ["figure 1, name", "missing"]),
        ('sources = ["a book"]', "", ["step 7 'books'", "'sources'"]),
        ('kind = "sources"', 'kind = "source"', ["step 7", "did you mean 'sources'"]),
        ("at_mm = [0, 10]", "at_mm = [1, 10]", ["wire 1 'pin', at_mm", "nearest is at [0, 10]"]),
        ('"lateral_width_mm"', '"lateral_width"', ["reading 3", "'lateral_width_mm'"]),
        ('wire = "pin"', 'wire = "pim"', ["reading 3 'width', wire", "did you mean 'pin'"]),
        ('wire = "pin"', 'patch = "tendon"', ["reading 3 'width'", "'wire' is missing"]),
        (
            'hint = "further"',
            'hitn = "further"',
            ["step 2 'cause'", "'hitn'", "did you mean 'hint'"],
        ),
        ('hint = "further"', "", ["step 2 'cause'", "hint", "missing"]),
        ('kind = "task"', 'kind = "tesk"', ["step 2 'cause'", "'tesk'", "did you mean 'task'"]),
        ("format = 1", "format = 2", ["format", "2"]),
        ('phantom = "flat_tendon"', 'phantom = "flat_tendn"', ["phantom", "'flat_tendon'"]),
        ('probe = "L12-3"', 'probe = "L12"', ["probe", "'L12'", "L12-3"]),
        ('region = "tendon"', 'region = "tendn"', ["patch 1 'tendon', region", "'tendon'"]),
        ("x_mm = [-3, 3]", "x_mm = [3, -3]", ["patch 1 'tendon', x_mm", "smaller"]),
        ("x_mm = [-3, 3]", "x_mm = [3]", ["patch 1 'tendon', x_mm"]),
        ("x_mm = [-3, 3]", "x_mm = [nan, 3]", ["patch 1 'tendon', x_mm", "nan"]),
        ('name = "muscle"', 'name = "tendon"', ["patch 2 'tendon', name", "again"]),
        ('"level_below_best_db"', '"level_below_db"', ["reading 1 'drop', measure", "best_db'"]),
        ('patch = "tendon"', 'patch = "tendons"', ["reading 1 'drop', patch", "'tendon'"]),
        ('re = "muscle"', "", ["reading 2 'contrast'", "'re' is missing"]),
        ('"level_difference_db"', '"level_db"', ["reading 2 'contrast', re", "takes no 're'"]),
        ('shows = ["drop", ', 'shows = ["dorp", ', ["step 2 'cause', shows 1", "'drop'"]),
        ('{ reading = "drop"', '{ reading = "d"', ["step 2 'cause', goals 1, reading", "drop"]),
        ("at_least = 10, ", "", ["step 2 'cause', goals 1", "no bound"]),
        ("at_least = 10", "between = [3, 1]", ["goals 1, between", "smaller"]),
        ("at_least = 10", "between = [1, 3], at_most = 2", ["goals 1", "one of them"]),
        ("at_least = 10", "at_least = 10, at_most = 2", ["goals 1", "none fits both"]),
        ("at_least = 10", 'at_least = "ten"', ["goals 1, at_least", "'ten'"]),
        ("Only {value}.", "Too little.", ["goals 1, unmet", "{value}"]),
        ("correct = true, ", "correct = false, ", ["step 1 'predict', choices", "0 are marked"]),
        (', why_not = "because not"', "", ["step 1 'predict', choices 1", "'why_not' is missing"]),
        ("why_not = ", "why = ", ["step 1 'predict', choices 1", "needs 'why_not'"]),
        ("rock_deg = 12", "rock_deg = 40", ["solution, rock_deg", "40", "-15 to 15 degrees"]),
        ("rock_deg = 12", "press_mm = 9", ["solution, press_mm", "9", "0 to 4 mm"]),
        ("slide_mm = 1\n", "slide_mm = 11\n", ["start, slide_mm", "-10 to 10 mm"]),
        ("slide_mm = 1\n", "standoff_mm = 25\n", ["start, standoff_mm", "25", "0 to 20 mm"]),
        ("frequency_mhz", "frequncy_mhz", ["start, knobs", "did you mean 'frequency_mhz'"]),
        ("frequency_mhz = 9", "frequency_mhz = 99", ["start, knobs", "99", "2 to 18 MHz"]),
        ("frequency_mhz = 9", "frequency_mhz = 15", ["start, knobs", "15", "4 to 12 MHz"]),
        ("frequency_mhz = 9", "tgc_db = 9", ["start, knobs", "tgc_db"]),
        ("frequency_mhz = 9", 'gain_db = "loud"', ["start, knobs", "'loud'"]),
        ('title = "Tilt"', 'title = ""', ["title"]),
        ("[start]", "[start", ["not valid TOML"]),
    ],
)
def test_bad_toml_is_refused_with_file_and_entry(tmp_path, found, instead, expected):
    assert found in GOOD_TOML
    text = message(tmp_path, GOOD_TOML.replace(found, instead, 1))
    assert text.startswith("here/lesson.toml: ")
    assert "\n" not in text
    assert "pydantic" not in text
    for part in expected:
        assert part in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GOOD_TEXT.replace("# end", "# ned"), "step is called 'ned'"),
        (GOOD_TEXT.replace("figure:flat", "figure:falt"), "(did you mean 'flat'?)"),
        (GOOD_TEXT + "![so](figure:flta)", "no figure is called 'flta'"),
        (GOOD_TEXT + "[so](https://example.org)", "found a link to 'https://example.org'"),
        (GOOD_TEXT.replace("# end\nThree.", ""), "section '# end' is missing"),
        (
            GOOD_TEXT.replace("Three. ![flat](figure:flat)", ""),
            "section '# end' is missing or empty",
        ),
        (GOOD_TEXT + "# end\nagain", "line 19: a second section 'end'"),
        ("lost\n" + GOOD_TEXT, "line 1: text before"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        ("x" * (MAX_BYTES + 1), "longer than"),
    ],
)
def test_bad_text_is_refused_with_file_and_line(tmp_path, text, expected):
    found = message(tmp_path, text=text)
    assert found.startswith("here/text.md: ")
    assert expected in found


@pytest.mark.parametrize("toml", [b"\xff\xfe", b"a" * (MAX_BYTES + 1), b"x = " + b"[" * 9000])
def test_broken_or_huge_toml_is_refused(tmp_path, toml):
    assert message(tmp_path, toml).startswith("here/lesson.toml: ")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ContentError, match=r"lesson\.toml: cannot be read"):
        load_lesson_folder(tmp_path)


def test_an_unknown_lesson_is_refused_with_the_names_there_are(monkeypatch):
    monkeypatch.setattr("lessons.loader.load_lessons", lambda: {"anisotropy": None})
    with pytest.raises(UnknownNameError, match="did you mean 'anisotropy'"):
        load_lesson("anisotrpy")


def test_all_that_is_wrong_is_listed(tmp_path):
    toml = GOOD_TOML.replace('"drop", "contrast"', '"dorp", "contrast"').replace(
        "rock_deg = 9", "rock_deg = 19"
    )
    with pytest.raises(ContentError) as caught:
        load_lesson_folder(write(tmp_path, toml, GOOD_TEXT + "![a](figure:x)"), shown_as="here")
    assert [fault.split(": ")[1] for fault in faults_of(caught.value)] == [
        "step 2 'cause', shows 1",
        "step 4 'watch', moves 2, rock_deg",
        "section '# end'",
    ]


def test_a_figure_that_is_shown_nowhere_is_a_fault(tmp_path):
    said = message(tmp_path, text=GOOD_TEXT.replace("![flat](figure:flat)", ""))
    assert said.startswith("here/lesson.toml: figure 1 'flat': is in no text")
