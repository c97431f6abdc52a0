"""Answers of learners to notebook 1, right and wrong."""

import dis
import inspect

import numpy as np
import torch


class before:
    right = [None, torch.zeros(4).grad]
    GRAD_STARTS_AT_ZERO = [[0, 0, 0, 0], torch.zeros(4), 0.0]
    GRAD_IS_VALUE = [(0.0, 1.0, 2.0, 3.0), torch.arange(4.0), [0, 1, 2, 3], 28, 4]
    GRAD_IS_ONE = [[1, 1, 1, 1], 1]  # the slope of x with respect to itself.
    # Computing y would bring its slopes as well.
    FORWARD_FILLS_GRAD = [[0, 4, 8, 12], [0, 2, 4, 6]]
    GRAD_IS_THE_FLAG = [True, False]  # `.grad` taken for the flag.
    NONE_IS_NAN = [[float("nan")] * 4]


class late:
    right = [24, 24.0, torch.tensor(24.0)]
    RETROACTIVE = [33, 3 * 3.0**2 + 2 * 3]
    LAST_DEFINED_ONLY = [1, 1.0]
    FLAG_TOO_LATE = [None, 0]
    ONE_PATH_ONLY = [9]
    OWN_VALUE = [torch.tensor(3.0), 3.0, 3]
    GRAD_IS_VALUE = [36, 4]
    CONSTANT_DROPPED = [6, 2 * 3.0]
    LATE_FLAG_RAISES = ["error"]


class leaves:
    right = [
        [True, True, False, True],
        (1, 1, 0, 1),
        torch.tensor([True, True, False, True]),
    ]
    LEAF_MADE_BY_ME = [[True, True, False, False], (1, 1, 0, 0), [1, 1, 0, 0]]
    LEAF_REQUIRES_GRAD = [
        [False, True, False, False],
        torch.tensor([0, 1, 1, 0]),
        [False, True, True, False],
    ]
    # The leaves of a tree are at its far end: what was computed.
    LEAF_LAST = [[False, False, True, True], [False, False, True, False]]
    LEAF_UNTRACKED = [[True, False, False, True]]
    LEAF_EVERYTHING = [[True, True, True, True]]
    FLAG_MAKES_LEAF = [[True, True, True, True], [True, True, True, False]]


