"""Hear each call of torch, and write it into the journal."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook

from .flow import Meter
from .functions import is_tensor
from .journal import (
    OPTIMIZER,
    Journal,
    Walk,
    current_journal,
    find_caller,
    find_spots,
    list_tensors,
)
from .private import (
    ParameterListener,
    UncompiledListener,
    base_of,
    bypass_torch_function,
    is_zeroing,
    next_sequence_number,
    version_of,
)

EXITS = {"item", "tolist", "numpy", "__array__", "__float__", "__int__", "__complex__"}
EXITS |= {"__index__"}
VIEWS = {"data", "T", "mT", "H", "mH", "real", "imag"}  # attributes that are tensors
SAME_MEMORY = {"data", "detach", "numpy", "__array__", "from_numpy", "detach_"}
SAME_MEMORY |= {"as_tensor", "asarray"}
# What is asked of a tensor, and gives none.
QUIET = {"dim", "size", "stride", "numel", "nelement", "__len__", "__repr__", "ndim"}
QUIET |= {"__format__", "is_floating_point", "is_complex", "is_contiguous", "__hash__"}
QUIET |= {
    "element_size",
    "data_ptr",
    "untyped_storage",
    "storage_offset",
    "register_hook",
}
QUIET |= {
    "retain_grad",
    "get_device",
    "_set_grad_enabled",
    "_record_function_enter_new",
}
QUIET |= {"_RecordFunction", "__bool__", "__contains__", "storage", "type", "__dir__"}
QUIET |= {"is_same_size", "has_names", "is_set_to", "result_type", "can_cast"}
MOST_PLANS = 5_000


class Plan(NamedTuple):
    """Say how a function of torch is heard."""

    kind: str
    name: str


def make_plan(func: Callable) -> Plan:
    """Tell what a function is for."""
    name = getattr(func, "__name__", "") or str(func)
    if name in ("__get__", "__set__", "__delete__"):
        attribute = getattr(getattr(func, "__self__", None), "__name__", "")
        return Plan(judge_attribute(name, attribute), attribute)
    if name in QUIET or "RecordFunction" in name:
        return Plan("", name)
    if name == "backward" or func is torch.autograd.grad:
        return Plan("walk", name)
    if name == "requires_grad_":
        return Plan("flag", name)
    return Plan("exit" if name in EXITS else "call", name)


def judge_attribute(access: str, attribute: str) -> str:
    if access == "__get__":
        return "read" if attribute == "grad" else "call" * (attribute in VIEWS)
    return {"requires_grad": "flag", "grad": "clear", "data": "call"}.get(attribute, "")


class Listener(UncompiledListener):
    """Write down every call in a block; run as part of watch()."""

    def __init__(self) -> None:
        super().__init__()
        self.journal: Journal = current_journal()
        self.plans: dict[Any, Plan] = {}
        self.hook: Any = None
        self.parameters = ParameterListener(self.note_parameter)

    def __enter__(self):
        """Listen to optimizers as well."""
        self.journal = current_journal()
        self.journal.blocks += 1
        self.hook = register_optimizer_step_pre_hook(self.note_step)
        self.parameters.__enter__()
        return super().__enter__()

    def __exit__(self, *problem):
        """Stop listening."""
        self.hook.remove()
        self.parameters.__exit__()
        return super().__exit__(*problem)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        """Run one function of torch, and remember what it was."""
        plan = self.plans.get(func)
        if plan is None:
            plan = make_plan(func)
            if len(self.plans) < MOST_PLANS:
                self.plans[func] = plan
        kwargs = kwargs or {}
        if not plan.kind or is_noted_as_a_whole(plan):
            return func(*args, **kwargs)
        if plan.kind == "read":
            return self.hear_read(func, args)
        if plan.kind == "walk":
            return self.hear_walk(plan, func, args, kwargs)
        return self.hear_call(plan, func, args, kwargs)

    def hear_call(self, plan: Plan, func, args: Sequence, kwargs: dict) -> Any:
        with bypass_torch_function():
            given = list_tensors(args, [])
            if kwargs:
                list_tensors(kwargs.values(), given)
            asked = tuple([asks(t) for t in given])
            first = given[0] if given and is_tensor(given[0]) else None
            before = -1 if first is None else version_of(first)
            sequence = next_sequence_number()
        try:
            result = func(*args, **kwargs)
        except Exception as problem:
            self.note_problem(plan, given, asked, problem)
            raise
        with bypass_torch_function():
            outs = list_tensors((result,), [])
            written = find_written(plan, args, kwargs, first, before)
            if outs or written or plan.kind != "call":
                self.note(plan, given, asked, outs, written, sequence, args)
        return result

    def note(self, plan, given, asked, outs, written, sequence, args) -> None:
        journal = self.journal
        spots, library = find_spots(sys._getframe(3))
        if plan.kind == "clear" and self.joins_last(spots, given):
            return
        ins = tuple([journal.token(t) for t in given])
        kept = tuple([asks(t) for t in outs])
        fractions = tuple([has_fractions(t) for t in outs])
        same = plan.name in SAME_MEMORY and bool(ins)
        tokens = []
        for out in outs:
            base = base_of(out) if is_tensor(out) else None
            source = ins[0] if same else 0 if base is None else journal.token(base)
            tokens.append(journal.token(out, journal.memory(source) if source else 0))
        name = plan.name
        if plan.kind == "flag":
            name = "ask" if asks(given[0]) else "freeze"
        if plan.kind == "clear" and len(args) > 1 and args[1] is not None:
            name = "set"
        journal.add(
            plan.kind, name, spots=spots, ins=ins, asked=asked, outs=tuple(tokens),
            kept=kept, wrote=tuple([journal.token(t) for t in written]),
            recording=torch.is_grad_enabled() and not torch.is_inference_mode_enabled(),
            fractions=fractions, sequence=sequence, until=next_sequence_number(),
            library=library,
        )  # fmt: skip

    def joins_last(self, spots: tuple, given: list) -> bool:
        """Tell whether the last record cleared another gradient at the same place."""
        records = self.journal.records
        if not records or records[-1].kind != "clear" or records[-1].spots != spots:
            return False
        token = self.journal.token(given[0])
        if token in records[-1].ins:
            return False
        records[-1] = records[-1]._replace(ins=(*records[-1].ins, token))
        return True

    def note_problem(self, plan, given, asked, problem: Exception) -> None:
        spots, library = find_spots(sys._getframe(2))
        with bypass_torch_function(), suppress(RuntimeError):
            self.journal.add(
                plan.kind, plan.name, spots=spots, asked=asked, library=library,
                ins=tuple([self.journal.token(t) for t in given]),
                recording=torch.is_grad_enabled(), problem=str(problem)[:2_000],
            )  # fmt: skip

    def hear_read(self, func, args: Sequence) -> Any:
        """Note who looked at a gradient, if that was the learner."""
        found = func(*args)
        if not find_caller(sys._getframe(2)):
            spots, _ = find_spots(sys._getframe(2))
            with bypass_torch_function():
                token = self.journal.token
                outs = () if found is None else (token(found),)
                self.journal.add(
                    "read", "grad", spots=spots, ins=(token(args[0]),), outs=outs
                )
        return found

    def hear_walk(self, plan: Plan, func, args: Sequence, kwargs: dict) -> Any:
        """Measure what one walk sends, and note which leaves it reached."""
        with bypass_torch_function():
            given = list_tensors(args[:1] or kwargs.values(), [])
            roots = [t for t in given if asks(t)]
            asked = tuple(map(asks, given))
        meter = Meter(roots)
        try:
            result = func(*args, **kwargs)
        except Exception as problem:
            self.note_problem(plan, given, asked, problem)
            raise
        finally:
            meter.end()
        spots, library = find_spots(sys._getframe(2))
        with bypass_torch_function():
            token = self.journal.token
            leaves = tuple(map(token, meter.leaves))
            record = self.journal.add(
                "walk", plan.name, spots=spots, library=library, asked=asked,
                ins=tuple(map(token, given)),
                wrote=leaves if plan.name == "backward" else (),
                sequence=next_sequence_number(),
            )  # fmt: skip
        walk = Walk(
            record.turn, frozenset(leaves), meter.flow, tuple(meter.order), meter.whole
        )
        self.journal.walks.append(walk)
        return result

    def note_parameter(self, made: Tensor, data: object) -> None:
        """Note what a parameter was made of: it shares the memory, but no graph."""
        with bypass_torch_function():
            token = self.journal.token
            if not is_tensor(data) or not (asks(data) or self.journal.find(data)):
                return
            spots, library = find_spots(sys._getframe(2))
            source, now = token(data), next_sequence_number()
            self.journal.add(
                "call", "Parameter", spots=spots, library=library, ins=(source,),
                asked=(asks(data),), kept=(False,), fractions=(has_fractions(made),),
                outs=(token(made, self.journal.memory(source)),),
                recording=torch.is_grad_enabled(), sequence=now, until=now,
            )  # fmt: skip

    def note_step(self, optimizer: Optimizer, args: tuple, kwargs: dict) -> None:
        """Note what an optimizer holds, and what of that has a gradient now."""
        spots, library = find_spots(sys._getframe(2))
        with bypass_torch_function():
            held = [p for group in optimizer.param_groups for p in group["params"]]
            token = self.journal.token
            self.journal.add(
                "step", type(optimizer).__name__, spots=spots, library=library,
                ins=tuple([token(p) for p in held]),
                wrote=tuple([token(p) for p in held if p.grad is not None]),
            )  # fmt: skip


def is_noted_as_a_whole(plan: Plan) -> bool:
    """Tell a part of an optimizer's step from all that is noted by itself."""
    if plan.kind == "clear" or is_zeroing(plan.name):
        return False
    return find_caller(sys._getframe(2)) == OPTIMIZER


def asks(thing: Any) -> bool:
    return is_tensor(thing) and thing.requires_grad


def has_fractions(thing: Any) -> bool:
    return is_tensor(thing) and (thing.is_floating_point() or thing.is_complex())


def find_written(
    plan: Plan, args: Sequence, kwargs: dict, first: Tensor | None, before: int
) -> list:
    """List the tensors that a call has changed in place."""
    name = plan.name
    if kwargs and kwargs.get("out") is not None:
        return list_tensors((kwargs["out"],), [])
    if plan.kind != "call":
        return []
    if name == "__setitem__" or (name[-1:] == "_" and name[-2:] != "__"):
        found = list_tensors(args[:1], [])
        return found or list_tensors(kwargs.values(), [])[:1]
    changed = first is not None and before >= 0 and version_of(first) != before
    return [first] if changed else []
