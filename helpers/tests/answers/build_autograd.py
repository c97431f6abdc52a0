"""Answers of learners to notebook 8, right and wrong."""

import sys
from collections import defaultdict, deque
from functools import reduce

import numpy as np


class pairs:
    # the last addition alone: (a + a) and a
    right = [2, 2.0, np.int64(2)]
    REMEMBERS_THE_LEAVES = [3]
    REMEMBERS_ALL = [4]
    SLOPES_ARE_A_SET = [1]
    REMEMBERS_NOTHING = [0]
    GRAD_IS_VALUE = [9.0]


class product_slopes:
    class right:
        def as_tuples(a, b):
            return (a, b.value), (b, a.value)

        def pairs_that_are_lists(a, b):
            return [[a, b.value], [b, a.value]]

        def b_comes_first(a, b):
            return [(b, a.value), (a, b.value)]

        def zipped(a, b):
            return list(zip((a, b), (b.value, a.value), strict=True))

        def step_by_step(a, b):
            slopes = []
            slopes.append((a, float(b.value)))
            slopes.append((b, float(a.value)))
            return slopes

        def by_trying(a, b, h=2.0**-20):
            """Take the difference of two products; a product is straight."""
            in_a = ((a.value + h) * b.value - (a.value - h) * b.value) / (2 * h)
            in_b = (a.value * (b.value + h) - a.value * (b.value - h)) / (2 * h)
            return [(a, in_a), (b, in_b)]

        def square_joined(a, b):
            if a is b:
                return [(a, 2 * a.value)]
            return [(a, b.value), (b, a.value)]

    class OWN_VALUE_IS_SLOPE:
        def loop_over_both(a, b):
            return [(it, it.value) for it in (a, b)]

        def tuples(a, b):
            return ((a, a.value), (b, b.value))

    class RULE_OF_PLUS:
        def ones(a, b):
            return [(it, 1.0) for it in (a, b)]

    class FORGETS_A_PARENT:
        def one_pair(a, b):
            return [(a, b.value)]

        def overwritten(a, b):
            slopes = [(a, b.value)]
            slopes = [(b, a.value)]
            return slopes

    class REMEMBERS_VALUES:
        def names_the_values(a, b):
            x, y = a.value, b.value
            return [(x, y), (y, x)]

    class PAIR_TURNED_ROUND:
        def slope_first(a, b):
            return [[b.value, a], [a.value, b]]

    class SLOPES_ALONE:
        def numbers_only(a, b):
            return (b.value, a.value)

    class PRODUCT_IS_SLOPE:
        def product_for_both(a, b):
            y = a.value * b.value
            return [(a, y), (b, y)]

    class SLOPES_ARE_NUMBERS:
        def forgot_value(a, b):
            return ((a, b), (b, a))

    class ONE_PAIR:
        def no_list(a, b):
            return (a, b.value)

    class DICT_RETURNED:
        def by_input(a, b):
            return {a: b.value, b: a.value}

    class SLOPE_BY_TRYING:
        def inverses(a, b):
            return [(a, 1 / (b.value or 1)), (b, 1 / (a.value or 1))]

        def twice(a, b):
            return [(a, 2 * a.value), (b, 2 * b.value)]

        def same_for_both(a, b):
            return [(a, b.value), (b, b.value)]

    class VALUE_RETURNED:
        def multiplies(a, b):
            y = b.value * a.value
            return y

    class INPUTS_CHANGED:
        def scales_first(a, b):
            slopes = [(a, b.value), (b, a.value)]
            b.value = b.value * a.value
            return slopes

    class NOTHING_RETURNED:
        def forgot_return(a, b):
            [(a, b.value), (b, a.value)]


class visits:
    right = [256, 2**8, 256.0, np.int64(256)]
    PATHS_ADD = [16]
    NUMBERS_ONCE = [1]
    STEPS_COUNTED = [8, 9]
    ALL_VISITS = [511]
    LAST_STEP_ONLY = [2]
    OFF_BY_ONE = [128, 512]
    POWER_TURNED_ROUND = [64]


