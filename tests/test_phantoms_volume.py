"""Phantoms from volumes of labels: surfaces and fibres where they truly are, and no bad volume."""

import gzip
import io
import math
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest
import volume_fakes as fake

from phantoms import ContentError, Phantom, read_phantom
from phantoms.check import faults_in
from phantoms.curves import Points
from phantoms.fibre_lines import fibre_curve
from phantoms.label_volume import read_labels
from phantoms.phantom import winning_region
from phantoms.volume import MOST_BYTES, UNIT_M, Grid, Volume, grid_bytes, read_grid
from phantoms.volume_import import make_phantom
from physics.geometry import Pose

MM = 1e-3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("volume")
    fake.write_volume(place / "leg.nii.gz")
    (place / "map.toml").write_text(fake.MAP, encoding="utf-8")
    made = make_phantom(place / "leg.nii.gz", place / "map.toml", "leg")
    (place / "leg.toml").write_text(made.toml, encoding="utf-8")
    (place / "leg.npz").write_bytes(made.volume)
    return place


@pytest.fixture(scope="module")
def leg(folder: Path) -> Phantom:
    return read_phantom(folder / "leg.toml")


def test_a_phantom_from_a_volume_is_in_order(folder: Path, leg: Phantom) -> None:
    assert faults_in(folder / "leg.toml") == ()
    assert leg.region_names == ("gel", "skin", "muscle", "bone", "tendon")
    assert list(leg.views) == ["long", "short"]


def test_its_surfaces_are_within_half_a_voxel_of_the_truth(leg: Phantom) -> None:
    """Voxels of 0.5 mm, tilted by 3 degrees against the layers: the hardest steps to smooth."""
    x, y, z = np.meshgrid(np.linspace(-15, 15, 25), np.linspace(-12, 12, 25),
                          np.arange(0.02, 34, 0.04), indexing="ij")  # fmt: skip
    found = leg.region_at(x * MM, z * MM, y * MM)
    truth = fake.labels_at(x, y, z)
    for name, label in (("bone", fake.BONE), ("skin", fake.SKIN)):
        at = leg.region_names.index(name)
        thick_found, thick_true = ((a == b).sum(axis=2) * 0.04 for a, b in
                                   ((found, at), (truth, label)))  # fmt: skip
        assert np.abs(thick_found - thick_true).max() < fake.VOXEL_MM / 2, name
    assert not (found == 0).any()


def test_a_round_tendon_keeps_its_radius_and_is_smooth(leg: Phantom) -> None:
    """Straight out from its axis, all round it and along it."""
    side = np.cross(fake.WAY, [0, 0, 1.0])
    side /= np.linalg.norm(side)
    up = np.cross(fake.WAY, side)
    along, angle = np.meshgrid(np.linspace(-15, 15, 21), np.linspace(0, 2 * np.pi, 48),
                               indexing="ij")  # fmt: skip
    out = np.cos(angle)[..., None] * side + np.sin(angle)[..., None] * up
    middle = fake.MIDDLE_MM + along[..., None] * fake.WAY
    shape = leg.geometry.shapes[-1]
    places = (middle + fake.RADIUS_MM * out) * MM
    points = Points(*(places[..., i].astype(np.float32) for i in (0, 2, 1)))
    off_mm = shape.distance(points) / MM
    assert np.abs(off_mm).max() < fake.VOXEL_MM / 2
    assert abs(off_mm.mean()) < fake.VOXEL_MM / 5
    assert off_mm.std() < fake.VOXEL_MM / 20


def test_fibres_of_the_tendon_run_along_it_within_two_degrees(leg: Phantom) -> None:
    """Of the frame's own coordinate along, which the echoes of fibres are written in."""
    frame = list(leg.geometry.frames.values())[-1]
    for along in np.linspace(-15, 15, 13):
        middle = (fake.MIDDLE_MM + along * fake.WAY) * MM
        step = 2e-4
        ends = np.array([middle + s * step * axis for axis in np.eye(3) for s in (-1, 1)])
        points = Points(*(ends[:, i].astype(np.float32) for i in (0, 2, 1)))
        value = frame.coordinates(points)[0].astype(np.float64)
        way = (value[1::2] - value[::2]) / (2 * step)
        cosine = float(way @ fake.WAY) / np.linalg.norm(way)
        assert math.degrees(math.acos(min(cosine, 1.0))) < 2.0


