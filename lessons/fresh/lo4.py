"""Knobs of B-mode in numbers: gain, TGC, dynamic range, power, depth, lines, speed."""

from lessons.fresh.draw import Draw
from lessons.fresh.generator import Numeric, Wrong, generators
from physics import theory

LO4, add = generators("LO4", "lo4_fresh")


@add(2, "apply", "hoskins")
def grey_of_level(draw: Draw) -> Numeric:
    dr, below = draw.grid(40, 80, 5), draw.grid(8, 35, 3)
    grey = 255 * (1 - below / dr)
    return Numeric(
        f"Black is 0, white 255, with even steps of decibels between. Which grey has an echo "
        f"{below:g} dB below white at a dynamic range of {dr:g} dB?", grey, "of 255",
        f"The part ({dr:g} − {below:g})/{dr:g} of the scale is left.",
        (
            Wrong(255 - grey, "ratio_reversed", "This is how far it lies below white."),
            Wrong(255 * theory.amplitude_ratio(-below), "decibel_slip", "Without log compression it would be as dark as this."),
            Wrong(255 - below, "decibel_slip", "One decibel is not one grey level."),
            Wrong(255 * (1 - below / (2 * dr)), "two_way_everywhere", "The levels of echoes are compared as they come."),
            Wrong(255 * below / 100, "decibel_slip", "Decibels were read as per cent."),
        ),
    )  # fmt: skip


@add(2, "apply", "hoskins")
def gain_step_in_greys(draw: Draw) -> Numeric:
    dr, gain = draw.grid(40, 90, 5), draw.grid(3, 14, 1)
    step = 255 * gain / dr
    return Numeric(
        f"Gain is turned up by {gain:g} dB at a dynamic range of {dr:g} dB. By how many of 255 grey "
        "levels does an echo in mid-grey brighten?", step, "levels",
        f"{gain:g} dB are the part {gain:g}/{dr:g} of the scale.",
        (
            Wrong(gain, "decibel_slip", "One decibel is not one grey level."),
            Wrong(step * 2, "two_way_everywhere", "Gain acts once, on the echo received."),
            Wrong(dr / gain, "ratio_reversed", "The wider the dynamic range, the smaller the step."),
            Wrong(255 * gain / 100, "decibel_slip", "Decibels were read as per cent."),
            Wrong(step / 2, "amplitude_for_intensity", "Halved as if the display showed intensities on another scale."),
        ),
    )  # fmt: skip


@add(2, "apply", "aium_attenuation")
def tgc_slope(draw: Draw) -> Numeric:
    f, a = draw.grid(4, 17, 1), draw.choice((0.5, 0.6, 0.7, 0.8))
    slope = theory.two_way_loss_db(a, f * 1e6, 0.01)
    return Numeric(
        f"Even tissue attenuates {a:g} dB/cm/MHz. Which slope of the time-gain curve shows it evenly "
        f"bright at {f:g} MHz?", slope, "dB/cm",
        f"2 × {a:g} × {f:g}: what is lost there and back.",
        (
            Wrong(slope / 2, "return_path_forgotten", "The way back weakens the echo as much again."),
            Wrong(2 * f, "factor_left_out", "The coefficient of the tissue was left out."),
            Wrong(2 * a, "factor_left_out", "The frequency was left out of it."),
            Wrong(slope * 2, "two_way_everywhere", "The way back was counted twice."),
        ),
    )  # fmt: skip


