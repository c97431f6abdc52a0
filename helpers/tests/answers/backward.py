"""Answers of learners to notebook 2, right and wrong."""

import torch
from torch.autograd import forward_ad, functional


class factor:
    right = [42, 42.0, torch.tensor(42.0), 6 * 7.0]
    ONE_USE_ONLY = [21]
    LAST_STEP_ONLY = [3]
    GRAD_IS_VALUE = [147.0, torch.tensor(49.0)]
    FIRST_STEP_ONLY = [14, 7]
    SLOPES_ADDED = [3 + 14, 3 + 7]
    USES_MULTIPLIED = [21 * 21]
    VALUES_MULTIPLIED = [3 * 49 * 7]
    EVERYTHING_SQUARED = [18 * 7]
    GRAD_ON_OUTPUT = [None]
    X_FORGOTTEN = [6]  # the slope of 3x² is taken for 6, without x
    FINITE_DIFFERENCE = [45]


class returns:
    right = [[False, True, True], (False, True, True), [0, 1, 1]]
    BACKWARD_RETURNS = [[True, True, True], [True, False, False]]
    ONE_LEAF_ONLY = [[False, True, False], [True, True, False]]
    NOTHING_STORED = [[False, False, False]]


class who:
    right = [[True, False, True, False], torch.tensor([1.0, 0.0, 1.0, 0.0])]
    GRAD_EVERYWHERE = [[True, True, True, True], [True, True, True, False]]
    FLAG_IS_ENOUGH = [[True, False, True, True]]
    ADDED_IS_CONSTANT = [[True, False, False, False], [True, True, False, False]]
    FLAG_TURNED_ROUND = [[False, True, False, True]]
    NOTHING_STORED = [[False] * 4]
    ALL_INPUTS_MUST_REQUIRE = ["error", "RuntimeError"]


class middle:
    right = [32, 32.0, torch.tensor(32.0), 2 * 16]
    WHOLE_ROAD = [160]  # the factor 5 comes later, but is counted already
    GRAD_ON_OUTPUT = [5, 1]  # the slope of u itself: which way does the derivative go?
    LEAVES_ONLY = [None]
    GRAD_IS_VALUE = [256.0, 256, torch.tensor(256.0)]
    OWN_VALUE = [16]
    SLOPE_AT_THE_LEAF = [6]  # 2 * x instead of 2 * u
    NONE_IS_ZERO = [0, 0.0]
    FINITE_DIFFERENCE = [33]
    ADDED_IS_DROPPED = [30, 2 * 5 * 3.0, 150]  # 2 * 5x; also 10 * 5x for x


class live:
    right = [10, 10.0, torch.tensor(10.0), torch.tensor(10.0, dtype=torch.double)]
    GRAD_IS_LIVE = [12, torch.tensor(12.0), [12.0]]
    DATA_IS_RECORDED = [11]  # the 1 is added to the gradient, or its slope of 1 is
    EDIT_CLEARS = [None, 0]
    SPREADSHEET = [10 + 12, 36]
    GRAD_IS_VALUE = [25.0, 25]
    OWN_VALUE = [5, 6]
    NO_INPLACE_EVER = ["error"]


