"""Answers of learners to notebook 4, right and wrong."""

import torch
from torch.autograd import functional


def leaf(x):
    return x.clone().requires_grad_()


class weights:
    # x = [1, 3, 4, 5], y = x * x, v = [3, -1, 2, 0.5]
    right = [
        [6, -6, 16, 5],
        (6.0, -6.0, 16.0, 5.0),
        torch.tensor([6.0, -6.0, 16.0, 5.0]),
        torch.tensor([6, -6, 16, 5]),
    ]
    WEIGHTS_IGNORED = [[2, 6, 8, 10]]
    ARGUMENT_IS_THE_POINT = [
        [6.0, -2.0, 4.0, 1.0],
        [6, -2, 4, 1],
        torch.tensor([6.0, -2.0, 4.0, 1.0]),
    ]
    WEIGHTS_ARE_SHARES = [[6 / 4.5, -6 / 4.5, 16 / 4.5, 5 / 4.5]]
    WEIGHTS_ARE_ADDED = [[5, 5, 10, 10.5]]
    WEIGHTS_TIMES_VALUE = [[3, -9, 32, 12.5], [3.0, -9.0, 32.0, 12.5]]
    ONE_USE_ONLY = [torch.tensor([3.0, -3.0, 8.0, 2.5]), [3, -3, 8, 2.5]]
    SUM_MEAN = [[1.5, -1.5, 4, 1.25]]
    GRAD_IS_VALUE = [[1, 9, 16, 25]]
    ARGUMENT_IS_THE_GRADIENT = [[3, -1, 2, 0.5]]
    ONE_NUMBER_COMES_BACK = [21]
    JACOBIAN = [torch.diag(torch.tensor([6.0, -6.0, 16.0, 5.0]))]
    GRAD_ON_OUTPUT = [None]


class argument:
    # x = [1, 3, -2]; the weights are y = [1, 9, 4] itself
    right = [
        [2, 54, -16],
        (2.0, 54.0, -16.0),
        torch.tensor([2, 54, -16]),
        torch.tensor([2.0, 54.0, -16.0]),
        [2 * i**3 for i in (1, 3, -2)],
    ]
    GRADIENT_ARG_IS_A_NAME = [[2, 6, -4]]
    ARGUMENT_IS_THE_POINT = [[2, 18, 8]]
    DIFFERENTIATES_Y_SQUARED = [(4, 108, -32), [4, 108, -32]]
    ONE_USE_ONLY = [[1.0, 27.0, -8.0], [1, 27, -8]]
    WEIGHTS_TIMES_VALUE = [
        torch.tensor([1.0, 81, 16]),
        (1, 81, 16),
        torch.tensor([1.0, 81.0, 16.0]),
    ]
    SUM_MEAN = [[0.6667, 2, -1.3333], [2 / 3, 2, -4 / 3]]
    DETACH_KILLS_THE_GRAPH = [[0, 0, 0], None]
    DIFFERENTIATES_Y_BY_ITSELF = [[1, 1, 1]]
    ARGUMENT_IS_THE_GRADIENT = [[1, 9, 4]]  # the values of y, which are the weights


class second_weight:
    # the table [[2, 1], [0, 5]], weights [0, 1]
    right = [
        [0, 5],
        (0.0, 5.0),
        torch.tensor([0.0, 5.0], dtype=torch.float64),
        (0, 5),
        torch.tensor([0.0, 5.0]),
    ]
    JVP_NOT_VJP = [[1, 5]]  # the second column
    WEIGHTS_IGNORED = [[2, 6]]
    WEIGHTS_ON_THE_INPUTS = [(0.0, 6.0), [0, 6]]
    WEIGHTS_TIMES_VALUE = [[0, 10]]
    FIRST_ROW = [torch.tensor([2.0, 1.0])]
    JACOBIAN = [[[2, 1], [0, 5]], [[0, 0], [0, 5]]]
    ONE_NUMBER_COMES_BACK = [5.0]
    GRAD_IS_VALUE = [torch.tensor([2.0, 10.0])]


class mixed:
    # the same table, weights [1, 10]
    right = [[2, 51], (2, 51.0), torch.tensor([2.0, 51.0]), [2.0, 51.0]]
    JVP_NOT_VJP = [[12, 50]]
    WEIGHTS_IGNORED = [(2, 6), [2, 6]]
    WEIGHTS_ON_THE_INPUTS = [[2.0, 60.0], [2, 60]]
    DIAGONAL_JACOBIAN = [torch.tensor([2.0, 50.0]), [2, 50]]
    WEIGHTS_TIMES_VALUE = [[2, 100], torch.tensor([2.0, 100.0])]
    ARGUMENT_IS_THE_POINT = [[10, 6]]
    SUM_MEAN = [[1, 25.5]]
    JACOBIAN = [[[2, 1], [0, 50]]]
    ONE_NUMBER_COMES_BACK = [53]


