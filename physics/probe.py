"""Transducer arrays: geometry and band, as checked data.

All probes live in `probes.toml`, with the source of every number.
"""

import difflib
import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

_NAMED = 20
"""Most names that a message lists."""


class UnknownNameError(ValueError):
    """A name that is in no table; the message lists what is allowed."""

    def __init__(self, kind: str, name: str, allowed: list[str]) -> None:
        close = difflib.get_close_matches(name, allowed, n=1)
        hint = f" (did you mean '{close[0]}'?)" if close else ""
        some = ", ".join(allowed[:_NAMED])
        more = f" and {len(allowed) - _NAMED} more" if len(allowed) > _NAMED else ""
        super().__init__(f"no {kind} is called '{name}'{hint}; there are: {some}{more}")


@dataclass(frozen=True)
class Probe:
    """One array of equal elements, on a flat face or on a circular arc.

    The lateral coordinate `u` of a line or element is its distance along the
    face from the centre: metres on a flat array, radians on a convex one.
    """

    name: str
    title: str
    n_element: int
    pitch_m: float
    """Distance between neighbouring element centres (chord, on a convex array), m."""
    width_m: float
    """Width of one element, m."""
    centre_hz: float
    """Nominal centre frequency, Hz."""
    bandwidth: float
    """Fractional pulse-echo bandwidth at -6 dB."""
    height_m: float
    """Elevation aperture, m."""
    elevation_focus_m: float
    """Focal length of the elevation lens, m."""
    low_hz: float
    high_hz: float
    """Range of transmit frequencies that the frequency knob offers, Hz."""
    max_depth_m: float
    n_channel: int
    """Elements that can be active together (one more, where a line faces an element)."""
    source_pressure_pa: float
    """Peak pressure at the face at full power, averaged over elements and gaps, Pa."""
    face_reflection: float = 0.1
    """Part of the pressure coming back that the face sends down again (lens and matching layers);
    0.1 to 0.3 are usual; the lower end chosen for teaching."""
    radius_m: float = math.inf
    """Radius of the face, m; infinite for a linear array."""
    source: str = ""

    @property
    def is_convex(self) -> bool:
        return math.isfinite(self.radius_m)

    @property
    def pitch_u(self) -> float:
        """Spacing of the elements in the lateral coordinate: m (linear) or rad (convex)."""
        if self.is_convex:
            return 2.0 * math.asin(self.pitch_m / (2.0 * self.radius_m))
        return self.pitch_m

    @property
    def element_u(self) -> np.ndarray:
        """float64[n_element]: lateral coordinate of every element centre, m or rad."""
        return (np.arange(self.n_element) - (self.n_element - 1) / 2) * self.pitch_u

    @property
    def metre_per_u(self) -> float:
        """Way along the face for one unit of u."""
        return self.radius_m if self.is_convex else 1.0

    @property
    def sagitta_m(self) -> float:
        """How far the middle of the face stands out before its outermost elements, m."""
        if not self.is_convex:
            return 0.0
        return self.radius_m * (1 - math.cos(float(self.element_u[-1])))

    @property
    def apothem_m(self) -> float:
        """Distance from the centre of curvature to the chord of a convex face, m."""
        return self.radius_m * math.cos(float(self.element_u[-1]))

    @property
    def footprint_m(self) -> float:
        """Width of the active face (along the arc, on a convex array), m."""
        return self.n_element * self.pitch_u * self.metre_per_u


@cache
def load_probes() -> dict[str, Probe]:
    """Every probe of `probes.toml` by name, in the file's order."""
    text = resources.files("physics").joinpath("probes.toml").read_text(encoding="utf-8")
    probes = {}
    for name, entry in tomllib.loads(text).items():
        probes[name] = Probe(
            name=name,
            title=entry["title"],
            n_element=entry["n_element"],
            pitch_m=entry["pitch_mm"] * 1e-3,
            width_m=entry["width_mm"] * 1e-3,
            centre_hz=entry["centre_mhz"] * 1e6,
            bandwidth=entry["bandwidth_percent"] / 100,
            height_m=entry["height_mm"] * 1e-3,
            elevation_focus_m=entry["elevation_focus_mm"] * 1e-3,
            low_hz=entry["frequency_range_mhz"][0] * 1e6,
            high_hz=entry["frequency_range_mhz"][1] * 1e6,
            max_depth_m=entry["max_depth_mm"] * 1e-3,
            n_channel=entry["n_channel"],
            source_pressure_pa=entry["source_pressure_mpa"] * 1e6,
            radius_m=entry.get("radius_mm", math.inf) * 1e-3,
            source=entry["source"],
        )
    return probes


def find_probe(name: str) -> Probe:
    """The probe called `name`; UnknownNameError (a ValueError) if there is none."""
    probes = load_probes()
    if name not in probes:
        raise UnknownNameError("probe", name, list(probes))
    return probes[name]
