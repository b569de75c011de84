"""What lies under the probe, as the acoustic engine needs it: no anatomy, no files.

A `Slice` is the medium in the image plane. It is resolution-free in the sense that
matters: boundaries are signed distances and fibres are coordinates, both smooth, so
that the engine finds every surface and every fibre at its exact depth between the
samples of the (coarse) grid.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Tissues:
    """Acoustic properties by tissue index; every array has shape [n_tissue].

    Three textures add up, all of them echoes at fixed places in the material:
    *diffuse* (scatterers smaller than the wavelength), *fibrous* (long scatterers
    along the material's first coordinate) and *septal* (thin sheets along it).
    Backscatter coefficients are per metre and steradian at 7 MHz (100 x 1/(cm sr)).
    """

    names: tuple[str, ...]
    speed_m_s: np.ndarray
    density_kg_m3: np.ndarray
    attenuation_db_m: np.ndarray
    """One-way amplitude loss at 1 MHz, dB/m."""
    attenuation_power: np.ndarray
    """Loss grows as (f / 1 MHz) ** power."""
    diffuse_per_m_sr: np.ndarray
    fibrous_per_m_sr: np.ndarray
    """Apparent backscatter with the beam across the fibres."""
    backscatter_power: np.ndarray
    """Backscatter grows as (f / 7 MHz) ** power."""
    fibre_length_m: np.ndarray
    """Correlation length of fibrous echoes along the fibre, m."""
    fibre_wave_m: np.ndarray
    """Sideways wander of fibres and septa, m; its rms is 0.58 of this."""
    fibre_wave_length_m: np.ndarray
    """Length over which they wander, m."""
    septum_spacing_m: np.ndarray
    """Mean distance between septa, m; 0 for none."""
    septum_length_m: np.ndarray
    """Length over which a septum comes and goes, m."""
    septum_reflection: np.ndarray
    """Pressure reflection coefficient of a septum at normal incidence."""
    roughness_m: np.ndarray
    """rms depth difference of the tissue's surface between points 0.1 mm apart, m."""
    ringing_s: np.ndarray
    """Time in which its resonance decays to 1 / e, s (gas bubbles); 0 for none."""

    @property
    def impedance_rayl(self) -> np.ndarray:
        return self.speed_m_s * self.density_kg_m3


@dataclass(frozen=True)
class Slice:
    """The medium in the image plane, on a regular grid in the probe frame.

    Grid: x[i] = x0_m + i * dx_m to the right of the probe marker, z[j] = z0_m + j * dz_m away
    from the middle of the face. Region r covers the points where distance_m[r] < 0; where several
    do, the last wins. Region 0 covers everything (its distance is negative everywhere).
    """

    x0_m: float
    dx_m: float
    dz_m: float
    distance_m: np.ndarray
    """float32 [n_region, n_x, n_z]: signed distance to the region's surface, m, < 0 inside.
    Must change by no more than about 1 m per m (a true distance, or less)."""
    region_tissue: np.ndarray
    """int32 [n_region]: tissue index of each region."""
    region_frame: np.ndarray
    """int32 [n_region]: which material frame the region's texture is written in."""
    along_m: np.ndarray
    """float32 [n_frame, n_x, n_z]: material coordinate along the fibres, m."""
    across_m: np.ndarray
    """float32 [n_frame, n_x, n_z]: material coordinate across the fibres, m."""
    region_seed: np.ndarray
    """int32 [n_region]: texture seed, so that neighbours of one tissue differ."""
    region_backscatter: np.ndarray
    """float32 [n_region]: factor on the tissue's backscatter (1 = as tabulated)."""
    tissues: Tissues
    point_x_m: np.ndarray
    point_z_m: np.ndarray
    point_strength: np.ndarray
    """float64 [n_point]: thin wires across the plane, R sqrt(a k / (4 pi)) at 7 MHz for a wire
    of radius a: 1 sounds like a perfect mirror of the width of one wavelength. Their z is
    counted from the slice's upper edge."""
    plane_y_m: np.ndarray = field(default_factory=lambda: np.empty(0))
    """float64 [n_plane], rising, the image plane in the middle: heights across the image plane at
    which the medium is known too. Empty: it is the same all across."""
    plane_region: np.ndarray = field(default_factory=lambda: np.empty((0, 1, 1), np.int16))
    """int16 [n_plane, n_x, n_z]: region at those heights."""
    beside_m: np.ndarray = field(default_factory=lambda: np.empty((0, 1, 1), np.float32))
    """float32 [n_frame, n_x, n_z]: third material coordinate, beside the fibres, m; empty: the same
    all over the plane."""
    fibre_lean: np.ndarray = field(default_factory=lambda: np.empty((0, 1, 1), np.float32))
    """float32 [n_frame, n_x, n_z]: part across the plane of the slope of fibres,
    t_z t_y / (t_x^2 + t_y^2) of their direction t (x to the right, y across the plane, z deep);
    empty: none."""
    surface_lean: np.ndarray = field(default_factory=lambda: np.empty((0, 1, 1), np.float32))
    """float32 [n_frame, n_x, n_z]: slope dz/dy across the plane of what runs as the frame does:
    sheets in it, and surfaces of its regions; empty: none."""
    z0_m: float = 0.0
    """Depth of the slice's upper edge, m; above the middle of a convex face, so below zero."""

    @property
    def x_m(self) -> np.ndarray:
        return self.x0_m + np.arange(self.distance_m.shape[1]) * self.dx_m

    @property
    def z_m(self) -> np.ndarray:
        return self.z0_m + np.arange(self.distance_m.shape[2]) * self.dz_m
