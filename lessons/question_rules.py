"""How items of the bank must be worded: rules that a program can check.

They are habits of item writing (Haladyna, Downing and Rodriguez, Appl Meas Educ 2002;15:309:
one best answer, options that do not overlap and are alike in length and kind, no "all of the
above") and of this project (British spelling, a unit with every number, an explanation for every
option). A rule takes items and yields sentences: what was found where, and what is allowed.
"""

import re
from collections.abc import Iterator
from itertools import combinations

from lessons.question_bank import Bank
from lessons.questions import TRUE_FALSE, Item

SHORTEST_EXPLANATION = 25
"""Letters; less explains nothing."""

MOST_ALIKE = 0.8
"""Shared words re all words of two stems; above, one of them is superfluous."""

LONGEST_KEY_SHARE = 0.35
"""Of items with four options in words, how many may have the key as the longest; by chance 25 %."""

TRUE_SHARE = (0.4, 0.6)
"""How many of the true/false items may be true."""

FEWEST_FOR_SHARES = 20
"""Shares of fewer items say nothing."""

BRITISH = {
    "analyze": "analyse", "analyzed": "analysed", "artifact": "artefact",
    "artifacts": "artefacts", "behavior": "behaviour", "center": "centre", "centered": "centred",
    "centers": "centres", "color": "colour", "colors": "colours", "colored": "coloured",
    "edema": "oedema", "favor": "favour", "fiber": "fibre", "fibers": "fibres",
    "gray": "grey", "grayscale": "greyscale", "hematoma": "haematoma",
    "labeled": "labelled", "labeling": "labelling", "liter": "litre", "maximize": "maximise",
    "meter": "metre", "meters": "metres", "millimeter": "millimetre",
    "millimeters": "millimetres", "centimeter": "centimetre", "centimeters": "centimetres",
    "minimize": "minimise", "minimizes": "minimises", "modeled": "modelled",
    "neighbor": "neighbour", "neighboring": "neighbouring", "normalize": "normalise",
    "optimize": "optimise", "optimized": "optimised", "optimizes": "optimises",
    "organize": "organise", "recognize": "recognise", "recognized": "recognised",
    "signaling": "signalling", "sterilize": "sterilise", "summarize": "summarise",
    "traveled": "travelled", "traveling": "travelling", "tumor": "tumour",
    "visualize": "visualise", "visualized": "visualised", "vapor": "vapour",
}  # fmt: skip
"""American spellings and what is written here."""

_LUMPED = re.compile(
    r"\b(all|none|any|both|neither) of (the above|these|them)\b|\b[a-e] and [a-e]\b"
)
_BARE_NUMBER = re.compile(r"(about |roughly |nearly )?[-+\u2212]?\d+([.,]\d+)*( ?/ ?\d+)?\.?")
_WORD = re.compile(r"[a-zäöü]+(?:-[a-z]+)*")
_FORMULA = re.compile(r"\$([^$]*)\$")
_SMALL_WORDS = frozenset(
    _WORD.findall(
        "a an and are as at be by does for from has how in is it its of on or that the this to "
        "what when which why will with you"
    )
)


def wording_faults(bank: Bank) -> list[str]:
    """All that is wrong with how the bank's items are worded; empty if nothing is."""
    faults = []
    for name, item in bank.items.items():
        faults += [f"{bank.where[name]}: {problem}" for problem in item_problems(item)]
    return faults + list(_repeated_stems(bank)) + list(_biases(bank))


def item_problems(item: Item) -> Iterator[str]:
    """What is wrong with the wording of one item, wherever it comes from."""
    yield from _repeated(item)
    for place, words in _texts(item):
        yield from (f"{place}: {problem}" for problem in text_problems(words))
    for number, option in enumerate(item.options, 1):
        lumped = _LUMPED.search(option.text.lower())
        if lumped:
            yield (
                f"options {number}: found '{lumped[0]}'; an option must stand alone, "
                "because options are shuffled"
            )
        if _BARE_NUMBER.fullmatch(option.text):
            yield f"options {number}: found '{option.text}'; a number needs its unit"
        if len(option.explanation) < SHORTEST_EXPLANATION:
            yield (
                f"options {number}, explanation: found {len(option.explanation)} letters; "
                f"at least {SHORTEST_EXPLANATION} are needed to explain anything"
            )
        if option.correct and option.misconception:
            yield f"options {number}: is correct and has a misconception; only wrong ones may"


