"""The daemon against bpftool and pahole: every type of whole kernels and of some of their modules, every field of every
struct."""

import collections
import os
import re
import shutil

import pytest

import harness
import reference
from reference import COMPOSITES, ENUMS, IDENTIFIER, MODIFIERS, Reference, object_with_bits, read_bitfield

CORPORA = ["local-6.18", "debian-6.1-cloud-amd64", "debian-7.2-cloud-amd64", "debian-6.1-i386",
           "debian-6.1-s390x", "layout-6.1-cloud-amd64"]
# Of a kernel's modules, spread evenly over their names. tests/differential compares all of them with libbpf.
MAX_MODULES = 50
# Where field.offset is compared too: what differs from the running kernel in more than its version.
FIELD_CORPORA = ["debian-6.1-i386", "debian-6.1-s390x"]

if not harness.bpftool():
    pytest.skip("bpftool is not installed (Debian package bpftool)", allow_module_level=True)


@pytest.fixture(scope="module")
def running(checker):
    """The running kernel's types by bpftool, and a daemon that serves them."""
    path = os.path.join(harness.SYSFS_BTF, "vmlinux")
    if not os.path.exists(path):
        pytest.skip("this kernel has no BTF")
    daemon = harness.Daemon(checker, harness.SYSFS_BTF)
    try:
        yield Reference(path), daemon.wait_ready()
        daemon.stop()
    finally:
        daemon.kill()


# ---------------------------------------------------------------- one type


