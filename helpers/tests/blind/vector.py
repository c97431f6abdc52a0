"""Answers that learners give in lesson 4, right and wrong."""

import torch
from torch.autograd import functional

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- weights
# y = x * x at [0, 1, 2, 3], weights [1, 0, 2, 0.5]

guess("vector/weights", None, [0, 0, 8, 3])
guess("vector/weights", None, (0.0, 0.0, 8.0, 3.0))
guess("vector/weights", None, torch.tensor([0.0, 0.0, 8.0, 3.0]))
guess("vector/weights", "WEIGHTS-IGNORED", [0, 2, 4, 6])
guess("vector/weights", "ARGUMENT-IS-THE-POINT", [2.0, 0.0, 4.0, 1.0])
guess("vector/weights", "WEIGHTS-ARE-A-MASK", (0, 0, 4, 6))
guess("vector/weights", "WEIGHTS-TIMES-VALUE", [0, 0, 8, 4.5])
guess("vector/weights", "ONE-USE-ONLY", torch.tensor([0.0, 0.0, 4.0, 1.5]))
guess("vector/weights", "SUM=MEAN", [0, 0, 2, 0.75])
guess("vector/weights", "GRAD-IS-VALUE", [0, 1, 4, 9])
guess("vector/weights", "ONE-NUMBER-COMES-BACK", 11)
guess("vector/weights", "JACOBIAN", torch.diag(torch.tensor([0.0, 0.0, 8.0, 3.0])))
guess("vector/weights", "GRAD-ON-OUTPUT", None)

# ---------------------------------------------------------------- argument
# the weights are y = [0, 1, 4, 9] itself

guess("vector/argument", None, [0, 2, 16, 54])
guess("vector/argument", None, (0.0, 2.0, 16.0, 54.0))
guess("vector/argument", None, torch.tensor([0, 2, 16, 54]))
guess("vector/argument", "GRADIENT-ARG-IS-A-NAME", [0, 2, 4, 6])
guess("vector/argument", "ARGUMENT-IS-THE-POINT", [0, 2, 8, 18])
guess("vector/argument", "DIFFERENTIATES-Y-SQUARED", (0, 4, 32, 108))
guess("vector/argument", "ONE-USE-ONLY", [0.0, 1.0, 8.0, 27.0])
guess("vector/argument", "WEIGHTS-TIMES-VALUE", torch.tensor([0.0, 1, 16, 81]))
guess("vector/argument", "SUM=MEAN", [0.0, 0.5, 1.0, 1.5])
guess("vector/argument", "DETACH-KILLS-THE-GRAPH", [0, 0, 0, 0])
guess("vector/argument", "DETACH-KILLS-THE-GRAPH", None)
guess("vector/argument", "DIFFERENTIATES-Y-BY-ITSELF", [1, 1, 1, 1])

# ---------------------------------------------------------------- one row
# the table [[2, 1], [0, 5]], weights [0, 1]

guess("vector/one_row", None, [0, 5])
guess("vector/one_row", None, (0.0, 5.0))
guess("vector/one_row", None, torch.tensor([0.0, 5.0], dtype=torch.float64))
guess("vector/one_row", "JVP-NOT-VJP", [1, 5])
guess("vector/one_row", "WEIGHTS-IGNORED", [2, 6])
guess("vector/one_row", "WEIGHTS-ON-THE-INPUTS", (0.0, 6.0))
guess("vector/one_row", "WEIGHTS-TIMES-VALUE", [0, 10])
guess("vector/one_row", "FIRST-ROW", torch.tensor([2.0, 1.0]))
guess("vector/one_row", "JACOBIAN", [[2, 1], [0, 5]])
guess("vector/one_row", "JACOBIAN", [[0, 0], [0, 5]])
guess("vector/one_row", "ONE-NUMBER-COMES-BACK", 5.0)

# ---------------------------------------------------------------- mixed
# the same table, weights [1, 10]

guess("vector/mixed", None, [2, 51])
guess("vector/mixed", None, (2, 51.0))
guess("vector/mixed", None, torch.tensor([2.0, 51.0]))
guess("vector/mixed", "JVP-NOT-VJP", [12, 50])
guess("vector/mixed", "WEIGHTS-IGNORED", (2, 6))
guess("vector/mixed", "WEIGHTS-ON-THE-INPUTS", [2.0, 60.0])
guess("vector/mixed", "DIAGONAL-JACOBIAN", torch.tensor([2.0, 50.0]))
guess("vector/mixed", "WEIGHTS-TIMES-VALUE", [2, 100])
guess("vector/mixed", "ARGUMENT-IS-THE-POINT", [10, 6])
guess("vector/mixed", "SUM=MEAN", [1, 25.5])
guess("vector/mixed", "JACOBIAN", [[2, 1], [0, 50]])
guess("vector/mixed", "ONE-NUMBER-COMES-BACK", 53)

