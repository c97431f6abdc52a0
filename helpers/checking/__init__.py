"""A guess or a function in, a verdict out.

The way of an answer through this room:

- `check` is the front; it finds the question.
- `guesses` judges a guess: `forms` reads how it is written, `answers` turns it into
  plain data and compares it with the truth, then with what each known mistake gives.
- `functions` judges a function: `trial` runs it on every case while `clues` notes what
  it does on the way and how it is written; `diagnosis` names the misconception, or
  `relations` the rule by which its numbers follow from the right ones, and `evidence`
  shows where it went another way.
- Where no listed mistake gives a wrong guess, `explain` looks for a belief about the
  walk that does: `rules` lists how autograd may be imagined, `machine` runs the
  question's own program on an autograd that is changed so, and `readings` are the other
  numbers of a run, that may be taken for the answer. Where no rule gives it either, nor
  two at once, `steps` tells the next step of the true walk.
- `sections` finds the section that treats what was named, for a link to it.
- `quiz` asks about the learner's own graph, and has the answers judged in the same way:
  `inquiry` finds what can be asked, and `form` is a field for answers in a live
  notebook.
- `progress` remembers tries and hints, `scoreboard` shows what is right so far.
"""
