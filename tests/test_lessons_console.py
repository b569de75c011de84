"""Console questions: steps are counted, pictures judged, faults named; bad files refused."""

from dataclasses import replace

import numpy as np
import pytest
from lesson_fakes import REGION_NAMES, FakePhantom, fake_frame

import phantoms
from lessons.build_console import build_console, read_console
from lessons.console_session import ConsoleSession, differences
from lessons.lesson_rules import console_rule_faults
from phantoms.checked import ContentError, parse_toml
from physics.probe import UnknownNameError

GOOD = """
format = 1
name = "too_bright"
title = "Too bright"
request = "Show the tendon so that its texture can be judged."
outcome = "LO4"
difficulty = 1
phantom = "flat_tendon"
sources = ["chosen for teaching"]
start = { knobs = { gain_db = 20 } }
limits = { steps = 2, not_above_start = ["power"] }

[[patch]]
name = "tendon"
label = "tendon"
region = "tendon"

[[reading]]
name = "grey"
label = "grey of the tendon"
measure = "mean_grey"
patch = "tendon"

[[reading]]
name = "power"
label = "power"
measure = "power_db"

[[goal]]
reading = "grey"
between = [80, 160]
marks = 3
unmet = "It is {value}."
reason = "Gain lifts all greys."

[[solution]]
knobs = { gain_db = 0 }

[[alternative]]
title = "by power"
turns = [{ knobs = { power_db = -20 } }]

[why]
ask = "What has become of the noise?"
choices = [
    { text = "It fell too.", correct = true, why = "Gain acts on echoes and noise alike." },
    { text = "It stayed.", why_not = "It is amplified by the same factor as the echoes." },
]
"""


@pytest.fixture(autouse=True)
def fake_phantom(monkeypatch):
    def load(name: str) -> FakePhantom:
        if name != "flat_tendon":
            raise UnknownNameError("phantom", name, ["flat_tendon"])
        return FakePhantom()

    monkeypatch.setattr(phantoms, "load_phantom", load)


def build(toml: str = GOOD):
    return build_console(parse_toml(toml.encode(), "here.toml"), "here.toml")


def picture(scene):
    """As if 1 dB of gain or power were 3 greys."""
    settings = scene.settings
    frame = fake_frame(settings=settings, pose=scene.pose)
    grey = 120 + 3 * (settings.gain_db + settings.power_db)
    frame = replace(frame, output=replace(frame.output, mi=10 ** (settings.power_db / 20)))
    return replace(frame, picture=np.full((200, 200), np.clip(grey, 0, 255), np.uint8))


def turned(scene, **knobs):
    return replace(scene, settings=scene.settings.turned(**knobs))


@pytest.fixture
def session():
    session = ConsoleSession(build(), REGION_NAMES)
    session.begin(picture(session.question.start))
    return session


def test_a_question_is_read_and_its_routes_are_kept():
    question = build()
    assert question.probe == "L12-3"
    assert question.start.settings.gain_db == 20
    assert [route.title for route in question.routes] == ["the stored solution", "by power"]
    assert question.most_marks == 3 + 2
    assert question.goals[0].goal.reading.decimals == 0


def test_the_start_is_not_passed_and_says_number_target_and_physics(session):
    result = session.judge(picture(session.question.start))
    assert not result.passed
    assert result.marks == 0
    assert result.residual_faults == (
        "It is 180 of 255. Wanted: 80 to 160 of 255. Gain lifts all greys.",
    )


def test_a_good_picture_in_few_steps_gets_all_marks(session):
    scene = turned(session.question.start, gain_db=4)
    session.change(scene)
    result = session.judge(picture(scene))
    assert result.passed
    assert (result.marks, result.most_marks, result.n_step) == (5, 5, 1)
    assert result.residual_faults == ()
    assert "132 of 255 (wanted: 80 to 160 of 255)" in result.goals[0].sentence


def test_a_drag_is_one_step_and_a_second_drag_another(session):
    start = session.question.start
    for gain_db in (18, 15, 11):
        session.change(turned(start, gain_db=gain_db), 1.0)
    assert session.settle(2.0) == 1
    session.change(turned(start, gain_db=5), 3.0)
    assert session.settle(4.0) == 2
    assert session.settle(5.0) == 2


def test_another_knob_settles_the_one_before(session):
    scene = turned(session.question.start, gain_db=10)
    session.change(scene)
    session.change(turned(scene, focus_mm=10))
    assert session.settle() == 2


