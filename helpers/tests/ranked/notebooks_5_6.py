"""Answers to the questions of the notebooks 05 (detach) and 06 (control flow)."""

import math
from fractions import Fraction

import numpy as np
import torch

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- 05 detach

# x = 0 1 2 3; the right answer is u = x * x
guess("detach/product", None, [0, 1, 4, 9])
guess("detach/product", None, torch.arange(4.0) ** 2)
guess("detach/product", "DETACH-IS-A-COPY", [0, 3, 12, 27])
guess("detach/product", "DETACH-CUTS-THE-OTHER", [0, 2, 8, 18])
guess("detach/product", "LAST-DEFINED-ONLY", [0.0, 2.0, 4.0, 6.0])
guess("detach/product", "DETACH-KILLS-THE-GRAPH", [0, 0, 0, 0])
guess("detach/product", "GRAD-IS-VALUE", torch.tensor([0.0, 1.0, 8.0, 27.0]))
guess("detach/product", "OWN-VALUE", [0, 1, 2, 3])

# first walk: u; cleared; second walk: 2x
guess("detach/original", None, [0, 2, 4, 6])
guess("detach/original", None, 2 * torch.arange(4.0))
guess("detach/original", "DETACH-IN-PLACE", [0, 0, 0, 0])
guess("detach/original", "ZERO-IS-NOT-INPLACE", [0, 3, 8, 15])
guess("detach/original", "ONE-USE-ONLY", [0, 1, 2, 3])

guess("detach/edited", None, [0, 20, 4, 6])
guess("detach/edited", None, torch.tensor([0.0, 20.0, 4.0, 6.0]))
guess("detach/edited", "DETACH-COPIES", [0, 2, 4, 6])
guess("detach/edited", "EDITED-IS-CONSTANT", [0, 0, 4, 6])
guess("detach/edited", "DETACH-ACTS-ON-X", None)
guess("detach/edited", "GRAD-IS-VALUE", [0, 100, 4, 9])
guess("detach/edited", "ONE-USE-ONLY", [0, 10, 2, 3])

guess("detach/no_grad", None, 16)
guess("detach/no_grad", None, torch.tensor(16.0))
guess("detach/no_grad", "NO_GRAD-STILL-FLOWS", 48)
guess("detach/no_grad", "NO_GRAD-IS-A-SWITCH", None)
guess("detach/no_grad", "GRAD-IS-VALUE", 64.0)
guess("detach/no_grad", "LAST-DEFINED-ONLY", 8.0)
guess("detach/no_grad", "OWN-VALUE", 4)

guess("detach/running_total", None, [True, True, True])
guess("detach/running_total", None, torch.tensor([True, True, True]))
guess("detach/running_total", "LOSS-IS-A-NUMBER", [True, True, False])
guess("detach/running_total", "LOSS-IS-A-NUMBER", [True, False, False])
guess("detach/running_total", "REBIND", [False, True, True])
guess("detach/running_total", "REBIND", [False, False, True])


# half_product: four right ways


@right("detach/half_product")
def half_under_no_grad(f, g, x):
    with torch.no_grad():
        weight = g(x).clone()  # under no_grad, so a constant
    return torch.sum(weight * f(x))


@right("detach/half_product")
def half_constant_input(f, g, x):
    return (f(x) * g(x.detach())).sum()


@right("detach/half_product")
def half_take_the_other_half_away(f, g, x):
    whole = (f(x) * g(x)).sum()
    other = (f(x).detach() * g(x)).sum()
    # other - other is 0, but only the first one has a slope
    return whole - (other - other.detach())


class Still(torch.autograd.Function):
    """Pass the numbers on, and send zeros back."""

    @staticmethod
    def forward(ctx, t):
        return t.clone()

    @staticmethod
    def backward(ctx, grad):
        return torch.zeros_like(grad)


@right("detach/half_product")
def half_own_function(f, g, x):
    held = Still.apply(g(x))
    left = f(x)
    product = left * held
    return product.sum()


# half_product: wrong


@wrong("detach/half_product", "DETACH-IN-PLACE")
def half_detach_statement(f, g, x):
    left, right_ = f(x), g(x)
    right_.detach()
    total = torch.sum(left * right_)
    return total


