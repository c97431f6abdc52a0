"""Geometry of drawings, for laws: areas are left, top, right and bottom."""

import numpy as np

ROUNDING = 1e-6  # points


def rectangle(x, y, width, height):
    """Return the area around a middle."""
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def distance(one, other):
    """Return how far two areas are apart, sideways or up; below 0 if they overlap."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down)


def samples(path, steps=40):
    """Return points along a Bézier path, both ends of every segment included."""
    controls = np.array([path[k : k + 4] for k in range(0, len(path) - 1, 3)])
    t = np.linspace(0, 1, steps + 1)[:, None, None]
    shares = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    placed = sum(share * controls[:, k] for k, share in enumerate(shares))
    return placed.swapaxes(0, 1).reshape(-1, 2)


def enters(points, area):
    """Tell whether some points lie truly inside an area."""
    x, y = points.T
    left, top, right, bottom = area
    across = (left + ROUNDING < x) & (x < right - ROUNDING)
    return bool((across & (top + ROUNDING < y) & (y < bottom - ROUNDING)).any())
