"""Answers of learners to notebook 6, right and wrong."""

import math
from fractions import Fraction

import numpy as np
import torch


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


class what_ran:
    # grow at -3: -4, three doublings to -32, then times 5
    right = [
        40,
        5 * 2.0**3,
        torch.tensor(40.0),
        5 * 2**3,
        torch.tensor(5 * 2.0**3),
    ]
    BRANCH_NOT_DIFFERENTIATED = [8]
    SIGN_IN_THE_SLOPE = [-40, -40.0]
    LOOP_BODY_ONCE = [10.0, 10]
    LAST_STEP_ONLY = [torch.tensor(5.0), 5, 5.0]
    BRANCHES_AVERAGED = [24]
    BRANCHES_ADDED = [48]
    GRAD_IS_VALUE = [-160.0, -160]
    SLOPE_IS_A_QUOTIENT = [-160 / -3, 53.3, 160 / 3]
    SLOPE_TIMES_A = [-120]
    SHIFT_HAS_NO_SLOPE = [0]
    OFF_BY_ONE = [5 * 2**2, 5 * 2**4]
    SYMBOLIC = [5 * 3 * 2**2]
    FACTORS_ADDED = [2 + 2 + 2 + 5, 5 * (2 + 2 + 2)]
    IF_BREAKS_AUTOGRAD = [None, "RuntimeError"]


