"""For authors and teachers, and for the tests: never loaded by a learner.

- `notebook` is a notebook as data: read, tidied, written. `execute` runs one in a fresh
  kernel, offline; `refresh` does both and stores the result. `kernels` starts these
  kernels: forks of `warm`, a process that has imported all and does nothing else.
- `rules` says what every notebook keeps; `numbers` finds the numbers that sentences
  claim and `links` where links lead, for two of these rules.
- `spoilers` finds what tells an answer before the guess, in any of the `spellings`;
  `follow` knows which cells show what a question's program makes.
- `outputs` says what cells show and where two showings differ; `plugin` makes plain
  `pytest --nbval` strict with it, and `report` is the table at the end of a run.
- `new` begins a notebook and all that leads to it; `scaffold` is what it then holds.
- `editions` keeps English and Chinese in step, `questions` lessons and notebooks;
  `publish` points a copy of the course at its place on GitHub, and `command` is what
  these commands share.
"""
