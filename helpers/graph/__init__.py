"""What autograd recorded, as plain data; needs PyTorch and nothing of the drawing.

The way of a tensor through this room:

- `trace` walks from the result to the leaves and reads every box and arrow into the
  plain records of `data`. On the way `inputs` finds out what each operation computed
  with, `watch` has kept the values in between if the learner asked for them, and
  `names` finds what the learner calls each tensor.
- `backward` walks back through the same functions, one by one, and writes onto every
  arrow what is sent along it.
- `fold` makes one box of a step that repeats many times.

`functions` is the only place that touches autograd's functions, with care: what is
touched, what must not be run. `depth` knows how deep a touched chain may be, and
`private` is the only place that asks torch what its public parts do not tell.
"""
