"""Where millimetres lie on the screen: one scale for both axes, the whole picture in view."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PictureMap:
    """Maps mm in the probe frame (x to the right, z down) to pixels of the view.

    (`left_px`, `top_px`) is the picture's top left corner, at x = `left_mm`, z = `top_mm`: 0, or
    less where the face is convex and deepest in the middle. `flipped` has the picture's left edge
    on the right of the screen; `left_px` stays the left on the screen.
    """

    left_mm: float
    right_mm: float
    bottom_mm: float
    left_px: float
    top_px: float
    px_per_mm: float
    top_mm: float = 0.0
    flipped: bool = False

    @classmethod
    def fitted(
        cls,
        extent_mm: tuple[float, float, float, float],
        view_px: tuple[float, float],
        margins_px: tuple[float, float, float, float],
        *,
        flipped: bool = False,
    ) -> "PictureMap":
        """The largest picture of extent (left, right, top, bottom) inside the margins
        (left, top, right, bottom), centred between left and right."""
        left_mm, right_mm, top_mm, bottom_mm = extent_mm
        left, top, right, bottom = margins_px
        room_x = max(view_px[0] - left - right, 1.0)
        room_y = max(view_px[1] - top - bottom, 1.0)
        scale = min(room_x / (right_mm - left_mm), room_y / (bottom_mm - top_mm))
        left_px = left + (room_x - scale * (right_mm - left_mm)) / 2
        return cls(left_mm, right_mm, bottom_mm, left_px, top, scale, top_mm, flipped)

    @classmethod
    def side_by_side(
        cls,
        first_mm: tuple[float, float, float, float],
        second_mm: tuple[float, float, float, float],
        view_px: tuple[float, float],
        margins_px: tuple[float, float, float, float],
        *,
        flipped: bool = False,
    ) -> tuple["PictureMap", "PictureMap"]:
        """Two pictures beside each other with as many pixels per mm, and the same depths at the
        same heights; extents and margins as for `fitted`."""
        left, top, right, bottom = margins_px
        gap = 0.3 * left
        room_x = max(view_px[0] - left - right - gap, 2.0)
        room_y = max(view_px[1] - top - bottom, 1.0)
        top_mm = min(first_mm[2], second_mm[2])
        wide = [extent[1] - extent[0] for extent in (first_mm, second_mm)]
        scale = min(room_x / sum(wide), room_y / (max(first_mm[3], second_mm[3]) - top_mm))
        x_px = left + (room_x - scale * sum(wide)) / 2
        places = []
        for left_px, (left_mm, right_mm, above_mm, bottom_mm) in zip(
            (x_px, x_px + scale * wide[0] + gap), (first_mm, second_mm), strict=True
        ):
            top_px = top + scale * (above_mm - top_mm)
            places.append(
                cls(left_mm, right_mm, bottom_mm, left_px, top_px, scale, above_mm, flipped)
            )
        return places[0], places[1]

    def x_px(self, x_mm: float) -> float:
        from_left = self.right_mm - x_mm if self.flipped else x_mm - self.left_mm
        return self.left_px + from_left * self.px_per_mm

    def x_mm(self, x_px: float) -> float:
        from_left = (x_px - self.left_px) / self.px_per_mm
        return self.right_mm - from_left if self.flipped else self.left_mm + from_left

    @property
    def to_right(self) -> int:
        """1 where x grows to the right of the screen, -1 where it is flipped."""
        return -1 if self.flipped else 1

    def z_px(self, z_mm: float) -> float:
        return self.top_px + (z_mm - self.top_mm) * self.px_per_mm

    def z_mm(self, y_px: float) -> float:
        return self.top_mm + (y_px - self.top_px) / self.px_per_mm

    @property
    def right_px(self) -> float:
        return self.left_px + (self.right_mm - self.left_mm) * self.px_per_mm

    @property
    def face_px(self) -> float:
        """Height of the middle of the probe's face: depth 0."""
        return self.z_px(0.0)

    @property
    def bottom_px(self) -> float:
        return self.z_px(self.bottom_mm)
