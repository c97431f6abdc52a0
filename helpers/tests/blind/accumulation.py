"""Answers that learners give in lesson 3, right and wrong."""

import itertools

import torch

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- used_twice

guess("accumulation/used_twice", None, 2)
guess("accumulation/used_twice", None, 2.0)
guess("accumulation/used_twice", None, torch.tensor(2.0))
guess("accumulation/used_twice", "ONE-USE-ONLY", 1)
guess("accumulation/used_twice", "ONE-USE-ONLY", torch.tensor(1.0))
guess("accumulation/used_twice", "GRAD-IS-VALUE", 6)
guess("accumulation/used_twice", "OWN-VALUE", 3.0)
guess("accumulation/used_twice", "GRAD-ON-OUTPUT", None)
guess("accumulation/used_twice", "ONE-GRADIENT-PER-ARROW", [1, 1])
guess("accumulation/used_twice", "NONE-IS-ZERO", 0)

# ---------------------------------------------------------------- two_walks

guess("accumulation/two_walks", None, [1, 5, 9, 13])
guess("accumulation/two_walks", None, (1.0, 5.0, 9.0, 13.0))
guess("accumulation/two_walks", None, 4 * torch.arange(4.0) + 1)
guess("accumulation/two_walks", "OVERWRITE", [1, 1, 1, 1])
guess("accumulation/two_walks", "OVERWRITE", torch.ones(4))
guess("accumulation/two_walks", "FIRST-WINS", [0, 4, 8, 12])
guess("accumulation/two_walks", "ACCUMULATION-AVERAGES", [0.5, 2.5, 4.5, 6.5])
guess("accumulation/two_walks", "ONE-USE-ONLY", (1, 3, 5, 7))
guess("accumulation/two_walks", "GRAD-IS-VALUE", 6)
guess("accumulation/two_walks", "GRAD-IS-VALUE", 28 + 6)
guess("accumulation/two_walks", "ONE-BACKWARD-PER-LEAF", "error")
guess("accumulation/two_walks", "GRAD-ON-OUTPUT", None)

# ---------------------------------------------------------------- alias

guess("accumulation/alias", None, 12)
guess("accumulation/alias", None, 12.0)
guess("accumulation/alias", None, torch.tensor(12.0))
guess("accumulation/alias", "GRAD-IS-A-SNAPSHOT", 4)
guess("accumulation/alias", "GRAD-IS-A-SNAPSHOT", torch.tensor(4.0))
guess("accumulation/alias", "NEW-TENSOR-EACH-BACKWARD", 0)
guess("accumulation/alias", "ZERO-IS-NOT-INPLACE", 16.0)
guess("accumulation/alias", "ALIAS-OF-ATTRIBUTE", None)
guess("accumulation/alias", "GRAD-IS-VALUE", 8)

# ---------------------------------------------------------------- retained

guess("accumulation/retained", None, 12)
guess("accumulation/retained", None, 12.0)
guess("accumulation/retained", None, torch.tensor(12.0))
guess("accumulation/retained", "RETAIN-RECOMPUTES", 6)
guess("accumulation/retained", "RETAIN-RECOMPUTES", torch.tensor(6.0))
guess("accumulation/retained", "SECOND-DERIVATIVE", 2)
# The second derivative, added to the first.
guess("accumulation/retained", "SECOND-DERIVATIVE", 8.0)
guess("accumulation/retained", "GRAD-IS-VALUE", 9)
guess("accumulation/retained", "GRAD-IS-VALUE", 18)
guess("accumulation/retained", "WALKS-MULTIPLY", 36)
guess("accumulation/retained", "GRAPH-FREED", "error")

# ---------------------------------------------------------------- second_turn