class Comparison:
    """Compares answers of type.get with bpftool's types; collects differences instead of stopping at one."""

    def __init__(self, expected, source="vmlinux"):
        self.expected = expected
        self.source = source
        self.counts = collections.Counter()
        self.differences = []

    def same(self, what, ours, theirs):
        if ours != theirs:
            self.differences.append(f"{what}: btfd has {ours!r}, bpftool {theirs!r}")

    def compare(self, type_id, answer):
        theirs = self.expected.types[type_id]
        kind = theirs["kind"]
        what = f"[{type_id}] {kind} {theirs['name']}"
        self.counts[kind] += 1
        if kind in COMPOSITES | ENUMS and theirs["name"] != "(anon)":
            self.counts["named " + kind] += 1
        self.same(f"{what} id", answer["id"], type_id)
        self.same(f"{what} source", answer["source"], self.source)
        self.same(f"{what} kind", answer["kind"], kind.lower())
        self.same(f"{what} name", answer.get("name"), None if theirs["name"] == "(anon)" else theirs["name"])
        self.same(f"{what} size", answer.get("size"), self.expected.size(type_id))
        self.same(f"{what} encoding", answer.get("encoding"), self.encoding(type_id))
        getattr(self, "compare_" + kind.lower(), self.compare_reference)(what, answer, theirs)

    def encoding(self, type_id):
        """As the daemon words it: of what typedefs and qualifiers lead to."""
        found = self.expected.strip(type_id)
        if found["kind"] in ENUMS:
            return found["encoding"].lower()
        if found["kind"] == "INT":
            return "unsigned" if found["encoding"] == "(none)" else found["encoding"].lower()
        return None

    def compare_int(self, what, answer, theirs):
        self.same(f"{what} bits", answer["bits"], theirs["nr_bits"])

    def compare_float(self, what, answer, theirs):
        self.same(f"{what} type_id", answer.get("type_id"), theirs.get("type_id"))

    def compare_reference(self, what, answer, theirs):
        """Typedefs, qualifiers, pointers, functions, variables, tags: all refer to one other type."""
        self.same(f"{what} type_id", answer["type_id"], theirs["type_id"])
        if "linkage" in theirs:
            self.same(f"{what} linkage", answer["linkage"], theirs["linkage"])
        if "component_idx" in theirs:
            self.same(f"{what} component", answer["component_idx"], theirs["component_idx"])
        if theirs["kind"] == "PTR":
            pointee_size = self.expected.size(theirs["type_id"])
            self.same(f"{what} pointee size", answer.get("pointee_size"), pointee_size)
        if theirs["kind"] == "FUNC":
            self.compare_parameters(what, answer, self.expected.types[theirs["type_id"]])
        if theirs["kind"] in MODIFIERS:
            self.compare_unnamed_target(what, answer, self.expected.strip(theirs["type_id"]))

    def compare_unnamed_target(self, what, answer, target):
        """A typedef of an unnamed struct, union or enum answers with what is in it."""
        is_shown = target["name"] == "(anon)"
        self.same(f"{what} shows members", "members" in answer, is_shown and target["kind"] in COMPOSITES)
        self.same(f"{what} shows values", "values" in answer, is_shown and target["kind"] in ENUMS)
        if "members" in answer:
            self.compare_members(what, answer, target)
        if "values" in answer:
            self.compare_values(what, answer, target)

    def compare_array(self, what, answer, theirs):
        self.same(f"{what} type_id", answer["type_id"], theirs["type_id"])
        self.same(f"{what} nelems", answer["nelems"], theirs["nr_elems"])
        self.same(f"{what} elem_size", answer.get("elem_size"), self.expected.size(theirs["type_id"]))

    def compare_fwd(self, what, answer, theirs):
        self.same(f"{what} declares", answer["declares"], theirs["fwd_kind"])

    def compare_struct(self, what, answer, theirs):
        self.same(f"{what} size", answer["size"], theirs["size"])
        self.compare_members(what, answer, theirs)

    compare_union = compare_struct

    def compare_members(self, what, answer, theirs):
        self.same(f"{what} vlen", len(answer["members"]), theirs["vlen"])
        for ours, member in zip(answer["members"], theirs["members"]):
            self.compare_member(f"{what} .{member['name']}", ours, member, theirs["size"])
        self.counts["members"] += theirs["vlen"]

    def compare_member(self, what, ours, theirs, object_size):
        type_id = theirs["type_id"]
        base = self.expected.strip(type_id)
        n_bits = theirs.get("bitfield_size", 0)
        self.same(f"{what} name", ours.get("name", "(anon)"), theirs["name"])
        self.same(f"{what} type_id", ours["type_id"], type_id)
        self.same(f"{what} kind", ours["kind"], base["kind"].lower())
        self.same(f"{what} size", ours.get("size"), self.expected.size(type_id))
        self.same(f"{what} encoding", ours.get("encoding"), self.encoding(type_id))
        if base["kind"] == "ARRAY":
            self.same(f"{what} nelems", ours["nelems"], base["nr_elems"])
            self.same(f"{what} elem_size", ours.get("elem_size"), self.expected.size(base["type_id"]))
        if base["kind"] == "PTR":
            self.same(f"{what} pointee_size", ours.get("pointee_size"), self.expected.size(base["type_id"]))
        if n_bits:
            self.compare_bitfield(what, ours["offset"], ours.get("bitfield"), theirs["bits_offset"], n_bits,
                                  object_size)
        else:
            self.same(f"{what} offset", ours["offset"] * 8, theirs["bits_offset"])
            self.same(f"{what} bitfield", ours.get("bitfield"), None)

    def compare_bitfield(self, what, offset, bitfield, bits_offset, n_bits, object_size):
        """Position and size are bpftool's; and the load recipe is executed on an object in which only these
        bits are set, and on one in which only these are not."""
        self.counts["bitfields"] += 1
        if not bitfield:
            self.differences.append(f"{what}: no bitfield")
            return
        self.same(f"{what} bits", bitfield["bit_size"], n_bits)
        self.same(f"{what} bit offset", offset * 8 + bitfield["bit_offset"], bits_offset)
        load, big_endian = bitfield.get("load"), self.expected.big_endian
        if not load:
            n_bytes = (bits_offset + n_bits - 1) // 8 - bits_offset // 8 + 1
            self.same(f"{what} has no load, as 8 bytes do not hold it", n_bytes > 8, True)
            return
        memory = object_with_bits(object_size, bits_offset, n_bits, big_endian)
        inverted = bytes(byte ^ 0xff for byte in memory)
        all_ones = -1 if load["signed"] else (1 << n_bits) - 1
        self.same(f"{what} load of ones", read_bitfield(memory, offset, load, big_endian), all_ones)
        self.same(f"{what} load of zeros", read_bitfield(inverted, offset, load, big_endian), 0)

    def compare_enum(self, what, answer, theirs):
        self.compare_values(what, answer, theirs)

    compare_enum64 = compare_enum

    def compare_values(self, what, answer, theirs):
        ours = [(each["name"], int(each["value_text"])) for each in answer["values"]]
        self.same(f"{what} values", ours, self.expected.values(theirs))
        for each in answer["values"]:
            value = int(each["value_text"])
            self.same(f"{what} {each['name']}", each.get("value"), value if abs(value) < 1 << 53 else None)
        self.counts["enumerators"] += len(ours)

    def compare_func_proto(self, what, answer, theirs):
        self.compare_parameters(what, answer, theirs)

    def compare_parameters(self, what, answer, proto):
        ours = [(each.get("name", "(anon)"), each["type_id"]) for each in answer["params"]]
        self.same(f"{what} params", ours, [(each["name"], each["type_id"]) for each in proto["params"]])
        self.counts["parameters"] += len(ours)
        is_variadic = bool(proto["params"]) and proto["params"][-1]["type_id"] == 0
        self.same(f"{what} variadic", any(each["type"] == "..." for each in answer["params"]), is_variadic)

    def compare_datasec(self, what, answer, theirs):
        ours = [(each["id"], each["offset"], each["size"]) for each in answer["variables"]]
        self.same(f"{what} variables", ours,
                  [(each["type_id"], each["offset"], each["size"]) for each in theirs["vars"]])
        for each in answer["variables"]:
            variable = self.expected.types[each["id"]]
            self.same(f"{what} variable", each["name"], variable["name"])
            self.same(f"{what} variable's type_id", each["type_id"], variable["type_id"])

    def verdict(self):
        if self.differences:
            shown = [each[:400] for each in self.differences[:30]]
            pytest.fail("\n".join([f"{len(self.differences)} differences"] + shown), pytrace=False)


