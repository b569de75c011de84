"""The imaging chain, as data: which stage looks at which knob.

`B_MODE` is the one place where the graph stands. The pipeline runs it, a frozen picture
asks it what may still be turned, and the window asks it what to light up.
"""

import itertools
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy import fft

from physics.acquire import SubBands
from physics.compound import compound
from physics.despeckle import reduce_speckle
from physics.display import log_compress, sharpen
from physics.face import look_at_face
from physics.frame import Frame
from physics.frequency_compound import compound_bands
from physics.gas import resonate
from physics.geometry import Pose
from physics.grey_maps import apply_grey_map
from physics.harmonic import HARMONIC_GAIN_DB, N_TRANSMIT
from physics.idealise import idealise
from physics.inside import Inside
from physics.interference import interfere
from physics.looks import Look, middle_of, plan_looks, unmirrored
from physics.persistence import persist
from physics.pipeline import Pipeline, Source, Stage
from physics.probe import Probe
from physics.pulse import pulse_spectrum
from physics.pulse_rate import fold
from physics.raster import fill_raster, lay_raster
from physics.receive import NOISE_FLOOR_DB, amplify, listen, make_noise, tgc_curve_db
from physics.ringing import ring_down
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
    facing,
    follow_rays,
    hear,
    loss_of_bands,
    mix,
    trace_rays,
    write_echoes,
    write_ghosts,
)
from physics.scan_grid import Grid, cut_slice, find_ranges, find_reach, lay_out
from physics.scan_output import measure_output
from physics.sector import Sector, plan_sector
from physics.settings import ScanSettings, check_for_probe
from physics.speed import mean_speed, shown_m
from physics.survey import survey
from physics.theory import frame_rate_hz
from physics.zones import Zones, plan_zones


def add_noise(
    noise_seed: int,
    grid: Grid,
    bands: SubBands,
    reception: Reception,
    look: Look,
    *,
    frequency_hz: float,
    noise: str,
    harmonic: str,
) -> np.ndarray:
    """Noise of every line: complex64 [line, sample], re the reference mirror.

    The two echoes of pulse inversion are averaged, and their noise with them. Each look has its
    own draw.
    """
    if noise == "off":
        return np.zeros((grid.line_u.size, bands.n_out), np.complex64)
    middle = reception.noise_gain[grid.layout.line_class[grid.lines.central]]
    reference = np.interp(REFERENCE_M, grid.node_m, middle)
    by_class = np.stack(
        [np.interp(bands.out_m, grid.node_m, gain / reference) for gain in reception.noise_gain]
    )
    line_class = grid.layout.line_class[:: -1 if grid.mirrors(look) else 1]
    level = 10 ** (NOISE_FLOOR_DB / 20) * by_class[line_class]
    level = level / math.sqrt(N_TRANSMIT) if harmonic == "on" else level
    hz = bands.carrier_hz + fft.fftfreq(bands.n_out, 1 / bands.n_out) * bands.bin_hz
    # the receive filter is half of the two-way spectrum
    passband = np.where(hz > 0, np.sqrt(pulse_spectrum(frequency_hz)(hz)), 0.0)
    return make_noise(
        (grid.line_u.size, bands.n_out),
        passband=passband.astype(np.float32),
        level=level.astype(np.float32),
        seed=(noise_seed, round(1e6 * (1 + look.steer_rad))) if look.steer_rad else noise_seed,
    )


def hear_all(
    iq: np.ndarray,
    noise: np.ndarray,
    ringing: np.ndarray | None,
    interference: np.ndarray | None,
    zones: Zones,
    bands: SubBands,
    *,
    power_db: float,
    harmonic: str,
    machine_speed_m_s: float,
) -> np.ndarray:
    """All that is heard at this transmit power. The noise of two zones is faded as their echoes
    are."""
    if zones.n > 1:
        share = zones.share(shown_m(bands.out_m, machine_speed_m_s))
        noise = noise * np.sqrt((share**2).sum(axis=0)).astype(np.float32)
    return listen(iq, noise, ringing, interference, power_db=power_db, harmonic=harmonic)


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


