"""Every knob of the scanner, stated once: field, unit, range, default, meaning and cost.

Inside the engine settings are SI (`ScanSettings.focus_m`); on screen, in files and
on the command line a knob has its display name and unit (`focus_mm`). `KNOBS` is
the only place that knows both. Ranges follow current premium musculoskeletal
scanners (docs/model.md, "Knobs"); they are data so that a course can match its own.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from physics.constants import MACHINE_SPEED_M_S
from physics.grey_maps import LINEAR, load_grey_maps
from physics.looks import COMPOUND_CHOICES, MOST_RAD, check_looks
from physics.probe import Probe, UnknownNameError
from physics.sector import (
    LEAST_SHOWN_M,
    LINES_PER_ELEMENT,
    check_depths,
    check_sector,
    most_centre_m,
)
from physics.zones import CHOICES, NEAREST_M, check_zones

N_TGC = 8
"""Number of time-gain sliders."""

SWITCH = ("on", "off")
"""What a switch of the physics may be."""
PULSE_RATES = ("normal", "high")
FREQUENCY_COMPOUNDING = ("off", "2", "3")
"""Into how many parts the band may be split."""
STEER_LIMIT_DEG = round(math.degrees(MOST_RAD))
APODISATIONS = ("rect", "hann", "hamming", "tukey")


@dataclass(frozen=True)
class Knob:
    """One control: how it is called and shown, what it may be, what it does and costs."""

    name: str
    """Display name with the display unit, e.g. `focus_mm`."""
    field: str
    """Field of `ScanSettings` that it sets, e.g. `focus_m`."""
    label: str
    unit: str
    per_si: float
    """Display value = SI value x per_si."""
    low: float
    high: float
    step: float
    decimals: int
    meaning: str
    cost: str
    group: str = "main"
    choices: tuple[str, ...] = ()
    n_value: int = 1
    """How many numbers the knob holds (8 for the TGC sliders)."""
    whole: bool = False
    """Has whole steps only: a level, nothing between two of them."""
    also: tuple[str, ...] = ()
    """What else scanners call it."""

    def range_text(self) -> str:
        """The allowed values as a reader would say them: `2 to 60 mm`."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        each = "" if self.n_value == 1 else f"{self.n_value} numbers, each "
        each = "whole numbers, " if self.whole else each
        unit = f" {self.unit}" if self.unit else ""
        return f"{each}{self.low:g} to {self.high:g}{unit}"


@dataclass(frozen=True)
class ScanSettings:
    """All knob positions, SI units. Frozen: turn a knob with `turned` or `replace`.

    Raises ValueError when a value lies outside its knob's range or is not a number.
    """

    frequency_hz: float = 10e6
    depth_m: float = 0.040
    focus_m: float = 0.020
    gain_db: float = 0.0
    tgc_db: tuple[float, ...] = (0.0,) * N_TGC
    dynamic_range_db: float = 60.0
    power_db: float = 0.0
    tx_f_number: float = 2.0
    rx_f_number: float = 1.5
    tx_apodisation: str = "rect"
    rx_apodisation: str = "hann"
    persistence: float = 0.0
    speckle_reduction: float = 0.0
    rejection_db: float = 0.0
    edge_enhancement: float = 0.0
    grey_map: str = LINEAR
    harmonic: str = "off"
    machine_speed_m_s: float = MACHINE_SPEED_M_S
    frequency_compounding: str = "off"
    attenuation: str = "on"
    refraction: str = "on"
    aberration: str = "on"
    multiple_paths: str = "on"
    speed_differences: str = "on"
    fibre_coherence: str = "on"
    slice_thickness: str = "on"
    side_lobes: str = "on"
    noise: str = "on"
    ring_down: str = "on"
    dead_elements: float = 0.0
    lost_contact_percent: float = 0.0
    air_bubble_m: float = 0.0
    interference_db: float = 0.0
    pulse_rate: str = "normal"
    steer_rad: float = 0.0
    compound_angles: str = "1"
    trapezoid: str = "off"
    focal_zones: str = "1"
    line_density: str = "medium"
    width_share: float = 1.0
    centre_m: float = 0.0
    top_m: float = 0.0

    def __post_init__(self) -> None:
        for knob in KNOBS.values():
            _check(knob, getattr(self, knob.field))

    def display(self, name: str) -> Any:
        """The knob's value in its display unit (a tuple for the TGC sliders)."""
        knob = find_knob(name)
        value = getattr(self, knob.field)
        if knob.choices:
            return value
        if knob.n_value > 1:
            return tuple(v * knob.per_si for v in value)
        return value * knob.per_si

    def turned(self, **display_values: Any) -> "ScanSettings":
        """New settings with the named knobs (display names and units) turned.

        Raises UnknownNameError for a name that is no knob, ValueError out of range.
        """
        changes = {}
        for name, value in display_values.items():
            knob = find_knob(name)
            changes[knob.field] = _to_si(knob, value)
        return replace(self, **changes)

    def to_display(self) -> dict[str, Any]:
        """Every knob's display name and value; `from_display` reads it back."""
        return {name: self.display(name) for name in KNOBS}

    @classmethod
    def from_display(cls, values: Mapping[str, Any]) -> "ScanSettings":
        """Settings from display names and values; what is not named keeps its default."""
        return cls().turned(**values)


