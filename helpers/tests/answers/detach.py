"""Answers of learners to notebook 5, right and wrong."""

import copy

import numpy as np
import torch


class TimesConstant(torch.autograd.Function):
    @staticmethod
    def forward(ctx, y, u):
        ctx.save_for_backward(u)
        return (y * u).sum()

    @staticmethod
    def backward(ctx, arriving):
        (u,) = ctx.saved_tensors
        return arriving * u, None


class Still(torch.autograd.Function):
    """Pass the numbers on, and send zeros back."""

    @staticmethod
    def forward(ctx, t):
        return t.clone()

    @staticmethod
    def backward(ctx, grad):
        return torch.zeros_like(grad)


class product:
    # u = (x * x).detach(), z = u * x, x = [0, 1, 2, 3]
    right = [
        [0, 1, 4, 9],
        (0.0, 1.0, 4.0, 9.0),
        np.array([0, 1, 4, 9]),
        torch.arange(4.0) ** 2,
    ]
    DETACH_IS_A_COPY = [[0, 3, 12, 27]]
    DETACH_CUTS_THE_OTHER = [[0.0, 2.0, 8.0, 18.0], [0, 2, 8, 18]]
    DETACH_KILLS_THE_GRAPH = [None, (0, 0, 0, 0), [0, 0, 0, 0]]
    FIRST_STEP_ONLY = [torch.tensor([0.0, 2.0, 4.0, 6.0]), [0.0, 2.0, 4.0, 6.0]]
    GRAD_IS_VALUE = [[0, 1, 8, 27], torch.tensor([0.0, 1.0, 8.0, 27.0])]
    CONSTANT_DROPPED = [[1, 1, 1, 1]]
    SUM_MEAN = [[0, 0.25, 1, 2.25]]
    OWN_VALUE = [[0, 1, 2, 3]]


