"""Where millimetres lie on the screen: one scale for both axes, the whole picture in view."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PictureMap:
    """Maps mm in the probe frame (x to the right, z down) to pixels of the view.

    (`left_px`, `top_px`) is the picture's top left corner, at x = `left_mm`, z = `top_mm`: 0, or
    less where the face is convex and deepest in the middle.
    """

    left_mm: float
    right_mm: float
    bottom_mm: float
    left_px: float
    top_px: float
    px_per_mm: float
    top_mm: float = 0.0

    @classmethod
    def fitted(
        cls,
        extent_mm: tuple[float, float, float, float],
        view_px: tuple[float, float],
        margins_px: tuple[float, float, float, float],
    ) -> "PictureMap":
        """The largest picture of extent (left, right, top, bottom) inside the margins
        (left, top, right, bottom), centred between left and right."""
        left_mm, right_mm, top_mm, bottom_mm = extent_mm
        left, top, right, bottom = margins_px
        room_x = max(view_px[0] - left - right, 1.0)
        room_y = max(view_px[1] - top - bottom, 1.0)
        scale = min(room_x / (right_mm - left_mm), room_y / (bottom_mm - top_mm))
        left_px = left + (room_x - scale * (right_mm - left_mm)) / 2
        return cls(left_mm, right_mm, bottom_mm, left_px, top, scale, top_mm)

    def x_px(self, x_mm: float) -> float:
        return self.left_px + (x_mm - self.left_mm) * self.px_per_mm

    def z_px(self, z_mm: float) -> float:
        return self.top_px + (z_mm - self.top_mm) * self.px_per_mm

    def z_mm(self, y_px: float) -> float:
        return self.top_mm + (y_px - self.top_px) / self.px_per_mm

    @property
    def right_px(self) -> float:
        return self.x_px(self.right_mm)

    @property
    def face_px(self) -> float:
        """Height of the middle of the probe's face: depth 0."""
        return self.z_px(0.0)

    @property
    def bottom_px(self) -> float:
        return self.z_px(self.bottom_mm)

    def view_rect_mm(self, width_px: float, height_px: float) -> tuple[float, float, float, float]:
        """(left, top, width, height) in mm of a whole view of this size."""
        left = self.left_mm - self.left_px / self.px_per_mm
        top = self.top_mm - self.top_px / self.px_per_mm
        return left, top, width_px / self.px_per_mm, height_px / self.px_per_mm