@wrong("detach/half_product", "TYPO-ACCEPTED")
def half_require_grad(f, g, x):
    factor = g(x)
    factor.require_grad = False  # hold it still
    return (f(x) * factor).sum()


@wrong("detach/half_product", "DETACH-TOO-MUCH")
def half_detach_result(f, g, x):
    z = f(x) * g(x)
    z = z.detach()
    return z.sum()


@wrong("detach/half_product", "WRONG-FACTOR")
def half_first_factor(f, g, x):
    u = f(x).detach()
    v = g(x)
    return (u * v).sum()


@wrong("detach/half_product", "NO_GRAD-STILL-FLOWS")
def half_both_in_block(f, g, x):
    with torch.no_grad():
        a = f(x)
        b = g(x).detach()
    return (a * b).sum()


@wrong("detach/half_product", "NO_GRAD-IS-A-SWITCH")
def half_no_grad_statement(f, g, x):
    torch.no_grad()
    u = g(x)
    torch.enable_grad()
    return torch.sum(f(x) * u)


@wrong("detach/half_product", "NUMBERS-CARRY-GRAD")
def half_python_numbers(f, g, x):
    total = 0.0
    for a, b in zip(f(x), g(x).detach()):
        total += a.item() * b.item()
    return total


@wrong("detach/half_product", "TENSOR-KEEPS-GRAPH")
def half_torch_tensor(f, g, x):
    u = g(x).detach()
    products = [a * b for a, b in zip(f(x), u)]
    return torch.tensor(products, dtype=x.dtype).sum()


@wrong("detach/half_product", "FLAG-MAKES-GRAPH")
def half_flag_on_sum(f, g, x):
    s = (f(x).detach() * g(x).detach()).sum()
    s.requires_grad_(True)  # so that backward() works
    return s


@wrong("detach/half_product", "NEW-LEAF")
def half_fresh_x(f, g, x):
    fresh = x.detach().clone().requires_grad_(True)
    return (f(fresh) * g(x).detach()).sum()


@wrong("detach/half_product", "JACOBIAN")
def half_no_sum(f, g, x):
    constant = g(x).detach()
    return f(x) * constant


@wrong("detach/half_product", "NUMPY-TRACKS")
def half_numpy_factor(f, g, x):
    weights = g(x).numpy()
    return (f(x) * torch.from_numpy(weights)).sum()


@wrong("detach/half_product", "INPLACE-IS-FREE")
def half_times_equals(f, g, x):
    u = g(x).detach()
    result = f(x)
    result *= u  # saves a tensor
    return result.sum()


@wrong("detach/half_product", "RETROACTIVE")
def half_flag_back_on(f, g, x):
    x.requires_grad_(False)
    left, held = f(x), g(x)
    x.requires_grad_(True)  # now f(x) counts, held was computed before
    return (left * held.detach()).sum()


# snapshot: four right ways


@right("detach/snapshot")
def snapshot_clone_unrecorded(x):
    with torch.no_grad():
        twin = x.clone()
        return twin.numpy()


@right("detach/snapshot")
def snapshot_np_copy(x):
    return np.array(x.detach().numpy(), copy=True)


@right("detach/snapshot")
def snapshot_through_lists(x):
    kind = str(x.dtype).removeprefix("torch.")
    return np.array(x.tolist(), dtype=kind)


@right("detach/snapshot")
def snapshot_fill_empty(x):
    values = x.data.numpy()
    out = np.empty_like(values)
    out[...] = values
    return out


# snapshot: wrong


@wrong("detach/snapshot", "NUMPY-TRACKS")
def snapshot_np_array(x):
    return np.array(x, copy=True)


@wrong("detach/snapshot", "NUMPY-TRACKS")
def snapshot_clone_only(x):
    twin = torch.clone(x)
    return twin.numpy()


@wrong("detach/snapshot", "DETACH-COPIES")
def snapshot_detached(x):
    copy_of_x = x.detach()
    array = copy_of_x.numpy()
    return array


@wrong("detach/snapshot", "NUMPY-COPIES")
def snapshot_numpy_in_block(x):
    with torch.no_grad():
        return x.numpy()