def test_a_knob_turned_back_is_no_step(session):
    session.change(turned(session.question.start, gain_db=10))
    session.change(session.question.start)
    assert session.settle() == 0


def test_what_changes_at_once_is_one_step(session):
    session.change(turned(session.question.start, depth_mm=30, focus_mm=12))
    assert session.settle() == 1


def test_too_many_steps_fail_and_say_so(session):
    scene = session.question.start
    for gain_db in (15, 10, 5):
        scene = turned(scene, gain_db=gain_db)
        session.change(scene)
        session.settle()
    result = session.judge(picture(scene))
    assert not result.passed
    assert result.marks == 4
    assert result.residual_faults == ("3 steps taken; 2 allowed.",)


def test_more_power_than_at_the_start_fails(session):
    question = build(GOOD.replace("gain_db = 20 }", "gain_db = 20, power_db = -10 }"))
    session = ConsoleSession(question, REGION_NAMES)
    session.begin(picture(question.start))
    scene = turned(question.start, power_db=0, gain_db=0)
    session.change(scene)
    result = session.judge(picture(scene))
    assert result.residual_faults == ("Power rose from −10 dB to 0 dB; it must not rise here.",)


def test_a_switch_of_the_physics_does_not_count_as_a_solution(session):
    scene = turned(session.question.start, gain_db=0, noise="off")
    session.change(scene)
    result = session.judge(picture(scene))
    assert not result.passed
    assert result.residual_faults == ("Noise is no knob of a scanner; put it back.",)
    assert result.marks == 3  # of the goal; none for limits


def test_the_log_tells_everything_in_order(session):
    scene = turned(session.question.start, gain_db=0)
    session.change(scene, 3.0)
    session.judge(picture(scene), 5.0)
    session.answer_why(1, 9.0)
    assert session.answered == 1
    assert [(e.at_s, e.what, e.changed, e.before, e.after) for e in session.events] == [
        (0.0, "begin", "", None, None),
        (5.0, "step", "gain_db", 20.0, 0.0),
        (5.0, "judge", "", None, 5),
        (9.0, "why", "", None, 1),
    ]


def test_a_second_attempt_begins_from_nothing(session):
    session.change(turned(session.question.start, gain_db=0))
    session.settle()
    session.begin(picture(session.question.start))
    assert session.n_step == 0
    assert len(session.events) == 1


def test_a_target_out_of_the_picture_is_said(session):
    scene = turned(session.question.start, depth_mm=14, focus_mm=10, gain_db=0)
    session.change(scene)
    (said,) = session.judge(picture(scene)).residual_faults
    assert said.startswith("The tendon is not in the picture")


def test_steps_of_a_route_are_counted_by_knob():
    start = build().start
    both = turned(start, gain_db=0, focus_mm=10)
    two = 'turns = [{ knobs = { power_db = -9, gain_db = 9 } }, { rock_deg = 1, preset = "elbow" }]'
    route = build(GOOD.replace("turns = [{ knobs = { power_db = -20 } }]", two)).routes[1]
    assert route.n_step == 4
    assert route.scenes[1].settings.power_db == 0.0  # the preset's, or the default
    assert differences(start, both) == {"focus_mm": (20.0, 10.0), "gain_db": (20.0, 0.0)}


