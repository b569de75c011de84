"""Switches of the physics: a medium without one of its properties.

An effect is switched off by changing what the medium is, never by painting over it. The
lecturer's question "is this shadow loss or refraction?" is answered by taking one of them away.
"""

from dataclasses import replace

import numpy as np

from physics.constants import MACHINE_SPEED_M_S
from physics.medium import Slice, Tissues

ON = "on"


def idealise(
    medium: Slice,
    *,
    attenuation: str,
    speed_differences: str,
    fibre_coherence: str,
    slice_thickness: str,
) -> Slice:
    """The slice with the named properties ("on" or "off") left in or taken out."""
    tissues = medium.tissues
    if attenuation != ON:
        tissues = replace(tissues, attenuation_db_m=np.zeros_like(tissues.attenuation_db_m))
    if speed_differences != ON:
        tissues = _one_speed(tissues)
    if fibre_coherence != ON:
        tissues = _grains_for_fibres(tissues)
    if tissues is not medium.tissues:
        medium = replace(medium, tissues=tissues)
    if slice_thickness != ON:
        plain = replace(medium, plane_y_m=np.empty(0), plane_region=np.empty((0, 1, 1), np.int16))
        level = np.empty((0, 1, 1), np.float32)
        medium = replace(plain, fibre_lean=level, surface_lean=level)
    return medium


def _one_speed(tissues: Tissues) -> Tissues:
    """The machine's speed everywhere, every impedance as it was."""
    speed = np.full_like(tissues.speed_m_s, MACHINE_SPEED_M_S)
    return replace(tissues, speed_m_s=speed, density_kg_m3=tissues.impedance_rayl / speed)


def _grains_for_fibres(tissues: Tissues) -> Tissues:
    """As much backscatter from grains without order, and no septa."""
    nothing = np.zeros_like(tissues.fibrous_per_m_sr)
    return replace(
        tissues,
        diffuse_per_m_sr=tissues.diffuse_per_m_sr + tissues.fibrous_per_m_sr,
        fibrous_per_m_sr=nothing,
        septum_spacing_m=nothing,
    )
