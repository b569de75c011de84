"""Nets of a body for drawings: they lie on the surfaces that pictures are cut from."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms import load_phantom
from phantoms.curves import Points
from phantoms.surfaces import BONE, FIBRES, INCLUSION, KINDS, VESSEL, Body, body_of, outline
from physics.probe import find_probe


def net(body: Body, kind: str):
    return next(net for net in body.nets if net.kind == kind)


def distance_to(phantom, kind: str, places_m: np.ndarray) -> np.ndarray:
    """Signed distance to all regions of a kind, m, of bodies in which nothing lies over them."""
    x, y, z = (axis.astype(np.float32) for axis in places_m.reshape(-1, 3).T)
    points = Points(x, z, y)
    names = [phantom.tissues.names[i] for i in phantom.region_tissue[1:]]
    shapes = [
        s for s, n in zip(phantom.geometry.shapes, names, strict=True) if KINDS.get(n) == kind
    ]
    return np.minimum.reduce([shape.distance(points) for shape in shapes])


@pytest.mark.parametrize(
    ("name", "kind", "most_mm"), [("patellar_tendon", BONE, 0.4), ("achilles", FIBRES, 0.25)]
)
def test_a_net_lies_on_the_surface_of_its_shapes(name, kind, most_mm):
    """Cells are 3.2 mm wide (fine ones 2.4): bends within one are what is left."""
    phantom = load_phantom(name)
    off_mm = 1e3 * np.abs(distance_to(phantom, kind, net(body_of(phantom), kind).corners_m))
    assert np.quantile(off_mm, 0.9) < most_mm


def test_normals_point_out_of_the_structure():
    phantom = load_phantom("achilles")
    tendon = net(body_of(phantom), FIBRES)
    middle = tendon.corners_m.mean(axis=1)
    outside = distance_to(phantom, FIBRES, middle + 1.5e-3 * tendon.normals)
    inside = distance_to(phantom, FIBRES, middle - 1.5e-3 * tendon.normals)
    assert np.mean(outside > inside) > 0.98


def test_a_ligament_thinner_than_the_coarse_grid_is_not_lost():
    """The anterior talofibular ligament is 2.2 mm thick; the coarse grid has steps of 3.2 mm."""
    ligament = net(body_of(load_phantom("atfl")), FIBRES)
    size_mm = 1e3 * np.ptp(ligament.corners_m.reshape(-1, 3), axis=0)
    assert size_mm[0] > 12
    assert 1.2 < size_mm[2] < 5


def test_vessels_are_drawn_where_they_are():
    """The radial artery's middle is 7 mm deep."""
    vessels = net(body_of(load_phantom("forearm_vessels")), VESSEL)
    depth_mm = 1e3 * vessels.corners_m[..., 2]
    assert depth_mm.min() < 7 < depth_mm.max()


def test_a_block_shows_its_inclusions_and_wires():
    body = body_of(load_phantom("qa_block"))
    assert net(body, INCLUSION)
    assert len(body.wires_m)
    assert np.all(body.wires_m[:, 1] < body.high_m[2])


def test_the_block_holds_the_whole_slide_of_a_linear_probe():
    phantom = load_phantom("achilles")
    low, high = outline(phantom).low_m, outline(phantom).high_m
    half = find_probe("L12-3").footprint_m / 2
    assert low[0] <= phantom.slide_range_m[0] - half
    assert high[0] >= phantom.slide_range_m[1] + half
    assert low[2] == 0.0


def test_a_body_is_worked_out_once():
    phantom = load_phantom("muscle_block")
    assert body_of(phantom) is body_of(phantom)
    assert body_of(replace(phantom, name="other")) is not body_of(phantom)


def test_fibres_are_unit_vectors_along_their_curve():
    """Of the block whose tendons lean by known angles, deeper to the right."""
    phantom = load_phantom("block_anisotropy")
    place = Points(*(np.array([v], np.float32) for v in (5.3e-3, 14.5e-3, 0.0)))
    for degrees in (5, 10, 30):
        fibre = phantom.geometry.frames[f"lean_{degrees}"].fibre(place)[:, 0]
        angle = np.deg2rad(degrees)
        np.testing.assert_allclose(fibre, [np.cos(angle), 0.0, np.sin(angle)], atol=1e-6)
