"""Draw each call of a module as one box, and change no number on any arrow."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import takewhile
from typing import TypeVar

from .backward import list_arrivals
from .data import (
    Edge,
    Graph,
    ModuleBox,
    Node,
    Place,
    Value,
    is_plain_number,
    join_outputs,
)

Part = tuple[int, int]  # a call, and which part of it
Key = TypeVar("Key", str, tuple[str, int])


@dataclass(frozen=True)
class ModuleCall:
    """Hold one call of a module: who was called."""

    layer: int  # which module: the same number in each of its calls
    kind: str
    name: str  # its path, behind the variable of the outermost module
    path: str
    parameters: int | None


@dataclass(frozen=True, eq=False)
class Calls:
    """Hold what is known of modules beside a graph, by the ids of its boxes."""

    calls: tuple[ModuleCall, ...]
    homes: Mapping[
        str, tuple[int, ...]
    ]  # calls that a box was made in, outermost first
    owners: Mapping[str, Set[int]]  # modules that hold a leaf or a constant
    steepest: Mapping[str, float | None]  # the largest number in a leaf's .grad

    def holds(self, call: int, node: Node) -> bool:
        """Tell whether a leaf or a constant is a module's own: no input of it."""
        made, own = self.homes.get(node.id, ()), self.owners.get(node.id, ())
        return is_plain_number(node) or call in made or self.calls[call].layer in own


def open_levels(calls: Calls, levels: int) -> set[int]:
    """Return the calls to be opened: so many levels, of those that call others."""
    chains = calls.homes.values()
    callers = {call for chain in chains for call in chain[:-1]}
    return {call for chain in chains for call in chain[:levels]} & callers


def open_names(calls: Calls, name: str) -> set[int]:
    """Return the calls of a module, and those around them, to be opened."""
    found: set[int] = set()
    for chain in calls.homes.values():
        for depth, call in enumerate(chain, 1):
            if name and name in (calls.calls[call].name, calls.calls[call].path):
                found.update(chain[:depth])
    return found


@dataclass(frozen=True, eq=False)
class Plan:
    """Say which boxes of a graph become one, before any walk."""

    calls: Calls
    opened: Set[int]
    parts: Mapping[str, Part]
    hidden: Set[str]  # leaves and constants inside
    ids: Mapping[Part, str]  # of the new boxes

    def box_of(self, node_id: str) -> str:
        """Return the box in which an operation is drawn: mostly its own."""
        part = self.parts.get(node_id)
        return node_id if part is None else self.ids[part]

    def count_boxes(self, graph: Graph) -> int:
        """Count what is left to be drawn, but for leaves and constants."""
        return len({self.box_of(n.id) for n in graph.nodes if is_operation(n)})


def plan_boxes(graph: Graph, calls: Calls, opened: Set[int]) -> Plan:
    """Plan one box for each outermost call that is not opened.

    What ran until a module returned belongs to its call, and what lies on a road from
    a call back into it, should nobody know where it ran. Should a road lead through
    another module's call, which takes threads, the call is drawn in parts, so that no
    arrow ever leads in a circle.
    """
    calls = replace(calls, homes=adopt_strays(graph, calls.homes))
    units = choose_units(graph, calls, opened)
    parts = split_calls(graph, units)
    hidden = find_hidden(graph, calls, units)
    ids = name_parts(calls, dict.fromkeys(parts.values()))
    return Plan(calls, opened, parts, hidden, ids)


def contract_calls(graph: Graph, plan: Plan) -> Graph:
    """Return the graph with the boxes of a plan; no number on an arrow is changed."""
    return Merger(graph, plan).merge()


def adopt_strays(
    graph: Graph, homes: Mapping[str, tuple[int, ...]]
) -> Mapping[str, tuple[int, ...]]:
    """Give a home to operations on the roads from a call to itself that have none."""
    strays = [n for n in graph.nodes if is_operation(n) and n.id not in homes]
    before: dict[str, dict[int, tuple]] = defaultdict(dict)
    after: dict[str, dict[int, tuple]] = defaultdict(dict)
    chains = {
        box: {call: chain[:depth] for depth, call in enumerate(chain, 1)}
        for box, chain in homes.items()
    }
    nodes = graph.nodes if strays else ()
    for node in nodes:
        for edge in graph.arrows_into(node.id):
            before[node.id] |= before[edge.source] | chains.get(edge.source, {})
    for node in reversed(nodes):
        for edge in graph.arrows_into(node.id):
            after[edge.source] |= after[node.id] | chains.get(node.id, {})
    found = dict(homes)
    for node in strays:
        around = before[node.id].keys() & after[node.id].keys()
        ways = [before[node.id][call] for call in sorted(around)]
        found |= {node.id: max(ways, key=len)} if ways else {}
    return found


