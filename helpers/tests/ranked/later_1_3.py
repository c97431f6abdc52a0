"""Answers of learners to notebooks 01, 02 and 03."""

import torch

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- 01 predictions

guess("requires_grad/before", None, None)
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", [0, 0, 0, 0])
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", 0.0)
guess("requires_grad/before", "GRAD-IS-VALUE", [0, 1, 2, 3])

guess("requires_grad/late", None, 9)
guess("requires_grad/late", "RETROACTIVE", 27)
guess("requires_grad/late", "LAST-DEFINED-ONLY", 6.0)
guess("requires_grad/late", "FLAG-TOO-LATE", None)
guess("requires_grad/late", "OWN-VALUE", 3.0)

guess("requires_grad/leaves", None, [True, True, False, True])
guess("requires_grad/leaves", "LEAF=MADE-BY-ME", [True, True, False, False])
guess("requires_grad/leaves", "LEAF=REQUIRES-GRAD", [False, True, False, False])
guess("requires_grad/leaves", "FLAG-MAKES-LEAF", [True, True, True, True])

# ---------------------------------------------------------------- 02 predictions

guess("backward/factor", None, 30)
guess("backward/factor", "ONE-USE-ONLY", 15)
guess("backward/factor", "GRAD-IS-VALUE", 75.0)
guess("backward/factor", "LAST-STEP-ONLY", 3)
guess("backward/factor", "GRAD-ON-OUTPUT", None)

guess("backward/returns", None, None)
guess("backward/returns", "BACKWARD-RETURNS", 6)
guess("backward/returns", "BACKWARD-RETURNS", torch.tensor(6.0))
guess("backward/returns", "BACKWARD-RETURNS", [6.0])

guess("backward/who", None, None)
guess("backward/who", "GRAD-EVERYWHERE", [1, 2])
guess("backward/who", "NONE-IS-ZERO", [0.0, 0.0])
guess("backward/who", "NONE-IS-ZERO", 0)
guess("backward/who", "OWN-VALUE", [3.0, 4.0])

guess("backward/middle", None, 12.0)
guess("backward/middle", "GRAD-IS-VALUE", 36)
guess("backward/middle", "GRAD-IS-VALUE", torch.tensor(36.0))
guess("backward/middle", "GRAD-ON-OUTPUT", 2)

guess("backward/live", None, 6)
guess("backward/live", "GRAD-IS-LIVE", 8)
guess("backward/live", "GRAD-IS-LIVE", [8.0])
guess("backward/live", "GRAD-IS-VALUE", 9.0)

# ---------------------------------------------------------------- 03 predictions

guess("accumulation/used_twice", None, 2)
guess("accumulation/used_twice", "ONE-USE-ONLY", 1)
guess("accumulation/used_twice", "GRAD-IS-VALUE", 6)
guess("accumulation/used_twice", "GRAD-ON-OUTPUT", None)

guess("accumulation/two_walks", None, [1, 5, 9, 13])
guess("accumulation/two_walks", "OVERWRITE", [1, 1, 1, 1])
guess("accumulation/two_walks", "FIRST-WINS", [0, 4, 8, 12])
guess("accumulation/two_walks", "ACCUMULATION-AVERAGES", [0.5, 2.5, 4.5, 6.5])
guess("accumulation/two_walks", "ONE-USE-ONLY", [1, 3, 5, 7])
guess("accumulation/two_walks", "GRAD-ON-OUTPUT", None)

guess("accumulation/alias", None, 12)
guess("accumulation/alias", "GRAD-IS-A-SNAPSHOT", 4)
guess("accumulation/alias", "NEW-TENSOR-EACH-BACKWARD", 0)
guess("accumulation/alias", "ZERO-IS-NOT-INPLACE", 16)
guess("accumulation/alias", "GRAD-IS-VALUE", 8)

guess("accumulation/retained", None, 12)
guess("accumulation/retained", "RETAIN-RECOMPUTES", 6)
guess("accumulation/retained", "GRAD-IS-VALUE", 9)
guess("accumulation/retained", "GRAD-ON-OUTPUT", None)