@pytest.mark.parametrize(
    ("found", "instead", "expected"),
    [
        ("format = 1", "format = 2", ["format", "2"]),
        ('title = "Too bright"', "", ["title", "missing"]),
        ("request =", "requset =", ["'requset'", "did you mean 'request'"]),
        ('outcome = "LO4"', 'outcome = "LO40"', ["outcome", "LO40"]),
        ("difficulty = 1", "difficulty = 4", ["difficulty", "4"]),
        ('"flat_tendon"', '"flat_tendn"', ["phantom", "did you mean 'flat_tendon'"]),
        ('phantom = "flat', 'probe = "L12"\nphantom = "flat', ["probe", "'L12'"]),
        ('sources = ["chosen for teaching"]', "sources = []", ["sources"]),
        ("gain_db = 20", "gian_db = 20", ["start, knobs", "did you mean 'gain_db'"]),
        ("gain_db = 20", "gain_db = 200", ["start, knobs", "200", "-40 to 40 dB"]),
        ("{ knobs = { gain_db = 20 } }", '{ preset = "elbwo" }', ["preset", "mean 'elbow'"]),
        ("{ knobs = { gain_db = 20 } }", "{ rock_deg = 40 }", ["rock_deg", "-15 to 15"]),
        ("steps = 2", "steps = 0", ["limits, steps", "0"]),
        ("steps = 2, ", "", ["limits, steps", "missing"]),
        ('["power"]', '["pwoer"]', ["limits, not_above_start 1", "did you mean 'power'"]),
        ('region = "tendon"', 'region = "tendn"', ["patch 1 'tendon', region", "'tendon'"]),
        ('"mean_grey"', '"mean_gray"', ["reading 1 'grey', measure", "mean 'mean_grey'"]),
        ('"mean_grey"', '"cnr"', ["reading 1 'grey'", "'re' is missing"]),
        ('"mean_grey"', '"mi"', ["reading 1 'grey', patch", "mi takes no 'patch'"]),
        ('"mean_grey"', '"lateral_width_mm"', ["reading 1", "'wire' is missing"]),
        ('"mean_grey"', '"level_below_best_db"', ["goal 1, reading", "lessons only"]),
        ('reading = "grey"', 'reading = "gery"', ["goal 1, reading", "did you mean 'grey'"]),
        ("between = [80, 160]\n", "", ["goal 1", "no bound"]),
        ("[80, 160]", "[160, 80]", ["goal 1, between", "smaller"]),
        ("marks = 3", "marks = 0", ["goal 1, marks", "0"]),
        ("marks = 3", "marks = 1.5", ["goal 1, marks", "1.5"]),
        ('"It is {value}."', '"No."', ["goal 1, unmet", "{value}"]),
        ('reason = "Gain lifts all greys."', "", ["goal 1, reason", "missing"]),
        ("[[solution]]\nknobs = { gain_db = 0 }", "solution = []", ["solution"]),
        ("gain_db = 0 }", "gain_db = 20 }", ["solution 1", "changes nothing"]),
        ("gain_db = 0 }", 'noise = "off" }', ["solution 1, knobs", "'noise'", "no scanner"]),
        ('title = "by power"', "", ["alternative 1, title", "missing"]),
        ("power_db = -20", "power_db = 20", ["alternative 1, turns 1, knobs", "-30 to 0 dB"]),
        ("correct = true, why =", "why =", ["why, choices", "0 are marked"]),
        (", why_not = ", ", why = ", ["why, choices 2", "needs 'why_not'"]),
        ('ask = "What', 'item = "lo4_x"\nask = "What', ["why", "'item'", "one is enough"]),
        ("[why]", "[why", ["not valid TOML"]),
    ],
)
def test_a_bad_file_is_refused_with_file_and_entry(found, instead, expected):
    assert found in GOOD
    toml = GOOD.replace(found, instead, 1)
    if instead == "solution = []":
        toml = "solution = []\n" + GOOD.replace(found, "", 1)
    with pytest.raises(ContentError) as caught:
        build(toml)
    said = str(caught.value)
    assert said.startswith("here.toml: ")
    assert "\n" not in said
    assert "pydantic" not in said
    for part in expected:
        assert part in said


def test_a_question_of_the_bank_may_be_asked_afterwards():
    head = GOOD[: GOOD.index("[why]")]
    why = build(head + '[why]\nitem = "lo5_why_tilted_tendon_is_dark"').why
    assert why.item == "lo5_why_tilted_tendon_is_dark"
    assert "tilted by 12°" in why.ask
    assert sum(choice.correct for choice in why.choices) == 1
    with pytest.raises(ContentError, match="did you mean 'lo5_why_tilted_tendon_is_dark'"):
        build(head + '[why]\nitem = "lo5_why_tilted_tendon_dark"')


def test_all_faults_of_a_folder_are_listed(tmp_path):
    bad = GOOD.replace('"grey"\nbetween', '"gery"\nbetween').replace("gain_db = 0 }", "gain = 0 }")
    (tmp_path / "too_bright.toml").write_text(GOOD)
    (tmp_path / "other.toml").write_text(bad)
    (tmp_path / "misnamed.toml").write_text(GOOD)
    questions, faults = read_console(tmp_path, "console")
    assert list(questions) == ["too_bright"]
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["console/misnamed.toml", "name"],
        ["console/other.toml", "goal 1, reading"],
        ["console/other.toml", "solution 1, knobs"],
    ]


def test_words_are_checked_too():
    question = build(GOOD.replace("all greys", "all grays of colored tissue at $f"))
    said = list(console_rule_faults(question, "console"))
    assert len(said) == 2
    assert said[0] == (
        "console/too_bright.toml: goal 1, reason: found 'colored'; it is spelt 'coloured' here"
    )
    assert "dollar signs" in said[1]
