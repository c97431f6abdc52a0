"""More programs, and what is asked about each: said.txt has every answer.

They stand on the side roads of `why`: two causes at once, what was watched in part,
what looks like a fault and is none. Where a program says `watch` itself, the rest of
it was not watched.
"""

QUESTIONS: dict[str, tuple[str, str]] = {}


def question(name: str, source: str, ask: str = "w, loss"):
    """Add a program, and what is asked about it."""
    QUESTIONS[name] = source.strip("\n"), ask


# ---- results, and their leaves -------------------------------------------------------

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
with watch():
    w = torch.ones(3, requires_grad=True)
h = 2 * w
""",
    "h",
)

# ---- what asks for no gradient -------------------------------------------------------

question(
    "a transform of torch.func",
    """
w = torch.ones(3)
slope = torch.func.grad(lambda t: (t ** 2).sum())(w)
loss = (w - slope).sum()
""",
)
question(
    "a transform of torch.func that gives the value as well",
    """
w = torch.ones(3)
slope, loss = torch.func.grad_and_value(lambda t: (t ** 2).sum())(w)
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
for turn in range(3):
    w.requires_grad_(True)
    w.requires_grad_(False)
h = v * w
w.requires_grad_(False)
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

question(
    "bound anew by a function, where nothing is recorded",
    """
def shrink(t): return 0.1 * t
w = torch.ones(3, requires_grad=True)
with torch.no_grad():
    w = shrink(w)
""",
    "w",
)

# ---- what was not used ---------------------------------------------------------------

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
    "a leaf that only gave its shape",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(1, requires_grad=True)
loss = v.expand_as(w).sum()
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

# ---- overwritten, or left out --------------------------------------------------------

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
    "overwritten, beside another use",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = w * 2
