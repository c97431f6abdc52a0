"""The engine of notebook 8, piece by piece as its page writes it.

A right answer to one of its exercises takes the place of the function of that name
here, so that whatever is imported from then on runs with the learner's own.
"""

import math

import numpy as np


class Number:
    def __init__(self, value, slopes=(), op="leaf"):
        self.value, self.slopes, self.op, self.grad = value, slopes, op, 0.0

    def __add__(self, other):
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)], "Add")

    def __mul__(self, other):
        return Number(self.value * other.value, product_slopes(self, other), "Mul")


def product_slopes(a, b):
    return [(a, b.value), (b, a.value)]


def tanh(a):
    return Number(t := math.tanh(a.value), [(a, 1 - t * t)], "Tanh")


Number.tanh = tanh


def order(result):
    done, stack = {}, [result]
    while stack:
        waiting = [a for a, _ in stack[-1].slopes if a not in done]
        if waiting:
            stack.append(waiting[0])
        else:
            done[stack.pop()] = True
    return list(done)


def walk(numbers):
    gradients = dict.fromkeys(numbers, 0.0)
    gradients[numbers[-1]] = 1.0
    for number in reversed(numbers):
        for a, slope in number.slopes:
            gradients[a] += slope * gradients[number]
    return gradients


def backward(result):
    for number, gradient in walk(order(result)).items():
        if not number.slopes:
            number.grad = number.grad + gradient


def fit(gradient, shape):
    extra = gradient.ndim - len(shape)
    gradient = gradient.sum(axis=tuple(range(extra)))
    ones = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=ones, keepdims=True)


class Slope:
    __array_ufunc__ = None  # so that numpy leaves `array * slope` to us

    def __init__(self, shape, send):
        self.shape, self.send = shape, send

    def __mul__(self, gradient):
        return fit(self.send(np.array(gradient)), self.shape)

    __rmul__ = __mul__


def record(value, op, *sends):
    return Array(value, [(a, Slope(a.value.shape, send)) for a, send in sends], op)


class Array(Number):
    def __add__(a, b):
        return record(a.value + b.value, "Add", (a, lambda g: g), (b, lambda g: g))

    def __mul__(self, other):
        a, b = self.value, other.value
        return record(a * b, "Mul", (self, lambda g: g * b), (other, lambda g: g * a))

    def tanh(self):
        t = np.tanh(self.value)
        return record(t, "Tanh", (self, lambda g: g * (1 - t * t)))


def matmul(self, other):
    a, b = self.value, other.value
    return record(a @ b, "Mm", (self, lambda g: g @ b.T), (other, lambda g: a.T @ g))


def add_up(a):
    return record(a.value.sum(), "Sum", (a, lambda g: np.full(a.value.shape, g)))


Array.__matmul__, Array.sum = matmul, add_up
