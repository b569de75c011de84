"""Questions: how they are shown and marked, and how files that cannot be used are refused."""

from collections import Counter

import pytest

from lessons.content_check import check_content
from lessons.question_bank import load_bank, load_item, read_bank
from lessons.question_rules import wording_faults
from lessons.questions import Item, mark, present
from physics.probe import UnknownNameError

VOCABULARY = """
format = 1
[sources]
kremkau = "A book."
hoskins = "Another book."
[misconceptions]
louder = "Gain changes what is sent."
"""
GOOD = """
format = 1

[[item]]
id = "gain_one"
kind = "sba"
outcome = "LO4"
difficulty = 1
level = "recall"
source = ["kremkau"]
tags = ["gain"]
stem = "What does gain amplify, by a factor of $10^{g/20}$?"
options = [
    { text = "Sent sound", explanation = "That would be sound power.", misconception = "louder" },
    { text = "What is received", correct = true, explanation = "Gain acts on echoes and noise." },
    { text = "The angle", explanation = "The angle is turned by steering the beam." },
]

[[item]]
id = "gain_two"
kind = "true_false"
outcome = "LO7"
difficulty = 2
level = "recall"
source = ["hoskins"]
stem = "Turning up gain raises the mechanical index."
options = [
    { text = "True", explanation = "MI follows the transmitted pressure." },
    { text = "False", correct = true, explanation = "Receiver controls leave output alone." },
]
"""


ORDERS = [(1, 2, 0), (2, 0, 1), (2, 1, 0), (0, 1, 2)]
"""Of the options of `gain_one`, for the seeds 0 to 3."""


def bank_of(folder, text, vocabulary=VOCABULARY):
    """What is read from a bank of one file, and all that is wrong with it."""
    (folder / "vocabulary.toml").write_text(vocabulary, encoding="utf-8")
    (folder / "gain.toml").write_text(text, encoding="utf-8")
    bank, faults = read_bank(folder, "bank")
    return bank, faults + wording_faults(bank)


@pytest.fixture
def item(tmp_path) -> Item:
    return bank_of(tmp_path, GOOD)[0].items["gain_one"]


def test_a_good_bank_is_read_whole_and_without_faults(tmp_path):
    bank, faults = bank_of(tmp_path, GOOD)
    assert faults == []
    assert list(bank.items) == ["gain_one", "gain_two"]
    assert [item.key for item in bank.items.values()] == [1, 1]
    assert bank.items["gain_two"].outcome == "LO7"


def test_a_seed_means_the_same_order_for_ever(item):
    """These orders are promised: class papers and logs refer to them."""
    assert [present(item, seed).order for seed in range(4)] == ORDERS
    assert [o.text for o in present(item, 1).options] == [item.options[i].text for i in ORDERS[1]]


def test_every_option_is_at_every_place_equally_often(item):
    n = 3000
    first = Counter(present(item, seed).order[0] for seed in range(n))
    assert all(abs(first[i] / n - 1 / 3) < 0.04 for i in range(3))  # 4.6 standard deviations


def test_orders_of_different_items_are_independent():
    items = [i for i in load_bank().items.values() if len(i.options) == 4]
    keys = Counter(present(item, 7).order.index(item.key) for item in items)
    assert max(keys.values()) < 0.36 * len(items)


def test_true_comes_before_false(tmp_path):
    statement = bank_of(tmp_path, GOOD)[0].items["gain_two"]
    assert {present(statement, seed).order for seed in range(20)} == {(0, 1)}


def test_an_answer_is_marked_by_its_place_in_the_file(item):
    right, wrong = mark(item, 1), mark(item, 0)
    assert right.correct
    assert right.chosen is right.key
    assert not wrong.correct
    assert wrong.chosen.misconception == "louder"
    assert wrong.key.text == "What is received"