@wrong("detach/snapshot", "NUMPY-COPIES")
def snapshot_asarray(x):
    numbers = x.detach()
    # from here on it is NumPy's own array
    return np.asarray(numbers)


@wrong("detach/snapshot", "DATA-IS-SAFE")
def snapshot_data(x):
    return x.data.numpy()


@wrong("detach/snapshot", "X-CHANGED")
def snapshot_flag_off(x):
    x.requires_grad = False
    return x.numpy().copy()


@wrong("detach/snapshot", "X-CHANGED")
def snapshot_detach_underscore(x):
    x.detach_()
    return x.clone().numpy()


@wrong("detach/snapshot", "DETACH-IN-PLACE")
def snapshot_detach_statement(x):
    x.detach()
    result = x.clone()
    return result.numpy()


@wrong("detach/snapshot", "NO_GRAD-IS-A-SWITCH")
def snapshot_no_grad_statement(x):
    torch.no_grad()
    a = x.clone()
    return a.numpy()


@wrong("detach/snapshot", "TYPO-ACCEPTED")
def snapshot_copy_not_called(x):
    return x.detach().numpy().copy


@wrong("detach/snapshot", "TYPO-ACCEPTED")
def snapshot_require_grad(x):
    twin = x.clone()
    twin.require_grad = False
    return twin.numpy()


@wrong("detach/snapshot", "INT-DTYPE")
def snapshot_int_array(x):
    out = np.zeros(tuple(x.shape), dtype=int)
    out[...] = x.detach().numpy()
    return out


# ---------------------------------------------------------- 06 control flow

guess("control_flow/what_ran", None, 204800)
guess("control_flow/what_ran", None, torch.tensor(100.0 * 2**11))
guess("control_flow/what_ran", "BRANCH-NOT-DIFFERENTIATED", 2048)
guess("control_flow/what_ran", "LOOP-BODY-ONCE", 400)
guess("control_flow/what_ran", "NORM-IN-THE-GRADIENT", -204800)
guess("control_flow/what_ran", "BRANCHES-ADDED", 206848)
guess("control_flow/what_ran", "LAST-STEP-ONLY", 100.0)
guess("control_flow/what_ran", "GRAD-IS-VALUE", -102400.0)

guess("control_flow/predicate", None, None)
guess("control_flow/predicate", "NONE-IS-ZERO", 0.0)
guess("control_flow/predicate", "PREDICATE-GRAD", -3)
guess("control_flow/predicate", "PREDICATE-GRAD", torch.tensor(-1.0))
guess("control_flow/predicate", "GRAD-IS-VALUE", 6)

guess("control_flow/loop_count", None, 5)
guess("control_flow/loop_count", None, torch.tensor(2 * 2.5))
guess("control_flow/loop_count", "SYMBOLIC", 18.94)
guess("control_flow/loop_count", "SYMBOLIC", 2.5 * 2.5**1.5)  # the rule for powers
guess("control_flow/loop_count", "LAST-STEP-ONLY", 2.5)
guess("control_flow/loop_count", "GRAD-IS-VALUE", 6.25)
guess("control_flow/loop_count", "INT-KILLS-GRADIENT", 0)
guess("control_flow/loop_count", "LOOP-BODY-ONCE", 1.0)

guess("control_flow/not_chosen", None, torch.nan)
guess("control_flow/not_chosen", None, torch.tensor(float("nan")))
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", 0)
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", None)
guess("control_flow/not_chosen", "WHERE-IS-NOT-SEEN", torch.inf)
guess("control_flow/not_chosen", "LAST-STEP-ONLY", 1.0)


# slope: four right ways


@right("control_flow/slope")
def slope_from_exponent(a):
    mantissa, exponent = math.frexp(abs(a))
    # 1000 is 0.9765625 * 2**10
    doublings = max(1, 10 - exponent + (mantissa < 0.9765625))
    return math.ldexp(1.0 if a > 0 else 100.0, doublings)


@right("control_flow/slope")
def slope_value_and_slope_together(a):
    b, db = 2 * a, 2
    while abs(b) < 1000:
        b, db = 2 * b, 2 * db
    if not b > 0:
        b, db = 100 * b, 100 * db
    return db


