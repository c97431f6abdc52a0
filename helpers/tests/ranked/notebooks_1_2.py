"""Answers to notebooks 1 and 2, written from the pages and the catalogue alone."""

import numpy as np
import torch

from .corpus import guess, right, wrong

# --- requires_grad/before ----------------------------------------------------

guess("requires_grad/before", None, None)
guess("requires_grad/before", None, torch.zeros(4).grad)
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", [0, 0, 0, 0])
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", torch.zeros(4))
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", 0.0)
guess("requires_grad/before", "GRAD-IS-VALUE", [0, 1, 2, 3])
guess("requires_grad/before", "GRAD-IS-VALUE", 28)
guess("requires_grad/before", "RETROACTIVE", [0, 4, 8, 12])

# --- requires_grad/late ------------------------------------------------------

guess("requires_grad/late", None, 9)
guess("requires_grad/late", None, torch.tensor(9.0))
guess("requires_grad/late", "RETROACTIVE", 27)
guess("requires_grad/late", "LAST-DEFINED-ONLY", 6.0)
guess("requires_grad/late", "FLAG-TOO-LATE", None)
guess("requires_grad/late", "OWN-VALUE", 3)
guess("requires_grad/late", "ONE-PATH-ONLY", 18)
guess("requires_grad/late", "LATE-FLAG-RAISES", "error")

# --- requires_grad/leaves ----------------------------------------------------

guess("requires_grad/leaves", None, [True, True, False, True])
guess("requires_grad/leaves", None, torch.tensor([True, True, False, True]))
guess("requires_grad/leaves", "LEAF=MADE-BY-ME", [True, True, False, False])
guess("requires_grad/leaves", "LEAF=MADE-BY-ME", [1, 1, 0, 0])
guess("requires_grad/leaves", "LEAF=REQUIRES-GRAD", [False, True, False, False])
guess("requires_grad/leaves", "LEAF=REQUIRES-GRAD", [False, True, True, False])
guess("requires_grad/leaves", "FLAG-MAKES-LEAF", [True, True, True, False])

# --- backward/factor ---------------------------------------------------------

guess("backward/factor", None, 30)
guess("backward/factor", None, torch.tensor(30.0))
guess("backward/factor", "ONE-USE-ONLY", 15)
guess("backward/factor", "GRAD-IS-VALUE", 75.0)
guess("backward/factor", "LAST-STEP-ONLY", 3)
guess("backward/factor", "GRAD-ON-OUTPUT", None)
guess("backward/factor", "FINITE-DIFFERENCE", 33)

# --- backward/returns --------------------------------------------------------

guess("backward/returns", None, None)
guess("backward/returns", None, torch.tensor(3.0).grad)
guess("backward/returns", "BACKWARD-RETURNS", 6)
guess("backward/returns", "BACKWARD-RETURNS", torch.tensor(6.0))
guess("backward/returns", "GRAD-IS-VALUE", 9.0)
guess("backward/returns", "ONE-USE-ONLY", 3)
guess("backward/returns", "NONE-IS-ZERO", 0)

# --- backward/who ------------------------------------------------------------

guess("backward/who", None, None)
guess("backward/who", None, torch.tensor([3.0, 4.0]).grad)
guess("backward/who", "GRAD-EVERYWHERE", [1, 2])
guess("backward/who", "NONE-IS-ZERO", [0.0, 0.0])
guess("backward/who", "NONE-IS-ZERO", 0)
guess("backward/who", "OWN-VALUE", torch.tensor([3.0, 4.0]))
guess("backward/who", "GRAD-IS-VALUE", 11)
guess("backward/who", "ALL-INPUTS-MUST-REQUIRE", "RuntimeError")

# --- backward/middle ---------------------------------------------------------

guess("backward/middle", None, 12)
guess("backward/middle", None, torch.tensor(12.0))
guess("backward/middle", "GRAD-ON-OUTPUT", 2)
guess("backward/middle", "GRAD-IS-VALUE", 36.0)
guess("backward/middle", "NONE-IS-ZERO", 0.0)
guess("backward/middle", "FINITE-DIFFERENCE", 13)

# --- backward/live -----------------------------------------------------------