loss = (w * 3).sum()
loss = (v * 2).sum()
loss.backward()
""",
)
question(
    "overwritten, as an attribute in a loop",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
box = type("Box", (), {})()
for t in (w, v):
    box.loss = (t * 2).sum()
loss = box.loss
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
    "a key that is used twice, of what was used otherwise as well",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
parts = {}
for t in (w, v):
    g = t + 1
    h = t * 2
    parts["one"] = (t ** 2).sum()
loss = 1.0 * parts["one"]
""",
)
question(
    "a key that is used twice by others",
    """
u, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
w = torch.ones(3, requires_grad=True)
size = w * 2
parts = {}
for t in (u, v):
    parts["one"] = (t ** 2).sum()
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

# ---- gradients that are there --------------------------------------------------------

question(
    "set by hand, and used for another result",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss.backward()
w.grad = torch.ones(3)
h = w * 2
""",
)
question(
    "nan that nobody saw",
    """
# without watch()
w = torch.zeros(3, requires_grad=True)
loss = (w * 0).pow(0.5).sum()
loss.backward()
""",
)
question(
    "nan that nobody saw, and no result",
    """
# without watch()
w = torch.zeros(3, requires_grad=True)
(w * 0).pow(0.5).sum().backward()
""",
    "w",
)
question(
    "infinity that nobody saw, of a graph that is kept",
    """
# without watch()
w = torch.zeros(3, requires_grad=True)
loss = (2 * w.sqrt()).sum()
loss.backward(retain_graph=True)
""",
)
question(
    "infinity and nan that nobody saw, of a graph that is kept",
    """
# without watch()
w = torch.zeros(3, requires_grad=True)
loss = w.sqrt().sum() + (w.log() * 0).sum()
loss.backward(retain_graph=True)
""",
)
question(
    "nan of a walk that is long ago",
    """
w, v = torch.zeros(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (w.sqrt() * 0).sum()
loss.backward()
for turn in range(20):
    (v * 2).sum().backward()
""",
)
question(
    "infinity at a line",
    """
w = torch.zeros(3, requires_grad=True)
h = 2 * w.sqrt()
loss = h.sum()
loss.backward()
""",
)
question(
    "nan that another result has brought",
    """
w, v = torch.zeros(3, requires_grad=True), torch.ones(3, requires_grad=True)
other = w.sqrt()
(other * 0).sum().backward()
loss = (w * v).sum()
""",
)
question(
    "nan that another result has brought, made where nobody watched",
    """
w = torch.zeros(3, requires_grad=True)
other = (w.sqrt() * 0).sum()
with watch():
    loss = (w * 2).sum()
    other.backward()
""",
)
question(
    "nan of a hook",
    """
w = torch.ones(3, requires_grad=True)
w.register_hook(lambda grad: grad * float("nan"))
loss = (w * 2).sum()
loss.backward()
""",
)
question(
    "infinity and nan by two roads",
    """
w = torch.zeros(3, requires_grad=True)
h = w.sqrt()
g = w.log()
loss = h.sum() + (g * 0).sum()
loss.backward()
""",
)
question(
    "written through data after the walk",
    """
w = torch.tensor([1.0, 2.0], requires_grad=True)
h = torch.tanh(w)
loss = h.sum()
loss.backward()
h.data.clamp_(max=0.5)
""",
)
question(
    "written through data before anything was saved",
    """
w = torch.tensor([1.0, 2.0], requires_grad=True)
h = 2 * w
h.data.clamp_(max=0.5)
loss = h.tanh().sum()
loss.backward()
""",
)
question(
    "written in place where no step needs it",
    """
w = torch.ones(3, requires_grad=True)
g = w + 0
loss = (g * 3).sum()
g += 1
loss.backward()
""",
)
question(
    "a road that is cut beside an open one",
    """
w = torch.ones(3, requires_grad=True)
h = w * 2
loss = (h * w.detach()).sum()
loss.backward()
""",
)
question(
    "a gradient that is there, without a result",
    """
# without watch()
w = torch.ones(3, requires_grad=True)
(w * 2).sum().backward()
""",
    "w",
)
question(
    "of three turns without a sum, the last was walked",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
for t in (w, v, w):
    loss = (t * 2).sum()
loss.backward()
""",
)
question(
    "of three turns without a sum, none was walked",
    """
w = torch.ones(3, requires_grad=True)
(w * 1).sum().backward()
for k in range(3):
    loss = (w * k).sum()
h = loss * 2
""",
)
question(
    "a result that nobody saw, but its walk",
    """
w = torch.ones(3, requires_grad=True)
loss = (w * 2).sum()
with watch():
    loss.backward()
""",
)
for _clearing in ("w.grad.zero_()", "w.grad.fill_(0)", "w.grad.mul_(0)"):
    question(
        f"cleared by {_clearing} before the step",
        f"""
w = torch.ones(3, requires_grad=True)
loss = (w * 2).sum()
loss.backward()
{_clearing}
""",
    )
question(
    "cleared with zeros after the step",
    """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
loss = (w * 2).sum()
loss.backward()
opt.step()
opt.zero_grad(set_to_none=False)
""",
)
question(
    "cleared with zeros, and walked again to nothing",
    """
w = torch.ones(3, requires_grad=True)
loss = (w * 2).sum()
loss.backward()
w.grad.zero_()
loss = (w * 0).sum()
loss.backward()
""",
)
question(
    "0 that nobody saw",
    """
# without watch()
w = torch.ones(3, requires_grad=True)
loss = (w - 9).relu().sum()
loss.backward()
""",
)
question(
    "0 that nobody saw, of a graph that is kept",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
with watch():
    h = v * (w - 9).relu()
    loss = h.sum()
loss.backward(retain_graph=True)
""",
)
question(
    "0 of a result that keeps its gradient",
    """
w = torch.ones(3, requires_grad=True)
h = w * 2
h.retain_grad()
loss = (h - 9).relu().sum()
loss.backward()
""",
    "h, loss",
)
question(
    "a result that keeps its gradient, of another one",
    """
w = torch.ones(3, requires_grad=True)
h = w * 2
h.retain_grad()
(h - 9).relu().sum().backward()
loss = w.sum()
""",
    "h, loss",
)
question(
    "0 that another result has brought",
    """
w = torch.ones(3, requires_grad=True)
(w - 9).relu().sum().backward()
loss = (w ** 2).sum()
""",
)
question(
    "0 of a hook",
    """
w = torch.ones(3, requires_grad=True)
w.register_hook(lambda grad: grad * 0)
loss = (w * 2).sum()
loss.backward()
""",
)
question(
    "0 where what was written is written over",
    """
w, h = torch.ones(2, requires_grad=True), torch.zeros(2)
v = torch.ones(1, requires_grad=True)
h[:1] = w[:1]
h[:1] = v
loss = h.sum()
loss.backward()
""",
)
question(
    "0 by one factor, and by the other",
    """
w = torch.zeros(2, requires_grad=True)
h = w * w
loss = h.sum()
loss.backward()
""",
)
question(
    "0 at a step that nobody saw, right after one that was seen",
    """
w = torch.ones(3, requires_grad=True)
with watch():
    h = w * -2
loss = h.relu().sum()
with watch():
    loss.backward()
""",
)
question(
    "0 at a step that nobody saw, between two that were seen",
    """
w = torch.ones(3, requires_grad=True)
with watch():
    h = w * -2
g = h.relu()
with watch():
    loss = g.sum()
    loss.backward()
""",
)
question(
    "a function of one's own, as it should be",
    """
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        return a * 2
    @staticmethod
    def backward(ctx, g):
        return g * 2
w = torch.ones(3, requires_grad=True)
loss = Double.apply(w + 1).sum()
loss.backward()
""",
)
question(
    "0 in a function of one's own, called by a function",
    """
class Flat(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        return a * 2
    @staticmethod
    def backward(ctx, g):
        return g * 0
def flatten(t):
    return Flat.apply(t)
w = torch.ones(3, requires_grad=True)
h = flatten(w)
loss = h.sum()
loss.backward()
""",
)
question(
    "a weight that decays by hand",
    """
w = torch.ones(3, requires_grad=True)
for turn in range(2):
    loss = (w ** 2).sum()
    w.grad = None
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad + 0.01 * w
""",
)

