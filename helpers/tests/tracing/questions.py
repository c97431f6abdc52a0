"""More programs, and what is asked about each: said.txt has every answer.

They stand on the side roads of `why`: two causes at once, what was watched in part,
what looks like a fault and is none. Where a program says `watch` itself, the rest of
it was not watched.
"""

QUESTIONS: dict[str, tuple[str, str]] = {}


def question(name: str, source: str, ask: str = "w, loss"):
    """Add a program, and what is asked about it."""
    QUESTIONS[name] = source.strip("\n"), ask


# ---- results, and their leaves -------------------------------------------------

question(
    "a result with an open road beside a cut one",
    """
w = torch.ones(3, requires_grad=True)
h = 2 * w
loss = h.sum() + h.detach().sum()
""",
    "h, loss",
)
question(
    "a result that is cut twice, on two lines",
    """
w = torch.ones(3, requires_grad=True)
h = 2 * w
one = h.detach()
loss = one.sum() + h.tolist()[0]
""",
    "h, loss",
)
question(
    "a result of two leaves",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = v * w
h.sum().backward()
""",
    "h",
)
question(
    "a result that was changed in place",
    """
w = torch.ones(3, requires_grad=True)
h = 2 * w
h.add_(1)
""",
    "h",
)
question(
    "a result of several steps",
    """
w = torch.ones(3, requires_grad=True)
g = 2 * w
h = g.exp()
""",
    "h",
)
question(
    "a result that was made where nobody watched",
    """
w = torch.ones(3, requires_grad=True)
h = 2 * w
with watch():
    loss = h.sum()
""",
    "h, loss",
)
question(
    "a result that nobody saw",
    """
w = torch.ones(3, requires_grad=True)
with watch():
    v = 3 * w
h = 2 * w
""",
    "h",
)

# ---- what asks for no gradient ---------------------------------------------------

question(
    "a transform of torch.func",
    """
w = torch.ones(3)
slope = torch.func.grad(lambda t: (t ** 2).sum())(w)
loss = (w - slope).sum()
""",
)
question(
    "a tensor that asked for nothing and was not used",
    """
w, v = torch.ones(3), torch.ones(3, requires_grad=True)
loss = (v * 2).sum()
""",
)
question(
    "a frozen parameter that was not used",
    """
w = nn.Parameter(torch.ones(3), requires_grad=False)
v = torch.ones(3, requires_grad=True)
loss = (v * 2).sum()
""",
)
question(
    "a parameter that was made frozen",
    """
w = nn.Parameter(torch.ones(3), requires_grad=False)
v = torch.ones(3, requires_grad=True)
loss = (v * w).sum()
""",
)
question(
    "frozen, then asked again too late",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
w.requires_grad_(False)
w.requires_grad_(True)
w.requires_grad_(False)
h = v * w
h = h + v * w
w.requires_grad_(False)
w.requires_grad_(True)
w.requires_grad_(False)
w.requires_grad_(True)
loss = h.sum()
""",
)
question(
    "asked too late, where nobody watched",
    """
w, v = torch.ones(3), torch.ones(3, requires_grad=True)
with watch():
    h = v * w
w.requires_grad_(True)
with watch():
    loss = h.sum()
""",
)
question(
    "frozen after it was used, but asked in time",
    """
w, v = torch.ones(3), torch.ones(3, requires_grad=True)
w.requires_grad_(True)
h = (v * w).detach()
loss = h.sum()
""",
)

# ---- what was not used -----------------------------------------------------------

question(
    "a leaf of numbers that led to the result by themselves",
    """
base, v = torch.ones(3), torch.ones(3, requires_grad=True)
w = (2 * base).requires_grad_()
loss = (base * v).sum()
""",
)
question(
    "a leaf of numbers that nothing else used",
    """
base, v = torch.ones(3), torch.ones(3, requires_grad=True)
w = (2 * base).requires_grad_()
loss = (v * 3).sum()
""",
)
for _copy in ("detach()", "clone()", "data", "tolist()"):
    question(
        f"a leaf of numbers that were used, and copied by {_copy} afterwards",
        f"""
base, v = torch.ones(3), torch.ones(3, requires_grad=True)
w = (2 * base).requires_grad_()
h = base * v
loss = h.sum() + torch.as_tensor(base.{_copy}).sum()
""",
    )
question(
    "a leaf that nobody saw",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
with watch():
    loss = (v * 3).sum()
""",
)
question(
    "a leaf that nobody saw, and a result of what nobody saw",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = v * 2
with watch():
    loss = (h * 3).sum()
""",
)
question(
    "a leaf that nobody saw, and a result of what is gone",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = v * 2
with watch():
    loss = (h + 3).sum()
del h
""",
)
question(
    "a leaf that nobody saw, and a result that was only used",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (v * 2).sum()
with watch():
    h = loss * 2
""",
)
question(
    "a result that nobody saw, without a graph",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3)
with watch():
    h = w * 2
loss = (v * 2).sum()
""",
)
question(
    "a result that nobody saw, with a graph",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
with watch():
    h = w * 2
loss = (v * 2).sum()
""",
)
question(
    "a result that was made where nobody watched, and used later",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (v * 2).sum()
with watch():
    h = w * loss
""",
)
question(
    "one of two that came out of one call",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
one, other = torch.broadcast_tensors(w, v)
loss = other.sum()
loss.backward()
""",
)
question(
    "one of two that came out of one call, and asks for nothing",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3)
one, other = torch.broadcast_tensors(w, v)
loss = other.sum()
""",
)
question(
    "a function of one's own that hands nothing back",
    """
class Silent(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        return a * 2
    @staticmethod
    def backward(ctx, g):
        return None
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = Silent.apply(w)
loss = (h * v).sum()
loss.backward()
""",
)

# ---- overwritten, or left out ------------------------------------------------------

question(
    "overwritten after steps under other names",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = w * 2
g = h + 1
loss = g.sum()
loss = (v * 2).sum()
loss.backward()
""",
)
question(
    "overwritten, with an update in between",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
with torch.no_grad():
    w -= 0.5
loss = (w * 2).sum()
loss = (v * 2).sum()
loss.backward()
""",
)
question(
    "a name that is bound again after the result was made",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (v * 2).sum()
kept = loss
loss = (w * 2).sum()
""",
    "w, kept",
)
question(
    "a name that was first used for what is not recorded",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
with torch.no_grad():
    loss = (w * 2).sum()
loss = (v * 2).sum()
""",
)
question(
    "a key that is used twice, of what took two steps",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
parts = {}
for t in (w, v):
    h = t * 2
    g = h + 1
    parts["one"] = (g ** 2).sum()
loss = 1.0 * parts["one"]
""",
)
question(
    "a key that is used twice, in the second turn of training",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
for turn in range(2):
    parts = {}
    for t in (w, v):
        key = t if turn == 0 else "one"
        parts[key] = (t * 2).sum()
    loss = 1.0 * sum(parts.values())
    w.grad = None
    loss.backward()
""",
)
