"""Tissues: checked rows of `tissues.toml`, packed into the arrays that `physics` takes."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from phantoms.checked import ContentError, Entry, Number, Text, check, parse_toml, read_bytes
from physics.medium import Tissues
from physics.probe import UnknownNameError

TISSUE_FILE = Path(__file__).with_name("tissues.toml")
REFERENCE_MHZ = 7.0
"""Frequency at which `physics.medium.Tissues` wants backscatter."""
CHOSEN = "chosen for teaching"
NO_NUMBER = ("source", "chosen_for_teaching", "skeletal")

Positive = Annotated[Number, Field(gt=0.0)]
NotNegative = Annotated[Number, Field(ge=0.0)]


class Tissue(Entry):
    """One row of `tissues.toml`. Units are in the names.

    Backscatter is given where it was measured (`backscatter_at_mhz`), as the part that is
    alike in all directions and the part of long fibres seen across.
    """

    speed_m_s: Annotated[Number, Field(ge=100.0, le=10_000.0)]
    density_kg_m3: Annotated[Number, Field(ge=0.5, le=20_000.0)]
    attenuation_db_cm_mhz: NotNegative
    """One-way amplitude loss at 1 MHz, dB/cm."""
    attenuation_power: Annotated[Number, Field(ge=0.0, le=3.0)]
    diffuse_per_cm_sr: NotNegative = 0.0
    fibrous_per_cm_sr: NotNegative = 0.0
    backscatter_at_mhz: Positive = REFERENCE_MHZ
    backscatter_power: Annotated[Number, Field(ge=0.0, le=4.5)] = 0.0
    fibre_length_mm: Positive = 1.0
    fibre_wave_mm: NotNegative = 0.0
    fibre_wave_length_mm: Positive = 3.0
    septum_spacing_mm: NotNegative = 0.0
    septum_length_mm: Positive = 4.0
    septum_reflection: Annotated[Number, Field(ge=0.0, le=1.0)] = 0.0
    roughness_um: NotNegative = 0.0
    ringing_us: NotNegative = 0.0
    young_kpa: Positive | None = None
    """Young's modulus across the fibres, small strain; none for fluids and gas."""
    skeletal: bool = False
    """Held by the skeleton: nothing that presses on the skin moves it."""
    source: Text
    """Where the numbers come from."""
    chosen_for_teaching: tuple[str, ...] = ()
    """Keys whose values are estimates of ours, not of the source."""

    @model_validator(mode="after")
    def _chosen_keys_exist(self) -> "Tissue":
        for key in self.chosen_for_teaching:
            if key not in value_keys():
                raise ValueError(
                    f"chosen_for_teaching names '{key}', which is no value of a tissue"
                )
        return self

    def source_of(self, key: str) -> str:
        """Where the value of `key` comes from: the source's text or "chosen for teaching"."""
        return CHOSEN if key in self.chosen_for_teaching else self.source

    @property
    def impedance_rayl(self) -> float:
        return self.speed_m_s * self.density_kg_m3

    def backscatter_per_m_sr(self, per_cm_sr: float) -> float:
        """A tabulated backscatter carried to 7 MHz, 1/(m sr)."""
        return (
            100.0
            * per_cm_sr
            * (REFERENCE_MHZ / self.backscatter_at_mhz) ** (self.backscatter_power)
        )


def value_keys() -> tuple[str, ...]:
    """Keys of a tissue that hold a number."""
    return tuple(k for k in Tissue.model_fields if k not in NO_NUMBER)


@cache
def load_tissues() -> dict[str, Tissue]:
    """Every tissue of `tissues.toml` by name, in the file's order."""
    return read_tissues(TISSUE_FILE)


def read_tissues(path: Path) -> dict[str, Tissue]:
    """The tissues of one file; ContentError if anything in it is wrong."""
    tissues = {}
    for name, entry in parse_toml(read_bytes(path), path.name).items():
        if not isinstance(entry, dict):
            raise ContentError(f"{path.name}: '{name}' must be a table of values, as in [{name}]")
        tissues[name] = check(Tissue, entry, f"{path.name}: [{name}]")
    return tissues


def find_tissue(name: str) -> Tissue:
    """The tissue called `name`; UnknownNameError (a ValueError) if there is none."""
    tissues = load_tissues()
    if name not in tissues:
        raise UnknownNameError("tissue", name, list(tissues))
    return tissues[name]


def pack(names: Sequence[str]) -> Tissues:
    """The named tissues as `physics` needs them, in the order given; SI units."""
    rows = [find_tissue(name) for name in names]

    def column(key: str, per_unit: float = 1.0) -> np.ndarray:
        return np.array([getattr(row, key) * per_unit for row in rows], dtype=np.float64)

    def backscatter(key: str) -> np.ndarray:
        return np.array([row.backscatter_per_m_sr(getattr(row, key)) for row in rows])

    return Tissues(
        names=tuple(names),
        speed_m_s=column("speed_m_s"),
        density_kg_m3=column("density_kg_m3"),
        attenuation_db_m=column("attenuation_db_cm_mhz", 100.0),
        attenuation_power=column("attenuation_power"),
        diffuse_per_m_sr=backscatter("diffuse_per_cm_sr"),
        fibrous_per_m_sr=backscatter("fibrous_per_cm_sr"),
        backscatter_power=column("backscatter_power"),
        fibre_length_m=column("fibre_length_mm", 1e-3),
        fibre_wave_m=column("fibre_wave_mm", 1e-3),
        fibre_wave_length_m=column("fibre_wave_length_mm", 1e-3),
        septum_spacing_m=column("septum_spacing_mm", 1e-3),
        septum_length_m=column("septum_length_mm", 1e-3),
        septum_reflection=column("septum_reflection"),
        roughness_m=column("roughness_um", 1e-6),
        ringing_s=column("ringing_us", 1e-6),
    )