@right("control_flow/slope")
def slope_halve_the_limit(a):
    limit, steps = 500.0, 1
    while abs(a) < limit:
        limit /= 2
        steps += 1
    return 2.0**steps * (100 if a < 0 else 1)


@right("control_flow/slope")
def slope_exact_fractions(a):
    start = Fraction(a)
    b = start * 2
    while abs(b) < 1000:
        b *= 2
    d = b if b > 0 else 100 * b
    return float(d / start)


# slope: wrong


@wrong("control_flow/slope", "FLOATS-ARE-EXACT")
def slope_quotient_torch(a):
    t = torch.tensor(a)
    d = t * 2
    while d.norm() < 1000:
        d = d * 2
    if d.sum() <= 0:
        d = 100 * d
    return (d / t).item()


@wrong("control_flow/slope", "FLOATS-ARE-EXACT")
def slope_quotient_python(a):
    d = a + a
    while abs(d) < 1000:
        d += d
    d = d if d > 0 else d * 100
    return d / a


@wrong("control_flow/slope", "FINITE-DIFFERENCE")
def slope_central(a):
    def f(v):
        b = v * 2
        while abs(b) < 1000:
            b = b * 2
        return b if b > 0 else 100 * b

    h = 1e-6
    return (f(a + h) - f(a - h)) / (2 * h)


@wrong("control_flow/slope", "FINITE-DIFFERENCE")
def slope_one_sided_tensor(a):
    ends = []
    for v in (a, a * 1.0001):
        b = torch.tensor(v, dtype=torch.float64) * 2
        while b.norm() < 1000:
            b = b * 2
        ends.append(b if b.sum() > 0 else 100 * b)
    return ((ends[1] - ends[0]) / (a * 0.0001)).item()


@wrong("control_flow/slope", "BRANCH-IGNORED")
def slope_only_doublings(a):
    n = 1
    while abs(a) * 2**n < 1000:
        n += 1
    # the if chooses between b and 100 * b, it computes nothing
    return 2.0**n


@wrong("control_flow/slope", "BRANCHES-ADDED")
def slope_both_branches(a):
    k = 2.0
    while abs(k * a) < 1000:
        k *= 2
    slope_if = k
    slope_else = 100 * k
    return slope_if + slope_else


@wrong("control_flow/slope", "BRANCHES-AVERAGED")
def slope_mean_of_branches(a):
    b, twos = 2 * abs(a), 1
    while b < 1000:
        b, twos = 2 * b, twos + 1
    return sum(factor * 2**twos for factor in (1, 100)) / 2


@wrong("control_flow/slope", "LOOP-BODY-ONCE")
def slope_without_loop(a):
    # a * 2 in the first line, the while only repeats
    if a > 0:
        return 2.0
    return 2.0 * 100


@wrong("control_flow/slope", "LOOP-BODY-ONCE")
def slope_loop_as_if(a):
    s = 2.0
    if abs(2 * a) < 1000:  # the body of the while: one more factor
        s = s * 2
    return s if a > 0 else s * 100


@wrong("control_flow/slope", "NORM-IN-THE-GRADIENT")
def slope_with_sign(a):
    k = 2.0
    while abs(a * k) < 1000:
        k += k
    size = k if a > 0 else 100 * k
    return math.copysign(size, a)  # norm(b) is |b|, its slope is the sign


@wrong("control_flow/slope", "LAST-STEP-ONLY")
def slope_of_the_last_product(a):
    return 100.0 if a < 0 else 2.0


@wrong("control_flow/slope", "GRAD-IS-VALUE")
def slope_value(a):
    b = a * 2
    while abs(b) < 1000:
        b = b * 2
    return b if b > 0 else 100 * b


@wrong("control_flow/slope", "SYMBOLIC")
def slope_count_moves_too(a):
    n = 1
    while abs(a * 2**n) < 1000:
        n += 1
    k = 2.0**n if a > 0 else 100 * 2.0**n
    # n is about log2(1000 / |a|), so it depends on a: product rule
    dn = -1 / (a * math.log(2))
    return k + a * k * math.log(2) * dn


# safe_sqrt: four right ways