# ---- sums over several walks ---------------------------------------------------------

question(
    "the same two parts, walked again and again",
    """
w = torch.ones(3, requires_grad=True)
h = w.exp()
one, other = h.sum(), (h * h).sum()
loss = one + other
for turn in range(10):
    one.backward(retain_graph=True)
    size = w.grad.norm().item()
    other.backward(retain_graph=True)
    size = w.grad.norm().item()
""",
)
question(
    "a walk that is long ago",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (w - 9).relu().sum()
loss.backward(retain_graph=True)
for turn in range(20):
    (v * 2).sum().backward()
""",
)
question(
    "changed by hand, through a view of it, between two walks",
    """
w = torch.ones(3, requires_grad=True)
(w * 2).sum().backward()
with torch.no_grad():
    w[0] = 3.0
    w.view(3).sub_(1)
loss = (w * 3).sum()
loss.backward()
""",
)
question(
    "something else is changed by hand between two walks",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3)
(w * 2).sum().backward()
v.sub_(1)
loss = (w * 3).sum()
loss.backward()
""",
)
question(
    "three results of three lines, added up",
    """
w = torch.ones(3, requires_grad=True)
a = (w * 1).sum()
b = (w * 2).sum()
c = (w * 3).sum()
for part in (a, b, c): part.backward(retain_graph=True)
loss = a + b
loss = loss + c
""",
)

# ---- optimizers ----------------------------------------------------------------------

question(
    "a step that came before the walk",
    """
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.ones(2, 3)).sum().backward()
opt.step()
net[1] = nn.Linear(3, 2)
opt.zero_grad()
loss = net(torch.ones(2, 3)).sum()
loss.backward()
""",
    "net[1].weight, loss",
)
question(
    "a gradient without a walk, and a step",
    """
w = torch.ones(3, requires_grad=True)
loss = (w * 2).sum()
w.grad = torch.ones(3)
torch.optim.SGD([w], lr=0.1).step()
""",
)
question(
    "an optimizer of what nobody saw",
    """
old = nn.Linear(2, 1)
opt = torch.optim.SGD(old.parameters(), lr=0.1)
def make():
    return torch.ones(2, requires_grad=True)
with watch():
    w = make()
    loss = (w ** 2).sum()
    loss.backward()
    opt.step()
""",
)
question(
    "a leaf that a function made, and others that were made outside of it",
    """
old = torch.ones(2, requires_grad=True)
opt = torch.optim.SGD([old], lr=0.1)
def make():
    return torch.ones(2, requires_grad=True)
w = make()
loss = (w ** 2).sum()
loss.backward()
opt.step()
""",
)

# ---- roads through numbers, arrays and memory ----------------------------------------

for _result in ("h.detach()", "h.detach().cpu()", "h.data", "h.argmax()"):
    question(
        f"a result that is itself cut off by {_result}",
        f"""
w = torch.ones(3, requires_grad=True)
h = 2 * w
loss = {_result}
""",
    )
