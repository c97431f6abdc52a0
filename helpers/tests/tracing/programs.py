"""Small broken programs: each with its cause, the line of it (marked #!), and its cure.

All are small versions of what people ask about; `cure` says what is put in place of
what, and the cured program has no cause. Each is asked about `w` and `loss` unless it
says otherwise.
"""

from typing import NamedTuple


class Program(NamedTuple):
    """Hold a program, and what `why` shall say of it."""

    cause: str
    source: str
    cure: dict[str, str]
    ask: str = "w, loss"
    ask_cured: str = ""

    @property
    def line(self) -> int:
        marked = [n for n, it in enumerate(self.source.split("\n"), 1) if "#!" in it]
        return marked[0] if marked else 0

    @property
    def cured(self) -> str:
        source = self.source
        for old, new in self.cure.items():
            assert old in source
            source = source.replace(old, new)
        return source


PROGRAMS: dict[str, Program] = {}


def program(name: str, cause: str, source: str, cure: dict, *asks: str):
    """Add a program."""
    PROGRAMS[name] = Program(cause, source.strip("\n"), cure, *asks)


# ---- never asked, asked too late, frozen, not used --------------------------

program(
    "a list of weights",
    "never-asked",
    """
x = torch.arange(3.0)
w = torch.tensor([1.0, 2.0, 3.0])  #!
loss = ((w * x) ** 2).sum()
""",
    {"3.0])": "3.0], requires_grad=True)", "sum()": "sum()\nloss.backward()"},
)
program(
    "random start",
    "never-asked",
    """
torch.manual_seed(0)
x = torch.randn(4, 3)
w = torch.randn(3)  #!
b = torch.zeros((), requires_grad=True)
loss = (x @ w + b).pow(2).mean()
loss.backward()
""",
    {"randn(3)": "randn(3, requires_grad=True)"},
)
program(
    "buffer instead of parameter",
    "never-asked",
    """
class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = torch.ones(3)  #!
        self.fc = nn.Linear(3, 1)
    def forward(self, x):
        return self.fc(self.gain * x)
net = Scale()
loss = net(torch.ones(2, 3)).mean()
loss.backward()
""",
    {"torch.ones(3)": "nn.Parameter(torch.ones(3))"},
    "net.gain, loss",
)
program(
    "flag after the forward pass",
    "late-flag",
    """
w = torch.ones(3)
h = 2 * w
w.requires_grad_(True)  #!
loss = (h * torch.ones(3, requires_grad=True)).sum()
loss.backward()
""",
    {"h = 2 * w\n": "", "(True)": "(True)\nh = 2 * w"},
)
program(
    "flag by attribute, too late",
    "late-flag",
    """
x = torch.arange(3.0)
y = (x ** 2).sum()
x.requires_grad = True  #!
try:
    y.backward()
except RuntimeError:
    pass
""",
    {"y = (x ** 2).sum()\n": "", "= True": "= True\ny = (x ** 2).sum()"},
    "x, y",
)
program(
    "backbone frozen for good",
    "frozen",
    """
body, head = nn.Linear(3, 4), nn.Linear(4, 1)
for p in body.parameters():
    p.requires_grad = False  #!
loss = head(body(torch.ones(2, 3))).mean()
loss.backward()
""",
    {"= False": "= True"},
    "body.weight, loss",
)
program(
    "whole module frozen",
    "frozen",
    """
net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
net[0].requires_grad_(False)  #!
loss = net(torch.ones(2, 3)).mean()
loss.backward()
""",
    {"net[0].requires_grad_(False)": "net.requires_grad_(True)"},
    "net[0].bias, loss",
)
program(
    "layer left out of forward",
    "not-in-graph",
    """
a, b = nn.Linear(3, 3), nn.Linear(3, 3)
x = torch.ones(2, 3)
loss = a(a(x)).sum()  #!
loss.backward()
""",
    {"a(a(x))": "b(a(x))"},
    "b.weight, loss",
)
program(
    "the other model",
    "not-in-graph",
    """
import copy
net = nn.Linear(3, 1)
twin = copy.deepcopy(net)
loss = net(torch.ones(2, 3)).sum()  #!
loss.backward()
""",
    {"= net(": "= twin("},
    "twin.weight, loss",
)

# ---- cuts -------------------------------------------------------------------