guess("accumulation/second_turn", None, 0.5)
guess("accumulation/second_turn", None, 1 / 2)
guess("accumulation/second_turn", None, torch.tensor(0.5))
guess("accumulation/second_turn", "OVERWRITE", 1.5)
guess("accumulation/second_turn", "OVERWRITE", torch.tensor(1.5))
guess("accumulation/second_turn", "GRADIENT-FROZEN", 1)
guess("accumulation/second_turn", "STEP-CLEARS-AND-STOPS", 2.0)
guess("accumulation/second_turn", "NO_GRAD-BLOCKS-UPDATE", 3)
guess("accumulation/second_turn", "ACCUMULATION-AVERAGES", 1.25)
guess("accumulation/second_turn", "UPHILL", 2 + 0.25 * 6)
guess("accumulation/second_turn", "OFF-BY-ONE", -0.75)

# ---------------------------------------------------------------- rebind

guess("accumulation/rebind", None, [False, True])
guess("accumulation/rebind", None, (0, 1))
guess("accumulation/rebind", None, torch.tensor([False, True]))
guess("accumulation/rebind", "REBIND", [True, True])
guess("accumulation/rebind", "REBIND", (1, 1))
guess("accumulation/rebind", "RESULT-IS-PLAIN", [True, False])
guess("accumulation/rebind", "FLAG-STAYS-BEHIND", [False, False])
guess("accumulation/rebind", "FLAG-STAYS-BEHIND", torch.tensor([0, 0]))

# ---------------------------------------------------------------- descend


@wrong("accumulation/descend", "OVERWRITE")
def adds_up(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "OVERWRITE")
def cleared_once_before(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64).requires_grad_()
    optimizer = torch.optim.SGD([x], lr=rate)
    optimizer.zero_grad()
    for _ in range(steps):
        loss = f(x)
        loss.backward()
        optimizer.step()
    return float(x)


