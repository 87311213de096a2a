"""type.layout and type.at: against pahole on whole kernels, and against each other."""

import collections
import os
import shutil

import pytest

import harness
import pahole

CORPORA = ["local-6.18", "debian-6.1-cloud-amd64", "debian-7.2-cloud-amd64", "debian-6.1-i386",
           "debian-6.1-s390x", "layout-6.1-cloud-amd64"]
# Of a kernel's modules, spread evenly over their names: each costs pahole a whole vmlinux.
MAX_MODULES = 3


def bit_place(member):
    """First bit and number of bits (of a bitfield, else None) of a member in our answer."""
    bitfield = member.get("bitfield")
    if not bitfield:
        return member["offset"] * 8, None
    return member["offset"] * 8 + bitfield["bit_offset"], bitfield["bit_size"]


def hole_bits(hole):
    """First bit and number of bits of a hole in our answer."""
    if "bit_size" in hole:
        return hole["bit_offset"], hole["bit_size"]
    return hole["offset"] * 8, hole["size"] * 8


# ---------------------------------------------------------------- against pahole


def hidden_in(answer):
    """Positions in `nested` of unnamed members whose type has a name, and of what is in them."""
    hidden, end = set(), 0
    for i, nested in enumerate(answer.get("nested", [])):
        if nested["first"] >= end and "path" not in nested and not nested["type"].endswith("{...}"):
            end = nested["first"] + nested["members"]
        if nested["first"] < end:
            hidden.add(i)
    return hidden


class Comparison:
    """Compares answers of type.layout with pahole's structs; collects differences instead of stopping at one."""

    def __init__(self, source):
        self.source = source
        self.counts = collections.Counter()
        self.differences = []

    def same(self, struct, what, ours, theirs):
        self.counts[what] += 1
        if ours != theirs:
            self.differences.append(f"{struct.kind} {struct.name}, {what}: btfd has {ours!r}, pahole {theirs!r}")

    def run(self, client, structs):
        questions = [{"type": f"{struct.kind} {struct.name}", "source": self.source, "expand": struct.depth()}
                     for struct in structs]
        answers = zip(structs, client.stream("type.layout", questions))
        ambiguous = [(struct, question, response["error"]) for struct, (question, response) in answers
                     if not self.has_compared(struct, response)]
        for struct, question, error in ambiguous:
            self.ambiguous(client, struct, question, error)

    def has_compared(self, struct, response):
        if "result" in response:
            self.compare(struct, response["result"])
        return "result" in response

    def ambiguous(self, client, struct, question, error):
        """pahole prints one of several definitions: one of ours must be that."""
        assert error["data"]["reason"] == "ambiguous-name", f"{question}: {error}"
        self.counts["ambiguous"] += 1
        tried = []
        for candidate in error["data"]["candidates"]:
            selected = {key: candidate[key] for key in ("source", "id", "instance")}
            one = Comparison(self.source)
            one.compare(struct, client.call("type.layout", expand=struct.depth(), **selected))
            if not one.differences:
                return
            tried += one.differences
        self.differences += tried

    def compare(self, struct, answer):
        self.counts[struct.kind] += 1
        self.members(struct, answer)
        self.holes(struct, answer)
        if struct.kind == "union":
            return  # pahole says no more of them
        self.same(struct, "size", answer["size"], struct.sums.get("size"))
        self.same(struct, "cachelines", answer["cachelines"], struct.sums.get("cachelines"))
        self.same_gap(struct, "padding", answer,
                      (answer.get("bit_padding", 0), answer["padding"]),
                      (struct.sums.get("bit_padding", 0), struct.sums.get("padding", 0)))

    def members(self, struct, answer):
        ours = {member["path"]: (*bit_place(member), member["size"]) for member in answer["members"]}
        theirs = {each.path: (each.bit_offset, each.n_bits, each.size) for each in struct.named()}
        if struct.depth() == 0 and len(struct.named()) == len(struct.members):
            self.same(struct, "order", list(ours), list(theirs))
        self.same(struct, "members", {path: ours.get(path) for path in theirs}, theirs)
        lines = {member["path"]: member.get("cacheline", 0) for member in answer["members"]}
        for each in struct.named():
            if each.cacheline is not None:
                self.same(struct, "line", (each.path, lines.get(each.path)), (each.path, each.cacheline))

    def holes(self, struct, answer):
        """Those in types that have a name are left out, as pahole does not write these out."""
        ours = []
        last = None
        hidden = hidden_in(answer)
        for hole in answer["holes"]:
            if hole.get("in") not in struct.expanded or hole.get("nested") in hidden:
                continue
            begin, n_bits = hole_bits(hole)
            if last != (hole.get("nested"), hole.get("after"), begin):
                ours.append([begin, 0, 0])
            ours[-1][1 if "bit_size" in hole else 2] += hole["bit_size" if "bit_size" in hole else "size"]
            last = (hole.get("nested"), hole.get("after"), begin + n_bits)
        ours.sort()
        theirs = sorted(gap.place() for gap in struct.gaps)
        self.same(struct, "holes", [gap[0] for gap in ours], [gap[0] for gap in theirs])
        for (begin, *mine), (_, *other) in zip(ours, theirs):
            self.same_gap(struct, f"hole at bit {begin}", answer, tuple(mine), tuple(other))

    def same_gap(self, struct, what, answer, ours, theirs):
        """Bits and bytes that are free.

        How many of the free bits are a bitfield's and how many are whole bytes depends on how large the bitfield's unit is:
        here that of its own type, for pahole that of the first one of several in a row. That is seen only where bitfields of
        several types share a unit, as in `struct fs_context`: `enum fs_context_phase phase : 8; bool need_free : 1`.
        """
        self.same(struct, "free bits", (what, ours[0] + 8 * ours[1]), (what, theirs[0] + 8 * theirs[1]))
        sizes = {member["size"] for member in answer["members"] if "bitfield" in member}
        if len(sizes) > 1 and ours != theirs:
            self.counts["units of several types"] += 1
        else:
            self.same(struct, "gap", (what, ours), (what, theirs))