program(
    "detach on the way",
    "cut:detach",
    """
w = torch.tensor(2.0, requires_grad=True)
h = 3 * w
h = h.detach()  #!
loss = (h - 1) ** 2
""",
    {"h = h.detach()": "", "** 2": "** 2\nloss.backward()"},
)
program(
    "detach inside a function",
    "cut:detach",
    """
def normalise(t):
    return t.detach() / 2  #!
w = torch.ones(3, requires_grad=True)
v = torch.ones(3, requires_grad=True)
loss = (normalise(w) * v).sum()
loss.backward()
""",
    {"t.detach() / 2": "t / 2"},
)
program(
    "detach of the encoder",
    "cut:detach",
    """
torch.manual_seed(0)
enc, dec = nn.Linear(4, 2), nn.Linear(2, 4)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()])
for _ in range(3):
    x = torch.randn(5, 4)
    code = enc(x)
    out = dec(code.detach())  #!
    loss = (out - x).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
    {"code.detach()": "code"},
    "enc.weight, loss",
)
program(
    "data on the way",
    "cut:data",
    """
w = torch.ones(3, requires_grad=True)
h = (2 * w).data  #!
b = torch.ones(3, requires_grad=True)
loss = (h + b).sum()
loss.backward()
""",
    {".data": ""},
)
program(
    "part by data",
    "cut:data",
    """
w = torch.ones(3, requires_grad=True)
h = w ** 2
loss = h.sum() + (h.data * 3).sum()  #!
loss.backward()
""",
    {"h.data": "h"},
)
program(
    "no_grad around the features",
    "cut:no_grad",
    """
body, head = nn.Linear(3, 4), nn.Linear(4, 1)
x = torch.ones(2, 3)
with torch.no_grad():
    h = body(x)  #!
loss = head(h).mean()
loss.backward()
""",
    {"torch.no_grad()": "torch.enable_grad()"},
    "body.weight, loss",
)
program(
    "no_grad decorates the model",
    "cut:no_grad",
    """
w = torch.ones(3, requires_grad=True)
@torch.no_grad()
def model(x):
    return w * x  #!
loss = model(torch.arange(3.0)).sum()
""",
    {"@torch.no_grad()\n": "", ".sum()": ".sum()\nloss.backward()"},
)
program(
    "set_grad_enabled left off",
    "cut:no_grad",
    """
w = torch.ones(3, requires_grad=True)
torch.set_grad_enabled(False)
loss = (w * 2).sum()  #!
torch.set_grad_enabled(True)
""",
    {"enabled(False)": "enabled(True)", "sum()": "sum()\nloss.backward()"},
)
program(
    "inference_mode",
    "cut:no_grad",
    """
w = torch.ones(3, requires_grad=True)
with torch.inference_mode():
    h = w * 2  #!
loss = h.clone().sum()
""",
    {
        "torch.inference_mode()": "torch.enable_grad()",
        "sum()": "sum()\nloss.backward()",
    },
)
program(
    "checkpoint whose input asks for nothing",
    "cut:no_grad",
    """
from torch.utils.checkpoint import checkpoint
net = nn.Linear(3, 3)
b = torch.zeros(3, requires_grad=True)
h = checkpoint(net, torch.ones(2, 3), use_reentrant=True)  #!
loss = (h + b).sum()
loss.backward()
""",
    {"use_reentrant=True": "use_reentrant=False"},
    "net.weight, loss",
)
program(
    "item and a new tensor",
    "cut:item/float",
    """
w = torch.tensor(2.0, requires_grad=True)
total = 0.0
for k in range(3):
    total += (k * w).item()  #!
loss = torch.tensor(total, requires_grad=True)
loss.backward()
""",
    {"(k * w).item()": "k * w", "torch.tensor(total, requires_grad=True)": "1 * total"},
)
program(
    "float in a penalty",
    "cut:item/float",
    """
w = torch.ones(3, requires_grad=True)
fit = ((w - 2) ** 2).sum()
size = float(w.abs().sum())  #!
scaled = 0.1 * size
loss = fit + scaled
loss.backward()
""",
    {"float(w.abs().sum())": "w.abs().sum()"},
)
program(
    "number from a function",
    "cut:item/float",
    """
def penalty(v):
    return v.pow(2).sum().item()  #!
w = torch.ones(3, requires_grad=True)
loss = (w - 2).abs().sum() + 0.01 * penalty(w)
loss.backward()
""",
    {".item()": ""},
)
program(
    "numbers in a list",
    "cut:item/float",
    """
w = torch.ones(3, requires_grad=True)
parts = []
for k in range(3):
    part = (w[k] - k) ** 2
    parts.append(part.item())  #!
loss = torch.tensor(sum(parts))
""",
    {"part.item()": "part", "torch.tensor(sum(parts))": "sum(parts)\nloss.backward()"},
)
program(
    "tolist and back",
    "cut:item/float",
    """
w = torch.ones(3, requires_grad=True)
values = (2 * w).tolist()  #!
loss = torch.tensor(values).sum()
""",
    {".tolist()": "", "torch.tensor(values).sum()": "values.sum()\nloss.backward()"},
)
program(
    "math on a tensor",
    "cut:item/float",
    """
import math
w = torch.tensor(2.0, requires_grad=True)
h = math.exp(w)  #!
loss = torch.ones(3, requires_grad=True).sum() * h
loss.backward()
""",
    {"math.exp": "torch.exp"},
)
program(
    "tensor of tensors",
    "cut:torch.tensor",
    """
w = torch.tensor(0.5, requires_grad=True)
v = torch.tensor([w, w ** 2, 1.0])  #!
loss = v.sum()
""",
    {
        "torch.tensor([w, w ** 2, 1.0])": "torch.stack([w, w ** 2])",
        "v.sum()": "v.sum()\nloss.backward()",
    },
)
program(
    "copy by torch.tensor",
    "cut:torch.tensor",
    """
w = torch.ones(3, requires_grad=True)
h = torch.tensor(2 * w)  #!
loss = (h * torch.ones(3, requires_grad=True)).sum()
loss.backward()
""",
    {"torch.tensor(2 * w)": "2 * w"},
)
program(
    "numpy in between",
    "cut:numpy",
    """
w = torch.ones(3, requires_grad=True)
h = np.sin((2 * w).detach().numpy())  #!
loss = torch.from_numpy(h).sum()
""",
    {
        "np.sin((2 * w).detach().numpy())": "torch.sin(2 * w)",
        "torch.from_numpy(h).sum()": "h.sum()\nloss.backward()",
    },
)
program(
    "numpy in two steps",
    "cut:numpy",
    """
w = torch.ones(3, requires_grad=True)
b = torch.zeros(3, requires_grad=True)
h = (2 * w).detach().cpu()
a = h.numpy()  #!
a = a * 2
loss = (torch.as_tensor(a) + b).sum()
loss.backward()
""",
    {"(2 * w).detach().cpu()": "2 * w", "h.numpy()": "h", "torch.as_tensor(a)": "a"},
)
program(
    "numpy refuses",
    "cut:numpy",
    """
w = torch.ones(3, requires_grad=True)
loss = (w * 2).sum()
try:
    print(w.numpy())
except RuntimeError as problem:
    e = problem
a = (w * 3).detach().numpy()  #!
loss = torch.from_numpy(a * 2).sum()
""",
    {
        "(w * 3).detach().numpy()": "w * 3",
        "torch.from_numpy(a * 2).sum()": "(a * 2).sum()\nloss.backward()",
    },
)
program(
    "a parameter of a result",
    "cut:detach",
    """
w = torch.ones(3, requires_grad=True)
h = 2 * w
p = nn.Parameter(h)  #!
loss = (p ** 2).sum()
loss.backward()
""",
    {"nn.Parameter(h)": "h"},
)
program(
    "a parameter in forward",
    "cut:detach",
    """
class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.raw = nn.Parameter(torch.ones(3))
    def forward(self, x):
        weight = torch.nn.Parameter(self.raw.exp())  #!
        return F.linear(x, weight)
net = Scaled()
loss = net(torch.ones(2, 3)).mean()
loss.backward()
""",
    {"torch.nn.Parameter(self.raw.exp())": "self.raw.exp()"},
    "net.raw, loss",
)
program(
    "weights that look tied",
    "cut:detach",
    """
torch.manual_seed(0)
emb, head = nn.Embedding(5, 3), nn.Linear(3, 5)
head.weight = nn.Parameter(emb.weight)  #!
loss = F.cross_entropy(head(torch.ones(2, 3)), torch.tensor([1, 2]))
loss.backward()
""",
    {"nn.Parameter(emb.weight)": "emb.weight"},
    "emb.weight, loss",
)
program(
    "a parameter of data",
    "cut:detach",
    """
w = torch.ones(1, 3, requires_grad=True)
lin = nn.Linear(3, 1)
lin.weight = nn.Parameter((2 * w).data)  #!
loss = lin(torch.ones(3)).sum()
loss.backward()
""",
    {
        "lin.weight = nn.Parameter((2 * w).data)": "weight = 2 * w",
        "lin(torch.ones(3))": "F.linear(torch.ones(3), weight)",
    },
)
program(
    "a list of parameters",
    "cut:detach",
    """
w = torch.ones(3, requires_grad=True)
parts = nn.ParameterList([w * 2, w * 3])  #!
loss = sum(p.sum() for p in parts)
loss.backward()
""",
    {"nn.ParameterList([w * 2, w * 3])": "[w * 2, w * 3]"},
)
program(
    "a deep copy of a module",
    "cut:torch.tensor",
    """
import copy
net = nn.Linear(3, 1)
twin = copy.deepcopy(net)  #!
loss = twin(torch.ones(3)).sum()
loss.backward()
""",
    {"copy.deepcopy(net)": "net"},
    "net.weight, loss",
)
program(
    "a deep copy of a leaf",
    "cut:torch.tensor",
    """
from copy import deepcopy
w = torch.ones(3, requires_grad=True)
v = deepcopy(w)  #!
loss = (v ** 2).sum()
loss.backward()
""",
    {"deepcopy(w)": "w.clone()"},
)
program(
    "new_tensor copies",
    "cut:torch.tensor",
    """
w = torch.ones(3, requires_grad=True)
h = 2 * w
g = h.new_tensor([h[0], h[2]])  #!
loss = (g ** 2).sum()
""",
    {
        "h.new_tensor([h[0], h[2]])": "torch.stack([h[0], h[2]])",
        ".sum()": ".sum()\nloss.backward()",
    },
)
program(
    "argmax chooses",
    "cut:integer/argmax/comparison",
    """
w = torch.tensor([1.0, 2.0], requires_grad=True)
best = (3 * w).argmax()  #!
loss = torch.tensor([1.0, 5.0])[best] * 2
""",
    {
        "(3 * w).argmax()": "(3 * w).softmax(0)",
        "torch.tensor([1.0, 5.0])[best] * 2": "best[1]\nloss.backward()",
    },
)
program(
    "accuracy as a loss",
    "cut:integer/argmax/comparison",
    """
torch.manual_seed(0)
net = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
right = net(x).argmax(1) == y  #!
loss = 1 - right.float().mean()
""",
    {
        "right = net(x).argmax(1) == y  #!\n": "",
        "1 - right.float().mean()": "F.cross_entropy(net(x), y)\nloss.backward()",
    },
    "net.weight, loss",
)
program(
    "threshold by comparison",
    "cut:integer/argmax/comparison",
    """
w = torch.tensor([0.2, 0.8], requires_grad=True)
on = (w > 0.5).float()  #!
loss = ((on - 1) ** 2).sum()
""",
    {"(w > 0.5).float()": "torch.sigmoid(w)", ".sum()": ".sum()\nloss.backward()"},
)
program(
    "a whole number",
    "cut:integer/argmax/comparison",
    """
w = torch.tensor([1.5, 2.5], requires_grad=True)
k = (2 * w).long()  #!
loss = (k * 1.5).sum()
""",
    {".long()": "", ".sum()": ".sum()\nloss.backward()"},
)
program(
    "a drawn sample",
    "cut:no_grad",
    """
torch.manual_seed(0)
w = torch.tensor([0.5, 1.0], requires_grad=True)
drawn = torch.distributions.Normal(w, 1.0).sample()  #!
loss = (drawn**2).sum()
""",
    {".sample()": ".rsample()", "sum()": "sum()\nloss.backward()"},
)


# ---- leaves -----------------------------------------------------------------

program(
    "moved after the flag",
    "rebound/non-leaf",
    """
w = torch.ones(3, requires_grad=True)
w = w.to(torch.float64)  #!
loss = (w ** 2).sum()
loss.backward()
""",
    {
        "requires_grad=True)": "dtype=torch.float64, requires_grad=True)",
        "w = w.to(torch.float64)": "",
    },
)
program(
    "scaled after the flag",
    "rebound/non-leaf",
    """
torch.manual_seed(0)
w = torch.randn(3, requires_grad=True) * 0.01  #!
loss = (w - 1).pow(2).sum()
loss.backward()
""",
    {
        "torch.randn(3, requires_grad=True) * 0.01": "torch.randn(3)",
        "#!\n": "#!\nw.requires_grad_(True)\n",
    },
)
program(
    "update makes a new tensor",
    "rebound/non-leaf",
    """
w = torch.tensor(1.0, requires_grad=True)
for _ in range(3):
    loss = (w - 3) ** 2
    if w.grad is not None:
        w.grad.zero_()
    try:
        loss.backward()
    except RuntimeError:
        break
    with torch.no_grad():
        w = w - 0.1 * w.grad  #!
""",
    {"w = w - 0.1 * w.grad": "w -= 0.1 * w.grad"},
)
program(
    "in place on a leaf",
    "in-place-on-leaf",
    """
w = torch.zeros(3, requires_grad=True)
try:
    w[0] = 5.0  #!
except RuntimeError as problem:
    e = problem
loss = (w - 1).sum()
loss.backward()
""",
    {"    w[0] = 5.0": "    with torch.no_grad(): w[0] = 5.0"},
)

# ---- walks ------------------------------------------------------------------

program(
    "walked twice",
    "freed-graph/second-walk",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss.backward()  #!
try:
    loss.backward()
except RuntimeError as problem:
    e = problem
""",
    {"loss.backward()  #!": "loss.backward(retain_graph=True)"},
)
program(
    "two losses share a trunk",
    "freed-graph/second-walk",
    """
trunk, a, b = nn.Linear(3, 3), nn.Linear(3, 1), nn.Linear(3, 1)
h = torch.tanh(trunk(torch.ones(2, 3)))
first, loss = a(h).sum(), b(h).sum()
first.backward()  #!
try:
    loss.backward()
except RuntimeError as problem:
    e = problem
""",
    {"first.backward()": "first.backward(retain_graph=True)"},
    "trunk.weight, loss",
)
program(
    "weights built once",
    "built-outside-loop",
    """
logits = torch.zeros(3, requires_grad=True)
opt = torch.optim.SGD([logits], lr=0.1)
w = torch.softmax(logits, 0)  #!
try:
    for k in range(3):
        opt.zero_grad()
        loss = (w * torch.arange(3.0)).sum() ** 2
        loss.backward()
        opt.step()
except RuntimeError as problem:
    e = problem
""",
    {
        "w = torch.softmax(logits, 0)  #!\n": "",
        "zero_grad()\n": "zero_grad()\n        w = torch.softmax(logits, 0)\n",
    },
    "logits, loss",
)
program(
    "state carried over",
    "freed-graph/second-walk",
    """
torch.manual_seed(0)
cell = nn.RNNCell(2, 3)
h = torch.zeros(1, 3)
try:
    for k in range(3):
        h = cell(torch.ones(1, 2), h)  #!
        loss = h.pow(2).sum()
        cell.zero_grad()
        loss.backward()
except RuntimeError as problem:
    e = problem
""",
    {"ones(1, 2), h)": "ones(1, 2), h.detach())"},
    "cell.weight_hh, loss",
)
program(
    "nobody walked",
    "no-backward-yet",
    """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
loss = (w ** 2).sum()
opt.step()  #!
""",
    {"opt.step()": "loss.backward()"},
)
program(
    "gradient read too early",
    "no-backward-yet",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
print(w.grad)  #!
""",
    {"print(w.grad)": "loss.backward()"},
)
program(
    "method without brackets",
    "no-backward-yet",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()  #!
loss.backward
""",
    {"loss.backward": "loss.backward()"},
)