guess("backward/live", None, 6)
guess("backward/live", None, torch.tensor(6.0))
guess("backward/live", "SPREADSHEET", 8)
guess("backward/live", "GRAD-IS-VALUE", 9)
guess("backward/live", "FINITE-DIFFERENCE", 7.0)
guess("backward/live", "NO-INPLACE-EVER", "error")

# --- requires_grad/parameter -------------------------------------------------


@right("requires_grad/parameter")
def parameter_list_first(values, scale):
    return torch.tensor(
        [float(v * scale) for v in values], dtype=torch.float32, requires_grad=True
    )


@right("requires_grad/parameter")
def parameter_nn(values, scale):
    data = torch.as_tensor(values, dtype=torch.float32).mul(scale)
    return torch.nn.Parameter(data)


@right("requires_grad/parameter")
def parameter_scaled_in_place(values, scale):
    w = torch.zeros(len(values), requires_grad=True)
    with torch.no_grad():
        for i, value in enumerate(values):
            w[i] = value
        w *= scale
    return w


@right("requires_grad/parameter")
def parameter_detached(values, scale):
    tracked = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    return (scale * tracked).detach().requires_grad_(True)


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def parameter_chain(values, scale):
    return torch.FloatTensor(values).requires_grad_().mul(scale)


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def parameter_stacked(values, scale):
    entries = []
    for v in values:
        entries.append(torch.tensor(float(v) * scale, requires_grad=True))
    return torch.stack(entries)


@wrong("requires_grad/parameter", "INT-DTYPE")
def parameter_no_dtype(values, scale):
    w = torch.tensor(values, requires_grad=True)
    with torch.no_grad():
        w.mul_(scale)
    return w


@wrong("requires_grad/parameter", "INT-DTYPE")
def parameter_filled(values, scale):
    w = torch.arange(len(values))
    for i in range(len(values)):
        w[i] = values[i] * scale
    w.requires_grad = True
    return w


@wrong("requires_grad/parameter", "TYPO-ACCEPTED")
def parameter_typo(values, scale):
    numbers = [scale * v for v in values]
    w = torch.tensor(numbers, dtype=torch.float32)
    w.require_grads = True
    return w


@wrong("requires_grad/parameter", "TYPO-ACCEPTED")
def parameter_not_called(values, scale):
    w = torch.tensor(values).float() * scale
    w.requires_grad_
    return w


@wrong("requires_grad/parameter", "FORGOT-FLAG")
def parameter_plain(values, scale):
    return scale * torch.tensor([float(v) for v in values])


@wrong("requires_grad/parameter", "UPDATE-IS-FREE")
def parameter_item_by_item(values, scale):
    w = torch.zeros(len(values), dtype=torch.float32, requires_grad=True)
    for i, v in enumerate(values):
        w[i] = v * scale
    return w