B_MODE: tuple[Stage, ...] = (
    Stage("looks", plan_looks, (), ("steer_rad", "compound_angles", "trapezoid"), by_value=True),
    Stage("sector", plan_sector, ("probe",), ("line_density", "width_share", "centre_m"),
          by_value=True),
    Stage("zones", plan_zones, (), ("focal_zones", "focus_m", "depth_m", "top_m"), by_value=True),
    Stage("face", look_at_face, ("probe",),
          ("dead_elements", "lost_contact_percent", "air_bubble_m"), by_value=True),
    Stage("aim", unmirrored, ("looks", "sector", "face"), by_value=True, each="looks"),
    Stage("ranges", find_ranges, ("probe",),
          ("depth_m", "machine_speed_m_s", "pulse_rate"), by_value=True),
    Stage("reach", find_reach, ("probe", "aim"), ("rx_f_number",), by_value=True, each="looks"),
    Stage("layout", lay_out, ("probe", "ranges", "reach", "aim", "face", "sector"), each="looks"),
    Stage("slice", cut_slice, ("medium", "pose", "probe", "layout", "looks")),
    Stage("matter", idealise, ("slice",),
          ("attenuation", "speed_differences", "fibre_coherence", "slice_thickness")),
    Stage("survey", survey, ("slice",)),
    Stage("speed", mean_speed, ("matter", "survey"), ("aberration", "machine_speed_m_s"),
          by_value=True),
    Stage("paths", follow_rays, ("matter", "survey", "layout", "looks"), ("refraction",),
          each="looks"),
    Stage("rays", trace_rays, ("paths", "probe", "layout", "looks"),
          ("tx_f_number", "rx_f_number", "tx_apodisation", "rx_apodisation", "side_lobes"),
          each="looks"),
    Stage("echoes", write_echoes, ("paths", "rays", "probe", "layout", "looks", "seed"),
          each="looks"),
    Stage("ghosts", write_ghosts,
          ("matter", "survey", "paths", "rays", "echoes", "probe", "layout", "looks", "seed"),
          ("multiple_paths", "refraction"), each="looks"),
    Stage("mixture", mix, ("echoes", "ghosts", "layout"), each="looks"),
    Stage("spectra", all_spectra, ("mixture", "layout", "looks"), each="looks"),
    Stage("bands", cut_bands, ("probe", "ranges")),
    Stage("elements", tabulate_elements, ("probe", "layout", "bands", "speed"), each="looks"),
    Stage("reception", receive_fields, ("probe", "layout", "bands", "elements", "speed"),
          ("rx_f_number", "rx_apodisation", "side_lobes", "machine_speed_m_s"), each="looks"),
    Stage("span", find_span, ("bands",), ("frequency_hz",), by_value=True),
    Stage("senders", tabulate_senders, ("probe", "layout", "bands", "speed", "elements"),
          ("harmonic",), each="looks"),
    Stage("transmit", transmit_fields,
          ("probe", "layout", "bands", "span", "senders", "speed", "zones"),
          ("tx_f_number", "tx_apodisation", "side_lobes", "harmonic", "machine_speed_m_s"),
          each="looks"),
    Stage("output", measure_output, ("probe", "sector", "zones"),
          ("frequency_hz", "depth_m", "tx_f_number", "tx_apodisation", "power_db", "harmonic",
           "machine_speed_m_s", "side_lobes", "pulse_rate")),
    Stage("beams", form_beams,
          ("probe", "layout", "bands", "span", "zones", "transmit", "reception"),
          ("harmonic", "machine_speed_m_s"), each="looks"),
    Stage("loss", loss_of_bands, ("rays", "mixture", "bands", "span", "layout", "looks"),
          ("harmonic",),
          each="looks"),
    Stage("pulse", shape_pulse, ("probe", "bands", "span"), ("frequency_hz", "harmonic")),
    Stage("acquire", hear,
          ("spectra", "pulse", "loss", "beams", "bands", "span", "probe", "layout", "looks"),
          each="looks"),
    Stage("gas", resonate,
          ("echoes", "paths", "rays", "pulse", "beams", "bands", "span", "probe", "layout", "looks",
           "seed"), each="looks"),
    Stage("fold", fold, ("acquire", "gas", "bands", "zones"),
          ("pulse_rate", "depth_m", "machine_speed_m_s"), each="looks"),
    Stage("noise", add_noise, ("noise_seed", "layout", "bands", "reception", "looks"),
          ("frequency_hz", "noise", "harmonic"), each="looks"),
    Stage("interference", interfere, ("noise_seed", "layout", "bands", "looks", "zones"),
          ("interference_db", "frequency_hz", "depth_m", "pulse_rate", "machine_speed_m_s"),
          each="looks"),
    Stage("ringing", ring_down, ("probe", "layout", "bands", "face"),
          ("ring_down", "frequency_hz", "rx_f_number", "rx_apodisation", "side_lobes",
           "harmonic"), each="looks"),
    Stage("listen", hear_all, ("fold", "noise", "ringing", "interference", "zones", "bands"),
          ("power_db", "harmonic", "machine_speed_m_s"), each="looks"),
    Stage("compound_bands", compound_bands, ("listen", "bands"),
          ("frequency_compounding", "frequency_hz", "harmonic"), each="looks"),
    Stage("compound", compound, ("compound_bands", "layout", "looks", "bands"),
          ("machine_speed_m_s",)),
    Stage("persist", persist, ("compound", "history"), ("persistence",)),
    Stage("receive", apply_gain, ("persist", "bands"),
          ("frequency_hz", "depth_m", "gain_db", "tgc_db", "harmonic", "machine_speed_m_s")),
    Stage("despeckle", despeckle, ("receive",), ("speckle_reduction",)),
    Stage("detect", log_compress, ("despeckle",), ("dynamic_range_db", "rejection_db")),
    Stage("sharpen", sharpen, ("detect",), ("edge_enhancement",)),
    Stage("raster", lay_raster, ("layout", "looks", "bands"),
          ("depth_m", "top_m", "machine_speed_m_s")),
    Stage("scan_convert", fill_raster, ("sharpen", "raster")),
    Stage("grey_map", apply_grey_map, ("scan_convert",), ("grey_map",)),
)  # fmt: skip
"""B-mode. A stage that names a knob is the only code that can see it."""