# ---- damage -----------------------------------------------------------------

program(
    "result of exp changed",
    "in-place-damage",
    """
w = torch.ones(3, requires_grad=True)
h = torch.exp(w)
loss = h.sum()
h += 1  #!
try:
    loss.backward()
except RuntimeError as problem:
    e = problem
""",
    {"h += 1": "h = h + 1"},
)
program(
    "step between forward and backward",
    "in-place-damage",
    """
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.ones(2, 3)
one = net(x).sum()
loss = net(x).pow(2).sum()
one.backward()
opt.step()  #!
try:
    loss.backward()
except RuntimeError as problem:
    e = problem
""",
    {"opt.step()  #!\n": "", "except": "    opt.step()\nexcept"},
    "net[0].weight, loss",
)
program(
    "mask written into the product",
    "in-place-damage",
    """
w = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
h = w * 2
loss = (h ** 2).sum()
h[1] = 0.0  #!
try:
    loss.backward()
except RuntimeError as problem:
    e = problem
""",
    {"h[1] = 0.0  #!\n": ""},
)
program(
    "damage by data",
    "in-place-damage",
    """
w = torch.tensor([1.0, 2.0], requires_grad=True)
h = torch.tanh(w)
loss = h.sum()
h.data.clamp_(max=0.5)  #!
loss.backward()
""",
    {"h.data.clamp_(max=0.5)": "h.detach().clamp(max=0.5)"},
)