@wrong("accumulation/descend", "OVERWRITE")
def clears_somebody_elses(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    i = 0
    while i < steps:
        loss = f(x)
        loss.grad = None
        loss.backward()
        x.data = x.data - rate * x.grad
        i = i + 1
    return x.item()


@wrong("accumulation/descend", "TYPO-ACCEPTED")
def zero_without_brackets(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x.data.sub_(rate * x.grad)
        x.grad.zero_  # noqa: B018 - this is the mistake
    return x.item()


@wrong("accumulation/descend", "TYPO-ACCEPTED")
def clears_another_attribute(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.gard = None
        f(x).backward()
        with torch.no_grad():
            x.add_(x.grad, alpha=-rate)
    return x.item()


@wrong("accumulation/descend", "ZERO-IS-NOT-INPLACE")
def zeros_for_nobody(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
        torch.zeros_like(x.grad)
    return x.item()


@wrong("accumulation/descend", "REBIND")
def a_new_x_each_time(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        x = x - rate * x.grad
    return x.item()


@wrong("accumulation/descend", "REBIND")
def a_new_x_without_memory(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        loss = f(x)
        loss.backward()
        with torch.no_grad():
            x = x - rate * x.grad
            x.grad = None
    return x.item()


@wrong("accumulation/descend", "REBIND")
def the_leaf_stays_where_it_was(f, x0, rate, steps):
    start = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    x = start
    for _ in range(steps):
        start.grad = None
        f(start).backward()
        x = start - rate * start.grad
    return x.item()


@wrong("accumulation/descend", "UPDATE-IS-FREE")
def in_place_and_recorded(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "UPDATE-IS-FREE")
def slope_by_the_other_form(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        (slope,) = torch.autograd.grad(f(x), x)
        x.sub_(slope * rate)
    return x.detach().item()


@wrong("accumulation/descend", "GRAD-STARTS-AT-ZERO")
def zeroes_nothing_at_first(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad.zero_()
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "ZEROED-TOO-EARLY")
def zeroes_to_be_safe(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        g = x.grad
        g.zero_()
        with torch.no_grad():
            x -= rate * g
    return x.item()


@wrong("accumulation/descend", "ZEROED-TOO-EARLY")
def optimizer_with_nothing_left(f, x0, rate, steps):
    x = torch.nn.Parameter(torch.tensor(x0, dtype=torch.float64))
    opt = torch.optim.SGD([x], lr=rate)
    for _ in range(steps):
        f(x).backward()
        opt.zero_grad()
        opt.step()
    return x.item()


@wrong("accumulation/descend", "GRAPH-FREED")
def one_graph_for_all(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    for _ in range(steps):
        x.grad = None
        y.backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "RETAIN-RECOMPUTES")
def one_graph_that_is_kept(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    for _ in range(steps):
        x.grad = None
        y.backward(retain_graph=True)
        x.data = x.data - rate * x.grad
    return x.item()


@wrong("accumulation/descend", "GRADIENT-FROZEN")
def slope_of_the_start(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    with torch.no_grad():
        for _ in range(steps):
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "NO_GRAD-STILL-FLOWS")
def everything_without_notes(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        for _ in range(steps):
            x.grad = None
            f(x).backward()
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "INT-DTYPE")
def single_precision_steps(f, x0, rate, steps):
    x = torch.tensor(x0, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "UPHILL")
def climbs(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x += rate * x.grad
    return x.item()


@wrong("accumulation/descend", "FINITE-DIFFERENCE")
def tries_both_sides(f, x0, rate, steps):
    x, h = torch.tensor(x0, dtype=torch.float64), 1e-4
    for _ in range(steps):
        x = x - rate * (f(x + h) - f(x - h)) / (2 * h)
    return x.item()


@wrong("accumulation/descend", "GRAD-IS-VALUE")
def follows_the_value(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64)
    for _ in range(steps):
        x = x - rate * f(x)
    return x.item()


@wrong("accumulation/descend", "OFF-BY-ONE")
def counts_from_zero_to_steps(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(0, steps + 1):
        x.grad = None
        f(x).backward()
        x.data -= rate * x.grad
    return x.item()


@wrong("accumulation/descend", "BACKWARD-RETURNS")
def subtracts_the_call(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        slope = f(x).backward()
        x.data -= rate * slope
    return x.item()


@wrong("accumulation/descend", "FORGOT-FLAG")
def a_plain_number_again(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x = torch.tensor(x.item() - rate * x.grad.item(), dtype=torch.float64)
    return x.item()


@right("accumulation/descend")
def by_the_library(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    opt = torch.optim.SGD([x], lr=rate)
    for _ in range(steps):
        opt.zero_grad()
        f(x).backward()
        opt.step()
    return x.item()


@right("accumulation/descend")
def never_stores_a_gradient(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.double, requires_grad=True)
    while steps > 0:
        slope = torch.autograd.grad(f(x), x)[0]
        x.data.sub_(rate * slope)
        steps -= 1
    return float(x)


@right("accumulation/descend")
def zeroed_after_the_step(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x.copy_(x - rate * x.grad)
        x.grad.zero_()
    return x.tolist()


@right("accumulation/descend")
def remembers_what_was_there(f, x0, rate, steps):
    x = torch.nn.Parameter(torch.tensor(x0, dtype=torch.float64))
    before = torch.zeros_like(x)
    for _ in range(steps):
        f(x).backward()
        slope = x.grad - before
        before = x.grad.clone()
        with torch.no_grad():
            x -= rate * slope
    return x.item()


@right("accumulation/descend")
def cleared_only_if_there(f, x0, rate, steps):
    x = torch.full((), x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        if x.grad is not None:
            x.grad.data.zero_()
        loss = f(x)
        loss.backward()
        x.requires_grad_(False)
        x -= rate * x.grad
        x.requires_grad_(True)
    return x.detach().numpy().item()


@right("accumulation/descend")
def cut_and_flagged_each_time(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x = (x - rate * x.grad).detach().requires_grad_()
    return x.item()


@right("accumulation/descend")
def calls_itself(f, x0, rate, steps):
    if steps == 0:
        return x0
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    return calls_itself(f, x0 - rate * x.grad.item(), rate, steps - 1)


@right("accumulation/descend")
def slope_as_a_function(f, x0, rate, steps):
    slope = torch.func.grad(f)
    x = torch.tensor(x0, dtype=torch.float64)
    for _ in range(steps):
        x = x - rate * slope(x)
    return x.item()


# ---------------------------------------------------------------- full_gradient


@wrong("accumulation/full_gradient", "EQUAL-BATCHES")
def mean_of_means(loss, w, batches):
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) / len(batches)).backward()
    return w.grad


@wrong("accumulation/full_gradient", "EQUAL-BATCHES")
def divided_at_the_end(loss, w, batches):
    w.grad = None
    count = 0
    for X, y in batches:
        loss(w, X, y).backward()
        count += 1
    return w.grad / count


@wrong("accumulation/full_gradient", "EQUAL-BATCHES")
def share_of_the_first_batch(loss, w, batches):
    w.grad = None
    size = len(batches[0][0])
    rows = sum(len(y) for _, y in batches)
    for X, y in batches:
        part = loss(w, X, y) * size / rows
        part.backward()
    return w.grad


@wrong("accumulation/full_gradient", "SUM=MEAN")
def simply_added(loss, w, batches):
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
    return w.grad


@wrong("accumulation/full_gradient", "SUM=MEAN")
def sum_over_the_rows(loss, w, batches):
    w.grad = torch.zeros_like(w)
    for X, y in batches:
        value = loss(w, X, y) * X.shape[0]
        value.backward()
    return w.grad


@wrong("accumulation/full_gradient", "OVERWRITE")
def old_gradient_stays(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    for X, y in batches:
        (loss(w, X, y) * len(X) / rows).backward()
    return w.grad


@wrong("accumulation/full_gradient", "OVERWRITE")
def adds_up_what_adds_up(loss, w, batches):
    rows = sum(X.size(0) for X, _ in batches)
    total = torch.zeros_like(w)
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
        total += w.grad * len(X) / rows
    return total.detach()


@wrong("accumulation/full_gradient", "OVERWRITE")
def clears_the_loss_only(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    for X, y in batches:
        value = loss(w, X, y)
        value.grad = None
        value.backward(torch.full_like(value, len(X) / rows))
    return w.grad.clone()


@wrong("accumulation/full_gradient", "ALWAYS-ZERO-FIRST")
def cleared_in_every_turn(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    for X, y in batches:
        w.grad = None
        (loss(w, X, y) * len(X) / rows).backward()
    return w.grad


@wrong("accumulation/full_gradient", "ALWAYS-ZERO-FIRST")
def optimizer_zeroes_each_batch(loss, w, batches):
    optimizer = torch.optim.SGD([w], lr=0.1)
    for X, y in batches:
        optimizer.zero_grad()
        l_batch = loss(w, X, y)
        l_batch.backward()
    return w.grad


@wrong("accumulation/full_gradient", "GRAD-STARTS-AT-ZERO")
def zeroes_without_looking(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad.zero_()
    for X, y in batches:
        (loss(w, X, y) * (len(X) / rows)).backward()
    return w.grad


@wrong("accumulation/full_gradient", "GRAD-IS-A-SNAPSHOT")
def a_list_of_one_tensor(loss, w, batches):
    sizes, grads = [], []
    w.grad = torch.zeros_like(w)
    for X, y in batches:
        w.grad.zero_()
        loss(w, X, y).backward()
        grads.append(w.grad)
        sizes.append(len(X))
    weighted = [g * n for g, n in zip(grads, sizes, strict=True)]
    return sum(weighted) / sum(sizes)


@wrong("accumulation/full_gradient", "GRAD-IS-A-SNAPSHOT")
def subtracts_its_own_name(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    old = w.grad if w.grad is not None else 0
    for X, y in batches:
        (loss(w, X, y) * len(X) / rows).backward()
    return w.grad - old


@wrong("accumulation/full_gradient", "BACKWARD-RETURNS")
def sums_what_is_returned(loss, w, batches):
    total = 0
    rows = 0
    for X, y in batches:
        total = total + len(X) * loss(w, X, y).backward()
        rows += len(X)
    return total / rows


@wrong("accumulation/full_gradient", "NUMBERS-CARRY-GRAD")
def weighs_a_number(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad = None
    mean = 0.0
    for X, y in batches:
        mean += loss(w, X, y).item() * len(X) / rows
    torch.tensor(mean, requires_grad=True).backward()
    return w.grad


@wrong("accumulation/full_gradient", "GRAD-ON-OUTPUT")
def works_on_a_copy(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    v = w.clone()
    for X, y in batches:
        (loss(v, X, y) * len(X) / rows).backward(retain_graph=True)
    return v.grad


@wrong("accumulation/full_gradient", "SHAPES-DONT-MATTER")
def counts_the_columns(loss, w, batches):
    total = sum(X.numel() for X, _ in batches)
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) * X.shape[1] / total).backward()
    return w.grad


@wrong("accumulation/full_gradient", "GRAD-IS-VALUE")
def the_mean_loss(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad = None
    mean = sum(loss(w, X, y) * len(X) / rows for X, y in batches)
    mean.backward()
    return mean.detach()


@wrong("accumulation/full_gradient", "REBIND")
def steps_while_it_walks(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) * len(X) / rows).backward()
        w = w - 0.01 * w.grad
    return w.grad


@right("accumulation/full_gradient")
def the_share_as_a_weight(loss, w, batches):
    sizes = [X.shape[0] for X, _ in batches]
    w.grad = None
    for (X, y), size in zip(batches, sizes, strict=True):
        value = loss(w, X, y)
        value.backward(torch.full_like(value, size / sum(sizes)))
    return w.grad


@right("accumulation/full_gradient")
def sum_first_then_divide(loss, w, batches):
    if w.grad is not None:
        w.grad.zero_()
    rows = 0
    for X, y in batches:
        (len(X) * loss(w, X, y)).backward()
        rows += len(X)
    w.grad /= rows
    return w.grad


@right("accumulation/full_gradient")
def takes_the_old_one_off(loss, w, batches):
    rows = sum(len(y) for _, y in batches)
    old = torch.zeros_like(w) if w.grad is None else w.grad.clone()
    for X, y in batches:
        (loss(w, X, y) * len(X)).div(rows).backward()
    return w.grad - old


@right("accumulation/full_gradient")
def one_copy_for_each_batch(loss, w, batches):
    parts = []
    for X, y in batches:
        w.grad = None
        loss(w, X, y).backward()
        parts += [w.grad.clone()] * len(X)
    return torch.stack(parts).mean(0)


@right("accumulation/full_gradient")
def a_running_mean(loss, w, batches):
    mean, rows = torch.zeros_like(w), 0
    for X, y in batches:
        if w.grad is not None:
            w.grad = None
        loss(w, X, y).backward()
        rows += len(X)
        mean = mean + (w.grad - mean) * len(X) / rows
    return mean.detach()


@right("accumulation/full_gradient")
def on_a_leaf_of_its_own(loss, w, batches):
    v = w.detach().clone().requires_grad_()
    *_, rows = itertools.accumulate(len(X) for X, _ in batches)
    for X, y in batches:
        torch.autograd.backward(loss(v, X, y) * (len(X) / rows), inputs=[v])
    return v.grad


@right("accumulation/full_gradient")
def backwards_through_the_list(loss, w, batches):
    torch.optim.SGD([w], lr=1.0).zero_grad(set_to_none=False)
    rows = torch.tensor([len(X) for X, _ in batches]).sum()
    for X, y in reversed(batches):
        loss(w, X, y).mul(X.size(0)).true_divide(rows).backward()
    return w.grad.clone()