def test_an_answer_that_is_no_option_is_refused(item):
    for answer in (-1, 3):
        with pytest.raises(ValueError, match="options 0 to 2"):
            mark(item, answer)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "sba"', 'kind = "mcq"', "gain.toml: item 1 'gain_one': kind: "),
        ('"LO4"', '"LO12"', "found 'LO12'"),
        ("difficulty = 1", "difficulty = 4", "difficulty: "),
        ('["kremkau"]', '["kremkaw"]', "did you mean 'kremkau'?"),
        ('["kremkau"]', "[]", "source: "),
        ('"louder"', '"louden"', "did you mean 'louder'?"),
        ("stem =", "steam =", "did you mean 'stem'?"),
        (", correct = true, expl", ", expl", "0 are marked correct; exactly one must be"),
        ('sound", expl', 'sound", correct = true, expl', "2 are marked correct"),
        ('text = "False"', 'text = "No"', "a true_false item has ['True', 'False']"),
        ('kind = "true_false"', 'kind = "sba"', "an sba item has 3 to 5"),
        (
            ', explanation = "That would be sound power."',
            "",
            "item 1 'gain_one': options 1, explanation: this key is missing",
        ),
        ('"gain_two"', '"gain_one"', "bank/gain.toml: item 1 'gain_one' has it already"),
        ("[[item]]", "[[iten]]", "did you mean 'item'?"),
        ("format = 1", "format = 2", "gain.toml: format"),
        ("$10^{g/20}$", "$10^{g/20$", "braces must match"),
        ("$10^{g/20}$", "10^{g/20}$", "found 1 dollar signs"),
        ('"The angle"', '"Sent sound."', "text: is the same as that of options 1"),
        ('"The angle"', '"All of the above"', "found 'all of the above'"),
        ('"The angle"', '"Both a and b"', "found 'a and b'"),
        ('"The angle"', '"12.5"', "a number needs its unit"),
        ('"The angle"', '"The color"', "found 'color'; it is spelt 'colour' here"),
        ('"The angle"', '"The [angle](x)"', "found a link"),
        ("The angle is turned by steering the beam.", "Not so.", "at least 25 are needed"),
        ("The angle is turned by steering the beam.", "That would be sound power.", "the same"),
        ("Turning up gain raises the mechanical index.", "What does gain amplify by a factor of 3?",
         "item 2 'gain_two': stem: shares"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_and_item(tmp_path, old, new, says):
    assert old in GOOD
    _, faults = bank_of(tmp_path, GOOD.replace(old, new, 1))
    assert any(says in fault for fault in faults), faults
    assert all(fault.startswith("bank/gain.toml: ") for fault in faults)


def test_one_bad_item_does_not_hide_another_or_the_good_ones(tmp_path):
    broken = GOOD.replace("difficulty = 2", "difficulty = 0").replace('"LO4"', '"LO0"')
    bank, faults = bank_of(tmp_path, broken)
    assert bank.items == {}
    assert len(faults) == 2


@pytest.mark.parametrize("text", ["format = ", "format = 1\nitem = 3", "\udcff"])
def test_a_file_that_is_no_bank_is_one_fault(tmp_path, text):
    (tmp_path / "vocabulary.toml").write_text(VOCABULARY, encoding="utf-8")
    (tmp_path / "gain.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    bank, faults = read_bank(tmp_path, "bank")
    assert bank.items == {}
    assert len(faults) == 1
    assert faults[0].startswith("bank/gain.toml: ")


def test_a_bank_without_vocabulary_is_one_fault(tmp_path):
    _, faults = read_bank(tmp_path, "bank")
    assert faults == ["bank/vocabulary.toml: cannot be read (No such file or directory)"]


def many(n, key_text):
    """A bank of n items with four options in words, of which the first is right."""
    item = """
[[item]]
id = "item_{i}"
kind = "sba"
outcome = "LO4"
difficulty = 1
level = "recall"
source = ["kremkau"]
stem = "{stem}"
options = [
    {{ text = "{key}", correct = true, explanation = "The reason why this is right." }},
    {{ text = "aaaa", explanation = "The first reason against this." }},
    {{ text = "bbbb", explanation = "The second reason against this." }},
    {{ text = "cccc", explanation = "The third reason against this." }},
]
"""
    stems = [" ".join(chr(97 + (i * k) % 26) * (k + 3) for k in range(1, 9)) for i in range(n)]
    return "format = 1\n" + "".join(
        item.format(i=i, key=key_text, stem=stem) for i, stem in enumerate(stems)
    )


def test_a_key_that_is_mostly_the_longest_option_is_found(tmp_path):
    said = [f for f in bank_of(tmp_path, many(20, "much longer"))[1] if "longest" in f]
    assert said == [
        "the bank: the key is the longest option in 100 % of the 20 items with four options in "
        "words; fewer than 35 % may be"
    ]
    assert not [f for f in bank_of(tmp_path, many(20, "dd"))[1] if "longest" in f]


def test_choices_between_numbers_do_not_count_for_length(tmp_path):
    faults = bank_of(tmp_path, many(20, "1000000 mm"))[1]
    assert not [f for f in faults if "longest" in f]


def test_an_unknown_item_is_refused_with_the_nearest_name():
    assert load_item("lo1_wavelength_10_mhz").outcome == "LO1"
    with pytest.raises(UnknownNameError, match="lo1_wavelength_10_mhz"):
        load_item("lo1_wavelength_10_mhs")


def test_a_broken_package_of_lessons_is_reported_whole(tmp_path):
    (tmp_path / "content" / "01_empty").mkdir(parents=True)
    (tmp_path / "bank").mkdir()
    report = check_content(tmp_path)
    assert len(report.faults) == 2
    assert "lessons/content/01_empty/lesson.toml: cannot be read" in report.faults[0]
    assert "lessons/bank/vocabulary.toml: cannot be read" in report.faults[1]
