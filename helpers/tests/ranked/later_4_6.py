"""Collect answers to the notebooks on vectors, on detach and on control flow."""

import math

import numpy as np
import torch

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- vector: guesses

guess("vector/weights", None, [0, 0, 8, 3])
guess("vector/weights", "WEIGHTS-IGNORED", [0, 2, 4, 6])
guess("vector/weights", "WEIGHTS-ARE-A-MASK", [0.0, 0.0, 4.0, 6.0])
guess("vector/weights", "WEIGHTS-TIMES-VALUE", [0, 0, 8, 4.5])
guess("vector/weights", "ARGUMENT-IS-THE-POINT", [2, 0, 4, 1])
guess("vector/weights", "ONE-USE-ONLY", torch.tensor([0.0, 0.0, 4.0, 1.5]))

guess("vector/argument", None, torch.tensor([0.0, 2.0, 16.0, 54.0]))
guess("vector/argument", "GRADIENT-ARG-IS-A-NAME", [0, 2, 4, 6])
guess("vector/argument", "ARGUMENT-IS-THE-POINT", [0, 2, 8, 18])
guess("vector/argument", "DIFFERENTIATES-Y-SQUARED", [0, 4, 32, 108])
guess("vector/argument", "WEIGHTS-TIMES-VALUE", (0, 1, 16, 81))
guess("vector/argument", "SUM=MEAN", [0, 0.5, 1, 1.5])

guess("vector/one_row", None, (0, 5))
guess("vector/one_row", "WEIGHTS-IGNORED", [2, 6])
guess("vector/one_row", "JVP-NOT-VJP", [1, 5])
guess("vector/one_row", "WEIGHTS-ON-THE-INPUTS", [0, 6])
guess("vector/one_row", "WEIGHTS-TIMES-VALUE", [0, 10])

guess("vector/mixed", None, [2.0, 51.0])
guess("vector/mixed", "JVP-NOT-VJP", [12, 50])
guess("vector/mixed", "WEIGHTS-IGNORED", [2, 6])
guess("vector/mixed", "DIAGONAL-JACOBIAN", [2, 50])
guess("vector/mixed", "WEIGHTS-ON-THE-INPUTS", [2, 60])
guess("vector/mixed", "WEIGHTS-TIMES-VALUE", [2, 100])

# ---------------------------------------------------------------- vector/vjp


@right("vector/vjp")
def vjp_grad_outputs(f, x, v):
    leaf = x.detach().clone()
    leaf.requires_grad = True
    (g,) = torch.autograd.grad(outputs=f(leaf), inputs=leaf, grad_outputs=v)
    return g


@right("vector/vjp")
def vjp_func(f, x, v):
    _, pull = torch.func.vjp(f, x)
    return pull(v)[0]


@right("vector/vjp")
def vjp_weighted_loop(f, x, v):
    a = torch.tensor(x.tolist(), dtype=x.dtype, requires_grad=True)
    outputs = f(a)
    total = 0
    i = 0
    while i < len(v):
        total = total + v[i] * outputs[i]
        i += 1
    total.backward()
    return a.grad


@wrong("vector/vjp", "WEIGHTS-ON-THE-INPUTS")
def vjp_weigh_after(f, x, v):
    x = x.clone().requires_grad_()
    (slopes,) = torch.autograd.grad(f(x).sum(), x)
    # every slope counts as much as its weight says
    return v * slopes


