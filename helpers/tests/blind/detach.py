"""Answers that learners give in lesson 5, right and wrong."""

import copy

import numpy as np
import torch

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- product
# u = (x * x).detach(), z = u * x, x = [0, 1, 2, 3]

guess("detach/product", None, [0, 1, 4, 9])
guess("detach/product", None, (0.0, 1.0, 4.0, 9.0))
guess("detach/product", None, np.array([0, 1, 4, 9]))
guess("detach/product", "DETACH-IS-A-COPY", [0, 3, 12, 27])
guess("detach/product", "DETACH-CUTS-THE-OTHER", [0.0, 2.0, 8.0, 18.0])
guess("detach/product", "DETACH-KILLS-THE-GRAPH", None)
guess("detach/product", "DETACH-KILLS-THE-GRAPH", (0, 0, 0, 0))
guess("detach/product", "LAST-DEFINED-ONLY", torch.tensor([0.0, 2.0, 4.0, 6.0]))
guess("detach/product", "GRAD-IS-VALUE", [0, 1, 8, 27])
guess("detach/product", "CONSTANT-DROPPED", [1, 1, 1, 1])
guess("detach/product", "SUM=MEAN", [0, 0.25, 1, 2.25])

# ---------------------------------------------------------------- original
# the walk from y after the walk from z, with zero_() between

guess("detach/original", None, [0, 2, 4, 6])
guess("detach/original", None, torch.tensor([0.0, 2.0, 4.0, 6.0]))
guess("detach/original", None, (0, 2, 4, 6.0))
guess("detach/original", "DETACH-IN-PLACE", [0, 0, 0, 0])
guess("detach/original", "ZERO-IS-NOT-INPLACE", [0, 3, 8, 15])
guess("detach/original", "ONE-USE-ONLY", (0, 1, 2, 3))
guess("detach/original", "GRAD-IS-VALUE", torch.tensor([0.0, 1.0, 4.0, 9.0]))
guess("detach/original", "Y-BECOMES-A-LEAF", [1.0, 1.0, 1.0, 1.0])
guess("detach/original", "SUM=MEAN", [0, 0.5, 1, 1.5])
guess("detach/original", "DETACH-IS-A-COPY", [0, 3, 12, 27])

# ---------------------------------------------------------------- edited
# u = x.detach(); u[1] = 10; then y = x * x

guess("detach/edited", None, [0, 20, 4, 6])
guess("detach/edited", None, (0.0, 20.0, 4.0, 6.0))
guess("detach/edited", None, torch.tensor([0, 20, 4, 6]))
guess("detach/edited", "DETACH-COPIES", [0, 2, 4, 6])
guess("detach/edited", "EDITED-IS-CONSTANT", (0.0, 0.0, 4.0, 6.0))
guess("detach/edited", "DETACH-ACTS-ON-X", [0, 0, 0, 0])
guess("detach/edited", "GRAD-IS-VALUE", torch.tensor([0.0, 100.0, 4.0, 9.0]))
guess("detach/edited", "ONE-USE-ONLY", [0, 10, 2, 3])
guess("detach/edited", "EDIT-WRITES-THE-GRADIENT", [0, 10, 4, 6])
guess("detach/edited", "EDIT-ALWAYS-RAISES", None)
guess("detach/edited", "EDIT-ALWAYS-RAISES", "error")

# ---------------------------------------------------------------- no_grad
# u = x * x under no_grad, z = u * x, x = 4

guess("detach/no_grad", None, 16)
guess("detach/no_grad", None, torch.tensor(16.0))
guess("detach/no_grad", None, np.float32(16))
guess("detach/no_grad", "NO_GRAD-STILL-FLOWS", 48)
guess("detach/no_grad", "NO_GRAD-FREEZES-X", None)
guess("detach/no_grad", "NO_GRAD-FREEZES-X", 0)
guess("detach/no_grad", "LAST-DEFINED-ONLY", 8.0)
guess("detach/no_grad", "DETACH-CUTS-THE-OTHER", torch.tensor(32.0))
guess("detach/no_grad", "GRAD-IS-VALUE", 64)
guess("detach/no_grad", "CONSTANT-DROPPED", 1)