question(
    "detached, and a number after that",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
size = w.sum().detach().item()
loss = (v * size).sum()
""",
)
question(
    "detached, and asked for a gradient of its own",
    """
w = torch.ones(3, requires_grad=True)
h = (2 * w).detach().requires_grad_()
loss = h.sum()
loss.backward()
""",
)
question(
    "detached in place",
    """
w = torch.ones(3, requires_grad=True)
h = 2 * w
h.detach_()
loss = h.sum()
""",
)
question(
    "copied by its own method",
    """
w = torch.ones(3, requires_grad=True)
h = w.__deepcopy__({})
loss = h.sum()
loss.backward()
""",
)
question(
    "handed to NumPy where nothing is recorded",
    """
w = torch.ones(3, requires_grad=True)
with torch.no_grad():
    h = w * 2
a = h.numpy()
loss = torch.from_numpy(a).sum()
""",
)
question(
    "copied where nothing is recorded",
    """
w = torch.ones(3, requires_grad=True)
with torch.no_grad():
    h = w * 2
loss = torch.tensor(h).sum()
""",
)
question(
    "detached to be copied",
    """
w = torch.ones(3, requires_grad=True)
h = (2 * w).detach()
loss = torch.tensor(h).sum()
""",
)
question(
    "detached, used otherwise, and handed to NumPy",
    """
w = torch.ones(3, requires_grad=True)
h = (2 * w).detach()
g = w * 3
c = h.clone()
a = h.numpy()
loss = torch.from_numpy(a).sum() + c.sum() + g.detach().sum()
""",
)
question(
    "detached twice on one line, for one array",
    """
w = torch.ones(3, requires_grad=True)
h, g = 2 * w, 3 * w
loss = torch.tensor(np.stack([h.detach().numpy(), g.detach().numpy()])).sum()
""",
)
question(
    "cut on five lines",
    """
w = torch.ones(3, requires_grad=True)
a = w.detach()
b = w.data
c = w.argmax()
d = w.tolist()[0]
e = torch.tensor(w)
loss = (a + b + c + d + e).sum()
""",
)
question(
    "cut three times on two lines",
    """
w = torch.ones(3, requires_grad=True)
a = w.detach() + 1
b = w.data + (2 * w).data
loss = (a + b).sum()
""",
)
question(
    "written into a view, beside what was detached",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = torch.zeros(3)
row = h[0]
row += (w.detach() * v).sum()
loss = (h * 2).sum()
loss.backward()
""",
)
question(
    "a view that was made before its base was written",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = torch.zeros(3)
loss = h[0]
h += w.detach() * v
""",
)
question(
    "a view that was used after its base was written",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
g = v * 2
with watch():
    h = torch.zeros(3)
    row = h[0]
    h += g
    loss = row * 2
""",
)
question(
    "two functions that use one name",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
def first():
    loss = (w * 2).sum()
    return loss
kept = first()
loss = (v * 2).sum()
""",
)
question(
    "an attribute that is set again",
    """
class Box: pass
box = Box()
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
box.loss = (w * 2).sum()
box.loss = (v * 2).sum()
""",
    "w, box.loss",
)
question(
    "a checkpoint of what chooses",
    """
from torch.utils.checkpoint import checkpoint
w = torch.ones(3, requires_grad=True)
best = checkpoint(torch.argmax, 3 * w, use_reentrant=False)
loss = torch.ones(3)[best]
""",
)
question(
    "a distribution where nothing is recorded",
    """
w = torch.ones(3, requires_grad=True)
with torch.no_grad():
    h = torch.distributions.Normal(w, 1.0).log_prob(torch.zeros(3))
loss = h.sum()
""",
)
for _turn in ("step", "walk", "failed walk"):
    _after = {
        "step": "loss.backward()\n    mean = w.mean().item()\n    opt.step()",
        "walk": "mean = w.mean().item()\n    loss.backward()",
        "failed walk": "loss.backward()\n    mean = w.mean().item()\n    fail(loss)",
    }[_turn]
    question(
        f"a number from before the last {_turn}",
        f"""
w = torch.ones(3, requires_grad=True)
opt, mean = torch.optim.SGD([w], lr=0.1), 0.0
def fail(loss):
    try: loss.backward()
    except RuntimeError: pass
for turn in range(2):
    opt.zero_grad()
    loss = ((w - mean) ** 2).sum()
    {_after}
loss = ((w - 2 * mean - 3) ** 2).sum()
opt.zero_grad()
loss.backward()
""",
    )
question(
    "the first call that was watched makes a number",
    """
w = torch.tensor(2.0, requires_grad=True)
with watch():
    size = w.item()
    loss = w * size
    loss.backward()
""",
)
question(
    "a gradient that is only made smaller",
    """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for turn in range(2):
    loss = (w ** 2).sum()
    loss.backward()
    w.grad.div_(2)
    opt.step()
""",
)
for _used in ("one", "two", "three", "four"):
    for _line in (
        "one, two = 1.0, w.sum().item()",
        "one, two, three = 1.0, w.sum().item(), 2.0",
        "one, two, three = 1.0, 2.0, w.sum().item()",
        "one, two, three, four = 1.0, 2.0, w.sum().item(), 3.0",
        "one = two = w.sum().item()",
        "one, two = pair(w.sum().item())",
        "one, two = w.sum().item() if pair else 1.0, 1.0",
    ):
        if _used in _line:
            question(
                f"{_line}, of which {_used} is used",
                f"""
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
def pair(t): return t, 1.0
{_line}
loss = (v * {_used}).sum()
""",
            )
for _kind in ("global size", "nonlocal size", "pass"):
    question(
        f"a number in a function that says {_kind}",
        f"""
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
size, other = 2.0, 3.0
def outer():
    {"size = 1.0" if _kind != "global size" else "pass"}
    def inner():
        {_kind}
        size, other = w.sum().item(), 1.0
        return (v * size).sum() if '{_kind}' == 'pass' else 0.0
    part = inner()
    return part + (v * size).sum()
loss = outer()
""",
    )
for _kept in (
    "box.size = w.sum().item()",
    "box.parts.append(w.sum().item())",
    "parts.append(w.sum().item())",
    "parts[0] = w.sum().item()",
    "table['a'] = w.sum().item()",
    "parts[n] = (w * v).sum().item()",
    "parts = [t.item() for t in w]",
    "parts = {n: t.item() for n, t in enumerate(w)}",
    "parts = [[t.item() + n for t in w] for n in range(2)][0]",
    "parts = sum(t.item() for t in w)",
    "parts = list(map(lambda t: t.item(), w))",
    "parts = list(numbers(w))",
    "parts = store(w.sum().item())",
):
    for _used in ("box.size", "box.parts", "parts", "table", "other"):
        if _used in _kept or _used == "other":
            question(
                f"{_kept}, then {_used} is used",
                f"""
class Box: size, parts = 1.0, [1.0]
def plain(t): return list(t.values()) if type(t) is dict else t
def numbers(t):
    for each in t: yield each.item()
def store(number):
    box.size = number
    return number
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
box, parts, table, other, n = Box(), [1.0], {{}}, [2.0], 0
{_kept}
loss = torch.as_tensor(plain({_used})).sum() * v
""",
            )

# ---- no walk yet, or one that is not known -------------------------------------------

question(
    "gradients that are given back",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
(a,) = torch.autograd.grad(loss, w, retain_graph=True)
(b,) = torch.autograd.grad(loss, w, retain_graph=True)
(b,) = torch.autograd.grad(loss, w, retain_graph=True)
(b,) = torch.autograd.grad(loss, w)
(c,) = torch.autograd.grad((w ** 3).sum(), w)
""",
    "w, loss",
)
question(
    "gradients that are given back, once too often",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
torch.autograd.grad(loss, w, retain_graph=True)
torch.autograd.grad(loss, w)
torch.autograd.grad(loss, w)
""",
)
question(
    "gradients that another result gives back",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
(a,) = torch.autograd.grad((w ** 3).sum(), w)
""",
    "w, loss",
)
question(
    "looked at before the result was made, and after a step",
    """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
print(w.grad)
opt.step()
total = (w ** 2).sum()
v = torch.ones(3, requires_grad=True)
print(v.grad)
print(w.grad)
opt.step()
""",
    "w, total",
)
question(
    "the first call that was watched is a look",
    """
w = torch.ones(3, requires_grad=True)
with watch():
    print(w.grad)
""",
    "w",
)
question(
    "a leaf alone, beside a name for nothing",
    """
nothing = None
w = torch.ones(3, requires_grad=True)
""",
    "w",
)
question(
    "a leaf alone, beside what was walked",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
walked = (w.detach() * v).sum()
walked.backward()
""",
    "w",
)
question(
    "a leaf alone whose gradient was taken away, and what was walked is gone",
    """
w = torch.ones(3, requires_grad=True)
(w ** 2).sum().backward()
w.grad = None
""",
    "w",
)
question(
    "a gradient that was taken away after the step",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss.backward()
with torch.no_grad():
    w -= w.grad
w.grad = None
""",
)
question(
    "a step, a walk, and a gradient that was taken away",
    """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
opt.step()
loss = (w ** 2).sum()
loss.backward()
w.grad = None
opt.step()
""",
)
question(
    "used once, and taken away before it was used again",
    """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for turn in range(2):
    loss = (w ** 2).sum()
    loss.backward()
    if turn == 0: opt.step()
    w.grad = None
""",
)
question(
    "taken away before another leaf was walked to and changed",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss.backward()
w.grad = None
(v * 2).sum().backward()
with torch.no_grad():
    w -= 1
""",
)
question(
    "a gradient that was taken away where nobody watched",
    """
w = torch.ones(3, requires_grad=True)
with watch():
    loss = (w ** 2).sum()
    loss.backward()
w.grad = None
""",
)
question(
    "taken away where nobody watched, before the next result",
    """
w = torch.ones(3, requires_grad=True)
with watch():
    (w ** 2).sum().backward()
w.grad = None
with watch():
    loss = (w ** 3).sum()
""",
)
question(
    "a leaf alone, whose gradient was taken away where nobody watched",
    """
w = torch.ones(3, requires_grad=True)
with watch():
    (w ** 2).sum().backward()
w.grad = None
""",
    "w",
)
question(
    "a result that has no name",
    """
w = torch.ones(3, requires_grad=True)
""",
    "w, (w * 2).sum()",
)
question(
    "a result that is called X",
    """
w = torch.ones(3, requires_grad=True)
X = (w * 2).sum()
""",
    "w, X",
)
question("a tensor on meta without a name", "", "torch.ones(2, device='meta')")
question(
    "a hook that changes nothing",
    """
w = torch.ones(3, requires_grad=True)
w.register_hook(lambda grad: None)
loss = (w * 2).sum()
loss.backward()
""",
)
question(
    "things that have no name",
    """
w = torch.ones(3, requires_grad=True)
""",
    "(w * 1).detach(), (w * 2).sum()",
)
question("a tensor and itself", "w = torch.ones(3, requires_grad=True)", "w, w")
question(
    "a module, and a result that is cut off",
    """
net = nn.Linear(2, 1)
loss = net(torch.ones(2)).detach()
other = net(torch.ones(2))
other.backward()
net.zero_grad()
""",
    "net, loss",
)
question(
    "a module with one parameter that is frozen",
    """
net = nn.Linear(2, 1)
net.bias.requires_grad_(False)
loss = net(torch.ones(2)).sum()
loss.backward()
""",
    "net, loss",
)
question("a module without parameters", "net = nn.ReLU()", "net")
question("a module on meta", "net = nn.Linear(2, 1, device='meta')", "net")
question("a tensor on meta", "w = torch.ones(2, device='meta')", "w")
question("a word", "", "'w'")
question("three things", "", "1, 2, 3")
question("a tensor and a word", "w = torch.ones(2)", "w, 'loss'")
question("a word and a number", "", "'w', 1.0")
question("a number that has nothing to do with it", "w = torch.ones(2)", "w, 1.0")
question("nothing", "", "")
question(
    "a number, after others",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
size = v.sum().item()
h = w * 2
g = h + h * w
number = (w * g).sum().item()
number = (w * 5).sum().item()
other = v.sum().item()
h = w * 3
""",
    "w, number",
)
question(
    "a number of NumPy's",
    """
w = torch.ones(3, requires_grad=True)
number = (2 * w).detach().numpy().sum()
""",
    "w, number",
)
question(
    "an array, and a number that came from it",
    """
w = torch.ones(3, requires_grad=True)
array = (2 * w).detach().numpy()
number = torch.from_numpy(array).sum().item()
""",
    "array, number",
)