@wrong("vector/vjp", "GRADIENT-ARG-IS-A-NAME")
def vjp_name_y(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    z = v * y
    z.backward(gradient=z.detach())
    return x.grad


@wrong("vector/vjp", "WEIGHTS-IGNORED")
def vjp_plain_sum(f, x, v):
    """Return the gradient of f at x."""
    leaf = x.clone()
    leaf.requires_grad_(True)
    leaf.grad = None
    out = f(leaf)
    total = out.sum()
    total.backward()
    result = leaf.grad
    return result


@wrong("vector/vjp", "JVP-NOT-VJP")
def vjp_forward(f, x, v):
    _, product = torch.autograd.functional.jvp(f, x, v)
    return product


@wrong("vector/vjp", "JACOBIAN")
def vjp_no_weights(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x) * v
    y.backward()
    return x.grad


@wrong("vector/vjp", "OVERWRITE")
def vjp_each_output(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    total = torch.zeros_like(x)
    for i in range(len(y)):
        y[i].backward(retain_graph=True)
        total += v[i] * x.grad
    return total


@wrong("vector/vjp", "FLAG-MAKES-GRAPH")
def vjp_flag_on_loss(f, x, v):
    x = x.clone()
    loss = torch.dot(v, f(x))
    loss.requires_grad_(True)  # else: element 0 of tensors does not require grad
    loss.backward()
    return x.grad


@wrong("vector/vjp", "GRAD-ON-OUTPUT")
def vjp_read_y(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(gradient=v)
    return y.grad


# ---------------------------------------------------------------- vector/jacobian


@right("vector/jacobian")
def jacobian_filled(f, x):
    leaf = x.clone().requires_grad_()
    y = f(leaf)
    J = torch.zeros(len(y), len(leaf), dtype=y.dtype)
    for i in range(len(y)):
        y[i].backward(retain_graph=True)
        J[i] = leaf.grad
        leaf.grad.zero_()
    return J


@right("vector/jacobian")
def jacobian_batched(f, x):
    x = x.detach().clone().requires_grad_(True)
    y = f(x)
    eye = torch.eye(y.numel(), dtype=y.dtype)
    return torch.autograd.grad(y, x, grad_outputs=eye, is_grads_batched=True)[0]


@right("vector/jacobian")
def jacobian_functional(f, x):
    return torch.autograd.functional.jacobian(f, x, vectorize=False)


@wrong("vector/jacobian", "OVERWRITE")
def jacobian_never_cleared(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    J = torch.empty(len(y), len(x))
    for i, v in enumerate(torch.eye(len(y))):
        y.backward(gradient=v, retain_graph=True)
        J[i] = x.grad
    return J


@wrong("vector/jacobian", "GRAD-IS-A-SNAPSHOT")
def jacobian_kept_grad(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    eye = torch.eye(len(y))
    rows = []
    i = 0
    while i < len(y):
        if x.grad is not None:
            x.grad.zero_()
        y.backward(gradient=eye[i], retain_graph=True)
        row = x.grad
        rows.append(row)
        i = i + 1
    return torch.stack(rows)


@wrong("vector/jacobian", "GRAPH-FREED")
def jacobian_grad_calls(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    return torch.stack([torch.autograd.grad(y, x, v)[0] for v in torch.eye(len(y))])


@wrong("vector/jacobian", "JACOBIAN")
def jacobian_ones(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    ones = torch.ones_like(y)  # every output counts
    y.backward(gradient=ones)
    return x.grad


@wrong("vector/jacobian", "GRAD-STARTS-AT-ZERO")
def jacobian_zero_first(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for output in y:
        x.grad.zero_()
        output.backward(retain_graph=True)
        rows.append(x.grad.clone())
    return torch.stack(rows)


@wrong("vector/jacobian", "FORGOT-FLAG")
def jacobian_untracked(f, x):
    p = x.clone()
    y = f(p)
    rows = []
    for v in torch.eye(len(y)):
        p.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(p.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "BACKWARD-RETURNS")
def jacobian_collect_calls(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad = None
        row = y.backward(gradient=v, retain_graph=True)
        rows.append(row)
    return torch.stack(rows)


@wrong("vector/jacobian", "FINITE-DIFFERENCE")
def jacobian_nudged(f, x):
    h = 1e-3
    y = f(x)
    columns = []
    for j in range(len(x)):
        moved = x.clone()
        moved[j] += h
        columns.append((f(moved) - y) / h)
    return torch.stack(columns, dim=1)


# ---------------------------------------------------------------- vector/per_sample


@right("vector/per_sample")
def per_sample_grad_calls(loss, w, X, ys):
    return torch.stack(
        [torch.autograd.grad(loss(w, X[i], ys[i]), w)[0] for i in range(len(X))]
    )


@right("vector/per_sample")
def per_sample_optimizer(loss, w, X, ys):
    optimizer = torch.optim.SGD([w], lr=0.1)
    table = torch.zeros(len(X), len(w))
    for i in range(len(X)):
        optimizer.zero_grad()
        value = loss(w, X[i], ys[i])
        value.backward()
        table[i] = w.grad
    optimizer.zero_grad()
    return table


@right("vector/per_sample")
def per_sample_jacobian(loss, w, X, ys):
    def losses(weights):
        return torch.stack([loss(weights, x, y) for x, y in zip(X, ys)])

    return torch.autograd.functional.jacobian(losses, w)


@wrong("vector/per_sample", "OVERWRITE")
def per_sample_adding(loss, w, X, ys):
    rows = []
    for i in range(X.shape[0]):
        one = loss(w, X[i], ys[i])
        one.backward()
        rows.append(w.grad.detach().clone())
    return torch.stack(rows)


@wrong("vector/per_sample", "GRAD-IS-A-SNAPSHOT")
def per_sample_same_tensor(loss, w, X, ys):
    opt = torch.optim.SGD([w], lr=0.01)
    gradients = []
    for x, y in zip(X, ys):
        opt.zero_grad(set_to_none=False)
        loss(w, x, y).backward()
        gradients.append(w.grad)
    return torch.stack(gradients)


@wrong("vector/per_sample", "JACOBIAN")
def per_sample_all_at_once(loss, w, X, ys):
    losses = torch.stack([loss(w, x, y) for x, y in zip(X, ys)])
    losses.backward()
    return w.grad


@wrong("vector/per_sample", "GRAD-STARTS-AT-ZERO")
def per_sample_zero_before(loss, w, X, ys):
    rows = []
    for k in range(len(ys)):
        w.grad.zero_()
        loss(w, X[k], ys[k]).backward()
        rows.append(w.grad.clone())
    return torch.stack(rows)


@wrong("vector/per_sample", "BACKWARD-RETURNS")
def per_sample_returned(loss, w, X, ys):
    return torch.stack([loss(w, x, y).backward() for x, y in zip(X, ys)])


@wrong("vector/per_sample", "GRAD-ON-OUTPUT")
def per_sample_loss_grad(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys):
        w.grad = None
        value = loss(w, x, y)
        value.backward()
        rows.append(value.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "GRAPH-FREED")
def per_sample_one_graph(loss, w, X, ys):
    losses = torch.stack([loss(w, X[i], ys[i]) for i in range(len(X))])
    table = torch.zeros(len(X), len(w))
    for i, v in enumerate(torch.eye(len(X))):
        w.grad = None
        losses.backward(gradient=v)
        table[i] = w.grad
    return table


@wrong("vector/per_sample", "TENSOR-KEEPS-GRAPH")
def per_sample_tensor_of_losses(loss, w, X, ys):
    losses = torch.tensor([loss(w, x, y) for x, y in zip(X, ys)], requires_grad=True)
    rows = []
    for value in losses:
        w.grad = None
        value.backward()
        rows.append(w.grad)
    return torch.stack(rows)


# ---------------------------------------------------------------- detach: guesses

guess("detach/product", None, [0, 1, 4, 9])
guess("detach/product", "DETACH-IS-A-COPY", [0, 3, 12, 27])
guess("detach/product", "DETACH-CUTS-THE-OTHER", [0, 2, 8, 18])
guess("detach/product", "LAST-DEFINED-ONLY", torch.tensor([0.0, 2.0, 4.0, 6.0]))
guess("detach/product", "DETACH-KILLS-THE-GRAPH", None)
guess("detach/product", "GRAD-IS-VALUE", [0, 1, 8, 27])

guess("detach/original", None, [0.0, 2.0, 4.0, 6.0])
guess("detach/original", "DETACH-IN-PLACE", [0, 0, 0, 0])
guess("detach/original", "ZERO-IS-NOT-INPLACE", [0, 3, 8, 15])
guess("detach/original", "ONE-USE-ONLY", [0, 1, 2, 3])
guess("detach/original", "SUM=MEAN", [0, 0.5, 1, 1.5])

guess("detach/edited", None, [0, 20, 4, 6])
guess("detach/edited", "DETACH-COPIES", [0, 2, 4, 6])
guess("detach/edited", "EDITED-IS-CONSTANT", [0, 0, 4, 6])
guess("detach/edited", "DETACH-ACTS-ON-X", None)
guess("detach/edited", "ONE-USE-ONLY", [0, 10, 2, 3])
guess("detach/edited", "GRAD-IS-VALUE", [0, 100, 4, 9])

guess("detach/no_grad", None, torch.tensor(16.0))
guess("detach/no_grad", "NO_GRAD-STILL-FLOWS", 48)
guess("detach/no_grad", "GRAD-IS-VALUE", 64.0)
guess("detach/no_grad", "LAST-DEFINED-ONLY", 8)
guess("detach/no_grad", "OWN-VALUE", 4.0)

guess("detach/running_total", None, (True, True, True))
guess("detach/running_total", "LOSS-IS-A-NUMBER", [True, True, False])
guess("detach/running_total", "LOSS-IS-A-NUMBER", [True, False, False])
guess("detach/running_total", "REBIND", [False, True, True])

# ---------------------------------------------------------------- detach/half_product


@right("detach/half_product")
def half_no_grad(f, g, x):
    with torch.no_grad():
        u = g(x)
    z = f(x) * u
    return z.sum()


@right("detach/half_product")
def half_detached_input(f, g, x):
    left = f(x).flatten()
    right_side = g(x.detach()).flatten()
    return torch.dot(left, right_side)


@right("detach/half_product")
def half_numbers(f, g, x):
    total = 0.0
    constants = g(x).reshape(-1).tolist()
    for a, c in zip(f(x).reshape(-1), constants):
        total = total + a * c
    return total


@wrong("detach/half_product", "DETACH-IN-PLACE")
def half_line_alone(f, g, x):
    a = f(x)
    b = g(x)
    b.detach()
    total = 0
    for i in range(len(x)):
        total = total + a[i] * b[i]
    return total


@wrong("detach/half_product", "DETACH-TOO-MUCH")
def half_cut_product(f, g, x):
    z = f(x) * g(x)
    z = z.detach()
    return z.sum()


@wrong("detach/half_product", "WRONG-FACTOR")
def half_other_factor(f, g, x):
    u = f(x).detach()
    return torch.sum(u * g(x))


@wrong("detach/half_product", "NUMBERS-CARRY-GRAD")
def half_item(f, g, x):
    u = g(x).detach()
    z = f(x) * u
    return z.sum().item()  # one number


@wrong("detach/half_product", "NO_GRAD-IS-A-SWITCH")
def half_bare_no_grad(f, g, x):
    first = f(x)
    torch.no_grad()
    second = g(x)
    return (first * second).sum()


@wrong("detach/half_product", "TYPO-ACCEPTED")
def half_misspelled(f, g, x):
    u = g(x)
    u.require_grad = False
    z = f(x) * u
    return z.sum()


@wrong("detach/half_product", "JACOBIAN")
def half_not_summed(f, g, x):
    u = g(x).detach().clone()
    return f(x) * u


@wrong("detach/half_product", "TENSOR-KEEPS-GRAPH")
def half_wrapped(f, g, x):
    products = [a * b for a, b in zip(f(x), g(x).detach())]
    return torch.tensor(products).sum()


# ---------------------------------------------------------------- detach/snapshot


@right("detach/snapshot")
def snapshot_numpy_copy(x):
    return x.detach().numpy().copy()


@right("detach/snapshot")
def snapshot_no_grad_clone(x):
    with torch.no_grad():
        twin = x.clone()
        return twin.numpy()


@right("detach/snapshot")
def snapshot_filled(x):
    view = x.detach().numpy()
    out = np.empty(view.shape, dtype=view.dtype)
    out[...] = view
    return out


@wrong("detach/snapshot", "NUMPY-TRACKS")
def snapshot_clone_only(x):
    twin = x.clone()
    return twin.numpy()


@wrong("detach/snapshot", "NUMPY-TRACKS")
def snapshot_np_array(x):
    return np.array(x, copy=True)


@wrong("detach/snapshot", "DETACH-COPIES")
def snapshot_detach_as_copy(x):
    copy = x.detach()  # a copy without history
    return copy.numpy()


@wrong("detach/snapshot", "NUMPY-COPIES")
def snapshot_block(x):
    with torch.no_grad():
        array = x.numpy()  # NumPy has its own memory
    return array


@wrong("detach/snapshot", "X-CHANGED")
def snapshot_flag_off(x):
    x.requires_grad = False
    array = np.zeros(len(x), dtype=np.float32)
    for i in range(len(x)):
        array[i] = x[i].item()
    return array


@wrong("detach/snapshot", "X-CHANGED")
def snapshot_detached_in_place(x):
    x.detach_()
    return x.clone().numpy()


@wrong("detach/snapshot", "NO_GRAD-IS-A-SWITCH")
def snapshot_bare_no_grad(x):
    torch.no_grad()
    twin = x.clone()
    return twin.numpy()


@wrong("detach/snapshot", "DETACH-IN-PLACE")
def snapshot_unused_result(x):
    c = x.clone()
    c.detach()
    return c.numpy()


# ---------------------------------------------------------------- control flow: guesses

guess("control_flow/what_ran", None, 100 * 2**11)
guess("control_flow/what_ran", "BRANCH-NOT-DIFFERENTIATED", 2048)
guess("control_flow/what_ran", "LOOP-BODY-ONCE", 400)
guess("control_flow/what_ran", "NORM-IN-THE-GRADIENT", -204800.0)
guess("control_flow/what_ran", "GRAD-IS-VALUE", -102400)
guess("control_flow/what_ran", "LAST-STEP-ONLY", 100)

guess("control_flow/predicate", None, None)
guess("control_flow/predicate", "NONE-IS-ZERO", 0)
guess("control_flow/predicate", "PREDICATE-GRAD", -3.0)
guess("control_flow/predicate", "PREDICATE-GRAD", -1)
guess("control_flow/predicate", "GRAD-IS-VALUE", 6)

guess("control_flow/loop_count", None, 2 * 2.5)
guess("control_flow/loop_count", "SYMBOLIC", 18.937)
guess("control_flow/loop_count", "GRAD-IS-VALUE", 6.25)
guess("control_flow/loop_count", "INT-KILLS-GRADIENT", 0.0)
guess("control_flow/loop_count", "LOOP-BODY-ONCE", 1.0)

guess("control_flow/not_chosen", None, torch.nan)
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", 0.0)
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", None)
guess("control_flow/not_chosen", "WHERE-IS-NOT-SEEN", torch.inf)

# ---------------------------------------------------------------- control_flow/slope


@right("control_flow/slope")
def slope_counted(a):
    n = 1
    b = a * 2
    while abs(b) < 1000:
        b *= 2
        n += 1
    if b > 0:
        return 2.0**n
    return 100 * 2.0**n


@right("control_flow/slope")
def slope_exponent(a):
    m, e = math.frexp(abs(a))
    # 1000 is 0.9765625 * 2**10
    n = (10 if m >= 0.9765625 else 11) - e
    k = math.ldexp(1.0, max(n, 1))
    return k * (1 if a > 0 else 100)


@right("control_flow/slope")
def slope_exact_quotient(a):
    b = 2 * a
    while not abs(b) >= 1000:
        b = b + b
    factor = b / a  # doubling is exact, and so is this quotient
    return factor if a > 0 else factor * 100.0


@wrong("control_flow/slope", "FLOATS-ARE-EXACT")
def slope_tensor_quotient(a):
    a = torch.tensor(a)
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    if b.sum() > 0:
        d = b
    else:
        d = 100 * b
    return (d / a).item()


@wrong("control_flow/slope", "FLOATS-ARE-EXACT")
def slope_float_quotient(a):
    d = a * 2
    while abs(d) < 1000:
        d *= 2
    if d <= 0:
        d *= 100
    return d / a


@wrong("control_flow/slope", "BRANCH-IGNORED")
def slope_doublings_only(a):
    n = 1
    while abs(a) * 2**n < 1000:
        n += 1
    # the if only selects
    return float(2**n)


@wrong("control_flow/slope", "FINITE-DIFFERENCE")
def slope_central(a):
    def run(a):
        b = a * 2
        while abs(b) < 1000:
            b = b * 2
        return b if b > 0 else 100 * b

    h = 1e-6 * abs(a)
    return (run(a + h) - run(a - h)) / (2 * h)


@wrong("control_flow/slope", "NORM-IN-THE-GRADIENT")
def slope_signed(a):
    sign = 1 if a > 0 else -1  # slope of the norm
    k = 2.0
    while abs(a * k) < 1000:
        k = k * 2
    if a < 0:
        k = 100 * k
    return sign * k


@wrong("control_flow/slope", "LOOP-BODY-ONCE")
def slope_one_turn(a):
    k = 2.0
    if abs(a * k) < 1000:
        k = k * 2
    return k if a > 0 else 100 * k


@wrong("control_flow/slope", "GRAD-IS-VALUE")
def slope_value(a):
    b = a * 2
    while abs(b) < 1000:
        b = b * 2
    return b if b > 0 else 100 * b


@wrong("control_flow/slope", "BRANCHES-ADDED")
def slope_both_branches(a):
    k = 2.0
    while abs(a * k) < 1000:
        k = k * 2
    through_if = k
    through_else = 100 * k
    return through_if + through_else


# --------------------------------------------------------------- control_flow/safe_sqrt


@right("control_flow/safe_sqrt")
def safe_relu(x):
    positive = torch.relu(x)
    return positive.sqrt()


@right("control_flow/safe_sqrt")
def safe_indexed(x):
    ok = x > 0
    out = torch.zeros_like(x)
    out[ok] = x[ok].sqrt()
    return out


@right("control_flow/safe_sqrt")
def safe_filled(x):
    harmless = x.masked_fill(x <= 0, 1.0)
    return (x > 0) * harmless**0.5


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def safe_masked_after(x):
    bad = x <= 0
    root = torch.sqrt(x)
    return root.masked_fill(bad, 0.0)


@wrong("control_flow/safe_sqrt", "IF-IS-ELEMENTWISE")
def safe_python_if(x):
    if x > 0:
        y = x.sqrt()
    else:
        y = torch.zeros_like(x)
    return y


@wrong("control_flow/safe_sqrt", "INPLACE-IS-FREE")
def safe_overwritten(x):
    ok = x > 0
    inside = torch.where(ok, x, 1.0)
    root = inside.sqrt()
    root[~ok] = 0.0
    return root


@wrong("control_flow/safe_sqrt", "UPDATE-IS-FREE")
def safe_edit_x(x):
    ok = x > 0
    x[~ok] = 1.0
    return torch.where(ok, x.sqrt(), 0.0)


@wrong("control_flow/safe_sqrt", "TENSOR-KEEPS-GRAPH")
def safe_tensor_of_roots(x):
    return torch.tensor([v.sqrt() if v > 0 else 0.0 * v for v in x])


@wrong("control_flow/safe_sqrt", "NUMBERS-CARRY-GRAD")
def safe_math(x):
    out = torch.zeros_like(x)
    for i in range(len(x)):
        if x[i] > 0:
            out[i] = math.sqrt(x[i])
    return out


@wrong("control_flow/safe_sqrt", "EQUAL-VALUE-EQUAL-GRAD")
def safe_positive_part(x):
    # (x + |x|) / 2 is x where x is positive, and 0 elsewhere
    positive = (x + x.abs()) / 2
    return torch.sqrt(positive)


@wrong("control_flow/safe_sqrt", "MASK-MULTIPLIES")
def safe_mask(x):
    mask = (x > 0).float()
    y = mask * torch.sqrt(x)
    return y