def is_operation(node: Node) -> bool:
    return node.op not in ("leaf", "constant")


def choose_units(graph: Graph, calls: Calls, opened: Container[int]) -> dict[str, int]:
    """Return of each operation in a box which call the box stands for."""
    found: dict[str, int] = {}
    for node in graph.nodes:
        if is_operation(node):
            chain = calls.homes.get(node.id, ())
            closed = [call for call in chain if call not in opened]
            found |= {node.id: closed[0]} if closed else {}
    return found


def split_calls(graph: Graph, units: Mapping[str, int]) -> dict[str, Part]:
    """Divide each call into as few parts as lead to no circle; mostly that is one."""
    parts: dict[str, Part] = {}
    newest: Counter[int] = Counter()
    behind: dict[object, set] = {}  # all that leads to a box
    for node in graph.nodes:
        edges = graph.arrows_into(node.id)
        sources = {parts.get(e.source, e.source) for e in edges}
        key: object = node.id
        if node.id in units:
            call = units[node.id]
            key = call, newest[call]
            if any(key in behind[source] for source in sources - {key}):
                newest[call] += 1
                key = call, newest[call]
            parts[node.id] = key
        reached = sources.union(*(behind[source] for source in sources)) - {key}
        if key in behind:
            for after in [known for known in behind.values() if key in known]:
                after |= reached
        behind.setdefault(key, set()).update(reached)
    return parts


def find_hidden(graph: Graph, calls: Calls, units: Mapping[str, int]) -> set[str]:
    """Return the leaves and constants that are seen in no place but boxes of theirs."""
    users = defaultdict(list)
    for edge in graph.edges:
        users[edge.source].append(units.get(edge.target))
    return {
        node.id
        for node in graph.nodes
        if not is_operation(node) and node.id not in graph.roots
        if users[node.id]
        if all(c is not None and calls.holds(c, node) for c in users[node.id])
    }


