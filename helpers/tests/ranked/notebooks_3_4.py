"""Answers of learners to notebooks 3 (accumulation) and 4 (vector)."""

import torch

from .corpus import guess, right, wrong

# --------------------------------------------------------------------------
# Notebook 3, predictions
# --------------------------------------------------------------------------

# y = a + a, a = 3
guess("accumulation/used_twice", None, 2.0)
guess("accumulation/used_twice", None, torch.tensor(2.0))
guess("accumulation/used_twice", "ONE-USE-ONLY", 1)
guess("accumulation/used_twice", "GRAD-IS-VALUE", 6.0)
guess("accumulation/used_twice", "OWN-VALUE", torch.tensor(3.0))
guess("accumulation/used_twice", "GRAD-ON-OUTPUT", None)  # "it is in y, a has none"

guess("accumulation/two_walks", None, [1, 5, 9, 13])
guess("accumulation/two_walks", None, torch.tensor([1.0, 5.0, 9.0, 13.0]))
guess("accumulation/two_walks", "OVERWRITE", [1, 1, 1, 1])
guess("accumulation/two_walks", "FIRST-WINS", [0.0, 4.0, 8.0, 12.0])
guess("accumulation/two_walks", "ACCUMULATION-AVERAGES", [0.5, 2.5, 4.5, 6.5])

guess("accumulation/alias", None, 12)
guess("accumulation/alias", None, torch.tensor(12.0))
guess("accumulation/alias", "GRAD-IS-A-SNAPSHOT", 4)
guess("accumulation/alias", "NEW-TENSOR-EACH-BACKWARD", 0.0)
guess("accumulation/alias", "ZERO-IS-NOT-INPLACE", 16)  # one tensor, zero_ lost: 4 + 12

guess("accumulation/retained", None, 12.0)
guess("accumulation/retained", None, torch.tensor(12.0))
guess("accumulation/retained", "RETAIN-RECOMPUTES", 6)  # the kept graph as a cure
guess("accumulation/retained", "GRAD-IS-VALUE", 9.0)  # the value of y
guess("accumulation/retained", "GRAD-IS-VALUE", 18)  # the value of y, added twice

guess("accumulation/second_turn", None, 0.5)
guess("accumulation/second_turn", None, torch.tensor(0.5))
guess("accumulation/second_turn", "OVERWRITE", 1.5)
guess("accumulation/second_turn", "GRADIENT-FROZEN", 1.0)
guess("accumulation/second_turn", "STEP-CLEARS-AND-STOPS", 2.0)
guess("accumulation/second_turn", "NO_GRAD-BLOCKS-UPDATE", 3.0)
guess("accumulation/second_turn", "ACCUMULATION-AVERAGES", 1.25)  # 2 - (4 + 2) / 2 / 4

guess("accumulation/rebind", None, [False, True])
guess("accumulation/rebind", None, torch.tensor([False, True]))
guess("accumulation/rebind", "REBIND", [True, True])
guess("accumulation/rebind", "LEAF=REQUIRES-GRAD", [False, False])
guess(
    "accumulation/rebind", "ALL-INPUTS-MUST-REQUIRE", [True, False]
)  # x.grad is untracked

# --------------------------------------------------------------------------
# Notebook 4, predictions
# --------------------------------------------------------------------------

# x = [0, 1, 2, 3], y = x * x, v = [1, 0, 2, 0.5]
guess("vector/weights", None, [0, 0, 8, 3])
guess("vector/weights", None, torch.tensor([0.0, 0.0, 8.0, 3.0]))
guess("vector/weights", "WEIGHTS-IGNORED", [0, 2, 4, 6])
guess("vector/weights", "WEIGHTS-ARE-A-MASK", [0, 0, 4, 6])
guess("vector/weights", "WEIGHTS-TIMES-VALUE", [0.0, 0.0, 8.0, 4.5])
guess("vector/weights", "ARGUMENT-IS-THE-POINT", torch.tensor([2.0, 0.0, 4.0, 1.0]))
guess("vector/weights", "ONE-USE-ONLY", [0, 0, 4, 1.5])
guess("vector/weights", "GRAD-IS-VALUE", [0, 1, 4, 9])

