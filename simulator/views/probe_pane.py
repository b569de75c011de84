"""The body with the probe on it, and below it what beam and fibres make of each other."""

import math

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from simulator import theme
from simulator.models.fibre_angle import FibreAngle
from simulator.models.scanner import Scanner
from simulator.views.changes import MOVES, move_text
from simulator.views.number_control import number_text
from simulator.views.probe_scene import ProbeScene
from simulator.words import move_name

DEGREES = math.degrees(1.0)


class ProbePane(QWidget):
    """What the dock at the left holds. Numbers of the pose are written here while their sliders
    are put away."""

    def __init__(self, scanner: Scanner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scanner = scanner
        self.scene = ProbeScene(scanner)
        self.angle, self.advice, self.numbers = (_Line() for _ in range(3))
        self.angle.setAccessibleName(self.tr("Angle between beam and fibres"))
        self.advice.setAccessibleName(self.tr("How to meet the fibres at a right angle"))
        self.numbers.setAccessibleName(self.tr("Where the probe is"))
        self.numbers.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addWidget(self.scene, 1)
        for line in (self.angle, self.advice, self.numbers):
            column.addWidget(line)
        em = self.fontMetrics().height()
        for line in (self.angle, self.advice):  # nothing moves when the text gets longer
            line.setMinimumHeight(round(2.1 * em))
        self.scene.fibres_found.connect(self.show_fibres)
        scanner.changed.connect(self._show_numbers)
        self.show_fibres(self.scene.fibres)
        self._show_numbers()

    @Slot(bool)
    def show_numbers(self, shown: bool) -> None:
        """Write the parts of the pose below the drawing, or not."""
        self.numbers.setVisible(shown)

    @Slot(object)
    def show_fibres(self, found: FibreAngle) -> None:
        """Say what the beam meets at the focus, and what would make it square."""
        tissues = self._scanner.phantom.tissue_of_region
        has_fibres = any(tissue.fibrous_per_cm_sr > 0 for tissue in tissues)
        self.angle.setText(self._angle_text(found) if has_fibres else "")
        self.advice.setText(self._advice_text(found) if has_fibres else "")
        for line in (self.angle, self.advice):
            line.setVisible(has_fibres)

    def _angle_text(self, found: FibreAngle) -> str:
        if not found.region:
            return self.tr("No fibres at the focus.")
        colour = theme.ACCENT if found.is_perpendicular else theme.NOTICE
        word = self.tr("perpendicular") if found.is_perpendicular else self.tr("oblique")
        text = self.tr("%1: beam <b style='color:%2'>%3</b>, %4 to the fibres")
        name = found.region.replace("_", " ").capitalize()
        angle = number_text(90.0 - found.off_rad * DEGREES, 0, "°")
        for place, value in (("%1", name), ("%2", colour), ("%3", word), ("%4", angle)):
            text = text.replace(place, value)
        return text

    def _advice_text(self, found: FibreAngle) -> str:
        if not found.region:
            return self.tr("Put the focus or the probe on tendon, ligament or muscle.")
        plane = self._plane_text(found)
        if found.is_perpendicular:
            return plane
        if not found.cure:
            return self.tr("%1. No lean of the probe makes it perpendicular.").replace("%1", plane)
        turn = number_text(found.cure_rad * DEGREES, 0, "°", signed=True)
        text = self.tr("%1. Perpendicular with: %2 %3") if found.within else self.tr(
            "%1. Perpendicular with: %2 %3, more than this body allows"
        )  # fmt: skip
        return text.replace("%1", plane).replace("%2", move_name(found.cure)).replace("%3", turn)

    def _plane_text(self, found: FibreAngle) -> str:
        if found.is_long_axis:
            return self.tr("Long axis")
        if found.is_short_axis:
            return self.tr("Short axis")
        off = number_text(found.plane_rad * DEGREES, 0, "°")
        return self.tr("Plane %1 off the fibres").replace("%1", off)

    @Slot()
    def _show_numbers(self) -> None:
        ranges, pose = self._scanner.pose_ranges, self._scanner.pose
        fields = [field for field, *_ in MOVES if ranges[field][0] < ranges[field][1]]
        texts = (move_text(pose, field).replace(" ", "\N{NO-BREAK SPACE}") for field in fields)
        self.numbers.setText("   ".join(texts))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._show_numbers()
            self.show_fibres(self.scene.fibres)


class _Line(QLabel):
    """Text that takes the width it is given, in as many lines as that needs."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setContentsMargins(8, 0, 8, 0)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