_SPECS = (
    Knob("frequency_mhz", "frequency_hz", "Frequency", "MHz", 1e-6, 2, 18, 0.5, 1,
         "Centre frequency of the echoes that make the picture.",
         "Higher: finer detail, but less penetration."),
    Knob("depth_mm", "depth_m", "Depth", "mm", 1e3, 10, 200, 5, 0,
         "How deep the picture reaches.",
         "Deeper: longer listening time, so fewer frames a second and fewer pixels a millimetre."),
    Knob("focus_mm", "focus_m", "Focus", "mm", 1e3, NEAREST_M * 1e3, 150, 1, 0,
         "Depth at which the transmitted beam is narrowest.",
         "Detail is best near the focus and worse away from it."),
    Knob("gain_db", "gain_db", "Gain", "dB", 1.0, -40, 40, 1, 0,
         "Amplifies everything received, echoes and noise alike.",
         "No new information: signal-to-noise ratio and safety indices stay as they are."),
    Knob("tgc_db", "tgc_db", "TGC", "dB", 1.0, -20, 20, 1, 0,
         "Extra gain by depth, one slider for each eighth of the depth.",
         "Amplifies the noise at that depth too.", n_value=N_TGC, also=("DGC", "STC")),
    Knob("dynamic_range_db", "dynamic_range_db", "Dynamic range", "dB", 1.0, 30, 96, 2, 0,
         "Span of echo levels shown between black and white.",
         "Low: contrasty, weak echoes vanish. High: soft, and noise is shown.",
         also=("Compression", "Log compression")),
    Knob("power_db", "power_db", "Acoustic power", "dB", 1.0, -30, 0, 1, 0,
         "Transmitted pressure below the maximum.",
         "More power lifts echoes above the noise, and raises exposure: use gain first (ALARA).",
         also=("Transmit power", "Output")),
    Knob("tx_f_number", "tx_f_number", "Transmit F-number", "", 1.0, 1, 8, 0.5, 1,
         "Focal depth divided by the width of the transmitting aperture.",
         "Small: narrow focus, short depth of field.", "beamforming"),
    Knob("rx_f_number", "rx_f_number", "Receive F-number", "", 1.0, 1, 6, 0.5, 1,
         "Depth divided by the width of the receiving aperture, kept as depth grows.",
         "Small: finer detail, wider angles, more side lobes from steep echoes.", "beamforming"),
    Knob("tx_apodisation", "tx_apodisation", "Transmit apodisation", "", 1.0, 0, 0, 0, 0,
         "Weights across the transmitting aperture.",
         "Smoother weights: lower side lobes, wider main lobe, less energy.", "beamforming",
         choices=APODISATIONS),
    Knob("rx_apodisation", "rx_apodisation", "Receive apodisation", "", 1.0, 0, 0, 0, 0,
         "Weights across the receiving aperture.",
         "Smoother weights: lower side lobes, wider main lobe.", "beamforming",
         choices=APODISATIONS),
    Knob("harmonic", "harmonic", "Tissue harmonics", "", 1.0, 0, 0, 0, 0,
         "Sends at half the frequency shown and listens to what tissue makes of it at the whole.",
         "Cleaner fluid and borders, but echoes are weaker: less depth, more so at low power, and "
         "half the frames a second.", "beamforming",
         choices=SWITCH, also=("THI", "Harmonics", "Pulse inversion")),
    Knob("machine_speed_m_s", "machine_speed_m_s", "Speed of sound", "m/s", 1.0, 1400, 1640, 10, 0,
         "Speed of sound that the scanner believes in: its delays and its ruler follow it.",
         "Only what has that speed is sharp and true to scale; tissue does not change.",
         "beamforming", also=("Sound speed correction", "Tissue aberration correction")),
    Knob("pulse_rate", "pulse_rate", "Pulse rate", "", 1.0, 0, 0, 0, 0,
         "How soon the next pulse is sent: high, as soon as the depth shown has been heard.",
         "High: more frames a second, but strong echoes from below the picture come in too high up "
         "(range ambiguity). More depth moves them or takes them away.",
         "beamforming", choices=PULSE_RATES, also=("PRF", "Pulse repetition frequency")),
    Knob("frequency_compounding", "frequency_compounding", "Frequency compounding", "", 1.0,
         0, 0, 0, 0,
         "Makes a picture from each half or third of the band and averages them: less speckle.",
         "Two or three times as long along depth is what was sharp before.", "image",
         choices=FREQUENCY_COMPOUNDING, also=("Multi-frequency imaging", "Band averaging")),
    Knob("steer_deg", "steer_rad", "Steer", "\N{DEGREE SIGN}", math.degrees(1), -STEER_LIMIT_DEG,
         STEER_LIMIT_DEG, 1, 0,
         "Sends all lines at this angle from the face, positive to the right.",
         "What faces the beam brightens. Less is seen on the other side, elements hear less, and "
         "grating lobes come in.", "beamforming", also=("Beam steering", "Needle view")),
    Knob("compound_angles", "compound_angles", "Compounding", "", 1.0, 0, 0, 0, 0,
         "Number of directions that each frame looks from; their pictures are averaged.",
         "Less speckle, softer shadows and borders. Frame rate falls by that number.",
         "beamforming", choices=COMPOUND_CHOICES,
         also=("Spatial compounding", "SonoCT", "CrossXBeam", "SieClear")),
    Knob("trapezoid", "trapezoid", "Trapezoid", "", 1.0, 0, 0, 0, 0,
         "Lines of a flat face spread like those of a convex one.",
         "Wider view in depth, with lines farther apart there.", "beamforming",
         choices=("off", "on"), also=("Virtual convex", "Wide view")),
    Knob("focal_zones", "focal_zones", "Focal zones", "", 1.0, 0, 0, 0, 0,
         "Number of transmits a line, each focused at its own depth about the focus.",
         "Sharp over more depth, with bands where zones meet. Frame rate falls by that number.",
         "lines", choices=CHOICES, also=("Focus number", "Multiple foci")),
    Knob("line_density", "line_density", "Line density", "", 1.0, 0, 0, 0, 0,
         "How close together the lines lie: one for every second element, for each, or two.",
         "High: finer across, half the frame rate. Low: twice the frame rate, coarse across.",
         "lines", choices=tuple(LINES_PER_ELEMENT), also=("Resolution / speed", "Frame rate")),
    Knob("width_percent", "width_share", "Sector width", "%", 100.0, 25, 100, 5, 0,
         "Part of the probe's face that has lines in front of it.",
         "Narrow: fewer lines, so more frames a second, and less to see.",
         "lines", also=("FOV width", "Sector size")),
    Knob("centre_mm", "centre_m", "Sector centre", "mm", 1e3, -40, 40, 1, 0,
         "Where on the face the middle of a narrower sector lies, positive to the right.",
         "Lines near the end of the face have smaller apertures.",
         "lines", also=("FOV position", "Zoom position")),
    Knob("top_mm", "top_m", "Top of picture", "mm", 1e3, 0, 195, 1, 0,
         "Depth of the picture's upper edge: with depth, sector width and centre it makes a write "
         "zoom, which scans a region alone and shows it large.",
         "Nothing above is seen. Frame rate does not gain: sound still has to go to the bottom.",
         "lines", also=("Write zoom", "HD zoom", "RES")),
    Knob("persistence", "persistence", "Persistence", "", 1.0, 0, 4, 1, 0,
         "Averages each picture with those before it: noise flickers less.",
         "The picture lags: keep it low while the probe or the tissue moves.", "image",
         whole=True, also=("Frame averaging", "Frame correlation")),
    Knob("speckle_reduction", "speckle_reduction", "Speckle reduction", "", 1.0, 0, 4, 1, 0,
         "Smooths where nothing but speckle is seen, and spares edges and bright lines.",
         "High: a plastic look, and fine fibre pattern is lost.", "image",
         whole=True, also=("SRI", "XRES", "Adaptive filter")),
    Knob("rejection_db", "rejection_db", "Rejection", "dB", 1.0, 0, 24, 2, 0,
         "Shows as black what lies less than this above the foot of the dynamic range.",
         "Hides noise, and weak echoes with it: a hypoechoic mass can pass for fluid.", "image",
         also=("Reject", "Threshold", "Suppression")),
    Knob("edge_enhancement", "edge_enhancement", "Edge enhancement", "", 1.0, 0, 3, 1, 0,
         "Overdraws changes of brightness along depth, so that borders look crisper.",
         "False sharpness: no detail is gained, and noise and speckle are drawn harder.", "image",
         whole=True, also=("Sharpness", "Detail")),
    Knob("grey_map", "grey_map", "Grey map", "", 1.0, 0, 0, 0, 0,
         "Which grey stands for which level: post-processing of the finished picture.",
         "For the eye only: nothing is measured differently, and lifting some greys costs "
         "contrast among others.", "image",
         choices=tuple(load_grey_maps()), also=("Gamma", "Post-processing curve")),
    *(
        Knob(name, name, label, "", 1.0, 0, 0, 0, 0, meaning, cost, "physics", choices=SWITCH)
        for name, label, meaning, cost in (
            ("attenuation", "Attenuation", "Whether tissue takes energy from the sound.",
             "Off: no shadow, no enhancement, and the TGC has nothing to make good."),
            ("refraction", "Refraction", "Whether sound bends where its speed changes.",
             "Off: one straight way for all, no edge shadows, nothing displaced."),
            ("aberration", "Aberration",
             "Whether tissue of another speed than the scanner believes in is also out of focus.",
             "Off: delays always fit, and a wrong speed only shifts what is seen."),
            ("multiple_paths", "Multiple paths",
             "Whether sound may bounce between surfaces and the probe before it comes back.",
             "Off: one echo for each thing, no reverberation, no comet tail."),
            ("speed_differences", "Speed differences", "Whether tissues differ in their speed.",
             "Off: the machine's 1540 m/s holds everywhere, and every depth reads true."),
            ("fibre_coherence", "Fibre coherence", "Whether fibres are long, and mirror sound.",
             "Off: grains without order instead, and no anisotropy."),
            ("slice_thickness", "Slice thickness",
             "Whether what lies beside the image plane is heard.",
             "Off: an infinitely thin slice, and small cysts stay black."),
            ("side_lobes", "Side lobes", "Whether apertures have hard edges.",
             "Off: both are faded to nothing at their edges, which widens the beam."),
            ("noise", "Noise", "Whether the receiver adds noise of its own.",
             "Off: every depth is reached, and gain shows nothing but echoes."),
            ("ring_down", "Ring-down",
             "Whether the probe still rings when it begins to listen.",
             "Off: no main bang, and the first millimetres show tissue alone."),
        )
    ),
    Knob("dead_elements", "dead_elements", "Dead elements", "", 1.0, 0, 32, 1, 0,
         "Number of neighbouring elements, a third of the face from the left, that neither send "
         "nor hear.",
         "A dark stripe from the face down that closes with depth: repair, no knob cures it.",
         "faults", whole=True),
    Knob("lost_contact_percent", "lost_contact_percent", "Lost contact", "%", 1.0, -80, 80, 5, 0,
         "Part of the face with air instead of gel before it: positive from the right end, "
         "negative from the left.",
         "Bright bands at the face and black below them: gel and pressure cure it.", "faults"),
    Knob("air_bubble_mm", "air_bubble_m", "Air bubble", "mm", 1e3, 0, 15, 0.5, 1,
         "Width of an air bubble in the gel, right of the middle of the face; 0: none.",
         "Bright bands below it that fade, then black, and a duller picture beside: wipe the gel "
         "and put on new.", "faults"),
    Knob("interference_db", "interference_db", "Interference", "dB", 1.0, 0, 60, 5, 0,
         "Level of a radio source nearby above the receiver's noise; 0: none.",
         "A regular pattern that flashes and rises with gain, whatever the power: only taking the "
         "source away cures it.", "faults", also=("Electronic interference", "Diathermy")),
)  # fmt: skip