def test_the_picture_is_cut_as_places_are_asked_for(leg: Phantom) -> None:
    """The kernel beside its slow twin, along, across and tilted."""
    for pose in (Pose(), Pose(turn_rad=math.pi / 2), Pose(turn_rad=0.6, tilt_rad=0.2)):
        grid = {"x0_m": -0.016, "dx_m": 4e-4, "n_x": 81, "dz_m": 4e-4, "n_z": 85}
        cut = leg.slice(pose, **grid)
        view = leg.view(pose, half_face_m=0.016, wide_m=0.016, deepest_m=0.034)
        (x, y, z), _ = view.undeformed(cut.x_m[:, None], cut.z_m[None, :])
        x, y, z = np.broadcast_arrays(x, y, z)
        points = Points(x, z, y)
        for i, shape in enumerate(leg.geometry.shapes, start=1):
            wanted = np.clip(shape.distance(points), -1.5e-3, 1.5e-3)
            np.testing.assert_allclose(cut.distance_m[i], wanted, atol=2e-6)
        same = winning_region(cut.distance_m) == leg.region_at(x, z, y)
        assert same[:, 1:].mean() > 0.999


def test_planes_beside_the_image_plane_are_told(leg: Phantom) -> None:
    """The tendon crosses the upright long axis: 1.8 mm beside it lies elsewhere."""
    cut = leg.slice(Pose(), x0_m=-0.016, dx_m=4e-4, n_x=81, dz_m=4e-4, n_z=85)
    assert cut.plane_y_m.size > 1
    tendon = leg.region_names.index("tendon")
    near, far = ((plane == tendon).any(axis=1) for plane in cut.plane_region[[0, -1]])
    x_mm = cut.x_m * 1e3
    assert x_mm[far].mean() - x_mm[near].mean() == pytest.approx(
        2 * 1.8 / np.tan(np.radians(fake.HEADING_DEG)), abs=1.5
    )


def test_between_nodes_a_volume_is_linear() -> None:
    nodes = np.add.outer(np.add.outer(np.arange(4) * 300, np.arange(5) * 200), np.arange(6) * 100)
    shape = Volume(nodes.astype(np.int16), (0.0, 1e-3, 2e-3), 1e-3)
    x, y, z = (np.array([v], np.float32) for v in (1.25e-3, 2.5e-3, 4.75e-3))
    value = (1.25 * 300 + 1.5 * 200 + 2.75 * 100) * UNIT_M
    assert shape.distance(Points(x, z, y))[0] == pytest.approx(value, rel=1e-5)
    beyond = shape.distance(Points(x * 1e3, z * 1e3, y * 1e3))
    assert beyond[0] == pytest.approx(float(nodes[-1, -1, -1]) * UNIT_M, rel=1e-5)


def test_a_bent_structure_is_followed() -> None:
    """Through the middles of an arc of radius 60 mm: within 1 degree of its tangent."""
    angle = np.linspace(-0.5, 0.5, 400)
    rng = np.random.default_rng(3)
    middle = np.column_stack([60 * np.sin(angle), np.zeros(400), 80 - 60 * np.cos(angle)])
    points = np.repeat(middle, 30, axis=0) + rng.uniform(-2, 2, (12_000, 3)) * [0, 1, 1]
    made = fibre_curve(points, None, is_bent=True, least_mm=0.5, where="x")
    assert made["turn_deg"] == pytest.approx(0.0, abs=0.5)
    u, _, z = np.array(made["points_mm"]).T
    slope = np.gradient(z, u)[2:-2]
    wanted = np.tan(np.arcsin(u[2:-2] / 60))
    assert np.degrees(np.abs(np.arctan(slope) - np.arctan(wanted))).max() < 1.0


@pytest.mark.parametrize("way", [(1.0, 0.0, 0.3), (-0.2, 1.0, -0.5), (-1.0, -0.4, 0.0)])
def test_a_direction_becomes_a_straight_line(way: tuple[float, float, float]) -> None:
    points = np.random.default_rng(1).uniform([-2, -1, 10], [8, 9, 20], (500, 3))
    made = fibre_curve(points, np.array(way), is_bent=False, least_mm=0.5, where="x")
    (u0, y0, z0), (u1, y1, z1) = made["points_mm"]
    turn = math.radians(made["turn_deg"])
    c, s = math.cos(turn), math.sin(turn)
    line = np.array([c * (u1 - u0) - s * (y1 - y0), s * (u1 - u0) + c * (y1 - y0), z1 - z0])
    cosine = abs(line @ way) / np.linalg.norm(line) / np.linalg.norm(way)
    assert cosine > 1 - 1e-6


def test_fibres_that_go_straight_down_are_refused() -> None:
    with pytest.raises(ContentError, match="go down by 79 degrees; allowed: 60 or less"):
        fibre_curve(np.eye(3), np.array([0.2, 0, 1.0]), is_bent=False, least_mm=1, where="f")


