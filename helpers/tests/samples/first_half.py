"""Answers to lessons 1 to 3, right and wrong."""

import torch

from .corpus import guess, right, wrong

# requires_grad/parameter


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def flags_first_scales_after(values, scale):
    return torch.tensor(values, dtype=torch.float32, requires_grad=True) * scale


@wrong("requires_grad/parameter", "INT-DTYPE")
def lets_torch_pick_the_dtype(values, scale):
    return torch.tensor([v * scale for v in values], requires_grad=True)


@wrong("requires_grad/parameter", "TYPO-ACCEPTED")
def misspells_the_flag(values, scale):
    p = torch.tensor(values, dtype=torch.float32) * scale
    p.require_grad = True
    return p


@wrong("requires_grad/parameter", "LEAF=REQUIRES-GRAD")
def retains_instead_of_leaf(values, scale):
    base = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    p = scale * base
    p.retain_grad()  # now it gets a .grad, so it is a leaf
    return p


@wrong("requires_grad/parameter", "UPDATE-IS-FREE")
def scales_the_leaf_in_place(values, scale):
    p = torch.tensor(values, dtype=torch.float32)
    p.requires_grad_(True)
    p *= scale
    return p


@wrong("requires_grad/parameter", "FORGOT-FLAG")
def loses_flag_under_no_grad(values, scale):
    p = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        p = p * scale
    return p


@right("requires_grad/parameter")
def scales_then_flags(values, scale):
    return (torch.tensor(values, dtype=torch.float32) * scale).requires_grad_()


@right("requires_grad/parameter")
def wraps_in_nn_parameter(values, scale):
    scaled = [float(v) * scale for v in values]
    return torch.nn.Parameter(torch.tensor(scaled, dtype=torch.float32))