# ---------------------------------------------------------------- running total
# [w.requires_grad, loss.requires_grad, total.requires_grad]

guess("detach/running_total", None, [True, True, True])
guess("detach/running_total", None, (1, 1, 1))
guess("detach/running_total", None, torch.tensor([True, True, True]))
guess("detach/running_total", "LOSS-IS-A-NUMBER", [True, True, False])
guess("detach/running_total", "REBIND", (False, True, True))
guess("detach/running_total", "LOSS-IS-A-NUMBER", [True, False, False])
guess("detach/running_total", "GRAPH-FREED", [True, False, True])
guess("detach/running_total", "NO_GRAD-IS-A-SWITCH", [False, False, False])
guess("detach/running_total", "REBIND", torch.tensor([False, True, False]))

# ---------------------------------------------------------------- half product


@right("detach/half_product")
def detaches_the_input_of_g(f, g, x):
    return (f(x) * g(x.detach())).sum()


@right("detach/half_product")
def computes_g_unrecorded(f, g, x):
    with torch.no_grad():
        u = g(x)
    return torch.sum(f(x) * u)


@right("detach/half_product")
def takes_the_data(f, g, x):
    return torch.einsum("i,i->", f(x), g(x).data)


@right("detach/half_product")
def goes_through_numpy(f, g, x):
    frozen = torch.from_numpy(g(x).detach().numpy().copy())
    return (frozen * f(x)).sum()


@right("detach/half_product")
def adds_the_products_one_by_one(f, g, x):
    total = 0.0
    for y, number in zip(f(x), g(x).tolist(), strict=True):
        total += y * number
    return total


@right("detach/half_product")
def copies_with_torch_tensor(f, g, x):
    u = torch.tensor(g(x).tolist(), dtype=x.dtype)
    return torch.dot(u, f(x))


class TimesConstant(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, u):
        ctx.save_for_backward(u)
        return (y * u).sum()

    @staticmethod
    def backward(ctx, arriving):
        (u,) = ctx.saved_tensors
        return arriving * u, None


@right("detach/half_product")
def writes_its_own_operation(f, g, x):
    return TimesConstant.apply(f(x), g(x))


@right("detach/half_product")
def detaches_a_product_in_place(f, g, x):
    u = g(x) * 1
    u.detach_()
    return (f(x) * u).sum()


@right("detach/half_product")
def takes_the_other_half_away(f, g, x):
    whole = f(x) * g(x)
    other_half = f(x).detach() * g(x)
    return (whole - other_half + other_half.detach()).sum()


@wrong("detach/half_product", "DETACH-IN-PLACE")
def throws_the_cut_tensor_away(f, g, x):
    u = g(x)
    u.detach()
    return (f(x) * u).sum()


@wrong("detach/half_product", "DETACH-IS-A-COPY")
def clones_the_factor(f, g, x):
    u = g(x).clone()
    return (f(x) * u).sum()


@wrong("detach/half_product", "DETACH-IS-A-COPY")
def cuts_nothing_at_all(f, g, x):
    return torch.dot(f(x), g(x))


@wrong("detach/half_product", "DETACH-TOO-MUCH")
def detaches_the_product(f, g, x):
    return (f(x) * g(x)).detach().sum()


@wrong("detach/half_product", "DETACH-TOO-MUCH")
def starts_from_a_detached_x(f, g, x):
    x = x.detach()
    y, u = f(x), g(x)
    return (y * u).sum()


@wrong("detach/half_product", "DETACH-TOO-MUCH")
def records_neither_factor(f, g, x):
    with torch.no_grad():
        return (f(x) * g(x)).sum()


@wrong("detach/half_product", "WRONG-FACTOR")
def detaches_f_instead(f, g, x):
    y = f(x).detach()
    return (y * g(x)).sum()


@wrong("detach/half_product", "WRONG-FACTOR")
def gives_f_the_detached_x(f, g, x):
    u = x.detach()
    return sum(f(u) * g(x))


@wrong("detach/half_product", "NEW-LEAF")
def makes_an_x_of_its_own(f, g, x):
    x = x.detach().clone().requires_grad_()
    u = g(x).detach()
    return (f(x) * u).sum()