class Merger:
    """Put what was divided into parts together again, as boxes and arrows."""

    def __init__(self, graph: Graph, plan: Plan):
        self.graph, self.calls, self.parts = graph, plan.calls, plan.parts
        self.hidden, self.ids, self.box_of = plan.hidden, plan.ids, plan.box_of
        self.opened = plan.opened
        self.turn = {node_id: turn for turn, node_id in enumerate(graph.walk)}
        self.place = {node.id: place for place, node in enumerate(graph.nodes)}
        self.inside: dict[Part, list[Node]] = defaultdict(list)
        for node in graph.nodes:
            if node.id in self.parts:
                self.inside[self.parts[node.id]].append(node)
        self.edges = [
            edge
            for edge in graph.edges
            if edge.source not in self.hidden
            and self.box_of(edge.source) != self.box_of(edge.target)
        ]
        self.ways = self.find_ways_out()
        self.arrived = list_arrivals(graph.starts, self.edges, graph.walk)
        self.given: dict[Part, set[str]] = defaultdict(set)  # what each part uses
        self.users: dict[str, list[str]] = defaultdict(list)
        for edge in graph.edges:
            self.users[edge.source].append(edge.target)
            if edge.target in self.parts:
                self.given[self.parts[edge.target]].add(edge.source)
        closed = {call for call, _ in self.ids}
        self.shown = sorted(closed | set(plan.opened))

    def find_ways_out(self) -> dict[str, list[Place]]:
        """List the outputs of each box: what arrows leave by, or is drawn itself."""
        found: dict[str, dict[Place, None]] = defaultdict(dict)
        places = [(edge.source, edge.output) for edge in self.edges]
        places += [place for place, _ in self.graph.starts]
        begun = {node_id for node_id, _ in places}
        places += [(root, 0) for root in self.graph.roots if root not in begun]
        for place in sorted(places, key=lambda place: (self.place[place[0]], place[1])):
            found[self.box_of(place[0])][place] = None
        return {box: list(ways) for box, ways in found.items()}

    def merge(self) -> Graph:
        edges = self.merge_edges()
        before = defaultdict(set)
        for edge in edges:
            before[edge.target].add(edge.source)
        made = {self.ids[p]: self.make_box(p) for p in self.inside}
        rest = [n for n in self.graph.nodes if n.id not in {*self.parts, *self.hidden}]
        nodes = {node.id: self.put_within(node) for node in rest} | made
        first = {box: self.place[self.inside[p][0].id] for p, box in self.ids.items()}
        ranks = {n: first.get(n, self.place.get(n, 0)) for n in nodes}
        order = sort_by_rank(ranks, before)
        starts = tuple(
            (self.place_in_box(place), weight) for place, weight in self.graph.starts
        )
        return replace(
            self.graph,
            nodes=tuple(nodes[node_id] for node_id in order),
            edges=tuple(edges),
            roots=tuple(dict.fromkeys(map(self.box_of, self.graph.roots))),
            walk=self.merge_walk(before),
            starts=starts,
            opened={call: self.describe_call(call) for call in sorted(self.opened)},
        )

    def merge_walk(self, before: Mapping[str, Set[str]]) -> tuple[str, ...]:
        """Return the boxes as one walk reaches them: all arrows out of a box first."""
        ranks: dict[str, int] = {}
        for turn, node_id in enumerate(self.graph.walk):
            if node_id not in self.hidden:
                ranks.setdefault(self.box_of(node_id), turn)
        after = defaultdict(set)
        for target, sources in before.items():
            for source in sources & ranks.keys() if target in ranks else ():
                after[source].add(target)
        return tuple(sort_by_rank(ranks, after))

    def place_in_box(self, place: Place) -> Place:
        box = self.box_of(place[0])
        return (box, self.ways[box].index(place)) if box != place[0] else place

    def merge_edges(self) -> list[Edge]:
        """Return the real arrows between boxes, none left out and none added up.

        Into a box they come in the order of what they lead to; their routes keep the
        order of the walk, in which what they bring is added up.
        """
        into: dict[str, list[Edge]] = defaultdict(list)
        for edge in self.edges:
            into[self.box_of(edge.target)].append(edge)
        found, made = [], {*self.ids.values()}
        for box, edges in into.items():
            if box in made:
                edges = self.renumber(edges)
            for edge in edges:
                source, output = self.place_in_box((edge.source, edge.output))
                found.append(replace(edge, source=source, target=box, output=output))
        return found

    def renumber(self, edges: Iterable[Edge]) -> list[Edge]:
        seen = sorted(edges, key=lambda e: (self.place[e.target], e.slot))
        walked = sorted(
            (e for e in seen if e.route is not None),
            key=lambda e: (self.turn.get(e.target, len(self.turn)), e.route),
        )
        routes = {id(edge): route for route, edge in enumerate(walked)}
        return [
            replace(edge, slot=slot, route=routes.get(id(edge)))
            for slot, edge in enumerate(seen)
        ]

    def make_box(self, part: Part) -> Node:
        """Describe the box: what goes out of it, and what comes back there."""
        inside, box = self.inside[part], self.ids[part]
        ways = self.ways[box]
        grads = [self.arrived.get(way) if way[0] in self.turn else None for way in ways]
        reached = any(node.id in self.turn for node in inside)
        names = tuple(name_output(self.graph.node(n), number) for n, number in ways)
        return Node(
            box,
            ", ".join(filter(None, names)),
            self.calls.calls[part[0]].kind,
            join_outputs([value_of(self.graph.node(n).value, k) for n, k in ways]),
            join_outputs(grads) if reached else None,
            count=sum(node.count for node in inside),
            names=names,
            module=self.describe_part(part),
            within=self.list_opened(inside[0].id),
        )

    def list_opened(self, node_id: str) -> tuple[int, ...]:
        """List the opened calls that an operation was made in."""
        chain = self.calls.homes.get(node_id, ())
        return tuple(takewhile(self.opened.__contains__, chain))

    def put_within(self, node: Node) -> Node:
        """Tell of a box that is kept which opened modules it is drawn in.

        A leaf or a constant stands where it is used, if it is the module's own.
        """
        if is_operation(node):
            return replace(node, within=self.list_opened(node.id))
        chains = list(map(self.list_opened, self.users[node.id])) or [()]
        shared = [call for call in chains[0] if all(call in chain for chain in chains)]
        own = takewhile(lambda call: self.calls.holds(call, node), shared)
        return replace(node, within=tuple(own))

    def describe_call(self, number: int) -> ModuleBox:
        """Say which module was called, and which of its calls it is."""
        call = self.calls.calls[number]
        turns = [c for c in self.shown if self.calls.calls[c].layer == call.layer]
        turn = turns.index(number) + 1
        known = call.layer, call.kind, call.name, call.parameters
        return ModuleBox(*known, turn=turn, turns=len(turns))

    def describe_part(self, part: Part) -> ModuleBox:
        """Say of a box what lies in it."""
        grads = map(self.calls.steepest.get, self.given[part] & self.hidden)
        return replace(
            self.describe_call(part[0]),
            grad=max((grad for grad in grads if grad is not None), default=None),
            part=part[1] + 1,
            parts=sum(call == part[0] for call, _ in self.ids),
            shares=self.find_sharers(part),
        )

    def find_sharers(self, part: Part) -> tuple[str, ...]:
        """Name the boxes of other modules that hold some of the same parameters."""
        mine = self.given[part] & self.hidden
        layer = self.calls.calls[part[0]].layer
        others = [other for other, given in self.given.items() if given & mine]
        found = (self.calls.calls[call] for call, _ in others)
        names = [c.name or c.kind for c in found if c.layer != layer]
        return tuple(dict.fromkeys(names))