# ---- errors --------------------------------------------------------------------------

question("an error of what has nothing to do with it", "torch.ones(-1)", "problem")
question(
    "the last error, of what has nothing to do with it",
    """
try: torch.ones(2) @ torch.ones(3)
except RuntimeError: pass
""",
    "",
)
question(
    "an error that nobody raised",
    "",
    "RuntimeError('a leaf Variable that requires grad')",
)
question(
    "a floating point number",
    "raise ValueError('a floating point number')",
    "problem",
)
question(
    "an error of whole numbers, in words of one's own",
    "raise ValueError('these require gradients')",
    "problem",
)
question(
    "an error in a function, that nobody watched",
    """
# without watch()
w = torch.ones(3, requires_grad=True)
def change(t):
    t.add_(1)
change(w)
""",
    "problem",
)
question(
    "damage that nobody watched",
    """
# without watch()
w = torch.ones(3, requires_grad=True)
h = w.exp()
loss = h.sum()
h += 1
loss.backward()
""",
    "problem",
)
question(
    "an unused input that nobody watched",
    """
# without watch()
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
torch.autograd.grad((v * 2).sum(), w)
""",
    "problem",
)
question(
    "a long error about a leaf",
    """
w = torch.ones(3, requires_grad=True)
def refuse(number):
    raise RuntimeError("a leaf Variable that requires grad" + 3000 * "!")
w.detach_().apply_(refuse)
""",
    "problem",
)
question(
    "an error about a leaf",
    """
w = torch.ones(3, requires_grad=True)
w += 1
""",
    "problem",
)
question(
    "an error of NumPy's",
    """
w = torch.ones(3, requires_grad=True)
a = w.numpy()
""",
    "problem",
)
question(
    "an unused input of several",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
leaves, loss = [v, w], (v * 2).sum()
torch.autograd.grad(loss, leaves)
""",
    "problem",
)
question(
    "an unused input, as the last error",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (v * 2).sum()
try: torch.autograd.grad(loss, w)
except RuntimeError: pass
""",
    "",
)
question(
    "a walk from a vector",
    """
w = torch.ones(3, requires_grad=True)
loss = (w * 2).detach() * w
loss.backward()
""",
    "problem",
)
for _name, _lines in {
    "is cut off": "loss = (w.detach() * 2).sum()",
    "went through NumPy": "loss = torch.from_numpy((w * 2).detach().numpy()).sum()",
    "was frozen": "w.requires_grad_(False)\nloss = (w * 2).sum()",
    "asked too late": "c = torch.ones(3)\nloss = (c * 2).sum()\nc.requires_grad_()",
    "is cut off, beside what was frozen": (
        "v = torch.ones(3)\nh = w.detach()\nv.requires_grad_(False)\n"
        "loss = (h * v).sum()"
    ),
    "is cut off, after what was frozen": (
        "v = torch.ones(3)\nv.requires_grad_(False)\nh = v * 2\n"
        "loss = (h * w.detach()).sum()"
    ),
    "nobody asked for": (
        "a, b = torch.ones(3), torch.zeros(3)\nc = torch.ones(3)\nh = a * b\n"
        "loss = (h * c).sum()"
    ),
    "was made of nothing": "loss = torch.tensor(3.0)",
}.items():
    question(
        f"a walk from what {_name}",
        f"""
w = torch.ones(3, requires_grad=True)
{_lines}
w.sum()
loss.backward()
""",
        "problem",
    )
