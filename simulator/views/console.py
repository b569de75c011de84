"""The console at the right: choices, knobs, TGC, folding groups, freeze."""

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from simulator.models.scanner import Scanner
from simulator.user_presets import UserPresets
from simulator.views import icons
from simulator.views.display_controls import ReadZoom
from simulator.views.frequency_steps import FrequencySteps
from simulator.views.knob_control import KnobControl
from simulator.views.knob_groups import make_groups
from simulator.views.selectors import Selectors
from simulator.views.tgc_panel import TgcPanel

KNOB_KEYS = {
    "frequency_mhz": "Q",
    "depth_mm": "D",
    "focus_mm": "F",
    "gain_db": "G",
    "dynamic_range_db": "R",
    "power_db": "P",
}
"""Letter that selects each knob of the main group."""
LARGE = ("gain_db", "depth_mm", "focus_mm", "frequency_mhz")
"""The knobs that are turned most."""
PRIMARY = (*LARGE, "dynamic_range_db", "power_db")
"""Knobs of the main group, most used first."""
ROOMY_EMS = 60
"""Height from which a new console has room for groups that are open, in line heights."""
OPEN_IF_ROOMY = ("lines", "image")


class Console(QWidget):
    """Everything that a sonographer's left hand does."""

    def __init__(
        self, scanner: Scanner, own: UserPresets | None = None, parent: QWidget | None = None
    ) -> None:
        """own : the user's presets; None: they are not kept."""
        super().__init__(parent)
        self._scanner = scanner
        self.selectors = Selectors(scanner, own)
        self.phantom_box, self.probe_box = self.selectors.phantoms, self.selectors.probes
        self.presets = self.selectors.presets
        self.tgc = TgcPanel(scanner)
        self.frequency_steps = FrequencySteps(scanner)
        self.read_zoom = ReadZoom(scanner)
        self._groups = make_groups(scanner, PRIMARY)
        self.folds, self.choices = self._groups.folds, self._groups.choices
        self.knobs: dict[str, KnobControl] = dict(self._groups.knobs)
        self.understudies: Mapping[str, QWidget] = {}
        """Knobs elsewhere that stand in for those here, while the console is put away."""
        self.folds["lines"].add(self.read_zoom)
        self.freeze = self._make_freeze()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(10, 8, 8, 8)
        outer.setSpacing(6)
        outer.addWidget(self.selectors)
        outer.addWidget(self._make_scroll_area(), 1)
        self._keys = QHBoxLayout()
        self._keys.setSpacing(6)
        outer.addLayout(self._keys)
        outer.addWidget(self.freeze)
        scanner.changed.connect(self._show)
        self._show()

    def add_key(self, action: QAction) -> QToolButton:
        """Put a key for an action above the freeze key."""
        key = QToolButton()
        key.setDefaultAction(action)
        key.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        key.setAccessibleName(action.iconText())
        key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._keys.addWidget(key)
        return key

    def select(self, name: str) -> None:
        """Give a knob the keyboard, so that Up and Down turn it."""
        self._focus(self.understudies.get(name, self.knobs[name]))

    def select_tgc(self, index: int) -> None:
        """Give a TGC slider the keyboard."""
        self._focus(self.tgc.sliders[index])

    @property
    def open_groups(self) -> tuple[str, ...]:
        """Names of the groups that are unfolded."""
        return tuple(name for name, fold in self.folds.items() if fold.button.isChecked())

    def open_only(self, names: tuple[str, ...]) -> None:
        """Unfold these groups and fold the others."""
        for name, fold in self.folds.items():
            with QSignalBlocker(fold):  # nothing to scroll to
                fold.button.setChecked(name in names)

    def open_if_roomy(self, height_px: int) -> None:
        """Unfold what most learners need where a window of this height has room for it."""
        roomy = height_px >= ROOMY_EMS * self.fontMetrics().height()
        self.open_only(OPEN_IF_ROOMY if roomy else ())

    def _focus(self, control: QWidget) -> None:
        control.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._area.ensureWidgetVisible(control)

    def _make_scroll_area(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 2, 0)
        column.setSpacing(5)
        for name in PRIMARY:
            large = name in LARGE
            key = KNOB_KEYS[name]
            knob = KnobControl(self._scanner, name, key, large=large, stacked=large)
            self.knobs[name] = knob
            column.addWidget(knob)
            if name == "frequency_mhz":
                column.addWidget(self.frequency_steps)
            column.addStretch(1)
        column.addWidget(_rule())
        column.addWidget(self.tgc, 8)
        column.addWidget(_rule())
        for fold in self.folds.values():
            column.addWidget(fold)
            fold.opened.connect(self._reveal)
        column.addStretch(2)
        area = _KeylessScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumWidth(inside.minimumSizeHint().width() + 4)
        self._area = area
        return area

    def _make_freeze(self) -> QPushButton:
        freeze = QPushButton()
        freeze.setObjectName("freeze")
        freeze.setCheckable(True)
        freeze.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        freeze.setAccessibleName(self.tr("Freeze"))
        freeze.setToolTip(
            self.tr("Stops sending and keeps the last picture (Space). Gain, TGC, dynamic range "
                    "and image processing except persistence still act on it; other knobs act "
                    "when it runs again.")
        )  # fmt: skip
        self._icons = icons.icon(icons.PAUSE), icons.icon(icons.PLAY, "#15181b")
        freeze.clicked.connect(self._scanner.set_frozen)
        return freeze

    @Slot(QWidget)
    def _reveal(self, fold: QWidget) -> None:
        """Scroll to what was unfolded."""
        self._area.ensureWidgetVisible(fold)

    @Slot()
    def _show(self) -> None:
        frozen = self._scanner.frozen
        self.freeze.setChecked(frozen)
        self.freeze.setText(self.tr("Frozen: unfreeze") if frozen else self.tr("Freeze"))
        self.freeze.setIcon(self._icons[frozen])
        self._groups.show_hidden(self._scanner.hidden)


class _KeylessScrollArea(QScrollArea):
    """Leaves the arrow keys to the window; the wheel and Tab still scroll."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()


def _rule() -> QFrame:
    rule = QFrame()
    rule.setFrameShape(QFrame.Shape.HLine)
    rule.setFrameShadow(QFrame.Shadow.Plain)
    rule.setStyleSheet("color: #3d4650;")
    return rule