# ---- slopes -----------------------------------------------------------------

program(
    "dead relu",
    "zero-slope",
    """
w = torch.tensor([-1.0, -2.0], requires_grad=True)
loss = torch.relu(w).sum()  #!
loss.backward()
""",
    {"torch.relu": "F.leaky_relu"},
)
program(
    "times zero",
    "zero-slope",
    """
w = torch.tensor([1.0, 2.0], requires_grad=True)
mask = torch.zeros(2)
h = w * mask  #!
loss = ((h - 1) ** 2).sum()
loss.backward()
""",
    {"zeros(2)": "ones(2)"},
)
program(
    "clamped",
    "zero-slope",
    """
w = torch.tensor([3.0, 4.0], requires_grad=True)
h = torch.clamp(w, 0, 1)  #!
loss = (h - 0.5).pow(2).sum()
loss.backward()
""",
    {"torch.clamp(w, 0, 1)": "torch.sigmoid(w)"},
)
program(
    "rounded",
    "zero-slope",
    """
w = torch.tensor([0.2, 1.7], requires_grad=True)
h = torch.round(w * 4) / 4  #!
loss = (h - 1).pow(2).sum()
loss.backward()
""",
    {"torch.round(w * 4) / 4": "w * 4 / 4"},
)
program(
    "saturated",
    "zero-slope",
    """
w = torch.tensor([200.0, 300.0], requires_grad=True)
p = torch.sigmoid(w)  #!
loss = ((p - 0.5) ** 2).sum()
loss.backward()
""",
    {"[200.0, 300.0]": "[2.0, 3.0]"},
)
program(
    "sign",
    "zero-slope",
    """
w = torch.tensor([0.5, -0.5], requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for _ in range(2):
    opt.zero_grad()
    loss = (torch.sign(w) - 1).pow(2).sum()  #!
    loss.backward()
    opt.step()
""",
    {"torch.sign": "torch.tanh"},
)
program(
    "root of zero",
    "nan:mul",
    """
w = torch.zeros(2, requires_grad=True)
h = (0 * w) ** 0.5  #!
loss = (h + w).sum()
loss.backward()
""",
    {"(0 * w) ** 0.5": "0 * w"},
)
program(
    "square root at zero",
    "nan:sqrt",
    """
w = torch.tensor([0.0, 4.0], requires_grad=True)
r = torch.sqrt(w)  #!
loss = (r * 0 + w).sum()
loss.backward()
""",
    {"torch.sqrt(w)": "torch.sqrt(w + 1)"},
)
program(
    "where hides a nan",
    "nan:sqrt",
    """
w = torch.tensor([-1.0, 4.0], requires_grad=True)
r = torch.sqrt(w)  #!
loss = torch.where(w > 0, r, torch.zeros(2)).sum()
loss.backward()
""",
    {"torch.sqrt(w)": "torch.sqrt(w.clamp(min=0.1))"},
)
program(
    "log of zero",
    "nan:log",
    """
w = torch.tensor([0.0, 1.0], requires_grad=True)
loss = (torch.tensor([0.0, 1.0]) * torch.log(w)).sum()  #!
loss.backward()
""",
    {"torch.log(w)": "torch.log(w + 1)"},
)

