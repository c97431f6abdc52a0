"""Answers that learners give in lesson 1, right and wrong."""

import dis
import inspect

import numpy as np
import torch

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- before

guess("requires_grad/before", None, None)
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", [0, 0, 0, 0])
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", torch.zeros(4))
guess("requires_grad/before", "GRAD-STARTS-AT-ZERO", 0.0)
guess("requires_grad/before", "GRAD-IS-VALUE", (0.0, 1.0, 2.0, 3.0))
guess("requires_grad/before", "GRAD-IS-VALUE", torch.arange(4.0))
# The slope of x with respect to itself.
guess("requires_grad/before", "GRAD-IS-ONE", [1, 1, 1, 1])
guess("requires_grad/before", "GRAD-IS-ONE", 1)
# Somebody who thinks of y = 2 * dot(x, x), some cells above.
guess("requires_grad/before", "RETROACTIVE", [0, 4, 8, 12])
# `.grad` taken for the flag.
guess("requires_grad/before", "GRAD-IS-THE-FLAG", True)

# ---------------------------------------------------------------- late

guess("requires_grad/late", None, 9)
guess("requires_grad/late", None, 9.0)
guess("requires_grad/late", None, torch.tensor(9.0))
guess("requires_grad/late", "RETROACTIVE", 27)
guess("requires_grad/late", "RETROACTIVE", 3 * 3.0**2)
guess("requires_grad/late", "LAST-DEFINED-ONLY", 6)
guess("requires_grad/late", "FLAG-TOO-LATE", None)
guess("requires_grad/late", "FLAG-TOO-LATE", 0)
guess("requires_grad/late", "ONE-PATH-ONLY", 18)
guess("requires_grad/late", "OWN-VALUE", torch.tensor(3.0))
guess("requires_grad/late", "LATE-FLAG-RAISES", "error")

# ---------------------------------------------------------------- leaves

guess("requires_grad/leaves", None, [True, True, False, True])
guess("requires_grad/leaves", None, (1, 1, 0, 1))
guess("requires_grad/leaves", None, torch.tensor([True, True, False, True]))
guess("requires_grad/leaves", "LEAF=MADE-BY-ME", [True, True, False, False])
guess("requires_grad/leaves", "LEAF=MADE-BY-ME", (1, 1, 0, 0))
guess("requires_grad/leaves", "LEAF=REQUIRES-GRAD", [False, True, False, False])
guess("requires_grad/leaves", "LEAF=REQUIRES-GRAD", torch.tensor([0, 1, 1, 0]))
# The leaves of a tree are at its far end: what was computed.
guess("requires_grad/leaves", "LEAF=LAST", [False, False, True, True])
guess("requires_grad/leaves", "LEAF=LAST", [False, False, True, False])
guess("requires_grad/leaves", "LEAF=UNTRACKED", [True, False, False, True])
guess("requires_grad/leaves", "LEAF=EVERYTHING", [True, True, True, True])

# ---------------------------------------------------------------- parameter


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def flag_at_birth_then_scaled(values, scale):
    return torch.tensor(values, dtype=torch.float32, requires_grad=True) * scale


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def keeps_the_grad_of_a_result(values, scale):
    w = torch.tensor(values, dtype=torch.float32)
    w.requires_grad_()
    w = w.mul(scale)
    w.retain_grad()
    return w


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def converts_after_the_flag(values, scale):
    scaled = [float(v) * scale for v in values]
    w = torch.tensor(scaled, dtype=torch.float64, requires_grad=True)
    return w.to(torch.float32)


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def stacks_tracked_numbers(values, scale):
    parts = [torch.tensor(float(v * scale), requires_grad=True) for v in values]
    return torch.stack(parts)


@wrong("requires_grad/parameter", "FLAG-MAKES-LEAF")
def a_parameter_times_a_number(values, scale):
    weights = torch.nn.Parameter(torch.Tensor(values))
    return scale * weights


@wrong("requires_grad/parameter", "INT-DTYPE")
def whole_numbers_stay_whole(values, scale):
    return torch.tensor([v * scale for v in values], requires_grad=True)


@wrong("requires_grad/parameter", "INT-DTYPE")
def whatever_numpy_makes_of_it(values, scale):
    return torch.from_numpy(np.array(values) * scale).requires_grad_()