class order:
    class right:
        def counts_who_waits(result):
            """Count the uses of each number, then take what nobody waits for."""
            found, uses, queue = {result}, defaultdict(int), [result]
            for number in queue:
                for a, _ in number.slopes:
                    uses[a] += 1
                    if a not in found:
                        found.add(a)
                        queue.append(a)
            ready, back = [result], []
            while ready:
                number = ready.pop()
                back.append(number)
                for a, _ in number.slopes:
                    uses[a] -= 1
                    if not uses[a]:
                        ready.append(a)
            return back[::-1]

        def two_colours(result):
            """Push each number twice: first open it, then put it down."""
            done, numbers, stack = set(), [], [(result, False)]
            while stack:
                number, opened = stack.pop()
                if opened:
                    numbers.append(number)
                elif number not in done:
                    done.add(number)
                    stack.append((number, True))
                    stack += [(a, False) for a, _ in number.slopes if a not in done]
            return numbers

        def iterators_on_a_stack(result):
            seen, numbers = {id(result)}, []
            stack = [(result, iter(result.slopes))]
            while stack:
                number, rest = stack[-1]
                for a, _ in rest:
                    if id(a) not in seen:
                        seen.add(id(a))
                        stack.append((a, iter(a.slopes)))
                        break
                else:
                    numbers.append(number)
                    stack.pop()
            return numbers

        def all_inputs_at_once(result):
            done, stack = {}, [result]
            while stack:
                number = stack[-1]
                waiting = [a for a, _ in number.slopes if a not in done]
                stack += waiting
                if not waiting:
                    done[number] = None
                    stack.pop()
            return [*done]

        def with_a_deeper_python(result):
            before = sys.getrecursionlimit()
            sys.setrecursionlimit(20_000)
            done = {}

            def visit(number):
                if number not in done:
                    for a, _ in number.slopes:
                        visit(a)
                    done[number] = True

            try:
                visit(result)
            finally:
                sys.setrecursionlimit(before)
            return list(done)

        def layer_by_layer(result):
            """Sort by the longest way from the result."""
            waits = counts(result)
            depth, ready, numbers = {result: 0}, deque([result]), []
            while ready:
                number = ready.popleft()
                numbers.append(number)
                for a, _ in number.slopes:
                    depth[a] = max(depth.get(a, 0), depth[number] + 1)
                    waits[a] -= 1
                    if waits[a] == 0:
                        ready.append(a)
            return sorted(numbers, key=lambda number: -depth[number])

    class REMEMBERED_BY_VALUE:
        def a_set_of_values(result):
            numbers, seen, stack = [], set(), [result]
            while stack:
                waiting = [a for a, _ in stack[-1].slopes if a.value not in seen]
                if waiting:
                    stack.append(waiting[-1])
                else:
                    numbers.append(stack.pop())
                    seen.add(numbers[-1].value)
            return numbers

        def value_and_operation(result):
            done, stack = {}, [result]
            while stack:
                waiting = [
                    a for a, _ in stack[-1].slopes if (a.value, a.op) not in done
                ]
                if waiting:
                    stack.append(waiting[0])
                else:
                    n = stack.pop()
                    done[n.value, n.op] = n
            return list(done.values())

        def by_recursion(result):
            numbers, seen = [], set()

            def visit(n):
                if n.value not in seen:
                    seen.add(n.value)
                    for a, _ in n.slopes:
                        visit(a)
                    numbers.append(n)

            visit(result)
            return numbers

    class RECURSION_IS_DEEP_ENOUGH:
        def post_order(result):
            numbers, seen = [], set()

            def build(v):
                if v not in seen:
                    seen.add(v)
                    for a, _ in v.slopes:
                        build(a)
                    numbers.append(v)

            build(result)
            return numbers

        def by_generators(result, seen=None):
            seen = {} if seen is None else seen
            if result not in seen:
                for a, _ in result.slopes:
                    order.RECURSION_IS_DEEP_ENOUGH.by_generators(a, seen)
                seen[result] = True
            return list(seen) if result.slopes or len(seen) == 1 else None

    class RECURSES_WITHOUT_END:
        def no_end(result):
            return [*order.RECURSES_WITHOUT_END.no_end(result), result]

    class RESULT_FIRST:
        def not_turned_round(result):
            return order.right.two_colours(result)[::-1]

    class AS_THEY_ARE_MET:
        def breadth(result):
            seen, queue, numbers = {result}, deque([result]), []
            while queue:
                number = queue.popleft()
                numbers.insert(0, number)
                for a, _ in number.slopes:
                    if a not in seen:
                        seen.add(a)
                        queue.append(a)
            return numbers

        def pre_order(result):
            seen, stack = [], [result]
            known = set()
            while stack:
                number = stack.pop()
                if number not in known:
                    known.add(number)
                    seen.append(number)
                    stack.extend(a for a, _ in number.slopes)
            return list(reversed(seen))

    class FORGETS_A_PARENT:
        def follows_the_last(result):
            numbers = [result]
            while numbers[0].slopes:
                numbers.insert(0, numbers[0].slopes[-1][0])
            return numbers

    class ONE_GENERATION:
        def only_parents(result):
            numbers = []
            for a, _ in result.slopes:
                if a not in numbers:
                    numbers.append(a)
            return [*numbers, result]

    class RESULT_MISSING:
        def all_but_it(result):
            return [it for it in order.right.two_colours(result) if it is not result]

    class INPUTS_CHANGED:
        def pops_the_slopes(result):
            done, stack = {}, [result]
            while stack:
                number = stack[-1]
                if number.slopes and type(number.slopes) is list:
                    a, _ = number.slopes.pop()
                    if a not in done:
                        stack.append(a)
                else:
                    done[stack.pop()] = True
            return list(done)

    class VISITS_PATHS:
        def no_memory(result):
            numbers, stack = [], [result]
            while stack:
                number = stack.pop()
                numbers.append(number)
                stack += [a for a, _ in number.slopes]
            return list(dict.fromkeys(reversed(numbers)))

        def never_pops(result):
            stack = [result]
            while stack:
                number = stack[-1]
                len(number.slopes)
            return stack

    class STRANGERS:
        def values(result):
            return [number.value for number in order.right.two_colours(result)]

        def pairs_themselves(result):
            return list(result.slopes) or [1]

    class PAIR_FOR_A_NUMBER:
        def not_taken_apart(result):
            done = {}

            def visit(number):
                for a in number.slopes:
                    visit(a)
                done[number] = True

            visit(result)
            return list(done)

    class LIST_WANTED:
        def a_dict(result):
            return dict.fromkeys(order.right.two_colours(result), True)

        def a_set(result):
            return set(order.right.two_colours(result))

    class NOTHING_RETURNED:
        def prints(result):
            print(order.right.two_colours(result))


