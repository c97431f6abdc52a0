"""Wrong answers to the questions as they stand, each with the belief behind it.

What a learner types is kept as text: a guess as it stands behind `guess =`, or a whole
function.
"""

GUESSES = {
    "requires_grad/before": [
        ("[0, 4, 8, 12]", "The flag makes PyTorch differentiate while it computes."),
        ("[0, 0, 0, 0]", "A place for a gradient starts with zeros."),
        ("0", "No slope is known yet, so zero."),
        ("28", "It holds what came out."),
        ("[0, 1, 2, 3]", "It starts as a copy of x."),
        ("'error'", "Reading .grad before backward raises."),
        ("'nothing'", "Nothing is in there."),
    ],
    "requires_grad/late": [
        ("33", "z is x**2 * (x + 1), so 3x**2 + 2x."),
        ("9", "Only y = x + 1 depends on x for z; x**2 is its factor."),
        ("None", "The flag came too late."),
        ("6", "The slope of x**2 is 2x; y is a constant."),
        ("36", "z itself."),
        ("27", "3x**2, for x**2 * x."),
        ("'error'", "requires_grad_ after use is refused."),
        ("25", "A slip: 24 and 1."),
    ],
    "requires_grad/leaves": [
        ("[True, True, False, False]", "c and d were computed."),
        ("[False, True, False, False]", "A leaf has the flag."),
        ("[True, True, True, True]", "All are plain tensors with names."),
        ("[False, False, True, True]", "Leaves are at the end of a tree."),
        ("[False, True, True, False]", "Leaves are what is tracked."),
        ("'a, b'", "The ones that I made."),
    ],
    "backward/factor": [
        ("14", "The slope of x * x, at 7."),
        ("21", "3 times 7; one arrow."),
        ("147", "3 * 49."),
        ("6", "The slope of 3x² is 6."),
        ("3", "y is 3 times u."),
        ("441", "Both arrows carry 21 and meet."),
        ("17", "3 for the factor and 14 for the square."),
        ("[21, 21]", "One for each arrow."),
        ("420", "A slip with a zero."),
        ("43", "Miscalculated 42."),
    ],
    "backward/returns": [
        ("[True, False, False]", "backward returns the gradient."),
        ("[True, True, True]", "It returns it and keeps it, too."),
        ("[False, True, False]", "Only the first leaf is filled."),
        ("[False, False, False]", "Gradients are gone after the walk."),
        ("[None, 5, 3]", "I wrote the numbers."),
    ],
    "backward/who": [
        ("[True, True, True, False]", "All that took part."),
        ("[True, False, True, True]", "All that have the flag."),
        ("[True, False, False, False]", "b is only added, it falls away."),
        ("[True, True, True, True]", "backward fills all tensors."),
        ("'x, s'", "Those two; b is only added."),
    ],
    "backward/middle": [
        ("160", "x.grad: 2 * 16 * 5."),
        ("5", "u.grad is how u changes with x."),
        ("None", "Only leaves have .grad."),
        ("256", "The value of y."),
        ("6", "2 * 3; the square's slope at x."),
        ("16", "retain_grad keeps u."),
        ("1", "u is only passed; gradients start with 1."),
        ("[32, 160]", "Both gradients."),
    ],
    "backward/live": [
        ("12", "x is 6 now, and 2x is 12."),
        ("11", "1 is added to .grad as well."),
        ("0", "In place changes reset the gradient."),
        ("'error'", "A leaf must not be changed in place."),
        ("22", "10 from before, and 12 from now."),
        ("25", "y."),
        ("None", "x is new, so .grad is empty."),
    ],
    "accumulation/used_twice": [
        ("6", "Only the square."),
        ("5", "Only 5 * a."),
        ("30", "6 times 5 along both roads."),
        ("24", "y is 24."),
        ("[6, 5]", "One number from each road."),
        ("5.5", "The mean of both roads."),
        ("2", "1 from u and 1 from v."),
        ("8", "2a + ... I lost a term: 3 + 5."),
    ],
    "accumulation/two_walks": [
        ("[1, 1, 1, 1]", "The second walk writes over the first."),
        ("[0, 4, 8, 12]", "y is rebound, the first graph owns x.grad."),
        ("[0, 4, 8, 12, 1, 1, 1, 1]", "Both, one after the other."),
        ("[[0, 4, 8, 12], [1, 1, 1, 1]]", "A row for each walk."),
        ("'error'", "A second walk is refused."),
        ("[0.5, 2.5, 4.5, 6.5]", "The mean of both."),
        ("[1, 3, 5, 7]", "2x for the first, and 1."),
        ("6", "The last y is 6."),
        ("[0, 5, 10, 15]", "The sum brings x again."),
    ],
    "accumulation/kept": [
        ("8", "g keeps the first slope."),
        ("15", "8 and 7."),
        ("0", "zero_ cleared it, and g was not in the second walk."),
        ("56", "8 times 7."),
        ("28", "7 * 4."),
        ("None", "clearing takes it away."),
    ],
    "accumulation/retained": [
        ("10", "The graph is kept, so the same number again."),
        ("2", "The second walk differentiates again."),
        ("12", "10, and the second derivative 2."),
        ("100", "10 times 10."),
        ("'error'", "Two walks over one graph."),
        ("25", "y."),
        ("50", "25 twice."),
        ("30", "Three times 10: retained, first, second."),
    ],
    "accumulation/second_turn": [
        ("3", "As the text says: 9, 5, 3."),
        ("5", "The first turn; counted from 0."),
        ("1", "9 - 2 * 4: the slope at 9 twice."),
        ("9", "Nothing moves under no_grad."),
        ("24", "w.grad after two turns."),
        ("2", "the third place."),
        ("11", "Added instead of subtracted."),
        ("-2", "A slip: 5 minus 7."),
    ],
    "accumulation/rebind": [
        ("[True, True]", "x stays x."),
        ("[True, False]", "A new plain tensor."),
        ("[False, False]", "No leaf, so no gradient."),
        ("'neither'", "Both are lost."),
    ],
    "vector/weights": [
        ("[2, 6, 8, 10]", "2x; the weights are for the loss."),
        ("[3, -9, 32, 12.5]", "The weights times y."),
        ("[3, -1, 2, 0.5]", "gradient=v sets the gradient."),
        ("[3, -3, 8, 2.5]", "The weights times x."),
        ("[6, -2, 4, 1]", "2v."),
        ("38.5", "The weighted sum: 3 - 9 + 32 + 12.5."),
        ("[5, 5, 10, 10.5]", "2x plus v."),
        ("[6, 6, 16, 5]", "A weight has no sign."),
        ("[1, 9, 16, 25]", "y."),
    ],
    "vector/argument": [
        ("[2, 6, -4]", "It asks for the gradient of y: 2x."),
        ("[1, 9, 4]", "The gradient is set to y."),
        ("[2, 18, 8]", "2y."),
        ("[4, 108, -32]", "y * y is x**4, with 4x**3."),
        ("None", "y is detached, no way back."),
        ("[1, 1, 1]", "y by y is 1."),
        ("[2, 54, 16]", "Forgot the minus."),
    ],
    "vector/second_weight": [
        ("[1, 5]", "The second column."),
        ("[2, 1]", "The row that has the 0... the first row."),
        ("[0, 10]", "The second output is 10."),
        ("[0, 1]", "The weights arrive at x."),
        ("[2, 6]", "Each column added."),
        ("5", "x[1] has the slope 5; one number."),
        ("[0, 6]", "Only x[1] counts: 1 + 5."),
    ],
    "vector/mixed": [
        ("[12, 50]", "J times v."),
        ("[2, 6]", "Both rows."),
        ("[20, 60]", "All times 10."),
        ("[2, 50]", "2 * 1 and 5 * 10."),
        ("[[2, 1], [0, 50]]", "The rows, weighted."),
        ("[2, 100]", "The outputs, weighted."),
        ("[2, 60]", "Columns added, then weighted."),
        ("53", "All in all: 2 + 51."),
    ],
    "detach/product": [
        ("[0, 3, 12, 27]", "3x**2."),
        ("[0, 2, 8, 18]", "Two thirds: 2x * x."),
        ("[1, 1, 1, 1]", "u is constant and falls away."),
        ("[0, 0, 0, 0]", "detached: nothing flows."),
        ("[0, 2, 4, 6]", "u is a constant factor, 2x remains."),
        ("[0, 1, 8, 27]", "z."),
        ("[0, 1, 2, 3]", "The other factor is x."),
        ("14", "The sum of u."),
    ],
    "detach/original": [
        ("[0, 5, 16, 33]", "3x**2 + 2x."),
        ("[0, 1, 4, 9]", "y is cut by detach."),
        ("[0, 2, 4, 6]", "The last walk counts."),
        ("'error'", "y was freed by the first walk."),
        ("[0, 2, 8, 18]", "u times 2x."),
        ("[1, 2, 5, 10]", "u from z, 1 from the sum of y."),
        ("[0, 0, 0, 0]", "Nothing reaches x."),
    ],
    "detach/edited": [
        ("[0, 2, 4, 6]", "u is a copy."),
        ("[0, 0, 4, 6]", "The edited one is constant."),
        ("'error'", "In place on shared memory."),
        ("[0, 10, 4, 6]", "The 10 is in x.grad."),
        ("[0, 100, 4, 9]", "10 squared."),
        ("[0, 10, 2, 3]", "x with a 10."),
        ("[0, 11, 4, 6]", "1 and 10: the old and the new factor."),
    ],
    "detach/no_grad": [
        ("33", "3x**2 + 2x = 27 + 6."),
        ("12", "u and v are constants: 9 + 3."),
        ("'error'", "z has parts without a graph."),
        ("6", "Only v * x: 2x."),
        ("36", "z."),
        ("9", "u alone."),
        ("3", "v = x, so 3."),
        ("30", "2x**2... 27 + 3."),
    ],
    "detach/running_total": [
        ("[False, False, False]", "Nobody walks back."),
        ("[True, True, True]", "All contain loss."),
        ("[True, False, False]", "The block cuts both."),
        ("[False, False, True]", "0.0 is a number, and stays one."),
        ("'total'", "Only that one."),
    ],
    "control_flow/what_ran": [
        ("8", "Three doublings."),
        ("10", "One doubling and the 5."),
        ("-40", "a is negative."),
        ("-160", "d."),
        ("5", "The last line."),
        ("20", "Two doublings."),
        ("None", "An if has no gradient."),
        ("120", "40 times 3."),
        ("39", "40 - 1: the 1 is subtracted."),
    ],
    "control_flow/predicate": [
        ("[True, True, True, True]", "All have the flag."),
        ("[True, True, True, False]", "x and t decide, p is used."),
        ("[True, False, True, True]", "Both branches have x and a factor."),
        ("[False, False, True, False]", "x is only compared."),
        ("[True, False, False, False]", "p is a constant factor."),
        ("'x and p'", "These two."),
    ],
    "control_flow/loop_count": [
        ("27", "int makes x a 3: 3x**2."),
        ("42.875", "x**3."),
        ("12.25", "The last turn: y is x**2."),
        ("0", "int has no slope."),
        ("24.5", "Two of the three turns."),
        ("171.5", "Four turns, rounded up: 4x**3."),
        ("10.5", "3x."),
        ("3", "Three turns."),
        ("36.57", "Digits swapped."),
    ],
    "control_flow/where": [
        ("[0, 0.25]", "0 was chosen there."),
        ("['inf', 0.25]", "The root is vertical at 0."),
        ("[0, 2]", "The values."),
        ("[0, 1]", "where passes a 1."),
        ("'error'", "Division by zero."),
        ("[0, 0.5]", "1 / sqrt(4)."),
        ("[1, 0.25]", "A constant has slope 1."),
    ],
}