# ---------------------------------------------------------------- vjp


def leaf(x):
    return x.clone().requires_grad_()


@right("vector/vjp")
def asks_grad_directly(f, x, v):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(f(x), x, grad_outputs=v)[0]


@right("vector/vjp")
def walks_from_the_dot_product(f, x, v):
    x = torch.nn.Parameter(x.clone())
    z = v @ f(x)
    z.backward()
    return x.grad


@right("vector/vjp")
def uses_the_functional_vjp(f, x, v):
    _, gradient = functional.vjp(f, x, v)
    return gradient


@right("vector/vjp")
def uses_the_func_vjp(f, x, v):
    pull_back = torch.func.vjp(f, x)[1]
    return pull_back(v)[0]


@right("vector/vjp")
def grad_of_the_weighted_sum(f, x, v):
    return torch.func.grad(lambda p: (f(p) * v).sum())(x)


@right("vector/vjp")
def adds_up_term_by_term(f, x, v):
    x = x.detach().clone()
    x.requires_grad = True
    total = 0.0
    for weight, output in zip(v.tolist(), f(x), strict=True):
        total = total + weight * output
    total.backward()
    return x.grad.clone()


@right("vector/vjp")
def retypes_the_numbers(f, x, v):
    x = torch.tensor(x.tolist(), dtype=x.dtype, requires_grad=True)
    y = f(x)
    y.backward(v, retain_graph=True)
    return tuple(x.grad.tolist())


@right("vector/vjp")
def marks_the_x_it_was_given(f, x, v):
    x.requires_grad_()
    (v * f(x)).sum().backward()
    return x.grad


@right("vector/vjp")
def collects_the_gradient_in_a_hook(f, x, v):
    caught = []
    x = x.detach().requires_grad_()
    x.register_hook(caught.append)
    torch.autograd.backward([f(x)], [v])
    return caught[0]


@wrong("vector/vjp", "WEIGHTS-IGNORED")
def sums_and_forgets_v(f, x, v):
    x = x.clone().requires_grad_()
    f(x).sum().backward()
    return x.grad


@wrong("vector/vjp", "WEIGHTS-IGNORED")
def only_silences_the_error(f, x, v):
    x = x.clone().requires_grad_(True)
    y = f(x)
    y.backward(gradient=torch.ones_like(y))
    return x.grad


@wrong("vector/vjp", "GRADIENT-ARG-IS-A-NAME")
def passes_y_as_the_thing_to_differentiate(f, x, v):
    x = leaf(x)
    y = f(x)
    y.backward(gradient=y.detach())
    return x.grad


@wrong("vector/vjp", "GRADIENT-ARG-IS-A-NAME")
def passes_x_as_the_variable(f, x, v):
    x = leaf(x)
    y = f(x) * v
    y.backward(x)
    return x.grad


@wrong("vector/vjp", "JVP-NOT-VJP")
def multiplies_the_table_from_the_left(f, x, v):
    J = functional.jacobian(f, x)
    return J @ v


@wrong("vector/vjp", "JVP-NOT-VJP")
def pushes_forward(f, x, v):
    return torch.func.jvp(f, (x,), (v,))[1]


@wrong("vector/vjp", "WEIGHTS-ON-THE-INPUTS")
def weighs_what_came_back(f, x, v):
    p = x.clone().requires_grad_()
    f(p).sum().backward()
    return v * p.grad


@wrong("vector/vjp", "WEIGHTS-ON-THE-INPUTS")
def weighs_what_goes_in(f, x, v):
    x = (v * x).requires_grad_()
    f(x).sum().backward()
    return x.grad


@wrong("vector/vjp", "BACKWARD-RETURNS")
def returns_what_backward_returns(f, x, v):
    x = x.clone().requires_grad_()
    return f(x).backward(gradient=v)