@add(1, "apply", "iec62359")
def pressure_at_lower_power(draw: Draw) -> Numeric:
    db = draw.grid(2, 20, 1)
    part = theory.amplitude_ratio(-db) * 100
    return Numeric(
        f"Acoustic power is set to −{db:g} dB. What part of the full pressure is sent?", part, "%",
        f"10 to the power of −{db:g}/20, because pressure goes with the root of power.",
        (
            Wrong(theory.power_ratio(-db) * 100, "amplitude_for_intensity", "This part of the power is sent; pressure falls less."),
            Wrong(100 - db, "decibel_slip", "Decibels were read as per cent."),
            Wrong(100 - part, "ratio_reversed", "This part is left out, not sent."),
            Wrong(100 / db, "decibel_slip", "Decibels were read as a divisor."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def frame_rate_after_depth(draw: Draw) -> Numeric | None:
    before, rate = draw.grid(3, 8, 0.5), draw.grid(16, 60, 2)
    after = before - draw.grid(1, 4, 0.5)
    if after < 1.5:
        return None
    new = rate * before / after
    return Numeric(
        f"At {before:g} cm of depth a scanner makes {rate:g} frames a second. What does it make at "
        f"{after:g} cm, if all else stays and it waits for nothing but echoes?", new, "frames/s",
        "Less depth, less waiting: the rate goes with one over the depth.",
        (
            Wrong(rate * after / before, "ratio_reversed", "Less depth means less waiting, so more frames."),
            Wrong(rate, "computer_limits_frames", "The rate is set by the time sound takes, which has become shorter."),
            Wrong(rate * (before / after) ** 2, "square_mixed_up", "The rate goes with one over the depth, not over its square."),
            Wrong(rate + before - after, "factor_left_out", "The depth was subtracted where a ratio is meant."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def frame_rate_after_foci(draw: Draw) -> Numeric:
    rate, zones, angles = draw.grid(30, 90, 5), draw.choice((2, 3, 4)), draw.choice((3, 5, 7))
    new = rate / (zones * angles)
    return Numeric(
        f"With one focus and one angle a scanner makes {rate:g} frames a second. What is left with "
        f"{zones} focal zones and {angles} compound angles?", new, "frames/s",
        f"{zones} × {angles} times as many pulses for each frame.",
        (
            Wrong(rate / angles, "foci_are_free", "Focal zones cost pulses as well."),
            Wrong(rate / zones, "foci_are_free", "Angles cost pulses as well."),
            Wrong(rate / (zones + angles), "factor_left_out", "The costs multiply: each angle has all zones."),
            Wrong(rate, "computer_limits_frames", "It is sound that takes the time; more pulses take more of it."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def frame_rate_after_width(draw: Draw) -> Numeric:
    rate, width = draw.grid(16, 60, 2), draw.choice((25, 30, 40, 50, 60, 75, 80))
    new = rate * 100 / width
    return Numeric(
        f"A picture at {rate:g} frames a second is narrowed to {width} % of its width, with lines as "
        "close as before. What is the new frame rate?", new, "frames/s",
        f"{width} % of the lines take {width} % of the time.",
        (
            Wrong(rate * width / 100, "ratio_reversed", "Fewer lines take less time, so the rate rises."),
            Wrong(rate, "computer_limits_frames", "The rate is set by sound: fewer lines, fewer pulses."),
            Wrong(rate * (1 + (100 - width) / 100), "factor_left_out", "The lines left out were added as per cent of the rate."),
            Wrong(rate * (100 / width) ** 2, "square_mixed_up", "Only one direction has become smaller."),
        ),
    )  # fmt: skip


@add(3, "apply", "speed_setting_note", "model")
def machine_speed_ruler(draw: Draw) -> Numeric:
    c, mm = draw.choice((1400, 1420, 1440, 1460, 1480, 1620)), draw.grid(10, 40, 1)
    out = theory.shown_length_m(mm, 1540, c)
    return Numeric(
        f"In tissue of 1540 m/s a scanner's speed of sound is set to {c} m/s. How long does it show "
        f"{mm:g} mm along the beam?", out, "mm",
        f"The ruler is time × {c} m/s / 2: the length times {c}/1540.",
        (
            Wrong(mm * 1540 / c, "ratio_reversed", "A scanner that believes in slower sound draws things nearer, not farther."),
            Wrong(mm, "speed_knob_changes_tissue", "The tissue has kept its speed, so the ruler is now wrong."),
            Wrong(mm * (c / 1540) ** 2, "square_mixed_up", "The ratio of the speeds counts once."),
            Wrong(mm * (1 + 2 * (c / 1540 - 1)), "two_way_everywhere", "The way back is in the ruler already."),
            Wrong(mm / 2, "two_way_everywhere", "Half is for the way of sound, not for a length."),
            Wrong(mm * 2, "return_path_forgotten", "The way there and back is no length."),
        ),
    )  # fmt: skip


@add(2, "apply", "kremkau")
def gain_factor(draw: Draw) -> Numeric:
    db = draw.choice((9, 10, 12, 14, 15, 16, 18, 22, 24, 26, 30))
    factor = theory.amplitude_ratio(db)
    return Numeric(
        f"Gain is raised by {db} dB. By which factor are all echo voltages, and the noise, amplified?",
        factor, "times",
        f"10 to the power of {db}/20, noise and echoes alike.",
        (
            Wrong(theory.power_ratio(db), "amplitude_for_intensity", "This factor is one of power; voltages take 20 log."),
            Wrong(float(db), "decibel_slip", "Decibels were read as a factor."),
            Wrong(theory.amplitude_ratio(db / 2), "two_way_everywhere", "Gain acts once, on what is received: nothing is halved."),
            Wrong(1 + db / 100, "decibel_slip", "Decibels were read as per cent."),
        ),
    )  # fmt: skip