class vjp:
    class right:
        def asks_grad_directly(f, x, v):
            x = x.clone().requires_grad_()
            return torch.autograd.grad(f(x), x, grad_outputs=v)[0]

        def walks_from_the_dot_product(f, x, v):
            x = torch.nn.Parameter(x.clone())
            z = v @ f(x)
            z.backward()
            return x.grad

        def uses_the_functional_vjp(f, x, v):
            _, gradient = functional.vjp(f, x, v)
            return gradient

        def uses_the_func_vjp(f, x, v):
            pull_back = torch.func.vjp(f, x)[1]
            return pull_back(v)[0]

        def grad_of_the_weighted_sum(f, x, v):
            return torch.func.grad(lambda p: (f(p) * v).sum())(x)

        def adds_up_term_by_term(f, x, v):
            x = x.detach().clone()
            x.requires_grad = True
            total = 0.0
            for weight, output in zip(v.tolist(), f(x), strict=True):
                total = total + weight * output
            total.backward()
            return x.grad.clone()

        def retypes_the_numbers(f, x, v):
            x = torch.tensor(x.tolist(), dtype=x.dtype, requires_grad=True)
            y = f(x)
            y.backward(v, retain_graph=True)
            return tuple(x.grad.tolist())

        def collects_the_gradient_in_a_hook(f, x, v):
            caught = []
            x = x.detach().requires_grad_()
            x.register_hook(caught.append)
            torch.autograd.backward([f(x)], [v])
            return caught[0]

        def vjp_grad_outputs(f, x, v):
            leaf = x.detach().clone()
            leaf.requires_grad = True
            (g,) = torch.autograd.grad(outputs=f(leaf), inputs=leaf, grad_outputs=v)
            return g

        def vjp_func(f, x, v):
            _, pull = torch.func.vjp(f, x)
            return pull(v)[0]

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

        def asks_with_grad_outputs(f, x, v):
            leaf = x.detach().clone().requires_grad_(True)
            (g,) = torch.autograd.grad(f(leaf), leaf, grad_outputs=v)
            return g

        def dots_the_outputs(f, x, v):
            x = x.clone()
            x.requires_grad = True
            z = v @ f(x)
            z.backward()
            return x.grad

        def adds_the_terms(f, x, v):
            a = torch.empty_like(x).copy_(x).requires_grad_()
            outputs = f(a)
            z = 0
            for weight, output in zip(v.tolist(), outputs):
                z = z + weight * output
            z.backward()
            return a.grad.clone()

    class X_CHANGED:
        def marks_the_x_it_was_given(f, x, v):
            x.requires_grad_()
            (v * f(x)).sum().backward()
            return x.grad

        def clears_but_leaves_the_flag(f, x, v):
            x.requires_grad_()
            x.grad = None
            f(x).backward(gradient=v)
            return x.grad

        def takes_the_flag_off_again(f, x, v):
            x.requires_grad_()
            f(x).backward(gradient=v)
            x.requires_grad_(False)
            return x.grad.clone()

    class WEIGHTS_IGNORED:
        def sums_and_forgets_v(f, x, v):
            x = x.clone().requires_grad_()
            f(x).sum().backward()
            return x.grad

        def only_silences_the_error(f, x, v):
            x = x.clone().requires_grad_(True)
            y = f(x)
            y.backward(gradient=torch.ones_like(y))
            return x.grad

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

        def just_sums(f, x, v):
            leaf = x.clone()
            leaf.requires_grad_()
            f(leaf).sum().backward()
            return leaf.grad

    class GRADIENT_ARG_IS_A_NAME:
        def passes_y_as_the_thing_to_differentiate(f, x, v):
            x = leaf(x)
            y = f(x)
            y.backward(gradient=y.detach())
            return x.grad

        def passes_x_as_the_variable(f, x, v):
            x = leaf(x)
            y = f(x) * v
            y.backward(x)
            return x.grad

        def vjp_name_y(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x)
            z = v * y
            z.backward(gradient=z.detach())
            return x.grad

    class JVP_NOT_VJP:
        def multiplies_the_table_from_the_left(f, x, v):
            J = functional.jacobian(f, x)
            return J @ v

        def pushes_forward(f, x, v):
            return torch.func.jvp(f, (x,), (v,))[1]

        def vjp_forward(f, x, v):
            _, product = torch.autograd.functional.jvp(f, x, v)
            return product

        def table_times_weights(f, x, v):
            J = torch.autograd.functional.jacobian(f, x)
            return J @ v

    class WEIGHTS_ON_THE_INPUTS:
        def weighs_what_came_back(f, x, v):
            p = x.clone().requires_grad_()
            f(p).sum().backward()
            return v * p.grad

        def weighs_what_goes_in(f, x, v):
            x = (v * x).requires_grad_()
            f(x).sum().backward()
            return x.grad

        def vjp_weigh_after(f, x, v):
            x = x.clone().requires_grad_()
            (slopes,) = torch.autograd.grad(f(x).sum(), x)
            # every slope counts as much as its weight says
            return v * slopes

        def weighs_afterwards(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x)
            y.backward(gradient=torch.ones_like(y))
            return v * x.grad

    class BACKWARD_RETURNS:
        def returns_what_backward_returns(f, x, v):
            x = x.clone().requires_grad_()
            return f(x).backward(gradient=v)

    class GRAD_ON_OUTPUT:
        def looks_into_y(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x)
            y.backward(gradient=v)
            return y.grad

        def retains_the_gradient_of_y(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x)
            y.retain_grad()
            y.backward(v)
            return y.grad

        def asks_the_weighted_sum(f, x, v):
            x = x.clone().requires_grad_()
            z = (v * f(x)).sum()
            z.backward()
            return z.grad

    class FORGOT_FLAG:
        def walks_without_a_leaf(f, x, v):
            x = x.clone()
            f(x).backward(gradient=v)
            return x.grad

        def only_a_clone(f, x, v):
            x = x.clone()
            y = f(x)
            y.backward(gradient=v)
            return x.grad

    class RETROACTIVE:
        def sets_the_flag_afterwards(f, x, v):
            x = x.clone()
            y = f(x)
            x.requires_grad_()
            y.backward(gradient=v)
            return x.grad

    class DIAGONAL_JACOBIAN:
        def takes_the_diagonal_only(f, x, v):
            J = functional.jacobian(f, x)
            n = min(J.shape)
            out = torch.zeros_like(x)
            for i in range(n):
                out[i] = v[i] * J[i][i]
            return out

    class SUM_MEAN:
        def averages_the_weighted_outputs(f, x, v):
            x = leaf(x)
            (v * f(x)).mean().backward()
            return x.grad

        def divides_by_the_sum_of_weights(f, x, v):
            x = leaf(x)
            ((v * f(x)).sum() / v.sum()).backward()
            return x.grad

        def weighted_mean(f, x, v):
            x = x.clone().requires_grad_(True)
            torch.mean(v * f(x)).backward()
            return x.grad

    class WEIGHTS_TIMES_VALUE:
        def weighs_the_values(f, x, v):
            return v * f(x)

    class WEIGHTS_ARE_A_MASK:
        def picks_where_v_is_not_zero(f, x, v):
            x = leaf(x)
            f(x)[v != 0].sum().backward()
            return x.grad

        def keeps_what_counts(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x)
            y[v != 0].sum().backward()
            return x.grad

    class ARGUMENT_IS_THE_POINT:
        def differentiates_at_v(f, x, v):
            point = v.clone().requires_grad_()
            f(point).sum().backward()
            return point.grad

        def differentiates_at_v_too(f, x, v):
            at = v.clone().requires_grad_()
            y = f(at)
            y.backward(gradient=torch.ones_like(y))
            return at.grad

    class FLAG_MAKES_LEAF:
        def computes_its_leaf(f, x, v):
            x = torch.tensor(1.0, requires_grad=True) * x
            f(x).backward(gradient=v)
            return x.grad

    class JACOBIAN:
        def returns_the_weighted_table(f, x, v):
            x = leaf(x)
            y = f(x)
            rows = [torch.autograd.grad(out, x, retain_graph=True)[0] for out in y]
            return torch.stack([w * row for w, row in zip(v, rows, strict=True)])

        def vjp_no_weights(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x) * v
            y.backward()
            return x.grad

        def expects_the_table_in_grad(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x)
            y.backward()
            return v @ x.grad

    class RETAIN_RECOMPUTES:
        def walks_twice_to_be_sure(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x)
            y.backward(v, retain_graph=True)
            y.backward(v)
            return x.grad

    class WEIGHTS_BROADCAST:
        def gives_one_weight_for_all(f, x, v):
            x = leaf(x)
            f(x).backward(gradient=v.mean())
            return x.grad

        def one_number_for_all(f, x, v):
            x = x.clone().requires_grad_()
            y = v * f(x)
            y.backward(gradient=torch.tensor(1.0))
            return x.grad

    class NUMBERS_CARRY_GRAD:
        def makes_numbers_first(f, x, v):
            x = leaf(x)
            total = sum(w.item() * y.item() for w, y in zip(v, f(x), strict=True))
            torch.tensor(total, requires_grad=True).backward()
            return x.grad

        def sums_numbers(f, x, v):
            x = x.clone().requires_grad_()
            total = 0.0
            for weight, out in zip(v, f(x)):
                total += weight.item() * out.item()
            total = torch.tensor(total, requires_grad=True)
            total.backward()
            return x.grad

    class OVERWRITE:
        def vjp_each_output(f, x, v):
            x = x.clone().requires_grad_()
            y = f(x)
            total = torch.zeros_like(x)
            for i in range(len(y)):
                y[i].backward(retain_graph=True)
                total += v[i] * x.grad
            return total

    class FLAG_MAKES_GRAPH:
        def vjp_flag_on_loss(f, x, v):
            x = x.clone()
            loss = torch.dot(v, f(x))
            loss.requires_grad_(True)  # or: element 0 of tensors does not require grad
            loss.backward()
            return x.grad

    class TYPO_ACCEPTED:
        def names_the_method(f, x, v):
            leaf = x.clone()
            leaf.requires_grad_
            f(leaf).backward(gradient=v)
            return leaf.grad


