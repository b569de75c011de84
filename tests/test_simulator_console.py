"""The console's own work: presets, undo, automatic gain, flip and read zoom, locks, restart."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtWidgets import QApplication, QLabel
from window_fakes import FakeEngine

from phantoms import ContentError
from phantoms.presets import find_preset, load_presets, parse_presets
from physics.level_gain import level_gain
from physics.settings import KNOBS, ScanSettings
from simulator import last_state, theme
from simulator.desk import Desk, Display, shown_part
from simulator.errors import UserError
from simulator.frame_worker import Finished
from simulator.keeping import Keeping
from simulator.models.measurements import Distance
from simulator.models.scanner import Scanner
from simulator.renderer import Renderer, start_request
from simulator.scene_file import read_scene_and_desk
from simulator.user_presets import UserPresets
from simulator.views.console import PRIMARY
from simulator.views.main_window import MainWindow

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def presets(tmp_path):
    return UserPresets(tmp_path)


@pytest.fixture
def window(qtbot, qapp, presets):
    """A window with one picture and no worker: its pictures come from `shoot`."""
    theme.apply(qapp)
    window = MainWindow(Scanner("muscle_block"), own_presets=presets)
    qtbot.addWidget(window)
    window.engine = FakeEngine()
    window.resize(1366, 690)
    window.show()
    shoot(window)
    qtbot.wait(1)
    return window


def shoot(window):
    request = window.scanner.request()
    window.show_frame(Finished(1, request, window.engine(request), 1.0))


def pause(qtbot):
    """Let the window's turn of events end: what comes then is another step."""
    qtbot.wait(5)


# --- presets -------------------------------------------------------------------------------------


RANGES = {
    "wrist_hand": (15, 18, 15, 25, 5, 10, 60),
    "elbow": (12, 15, 25, 30, 8, 15, 60),
    "shoulder": (10, 12, 35, 40, 15, 25, 62),
    "hip": (7, 9, 50, 80, 35, 50, 66),
    "knee_anterior": (10, 12, 30, 40, 10, 25, 62),
    "achilles_ankle_foot": (12, 15, 20, 30, 6, 15, 60),
    "plantar_fascia": (9, 12, 30, 30, 15, 20, 62),
    "peripheral_nerve": (15, 18, 20, 20, 0, 20, 58),
}
"""MHz, mm of depth, mm of focus (lowest and highest each), dB of dynamic range."""


def test_presets_lie_in_the_ranges_that_are_taught():
    assert list(load_presets()) == list(RANGES)
    for name, (f0, f1, d0, d1, z0, z1, dr) in RANGES.items():
        settings = find_preset(name).applied_to(ScanSettings())
        assert f0 <= settings.display("frequency_mhz") <= f1, name
        assert d0 <= settings.display("depth_mm") <= d1, name
        assert z0 <= settings.display("focus_mm") <= z1, name
        assert settings.dynamic_range_db == dr, name


def test_an_unknown_preset_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'shoulder'"):
        find_preset("sholder")


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ("{ frequency_mhz = 25 }", "frequency_mhz is 25"),
        ("{ gain = 1 }", "did you mean 'gain_db'"),
        ('{ noise = "off" }', "none of the scanner's own knobs"),
        ("{ frequency_mhz = 16 }", "L12-3 allows"),
    ],
)
def test_a_preset_that_cannot_be_is_refused_with_its_name(knobs, words):
    text = f"""format = 1
[preset.odd]
title = "Odd"
summary = "Odd."
probe = "L12-3"
knobs = {knobs}
source = "made up"
"""
    with pytest.raises(ContentError, match="odd") as caught:
        parse_presets(text.encode(), "presets.toml")
    assert words in str(caught.value)


def test_a_phantom_may_begin_from_a_preset(tmp_path):
    from phantoms import read_phantom
    from phantoms.catalogue import LIBRARY

    text = (LIBRARY / "muscle_block.toml").read_text()
    wanted = 'probe = "L12-3"\npreset = "shoulder"'
    path = tmp_path / "block.toml"
    path.write_text(text.replace('probe = "L12-3"', wanted, 1))
    settings = ScanSettings().turned(**read_phantom(path).start_settings)
    assert settings.compound_angles == "3"
    assert settings.display("frequency_mhz") == 8  # the phantom's own word counts
    path.write_text(path.read_text().replace('"shoulder"', '"sholder"', 1))
    with pytest.raises(ContentError, match="did you mean 'shoulder'"):
        read_phantom(path)