class derivative:
    class right:
        def the_form_that_returns(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            return torch.autograd.grad(f(x), x)[0].item()

        def a_jacobian_of_one(f, x0):
            return float(functional.jacobian(f, torch.tensor(x0, dtype=torch.float64)))

        def a_function_of_functions(f, x0):
            return torch.func.grad(f)(torch.tensor(x0, dtype=torch.double)).item()

        def forwards_instead(f, x0):
            one = torch.tensor(1.0, dtype=torch.float64)
            with forward_ad.dual_level():
                x = forward_ad.make_dual(torch.tensor(x0, dtype=torch.float64), one)
                return forward_ad.unpack_dual(f(x)).tangent.item()

        def weights_of_one(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            _, slope = functional.vjp(f, x, torch.ones_like(x))
            return slope.tolist()

        def kept_and_cleared(f, x0):
            x = torch.nn.Parameter(torch.tensor(x0, dtype=torch.float64))
            y = f(x)
            y.backward(retain_graph=True)
            x.grad.zero_()
            y.backward()
            return float(x.grad)

        def half_of_two_walks(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward()
            f(x).backward()
            return x.grad.item() / 2

        def caught_on_the_way(f, x0):
            caught = []
            leaf = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            x = leaf.clone()
            x.register_hook(caught.append)
            f(x).backward()
            return caught[0].numpy().item()

        def deriv_functional(f, x0):
            x = torch.tensor(x0, dtype=torch.float64).requires_grad_()
            (slope,) = torch.autograd.grad(f(x), x)
            return slope.item()

        def deriv_jacobian(f, x0):
            point = torch.tensor(x0, dtype=torch.double)
            return float(torch.autograd.functional.jacobian(f, point))

        def deriv_ones(f, x0):
            x = torch.nn.Parameter(torch.full((), x0, dtype=torch.float64))
            x.grad = None
            y = f(x)
            y.backward(torch.ones_like(y))
            return float(x.grad)

        def derivative_grad(f, x0):
            x = torch.tensor(x0, dtype=torch.double).requires_grad_()
            return torch.autograd.grad(f(x), x)[0].item()

        def derivative_func(f, x0):
            slope = torch.func.grad(f)
            return float(slope(torch.tensor(x0, dtype=torch.float64)))

        def derivative_dual(f, x0):
            import torch.autograd.forward_ad as fwad

            one = torch.ones((), dtype=torch.float64)
            with fwad.dual_level():
                x = fwad.make_dual(torch.tensor(x0, dtype=torch.float64), one)
                return fwad.unpack_dual(f(x)).tangent.item()

        def derivative_vector(f, x0):
            x = torch.full((1,), x0, dtype=torch.float64)
            x.requires_grad = True
            y = f(x[0])
            torch.autograd.backward(y)
            return x.grad.tolist()[0]

    class GRAD_IS_VALUE:
        def what_f_gives(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward()
            return y.item()

    class GRAD_ON_OUTPUT:
        def grad_of_the_result(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward()
            return y.grad.item()

        def the_result_keeps_its_own(f, x0):
            x = torch.tensor(x0, dtype=torch.double, requires_grad=True)
            y = f(x)
            y.retain_grad()
            y.backward()
            return float(y.grad)

        def deriv_y_grad(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward()
            dy = y.grad
            return float(dy)

        def derivative_output(f, x0):
            x = torch.tensor([x0], dtype=torch.float64, requires_grad=True)
            y = f(x).sum()
            y.backward()
            return float(y.grad)

        def derivative_output_kept(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.retain_grad()
            y.backward()
            return y.grad.item()

    class BACKWARD_RETURNS:
        def straight_from_the_call(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            return f(x).backward()

        def item_of_the_call(f, x0):
            x = torch.tensor(x0, dtype=torch.float64).requires_grad_()
            g = f(x).backward()
            return g.item()

        def deriv_returned(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = f(x).backward()
            return slope.item()

        def derivative_returned(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            slope = y.backward()
            return slope

    class INT_DTYPE:
        def single_precision(f, x0):
            x = torch.tensor(x0, requires_grad=True)
            f(x).backward()
            return x.grad.item()

        def doubled_too_late(f, x0):
            x = torch.tensor([x0], requires_grad=True)
            y = f(x).sum()
            (g,) = torch.autograd.grad(y, x)
            return float(g.double())

    class FINITE_DIFFERENCE:
        def a_little_further(f, x0, h=1e-6):
            x = torch.tensor(x0, dtype=torch.float64)
            return ((f(x + h) - f(x)) / h).item()

        def to_both_sides(f, x0):
            h = 1e-4
            at = torch.tensor([x0 - h, x0 + h], dtype=torch.float64)
            low, high = f(at[0]), f(at[1])
            return float(high - low) / (2 * h)

        def height_over_width(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            return (f(x) / x).item()

        def derivative_tried(f, x0):
            h = 1e-6
            before = f(torch.tensor(x0 - h, dtype=torch.float64))
            after = f(torch.tensor(x0 + h, dtype=torch.float64))
            return float(after - before) / (2 * h)

    class FORGOT_FLAG:
        def no_flag_anywhere(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            f(x).backward()
            return x.grad.item()

        def deriv_no_flag(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            y = f(x)
            (slope,) = torch.autograd.grad(y, x)
            return slope.item()

    class FLAG_MAKES_GRAPH:
        def flag_where_it_complained(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            y = f(x)
            y.requires_grad_(True)
            y.backward()
            return x.grad.item()

        def derivative_flagged_result(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            y = f(x)
            if not y.requires_grad:
                y.requires_grad_(True)
            y.backward()
            return x.grad.item()

    class RETROACTIVE:
        def flag_after_f(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            y = f(x)
            x.requires_grad_()
            y.backward()
            return x.grad.item()

        def deriv_late(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            y = f(x)
            # now I want the gradient:
            x.requires_grad_(True)
            y.backward()
            return x.grad.item()

        def derivative_late(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            y = f(x)
            x.requires_grad = True
            y.backward()
            return x.grad.item()

    class NUMBERS_CARRY_GRAD:
        def f_of_a_number(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x.item())
            y.backward()
            return x.grad.item()

        def loss_as_a_number(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x).item()
            y = torch.tensor(y, requires_grad=True)
            y.backward()
            return x.grad.item() if x.grad is not None else 0.0

        def deriv_number(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            value = f(x).item()
            y = torch.tensor(value, dtype=torch.float64, requires_grad=True)
            y.backward()
            return x.grad.item()

        def derivative_number(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x).item()
            (slope,) = torch.autograd.grad(y, x)
            return slope.item()

    class TENSOR_KEEPS_GRAPH:
        def wrapped_once_more(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = torch.tensor(f(x), requires_grad=True)
            y.backward()
            return x.grad.item()

        def derivative_wrapped(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = torch.tensor(f(x), dtype=torch.float64)
            y.backward()
            return x.grad.item()

    class GRADIENT_ARG_IS_A_NAME:
        def with_respect_to_x(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward(x)
            return x.grad.item()

        def of_y_please(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward(gradient=y.detach())
            return x.grad.item()

    class OVERWRITE:
        def once_to_warm_up(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            for _ in range(2):
                y = f(x)
                y.backward()
            return x.grad.item()

        def deriv_second_try(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward()
            print("first try:", x.grad)
            y = f(x)
            y.backward()
            return x.grad.item()

    class GRAPH_FREED:
        def the_same_walk_again(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward()
            x.grad = None
            y.backward()
            return x.grad.item()

        def derivative_cross_checked(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward()
            (again,) = torch.autograd.grad(y, x)
            assert torch.equal(again, x.grad)
            return again.item()

    class NO_GRAD_STILL_FLOWS:
        def to_save_memory(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            with torch.no_grad():
                y = f(x)
            y.backward()
            return x.grad.item()

    class FLAG_MAKES_LEAF:
        def converted_after_the_flag(f, x0):
            x = torch.tensor(x0, requires_grad=True).double()
            f(x).backward()
            return x.grad.item()

        def deriv_reshaped(f, x0):
            x = torch.tensor([x0], dtype=torch.float64, requires_grad=True).reshape(())
            y = f(x)
            y.backward()
            return x.grad.item()

        def derivative_converted(f, x0):
            x = torch.tensor(x0, requires_grad=True).to(torch.float64)
            f(x).backward()
            return x.grad.item()

    class TYPO_ACCEPTED:
        def a_slip_of_the_finger(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            x.requires_gard = True
            f(x).backward()
            return x.grad.item()

        def backward_without_brackets(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward  # this is the mistake
            return x.grad

        def derivative_not_called(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward
            return x.grad.item()

    class GRAD_RETURNS_A_TUPLE:
        def still_wrapped(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            return torch.autograd.grad(f(x), x).item()

    class UPDATE_IS_FREE:
        def derivative_shifted(f, x0):
            x = torch.zeros((), dtype=torch.float64, requires_grad=True)
            x += x0
            f(x).backward()
            return x.grad.item()


class second:
    class right:
        def one_hessian(f, x0):
            return functional.hessian(f, torch.tensor(x0, dtype=torch.float64)).item()

        def grad_of_grad(f, x0):
            bend = torch.func.grad(torch.func.grad(f))
            return float(bend(torch.tensor(x0, dtype=torch.float64)))

        def cleared_before_the_second(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward(create_graph=True)
            slope, x.grad = x.grad, None
            slope.backward()
            return x.grad.item()

        def first_taken_off_again(f, x0):
            x = torch.tensor(x0, dtype=torch.double, requires_grad=True)
            f(x).backward(create_graph=True)
            first = x.grad.detach().clone()
            x.grad.backward()
            return (x.grad - first).item()

        def as_often_as_you_like(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)

            def nth(y, n):
                if n == 0:
                    return y
                return nth(torch.autograd.grad(y, [x], create_graph=True)[0], n - 1)

            return nth(f(x), 2).tolist()

        def forwards_over_backwards(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            _, bend = torch.func.jvp(torch.func.grad(f), (x,), (torch.ones_like(x),))
            return bend.item()

        def jacobian_of_a_jacobian(f, x0):
            def slope(x):
                return functional.jacobian(f, x, create_graph=True)

            return functional.jacobian(
                slope, torch.tensor(x0, dtype=torch.float64)
            ).item()

        def second_by_backward(f, x0):
            x = torch.nn.Parameter(torch.tensor(x0, dtype=torch.float64))
            slope = torch.autograd.grad(outputs=f(x), inputs=x, create_graph=True)[0]
            slope.backward()
            return x.grad.detach().numpy().item()

        def second_two_walks(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward(create_graph=True)
            slope = x.grad
            x.grad = None
            slope.backward()
            return x.grad.item()

        def second_hessian(f, x0):
            return torch.autograd.functional.hessian(
                f, torch.tensor(x0, dtype=torch.float64)
            ).item()

        def second_nested(f, x0):
            def d(g):
                def slope(t):
                    return torch.autograd.grad(g(t), t, create_graph=True)[0]

                return slope

            x = torch.full((), x0, dtype=torch.float64, requires_grad=True)
            return float(d(d(f))(x).detach())

        def second_func(f, x0):
            bend = torch.func.grad(torch.func.grad(f))
            return bend(torch.tensor(x0, dtype=torch.float64)).item()

        def second_hessian_too(f, x0):
            x = torch.tensor(x0, dtype=torch.float64)
            return float(torch.autograd.functional.hessian(f, x))

        def second_backward_of_slope(f, x0):
            leaf = torch.tensor(x0, dtype=torch.double)
            leaf.requires_grad_()
            y = f(leaf)
            slope = torch.autograd.grad(y, [leaf], create_graph=True)[0]
            slope.backward()
            return float(leaf.grad)

    class FORGOT_FLAG:
        def without_create_graph(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x)
            (bend,) = torch.autograd.grad(slope, x)
            return bend.item()

        def backward_of_the_grad(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward()
            x.grad.backward()
            return x.grad.item()

        def retained_is_enough(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = torch.autograd.grad(f(x), x, retain_graph=True)[0]
            return torch.autograd.grad(slope, x)[0].item()

        def second_unrecorded(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            first = torch.autograd.grad(f(x), x)[0]
            second = torch.autograd.grad(first, x)[0]
            return second.item()

    class SECOND_OVERWRITES_FIRST:
        def second_on_top_of_first(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward(create_graph=True)
            x.grad.backward()
            return x.grad.item()

        def slope_kept_in_the_leaf(f, x0):
            x = torch.nn.Parameter(torch.tensor(x0).double())
            y = f(x)
            y.backward(create_graph=True)
            slope = x.grad.clone()
            slope.backward()
            return float(x.grad)

        def second_added(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward(create_graph=True)
            x.grad.backward()
            return x.grad.item()

    class GRAD_IS_A_SNAPSHOT:
        def zeroed_in_between(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward(create_graph=True)
            slope = x.grad
            x.grad.zero_()
            slope.backward()
            return x.grad.item()

        def second_difference(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward(create_graph=True)
            first = x.grad
            first.backward()
            total = x.grad
            return (total - first).item()

    class SECOND_DERIVATIVE:
        def walked_two_times(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward(retain_graph=True)
            y.backward()
            return x.grad.item()

        def cleared_and_walked_again(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward(create_graph=True)
            x.grad = None
            y.backward()
            return x.grad.item()

    class SQUARED_SLOPE:
        def slope_times_slope(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
            return (slope**2).item()

    class FIRST_AGAIN:
        def one_slope_is_enough(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = torch.autograd.grad(f(x), x, create_graph=True)
            return slope[0].item()

    class NEW_LEAF:
        def slope_at_the_slope(f, x0):
            def derivative(at):
                x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
                f(x).backward()
                return x.grad.item()

            return derivative(derivative(x0))

        def a_fresh_leaf_for_the_slope(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x)
            slope = slope.clone().requires_grad_()
            slope.backward()
            return slope.grad.item()

    class FLAG_MAKES_GRAPH:
        def flag_on_the_slope(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward()
            slope = x.grad
            slope.requires_grad_(True)
            (bend,) = torch.autograd.grad(slope, x)
            return bend.item()

        def second_flag_on_slope(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x)
            slope.requires_grad_(True)
            slope.backward()
            return x.grad.item()

        def second_flagged_slope(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward()
            slope = x.grad.clone()
            slope.requires_grad_(True)
            x.grad = None
            slope.backward()
            return x.grad.item()

    class TENSOR_KEEPS_GRAPH:
        def slope_in_a_new_tensor(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = torch.autograd.grad(f(x), x, create_graph=True)[0]
            slope = torch.tensor(slope.item(), dtype=torch.float64, requires_grad=True)
            return torch.autograd.grad(slope, x, allow_unused=True)[0]

        def second_wrapped(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            grads = torch.autograd.grad(f(x), x, create_graph=True)
            slope = torch.tensor(grads[0])  # out of the tuple
            bend = torch.autograd.grad(slope, x)
            return bend[0].item()

        def second_wrapped_too(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = torch.tensor(torch.autograd.grad(f(x), x, create_graph=True))
            return torch.autograd.grad(slope.sum(), x)[0].item()

    class FINITE_DIFFERENCE:
        def difference_of_slopes(f, x0, h=1e-5):
            def slope(at):
                x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
                return torch.autograd.grad(f(x), x)[0].item()

            return (slope(x0 + h) - slope(x0 - h)) / (2 * h)

        def three_points(f, x0):
            h = 1e-3
            left, mid, right_ = (
                f(torch.tensor(x0 + k * h, dtype=torch.float64)) for k in (-1, 0, 1)
            )
            return ((left - 2 * mid + right_) / h**2).item()

        def second_by_steps(f, x0, h=1e-4):
            def slope(at):
                x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
                f(x).backward()
                return x.grad.item()

            return (slope(x0 + h) - slope(x0 - h)) / (2 * h)

        def second_tried(f, x0):
            def slope(at):
                x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
                f(x).backward()
                return x.grad.item()

            h = 1e-5
            return (slope(x0 + h) - slope(x0 - h)) / (2 * h)

    class INT_DTYPE:
        def single_precision_twice(f, x0):
            x = torch.tensor(x0, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
            (bend,) = torch.autograd.grad(slope, x)
            return bend.item()

    class GRAD_RETURNS_A_TUPLE:
        def tuple_left_as_it_was(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = torch.autograd.grad(f(x), x, create_graph=True)
            slope.backward()
            return x.grad.item()

    class BACKWARD_RETURNS:
        def slope_from_the_call(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = f(x).backward(create_graph=True)
            bend = slope.backward()
            return bend.item()

        def second_returned(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = f(x).backward(create_graph=True)
            (bend,) = torch.autograd.grad(slope, x)
            return bend.item()

    class SECOND_COMPOSED:
        def slope_of_f_of_f(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(f(x)).backward()
            return x.grad.item()

    class GRAPH_IS_REUSABLE:
        def second_looked_first(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            first = torch.autograd.grad(y, x)[0]
            print("slope:", first.item())
            slope = torch.autograd.grad(y, x, create_graph=True)[0]
            return torch.autograd.grad(slope, x)[0].item()

    class GRAD_ON_OUTPUT:
        def second_slope_grad(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
            slope.backward()
            return slope.grad.item()

        def second_on_slope(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
            slope.retain_grad()
            slope.backward()
            return slope.grad.item()

    class GRADIENT_ARG_IS_A_NAME:
        def second_with_respect_to(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
            slope.backward(gradient=x.detach())
            return x.grad.item()

        def second_with_respect_to_too(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
            slope.backward(x)
            return x.grad.item()

    class OVERWRITE:
        def second_after_a_look(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            f(x).backward()
            first = x.grad.item()
            assert isinstance(first, float)
            (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
            slope.backward()
            return x.grad.item()

    class GRAPH_FREED:
        def second_two_walks(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward()
            x.grad = None
            (slope,) = torch.autograd.grad(y, x, create_graph=True)
            slope.backward()
            return x.grad.item()

    class RETAIN_RECOMPUTES:
        def second_retained(f, x0):
            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            y = f(x)
            y.backward(retain_graph=True)
            y.backward()
            return x.grad.item()

    class NUMBERS_CARRY_GRAD:
        def second_of_numbers(f, x0):
            def first(t):
                (g,) = torch.autograd.grad(f(t), t, create_graph=True)
                return g.item()

            x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
            slope = first(x)
            (bend,) = torch.autograd.grad(slope, x)
            return bend.item()

    class FLAG_MAKES_LEAF:
        def second_squeezed(f, x0):
            x = torch.tensor([x0], dtype=torch.float64, requires_grad=True).squeeze()
            (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
            slope.backward()
            return x.grad.item()