def report(capsys, text):
    with capsys.disabled():
        print(f"\n    {text}", flush=True)


def compare_types(client, comparison, instance):
    """All types that the source itself holds; returns how many."""
    expected = comparison.expected
    questions = [{"source": comparison.source, "instance": instance, "id": type_id}
                 for type_id in range(expected.first_id, len(expected.types))]
    for params, response in client.stream("type.get", questions):
        if "error" in response:
            comparison.differences.append(f"{params}: {response['error']}")
        else:
            comparison.compare(params["id"], response["result"])
    comparison.verdict()
    return len(questions)


def compare_all_types(daemon, expected, capsys, label):
    comparison = Comparison(expected)
    with daemon.client() as client:
        n_types = compare_types(client, comparison, instance=1)
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(comparison.counts.items()))
    report(capsys, f"{label}: {n_types} types compared: {kinds}")
    named = [each for each in expected.types if each["kind"] in COMPOSITES and each["name"] != "(anon)"]
    assert comparison.counts["named STRUCT"] + comparison.counts["named UNION"] == len(named) > 1000


def test_every_type_of_the_running_kernel(running, capsys):
    """All of /sys/kernel/btf/vmlinux is what bpftool says: every struct and union member by member, every
    enumerator, array, typedef, function. This is what the daemon is for."""
    expected, daemon = running
    compare_all_types(daemon, expected, capsys, "running kernel")


@pytest.mark.parametrize("name", CORPORA)
def test_every_type_of_a_corpus(checker, capsys, name):
    """The same for other kernels: other versions, 32 bits, big-endian, the 32-byte header."""
    directory = harness.corpus(name)
    if not directory:
        pytest.skip(f"BTFD_CORPUS names no folder with {name}")
    path = os.path.join(directory, "vmlinux")
    if is_running_kernel(path):
        pytest.skip(f"{name} is the running kernel, which has been compared")
    expected = Reference(path)
    daemon = harness.Daemon(checker, directory)
    try:
        with daemon.wait_ready().client() as client:
            info = client.call("btfd.info")
        assert info["endianness"] == reference.endianness(path)
        assert info["pointer_size"] == expected.pointer_size
        assert "kernel_release" not in info
        compare_all_types(daemon, expected, capsys, name)
        compare_modules(daemon, expected, directory, capsys, name)
        compare_all_names(daemon, expected, capsys, name)
        if name in FIELD_CORPORA:
            compare_all_fields(daemon, expected, capsys, name)
        daemon.stop()
    finally:
        daemon.kill()