# ---- sums, clearing, optimizers ---------------------------------------------

program(
    "never cleared",
    "forgot-clear",
    """
w = torch.tensor([1.0, 2.0], requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for _ in range(4):
    loss = ((w - 3) ** 2).sum()
    loss.backward()  #!
    opt.step()
""",
    {"    loss.backward()": "    opt.zero_grad()\n    loss.backward()"},
)
program(
    "cleared by hand, not",
    "forgot-clear",
    """
w = torch.tensor(1.0, requires_grad=True)
for _ in range(4):
    loss = (w - 3) ** 2
    loss.backward()  #!
    with torch.no_grad():
        w -= 0.1 * w.grad
""",
    {"w -= 0.1 * w.grad": "w -= 0.1 * w.grad\n    w.grad = None"},
)
program(
    "two walks, two looks",
    "forgot-clear",
    """
w = torch.tensor(3.0, requires_grad=True)
y = w ** 2
y.backward()
print(w.grad)
loss = 5 * w
loss.backward()  #!
print(w.grad)
""",
    {"loss = 5 * w": "w.grad = None\nloss = 5 * w"},
)
program(
    "cleared before the step",
    "overwritten",
    """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for _ in range(3):
    loss = (w ** 2).sum()
    loss.backward()
    opt.zero_grad()  #!
    opt.step()
""",
    {"    opt.zero_grad()  #!\n    opt.step()": "    opt.step()\n    opt.zero_grad()"},
)
program(
    "gradient set by hand",
    "overwritten",
    """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss.backward()
w.grad = torch.ones(3)  #!
""",
    {"w.grad = torch.ones(3)  #!": ""},
)
program(
    "loss assigned twice",
    "overwritten",
    """
a, w = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss = (a ** 3).sum()  #!
loss.backward()
""",
    {"loss = (a": "loss = loss + (a"},
)
program(
    "only the last batch",
    "overwritten",
    """
torch.manual_seed(0)
heads = [nn.Linear(3, 1) for _ in range(3)]
x = torch.ones(2, 3)
for head in heads:
    out = head(x)
    loss = out.pow(2).mean()  #!
loss.backward()
""",
    {"loss = out": "loss = (0 if head is heads[0] else loss) + out"},
    "heads[0].weight, loss",
)
program(
    "layer replaced after the optimizer",
    "wrong-object",
    """
net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
net[1] = nn.Linear(3, 2)  #!
for _ in range(2):
    opt.zero_grad()
    net[1].zero_grad()
    loss = net(torch.ones(2, 3)).pow(2).sum()
    loss.backward()
    opt.step()
""",
    {
        "opt = torch.optim.SGD(net.parameters(), lr=0.1)\n": "",
        "#!\n": "\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n",
    },
    "net[1].weight, loss",
)
program(
    "layers in a dict",
    "wrong-object",
    """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = {"a": nn.Linear(3, 3)}  #!
        self.out = nn.Linear(3, 1)
    def forward(self, x):
        return self.out(self.parts["a"](x))
net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(2):
    net.parts["a"].zero_grad()
    opt.zero_grad()
    loss = net(torch.ones(2, 3)).pow(2).sum()
    loss.backward()
    opt.step()
""",
    {'{"a": nn.Linear(3, 3)}': 'nn.ModuleDict({"a": nn.Linear(3, 3)})'},
    'net.parts["a"].weight, loss',
)
program(
    "graphs kept in a total",
    "graph-kept",
    """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
total = 0.0
for _ in range(3):
    opt.zero_grad()
    loss = ((w - 3) ** 2).sum()
    loss.backward()
    opt.step()
    total = total + loss  #!
""",
    {"total + loss": "total + loss.item()", "= 0.0": "= torch.zeros(())"},
    "w, total",
    "w, loss",
)

