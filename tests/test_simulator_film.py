"""Saved pictures and loops open again as what they were, and measure the same millimetres."""

import io
import json
import math
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pydicom
import pytest
from PIL import Image, ImageSequence
from window_fakes import FakeEngine

from simulator.errors import UserError
from simulator.film import FORMATS, Film, format_for
from simulator.models.measurements import Distance
from simulator.picture_file import describe
from simulator.renderer import start_request


def smooth(request) -> np.ndarray:
    """uint8 [151, 203]: all greys, moving with the noise seed; odd sizes on purpose."""
    row, column = np.indices((151, 203))
    return ((row * 2 + column + 5 * request.noise_seed) % 256).astype(np.uint8)


def film(n: int, interval_s: float = 0.08, picture=smooth) -> Film:
    request, engine = start_request("muscle_block"), FakeEngine(picture)
    frames = tuple(engine(replace(request, noise_seed=i)) for i in range(n))
    return Film(frames, interval_s, describe(request), "muscle_block", "Muscle block")


def written(suffix: str, made: Film) -> bytes:
    file = io.BytesIO()
    FORMATS[suffix].write(file, made)
    return file.getvalue()


def dicom(made: Film) -> pydicom.FileDataset:
    return pydicom.dcmread(io.BytesIO(written(".dcm", made)))


# --- GIF and MP4 -----------------------------------------------------------------------------


def test_a_gif_opens_with_every_grey_as_it_was():
    made = film(6)
    with Image.open(io.BytesIO(written(".gif", made))) as gif:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(gif)]
        assert gif.info["duration"] == 80
        assert gif.info["loop"] == 0
        assert b"simulated" in gif.info["comment"]
    np.testing.assert_array_equal(frames, made.pictures)


def test_a_gif_of_one_picture_is_no_loop():
    with Image.open(io.BytesIO(written(".gif", film(1)))) as gif:
        assert getattr(gif, "n_frames", 1) == 1
        np.testing.assert_array_equal(np.asarray(gif.convert("L")), film(1).pictures[0])


def test_an_mp4_opens_with_the_same_pictures_but_for_its_coding():
    """Lossy by nature: one grey level on average, as H264_QUALITY says; speckle does worse."""
    made = film(8)
    reader = imageio_ffmpeg.read_frames(_on_disk(made), pix_fmt="gray", bits_per_pixel=8)
    about = next(reader)
    frames = [np.frombuffer(frame, np.uint8).reshape(152, 204) for frame in reader]
    assert about["size"] == (204, 152)
    assert about["fps"] == pytest.approx(12.5)
    assert len(frames) == 8
    steep = np.array(made.pictures) < 250  # where the greys jump from white to black it rings
    error = np.abs(np.array(frames)[:, :151, :203].astype(int) - made.pictures)[steep]
    assert error.mean() < 2.5
    assert np.median(error) <= 1


def _on_disk(made: Film) -> str:
    path = Path("film.mp4")
    path.write_bytes(written(".mp4", made))
    return str(path)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


# --- DICOM -------------------------------------------------------------------------------------


def test_a_dicom_picture_is_read_back_by_pydicom():
    made = film(1)
    data = dicom(made)
    assert data.SOPClassUID.name == "Ultrasound Image Storage"
    assert data.PhotometricInterpretation == "MONOCHROME2"
    np.testing.assert_array_equal(data.pixel_array, made.pictures[0])
    assert "NumberOfFrames" not in data
    assert len(data.SequenceOfUltrasoundRegions) == 1


def test_a_dicom_loop_is_read_back_by_pydicom():
    made = film(5)
    data = dicom(made)
    assert data.SOPClassUID.name == "Ultrasound Multi-frame Image Storage"
    assert data.NumberOfFrames == 5
    assert data.FrameTime == pytest.approx(80)
    assert data.FrameIncrementPointer == pydicom.tag.Tag("FrameTime")
    np.testing.assert_array_equal(data.pixel_array, made.pictures)