question(
    "a walk from what nobody asked for, made where nobody watched",
    """
a = torch.ones(3)
with watch():
    loss = (a * 2).sum()
    loss.backward()
""",
    "problem",
)
question(
    "one result that is walked in each turn",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
for turn in range(2):
    loss.backward()
""",
    "problem",
)
question(
    "a step with a gradient that is not there",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (w.detach() * v).sum()
loss.backward()
w = w - 0.1 * w.grad
""",
    "problem",
)
question(
    "a step with a gradient that was used already",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss.backward()
torch.optim.SGD([w], lr=0.1).step()
w.grad = None
h = 0.1 * w.grad
""",
    "problem",
)
for _name in ("size", "other", "nothing"):
    question(
        f"a number that has no backward, called {_name}",
        f"""
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
w = w + 0
size = w.sum().item()
other = v.sum().item()
nothing = torch.ones(3).sum().item()
w.retain_grad()
w.sum().backward()
{_name}.backward()
""",
        "problem",
    )

question(
    "two functions whose code is of one form",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
def first(): size = w.sum().item()
def second(): return w.sum().item()
first()
size = second()
loss = (v * size).sum()
""",
)
question(
    "a number in an error",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
def refuse(): raise ValueError(w.sum().item())
try: refuse()
except ValueError: pass
loss = v.sum()
""",
)
question(
    "a number that a function uses and returns",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
kept = []
def use():
    size = w.sum().item()
    kept.append((v * size).sum())
    return size
use()
loss = kept[0]
""",
)
question(
    "a number that a function keeps for its next call",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
def make():
    size = 1.0
    def use():
        nonlocal size
        part = (v * size).sum()
        size = w.sum().item()
        return part
    return use
use = make()
before = use()
loss = use()
""",
)
question(
    "two numbers that have no backward",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
one = w.sum().item()
two = v.sum().item()
(one + two).backward()
""",
    "problem",
)
question(
    "a number that has no backward, and one of its name in a function",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
def look():
    size = v.sum().item()
size = w.sum().item()
look()
size.backward()
""",
    "problem",
)

# ---- libraries -----------------------------------------------------------------------

question(
    "nan in a library",
    """
w = torch.zeros(3, requires_grad=True)
chance = torch.distributions.Exponential(w, validate_args=False)
loss = chance.log_prob(torch.ones(3)).sum()
loss.backward()
""",
)
question(
    "0 in a library",
    """
w = torch.ones(3, requires_grad=True)
loss = nn.Threshold(9, 9)(w).sum()
loss.backward()
""",
)
question(
    "damage in a library",
    """
w = torch.ones(3, requires_grad=True)
h = w.exp()
loss = h.sum()
nn.ReLU(inplace=True)(h)
loss.backward()
""",
)
question(
    "nan in a method of torch's own tensors",
    """
w = torch.zeros(3, requires_grad=True)
h = 1 / w
loss = (h * 0).sum()
loss.backward()
""",
)
question(
    "0 in an operator of torch's own",
    """
w = torch.ones(3, requires_grad=True)
h = torch.ops.aten.mul(w, 0)
loss = h.sum()
loss.backward()
""",
)

# ---- walks that fail, and damage -----------------------------------------------------

for _between in ("(v * 2).sum().backward()", "(h * 3).sum().backward()", "pass"):
    for _after in ("(h * 3).sum().backward()", "pass"):
        question(
            f"walked twice, {_between} before and {_after} after the second",
            f"""
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
h = w + 1
loss = (h ** 2).sum()
loss.backward()
{_between}
try: loss.backward()
except RuntimeError: pass
{_after}
""",
        )
question(
    "walked twice, the first time where nobody watched",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss.backward()
with watch():
    loss.backward()
""",
    "problem",
)
question(
    "built outside of the loop, where nobody watched",
    """
w = torch.ones(3, requires_grad=True)
h = w.exp()
with watch():
    for turn in range(2):
        loss = (h * turn).sum()
        loss.backward()
""",
    "problem",
)
question(
    "a walk that failed, of a graph that nobody saw",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
with watch():
    h = w * 1
    loss.backward()
    loss.backward()
""",
)
question(
    "a walk that failed, on a road that is cut",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (w.detach() * v * v).sum()
loss.backward()
loss.backward()
""",
)
question(
    "refused, with another leaf as what is added",
    """
w, v = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (w * v).sum()
try: v += w
except RuntimeError: pass
""",
)
question(
    "damaged twice",
    """
w = torch.ones(3, requires_grad=True)
h = w.exp()
g = h.exp()
loss = (h + g).sum()
g += 1
h += 1
loss.backward()
""",
    "w, loss",
)
question(
    "damaged where nobody watched",
    """
w = torch.ones(3, requires_grad=True)
with watch():
    h = w.exp()
    loss = h.sum()
h += 1
with watch():
    loss.backward()
""",
)
question(
    "damaged after a call that wrote itself",
    """
w = torch.ones(3, requires_grad=True)
h = 2 * w
h.exp_()
h += 1
h.sum().backward()
""",
    "problem",
)
question(
    "damaged through data, and walked where nobody watched",
    """
w = torch.tensor([1.0, 2.0], requires_grad=True)
with watch():
    h = torch.tanh(w)
    loss = h.sum()
    h.data.clamp_(max=0.5)
loss.backward()
""",
)
for _make in ("g + 1", "g.tanh()", "g.sin()", "g ** g"):
    for _spoilt in ("g", "h"):
        question(
            f"{_spoilt} is written through data after h = {_make}",
            f"""
w = torch.tensor([1.0, 2.0], requires_grad=True)
g = w + 0
h = {_make}
loss = h.sum()
{_spoilt}.data.clamp_(max=0.5)
loss.backward()
""",
        )

