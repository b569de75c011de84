"""Questions about two pictures that differ in one knob: which has more of it?"""

from collections.abc import Callable
from typing import Any

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Choice, Generator
from lessons.fresh.scene import Scene
from lessons.questions import Option, Outcome
from physics import theory

NOT_SEEN = "Neither: this cannot be seen in a picture"


def two_pictures(
    draw: Draw, stem: str, more: Scene, less: Scene, why: tuple[str, str, str]
) -> Choice:
    """`more` is the answer, and is the first or the second picture by lot.

    why : explanations of the right picture, of the other one, and of "cannot be seen".
    """
    first = bool(draw.below(2))
    options = tuple(
        Option(text=f"Picture {n}", explanation=why[0 if right else 1], correct=right)
        for n, right in ((1, first), (2, not first))
    )
    last = Option(text=NOT_SEEN, explanation=why[2])
    pictures = (more, less) if first else (less, more)
    return Choice(stem, (*options, last), pictures, in_order=True)


def _scenes(draw: Draw, phantom: str, slide: tuple[float, float], **knobs: Any) -> Callable:
    place = (("slide_mm", draw.grid(*slide, 1)),)
    seed = 1 + draw.below(1_000_000)
    return lambda **turned: Scene(phantom, None, place, tuple({**knobs, **turned}.items()), seed)


def _frequency(draw: Draw) -> Choice:
    low, high = draw.choice((4, 4.5, 5, 5.5)), draw.choice((9, 10, 11))
    at = _scenes(draw, "qa_block", (0, 16), depth_mm=35, focus_mm=25)
    return two_pictures(
        draw, "Both pictures show the same block at the same settings but one. Which was made at the higher frequency?",
        at(frequency_mhz=high), at(frequency_mhz=low),
        (
            "Points and grains of speckle are smaller: short waves make a short pulse and a narrow beam.",
            "Coarser grains and broader points: the waves are longer.",
            "It can be seen: detail and the grain of speckle go with the wavelength.",
        ),
    )  # fmt: skip


def _f_number(draw: Draw) -> Choice:
    wide, narrow = draw.choice((5, 6, 7)), draw.choice((1.5, 2))
    at = _scenes(draw, "qa_block", (0, 16), depth_mm=40, focus_mm=30, frequency_mhz=7)
    return two_pictures(
        draw, "The same block was scanned with two sizes of aperture. Which picture was made with the larger F-number?",
        at(tx_f_number=wide, rx_f_number=min(wide, 6)), at(tx_f_number=narrow, rx_f_number=narrow),
        (
            "Points are drawn as wide dashes: a small aperture makes a wide beam.",
            "Points near the focus are narrow here: the aperture is large.",
            "It can be seen: the width of a point goes with the F-number.",
        ),
    )  # fmt: skip


def _dynamic_range(draw: Draw) -> Choice:
    phantom = draw.choice(("supraspinatus_lax", "patellar_tendon", "muscle_block"))
    low, high = draw.choice((36, 40, 42)), draw.choice((76, 80, 86))
    at = _scenes(draw, phantom, (0, 0))
    return two_pictures(
        draw, "One knob of the display differs. Which picture has the wider dynamic range?",
        at(dynamic_range_db=high), at(dynamic_range_db=low),
        (
            "Soft, with many greys: weak echoes are still shown.",
            "Hard, with much black: weak echoes fall below what is shown.",
            "It can be seen: a wide range shows weaker echoes, in flatter steps of grey.",
        ),
    )  # fmt: skip


def _compounding(draw: Draw) -> Choice:
    phantom = draw.choice(("muscle_block", "block_shadow", "supraspinatus_calcific"))
    at = _scenes(draw, phantom, (-2, 2))
    return two_pictures(
        draw, "One of these pictures is the mean of several directions of view. Which one?",
        at(compound_angles=draw.choice(("5", "7"))), at(compound_angles="1"),
        (
            "Speckle is smoother, and shadows are softer and come to a point: each view throws its own.",
            "Coarse speckle, and shadows with upright sides: one direction only.",
            "It can be seen: speckle and shadows are different in each view, and are averaged.",
        ),
    )  # fmt: skip


def _focus(draw: Draw) -> Choice:
    near, deep = draw.choice((6, 8)), draw.choice((28, 30, 32))
    at = _scenes(draw, "qa_block", (0, 16), depth_mm=40, frequency_mhz=8, tx_f_number=1.5)
    return two_pictures(
        draw, "Wires stand at several depths of this block. In which picture is the transmit focus deeper?",
        at(focus_mm=deep), at(focus_mm=near),
        (
            "The deep wires are narrow and bright: the beam is narrowest there.",
            "The deep wires are wide and faint, because the beam has spread again.",
            "It can be seen: wires are narrowest where the focus lies.",
        ),
    )  # fmt: skip


def _power(draw: Draw) -> Choice:
    less = draw.choice((18, 20, 22))
    at = _scenes(draw, "muscle_block", (-4, 4), depth_mm=45, frequency_mhz=9)
    return two_pictures(
        draw, f"One picture was made with {less} dB less acoustic power and {less} dB more gain. Which one has the lower MI?",
        at(power_db=-less, gain_db=less), at(power_db=0, gain_db=0),
        (
            "More noise in the depth: less was sent, and gain has lifted the noise with the echoes.",
            "Clean down to the depth: this one was sent at full power.",
            "It can be seen: gain makes echoes as bright again, but not the noise as weak.",
        ),
    )  # fmt: skip


def _frame_rate(draw: Draw) -> Choice:
    deep, shallow = draw.choice((45, 50)), draw.choice((25, 30))
    zones, lines = draw.choice(("1", "2")), 192
    at = _scenes(draw, "muscle_block", (-2, 2), focal_zones=zones)
    fast, slow = (
        theory.frame_rate_hz(lines, z * 1e-3, int(zones), pulse_rate="high")
        for z in (shallow, deep)
    )
    assert fast > slow
    return two_pictures(
        draw, f"Both pictures have as many lines, and {'one focal zone' if zones == '1' else 'two focal zones'}. One reaches to {shallow} mm, the "
        f"other to {deep} mm. Which was made at the higher frame rate?",
        at(depth_mm=shallow), at(depth_mm=deep),
        (
            f"This is the shallower one: {deep / shallow:.2g} times as many frames, because each pulse is awaited less long.",
            "This is the deeper one: each pulse has to be awaited longer.",
            "It can be told: the depth that is seen sets the time each pulse takes.",
        ),
    )  # fmt: skip


def _generator(name: str, outcome: Outcome, make: Callable, *source: str) -> Generator:
    return Generator(f"{outcome.lower()}_fresh_pair_{name}", outcome, 2, "analyse", source, make)


PAIRS = [
    _generator("frequency", "LO2", _frequency, "kremkau", "szabo"),
    _generator("f_number", "LO2", _f_number, "kremkau", "szabo"),
    _generator("dynamic_range", "LO4", _dynamic_range, "kremkau", "hoskins"),
    _generator("compounding", "LO3", _compounding, "entrekin", "trahey"),
    _generator("focus", "LO4", _focus, "usabcd", "kremkau"),
    _generator("power", "LO7", _power, "iec62359", "sonosite"),
    _generator("frame_rate", "LO3", _frame_rate, "kremkau"),
]