KNOBS: dict[str, Knob] = {knob.name: knob for knob in _SPECS}
"""Every knob by display name, in console order."""


def find_knob(name: str) -> Knob:
    """The knob with this display name; UnknownNameError if there is none."""
    if name not in KNOBS:
        raise UnknownNameError("knob", name, list(KNOBS))
    return KNOBS[name]


def check_for_probe(settings: ScanSettings, probe: Probe) -> None:
    """Raise ValueError if these settings are outside what `probe` can do."""
    f_mhz = settings.frequency_hz * 1e-6
    low, high = probe.low_hz * 1e-6, probe.high_hz * 1e-6
    if settings.harmonic == "on" and low - 1e-9 <= f_mhz < 2 * low - 1e-9:
        raise ValueError(
            f"frequency_mhz is {f_mhz:g}, and harmonic is on; probe {probe.name} then allows "
            f"{2 * low:g} to {high:g} MHz, because it sends at half of it"
        )
    if not low - 1e-9 <= f_mhz <= high + 1e-9:
        raise ValueError(
            f"frequency_mhz is {f_mhz:g}; probe {probe.name} allows {low:g} to {high:g} MHz"
        )
    if settings.depth_m > probe.max_depth_m * (1 + 1e-9):
        raise ValueError(
            f"depth_mm is {settings.depth_m * 1e3:g}; probe {probe.name} allows up to "
            f"{probe.max_depth_m * 1e3:g} mm"
        )
    check_looks(
        probe,
        steer_rad=settings.steer_rad,
        compound_angles=settings.compound_angles,
        trapezoid=settings.trapezoid,
    )
    check_sector(
        probe,
        line_density=settings.line_density,
        width_share=settings.width_share,
        centre_m=settings.centre_m,
    )
    check_depths(depth_m=settings.depth_m, top_m=settings.top_m)
    check_zones(
        focal_zones=settings.focal_zones,
        focus_m=settings.focus_m,
        depth_m=settings.depth_m,
        top_m=settings.top_m,
    )


