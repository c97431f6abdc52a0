"""A guess or a function in, a verdict out.

The way of an answer through this room:

- `check` is the front; it finds the question.
- `guesses` judges a guess: `forms` reads how it is written, `answers` turns it into
  plain data and compares it with the truth, then with what each known mistake gives.
- `functions` judges a function: `trial` runs it on every case while `clues` notes what
  it does on the way and how it is written; `diagnosis` names the misconception, and
  `evidence` shows where it went another way.
- `progress` remembers tries and hints, `scoreboard` shows what is right so far.
"""
