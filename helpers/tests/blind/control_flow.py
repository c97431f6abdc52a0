"""Answers that learners give in lesson 6, right and wrong."""

import math
from fractions import Fraction

import numpy as np
import torch

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- what ran
# f at -0.5: eleven doublings, then times 100

guess("control_flow/what_ran", None, 204800)
guess("control_flow/what_ran", None, 100 * 2.0**11)
guess("control_flow/what_ran", None, torch.tensor(204800.0))
guess("control_flow/what_ran", "BRANCH-NOT-DIFFERENTIATED", 2048)
guess("control_flow/what_ran", "NORM-IN-THE-GRADIENT", -204800)
guess("control_flow/what_ran", "LOOP-BODY-ONCE", 400.0)
guess("control_flow/what_ran", "LOOP-BODY-ONCE", 200)
guess("control_flow/what_ran", "LAST-STEP-ONLY", torch.tensor(100.0))
guess("control_flow/what_ran", "BRANCHES-AVERAGED", 103424)
guess("control_flow/what_ran", "BRANCHES-ADDED", 206848)
guess("control_flow/what_ran", "GRAD-IS-VALUE", -102400.0)
guess("control_flow/what_ran", "FIRST-STEP-FORGOTTEN", 102400)
guess("control_flow/what_ran", "FACTORS-ADDED", 122)
guess("control_flow/what_ran", "IF-BREAKS-AUTOGRAD", None)

# ---------------------------------------------------------------- predicate
# y = 3 * x if x > t else 5 * x, at x = 2, t = 1

guess("control_flow/predicate", None, None)
guess("control_flow/predicate", "NONE-IS-ZERO", 0)
guess("control_flow/predicate", "NONE-IS-ZERO", torch.tensor(0.0))
guess("control_flow/predicate", "PREDICATE-GRAD", -3)
guess("control_flow/predicate", "PREDICATE-GRAD", -1.0)
guess("control_flow/predicate", "PREDICATE-GRAD", 1)
guess("control_flow/predicate", "GRAD-EVERYWHERE", 3.0)
guess("control_flow/predicate", "BRANCHES-ADDED", 8)
guess("control_flow/predicate", "BRANCHES-AVERAGED", 4)
guess("control_flow/predicate", "GRAD-IS-VALUE", 6.0)
guess("control_flow/predicate", "IF-BREAKS-AUTOGRAD", "error")

# ---------------------------------------------------------------- loop count
# int(2.5) turns of y = y * x

guess("control_flow/loop_count", None, 5)
guess("control_flow/loop_count", None, torch.tensor(5.0))
guess("control_flow/loop_count", None, 5.0)
guess("control_flow/loop_count", "SYMBOLIC", 18.9369)
guess("control_flow/loop_count", "SYMBOLIC", 2.5 * 2.5**1.5)
guess("control_flow/loop_count", "LAST-STEP-ONLY", 2.5)
guess("control_flow/loop_count", "GRAD-IS-VALUE", 6.25)
guess("control_flow/loop_count", "INT-KILLS-GRADIENT", None)
guess("control_flow/loop_count", "INT-KILLS-GRADIENT", 0)
guess("control_flow/loop_count", "LOOP-BODY-ONCE", 1.0)
guess("control_flow/loop_count", "OFF-BY-ONE", 18.75)
guess("control_flow/loop_count", "INT-CHANGES-X", torch.tensor(4.0))

# ---------------------------------------------------------------- not chosen
# where(x > 0, x.sqrt(), 0) at x = 0

guess("control_flow/not_chosen", None, torch.nan)
guess("control_flow/not_chosen", None, torch.tensor(float("nan")))
guess("control_flow/not_chosen", None, np.float32("nan"))
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", 0)
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", torch.tensor(0.0))
guess("control_flow/not_chosen", "WHERE-IS-NOT-SEEN", torch.inf)
guess("control_flow/not_chosen", "SINGULARITY-RAISES", "error")
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", None)
guess("control_flow/not_chosen", "CONSTANT-HAS-SLOPE-1", 1.0)
guess("control_flow/not_chosen", "UNSELECTED-BRANCH-IS-FREE", [0, 0.25])

