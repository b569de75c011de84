"""The numbers that lessons read from a picture, by name: unit, meaning, source, what they need.

What a measure reads says what can move it. `echo`: the echoes before gain and TGC, which those and
the display leave alone. `received`: the envelope after gain, TGC and filters. `picture`: the grey
that is displayed. `machine`: what was set. `tissue`: where tissue and focus are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from lessons import display_measures as display
from lessons import echo_measures as echo
from lessons.lesson import Reading
from lessons.sight import Sight
from physics.settings import ScanSettings

Reads = Literal["echo", "received", "picture", "machine", "tissue"]
NEEDS = ("patch", "re", "wire", "re_wire")
"""What a reading may be taken at: keys of `[[reading]]`."""

_ANY = ScanSettings()

_BLOCKS = "fitted to blocks of 2 mm, chosen for teaching"
_SCENE = "scene metrics of this project, chosen for teaching"


@dataclass(frozen=True)
class Measure:
    """What a measure is called on screen, what it needs and where its definition comes from."""

    name: str
    unit: str
    reads: Reads
    meaning: str
    source: str
    of: Callable[..., float]
    """From a `Sight` and what `needs` names, in that order, to the number."""
    needs: tuple[str, ...] = ("patch",)
    decimals: int = 1
    is_re_best: bool = False
    """Compares the patch with the best level it has shown in this run of the lesson."""

    @property
    def is_difference(self) -> bool:
        """Whether it compares the patch with a second one (`re`)."""
        return "re" in self.needs


def _of_frame(read: Callable[[Any], float]) -> Callable[[Sight], float]:
    return lambda sight: float(read(sight.frame))


_TWO, _WIRE = ("patch", "re"), ("wire",)

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("level_db", "dB", "echo",
                "echo level of speckle, re a perfect mirror 20 mm deep",
                "definition of backscatter; median scaled to the mean of speckle", echo.level_db),
        Measure("level_difference_db", "dB", "echo", "echo level re that of another patch",
                "20 log10 of the ratio of amplitudes", echo.level_difference_db, _TWO),
        Measure("level_below_best_db", "dB", "echo",
                "how far the level lies below the best one seen in this lesson",
                "chosen for teaching", echo.level_db, is_re_best=True),
        Measure("shadow_db", "dB", "echo",
                "how far a patch behind a target lies below one beside it; negative: enhancement",
                "20 log10 of the ratio of amplitudes", echo.shadow_db, _TWO),
        Measure("signal_to_noise_db", "dB", "echo",
                "power of echoes and noise together re the noise alone; 0: noise only",
                "definition; the noise as of a test in air", echo.signal_to_noise_db),
        Measure("penetration_mm", "mm", "echo",
                "deepest place of the patch where mean echo is 1.4 times the mean noise",
                "in the manner of IEC 61391-2; blocks of 2 mm", echo.penetration_mm),
        Measure("lateral_width_mm", "mm", "echo", "width of a wire's echo at -6 dB, across",
                "full width at half maximum, as in IEC 61391-1", echo.lateral_width_mm, _WIRE, 2),
        Measure("axial_width_mm", "mm", "echo", "length of a wire's echo at -6 dB, along the line",
                "full width at half maximum, as in IEC 61391-1", echo.axial_width_mm, _WIRE, 2),
        Measure("distance_error_percent", "%", "echo",
                "distance of two wires as shown re the true one, less 100 %",
                "distance accuracy, as in IPEM Report 102", echo.distance_error_percent,
                ("wire", "re_wire")),
        Measure("repeat_spacing_mm", "mm", "echo", "distance at which echoes repeat along depth",
                "first peak of the autocorrelation", echo.repeat_spacing_mm, decimals=2),
        Measure("contrast_db", "dB", "received", "mean amplitude of a patch re another",
                "20 log10(mean in / mean out) of the envelope", display.contrast_db, _TWO),
        Measure("speckle_snr", "", "received",
                "mean over standard deviation of the amplitude; 1.91 in raw speckle",
                "Burckhardt, IEEE Trans Sonics Ultrason 1978;25:1", display.speckle_snr,
                decimals=2),
        Measure("brightness_slope_db_per_cm", "dB/cm", "received",
                "how fast the level after gain and TGC rises with depth",
                "least squares, " + _BLOCKS, display.brightness_slope_db_per_cm),
        Measure("mean_grey", "of 255", "picture", "mean grey as displayed",
                "mean", display.mean_grey, decimals=0),
        Measure("grey_spread", "greys", "picture",
                "spread of the displayed grey: texture and noise; 0: a flat tone",
                "standard deviation", display.grey_spread),
        Measure("grey_difference", "greys", "picture", "mean grey less that of another patch",
                "difference of means", display.grey_difference, _TWO, 0),
        Measure("grey_slope_per_cm", "greys/cm", "picture",
                "how fast the displayed grey rises with depth", "least squares, " + _BLOCKS,
                display.grey_slope_per_cm),
        Measure("saturated_percent", "%", "picture", "share of pixels that are full white",
                _SCENE, display.saturated_percent),
        Measure("black_percent", "%", "picture", "share of pixels that are black",
                _SCENE, display.black_percent),
        Measure("cnr", "", "picture", "contrast-to-noise ratio of two patches as displayed",
                "|difference of means| / root of summed variances (Patterson and Foster, Ultrason "
                "Imaging 1983;5:195)", display.cnr, _TWO, 2),
        Measure("gcnr", "", "picture",
                "1 less the overlap of the two histograms; 0: alike, 1: apart",
                "Rodriguez-Molares et al., IEEE Trans UFFC 2020;67:745", display.gcnr, _TWO, 2),
        Measure("fibre_angle_deg", "°", "tissue", "angle between the beam and square to the fibres",
                "geometry", display.fibre_angle_deg),
        Measure("vessel_angle_deg", "°", "tissue",
                "angle between the beam and the axis of a vessel; 90: square to it",
                "geometry: the angle of Doppler's cosine", display.vessel_angle_deg),
        Measure("fills_percent", "%", "tissue", "height of the target re the depth shown",
                _SCENE, display.fills_percent, decimals=0),
        Measure("deep_edge_percent", "%", "tissue", "deep edge of the target re the depth shown",
                _SCENE, display.deep_edge_percent, decimals=0),
        Measure("place_down_percent", "%", "tissue",
                "middle of the target: 0 top of the picture, 100 bottom; central third: 33 to 67",
                _SCENE, display.place_down_percent, decimals=0),
        Measure("place_across_percent", "%", "tissue",
                "middle of the target: 0 left of the picture, 100 right; central third: 33 to 67",
                _SCENE, display.place_across_percent, decimals=0),
        Measure("focus_distance_mm", "mm", "tissue",
                "depth between the target and the nearest focus", _SCENE,
                display.focus_distance_mm),
        Measure("frame_rate_hz", "/s", "machine", "frames a second that these settings allow",
                "time of flight: docs/model.md", _of_frame(lambda f: f.frame_rate_hz), ()),
        Measure("power_db", "dB", "machine", "acoustic power re the maximum: 0 is full power",
                "the knob; depth and focus move MI and TI as well, this does not",
                _of_frame(lambda f: f.settings.power_db), (), 0),
        Measure("mi", "", "machine", "mechanical index", "AIUM/NEMA UD 3, IEC 62359",
                _of_frame(lambda f: f.output.mi), (), 2),
        Measure("tis", "", "machine", "thermal index, soft tissue", "AIUM/NEMA UD 3, IEC 62359",
                _of_frame(lambda f: f.output.tis), (), 2),
        Measure("tib", "", "machine", "thermal index, bone", "AIUM/NEMA UD 3, IEC 62359",
                _of_frame(lambda f: f.output.tib), (), 2),
    )
}  # fmt: skip


def acting_on_levels(settings: ScanSettings) -> ScanSettings:
    """`settings` without what no level depends on: pictures that agree in this can be compared."""
    return replace(
        settings,
        gain_db=_ANY.gain_db,
        tgc_db=_ANY.tgc_db,
        dynamic_range_db=_ANY.dynamic_range_db,
        persistence=_ANY.persistence,
        speckle_reduction=_ANY.speckle_reduction,
        rejection_db=_ANY.rejection_db,
        edge_enhancement=_ANY.edge_enhancement,
        grey_map=_ANY.grey_map,
    )


def read(reading: Reading, sight: Sight, best_db: float = -float("inf")) -> float:
    """The number that `reading` asks for, in the unit of its measure; NaN if it is not to be had.

    best_db : highest level of `reading.patch` so far with these settings; only measures re
        the best use it.
    """
    measure = MEASURES[reading.measure]
    places = {
        "patch": reading.patch,
        "re": reading.re_patch,
        "wire": reading.wire,
        "re_wire": reading.re_wire,
    }
    value = measure.of(sight, *(places[need] for need in measure.needs))
    return echo.level_below_best_db(value, best_db) if measure.is_re_best else value
