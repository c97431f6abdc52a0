"""Answers to lessons 4 to 6, right and wrong."""

import math

import numpy as np
import torch

from .corpus import guess, right, wrong

# ---- vector/vjp -------------------------------------------------------------


@wrong("vector/vjp", "JVP-NOT-VJP")
def table_times_v(f, x, v):
    return torch.autograd.functional.jacobian(f, x) @ v


@wrong("vector/vjp", "WEIGHTS-IGNORED")
def plain_sum(f, x, v):
    x = x.clone().requires_grad_()
    f(x).sum().backward()
    return x.grad


@wrong("vector/vjp", "WEIGHTS-ON-THE-INPUTS")
def inputs_first(f, x, v):
    x = x.clone().requires_grad_()
    f(x * v).sum().backward()
    return x.grad


@wrong("vector/vjp", "ARGUMENT-IS-THE-POINT")
def walks_with_x(f, x, v):
    x = x.clone().requires_grad_()
    f(x).backward(x)
    return x.grad


@right("vector/vjp")
def by_func(f, x, v):
    return torch.func.vjp(f, x)[1](v)[0]


@right("vector/vjp")
def by_the_whole_table(f, x, v):
    return v @ torch.autograd.functional.jacobian(f, x)


# ---- vector/jacobian --------------------------------------------------------