guess("accumulation/second_turn", None, 0.5)
guess("accumulation/second_turn", "OVERWRITE", 1.5)
guess("accumulation/second_turn", "STEP-CLEARS-AND-STOPS", 2)
guess("accumulation/second_turn", "NO_GRAD-BLOCKS-UPDATE", 3.0)
guess("accumulation/second_turn", "ACCUMULATION-AVERAGES", 1.25)

guess("accumulation/rebind", None, [False, True])
guess("accumulation/rebind", "REBIND", [True, True])
guess("accumulation/rebind", "REBIND", (True, True))
guess("accumulation/rebind", "REBIND", torch.tensor([True, True]))

# ---------------------------------------------------------------- parameter


@right("requires_grad/parameter")
def param_list_first(values, scale):
    numbers = [float(v) * scale for v in values]
    return torch.tensor(numbers, dtype=torch.float32, requires_grad=True)


@right("requires_grad/parameter")
def param_module_style(values, scale):
    return torch.nn.Parameter(scale * torch.FloatTensor(values))


@right("requires_grad/parameter")
def param_in_place(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        w.mul_(scale)
    return w


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def param_stacked(values, scale):
    parts = []
    for v in values:
        parts.append(torch.tensor(float(v), requires_grad=True))
    w = torch.stack(parts)
    return w * scale


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def param_times(values, scale):
    w = torch.nn.Parameter(torch.tensor(values, dtype=torch.float32))
    w = scale * w
    print("tracked:", w.requires_grad)
    return w


@wrong("requires_grad/parameter", "INT-DTYPE")
def param_any_dtype(values, scale):
    w = torch.tensor(values, requires_grad=True)
    with torch.no_grad():
        w *= scale
    return w


@wrong("requires_grad/parameter", "INT-DTYPE")
def param_comprehension(values, scale):
    scaled = [scale * v for v in values]
    return torch.tensor(scaled).requires_grad_()


@wrong("requires_grad/parameter", "TYPO-ACCEPTED")
def param_no_parentheses(values, scale):
    w = torch.tensor(values, dtype=torch.float32)
    w = w * scale
    w.requires_grad_
    return w


@wrong("requires_grad/parameter", "FORGOT-FLAG")
def param_plain(values, scale):
    w = torch.empty(len(values), dtype=torch.float32)
    for i, v in enumerate(values):
        w[i] = v * scale
    return w


@wrong("requires_grad/parameter", "UPDATE-IS-FREE")
def param_entry_by_entry(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    for i in range(len(values)):
        w[i] = w[i] * scale
    return w


@wrong("requires_grad/parameter", "REBIND")
def param_untracked_scaling(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    # the scaling itself should not be recorded
    with torch.no_grad():
        w = w * scale
    return w


# ---------------------------------------------------------------- used


@right("requires_grad/used")
def used_functional(f, values):
    xs = [torch.tensor(v, requires_grad=True) for v in values]
    grads = torch.autograd.grad(f(*xs), xs, allow_unused=True)
    return [g is not None for g in grads]


@right("requires_grad/used")
def used_long(f, values):
    a = torch.nn.Parameter(torch.tensor(values[0]))
    b = torch.nn.Parameter(torch.tensor(values[1]))
    c = torch.nn.Parameter(torch.tensor(values[2]))
    result = f(a, b, c)
    result.backward()
    answer = []
    for p in (a, b, c):
        if p.grad is None:
            answer.append(False)
        else:
            answer.append(True)
    return answer


@right("requires_grad/used")
def used_one_at_a_time(f, values):
    answer = []
    for k in range(len(values)):
        xs = [torch.tensor(v) for v in values]
        xs[k].requires_grad_()
        y = f(*xs)
        if y.requires_grad:
            y.backward()
        answer.append(xs[k].grad is not None)
    return answer


@wrong("requires_grad/used", "NONE-IS-ZERO")
def used_nonzero(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    flags = []
    for leaf in leaves:
        g = leaf.grad
        if g is None:
            g = torch.tensor(0.0)
        flags.append(g.item() != 0)
    return flags


@wrong("requires_grad/used", "NONE-IS-ZERO")
def used_functional_strict(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    out = f(*leaves)
    grads = torch.autograd.grad(out, leaves)
    return [g is not None for g in grads]


@wrong("requires_grad/used", "TYPO-ACCEPTED")
def used_never_called(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    y = f(*leaves)
    y.backward
    return [leaf.grad is not None for leaf in leaves]


@wrong("requires_grad/used", "FLAG-MAKES-GRAPH")
def used_flag_on_result(f, values):
    a, b, c = [torch.tensor(v) for v in values]
    y = f(a, b, c)
    y.requires_grad_(True)  # otherwise: element 0 of tensors does not require grad
    y.backward()
    return [a.grad is not None, b.grad is not None, c.grad is not None]


@wrong("requires_grad/used", "GRAD-ON-OUTPUT")
def used_from_result(f, values):
    ts = [torch.tensor(v, requires_grad=True) for v in values]
    y = f(*ts)
    y.backward()
    gradients = y.grad
    return [g is not None for g in gradients]


@wrong("requires_grad/used", "FLAG-MAKES-LEAF")
def used_double(f, values):
    xs = []
    for v in values:
        xs.append(torch.tensor(v, requires_grad=True).double())
    f(*xs).backward()
    return [x.grad is not None for x in xs]


@wrong("requires_grad/used", "GRAD-STARTS-AT-ZERO")
def used_clean_start(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    for leaf in leaves:
        leaf.grad.zero_()
    f(*leaves).backward()
    return [leaf.grad is not None for leaf in leaves]


@wrong("requires_grad/used", "GRAPH-IS-REUSABLE")
def used_walk_for_each(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    y = f(*leaves)
    took_part = []
    for leaf in leaves:
        y.backward()
        took_part.append(leaf.grad is not None)
    return took_part


# ---------------------------------------------------------------- derivative


@right("backward/derivative")
def deriv_functional(f, x0):
    x = torch.tensor(x0, dtype=torch.float64).requires_grad_()
    (slope,) = torch.autograd.grad(f(x), x)
    return slope.item()


@right("backward/derivative")
def deriv_jacobian(f, x0):
    point = torch.tensor(x0, dtype=torch.double)
    return float(torch.autograd.functional.jacobian(f, point))


@right("backward/derivative")
def deriv_ones(f, x0):
    x = torch.nn.Parameter(torch.full((), x0, dtype=torch.float64))
    x.grad = None
    y = f(x)
    y.backward(torch.ones_like(y))
    return float(x.grad)


@wrong("backward/derivative", "GRAD-ON-OUTPUT")
def deriv_y_grad(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    dy = y.grad
    return float(dy)


@wrong("backward/derivative", "BACKWARD-RETURNS")
def deriv_returned(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = f(x).backward()
    return slope.item()


@wrong("backward/derivative", "NUMBERS-CARRY-GRAD")
def deriv_number(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    value = f(x).item()
    y = torch.tensor(value, dtype=torch.float64, requires_grad=True)
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "FORGOT-FLAG")
def deriv_no_flag(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    y = f(x)
    (slope,) = torch.autograd.grad(y, x)
    return slope.item()


@wrong("backward/derivative", "FLAG-MAKES-LEAF")
def deriv_reshaped(f, x0):
    x = torch.tensor([x0], dtype=torch.float64, requires_grad=True).reshape(())
    y = f(x)
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "GRADIENT-ARG-IS-A-NAME")
def deriv_with_respect_to(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(x)  # with respect to x
    return x.grad.item()


@wrong("backward/derivative", "RETROACTIVE")
def deriv_late(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    y = f(x)
    # now I want the gradient:
    x.requires_grad_(True)
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "OVERWRITE")
def deriv_second_try(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    print("first try:", x.grad)
    y = f(x)
    y.backward()
    return x.grad.item()


# ---------------------------------------------------------------- second derivative


@right("backward/second")
def second_two_walks(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    slope = x.grad
    x.grad = None
    slope.backward()
    return x.grad.item()


@right("backward/second")
def second_hessian(f, x0):
    return torch.autograd.functional.hessian(
        f, torch.tensor(x0, dtype=torch.float64)
    ).item()


@right("backward/second")
def second_nested(f, x0):
    def d(g):
        def slope(t):
            return torch.autograd.grad(g(t), t, create_graph=True)[0]

        return slope

    x = torch.full((), x0, dtype=torch.float64, requires_grad=True)
    return float(d(d(f))(x).detach())


@wrong("backward/second", "SECOND-OVERWRITES-FIRST")
def second_added(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(create_graph=True)
    x.grad.backward()
    return x.grad.item()


@wrong("backward/second", "GRAPH-IS-REUSABLE")
def second_looked_first(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    first = torch.autograd.grad(y, x)[0]
    print("slope:", first.item())
    slope = torch.autograd.grad(y, x, create_graph=True)[0]
    return torch.autograd.grad(slope, x)[0].item()


@wrong("backward/second", "TENSOR-KEEPS-GRAPH")
def second_wrapped(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    grads = torch.autograd.grad(f(x), x, create_graph=True)
    slope = torch.tensor(grads[0])  # out of the tuple
    bend = torch.autograd.grad(slope, x)
    return bend[0].item()


@wrong("backward/second", "FLAG-MAKES-GRAPH")
def second_flag_on_slope(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x)
    slope.requires_grad_(True)
    slope.backward()
    return x.grad.item()


@wrong("backward/second", "GRAD-ON-OUTPUT")
def second_slope_grad(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    slope.backward()
    return slope.grad.item()


@wrong("backward/second", "GRADIENT-ARG-IS-A-NAME")
def second_with_respect_to(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    slope.backward(gradient=x.detach())
    return x.grad.item()


@wrong("backward/second", "FINITE-DIFFERENCE")
def second_by_steps(f, x0, h=1e-4):
    def slope(at):
        x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        f(x).backward()
        return x.grad.item()

    return (slope(x0 + h) - slope(x0 - h)) / (2 * h)


@wrong("backward/second", "GRAD-IS-A-SNAPSHOT")
def second_kept(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    slope = x.grad  # keep the first derivative
    x.grad.zero_()
    slope.backward()
    return x.grad.item()


# ---------------------------------------------------------------- descend


@right("accumulation/descend")
def descend_optimizer(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.SGD([x], lr=rate)
    for _ in range(steps):
        opt.zero_grad()
        f(x).backward()
        opt.step()
    return x.item()


@right("accumulation/descend")
def descend_functional(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    while steps > 0:
        (slope,) = torch.autograd.grad(f(x), x)
        with torch.no_grad():
            x.sub_(slope, alpha=rate)
        steps -= 1
    return float(x)


@right("accumulation/descend")
def descend_clear_after(f, x0, rate, steps):
    w = torch.full((), x0, dtype=torch.double).requires_grad_()
    for k in range(steps):
        loss = f(w)
        loss.backward()
        w.data = w.data - rate * w.grad
        w.grad.zero_()
    return w.detach().item()


@wrong("accumulation/descend", "OVERWRITE")
def descend_while(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    done = 0
    while done < steps:
        loss = f(x)
        loss.backward()
        step = rate * x.grad
        with torch.no_grad():
            x -= step
        done += 1
    return x.item()


@wrong("accumulation/descend", "REBIND")
def descend_assign(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        y = f(x)
        y.backward()
        x = x - rate * x.grad
    return x.item()


@wrong("accumulation/descend", "REBIND")
def descend_assign_quietly(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    path = [x0]
    for i in range(steps):
        if x.grad is not None:
            x.grad.zero_()
        f(x).backward()
        with torch.no_grad():
            x = x - rate * x.grad
        path.append(x.item())
    return path[-1]


@wrong("accumulation/descend", "UPDATE-IS-FREE")
def descend_own_optimizer(f, x0, rate, steps):
    def step(p):
        p -= rate * p.grad
        p.grad = None

    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        step(x)
    return x.item()


@wrong("accumulation/descend", "GRAD-STARTS-AT-ZERO")
def descend_zero_first(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad.zero_()
        loss = f(x)
        loss.backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "GRAD-IS-A-SNAPSHOT")
def descend_kept_gradient(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        g = x.grad
        x.grad.zero_()  # ready for the next turn
        with torch.no_grad():
            x -= rate * g
    return x.item()


@wrong("accumulation/descend", "NO_GRAD-IS-A-SWITCH")
def descend_switch(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        y = f(x)
        y.backward()
        torch.no_grad()
        x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "RETAIN-RECOMPUTES")
def descend_retain(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    for _ in range(steps):
        x.grad = None
        y.backward(retain_graph=True)
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


# ---------------------------------------------------------------- full gradient


@right("accumulation/full_gradient")
def full_collect(loss, w, batches):
    n = sum(X.shape[0] for X, y in batches)
    total = torch.zeros_like(w)
    for X, y in batches:
        w.grad = None
        loss(w, X, y).backward()
        total += w.grad * (X.shape[0] / n)
    return total.detach()


@right("accumulation/full_gradient")
def full_weight_argument(loss, w, batches):
    sizes = [len(X) for X, _ in batches]
    w.grad = None
    for size, (X, y) in zip(sizes, batches):
        value = loss(w, X, y)
        value.backward(torch.full_like(value, size / sum(sizes)))
    return w.grad


@right("accumulation/full_gradient")
def full_divide_last(loss, w, batches):
    if w.grad is not None:
        w.grad.zero_()
    rows = 0
    for X, y in batches:
        total_loss = loss(w, X, y) * len(X)
        total_loss.backward()
        rows += len(X)
    return w.grad.clone() / rows


@wrong("accumulation/full_gradient", "OVERWRITE")
def full_never_cleared(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    for X, y in batches:
        share = len(X) / rows
        (share * loss(w, X, y)).backward()
    return w.grad


@wrong("accumulation/full_gradient", "OVERWRITE")
def full_sum_of_sums(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad = None
    total = torch.zeros_like(w).detach()
    for X, y in batches:
        loss(w, X, y).backward()
        total = total + w.grad * len(X) / rows
    return total


@wrong("accumulation/full_gradient", "GRAD-IS-A-SNAPSHOT")
def full_list(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad = None
    parts = []
    for X, y in batches:
        if w.grad is not None:
            w.grad.zero_()
        (loss(w, X, y) * len(X) / rows).backward()
        parts.append(w.grad)
    return sum(parts)


@wrong("accumulation/full_gradient", "RETAIN-RECOMPUTES")
def full_retain(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad = None
    total = 0
    for X, y in batches:
        total = total + loss(w, X, y) * len(X) / rows
        total.backward(retain_graph=True)
    return w.grad


@wrong("accumulation/full_gradient", "GRAPH-IS-REUSABLE")
def full_running_total(loss, w, batches):
    n = 0
    for X, _ in batches:
        n += len(X)
    w.grad = None
    running = torch.zeros(())
    for X, y in batches:
        running = running + loss(w, X, y) * (len(X) / n)
        running.backward()
    return w.grad


@wrong("accumulation/full_gradient", "TYPO-ACCEPTED")
def full_zero_uncalled(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    if w.grad is not None:
        w.grad.zero_
    for X, y in batches:
        (loss(w, X, y) * len(X) / rows).backward()
    return w.grad


@wrong("accumulation/full_gradient", "ALWAYS-ZERO-FIRST")
def full_training_loop(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    opt = torch.optim.SGD([w], lr=0.1)
    for X, y in batches:
        opt.zero_grad()
        value = loss(w, X, y) * len(X) / rows
        value.backward()
    return w.grad


@wrong("accumulation/full_gradient", "EQUAL-BATCHES")
def full_mean_of_means(loss, w, batches):
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
    return w.grad / len(batches)
