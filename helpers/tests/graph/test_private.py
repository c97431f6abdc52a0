"""Torch's private parts stand in one file, and each still says what is asked of it."""

import ast
import inspect
import re
import sys
import threading
from pathlib import Path

import pytest
import torch
from torch.autograd import forward_ad
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint

import helpers
from helpers import sandbox
from helpers.graph import private
from helpers.graph.functions import function_of
from helpers.graph.private import (
    ParameterListener,
    UncompiledListener,
    UncompiledMode,
    base_of,
    bypass_modes,
    bypass_torch_dispatch,
    bypass_torch_function,
    calls_module,
    defining_module,
    has_unpack_hook,
    hooks_on,
    is_custom,
    is_damaged,
    is_hooked,
    is_transform,
    is_transformed,
    is_walking,
    is_zeroing,
    module_hooks_on,
    names_of_saved,
    next_sequence_number,
    output_metadata,
    passes_calls_on,
    plain_tensor,
    registered_members,
    saved_values,
    schema_of,
    sequence_number,
    stored_values,
    version_of,
)
from helpers.sandbox import find_file_of_modes, forward_level, print_options
from helpers.tests.graph import Asked, tells_of_hooks


def leaf():
    return torch.tensor([1.0, 2.0, 3.0], requires_grad=True)


