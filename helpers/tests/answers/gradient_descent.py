"""Answers of learners to notebook 7, right and wrong."""

import torch
import torch.nn.functional as F

bce = F.binary_cross_entropy_with_logits


class rate:
    # w**2 from 1 with rate 1.25, after the second turn
    right = [2.25, 9 / 4, torch.tensor(2.25), 1.5**2, "2.25"]
    RATE_ARRIVES_SOONER = [0, 0.0]
    STEP_CLEARS_AND_STOPS = [-1.5, "-1.5"]
    OFF_BY_ONE = [-3.375]
    GRADIENT_FROZEN = [-4, 1 - 2 * 2.5]
    OVERWRITE = [-0.25]
    SIGN_LOST = [-5.25]
    UPHILL = [12.25, 3.5**2]
    SLOPE_HALVED = [0.0625]
    SLOPE_NOT_PLACE = [-3, 3.75]


class forgotten:
    right = [
        [True, False, False],
        (1, 0, 0),
        torch.tensor([True, False, False]),
        "clear",
        ["clear"],
    ]
    NOTHING_MISSED = [[True, True, True]]
    ALL_THREE_OR_NOTHING = [[False, False, False], (0, 0, 0)]
    BACKWARD_MOVES = [[True, False, True], [False, False, True]]
    STEP_WALKS_BACK = [[True, True, False], [False, True, False]]
    FORGETTING_RAISES = ["error"]
    MOVES_AND_STANDS_SWAPPED = [[False, True, True]]


class cleared:
    right = [None, "None"]
    NONE_IS_ZERO = [0, 0.0, torch.tensor(0.0)]
    GRAD_IS_A_SNAPSHOT = [6, 6.0]
    GRAD_IS_LIVE = [4.8]
    GRAD_IS_VALUE = [2.4, 3]
    CLEARED_IS_AN_ERROR = ["error", "AttributeError"]