@wrong("vector/jacobian", "JACOBIAN")
def one_walk_with_ones(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(torch.ones_like(y))
    return x.grad


@wrong("vector/jacobian", "JACOBIAN")
def no_weights_at_all(f, x):
    x = x.clone().requires_grad_()
    f(x).backward()
    return x.grad


@wrong("vector/jacobian", "GRAPH-FREED")
def row_after_row(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    return torch.stack([torch.autograd.grad(one, x)[0] for one in y])


@wrong("vector/jacobian", "TRANSPOSED")
def lying_on_its_side(f, x):
    return torch.autograd.functional.jacobian(f, x).t()


@right("vector/jacobian")
def forward_mode(f, x):
    return torch.func.jacfwd(f)(x)


@right("vector/jacobian")
def a_list_of_rows(f, x):
    x = x.clone().requires_grad_()
    return [torch.autograd.grad(f(x)[i], x)[0] for i in range(len(f(x)))]


# ---- vector/per_sample ------------------------------------------------------


@wrong("vector/per_sample", "OVERWRITE")
def rows_upon_rows(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        loss(w, x, y).backward()
        rows.append(w.grad.clone())
    return torch.stack(rows)


@wrong("vector/per_sample", "GRAD-IS-A-SNAPSHOT")
def the_last_row_everywhere(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        if w.grad is not None:
            w.grad.zero_()
        loss(w, x, y).backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "SUM")
def all_rows_in_one(loss, w, X, ys):
    sum(loss(w, x, y) for x, y in zip(X, ys, strict=True)).backward()
    return w.grad


@right("vector/per_sample")
def a_list_of_gradients(loss, w, X, ys):
    pairs = zip(X, ys, strict=True)
    return [torch.autograd.grad(loss(w, x, y), w)[0] for x, y in pairs]


# ---- detach/half_product ----------------------------------------------------


@wrong("detach/half_product", "DETACH-TOO-MUCH")
def nothing_recorded(f, g, x):
    with torch.no_grad():
        return (f(x) * g(x)).sum()


@wrong("detach/half_product", "NEW-LEAF")
def repacked(f, g, x):
    return torch.tensor((f(x) * g(x)).sum().item(), requires_grad=True)


@wrong("detach/half_product", "X-CHANGED")
def switched_off(f, g, x):
    u = f(x)
    x.requires_grad_(False)
    return (u * g(x)).sum()


@wrong("detach/half_product", "DETACH-IN-PLACE")
def cloned_instead(f, g, x):
    return (f(x) * g(x).clone()).sum()


@right("detach/half_product")
def under_no_grad(f, g, x):
    with torch.no_grad():
        u = g(x)
    return torch.dot(f(x), u)


@right("detach/half_product")
def through_data(f, g, x):
    return (f(x) * g(x.data)).sum()


# ---- detach/snapshot --------------------------------------------------------


@wrong("detach/snapshot", "DETACH-COPIES")
def data_alone(x):
    return x.data.numpy()


@wrong("detach/snapshot", "NUMPY-TRACKS")
def straight_to_numpy(x):
    return np.array(x)


@wrong("detach/snapshot", "NUMPY-TRACKS")
def numpy_then_copy(x):
    return x.numpy().copy()


@wrong("detach/snapshot", "NUMPY-COPIES")
def as_an_array(x):
    return np.asarray(x.detach())


@right("detach/snapshot")
def number_by_number(x):
    return np.array(x.tolist())


@right("detach/snapshot")
def copied_by_numpy(x):
    return x.detach().numpy().copy()


# ---- control_flow/slope -----------------------------------------------------


def doubled(a):
    b = a * 2
    while abs(b) < 1000:
        b *= 2
    return b if b > 0 else 100 * b


@wrong("control_flow/slope", "FLOATS-ARE-EXACT")
def quotient(a):
    return doubled(a) / a


@wrong("control_flow/slope", "FINITE-DIFFERENCE")
def small_steps(a, h=1e-5):
    return (doubled(a + h) - doubled(a - h)) / (2 * h)


@wrong("control_flow/slope", "BRANCH-IGNORED")
def powers_of_two_alone(a):
    n = 1
    while abs(a) * 2**n < 1000:
        n += 1
    return 2**n


@right("control_flow/slope")
def counted(a):
    n = 1
    while abs(a) * 2**n < 1000:
        n += 1
    return 2**n * (1 if a > 0 else 100)


# ---- control_flow/safe_sqrt -------------------------------------------------


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def chosen_afterwards(x):
    return torch.where(x <= 0, torch.zeros_like(x), torch.sqrt(x))


@wrong("control_flow/safe_sqrt", "VALUE")
def a_little_more(x):
    return torch.sqrt(torch.relu(x) + 1e-8)


@wrong("control_flow/safe_sqrt", "IF-IS-ELEMENTWISE")
def with_an_if(x):
    return x.sqrt() if x > 0 else 0


@wrong("control_flow/safe_sqrt", "NUMBERS-CARRY-GRAD")
def root_by_root(x):
    return torch.tensor([math.sqrt(v) if v > 0 else 0.0 for v in x.tolist()])


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def swept_up(x):
    return torch.nan_to_num(torch.sqrt(x))


@right("control_flow/safe_sqrt")
def one_by_one(x):
    return torch.stack([v.sqrt() if v > 0 else v * 0 for v in x])


@right("control_flow/safe_sqrt")
def into_a_mask(x):
    out, positive = torch.zeros_like(x), x > 0
    out[positive] = x[positive].sqrt()
    return out


@right("control_flow/safe_sqrt")
def through_relu(x):
    return torch.relu(x).sqrt()


# ---- guesses ----------------------------------------------------------------

guess("vector/weights", "WEIGHTS-IGNORED", [0, 2, 4, 6])
guess("vector/weights", "WEIGHTS-ARE-A-MASK", (0, 0, 4, 6))
guess("vector/weights", None, (0, 0, 8, 3))
guess("vector/argument", "GRADIENT-ARG-IS-A-NAME", [0, 2, 4, 6])
guess("vector/argument", None, torch.tensor([0, 2, 16, 54]))
guess("vector/one_row", "ONE-HOT-GIVES-A-COLUMN", [1, 5])
guess("vector/one_row", None, [0, 5])
guess("vector/mixed", "JVP-NOT-VJP", [12, 50])
guess("vector/mixed", None, np.array([2, 51]))
guess("detach/product", "DETACH-IS-A-COPY", [0, 3, 12, 27])
guess("detach/product", "DETACH-KILLS-THE-GRAPH", None)
guess("detach/product", None, (0, 1, 4, 9))
guess("detach/original", "DETACH-ACTS-ON-Y", [0, 0, 0, 0])
guess("detach/original", None, [0, 2, 4, 6])
guess("detach/edited", "DETACH-COPIES", [0, 2, 4, 6])
guess("detach/edited", None, [0, 20, 4, 6])
guess("detach/no_grad", "NO_GRAD-STILL-FLOWS", 48)
guess("detach/no_grad", None, 16)
guess("detach/running_total", "LOSS-IS-A-NUMBER", [True, True, False])
guess("detach/running_total", None, (True, True, True))
guess("control_flow/what_ran", "BRANCH-NOT-DIFFERENTIATED", 2048)
guess("control_flow/what_ran", "LOOP-BODY-ONCE", 200)
guess("control_flow/what_ran", None, 100 * 2**11)
guess("control_flow/predicate", "NONE-IS-ZERO", 0)
guess("control_flow/predicate", None, None)
guess("control_flow/loop_count", "SYMBOLIC", 18.94)
guess("control_flow/loop_count", None, 5)
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", 0)
guess("control_flow/not_chosen", None, math.nan)
