"""Fresh pictures: what the tables promise is to be seen where the arrow points."""

import numpy as np
import pytest

from lessons.fresh.all import GENERATORS
from lessons.fresh.pictures import artefacts, base_pose, faults
from lessons.question_rules import item_problems
from lessons.questions import present
from phantoms import load_phantom
from physics.settings import ScanSettings
from simulator.renderer import Renderer
from simulator.scene_picture import drawn, request_of, scene_jpeg

PICTURES = sorted(name for name, made in GENERATORS.items() if made.version(0).pictures)

WITHOUT = {
    "anisotropy": {"fibre_coherence": "off"},
    "clean_shadow": {"attenuation": "off"},
    "dirty_shadow": {"multiple_paths": "off"},
    "enhancement": {"attenuation": "off"},
    "edge_shadow": {"refraction": "off"},
    "reverberation": {"multiple_paths": "off"},
    "comet_tail": {"multiple_paths": "off"},
    "mirror": {"multiple_paths": "off"},
    "side_lobes": {"side_lobes": "off"},
    "slice": {"slice_thickness": "off"},
    "speed": {"speed_differences": "off"},
    "range_ambiguity": {"pulse_rate": "normal"},
    "noise": {"noise": "off"},
    "dead_elements": {"dead_elements": 0},
    "lost_contact": {"lost_contact_percent": 0},
    "interference": {"interference_db": 0},
}
"""What takes the artefact away. Ring-down has no switch of its own; a shadow needs two of them."""


@pytest.mark.parametrize("name", PICTURES)
def test_every_version_can_be_rendered_and_is_worded_by_the_rules(name):
    for seed in range(12):
        fresh = GENERATORS[name].version(seed)
        assert not list(item_problems(fresh.item))
        assert len(fresh.item.stem.split()) <= 60
        assert len({option.text for option in fresh.item.options}) == len(fresh.item.options)
        for scene in fresh.pictures:
            request_of(scene)
        assert fresh == GENERATORS[name].version(seed)


def test_seeds_make_different_pictures():
    for name in PICTURES:
        assert len({GENERATORS[name].version(seed).pictures for seed in range(20)}) == 20, name


def test_names_in_the_tables_exist():
    for row in artefacts():
        assert set(row.not_with) <= {other.name for other in artefacts()}
        for case in row.case:
            load_phantom(case.phantom)
    for fault in faults():
        assert set(fault.not_with) <= {other.name for other in faults()}
        for values in fault.turns.values():
            assert len(values) >= 1


def test_no_artefact_is_offered_beside_one_that_would_be_right_as_well():
    titles = {row.title: row.name for row in artefacts()}
    for row in artefacts():
        made = GENERATORS[f"{row.outcome.lower()}_fresh_picture_{row.name}"]
        for seed in range(40):
            offered = {titles[option.text] for option in made.version(seed).item.options}
            assert not offered & set(row.not_with), (row.name, seed)


def test_letters_stay_in_their_order_and_the_right_one_is_where_a_click_is_right():
    for name in PICTURES:
        for seed in range(20):
            fresh = GENERATORS[name].version(seed)
            if fresh.spot is None:
                continue
            shown = present(fresh.item, seed)
            assert [option.text for option in shown.options] == [
                f"Cross {letter}" for letter in "ABCD"
            ]
            hit = [
                fresh.spot.is_hit(mark.x_m, mark.z_m)
                for mark in sorted(fresh.pictures[0].marks, key=lambda mark: mark.text)
            ]
            assert hit.index(True) == fresh.item.key
            assert sum(hit) == 1


def test_the_answer_is_not_always_the_same_picture_or_letter():
    for name in PICTURES:
        versions = [GENERATORS[name].version(seed) for seed in range(30)]
        if versions[0].item.in_order:
            assert len({fresh.item.key for fresh in versions}) >= 2, name


def test_a_mark_lies_over_the_place_it_names_and_changes_nothing_else():
    renderer = Renderer()
    scene = GENERATORS["lo5_fresh_spot_far_wall"].version(3).pictures[0]
    frame = renderer.render_settled(request_of(scene))
    with_marks, without = (np.asarray(drawn(frame, m)) for m in (scene.marks, ()))
    rows, columns = np.nonzero(with_marks != without)
    mark = scene.marks[0]
    row, column = frame.pixel_of(np.array(mark.x_m), np.array(mark.z_m))
    scale = with_marks.shape[1] / frame.picture.shape[1]
    assert np.hypot(rows - row * scale, columns - column * scale).min() < 2
    assert len(rows) < 0.03 * with_marks.size
    assert scene_jpeg(scene, renderer) == scene_jpeg(scene, Renderer())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_what_the_arrow_points_at_is_gone_without_its_cause(name):
    """Grey levels within 1 mm of the tip change; those of a picture of other noise hardly do."""
    row = next(row for row in artefacts() if row.name == name)
    made = GENERATORS[f"{row.outcome.lower()}_fresh_picture_{name}"]
    renderer = Renderer()
    for seed in (1, 2, 3):
        scene = made.version(seed).pictures[0]
        request = request_of(scene)
        turned = request.settings.turned(**WITHOUT[name])
        assert isinstance(turned, ScanSettings)
        seen = [_grey(renderer, request, scene), _grey(renderer, _with(request, turned), scene)]
        assert abs(seen[0] - seen[1]) > 12, (name, seed, seen)


def _with(request, settings):
    from dataclasses import replace

    return replace(request, settings=settings)


def _grey(renderer, request, scene) -> float:
    """Mean grey within 1 mm of the arrow's tip; a mirrored cyst is as black as nothing at all, so
    there 3 mm."""
    frame = renderer.render_settled(request)
    n_row, n_column = frame.picture.shape
    x, z = frame.place_of(np.arange(n_row)[:, None], np.arange(n_column)[None, :])
    near = np.hypot(x - scene.marks[0].x_m, z - scene.marks[0].z_m) < (
        3e-3 if scene.phantom == "block_mirror" else 1e-3
    )
    return float(frame.picture[near].mean())


def test_an_arrow_of_the_body_moves_with_it():
    made = GENERATORS["lo5_fresh_picture_ring_down"]
    for seed in range(5):
        scene = made.version(seed).pictures[0]
        slide = dict(scene.pose)["slide_mm"]
        assert scene.marks[0].x_m * 1e3 == pytest.approx(-8 - slide, abs=1e-6)
    assert base_pose("soft_tissue_gas", None).slide_m == 0