# ---------------------------------------------------------------- slope


@right("control_flow/slope")
def counts_the_doublings(a):
    b, doublings = 2 * a, 1
    while abs(b) < 1000:
        b *= 2
        doublings += 1
    return 2**doublings * (1 if a > 0 else 100)


@right("control_flow/slope")
def calls_itself(a):
    if abs(2 * a) < 1000:
        return 2 * calls_itself(2 * a)
    return 2.0 if a > 0 else 200.0


@right("control_flow/slope")
def reads_the_exponent(a):
    m, e = math.frexp(abs(a))
    k = max(1, (10 if m >= 1000 / 1024 else 11) - e)
    return math.ldexp(100.0 if a < 0 else 1.0, k)


@right("control_flow/slope")
def divides_in_fractions(a):
    exact = Fraction(a)
    b = 2 * exact
    while abs(b) < 1000:
        b = 2 * b
    d = b if b > 0 else 100 * b
    return float(d / exact)


@right("control_flow/slope")
def carries_the_slope_along(a):
    value, derivative = a * 2, 2.0
    while abs(value) < 1000:
        value, derivative = value * 2, derivative * 2
    if not value > 0:
        value, derivative = value * 100, derivative * 100
    return derivative


@right("control_flow/slope")
def returns_a_tensor(a):
    b, factors = torch.tensor(a) * 2, [torch.tensor(2.0)]
    while b.norm() < 1000:
        b = b * 2
        factors.append(torch.tensor(2.0))
    if b.sum() <= 0:
        factors.append(torch.tensor(100.0))
    return torch.stack(factors).prod()


@right("control_flow/slope")
def searches_the_powers(a):
    k = next(k for k in range(1, 2000) if abs(a) * 2.0**k >= 1000)
    return np.float64(2.0) ** k * (100 if a < 0 else 1)


@right("control_flow/slope")
def halves_the_threshold(a):
    limit, k = 500.0, 2
    while abs(a) < limit:
        limit /= 2
        k *= 2
    return k if a > 0 else k * 100


@wrong("control_flow/slope", "FLOATS-ARE-EXACT")
def value_over_a(a):
    b = a * 2
    while abs(b) < 1000:
        b = b * 2
    d = b if b > 0 else 100 * b
    return d / a


@wrong("control_flow/slope", "FLOATS-ARE-EXACT")
def value_over_a_in_tensors(a):
    t = torch.tensor(a)
    b = t * 2
    while b.norm() < 1000:
        b = b * 2
    d = b if b.sum() > 0 else 100 * b
    return (d / t).item()


@wrong("control_flow/slope", "FINITE-DIFFERENCE")
def central_difference(a):
    def f(a):
        b = a * 2
        while abs(b) < 1000:
            b = b * 2
        return b if b > 0 else 100 * b

    h = 1e-6
    return (f(a + h) - f(a - h)) / (2 * h)


@wrong("control_flow/slope", "FINITE-DIFFERENCE")
def a_step_relative_to_a(a):
    def f(a):
        b = a * 2
        while abs(b) < 1000:
            b = b * 2
        return b if b > 0 else 100 * b

    h = a * 1e-7
    return (f(a + h) - f(a)) / h


@wrong("control_flow/slope", "BRANCH-IGNORED")
def counts_but_never_chooses(a):
    k = 2.0
    while abs(a * k) < 1000:
        k = k * 2
    return k


@wrong("control_flow/slope", "BRANCH-IGNORED")
def multiplies_by_100_always(a):
    k = 1
    while True:
        k *= 2
        if abs(a) * k >= 1000:
            return 100 * k


@wrong("control_flow/slope", "BRANCHES-SWAPPED")
def chooses_the_other_side(a):
    k = 2.0
    while abs(a * k) < 1000:
        k = k * 2
    if a < 0:
        return k
    return 100 * k


@wrong("control_flow/slope", "NORM-IN-THE-GRADIENT")
def carries_the_sign(a):
    k = 2.0
    while abs(a * k) < 1000:
        k = k * 2
    return k if a > 0 else -100 * k