def sheet(folder: Path, name: str, voxels_thick: int, tissue_below: int) -> Path:
    """Level layers of 0.5 mm voxels: muscle, a sheet at 10 mm, and what is below it."""
    labels = np.full((40, 40, 60), 1, np.uint8)
    labels[:, :, 20 + voxels_thick :] = tissue_below
    labels[:, :, 20 : 20 + voxels_thick] = 2
    affine = np.diag([0.5, 0.5, -0.5, 1.0])  # the third axis goes down
    affine[:3, 3] = [-10, -10, -0.25]
    nibabel.save(nibabel.Nifti1Image(labels, affine), folder / f"{name}.nii.gz")
    bone = '[label.3]\nname = "bone"\ntissue = "cortical_bone"\n' if tissue_below == 3 else ""
    (folder / f"{name}.map.toml").write_text(
        'title = "Sheet"\nsummary = "A thin layer."\n'
        '[place]\nskin = "S"\nalong = "R"\norigin_mm = [0, 0, 0]\n'
        '[background]\ntissue = "subcutaneous_fat"\n[label.1]\nname = "muscle"\ntissue = "muscle"\n'
        f'[label.2]\nname = "fascia"\ntissue = "fascia_aponeurosis"\n{bone}', encoding="utf-8",
    )  # fmt: skip
    return folder / f"{name}.nii.gz"


@pytest.mark.parametrize("below", [3, 1], ids=["over bone", "within muscle"])
@pytest.mark.parametrize("thick", [1, 2, 4])
def test_a_layer_keeps_its_thickness_within_half_a_voxel_or_is_said_to_be_lost(
    tmp_path: Path, thick: int, below: int
) -> None:
    path = sheet(tmp_path, "sheet", thick, below)
    if (thick, below) == (1, 1):
        with pytest.raises(ContentError, match="'fascia' is nowhere to be seen: too thin"):
            make_phantom(path, tmp_path / "sheet.map.toml", "sheet")
        return
    made = make_phantom(path, tmp_path / "sheet.map.toml", "sheet")
    (tmp_path / "sheet.toml").write_text(made.toml, encoding="utf-8")
    (tmp_path / "sheet.npz").write_bytes(made.volume)
    phantom = read_phantom(tmp_path / "sheet.toml")
    z = np.arange(0.005, 20, 0.01)
    found = phantom.region_at(np.zeros(1), z * MM) == phantom.region_names.index("fascia")
    assert z[found][0] == pytest.approx(10.0, abs=0.12)
    assert found.sum() * 0.01 == pytest.approx(thick * 0.5, abs=0.25)


# --- bad volumes ---------------------------------------------------------------------------------


def header(shape: tuple[int, ...], dtype: type, **more: float) -> bytes:
    made = nibabel.Nifti1Header()
    made.set_data_shape(shape)
    made.set_data_dtype(dtype)
    made.set_xyzt_units("mm")
    made["sform_code"], made["magic"], made["vox_offset"] = 1, b"n+1", 352
    made["srow_x"], made["srow_y"], made["srow_z"] = np.eye(4)[:3] * 0.5
    for key, value in more.items():
        made[key] = value
    return bytes(made.binaryblock) + b"\0" * 4


def voxels(values: np.ndarray) -> bytes:
    return values.tobytes(order="F")


GREY = np.linspace(0, 1, 27, dtype=np.float32).reshape(3, 3, 3)
BAD: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "1 GB": (lambda: header((1000, 1000, 1000), np.uint8), ["1000 million voxels", "crop"]),
    "grey picture": (lambda: header((3, 3, 3), np.float32) + voxels(GREY), ["not whole"]),
    "complex": (lambda: header((3, 3, 3), np.complex64), ["complex numbers", "whole numbers"]),
    "four axes": (lambda: header((3, 3, 3, 5), np.uint8), ["3 x 3 x 3 x 5", "three axes"]),
    "metres": (lambda: header((3, 3, 3), np.uint8, xyzt_units=1), ["'meter'", "allowed: mm"]),
    "wrong units": (
        lambda: header((3, 3, 3), np.uint8, srow_x=(500, 0, 0, 0)), ["500", "0.02 to 5 mm"],
    ),
    "nowhere": (lambda: header((3, 3, 3), np.uint8, sform_code=0), ["how it lies", "qform"]),
    "sheared": (
        lambda: header((3, 3, 3), np.uint8, srow_x=(0.5, 0.3, 0, 0)), ["right angles"],
    ),
    "cut off": (lambda: header((30, 3, 3), np.uint8) + b"\1" * 20, ["ends after", "announces"]),
    "negative": (
        lambda: header((3, 3, 3), np.int16) + voxels(np.full((3, 3, 3), -2, np.int16)),
        ["-2", "0 to 65535"],
    ),
    "far voxels": (lambda: header((3, 3, 3), np.uint8, vox_offset=1e9), ["begin at byte"]),
    "unit 7": (lambda: header((3, 3, 3), np.uint8, xyzt_units=7), ["header is damaged", "7"]),
    "offset": (
        lambda: header((3, 3, 3), np.uint8, scl_slope=1, scl_inter=np.nan), ["header is damaged"],
    ),
    "quaternion": (
        lambda: header((3, 3, 3), np.uint8, sform_code=0, qform_code=1, quatern_b=5),
        ["header is damaged"],
    ),
    "text": (lambda: b"no volume at all" * 40, ["not a NIfTI volume"]),
    "nothing": (lambda: b"", ["not a NIfTI volume"]),
}  # fmt: skip


