"""Scenes come back to the last bit, and what is no sound scene is refused in one sentence."""

import io
import json
import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phantoms import ContentError, load_phantom
from physics.geometry import Pose
from physics.probe import find_probe
from physics.settings import KNOBS, ScanSettings, fitted_to_probe
from simulator.exact_numbers import checksum, parsed
from simulator.placing import POSE
from simulator.renderer import Renderer, Request, start_request
from simulator.scene_file import MOST_BYTES, parse_scene, read_scene, write_scene


def saved(request: Request) -> bytes:
    file = io.BytesIO()
    write_scene(file, request)
    return file.getvalue()


def tampered(changes: dict, **scene: object) -> bytes:
    """A file whose checksum fits, with other entries."""
    whole = json.loads(saved(start_request()))
    whole["scene"] |= scene
    whole |= changes
    whole["sha256"] = checksum(parsed(json.dumps(whole["scene"])))
    return json.dumps(whole).encode()


def refused(content: bytes) -> str:
    with pytest.raises(ContentError) as caught:
        parse_scene(content, "odd.insonate")
    message = str(caught.value)
    assert message.startswith("odd.insonate: ")
    assert "\n" not in message
    assert len(message) < 400
    return message


def any_settings() -> st.SearchStrategy[ScanSettings]:
    """Settings with every number anywhere in its range, to the last bit, that the probe can do."""

    def value(knob):
        if knob.choices or knob.whole:
            return st.just(getattr(ScanSettings(), knob.field))
        low, high = knob.low / knob.per_si, knob.high / knob.per_si
        one = st.floats(min(low, high), max(low, high))
        return st.tuples(*[one] * knob.n_value) if knob.n_value > 1 else one

    knobs = st.fixed_dictionaries({knob.field: value(knob) for knob in KNOBS.values()})
    probe = find_probe(start_request().probe)
    return knobs.map(lambda found: fitted_to_probe(ScanSettings(**found), probe))


@settings(max_examples=40)
@given(any_settings(), st.floats(-1, 1), st.floats(-1, 1), st.floats(-0.5, 0.5))
def test_every_number_comes_back_to_its_last_bit(knobs, slide, rock, tilt):
    start = start_request()
    phantom = load_phantom(start.phantom)
    pose = replace(
        start.pose,
        slide_m=abs(slide) * phantom.slide_range_m[slide > 0],
        rock_rad=abs(rock) * phantom.rock_range_rad[rock > 0],
        tilt_rad=tilt,
    )
    request = replace(start, pose=pose, settings=knobs, seed=7, noise_seed=123456789)
    assert parse_scene(saved(request), "x") == request


def test_a_file_is_read_and_written_in_shown_units():
    request = start_request()
    request = replace(request, pose=replace(request.pose, slide_m=-2.5e-3))
    scene = json.loads(saved(request))["scene"]
    assert scene["pose"]["slide_mm"] == -2.5
    assert scene["knobs"]["depth_mm"] == request.settings.display("depth_mm")
    assert set(scene["knobs"]) == set(KNOBS)
    assert set(scene["pose"]) == set(POSE)


def test_every_part_of_a_pose_has_a_name_and_limits():
    assert [part.field for part in POSE.values()] == [f.name for f in fields(Pose)]
    for part in POSE.values():
        low, high = part.limits(load_phantom("muscle_block"))
        assert low <= part.shown(start_request("muscle_block").pose) <= high


def test_a_knob_that_is_not_in_an_older_file_keeps_its_default():
    scene = json.loads(saved(start_request()))["scene"]
    del scene["knobs"]["persistence"]
    assert parse_scene(tampered({}, **scene), "x") == start_request()


def test_line_breaks_may_change_but_no_value():
    content = saved(start_request())
    assert parse_scene(json.dumps(json.loads(content)).encode(), "x") == start_request()
    for old, new in ((b'"gain_db": 0', b'"gain_db": 1'), (b'"seed": 1', b'"seed": 2')):
        assert old in content
        assert "checksum" in refused(content.replace(old, new))