@wrong("vector/vjp", "GRAD-ON-OUTPUT")
def looks_into_y(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(gradient=v)
    return y.grad


@wrong("vector/vjp", "GRAD-ON-OUTPUT")
def retains_the_gradient_of_y(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    y.retain_grad()
    y.backward(v)
    return y.grad


@wrong("vector/vjp", "FORGOT-FLAG")
def walks_without_a_leaf(f, x, v):
    x = x.clone()
    f(x).backward(gradient=v)
    return x.grad


@wrong("vector/vjp", "RETROACTIVE")
def sets_the_flag_afterwards(f, x, v):
    x = x.clone()
    y = f(x)
    x.requires_grad_()
    y.backward(gradient=v)
    return x.grad


@wrong("vector/vjp", "DIAGONAL-JACOBIAN")
def takes_the_diagonal_only(f, x, v):
    J = functional.jacobian(f, x)
    n = min(J.shape)
    out = torch.zeros_like(x)
    for i in range(n):
        out[i] = v[i] * J[i][i]
    return out


@wrong("vector/vjp", "SUM=MEAN")
def averages_the_weighted_outputs(f, x, v):
    x = leaf(x)
    (v * f(x)).mean().backward()
    return x.grad


@wrong("vector/vjp", "SUM=MEAN")
def divides_by_the_sum_of_weights(f, x, v):
    x = leaf(x)
    ((v * f(x)).sum() / v.sum()).backward()
    return x.grad


@wrong("vector/vjp", "WEIGHTS-TIMES-VALUE")
def weighs_the_values(f, x, v):
    return v * f(x)


@wrong("vector/vjp", "WEIGHTS-ARE-A-MASK")
def picks_where_v_is_not_zero(f, x, v):
    x = leaf(x)
    f(x)[v != 0].sum().backward()
    return x.grad


@wrong("vector/vjp", "ARGUMENT-IS-THE-POINT")
def differentiates_at_v(f, x, v):
    point = v.clone().requires_grad_()
    f(point).sum().backward()
    return point.grad


@wrong("vector/vjp", "FLAG-MAKES-LEAF")
def computes_its_leaf(f, x, v):
    x = torch.tensor(1.0, requires_grad=True) * x
    f(x).backward(gradient=v)
    return x.grad


@wrong("vector/vjp", "JACOBIAN")
def returns_the_weighted_table(f, x, v):
    x = leaf(x)
    y = f(x)
    rows = [torch.autograd.grad(out, x, retain_graph=True)[0] for out in y]
    return torch.stack([w * row for w, row in zip(v, rows, strict=True)])


@wrong("vector/vjp", "RETAIN-RECOMPUTES")
def walks_twice_to_be_sure(f, x, v):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(v, retain_graph=True)
    y.backward(v)
    return x.grad


@wrong("vector/vjp", "WEIGHTS-BROADCAST")
def gives_one_weight_for_all(f, x, v):
    x = leaf(x)
    f(x).backward(gradient=v.mean())
    return x.grad


@wrong("vector/vjp", "NUMBERS-CARRY-GRAD")
def makes_numbers_first(f, x, v):
    x = leaf(x)
    total = sum(w.item() * y.item() for w, y in zip(v, f(x), strict=True))
    torch.tensor(total, requires_grad=True).backward()
    return x.grad


# ---------------------------------------------------------------- jacobian


@right("vector/jacobian")
def keeps_a_clone_of_each_row(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for i in range(len(y)):
        y[i].backward(retain_graph=True)
        rows.append(x.grad.clone())
        x.grad.zero_()
    return torch.stack(rows)


@right("vector/jacobian")
def asks_grad_for_each_output(f, x):
    x = x.detach().clone().requires_grad_(True)
    y = f(x)
    return torch.stack([torch.autograd.grad(o, x, retain_graph=True)[0] for o in y])


@right("vector/jacobian")
def the_ready_made_one(f, x):
    return functional.jacobian(f, x)


@right("vector/jacobian")
def reverse_mode_from_func(f, x):
    return torch.func.jacrev(f)(x)


@right("vector/jacobian")
def all_walks_in_a_batch(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    eye = torch.eye(y.numel(), dtype=y.dtype)
    (table,) = torch.autograd.grad(y, x, grad_outputs=eye, is_grads_batched=True)
    return table


@right("vector/jacobian")
def fills_a_prepared_table(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    J = torch.zeros(len(y), len(x), dtype=x.dtype)
    for i in range(len(y)):
        v = torch.zeros_like(y)
        v[i] = 1.0
        y.backward(gradient=v, retain_graph=i + 1 < len(y))
        J[i] = x.grad
        x.grad.zero_()
    return J


@right("vector/jacobian")
def differences_of_the_running_sum(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    before, rows = torch.zeros_like(x), []
    for output in y:
        output.backward(retain_graph=True)
        rows.append(x.grad - before)
        before = x.grad.clone()
    return torch.stack(rows)


@right("vector/jacobian")
def a_list_of_lists(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad = None
        y.backward(v, retain_graph=True)
        rows.append(x.grad.tolist())
    return rows


@right("vector/jacobian")
def last_row_first(f, x):
    x = x.clone().requires_grad_()
    y = f(x)

    def rows(i):
        if i < 0:
            return []
        x.grad = None
        y[i].backward(retain_graph=i > 0)
        mine = x.grad
        return [*rows(i - 1), mine]

    return torch.vstack(rows(len(y) - 1))


@right("vector/jacobian")
def pulls_back_the_unit_vectors(f, x):
    y, pull_back = torch.func.vjp(f, x)
    return torch.func.vmap(pull_back)(torch.eye(len(y), dtype=y.dtype))[0]


@wrong("vector/jacobian", "OVERWRITE")
def never_clears(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad.clone())
    return torch.stack(rows)


@wrong("vector/jacobian", "OVERWRITE")
def clears_once_before_the_loop(f, x):
    x = x.clone().requires_grad_()
    x.grad = None
    y = f(x)
    J = torch.empty(len(y), len(x), dtype=x.dtype)
    for i in range(len(y)):
        y[i].backward(retain_graph=True)
        J[i, :] = x.grad
    return J


@wrong("vector/jacobian", "GRAD-IS-A-SNAPSHOT")
def zeroes_but_keeps_no_copy(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        if x.grad is not None:
            x.grad.zero_()
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "GRAD-IS-A-SNAPSHOT")
def subtracts_the_row_before(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows, before = [], torch.zeros_like(x)
    for out in y:
        out.backward(retain_graph=True)
        rows.append(x.grad - before)
        before = x.grad
    return torch.stack(rows)


@wrong("vector/jacobian", "GRAD-IS-A-SNAPSHOT")
def neither_clears_nor_copies(f, x):
    x = leaf(x)
    y, rows = f(x), []
    for i in range(y.shape[0]):
        y[i].backward(retain_graph=True)
        rows += [x.grad]
    return torch.stack(rows)


@wrong("vector/jacobian", "DETACH-COPIES")
def detaches_for_a_copy(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad.detach())
        x.grad.zero_()
    return torch.stack(rows)


@wrong("vector/jacobian", "GRAPH-FREED")
def walks_a_freed_graph(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad = None
        y.backward(gradient=v)
        rows.append(x.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "GRAPH-FREED")
def grad_without_retaining(f, x):
    x = leaf(x)
    y = f(x)
    return torch.stack([torch.autograd.grad(y[i], x)[0] for i in range(len(y))])


@wrong("vector/jacobian", "JACOBIAN")
def ones_for_the_whole_table(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(torch.ones_like(y))
    return x.grad


@wrong("vector/jacobian", "JACOBIAN")
def hands_over_all_weights_at_once(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    y.backward(gradient=torch.eye(len(y), dtype=y.dtype))
    return x.grad


@wrong("vector/jacobian", "JVP-NOT-VJP")
def one_column_per_output(f, x):
    x = leaf(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows, dim=1)


@wrong("vector/jacobian", "ONE-WALK-PER-INPUT")
def one_walk_per_input(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(x)):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "DIAGONAL-JACOBIAN")
def slopes_on_the_diagonal(f, x):
    x = x.clone().requires_grad_()
    f(x).sum().backward()
    return torch.diag(x.grad)


@wrong("vector/jacobian", "BACKWARD-RETURNS")
def collects_what_backward_gives(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    return torch.stack([y.backward(v, retain_graph=True) for v in torch.eye(len(y))])


@wrong("vector/jacobian", "BACKWARD-RETURNS")
def list_of_what_backward_gives(f, x):
    x = leaf(x)
    y = f(x)
    table = []
    for i in range(len(y)):
        row = y[i].backward(retain_graph=True)
        table.append(row)
    return table


@wrong("vector/jacobian", "GRAD-ON-OUTPUT")
def reads_the_outputs(f, x):
    x = leaf(x)
    y = f(x)
    rows = []
    for out in y:
        out.retain_grad()
        out.backward(retain_graph=True)
        rows.append(out.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "ZEROED-TOO-EARLY")
def zeroes_before_it_reads(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        y.backward(gradient=v, retain_graph=True)
        x.grad.zero_()
        rows.append(x.grad.clone())
    return torch.stack(rows)


@wrong("vector/jacobian", "GRAD-STARTS-AT-ZERO")
def zeroes_what_is_not_there(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad.zero_()
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad.clone())
    return torch.stack(rows)


@wrong("vector/jacobian", "FORGOT-FLAG")
def table_without_a_leaf(f, x):
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "FINITE-DIFFERENCE")
def nudges_every_input(f, x):
    h = 1e-4
    columns = []
    for i in range(len(x)):
        step = torch.zeros_like(x)
        step[i] = h
        columns.append((f(x + step) - f(x)) / h)
    return torch.stack(columns, dim=1)


@wrong("vector/jacobian", "FINITE-DIFFERENCE")
def nudges_to_both_sides(f, x):
    # close, but f is called many times and nothing is walked back
    h, J = 1e-6, []
    for e in torch.eye(len(x), dtype=x.dtype):
        J.append((f(x + h * e) - f(x - h * e)) / (2 * h))
    return torch.stack(J, dim=-1)


@wrong("vector/jacobian", "SUM=MEAN")
def means_of_rows(f, x):
    x = leaf(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad = None
        (y * v).mean().backward(retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


@wrong("vector/jacobian", "GRADIENT-ARG-IS-A-NAME")
def names_each_output_as_the_argument(f, x):
    x = leaf(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(y)):
        x.grad = None
        y.backward(gradient=v * y.detach(), retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


# ---------------------------------------------------------------- per sample


@right("vector/per_sample")
def a_grad_for_each_pair(loss, w, X, ys):
    rows = []
    for i in range(X.shape[0]):
        (g,) = torch.autograd.grad(loss(w, X[i], ys[i]), w)
        rows.append(g)
    return torch.stack(rows)


@right("vector/per_sample")
def without_a_loop(loss, w, X, ys):
    return torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(w, X, ys)


@right("vector/per_sample")
def table_of_the_stacked_losses(loss, w, X, ys):
    def all_losses(w):
        return torch.stack([loss(w, x, y) for x, y in zip(X, ys, strict=True)])

    return functional.jacobian(all_losses, w)


@right("vector/per_sample")
def a_copy_of_w_for_every_row(loss, w, X, ys):
    copies = w.detach().repeat(len(X), 1).requires_grad_()
    sum(loss(copies[i], X[i], ys[i]) for i in range(len(X))).backward()
    return copies.grad


@right("vector/per_sample")
def clone_then_zero(loss, w, X, ys):
    table = []
    for x, y in zip(X, ys, strict=True):
        loss(w, x, y).backward()
        table.append(w.grad.clone())
        w.grad.zero_()
    w.grad = None
    return torch.stack(table)


@right("vector/per_sample")
def a_fresh_leaf_for_every_row(loss, w, X, ys):
    def one(x, y):
        own = w.detach().clone().requires_grad_()
        loss(own, x, y).backward()
        return own.grad

    return torch.stack(list(map(one, X, ys)))


@right("vector/per_sample")
def one_hot_weights_on_the_losses(loss, w, X, ys):
    losses = torch.stack([loss(w, X[i], ys[i]) for i in range(len(ys))])
    eye = torch.eye(len(ys), dtype=losses.dtype)
    return torch.autograd.grad(losses, w, eye, is_grads_batched=True)[0]


@right("vector/per_sample")
def rows_as_plain_lists(loss, w, X, ys):
    table = []
    for x, y in zip(X, ys, strict=True):
        w.grad = None
        loss(w, x, y).backward()
        table.append(w.grad.tolist())
    return table


@wrong("vector/per_sample", "OVERWRITE")
def every_row_on_top_of_the_last(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        loss(w, x, y).backward()
        rows.append(w.grad.clone())
    return torch.stack(rows)


@wrong("vector/per_sample", "OVERWRITE")
def fills_rows_and_never_clears(loss, w, X, ys):
    out = torch.zeros(X.shape[0], w.shape[0], dtype=w.dtype)
    w.grad = None
    for i in range(X.shape[0]):
        loss(w, X[i], ys[i]).backward()
        out[i] = w.grad
    return out


@wrong("vector/per_sample", "GRAD-IS-A-SNAPSHOT")
def appends_the_same_tensor(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        if w.grad is not None:
            w.grad.zero_()
        loss(w, x, y).backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "GRAD-IS-A-SNAPSHOT")
def difference_to_an_alias(loss, w, X, ys):
    rows, last = [], 0
    for i in range(len(X)):
        loss(w, X[i], ys[i]).backward()
        rows.append(w.grad - last)
        last = w.grad
    return torch.stack(rows)


@wrong("vector/per_sample", "DETACH-COPIES")
def detached_rows(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        loss(w, x, y).backward()
        rows.append(w.grad.detach())
        w.grad.zero_()
    return torch.stack(rows)


@wrong("vector/per_sample", "SUM=MEAN")
def divides_every_loss(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        w.grad = None
        (loss(w, x, y) / len(X)).backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "SUM=MEAN")
def table_of_a_mean(loss, w, X, ys):
    W = torch.stack([w.detach()] * len(X)).requires_grad_()
    losses = [loss(W[i], X[i], ys[i]) for i in range(len(X))]
    torch.stack(losses).mean().backward()
    return W.grad


@wrong("vector/per_sample", "JACOBIAN")
def one_walk_from_the_sum(loss, w, X, ys):
    total = sum(loss(w, x, y) for x, y in zip(X, ys, strict=True))
    total.backward()
    return w.grad


@wrong("vector/per_sample", "JACOBIAN")
def ones_bring_every_row(loss, w, X, ys):
    losses = torch.stack([loss(w, x, y) for x, y in zip(X, ys, strict=True)])
    losses.backward(gradient=torch.ones_like(losses))
    return w.grad.expand(len(X), -1)


@wrong("vector/per_sample", "ACCUMULATION-AVERAGES")
def splits_the_sum_evenly(loss, w, X, ys):
    for x, y in zip(X, ys, strict=True):
        loss(w, x, y).backward()
    return (w.grad / len(X)).repeat(len(X), 1)


@wrong("vector/per_sample", "BACKWARD-RETURNS")
def stacks_returned_nothing(loss, w, X, ys):
    rows = [loss(w, X[i], ys[i]).backward() for i in range(len(X))]
    return torch.stack(rows)


@wrong("vector/per_sample", "GRAD-ON-OUTPUT")
def asks_each_loss(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        z = loss(w, x, y)
        z.retain_grad()
        z.backward()
        rows.append(z.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "OTHER-INPUT")
def gradient_for_the_rows_of_x(loss, w, X, ys):
    X = X.clone().requires_grad_()
    sum(loss(w, X[i], ys[i]) for i in range(len(X))).backward()
    return X.grad


@wrong("vector/per_sample", "FLAG-MAKES-LEAF")
def walks_to_a_clone(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        own = w.clone()
        loss(own, x, y).backward()
        rows.append(own.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "ZEROED-TOO-EARLY")
def empties_right_after_the_walk(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        loss(w, x, y).backward()
        w.grad.zero_()
        rows.append(w.grad.clone())
    return torch.stack(rows)


@wrong("vector/per_sample", "GRAD-STARTS-AT-ZERO")
def zeroes_an_empty_grad(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        w.grad.zero_()
        loss(w, x, y).backward()
        rows.append(w.grad.clone())
    return torch.stack(rows)


@wrong("vector/per_sample", "SHAPES-DONT-MATTER")
def gives_the_whole_table_to_the_loss(loss, w, X, ys):
    return functional.jacobian(lambda p: loss(p, X, ys), w)


@wrong("vector/per_sample", "NUMBERS-CARRY-GRAD")
def collects_numbers_and_walks(loss, w, X, ys):
    losses = torch.tensor([loss(w, x, y).item() for x, y in zip(X, ys, strict=True)])
    losses.requires_grad_()
    rows = []
    for z in losses:
        z.backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "FORGOT-FLAG")
def detaches_w_first(loss, w, X, ys):
    w = w.detach()
    rows = []
    for x, y in zip(X, ys, strict=True):
        w.grad = None
        loss(w, x, y).backward()
        rows.append(w.grad)
    return torch.stack(rows)


@wrong("vector/per_sample", "A-STEP-AFTER-EVERY-WALK")
def trains_between_the_rows(loss, w, X, ys):
    opt = torch.optim.SGD([w], lr=0.1)
    rows = []
    for x, y in zip(X, ys, strict=True):
        opt.zero_grad()
        loss(w, x, y).backward()
        rows.append(w.grad.clone())
        opt.step()
    return torch.stack(rows)


@wrong("vector/per_sample", "FINITE-DIFFERENCE")
def nudges_every_weight(loss, w, X, ys):
    h, w = 1e-3, w.detach()
    rows = []
    for x, y in zip(X, ys, strict=True):
        moves = torch.eye(len(w), dtype=w.dtype) * h
        rows.append([(loss(w + m, x, y) - loss(w, x, y)).item() / h for m in moves])
    return torch.tensor(rows)
