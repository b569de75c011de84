"""A and B, freeze and predict, hidden faults, locks for a class, presentation."""

import base64
import io
import json

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QWidget
from window_fakes import FakeEngine

from physics.probe import UnknownNameError
from physics.settings import KNOBS
from simulator import theme
from simulator.faults import FAULTS, MACHINE, MASK, SETTING, masked_by, unsealed
from simulator.frame_worker import Finished
from simulator.models.comparison import A_ONLY, B_ONLY, BLINK, MODES, RATES_HZ, SIDE, WIPE
from simulator.models.scanner import Scanner
from simulator.scene_file import parse_scene_and_desk, write_scene
from simulator.views.main_window import MainWindow
from simulator.views.picture_map import PictureMap
from simulator.views.presentation import SMALLEST, letters_px

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def grey(request):
    """One grey all over, which gain sets: 100 at 0 dB, 1 level per dB."""
    return np.full((400, 384), 100 + round(request.settings.gain_db), np.uint8)


@pytest.fixture
def window(qtbot, qapp):
    theme.apply(qapp)
    window = MainWindow(Scanner("supraspinatus_lax"))
    qtbot.addWidget(window)
    window.engine = FakeEngine(grey)
    window.resize(1366, 690)
    window.show()
    shoot(window)
    qtbot.wait(1)
    return window


def shoot(window):
    request = window.scanner.request()
    window.show_frame(Finished(1, request, window.engine(request), 1.0))


def press(window, key):
    QApplication.sendEvent(window, QKeyEvent(QEvent.Type.KeyPress, key, NONE))


def grey_at(window, x_px, y_px):
    return window.image.viewport().grab().toImage().pixelColor(int(x_px), int(y_px)).value()


def texts(window):
    """All that the window's widgets say, to eyes, ears and the hovering mouse."""
    found = []
    for widget in window.findChildren(QWidget):
        found += [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLabel | QAbstractButton):
            found.append(widget.text())
        if isinstance(widget, QComboBox):
            found.append(widget.currentText())
    return found


# --- A and B -------------------------------------------------------------------------------------


def test_the_kept_picture_stays_while_the_scanner_goes_on(window):
    comparing = window.classroom.comparing
    comparing.keep()
    window.scanner.turn(gain_db=20)
    shoot(window)
    comparing.model.show(A_ONLY)
    place = window.image.place
    middle = (place.left_px + place.right_px) / 2, (place.top_px + place.bottom_px) / 2
    assert grey_at(window, *middle) == 100
    comparing.model.show(B_ONLY)
    assert grey_at(window, *middle) == 120


def test_a_wipe_shows_a_left_of_the_edge_and_b_right_and_the_edge_is_dragged(window, qtbot):
    comparing = window.classroom.comparing
    comparing.keep()
    window.scanner.turn(gain_db=20)
    shoot(window)
    comparing.model.show(WIPE)
    place, layer = window.image.place, comparing.layer
    y = (place.top_px + place.bottom_px) / 2  # below what is written, above the caption
    assert grey_at(window, layer.edge_px - 12, y) == 100
    assert grey_at(window, layer.edge_px + 12, y) == 120
    viewport, to = window.image.viewport(), round(place.left_px + 30)
    qtbot.mousePress(viewport, LEFT, NONE, QPoint(round(layer.edge_px), round(y)))
    at = QPointF(to, y)
    there = QPointF(viewport.mapToGlobal(at.toPoint()))
    none = Qt.MouseButton.NoButton
    moved = QMouseEvent(QEvent.Type.MouseMove, at, there, none, LEFT, NONE)
    QApplication.sendEvent(viewport, moved)
    qtbot.mouseRelease(viewport, LEFT, NONE, QPoint(to, round(y)))
    assert layer.edge_px == pytest.approx(to, abs=1)
    assert window.scanner.pose == window.scanner.start_pose  # the probe was not dragged