@right("control_flow/safe_sqrt")
def root_into_zeros(x):
    out = torch.zeros_like(x)
    positive = x > 0
    out[positive] = x[positive].sqrt()
    return out


@right("control_flow/safe_sqrt")
def root_masked_fill(x):
    bad = ~(x > 0)
    return x.masked_fill(bad, 7.0).sqrt().masked_fill(bad, 0.0)


class Root(torch.autograd.Function):
    """The root where a number is positive, with its own way back."""

    @staticmethod
    def forward(ctx, x):
        root = x.clamp(min=0).sqrt()
        ctx.save_for_backward(root)
        return root

    @staticmethod
    def backward(ctx, grad):
        (root,) = ctx.saved_tensors
        return torch.where(root > 0, grad / (2 * root), 0.0)


@right("control_flow/safe_sqrt")
def root_own_function(x):
    return Root.apply(x)


@right("control_flow/safe_sqrt")
def root_one_by_one(x):
    roots = []
    for v in x:
        if v > 0:
            roots.append(torch.sqrt(v))
        else:
            roots.append(v - v)
    return torch.stack(roots)


@right("control_flow/safe_sqrt")
def root_relu(x):
    return torch.relu(x).sqrt()


# safe_sqrt: wrong


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def root_where_other_way_round(x):
    nothing = torch.zeros_like(x)
    return torch.where(x <= 0, nothing, torch.sqrt(x))


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def root_then_fill(x):
    root = x**0.5
    return root.masked_fill(x <= 0, 0.0)


@wrong("control_flow/safe_sqrt", "IF-IS-ELEMENTWISE")
def root_if(x):
    if x > 0:
        return torch.sqrt(x)
    return x * 0.0


@wrong("control_flow/safe_sqrt", "IF-IS-ELEMENTWISE")
def root_builtin_max(x):
    return torch.sqrt(max(x, torch.zeros_like(x)))


@wrong("control_flow/safe_sqrt", "MASK-MULTIPLIES")
def root_times_mask(x):
    keep = (x > 0).to(x.dtype)
    return keep * torch.sqrt(x)


@wrong("control_flow/safe_sqrt", "MASK-MULTIPLIES")
def root_of_masked(x):
    positive = x * (x > 0)
    return positive.sqrt()


@wrong("control_flow/safe_sqrt", "VALUE")
def root_eps(x):
    eps = 1e-8
    return torch.sqrt(torch.relu(x) + eps)


@wrong("control_flow/safe_sqrt", "EQUAL-VALUE-EQUAL-GRAD")
def root_half_of_sum(x):
    positive_part = (x + x.abs()) / 2
    return positive_part.sqrt()


@wrong("control_flow/safe_sqrt", "SINGULARITY-RAISES")
def root_try(x):
    parts = []
    for v in x:
        try:
            parts.append(v.sqrt())
        except (RuntimeError, ValueError):
            parts.append(0 * v)
    return torch.stack(parts)


@wrong("control_flow/safe_sqrt", "NUMBERS-CARRY-GRAD")
def root_math(x):
    values = [math.sqrt(v) if v > 0 else 0.0 for v in x.tolist()]
    return torch.tensor(values, dtype=x.dtype)


@wrong("control_flow/safe_sqrt", "TENSOR-KEEPS-GRAPH")
def root_torch_tensor(x):
    return torch.tensor([v.sqrt() if v > 0 else 0.0 for v in x], dtype=x.dtype)


@wrong("control_flow/safe_sqrt", "UPDATE-IS-FREE")
def root_write_into_x(x):
    ok = x > 0
    x[~ok] = 1.0
    return torch.where(ok, x.sqrt(), 0.0)


@wrong("control_flow/safe_sqrt", "INPLACE-IS-FREE")
def root_write_into_root(x):
    root = x.sqrt()
    root[~(x > 0)] = 0.0
    return root


@wrong("control_flow/safe_sqrt", "NO_GRAD-STILL-FLOWS")
def root_inside_unrecorded(x):
    ok = x > 0
    with torch.no_grad():
        inside = torch.where(ok, x, 1.0)
    return torch.where(ok, inside.sqrt(), 0.0)