class slope:
    class right:
        def counts_the_doublings(a):
            b, doublings = 2 * a, 1
            while abs(b) < 1000:
                b *= 2
                doublings += 1
            return 2**doublings * (1 if a > 0 else 100)

        def calls_itself(a):
            if abs(2 * a) < 1000:
                return 2 * slope.right.calls_itself(2 * a)
            return 2.0 if a > 0 else 200.0

        def reads_the_exponent(a):
            m, e = math.frexp(abs(a))
            k = max(1, (10 if m >= 1000 / 1024 else 11) - e)
            return math.ldexp(100.0 if a < 0 else 1.0, k)

        def divides_in_fractions(a):
            exact = Fraction(a)
            b = 2 * exact
            while abs(b) < 1000:
                b = 2 * b
            d = b if b > 0 else 100 * b
            return float(d / exact)

        def carries_the_slope_along(a):
            value, derivative = a * 2, 2.0
            while abs(value) < 1000:
                value, derivative = value * 2, derivative * 2
            if not value > 0:
                value, derivative = value * 100, derivative * 100
            return derivative

        def returns_a_tensor(a):
            b = torch.tensor(a, dtype=torch.float64) * 2
            factors = [torch.tensor(2.0)]
            while b.norm() < 1000:
                b = b * 2
                factors.append(torch.tensor(2.0))
            if b.sum() <= 0:
                factors.append(torch.tensor(100.0))
            return torch.stack(factors).prod()

        def searches_the_powers(a):
            k = next(k for k in range(1, 2000) if abs(a) * 2.0**k >= 1000)
            return np.float64(2.0) ** k * (100 if a < 0 else 1)

        def halves_the_threshold(a):
            limit, k = 500.0, 2
            while abs(a) < limit:
                limit /= 2
                k *= 2
            return k if a > 0 else k * 100

        def slope_counted(a):
            n = 1
            b = a * 2
            while abs(b) < 1000:
                b *= 2
                n += 1
            if b > 0:
                return 2.0**n
            return 100 * 2.0**n

        def slope_exponent(a):
            m, e = math.frexp(abs(a))
            # 1000 is 0.9765625 * 2**10
            n = (10 if m >= 0.9765625 else 11) - e
            k = math.ldexp(1.0, max(n, 1))
            return k * (1 if a > 0 else 100)

        def slope_exact_quotient(a):
            b = 2 * a
            while not abs(b) >= 1000:
                b = b + b
            factor = b / a  # doubling is exact, and so is this quotient
            return factor if a > 0 else factor * 100.0

        def slope_from_exponent(a):
            mantissa, exponent = math.frexp(abs(a))
            # 1000 is 0.9765625 * 2**10
            doublings = max(1, 10 - exponent + (mantissa < 0.9765625))
            return math.ldexp(1.0 if a > 0 else 100.0, doublings)

        def slope_value_and_slope_together(a):
            b, db = 2 * a, 2
            while abs(b) < 1000:
                b, db = 2 * b, 2 * db
            if not b > 0:
                b, db = 100 * b, 100 * db
            return db

        def slope_halve_the_limit(a):
            limit, steps = 500.0, 1
            while abs(a) < limit:
                limit /= 2
                steps += 1
            return 2.0**steps * (100 if a < 0 else 1)

        def lets_autograd_do_it(a):
            x = torch.tensor(a, dtype=torch.float64, requires_grad=True)
            b = x * 2
            while b.norm() < 1000:
                b = b * 2
            (b if b.sum() > 0 else 100 * b).backward()
            return x.grad.item()

        def guards_its_loop(a):
            k = 2.0
            for _ in range(200):
                if not abs(a * k) < 1000:
                    return k if a > 0 else 100 * k
                k = k * 2
            raise ValueError(f"{a} is too small")

        def slope_exact_fractions(a):
            start = Fraction(a)
            b = start * 2
            while abs(b) < 1000:
                b *= 2
            d = b if b > 0 else 100 * b
            return float(d / start)

    class FLOATS_ARE_EXACT:
        def value_over_a(a):
            b = a * 2
            while abs(b) < 1000:
                b = b * 2
            d = b if b > 0 else 100 * b
            return d / a

        def value_over_a_in_tensors(a):
            t = torch.tensor(a)
            b = t * 2
            while b.norm() < 1000:
                b = b * 2
            d = b if b.sum() > 0 else 100 * b
            return (d / t).item()

        def slope_tensor_quotient(a):
            a = torch.tensor(a)
            b = a * 2
            while b.norm() < 1000:
                b = b * 2
            if b.sum() > 0:
                d = b
            else:
                d = 100 * b
            return (d / a).item()

        def slope_float_quotient(a):
            d = a * 2
            while abs(d) < 1000:
                d *= 2
            if d <= 0:
                d *= 100
            return d / a

        def slope_quotient_torch(a):
            t = torch.tensor(a)
            d = t * 2
            while d.norm() < 1000:
                d = d * 2
            if d.sum() <= 0:
                d = 100 * d
            return (d / t).item()

        def slope_quotient_python(a):
            d = a + a
            while abs(d) < 1000:
                d += d
            d = d if d > 0 else d * 100
            return d / a

    class FINITE_DIFFERENCE:
        def central_difference(a):
            def f(a):
                b = a * 2
                while abs(b) < 1000:
                    b = b * 2
                return b if b > 0 else 100 * b

            h = 1e-6
            return (f(a + h) - f(a - h)) / (2 * h)

        def a_step_relative_to_a(a):
            def f(a):
                b = a * 2
                while abs(b) < 1000:
                    b = b * 2
                return b if b > 0 else 100 * b

            h = a * 1e-7
            return (f(a + h) - f(a)) / h

        def slope_central(a):
            def run(a):
                b = a * 2
                while abs(b) < 1000:
                    b = b * 2
                return b if b > 0 else 100 * b

            h = 1e-6 * abs(a)
            return (run(a + h) - run(a - h)) / (2 * h)

        def slope_central_too(a):
            def f(v):
                b = v * 2
                while abs(b) < 1000:
                    b = b * 2
                return b if b > 0 else 100 * b

            h = 1e-6
            return (f(a + h) - f(a - h)) / (2 * h)

        def slope_one_sided_tensor(a):
            ends = []
            for v in (a, a * 1.0001):
                b = torch.tensor(v, dtype=torch.float64) * 2
                while b.norm() < 1000:
                    b = b * 2
                ends.append(b if b.sum() > 0 else 100 * b)
            return ((ends[1] - ends[0]) / (a * 0.0001)).item()

    class BRANCH_IGNORED:
        def counts_but_never_chooses(a):
            k = 2.0
            while abs(a * k) < 1000:
                k = k * 2
            return k

        def multiplies_by_100_always(a):
            k = 1
            while True:
                k *= 2
                if abs(a) * k >= 1000:
                    return 100 * k

        def slope_doublings_only(a):
            n = 1
            while abs(a) * 2**n < 1000:
                n += 1
            # the if only selects
            return float(2**n)

        def slope_only_doublings(a):
            n = 1
            while abs(a) * 2**n < 1000:
                n += 1
            # the if chooses between b and 100 * b, it computes nothing
            return 2.0**n

    class BRANCHES_SWAPPED:
        def chooses_the_other_side(a):
            k = 2.0
            while abs(a * k) < 1000:
                k = k * 2
            if a < 0:
                return k
            return 100 * k

    class SIGN_IN_THE_SLOPE:
        def carries_the_sign(a):
            k = 2.0
            while abs(a * k) < 1000:
                k = k * 2
            return k if a > 0 else -100 * k

        def sign_of_a_from_norm(a):
            b, k = a * 2, 2
            while abs(b) < 1000:
                b, k = b * 2, k * 2
            return math.copysign(k if b > 0 else 100 * k, a)

        def slope_signed(a):
            sign = 1 if a > 0 else -1  # slope of the norm
            k = 2.0
            while abs(a * k) < 1000:
                k = k * 2
            if a < 0:
                k = 100 * k
            return sign * k

        def slope_with_sign(a):
            k = 2.0
            while abs(a * k) < 1000:
                k += k
            size = k if a > 0 else 100 * k
            return math.copysign(size, a)  # norm(b) is |b|, its slope is the sign

    class LOOP_BODY_ONCE:
        def one_turn_of_the_loop(a):
            slope = 2.0
            if abs(a * 2) < 1000:
                slope *= 2
            return slope if a > 0 else 100 * slope

        def the_loop_has_no_slope(a):
            return 2.0 if a > 0 else 200.0

        def slope_one_turn(a):
            k = 2.0
            if abs(a * k) < 1000:
                k = k * 2
            return k if a > 0 else 100 * k

        def slope_without_loop(a):
            # a * 2 in the first line, the while only repeats
            if a > 0:
                return 2.0
            return 2.0 * 100

        def slope_loop_as_if(a):
            s = 2.0
            if abs(2 * a) < 1000:  # the body of the while: one more factor
                s = s * 2
            return s if a > 0 else s * 100

    class BRANCHES_ADDED:
        def both_sides_together(a):
            k = 2.0
            while abs(a * k) < 1000:
                k *= 2
            return k + 100 * k

        def slope_both_branches(a):
            k = 2.0
            while abs(a * k) < 1000:
                k = k * 2
            through_if = k
            through_else = 100 * k
            return through_if + through_else

        def slope_both_branches_too(a):
            k = 2.0
            while abs(k * a) < 1000:
                k *= 2
            slope_if = k
            slope_else = 100 * k
            return slope_if + slope_else

    class GRAD_IS_VALUE:
        def returns_the_value(a):
            b = a * 2
            while abs(b) < 1000:
                b = b * 2
            if b > 0:
                return b
            return 100 * b

        def slope_value(a):
            b = a * 2
            while abs(b) < 1000:
                b = b * 2
            return b if b > 0 else 100 * b

    class FIRST_STEP_FORGOTTEN:
        def starts_with_one(a):
            b = a * 2
            k = 1
            while abs(b) < 1000:
                b = b * 2
                k = k * 2
            return k if a > 0 else 100 * k

        def doubles_only_if_needed(a):
            # wrong only where |a| is 1000 already
            k = 1.0
            while abs(a * k) < 1000:
                k *= 2
            return k if a > 0 else 100 * k

        def logarithm_without_a_minimum(a):
            k = 2.0 ** math.ceil(math.log2(1000 / abs(a)))
            return k if a > 0 else 100 * k

        def logarithm_rounded_down(a):
            k = max(1, math.floor(math.log2(1000 / abs(a))))
            return 2.0**k * (1 if a > 0 else 100)

        def divides_a_value_without_the_first_line(a):
            b = a
            while abs(b) < 1000:
                b = b * 2
            return b / a if b > 0 else 100 * b / a

    class LOGARITHM_ROUNDED:
        # wrong only beside a jump
        def counts_by_a_logarithm(a):
            k = max(1, math.ceil(math.log2(1000 / abs(a))))
            return 2.0**k if a > 0 else 100 * 2.0**k

        def subtracts_two_logarithms(a):
            k = max(1, math.ceil(math.log2(1000) - math.log2(abs(a))))
            return 2.0**k if a > 0 else 100 * 2.0**k

        def counts_by_a_natural_logarithm(a):
            k = max(1, math.ceil(math.log(1000 / abs(a), 2)))
            return 2.0**k * (1 if a > 0 else 100)

    class FLOAT32:
        def computes_with_seven_digits(a):
            # wrong only just below a jump
            b, factors = torch.tensor(a) * 2, [torch.tensor(2.0)]
            while b.norm() < 1000:
                b = b * 2
                factors.append(torch.tensor(2.0))
            if b.sum() <= 0:
                factors.append(torch.tensor(100.0))
            return torch.stack(factors).prod()

    class GUARD_TOO_TIGHT:
        def gives_up_after_thirty(a):
            factor = 2.0
            for _ in range(30):
                if abs(factor * a) >= 1000:
                    break
                factor *= 2
            return factor if a > 0 else factor * 100

        def tries_few_powers(a):
            powers = (2.0**n for n in range(1, 16))
            k = next((k for k in powers if abs(a) * k >= 1000), 2.0**15)
            return k * (100 if a < 0 else 1)

    class JUMP_SIDE:
        def doubles_at_a_thousand_too(a):
            # wrong only where the doubling meets 1000 exactly
            k = 2.0
            while abs(a * k) <= 1000:
                k = k * 2
            return k if a > 0 else 100 * k

    class ABS_FORGOTTEN:
        def forgets_the_absolute_value(a):
            k = 2.0
            while a * k < 1000:
                k = k * 2
            return k if a > 0 else 100 * k

        def negatives_leave_the_loop_at_once(a):
            k = 2.0
            for _ in range(200):
                if a < 0 or a * k >= 1000:
                    break
                k = k * 2
            return k if a > 0 else 100 * k

    class SYMBOLIC:
        def a_thousand_over_a(a):
            k = 1000 / abs(a)
            return k if a > 0 else 100 * k

        def slope_count_moves_too(a):
            n = 1
            while abs(a * 2**n) < 1000:
                n += 1
            k = 2.0**n if a > 0 else 100 * 2.0**n
            # n is about log2(1000 / |a|), so it depends on a: product rule
            dn = -1 / (a * math.log(2))
            return k + a * k * math.log(2) * dn

    class FACTORS_ADDED:
        def adds_the_factors(a):
            b, slope = a * 2, 2
            while abs(b) < 1000:
                b = b * 2
                slope = slope + 2
            return slope if b > 0 else slope + 100

    class BRANCHES_AVERAGED:
        def slope_mean_of_branches(a):
            b, twos = 2 * abs(a), 1
            while b < 1000:
                b, twos = 2 * b, twos + 1
            return sum(factor * 2**twos for factor in (1, 100)) / 2

    class LAST_STEP_ONLY:
        def slope_of_the_last_product(a):
            return 100.0 if a < 0 else 2.0