def counts(result):
    """Count the uses of each number behind a result."""
    found, queue = defaultdict(int), [result]
    seen = {result}
    for number in queue:
        for a, _ in number.slopes:
            found[a] += 1
            if a not in seen:
                seen.add(a)
                queue.append(a)
    return found


class walk:
    class right:
        def pushes_with_get(numbers):
            gradients = {numbers[-1]: 1.0}
            for number in numbers[::-1]:
                for a, slope in number.slopes:
                    gradients[a] = gradients.get(a, 0.0) + gradients[number] * slope
            return gradients

        def a_default_dict(numbers):
            gradients = defaultdict(float)
            gradients[numbers[-1]] += 1
            for number in reversed(numbers):
                mine = gradients[number]
                for a, slope in number.slopes:
                    gradients[a] += mine * slope
            return gradients

        def pulls(numbers):
            """Ask of each number who was made from it."""
            gradients = {}
            for number in reversed(numbers):
                total = 1.0 if number is numbers[-1] else 0.0
                for user in numbers:
                    for a, slope in user.slopes:
                        if a is number:
                            total += slope * gradients[user]
                gradients[number] = total
            return gradients

        def by_index(numbers):
            grads = [0] * len(numbers)
            grads[-1] = 1
            place = {id(number): n for n, number in enumerate(numbers)}
            for n in range(len(numbers) - 1, -1, -1):
                for a, slope in numbers[n].slopes:
                    grads[place[id(a)]] += slope * grads[n]
            return {number: float(grads[n]) for n, number in enumerate(numbers)}

        def a_copy_is_used_up(numbers):
            rest, gradients = list(numbers), dict.fromkeys(numbers, 0)
            gradients[rest[-1]] = 1
            while rest:
                number = rest.pop()
                for pair in number.slopes:
                    gradients[pair[0]] += pair[1] * gradients[number]
            return gradients

        def with_numpy(numbers):
            place = {number: n for n, number in enumerate(numbers)}
            slopes = np.zeros((len(numbers), len(numbers)))
            for number in numbers:
                for a, slope in number.slopes:
                    slopes[place[number], place[a]] += slope
            row = np.zeros(len(numbers))
            row[-1] = 1
            total = row.copy()
            for _ in numbers:
                row = row @ slopes
                total += row
            return dict(zip(numbers, total, strict=True))

    class OVERWRITES:
        def sets(numbers):
            gradients = {numbers[-1]: 1.0}
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] = slope * gradients[number]
            return gradients

    class FIRST_ARRIVAL_STAYS:
        def keeps_the_first(numbers):
            gradients = {numbers[-1]: 1.0}
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients.setdefault(a, slope * gradients[number])
            return gradients

    class MULTIPLIES_WHERE_ROADS_MEET:
        def product(numbers):
            gradients = {numbers[-1]: 1.0}
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] = gradients.get(a, 1.0) * slope * gradients[number]
            return gradients

    class NO_CHAIN:
        def adds_slopes(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            for number in numbers:
                for a, slope in number.slopes:
                    gradients[a] += slope
            return gradients

    class GRADIENT_WITHOUT_SLOPE:
        def hands_on(numbers):
            gradients = defaultdict(float, {numbers[-1]: 1.0})
            for number in reversed(numbers):
                for a, _ in number.slopes:
                    gradients[a] += gradients[number]
            return gradients

    class SLOPES_ADDED:
        def plus(numbers):
            gradients = defaultdict(float, {numbers[-1]: 1.0})
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] += gradients[number] + slope
            return gradients

    class STARTS_AT_ZERO:
        def forgot_the_one(numbers):
            gradients = defaultdict(float)
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] += slope * gradients[number]
            return {number: gradients[number] for number in numbers}

    class STARTS_WITH_THE_VALUE:
        def starts_with_y(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = numbers[-1].value
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] += slope * gradients[number]
            return gradients

    class FORWARDS:
        def not_reversed(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            for number in numbers:
                for a, slope in number.slopes:
                    gradients[a] += slope * gradients[number]
            return gradients

    class FORGETS_A_PARENT:
        def first_pair(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            for number in reversed(numbers):
                if number.slopes:
                    a, slope = number.slopes[0]
                    gradients[a] += slope * gradients[number]
            return gradients

        def a_dict_of_inputs(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            for number in reversed(numbers):
                for a, slope in {a: s for a, s in number.slopes}.items():
                    gradients[a] += slope * gradients[number]
            return gradients

    class INPUTS_CHANGED:
        def reverses(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            numbers.reverse()
            for number in numbers:
                for a, slope in number.slopes:
                    gradients[a] += slope * gradients[number]
            return gradients

        def pops(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            while numbers:
                number = numbers.pop()
                for a, slope in number.slopes:
                    gradients[a] += slope * gradients[number]
            return gradients

    class TOTALS_IN_THE_NUMBERS:
        def grads_of_numbers(numbers):
            for number in numbers:
                number.grad = 0.0
            numbers[-1].grad = 1.0
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    a.grad += slope * number.grad
            return {number: number.grad for number in numbers}

    class LEAVES_ONLY:
        def without_the_middle(numbers):
            gradients = walk.right.a_default_dict(numbers)
            return {it: gradients[it] for it in numbers if len(it.slopes) == 0}

    class KEY_MISSING:
        def no_zeros(numbers):
            gradients = {numbers[-1]: 1}
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] += gradients[number] * slope
            return gradients

    class LIST_RETURNED:
        def a_list(numbers):
            gradients = walk.right.a_default_dict(numbers)
            return [gradients[number] for number in numbers]

    class NOTHING_RETURNED:
        def forgot(numbers):
            walk.right.a_default_dict(numbers)

    class KEYS_ARE_VALUES:
        def by_value(numbers):
            gradients = {number.value: 0.0 for number in numbers}
            gradients[numbers[-1].value] = 1.0
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a.value] += slope * gradients[number.value]
            return gradients

        def by_value_at_first(numbers):
            gradients = walk.KEYS_ARE_VALUES.by_value(numbers)
            return {number: gradients[number.value] for number in numbers}

    class PULLS_FROM_INPUTS:
        def wrong_way(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            for number in reversed(numbers):
                gradients[number] += sum(s * gradients[a] for a, s in number.slopes)
            return gradients

    class ALL_START_AT_ONE:
        def ones(numbers):
            gradients = dict.fromkeys(numbers, 1)
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] += slope * gradients[number]
            return gradients

    class FORWARD_MODE:
        def from_the_first(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[0]] = 1.0
            for number in numbers:
                for a, slope in number.slopes:
                    gradients[number] += slope * gradients[a]
            return gradients

    class SUBTRACTS:
        def minus(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] -= slope * gradients[number]
            return gradients

    class NEXT_STEP:
        def squares(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            gradients[numbers[-1]] = 1.0
            for number in reversed(numbers):
                for a, slope in number.slopes:
                    gradients[a] += slope**2 * gradients[number]
            return gradients

    class WALKS_ROADS:
        def appends_while_going(numbers):
            gradients = dict.fromkeys(numbers, 0.0)
            for number in numbers:
                numbers.append(number)
            return gradients


class second_walk:
    right = [36, 36.0, 12 + 24]
    LEAVES_ALONE_ADD = [24.0]
    OVERWRITE = [12]
    RESULT_ADDS_TOO = [48]
    GRAD_IS_VALUE = [6, 3]
    GRAPH_FREED = ["error"]
    WALKS_MULTIPLIED = [144]
    CLEARED = [0]


class broadcast:
    right = [[11, 22, 33], np.array([11.0, 22.0, 33.0])]
    ONE_USE_ONLY = [[1, 2, 3], [10, 20, 30]]
    ACCUMULATION_AVERAGES = [[5.5, 11, 16.5]]
    MATRIX_SHAPED = [[[1, 2, 3], [10, 20, 30]]]
    ROWS_SUMMED = [[6, 60]]
    COUNTED_ONLY = [[2, 2, 2]]
    GRAD_IS_VALUE = [[55, 132, 231]]


class fit:
    class right:
        def two_loops(gradient, shape):
            while gradient.ndim > len(shape):
                gradient = gradient.sum(axis=0)
            for axis, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.sum(axis=axis, keepdims=True)
            return gradient

        def where_sizes_differ(gradient, shape):
            padded = (1,) * (gradient.ndim - len(shape)) + tuple(shape)
            sizes = zip(gradient.shape, padded, strict=True)
            axes = tuple(n for n, (large, small) in enumerate(sizes) if large != small)
            return gradient.sum(axis=axes, keepdims=True).reshape(shape)

        def asks_torch(gradient, shape):
            import torch

            return torch.tensor(gradient).sum_to_size(shape).numpy()

        def adds_at_each_place(gradient, shape):
            result = np.zeros(shape)
            places = np.broadcast_to(
                np.arange(result.size).reshape(shape), gradient.shape
            )
            np.add.at(result.reshape(-1), places.reshape(-1), gradient.reshape(-1))
            return result

        def reduces(gradient, shape):
            extra = gradient.ndim - len(shape)
            gradient = reduce(lambda g, _: g.sum(0), range(extra), gradient)
            axes = [axis for axis in range(len(shape)) if shape[axis] == 1]
            return reduce(lambda g, n: g.sum(n, keepdims=True), axes, gradient)

        def same_shape_first(gradient, shape):
            if gradient.shape == shape:
                return gradient
            if gradient.ndim > len(shape):
                return fit.right.same_shape_first(np.add.reduce(gradient), shape)
            axis = next(n for n, s in enumerate(shape) if s != gradient.shape[n])
            smaller = gradient.sum(axis=axis, keepdims=True)
            return fit.right.same_shape_first(smaller, shape)

    class LIST_RETURNED:
        def lists_of_lists(gradient, shape):
            return fit.right.two_loops(gradient, shape).tolist()

        def a_tensor(gradient, shape):
            import torch

            return torch.tensor(gradient).sum_to_size(shape)

    class FIRST_ROW_ONLY:
        def picks(gradient, shape):
            for _ in range(gradient.ndim - len(shape)):
                gradient = gradient[0]
            return gradient[
                tuple(slice(0, 1) if s == 1 else slice(None) for s in shape)
            ]

    class ACCUMULATION_AVERAGES:
        def mean(gradient, shape):
            while gradient.ndim > len(shape):
                gradient = gradient.mean(axis=0)
            for axis, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.mean(axis=axis, keepdims=True)
            return gradient

    class AXES_OF_ONE_FORGOTTEN:
        def only_leading(gradient, shape):
            while gradient.ndim > len(shape):
                gradient = gradient.sum(axis=0)
            return gradient

        def one_sum(gradient, shape):
            return gradient.sum(tuple(range(gradient.ndim - len(shape))))

    class LEADING_AXES_FORGOTTEN:
        def only_ones(gradient, shape):
            for axis, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.sum(axis=axis, keepdims=True)
            return gradient

    class KEEPDIMS_FORGOTTEN:
        def drops(gradient, shape):
            while gradient.ndim > len(shape):
                gradient = gradient.sum(axis=0)
            axes = tuple(n for n, size in enumerate(shape) if size == 1)
            return gradient.sum(axis=axes)

    class SUM_OF_ALL:
        def everything(gradient, shape):
            return np.sum(gradient)

    class RESIZED:
        def cuts(gradient, shape):
            return np.resize(gradient, shape)

    class FIRST_AXIS_ALWAYS:
        def axis_0(gradient, shape):
            return gradient.sum(axis=0)

        def pythons_sum(gradient, shape):
            return sum(gradient)

    class WHICH_AXES:
        def zeros(gradient, shape):
            return np.zeros(shape)

    class RIGHT_AXES_SUMMED:
        def from_the_right(gradient, shape):
            while gradient.ndim > len(shape):
                gradient = gradient.sum(-1)
            for axis, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.sum(axis=axis, keepdims=True)
            return gradient

    class AXES_SHIFTED:
        def ones_before_the_left(gradient, shape):
            for axis, size in enumerate(shape):
                if size == 1:
                    gradient = gradient.sum(axis=axis, keepdims=True)
            while gradient.ndim > len(shape):
                gradient = gradient.sum(axis=0)
            return gradient

    class RETURNED_AS_IT_CAME:
        def nothing_done(gradient, shape):
            return gradient.copy()

    class BROADCASTS_AGAIN:
        def reshapes(gradient, shape):
            return gradient.reshape(shape)

    class INPUTS_CHANGED:
        def zeroes(gradient, shape):
            result = fit.right.two_loops(gradient.copy(), shape)
            gradient[...] = 0
            return result

    class NOTHING_RETURNED:
        def forgot(gradient, shape):
            fit.right.two_loops(gradient, shape)


class wrong_factor:
    right = [6, 6.0, 2 * 3]
    TORCH_KNOWS_BETTER = [3]
    OTHER_INPUT = [5, 10]
    GRAD_IS_VALUE = [15, 30.0]
    TORCH_CHECKS = ["error"]
    FACTOR_ALONE = [2]
