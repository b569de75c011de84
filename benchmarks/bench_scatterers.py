"""A frame beside the time that sound needs for it, beside PyMUST, and with 100 000 scatterers.

The picture's own route is timed: an echo grid, beams and sub-bands (physics.scan_beams), not the
exact channels of `insonate scatterers`. PyMUST is an optional group: uv run --group peer.
"""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # PyMUST is the slower for a second thread

import measuring
import numpy as np

GOAL_MS = 50.0
N_SCATTERER, WIDTH_M, DEPTH_M = 100_000, 40e-3, 40e-3
N_SMALL, SMALL_LINES = 500, 8
FREQUENCY_HZ = 7.6e6
PROBE = "L11-5v"


def main() -> None:
    options = measuring.parse_options(__doc__.splitlines()[0])
    n_thread = measuring.use_threads(options.threads)
    before = measuring.print_heading(
        f"Scatterers: {PROBE} at {FREQUENCY_HZ * 1e-6:g} MHz, ms, median of {options.repeats}, "
        f"threads: {n_thread}"
    )
    _bench_frame(options.phantom or "qa_block", options.repeats)
    _bench_many(options.repeats)
    _bench_small()
    measuring.print_footing(before)


# --- a frame of the program ----------------------------------------------------------------------


def _bench_frame(phantom: str, n: int) -> None:
    from physics.constants import MACHINE_SPEED_M_S
    from simulator.renderer import Renderer, start_request

    renderer = Renderer()
    start = start_request(phantom, "L12-3")
    start = replace(start, settings=replace(start.settings, depth_m=DEPTH_M))
    n_line = renderer.render(start).line_x_m.size

    def everything(i: int) -> None:
        pose = replace(start.pose, slide_m=start.pose.slide_m + 1e-4 * (i + 1))
        settings = replace(start.settings, focus_m=12e-3 + 5e-4 * (i % 30))
        renderer.render(replace(start, pose=pose, settings=settings))

    ours = measuring.timed(everything, n=n)
    sound_ms = 1e3 * n_line * 2 * DEPTH_M / MACHINE_SPEED_M_S
    print(f"\nA frame of {phantom}, L12-3, {n_line} lines x {1e3 * DEPTH_M:g} mm, probe moved and")
    print(f"focus changed: {ours.median:.1f} ms (p95 {ours.p95:.1f})")
    print(f"sound itself needs {sound_ms:.1f} ms: {ours.median / sound_ms:.2f} of it")


# --- many scatterers by the picture's route ------------------------------------------------------


@dataclass(frozen=True)
class Points:
    """Scatterers of a flat world: places, m, and strengths."""

    x_m: np.ndarray
    z_m: np.ndarray
    amplitude: np.ndarray

    @classmethod
    def scattered(cls, n: int, seed: int) -> "Points":
        rng = np.random.default_rng(seed)
        x = rng.uniform(-WIDTH_M / 2, WIDTH_M / 2, n)
        return cls(x, rng.uniform(1e-3, DEPTH_M, n), rng.standard_normal(n))


class PictureRoute:
    """Scatterers to grey lines, stage by stage as the imaging chain does it, without loss."""

    def __init__(self) -> None:
        from physics import scan_beams as beams
        from physics.looks import Look
        from physics.probe import find_probe
        from physics.scan_grid import find_ranges, find_reach, lay_out
        from physics.settings import ScanSettings

        self.probe = find_probe(PROBE)
        self.settings = ScanSettings(frequency_hz=FREQUENCY_HZ, depth_m=DEPTH_M)
        look = Look()
        ranges = find_ranges(self.probe, depth_m=DEPTH_M)
        reach = find_reach(self.probe, look, rx_f_number=self.settings.rx_f_number)
        self.grid = lay_out(self.probe, ranges, reach, look)
        self.bands = beams.cut_bands(self.probe, ranges)
        self.span = beams.find_span(self.bands, frequency_hz=FREQUENCY_HZ)
        self.table = beams.tabulate_elements(self.probe, self.grid, self.bands)
        self.heard = beams.receive_fields(
            self.probe, self.grid, self.bands, self.table,
            rx_f_number=self.settings.rx_f_number, rx_apodisation=self.settings.rx_apodisation,
        )  # fmt: skip
        self.pulse = beams.shape_pulse(self.probe, self.bands, self.span, frequency_hz=FREQUENCY_HZ)
        self.spent: Counter[str] = Counter()

    def _stage(self, name: str, run: Callable[..., Any], *inputs: Any, **knobs: Any) -> Any:
        kept = []
        one = measuring.timed(lambda _: kept.append(run(*inputs, **knobs)), n=1, n_warm=0)
        self.spent[name] += one.median
        return kept[0]

    def write(self, points: Points) -> Any:
        """Spectra of the columns that hold these points."""
        from physics.acquire import range_spectra
        from physics.echo_grid import write_real_points

        echoes = np.zeros((self.grid.layout.columns.n, self.grid.n_range), np.float32)
        self._stage(
            "write points", write_real_points, echoes, self.grid.layout.columns,
            self.grid.range_step_m, points.x_m, points.z_m, points.amplitude,
        )  # fmt: skip
        return self._stage("spectra", range_spectra, echoes)

    def picture(self, spectra: Any, focus_m: float) -> np.ndarray:
        """Grey of every line for this focus."""
        from physics import scan_beams as beams
        from physics.acquire import acquire
        from physics.display import log_compress

        s = self.settings
        sent = self._stage(
            "transmit", beams.transmit_fields, self.probe, self.grid, self.bands, self.span,
            self.table, focus_m=focus_m, tx_f_number=s.tx_f_number, tx_apodisation=s.tx_apodisation,
        )  # fmt: skip
        both = self._stage(
            "beams", beams.form_beams, self.probe, self.grid, self.bands, self.span, sent,
            self.heard,
        )  # fmt: skip
        iq = self._stage(
            "acquire", acquire, spectra, None, self.pulse, both, self.bands.part(self.span)
        )
        return self._stage("detect", _to_grey, iq, log_compress)