guess("vector/argument", None, [0, 2, 16, 54])
guess("vector/argument", None, torch.tensor([0.0, 2.0, 16.0, 54.0]))
guess("vector/argument", "GRADIENT-ARG-IS-A-NAME", [0, 2, 4, 6])
guess("vector/argument", "ARGUMENT-IS-THE-POINT", [0, 2, 8, 18])
guess("vector/argument", "DIFFERENTIATES-Y-SQUARED", [0, 4, 32, 108])
guess("vector/argument", "WEIGHTS-TIMES-VALUE", torch.tensor([0.0, 1.0, 16.0, 81.0]))
guess("vector/argument", "GRAD-IS-VALUE", [0, 1, 4, 9])
guess("vector/argument", "ONE-USE-ONLY", [0, 1, 8, 27])

# J = [[2, 1], [0, 5]], y = [2, 10]
guess("vector/one_row", None, [0, 5])
guess("vector/one_row", None, torch.tensor([0.0, 5.0]))
guess("vector/one_row", "JVP-NOT-VJP", [1, 5])  # the second column
guess("vector/one_row", "WEIGHTS-IGNORED", [2, 6])
guess("vector/one_row", "WEIGHTS-ON-THE-INPUTS", [0, 6])
guess("vector/one_row", "WEIGHTS-TIMES-VALUE", [0, 10])
guess("vector/one_row", "GRAD-IS-VALUE", torch.tensor([2.0, 10.0]))
guess("vector/one_row", "JACOBIAN", [[2, 1], [0, 5]])

guess("vector/mixed", None, [2, 51])
guess("vector/mixed", None, torch.tensor([2.0, 51.0]))
guess("vector/mixed", "JVP-NOT-VJP", [12, 50])
guess("vector/mixed", "WEIGHTS-IGNORED", [2, 6])
guess("vector/mixed", "DIAGONAL-JACOBIAN", [2, 50])
guess("vector/mixed", "WEIGHTS-ON-THE-INPUTS", [2, 60])
guess("vector/mixed", "WEIGHTS-TIMES-VALUE", torch.tensor([2.0, 100.0]))
guess("vector/mixed", "JACOBIAN", [[2, 1], [0, 50]])


# --------------------------------------------------------------------------
# accumulation/descend
# --------------------------------------------------------------------------


