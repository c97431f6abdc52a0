"""Plain data as a picture, and in words; needs matplotlib.

The way of a graph through this room:

- `show` is the front: show_graph and show_backward. `arguments` checks what came, and
  says in one sentence what is wrong with it.
- `layout` gives every box a place, and `nest` every frame around an opened module;
  `scene` says what is written where, `shapes` turns that into outlines, and `png` or
  `svg` paints them; `fonts` has the outline of every character, `theme` every colour
  and size.
- `text` says the same in words, and `picture` holds both.
- `player` puts pictures under a slider, for a live kernel.
- `curves` draws a function with its tangent or its slopes, which `sampling` finds;
  `descent` draws what a descent leaves: a path on a map, numbers over turns, pixels;
  `gradients` draws a bar for each parameter of a model.
"""
