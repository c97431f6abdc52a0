"""Ask torch what only its private parts can tell.

No other file of the helpers touches them, so this is the one to read when a release of
torch changes something. Every docstring ends in the versions on which its answer was
seen to hold, and `test_private` asks each question again, of the oldest and the newest
torch too. The one exception is `helpers.sandbox`: it stands below this room, and has a
section of its own for what it asks.
"""

import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

Function = Any  # one of the graph: torch's hints leave out most of what it has

# ---- functions of the graph ------------------------------------------------------


def sequence_number(function: Function) -> int:
    """Return when a function was made, leaves last (torch 2.6 to 2.15)."""
    return function._sequence_nr()


def next_sequence_number() -> int:
    """Return what the next function of this thread will bear (torch 2.6 to 2.15)."""
    return torch._C._autograd._get_sequence_nr()


def output_metadata(function: Function) -> Sequence:
    """List what kind of tensor each output is (torch 2.6 to 2.15)."""
    return function._input_metadata  # the inputs of its backward


def is_walking() -> bool:
    """Tell whether a walk back runs in this thread (torch 2.6 to 2.15)."""
    return torch._C._current_graph_task_id() != -1


def is_custom(function: Function) -> bool:
    """Tell whether it is a torch.autograd.Function's, of Python (torch 2.6 to 2.15)."""
    return isinstance(function, BackwardCFunction)


def defining_module(function: Function) -> str:
    """Return where a custom function was defined (torch 2.6 to 2.15)."""
    return getattr(type(function)._forward_cls, "__module__", "")


def saved_values(function: Function) -> dict[str, Any]:
    """Return what a function saved for the walk.

    Reading what was freed or damaged raises RuntimeError, reading what hooks look after
    runs the learner's code: both are left out (torch 2.7 to 2.15).
    """
    found = {}
    for name in dir(function):
        if name.startswith(("_saved_", "saved_tensors")):
            with suppress(RuntimeError):
                raw = getattr(function, f"_raw_{name.lstrip('_')}", ())
                if not is_hooked(raw):
                    found[name.removeprefix("_saved_")] = getattr(function, name)
    return found


def is_damaged(function: Function) -> bool:
    """Tell whether anything that a function saved was changed (torch 2.6 to 2.15)."""
    for name in dir(function):
        if name.startswith(("_saved_", "saved_tensors")):
            try:
                getattr(function, name)
            except RuntimeError as problem:
                if "inplace operation" in str(problem):
                    return True
    return False


def names_of_saved(function: Function) -> list[str]:
    """Name the tensors that a function saves, also where they were freed.

    A custom function's have no names; sizes and numbers are no tensors (torch 2.6 to
    2.15).
    """
    raw = "_raw_saved_"
    names = [name for name in dir(function) if name.startswith(raw)]
    return [name.removeprefix(raw) for name in names if name != f"{raw}tensors"]


def has_unpack_hook(function: Function) -> bool:
    """Tell whether saved_tensors_hooks look after any value that a function saved.

    Raises RuntimeError where a custom function's were freed (torch 2.7 to 2.15).
    """
    names = (name for name in dir(function) if name.startswith("_raw_saved_"))
    return any(is_hooked(getattr(function, name)) for name in names)


def is_hooked(raw: object) -> bool:
    """Tell whether hooks look after a saved tensor, or one of several.

    Torch 2.6 tells nobody, so there they are not noticed (torch 2.7 to 2.15).
    """
    several = raw if isinstance(raw, tuple) else (raw,)
    return any(getattr(each, "unpack_hook", None) is not None for each in several)


# ---- operators, tensors and modules ----------------------------------------------


def schema_of(operator: object) -> Any:
    """Return an operator's schema, or None (torch 2.6 to 2.15)."""
    return getattr(operator, "_schema", None)


def base_of(thing: object) -> Tensor | None:
    """Return what a view shows a part of; None for all else (torch 2.6 to 2.15)."""
    return getattr(thing, "_base", None)


def is_transformed(tensor: Tensor) -> bool:
    """Tell a tensor from inside of grad, vmap or the like (torch 2.6 to 2.15)."""
    return torch._C._functorch.is_functorch_wrapped_tensor(tensor)


def plain_tensor(tensor: Tensor) -> Tensor:
    """Return the tensor inside of what a transform wrapped (torch 2.6 to 2.15)."""
    while torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        tensor = torch._C._functorch.get_unwrapped(tensor)
    return tensor


def version_of(tensor: Tensor) -> int:
    """Count the writes into a tensor; -1 where nobody counts (torch 2.6 to 2.15)."""
    return -1 if tensor.is_inference() else tensor._version


def stored_values(sparse: Tensor) -> Tensor:
    """Return a sparse tensor's numbers, to be written to (torch 2.6 to 2.15)."""
    return sparse._values()