@wrong("control_flow/slope", "NORM-IN-THE-GRADIENT")
def sign_of_a_from_norm(a):
    b, k = a * 2, 2
    while abs(b) < 1000:
        b, k = b * 2, k * 2
    return math.copysign(k if b > 0 else 100 * k, a)


@wrong("control_flow/slope", "LOOP-BODY-ONCE")
def one_turn_of_the_loop(a):
    slope = 2.0
    if abs(a * 2) < 1000:
        slope *= 2
    return slope if a > 0 else 100 * slope


@wrong("control_flow/slope", "LOOP-BODY-ONCE")
def the_loop_has_no_slope(a):
    return 2.0 if a > 0 else 200.0


@wrong("control_flow/slope", "BRANCHES-ADDED")
def both_sides_together(a):
    k = 2.0
    while abs(a * k) < 1000:
        k *= 2
    return k + 100 * k


@wrong("control_flow/slope", "GRAD-IS-VALUE")
def returns_the_value(a):
    b = a * 2
    while abs(b) < 1000:
        b = b * 2
    if b > 0:
        return b
    return 100 * b


@wrong("control_flow/slope", "FIRST-STEP-FORGOTTEN")
def starts_with_one(a):
    b = a * 2
    k = 1
    while abs(b) < 1000:
        b = b * 2
        k = k * 2
    return k if a > 0 else 100 * k


@wrong("control_flow/slope", "FIRST-STEP-FORGOTTEN")
def doubles_only_if_needed(a):
    # wrong only where |a| is 1000 already
    k = 1.0
    while abs(a * k) < 1000:
        k *= 2
    return k if a > 0 else 100 * k


@wrong("control_flow/slope", "FIRST-STEP-FORGOTTEN")
def logarithm_without_a_minimum(a):
    k = 2.0 ** math.ceil(math.log2(1000 / abs(a)))
    return k if a > 0 else 100 * k


@wrong("control_flow/slope", "FIRST-STEP-FORGOTTEN")
def logarithm_rounded_down(a):
    k = max(1, math.floor(math.log2(1000 / abs(a))))
    return 2.0**k * (1 if a > 0 else 100)


@wrong("control_flow/slope", "JUMP-SIDE")
def doubles_at_a_thousand_too(a):
    # wrong only where the doubling meets 1000 exactly
    k = 2.0
    while abs(a * k) <= 1000:
        k = k * 2
    return k if a > 0 else 100 * k


@wrong("control_flow/slope", "ABS-FORGOTTEN")
def forgets_the_absolute_value(a):
    k = 2.0
    while a * k < 1000:
        k = k * 2
    return k if a > 0 else 100 * k


@wrong("control_flow/slope", "ABS-FORGOTTEN")
def negatives_leave_the_loop_at_once(a):
    k = 2.0
    for _ in range(200):
        if a < 0 or a * k >= 1000:
            break
        k = k * 2
    return k if a > 0 else 100 * k


@wrong("control_flow/slope", "SYMBOLIC")
def a_thousand_over_a(a):
    k = 1000 / abs(a)
    return k if a > 0 else 100 * k


@wrong("control_flow/slope", "FACTORS-ADDED")
def adds_the_factors(a):
    b, slope = a * 2, 2
    while abs(b) < 1000:
        b = b * 2
        slope = slope + 2
    return slope if b > 0 else slope + 100


# ---------------------------------------------------------------- safe sqrt


@right("control_flow/safe_sqrt")
def fills_only_the_positive_places(x):
    out = torch.zeros_like(x)
    ok = x > 0
    out[ok] = x[ok].sqrt()
    return out


@right("control_flow/safe_sqrt")
def fills_the_mask_twice(x):
    bad = ~(x > 0)
    return x.masked_fill(bad, 1.0).sqrt().masked_fill(bad, 0.0)


@right("control_flow/safe_sqrt")
def threshold_then_mask(x):
    inside = torch.nn.functional.threshold(x, 0.0, 1.0)
    return inside**0.5 * (x > 0)