def test_a_of_another_depth_is_drawn_on_the_millimetres_of_b(window):
    comparing = window.classroom.comparing
    window.scanner.turn(depth_mm=30)
    shoot(window)
    comparing.keep()
    window.scanner.turn(depth_mm=60, gain_db=20)
    shoot(window)
    comparing.model.show(A_ONLY)
    place = window.image.place
    x = place.right_px - 8
    assert place.bottom_mm == 60
    assert grey_at(window, x, place.z_px(29)) == 100
    assert grey_at(window, x, place.z_px(31)) == 0
    comparing.model.show(SIDE)
    a, b = window.image.place_beside, window.image.place
    assert a.px_per_mm == b.px_per_mm
    assert a.z_px(10) == b.z_px(10)
    assert a.right_px < b.left_px
    assert grey_at(window, a.right_px - 8, a.z_px(29)) == 100
    assert grey_at(window, a.right_px - 8, a.z_px(31)) == 0


def test_pictures_beside_each_other_fit_into_the_view_whatever_their_size():
    margins, view = (100.0, 50.0, 80.0, 20.0), (1000.0, 600.0)
    for first, second in (
        ((-20, 20, 0, 40), (-20, 20, 0, 40)),
        ((-20, 20, 0, 90), (-20, 20, 0, 30)),
        ((-60, 60, -10, 150), (-20, 20, 0, 40)),
    ):
        a, b = PictureMap.side_by_side(first, second, view, margins)
        assert a.left_px >= 100 - 1e-9
        assert a.right_px < b.left_px
        assert b.right_px <= 920 + 1e-9
        assert max(a.bottom_px, b.bottom_px) <= 580 + 1e-9
        assert min(a.top_px, b.top_px) >= 50 - 1e-9
        assert a.z_px(12.5) == pytest.approx(b.z_px(12.5))


def test_a_flipped_screen_flips_a_too(window):
    def ramp(request):
        return np.tile(np.linspace(0, 255, 384).astype(np.uint8), (400, 1))

    window.engine = FakeEngine(ramp)
    shoot(window)
    window.classroom.comparing.keep()
    window.classroom.comparing.model.show(A_ONLY)
    window.actions_.flip.trigger()
    place = window.image.place
    y = place.bottom_px - 20
    assert grey_at(window, place.left_px + 20, y) > 200
    assert grey_at(window, place.right_px - 20, y) < 50


def test_blinking_is_off_until_chosen_and_never_faster_than_three_a_second(window, qtbot):
    comparing = window.classroom.comparing
    comparing.keep()
    assert comparing.model.mode != BLINK
    assert max(RATES_HZ) <= 3
    for _ in range(2 * len(MODES)):
        comparing.show_next()
        assert comparing.model.mode != BLINK
    comparing.model.blink_at(100.0)
    comparing.model.show(BLINK)
    assert comparing.layer._blink.interval() >= 333
    assert not comparing.layer.shows_a
    qtbot.waitUntil(lambda: comparing.layer.shows_a, timeout=1500)
    comparing.model.show(B_ONLY)
    assert not comparing.layer._blink.isActive()


def test_what_differs_is_told_with_both_values_and_units(window):
    comparing = window.classroom.comparing
    comparing.keep()
    window.scanner.turn(gain_db=6, focus_mm=25)
    window.scanner.move(slide_m=3e-3)
    window.scanner.turn_tgc(2, -4)
    shoot(window)
    rows = {d.label: (d.a, d.b) for d in comparing.bar._rows}
    gap, minus = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"
    assert rows == {
        "Slide": (f"0.0{gap}mm", f"+3.0{gap}mm"),
        "Gain": (f"0{gap}dB", f"+6{gap}dB"),
        "Focus": (f"19{gap}mm", f"25{gap}mm"),
        "TGC 3": (f"0{gap}dB", f"{minus}4{gap}dB"),
    }
    assert "Gain: A" in comparing.bar.sentence
    comparing.bar.open_table()
    assert comparing.bar._table.table.rowCount() == 4