class step:
    class right:
        def data_and_add(parameters, rate):
            for p in parameters:
                if p.grad is None:
                    continue
                p.data.add_(p.grad, alpha=-rate)
                p.grad.zero_()

        def two_loops(parameters, rate):
            used = [p for p in parameters if p.grad is not None]
            with torch.no_grad():
                for p in used:
                    p -= rate * p.grad
            for p in used:
                p.grad = None

        def lets_torch_do_it(parameters, rate):
            optimizer = torch.optim.SGD(parameters, lr=rate)
            optimizer.step()
            optimizer.zero_grad()

        @torch.no_grad()
        def copies_the_new_value(parameters, rate):
            for p in parameters:
                g = p.grad
                if g is not None:
                    p.copy_(p - rate * g)
                p.grad = None

        def through_a_detached_name(parameters, rate):
            for p in parameters:
                if p.grad is not None:
                    here = p.detach()
                    here -= rate * p.grad
                    p.grad = None

        def indexes(parameters, rate):
            for i in range(len(parameters)):
                if parameters[i].grad is not None:
                    with torch.no_grad():
                        parameters[i] -= parameters[i].grad * rate
                    parameters[i].grad *= 0
            return parameters

        def takes_from_the_list(parameters, rate):
            while parameters:
                p = parameters.pop()
                if p.grad is not None:
                    p.data -= rate * p.grad
                    p.grad = None

    class REBIND:
        def new_name(parameters, rate):
            for w in parameters:
                if w.grad is not None:
                    with torch.no_grad():
                        w = w - w.grad * rate

        def new_name_recorded(parameters, rate):
            for p in parameters:
                if p.grad is None:
                    continue
                g = p.grad
                p = p - rate * g

    class STOPS_AT_NONE:
        def returns(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    if p.grad is None:
                        return
                    p -= rate * p.grad
                    p.grad = None

        def breaks(parameters, rate):
            for p in parameters:
                if p.grad is None:
                    break
                p.data -= rate * p.grad
                p.grad.zero_()

    class UPDATE_IS_FREE:
        def recorded(parameters, rate):
            for p in parameters:
                if p.grad is not None:
                    p -= p.grad * rate
                    p.grad = None

        def sub(parameters, rate):
            for p in parameters:
                if p.grad is not None:
                    p.sub_(rate * p.grad)
                    p.grad.zero_()

    class GRAD_EVERYWHERE:
        def never_asks(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    p -= rate * p.grad
                    p.grad = None

        def never_asks_and_zeroes(parameters, rate):
            for p in parameters:
                p.data -= rate * p.grad
                p.grad.zero_()

    class OVERWRITE:
        def only_steps(parameters, rate):
            for p in parameters:
                if p.grad is not None:
                    p.data -= rate * p.grad

        def torch_without_clearing(parameters, rate):
            torch.optim.SGD(parameters, lr=rate).step()

    class TRUTH_OF_A_TENSOR:
        def if_grad(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    if p.grad:
                        p -= rate * p.grad
                        p.grad = None

        def if_not_grad(parameters, rate):
            for p in parameters:
                if not p.grad:
                    continue
                p.data -= rate * p.grad
                p.grad.zero_()

    class ZEROED_TOO_EARLY:
        def new_name_and_clears(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    g = p.grad
                    if g is not None:
                        p.grad = None
                        p = p - rate * g

        def clears_just_before(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    if p.grad is not None:
                        p.grad = None
                        p -= rate * p.grad

        def clears_first(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    p.grad = None
                    if p.grad is not None:
                        p -= rate * p.grad

        def zeroes_first(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    if p.grad is not None:
                        p.grad.zero_()
                        p -= rate * p.grad

    class UPHILL:
        def adds(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    if p.grad is not None:
                        p += rate * p.grad
                        p.grad = None

    class STEP_CLEARS_AND_STOPS:
        def returns_in_the_loop(parameters, rate):
            for p in parameters:
                if p.grad is not None:
                    with torch.no_grad():
                        p -= rate * p.grad
                    p.grad = None
                return

    class OWN_VALUE:
        def shrinks_the_parameter(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    if p.grad is not None:
                        p -= p * rate
                        p.grad = None

    class LIST_IS_NO_TENSOR:
        def treats_the_list_as_one(parameters, rate):
            with torch.no_grad():
                parameters -= rate * parameters.grad
            parameters.grad = None

    class RATE_FORGOTTEN:
        def whole_gradient(parameters, rate):
            with torch.no_grad():
                for p in parameters:
                    if p.grad is not None:
                        p -= p.grad
                        p.grad = None

    class NEW_LEAF:
        def replaces_in_the_list(parameters, rate):
            for i, p in enumerate(parameters):
                if p.grad is not None:
                    new = p.detach() - rate * p.grad
                    parameters[i] = new.requires_grad_()

        def replaces_and_clears(parameters, rate):
            with torch.no_grad():
                for i, p in enumerate(parameters):
                    if p.grad is not None:
                        parameters[i] = p - rate * p.grad
                        p.grad = None

        def replaces_by_a_result(parameters, rate):
            for i in range(len(parameters)):
                if parameters[i].grad is not None:
                    parameters[i] = parameters[i] - rate * parameters[i].grad


class learn:
    class right:
        def one_vector_of_65(X, y, rate, turns):
            ones = torch.ones(len(X), 1, dtype=torch.float64)
            wide = torch.cat([X, ones], 1)
            v = torch.zeros(wide.shape[1], dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                v.grad = None
                bce(wide @ v, y).backward()
                with torch.no_grad():
                    v -= rate * v.grad
            return v[:-1], v[-1]

        def with_grad(X, y, rate, turns):
            w = torch.zeros(X.size(1)).double().requires_grad_()
            b = torch.zeros(1).double().requires_grad_()
            for _ in range(turns):
                gw, gb = torch.autograd.grad(bce(X @ w + b, y), (w, b))
                w.data -= rate * gw
                b.data -= rate * gb
            return w, b

        def with_an_optimizer(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=X.dtype, requires_grad=True)
            b = torch.tensor(0.0, dtype=X.dtype, requires_grad=True)
            optimizer = torch.optim.SGD([w, b], lr=rate)
            for _ in range(turns):
                optimizer.zero_grad()
                bce(X.mv(w) + b, y).backward()
                optimizer.step()
            return [w, b]

        def by_the_formula(X, y, rate, turns):
            w, b = torch.zeros_like(X[0]), torch.zeros_like(y[0])
            for _ in range(turns):
                off = torch.sigmoid(X @ w + b) - y
                w, b = w - rate * X.T @ off / len(y), b - rate * off.mean()
            return w, b

        def new_leaves_each_turn(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64)
            b = torch.zeros((), dtype=torch.float64)
            for _ in range(turns):
                w, b = w.detach().requires_grad_(), b.detach().requires_grad_()
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w, b = w - rate * w.grad, b - rate * b.grad
            return w, b

        def clears_at_the_end(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                p = torch.sigmoid(X @ w + b)
                loss = -(y * p.log() + (1 - y) * (1 - p).log()).mean()
                loss.backward()
                with torch.no_grad():
                    for it in (w, b):
                        it -= rate * it.grad
                        it.grad.zero_()
            return w.detach(), b.detach()

    class OVERWRITE:
        def never_clears(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                    b -= rate * b.grad
            return w, b

        def optimizer_never_clears(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
            optimizer = torch.optim.SGD([w, b], lr=rate)
            for _ in range(turns):
                bce(X @ w + b, y).backward()
                optimizer.step()
            return w, b

    class ONE_CLEARED:
        def forgets_b(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad = None
                bce(X @ w + b, y).backward()
                w.data -= rate * w.grad
                b.data -= rate * b.grad
            return w, b

    class BIAS_STANDS:
        def b_is_no_leaf_to_learn(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.tensor(0.0, dtype=torch.float64)
            for _ in range(turns):
                w.grad = None
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w -= rate * w.grad
            return w, b

    class SUM_MEAN:
        def reduces_by_sum(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad = b.grad = None
                bce(X @ w + b, y, reduction="sum").backward()
                with torch.no_grad():
                    w -= rate * w.grad
                    b -= rate * b.grad
            return w, b

    class LOGITS_TWICE:
        def sigmoid_first(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad = b.grad = None
                p = torch.sigmoid(X @ w + b)
                bce(p, y).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                    b -= rate * b.grad
            return w, b

    class UPHILL:
        def adds(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad = b.grad = None
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w += rate * w.grad
                    b += rate * b.grad
            return w, b

    class REBIND:
        def new_tensors(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w = w - rate * w.grad
                    b = b - rate * b.grad
            return w, b

    class UPDATE_IS_FREE:
        def recorded(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad = b.grad = None
                bce(X @ w + b, y).backward()
                w -= rate * w.grad
                b -= rate * b.grad
            return w, b

    class GRAPH_FREED:
        def score_before_the_loop(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            score = X @ w + b
            for _ in range(turns):
                w.grad = b.grad = None
                loss = bce(score, y)
                loss.backward()
                with torch.no_grad():
                    w -= rate * w.grad
                    b -= rate * b.grad
            return w, b

    class FORGOT_FLAG:
        def no_flags(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64)
            b = torch.zeros((), dtype=torch.float64)
            for _ in range(turns):
                bce(X @ w + b, y).backward()
                w -= rate * w.grad
                b -= rate * b.grad
            return w, b

    class STEP_CLEARS_AND_STOPS:
        def returns_in_the_loop(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(max(turns, 1)):
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                    b -= rate * b.grad
                return w, b

    class NO_RETURN:
        def forgets_to_return(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad = b.grad = None
                bce(X @ w + b, y).backward()
                w.data -= rate * w.grad
                b.data -= rate * b.grad

    class ONE_RETURNED:
        def returns_w(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad = b.grad = None
                bce(X @ w + b, y).backward()
                w.data -= rate * w.grad
                b.data -= rate * b.grad
            return w

    class MORE_RETURNED:
        def returns_the_loss(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            loss = None
            for _ in range(turns):
                w.grad = b.grad = None
                loss = bce(X @ w + b, y)
                loss.backward()
                w.data -= rate * w.grad
                b.data -= rate * b.grad
            return w, b, loss

    class RANDOM_START:
        def starts_with_randn(X, y, rate, turns):
            w = torch.randn(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.randn((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad = b.grad = None
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                    b -= rate * b.grad
            return w, b

    class FLOAT32:
        def default_dtype(X, y, rate, turns):
            w = torch.zeros(X.shape[1], requires_grad=True)
            b = torch.zeros(1, requires_grad=True)
            for _ in range(turns):
                w.grad = b.grad = None
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                    b -= rate * b.grad
            return w, b

    class NONE_IS_ZERO:
        def zeroes_before_the_first_walk(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for _ in range(turns):
                w.grad.zero_()
                b.grad.zero_()
                bce(X @ w + b, y).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                    b -= rate * b.grad
            return w, b

    class ROWS_FOR_TURNS:
        def a_row_each_turn(X, y, rate, turns):
            w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
            b = torch.zeros((), dtype=torch.float64, requires_grad=True)
            for x, t in zip(X, y):
                w.grad = b.grad = None
                bce(w @ x + b, t).backward()
                w.data -= rate * w.grad
                b.data -= rate * b.grad
            return w, b


class outside:
    right = [1, 1.0, torch.tensor(1), "1"]
    GRAPH_IS_REUSABLE = [5]
    FAILS_AT_ONCE = [0]
    ERROR_FOR_STEPS = ["error"]
    TURN_FOR_STEPS = [2, 2.0]
    LAST_TURN_FAILS = [4]


class parts:
    # (1x - 1)**2 for 1 ... 5, in parts of 4 and 1, each mean halved
    right = [25, 25.0, torch.tensor(25.0), 5 + 20]
    MEAN_OF_MEANS = [16, 16.0]
    ACCUMULATION_SUMS = [50]
    OVERWRITE = [20]
    FIRST_WINS = [5.0]
    SUM_MEAN = [40, 80]
    PART_OF_ONE_IS_LOST = [10]
    GRAD_IS_VALUE = [6]


class epoch:
    class right:
        def slices(loss, w, X, y, size, rate):
            for start in range(0, len(X), size):
                rows = slice(start, start + size)
                w.grad = None
                loss(w, X[rows], y[rows]).backward()
                with torch.no_grad():
                    w -= rate * w.grad

        def with_grad(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                (g,) = torch.autograd.grad(loss(w, rows, labels), w)
                w.data -= rate * g

        def with_an_optimizer(loss, w, X, y, size, rate):
            optimizer = torch.optim.SGD([w], lr=rate)
            for rows, labels in zip(torch.split(X, size), torch.split(y, size)):
                optimizer.zero_grad()
                loss(w, rows, labels).backward()
                optimizer.step()

        def with_a_while(loss, w, X, y, size, rate):
            at = 0
            while at < X.shape[0]:
                if w.grad is not None:
                    w.grad.zero_()
                loss(w, X[at : at + size], y[at : at + size]).backward()
                w.data.sub_(w.grad, alpha=rate)
                at += size
            return w

        def with_a_loader(loss, w, X, y, size, rate):
            data = torch.utils.data.TensorDataset(X, y)
            for rows, labels in torch.utils.data.DataLoader(data, batch_size=size):
                w.grad = None
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w.copy_(w - rate * w.grad)

        def clears_twice(loss, w, X, y, size, rate):
            w.grad = None
            for rows, labels in zip(X.split(size), y.split(size)):
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                w.grad = None

    class OVERWRITE:
        def never_clears(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                loss(w, rows, labels).backward()
                w.data -= rate * w.grad

        def clears_before_the_loop(loss, w, X, y, size, rate):
            w.grad = None
            for start in range(0, len(X), size):
                part = loss(w, X[start : start + size], y[start : start + size])
                part.backward()
                with torch.no_grad():
                    w -= rate * w.grad

    class FIRST_WALK_FINDS_OLD:
        def clears_after_the_step(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                w.grad.zero_()

    class ONE_STEP_FOR_ALL:
        def steps_at_the_end(loss, w, X, y, size, rate):
            w.grad = None
            for rows, labels in zip(X.split(size), y.split(size)):
                loss(w, rows, labels).backward()
            with torch.no_grad():
                w -= rate * w.grad

        def no_parts(loss, w, X, y, size, rate):
            w.grad = None
            loss(w, X, y).backward()
            with torch.no_grad():
                w -= rate * w.grad

    class ROW_BY_ROW:
        def forgets_to_split(loss, w, X, y, size, rate):
            for rows, labels in zip(X, y):
                w.grad = None
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w -= rate * w.grad

    class CHUNK_IS_NO_SPLIT:
        def chunks(loss, w, X, y, size, rate):
            for rows, labels in zip(X.chunk(size), y.chunk(size)):
                w.grad = None
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w -= rate * w.grad

    class WHOLE_IN_EACH_TURN:
        def gives_all(loss, w, X, y, size, rate):
            for _ in range(0, len(X), size):
                w.grad = None
                loss(w, X, y).backward()
                with torch.no_grad():
                    w -= rate * w.grad

    class LAST_PART_LOST:
        def whole_parts_only(loss, w, X, y, size, rate):
            for i in range(len(X) // size):
                w.grad = None
                rows = slice(i * size, (i + 1) * size)
                loss(w, X[rows], y[rows]).backward()
                with torch.no_grad():
                    w -= rate * w.grad

    class PART_OF_ONE_IS_LOST:
        def returns_in_the_loop(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                w.grad = None
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w -= rate * w.grad
                return w

    class SHARE_NOT_STEP:
        def weights_the_loss(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                w.grad = None
                (loss(w, rows, labels) * len(rows) / len(X)).backward()
                with torch.no_grad():
                    w -= rate * w.grad

    class COUNT_NOT_STEP:
        def divides_by_the_parts(loss, w, X, y, size, rate):
            parts = X.split(size)
            for rows, labels in zip(parts, y.split(size)):
                w.grad = None
                (loss(w, rows, labels) / len(parts)).backward()
                w.data -= rate * w.grad

    class MEAN_TWICE:
        def divides_by_the_rows(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                w.grad = None
                (loss(w, rows, labels) / len(rows)).backward()
                w.data -= rate * w.grad

    class UPHILL:
        def adds(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                w.grad = None
                loss(w, rows, labels).backward()
                w.data += rate * w.grad

    class REBIND:
        def new_tensor(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                w.grad = None
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w = w - rate * w.grad

        def new_leaf_each_turn(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                w = w.detach().requires_grad_()
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w = w - rate * w.grad

    class UPDATE_IS_FREE:
        def recorded(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                w.grad = None
                loss(w, rows, labels).backward()
                w -= rate * w.grad

    class GRAD_STARTS_AT_ZERO:
        def zeroes(loss, w, X, y, size, rate):
            for rows, labels in zip(X.split(size), y.split(size)):
                w.grad.zero_()
                loss(w, rows, labels).backward()
                with torch.no_grad():
                    w -= rate * w.grad


class frozen:
    # velocity 2, then 0.75 * 2; a quarter of it is taken from 1, then from 0.5
    right = [0.125, torch.tensor(0.125), "1/8", 0.5 - 0.375]
    FROZEN_STANDS = [0.5, "0.50"]
    NOT_FROZEN = [-0.125, 0.25]
    GRADIENT_FROZEN = [-0.375, 0]
    NO_GRAD_BLOCKS_UPDATE = [1, 1.0]
    FREEZING_RAISES = ["error"]
    STEP_NOT_PLACE = [0.375, 1.5]
    RATE_FORGOTTEN = [-1.0]