@wrong("requires_grad/parameter", "REBIND")
def parameter_rebound(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        w = w * scale
    return w


@wrong("requires_grad/parameter", "TENSOR-KEEPS-GRAPH")
def parameter_copied(values, scale):
    raw = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    return torch.tensor(raw * scale)


@wrong("requires_grad/parameter", "NUMBERS-CARRY-GRAD")
def parameter_items(values, scale):
    tracked = torch.tensor([float(v) for v in values], requires_grad=True)
    scaled = [t.item() * scale for t in tracked]
    return torch.tensor(scaled, dtype=torch.float32)


@wrong("requires_grad/parameter", "NO_GRAD-IS-A-SWITCH")
def parameter_switch(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    torch.no_grad()
    w *= scale
    return w


@wrong("requires_grad/parameter", "NUMPY-TRACKS")
def parameter_through_numpy(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    array = np.multiply(w.numpy(), scale)
    return torch.from_numpy(array)


@wrong("requires_grad/parameter", "GRAD-STARTS-AT-ZERO")
def parameter_fresh_grad(values, scale):
    w = torch.tensor([v * scale for v in values], dtype=torch.float32)
    w.requires_grad_(True)
    w.grad.zero_()  # start clean
    return w


# --- requires_grad/used ------------------------------------------------------


@right("requires_grad/used")
def used_functional(f, values):
    inputs = tuple(torch.tensor(v, requires_grad=True) for v in values)
    grads = torch.autograd.grad(f(*inputs), inputs, allow_unused=True)
    return [g is not None for g in grads]


@right("requires_grad/used")
def used_hooks(f, values):
    seen = [False, False, False]

    def note(i):
        def hook(grad):
            seen[i] = True

        return hook

    a, b, c = (torch.tensor(v).requires_grad_() for v in values)
    for i, t in enumerate((a, b, c)):
        t.register_hook(note(i))
    f(a, b, c).backward()
    return seen


@right("requires_grad/used")
def used_one_flag_at_a_time(f, values):
    answer = []
    for i in range(len(values)):
        ts = [torch.tensor(v, requires_grad=(i == j)) for j, v in enumerate(values)]
        out = f(*ts)
        if out.requires_grad:
            out.backward()
        answer.append(isinstance(ts[i].grad, torch.Tensor))
    return answer


@right("requires_grad/used")
def used_spelled_out(f, values):
    a = torch.tensor(values[0], dtype=torch.float64, requires_grad=True)
    b = torch.tensor(values[1], dtype=torch.float64, requires_grad=True)
    c = torch.tensor(values[2], dtype=torch.float64, requires_grad=True)
    y = f(a, b, c)
    y.backward()
    flags = []
    for t in [a, b, c]:
        if t.grad is None:
            flags.append(False)
        else:
            flags.append(True)
    return flags


@wrong("requires_grad/used", "NONE-IS-ZERO")
def used_nonzero(f, values):
    a, b, c = [torch.tensor(v, requires_grad=True) for v in values]
    f(a, b, c).backward()
    result = []
    for t in (a, b, c):
        slope = t.grad if t.grad is not None else torch.tensor(0.0)
        result.append(slope.item() != 0)
    return result


@wrong("requires_grad/used", "NONE-IS-ZERO")
def used_vector(f, values):
    x = torch.tensor(values, requires_grad=True)
    f(x[0], x[1], x[2]).backward()
    return (x.grad != 0).tolist()


@wrong("requires_grad/used", "NONE-IS-ZERO")
def used_compare(f, values):
    ts = [torch.tensor(v, requires_grad=True) for v in values]
    f(*ts).backward()
    grads = [t.grad.item() for t in ts]
    return [g != 0.0 for g in grads]


@wrong("requires_grad/used", "FLAG=USED")
def used_flag(f, values):
    leaves = []
    for v in values:
        leaf = torch.tensor(v)
        leaf.requires_grad_()
        leaves.append(leaf)
    y = f(*leaves)
    y.backward()
    return [leaf.is_leaf and leaf.requires_grad for leaf in leaves]


@wrong("requires_grad/used", "GRAD-STARTS-AT-ZERO")
def used_zero_first(f, values):
    ts = [torch.tensor(v, requires_grad=True) for v in values]
    for t in ts:
        t.grad.zero_()
    f(*ts).backward()
    return [t.grad is not None for t in ts]


@wrong("requires_grad/used", "FLAG-MAKES-GRAPH")
def used_flag_on_result(f, values):
    a, b, c = map(torch.tensor, values)
    y = f(a, b, c)
    y.requires_grad_(True)
    y.backward()
    return [a.grad is not None, b.grad is not None, c.grad is not None]


@wrong("requires_grad/used", "RETROACTIVE")
def used_late(f, values):
    ts = [torch.tensor(v) for v in values]
    y = f(*ts)
    for t in ts:
        t.requires_grad_()
    y.backward()
    return [t.grad is not None for t in ts]


@wrong("requires_grad/used", "TYPO-ACCEPTED")
def used_not_called(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    result = f(*leaves)
    result.backward
    return [leaf.grad is not None for leaf in leaves]


@wrong("requires_grad/used", "NUMBERS-CARRY-GRAD")
def used_numbers(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    numbers = [leaf.item() for leaf in leaves]
    f(*[torch.tensor(n) for n in numbers]).backward()
    return [leaf.grad is not None for leaf in leaves]


@wrong("requires_grad/used", "TENSOR-KEEPS-GRAPH")
def used_wrapped(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    out = torch.tensor([f(*leaves)])
    out.sum().backward()
    return [leaf.grad is not None for leaf in leaves]


@wrong("requires_grad/used", "FLAG-MAKES-LEAF")
def used_unpacked(f, values):
    a, b, c = torch.tensor(values, requires_grad=True)
    f(a, b, c).backward()
    return [t.grad is not None for t in (a, b, c)]


@wrong("requires_grad/used", "BACKWARD-RETURNS")
def used_returned(f, values):
    ts = [torch.tensor(v, requires_grad=True) for v in values]
    ga, gb, gc = f(*ts).backward()
    return [ga is not None, gb is not None, gc is not None]


@wrong("requires_grad/used", "GRAD-ON-OUTPUT")
def used_output(f, values):
    answer = []
    for i in range(3):
        inputs = [torch.tensor(v) for v in values]
        inputs[i].requires_grad_()
        out = f(*inputs)
        if out.requires_grad:
            out.backward()
        answer.append(out.grad is not None)
    return answer


@wrong("requires_grad/used", "GRAPH-FREED")
def used_one_by_one(f, values):
    ts = [torch.tensor(v, requires_grad=True) for v in values]
    y = f(*ts)
    found = []
    for t in ts:
        (g,) = torch.autograd.grad(y, t, allow_unused=True)
        found.append(g is not None)
    return found


# --- backward/derivative -----------------------------------------------------


@right("backward/derivative")
def derivative_grad(f, x0):
    x = torch.tensor(x0, dtype=torch.double).requires_grad_()
    return torch.autograd.grad(f(x), x)[0].item()


@right("backward/derivative")
def derivative_func(f, x0):
    slope = torch.func.grad(f)
    return float(slope(torch.tensor(x0, dtype=torch.float64)))


@right("backward/derivative")
def derivative_dual(f, x0):
    import torch.autograd.forward_ad as fwad

    one = torch.ones((), dtype=torch.float64)
    with fwad.dual_level():
        x = fwad.make_dual(torch.tensor(x0, dtype=torch.float64), one)
        return fwad.unpack_dual(f(x)).tangent.item()


@right("backward/derivative")
def derivative_vector(f, x0):
    x = torch.full((1,), x0, dtype=torch.float64)
    x.requires_grad = True
    y = f(x[0])
    torch.autograd.backward(y)
    return x.grad.tolist()[0]


@wrong("backward/derivative", "BACKWARD-RETURNS")
def derivative_returned(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    slope = y.backward()
    return slope


@wrong("backward/derivative", "GRAD-ON-OUTPUT")
def derivative_output(f, x0):
    x = torch.tensor([x0], dtype=torch.float64, requires_grad=True)
    y = f(x).sum()
    y.backward()
    return float(y.grad)


@wrong("backward/derivative", "GRAD-ON-OUTPUT")
def derivative_output_kept(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.retain_grad()
    y.backward()
    return y.grad.item()


@wrong("backward/derivative", "NUMBERS-CARRY-GRAD")
def derivative_number(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x).item()
    (slope,) = torch.autograd.grad(y, x)
    return slope.item()


@wrong("backward/derivative", "TENSOR-KEEPS-GRAPH")
def derivative_wrapped(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(f(x), dtype=torch.float64)
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "FINITE-DIFFERENCE")
def derivative_tried(f, x0):
    h = 1e-6
    before = f(torch.tensor(x0 - h, dtype=torch.float64))
    after = f(torch.tensor(x0 + h, dtype=torch.float64))
    return float(after - before) / (2 * h)


@wrong("backward/derivative", "RETROACTIVE")
def derivative_late(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    y = f(x)
    x.requires_grad = True
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "FLAG-MAKES-GRAPH")
def derivative_flagged_result(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    y = f(x)
    if not y.requires_grad:
        y.requires_grad_(True)
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "FLAG-MAKES-LEAF")
def derivative_converted(f, x0):
    x = torch.tensor(x0, requires_grad=True).to(torch.float64)
    f(x).backward()
    return x.grad.item()


@wrong("backward/derivative", "TYPO-ACCEPTED")
def derivative_not_called(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward
    return x.grad.item()


@wrong("backward/derivative", "GRADIENT-ARG-IS-A-NAME")
def derivative_with_respect_to(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(x)
    return x.grad.item()


@wrong("backward/derivative", "GRAPH-FREED")
def derivative_cross_checked(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    (again,) = torch.autograd.grad(y, x)
    assert torch.equal(again, x.grad)
    return again.item()


@wrong("backward/derivative", "UPDATE-IS-FREE")
def derivative_shifted(f, x0):
    x = torch.zeros((), dtype=torch.float64, requires_grad=True)
    x += x0
    f(x).backward()
    return x.grad.item()


@wrong("backward/derivative", "NO_GRAD-STILL-FLOWS")
def derivative_quiet(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        y = f(x)
    y.backward()
    return x.grad.item()


# --- backward/second ---------------------------------------------------------


@right("backward/second")
def second_func(f, x0):
    bend = torch.func.grad(torch.func.grad(f))
    return bend(torch.tensor(x0, dtype=torch.float64)).item()


@right("backward/second")
def second_hessian(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    return float(torch.autograd.functional.hessian(f, x))


@right("backward/second")
def second_cleared(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    slope, x.grad = x.grad, None
    slope.backward()
    return x.grad.item()


@right("backward/second")
def second_backward_of_slope(f, x0):
    leaf = torch.tensor(x0, dtype=torch.double)
    leaf.requires_grad_()
    y = f(leaf)
    slope = torch.autograd.grad(y, [leaf], create_graph=True)[0]
    slope.backward()
    return float(leaf.grad)


@wrong("backward/second", "FORGOT-FLAG")
def second_unrecorded(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    first = torch.autograd.grad(f(x), x)[0]
    second = torch.autograd.grad(first, x)[0]
    return second.item()


@wrong("backward/second", "FLAG-MAKES-GRAPH")
def second_flagged_slope(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    slope = x.grad.clone()
    slope.requires_grad_(True)
    x.grad = None
    slope.backward()
    return x.grad.item()


@wrong("backward/second", "SECOND-OVERWRITES-FIRST")
def second_in_place(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(create_graph=True)
    x.grad.backward()
    return x.grad.item()


@wrong("backward/second", "OVERWRITE")
def second_after_a_look(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    first = x.grad.item()
    assert isinstance(first, float)
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    slope.backward()
    return x.grad.item()


@wrong("backward/second", "GRAD-IS-A-SNAPSHOT")
def second_difference(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    first = x.grad
    first.backward()
    total = x.grad
    return (total - first).item()


@wrong("backward/second", "BACKWARD-RETURNS")
def second_returned(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = f(x).backward(create_graph=True)
    (bend,) = torch.autograd.grad(slope, x)
    return bend.item()


@wrong("backward/second", "GRAD-ON-OUTPUT")
def second_on_slope(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    slope.retain_grad()
    slope.backward()
    return slope.grad.item()


@wrong("backward/second", "GRAPH-FREED")
def second_two_walks(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    x.grad = None
    (slope,) = torch.autograd.grad(y, x, create_graph=True)
    slope.backward()
    return x.grad.item()


@wrong("backward/second", "RETAIN-RECOMPUTES")
def second_retained(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(retain_graph=True)
    y.backward()
    return x.grad.item()


@wrong("backward/second", "NUMBERS-CARRY-GRAD")
def second_of_numbers(f, x0):
    def first(t):
        (g,) = torch.autograd.grad(f(t), t, create_graph=True)
        return g.item()

    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = first(x)
    (bend,) = torch.autograd.grad(slope, x)
    return bend.item()


@wrong("backward/second", "TENSOR-KEEPS-GRAPH")
def second_wrapped(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = torch.tensor(torch.autograd.grad(f(x), x, create_graph=True))
    return torch.autograd.grad(slope.sum(), x)[0].item()


@wrong("backward/second", "FINITE-DIFFERENCE")
def second_tried(f, x0):
    def slope(at):
        x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        f(x).backward()
        return x.grad.item()

    h = 1e-5
    return (slope(x0 + h) - slope(x0 - h)) / (2 * h)


@wrong("backward/second", "FLAG-MAKES-LEAF")
def second_squeezed(f, x0):
    x = torch.tensor([x0], dtype=torch.float64, requires_grad=True).squeeze()
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    slope.backward()
    return x.grad.item()


@wrong("backward/second", "GRADIENT-ARG-IS-A-NAME")
def second_with_respect_to(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    slope.backward(x)
    return x.grad.item()
