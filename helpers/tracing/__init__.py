"""Where a gradient was lost, in the learner's own code, also beyond the graph.

`why` is the front: it checks what came, asks `diagnosis`, and puts what was found into
an `answer`; `road` draws the way from the tensor to where it ends.

- `question` holds what is asked about. `present` says what is odd about a gradient that
  is there, `absent` why there is none, `walks` why a walk failed, and `problems` reads
  an exception.
- `history` asks the journal of `graph` what came of what, `cutting` where a road ends;
  `segments` follows a number that has left torch by the names it is bound to; `flows`
  finds where what comes back became 0 or nan, and `modules` layers nobody registered.
- `causes` has what is said of each cause, with its cure; of a cut `cuts`, of what has
  to do with a walk `sentences`.
"""