@right("accumulation/descend")
def with_an_optimizer(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.SGD([x], lr=rate)
    for _ in range(steps):
        opt.zero_grad()
        f(x).backward()
        opt.step()
    return x.item()


@right("accumulation/descend")
def asks_for_the_gradient(f, x0, rate, steps):
    x = torch.full((), x0, dtype=torch.float64).requires_grad_()
    while steps > 0:
        (slope,) = torch.autograd.grad(f(x), x)
        with torch.no_grad():
            x.sub_(slope, alpha=rate)
        steps -= 1
    return float(x.detach())


@right("accumulation/descend")
def zeroes_after_the_step(f, x0, rate, steps):
    x = torch.tensor(x0, requires_grad=True, dtype=torch.double)
    for _ in range(steps):
        y = f(x)
        y.backward()
        x.data = x.data - rate * x.grad
        x.grad.zero_()
    return x.detach().numpy().item()


@right("accumulation/descend")
def subtracts_what_was_there_before(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    before = 0.0
    for _ in range(steps):
        f(x).backward()
        total = x.grad.item()
        x.detach().sub_(rate * (total - before))
        before = total
    return x.item()


@wrong("accumulation/descend", "OVERWRITE")
def optimizer_without_clearing(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=rate)
    for _ in range(steps):
        loss = f(x)
        loss.backward()
        optimizer.step()
    return float(x)


@wrong("accumulation/descend", "REBIND")
def minus_makes_the_step(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for step in range(steps):
        if x.grad is not None:
            x.grad.zero_()
        y = f(x)
        y.backward()
        x = x - rate * x.grad
    return x.item()


@wrong("accumulation/descend", "REBIND")
def minus_under_no_grad(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    done = 0
    while done < steps:
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x = x - rate * x.grad
        done += 1
    return x.item()


@wrong("accumulation/descend", "ZEROED-TOO-EARLY")
def clears_before_it_uses(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x.grad.zero_()  # gradients add up!
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "UPDATE-IS-FREE")
def steps_without_a_fence(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        y = f(x)
        y.backward()
        x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "GRAD-STARTS-AT-ZERO")
def zeroes_at_the_top(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad.zero_()
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "GRAD-ON-OUTPUT")
def looks_for_the_slope_in_y(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        y = f(x)
        y.backward()
        slope = y.grad
        with torch.no_grad():
            x -= rate * slope
        x.grad = None
    return x.item()


@wrong("accumulation/descend", "GRAD-IS-A-SNAPSHOT")
def puts_the_slope_aside(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        slope = x.grad
        x.grad.zero_()
        with torch.no_grad():
            x -= rate * slope
    return x.item()


@wrong("accumulation/descend", "GRAPH-FREED")
def computes_y_once(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    for _ in range(steps):
        x.grad = None
        y.backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "RETAIN-RECOMPUTES")
def keeps_the_graph_of_the_start(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    loss = f(x)
    for _ in range(steps):
        x.grad = None
        loss.backward(retain_graph=True)
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "SPREADSHEET")
def gradient_follows_x(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    with torch.no_grad():
        for _ in range(steps):
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "NO_GRAD-IS-A-SWITCH")
def no_grad_as_a_line(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        torch.no_grad()
        x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "FLAG-MAKES-LEAF")
def converts_after_the_flag(f, x0, rate, steps):
    x = torch.tensor(x0, requires_grad=True).to(torch.float64)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "FINITE-DIFFERENCE")
def difference_quotient(f, x0, rate, steps):
    h = 1e-6
    x = torch.tensor(x0, dtype=torch.float64)
    for _ in range(steps):
        slope = (f(x + h) - f(x)) / h
        x = x - rate * slope
    return x.item()


# --------------------------------------------------------------------------
# accumulation/full_gradient
# --------------------------------------------------------------------------


@right("accumulation/full_gradient")
def divides_at_the_end(loss, w, batches):
    if w.grad is not None:
        w.grad.zero_()
    rows = 0
    for X, y in batches:
        n = X.shape[0]
        (n * loss(w, X, y)).backward()
        rows += n
    return w.grad / rows


@right("accumulation/full_gradient")
def weight_goes_into_backward(loss, w, batches):
    w.grad = None
    total = sum(X.size(0) for X, y in batches)
    for X, y in batches:
        out = loss(w, X, y)
        out.backward(gradient=torch.full_like(out, X.size(0) / total))
    g = w.grad.clone()
    w.grad = None
    return g


@right("accumulation/full_gradient")
def adds_by_hand(loss, w, batches):
    sizes = torch.tensor([float(len(y)) for _, y in batches], dtype=w.dtype)
    shares = sizes / sizes.sum()
    result = torch.zeros_like(w, requires_grad=False)
    for share, (X, y) in zip(shares, batches):
        w.grad = None
        loss(w, X, y).backward()
        result += share * w.grad
    return result


@right("accumulation/full_gradient")
def walks_on_a_copy_of_w(loss, w, batches):
    leaf = w.detach().clone().requires_grad_(True)
    everything = sum(len(X) for X, _ in batches)
    for X, y in batches:
        part = loss(leaf, X, y)
        part = part * (len(X) / everything)
        part.backward()
    return leaf.grad


@wrong("accumulation/full_gradient", "ALWAYS-ZERO-FIRST")
def optimizer_clears_every_turn(loss, w, batches):
    opt = torch.optim.SGD([w], lr=0.1)
    n = sum(len(X) for X, _ in batches)
    for X, y in batches:
        opt.zero_grad()
        out = loss(w, X, y) * (len(X) / n)
        out.backward()
    return w.grad


@wrong("accumulation/full_gradient", "EQUAL-BATCHES")
def mean_of_the_gradients(loss, w, batches):
    grads = []
    for X, y in batches:
        w.grad = None
        loss(w, X, y).backward()
        grads.append(w.grad)
    return torch.stack(grads).mean(dim=0)


@wrong("accumulation/full_gradient", "SUM=MEAN")
def lets_the_means_add_up(loss, w, batches):
    w.grad = None
    for X, y in batches:
        mean_loss = loss(w, X, y)
        mean_loss.backward()
    return w.grad


@wrong("accumulation/full_gradient", "GRAD-IS-A-SNAPSHOT")
def tidies_up_behind_g(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) * len(X) / rows).backward()
    g = w.grad
    w.grad.zero_()  # leave nothing old behind
    return g


@wrong("accumulation/full_gradient", "OVERWRITE")
def adds_what_has_added_itself(loss, w, batches):
    w.grad = None
    rows = sum(len(X) for X, _ in batches)
    total = 0
    for X, y in batches:
        loss(w, X, y).backward()
        total = total + w.grad * len(X)
    return total / rows


@wrong("accumulation/full_gradient", "OVERWRITE")
def trusts_the_first_walk_to_replace(loss, w, batches):
    N = 0
    for X, _ in batches:
        N += len(X)
    for X, y in batches:
        share = len(X) / N
        (share * loss(w, X, y)).backward()
    return w.grad


@wrong("accumulation/full_gradient", "GRAD-STARTS-AT-ZERO")
def zeroes_what_may_be_none(loss, w, batches):
    w.grad.zero_()
    rows = sum(len(X) for X, _ in batches)
    for X, y in batches:
        (loss(w, X, y) * len(X) / rows).backward()
    return w.grad


@wrong("accumulation/full_gradient", "BACKWARD-RETURNS")
def adds_what_backward_gives(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    total = torch.zeros_like(w)
    for X, y in batches:
        w.grad = None
        g = loss(w, X, y).backward()
        total = total + g * len(X) / rows
    return total


@wrong("accumulation/full_gradient", "GRAD-ON-OUTPUT")
def reads_the_losses(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    total = 0.0
    for X, y in batches:
        part = loss(w, X, y) * len(X) / rows
        part.backward()
        total += part.grad
    return total


@wrong("accumulation/full_gradient", "GRAPH-FREED")
def walks_from_a_running_sum(loss, w, batches):
    w.grad = None
    rows = sum(len(X) for X, _ in batches)
    running = 0.0
    for X, y in batches:
        running = running + loss(w, X, y) * len(X) / rows
        running.backward()
    return w.grad


@wrong("accumulation/full_gradient", "RETAIN-RECOMPUTES")
def running_sum_with_the_cure(loss, w, batches):
    w.grad = None
    rows = sum(len(X) for X, _ in batches)
    so_far = torch.zeros((), dtype=w.dtype)
    for X, y in batches:
        so_far = so_far + len(X) * loss(w, X, y)
        so_far.backward(retain_graph=True)
    return w.grad / rows


@wrong("accumulation/full_gradient", "TENSOR-KEEPS-GRAPH")
def wraps_the_part_anew(loss, w, batches):
    w.grad = None
    rows = sum(len(X) for X, _ in batches)
    for X, y in batches:
        part = torch.tensor(loss(w, X, y) * len(X) / rows, requires_grad=True)
        part.backward()
    return w.grad


@wrong("accumulation/full_gradient", "FLAG-MAKES-GRAPH")
def sets_the_flag_on_the_loss(loss, w, batches):
    w.grad = None
    rows = sum(len(X) for X, _ in batches)
    for X, y in batches:
        part = torch.tensor(loss(w, X, y).item() * len(X) / rows)
        part.requires_grad_(True)  # otherwise: "does not require grad"
        part.backward()
    return w.grad


@wrong("accumulation/full_gradient", "ZEROED-TOO-EARLY")
def clears_and_then_adds(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    grad = torch.zeros_like(w).detach()
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
        w.grad.zero_()
        grad += w.grad * len(X) / rows
    return grad


# --------------------------------------------------------------------------
# vector/vjp
# --------------------------------------------------------------------------


@right("vector/vjp")
def asks_with_grad_outputs(f, x, v):
    leaf = x.detach().clone().requires_grad_(True)
    (g,) = torch.autograd.grad(f(leaf), leaf, grad_outputs=v)
    return g


@right("vector/vjp")
def dots_the_outputs(f, x, v):
    x = x.clone()
    x.requires_grad = True
    z = v @ f(x)
    z.backward()
    return x.grad


@right("vector/vjp")
def functional(f, x, v):
    _, pull_back = torch.func.vjp(f, x)
    return pull_back(v)[0]


@right("vector/vjp")
def adds_the_terms(f, x, v):
    a = torch.empty_like(x).copy_(x).requires_grad_()
    outputs = f(a)
    z = 0
    for weight, output in zip(v.tolist(), outputs):
        z = z + weight * output
    z.backward()
    return a.grad.clone()


@wrong("vector/vjp", "WEIGHTS-ON-THE-INPUTS")
def weighs_afterwards(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(gradient=torch.ones_like(y))
    return v * x.grad


@wrong("vector/vjp", "GRADIENT-ARG-IS-A-NAME")
def names_the_output(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    z = v * y
    z.backward(gradient=z.detach())
    return x.grad


@wrong("vector/vjp", "WEIGHTS-IGNORED")
def just_sums(f, x, v):
    leaf = x.clone()
    leaf.requires_grad_()
    f(leaf).sum().backward()
    return leaf.grad


@wrong("vector/vjp", "JVP-NOT-VJP")
def table_times_weights(f, x, v):
    J = torch.autograd.functional.jacobian(f, x)
    return J @ v


@wrong("vector/vjp", "JACOBIAN")
def expects_the_table_in_grad(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward()
    return v @ x.grad


@wrong("vector/vjp", "WEIGHTS-BROADCAST")
def one_number_for_all(f, x, v):
    x = x.clone().requires_grad_()
    y = v * f(x)
    y.backward(gradient=torch.tensor(1.0))
    return x.grad


@wrong("vector/vjp", "GRAD-ON-OUTPUT")
def asks_the_weighted_sum(f, x, v):
    x = x.clone().requires_grad_()
    z = (v * f(x)).sum()
    z.backward()
    return z.grad


@wrong("vector/vjp", "FORGOT-FLAG")
def only_a_clone(f, x, v):
    x = x.clone()
    y = f(x)
    y.backward(gradient=v)
    return x.grad


@wrong("vector/vjp", "RETROACTIVE")
def flag_comes_last(f, x, v):
    x = x.clone()
    y = f(x)
    x.requires_grad_()
    y.backward(gradient=v)
    return x.grad


@wrong("vector/vjp", "SUM=MEAN")
def weighted_mean(f, x, v):
    x = x.clone().requires_grad_(True)
    torch.mean(v * f(x)).backward()
    return x.grad


@wrong("vector/vjp", "WEIGHTS-ARE-A-MASK")
def keeps_what_counts(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    y[v != 0].sum().backward()
    return x.grad


@wrong("vector/vjp", "ARGUMENT-IS-THE-POINT")
def differentiates_at_v(f, x, v):
    at = v.clone().requires_grad_()
    y = f(at)
    y.backward(gradient=torch.ones_like(y))
    return at.grad


@wrong("vector/vjp", "TYPO-ACCEPTED")
def names_the_method(f, x, v):
    leaf = x.clone()
    leaf.requires_grad_
    f(leaf).backward(gradient=v)
    return leaf.grad


@wrong("vector/vjp", "NUMBERS-CARRY-GRAD")
def sums_numbers(f, x, v):
    x = x.clone().requires_grad_()
    total = 0.0
    for weight, out in zip(v, f(x)):
        total += weight.item() * out.item()
    total = torch.tensor(total, requires_grad=True)
    total.backward()
    return x.grad


# --------------------------------------------------------------------------
# vector/jacobian
# --------------------------------------------------------------------------


@right("vector/jacobian")
def one_output_at_a_time(f, x):
    x = x.detach().clone().requires_grad_()
    y = f(x)
    J = torch.zeros(len(y), len(x), dtype=x.dtype)
    for i in range(len(y)):
        y[i].backward(retain_graph=True)
        J[i] = x.grad
        x.grad.zero_()
    return J


@right("vector/jacobian")
def list_of_grads(f, x):
    leaf = x.clone().requires_grad_()
    y = f(leaf)
    return torch.stack(
        [torch.autograd.grad(out, leaf, retain_graph=True)[0] for out in y.unbind()]
    )


@right("vector/jacobian")
def all_walks_at_once(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    eye = torch.eye(y.numel(), dtype=y.dtype)
    (J,) = torch.autograd.grad(y, x, grad_outputs=eye, is_grads_batched=True)
    return J


@right("vector/jacobian")
def differences_of_the_pile(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    m = y.shape[0]
    before = torch.zeros_like(x).detach()
    rows = []
    for i in range(m):
        weights = torch.zeros(m, dtype=y.dtype)
        weights[i] = 1
        y.backward(weights, retain_graph=i < m - 1)
        rows.append(x.grad - before)
        before = x.grad.clone()
    return torch.stack(rows)


@wrong("vector/jacobian", "OVERWRITE")
def every_walk_replaces(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    table = torch.zeros(len(y), len(x), dtype=x.dtype)
    for i in range(len(y)):
        y[i].backward(retain_graph=True)
        table[i] = x.grad
    return table


@wrong("vector/jacobian", "GRAD-IS-A-SNAPSHOT")
def zeroes_the_rows_it_keeps(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for one_hot in torch.eye(len(y), dtype=y.dtype):
        y.backward(gradient=one_hot, retain_graph=True)
        row = x.grad
        rows.append(row)
        if len(rows) < len(y):
            x.grad.zero_()
    return torch.stack(rows)


@wrong("vector/jacobian", "JACOBIAN")
def ones_bring_the_table(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(gradient=torch.ones(len(y), dtype=y.dtype))
    J = x.grad
    return J


@wrong("vector/jacobian", "GRAPH-FREED")
def walks_without_keeping(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for i in range(len(y)):
        v = torch.zeros_like(y)
        v[i] = 1.0
        x.grad = None
        y.backward(gradient=v)
        rows.append(x.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "BACKWARD-RETURNS")
def stacks_what_backward_gives(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = [y.backward(gradient=v, retain_graph=True) for v in torch.eye(len(y))]
    return torch.stack(rows)


@wrong("vector/jacobian", "GRAD-ON-OUTPUT")
def reads_each_output(f, x):
    x = x.clone().requires_grad_()
    rows = []
    for out in f(x):
        out.backward(retain_graph=True)
        rows.append(out.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "JVP-NOT-VJP")
def one_hot_brings_a_column(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    columns = []
    for v in torch.eye(len(y), dtype=y.dtype):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        columns.append(x.grad)
    return torch.stack(columns, dim=1)


@wrong("vector/jacobian", "GRAD-STARTS-AT-ZERO")
def zeroes_first(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad.zero_()
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad.clone())
    return torch.stack(rows)


@wrong("vector/jacobian", "DIAGONAL-JACOBIAN")
def output_i_knows_input_i(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    J = torch.zeros(len(y), len(x), dtype=x.dtype)
    for i in range(len(y)):
        x.grad = None
        y[i].backward(retain_graph=True)
        J[i, i] = x.grad[i]
    return J


@wrong("vector/jacobian", "TENSOR-KEEPS-GRAPH")
def an_own_tensor_for_each_output(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for i in range(len(y)):
        x.grad = None
        out = torch.tensor(y[i], requires_grad=True)
        out.backward()
        rows.append(x.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "ZEROED-TOO-EARLY")
def clears_and_then_keeps(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        y.backward(gradient=v, retain_graph=True)
        x.grad.zero_()
        rows.append(x.grad.clone())
    return torch.stack(rows)


@wrong("vector/jacobian", "GRADIENT-ARG-IS-A-NAME")
def names_the_output_it_wants(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for i in range(len(y)):
        x.grad = None
        y[i].backward(gradient=y[i].detach(), retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "WEIGHTS-ON-THE-INPUTS")
def weighs_the_gradient_of_the_sum(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    y.sum().backward()
    return torch.stack([x.grad * v for v in torch.eye(len(y), dtype=y.dtype)])


@wrong("vector/jacobian", "FINITE-DIFFERENCE")
def nudges_every_input(f, x):
    h = 1e-6
    y = f(x)
    columns = []
    for j in range(len(x)):
        nudged = x.clone()
        nudged[j] += h
        columns.append((f(nudged) - y) / h)
    return torch.stack(columns, dim=1)


# --------------------------------------------------------------------------
# vector/per_sample
# --------------------------------------------------------------------------


@right("vector/per_sample")
def grads_in_a_list(loss, w, X, ys):
    table = [torch.autograd.grad(loss(w, X[i], ys[i]), w)[0] for i in range(len(X))]
    return torch.stack(table)


@right("vector/per_sample")
def a_copy_of_w_for_each_row(loss, w, X, ys):
    copies = torch.stack([w.detach()] * len(X)).requires_grad_()
    total = 0
    for wi, x, y in zip(copies, X, ys):
        total = total + loss(wi, x, y)
    total.backward()
    return copies.grad


@right("vector/per_sample")
def rows_of_the_jacobian(loss, w, X, ys):
    losses = torch.stack([loss(w, x, y) for x, y in zip(X, ys)])
    n = len(losses)
    out = torch.empty(n, *w.shape, dtype=w.dtype)
    for i, v in enumerate(torch.eye(n, dtype=losses.dtype)):
        w.grad = None
        losses.backward(v, retain_graph=True)
        out[i] = w.grad
    w.grad = None
    return out


@right("vector/per_sample")
def copies_and_zeroes(loss, w, X, ys):
    rows = []
    for i in range(X.shape[0]):
        loss(w, X[i], ys[i]).backward()
        rows.append(w.grad.clone().unsqueeze(0))
        w.grad.zero_()
    return torch.cat(rows)


@wrong("vector/per_sample", "OVERWRITE")
def appends_a_growing_pile(loss, w, X, ys):
    grads = []
    for x, y in zip(X, ys):
        loss(w, x, y).backward()
        grads.append(w.grad.clone())
    return torch.stack(grads)


@wrong("vector/per_sample", "GRAD-IS-A-SNAPSHOT")
def keeps_one_tensor_many_times(loss, w, X, ys):
    rows = []
    for i in range(len(X)):
        if w.grad is not None:
            w.grad.zero_()
        loss(w, X[i], ys[i]).backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "GRAD-STARTS-AT-ZERO")
def zeroes_the_empty_grad(loss, w, X, ys):
    table = []
    for i in range(len(X)):
        w.grad.zero_()
        loss(w, X[i], ys[i]).backward()
        table.append(w.grad.clone())
    return torch.stack(table)


@wrong("vector/per_sample", "JACOBIAN")
def walks_back_from_all_losses(loss, w, X, ys):
    losses = torch.stack([loss(w, x, y) for x, y in zip(X, ys)])
    losses.backward(gradient=torch.ones_like(losses))
    return w.grad


@wrong("vector/per_sample", "SUM=MEAN")
def a_share_of_the_mean(loss, w, X, ys):
    n = len(X)
    rows = []
    for x, y in zip(X, ys):
        w.grad = None
        mean_loss = loss(w, x, y) / n
        mean_loss.backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "BACKWARD-RETURNS")
def collects_what_backward_gives(loss, w, X, ys):
    out = []
    for x, y in zip(X, ys):
        w.grad = None
        out.append(loss(w, x, y).backward())
    return torch.stack(out)


@wrong("vector/per_sample", "GRAD-ON-OUTPUT")
def reads_the_losses_themselves(loss, w, X, ys):
    losses = [loss(w, x, y) for x, y in zip(X, ys)]
    for l in losses:
        l.backward()
    return torch.stack([l.grad for l in losses])


@wrong("vector/per_sample", "ZEROED-TOO-EARLY")
def zeroes_before_it_keeps(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys):
        loss(w, x, y).backward()
        w.grad.zero_()
        rows.append(w.grad.clone())
    return torch.stack(rows)


@wrong("vector/per_sample", "NUMBERS-CARRY-GRAD")
def gathers_numbers(loss, w, X, ys):
    losses = [loss(w, x, y).item() for x, y in zip(X, ys)]
    rows = []
    for number in losses:
        w.grad = None
        torch.tensor(number, requires_grad=True).backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "TENSOR-KEEPS-GRAPH")
def joins_with_tensor(loss, w, X, ys):
    losses = torch.tensor([loss(w, x, y) for x, y in zip(X, ys)])
    rows = []
    for v in torch.eye(len(losses)):
        w.grad = None
        losses.backward(gradient=v, retain_graph=True)
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "GRAPH-FREED")
def one_graph_many_walks(loss, w, X, ys):
    losses = torch.stack([loss(w, X[i], ys[i]) for i in range(len(X))])
    rows = []
    for i in range(len(X)):
        w.grad = None
        losses[i].backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "NO_GRAD-STILL-FLOWS")
def saves_memory_going_forward(loss, w, X, ys):
    with torch.no_grad():
        losses = [loss(w, x, y) for x, y in zip(X, ys)]
    rows = []
    for l in losses:
        w.grad = None
        l.backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "FLAG-MAKES-LEAF")
def flags_the_copies(loss, w, X, ys):
    W = torch.stack([w] * len(X)).requires_grad_()
    total = sum(loss(W[i], X[i], ys[i]) for i in range(len(X)))
    total.backward()
    return W.grad


@wrong("vector/per_sample", "NEW-LEAF")
def walks_to_a_fresh_leaf(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys):
        w.grad = None
        fresh = w.detach().clone().requires_grad_()
        loss(fresh, x, y).backward()
        rows.append(w.grad)
    return torch.stack(rows)
