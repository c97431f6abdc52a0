"""Answers that learners give in lesson 2, right and wrong."""

import torch
from torch.autograd import forward_ad, functional

from .corpus import guess, right, wrong

# ---------------------------------------------------------------- factor

guess("backward/factor", None, 30)
guess("backward/factor", None, 30.0)
guess("backward/factor", None, torch.tensor(30.0))
guess("backward/factor", "ONE-USE-ONLY", 15)
guess("backward/factor", "LAST-STEP-ONLY", 3)
guess("backward/factor", "GRAD-IS-VALUE", 75.0)
guess("backward/factor", "GRAD-IS-VALUE", torch.tensor(25.0))
guess("backward/factor", "FIRST-STEP-ONLY", 10)
guess("backward/factor", "SLOPES-ADDED", 3 + 10)
guess("backward/factor", "USES-MULTIPLIED", 15 * 15)
guess("backward/factor", "GRAD-ON-OUTPUT", None)
# Slope of 3x² "is 6": the formula without its x.
guess("backward/factor", "X-FORGOTTEN", 6)

# ---------------------------------------------------------------- returns

guess("backward/returns", None, None)
guess("backward/returns", "BACKWARD-RETURNS", 6)
guess("backward/returns", "BACKWARD-RETURNS", torch.tensor(6.0))
guess("backward/returns", "BACKWARD-RETURNS", (6.0,))
guess("backward/returns", "ONE-USE-ONLY", 3.0)
guess("backward/returns", "GRAD-IS-VALUE", 9)
guess("backward/returns", "GRAD-ON-OUTPUT", 1)
guess("backward/returns", "RETURNS-SUCCESS", True)
guess("backward/returns", "NONE-IS-ZERO", 0)

# ---------------------------------------------------------------- who

guess("backward/who", None, None)
guess("backward/who", "GRAD-EVERYWHERE", [1, 2])
guess("backward/who", "GRAD-EVERYWHERE", torch.tensor([1.0, 2.0]))
guess("backward/who", "NONE-IS-ZERO", [0, 0])
guess("backward/who", "NONE-IS-ZERO", 0.0)
guess("backward/who", "OWN-VALUE", (3.0, 4.0))
guess("backward/who", "LAST-STEP-ONLY", [1.0, 1.0])
guess("backward/who", "GRAD-IS-VALUE", [3, 8])
guess("backward/who", "GRAD-IS-VALUE", 11)
guess("backward/who", "ALL-INPUTS-MUST-REQUIRE", "error")

# ---------------------------------------------------------------- middle

guess("backward/middle", None, 12)
guess("backward/middle", None, 12.0)
guess("backward/middle", None, torch.tensor(12.0))
# The factor 2 comes later, but is counted already.
guess("backward/middle", "WHOLE-ROAD", 24)
# The slope of u itself: which way does the derivative go?
guess("backward/middle", "GRAD-ON-OUTPUT", 2)
guess("backward/middle", "LEAVES-ONLY", None)
guess("backward/middle", "GRAD-IS-VALUE", 36.0)
# 2 * x instead of 2 * u.
guess("backward/middle", "SLOPE-AT-THE-LEAF", 6)
guess("backward/middle", "NONE-IS-ZERO", 0)

# ---------------------------------------------------------------- live

guess("backward/live", None, 6)
guess("backward/live", None, 6.0)
guess("backward/live", None, torch.tensor(6.0))
guess("backward/live", "GRAD-IS-LIVE", 8)
guess("backward/live", "GRAD-IS-LIVE", torch.tensor(8.0))
# The 1 is added to the gradient, or its slope of 1 is.
guess("backward/live", "DATA-IS-RECORDED", 7)
guess("backward/live", "EDIT-CLEARS", None)
guess("backward/live", "EDIT-CLEARS", 0)
guess("backward/live", "SPREADSHEET", 6 + 8)
guess("backward/live", "GRAD-IS-VALUE", 9.0)
guess("backward/live", "VALUE-IS-LIVE", 16)
guess("backward/live", "NO-INPLACE-EVER", "error")