def with_possible_view(settings: ScanSettings, probe: Probe) -> ScanSettings:
    """The settings with the nearest region that lies on the face and above the depth, and with a
    focus that several zones can lie about."""
    most_m = most_centre_m(
        probe, line_density=settings.line_density, width_share=settings.width_share
    )
    top_m = min(settings.top_m, settings.depth_m - LEAST_SHOWN_M)
    focus_m = settings.focus_m
    if settings.focal_zones != "1":
        focus_m = min(max(focus_m, top_m), settings.depth_m)
    centre_m = min(max(settings.centre_m, -most_m), most_m)
    return replace(settings, centre_m=centre_m, top_m=top_m, focus_m=focus_m)


def with_possible_looks(settings: ScanSettings, probe: Probe) -> ScanSettings:
    """The settings without steering or compounding where a probe, or the trapezoid, has none."""
    if probe.is_convex:
        return replace(settings, steer_rad=0.0, compound_angles="1", trapezoid="off")
    if settings.trapezoid == "on":
        return replace(settings, steer_rad=0.0, compound_angles="1")
    return settings


def lowest_hz(settings: ScanSettings, probe: Probe) -> float:
    """Lowest frequency that the knob offers on this probe, Hz: harmonics are sent at half of it."""
    return probe.low_hz * (2 if settings.harmonic == "on" else 1)


