"""What autograd recorded, as plain data; needs PyTorch and nothing of the drawing.

`trace` walks from the result to the leaves and reads every box and arrow into the plain
records of `data`: `inputs` finds out what each operation computed with, `watch` has
kept the values in between if the learner asked for them, and `names` finds what the
learner calls each tensor. `backward` walks back through the same functions and writes
onto every arrow what is sent along it, and `summary` counts what a picture has no room
for. While `watch` runs, `listener` hears each call and writes it into the `journal`, in
small records that also tell where values left the graph, and `flow` measures what a
walk sends. `fold` makes one box of a step that repeats. `calls` knows which module is
running, `modules` which operations ran in which, and `contract` makes one box of each
call. `parameters` reads how large the gradients of a model are.

`functions` touches autograd's functions with care, `depth` knows how many may be
touched, and `private` alone asks torch what its public parts do not tell. `engines`
reads the same from objects of an engine of the learner's own.
"""
