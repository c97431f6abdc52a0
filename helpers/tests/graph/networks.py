"""Six networks as learners write them, each with what one step computes."""

import torch
from torch import nn

from helpers import watch


class Tagger(nn.Module):
    """Tag the words of a sentence."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 6)
        self.lstm = nn.LSTM(6, 8, 2, batch_first=True)
        self.head = nn.Linear(8, 3)

    def forward(self, words):
        states, _ = self.lstm(self.embed(words))
        return self.head(states)


class Block(nn.Module):
    """Add what two convolutions find to what came in."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(4, 4, 3, padding=1) for _ in range(2))
        self.bn1, self.bn2 = nn.BatchNorm2d(4), nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        h = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.bn2(self.conv2(h)) + x)


def perceptron():
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    x, t = torch.randn(5, 4), torch.randn(5, 1)
    names = {"net": net, "x": x, "t": t}
    return names, lambda: nn.functional.mse_loss(net(x), t)


def convolutional():
    front = [nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)]
    net = nn.Sequential(*front, nn.Flatten(), nn.Linear(36, 10))
    x, t = torch.randn(2, 1, 8, 8), torch.tensor([1, 2])
    names = {"net": net, "x": x, "t": t}
    return names, lambda: nn.functional.cross_entropy(net(x), t)


def recurrent():
    net, words, t = Tagger(), torch.randint(10, (2, 5)), torch.randint(3, (10,))
    names = {"net": net, "words": words, "t": t}
    return names, lambda: nn.functional.cross_entropy(net(words).flatten(0, 1), t)


def transformer():
    net = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
    x = torch.randn(2, 6, 16)
    return {"net": net, "x": x}, lambda: net(x).pow(2).mean()


def residual():
    stem, block, x = nn.Conv2d(3, 4, 3, padding=1), Block(), torch.randn(2, 3, 8, 8)
    return {"stem": stem, "block": block, "x": x}, lambda: block(stem(x)).mean()


def adversarial():
    G = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6))
    D = nn.Sequential(nn.Linear(6, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    judge, real, noise = nn.BCEWithLogitsLoss(), torch.randn(5, 6), torch.randn(5, 4)
    yes, no = torch.ones(5, 1), torch.zeros(5, 1)
    names = {"G": G, "D": D, "judge": judge, "real": real, "noise": noise}
    return names, lambda: judge(D(real), yes) + judge(D(G(noise)), no)


NETWORKS = {
    make.__name__: make
    for make in (
        perceptron,
        convolutional,
        recurrent,
        transformer,
        residual,
        adversarial,
    )
}
LEVELS = (True, 1, 2, 9)


def make_network(name):
    """Return what is behind a loss by name, and a function that computes the loss."""
    torch.manual_seed(0)
    return NETWORKS[name]()


def run_network(name):
    """Return a loss that was watched, and the names of all that is behind it."""
    names, step = make_network(name)
    with watch():
        loss = step()
    return loss, names