# ---------------------------------------------------------------- derivative


@wrong("backward/derivative", "GRAD-IS-VALUE")
def what_f_gives(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    return y.item()


@wrong("backward/derivative", "GRAD-ON-OUTPUT")
def grad_of_the_result(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    return y.grad.item()


@wrong("backward/derivative", "GRAD-ON-OUTPUT")
def the_result_keeps_its_own(f, x0):
    x = torch.tensor(x0, dtype=torch.double, requires_grad=True)
    y = f(x)
    y.retain_grad()
    y.backward()
    return float(y.grad)


@wrong("backward/derivative", "BACKWARD-RETURNS")
def straight_from_the_call(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    return f(x).backward()


@wrong("backward/derivative", "BACKWARD-RETURNS")
def item_of_the_call(f, x0):
    x = torch.tensor(x0, dtype=torch.float64).requires_grad_()
    g = f(x).backward()
    return g.item()


@wrong("backward/derivative", "INT-DTYPE")
def single_precision(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    return x.grad.item()


@wrong("backward/derivative", "INT-DTYPE")
def doubled_too_late(f, x0):
    x = torch.tensor([x0], requires_grad=True)
    y = f(x).sum()
    (g,) = torch.autograd.grad(y, x)
    return float(g.double())


@wrong("backward/derivative", "FINITE-DIFFERENCE")
def a_little_further(f, x0, h=1e-6):
    x = torch.tensor(x0, dtype=torch.float64)
    return ((f(x + h) - f(x)) / h).item()


@wrong("backward/derivative", "FINITE-DIFFERENCE")
def to_both_sides(f, x0):
    h = 1e-4
    at = torch.tensor([x0 - h, x0 + h], dtype=torch.float64)
    low, high = f(at[0]), f(at[1])
    return float(high - low) / (2 * h)


@wrong("backward/derivative", "FINITE-DIFFERENCE")
def height_over_width(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    return (f(x) / x).item()


@wrong("backward/derivative", "FORGOT-FLAG")
def no_flag_anywhere(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    f(x).backward()
    return x.grad.item()


@wrong("backward/derivative", "FLAG-MAKES-GRAPH")
def flag_where_it_complained(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    y = f(x)
    y.requires_grad_(True)
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "RETROACTIVE")
def flag_after_f(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    y = f(x)
    x.requires_grad_()
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "NUMBERS-CARRY-GRAD")
def f_of_a_number(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x.item())
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "NUMBERS-CARRY-GRAD")
def loss_as_a_number(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x).item()
    y = torch.tensor(y, requires_grad=True)
    y.backward()
    return x.grad.item() if x.grad is not None else 0.0


@wrong("backward/derivative", "TENSOR-KEEPS-GRAPH")
def wrapped_once_more(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = torch.tensor(f(x), requires_grad=True)
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "GRADIENT-ARG-IS-A-NAME")
def with_respect_to_x(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(x)
    return x.grad.item()


@wrong("backward/derivative", "GRADIENT-ARG-IS-A-NAME")
def of_y_please(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(gradient=y.detach())
    return x.grad.item()


@wrong("backward/derivative", "OVERWRITE")
def once_to_warm_up(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(2):
        y = f(x)
        y.backward()
    return x.grad.item()


@wrong("backward/derivative", "GRAPH-FREED")
def the_same_walk_again(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    x.grad = None
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "NO_GRAD-STILL-FLOWS")
def to_save_memory(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    with torch.no_grad():
        y = f(x)
    y.backward()
    return x.grad.item()


@wrong("backward/derivative", "FLAG-MAKES-LEAF")
def converted_after_the_flag(f, x0):
    x = torch.tensor(x0, requires_grad=True).double()
    f(x).backward()
    return x.grad.item()


@wrong("backward/derivative", "TYPO-ACCEPTED")
def a_slip_of_the_finger(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    x.requires_gard = True
    f(x).backward()
    return x.grad.item()


@wrong("backward/derivative", "TYPO-ACCEPTED")
def backward_without_brackets(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward  # noqa: B018 - this is the mistake
    return x.grad


@wrong("backward/derivative", "GRAD-RETURNS-A-TUPLE")
def still_wrapped(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(x), x).item()


@right("backward/derivative")
def the_form_that_returns(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(x), x)[0].item()


@right("backward/derivative")
def a_jacobian_of_one(f, x0):
    return float(functional.jacobian(f, torch.tensor(x0, dtype=torch.float64)))


@right("backward/derivative")
def a_function_of_functions(f, x0):
    return torch.func.grad(f)(torch.tensor(x0, dtype=torch.double)).item()


@right("backward/derivative")
def forwards_instead(f, x0):
    one = torch.tensor(1.0, dtype=torch.float64)
    with forward_ad.dual_level():
        x = forward_ad.make_dual(torch.tensor(x0, dtype=torch.float64), one)
        return forward_ad.unpack_dual(f(x)).tangent.item()


@right("backward/derivative")
def weights_of_one(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    _, slope = functional.vjp(f, x, torch.ones_like(x))
    return slope.tolist()


@right("backward/derivative")
def kept_and_cleared(f, x0):
    x = torch.nn.Parameter(torch.tensor(x0, dtype=torch.float64))
    y = f(x)
    y.backward(retain_graph=True)
    x.grad.zero_()
    y.backward()
    return float(x.grad)


@right("backward/derivative")
def half_of_two_walks(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    f(x).backward()
    return x.grad.item() / 2


@right("backward/derivative")
def caught_on_the_way(f, x0):
    caught = []
    leaf = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    x = leaf.clone()
    x.register_hook(caught.append)
    f(x).backward()
    return caught[0].numpy().item()


# ---------------------------------------------------------------- second


@wrong("backward/second", "FORGOT-FLAG")
def without_create_graph(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x)
    (bend,) = torch.autograd.grad(slope, x)
    return bend.item()


@wrong("backward/second", "FORGOT-FLAG")
def backward_of_the_grad(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    x.grad.backward()
    return x.grad.item()


@wrong("backward/second", "FORGOT-FLAG")
def retained_is_enough(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = torch.autograd.grad(f(x), x, retain_graph=True)[0]
    return torch.autograd.grad(slope, x)[0].item()


@wrong("backward/second", "SECOND-OVERWRITES-FIRST")
def second_on_top_of_first(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    x.grad.backward()
    return x.grad.item()


@wrong("backward/second", "SECOND-OVERWRITES-FIRST")
def slope_kept_in_the_leaf(f, x0):
    x = torch.nn.Parameter(torch.tensor(x0).double())
    y = f(x)
    y.backward(create_graph=True)
    slope = x.grad.clone()
    slope.backward()
    return float(x.grad)


@wrong("backward/second", "GRAD-IS-A-SNAPSHOT")
def zeroed_in_between(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    slope = x.grad
    x.grad.zero_()
    slope.backward()
    return x.grad.item()


@wrong("backward/second", "SECOND-DERIVATIVE")
def walked_two_times(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(retain_graph=True)
    y.backward()
    return x.grad.item()


@wrong("backward/second", "SECOND-DERIVATIVE")
def cleared_and_walked_again(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(create_graph=True)
    x.grad = None
    y.backward()
    return x.grad.item()


@wrong("backward/second", "SQUARED-SLOPE")
def slope_times_slope(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    return (slope**2).item()


@wrong("backward/second", "FIRST-AGAIN")
def one_slope_is_enough(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = torch.autograd.grad(f(x), x, create_graph=True)
    return slope[0].item()


@wrong("backward/second", "NEW-LEAF")
def slope_at_the_slope(f, x0):
    def derivative(at):
        x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        f(x).backward()
        return x.grad.item()

    return derivative(derivative(x0))


@wrong("backward/second", "NEW-LEAF")
def a_fresh_leaf_for_the_slope(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x)
    slope = slope.clone().requires_grad_()
    slope.backward()
    return slope.grad.item()


@wrong("backward/second", "FLAG-MAKES-GRAPH")
def flag_on_the_slope(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    slope = x.grad
    slope.requires_grad_(True)
    (bend,) = torch.autograd.grad(slope, x)
    return bend.item()


@wrong("backward/second", "TENSOR-KEEPS-GRAPH")
def slope_in_a_new_tensor(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = torch.autograd.grad(f(x), x, create_graph=True)[0]
    slope = torch.tensor(slope.item(), dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(slope, x, allow_unused=True)[0]


@wrong("backward/second", "FINITE-DIFFERENCE")
def difference_of_slopes(f, x0, h=1e-5):
    def slope(at):
        x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
        return torch.autograd.grad(f(x), x)[0].item()

    return (slope(x0 + h) - slope(x0 - h)) / (2 * h)


@wrong("backward/second", "FINITE-DIFFERENCE")
def three_points(f, x0):
    h = 1e-3
    left, mid, right_ = (
        f(torch.tensor(x0 + k * h, dtype=torch.float64)) for k in (-1, 0, 1)
    )
    return ((left - 2 * mid + right_) / h**2).item()


@wrong("backward/second", "INT-DTYPE")
def single_precision_twice(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    (bend,) = torch.autograd.grad(slope, x)
    return bend.item()


@wrong("backward/second", "GRAD-RETURNS-A-TUPLE")
def tuple_left_as_it_was(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = torch.autograd.grad(f(x), x, create_graph=True)
    slope.backward()
    return x.grad.item()


@wrong("backward/second", "BACKWARD-RETURNS")
def slope_from_the_call(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    slope = f(x).backward(create_graph=True)
    bend = slope.backward()
    return bend.item()


@wrong("backward/second", "SECOND=COMPOSED")
def slope_of_f_of_f(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(f(x)).backward()
    return x.grad.item()


@right("backward/second")
def one_hessian(f, x0):
    return functional.hessian(f, torch.tensor(x0, dtype=torch.float64)).item()


@right("backward/second")
def grad_of_grad(f, x0):
    bend = torch.func.grad(torch.func.grad(f))
    return float(bend(torch.tensor(x0, dtype=torch.float64)))


@right("backward/second")
def cleared_before_the_second(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    slope, x.grad = x.grad, None
    slope.backward()
    return x.grad.item()


@right("backward/second")
def first_taken_off_again(f, x0):
    x = torch.tensor(x0, dtype=torch.double, requires_grad=True)
    f(x).backward(create_graph=True)
    first = x.grad.detach().clone()
    x.grad.backward()
    return (x.grad - first).item()


@right("backward/second")
def as_often_as_you_like(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)

    def nth(y, n):
        if n == 0:
            return y
        return nth(torch.autograd.grad(y, [x], create_graph=True)[0], n - 1)

    return nth(f(x), 2).tolist()


@right("backward/second")
def forwards_over_backwards(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    _, bend = torch.func.jvp(torch.func.grad(f), (x,), (torch.ones_like(x),))
    return bend.item()


@right("backward/second")
def jacobian_of_a_jacobian(f, x0):
    def slope(x):
        return functional.jacobian(f, x, create_graph=True)

    return functional.jacobian(slope, torch.tensor(x0, dtype=torch.float64)).item()


@right("backward/second")
def second_by_backward(f, x0):
    x = torch.nn.Parameter(torch.tensor(x0, dtype=torch.float64))
    slope = torch.autograd.grad(outputs=f(x), inputs=x, create_graph=True)[0]
    slope.backward()
    return x.grad.detach().numpy().item()