@wrong("detach/half_product", "NEW-LEAF")
def retypes_x_with_a_flag(f, g, x):
    new = torch.tensor(x.tolist(), dtype=x.dtype, requires_grad=True)
    return (f(new) * g(x).detach()).sum()


@wrong("detach/half_product", "FLAG-MAKES-GRAPH")
def sets_the_flag_on_the_result(f, g, x):
    z = (f(x) * g(x)).sum().detach()
    return z.requires_grad_()


@wrong("detach/half_product", "FLAG-ON-A-RESULT")
def takes_the_flag_from_the_factor(f, g, x):
    u = g(x)
    u.requires_grad_(False)
    return (f(x) * u).sum()


@wrong("detach/half_product", "TYPO-ACCEPTED")
def misspells_the_flag(f, g, x):
    u = g(x)
    u.require_grad = False
    return (f(x) * u).sum()


@wrong("detach/half_product", "TYPO-ACCEPTED")
def forgets_the_parentheses(f, g, x):
    u = g(x).detach
    return (f(x) * u).sum()


@wrong("detach/half_product", "NUMBERS-CARRY-GRAD")
def returns_a_python_number(f, g, x):
    u = g(x).detach()
    return (f(x) * u).sum().item()


@wrong("detach/half_product", "TENSOR-KEEPS-GRAPH")
def rebuilds_f_from_its_numbers(f, g, x):
    y = torch.tensor([number.item() for number in f(x)])
    u = torch.tensor([number.item() for number in g(x)])
    return (y * u).sum()


@wrong("detach/half_product", "SUM=MEAN")
def averages_the_products(f, g, x):
    return (f(x) * g(x).detach()).mean()


@wrong("detach/half_product", "JACOBIAN")
def forgets_to_add_up(f, g, x):
    return f(x) * g(x).detach()


@wrong("detach/half_product", "PRODUCT-OF-SUMS")
def multiplies_two_sums(f, g, x):
    return f(x).sum() * g(x).detach().sum()


@wrong("detach/half_product", "NO_GRAD-IS-A-SWITCH")
def calls_no_grad_as_a_statement(f, g, x):
    y = f(x)
    torch.no_grad()
    u = g(x)
    return (y * u).sum()


@wrong("detach/half_product", "NO_GRAD-IS-A-SWITCH")
def switches_recording_off_for_good(f, g, x):
    torch.set_grad_enabled(False)
    u = g(x)
    return (u * f(x)).sum()


@wrong("detach/half_product", "NO_GRAD-STILL-FLOWS")
def multiplies_unrecorded(f, g, x):
    y, u = f(x), g(x).detach()
    with torch.no_grad():
        z = (y * u).sum()
    return z


@wrong("detach/half_product", "NO_GRAD=INFERENCE")
def computes_g_in_inference_mode(f, g, x):
    with torch.inference_mode():
        u = g(x)
    return (f(x) * u).sum()


@wrong("detach/half_product", "GRAPH-FREED")
def walks_back_itself(f, g, x):
    z = (f(x) * g(x).detach()).sum()
    z.backward(retain_graph=True)
    return z


@wrong("detach/half_product", "GRADIENT-RETURNED")
def returns_the_gradient(f, g, x):
    z = (f(x) * g(x).detach()).sum()
    z.backward()
    return x.grad


# ---------------------------------------------------------------- snapshot


@right("detach/snapshot")
def copies_on_the_numpy_side(x):
    return x.detach().numpy().copy()


@right("detach/snapshot")
def lets_numpy_copy_the_cut_tensor(x):
    return np.array(x.detach())


@right("detach/snapshot")
def clones_before_it_detaches(x):
    return x.clone().detach().numpy()


@right("detach/snapshot")
def goes_through_lists(x):
    return np.array(x.tolist())


@right("detach/snapshot")
def clones_unrecorded(x):
    with torch.no_grad():
        return x.clone().numpy()


@right("detach/snapshot")
def copies_inside_no_grad(x):
    with torch.no_grad():
        return x.numpy().copy()  # no error: nothing is being recorded here