def choose(window, title):
    box = window.console.presets.box
    row = box.findText(title)
    assert row >= 0
    box.setCurrentIndex(row)
    box.activated.emit(row)


def test_a_preset_is_taken_and_resets_come_back_to_it(window):
    window.scanner.turn(noise="off")
    choose(window, "Shoulder")
    assert window.scanner.settings.display("focus_mm") == pytest.approx(20)
    assert window.scanner.settings.harmonic == "on"
    assert window.scanner.settings.noise == "off"  # the lecturer's
    window.scanner.turn(focus_mm=5)
    assert "changed" in window.status.preset.text()
    window.scanner.reset_knob("focus_mm")
    assert window.scanner.settings.display("focus_mm") == pytest.approx(20)
    assert window.status.preset.text() == "Shoulder"
    choose(window, "As the phantom starts")
    assert window.scanner.settings.display("focus_mm") == pytest.approx(18)


def test_what_a_probe_cannot_follow_is_said(window):
    choose(window, "Wrist and hand")
    assert window.scanner.settings.display("frequency_mhz") == pytest.approx(12)
    assert "12.0" in window.status.currentMessage()
    assert "16.0" in window.status.currentMessage()


def test_own_presets_are_saved_renamed_and_deleted(window, tmp_path):
    box = window.console.presets
    window.scanner.turn(depth_mm=37, gain_db=3, tgc_db=(1, 2, 3, 4, 5, 6, 7, 8))
    box.save("Mine")
    assert box.box.currentText() == "Mine"
    window.scanner.take_preset(None)
    choose(window, "Mine")
    assert window.scanner.settings.tgc_db == (1, 2, 3, 4, 5, 6, 7, 8)
    box.rename_to("Ours")
    again = UserPresets(tmp_path)
    assert again.read() == ""
    assert list(again.presets) == ["Ours"]
    assert dict(again.presets["Ours"].knobs)["depth_mm"] == pytest.approx(37)
    assert box.box.currentText() == "Ours"
    box.delete_mine()
    assert again.read() == ""
    assert not again.presets
    assert box.box.currentText() == "As the phantom starts"
    assert window.scanner.settings.display("depth_mm") == pytest.approx(37)


@pytest.mark.parametrize("title", ["", "  ", "a\nb", "x" * 41, "\x00"])
def test_a_preset_needs_a_sensible_name(presets, title):
    with pytest.raises(UserError):
        presets.save(title, ScanSettings(), "L12-3")
    assert not presets.presets


def test_a_name_is_given_once(presets):
    presets.save("Mine", ScanSettings(), "L12-3")
    with pytest.raises(UserError, match="already"):
        presets.save("Mine", ScanSettings(), "L12-3")
    with pytest.raises(UserError, match="did you mean 'Mine'"):
        presets.delete("Mime")