def some_modules(directory):
    """As many as MAX_MODULES of the modules in a directory, always the same ones."""
    names = sorted(set(os.listdir(directory)) - {"vmlinux"})
    n_chosen = min(len(names), MAX_MODULES)
    return [names[i * len(names) // n_chosen] for i in range(n_chosen)]


def compare_modules(daemon, base, directory, capsys, label):
    """Every type that these modules hold themselves, as bpftool reads it on top of vmlinux."""
    counts = collections.Counter()
    with daemon.client() as client:
        sources = {each["name"]: each for each in client.call("source.list")["sources"]}
        for name in some_modules(directory):
            expected = Reference(os.path.join(directory, name), base)
            assert sources[name]["first_id"] == expected.first_id == len(base.types)
            assert sources[name]["types"] == len(expected.types) - expected.first_id
            comparison = Comparison(expected, name)
            counts["modules"] += 1
            counts["types of theirs"] += compare_types(client, comparison, sources[name]["instance"])
            counts["members of theirs"] += comparison.counts["members"]
    report(capsys, f"{label}: " + ", ".join(f"{number} {what}" for what, number in counts.items()))
    assert counts["modules"] == min(len(sources) - 1, MAX_MODULES)


def is_running_kernel(path):
    running_path = os.path.join(harness.SYSFS_BTF, "vmlinux")
    if not os.path.exists(running_path):
        return False
    with open(path, "rb") as one, open(running_path, "rb") as other:
        return one.read() == other.read()


# ---------------------------------------------------------------- fields


def count_names(expected):
    return collections.Counter((each["kind"], each["name"]) for each in expected.types
                               if each["kind"] in COMPOSITES)


def field_questions(expected):
    """(params, composite, members) for every member of every named struct and union that one name reaches;
    by the type's name where it is the only one, else by id. `members` are (member, bit offset) it may be."""
    names = count_names(expected)
    for composite in expected.types:
        if composite["kind"] not in COMPOSITES or composite["name"] == "(anon)":
            continue
        places = collections.defaultdict(list)
        for member, offset, is_inner in expected.flatten(composite):
            places[member["name"]].append((member, offset, is_inner))
        for name, members in places.items():
            if not IDENTIFIER.match(name):
                continue
            params = {"path": name}
            if names[composite["kind"], composite["name"]] == 1:
                params["type"] = f"{composite['kind'].lower()} {composite['name']}"
            else:
                params.update(source="vmlinux", instance=1, id=composite["id"])
            yield params, composite, members


def test_every_field_of_the_running_kernel(running, capsys):
    """field.offset of every member that one name reaches, through unnamed members too, in every named struct
    and union: offset, size and bits are what bpftool's dump adds up to."""
    expected, daemon = running
    compare_all_fields(daemon, expected, capsys, "running kernel")


def compare_all_fields(daemon, expected, capsys, label):
    comparison = Comparison(expected)
    counts = collections.Counter()
    questions = list(field_questions(expected))
    with daemon.client() as client:
        answers = client.stream("field.offset", [params for params, _, _ in questions])
        for (params, composite, members), (_, response) in zip(questions, answers):
            counts["fields"] += 1
            counts["by id" if "id" in params else "by name"] += 1
            if "error" in response:
                comparison.differences.append(f"{params}: {response['error']}")
                continue
            if len(members) > 1:
                counts["of a name that stands twice in its struct"] += 1
                continue
            member, bits_offset, is_inner = members[0]
            counts["through unnamed members"] += is_inner
            compare_field(comparison, params, response["result"], composite, member, bits_offset)
    comparison.verdict()
    counts.update(comparison.counts)
    report(capsys, f"{label}: " + ", ".join(f"{number} {what}" for what, number in counts.items()))
    assert counts["fields"] > 10000


def compare_field(comparison, params, result, composite, member, bits_offset):
    what = f"{composite['name']}.{params['path']}"
    expected = comparison.expected
    n_bits = member.get("bitfield_size", 0)
    comparison.same(f"{what} steps", result["steps"], [{"offset": result["offset"], "deref": False}])
    comparison.same(f"{what} size", result.get("size"), expected.size(member["type_id"]))
    comparison.same(f"{what} kind", result["kind"], expected.strip(member["type_id"])["kind"].lower())
    comparison.same(f"{what} encoding", result.get("encoding"), comparison.encoding(member["type_id"]))
    if n_bits:
        comparison.compare_bitfield(what, result["offset"], result.get("bitfield"), bits_offset, n_bits,
                                    composite["size"])
    else:
        comparison.same(f"{what} offset", result["offset"] * 8, bits_offset)
        comparison.same(f"{what} bitfield", result.get("bitfield"), None)


def pointee_sizes(expected, composite):
    """How far an index steps behind each member that is a pointer."""
    bases = [expected.strip(member["type_id"]) for member in composite["members"]]
    return [expected.size(base["type_id"]) for base in bases if base["kind"] == "PTR"]


def different_definitions(expected):
    """For each (kind, name) the ids of its definitions, one of those that say the same; all of those, though, if
    they are the only ones and differ in the sizes of what their members point to."""
    found, every = collections.defaultdict(list), collections.defaultdict(list)
    for each in expected.types:
        if each["kind"] in COMPOSITES and each["name"] != "(anon)":
            ids = found[each["kind"], each["name"]]
            every[each["kind"], each["name"]].append(each["id"])
            if not any(expected.is_same(each["id"], known) for known in ids):
                ids.append(each["id"])
    for key, ids in every.items():
        if len(found[key]) == 1 < len(ids):
            sizes = [pointee_sizes(expected, expected.types[each]) for each in ids]
            if any(each != sizes[0] for each in sizes):
                found[key] = ids
    return found


def test_every_name_is_found_or_ambiguous(running, capsys):
    """`struct x` is either the one definition of that name or an error with all of them: a name of several
    different definitions is never answered with the first one."""
    expected, daemon = running
    compare_all_names(daemon, expected, capsys, "running kernel")


def compare_all_names(daemon, expected, capsys, label):
    names = count_names(expected)
    definitions = different_definitions(expected)
    asked = list(definitions)
    ambiguous = []
    with daemon.client() as client:
        questions = [{"type": f"{kind.lower()} {name}"} for kind, name in asked]
        for (kind, name), (_, response) in zip(asked, client.stream("type.get", questions)):
            if "result" in response:
                assert response["result"]["name"] == name
                assert response["result"]["kind"] == kind.lower()
                assert len(definitions[kind, name]) == 1, f"{kind} {name} is {definitions[kind, name]}"
                continue
            data = response["error"]["data"]
            ambiguous.append(name)
            assert data["reason"] == "ambiguous-name", response
            assert data["count"] == len(definitions[kind, name]) > 1, f"{kind} {name}: {data}"
            assert len(data["candidates"]) == min(data["count"], 16)
            for candidate in data["candidates"]:
                theirs = expected.types[candidate["id"]]
                assert (theirs["kind"], theirs["name"]) == (kind, name)
                assert candidate["size"] == theirs["size"]
                assert (candidate["source"], candidate["instance"]) == ("vmlinux", 1)
                assert "resolves" not in candidate, "no path was asked"
    repeated = [name for (_, name), number in names.items() if number > 1 and name != "(anon)"]
    report(capsys, f"{label}: {len(asked)} names, {len(repeated)} of them several times, "
                   f"{len(ambiguous)} ambiguous: {' '.join(sorted(ambiguous))}")
    assert len(ambiguous) == sum(len(ids) > 1 for ids in definitions.values())


# ---------------------------------------------------------------- pahole


PAHOLE_MEMBER = re.compile(r"^\t(?P<declaration>\S.*?);\s*/\*\s*(?P<offset>\d+)(?::\s*(?P<bit>\d+))?\s+"
                           r"(?P<size>\d+)\s*\*/")


def pahole_members(text):
    """(name, offset, bit or None, size) of every direct member line that pahole prints."""
    for line in text.splitlines():
        match = PAHOLE_MEMBER.match(line)
        if not match:
            continue
        declaration = re.sub(r"\s*__attribute__\(\(.*?\)\)\)*", "", match["declaration"]).strip()
        declaration = re.sub(r"\s*:\s*\d+$", "", declaration)
        pointer = re.search(r"\(\*+\s*(\w+)(?:\[\d+\])*\)\s*\(", declaration)
        name = pointer or re.search(r"(\w+)(?:\[\d*\])*$", declaration)
        if declaration.startswith("}"):
            name = re.search(r"^\}\s*(\w+)", declaration)
        bit = match["bit"]
        yield name.group(1) if name else None, int(match["offset"]), None if bit is None else int(bit), int(
            match["size"])


def test_task_struct_against_pahole(running, capsys):
    """Every member line that `pahole -C task_struct` prints has the offset and size that type.get gives."""
    if not shutil.which("pahole"):
        pytest.skip("pahole is not installed (Debian package dwarves)")
    _, daemon = running
    result = harness.run(["pahole", "-C", "task_struct", os.path.join(harness.SYSFS_BTF, "vmlinux")])
    assert result.returncode == 0, result.stderr
    theirs = list(pahole_members(result.stdout))
    with daemon.client() as client:
        answer = client.call("type.get", type="struct task_struct")
    size = re.search(r"/\* size: (\d+),.*?members: (\d+)", result.stdout)
    assert answer["size"] == int(size.group(1))
    assert len(answer["members"]) == int(size.group(2))
    ours = {each["name"]: each for each in answer["members"] if "name" in each}
    for name, offset, bit, n_bytes in theirs:
        member = ours[name]
        assert (name, member["size"]) == (name, n_bytes)
        if bit is None:
            assert (name, member["offset"]) == (name, offset)
        else:
            assert (name, member["offset"] * 8 + member["bitfield"]["bit_offset"]) == (name, offset * 8 + bit)
    n_unnamed = sum("name" not in each for each in answer["members"])
    report(capsys, f"pahole: {len(theirs)} member lines of task_struct compared")
    assert len({name for name, *_ in theirs}) >= len(ours) - n_unnamed > 100
