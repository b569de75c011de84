"""DICOM ultrasound files, single and multi-frame, in which other viewers measure our millimetres.

Standard parts: US Image and US Multi-frame Image IODs (PS3.3 A.6, A.7), US Region Calibration
(PS3.3 C.8.5.5), Cine (PS3.3 C.7.6.5). No person was scanned: the patient is "SIM". Without a date,
and with identifiers that follow from the content, the same picture makes the same file.
"""

import contextlib
import hashlib
import json
from typing import BinaryIO

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
    generate_uid,
)

from physics.frame import Frame
from simulator.film import Film
from simulator.version import program_version

TISSUE, TWO_D, CENTIMETRES = 1, 1, 3
"""Codes of PS3.3 C.8.5.5.1: region data type, region spatial format, physical units."""
CM_PER_M = 100.0
MOST_COMMENT = 10_000
"""Characters of a comment (LT allows 10240)."""


def write_dicom(file: BinaryIO, film: Film) -> None:
    """A US Image of one picture, or a US Multi-frame Image of several; grey, uncompressed."""
    pictures = np.stack(film.pictures)
    many = len(pictures) > 1
    digest = hashlib.sha512(pictures.tobytes()).hexdigest()
    content = [film.description, str(film.interval_s), digest]
    data = FileDataset("", {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    data.SpecificCharacterSet = "ISO_IR 192"
    data.SOPClassUID = UltrasoundMultiFrameImageStorage if many else UltrasoundImageStorage
    data.SOPInstanceUID = generate_uid(entropy_srcs=["instance", *content])
    _say_who_and_where(data, film, content)
    _say_how(data, film)
    _put_pixels(data, pictures)
    if many:
        _put_time(data, film.interval_s)
    data.SequenceOfUltrasoundRegions = [_region(film.frames[0])]
    meta = data.file_meta
    meta.MediaStorageSOPClassUID = data.SOPClassUID
    meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.save_as(file, enforce_file_format=True)


def _say_who_and_where(data: Dataset, film: Film, content: list[str]) -> None:
    """Patient, study, series and equipment."""
    data.PatientName = "SIM"
    data.PatientID = "SIM"
    data.PatientBirthDate = data.PatientSex = ""
    data.PatientIdentityRemoved = "YES"
    data.DeidentificationMethod = "Simulated: no person was scanned"
    data.StudyInstanceUID = generate_uid(entropy_srcs=["study", film.phantom])
    data.StudyDate = data.StudyTime = data.AccessionNumber = ""
    data.StudyID = "1"
    data.ReferringPhysicianName = ""
    data.StudyDescription = f"Insonate simulation: {film.title}"[:64]
    data.SeriesInstanceUID = generate_uid(entropy_srcs=["series", *content])
    data.SeriesNumber = data.InstanceNumber = 1
    data.Modality = "US"
    data.Laterality = data.PatientOrientation = ""
    data.Manufacturer = "Insonate"
    data.ManufacturerModelName = "Insonate ultrasound simulator"
    data.SoftwareVersions = program_version()


def _say_how(data: Dataset, film: Film) -> None:
    """What the picture was made with, as far as the standard has a place for it."""
    frame = film.frames[0]
    data.ImageType = ["ORIGINAL", "PRIMARY", "MUSCULOSKELETAL", "0001"]
    data.TransducerData = frame.probe.name
    data.DepthOfScanField = round(frame.settings.depth_m * 1e3)
    data.MechanicalIndex = f"{frame.output.mi:.2f}"
    data.SoftTissueThermalIndex = f"{frame.output.tis:.2f}"
    data.BoneThermalIndex = f"{frame.output.tib:.2f}"
    data.ImageComments = _one_line(film.description)


def _put_pixels(data: Dataset, pictures: np.ndarray) -> None:
    """uint8 [picture, row, column] as MONOCHROME2."""
    data.Rows, data.Columns = (int(n) for n in pictures.shape[1:])
    data.SamplesPerPixel = 1
    data.PhotometricInterpretation = "MONOCHROME2"
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.BurnedInAnnotation = "NO"
    data.LossyImageCompression = "00"
    data.UltrasoundColorDataPresent = 0
    data.PresentationLUTShape = "IDENTITY"
    content = pictures.tobytes()
    data.add_new("PixelData", "OB", content + b"\0" * (len(content) % 2))
    if len(pictures) > 1:
        data.NumberOfFrames = len(pictures)


def _put_time(data: Dataset, interval_s: float) -> None:
    data.FrameIncrementPointer = 0x00181063  # points at the Frame Time
    data.FrameTime = f"{interval_s * 1e3:.6g}"
    data.CineRate = data.RecommendedDisplayFrameRate = max(round(1 / interval_s), 1)
    data.PreferredPlaybackSequencing = 0


def _region(frame: Frame) -> Dataset:
    """The whole picture is one calibrated region of tissue.

    The reference pixel is the first; its physical place is the middle of that pixel in the probe
    frame: x to the right of the face's middle, y its depth, cm.
    """
    n_row, n_column = frame.picture.shape
    x_m, z_m = frame.place_of(np.array(0.0), np.array(0.0))
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = TWO_D, TISSUE, 0
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = n_column - 1, n_row - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = CENTIMETRES
    region.PhysicalDeltaX = (frame.right_m - frame.left_m) / n_column * CM_PER_M
    region.PhysicalDeltaY = (frame.bottom_m - frame.top_m) / n_row * CM_PER_M
    region.ReferencePixelX0 = region.ReferencePixelY0 = 0
    region.ReferencePixelPhysicalValueX = float(x_m) * CM_PER_M
    region.ReferencePixelPhysicalValueY = float(z_m) * CM_PER_M
    region.TransducerFrequency = round(frame.settings.frequency_hz * 1e-3)
    return region


def _one_line(description: str) -> str:
    """The description without the spaces of JSON, as long as it fits."""
    with contextlib.suppress(ValueError):
        description = json.dumps(json.loads(description), separators=(",", ":"))
    return description[:MOST_COMMENT]