@pytest.mark.parametrize("depth_mm", [20, 35, 60])
def test_another_viewer_measures_the_same_millimetres(depth_mm):
    """By the rule of PS3.3 C.8.5.5: a pixel's place = its distance from the reference pixel times
    the physical delta, plus the physical value of the reference pixel."""
    request = start_request("muscle_block")
    request = replace(request, settings=request.settings.turned(depth_mm=depth_mm, focus_mm=15))
    frame = FakeEngine()(request)
    made = Film((frame,), 0.1, "{}", "muscle_block", "Muscle block")
    (region,) = dicom(made).SequenceOfUltrasoundRegions
    assert region.PhysicalUnitsXDirection == region.PhysicalUnitsYDirection == 3  # cm
    assert (region.RegionLocationMinX0, region.RegionLocationMinY0) == (0, 0)
    assert (region.RegionLocationMaxX1, region.RegionLocationMaxY1) == (383, 399)

    def place_mm(row, column):
        x = (column - region.ReferencePixelX0) * region.PhysicalDeltaX
        y = (row - region.ReferencePixelY0) * region.PhysicalDeltaY
        first = region.ReferencePixelPhysicalValueX, region.ReferencePixelPhysicalValueY
        return 10 * (x + first[0]), 10 * (y + first[1])

    rows, columns = np.array([17.0, 311.0]), np.array([40.0, 333.0])
    x_m, z_m = frame.place_of(rows, columns)
    ours = Distance((x_m[0], z_m[0]), (x_m[1], z_m[1]))
    theirs = [place_mm(*pixel) for pixel in zip(rows, columns, strict=True)]
    assert math.dist(*theirs) == pytest.approx(ours.length_m * 1e3, rel=1e-9)
    assert theirs[0] == pytest.approx((x_m[0] * 1e3, z_m[0] * 1e3))


def test_a_dicom_file_names_no_person_and_no_day():
    data = dicom(film(1))
    assert (data.PatientName, data.PatientID) == ("SIM", "SIM")
    assert data.PatientIdentityRemoved == "YES"
    unsaid = (data.PatientBirthDate, data.PatientSex, data.StudyDate, data.StudyTime)
    assert not any(unsaid)
    assert "simulation" in data.StudyDescription


def test_a_dicom_file_tells_its_settings_and_indices():
    data = dicom(film(1))
    told = json.loads(data.ImageComments)
    assert told["phantom"] == "muscle_block"
    assert (data.MechanicalIndex, data.SoftTissueThermalIndex) == (0.94, 0.06)
    assert data.DepthOfScanField == told["depth_mm"]


def test_the_same_picture_makes_the_same_file_and_another_one_has_another_name():
    one, other = dicom(film(1)), dicom(film(2))
    assert written(".dcm", film(1)) == written(".dcm", film(1))
    assert one.SOPInstanceUID != other.SOPInstanceUID
    assert one.SeriesInstanceUID != other.SeriesInstanceUID
    assert one.StudyInstanceUID == other.StudyInstanceUID
    assert one.SOPInstanceUID.is_valid


@pytest.mark.parametrize("share", [0.1, 0.5, 0.98])
def test_a_truncated_dicom_file_does_not_pass_for_a_picture(share):
    content = written(".dcm", film(1))
    cut = content[: int(share * len(content))]
    with pytest.raises((pydicom.errors.InvalidDicomError, ValueError, EOFError, AttributeError)):
        _ = pydicom.dcmread(io.BytesIO(cut)).pixel_array


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("n", [1, 4])
def test_the_verifier_of_dicom3tools_finds_no_error(n):
    Path("film.dcm").write_bytes(written(".dcm", film(n)))
    found = subprocess.run(["dciodvfy", "film.dcm"], capture_output=True, text=True, timeout=60)
    said = found.stdout + found.stderr
    assert ("USMultiFrameImage" if n > 1 else "USImage") in said
    assert "Error" not in said


# --- what is refused ---------------------------------------------------------------------------


def test_pictures_of_different_depth_make_no_film():
    request, engine = start_request("muscle_block"), FakeEngine()
    deeper = replace(request, settings=request.settings.turned(depth_mm=50))
    with pytest.raises(ValueError, match="same depth"):
        Film((engine(request), engine(deeper)), 0.1, "{}", "muscle_block", "Muscle block")


@pytest.mark.parametrize(
    ("name", "loop", "says"),
    [("a.mp4", False, ".png, .gif or .dcm"), ("a.png", True, ".gif, .mp4 or .dcm"),
     ("a.tif", False, ".png"), ("a", True, ".gif")],
)  # fmt: skip
def test_a_suffix_that_cannot_hold_it_is_refused(name, loop, says):
    with pytest.raises(UserError, match=says):
        format_for(Path(name), loop=loop)


@pytest.mark.parametrize(("suffix", "package"), [(".mp4", "imageio-ffmpeg"), (".dcm", "pydicom")])
def test_a_missing_package_is_refused_with_how_to_get_it(suffix, package, monkeypatch):
    def nothing(name, *args, **kwargs):
        raise ImportError(name)

    monkeypatch.setattr("simulator.film.importlib.import_module", nothing)
    with pytest.raises(UserError, match=f"'uv pip install {package}'"):
        format_for(Path("a" + suffix), loop=True)
    format_for(Path("a.gif"), loop=True)