class predicate:
    # y = p * x if x > t else q * x, at x = 2, t = 1; reached are x, t, p, q
    right = [
        [True, False, True, False],
        (True, False, True, False),
        [1, 0, 1, 0],
        torch.tensor([True, False, True, False]),
    ]
    GRAD_EVERYWHERE = [[True, True, True, True], [1, 1, 1, 1]]
    PREDICATE_GRAD = [[True, True, True, False]]
    BRANCHES_ADDED = [[True, False, True, True]]
    BRANCHES_SWAPPED = [[True, False, False, True]]
    X_ONLY_DECIDES = [[False, False, True, False], [False, True, True, False]]
    ONE_FACTOR_ONLY = [[True, False, False, False]]
    NONE_IS_ZERO = [[3, 0, 2, 0], torch.tensor([3.0, 0.0, 2.0, 0.0])]
    IF_BREAKS_AUTOGRAD = ["error", [False] * 4]


class loop_count:
    # int(3.5) turns of y = y * x
    right = [36.75, torch.tensor(36.75), 3 * 3.5**2, 3.5 * 3.5 + 2 * 3.5**2]
    SYMBOLIC = [  # the rule for powers
        3.5**3.5 * (math.log(3.5) + 1),
        3.5 * 3.5**2.5,
        80.21,
        180.7,
    ]
    ONE_USE_ONLY = [12.25]  # the last turn alone
    FIRST_STEP_FORGOTTEN = [2 * 3.5**2]
    GRAD_IS_VALUE = [3.5**3]
    FACTORS_ADDED = [3.0, 10.5]
    INT_KILLS_GRADIENT = [None, 0, 0.0]
    LOOP_BODY_ONCE = [1.0]
    OFF_BY_ONE = [7, 4 * 3.5**3]
    INT_CHANGES_X = [torch.tensor(27.0)]