def test_a_swap_is_one_step_and_undo_takes_back_both_halves(window, qtbot):
    comparing, scanner, stack = window.classroom.comparing, window.scanner, window.history.stack
    comparing.keep()
    scanner.turn(gain_db=12)
    qtbot.wait(5)
    scanner.move(slide_m=2e-3)
    shoot(window)
    steps = stack.count()
    comparing.swap()
    assert (scanner.settings.gain_db, scanner.pose.slide_m) == (0, 0)
    assert comparing.model.kept.request.settings.gain_db == 12
    assert stack.count() == steps + 1
    stack.undo()
    assert (scanner.settings.gain_db, scanner.pose.slide_m) == (12, 2e-3)
    assert comparing.model.kept.request.settings.gain_db == 0
    stack.redo()
    assert scanner.settings.gain_db == 0
    assert comparing.model.kept.request.settings.gain_db == 12


def test_a_swap_turns_no_locked_knob_and_takes_no_fault_out(window):
    comparing, scanner = window.classroom.comparing, window.scanner
    comparing.keep()
    scanner.turn(gain_db=12, dynamic_range_db=50)
    scanner.set_aside(locked={"gain_db"})
    shoot(window)
    start_db = comparing.model.kept.state.settings.dynamic_range_db
    comparing.swap()
    assert scanner.settings.gain_db == 12
    assert scanner.settings.dynamic_range_db == start_db != 50
    shoot(window)
    scanner.inject(next(iter(FAULTS)), secret=True)
    shoot(window)
    told, before = [], scanner.state
    comparing.told.connect(told.append)
    comparing.swap()
    assert scanner.state == before
    assert scanner.faults
    assert told == ["Take the faults out first."]


def test_a_and_b_are_compared_while_frozen(window):
    scanner, comparing = window.scanner, window.classroom.comparing
    scanner.set_frozen(True)
    comparing.keep()
    scanner.turn(gain_db=10)
    shoot(window)
    assert [d.label for d in comparing.bar._rows] == ["Gain"]
    comparing.swap()
    assert not scanner.frozen


# --- freeze and predict --------------------------------------------------------------------------


def test_the_class_sees_the_old_picture_until_it_is_revealed_beside_the_new_one(window):
    seen = []
    window.frame_shown.connect(seen.append)
    window.classroom.ask("Darker?")
    window.scanner.turn(gain_db=15)
    shoot(window)
    card = window.classroom.card
    assert window.image.shown.request.settings.gain_db == 0
    assert window.image.caption == ""
    assert not seen  # not even a lesson hears of it
    assert card.isVisible()
    assert card.question == "Darker?"
    assert "Gain" in card.accessibleDescription()
    press(window, Qt.Key.Key_W)
    assert not card.isVisible()
    assert window.image.shown.request.settings.gain_db == 15
    model = window.classroom.comparing.model
    assert model.kept.request.settings.gain_db == 0
    assert model.mode == SIDE


def test_nothing_turned_nothing_to_compare(window):
    window.classroom.ask()
    window.scanner.noise_seed += 1
    shoot(window)
    window.classroom.ask_or_show()
    assert window.classroom.comparing.model.mode == B_ONLY


# --- faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_one_click_and_is_mended_again(window, name):
    scanner, before = window.scanner, window.scanner.settings
    label = FAULTS[name].label
    actions = [a for a in window.classroom.faults.actions() if a.text() == label]
    actions[0].trigger()
    assert scanner.settings != before
    assert [i.fault for i in scanner.faults] == [name]
    window.classroom.faults.mend()
    assert scanner.settings == before
    assert scanner.faults == ()


def test_the_faults_that_lecturers_asked_for_are_there():
    assert {"dead_elements", "lost_contact", "air_bubble", "wrong_preset", "wrong_speed",
            "focus_error"} <= set(FAULTS)  # fmt: skip
    with pytest.raises(UnknownNameError, match="no fault"):
        Scanner("muscle_block").inject("gremlin")


def test_a_hidden_fault_is_nowhere_in_the_window(window):
    """Its value is looked for in all texts of all widgets, and in what is painted."""
    window.classroom.comparing.keep()
    scanner = window.scanner
    scanner.inject("wrong_speed", secret=True)
    shoot(window)
    control = window.console.knobs["machine_speed_m_s"]
    assert control.value_text == MASK
    assert not [text for text in texts(window) if "1450" in text or "1,450" in text]
    assert window.image.caption == ""
    assert window.stages.lit == ()
    assert window.history.stack.count() == 0
    assert [(d.a, d.b) for d in window.classroom.comparing.bar._rows] == [(MASK, MASK)]
    for name in MACHINE & set(window.console.knobs):
        assert window.console.knobs[name].value_text == MASK  # none stands out