HOSTILE = {
    "no json": b"\xff\xfe{",
    "another thing": b"[1, 2]",
    "unknown knob": b'{"insonate_presets": 1, "presets": {"a": {"knobs": {"gain": 1}}}}',
    "out of range": b'{"insonate_presets": 1, "presets": {"a": {"knobs": {"gain_db": 1e9}}}}',
    "no number": b'{"insonate_presets": 1, "presets": {"a": {"knobs": {"gain_db": NaN}}}}',
    "a path": b'{"insonate_presets": 1, "presets": {"../\\n": {"knobs": {}}}}',
    "deep": b"[" * 100_000,
    "huge number": b'{"insonate_presets": 1, "presets": {"a": {"knobs": {"gain_db": 1e999999}}}}',
    "newer": b'{"insonate_presets": 2, "presets": {}}',
    "large": b" " * 1_100_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_of_presets_is_set_aside_with_one_sentence(tmp_path, content):
    (tmp_path / "presets.json").write_bytes(content)
    presets = UserPresets(tmp_path)
    trouble = presets.read()
    assert "presets.json.broken" in trouble
    assert "\n" not in trouble
    assert len(trouble) < 500
    assert not presets.presets
    assert (tmp_path / "presets.json.broken").read_bytes() == content
    presets.save("Mine", ScanSettings(), "L12-3")  # life goes on
    assert json.loads((tmp_path / "presets.json").read_text())["insonate_presets"] == 1


# --- undo ----------------------------------------------------------------------------------------


def test_a_drag_of_a_slider_is_one_step(window, qtbot):
    slider, scanner = window.console.knobs["gain_db"].slider, window.scanner
    before, middle = scanner.state, slider.height() // 2
    qtbot.mousePress(slider, LEFT, NONE, QPoint(slider.width() // 2 + 20, middle))
    for x in (30, 60, 90):
        pause(qtbot)
        qtbot.mouseMove(slider, QPoint(slider.width() // 2 + x, middle))
    qtbot.mouseRelease(slider, LEFT)
    after = scanner.state
    assert window.history.stack.count() == 1
    assert "Gain" in window.actions_.undo.text()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert scanner.state == before
    window.actions_.redo.trigger()
    assert scanner.state == after


def test_drags_of_the_probe_and_of_the_focus_are_steps(window, qtbot):
    place, view = window.image.place, window.image.viewport()
    start = window.scanner.state
    for x, y, to in (
        (place.x_px(0), place.top_px - 10, QPoint(40, 0)),
        (place.right_px + 10, place.z_px(18), QPoint(0, 60)),
    ):
        at = QPoint(round(x), round(y))
        qtbot.mousePress(view, LEFT, NONE, at)
        for part in (2, 1):
            pause(qtbot)
            qtbot.mouseMove(view, at + to / part)
        qtbot.mouseRelease(view, LEFT)
    assert window.history.stack.count() == 2
    window.actions_.undo.trigger()
    assert window.scanner.settings == start.settings
    assert window.scanner.pose != start.pose
    window.actions_.undo.trigger()
    assert window.scanner.state == start


def test_keys_that_follow_each_other_are_one_step_and_another_knob_is_another(window, qtbot):
    for name in ("gain_db", "depth_mm"):
        for _ in range(3):
            qtbot.keyClick(window.console.knobs[name].slider, Qt.Key.Key_Up)
            pause(qtbot)
    assert window.history.stack.count() == 2


def test_a_knob_turned_back_at_once_leaves_no_step(window, qtbot):
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(window.console.knobs["gain_db"].slider, key)
        pause(qtbot)
    assert window.history.stack.count() == 0


def test_presets_resets_phantoms_and_probes_are_steps(window, qtbot):
    scanner, states = window.scanner, [window.scanner.state]
    for change in (
        lambda: choose(window, "Shoulder"),
        lambda: scanner.turn(gain_db=7),
        lambda: scanner.reset_knob("gain_db"),
        lambda: scanner.set_probe("L18-4"),
        lambda: scanner.load_phantom("biceps_groove"),
        lambda: scanner.take_view("long"),
        lambda: window.actions_.flip.trigger(),
    ):
        change()
        pause(qtbot)
        window.history._gesture += 1
        window.history.let_go()
        window.history._scanner.changed.emit()
        states.append(scanner.state)
    # gain up and down again within a second is one step that leaves nothing
    back = [states[0], states[1], states[4], states[5], states[6]]
    for state in reversed(back):
        window.history.stack.undo()
        assert scanner.state == state
    assert not window.actions_.undo.isEnabled()


def test_nobody_undoes_his_way_past_a_lock(window, qtbot):
    window.scanner.turn(gain_db=5)
    pause(qtbot)
    window.scanner.set_aside(locked={"gain_db"})
    assert window.history.stack.count() == 0
    assert window.scanner.settings.gain_db == 5


# --- every knob, with the real engine ------------------------------------------------------------

SMALL = {"depth_mm": 16, "focus_mm": 8, "width_percent": 50, "line_density": "low"}
NOT_HERE = {"persistence", "slice_thickness"}
"""They show themselves only between two pictures, and in a body that varies across the slice."""


@pytest.fixture(scope="module")
def renderer():
    return Renderer()


@pytest.fixture(scope="module")
def real(renderer):
    """A window whose pictures the real engine makes, and its first one."""
    theme.apply(QApplication.instance() or QApplication([]))
    scanner = Scanner("muscle_block")
    scanner.set_chain(renderer.chain.pipeline)
    scanner.turn(**SMALL)
    window = MainWindow(scanner)
    yield window, renderer.render(scanner.request())
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("name", KNOBS)
def test_each_knob_runs_its_stages_and_changes_the_picture_and_undo_brings_it_back(
    qtbot, renderer, real, name
):
    window, plain = real
    scanner, field = window.scanner, KNOBS[name].field
    window.history.stack.clear()
    pause(qtbot)
    before = renderer.render(scanner.request())
    np.testing.assert_array_equal(before.picture, plain.picture)
    turn_by_hand(window, qtbot, name)
    assert getattr(scanner.settings, field) != getattr(before.settings, field)
    after = renderer.render(scanner.request())
    assert set(after.ran) <= scanner_stages(renderer, before.settings, after.settings)
    assert after.ran
    if name not in NOT_HERE:
        same = before.picture.shape == after.picture.shape
        assert not (same and np.array_equal(before.picture, after.picture))
    window.actions_.undo.trigger()
    assert scanner.settings == before.settings
    np.testing.assert_array_equal(renderer.render(scanner.request()).picture, plain.picture)


def scanner_stages(renderer, before, after):
    """All stages that the knobs which differ touch: one turn may take another knob with it."""
    names = [k.field for k in KNOBS.values() if getattr(before, k.field) != getattr(after, k.field)]
    touched = renderer.chain.pipeline.touched_by
    return {stage for field in names for stage in touched(field)} | set(touched("history"))


def turn_by_hand(window, qtbot, name):
    """Some steps of the real control, by its keys."""
    if name == "tgc_db":
        qtbot.keyClick(window.console.tgc.sliders[2].slider, Qt.Key.Key_PageUp)
    elif name in window.console.choices:
        box = window.console.choices[name].box
        row = (box.currentIndex() + 1) % box.count()
        box.setCurrentIndex(row)
        box.activated.emit(row)
    else:
        slider = window.console.knobs[name].slider
        value, high = window.console.knobs[name].value, window.scanner.knob_range(name)[1]
        qtbot.keyClick(slider, Qt.Key.Key_PageDown if value >= high else Qt.Key.Key_PageUp)


# --- automatic gain ------------------------------------------------------------------------------


def tissue_levels_db(frame):
    """Median level of each eighth of the depth without the first 2 mm, dB."""
    rows = np.array_split(np.arange(len(frame.sample_z_m)), 8)
    inside = [r[frame.sample_z_m[r] > 2.5e-3] for r in rows]
    return np.array([np.median(20 * np.log10(frame.envelope[:, r])) for r in inside])


@pytest.mark.parametrize("sliders", [(0,) * 8, (15, -10, 10, -20, 0, 20, -15, 5)])
def test_automatic_gain_makes_tissue_level_whatever_the_sliders_were(renderer, sliders):
    request = start_request("qa_block")
    settings = request.settings.turned(tgc_db=sliders, gain_db=-8, depth_mm=30)
    request = replace(request, settings=settings)
    first, second = (renderer.render(replace(request, noise_seed=n)) for n in (1, 2))
    found = level_gain(second, first)
    assert found.n_zone == 8
    settings = settings.turned(gain_db=found.gain_db, tgc_db=found.tgc_db)
    levels = tissue_levels_db(renderer.render(replace(request, settings=settings)))
    # sliders have whole dB and act along straight lines between the middles of their zones
    assert np.ptp(levels) < 3.5
    # half of 60 dB below white, and the median of speckle's amplitude lies 1.6 dB below its rms
    assert np.mean(levels) == pytest.approx(-31.6, abs=2.0)


def test_automatic_gain_does_not_lift_noise(renderer):
    """Behind bone there is nothing: the sliders there follow those above."""
    request = start_request("supraspinatus_lax")
    first, second = (renderer.render(replace(request, noise_seed=n)) for n in (1, 2))
    found = level_gain(second, first)
    assert found.n_zone < 8
    assert found.tgc_db[-1] == found.tgc_db[found.n_zone - 1]
    quiet = replace(request, settings=request.settings.turned(power_db=-30, depth_mm=10))
    dark = renderer.render(quiet)
    nothing = replace(dark, iq=np.random.default_rng(1).normal(size=dark.iq.shape) + 0j)
    other = replace(dark, iq=np.random.default_rng(2).normal(size=dark.iq.shape) + 0j)
    assert level_gain(nothing, other) is None


def test_the_auto_key_waits_for_a_second_picture(window, monkeypatch):
    from physics import level_gain as module

    found = module.Levelled(4.0, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0), 6)
    monkeypatch.setattr(module, "level_gain", lambda frame, other: found)
    window.console.tgc.auto.click()
    assert window.scanner.settings.gain_db == 0
    window.scanner.next_noise()
    shoot(window)
    assert window.scanner.settings.gain_db == 4
    assert window.scanner.settings.tgc_db[2] == 3
    assert "6 of 8" in window.status.currentMessage()


# --- flip, read zoom -----------------------------------------------------------------------------


def test_flip_exchanges_left_and_right_of_picture_marker_and_places(window, qtbot):
    view, place = window.image, window.image.place
    picture = view.image.image.copy()
    measuring = window.measuring
    left = QPointF(place.left_px + 50, place.z_px(10))
    x_mm = measuring._point(left)[0]
    qtbot.keyClick(window, "i")
    assert window.scanner.display.flipped
    np.testing.assert_array_equal(view.image.image, picture[:, ::-1])
    flipped = view.place
    assert measuring._point(left)[0] == pytest.approx(-x_mm)
    assert flipped.x_px(flipped.left_mm) == pytest.approx(flipped.right_px)
    mark = Distance((x_mm, 0.01), (0.002, 0.012))
    assert mark.readings == Distance(mark.a, mark.b).readings
    shot = view.grab().toImage()
    dot = shot.pixelColor(
        round(flipped.right_px + 1.3 * view._layout().em),
        round(flipped.top_px - 0.9 * view._layout().em),
    )
    assert dot.blue() > dot.red() + 50  # the marker's dot is on the right now
    window.actions_.flip.trigger()
    np.testing.assert_array_equal(view.image.image, picture)


def test_a_flipped_probe_follows_the_mouse(window, qtbot):
    window.actions_.flip.trigger()
    place, start = window.image.place, window.scanner.pose.slide_m
    at = QPoint(round(place.x_px(0)), round(place.top_px - 10))
    view = window.image.viewport()
    qtbot.mousePress(view, LEFT, NONE, at)
    qtbot.mouseMove(view, at + QPoint(40, 0))
    qtbot.mouseRelease(view, LEFT)
    moved_mm = (window.scanner.pose.slide_m - start) * 1e3
    assert moved_mm == pytest.approx(-40 / place.px_per_mm, rel=0.01)


def test_a_read_zoom_magnifies_stored_pixels_in_freeze_and_calipers_stay_true(window, qtbot):
    scanner, view = window.scanner, window.image
    scanner.set_frozen(True)
    asked = len(window.engine.requests)
    whole, picture = view.place, view.image.image.copy()
    before = scanner.request()
    window.console.read_zoom.set_zoom(2.0)
    assert scanner.request() == before
    assert len(window.engine.requests) == asked
    assert view.place.px_per_mm == pytest.approx(2 * whole.px_per_mm, rel=0.02)
    assert view.image.image.shape == (200, 192)
    np.testing.assert_array_equal(view.image.image, picture[100:300, 96:288])
    place = view.place
    at = QPointF(place.x_px(3.0), place.z_px(21.0))
    assert window.measuring._point(at) == pytest.approx((3.0e-3, 21.0e-3))
    middle = QPoint(round(place.x_px(0)), round(place.z_px(20)))
    qtbot.mousePress(view.viewport(), LEFT, NONE, middle)
    qtbot.mouseMove(view.viewport(), middle - QPoint(50, 30))
    qtbot.mouseRelease(view.viewport(), LEFT)
    assert view.place.left_mm > place.left_mm
    assert view.place.top_mm > place.top_mm
    window.console.read_zoom.whole()
    assert view.place == whole


@pytest.mark.parametrize("flipped", [False, True])
def test_the_wheel_zooms_about_the_mouse(window, flipped):
    window.scanner.show_as(Display(flipped=flipped, zoom=2.0))
    view = window.image
    at = QPointF(view.place.x_px(2.0), view.place.z_px(18.0))
    view._hands.zoom(at, 120, view.place)
    assert window.scanner.display.zoom == pytest.approx(2.5)
    assert view.place.x_mm(at.x()) == pytest.approx(2.0, abs=0.15)
    assert view.place.z_mm(at.y()) == pytest.approx(18.0, abs=0.15)


def test_a_shown_part_has_the_edges_of_its_pixels(window):
    frame = window.image.shown.frame
    part = shown_part(frame, Display(zoom=4.0, middle=(0.0, 1.0)))
    assert (part.rows.stop, part.columns.start) == (400, 0)
    assert part.left_m == pytest.approx(frame.left_m)
    assert part.bottom_m == pytest.approx(frame.bottom_m)
    whole = (frame.right_m - frame.left_m) / 4
    assert part.right_m - part.left_m == pytest.approx(whole, rel=0.01)


# --- locks, steps, large and small ---------------------------------------------------------------


def test_a_locked_knob_keeps_its_value_and_says_so(window, qtbot):
    scanner, console = window.scanner, window.console
    scanner.set_aside(locked={"gain_db", "grey_map", "focus_mm", "tgc_db"})
    control = console.knobs["gain_db"]
    assert not control.slider.isEnabled()
    assert "Locked" in control.toolTip()
    assert "Locked" in console.choices["grey_map"].box.toolTip()
    assert not console.choices["grey_map"].box.isEnabled()
    before = scanner.settings
    scanner.turn(gain_db=9)
    scanner.reset_knob("focus_mm")
    console.tgc.flat.click()
    choose(window, "Shoulder")
    for name in scanner.locked:
        assert scanner.settings.display(name) == before.display(name)
    scanner.set_aside(locked=())
    assert control.slider.isEnabled()
    assert "Locked" not in control.toolTip()


def test_a_hidden_knob_is_gone_and_the_menu_brings_it_back(window):
    scanner, console = window.scanner, window.console
    faults = {k.name for k in KNOBS.values() if k.group == "faults"}
    scanner.set_aside(hidden={"depth_mm", *faults})
    assert not console.knobs["depth_mm"].isVisible()
    assert not console.folds["faults"].isVisible()
    assert "hidden" in window.status.rules.text()
    menu = next(a.menu() for a in window.menuBar().actions() if a.text() == "&Console")
    next(a for a in menu.actions() if a.text().startswith("&Unlock")).trigger()
    assert console.knobs["depth_mm"].isVisible()
    assert console.folds["faults"].isVisible()


def test_an_unknown_knob_cannot_be_locked(window):
    with pytest.raises(ValueError, match="did you mean 'gain_db'"):
        window.scanner.set_aside(locked={"gain_dB"})


def test_pen_gen_res_are_the_ends_and_the_middle_of_the_band(window):
    keys = window.console.frequency_steps.keys
    for step, mhz in (("pen", 4), ("res", 12), ("gen", 7)):
        keys[step].click()
        assert window.scanner.settings.display("frequency_mhz") == pytest.approx(mhz)
        assert [k.isChecked() for k in keys.values()].count(True) == 1
    window.scanner.turn(harmonic="on")
    keys["pen"].click()
    assert window.scanner.settings.display("frequency_mhz") == pytest.approx(8)


def test_no_letters_are_smaller_than_eleven_pixels(window):
    for fold in window.console.folds.values():
        fold.button.setChecked(True)
    for widget in window.findChildren(QLabel):
        assert widget.fontInfo().pixelSize() >= 11, widget.text()
    large = window.console.knobs[PRIMARY[0]].label.fontInfo().pixelSize()
    assert large > window.console.knobs["power_db"].label.fontInfo().pixelSize()


def test_a_roomy_window_opens_groups_and_a_small_one_does_not(window, qtbot):
    em = window.fontMetrics().height()
    window.console.open_if_roomy(30 * em)
    assert window.console.open_groups == ()
    window.console.open_if_roomy(70 * em)
    assert set(window.console.open_groups) == {"lines", "image"}


def test_a_new_control_never_comes_up_as_a_window_of_its_own(qapp):
    before = set(QApplication.topLevelWidgets())
    window = MainWindow(Scanner("muscle_block"))
    visible = {w for w in QApplication.topLevelWidgets() if w.isVisible()} - before
    assert not visible
    window.deleteLater()


# --- from one run to the next --------------------------------------------------------------------


@pytest.fixture
def memory(tmp_path):
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


def test_a_restart_comes_back_to_where_it_was(qtbot, tmp_path, memory):
    scanner = Scanner("muscle_block")
    keeping = Keeping(scanner, memory, tmp_path)
    assert list(keeping.begin(resume=True)) == []
    window = MainWindow(scanner, memory=memory, own_presets=keeping.presets)
    qtbot.addWidget(window)
    scanner.load_phantom("biceps_groove")
    scanner.take_view("long")
    scanner.take_preset(find_preset("shoulder"))
    scanner.turn(gain_db=3.3, focus_mm=17)
    scanner.move(slide_m=1.23e-3)
    scanner.show_as(Display(flipped=True, zoom=2.0, middle=(0.4, 0.6)))
    scanner.set_aside(hidden={"noise"}, locked={"gain_db"})
    scanner.set_frozen(True)
    scanner.turn(depth_mm=33)  # waits, and is not lost
    window.console.presets.save("Mine")
    window.console.open_only(("physics",))
    window.close()
    keeping.end()

    again = Scanner("muscle_block")
    later = Keeping(again, memory, tmp_path)
    assert list(later.begin(resume=True)) == []
    assert again.state == scanner.state
    assert (again.hidden, again.locked) == (scanner.hidden, scanner.locked)
    assert again.preset.title == "Mine"
    second = MainWindow(again, memory=memory, own_presets=later.presets)
    qtbot.addWidget(second)
    assert second.console.open_groups == ("physics",)

    fresh = Scanner("muscle_block")
    assert list(Keeping(fresh, memory, tmp_path).begin(resume=False)) == []
    assert fresh.phantom.name == "muscle_block"


@pytest.mark.parametrize("content", [b"", b"{", b"\x00" * 100, b'{"insonate_scene": 99}'])
def test_a_broken_last_state_is_set_aside_and_the_program_starts(tmp_path, memory, content):
    (tmp_path / last_state.FILE).write_bytes(content)
    scanner = Scanner("muscle_block")
    (trouble,) = Keeping(scanner, memory, tmp_path).begin(resume=True)
    assert "last.insonate.broken" in trouble
    assert "\n" not in trouble
    assert (tmp_path / "last.insonate.broken").read_bytes() == content
    assert list(Keeping(scanner, memory, tmp_path).begin(resume=True)) == []


def test_a_folder_that_cannot_be_written_does_not_stop_the_window(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    said = last_state.save_last(start_request(), Desk(), blocked / "inside")
    assert said.startswith("cannot write")


def test_a_scene_keeps_flip_zoom_locks_view_and_preset(window, tmp_path):
    scanner = window.scanner
    scanner.load_phantom("biceps_groove")
    scanner.take_view("long")
    scanner.take_preset(find_preset("shoulder"))
    scanner.show_as(Display(flipped=True, zoom=1.5, middle=(1 / 3, 0.5)))
    scanner.set_aside(hidden={"noise"}, locked={"gain_db", "tgc_db"})
    path = tmp_path / "a.insonate"
    window.saving.save_scene(path)
    window.saving.wait()
    request, desk = read_scene_and_desk(path)
    assert desk == scanner.desk
    other = Scanner("muscle_block")
    other.open_scene(request, desk)
    assert other.state == scanner.state
    assert other.locked == scanner.locked