class where:
    # where(x > 0, x.sqrt(), 0) at x = 0 and x = 4
    right = [
        [torch.nan, 0.25],
        torch.tensor([float("nan"), 0.25]),
        np.array([np.nan, 0.25], dtype=np.float32),
        (0 * torch.inf, 0.5 / 4**0.5),
    ]
    UNSELECTED_BRANCH_IS_FREE = [
        0,
        torch.tensor([0.0, 0.25]),
        None,
        [0, 0.25],
        [0.0, 1 / 4],
    ]
    WHERE_IS_NOT_SEEN = [torch.inf, [torch.inf, 0.25]]
    SINGULARITY_RAISES = ["error"]
    CONSTANT_HAS_SLOPE_1 = [[1.0, 0.25]]
    LAST_STEP_ONLY = [[0, 1], [1.0, 1.0]]
    GRAD_IS_VALUE = [[0, 2]]


class safe_sqrt:
    class right:
        def fills_only_the_positive_places(x):
            out = torch.zeros_like(x)
            ok = x > 0
            out[ok] = x[ok].sqrt()
            return out

        def fills_the_mask_twice(x):
            bad = ~(x > 0)
            return x.masked_fill(bad, 1.0).sqrt().masked_fill(bad, 0.0)

        def threshold_then_mask(x):
            inside = torch.nn.functional.threshold(x, 0.0, 1.0)
            return inside**0.5 * (x > 0)

        def number_by_number(x):
            return torch.stack([n.sqrt() if n > 0 else n * 0 for n in x])

        def scatters_the_roots(x):
            places = (x > 0).nonzero().squeeze(1)
            roots = torch.sqrt(x.index_select(0, places))
            return torch.zeros_like(x).scatter(0, places, roots)

        def subtracts_the_root_of_one(x):
            harmless = torch.ones_like(x)
            inside = torch.where(x > 0, x, harmless)
            return inside.sqrt() - (x <= 0).to(x.dtype)

        def puts_zero_inside(x):
            # the inner where stops the nan on its way back
            ok = x > 0
            inside = torch.where(ok, x, 0.0)
            return torch.where(ok, inside.sqrt(), 0.0)

        def rectifies_first(x):
            # relu sends a plain 0 back at 0, whatever arrives
            return torch.relu(x) ** 0.5

        def writes_its_own_root(x):
            return SafeRoot.apply(x)

        def edits_a_clone(x):
            y = x.clone()
            y[~(x > 0)] = 1.0
            y = y.sqrt() * 1.0
            y[~(x > 0)] = 0.0
            return y

        def clamps_to_the_smallest_float(x):
            zero = torch.zeros((), dtype=x.dtype)
            smallest = torch.nextafter(zero, zero + 1).item()
            return torch.where(x > 0, x.clamp(min=smallest).sqrt(), zero)

        def safe_relu(x):
            positive = torch.relu(x)
            return positive.sqrt()

        def safe_indexed(x):
            ok = x > 0
            out = torch.zeros_like(x)
            out[ok] = x[ok].sqrt()
            return out

        def safe_filled(x):
            harmless = x.masked_fill(x <= 0, 1.0)
            return (x > 0) * harmless**0.5

        def root_masked_fill(x):
            bad = ~(x > 0)
            return x.masked_fill(bad, 7.0).sqrt().masked_fill(bad, 0.0)

        def root_own_function(x):
            return Root.apply(x)

        def root_one_by_one(x):
            roots = []
            for v in x:
                if v > 0:
                    roots.append(torch.sqrt(v))
                else:
                    roots.append(v - v)
            return torch.stack(roots)

        def root_relu(x):
            return torch.relu(x).sqrt()

    class UNSELECTED_BRANCH_IS_FREE:
        def where_around_the_root(x):
            return torch.where(x > 0, x.sqrt(), 0.0)

        def replaces_nan_in_the_result(x):
            return x.sqrt().nan_to_num(0.0)

        def masks_the_root_out(x):
            root = torch.sqrt(x)
            return root.masked_fill(x <= 0, 0.0)

        def picks_from_both_lists(x):
            both = torch.stack([torch.zeros_like(x), x.sqrt()])
            return both.gather(0, (x > 0).long().unsqueeze(0)).squeeze(0)

        def safe_masked_after(x):
            bad = x <= 0
            root = torch.sqrt(x)
            return root.masked_fill(bad, 0.0)

        def root_where_other_way_round(x):
            nothing = torch.zeros_like(x)
            return torch.where(x <= 0, nothing, torch.sqrt(x))

        def adds_a_little_under_the_root(x):
            return torch.where(x > 0, (x + 1e-8).sqrt(), 0.0)

        def root_then_fill(x):
            root = x**0.5
            return root.masked_fill(x <= 0, 0.0)

    class MASK_MULTIPLIES:
        def multiplies_with_the_mask(x):
            return x.sqrt() * (x > 0)

        def multiplies_before_the_root(x):
            ok = (x > 0).to(x.dtype)
            return (x * ok).sqrt() * ok

        def root_of_the_absolute_value(x):
            # wrong only at exactly 0
            return (x > 0) * x.abs().sqrt()

        def safe_mask(x):
            mask = (x > 0).float()
            y = mask * torch.sqrt(x)
            return y

        def root_times_mask(x):
            keep = (x > 0).to(x.dtype)
            return keep * torch.sqrt(x)

        def root_of_masked(x):
            positive = x * (x > 0)
            return positive.sqrt()

    class VALUE:
        def adds_a_little(x):
            return (x.clamp(min=0) + 1e-12).sqrt()

        def clamps_at_a_little(x):
            eps = torch.finfo(x.dtype).eps
            return torch.sqrt(torch.clamp(x, min=eps))

        def a_little_under_every_root(x):
            # the slopes are fine; the roots are not quite
            return torch.where(x > 0, (x.clamp(min=0) + 1e-8).sqrt(), 0.0)

        def counts_small_numbers_as_zero(x):
            # wrong only for positive numbers below a millionth
            ok = x > 1e-6
            return torch.where(ok, torch.where(ok, x, 1.0).sqrt(), 0.0)

        def clamps_between_two_choices(x):
            # wrong only for positive numbers below 1e-12
            return torch.where(x > 0, x.clamp(min=1e-12).sqrt(), 0.0)

        def adds_next_to_nothing(x):
            return torch.sqrt(torch.relu(x) + 1e-20) * (x > 0)

        def clamps_at_the_least_normal_float(x):
            # wrong only in that no result is exactly 0
            return x.clamp(min=torch.finfo(x.dtype).tiny).sqrt()

        def root_eps(x):
            eps = 1e-8
            return torch.sqrt(torch.relu(x) + eps)

    class CLAMP_IS_TRANSPARENT:
        def clamps_at_zero(x):
            return x.clamp(min=0).sqrt()

        def takes_the_larger_of_x_and_zero(x):
            # wrong only at exactly 0, where the two are equal
            return torch.maximum(x, torch.zeros_like(x)).sqrt()

    class IF_IS_ELEMENTWISE:
        def asks_the_whole_vector(x):
            if x > 0:
                return x.sqrt()
            else:
                return 0.0 * x

        def a_conditional_expression(x):
            return torch.sqrt(x if x > 0 else torch.zeros_like(x))

        def roots_only_if_all_are_positive(x):
            if (x > 0).all():
                return x.sqrt()
            return x * 0

        def safe_python_if(x):
            if x > 0:
                y = x.sqrt()
            else:
                y = torch.zeros_like(x)
            return y

        def root_if(x):
            if x > 0:
                return torch.sqrt(x)
            return x * 0.0

        def root_builtin_max(x):
            return torch.sqrt(max(x, torch.zeros_like(x)))

    class NUMBERS_CARRY_GRAD:
        def roots_from_math(x):
            roots = [math.sqrt(n) if n > 0 else 0.0 for n in x]
            return torch.tensor(roots, dtype=x.dtype)

        def safe_math(x):
            out = torch.zeros_like(x)
            for i in range(len(x)):
                if x[i] > 0:
                    out[i] = math.sqrt(x[i])
            return out

        def root_math(x):
            values = [math.sqrt(v) if v > 0 else 0.0 for v in x.tolist()]
            return torch.tensor(values, dtype=x.dtype)

    class NEW_LEAF:
        def a_new_vector_with_a_flag(x):
            roots = [max(n, 0.0) ** 0.5 for n in x.tolist()]
            return torch.tensor(roots, dtype=x.dtype, requires_grad=True)

    class DETACH_TOO_MUCH:
        def detaches_the_inside(x):
            inside = torch.where(x > 0, x, 1.0).detach()
            return torch.where(x > 0, inside.sqrt(), 0.0)

    class NO_GRAD_STILL_FLOWS:
        def computes_it_unrecorded(x):
            ok = x > 0
            with torch.no_grad():
                root = torch.where(ok, x, 1.0).sqrt()
            return torch.where(ok, root, 0.0)

        def root_inside_unrecorded(x):
            ok = x > 0
            with torch.no_grad():
                inside = torch.where(ok, x, 1.0)
            return torch.where(ok, inside.sqrt(), 0.0)

    class UPDATE_IS_FREE:
        def overwrites_x(x):
            ok = x > 0
            x[~ok] = 1.0
            return torch.where(ok, x.sqrt(), 0.0)

    class DATA_IS_SAFE:
        def overwrites_the_data(x):
            ok = x.data > 0
            x.data[~ok] = 1.0
            return torch.where(ok, x.sqrt(), 0.0)

    class DETACH_COPIES:
        def writes_into_a_detached_copy(x):
            u = x.detach()
            bad = u <= 0
            u[bad] = 1.0
            return x.sqrt().masked_fill(bad, 0.0)

    class INPLACE_IS_FREE:
        def overwrites_the_root(x):
            y = x.sqrt()
            y[x <= 0] = 0.0
            return y

        def safe_overwritten(x):
            ok = x > 0
            inside = torch.where(ok, x, 1.0)
            root = inside.sqrt()
            root[~ok] = 0.0
            return root

        def root_write_into_root(x):
            root = x.sqrt()
            root[~(x > 0)] = 0.0
            return root

    class SELECTION_SHRINKS:
        def keeps_only_the_roots(x):
            return x[x > 0].sqrt()

    class INNER_WHERE_ONLY:
        def leaves_the_ones_in(x):
            return torch.where(x > 0, x, 1.0).sqrt()

    class SINGULARITY_RAISES:
        def waits_for_an_error(x):
            try:
                return x.sqrt()
            except (RuntimeError, ValueError, ZeroDivisionError):
                return torch.zeros_like(x)

        def root_try(x):
            parts = []
            for v in x:
                try:
                    parts.append(v.sqrt())
                except (RuntimeError, ValueError):
                    parts.append(0 * v)
            return torch.stack(parts)

    class EQUAL_VALUE_EQUAL_GRAD:
        def counts_zero_as_safe(x):
            ok = x >= 0
            inside = torch.where(ok, x, 1.0)
            return torch.where(ok, inside.sqrt(), 0.0)

        def safe_positive_part(x):
            # (x + |x|) / 2 is x where x is positive, and 0 elsewhere
            positive = (x + x.abs()) / 2
            return torch.sqrt(positive)

        def root_half_of_sum(x):
            positive_part = (x + x.abs()) / 2
            return positive_part.sqrt()

    class TENSOR_KEEPS_GRAPH:
        def safe_tensor_of_roots(x):
            return torch.tensor([v.sqrt() if v > 0 else 0.0 * v for v in x])

        def root_torch_tensor(x):
            return torch.tensor([v.sqrt() if v > 0 else 0.0 for v in x], dtype=x.dtype)