FUNCTIONS = {
    "requires_grad/parameter": [
        (
            """
def parameter(values, scale):
    w = torch.tensor(values, requires_grad=True)
    return w * scale
""",
            "The flag when it is made.",
        ),
        (
            """
def parameter(values, scale):
    return torch.tensor(values * scale, dtype=torch.float32, requires_grad=True)
""",
            "A list times a number is like a vector times a number.",
        ),
        (
            """
def parameter(values, scale):
    w = torch.tensor(values, dtype=torch.float32)
    w.requires_grad_()
    return w
""",
            "Forgot to scale.",
        ),
        (
            """
def parameter(values, scale):
    w = torch.tensor(values, dtype=torch.float32) * scale
    return w
""",
            "It is a leaf, as nothing is recorded.",
        ),
        (
            """
def parameter(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        w = w * scale
    return w
""",
            "Under no_grad it stays a leaf with its flag.",
        ),
        (
            """
def parameter(values, scale):
    w = torch.tensor([v * scale for v in values], dtype=torch.float32)
    w.requires_grad_()
""",
            "Forgot the return.",
        ),
    ],
    "requires_grad/used": [
        (
            """
def used(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [leaf.grad != 0 for leaf in leaves]
""",
            "Unused means gradient 0.",
        ),
        (
            """
def used(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return [leaf.grad is None for leaf in leaves]
""",
            "The wrong way round.",
        ),
        (
            """
def used(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    return [f(*leaves).requires_grad for leaf in leaves]
""",
            "The result knows whether something was tracked.",
        ),
        (
            """
def used(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(leaves).backward()
    return [leaf.grad is not None for leaf in leaves]
""",
            "f takes the list.",
        ),
        (
            """
def used(f, values):
    leaves = [torch.tensor(v, requires_grad=True) for v in values]
    f(*leaves).backward()
    return any(leaf.grad is not None for leaf in leaves)
""",
            "Did any take part?",
        ),
    ],
    "backward/derivative": [
        (
            """
def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    return x.grad.item()
""",
            "Forgot the dtype.",
        ),
        (
            """
def derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    return y.backward()
""",
            "backward gives the slope.",
        ),
        (
            """
def derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward()
    return y.grad
""",
            "The gradient of y is in y.",
        ),
        (
            """
def derivative(f, x0):
    h = 1e-5
    x = torch.tensor(x0, dtype=torch.float64)
    return ((f(x + h) - f(x)) / h).item()
""",
            "That is the definition.",
        ),
        (
            """
def derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    return x.grad * x0
""",
            "At x0 means times x0.",
        ),
        (
            """
def derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    return f(x).item()
""",
            "Forgot the walk.",
        ),
        (
            """
def derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward()
    return round(x.grad.item(), 4)
""",
            "Four digits are enough.",
        ),
    ],
    "backward/second": [
        (
            """
def second_derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    y.backward(retain_graph=True)
    y.backward()
    return x.grad.item()
""",
            "Walk back twice.",
        ),
        (
            """
def second_derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (g,) = torch.autograd.grad(f(x), x)
    (h,) = torch.autograd.grad(g, x)
    return h.item()
""",
            "Differentiate, and again.",
        ),
        (
            """
def second_derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return (g * g).item()
""",
            "d squared is the square.",
        ),
        (
            """
def second_derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    (g,) = torch.autograd.grad(f(x), x, create_graph=True)
    return g.item()
""",
            "create_graph makes it the second.",
        ),
        (
            """
def second_derivative(f, x0):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    f(x).backward(create_graph=True)
    x.grad.backward()
    return x.grad.item()
""",
            "x.grad holds what the last walk brings.",
        ),
    ],
    "accumulation/descend": [
        (
            """
def descend(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()
""",
            "Each backward makes a new gradient.",
        ),
        (
            """
def descend(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        f(x).backward()
        x = x - rate * x.grad
    return x.item()
""",
            "As on paper.",
        ),
        (
            """
def descend(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    y = f(x)
    for _ in range(steps):
        x.grad = None
        y.backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()
""",
            "y is computed once.",
        ),
        (
            """
def descend(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x += rate * x.grad
    return x.item()
""",
            "Along the gradient.",
        ),
        (
            """
def descend(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
        return x.item()
""",
            "Return where the loop ends.",
        ),
        (
            """
def descend(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    path = []
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
        path.append(x.item())
    return path
""",
            "All places are more than the last.",
        ),
        (
            """
def descend(f, x0, rate, steps):
    x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= 0.5 * rate * x.grad
    return x.item()
""",
            "Half the step is safer.",
        ),
    ],
    "accumulation/full_gradient": [
        (
            """
def full_gradient(loss, w, batches):
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
    return w.grad
""",
            "The gradients of the batches add up.",
        ),
        (
            """
def full_gradient(loss, w, batches):
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
    return w.grad / len(batches)
""",
            "The mean over the batches.",
        ),
        (
            """
def full_gradient(loss, w, batches):
    for X, y in batches:
        w.grad = None
        loss(w, X, y).backward()
    return w.grad
""",
            "Clear before each walk.",
        ),
        (
            """
def full_gradient(loss, w, batches):
    n = sum(len(X) for X, y in batches)
    for X, y in batches:
        (loss(w, X, y) * len(X) / n).backward()
    return w.grad
""",
            "Nothing is in w.grad before.",
        ),
        (
            """
def full_gradient(loss, w, batches):
    w.grad = None
    X = torch.cat([X for X, y in batches])
    y = torch.cat([y for X, y in batches])
    loss(w, X, y).backward()
    return w.grad
""",
            "All rows together.",
        ),
    ],
    "vector/vjp": [
        (
            """
def vjp(f, x, v):
    x = x.clone().requires_grad_()
    f(x).sum().backward()
    return x.grad * v
""",
            "Weight the gradient.",
        ),
        (
            """
def vjp(f, x, v):
    x = x.clone().requires_grad_()
    f(x).backward(v)
    return v
""",
            "The result is in v.",
        ),
        (
            """
def vjp(f, x, v):
    x = x.clone().requires_grad_()
    f(x).backward()
    return x.grad
""",
            "Forgot the weights.",
        ),
        (
            """
def vjp(f, x, v):
    x = x.clone().requires_grad_()
    (f(x) @ v).backward()
    return 2 * x.grad
""",
            "A product has two factors.",
        ),
        (
            """
def vjp(f, x, v):
    return torch.autograd.functional.jacobian(f, x) @ v
""",
            "J v.",
        ),
    ],
    "vector/jacobian": [
        (
            """
def jacobian(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad.clone())
    return torch.stack(rows)
""",
            "Clones are enough.",
        ),
        (
            """
def jacobian(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
        x.grad.zero_()
    return torch.stack(rows)
""",
            "zero_ after it has been kept.",
        ),
        (
            """
def jacobian(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        x.grad = None
        y.backward(gradient=v)
        rows.append(x.grad)
    return torch.stack(rows)
""",
            "Forgot retain_graph.",
        ),
        (
            """
def jacobian(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows, dim=1)
""",
            "Gradients are columns.",
        ),
        (
            """
def jacobian(f, x):
    x = x.clone().requires_grad_()
    f(x).sum().backward()
    return x.grad
""",
            "One walk for all.",
        ),
        (
            """
def jacobian(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.cat(rows)
""",
            "cat joins them.",
        ),
    ],
    "vector/per_sample": [
        (
            """
def per_sample(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys):
        loss(w, x, y).backward()
        rows.append(w.grad.clone())
    return torch.stack(rows)
""",
            "Cloned, so they are apart.",
        ),
        (
            """
def per_sample(loss, w, X, ys):
    w.grad = None
    for x, y in zip(X, ys):
        loss(w, x, y).backward()
    return w.grad
""",
            "backward collects them.",
        ),
        (
            """
def per_sample(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys):
        w.grad = None
        loss(w, x, y).backward()
        rows.append(w.grad / len(X))
    return torch.stack(rows)
""",
            "Each row's share of the mean.",
        ),
        (
            """
def per_sample(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys):
        w.grad = None
        loss(w, x, y).backward()
        rows.append(w.grad)
    return rows[-1]
""",
            "The last one holds all.",
        ),
        (
            """
def per_sample(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys):
        w.grad = None
        loss(w, x, y).backward()
        rows.append(w.grad)
    return torch.stack(rows[::-1])
""",
            "Walking back turns the order round.",
        ),
    ],
    "detach/half_product": [
        (
            """
def half_product(f, g, x):
    return (f(x).detach() * g(x)).sum()
""",
            "Detach the first factor.",
        ),
        (
            """
def half_product(f, g, x):
    return f(x).sum() * g(x).detach().sum()
""",
            "A sum of both.",
        ),
        (
            """
def half_product(f, g, x):
    with torch.no_grad():
        u = g(x)
    return (f(x) * u).sum()
""",
            "no_grad makes constants.",
        ),
        (
            """
def half_product(f, g, x):
    z = (f(x) * g(x).detach()).sum()
    z.backward()
    return x.grad
""",
            "The gradient is wanted.",
        ),
        (
            """
def half_product(f, g, x):
    return f(x) * g(x).detach()
""",
            "Forgot the sum.",
        ),
    ],
    "detach/snapshot": [
        (
            """
def snapshot(x):
    return x.detach().numpy()
""",
            "detach copies.",
        ),
        (
            """
def snapshot(x):
    return x.numpy()
""",
            "numpy makes an array.",
        ),
        (
            """
def snapshot(x):
    return x.detach().clone()
""",
            "A tensor is as good as an array.",
        ),
        (
            """
def snapshot(x):
    return x.tolist()
""",
            "A list of numbers can be plotted.",
        ),
        (
            """
def snapshot(x):
    x.requires_grad_(False)
    return x.clone().numpy()
""",
            "Switch the flag off first.",
        ),
    ],
    "control_flow/slope": [
        (
            """
def slope(a):
    b = a * 2
    while abs(b) < 1000:
        b = b * 2
    return (b if b > 0 else 100 * b) / a
""",
            "f(a) / a.",
        ),
        (
            """
def slope(a):
    k = 1.0
    while abs(a * k) < 1000:
        k = k * 2
    return k if a > 0 else 100 * k
""",
            "Count the doublings.",
        ),
        (
            """
def slope(a):
    k = 2.0
    while abs(a * k) < 1000:
        k = k * 2
    return k
""",
            "Only doublings.",
        ),
        (
            """
def slope(a):
    k = 2.0
    while abs(a * k) < 1000:
        k = k + 2
    return k if a > 0 else 100 * k
""",
            "Each turn adds a 2.",
        ),
        (
            """
def slope(a):
    k = 2.0
    while abs(a * k) < 1000:
        k = k * 2
    return k if a > 0 else -100 * k
""",
            "For negative numbers it is negative.",
        ),
    ],
    "control_flow/safe_sqrt": [
        (
            """
def safe_sqrt(x):
    return torch.where(x > 0, torch.sqrt(x), 0.0)
""",
            "where chooses.",
        ),
        (
            """
def safe_sqrt(x):
    return torch.sqrt(torch.clamp(x, min=0))
""",
            "The clamp has slope 0.",
        ),
        (
            """
def safe_sqrt(x):
    return torch.sqrt(x[x > 0])
""",
            "Choose them first.",
        ),
        (
            """
def safe_sqrt(x):
    return torch.sqrt(torch.where(x > 0, x, 1.0))
""",
            "A harmless number.",
        ),
        (
            """
def safe_sqrt(x):
    return torch.sqrt(x.abs())
""",
            "abs makes it positive.",
        ),
    ],
}