@pytest.mark.parametrize("is_packed", [False, True], ids=["nii", "nii.gz"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_volume_is_refused_in_one_sentence(
    tmp_path: Path, name: str, is_packed: bool
) -> None:
    make, words = BAD[name]
    path = tmp_path / ("v.nii.gz" if is_packed else "v.nii")
    path.write_bytes(gzip.compress(make()) if is_packed else make())
    with pytest.raises(ContentError) as caught:
        read_labels(path)
    message = str(caught.value)
    assert message.startswith("v.nii")
    assert "\n" not in message
    for word in words:
        assert word in message, message


def test_a_bomb_is_refused_without_its_memory(tmp_path: Path) -> None:
    """Zeros that pack to a thousandth, behind a header that announces 900 MB, or next to none."""
    path = tmp_path / "bomb.nii.gz"
    for shape in ((1000, 1000, 900), (3, 3, 3)):
        with gzip.open(path, "wb", compresslevel=1) as file:
            file.write(header(shape, np.uint8))
            for _ in range(10):
                file.write(bytes(10_000_000))
        assert path.stat().st_size < 1_000_000
        tracemalloc.start()
        if shape[0] == 1000:
            with pytest.raises(ContentError, match="900 million voxels"):
                read_labels(path)
        else:  # what follows the announced voxels is left alone
            assert read_labels(path).labels.shape == (3, 3, 3)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        tracemalloc.stop()


@pytest.mark.parametrize("content", [b"\x1f\x8b damaged", b"plain"], ids=["damaged", "plain"])
def test_what_is_not_packed_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "v.nii.gz"
    path.write_bytes(content)
    with pytest.raises(ContentError, match="damaged, or not packed with gzip"):
        read_labels(path)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float64])