@right("requires_grad/parameter")
def fills_an_empty_leaf(values, scale):
    p = torch.empty(len(values), dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        for i, v in enumerate(values):
            p[i] = v * scale
    return p


# requires_grad/used


@wrong("requires_grad/used", "FLAG=USED")
def asks_for_the_flag(f, values):
    ts = [torch.tensor(v, requires_grad=True) for v in values]
    f(*ts).backward()
    return [t.requires_grad for t in ts]


@wrong("requires_grad/used", "NONE-IS-ZERO")
def takes_truth_of_grad(f, values):
    a, b, c = (torch.tensor(v, requires_grad=True) for v in values)
    f(a, b, c).backward()
    return [bool(a.grad), bool(b.grad), bool(c.grad)]


@wrong("requires_grad/used", "NONE-IS-ZERO")
def packs_three_in_one_leaf(f, values):
    x = torch.tensor(values, requires_grad=True)
    f(x[0], x[1], x[2]).backward()
    return (x.grad != 0).tolist()


@wrong("requires_grad/used", "FINITE-DIFFERENCE")
def wiggles_each_input(f, values):
    base = f(*[torch.tensor(v) for v in values]).item()
    answer = []
    for i in range(3):
        moved = list(values)
        moved[i] += 0.1
        answer.append(f(*[torch.tensor(v) for v in moved]).item() != base)
    return answer


@wrong("requires_grad/used", "GRAD-STARTS-AT-ZERO")
def prefills_grad_with_zeros(f, values):
    ts = [torch.tensor(v, requires_grad=True) for v in values]
    for t in ts:
        t.grad = torch.zeros_like(t)
    f(*ts).backward()
    return [t.grad is not None for t in ts]


@wrong("requires_grad/used", "FORGOT-FLAG")
def walks_over_plain_tensors(f, values):
    inputs = list(map(torch.tensor, values))
    out = f(*inputs)
    out.backward()
    return [t.grad is not None for t in inputs]


@right("requires_grad/used")
def looks_for_none(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [leaf.grad is not None for leaf in leaves]


@right("requires_grad/used")
def asks_grad_with_allow_unused(f, values):
    x, y, z = torch.tensor(values, dtype=torch.float64).unbind()
    xs = tuple(t.clone().requires_grad_() for t in (x, y, z))
    slopes = torch.autograd.grad(f(*xs), xs, allow_unused=True)
    return [s is not None for s in slopes]


@right("requires_grad/used")
def rings_a_bell_by_hook(f, values):
    rang = [False, False, False]

    def bell(i):
        def ring(_):
            rang[i] = True

        return ring

    inputs = []
    for i, v in enumerate(values):
        t = torch.tensor(v, requires_grad=True)
        t.register_hook(bell(i))
        inputs.append(t)
    f(*inputs).backward()
    return rang


# backward/derivative


@wrong("backward/derivative", "INT-DTYPE")
def stays_in_single_precision(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    return x.grad.item()


@wrong("backward/derivative", "FINITE-DIFFERENCE")
def divides_small_differences(f, x0):
    h = 1e-6
    hi = torch.tensor(x0 + h, dtype=torch.float64)
    lo = torch.tensor(x0 - h, dtype=torch.float64)
    return ((f(hi) - f(lo)) / (2 * h)).item()


@wrong("backward/derivative", "BACKWARD-RETURNS")
def returns_the_walk(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    return f(x).backward()


@wrong("backward/derivative", "GRAD-ON-OUTPUT")
def reads_grad_of_y(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.retain_grad()  # without this: warning that y is not a leaf
    y.backward()
    return y.grad.item()


@wrong("backward/derivative", "FLAG-MAKES-LEAF")
def doubles_after_the_flag(f, x0):
    x = torch.tensor(x0, requires_grad=True).double()
    y = f(x)
    y.backward()
    return float(x.grad)


@wrong("backward/derivative", "NUMBERS-CARRY-GRAD")
def starts_from_the_bare_number(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(f(x).item(), requires_grad=True)
    y.backward()
    return x.grad.item()


@right("backward/derivative")
def walks_and_reads_leaf(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    return x.grad.item()


@right("backward/derivative")
def uses_functional_jacobian(f, x0):
    point = torch.full((), x0, dtype=torch.double)
    return float(torch.autograd.functional.jacobian(f, point))


@right("backward/derivative")
def asks_autograd_grad(f, x0):
    leaf = torch.zeros((), dtype=torch.float64).add_(x0).requires_grad_(True)
    (slope,) = torch.autograd.grad(outputs=f(leaf), inputs=[leaf])
    return slope.tolist()


# backward/second


@wrong("backward/second", "SECOND-OVERWRITES-FIRST")
def forgets_to_clear_the_first(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    x.grad.backward()
    return x.grad.item()


@wrong("backward/second", "FLAG-MAKES-GRAPH")
def flags_the_first_slope(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    slope = x.grad.clone().requires_grad_()
    x.grad = None
    slope.backward()
    return x.grad.item() if x.grad is not None else 0.0


@wrong("backward/second", "RETAIN-RECOMPUTES")
def walks_twice_over_y(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(retain_graph=True)
    y.backward()  # second backward = second derivative
    return x.grad.item()


@wrong("backward/second", "FINITE-DIFFERENCE")
def differences_the_slopes(f, x0, h=1e-5):
    def slope(at):
        x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        return torch.autograd.grad(f(x), x)[0].item()

    return (slope(x0 + h) - slope(x0 - h)) / (2 * h)


@wrong("backward/second", "TENSOR-KEEPS-GRAPH")
def repacks_the_slope(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    g = torch.tensor(g.item(), dtype=torch.float64, requires_grad=True)
    (h,) = torch.autograd.grad(g, x, allow_unused=True)
    return 0.0 if h is None else h.item()


@wrong("backward/second", "INT-DTYPE")
def casts_too_late(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    d1 = torch.autograd.grad(f(x), x, create_graph=True)[0]
    d2 = torch.autograd.grad(d1, x)[0]
    return d2.double().item()


@right("backward/second")
def grad_of_grad_or_zero(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (first,) = torch.autograd.grad(f(x), x, create_graph=True)
    if not first.requires_grad:
        return 0.0
    (second,) = torch.autograd.grad(first, x, allow_unused=True)
    return 0.0 if second is None else second.item()


@right("backward/second")
def takes_the_hessian(f, x0):
    at = torch.tensor(x0, dtype=torch.float64)
    return float(torch.autograd.functional.hessian(f, at))


@right("backward/second")
def nests_func_grad(f, x0):
    curve = torch.func.grad(torch.func.grad(f))
    return curve(torch.as_tensor(x0, dtype=torch.float64)).item()


# accumulation/descend


@wrong("accumulation/descend", "OVERWRITE")
def never_clears(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "REBIND")
def renames_every_turn(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        y = f(x)
        y.backward()
        x = x - rate * x.grad
    return x.item()


@wrong("accumulation/descend", "UPDATE-IS-FREE")
def steps_in_the_open(f, x0, rate, steps):
    w = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        loss = f(w)
        loss.backward()
        w -= rate * w.grad
        w.grad.zero_()
    return float(w)


@wrong("accumulation/descend", "ZEROED-TOO-EARLY")
def zeroes_before_the_step(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    i = 0
    while i < steps:
        f(x).backward()
        x.grad.zero_()
        with torch.no_grad():
            x.sub_(rate * x.grad)
        i += 1
    return x.item()


@wrong("accumulation/descend", "GRAD-IS-LIVE")
def walks_once_for_all(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    with torch.no_grad():
        for _ in range(steps):
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "ACCUMULATION-AVERAGES")
def multiplies_back_the_average(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for n in range(1, steps + 1):
        f(x).backward()
        x.data = x.data - rate * n * x.grad
    return x.item()


@right("accumulation/descend")
def clears_with_none(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@right("accumulation/descend")
def hires_an_optimizer(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    sgd = torch.optim.SGD([x], lr=rate)
    for _ in range(steps):
        sgd.zero_grad()
        f(x).backward()
        sgd.step()
    return float(x.detach())


@right("accumulation/descend")
def adds_through_data(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64).requires_grad_()
    for _ in range(steps):
        y = f(x)
        y.backward()
        x.data.add_(x.grad, alpha=-rate)
        x.grad.zero_()
    return x.tolist()


# accumulation/full_gradient


@wrong("accumulation/full_gradient", "EQUAL-BATCHES")
def averages_the_means(loss, w, batches):
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) / len(batches)).backward()
    return w.grad


@wrong("accumulation/full_gradient", "OVERWRITE")
def keeps_the_old_gradient(loss, w, batches):
    n = sum(len(y) for _, y in batches)
    for X, y in batches:
        part = loss(w, X, y) * len(y) / n
        part.backward()
    return w.grad


@wrong("accumulation/full_gradient", "SUM=MEAN")
def just_adds_them_up(loss, w, batches):
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
    return w.grad.clone()


@wrong("accumulation/full_gradient", "ALWAYS-ZERO-FIRST")
def clears_in_the_loop(loss, w, batches):
    rows = sum(X.shape[0] for X, _ in batches)
    for X, y in batches:
        w.grad = None
        (loss(w, X, y) * X.shape[0] / rows).backward()
    return w.grad


@wrong("accumulation/full_gradient", "GRAD-IS-A-SNAPSHOT")
def collects_one_tensor_often(loss, w, batches):
    total, grads = 0, []
    w.grad = torch.zeros_like(w)
    for X, y in batches:
        w.grad.zero_()
        (loss(w, X, y) * len(X)).backward()
        grads.append(w.grad)
        total += len(X)
    return sum(grads) / total


@wrong("accumulation/full_gradient", "GRAD-STARTS-AT-ZERO")
def zeroes_what_may_be_none(loss, w, batches):
    w.grad.zero_()
    count = 0
    for X, y in batches:
        count += len(X)
        (len(X) * loss(w, X, y)).backward()
    return w.grad / count


@right("accumulation/full_gradient")
def weighs_by_share_of_rows(loss, w, batches):
    n = sum(len(X) for X, _ in batches)
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) * (len(X) / n)).backward()
    return w.grad


@right("accumulation/full_gradient")
def sums_clean_copies(loss, w, batches):
    total, rows = torch.zeros_like(w), 0
    for X, y in batches:
        w.grad = None
        loss(w, X, y).backward()
        total = total + w.grad.clone() * y.shape[0]
        rows += y.shape[0]
    return total.detach() / rows


@right("accumulation/full_gradient")
def pushes_row_count_as_weight(loss, w, batches):
    if w.grad is not None:
        w.grad.zero_()
    sizes = [X.size(0) for X, _ in batches]
    for size, (X, y) in zip(sizes, batches, strict=True):
        value = loss(w, X, y)
        value.backward(gradient=torch.full_like(value, size))
    return w.grad.div(sum(sizes))


# predictions: requires_grad

guess("requires_grad/before", "NONE-IS-ZERO", [0.0, 0.0, 0.0, 0.0])
guess("requires_grad/before", "GRAD-IS-VALUE", [0.0, 1.0, 2.0, 3.0])
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", 0.0)
guess("requires_grad/before", None, None)

guess("requires_grad/late", "RETROACTIVE", 27.0)
guess("requires_grad/late", "FLAG-TOO-LATE", None)
guess("requires_grad/late", "LAST-DEFINED-ONLY", 6.0)
guess("requires_grad/late", None, torch.tensor(9))

guess("requires_grad/leaves", "LEAF=MADE-BY-ME", [True, True, False, False])
guess("requires_grad/leaves", "LEAF=REQUIRES-GRAD", [False, True, False, False])
guess("requires_grad/leaves", None, (1, 1, 0, 1))

# predictions: backward

guess("backward/factor", "GRAD-IS-VALUE", 75.0)
guess("backward/factor", "ONE-USE-ONLY", 15.0)
guess("backward/factor", "LAST-STEP-ONLY", 3.0)
guess("backward/factor", None, 30)

guess("backward/returns", "BACKWARD-RETURNS", 6.0)
guess("backward/returns", "GRAD-IS-VALUE", 9.0)
guess("backward/returns", "NONE-IS-ZERO", 0.0)
guess("backward/returns", None, None)

guess("backward/who", "GRAD-EVERYWHERE", [1.0, 2.0])
guess("backward/who", "NONE-IS-ZERO", [0.0, 0.0])
guess("backward/who", "OWN-VALUE", [3.0, 4.0])
guess("backward/who", None, None)

guess("backward/middle", "GRAD-IS-VALUE", 36.0)
guess("backward/middle", "LAST-DEFINED-ONLY", 2.0)
guess("backward/middle", None, torch.tensor(12.0, dtype=torch.float64))

guess("backward/live", "GRAD-IS-LIVE", 8.0)
guess("backward/live", "VALUE-IS-LIVE", 16.0)
guess("backward/live", "GRAD-IS-VALUE", 9.0)
guess("backward/live", None, 6)

# predictions: accumulation

guess("accumulation/used_twice", "ONE-USE-ONLY", 1.0)
guess("accumulation/used_twice", "GRAD-IS-VALUE", 6.0)
guess("accumulation/used_twice", "OWN-VALUE", 3.0)
guess("accumulation/used_twice", None, torch.tensor(2))

guess("accumulation/two_walks", "OVERWRITE", [1.0, 1.0, 1.0, 1.0])
guess("accumulation/two_walks", "FIRST-WINS", [0.0, 4.0, 8.0, 12.0])
guess("accumulation/two_walks", "ACCUMULATION-AVERAGES", [0.5, 2.5, 4.5, 6.5])
guess("accumulation/two_walks", None, (1, 5, 9, 13))

guess("accumulation/alias", "GRAD-IS-A-SNAPSHOT", 4.0)
guess("accumulation/alias", "NEW-TENSOR-EACH-BACKWARD", 0.0)
guess("accumulation/alias", "ZERO-IS-NOT-INPLACE", 16.0)
guess("accumulation/alias", None, 12)

guess("accumulation/retained", "RETAIN-RECOMPUTES", 6.0)
guess("accumulation/retained", "GRAD-IS-VALUE", 9.0)
guess("accumulation/retained", "SECOND-OVERWRITES-FIRST", 2.0)
guess("accumulation/retained", None, torch.tensor(12))

guess("accumulation/second_turn", "OVERWRITE", 1.5)
guess("accumulation/second_turn", "GRADIENT-FROZEN", 1.0)
guess("accumulation/second_turn", "ACCUMULATION-AVERAGES", 1.25)
guess("accumulation/second_turn", None, torch.tensor(0.5, dtype=torch.float64))

guess("accumulation/rebind", "REBIND", [True, True])
guess("accumulation/rebind", "LEAF=REQUIRES-GRAD", [False, False])
guess("accumulation/rebind", None, (False, True))