class half_product:
    class right:
        def detaches_the_input_of_g(f, g, x):
            return (f(x) * g(x.detach())).sum()

        def takes_the_data(f, g, x):
            return torch.einsum("i,i->", f(x), g(x).data)

        def goes_through_numpy(f, g, x):
            frozen = torch.from_numpy(g(x).detach().numpy().copy())
            return (frozen * f(x)).sum()

        def adds_the_products_one_by_one(f, g, x):
            total = 0.0
            for y, number in zip(f(x), g(x).tolist(), strict=True):
                total += y * number
            return total

        def copies_with_torch_tensor(f, g, x):
            u = torch.tensor(g(x).tolist(), dtype=x.dtype)
            return torch.dot(u, f(x))

        def writes_its_own_operation(f, g, x):
            return TimesConstant.apply(f(x), g(x))

        def detaches_a_product_in_place(f, g, x):
            u = g(x) * 1
            u.detach_()
            return (f(x) * u).sum()

        def takes_the_other_half_away(f, g, x):
            whole = f(x) * g(x)
            other_half = f(x).detach() * g(x)
            return (whole - other_half + other_half.detach()).sum()

        def half_detached_input(f, g, x):
            left = f(x).flatten()
            right_side = g(x.detach()).flatten()
            return torch.dot(left, right_side)

        def half_numbers(f, g, x):
            total = 0.0
            constants = g(x).reshape(-1).tolist()
            for a, c in zip(f(x).reshape(-1), constants):
                total = total + a * c
            return total

        def half_under_no_grad(f, g, x):
            with torch.no_grad():
                weight = g(x).clone()  # under no_grad, so a constant
            return torch.sum(weight * f(x))

        def half_take_the_other_half_away(f, g, x):
            whole = (f(x) * g(x)).sum()
            other = (f(x).detach() * g(x)).sum()
            # other - other is 0, but only the first one has a slope
            return whole - (other - other.detach())

        def half_own_function(f, g, x):
            held = Still.apply(g(x))
            left = f(x)
            product = left * held
            return product.sum()

    class DETACH_IN_PLACE:
        def throws_the_cut_tensor_away(f, g, x):
            u = g(x)
            u.detach()
            return (f(x) * u).sum()

        def half_line_alone(f, g, x):
            a = f(x)
            b = g(x)
            b.detach()
            total = 0
            for i in range(len(x)):
                total = total + a[i] * b[i]
            return total

        def half_detach_statement(f, g, x):
            left, right_ = f(x), g(x)
            right_.detach()
            total = torch.sum(left * right_)
            return total

    class X_CHANGED:
        def cuts_in_place(f, g, x):
            u = g(x)
            u.detach_()
            return (f(x) * u).sum()

        def cuts_in_place_on_the_way(f, g, x):
            return (f(x) * g(x).detach_()).sum()

    class DETACH_IS_A_COPY:
        def clones_the_factor(f, g, x):
            u = g(x).clone()
            return (f(x) * u).sum()

        def cuts_nothing_at_all(f, g, x):
            return torch.dot(f(x), g(x))

    class DETACH_TOO_MUCH:
        def detaches_the_product(f, g, x):
            return (f(x) * g(x)).detach().sum()

        def starts_from_a_detached_x(f, g, x):
            x = x.detach()
            y, u = f(x), g(x)
            return (y * u).sum()

        def records_neither_factor(f, g, x):
            with torch.no_grad():
                return (f(x) * g(x)).sum()

        def half_cut_product(f, g, x):
            z = f(x) * g(x)
            z = z.detach()
            return z.sum()

    class WRONG_FACTOR:
        def detaches_f_instead(f, g, x):
            y = f(x).detach()
            return (y * g(x)).sum()

        def gives_f_the_detached_x(f, g, x):
            u = x.detach()
            return sum(f(u) * g(x))

        def half_other_factor(f, g, x):
            u = f(x).detach()
            return torch.sum(u * g(x))

        def half_first_factor(f, g, x):
            u = f(x).detach()
            v = g(x)
            return (u * v).sum()

    class NEW_LEAF:
        def makes_an_x_of_its_own(f, g, x):
            x = x.detach().clone().requires_grad_()
            u = g(x).detach()
            return (f(x) * u).sum()

        def retypes_x_with_a_flag(f, g, x):
            new = torch.tensor(x.tolist(), dtype=x.dtype, requires_grad=True)
            return (f(new) * g(x).detach()).sum()

        def half_fresh_x(f, g, x):
            fresh = x.detach().clone().requires_grad_(True)
            return (f(fresh) * g(x).detach()).sum()

    class FLAG_MAKES_GRAPH:
        def sets_the_flag_on_the_result(f, g, x):
            z = (f(x) * g(x)).sum().detach()
            return z.requires_grad_()

        def half_flag_on_sum(f, g, x):
            s = (f(x).detach() * g(x).detach()).sum()
            s.requires_grad_(True)  # so that backward() works
            return s

    class FLAG_ON_A_RESULT:
        def takes_the_flag_from_the_factor(f, g, x):
            u = g(x)
            u.requires_grad_(False)
            return (f(x) * u).sum()

    class TYPO_ACCEPTED:
        def misspells_the_flag(f, g, x):
            u = g(x)
            u.require_grad = False
            return (f(x) * u).sum()

        def forgets_the_parentheses(f, g, x):
            u = g(x).detach
            return (f(x) * u).sum()

        def half_misspelled(f, g, x):
            u = g(x)
            u.require_grad = False
            z = f(x) * u
            return z.sum()

    class NUMBERS_CARRY_GRAD:
        def returns_a_python_number(f, g, x):
            u = g(x).detach()
            return (f(x) * u).sum().item()

        def half_item(f, g, x):
            u = g(x).detach()
            z = f(x) * u
            return z.sum().item()  # one number

        def half_python_numbers(f, g, x):
            total = 0.0
            for a, b in zip(f(x), g(x).detach()):
                total += a.item() * b.item()
            return total

    class TENSOR_KEEPS_GRAPH:
        def rebuilds_f_from_its_numbers(f, g, x):
            y = torch.tensor([number.item() for number in f(x)])
            u = torch.tensor([number.item() for number in g(x)])
            return (y * u).sum()

        def half_wrapped(f, g, x):
            products = [a * b for a, b in zip(f(x), g(x).detach())]
            return torch.tensor(products).sum()

        def half_torch_tensor(f, g, x):
            u = g(x).detach()
            products = [a * b for a, b in zip(f(x), u)]
            return torch.tensor(products, dtype=x.dtype).sum()

    class SUM_MEAN:
        def averages_the_products(f, g, x):
            return (f(x) * g(x).detach()).mean()

    class JACOBIAN:
        def forgets_to_add_up(f, g, x):
            return f(x) * g(x).detach()

        def half_not_summed(f, g, x):
            u = g(x).detach().clone()
            return f(x) * u

        def half_no_sum(f, g, x):
            constant = g(x).detach()
            return f(x) * constant

    class PRODUCT_OF_SUMS:
        def multiplies_two_sums(f, g, x):
            return f(x).sum() * g(x).detach().sum()

    class NO_GRAD_MAKES_CONSTANTS:
        def computes_g_unrecorded(f, g, x):
            with torch.no_grad():
                u = g(x)
            return torch.sum(f(x) * u)

        def half_no_grad(f, g, x):
            with torch.no_grad():
                u = g(x)
            z = f(x) * u
            return z.sum()

        def half_with_a_decorator(f, g, x):
            held = torch.no_grad()(g)
            return torch.dot(f(x), held(x))

    class NO_GRAD_IS_A_SWITCH:
        def calls_no_grad_as_a_statement(f, g, x):
            y = f(x)
            torch.no_grad()
            u = g(x)
            return (y * u).sum()

        def switches_recording_off_for_good(f, g, x):
            torch.set_grad_enabled(False)
            u = g(x)
            return (u * f(x)).sum()

        def half_no_grad_statement(f, g, x):
            torch.no_grad()
            u = g(x)
            torch.enable_grad()
            return torch.sum(f(x) * u)

    class NO_GRAD_STILL_FLOWS:
        def multiplies_unrecorded(f, g, x):
            y, u = f(x), g(x).detach()
            with torch.no_grad():
                z = (y * u).sum()
            return z

        def half_both_in_block(f, g, x):
            with torch.no_grad():
                a = f(x)
                b = g(x).detach()
            return (a * b).sum()

    class NO_GRAD_INFERENCE:
        def computes_g_in_inference_mode(f, g, x):
            with torch.inference_mode():
                u = g(x)
            return (f(x) * u).sum()

    class GRAPH_FREED:
        def walks_back_itself(f, g, x):
            z = (f(x) * g(x).detach()).sum()
            z.backward(retain_graph=True)
            return z

    class GRADIENT_RETURNED:
        def returns_the_gradient(f, g, x):
            z = (f(x) * g(x).detach()).sum()
            z.backward()
            return x.grad

    class NUMPY_TRACKS:
        def half_numpy_factor(f, g, x):
            weights = g(x).numpy()
            return (f(x) * torch.from_numpy(weights)).sum()

    class INPLACE_IS_FREE:
        def half_times_equals(f, g, x):
            u = g(x).detach()
            result = f(x)
            result *= u  # saves a tensor
            return result.sum()

    class RETROACTIVE:
        def half_flag_back_on(f, g, x):
            x.requires_grad_(False)
            left, held = f(x), g(x)
            x.requires_grad_(True)  # now f(x) counts, held was computed before
            return (left * held.detach()).sum()