def fitted_to_probe(settings: ScanSettings, probe: Probe) -> ScanSettings:
    """The nearest settings that `probe` can do; for changing the probe on a running scanner."""
    fitted = replace(
        with_possible_looks(settings, probe),
        frequency_hz=min(max(settings.frequency_hz, lowest_hz(settings, probe)), probe.high_hz),
        depth_m=min(settings.depth_m, probe.max_depth_m),
    )
    return with_possible_view(fitted, probe)


def _to_si(knob: Knob, value: Any) -> Any:
    if knob.choices:
        return str(value)
    try:
        if knob.n_value > 1:
            return tuple(float(v) / knob.per_si for v in value)
        return float(value) / knob.per_si
    except (TypeError, ValueError):
        kind = "a number" if knob.n_value == 1 else "numbers"
        raise ValueError(
            f"{knob.name} is {value!r}, which is not {kind}; allowed: {knob.range_text()}"
        ) from None


def _check(knob: Knob, value: Any) -> None:
    if knob.choices:
        if value not in knob.choices:
            raise ValueError(f"{knob.name} is {value!r}; allowed: {knob.range_text()}")
        return
    numbers = value if knob.n_value > 1 else (value,)
    if len(numbers) != knob.n_value:
        raise ValueError(f"{knob.name} has {len(numbers)} values; allowed: {knob.range_text()}")
    for number in numbers:
        shown = number * knob.per_si
        slack = 1e-9 * max(1.0, abs(knob.high))
        inside = math.isfinite(shown) and knob.low - slack <= shown <= knob.high + slack
        if not inside or (knob.whole and shown != round(shown)):
            raise ValueError(f"{knob.name} is {shown:g}; allowed: {knob.range_text()}")


assert {knob.field for knob in _SPECS} == {f.name for f in fields(ScanSettings)}