# ---- modules that no other knows of --------------------------------------------------

for _init, _layer in {
    "self.layer = nn.Linear(2, 2); self.parts = [self.layer]": "net.layer",
    "self._parts = [nn.Linear(2, 2)]": "net._parts[0]",
    "self.parts = (nn.Linear(2, 2), Unmade())": "net.parts[0]",
    "self.layer = nn.Linear(2, 2); self.parts = [Unmade()]": "net.layer",
    "self.weights = [torch.ones(2, 2, requires_grad=True)]": "net.weights[0]",
}.items():
    _weight = _layer if "weights" in _layer else f"{_layer}.weight"
    question(
        f"{_layer} where __init__ says {_init}",
        f"""
torch.manual_seed(0)
class Unmade(nn.Module):
    def __init__(self): pass
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {_init}
        self.out = nn.Linear(2, 1)
    def forward(self, x): return self.out(x @ {_weight})
net = Net()
opt = torch.optim.SGD(net.out.parameters(), lr=0.1)
loss = net(torch.ones(1, 2)).sum()
loss.backward()
opt.step()
""",
        f"{_weight}, loss",
    )

# ---- roads that are long -------------------------------------------------------------

for _calls in (7, 8, 9, 10):
    question(
        f"a road of {_calls} calls",
        f"""
w = torch.ones(3, requires_grad=True)
h = w.detach()
for n in range({_calls} - 2): h = h + 1
loss = h.sum()
""",
    )
question(
    "a road that is cut in the middle",
    """
w = h = torch.ones(3, requires_grad=True)
for n in range(6): h = h * 2
h = h.detach()
for n in range(5): h = h + 1
loss = h.sum()
""",
)