class original:
    # a walk from z, then one from y, with nothing cleared between them
    right = [
        [0, 3, 8, 15],
        torch.tensor([0.0, 3.0, 8.0, 15.0]),
        (0, 3, 8, 15.0),
        torch.arange(4.0) ** 2 + 2 * torch.arange(4.0),
        2 * torch.arange(4.0, requires_grad=True) + torch.arange(4) ** 2,
        [n * (n + 2) for n in range(4)],
    ]
    DETACH_IS_A_COPY = [[0, 5, 16, 33], [0, 3, 12, 27]]
    DETACH_IN_PLACE = [[0, 1, 4, 9]]
    DETACH_KILLS_THE_GRAPH = [[0, 0, 0, 0], None]
    OVERWRITE = [[0, 2, 4, 6], 2 * torch.arange(4.0)]
    ONE_USE_ONLY = [(0, 2, 6, 12)]
    GRAPH_FREED = ["RuntimeError", "it raises"]
    GRAD_IS_VALUE = [torch.tensor([0.0, 2.0, 12.0, 36.0])]
    LAST_STEP_ONLY = [[1, 2, 5, 10], [1.0, 1.0, 1.0, 1.0]]


class edited:
    # u = x.detach(); u[1] = 10; then y = x * x
    right = [
        [0, 20, 4, 6],
        (0.0, 20.0, 4.0, 6.0),
        torch.tensor([0, 20, 4, 6]),
        torch.tensor([0.0, 20.0, 4.0, 6.0]),
    ]
    DETACH_COPIES = [[0, 2, 4, 6]]
    EDITED_IS_CONSTANT = [(0.0, 0.0, 4.0, 6.0), [0, 0, 4, 6]]
    DETACH_ACTS_ON_X = [[0, 0, 0, 0], None]
    GRAD_IS_VALUE = [torch.tensor([0.0, 100.0, 4.0, 9.0]), [0, 100, 4, 9]]
    ONE_USE_ONLY = [[0, 10, 2, 3]]
    EDIT_WRITES_THE_GRADIENT = [[0, 10, 4, 6]]
    EDIT_ALWAYS_RAISES = [None, "error"]


