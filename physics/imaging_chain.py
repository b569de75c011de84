"""The imaging chain, as data: which stage looks at which knob.

`B_MODE` is the one place where the graph stands. The pipeline runs it, a frozen picture
asks it what may still be turned, and the window asks it what to light up.
"""

import itertools
import math
from collections.abc import Hashable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy import fft

from physics.acquire import SubBands
from physics.despeckle import reduce_speckle
from physics.display import log_compress, scan_convert, sharpen
from physics.frame import Frame
from physics.frequency_compound import compound_bands
from physics.geometry import Pose
from physics.grey_maps import apply_grey_map
from physics.harmonic import HARMONIC_GAIN_DB, N_TRANSMIT
from physics.idealise import idealise
from physics.paths import follow
from physics.persistence import persist
from physics.pipeline import Pipeline, Source, Stage
from physics.probe import Probe
from physics.pulse import pulse_spectrum
from physics.rays import trace
from physics.receive import NOISE_FLOOR_DB, amplify, listen, make_noise, tgc_curve_db
from physics.scan_beams import (
    Reception,
    cut_bands,
    find_span,
    form_beams,
    receive_fields,
    shape_pulse,
    tabulate_elements,
    tabulate_senders,
    transmit_fields,
)
from physics.scan_echoes import (
    REFERENCE_M,
    all_spectra,
    hear,
    loss_of_bands,
    write_echoes,
    write_ghosts,
)
from physics.scan_grid import Grid, cut_slice, find_reach, lay_out
from physics.scan_output import measure_output
from physics.settings import ScanSettings, check_for_probe
from physics.speed import mean_speed, shown_m
from physics.survey import survey
from physics.theory import frame_rate_hz

N_ROW = 800
"""Rows of the picture."""