# ---- right as they are --------------------------------------------------------

RIGHT = {
    "a training loop": (
        """
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 1))
opt = torch.optim.AdamW(net.parameters())
losses = []
for _ in range(4):
    x = torch.randn(8, 3)
    loss = F.mse_loss(net(x), x.sum(1, keepdim=True))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    losses.append(loss.item())
""",
        "net[0].weight, loss",
    ),
    "cleared at the end": (
        """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for _ in range(3):
    loss = (w ** 2).sum()
    loss.backward()
    opt.step()
    opt.zero_grad()
""",
        "w, loss",
    ),
    "parameters of what is random, and copies beside it": (
        """
import copy
torch.manual_seed(0)
net, w = nn.Linear(3, 1), nn.Parameter(torch.randn(3) * 0.1)
slow = copy.deepcopy(net)
for p in slow.parameters():
    p.requires_grad_(False)
x = torch.ones(2, 3) * w
loss = (net(x) - slow(x).detach()).pow(2).mean() + w.sum()
loss.backward()
""",
        "w, loss",
    ),
    "a model that is built and trained": (
        """
net = nn.Sequential(nn.LazyLinear(4), nn.PReLU(), nn.Linear(4, 1))
net.load_state_dict(net.state_dict())
loss = net(torch.ones(2, 3)).mean()
loss.backward()
""",
        "net, loss",
    ),
    "a target that is detached": (
        """
torch.manual_seed(0)
q = nn.Linear(3, 2)
s, t = torch.randn(4, 3), torch.randn(4, 3)
with torch.no_grad():
    target = 1 + 0.9 * q(t).max(1).values
loss = (q(s).max(1).values - target).pow(2).mean()
loss.backward()
""",
        "q.weight, loss",
    ),
    "straight through": (
        """
w = torch.tensor([0.2, 0.7], requires_grad=True)
h = w + (w.round() - w).detach()
loss = (h - 1).pow(2).sum()
loss.backward()
""",
        "w, loss",
    ),
    "truncated in time": (
        """
torch.manual_seed(0)
cell = nn.RNNCell(2, 3)
opt = torch.optim.SGD(cell.parameters(), lr=0.1)
h = torch.zeros(1, 3)
for k in range(3):
    h = cell(torch.ones(1, 2), h.detach())
    loss = h.pow(2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
        "cell.weight_hh, loss",
    ),
    "an average that follows": (
        """
import copy
torch.manual_seed(0)
net = nn.Linear(3, 1)
slow = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    x = torch.randn(4, 3)
    loss = (net(x) - slow(x) - 1).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    for p, q in zip(net.parameters(), slow.parameters()):
        q.data.mul_(0.9).add_(p.data, alpha=0.1)
""",
        "net.weight, loss",
    ),
    "norm layers": (
        """
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
for _ in range(2):
    net.zero_grad()
    loss = net(torch.randn(6, 3)).pow(2).mean()
    loss.backward()
""",
        "net[0].weight, loss",
    ),
    "slope of an input": (
        """
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
w = torch.ones(1, 3, requires_grad=True)
loss = net(w).sum()
loss.backward()
opt.step()
""",
        "w, loss",
    ),
    "only the head learns": (
        """
body, head = nn.Linear(3, 3), nn.Linear(3, 1)
opt = torch.optim.SGD(head.parameters(), lr=0.1)
loss = head(body(torch.ones(1, 3))).sum()
loss.backward()
opt.step()
""",
        "body.weight, loss",
    ),
    "gradients of two losses": (
        """
w = torch.ones(3, requires_grad=True)
first = (w ** 2).sum()
first.backward()
loss = (w ** 3).sum()
loss.backward()
""",
        "w, loss",
    ),
    "a kept graph": (
        """
w = torch.ones(3, requires_grad=True)
loss = (w ** 2).sum()
loss.backward(retain_graph=True)
w.grad = None
loss.backward()
""",
        "w, loss",
    ),
}
RIGHT |= {
    "a network with norm, momentum and a running average": (
        """
torch.manual_seed(0)
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten())
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
mean = None
for _ in range(3):
    out = net(torch.randn(4, 1, 5, 5))
    loss = F.cross_entropy(out, torch.zeros(4, dtype=torch.long))
    right = (out.argmax(1) == 0).float().mean().item()
    mean = loss.item() if mean is None else 0.9 * mean + 0.1 * loss.item()
    opt.zero_grad(set_to_none=False)
    loss.backward()
    opt.step()
""",
        "net[0].weight, loss",
    ),
    "two players": (
        """
torch.manual_seed(0)
a, b = nn.Linear(2, 2), nn.Linear(2, 1)
first, second = torch.optim.Adam(a.parameters()), torch.optim.Adam(b.parameters())
for _ in range(2):
    made = a(torch.randn(4, 2))
    other = F.softplus(b(made.detach())).mean()
    second.zero_grad()
    other.backward()
    second.step()
    loss = F.softplus(-b(made)).mean()
    first.zero_grad()
    loss.backward()
    first.step()
""",
        "a.weight, loss",
    ),
    "an advantage that is detached": (
        """
torch.manual_seed(0)
policy, value = nn.Linear(3, 2), nn.Linear(3, 1)
s = torch.randn(5, 3)
chance = torch.distributions.Categorical(logits=policy(s))
chosen = chance.sample()
v = value(s).squeeze(1)
gain = (chosen.float() - v).detach()
loss = -(chance.log_prob(chosen) * gain).mean() + v.pow(2).mean()
loss.backward()
""",
        "value.weight, loss",
    ),
    "a slow copy loaded anew": (
        """
import copy
torch.manual_seed(0)
q = nn.Linear(3, 2)
slow = copy.deepcopy(q)
opt = torch.optim.Adam(q.parameters())
for _ in range(3):
    s, t = torch.randn(4, 3), torch.randn(4, 3)
    chosen = q(s).argmax(1, keepdim=True)
    goal = 1 + 0.9 * slow(t).max(1, keepdim=True)[0].detach()
    loss = F.smooth_l1_loss(q(s).gather(1, chosen), goal)
    opt.zero_grad()
    loss.backward()
    opt.step()
    slow.load_state_dict(q.state_dict())
""",
        "q.weight, loss",
    ),
    "a function of one's own": (
        """
class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a * a
    @staticmethod
    def backward(ctx, g):
        (a,) = ctx.saved_tensors
        return 2 * a * g
w = torch.ones(3, requires_grad=True)
loss = Square.apply(w * 2).sum()
loss.backward()
""",
        "w, loss",
    ),
    "a checkpoint that walks by itself": (
        """
from torch.utils.checkpoint import checkpoint
w, x = torch.ones(3, requires_grad=True), torch.ones(3, requires_grad=True)
loss = checkpoint(lambda t: torch.sin(t * w), x, use_reentrant=True).sum()
loss.backward()
""",
        "w, loss",
    ),
    "four small batches, looked at": (
        """
torch.manual_seed(0)
net = nn.Linear(3, 1)
opt = torch.optim.Adam(net.parameters(), lr=0.1)
for k in range(8):
    loss = net(torch.randn(4, 3)).pow(2).mean() / 4
    loss.backward()
    print(net.weight.grad.norm())
    if k % 4 == 3:
        opt.step()
        opt.zero_grad()
""",
        "net.weight, loss",
    ),
    "an optimizer that walks by itself": (
        """
w = torch.ones(3, requires_grad=True)
opt = torch.optim.LBFGS([w])
def closure():
    opt.zero_grad()
    l = ((w - 2) ** 2).sum()
    l.backward()
    return l
loss = opt.step(closure)
""",
        "w, loss",
    ),
    "a gradient of a gradient": (
        """
torch.manual_seed(0)
net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x = torch.randn(2, 3, requires_grad=True)
out = net(x).sum()
(g,) = torch.autograd.grad(out, x, create_graph=True)
loss = out + (g.norm() - 1) ** 2
loss.backward()
opt.step()
""",
        "net.weight, loss",
    ),
    "a scale that is detached": (
        """
w = torch.tensor([1.0, 2.0], requires_grad=True)
loss = (w / w.detach().abs().max()).pow(2).sum()
loss.backward()
""",
        "w, loss",
    ),
}

program(
    "a sample has no slope",
    "cut:no_grad",
    """
torch.manual_seed(0)
w = torch.zeros(3, requires_grad=True)
chance = torch.distributions.Normal(w, 1.0)
z = chance.sample()  #!
loss = (z ** 2).sum()
""",
    {"chance.sample()": "chance.rsample()", ".sum()": ".sum()\nloss.backward()"},
)
program(
    "the indices of topk",
    "cut:integer/argmax/comparison",
    """
torch.manual_seed(0)
net, table = nn.Linear(3, 5), nn.Embedding(5, 3)
best = torch.topk(net(torch.ones(2, 3)), 1).indices  #!
loss = table(best).sum()
loss.backward()
""",
    {
        "torch.topk(net(torch.ones(2, 3)), 1).indices": "net(torch.ones(2, 3))",
        "table(best).sum()": "(best.softmax(1) @ table.weight).pow(2).sum()",
    },
    "net.weight, loss",
)
program(
    "the old constructor",
    "cut:torch.tensor",
    """
w = torch.ones(3, requires_grad=True)
v = torch.Tensor([w[0] * 2, w[1]])  #!
loss = v.sum()
""",
    {
        "torch.Tensor([w[0] * 2, w[1]])": "torch.stack([w[0] * 2, w[1]])",
        "v.sum()": "v.sum()\nloss.backward()",
    },
)
program(
    "the state of an LSTM",
    "freed-graph/second-walk",
    """
torch.manual_seed(0)
lstm, head, state = nn.LSTM(3, 4), nn.Linear(4, 1), None
try:
    for _ in range(3):
        out, state = lstm(torch.randn(5, 2, 3), state)  #!
        loss = head(out[-1]).pow(2).mean()
        lstm.zero_grad()
        loss.backward()
except RuntimeError as problem:
    e = problem
""",
    {"  #!": "\n        state = [s.detach() for s in state]"},
    "lstm.weight_ih_l0, loss",
)
program(
    "only the last part",
    "overwritten",
    """
w = torch.ones(3, requires_grad=True)
for k in range(3):
    loss = (w[k] - k - 1) ** 2  #!
loss.backward()
""",
    {"loss = (": "loss = (0 if k == 0 else loss) + ("},
)
program(
    "a row written in turn",
    "in-place-damage",
    """
torch.manual_seed(0)
cell, rows = nn.RNNCell(2, 3), torch.zeros(5, 4, 3)
for k in range(4):
    before = rows[k]
    rows[k + 1] = cell(torch.ones(4, 2), before)  #!
loss = rows[-1].pow(2).sum()
try:
    loss.backward()
except RuntimeError as problem:
    e = problem
""",
    {"torch.zeros(5, 4, 3)": "[torch.zeros(4, 3)] * 5"},
    "cell.weight_hh, loss",
)
program(
    "divided by a norm of zero",
    "nan:div",
    """
w = torch.zeros(3, requires_grad=True)
loss = (w / w.norm()).sum()  #!
loss.backward()
""",
    {"w.norm()": "(1 + w.norm())"},
)

program(
    "the graphs of a total over the turns",
    "graph-kept",
    """
w = torch.ones(2, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
seen = 0.0
for turn in range(4):
    loss = (w * turn - 1).pow(2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    seen += loss #!
""",
    {"seen += loss": "seen += loss.item()"},
)
program(
    "autograd.grad of an input that was replaced",
    "not-in-graph",
    """
net = nn.Linear(2, 1)
real, fake = torch.ones(3, 2), torch.zeros(3, 2)
mix = (0.5 * real + 0.5 * fake).requires_grad_()
score = net(real).sum() #!
(slope,) = torch.autograd.grad(score, mix, create_graph=True)
loss = (slope.norm(dim=1) - 1).pow(2).mean()
mix.grad = slope.detach()
""",
    {"net(real)": "net(mix)"},
    "mix, score",
)
program(
    "two steps through one function, over a graph that the first has freed",
    "freed-graph/second-walk",
    """
torch.manual_seed(0)
first, second = nn.Linear(2, 2), nn.Linear(2, 1)

def learn(loss):
    loss.backward() #!
    return loss

made = first(torch.randn(4, 2))
learn(F.softplus(second(made)).mean())
loss = F.softplus(-second(made)).mean()
learn(loss)
""",
    {"second(made)).mean())": "second(made.detach())).mean())"},
    "first.weight, loss",
)
program(
    "a key that is used twice",
    "not-in-graph",
    """
torch.manual_seed(0)
heads = [nn.Linear(2, 1), nn.Linear(2, 1)]
x = torch.randn(4, 2)
parts = {}
for head in heads:
    parts[type(head).__name__] = head(x).pow(2).mean() #!
loss = sum(parts.values())
loss.backward()
""",
    {"type(head).__name__": "id(head)"},
    "heads[0].weight, loss",
)
program(
    "a new net from the function that made the first",
    "wrong-object",
    """
torch.manual_seed(0)

def make():
    return nn.Linear(2, 1)

net = make()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
net = make() #!
old = opt.param_groups[0]["params"]
for _ in range(2):
    for held in old:
        held.grad = None
    net.zero_grad()
    loss = net(torch.ones(3, 2)).pow(2).mean()
    loss.backward()
    opt.step()
""",
    {"net = make() #!": "pass"},
    "net.weight, loss",
)
RIGHT |= {
    "a number beside a state that is detached, in one line": (
        """
torch.manual_seed(0)
w = torch.ones(2, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
state, total, turns = torch.ones(2), 0.0, 0
for turn in range(3):
    state = torch.tanh(w * state)
    loss = (state - 1).pow(2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    state, total, turns = state.detach(), total + loss.item(), turns + 1
""",
        "w, loss",
    ),
    "two parts walked one after the other, with a look in between": (
        """
w = torch.ones(2, requires_grad=True)
h = w.exp()
one, other = h.sum(), (h * h).sum()
loss = one + other
one.backward(retain_graph=True)
size = w.grad.norm().item()
other.backward()
""",
        "w, loss",
    ),
}