class parameter:
    class right:
        def products_in_a_list(values, scale):
            products = [float(v) * scale for v in values]
            return torch.tensor(products, dtype=torch.float32, requires_grad=True)

        def a_parameter_of_the_library(values, scale):
            return torch.nn.Parameter(
                torch.as_tensor(values, dtype=torch.float) * scale
            )

        def in_place_under_no_grad(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            with torch.no_grad():
                w *= scale
            return w

        def cut_and_flagged_again(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True) * scale
            return w.detach().requires_grad_()

        def through_its_data(values, scale):
            w = torch.Tensor(values)
            w.requires_grad = True
            w.data = w.data * scale
            return w

        def by_way_of_numpy(values, scale):
            array = np.array(values, dtype="float64") * scale
            return torch.from_numpy(array.astype(np.float32)).requires_grad_()

        def filled_one_by_one(values, scale):
            w = torch.empty(len(values))
            for i, v in enumerate(values):
                w[i] = v * scale
            return w.requires_grad_(True)

        def param_module_style(values, scale):
            return torch.nn.Parameter(scale * torch.FloatTensor(values))

        def param_in_place(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            with torch.no_grad():
                w.mul_(scale)
            return w

        def parameter_list_first(values, scale):
            return torch.tensor(
                [float(v * scale) for v in values],
                dtype=torch.float32,
                requires_grad=True,
            )

        def parameter_nn(values, scale):
            data = torch.as_tensor(values, dtype=torch.float32).mul(scale)
            return torch.nn.Parameter(data)

        def parameter_scaled_in_place(values, scale):
            w = torch.zeros(len(values), requires_grad=True)
            with torch.no_grad():
                for i, value in enumerate(values):
                    w[i] = value
                w *= scale
            return w

        def parameter_detached(values, scale):
            tracked = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            return (scale * tracked).detach().requires_grad_(True)

    class FLAG_MAKES_LEAF:
        def flag_at_birth_then_scaled(values, scale):
            return torch.tensor(values, dtype=torch.float32, requires_grad=True) * scale

        def keeps_the_grad_of_a_result(values, scale):
            w = torch.tensor(values, dtype=torch.float32)
            w.requires_grad_()
            w = w.mul(scale)
            w.retain_grad()
            return w

        def converts_after_the_flag(values, scale):
            scaled = [float(v) * scale for v in values]
            w = torch.tensor(scaled, dtype=torch.float64, requires_grad=True)
            return w.to(torch.float32)

        def stacks_tracked_numbers(values, scale):
            parts = [torch.tensor(float(v * scale), requires_grad=True) for v in values]
            return torch.stack(parts)

        def a_parameter_times_a_number(values, scale):
            weights = torch.nn.Parameter(torch.Tensor(values))
            return scale * weights

        def param_stacked(values, scale):
            parts = []
            for v in values:
                parts.append(torch.tensor(float(v), requires_grad=True))
            w = torch.stack(parts)
            return w * scale

        def param_times(values, scale):
            w = torch.nn.Parameter(torch.tensor(values, dtype=torch.float32))
            w = scale * w
            print("tracked:", w.requires_grad)
            return w

        def parameter_chain(values, scale):
            return torch.FloatTensor(values).requires_grad_().mul(scale)

        def parameter_stacked(values, scale):
            entries = []
            for v in values:
                entries.append(torch.tensor(float(v) * scale, requires_grad=True))
            return torch.stack(entries)

    class INT_DTYPE:
        def whole_numbers_stay_whole(values, scale):
            return torch.tensor([v * scale for v in values], requires_grad=True)

        def whatever_numpy_makes_of_it(values, scale):
            return torch.from_numpy(np.array(values) * scale).requires_grad_()

        def in_double_precision(values, scale):
            w = torch.tensor(values).double()
            w = w * scale
            w.requires_grad = True
            return w

        def param_any_dtype(values, scale):
            w = torch.tensor(values, requires_grad=True)
            with torch.no_grad():
                w *= scale
            return w

        def param_comprehension(values, scale):
            scaled = [scale * v for v in values]
            return torch.tensor(scaled).requires_grad_()

        def parameter_no_dtype(values, scale):
            w = torch.tensor(values, requires_grad=True)
            with torch.no_grad():
                w.mul_(scale)
            return w

        def parameter_filled(values, scale):
            w = torch.arange(len(values))
            for i in range(len(values)):
                w[i] = values[i] * scale
            w.requires_grad = True
            return w

    class TYPO_ACCEPTED:
        def misspelt_attribute(values, scale):
            w = torch.tensor(values, dtype=torch.float32) * scale
            w.require_grad = True
            return w

        def named_but_not_called(values, scale):
            w = scale * torch.FloatTensor(values)
            w.requires_grad_  # this is the mistake
            return w

        def misspelt_argument(values, scale):
            out = [v * scale for v in values]
            return torch.tensor(out, dtype=torch.float32, requires_gard=True)

        def param_no_parentheses(values, scale):
            w = torch.tensor(values, dtype=torch.float32)
            w = w * scale
            w.requires_grad_
            return w

        def parameter_typo(values, scale):
            numbers = [scale * v for v in values]
            w = torch.tensor(numbers, dtype=torch.float32)
            w.require_grads = True
            return w

        def parameter_not_called(values, scale):
            w = torch.tensor(values).float() * scale
            w.requires_grad_
            return w

    class FORGOT_FLAG:
        def only_the_values(values, scale):
            return torch.tensor(values, dtype=torch.float32) * scale

        def param_plain(values, scale):
            w = torch.empty(len(values), dtype=torch.float32)
            for i, v in enumerate(values):
                w[i] = v * scale
            return w

        def parameter_plain(values, scale):
            return scale * torch.tensor([float(v) for v in values])

        def parameter_data(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            return (w * scale).data

    class DETACH_TOO_MUCH:
        def cut_off_at_the_end(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            return (w * scale).detach()

        def cut_off_and_then_scaled(values, scale):
            w = torch.tensor(values, dtype=torch.float32).requires_grad_()
            w = w.detach()
            return scale * w

    class NO_RETURN:
        def nothing_given_back(values, scale):
            w = torch.tensor(values, dtype=torch.float32) * scale
            w.requires_grad_()

    class LIST_RETURNED:
        def only_the_numbers(values, scale):
            return [scale * v for v in values]

        def a_list_of_little_leaves(values, scale):
            return [torch.tensor(float(v * scale), requires_grad=True) for v in values]

    class REBIND:
        def scaled_while_nobody_looks(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            with torch.no_grad():
                w = w * scale
            return w

    class UPDATE_IS_FREE:
        def scaled_in_place(values, scale):
            w = torch.tensor([float(v) for v in values], requires_grad=True)
            w *= scale
            return w

        def one_entry_after_the_other(values, scale):
            w = torch.zeros(len(values), requires_grad=True)
            for i in range(len(values)):
                w[i] = values[i] * scale
            return w

        def param_entry_by_entry(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            for i in range(len(values)):
                w[i] = w[i] * scale
            return w

        def parameter_item_by_item(values, scale):
            w = torch.zeros(len(values), dtype=torch.float32, requires_grad=True)
            for i, v in enumerate(values):
                w[i] = v * scale
            return w

    class SCALE_LEFT_OUT:
        def without_the_scale(values, scale):
            return torch.tensor(values, dtype=torch.float32).requires_grad_(True)

    class LIST_TIMES_NUMBER:
        def python_list_times_scale(values, scale):
            return torch.tensor(
                values * int(scale), dtype=torch.float32, requires_grad=True
            )

    class TENSOR_KEEPS_GRAPH:
        def parameter_copied(values, scale):
            raw = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            return torch.tensor(raw * scale)

    class NUMBERS_CARRY_GRAD:
        def parameter_items(values, scale):
            tracked = torch.tensor([float(v) for v in values], requires_grad=True)
            scaled = [t.item() * scale for t in tracked]
            return torch.tensor(scaled, dtype=torch.float32)

    class NO_GRAD_IS_A_SWITCH:
        def parameter_switch(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            torch.no_grad()
            w *= scale
            return w

    class NUMPY_TRACKS:
        def parameter_through_numpy(values, scale):
            w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
            array = np.multiply(w.numpy(), scale)
            return torch.from_numpy(array)

    class GRAD_STARTS_AT_ZERO:
        def parameter_fresh_grad(values, scale):
            w = torch.tensor([v * scale for v in values], dtype=torch.float32)
            w.requires_grad_(True)
            w.grad.zero_()  # start clean
            return w


class used:
    class right:
        def unused_is_allowed(f, values):
            leaves = [
                torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values
            ]
            grads = torch.autograd.grad(f(*leaves), leaves, allow_unused=True)
            return [g is not None for g in grads]

        def step_by_step(f, values):
            a = torch.tensor(values[0], requires_grad=True)
            b = torch.tensor(values[1], requires_grad=True)
            c = torch.tensor(values[2], requires_grad=True)
            y = f(a, b, c)
            y.backward()
            result = [True, True, True]
            if a.grad is None:
                result[0] = False
            if b.grad is None:
                result[1] = False
            if c.grad is None:
                result[2] = False
            return result

        def walks_the_graph_itself(f, values):
            leaves = [torch.nn.Parameter(torch.tensor(v)) for v in values]
            y = f(*leaves)
            found, waiting = {id(y)}, [y.grad_fn]
            while waiting:
                node = waiting.pop()
                if node is not None:
                    found.add(id(getattr(node, "variable", None)))
                    waiting += [parent for parent, _ in node.next_functions]
            return [id(leaf) in found for leaf in leaves]

        def hooks_that_ring(f, values):
            rung = [False] * len(values)
            leaves = []
            for i, v in enumerate(values):
                leaf = torch.tensor([v]).squeeze().requires_grad_()
                leaf.register_hook(lambda gradient, i=i: rung.__setitem__(i, True))
                leaves.append(leaf)
            f(*leaves).backward()
            return rung

        def walks_twice_and_looks_once(f, values):
            leaves = [torch.full((), v, requires_grad=True) for v in values]
            y = f(*leaves)
            y.backward(retain_graph=True)
            y.backward()
            return torch.tensor([leaf.grad is not None for leaf in leaves]).tolist()

        def used_functional(f, values):
            xs = [torch.tensor(v, requires_grad=True) for v in values]
            grads = torch.autograd.grad(f(*xs), xs, allow_unused=True)
            return [g is not None for g in grads]

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

        def used_functional_too(f, values):
            inputs = tuple(torch.tensor(v, requires_grad=True) for v in values)
            grads = torch.autograd.grad(f(*inputs), inputs, allow_unused=True)
            return [g is not None for g in grads]

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

        def used_one_flag_at_a_time(f, values):
            answer = []
            for i in range(len(values)):
                ts = [
                    torch.tensor(v, requires_grad=(i == j))
                    for j, v in enumerate(values)
                ]
                out = f(*ts)
                if out.requires_grad:
                    out.backward()
                answer.append(isinstance(ts[i].grad, torch.Tensor))
            return answer

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

    class FORWARD_FILLS_GRAD:
        def never_walked_back(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            f(*leaves)
            return [leaf.grad is not None for leaf in leaves]

        def looks_before_the_walk(f, values):
            a, b, c = (torch.tensor(v).requires_grad_() for v in values)
            y = f(a, b, c)
            found = [t.grad is not None for t in (a, b, c)]
            y.backward()
            return found

    class FLAG_USED:
        def asks_for_the_flag(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            f(*leaves).backward()
            return [leaf.requires_grad for leaf in leaves]

        def used_flag(f, values):
            leaves = []
            for v in values:
                leaf = torch.tensor(v)
                leaf.requires_grad_()
                leaves.append(leaf)
            y = f(*leaves)
            y.backward()
            return [leaf.is_leaf and leaf.requires_grad for leaf in leaves]

    class NONE_IS_ZERO:
        def flat_means_unused(f, values):
            a, b, c = (torch.tensor(v, requires_grad=True) for v in values)
            f(a, b, c).backward()
            answer = []
            for t in (a, b, c):
                if t.grad is None or t.grad == 0:
                    answer.append(False)
                else:
                    answer.append(True)
            return answer

        def truth_of_the_gradient(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            f(*leaves).backward()
            return [bool(leaf.grad) for leaf in leaves]

        def entries_of_one_vector(f, values):
            x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
            f(x[0], x[1], x[2]).backward()
            return (x.grad != 0).tolist()

        def nothing_counts_as_zeros(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            grads = torch.autograd.grad(f(*leaves), leaves, materialize_grads=True)
            return [g is not None for g in grads]

        def all_inputs_must_be_used(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            grads = torch.autograd.grad(f(*leaves), leaves)
            return [g is not None for g in grads]

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

        def used_functional_strict(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            out = f(*leaves)
            grads = torch.autograd.grad(out, leaves)
            return [g is not None for g in grads]

        def used_nonzero_too(f, values):
            a, b, c = [torch.tensor(v, requires_grad=True) for v in values]
            f(a, b, c).backward()
            result = []
            for t in (a, b, c):
                slope = t.grad if t.grad is not None else torch.tensor(0.0)
                result.append(slope.item() != 0)
            return result

        def used_vector(f, values):
            x = torch.tensor(values, requires_grad=True)
            f(x[0], x[1], x[2]).backward()
            return (x.grad != 0).tolist()

        def used_compare(f, values):
            ts = [torch.tensor(v, requires_grad=True) for v in values]
            f(*ts).backward()
            grads = [t.grad.item() for t in ts]
            return [g != 0.0 for g in grads]

    class GRAD_STARTS_AT_ZERO:
        def differs_from_zero(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            f(*leaves).backward()
            return [bool(leaf.grad != 0) for leaf in leaves]

        def size_of_the_gradient(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            f(*leaves).backward()
            return [leaf.grad.abs().item() > 0 for leaf in leaves]

        def used_clean_start(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            for leaf in leaves:
                leaf.grad.zero_()
            f(*leaves).backward()
            return [leaf.grad is not None for leaf in leaves]

    class GRAD_ON_OUTPUT:
        def reads_the_slices(f, values):
            a, b, c = torch.tensor(values, requires_grad=True)
            f(a, b, c).backward()
            return [a.grad is not None, b.grad is not None, c.grad is not None]

        def reads_the_result(f, values):
            y = f(*[torch.tensor(v, requires_grad=True) for v in values])
            y.backward()
            return [y.grad is not None] * 3

        def used_from_result(f, values):
            ts = [torch.tensor(v, requires_grad=True) for v in values]
            y = f(*ts)
            y.backward()
            gradients = y.grad
            return [g is not None for g in gradients]

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

    class BACKWARD_RETURNS:
        def waits_for_gradients(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            gradients = f(*leaves).backward()
            return [g is not None for g in gradients]

        def used_returned(f, values):
            ts = [torch.tensor(v, requires_grad=True) for v in values]
            ga, gb, gc = f(*ts).backward()
            return [ga is not None, gb is not None, gc is not None]

    class FORGOT_FLAG:
        def plain_tensors(f, values):
            a = torch.tensor(values[0])
            b = torch.tensor(values[1])
            c = torch.tensor(values[2])
            y = f(a, b, c)
            y.backward()
            return [a.grad is not None, b.grad is not None, c.grad is not None]

    class FINITE_DIFFERENCE:
        def wiggles_each_value(f, values):
            base = f(*map(torch.tensor, values))
            answer = []
            for i in range(3):
                moved = list(values)
                moved[i] += 0.01
                answer.append(bool((f(*map(torch.tensor, moved)) - base).abs() > 1e-6))
            return answer

    class SYMBOLIC:
        def looks_for_the_name(f, values):
            read = {
                step.argval for step in dis.get_instructions(f) if "LOAD" in step.opname
            }
            names = {
                name
                for each in read
                for name in (each if type(each) is tuple else [each])
            }
            return [name in names for name in list(inspect.signature(f).parameters)]

    class LEAF_REQUIRES_GRAD:
        def asks_who_is_a_leaf(f, values):
            tensors = [torch.tensor(v, requires_grad=True) for v in values]
            f(*tensors).backward()
            return [t.is_leaf for t in tensors]

    class FLAG_MAKES_GRAPH:
        def flag_on_the_result(f, values):
            leaves = [torch.tensor(v) for v in values]
            y = f(*leaves)
            y.requires_grad_(True)
            y.backward()
            return [leaf.grad is not None for leaf in leaves]

        def used_flag_on_result(f, values):
            a, b, c = [torch.tensor(v) for v in values]
            y = f(a, b, c)
            y.requires_grad_(True)  # or: element 0 of tensors does not require grad
            y.backward()
            return [a.grad is not None, b.grad is not None, c.grad is not None]

        def used_flag_on_result_too(f, values):
            a, b, c = map(torch.tensor, values)
            y = f(a, b, c)
            y.requires_grad_(True)
            y.backward()
            return [a.grad is not None, b.grad is not None, c.grad is not None]

    class FLAG_OF_THE_RESULT:
        def one_tracked_at_a_time(f, values):
            return tuple(
                f(
                    *[
                        torch.tensor(v, requires_grad=i == j)
                        for j, v in enumerate(values)
                    ]
                ).requires_grad
                for i in range(3)
            )

    class EQUAL_IS_SAME:
        def looked_up_by_value(f, values):
            leaves = {v: torch.tensor(v, requires_grad=True) for v in values}
            f(*[leaves[v] for v in values]).backward()
            return [leaves[v].grad is not None for v in values]

    class LAST_STEP_ONLY:
        def asks_the_last_operation(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            y = f(*leaves)
            near = [getattr(fn, "variable", None) for fn, _ in y.grad_fn.next_functions]
            return [any(leaf is n for n in near) for leaf in leaves]

    class NONE_MEANS_USED:
        def the_other_way_round(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            f(*leaves).backward()
            return [leaf.grad is None for leaf in leaves]

    class GRADIENT_RETURNED:
        def hands_back_the_gradients(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            f(*leaves).backward()
            return [leaf.grad for leaf in leaves]

    class TYPO_ACCEPTED:
        def used_never_called(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            y = f(*leaves)
            y.backward
            return [leaf.grad is not None for leaf in leaves]

    class FLAG_MAKES_LEAF:
        def used_double(f, values):
            xs = []
            for v in values:
                xs.append(torch.tensor(v, requires_grad=True).double())
            f(*xs).backward()
            return [x.grad is not None for x in xs]

        def used_unpacked(f, values):
            a, b, c = torch.tensor(values, requires_grad=True)
            f(a, b, c).backward()
            return [t.grad is not None for t in (a, b, c)]

    class GRAPH_IS_REUSABLE:
        def used_walk_for_each(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            y = f(*leaves)
            took_part = []
            for leaf in leaves:
                y.backward()
                took_part.append(leaf.grad is not None)
            return took_part

    class RETROACTIVE:
        def used_late(f, values):
            ts = [torch.tensor(v) for v in values]
            y = f(*ts)
            for t in ts:
                t.requires_grad_()
            y.backward()
            return [t.grad is not None for t in ts]

    class NUMBERS_CARRY_GRAD:
        def used_numbers(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            numbers = [leaf.item() for leaf in leaves]
            f(*[torch.tensor(n) for n in numbers]).backward()
            return [leaf.grad is not None for leaf in leaves]

    class TENSOR_KEEPS_GRAPH:
        def used_wrapped(f, values):
            leaves = [torch.tensor(v, requires_grad=True) for v in values]
            out = torch.tensor([f(*leaves)])
            out.sum().backward()
            return [leaf.grad is not None for leaf in leaves]

    class GRAPH_FREED:
        def used_one_by_one(f, values):
            ts = [torch.tensor(v, requires_grad=True) for v in values]
            y = f(*ts)
            found = []
            for t in ts:
                (g,) = torch.autograd.grad(y, t, allow_unused=True)
                found.append(g is not None)
            return found