def _to_grey(iq: np.ndarray, log_compress: Callable[..., np.ndarray]) -> np.ndarray:
    envelope = np.abs(iq)
    return log_compress(envelope / envelope.max(), dynamic_range_db=60.0, rejection_db=0.0)


def _bench_many(n: int) -> None:
    route = PictureRoute()
    sets = [Points.scattered(N_SCATTERER, seed) for seed in (1, 2)]
    spectra = route.write(sets[0])
    print(
        f"\n{N_SCATTERER} scatterers over {1e3 * WIDTH_M:g} x {1e3 * DEPTH_M:g} mm, "
        f"{route.grid.line_u.size} lines, two-way lens, no loss (goal {GOAL_MS:.0f} ms)"
    )

    def focus(i: int) -> float:
        return 10e-3 + 5e-4 * (i % 40)

    def kept(i: int) -> None:
        route.picture(spectra, focus(i))

    def moved(i: int) -> None:
        route.picture(route.write(sets[i % 2]), focus(i))

    for name, work in (("focus changed", kept), ("focus changed, all moved", moved)):
        route.spent.clear()
        times = measuring.timed(work, n=n, n_warm=3)
        total = sum(route.spent.values())
        shares = ", ".join(f"{k} {v / total:.0%}" for k, v in route.spent.most_common())
        verdict = "met" if times.median <= GOAL_MS else "NOT met"
        print(f"{name:26}{times.median:7.1f} ms (p95 {times.p95:.1f}), goal {verdict}; {shares}")


# --- a small set beside PyMUST --------------------------------------------------------------------


def _bench_small() -> None:
    from physics.point_echoes import image_points
    from physics.probe import find_probe
    from physics.settings import ScanSettings

    points = Points.scattered(N_SMALL, 3)
    probe = find_probe(PROBE)
    line_u = probe.element_u[np.linspace(0, probe.n_element - 1, SMALL_LINES).astype(int)]
    sample_z_m = np.arange(1e-3, DEPTH_M, 25e-6)
    settings = ScanSettings(frequency_hz=FREQUENCY_HZ)

    def exact(_: int) -> None:
        image_points(
            points.x_m, points.z_m, points.amplitude, probe=probe, settings=settings,
            line_u=line_u, sample_z_m=sample_z_m, planar=True,
        )  # fmt: skip

    print(f"\n{N_SMALL} scatterers, {SMALL_LINES} lines focused one by one, two dimensions")
    ours = measuring.timed(exact, n=3, n_warm=1).median
    print(f"Insonate, exact channels (`insonate scatterers`): {ours:.0f} ms")
    try:
        import pymust
    except ImportError:
        print("PyMUST was left out: it is not installed (uv run --group peer).")
        return
    theirs = measuring.timed(lambda _: _pymust_lines(pymust, points, line_u), n=1, n_warm=0).median
    print(
        f"PyMUST, simus alone, without beamforming:          {theirs:.0f} ms: "
        f"{theirs / ours:.0f} times as long"
    )


def _pymust_lines(pymust: Any, points: Points, line_u: np.ndarray) -> None:
    """Channel data of every line: delays for its focus, elements outside its aperture silent."""
    focus_m, f_number = 20e-3, 2.0
    for u in line_u:
        param = pymust.getparam(PROBE)
        param.fc, param.c = FREQUENCY_HZ, 1540.0
        element = (np.arange(param.Nelements) - (param.Nelements - 1) / 2) * param.pitch
        used = np.abs(element - u) <= focus_m / (2 * f_number)
        way = np.hypot(element - u, focus_m)
        delay = (way[used].max() - way) / param.c
        param.TXapodization = used.astype(float)
        pymust.simus(points.x_m, points.z_m, points.amplitude, np.maximum(delay, 0)[None], param)


if __name__ == "__main__":
    main()