@settings(max_examples=60)
@given(st.data())
def test_a_truncated_file_is_refused(data):
    content = saved(start_request())
    cut = data.draw(st.integers(0, len(content.rstrip()) - 1))
    refused(content[:cut])


@settings(max_examples=150)
@given(st.data())
def test_a_file_with_a_wrong_byte_is_refused_or_reads_the_same(data):
    content = bytearray(saved(start_request()))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] = data.draw(st.integers(0, 255))
    try:
        assert parse_scene(bytes(content), "odd.insonate") == start_request()
    except ContentError as error:
        assert "\n" not in str(error)  # noqa: PT017 (either way is right)


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_rubbish_is_refused(content):
    refused(content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a JSON text"),
        (b"\x89PNG\r\n\x1a\n", "not a JSON text"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "no entry 'insonate_scene'"),
        (b'{"insonate_scene": "1"}', "no entry 'insonate_scene'"),
        (b'{"insonate_scene": 1, "insonate_scene": 1}', "twice"),
        (b'{"insonate_scene": NaN}', "NaN"),
        (b'{"insonate_scene": ' + b"9" * 5000 + b"}", "not a JSON text"),
        (b" " * (MOST_BYTES + 1), "larger than 1 MB"),
        (b'{"insonate_scene": 1}', "missing"),
    ],
)
def test_what_is_no_scene_is_refused(content, says):
    assert says in refused(content)


def test_a_newer_format_is_refused_and_says_by_whom_it_was_saved():
    message = refused(tampered({"insonate_scene": 2, "saved_by": "3.1.0"}))
    assert "newer Insonate (3.1.0, format 2)" in message


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        ({"phantom": "../../etc/passwd"}, "phantom"),
        ({"phantom": "gallbladder"}, "there are:"),
        ({"probe": "L99"}, "no probe"),
        ({"pose": {"slide_mm": 400}}, "allows"),
        ({"pose": {"slide_mm": "1e999999999"}}, "not a number"),
        ({"pose": {"slide_mm": "1" * 5000}}, "not a number"),
        ({"pose": {"slide_mm": "inf"}}, "not a number"),
        ({"pose": {"slide_mm": None}}, "not a number"),
        ({"pose": {"slide_mm": True}}, "not a number"),
        ({"pose": {"height_mm": 1}}, "slide_mm"),
        ({"knobs": {"gain_db": 400}}, "-40 to 40"),
        ({"knobs": {"gain_db": "loud"}}, "not a number"),
        ({"knobs": {"gain_db": [1, 2]}}, "not a number"),
        ({"knobs": {"tgc_db": 3}}, "8 numbers"),
        ({"knobs": {"tgc_db": [3]}}, "1 values"),
        ({"knobs": {"grey_map": "pink"}}, "one of"),
        ({"knobs": {"volume": 3}}, "no knob"),
        ({"knobs": {"frequency_mhz": 18}}, "allows 4 to 12 MHz"),
        ({"knobs": {"persistence": 1.5}}, "whole"),
        ({"seed": -1}, "seed"),
        ({"seed": 1.0}, "seed"),
        ({"seed": True}, "seed"),
        ({"file": "/tmp/x"}, "not a key"),
    ],
)  # fmt: skip
def test_entries_that_cannot_be_are_refused(scene, says):
    assert says in refused(tampered({}, **scene))


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ContentError, match="cannot be read"):
        read_scene(tmp_path / "none.insonate")
    with pytest.raises(ContentError, match="cannot be read"):
        read_scene(tmp_path)


def test_an_opened_scene_draws_the_same_picture_bit_for_bit(tmp_path: Path):
    request = start_request("muscle_block")
    request = replace(
        request,
        pose=replace(request.pose, slide_m=1.2345678e-3, rock_rad=math.radians(3.3)),
        settings=request.settings.turned(gain_db=3, focus_mm=17),
        noise_seed=11,
    )
    path = tmp_path / "scene.insonate"
    with path.open("wb") as file:
        write_scene(file, request)
    before = Renderer().render_settled(request).picture
    np.testing.assert_array_equal(Renderer().render_settled(read_scene(path)).picture, before)