class Twice(torch.autograd.Function):
    """Save what it is given, and double it."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return 2 * x

    @staticmethod
    def backward(ctx, gradient):
        return 2 * gradient


# ---- where they stand -------------------------------------------------------

FOLDER = Path(helpers.__file__).parent
HOME = FOLDER / "graph" / "private.py"
SECTION = re.compile(r"# ---- torch's private parts -.*?(?=# ---- )", re.DOTALL)
MODULES = [
    path
    for path in sorted(FOLDER.rglob("*.py"))
    if path != HOME and path.relative_to(FOLDER).parts[0] != "tests"
]
HIDDEN = re.compile(r"_(?!_)\w+")
IMPORTS = ast.Import | ast.ImportFrom
HOLDERS = [torch, forward_ad, torch.Tensor, torch.nn.Module(), TorchDispatchMode]
HOLDERS += [
    leaf().exp().grad_fn,
    Twice.apply(leaf()).grad_fn,
    torch.ops.aten.mul.Tensor,
]
TORCHS = {name for it in HOLDERS for name in dir(it) if HIDDEN.fullmatch(name)}
TORCHS |= {"BackwardCFunction", "_should_skip_dynamo"}  # looks public; in newer ones


def names_in(node):
    """List the names that a piece of code takes from elsewhere, or defines for it."""
    match node:
        case ast.Import(names=names):
            return [part for each in names for part in parts_of(each.name)]
        case ast.ImportFrom(module=str(module), names=names):
            inner = [each.name for each in names] if parts_of(module) else []
            return parts_of(module) + inner
        case ast.Attribute(attr=name) | ast.FunctionDef(name=name):
            return [name]
        case ast.Constant(value=str(text)) if HIDDEN.fullmatch(text):
            whole = [name for name in TORCHS if name.startswith(text)]
            return whole[:1] if text.endswith("_") else [text]
    return []


def parts_of(module):
    """Return the parts of a module's name if it is one of torch's."""
    return module.split(".") if module.split(".")[0] == "torch" else []


def private_parts(source):
    """List the private names of torch that a source writes, with their lines."""
    return [
        f"{node.lineno}: {name}"
        for node in ast.walk(ast.parse(source))
        for name in names_in(node)
        if name in TORCHS or (isinstance(node, IMPORTS) and HIDDEN.match(name))
    ]


@pytest.mark.parametrize(
    "line",
    [
        "torch._C.DisableTorchFunction()",
        "from torch._C import DisableTorchFunction",
        "from torch.utils import _pytree",
        "from torch.utils._python_dispatch import TorchDispatchMode",
        "from torch.autograd.function import BackwardCFunction",
        "import torch._dynamo",
        "function._sequence_nr()",
        "function._input_metadata[0]",
        "kind._forward_cls",
        "getattr(tensor, '_base', None)",
        "held['_parameters']",
        "name.startswith('_saved_')",
        "class Mode:\n    def _should_skip_dynamo(self): ...",
    ],
)
def test_a_private_part_is_noticed(line):
    assert len(private_parts(line)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "self._kept = torch.ones(2).is_leaf",
        "sys._getframe(2)",
        "from concurrent.futures import _base",
        "from torch.autograd.graph import Node",
        "name.startswith('_')",
        "type(value).__torch_dispatch__",
    ],
)
def test_what_is_public_or_not_torchs_is_no_private_part(line):
    assert private_parts(line) == []


def test_private_parts_stand_in_one_file_and_one_section():
    found = {}
    for path in MODULES:
        source = path.read_text("utf-8")
        if path.name == "sandbox.py":
            source, count = SECTION.subn("", source)
            assert count == 1
        found[str(path.relative_to(FOLDER))] = private_parts(source)
    assert len(found) > 40
    assert {name: parts for name, parts in found.items() if parts} == {}


def definitions(source):
    """List the functions and classes of a source that its other parts may use."""
    kinds = ast.FunctionDef | ast.ClassDef
    return [node for node in ast.parse(source).body if isinstance(node, kinds)]


QUESTIONS = definitions(HOME.read_text("utf-8"))
QUESTIONS += definitions(SECTION.search(inspect.getsource(sandbox))[0])


@pytest.mark.parametrize("question", [pytest.param(q, id=q.name) for q in QUESTIONS])
def test_each_says_where_it_was_seen_and_is_tried_here(question):
    said = " ".join(ast.get_docstring(question).split())
    assert re.search(r"torch 2\.\d+ to 2\.\d+\)?\.$", said)
    tree = ast.parse(Path(__file__).read_text("utf-8"))
    assert question.name in {it.id for it in ast.walk(tree) if type(it) is ast.Name}


# ---- functions of the graph -------------------------------------------------


def test_newer_functions_have_larger_numbers_and_leaves_the_largest():
    x = leaf()
    first = x * 2
    second = first + 1
    made = [first.grad_fn, second.grad_fn, function_of(x)]
    numbers = [sequence_number(function) for function in made]
    assert numbers == sorted({*numbers})


@pytest.mark.filterwarnings("ignore")  # nested tensors are a prototype
def test_outputs_are_described():
    halves = torch.ones(2, 3, dtype=torch.double, requires_grad=True).split(1)
    found = [
        (tuple(each.shape), each.dtype, each.device.type, each.is_nested_tensor)
        for each in output_metadata(halves[0].grad_fn)
    ]
    assert found == [((1, 3), torch.double, "cpu", False)] * 2
    nested = torch.nested.nested_tensor([torch.ones(2)], requires_grad=True) * 2
    assert [it.is_nested_tensor for it in output_metadata(nested.grad_fn)] == [True]


def test_a_custom_function_is_told_from_torchs():
    custom, torchs = Twice.apply(leaf()).grad_fn, leaf().exp().grad_fn
    assert (is_custom(custom), is_custom(torchs)) == (True, False)
    assert defining_module(custom) == __name__


def test_a_checkpoint_that_enters_again_is_a_custom_function_of_torchs():
    y = checkpoint(torch.exp, leaf(), use_reentrant=True)
    assert is_custom(y.grad_fn)
    assert defining_module(y.grad_fn) == "torch.utils.checkpoint"


def fail(kept):
    raise AssertionError


def by_name(function):
    return {
        name: value.tolist() if isinstance(value, torch.Tensor) else value
        for name, value in saved_values(function).items()
    }


@pytest.mark.parametrize(
    ("compute", "wanted"),
    [
        (lambda x: x * x, {"self": [1, 2, 3], "other": [1, 2, 3]}),
        (lambda x: x**2, {"self": [1, 2, 3], "exponent": 2}),
        (lambda x: x + 1, {"alpha": 1}),
    ],
)
def test_what_was_saved_is_read_by_the_names_of_the_schema(compute, wanted):
    assert by_name(compute(leaf()).grad_fn) == wanted


def test_several_saved_values_come_together():
    (index,) = saved_values(leaf()[torch.tensor([0])].grad_fn)["indices"]
    assert index.tolist() == [0]
    y = Twice.apply(leaf())  # only together with it does what it saved live on
    (given,) = saved_values(y.grad_fn)["saved_tensors"]
    assert given.tolist() == [1, 2, 3]


def test_what_was_freed_is_left_out():
    torchs, custom = leaf().exp(), Twice.apply(leaf())
    (torchs + custom).sum().backward()
    assert saved_values(torchs.grad_fn) == saved_values(custom.grad_fn) == {}
    assert not has_unpack_hook(torchs.grad_fn)
    with pytest.raises(RuntimeError, match="a second time"):
        has_unpack_hook(custom.grad_fn)


def test_what_was_damaged_is_left_out():
    y = leaf().exp()
    function = y.grad_fn
    y.add_(1)
    assert saved_values(function) == {} and not has_unpack_hook(function)


@tells_of_hooks
@pytest.mark.parametrize(
    ("compute", "kept", "left_out"),
    [
        (torch.exp, set(), "result"),
        (lambda x: x[torch.tensor([0])], {"self_sym_sizes"}, "indices"),
        (Twice.apply, set(), "saved_tensors"),
    ],
)
def test_what_hooks_look_after_is_not_read(compute, kept, left_out):
    x = leaf()
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, fail):
        cared_for = compute(x)
    assert {*saved_values(cared_for.grad_fn)} == kept
    assert has_unpack_hook(cared_for.grad_fn)
    plain = compute(x)
    assert {*saved_values(plain.grad_fn)} == kept | {left_out}
    assert not has_unpack_hook(plain.grad_fn)


def test_what_is_no_saved_tensor_has_no_hook():
    assert [is_hooked(it) for it in (None, 5, (), (None, 5))] == [False] * 4


# ---- operators, tensors, modules --------------------------------------------


def test_a_schema_tells_the_arguments_and_what_writes():
    add = schema_of(torch.ops.aten.add.Tensor)
    told = [(a.name, str(a.type), a.default_value, a.kwarg_only) for a in add.arguments]
    assert told == [
        ("self", "Tensor", None, False),
        ("other", "Tensor", None, False),
        ("alpha", "number", 1, True),
    ]
    assert not add.is_mutable and schema_of(torch.ops.aten.add_.Tensor).is_mutable
    assert schema_of(torch.ops.higher_order.cond) is schema_of(len) is None


def test_a_view_knows_what_it_shows_a_part_of():
    x = torch.ones(2)
    assert base_of(x[0]) is base_of(x[:1][0]) is x
    assert base_of(x) is base_of(x + 1) is base_of(5) is None


@pytest.mark.parametrize("transform", [torch.func.vmap, torch.func.grad])
def test_a_tensor_inside_of_a_transform_is_told_from_others(transform):
    seen = []

    def f(t):
        seen.append(is_transformed(t))
        return t.sum()

    transform(f)(torch.ones(2))
    assert seen == [True] and not is_transformed(leaf().exp())


def test_what_a_sparse_tensor_stores_can_be_written_to():
    sparse = torch.sparse_coo_tensor(
        [[0, 2, 2]], [1.0, 2.0, 3.0], (3,), check_invariants=True
    )
    stored_values(sparse).fill_(1)
    assert sparse.to_dense().tolist() == [1, 0, 2]


def test_hooks_on_tensors_are_counted():
    x = leaf()
    y = x * 1
    before = hooks_on(x), hooks_on(y)
    handles = [x.register_hook(len), x.register_post_accumulate_grad_hook(len)]
    y.register_hook(len)
    assert (before, hooks_on(x), hooks_on(y)) == ((0, 0), 2, 1)
    for handle in handles:
        handle.remove()
    assert hooks_on(x) == 0


def test_only_hooks_on_modules_that_a_walk_would_run_are_counted():
    module = torch.nn.Linear(1, 1)
    module.register_forward_hook(len)
    assert module_hooks_on(module) == 0
    module.register_full_backward_hook(len)
    module.register_full_backward_pre_hook(len)
    assert module_hooks_on(module) == module_hooks_on(torch.nn.ReLU()) + 2
    assert module_hooks_on(torch.nn.Sequential(module)) == 0


def test_what_is_registered_is_found_among_the_attributes():
    module = torch.nn.Linear(1, 1, bias=False)
    module.register_buffer("mean", torch.ones(2))
    module.inner, module.plain = torch.nn.ReLU(), 5
    assert list(registered_members(vars(module))) == [
        ("weight", module.weight),
        ("bias", None),
        ("mean", module.mean),
        ("inner", module.inner),
    ]
    assert list(registered_members({})) == []


# ---- modes ------------------------------------------------------------------


class Counting(TorchDispatchMode):
    """Count what is computed."""

    calls = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_no_mode_sees_what_we_compute(depth):
    seen = [Counting() for _ in range(depth)]
    x = torch.ones(2)
    for mode in seen:
        mode.__enter__()
    try:
        with bypass_modes():
            x.add(1)
        ours = [mode.calls for mode in seen]
        x.add(1)
    finally:
        for mode in reversed(seen):
            mode.__exit__(None, None, None)
    assert ours == [0] * depth
    assert sum(mode.calls for mode in seen) == depth


def test_without_a_mode_torch_has_none_to_put_away(monkeypatch):
    """Putting them away imports what takes a second."""
    monkeypatch.setattr(private, "_disable_current_modes", None)
    with bypass_modes():
        assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize("without", [bypass_modes, bypass_torch_function])
def test_no_class_sees_what_we_compute(without):
    x = torch.ones(2).as_subclass(Asked)
    Asked.calls = ()
    with without():
        x.add(1)
    assert Asked.calls == ()
    x.add(1)
    assert Asked.calls != ()


def test_no_mode_for_functions_sees_what_is_called_without():
    class Listening(TorchFunctionMode):
        calls = 0

        def __torch_function__(self, func, types, args=(), kwargs=None):
            self.calls += 1
            return func(*args, **(kwargs or {}))

    x = torch.ones(2)
    with Listening() as mode:
        with bypass_torch_function():
            x.add(1)
        ours = mode.calls
        x.add(1)
    assert (ours, mode.calls) == (0, 1)


def dispatch(self, func, types, args=(), kwargs=None):
    return func(*args, **(kwargs or {}))


@pytest.fixture
def mode():
    return type("mode", (UncompiledMode,), {"__torch_dispatch__": dispatch})


def test_a_mode_alone_does_not_call_the_compiler(mode):
    assert mode.__torch_dispatch__ is dispatch


def test_the_compiler_is_told_once_and_only_if_it_is_there(monkeypatch, mode):
    told = []
    monkeypatch.setattr(torch, "_disable_dynamo", lambda f: told.append(f) or dispatch)
    monkeypatch.delitem(sys.modules, "torch._dynamo", raising=False)
    with mode():
        pass
    assert told == []
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)
    for _ in range(2):
        with mode():
            pass
    assert told == [dispatch]


def test_what_the_compiler_is_told_still_dispatches(mode):
    import torch._dynamo

    with mode():
        assert (torch.ones(2) + 1).tolist() == [2, 2]
    assert mode.__torch_dispatch__ is not dispatch


# ---- what `why` asks --------------------------------------------------------


def test_the_next_function_bears_the_number_that_was_told():
    x = leaf()
    number = next_sequence_number()
    assert sequence_number((x * 2).grad_fn) == number
    assert next_sequence_number() == number + 1


def test_a_walk_is_noticed_while_it_runs():
    seen = []
    y = leaf().exp()
    y.register_hook(lambda grad: seen.append(is_walking()))
    y.sum().backward()
    assert (seen, is_walking()) == ([True], False)


def test_a_saved_number_that_was_changed_is_noticed():
    h = leaf().exp()
    y = h.sum()
    ((exponential, _),) = y.grad_fn.next_functions
    assert not is_damaged(exponential)
    h.add_(1)
    assert is_damaged(exponential)


def test_what_a_function_saves_is_named_also_when_it_is_freed():
    y = leaf().exp()
    function = y.grad_fn
    y.sum().backward()
    assert names_of_saved(function) == ["result"]
    assert names_of_saved((y + 1).grad_fn) == names_of_saved(y.sum().grad_fn) == []


def test_a_tensor_is_found_inside_of_a_transform():
    x, seen = leaf(), []
    torch.func.grad(lambda t: seen.append(plain_tensor(t)) or t.sum())(x)
    assert seen[0] is x and plain_tensor(x) is x


def test_writes_are_counted():
    x = torch.ones(2)
    before = version_of(x)
    x.add_(1)
    assert version_of(x) == before + 1
    with torch.inference_mode():
        assert version_of(torch.ones(2)) == -1


def test_no_mode_for_operators_sees_what_is_called_without():
    with Counting() as mode, bypass_torch_dispatch():
        torch.ones(2).add(1)
    assert mode.calls == 0


def test_a_listener_hears_the_compiler_or_not():
    def hear(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))

    kind = type("kind", (UncompiledListener,), {"__torch_function__": hear})
    with kind():
        assert (torch.ones(2) + 1).tolist() == [2, 2]


def test_whose_file_and_function_it_is():
    class Looking(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            frame = sys._getframe(1)
            while frame is not None:
                seen.append((frame.f_code.co_filename, frame.f_code.co_name))
                frame = frame.f_back
            return func(*args, **(kwargs or {}))

    seen = []
    with Looking():
        torch.nn.Linear(1, 1)(torch.ones(1, 1))
        torch.func.grad(lambda t: t.sum())(leaf())
    assert any(calls_module(name) for _, name in seen)
    assert any(is_transform(file) for file, _ in seen)
    assert not any(is_transform(__file__) for _ in seen)
    assert passes_calls_on("_compile.py") and not passes_calls_on("optim/sgd.py")


@pytest.mark.parametrize("foreach", [False, True])
def test_an_optimizer_clears_with_what_is_known(foreach):
    class Hearing(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            heard.append(getattr(func, "__name__", ""))
            return func(*args, **(kwargs or {}))

    heard, x = [], leaf()
    x.sum().backward()
    optimizer = torch.optim.SGD([x], lr=0.1, foreach=foreach)
    with Hearing():
        optimizer.zero_grad(set_to_none=False)
    assert any(map(is_zeroing, heard)) and x.grad.tolist() == [0, 0, 0]


# ---- the section of the sandbox ---------------------------------------------


def test_modes_are_entered_and_left_in_their_file():
    for method in (TorchDispatchMode.__enter__, TorchDispatchMode.__exit__):
        assert method.__code__.co_filename == find_file_of_modes()


def test_what_is_read_of_printing_can_be_set_again():
    before, written = print_options(), repr(torch.tensor(1 / 3))
    torch.set_printoptions(precision=2, linewidth=20)
    try:
        assert print_options() != before
    finally:
        torch.set_printoptions(**before)
    assert print_options() == before and repr(torch.tensor(1 / 3)) == written


def test_open_forward_levels_are_counted():
    before = forward_level()
    with forward_ad.dual_level():
        assert forward_level() == before + 1 == 0
    assert forward_level() == before


def test_it_is_heard_what_parameters_are_made_of_and_torch_is_given_back():
    plain, heard = torch.nn.Parameter.__new__, []
    outer = ParameterListener(lambda *pair: heard.append(("outer", *pair)))
    inner = ParameterListener(lambda *pair: heard.append(("inner", *pair)))
    x = torch.ones(2)
    with outer:
        first = torch.nn.Parameter(x)
        with inner:
            second = torch.nn.Parameter(data=x, requires_grad=False)
            elsewhere = threading.Thread(target=torch.nn.Parameter, args=[x])
            elsewhere.start(), elsewhere.join()
        third = torch.nn.Parameter()
    torch.nn.Parameter(x)
    assert torch.nn.Parameter.__new__ is plain
    made = [("outer", first, x), ("inner", second, x), ("outer", third, None)]
    assert [(who, id(p), id(t)) for who, p, t in heard] == [
        (who, id(p), id(t)) for who, p, t in made
    ]
    assert (first.requires_grad, second.requires_grad) == (True, False)


def test_a_parameter_is_what_it_is_without_a_listener():
    class Own(torch.nn.Parameter):
        pass

    with ParameterListener(lambda *pair: None):
        assert type(Own(torch.ones(1))) is Own
        assert isinstance(torch.nn.LazyLinear(2).weight, torch.nn.Parameter)
        with pytest.raises(RuntimeError, match="floating point"):
            torch.nn.Parameter(torch.tensor([1]))