def _repeated(item: Item) -> Iterator[str]:
    """Options, or explanations, that say the same."""
    for what in ("text", "explanation"):
        words = [_plain(getattr(option, what)) for option in item.options]
        for i, j in combinations(range(len(words)), 2):
            if words[i] == words[j]:
                yield f"options {j + 1}, {what}: is the same as that of options {i + 1}"


def _texts(item: Item) -> Iterator[tuple[str, str]]:
    """Every text of an item, with what messages call its place."""
    yield "stem", item.stem
    for number, option in enumerate(item.options, 1):
        yield f"options {number}, text", option.text
        yield f"options {number}, explanation", option.explanation


def text_problems(words: str) -> Iterator[str]:
    """What is wrong with spelling, formulas and mark-up of one text."""
    for word in _WORD.findall(words.lower()):
        if BRITISH.get(word, word) != word:
            yield f"found '{word}'; it is spelt '{BRITISH[word]}' here"
    if words.count("$") % 2:
        yield f"found {words.count('$')} dollar signs; a formula stands between two"
    for formula in _FORMULA.findall(words):
        if not formula.strip() or not _braces_match(formula):
            yield f"found the formula '${formula}$'; its braces must match and it must not be empty"
    if "<" in words and re.search(r"</?[a-z]+>", words):
        yield "found HTML; write Markdown"
    if "](" in words:
        yield "found a link; the program works offline"


def _braces_match(formula: str) -> bool:
    depth = 0
    for letter in re.sub(r"\\[{}]", "", formula):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            return False
    return depth == 0 and formula.count(r"\left") == formula.count(r"\right")


def _repeated_stems(bank: Bank) -> Iterator[str]:
    """Stems that differ in numbers and small words only; of a twin both options must differ too."""
    words = {name: _key_words(item.stem) for name, item in bank.items.items()}
    for one, other in combinations(words, 2):
        shared, together = len(words[one] & words[other]), len(words[one] | words[other])
        if together and shared / together > MOST_ALIKE:
            yield (
                f"{bank.where[other]}: stem: shares {100 * shared / together:.0f} % of its words "
                f"with '{one}'; at most {100 * MOST_ALIKE:.0f} % are allowed"
            )


def _key_words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(_FORMULA.sub("", text.lower()))) - _SMALL_WORDS


def _biases(bank: Bank) -> Iterator[str]:
    """Ways of guessing the key without knowing anything."""
    four = [item for item in bank.items.values() if len(item.options) == 4 and _in_words(item)]
    share = sum(_key_is_longest(item) for item in four) / max(len(four), 1)
    if len(four) >= FEWEST_FOR_SHARES and share >= LONGEST_KEY_SHARE:
        yield (
            f"the bank: the key is the longest option in {100 * share:.0f} % of the {len(four)} "
            f"items with four options in words; fewer than {100 * LONGEST_KEY_SHARE:.0f} % may be"
        )
    judged = [i for i in bank.items.values() if i.kind == TRUE_FALSE]
    true = sum(item.key == 0 for item in judged)
    low, high = TRUE_SHARE
    if len(judged) >= FEWEST_FOR_SHARES and not low <= true / len(judged) <= high:
        yield (
            f"the bank: {true} of {len(judged)} true/false items are true; "
            f"{100 * low:.0f} to {100 * high:.0f} % are allowed"
        )


def _in_words(item: Item) -> bool:
    """Not a choice between numbers, which are all equally long."""
    return not any(re.match(r"\W*\d", option.text) for option in item.options)


def _key_is_longest(item: Item) -> bool:
    lengths = [len(option.text) for option in item.options]
    return all(n < lengths[item.key] for i, n in enumerate(lengths) if i != item.key)


def _plain(text: str) -> str:
    """Without case, spaces and punctuation that readers do not notice."""
    return re.sub(r"[\s.,;:!?'\"*_]+", " ", text.lower()).strip()