@wrong("requires_grad/parameter", "INT-DTYPE")
def in_double_precision(values, scale):
    w = torch.tensor(values).double()
    w = w * scale
    w.requires_grad = True
    return w


@wrong("requires_grad/parameter", "TYPO-ACCEPTED")
def misspelt_attribute(values, scale):
    w = torch.tensor(values, dtype=torch.float32) * scale
    w.require_grad = True
    return w


@wrong("requires_grad/parameter", "TYPO-ACCEPTED")
def named_but_not_called(values, scale):
    w = scale * torch.FloatTensor(values)
    w.requires_grad_  # noqa: B018 - this is the mistake
    return w


@wrong("requires_grad/parameter", "TYPO-ACCEPTED")
def misspelt_argument(values, scale):
    out = [v * scale for v in values]
    return torch.tensor(out, dtype=torch.float32, requires_gard=True)


@wrong("requires_grad/parameter", "FORGOT-FLAG")
def only_the_values(values, scale):
    return torch.tensor(values, dtype=torch.float32) * scale


@wrong("requires_grad/parameter", "DETACH-TOO-MUCH")
def cut_off_at_the_end(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    return (w * scale).detach()


@wrong("requires_grad/parameter", "REBIND")
def scaled_while_nobody_looks(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        w = w * scale
    return w


@wrong("requires_grad/parameter", "UPDATE-IS-FREE")
def scaled_in_place(values, scale):
    w = torch.tensor([float(v) for v in values], requires_grad=True)
    w *= scale
    return w


@wrong("requires_grad/parameter", "UPDATE-IS-FREE")
def one_entry_after_the_other(values, scale):
    w = torch.zeros(len(values), requires_grad=True)
    for i in range(len(values)):
        w[i] = values[i] * scale
    return w


@wrong("requires_grad/parameter", "SCALE-LEFT-OUT")
def without_the_scale(values, scale):
    return torch.tensor(values, dtype=torch.float32).requires_grad_(True)


@wrong("requires_grad/parameter", "LIST-TIMES-NUMBER")
def python_list_times_scale(values, scale):
    return torch.tensor(values * int(scale), dtype=torch.float32, requires_grad=True)


@wrong("requires_grad/parameter", "ONE-LEAF-EACH")
def a_list_of_little_leaves(values, scale):
    return [torch.tensor(float(v * scale), requires_grad=True) for v in values]


@right("requires_grad/parameter")
def products_in_a_list(values, scale):
    products = [float(v) * scale for v in values]
    return torch.tensor(products, dtype=torch.float32, requires_grad=True)


@right("requires_grad/parameter")
def a_parameter_of_the_library(values, scale):
    return torch.nn.Parameter(torch.as_tensor(values, dtype=torch.float) * scale)


@right("requires_grad/parameter")
def in_place_under_no_grad(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        w *= scale
    return w


@right("requires_grad/parameter")
def cut_and_flagged_again(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True) * scale
    return w.detach().requires_grad_()


@right("requires_grad/parameter")
def through_its_data(values, scale):
    w = torch.Tensor(values)
    w.requires_grad = True
    w.data = w.data * scale
    return w


@right("requires_grad/parameter")
def by_way_of_numpy(values, scale):
    array = np.array(values, dtype="float64") * scale
    return torch.from_numpy(array.astype(np.float32)).requires_grad_()


@right("requires_grad/parameter")
def filled_one_by_one(values, scale):
    w = torch.empty(len(values))
    for i, v in enumerate(values):
        w[i] = v * scale
    return w.requires_grad_(True)


# ---------------------------------------------------------------- used


@wrong("requires_grad/used", "FLAG=USED")
def asks_for_the_flag(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [leaf.requires_grad for leaf in leaves]


@wrong("requires_grad/used", "NONE-IS-ZERO")
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


@wrong("requires_grad/used", "NONE-IS-ZERO")
def truth_of_the_gradient(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [bool(leaf.grad) for leaf in leaves]


@wrong("requires_grad/used", "NONE-IS-ZERO")
def entries_of_one_vector(f, values):
    x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
    f(x[0], x[1], x[2]).backward()
    return (x.grad != 0).tolist()


@wrong("requires_grad/used", "NONE-IS-ZERO")
def nothing_counts_as_zeros(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    grads = torch.autograd.grad(f(*leaves), leaves, materialize_grads=True)
    return [g is not None for g in grads]


@wrong("requires_grad/used", "NONE-IS-ZERO")
def all_inputs_must_be_used(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    grads = torch.autograd.grad(f(*leaves), leaves)
    return [g is not None for g in grads]


@wrong("requires_grad/used", "GRAD-STARTS-AT-ZERO")
def differs_from_zero(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [bool(leaf.grad != 0) for leaf in leaves]


@wrong("requires_grad/used", "GRAD-STARTS-AT-ZERO")
def size_of_the_gradient(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [leaf.grad.abs().item() > 0 for leaf in leaves]


@wrong("requires_grad/used", "GRAD-ON-OUTPUT")
def reads_the_slices(f, values):
    a, b, c = torch.tensor(values, requires_grad=True)
    f(a, b, c).backward()
    return [a.grad is not None, b.grad is not None, c.grad is not None]


@wrong("requires_grad/used", "GRAD-ON-OUTPUT")
def reads_the_result(f, values):
    y = f(*[torch.tensor(v, requires_grad=True) for v in values])
    y.backward()
    return [y.grad is not None] * 3


@wrong("requires_grad/used", "BACKWARD-RETURNS")
def waits_for_gradients(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    gradients = f(*leaves).backward()
    return [g is not None for g in gradients]


@wrong("requires_grad/used", "FORGOT-FLAG")
def plain_tensors(f, values):
    a = torch.tensor(values[0])
    b = torch.tensor(values[1])
    c = torch.tensor(values[2])
    y = f(a, b, c)
    y.backward()
    return [a.grad is not None, b.grad is not None, c.grad is not None]


@wrong("requires_grad/used", "FINITE-DIFFERENCE")
def wiggles_each_value(f, values):
    base = f(*map(torch.tensor, values))
    answer = []
    for i in range(3):
        moved = list(values)
        moved[i] += 0.01
        answer.append(bool((f(*map(torch.tensor, moved)) - base).abs() > 1e-6))
    return answer


@wrong("requires_grad/used", "SYMBOLIC")
def looks_for_the_name(f, values):
    read = {step.argval for step in dis.get_instructions(f) if "LOAD" in step.opname}
    names = {
        name for each in read for name in (each if type(each) is tuple else [each])
    }
    return [name in names for name in list(inspect.signature(f).parameters)]


@wrong("requires_grad/used", "LEAF=REQUIRES-GRAD")
def asks_who_is_a_leaf(f, values):
    tensors = [torch.tensor(v, requires_grad=True) for v in values]
    f(*tensors).backward()
    return [t.is_leaf for t in tensors]


@wrong("requires_grad/used", "FLAG-MAKES-GRAPH")
def flag_on_the_result(f, values):
    leaves = [torch.tensor(v) for v in values]
    y = f(*leaves)
    y.requires_grad_(True)
    y.backward()
    return [leaf.grad is not None for leaf in leaves]


@wrong("requires_grad/used", "NONE-MEANS-USED")
def the_other_way_round(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [leaf.grad is None for leaf in leaves]


@wrong("requires_grad/used", "GRADIENT-RETURNED")
def hands_back_the_gradients(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [leaf.grad for leaf in leaves]


@right("requires_grad/used")
def unused_is_allowed(f, values):
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in values]
    grads = torch.autograd.grad(f(*leaves), leaves, allow_unused=True)
    return [g is not None for g in grads]


@right("requires_grad/used")
def one_tracked_at_a_time(f, values):
    return tuple(
        f(
            *[torch.tensor(v, requires_grad=i == j) for j, v in enumerate(values)]
        ).requires_grad
        for i in range(3)
    )


@right("requires_grad/used")
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


@right("requires_grad/used")
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


@right("requires_grad/used")
def hooks_that_ring(f, values):
    rung = [False] * len(values)
    leaves = []
    for i, v in enumerate(values):
        leaf = torch.tensor([v]).squeeze().requires_grad_()
        leaf.register_hook(lambda gradient, i=i: rung.__setitem__(i, True))
        leaves.append(leaf)
    f(*leaves).backward()
    return rung


@right("requires_grad/used")
def walks_twice_and_looks_once(f, values):
    leaves = [torch.full((), v, requires_grad=True) for v in values]
    y = f(*leaves)
    y.backward(retain_graph=True)
    y.backward()
    return torch.tensor([leaf.grad is not None for leaf in leaves]).tolist()