def name_parts(calls: Calls, parts: Iterable[Part]) -> dict[Part, str]:
    """Give each part an id that tells the module, and is no other's."""
    found: dict[Part, str] = {}
    seen: Counter[str] = Counter()
    for part in parts:
        call = calls.calls[part[0]]
        title = call.name or call.kind
        seen[title] += 1
        found[part] = title if seen[title] == 1 else f"{title}#{seen[title]}"
    return found


def name_output(node: Node, number: int) -> str:
    return node.names[number] if len(node.names) > 1 else node.name


def value_of(value: Value, number: int) -> Value:
    return value[number] if isinstance(value, tuple) else value


def sort_by_rank(ranks: Mapping[Key, int], before: Mapping[Key, Set[Key]]) -> list[Key]:
    """Sort so that nothing comes before what leads to it, else by rank."""
    waiting = {node_id: len(before.get(node_id, ())) for node_id in ranks}
    after = defaultdict(list)
    for node_id, sources in before.items():
        for source in sources:
            after[source].append(node_id)
    ready = [(rank, node_id) for node_id, rank in ranks.items() if not waiting[node_id]]
    ready.sort()
    order = []
    while ready:
        _, node_id = heappop(ready)
        order.append(node_id)
        for other in after[node_id]:
            waiting[other] -= 1
            if not waiting[other]:
                heappush(ready, (ranks[other], other))
    return order


@dataclass(frozen=True, eq=False)
class Frame:
    """Hold an opened call that is drawn around its boxes, also those of its frames."""

    call: int
    boxes: frozenset[str]
    parent: int | None  # the frame around it, by its place in the list


def list_frames(graph: Graph) -> list[Frame]:
    """List the frames of a graph, outer ones first.

    There is none where a frame would lead in a circle: a fold may hide part of it.
    """
    chains = {node.id: node.within for node in graph.nodes if node.within}
    frames: dict[tuple[int, ...], set[str]] = defaultdict(set)
    for depth in range(max(map(len, chains.values()), default=0)):
        deep = {box: chain for box, chain in chains.items() if len(chain) > depth}
        units = {box: chain[depth] for box, chain in deep.items()}
        if any(number for _, number in split_calls(graph, units).values()):
            return []
        for box, chain in deep.items():
            frames[chain[: depth + 1]].add(box)
    places = {chain: place for place, chain in enumerate(frames)}
    return [
        Frame(chain[-1], frozenset(boxes), places.get(chain[:-1]))
        for chain, boxes in frames.items()
    ]