def test_a_wrong_setting_masks_all_that_it_could_be(window):
    window.scanner.inject("focus_error", secret=True)
    shoot(window)
    for name in SETTING & set(window.console.knobs):
        control = window.console.knobs[name]
        assert control.value_text == MASK
        middle = control.slider.maximum() / 2
        assert control.slider.value() == pytest.approx(middle, abs=1)
    assert {s.value_text for s in window.console.tgc.sliders} == {MASK}
    assert not any(key.isChecked() for key in window.console.frequency_steps.keys.values())


def test_a_masked_knob_can_still_cure_and_does_not_tell_by_its_handle(window):
    scanner = window.scanner
    scanner.inject("focus_error", secret=True)
    was = scanner.settings.focus_m
    slider = window.console.knobs["focus_mm"].slider
    slider.dragged.emit(0.9)
    assert scanner.settings.focus_m == was
    slider.stepped.emit(2)
    assert scanner.settings.focus_m == pytest.approx(was + 2e-3)
    shoot(window)
    assert window.image.caption == ""


def test_revealing_lists_what_was_wrong_before_with_it_and_now(window):
    scanner, menu = window.scanner, window.classroom.faults
    scanner.inject("focus_error", secret=True)
    scanner.turn(focus_mm=20)
    page = menu.toggle_revealed()
    text = page.text()
    page.close()
    assert "Misplaced focus" in text
    for value in ("19", "3", "20"):
        assert f">{value}\N{NO-BREAK SPACE}mm" in text
    assert window.console.knobs["focus_mm"].value_text.startswith("20")
    assert menu.toggle_revealed() is None
    assert window.console.knobs["focus_mm"].value_text == MASK


def test_one_by_chance_is_hidden_from_the_lecturer_too(window):
    window.classroom.faults.surprise()
    assert len(window.scanner.faults) == 1
    assert window.scanner.concealed


def scene_of(scanner):
    file = io.BytesIO()
    write_scene(file, scanner.request(), scanner.desk)
    return file.getvalue()


@pytest.mark.parametrize("name", FAULTS)
def test_a_scene_keeps_a_hidden_fault_and_does_not_say_it(name):
    scanner = Scanner("supraspinatus_lax")
    scanner.inject(name, secret=True)
    content = scene_of(scanner)
    plain = json.loads(content)["scene"]
    assert not masked_by(scanner.faults) & set(plain["knobs"])
    assert name not in content.decode()
    other = Scanner("muscle_block")
    other.open_scene(*parse_scene_and_desk(content, "x"))
    assert other.settings == scanner.settings
    assert other.faults == scanner.faults
    assert other.concealed == scanner.concealed
    other.mend()
    assert other.settings == Scanner("supraspinatus_lax").settings


def test_a_revealed_fault_is_kept_in_plain_text_and_can_still_be_mended():
    scanner = Scanner("supraspinatus_lax")
    scanner.inject("air_bubble")
    request, desk = parse_scene_and_desk(scene_of(scanner), "x")
    assert request.settings.air_bubble_m == pytest.approx(5e-3)
    assert json.loads(scene_of(scanner))["scene"]["knobs"]["air_bubble_mm"] == 5
    assert (desk.faults, desk.secret) == (scanner.faults, False)


@pytest.mark.parametrize(
    "content", [b"!", b"[]", b'{"secret": true}', b'{"secret": 1, "knobs": {}, "faults": [["x"]]}',
                b'{"secret": true, "knobs": {}, "faults": [["no_such", []]]}',
                b'{"secret": true, "knobs": {}, "faults": [["air_bubble", [["gain_db", "x", 1]]]]}',
                b'{"secret": true, "knobs": {}, "faults": [["air_bubble", [["nothing", 0, 1]]]]}'],
)  # fmt: skip
def test_a_damaged_seal_is_refused(content):
    with pytest.raises(ValueError, match=r"damaged|no fault|no knob|not a number"):
        unsealed(base64.b64encode(content).decode())
    with pytest.raises(ValueError, match="damaged"):
        unsealed("no base64!")