def some_modules(directory):
    modules = sorted(set(os.listdir(directory)) - {"vmlinux"})
    return modules[:: max(1, len(modules) // MAX_MODULES)][:MAX_MODULES]


@pytest.mark.skipif(not shutil.which("pahole"), reason="pahole is not installed (Debian package dwarves)")
@pytest.mark.parametrize("name", CORPORA)
def test_layouts_are_pahole_s(checker, name):
    """Every struct that pahole prints of a kernel and of some of its modules: members, holes, padding, lines, sizes."""
    directory = harness.corpus(name)
    if not directory:
        pytest.skip(f"BTFD_CORPUS names no folder with {name}")
    vmlinux = os.path.join(directory, "vmlinux")
    comparison = Comparison("vmlinux")
    daemon = harness.Daemon(checker, directory)
    try:
        with daemon.wait_ready().client() as client:
            structs = pahole.read(vmlinux)
            comparison.run(client, structs)
            # Of a module's file pahole prints vmlinux's types too, and of one name only one.
            known = {struct.name for struct in structs}
            for module in some_modules(directory):
                comparison.source = module
                comparison.run(client, pahole.read(os.path.join(directory, module), vmlinux, known))
        daemon.stop()
    finally:
        daemon.kill()
    assert not comparison.differences, "\n".join(
        [f"{len(comparison.differences)} differences"] + comparison.differences[:20])
    assert comparison.counts["struct"] > 5000, comparison.counts
    assert comparison.counts["line"] > 30000 and comparison.counts["gap"] > 5000, comparison.counts
    # What is let pass must stay as rare as it is understood to be.
    assert comparison.counts["units of several types"] <= 10, comparison.counts


# ---------------------------------------------------------------- against each other

# Different in byte order, size of pointers, and alignment of 8-byte integers.
MACHINES = ["local-6.18", "debian-6.1-i386", "debian-6.1-s390x"]
# One struct in so many, fully expanded.
STRUCT_STEP = 8


def struct_names(directory):
    """Names of structs and unions that mean one definition."""
    found = collections.Counter((struct.kind, struct.name)
                                for struct in pahole.read(os.path.join(directory, "vmlinux")))
    return [f"{kind} {name}" for kind, name in sorted(found)]


def place_of(member):
    """What type.at is to be asked for a member: its very first bit, or its first byte."""
    begin, n_bits = bit_place(member)
    return {"offset": member["offset"]} if n_bits is None else {"bit_offset": begin}


def gap_of(gap):
    """A hole as both methods tell of it."""
    return {key: gap[key] for key in ("offset", "size", "bit_offset", "bit_size", "after") if key in gap}


def gaps_of(layout):
    """Where nothing lies, as (kind, path of what it is in, the gap), and a place in the middle of each."""
    gaps = []
    for hole in layout["holes"]:
        begin, n_bits = hole_bits(hole)
        gaps.append(("hole", hole.get("in"), gap_of(hole), begin + n_bits // 2))
    scopes = [{**layout, "path": None, "offset": 0}]
    for nested in layout.get("nested", []):
        outer = scopes[nested["nested"] + 1] if "nested" in nested else scopes[0]
        scopes.append({**nested, "path": nested.get("path", outer["path"])})
    for scope in scopes:
        end = (scope["offset"] + scope["size"]) * 8
        padding = scope["padding"] * 8
        if padding:
            gaps.append(("padding", scope["path"],
                         {"offset": (end - padding) // 8, "size": scope["padding"]}, end - padding // 2))
        if "bit_padding" in scope:
            begin = end - padding - scope["bit_padding"]
            gaps.append(("padding", scope["path"],
                         {"bit_offset": begin, "bit_size": scope["bit_padding"]}, begin))
    return gaps


def told_gap(alternative):
    """The hole or padding in which an alternative ends."""
    kind = "hole" if "hole" in alternative else "padding"
    gap = gap_of(alternative[kind])
    if kind == "padding":
        gap.pop("after", None)
    levels = alternative["levels"]
    return kind, levels[-1]["path"] if levels else None, gap


@pytest.fixture(scope="module", params=MACHINES)
def machine(request, checker):
    """A client of a daemon on another kind of machine's kernel, and layouts of its types, fully expanded."""
    directory = harness.corpus(request.param)
    if not directory or not shutil.which("pahole"):
        pytest.skip(f"BTFD_CORPUS names no folder with {request.param}, or pahole is not installed")
    daemon = harness.Daemon(checker, directory)
    try:
        with daemon.wait_ready().client() as client:
            questions = [{"type": name, "expand": 32} for name in struct_names(directory)[::STRUCT_STEP]]
            layouts = [(question["type"], response["result"])
                       for question, response in client.stream("type.layout", questions, size=64)
                       if "result" in response]
            assert len(layouts) > 700
            yield client, layouts
        daemon.stop()
    finally:
        daemon.kill()


def test_every_member_lies_where_it_is(machine):
    """type.at of where field.offset finds a path tells of that path, and type.layout has the same numbers."""
    client, layouts = machine
    members = [(name, member) for name, layout in layouts for member in layout["members"]]
    questions = [{"type": name, **place_of(member)} for name, member in members]
    for (name, member), (question, response) in zip(members, client.stream("type.at", questions)):
        levels = [level for each in response["result"]["alternatives"] for level in each["levels"]]
        same = [level for level in levels if level["path"] == member["path"]]
        assert same, f"{question} does not tell of {member['path']}"
        expected = {key: value for key, value in member.items() if key not in ("cacheline", "straddles")}
        assert same[0] == expected, f"{question} tells otherwise of {member['path']}"
    questions = [{"type": name, "path": member["path"]} for name, member in members]
    for (name, member), (question, response) in zip(members, client.stream("field.offset", questions)):
        for key in ("offset", "size", "type", "bitfield", "flexible"):
            assert response["result"].get(key) == member.get(key), f"{question}: {key}"
    assert len(members) > 10000


def test_every_gap_is_where_nothing_lies(machine):
    """type.at in a hole or padding of type.layout tells of the very same."""
    client, layouts = machine
    gaps = [(name, *gap) for name, layout in layouts for gap in gaps_of(layout)]
    questions = [{"type": name, "bit_offset": bit} for name, _, _, _, bit in gaps]
    for (name, kind, inside, gap, _), (question, response) in zip(gaps, client.stream("type.at", questions)):
        told = [told_gap(each) for each in response["result"]["alternatives"] if "path" not in each]
        assert (kind, inside, gap) in told, f"{question}: {(kind, inside, gap)} is not among {told}"
    assert len(gaps) > 300


def test_every_byte_is_a_member_s_or_a_gap_s(machine):
    """No byte is left over: what type.at tells of holes and padding is what type.layout does, and nothing else."""
    client, layouts = machine
    n_gaps = 0
    small = [(name, layout) for name, layout in layouts if layout["size"] <= 256]
    questions = [{"type": name, "offset": offset} for name, layout in small for offset in range(layout["size"])]
    known = {name: [gap[:3] for gap in gaps_of(layout)] for name, layout in small}
    for question, response in client.stream("type.at", questions):
        for each in response["result"]["alternatives"]:
            if "path" in each:
                last = each["levels"][-1]
                assert last["offset"] <= question["offset"] < last["offset"] + last["size"] or last["size"] == 0
            elif not any("[" in level["path"] for level in each["levels"]):
                # What is in arrays is not expanded by type.layout.
                n_gaps += 1
                assert told_gap(each) in known[question["type"]], f"{question}: {each}"
    assert n_gaps > 1000


# ---------------------------------------------------------------- what must stay, and what is refused


def test_headline_list_head(local_daemon):
    """DESIGN.md's answer."""
    with local_daemon.client() as client:
        assert client.call("type.layout", type="struct list_head") == {
            "generation": 1, "source": "vmlinux", "kind": "struct", "name": "list_head", "size": 16,
            "natural_align": 8,
            "members": [{"path": "next", "offset": 0, "size": 8, "type": "struct list_head *"},
                        {"path": "prev", "offset": 8, "size": 8, "type": "struct list_head *"}],
            "holes": [], "padding": 0, "cacheline": 64, "cachelines": 1,
        }


def test_cachelines_of_any_size(local_daemon):
    """Which line each member begins in, and whether it ends in another."""
    with local_daemon.client() as client:
        for size in 1, 64, 128, 4096:
            layout = client.call("type.layout", type="task_struct", cacheline=size)
            assert (layout["cacheline"], layout["cachelines"]) == (size, -(-layout["size"] // size))
            for member in layout["members"]:
                begin, n_bits = bit_place(member)
                end = begin + (member["size"] * 8 if n_bits is None else n_bits)
                last = max(begin, end - 1) // 8 // size
                assert member.get("cacheline", 0) == begin // 8 // size
                assert member.get("straddles", False) == (last > begin // 8 // size)


def test_the_largest_types_fit_a_reply(local_daemon):
    """Expanded to the end, each path once."""
    with local_daemon.client() as client:
        for name in "task_struct", "net", "rq", "net_device":
            layout = client.call("type.layout", type=f"struct {name}", expand=32)
            paths = [member["path"] for member in layout["members"]]
            assert len(paths) == len(set(paths)) > 300


@pytest.mark.parametrize("selector,reason,word", [
    ({"type": "int"}, "wrong-kind", "a number"),
    ({"type": "pid_t"}, "wrong-kind", "a number"),
    ({"type": "enum pid_type"}, "wrong-kind", "an enum"),
    ({"type": "vfs_read", "kind": "func"}, "wrong-kind", "a function"),
    ({"type": "struct no_such_struct"}, "name-not-found", "no_such_struct"),
    ({"type": "console"}, "ambiguous-name", "console"),
    ({"id": 1, "source": "vmlinux", "instance": 99}, "stale-id", "instance"),
])
def test_what_is_no_struct_is_refused(local_daemon, selector, reason, word):
    """With a sentence that says what it is."""
    with local_daemon.client() as client:
        for method, params in ("type.layout", {}), ("type.at", {"offset": 0}):
            error = client.fail(method, **selector, **params)
            assert error.reason == reason
            assert word in str(error)


def test_beyond_the_end(local_daemon):
    """Nothing is there, but for a flexible array."""
    with local_daemon.client() as client:
        for params in {"offset": 16}, {"bit_offset": 128}, {"offset": 2 ** 53 - 1}:
            assert client.fail("type.at", type="list_head", **params).reason == "index-out-of-range"
        path = client.call("type.at", type="struct sched_group", offset=2 ** 40)["alternatives"][0]["path"]
        assert path.startswith("cpumask[")