class snapshot:
    class right:
        def copies_on_the_numpy_side(x):
            return x.detach().numpy().copy()

        def lets_numpy_copy_the_cut_tensor(x):
            return np.array(x.detach())

        def clones_before_it_detaches(x):
            return x.clone().detach().numpy()

        def goes_through_lists(x):
            return np.array(x.tolist())

        def clones_unrecorded(x):
            with torch.no_grad():
                return x.clone().numpy()

        def copies_inside_no_grad(x):
            with torch.no_grad():
                return x.numpy().copy()  # no error: nothing is being recorded here

        def copies_into_an_empty_array(x):
            out = np.empty(tuple(x.shape), dtype=np.float64)
            out[...] = x.detach()
            return out

        def forces_and_copies(x):
            return np.copy(x.numpy(force=True))

        def deep_copies(x):
            return copy.deepcopy(x.data).numpy()

        def adds_zero(x):
            return x.detach().numpy() + 0

        def a_new_tensor_from_the_old(x):
            return torch.empty_like(x, requires_grad=False).copy_(x.detach()).numpy()

        def snapshot_no_grad_clone(x):
            with torch.no_grad():
                twin = x.clone()
                return twin.numpy()

        def snapshot_filled(x):
            view = x.detach().numpy()
            out = np.empty(view.shape, dtype=view.dtype)
            out[...] = view
            return out

        def snapshot_np_copy(x):
            return np.array(x.detach().numpy(), copy=True)

        def snapshot_through_lists(x):
            kind = str(x.dtype).removeprefix("torch.")
            return np.array(x.tolist(), dtype=kind)

        def snapshot_fill_empty(x):
            values = x.data.numpy()
            out = np.empty_like(values)
            out[...] = values
            return out

    class NUMPY_TRACKS:
        def asks_for_numpy_directly(x):
            return x.numpy()

        def clones_but_stays_in_the_graph(x):
            return x.clone().numpy()

        def wraps_it_in_an_array(x):
            return np.asarray(x) * 1.0

        def snapshot_clone_only(x):
            twin = x.clone()
            return twin.numpy()

        def snapshot_np_array(x):
            return np.array(x, copy=True)

        def snapshot_clone_only_too(x):
            twin = torch.clone(x)
            return twin.numpy()

    class NUMPY_COPIES:
        def asks_inside_no_grad(x):
            with torch.no_grad():
                return x.numpy()

        def leaves_the_graph_only(x):
            return x.detach().numpy()

        def forces_it(x):
            return x.numpy(force=True)

        def the_idiom_from_the_internet(x):
            return x.data.cpu().numpy()

        def a_slice_of_everything(x):
            array = np.asarray(x.detach())
            return array[:]

        def reshapes_to_the_same_shape(x):
            u = x.detach()
            return u.numpy().reshape(tuple(u.shape)).view()

        def snapshot_block(x):
            with torch.no_grad():
                array = x.numpy()  # NumPy has its own memory
            return array

        def snapshot_asarray(x):
            numbers = x.detach()
            # from here on it is NumPy's own array
            return np.asarray(numbers)

    class DETACH_COPIES:
        def trusts_contiguous(x):
            return x.detach().contiguous().numpy()

        def detaches_twice(x):
            first = x.detach()
            second = first.detach()
            return np.from_dlpack(second)

        def shallow_copy(x):
            return copy.copy(x.detach()).numpy()

        def converts_to_the_same_type(x):
            return x.detach().to(x.dtype).numpy()

        def converts_to_double(x):
            # wrong only for an x that holds float64 already
            return x.detach().double().numpy()

        def snapshot_detach_as_copy(x):
            copy = x.detach()  # a copy without history
            return copy.numpy()

        def snapshot_detached(x):
            copy_of_x = x.detach()
            array = copy_of_x.numpy()
            return array

    class X_CHANGED:
        def takes_the_flag_away(x):
            x.requires_grad_(False)
            return x.numpy().copy()

        def detaches_x_itself(x):
            x.detach_()
            return np.array(x.tolist())

        def flag_off_and_on_again(x):
            x.requires_grad = False
            array = x.numpy()
            x.requires_grad = True
            return array

        def snapshot_flag_off(x):
            x.requires_grad = False
            array = np.zeros(len(x), dtype=np.float32)
            for i in range(len(x)):
                array[i] = x[i].item()
            return array

        def snapshot_detached_in_place(x):
            x.detach_()
            return x.clone().numpy()

        def snapshot_flag_off_too(x):
            x.requires_grad = False
            return x.numpy().copy()

    class STILL_A_TENSOR:
        def a_tensor_will_do(x):
            return x.detach().clone()

    class LIST_ARRAY:
        def a_list_will_do(x):
            return x.tolist()

    class INT_DTYPE:
        def cuts_the_digits_off(x):
            return x.detach().int().numpy()

        def snapshot_int_array(x):
            out = np.zeros(tuple(x.shape), dtype=int)
            out[...] = x.detach().numpy()
            return out

    class SNAPSHOT_IS_THE_GRADIENT:
        def the_gradient_of_x(x):
            x.sum().backward()
            return x.grad.numpy().copy()

    class READ_ONLY_IS_SAFE:
        def locks_the_array(x):
            array = x.detach().numpy()
            array.flags.writeable = False
            return array

    class TYPO_ACCEPTED:
        def does_not_call_numpy(x):
            return x.detach().clone().numpy

        def snapshot_copy_not_called(x):
            return x.detach().numpy().copy

        def snapshot_require_grad(x):
            twin = x.clone()
            twin.require_grad = False
            return twin.numpy()

    class NO_GRAD_IS_A_SWITCH:
        def snapshot_bare_no_grad(x):
            torch.no_grad()
            twin = x.clone()
            return twin.numpy()

    class DETACH_IN_PLACE:
        def snapshot_unused_result(x):
            c = x.clone()
            c.detach()
            return c.numpy()

        def snapshot_detach_statement(x):
            x.detach()
            result = x.clone()
            return result.numpy()

    class DATA_IS_SAFE:
        def snapshot_data(x):
            return x.data.numpy()


class no_grad:
    # u = x * x and v = x under no_grad, z = (u + v) * x, x = 3
    right = [15, torch.tensor(15.0), np.float32(15)]
    NO_GRAD_STILL_FLOWS = [33, 33.0]
    NO_GRAD_MAKES_CONSTANTS = [12]
    NO_GRAD_FREEZES_X = [None, 0, "RuntimeError"]
    DETACH_CUTS_THE_OTHER = [torch.tensor(30.0)]
    GRAD_IS_VALUE = [36, 36.0]
    CONSTANT_DROPPED = [6]
    ONE_PATH_ONLY = [9]
    LAST_DEFINED_ONLY = [7.0]


class running_total:
    # [total.requires_grad, report.requires_grad, worst.requires_grad]
    right = [
        [True, False, True],
        (1, 0, 1),
        torch.tensor([True, False, True]),
        np.array([True, False, True]),
    ]
    NO_BACKWARD_NO_GRAPH = [[False, False, False], (False,) * 3]
    LOSS_IS_A_NUMBER = [[False, False, True], [False, True, True]]
    NO_GRAD_STILL_FLOWS = [[True, True, True], torch.tensor([True, True, True])]
    NO_GRAD_MAKES_CONSTANTS = [[True, False, False]]