def test_another_phantom_brings_no_fault_along(window):
    window.scanner.inject("air_bubble", secret=True)
    window.scanner.load_phantom("muscle_block")
    assert window.scanner.faults == ()
    assert not window.scanner.concealed


# --- locks ---------------------------------------------------------------------------------------


def test_knobs_are_locked_and_hidden_from_a_list_and_a_scene_keeps_it(window):
    dialog = window.classroom.open_rules()
    dialog.tick(1, {"gain_db", "power_db"})
    dialog.tick(2, {"harmonic"})
    dialog.accept()
    assert window.scanner.locked == {"gain_db", "power_db"}
    assert window.scanner.hidden == {"harmonic"}
    assert "Anyone" in window.status.currentMessage()
    other = Scanner("muscle_block")
    other.open_scene(*parse_scene_and_desk(scene_of(window.scanner), "x"))
    other.turn(gain_db=20)
    assert other.settings.gain_db == window.scanner.settings.gain_db
    other.set_aside(hidden=(), locked=())
    other.turn(gain_db=20)
    assert other.settings.gain_db == 20


# --- presentation --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(1366, 768), (1920, 1080)])
def test_letters_in_a_presentation_are_for_the_back_row(window, size, monkeypatch):
    """26 px of 1080 lines, in the smallest text that is painted or stands on the panel."""
    presentation = window.presentation
    monkeypatch.setattr(type(presentation), "_height_px", property(lambda self: size[1]))
    presentation.enter()
    window.showNormal()
    window.resize(*size)
    QApplication.processEvents()
    least = 26 * size[1] / 1080
    dpi = window.image.logicalDpiY()
    assert window.image.letters.pointSizeF() * dpi / 72 * SMALLEST >= least - 1e-6
    panel = presentation.panel
    for label in (*panel.findChildren(QLabel), *panel.findChildren(QAbstractButton)):
        label.ensurePolished()
        assert label.font().pixelSize() >= least
    for control in panel.controls.values():
        button = control.value_button
        assert QFontMetricsF(button.font()).horizontalAdvance(button.text()) <= button.width()
    place = window.image.place
    height = window.image.height()
    assert height == window.height()
    assert place.bottom_px - place.top_px > 0.78 * height
    presentation.leave()


def test_escape_leaves_the_presentation_and_all_is_as_before(window):
    shown = {w for w in window.findChildren(QWidget) if w.isVisibleTo(window)}
    press(window, Qt.Key.Key_Escape)
    window.presentation.enter()
    assert not window.console.isVisible()
    assert not window.menuBar().isVisible()
    assert list(window.presentation.panel.controls) == ["gain_db", "depth_mm", "focus_mm",
                                                        "frequency_mhz"]  # fmt: skip
    window.console.select("gain_db")
    assert window.presentation.panel.controls["gain_db"].slider.hasFocus()
    press(window, Qt.Key.Key_Escape)
    assert not window.presentation.on
    QApplication.processEvents()
    assert {w for w in window.findChildren(QWidget) if w.isVisibleTo(window)} == shown


def test_a_presentation_shows_the_knobs_that_were_chosen(window):
    window.presentation.enter()
    dialog = window.classroom.open_choice()
    dialog.tick(1, {"gain_db", "harmonic", "power_db"})
    dialog.accept()
    assert list(window.presentation.panel.controls) == ["gain_db", "power_db", "harmonic"]
    window.presentation.leave()


def test_letters_px_follow_the_screen():
    assert letters_px(1080) == 26
    assert letters_px(768) >= 18


def test_a_masked_value_has_no_other_way_out_of_the_knob_table():
    """All knobs that any fault turns are masked by it."""
    for fault in FAULTS.values():
        scanner = Scanner("supraspinatus_lax")
        before = scanner.settings
        scanner.inject(fault.name, secret=True)
        turned = {n for n in KNOBS if before.display(n) != scanner.settings.display(n)}
        assert turned
        assert turned <= scanner.concealed
        assert fault.masks <= scanner.concealed