def frame_rate_of(
    settings: ScanSettings, sector: Sector, looks: Sequence[Look], zones: Zones
) -> float:
    """Frames a second, Hz: every line once for each look, zone and pulse."""
    n_pulse = N_TRANSMIT if settings.harmonic == "on" else 1
    return frame_rate_hz(
        sector.n,
        settings.depth_m,
        len(looks) * zones.n * n_pulse,
        speed_m_s=settings.machine_speed_m_s,
        pulse_rate=settings.pulse_rate,
    )


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
        """One frame. `medium` has the method `slice(pose, *, x0_m, dx_m, n_x, dz_m, n_z, face_m)`.

        With persistence the picture also depends on the frame rendered before, if that had
        the same medium, probe, depth, seed and `acquisition` (which run of the scanner).
        Raises ValueError if the probe cannot do these settings.
        """
        check_for_probe(settings, probe)
        machine_speed = settings.machine_speed_m_s
        where = ("steer_rad", "trapezoid", "line_density", "width_share", "centre_m", "pulse_rate")
        way = tuple(getattr(settings, name) for name in where)
        view = (medium_key, probe, seed, acquisition, settings.depth_m, machine_speed, way)
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
        raster, received = values["raster"], values["receive"]
        place_m = raster.sample_z_m
        shown = (place_m >= settings.top_m) & (place_m <= settings.depth_m)
        lines, zones, bands = raster.lines, values["zones"], values["bands"]
        of_look = {name: middle_of(values[name]) for name in ("paths", "beams", "layout", "looks")}
        return Frame(
            picture=values["grey_map"],
            left_m=raster.left_m,
            right_m=raster.right_m,
            bottom_m=raster.bottom_m,
            top_m=raster.top_m,
            iq=middle_of(values["listen"])[:, shown],
            envelope=received.envelope[:, shown],
            noise=middle_of(values["noise"])[:, _span(shown)],  # a view: nothing is copied
            line_x_m=lines.place(lines.u, 0.0)[0],
            lines=lines,
            sample_z_m=place_m[shown],
            tgc_curve_db=received.curve_db[shown],
            probe=probe,
            settings=settings,
            pose=pose,
            medium=values["slice"],
            frame_rate_hz=frame_rate_of(settings, values["sector"], values["looks"], zones),
            output=values["output"],
            foci_m=zones.focus_m,
            inside=Inside(
                paths=of_look["paths"],
                beams=facing(of_look["beams"], of_look["layout"], of_look["looks"]),
                pulse=values["pulse"],
                range_m=bands.decimated_m,
                carrier_hz=bands.carrier_hz,
            ),
            ran=tuple(self.pipeline.ran),
            milliseconds=dict(self.pipeline.milliseconds),
        )


def _span(shown: np.ndarray) -> slice:
    """The samples of one piece that are shown."""
    there = np.flatnonzero(shown)
    return slice(int(there[0]), int(there[-1]) + 1) if there.size else slice(0, 0)
