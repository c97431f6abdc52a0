"""The look of every picture: all its colours and sizes, and nothing else."""

WHITE = "#ffffff"
FILL = {  # of a box: what it stands for, or where the walk is now
    "constant": WHITE,
    "leaf": "#d6e6fb",
    "root": "#d9f2d4",
    "op": "#f0f0f0",
    "now": "#fff3b0",
}
INK, DARK, RED, GREY = INKS = "#1a1a1a", "#3a3a3a", "#b00020", "#6b6b6b"
LIGHTEST = GREY, RED  # ink of each hue

# Paper, in points where nothing else is said.
DPI = 200  # twice what a screen shows
WIDEST_SHOWN = 1000  # pixels of a screen; a wider picture is scaled down
MARGIN = 6.0
PAPER = 0.72 * WIDEST_SHOWN - 2 * MARGIN  # a drawing that fits is not scaled
WIDEST = 660.0  # of a row of frames: about what a notebook's column shows
NOTE_WIDEST = 430.0
FRAME_GAP = 22.0
CURVE_WIDTH, TANGENT_HEIGHT, SLOPES_HEIGHT = 6.4, 3.8, 4.6  # inches
MAP_HEIGHT, PIXELS_HEIGHT = 4.0, 2.2

# Words, in points.
SIZE, SMALL, NOTE = 9.0, 8.0, 8.5
CUT = 15.0  # scissors
LINE = 13.0  # from one line of a box to the next

# Boxes and arrows, in points.
THIN, HEAVY = 0.9, 1.6
DASHES = 2.7, 1.8
# Usual distances: of two boxes, of two links or labels, of a row of boxes and its row
# of labels; where links go far sideways, the last may grow so many times.
BOX_GAP, LINE_GAP, ROW_GAP, TALLEST_GAP = 14.0, 8.0, 11.0, 3
LABEL_HEIGHT = 11.0
PORT_GAP, CORNER = 8.0, 6.0  # arrows' heads are so far apart, and from a box's corners
FRAME_PAD, TITLE = 16.0, 17.0  # of an opened module: around what is in it, its title
HEAD = 8.0  # a link falls straight at its end, to carry an arrow's head