@right("detach/snapshot")
def copies_into_an_empty_array(x):
    out = np.empty(tuple(x.shape), dtype=np.float64)
    out[...] = x.detach()
    return out


@right("detach/snapshot")
def forces_and_copies(x):
    return np.copy(x.numpy(force=True))


@right("detach/snapshot")
def deep_copies(x):
    return copy.deepcopy(x.data).numpy()


@right("detach/snapshot")
def adds_zero(x):
    return x.detach().numpy() + 0


@right("detach/snapshot")
def a_new_tensor_from_the_old(x):
    return torch.empty_like(x, requires_grad=False).copy_(x.detach()).numpy()


@wrong("detach/snapshot", "NUMPY-TRACKS")
def asks_for_numpy_directly(x):
    return x.numpy()


@wrong("detach/snapshot", "NUMPY-TRACKS")
def clones_but_stays_in_the_graph(x):
    return x.clone().numpy()


@wrong("detach/snapshot", "NUMPY-TRACKS")
def wraps_it_in_an_array(x):
    return np.asarray(x) * 1.0


@wrong("detach/snapshot", "NUMPY-COPIES")
def asks_inside_no_grad(x):
    with torch.no_grad():
        return x.numpy()


@wrong("detach/snapshot", "NUMPY-COPIES")
def leaves_the_graph_only(x):
    return x.detach().numpy()


@wrong("detach/snapshot", "NUMPY-COPIES")
def forces_it(x):
    return x.numpy(force=True)


@wrong("detach/snapshot", "NUMPY-COPIES")
def the_idiom_from_the_internet(x):
    return x.data.cpu().numpy()


@wrong("detach/snapshot", "NUMPY-COPIES")
def a_slice_of_everything(x):
    array = np.asarray(x.detach())
    return array[:]


@wrong("detach/snapshot", "NUMPY-COPIES")
def reshapes_to_the_same_shape(x):
    u = x.detach()
    return u.numpy().reshape(tuple(u.shape)).view()


@wrong("detach/snapshot", "DETACH-COPIES")
def trusts_contiguous(x):
    return x.detach().contiguous().numpy()


@wrong("detach/snapshot", "DETACH-COPIES")
def detaches_twice(x):
    first = x.detach()
    second = first.detach()
    return np.from_dlpack(second)


@wrong("detach/snapshot", "DETACH-COPIES")
def shallow_copy(x):
    return copy.copy(x.detach()).numpy()


@wrong("detach/snapshot", "DETACH-COPIES")
def converts_to_the_same_type(x):
    return x.detach().to(x.dtype).numpy()


@wrong("detach/snapshot", "DETACH-COPIES")
def converts_to_double(x):
    # wrong only for an x that holds float64 already
    return x.detach().double().numpy()


@wrong("detach/snapshot", "X-CHANGED")
def takes_the_flag_away(x):
    x.requires_grad_(False)
    return x.numpy().copy()


@wrong("detach/snapshot", "X-CHANGED")
def detaches_x_itself(x):
    x.detach_()
    return np.array(x.tolist())


@wrong("detach/snapshot", "X-CHANGED")
def flag_off_and_on_again(x):
    x.requires_grad = False
    array = x.numpy()
    x.requires_grad = True
    return array


@wrong("detach/snapshot", "STILL-A-TENSOR")
def a_tensor_will_do(x):
    return x.detach().clone()


@wrong("detach/snapshot", "LIST=ARRAY")
def a_list_will_do(x):
    return x.tolist()


@wrong("detach/snapshot", "INT-DTYPE")
def cuts_the_digits_off(x):
    return x.detach().int().numpy()


@wrong("detach/snapshot", "SNAPSHOT-IS-THE-GRADIENT")
def the_gradient_of_x(x):
    x.sum().backward()
    return x.grad.numpy().copy()


@wrong("detach/snapshot", "READ-ONLY-IS-SAFE")
def locks_the_array(x):
    array = x.detach().numpy()
    array.flags.writeable = False
    return array


@wrong("detach/snapshot", "TYPO-ACCEPTED")
def does_not_call_numpy(x):
    return x.detach().clone().numpy