@right("control_flow/safe_sqrt")
def number_by_number(x):
    return torch.stack([n.sqrt() if n > 0 else n * 0 for n in x])


@right("control_flow/safe_sqrt")
def scatters_the_roots(x):
    places = (x > 0).nonzero().squeeze(1)
    roots = torch.sqrt(x.index_select(0, places))
    return torch.zeros_like(x).scatter(0, places, roots)


@right("control_flow/safe_sqrt")
def subtracts_the_root_of_one(x):
    harmless = torch.ones_like(x)
    inside = torch.where(x > 0, x, harmless)
    return inside.sqrt() - (x <= 0).to(x.dtype)


@right("control_flow/safe_sqrt")
def puts_zero_inside(x):
    # the inner where stops the nan on its way back
    ok = x > 0
    inside = torch.where(ok, x, 0.0)
    return torch.where(ok, inside.sqrt(), 0.0)


@right("control_flow/safe_sqrt")
def rectifies_first(x):
    # relu sends a plain 0 back at 0, whatever arrives
    return torch.relu(x) ** 0.5


class SafeRoot(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        root = x.clamp(min=0).sqrt()
        ctx.save_for_backward(root)
        return root

    @staticmethod
    def backward(ctx, arriving):
        (root,) = ctx.saved_tensors
        slope = torch.zeros_like(root)
        slope[root > 0] = 0.5 / root[root > 0]
        return arriving * slope


@right("control_flow/safe_sqrt")
def writes_its_own_root(x):
    return SafeRoot.apply(x)


@right("control_flow/safe_sqrt")
def edits_a_clone(x):
    y = x.clone()
    y[~(x > 0)] = 1.0
    y = y.sqrt() * 1.0
    y[~(x > 0)] = 0.0
    return y


@right("control_flow/safe_sqrt")
def clamps_to_the_smallest_float(x):
    zero = torch.zeros((), dtype=x.dtype)
    smallest = torch.nextafter(zero, zero + 1).item()
    return torch.where(x > 0, x.clamp(min=smallest).sqrt(), zero)


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def where_around_the_root(x):
    return torch.where(x > 0, x.sqrt(), 0.0)


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def replaces_nan_in_the_result(x):
    return x.sqrt().nan_to_num(0.0)


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def masks_the_root_out(x):
    root = torch.sqrt(x)
    return root.masked_fill(x <= 0, 0.0)


@wrong("control_flow/safe_sqrt", "UNSELECTED-BRANCH-IS-FREE")
def picks_from_both_lists(x):
    both = torch.stack([torch.zeros_like(x), x.sqrt()])
    return both.gather(0, (x > 0).long().unsqueeze(0)).squeeze(0)


@wrong("control_flow/safe_sqrt", "MASK-MULTIPLIES")
def multiplies_with_the_mask(x):
    return x.sqrt() * (x > 0)


@wrong("control_flow/safe_sqrt", "MASK-MULTIPLIES")
def multiplies_before_the_root(x):
    ok = (x > 0).to(x.dtype)
    return (x * ok).sqrt() * ok


@wrong("control_flow/safe_sqrt", "MASK-MULTIPLIES")
def root_of_the_absolute_value(x):
    # wrong only at exactly 0
    return (x > 0) * x.abs().sqrt()


@wrong("control_flow/safe_sqrt", "VALUE")
def adds_a_little(x):
    return (x.clamp(min=0) + 1e-12).sqrt()


@wrong("control_flow/safe_sqrt", "VALUE")
def clamps_at_a_little(x):
    eps = torch.finfo(x.dtype).eps
    return torch.sqrt(torch.clamp(x, min=eps))


@wrong("control_flow/safe_sqrt", "VALUE")
def a_little_under_every_root(x):
    # the slopes are fine; the roots are not quite
    return torch.where(x > 0, (x.clamp(min=0) + 1e-8).sqrt(), 0.0)


@wrong("control_flow/safe_sqrt", "VALUE")
def counts_small_numbers_as_zero(x):
    # wrong only for positive numbers below a millionth
    ok = x > 1e-6
    return torch.where(ok, torch.where(ok, x, 1.0).sqrt(), 0.0)


@wrong("control_flow/safe_sqrt", "CLAMP-IS-TRANSPARENT")
def clamps_at_zero(x):
    return x.clamp(min=0).sqrt()


@wrong("control_flow/safe_sqrt", "CLAMP-IS-TRANSPARENT")
def takes_the_larger_of_x_and_zero(x):
    # wrong only at exactly 0, where the two are equal
    return torch.maximum(x, torch.zeros_like(x)).sqrt()


@wrong("control_flow/safe_sqrt", "IF-IS-ELEMENTWISE")
def asks_the_whole_vector(x):
    if x > 0:
        return x.sqrt()
    else:
        return 0.0 * x


@wrong("control_flow/safe_sqrt", "IF-IS-ELEMENTWISE")
def a_conditional_expression(x):
    return torch.sqrt(x if x > 0 else torch.zeros_like(x))


@wrong("control_flow/safe_sqrt", "IF-IS-ELEMENTWISE")
def roots_only_if_all_are_positive(x):
    if (x > 0).all():
        return x.sqrt()
    return x * 0


@wrong("control_flow/safe_sqrt", "NUMBERS-CARRY-GRAD")
def roots_from_math(x):
    roots = [math.sqrt(n) if n > 0 else 0.0 for n in x]
    return torch.tensor(roots, dtype=x.dtype)


@wrong("control_flow/safe_sqrt", "NEW-LEAF")
def a_new_vector_with_a_flag(x):
    roots = [max(n, 0.0) ** 0.5 for n in x.tolist()]
    return torch.tensor(roots, dtype=x.dtype, requires_grad=True)


@wrong("control_flow/safe_sqrt", "DETACH-TOO-MUCH")
def detaches_the_inside(x):
    inside = torch.where(x > 0, x, 1.0).detach()
    return torch.where(x > 0, inside.sqrt(), 0.0)


@wrong("control_flow/safe_sqrt", "NO_GRAD-STILL-FLOWS")
def computes_it_unrecorded(x):
    ok = x > 0
    with torch.no_grad():
        root = torch.where(ok, x, 1.0).sqrt()
    return torch.where(ok, root, 0.0)


@wrong("control_flow/safe_sqrt", "UPDATE-IS-FREE")
def overwrites_x(x):
    ok = x > 0
    x[~ok] = 1.0
    return torch.where(ok, x.sqrt(), 0.0)


@wrong("control_flow/safe_sqrt", "DATA-IS-SAFE")
def overwrites_the_data(x):
    ok = x.data > 0
    x.data[~ok] = 1.0
    return torch.where(ok, x.sqrt(), 0.0)


@wrong("control_flow/safe_sqrt", "DETACH-COPIES")
def writes_into_a_detached_copy(x):
    u = x.detach()
    bad = u <= 0
    u[bad] = 1.0
    return x.sqrt().masked_fill(bad, 0.0)


@wrong("control_flow/safe_sqrt", "INPLACE-IS-FREE")
def overwrites_the_root(x):
    y = x.sqrt()
    y[x <= 0] = 0.0
    return y


@wrong("control_flow/safe_sqrt", "SELECTION-SHRINKS")
def keeps_only_the_roots(x):
    return x[x > 0].sqrt()


@wrong("control_flow/safe_sqrt", "INNER-WHERE-ONLY")
def leaves_the_ones_in(x):
    return torch.where(x > 0, x, 1.0).sqrt()


@wrong("control_flow/safe_sqrt", "SINGULARITY-RAISES")
def waits_for_an_error(x):
    try:
        return x.sqrt()
    except (RuntimeError, ValueError, ZeroDivisionError):
        return torch.zeros_like(x)


@wrong("control_flow/safe_sqrt", "EQUAL-VALUE-EQUAL-GRAD")
def counts_zero_as_safe(x):
    ok = x >= 0
    inside = torch.where(ok, x, 1.0)
    return torch.where(ok, inside.sqrt(), 0.0)