def test_whole_numbers_of_any_kind_are_labels(tmp_path: Path, dtype: type) -> None:
    values = np.arange(60).reshape(3, 4, 5).astype(dtype)
    nibabel.save(nibabel.Nifti1Image(values, np.diag([0.5, 0.5, 1, 1]), dtype=dtype),
                 tmp_path / "v.nii.gz")  # fmt: skip
    read = read_labels(tmp_path / "v.nii.gz")
    np.testing.assert_array_equal(read.labels, values)
    np.testing.assert_allclose(read.spacing_mm, [0.5, 0.5, 1.0])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (f"[label.{fake.BONE}]", "[label.8]", ["label: 7 of leg.nii.gz is not in it"]),
        ('name = "bone"', 'name = "tendon"', ["two labels", "'tendon'"]),
        ('"cortical_bone"', '"cortical"', ["label, 7, tissue", "'cortical'", "'cortical_bone'"]),
        ('"subcutaneous_fat"', '"fat"', ["background, tissue", "'fat'"]),
        ('skin = "A"', 'skin = "X"', ["place, skin", "'X'"]),
        ('along = "S"', 'along = "P"', ["right angles"]),
        ("origin_mm = [12.0", "origin_mm = [312.0", ["does not lie under the probe", "Y 2"]),
        ('fibres = "along"', 'fibres = "beside"', ["label, 11, fibres"]),
        ('fibres = "along"', "fibres = [0, 1, 0]", ["'tendon', fibres", "90 degrees"]),
        ("[place]", '[limit]\na = 1\n[place]', ["'limit'", "did you mean 'limits'"]),
        ("[place]", "[limits]\nslide_mm = 3\n[place]", ["limits", "slide_mm"]),
    ],
)  # fmt: skip
def test_a_map_that_does_not_fit_is_told(
    folder: Path, tmp_path: Path, old: str, new: str, words: list[str]
) -> None:
    assert old in fake.MAP
    path = tmp_path / "map.toml"
    path.write_text(fake.MAP.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        make_phantom(folder / "leg.nii.gz", path, "leg")
    for word in words:
        assert word in str(caught.value)


# --- bad files of distances ----------------------------------------------------------------------


def small_grid() -> Grid:
    return Grid(("a",), np.zeros((1, 3, 3, 3), np.int16), (0.0, 0.0, 0.0), 5e-4)


def test_a_file_of_distances_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "v.npz"
    path.write_bytes(grid_bytes(small_grid()))
    read = read_grid(path)
    assert (read.parts, read.step_m) == (("a",), pytest.approx(5e-4))
    np.testing.assert_array_equal(read.distance, small_grid().distance)


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    good = {"distance": np.zeros((1, 3, 3, 3), np.int16), "parts": np.array(["a"], "U40"),
            "origin_mm": np.zeros(3), "step_mm": np.array(0.5)}  # fmt: skip
    np.savez_compressed(file, **{**good, **arrays})
    return file.getvalue()


def forged(header: bytes, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A file whose distances have this header, before 30 MB of zeros."""
    file = io.BytesIO()
    magic = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little")
    with (
        zipfile.ZipFile(file, "w", compression, compresslevel=1) as archive,
        archive.open("distance.npy", "w") as member,
    ):
        member.write(magic + header)
        for _ in range(3):
            member.write(bytes(10_000_000))
    return file.getvalue()


BOMB = b"{'descr': '<i2', 'fortran_order': False, 'shape': (1, -1, 2, 2)}\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (forged(BOMB), "no volume of a phantom"),
        (forged(b"{'descr': ((((\n"), "no volume of a phantom"),
        (forged(BOMB, zipfile.ZIP_BZIP2), "no volume of a phantom"),
        (npz(distance=np.array([object()] * 2)), "'distance' is object"),
        (npz(distance=np.zeros((1, 3, 3, 3))), "'distance' is float64"),
        (npz(distance=np.zeros((1, 300, 500, 500), np.int16)), "150 MB; allowed: 128"),
        (npz(step_mm=np.array(np.nan)), "nodes are not where"),
        (npz(parts=np.array(["a", "b"], "U40")), "nodes are not where"),
        (npz(distance=np.zeros((1, 1, 3, 3), np.int16)), "no volume of a phantom"),
        (npz()[:-300], "no volume of a phantom"),
        (b"nothing", "no volume of a phantom"),
    ],
)  # fmt: skip
def test_a_bad_file_of_distances_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "v.npz"
    path.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(ContentError, match=words):
        read_grid(path)
    assert tracemalloc.get_traced_memory()[1] < MOST_BYTES / 10
    tracemalloc.stop()


def test_a_missing_file_or_part_is_said(folder: Path, tmp_path: Path) -> None:
    text = (folder / "leg.toml").read_text(encoding="utf-8")
    path = tmp_path / "leg.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match=r"leg\.npz: cannot be read"):
        read_phantom(path)
    (tmp_path / "leg.npz").write_bytes((folder / "leg.npz").read_bytes())
    path.write_text(text.replace('part = "bone"', 'part = "bona"'), encoding="utf-8")
    with pytest.raises(ContentError, match="did you mean 'bone'"):
        read_phantom(path)


def test_the_key_follows_the_volume_and_variants_find_it(folder: Path, leg: Phantom) -> None:
    child = folder / "hard.toml"
    child.write_text(
        'variant_of = "leg"\ntitle = "Hard"\nsummary = "A stone."\n'
        '[[region]]\nname = "tendon"\ntissue = "calcification"\n', encoding="utf-8",
    )  # fmt: skip
    hard = read_phantom(child)
    assert hard.tissues.names[hard.region_tissue[-1]] == "calcification"
    content = (folder / "leg.npz").read_bytes()
    grid = read_grid(folder / "leg.npz")
    nearer = np.maximum(grid.distance, np.where(grid.distance < 0, grid.distance // 2, 0))
    try:
        other = Grid(grid.parts, nearer, grid.origin_m, grid.step_m)
        (folder / "leg.npz").write_bytes(grid_bytes(other))
        assert read_phantom(folder / "leg.toml").key != leg.key
        assert read_phantom(child).key != hard.key
    finally:
        (folder / "leg.npz").write_bytes(content)
    assert read_phantom(folder / "leg.toml").key == leg.key
