"""Change a module that is already imported, wherever its parts have gone since."""

import sys
from types import FunctionType, ModuleType

OF_ANY_MODULE = {"__annotations__", "__builtins__", "__cached__", "__path__"}
OF_ANY_MODULE |= {"__file__", *vars(ModuleType(""))}


def patch(name: str, source: str) -> None:
    """Give a live module's functions, classes and constants what a new source says.

    Whoever has imported one of them sees the change, too. Raises whatever the new
    source raises when it runs, or whoever imports what it lacks.
    """
    live, fresh = sys.modules[name], ModuleType(name)
    fresh.__package__, fresh.__file__ = live.__package__, live.__file__
    exec(compile(source, live.__file__, "exec"), vars(fresh))
    for key in vars(live).keys() - vars(fresh).keys() - OF_ANY_MODULE:
        if not isinstance(vars(live)[key], ModuleType):
            remove(live, key)
    for key in vars(fresh).keys() - OF_ANY_MODULE:
        replace(live, key, vars(fresh)[key])


def replace(live: ModuleType, key: str, new: object) -> None:
    """Put a part in place: its code if it is a function or class, else the thing."""
    old = vars(live).get(key)
    if old is new or new is live:
        return
    if isinstance(new, type) and new.__module__ == live.__name__ and type(old) is type:
        for name in [name for name in vars(old) if name not in vars(new)]:
            delattr(old, name)
        for name, member in vars(new).items():
            adopt_member(old, name, member)
    elif not adopt(old, new):
        # By its name as well: a small number is the same object everywhere. Whoever has
        # no such name shall not get it: `live` stands for that, as it is no part.
        for module in [each for each in sys.modules.values() if is_ours(each)]:
            if vars(module).get(key, live) is old:
                setattr(module, key, new)
        setattr(live, key, new)


def remove(live: ModuleType, key: str) -> None:
    """Delete a part; raise ImportError if another of our modules imports it.

    A number or a word may be the same object by chance, so it is left there.
    """
    old = vars(live)[key]
    delattr(live, key)
    if isinstance(old, int | float | str):
        return
    for module in filter(is_ours, [*sys.modules.values()]):
        if vars(module).get(key) is old:
            raise ImportError(f"{module.__name__} imports {key} from {live.__name__}")


def is_ours(module: object) -> bool:
    return isinstance(module, ModuleType) and module.__name__.startswith("helpers")


def adopt_member(cls: type, name: str, new: object) -> None:
    """Give a class what another has under a name."""
    old = vars(cls).get(name)
    if name in ("__dict__", "__weakref__", "__slots__") or old is new:
        return
    if not adopt(plain(old), plain(new)):
        setattr(cls, name, new)


def plain(thing: object) -> object:
    """Return the function inside of a property, a class method or a wrapper."""
    for inside in ("__func__", "fget", "func"):
        thing = getattr(thing, inside, None) or thing
    return thing


def adopt(old: object, new: object) -> bool:
    """Give a function the code of another; tell whether that was possible."""
    if hasattr(old, "cache_clear"):
        old.cache_clear()
    old = getattr(old, "__wrapped__", old)
    new = getattr(new, "__wrapped__", new)
    if not (isinstance(old, FunctionType) and isinstance(new, FunctionType)):
        return False
    if len(old.__code__.co_freevars) != len(new.__code__.co_freevars):
        return False
    old.__code__ = new.__code__
    old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
    return True