class jacobian:
    class right:
        def keeps_a_clone_of_each_row(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for i in range(len(y)):
                y[i].backward(retain_graph=True)
                rows.append(x.grad.clone())
                x.grad.zero_()
            return torch.stack(rows)

        def asks_grad_for_each_output(f, x):
            x = x.detach().clone().requires_grad_(True)
            y = f(x)
            return torch.stack(
                [torch.autograd.grad(o, x, retain_graph=True)[0] for o in y]
            )

        def the_ready_made_one(f, x):
            return functional.jacobian(f, x)

        def reverse_mode_from_func(f, x):
            return torch.func.jacrev(f)(x)

        def all_walks_in_a_batch(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            eye = torch.eye(y.numel(), dtype=y.dtype)
            (table,) = torch.autograd.grad(
                y, x, grad_outputs=eye, is_grads_batched=True
            )
            return table

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

        def differences_of_the_running_sum(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            before, rows = torch.zeros_like(x), []
            for output in y:
                output.backward(retain_graph=True)
                rows.append(x.grad - before)
                before = x.grad.clone()
            return torch.stack(rows)

        def a_list_of_lists(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad = None
                y.backward(v, retain_graph=True)
                rows.append(x.grad.tolist())
            return rows

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

        def pulls_back_the_unit_vectors(f, x):
            y, pull_back = torch.func.vjp(f, x)
            return torch.func.vmap(pull_back)(torch.eye(len(y), dtype=y.dtype))[0]

        def jacobian_filled(f, x):
            leaf = x.clone().requires_grad_()
            y = f(leaf)
            J = torch.zeros(len(y), len(leaf), dtype=y.dtype)
            for i in range(len(y)):
                y[i].backward(retain_graph=True)
                J[i] = leaf.grad
                leaf.grad.zero_()
            return J

        def jacobian_batched(f, x):
            x = x.detach().clone().requires_grad_(True)
            y = f(x)
            eye = torch.eye(y.numel(), dtype=y.dtype)
            return torch.autograd.grad(y, x, grad_outputs=eye, is_grads_batched=True)[0]

        def jacobian_functional(f, x):
            return torch.autograd.functional.jacobian(f, x, vectorize=False)

        def one_output_at_a_time(f, x):
            x = x.detach().clone().requires_grad_()
            y = f(x)
            J = torch.zeros(len(y), len(x), dtype=x.dtype)
            for i in range(len(y)):
                y[i].backward(retain_graph=True)
                J[i] = x.grad
                x.grad.zero_()
            return J

        def list_of_grads(f, x):
            leaf = x.clone().requires_grad_()
            y = f(leaf)
            return torch.stack(
                [
                    torch.autograd.grad(out, leaf, retain_graph=True)[0]
                    for out in y.unbind()
                ]
            )

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

    class X_CHANGED:
        def marks_the_x_of_the_caller(f, x):
            x.requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad = None
                y.backward(gradient=v, retain_graph=True)
                rows.append(x.grad)
            return torch.stack(rows)

        def leaves_its_last_row(f, x):
            x.requires_grad = True
            y, rows = f(x), []
            for out in y:
                x.grad = None
                out.backward(retain_graph=True)
                rows.append(x.grad)
            x.requires_grad = False
            return torch.stack(rows)

    class OVERWRITE:
        def never_clears(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                y.backward(gradient=v, retain_graph=True)
                rows.append(x.grad.clone())
            return torch.stack(rows)

        def clears_once_before_the_loop(f, x):
            x = x.clone().requires_grad_()
            x.grad = None
            y = f(x)
            J = torch.empty(len(y), len(x), dtype=x.dtype)
            for i in range(len(y)):
                y[i].backward(retain_graph=True)
                J[i, :] = x.grad
            return J

        def jacobian_never_cleared(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            J = torch.empty(len(y), len(x))
            for i, v in enumerate(torch.eye(len(y))):
                y.backward(gradient=v, retain_graph=True)
                J[i] = x.grad
            return J

        def every_walk_replaces(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            table = torch.zeros(len(y), len(x), dtype=x.dtype)
            for i in range(len(y)):
                y[i].backward(retain_graph=True)
                table[i] = x.grad
            return table

    class GRAD_IS_A_SNAPSHOT:
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

        def subtracts_the_row_before(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows, before = [], torch.zeros_like(x)
            for out in y:
                out.backward(retain_graph=True)
                rows.append(x.grad - before)
                before = x.grad
            return torch.stack(rows)

        def neither_clears_nor_copies(f, x):
            x = leaf(x)
            y, rows = f(x), []
            for i in range(y.shape[0]):
                y[i].backward(retain_graph=True)
                rows += [x.grad]
            return torch.stack(rows)

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

    class DETACH_COPIES:
        def detaches_for_a_copy(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                y.backward(gradient=v, retain_graph=True)
                rows.append(x.grad.detach())
                x.grad.zero_()
            return torch.stack(rows)

    class GRAPH_FREED:
        def walks_a_freed_graph(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad = None
                y.backward(gradient=v)
                rows.append(x.grad)
            return torch.stack(rows)

        def grad_without_retaining(f, x):
            x = leaf(x)
            y = f(x)
            return torch.stack([torch.autograd.grad(y[i], x)[0] for i in range(len(y))])

        def jacobian_grad_calls(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            return torch.stack(
                [torch.autograd.grad(y, x, v)[0] for v in torch.eye(len(y))]
            )

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

    class JACOBIAN:
        def ones_for_the_whole_table(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            y.backward(torch.ones_like(y))
            return x.grad

        def hands_over_all_weights_at_once(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            y.backward(gradient=torch.eye(len(y), dtype=y.dtype))
            return x.grad

        def jacobian_ones(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            ones = torch.ones_like(y)  # every output counts
            y.backward(gradient=ones)
            return x.grad

        def ones_bring_the_table(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            y.backward(gradient=torch.ones(len(y), dtype=y.dtype))
            J = x.grad
            return J

    class JVP_NOT_VJP:
        def one_column_per_output(f, x):
            x = leaf(x)
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad = None
                y.backward(gradient=v, retain_graph=True)
                rows.append(x.grad)
            return torch.stack(rows, dim=1)

        def one_hot_brings_a_column(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            columns = []
            for v in torch.eye(len(y), dtype=y.dtype):
                x.grad = None
                y.backward(gradient=v, retain_graph=True)
                columns.append(x.grad)
            return torch.stack(columns, dim=1)

    class ONE_WALK_PER_INPUT:
        def one_walk_per_input(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(x)):
                x.grad = None
                y.backward(gradient=v, retain_graph=True)
                rows.append(x.grad)
            return torch.stack(rows)

    class DIAGONAL_JACOBIAN:
        def slopes_on_the_diagonal(f, x):
            x = x.clone().requires_grad_()
            f(x).sum().backward()
            return torch.diag(x.grad)

        def output_i_knows_input_i(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            J = torch.zeros(len(y), len(x), dtype=x.dtype)
            for i in range(len(y)):
                x.grad = None
                y[i].backward(retain_graph=True)
                J[i, i] = x.grad[i]
            return J

    class BACKWARD_RETURNS:
        def collects_what_backward_gives(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            return torch.stack(
                [y.backward(v, retain_graph=True) for v in torch.eye(len(y))]
            )

        def list_of_what_backward_gives(f, x):
            x = leaf(x)
            y = f(x)
            table = []
            for i in range(len(y)):
                row = y[i].backward(retain_graph=True)
                table.append(row)
            return table

        def jacobian_collect_calls(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad = None
                row = y.backward(gradient=v, retain_graph=True)
                rows.append(row)
            return torch.stack(rows)

        def stacks_what_backward_gives(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = [
                y.backward(gradient=v, retain_graph=True) for v in torch.eye(len(y))
            ]
            return torch.stack(rows)

    class GRAD_ON_OUTPUT:
        def reads_the_outputs(f, x):
            x = leaf(x)
            y = f(x)
            rows = []
            for out in y:
                out.retain_grad()
                out.backward(retain_graph=True)
                rows.append(out.grad)
            return torch.stack(rows)

        def reads_each_output(f, x):
            x = x.clone().requires_grad_()
            rows = []
            for out in f(x):
                out.backward(retain_graph=True)
                rows.append(out.grad)
            return torch.stack(rows)

    class ZEROED_TOO_EARLY:
        def zeroes_before_it_reads(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                y.backward(gradient=v, retain_graph=True)
                x.grad.zero_()
                rows.append(x.grad.clone())
            return torch.stack(rows)

        def clears_and_then_keeps(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y), dtype=y.dtype):
                y.backward(gradient=v, retain_graph=True)
                x.grad.zero_()
                rows.append(x.grad.clone())
            return torch.stack(rows)

    class GRAD_STARTS_AT_ZERO:
        def zeroes_what_is_not_there(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad.zero_()
                y.backward(gradient=v, retain_graph=True)
                rows.append(x.grad.clone())
            return torch.stack(rows)

        def jacobian_zero_first(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for output in y:
                x.grad.zero_()
                output.backward(retain_graph=True)
                rows.append(x.grad.clone())
            return torch.stack(rows)

    class FORGOT_FLAG:
        def table_without_a_leaf(f, x):
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad = None
                y.backward(gradient=v, retain_graph=True)
                rows.append(x.grad)
            return torch.stack(rows)

        def jacobian_untracked(f, x):
            p = x.clone()
            y = f(p)
            rows = []
            for v in torch.eye(len(y)):
                p.grad = None
                y.backward(gradient=v, retain_graph=True)
                rows.append(p.grad)
            return torch.stack(rows)

    class FINITE_DIFFERENCE:
        def nudges_every_input(f, x):
            h = 1e-4
            columns = []
            for i in range(len(x)):
                step = torch.zeros_like(x)
                step[i] = h
                columns.append((f(x + step) - f(x)) / h)
            return torch.stack(columns, dim=1)

        def nudges_to_both_sides(f, x):
            # close, but f is called many times and nothing is walked back
            h, J = 1e-6, []
            for e in torch.eye(len(x), dtype=x.dtype):
                J.append((f(x + h * e) - f(x - h * e)) / (2 * h))
            return torch.stack(J, dim=-1)

        def jacobian_nudged(f, x):
            h = 1e-3
            y = f(x)
            columns = []
            for j in range(len(x)):
                moved = x.clone()
                moved[j] += h
                columns.append((f(moved) - y) / h)
            return torch.stack(columns, dim=1)

        def nudges_every_input_too(f, x):
            h = 1e-6
            y = f(x)
            columns = []
            for j in range(len(x)):
                nudged = x.clone()
                nudged[j] += h
                columns.append((f(nudged) - y) / h)
            return torch.stack(columns, dim=1)

    class SUM_MEAN:
        def means_of_rows(f, x):
            x = leaf(x)
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad = None
                (y * v).mean().backward(retain_graph=True)
                rows.append(x.grad)
            return torch.stack(rows)

    class GRADIENT_ARG_IS_A_NAME:
        def names_each_output_as_the_argument(f, x):
            x = leaf(x)
            y = f(x)
            rows = []
            for v in torch.eye(len(y)):
                x.grad = None
                y.backward(gradient=v * y.detach(), retain_graph=True)
                rows.append(x.grad)
            return torch.stack(rows)

        def names_the_output_it_wants(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            rows = []
            for i in range(len(y)):
                x.grad = None
                y[i].backward(gradient=y[i].detach(), retain_graph=True)
                rows.append(x.grad)
            return torch.stack(rows)

    class TENSOR_KEEPS_GRAPH:
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

    class WEIGHTS_ON_THE_INPUTS:
        def weighs_the_gradient_of_the_sum(f, x):
            x = x.clone().requires_grad_()
            y = f(x)
            y.sum().backward()
            return torch.stack([x.grad * v for v in torch.eye(len(y), dtype=y.dtype)])


class per_sample:
    class right:
        def a_grad_for_each_pair(loss, w, X, ys):
            rows = []
            for i in range(X.shape[0]):
                (g,) = torch.autograd.grad(loss(w, X[i], ys[i]), w)
                rows.append(g)
            return torch.stack(rows)

        def without_a_loop(loss, w, X, ys):
            return torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(
                w, X, ys
            )

        def table_of_the_stacked_losses(loss, w, X, ys):
            def all_losses(w):
                return torch.stack([loss(w, x, y) for x, y in zip(X, ys, strict=True)])

            return functional.jacobian(all_losses, w)

        def a_copy_of_w_for_every_row(loss, w, X, ys):
            copies = w.detach().repeat(len(X), 1).requires_grad_()
            sum(loss(copies[i], X[i], ys[i]) for i in range(len(X))).backward()
            return copies.grad

        def clone_then_zero(loss, w, X, ys):
            table = []
            for x, y in zip(X, ys, strict=True):
                loss(w, x, y).backward()
                table.append(w.grad.clone())
                w.grad.zero_()
            w.grad = None
            return torch.stack(table)

        def a_fresh_leaf_for_every_row(loss, w, X, ys):
            def one(x, y):
                own = w.detach().clone().requires_grad_()
                loss(own, x, y).backward()
                return own.grad

            return torch.stack(list(map(one, X, ys)))

        def one_hot_weights_on_the_losses(loss, w, X, ys):
            losses = torch.stack([loss(w, X[i], ys[i]) for i in range(len(ys))])
            eye = torch.eye(len(ys), dtype=losses.dtype)
            return torch.autograd.grad(losses, w, eye, is_grads_batched=True)[0]

        def rows_as_plain_lists(loss, w, X, ys):
            table = []
            for x, y in zip(X, ys, strict=True):
                w.grad = None
                loss(w, x, y).backward()
                table.append(w.grad.tolist())
            return table

        def per_sample_grad_calls(loss, w, X, ys):
            return torch.stack(
                [torch.autograd.grad(loss(w, X[i], ys[i]), w)[0] for i in range(len(X))]
            )

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

        def per_sample_jacobian(loss, w, X, ys):
            def losses(weights):
                return torch.stack([loss(weights, x, y) for x, y in zip(X, ys)])

            return torch.autograd.functional.jacobian(losses, w)

        def grads_in_a_list(loss, w, X, ys):
            table = [
                torch.autograd.grad(loss(w, X[i], ys[i]), w)[0] for i in range(len(X))
            ]
            return torch.stack(table)

        def a_copy_of_w_for_each_row(loss, w, X, ys):
            copies = torch.stack([w.detach()] * len(X)).requires_grad_()
            total = 0
            for wi, x, y in zip(copies, X, ys):
                total = total + loss(wi, x, y)
            total.backward()
            return copies.grad

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

        def copies_and_zeroes(loss, w, X, ys):
            rows = []
            for i in range(X.shape[0]):
                loss(w, X[i], ys[i]).backward()
                rows.append(w.grad.clone().unsqueeze(0))
                w.grad.zero_()
            return torch.cat(rows)

    class OVERWRITE:
        def every_row_on_top_of_the_last(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys, strict=True):
                loss(w, x, y).backward()
                rows.append(w.grad.clone())
            return torch.stack(rows)

        def fills_rows_and_never_clears(loss, w, X, ys):
            out = torch.zeros(X.shape[0], w.shape[0], dtype=w.dtype)
            w.grad = None
            for i in range(X.shape[0]):
                loss(w, X[i], ys[i]).backward()
                out[i] = w.grad
            return out

        def per_sample_adding(loss, w, X, ys):
            rows = []
            for i in range(X.shape[0]):
                one = loss(w, X[i], ys[i])
                one.backward()
                rows.append(w.grad.detach().clone())
            return torch.stack(rows)

        def appends_a_growing_pile(loss, w, X, ys):
            grads = []
            for x, y in zip(X, ys):
                loss(w, x, y).backward()
                grads.append(w.grad.clone())
            return torch.stack(grads)

    class GRAD_IS_A_SNAPSHOT:
        def appends_the_same_tensor(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys, strict=True):
                if w.grad is not None:
                    w.grad.zero_()
                loss(w, x, y).backward()
                rows.append(w.grad)
            return torch.stack(rows)

        def difference_to_an_alias(loss, w, X, ys):
            rows, last = [], 0
            for i in range(len(X)):
                loss(w, X[i], ys[i]).backward()
                rows.append(w.grad - last)
                last = w.grad
            return torch.stack(rows)

        def per_sample_same_tensor(loss, w, X, ys):
            opt = torch.optim.SGD([w], lr=0.01)
            gradients = []
            for x, y in zip(X, ys):
                opt.zero_grad(set_to_none=False)
                loss(w, x, y).backward()
                gradients.append(w.grad)
            return torch.stack(gradients)

        def keeps_one_tensor_many_times(loss, w, X, ys):
            rows = []
            for i in range(len(X)):
                if w.grad is not None:
                    w.grad.zero_()
                loss(w, X[i], ys[i]).backward()
                rows.append(w.grad)
            return torch.stack(rows)

    class DETACH_COPIES:
        def detached_rows(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys, strict=True):
                loss(w, x, y).backward()
                rows.append(w.grad.detach())
                w.grad.zero_()
            return torch.stack(rows)

    class SUM_MEAN:
        def divides_every_loss(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys, strict=True):
                w.grad = None
                (loss(w, x, y) / len(X)).backward()
                rows.append(w.grad)
            return torch.stack(rows)

        def table_of_a_mean(loss, w, X, ys):
            W = torch.stack([w.detach()] * len(X)).requires_grad_()
            losses = [loss(W[i], X[i], ys[i]) for i in range(len(X))]
            torch.stack(losses).mean().backward()
            return W.grad

        def a_share_of_the_mean(loss, w, X, ys):
            n = len(X)
            rows = []
            for x, y in zip(X, ys):
                w.grad = None
                mean_loss = loss(w, x, y) / n
                mean_loss.backward()
                rows.append(w.grad)
            return torch.stack(rows)

    class JACOBIAN:
        def one_walk_from_the_sum(loss, w, X, ys):
            total = sum(loss(w, x, y) for x, y in zip(X, ys, strict=True))
            total.backward()
            return w.grad

        def ones_bring_every_row(loss, w, X, ys):
            losses = torch.stack([loss(w, x, y) for x, y in zip(X, ys, strict=True)])
            losses.backward(gradient=torch.ones_like(losses))
            return w.grad.expand(len(X), -1)

        def per_sample_all_at_once(loss, w, X, ys):
            losses = torch.stack([loss(w, x, y) for x, y in zip(X, ys)])
            losses.backward()
            return w.grad

        def walks_back_from_all_losses(loss, w, X, ys):
            losses = torch.stack([loss(w, x, y) for x, y in zip(X, ys)])
            losses.backward(gradient=torch.ones_like(losses))
            return w.grad

    class ACCUMULATION_AVERAGES:
        def splits_the_sum_evenly(loss, w, X, ys):
            for x, y in zip(X, ys, strict=True):
                loss(w, x, y).backward()
            return (w.grad / len(X)).repeat(len(X), 1)

    class BACKWARD_RETURNS:
        def stacks_returned_nothing(loss, w, X, ys):
            rows = [loss(w, X[i], ys[i]).backward() for i in range(len(X))]
            return torch.stack(rows)

        def per_sample_returned(loss, w, X, ys):
            return torch.stack([loss(w, x, y).backward() for x, y in zip(X, ys)])

        def collects_what_backward_gives(loss, w, X, ys):
            out = []
            for x, y in zip(X, ys):
                w.grad = None
                out.append(loss(w, x, y).backward())
            return torch.stack(out)

    class GRAD_ON_OUTPUT:
        def asks_each_loss(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys, strict=True):
                z = loss(w, x, y)
                z.retain_grad()
                z.backward()
                rows.append(z.grad)
            return torch.stack(rows)

        def per_sample_loss_grad(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys):
                w.grad = None
                value = loss(w, x, y)
                value.backward()
                rows.append(value.grad)
            return torch.stack(rows)

        def reads_the_losses_themselves(loss, w, X, ys):
            losses = [loss(w, x, y) for x, y in zip(X, ys)]
            for l in losses:
                l.backward()
            return torch.stack([l.grad for l in losses])

    class OTHER_INPUT:
        def gradient_for_the_rows_of_x(loss, w, X, ys):
            X = X.clone().requires_grad_()
            sum(loss(w, X[i], ys[i]) for i in range(len(X))).backward()
            return X.grad

    class FLAG_MAKES_LEAF:
        def walks_to_a_clone(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys, strict=True):
                own = w.clone()
                loss(own, x, y).backward()
                rows.append(own.grad)
            return torch.stack(rows)

        def flags_the_copies(loss, w, X, ys):
            W = torch.stack([w] * len(X)).requires_grad_()
            total = sum(loss(W[i], X[i], ys[i]) for i in range(len(X)))
            total.backward()
            return W.grad

    class ZEROED_TOO_EARLY:
        def empties_right_after_the_walk(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys, strict=True):
                loss(w, x, y).backward()
                w.grad.zero_()
                rows.append(w.grad.clone())
            return torch.stack(rows)

        def zeroes_before_it_keeps(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys):
                loss(w, x, y).backward()
                w.grad.zero_()
                rows.append(w.grad.clone())
            return torch.stack(rows)

    class GRAD_STARTS_AT_ZERO:
        def zeroes_an_empty_grad(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys, strict=True):
                w.grad.zero_()
                loss(w, x, y).backward()
                rows.append(w.grad.clone())
            return torch.stack(rows)

        def per_sample_zero_before(loss, w, X, ys):
            rows = []
            for k in range(len(ys)):
                w.grad.zero_()
                loss(w, X[k], ys[k]).backward()
                rows.append(w.grad.clone())
            return torch.stack(rows)

        def zeroes_the_empty_grad(loss, w, X, ys):
            table = []
            for i in range(len(X)):
                w.grad.zero_()
                loss(w, X[i], ys[i]).backward()
                table.append(w.grad.clone())
            return torch.stack(table)

    class SHAPES_DONT_MATTER:
        def gives_the_whole_table_to_the_loss(loss, w, X, ys):
            return functional.jacobian(lambda p: loss(p, X, ys), w)

        def walks_from_all_samples_at_once(loss, w, X, ys):
            loss(w, X, ys).backward()
            return w.grad

    class NUMBERS_CARRY_GRAD:
        def collects_numbers_and_walks(loss, w, X, ys):
            losses = torch.tensor(
                [loss(w, x, y).item() for x, y in zip(X, ys, strict=True)]
            )
            losses.requires_grad_()
            rows = []
            for z in losses:
                z.backward()
                rows.append(w.grad)
            return torch.stack(rows)

        def gathers_numbers(loss, w, X, ys):
            losses = [loss(w, x, y).item() for x, y in zip(X, ys)]
            rows = []
            for number in losses:
                w.grad = None
                torch.tensor(number, requires_grad=True).backward()
                rows.append(w.grad)
            return torch.stack(rows)

    class FORGOT_FLAG:
        def detaches_w_first(loss, w, X, ys):
            w = w.detach()
            rows = []
            for x, y in zip(X, ys, strict=True):
                w.grad = None
                loss(w, x, y).backward()
                rows.append(w.grad)
            return torch.stack(rows)

    class A_STEP_AFTER_EVERY_WALK:
        def trains_between_the_rows(loss, w, X, ys):
            opt = torch.optim.SGD([w], lr=0.1)
            rows = []
            for x, y in zip(X, ys, strict=True):
                opt.zero_grad()
                loss(w, x, y).backward()
                rows.append(w.grad.clone())
                opt.step()
            return torch.stack(rows)

        def steps_by_hand(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys):
                w.grad = None
                loss(w, x, y).backward()
                rows.append(w.grad)
                w.data = w.data - 0.5 * w.grad
            return torch.stack(rows)

    class FINITE_DIFFERENCE:
        def nudges_every_weight(loss, w, X, ys):
            h, w = 1e-3, w.detach()
            rows = []
            for x, y in zip(X, ys, strict=True):
                moves = torch.eye(len(w), dtype=w.dtype) * h
                rows.append(
                    [(loss(w + m, x, y) - loss(w, x, y)).item() / h for m in moves]
                )
            return torch.tensor(rows)

    class GRAPH_FREED:
        def per_sample_one_graph(loss, w, X, ys):
            losses = torch.stack([loss(w, X[i], ys[i]) for i in range(len(X))])
            table = torch.zeros(len(X), len(w))
            for i, v in enumerate(torch.eye(len(X))):
                w.grad = None
                losses.backward(gradient=v)
                table[i] = w.grad
            return table

        def one_graph_many_walks(loss, w, X, ys):
            losses = torch.stack([loss(w, X[i], ys[i]) for i in range(len(X))])
            rows = []
            for i in range(len(X)):
                w.grad = None
                losses[i].backward()
                rows.append(w.grad)
            return torch.stack(rows)

    class TENSOR_KEEPS_GRAPH:
        def per_sample_tensor_of_losses(loss, w, X, ys):
            losses = torch.tensor(
                [loss(w, x, y) for x, y in zip(X, ys)], requires_grad=True
            )
            rows = []
            for value in losses:
                w.grad = None
                value.backward()
                rows.append(w.grad)
            return torch.stack(rows)

        def joins_with_tensor(loss, w, X, ys):
            losses = torch.tensor([loss(w, x, y) for x, y in zip(X, ys)])
            rows = []
            for v in torch.eye(len(losses)):
                w.grad = None
                losses.backward(gradient=v, retain_graph=True)
                rows.append(w.grad)
            return torch.stack(rows)

    class NO_GRAD_STILL_FLOWS:
        def saves_memory_going_forward(loss, w, X, ys):
            with torch.no_grad():
                losses = [loss(w, x, y) for x, y in zip(X, ys)]
            rows = []
            for l in losses:
                w.grad = None
                l.backward()
                rows.append(w.grad)
            return torch.stack(rows)

    class NEW_LEAF:
        def walks_to_a_fresh_leaf(loss, w, X, ys):
            rows = []
            for x, y in zip(X, ys):
                w.grad = None
                fresh = w.detach().clone().requires_grad_()
                loss(fresh, x, y).backward()
                rows.append(w.grad)
            return torch.stack(rows)