def add_noise(
    noise_seed: int,
    grid: Grid,
    bands: SubBands,
    reception: Reception,
    *,
    frequency_hz: float,
    noise: str,
    harmonic: str,
) -> np.ndarray:
    """Noise of every line: complex64 [line, sample], re the reference mirror.

    The two echoes of pulse inversion are averaged, and their noise with them.
    """
    if noise == "off":
        return np.zeros((grid.line_u.size, bands.n_out), np.complex64)
    middle = reception.noise_gain[grid.layout.line_class[grid.line_u.size // 2]]
    reference = np.interp(REFERENCE_M, grid.node_m, middle)
    by_class = np.stack(
        [np.interp(bands.out_m, grid.node_m, gain / reference) for gain in reception.noise_gain]
    )
    level = 10 ** (NOISE_FLOOR_DB / 20) * by_class[grid.layout.line_class]
    level = level / math.sqrt(N_TRANSMIT) if harmonic == "on" else level
    hz = bands.carrier_hz + fft.fftfreq(bands.n_out, 1 / bands.n_out) * bands.bin_hz
    # the receive filter is half of the two-way spectrum
    passband = np.where(hz > 0, np.sqrt(pulse_spectrum(frequency_hz)(hz)), 0.0)
    return make_noise(
        (grid.line_u.size, bands.n_out),
        passband=passband.astype(np.float32),
        level=level.astype(np.float32),
        seed=noise_seed,
    )


@dataclass(frozen=True)
class Received:
    """The echoes as amplified."""

    envelope: np.ndarray
    """float32 [line, sample], after gain."""
    curve_db: np.ndarray
    """float32 [sample]: time-gain curve."""


def apply_gain(
    raw: np.ndarray,
    bands: SubBands,
    *,
    frequency_hz: float,
    depth_m: float,
    gain_db: float,
    tgc_db: tuple[float, ...],
    harmonic: str,
    machine_speed_m_s: float,
) -> Received:
    """The receiver's amplifiers."""
    gain_db += HARMONIC_GAIN_DB if harmonic == "on" else 0.0
    place = shown_m(bands.out_m, machine_speed_m_s)
    curve = tgc_curve_db(place, frequency_hz=frequency_hz, depth_m=depth_m, tgc_db=tgc_db)
    return Received(amplify(raw, gain_db=gain_db, curve_db=curve), curve)


def despeckle(received: Received, *, speckle_reduction: float) -> np.ndarray:
    """The envelope, with or without its speckle reduced."""
    return reduce_speckle(received.envelope, speckle_reduction=speckle_reduction)


def convert(
    grey: np.ndarray, grid: Grid, bands: SubBands, *, depth_m: float, machine_speed_m_s: float
) -> np.ndarray:
    """The picture."""
    place = shown_m(bands.out_m, machine_speed_m_s)
    return scan_convert(grey, line_x_m=grid.line_u, sample_z_m=place, depth_m=depth_m, n_row=N_ROW)


B_MODE: tuple[Stage, ...] = (
    Stage("reach", find_reach, ("probe",), ("rx_f_number",), by_value=True),
    Stage("layout", lay_out, ("probe", "reach"), ("depth_m", "machine_speed_m_s")),
    Stage("slice", cut_slice, ("medium", "pose", "layout")),
    Stage("matter", idealise, ("slice",),
          ("attenuation", "speed_differences", "fibre_coherence", "slice_thickness")),
    Stage("survey", survey, ("slice",)),
    Stage("speed", mean_speed, ("matter", "survey"), ("aberration", "machine_speed_m_s"),
          by_value=True),
    Stage("paths", follow, ("matter", "survey"), ("refraction",)),
    Stage("rays", trace, ("paths", "probe"),
          ("tx_f_number", "rx_f_number", "tx_apodisation", "rx_apodisation", "side_lobes")),
    Stage("echoes", write_echoes, ("paths", "rays", "probe", "layout", "seed")),
    Stage("ghosts", write_ghosts,
          ("matter", "survey", "paths", "rays", "echoes", "probe", "layout", "seed"),
          ("multiple_paths", "refraction")),
    Stage("spectra", all_spectra, ("echoes", "ghosts")),
    Stage("bands", cut_bands, ("probe", "layout")),
    Stage("elements", tabulate_elements, ("probe", "layout", "bands", "speed")),
    Stage("reception", receive_fields, ("probe", "layout", "bands", "elements"),
          ("rx_f_number", "rx_apodisation", "side_lobes", "machine_speed_m_s")),
    Stage("span", find_span, ("bands",), ("frequency_hz",), by_value=True),
    Stage("senders", tabulate_senders, ("probe", "layout", "bands", "speed", "elements"),
          ("harmonic",)),
    Stage("transmit", transmit_fields, ("probe", "layout", "bands", "span", "senders"),
          ("focus_m", "tx_f_number", "tx_apodisation", "side_lobes", "harmonic",
           "machine_speed_m_s")),
    Stage("output", measure_output, ("probe",),
          ("frequency_hz", "depth_m", "focus_m", "tx_f_number", "tx_apodisation", "power_db",
           "harmonic", "machine_speed_m_s")),
    Stage("beams", form_beams, ("probe", "layout", "bands", "span", "transmit", "reception"),
          ("harmonic",)),
    Stage("loss", loss_of_bands, ("rays", "bands", "span"), ("harmonic",)),
    Stage("pulse", shape_pulse, ("probe", "bands", "span"), ("frequency_hz", "harmonic")),
    Stage("acquire", hear,
          ("spectra", "pulse", "loss", "beams", "bands", "span", "probe", "layout")),
    Stage("noise", add_noise, ("noise_seed", "layout", "bands", "reception"),
          ("frequency_hz", "noise", "harmonic")),
    Stage("listen", listen, ("acquire", "noise"), ("power_db", "harmonic")),
    Stage("compound_bands", compound_bands, ("listen", "bands"),
          ("frequency_compounding", "frequency_hz", "harmonic")),
    Stage("persist", persist, ("compound_bands", "history"), ("persistence",)),
    Stage("receive", apply_gain, ("persist", "bands"),
          ("frequency_hz", "depth_m", "gain_db", "tgc_db", "harmonic", "machine_speed_m_s")),
    Stage("despeckle", despeckle, ("receive",), ("speckle_reduction",)),
    Stage("detect", log_compress, ("despeckle",), ("dynamic_range_db", "rejection_db")),
    Stage("sharpen", sharpen, ("detect",), ("edge_enhancement",)),
    Stage("scan_convert", convert, ("sharpen", "layout", "bands"),
          ("depth_m", "machine_speed_m_s")),
    Stage("grey_map", apply_grey_map, ("scan_convert",), ("grey_map",)),
)  # fmt: skip
"""B-mode. A stage that names a knob is the only code that can see it."""


NO_HISTORY = Source("none", None)
"""There is no earlier picture, or none is wanted."""


class History:
    """What persistence remembers: the echoes shown last, as the source `history`.

    A *moment* is all that new echoes depend on. While it stays the same, however the
    knobs behind the echoes are turned, the earlier picture stays the same too, so a frozen
    picture stands still. A *view* is what must not change for the earlier picture to fit
    under the new one.
    """

    def __init__(self) -> None:
        self._number = itertools.count()  # never starts again: the pipeline remembers keys
        self.forget()

    def forget(self) -> None:
        """Let the next moment be the first one."""
        self._moment: Hashable = None
        self._view: Hashable = None
        self._shown: np.ndarray | None = None
        self._before = NO_HISTORY

    def before(self, moment: Hashable, view: Hashable) -> Source:
        """The picture before this moment's; none for the first one of a view."""
        if self._shown is None or view != self._view:
            return NO_HISTORY
        if moment == self._moment:
            return self._before
        return Source(next(self._number), self._shown)

    def keep(self, moment: Hashable, view: Hashable, before: Source, shown: np.ndarray) -> None:
        """Remember what was shown (`shown`) at this moment, and what it was made from."""
        self._moment, self._view, self._before, self._shown = moment, view, before, shown


class BModeChain:
    """Makes B-mode frames, running only the stages that a change touches."""

    def __init__(self) -> None:
        self.pipeline = Pipeline(B_MODE)
        self._history = History()
        self._heard_knobs = tuple(
            f.name for f in fields(ScanSettings) if "listen" in self.pipeline.touched_by(f.name)
        )

    def forget(self) -> None:
        """Let the next frame be the first: persistence starts anew."""
        self._history.forget()

    def render(
        self,
        *,
        medium: Any,
        medium_key: Any,
        probe: Probe,
        pose: Pose,
        settings: ScanSettings,
        seed: int = 1,
        noise_seed: int = 1,
        acquisition: int = 1,
    ) -> Frame:
        """One frame. `medium` has the method `slice(pose, *, x0_m, dx_m, n_x, dz_m, n_z)`.

        With persistence the picture also depends on the frame rendered before, if that had
        the same medium, probe, depth, seed and `acquisition` (which run of the scanner).
        Raises ValueError if the probe cannot do these settings.
        """
        check_for_probe(settings, probe)
        machine_speed = settings.machine_speed_m_s
        view = (medium_key, probe, seed, acquisition, settings.depth_m, machine_speed)
        heard = tuple(getattr(settings, name) for name in self._heard_knobs)
        moment = (view, pose, noise_seed, heard)
        before = self._history.before(moment, view)
        values = self.pipeline.run(
            settings,
            {
                "medium": Source(medium_key, medium),
                "probe": Source(probe, probe),
                "pose": Source(pose, pose),
                "seed": Source(seed, seed),
                "noise_seed": Source(noise_seed, noise_seed),
                "history": before if settings.persistence > 0 else NO_HISTORY,
            },
        )
        self._history.keep(moment, view, before, values["persist"])
        grid, bands, received = values["layout"], values["bands"], values["receive"]
        sample_z_m = shown_m(bands.out_m, machine_speed)
        shown = sample_z_m <= settings.depth_m
        half_line = probe.pitch_u / 2
        return Frame(
            picture=values["grey_map"],
            left_m=float(grid.line_u[0] - half_line),
            right_m=float(grid.line_u[-1] + half_line),
            bottom_m=settings.depth_m,
            iq=values["listen"][:, shown],
            envelope=received.envelope[:, shown],
            line_x_m=grid.line_u,
            sample_z_m=sample_z_m[shown],
            tgc_curve_db=received.curve_db[shown],
            probe=probe,
            settings=settings,
            pose=pose,
            medium=values["slice"],
            frame_rate_hz=frame_rate_hz(
                grid.line_u.size,
                settings.depth_m,
                N_TRANSMIT if settings.harmonic == "on" else 1,
                speed_m_s=machine_speed,
            ),
            output=values["output"],
            ran=tuple(self.pipeline.ran),
            milliseconds=dict(self.pipeline.milliseconds),
        )