def hooks_on(tensor: Tensor) -> int:
    """Count the hooks that a walk would run for a tensor (torch 2.6 to 2.15)."""
    after = getattr(tensor, "_post_accumulate_grad_hooks", None)
    return len(tensor._backward_hooks or ()) + len(after or ())


def module_hooks_on(module: torch.nn.Module) -> int:
    """Count a module's own hooks that a walk would run (torch 2.6 to 2.15)."""
    return len(module._backward_hooks) + len(module._backward_pre_hooks)


def registered_members(attributes: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield a module's parameters, buffers and modules (torch 2.6 to 2.15)."""
    for kind in ("_parameters", "_buffers", "_modules"):
        yield from attributes.get(kind, {}).items()


# ---- who calls ------------------------------------------------------------------


def passes_calls_on(file: str) -> bool:
    """Tell a file in torch's folder that only passes calls on (torch 2.6 to 2.15)."""
    return file.startswith(("_dynamo", "_compile", "overrides"))


def is_transform(file: str) -> bool:
    """Tell whether a file belongs to torch.func (torch 2.6 to 2.15)."""
    return "_functorch" in file


def calls_module(function: str) -> bool:
    """Tell the function through which every module is called (torch 2.6 to 2.15)."""
    return function == "_wrapped_call_impl"


def is_zeroing(function: str) -> bool:
    """Tell a function that optimizers clear gradients with (torch 2.6 to 2.15)."""
    return function in ("zero_", "_foreach_zero_")


# ---- modes -----------------------------------------------------------------------


def bypass_torch_function() -> AbstractContextManager:
    """Let no class and no mode for functions see a block (torch 2.6 to 2.15)."""
    return torch._C.DisableTorchFunction()


def bypass_torch_dispatch() -> AbstractContextManager:
    """Let no mode for operators see a block (torch 2.6 to 2.15)."""
    return torch._C._DisableTorchDispatch()


@contextmanager
def bypass_modes() -> Iterator[None]:
    """Keep the learner's modes and classes out of a block (torch 2.6 to 2.15)."""
    classes = torch._C.DisableTorchFunctionSubclass()
    watched = torch._C._len_torch_dispatch_stack() > 0
    modes = _disable_current_modes() if watched else nullcontext()  # a slow import
    with modes, classes, torch.inference_mode(False):
        yield


class UncompiledMode(TorchDispatchMode):
    """Stay out of the compiler's sight, and do not import it.

    Torch 2.6 refuses control flow of its own in any mode: torch.cond and the like
    raise NotImplementedError there (torch 2.6 to 2.15).
    """

    supports_higher_order_operators = True

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first block imports the compiler, which takes seconds

    def __enter__(self):
        """Hide from the compiler if there is one by now."""
        kind: Any = type(self)
        if "torch._dynamo" in sys.modules and not hasattr(kind, "_plain"):
            kind._plain = kind.__torch_dispatch__
            kind.__torch_dispatch__ = torch._disable_dynamo(kind._plain)
        return super().__enter__()


class UncompiledListener(TorchFunctionMode):
    """Hear the functions of torch, out of the compiler's sight (torch 2.6 to 2.15)."""

    def __enter__(self):
        """Hide from the compiler if there is one by now."""
        kind: Any = type(self)
        if "torch._dynamo" in sys.modules and not hasattr(kind, "_plain"):
            kind._plain = kind.__torch_function__
            kind.__torch_function__ = torch._disable_dynamo(kind._plain)
        return super().__enter__()


class ParameterListener:
    """Hear what nn.Parameter is made of, which no mode is told.

    While any block listens, the class has another `__new__`, which does the same and
    tells the innermost block of its thread (torch 2.6 to 2.15).
    """

    _plain = Parameter.__new__
    _lock = threading.Lock()
    _blocks: ClassVar[list[tuple[int, Callable[[Tensor, object], None]]]] = []

    def __init__(self, note: Callable[[Tensor, object], None]):
        self.note = note

    def __enter__(self):
        """Listen to this thread."""
        kind, torchs = ParameterListener, Parameter.__new__
        with kind._lock:
            if torchs is not kind._make:
                kind._plain, Parameter.__new__ = torchs, kind._make  # type: ignore
            kind._blocks.append((threading.get_ident(), self.note))
        return self

    def __exit__(self, *problem):
        """Stop listening; the last one gives torch's own back."""
        kind = ParameterListener
        with kind._lock:
            kind._blocks.remove((threading.get_ident(), self.note))
            if not kind._blocks and Parameter.__new__ is kind._make:
                Parameter.__new__ = kind._plain  # type: ignore

    @staticmethod
    def _make(cls, data=None, requires_grad=True):
        made = ParameterListener._plain(cls, data, requires_grad)
        thread = threading.get_ident()
        own = (note for block, note in ParameterListener._blocks if block == thread)
        for note in [*own][-1:]:
            note(made, data)
        return made
