"""Tell where a road is cut, and how."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..graph.journal import Record

NUMBERS = {"item", "tolist", "__float__", "__int__", "__complex__", "__index__"}
ARRAYS = {"numpy", "__array__"}
BUILDERS = {"tensor", "as_tensor", "asarray", "new_tensor", "Tensor"}
DETACHED = {
    "detach",
    "detach_",
    "data",
    "cpu",
    "clone",
    "to",
    "resolve_conj",
    "resolve_neg",
}
# What a program may do on purpose, while another road is open.
ON_PURPOSE = {"detach", "no_grad", "integer/argmax/comparison", "parameter", "copy"}
# What comes out of these is a leaf, which may ask for a gradient of its own.
LEAVES = {"Parameter", "__deepcopy__"}


@dataclass(frozen=True, eq=False)
class Cut:
    """Hold where a road ends: the kind, and the record of the call."""

    kind: str
    record: Record


@dataclass(eq=False)
class Road:
    """Hold the calls through which a tensor goes into another, and where it is cut."""

    records: list[Record] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    arrives: bool = False
    # How each tensor on it was reached: by which call, from which other.
    origins: dict[int, tuple[Record, int]] = field(default_factory=dict)

    def way_to(self, token: int) -> list[Record]:
        """Return the calls that lead to a tensor, in their order."""
        found: list[Record] = []
        while token in self.origins:
            record, token = self.origins[token]
            found.append(record)
        return found[::-1]


def list_given(record: Record) -> list[tuple[int, bool]]:
    """List the inputs of a call, each with whether it required grad then."""
    return list(zip(record.ins, record.asked, strict=True))


def is_update(record: Record) -> bool:
    """Tell a write into a leaf that autograd does not see: a step of training."""
    return bool(record.wrote) and not record.recording and record.asked[0]


def is_copy(record: Record) -> bool:
    """Tell whether a call is a part of copy.deepcopy."""
    library = record.library
    within = library is not None and library.co_name == "deepcopy"
    return within or record.name == "__deepcopy__"


def kind_of_exit(record: Record) -> str:
    return "numpy" if record.name in ARRAYS else "item/float"


def find_cut(record: Record) -> Cut:
    """Say how a call ends a road: what went in was recorded, what came out is not."""
    name = record.name
    if record.kind == "exit":
        return Cut(kind_of_exit(record), record)
    if is_copy(record):
        return Cut("copy", record)
    if name in LEAVES:
        return Cut("parameter", record)
    if name == "data":
        return Cut("data", record)
    if name in ("detach", "detach_"):
        return Cut("detach", record)
    if name in BUILDERS:
        return Cut("torch.tensor", record)
    if not any(record.fractions) or record.recording:
        return Cut("integer/argmax/comparison", record)
    return Cut("no_grad", record)


def list_lost(record: Record) -> list[int]:
    """List the outputs of a call that have no graph; beside others, the indices."""
    if record.name in LEAVES:
        return list(record.outs)
    some = any(record.kept)
    trios = zip(record.outs, record.kept, record.fractions, strict=True)
    return [t for t, kept, fraction in trios if not (kept or (some and fraction))]


def merge_cuts(cuts: Sequence[Cut], records: Sequence[Record]) -> list[Cut]:
    """Name NumPy or the number, where a tensor was only detached to become one."""
    found: list[Cut] = []
    for cut in cuts:
        leaving = cut
        if cut.kind in ("detach", "data", "no_grad"):
            leaving = find_leaving(cut, records) or cut
        if cut.record.name == "__float__" and fills_tensor(cut.record, records):
            leaving = Cut("torch.tensor", cut.record._replace(name="Tensor"))
        if all(leaving.record.turn != known.record.turn for known in found):
            found.append(leaving)
    return found


def fills_tensor(number: Record, records: Sequence[Record]) -> bool:
    """Tell whether torch.Tensor([...]) has asked for a number."""
    return any(
        r.name.startswith("lift_fresh") and r.spots == number.spots for r in records
    )


def find_leaving(cut: Cut, records: Sequence[Record]) -> Cut | None:
    """Return where a detached tensor leaves torch, if it does nothing else."""
    now = set(cut.record.outs)
    for record in records:
        if record.turn > cut.record.turn and now & set(record.ins):
            if record.kind == "exit":
                return Cut(kind_of_exit(record), record)
            if record.name == "Parameter":
                return find_cut(record)
            if record.name in BUILDERS and cut.kind != "no_grad":
                return Cut("torch.tensor", record)
            if record.name not in DETACHED:
                return None
            now |= set(record.outs)
    return None
