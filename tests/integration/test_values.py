"""enum.get, var.get, type.diff and btfd.probe: whole kernels against bpftool, and what they refuse."""

import collections

import pytest

import harness
from reference import COMPOSITES, ENUMS, Reference

KERNELS = ["local-6.18", "debian-7.2-cloud-amd64", "debian-6.1-s390x"]
# Compared with type.diff, of the structs that both kernels have once.
N_DIFFS = 500


@pytest.fixture
def local(local_daemon):
    """A client of a daemon on the corpus whose numbers are known."""
    with local_daemon.client() as client:
        yield client


class Kernels:
    """Daemons on kernels of the corpus, and what bpftool says of their vmlinux; each made once."""

    def __init__(self, checker):
        self.checker = checker
        self.references = {}

    def reference(self, name):
        if name not in self.references:
            directory = harness.corpus(name)
            if not directory:
                pytest.skip(f"BTFD_CORPUS names no folder with {name}")
            if not harness.bpftool():
                pytest.skip("bpftool is not installed (Debian package bpftool)")
            self.references[name] = Reference(f"{directory}/vmlinux")
        return self.references[name]


@pytest.fixture(scope="module")
def kernels(checker):
    return Kernels(checker)


@pytest.fixture
def serve(checker):
    """A client of a daemon on one kernel, with others as sets of their own names."""
    daemons = []

    def serve_one(name, *others):
        arguments = [f"--btf-set={other}={harness.corpus(other)}" for other in others]
        daemons.append(harness.Daemon(checker, harness.corpus(name), arguments=arguments).wait_ready())
        return daemons[-1].client()

    yield serve_one
    for daemon in daemons:
        daemon.stop()


# ---------------------------------------------------------------- enum.get


def definitions_by_enumerator(expected):
    """For each enumerator the first id of every different enum that has it, and its value there."""
    known, found = {}, collections.defaultdict(list)
    for each in expected.types:
        if each["kind"] not in ENUMS:
            continue
        values = expected.values(each)
        key = (each["name"], each["size"], each["encoding"], tuple(values))
        if values and key not in known:
            known[key] = each["id"]
            for name, value in values:
                found[name].append((each["id"], value))
    return found


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_enumerator_is_found_or_ambiguous(kernels, serve, kernel):
    """Each enumerator of a kernel leads to its one enum and value, or to an error with all that have it."""
    expected = definitions_by_enumerator(kernels.reference(kernel))
    names = list(expected)
    n_ambiguous = 0
    with serve(kernel) as client:
        for params, response in client.stream("enum.get", [{"enumerator": name} for name in names]):
            name = params["enumerator"]
            if len(expected[name]) == 1:
                (type_id, value), = expected[name]
                result = response["result"]
                assert (result["source"], result["id"], result["value_text"]) == ("vmlinux", type_id, str(value))
                assert result.get("value", value) == value and ("value" in result) == (abs(value) < 2 ** 53)
                assert "values" not in result
                continue
            data = response["error"]["data"]
            assert (data["reason"], data["count"]) == ("ambiguous-name", len(expected[name])), name
            theirs = [(each["id"], each["value_text"]) for each in data["candidates"]]
            assert theirs == [(type_id, str(value)) for type_id, value in expected[name][:16]]
            n_ambiguous += 1
    assert len(names) > 10000 and n_ambiguous > 10


def test_an_ambiguous_enumerator_is_selected_by_its_enum(kernels, local):
    """What an error lists answers, asked again with the enumerator."""
    expected = definitions_by_enumerator(kernels.reference("local-6.18"))
    name = next(name for name, found in expected.items() if len(found) > 1)
    error = local.fail("enum.get", enumerator=name)
    for candidate in error.data["candidates"]:
        selector = {key: candidate[key] for key in ("source", "id", "instance")}
        result = local.call("enum.get", enumerator=name, **selector)
        assert result["value_text"] == candidate["value_text"]
        assert (name, result["value_text"]) in [(each["name"], each["value_text"]) for each in
                                                local.call("enum.get", **selector)["values"]]


@pytest.mark.parametrize("params,reason", [
    ({}, "invalid-params"),
    ({"enumerator": ""}, "invalid-params"),
    ({"enumerator": 7}, "invalid-params"),
    ({"enumerator": "A" * 65536}, "name-not-found"),
    ({"type": "enum pid_type", "has": "x"}, "invalid-params"),
    ({"source": "vmlinux"}, "invalid-params"),
    ({"type": "struct task_struct"}, "wrong-kind"),
    ({"type": "enum no_such_enum"}, "name-not-found"),
    ({"type": "enum pid_type", "enumerator": "PIDTYPE_"}, "name-not-found"),
    ({"enumerator": "PIDTYPE_PID", "source": "nonsuch"}, "source-not-found"),
    ({"enumerator": "PIDTYPE_PID", "set": "nonsuch"}, "source-not-found"),
    ({"source": "vmlinux", "id": 384, "instance": 2}, "stale-id"),
    ({"source": "vmlinux", "id": 2 ** 40, "instance": 1}, "name-not-found"),
])
def test_enum_get_refuses(local, params, reason):
    assert local.fail("enum.get", **params).reason == reason


def test_near_enumerators(local):
    """One slip away, in an enum or in all."""
    assert local.fail("enum.get", enumerator="BPF_TRACE_RAW_T").data["near"] == ["BPF_TRACE_RAW_TP"]
    assert "BPF_TRACE_RAW_TP" in local.fail("enum.get", type="enum bpf_attach_type",
                                            enumerator="TRACE_RAW_TP").data["near"]


# ---------------------------------------------------------------- var.get


@pytest.mark.parametrize("kernel", KERNELS)
def test_every_variable(kernels, serve, kernel):
    """Type, section, offset and size of every variable are those of bpftool's dump of the sections."""
    expected = kernels.reference(kernel)
    places = {var["type_id"]: (section["name"], section["id"], var["offset"], var["size"])
              for section in expected.types if section["kind"] == "DATASEC" for var in section["vars"]}
    variables = [each for each in expected.types if each["kind"] == "VAR"]
    names = collections.Counter(each["name"] for each in variables)
    questions = [{"var": each["name"]} if names[each["name"]] == 1 else
                 {"source": "vmlinux", "instance": 1, "id": each["id"]} for each in variables]
    with serve(kernel) as client:
        for var, (_, response) in zip(variables, client.stream("var.get", questions)):
            result = response["result"]
            assert (result["id"], result["name"], result["type_id"]) == (var["id"], var["name"], var["type_id"])
            assert result["linkage"] == var["linkage"].lower()
            assert result.get("size") == expected.size(var["type_id"])
            section, section_id, offset, size = places[var["id"]]
            assert (result["section"], result["section_id"]) == (section, section_id)
            assert (result["offset"], result["space"]) == (offset, size)
            assert result.get("percpu", False) == (section == ".data..percpu")
        for name in [name for name, number in names.items() if number > 1]:
            assert client.fail("var.get", var=name).data["count"] == names[name]
    assert len(variables) > 100


@pytest.mark.parametrize("params,reason", [
    ({}, "invalid-params"),
    ({"var": ""}, "invalid-params"),
    ({"var": ["runqueues"]}, "invalid-params"),
    ({"var": "runqueues", "kind": "var"}, "invalid-params"),
    ({"var": "runqueues", "id": 1}, "invalid-params"),
    ({"var": "x" * 65536}, "name-not-found"),
    ({"var": "task_struct"}, "name-not-found"),
    ({"var": "runqueues", "source": "nonsuch"}, "source-not-found"),
    ({"source": "vmlinux", "id": 1, "instance": 1}, "name-not-found"),
    ({"source": "vmlinux", "id": 10671, "instance": 9}, "stale-id"),
])
def test_var_get_refuses(local, params, reason):
    assert local.fail("var.get", **params).reason == reason


# ---------------------------------------------------------------- type.diff


def spell(expected, type_id):
    """What C writes for a type, as a tree: two types read the same if and only if these are equal."""
    each = expected.types[type_id]
    kind, name = each["kind"], each["name"]
    if kind in ("PTR", "VOLATILE", "CONST", "RESTRICT"):
        return kind, spell(expected, each["type_id"])
    if kind == "ARRAY":
        return kind, each["nr_elems"], spell(expected, each["type_id"])
    if kind == "TYPE_TAG":
        return kind, name, spell(expected, each["type_id"])
    if kind == "FUNC_PROTO":
        return kind, spell(expected, each["ret_type_id"]), [spell(expected, param["type_id"])
                                                            for param in each["params"]]
    if kind == "FWD":
        return each["fwd_kind"].upper(), name
    if kind in COMPOSITES:
        return kind, name
    return ("ENUM", name) if kind in ENUMS else name


def element(expected, type_id):
    """Of an array what it is an array of."""
    each, element_id = expected.types[type_id], type_id
    while each["kind"] in ("ARRAY", "CONST", "VOLATILE", "RESTRICT", "TYPE_TAG"):
        if each["kind"] == "ARRAY":
            element_id = each["type_id"]
        each = expected.types[each["type_id"]]
    return element_id


def meaning(expected, type_id):
    """Kind and signedness behind all typedefs."""
    base = expected.strip(type_id)
    return "ENUM" if base["kind"] in ENUMS else base["kind"], base.get("encoding")


def compute_changes(a, struct_a, b, struct_b):
    """For each member that is different, of those that one name reaches, the words of type.diff."""
    sides = [{member["name"]: (member, offset) for member, offset, _ in side.flatten(struct)}
             for side, struct in ((a, struct_a), (b, struct_b))]
    changes = {}
    for name in sides[0].keys() | sides[1].keys():
        if name not in sides[0] or name not in sides[1]:
            changes[name] = {"removed" if name in sides[0] else "added"}
            continue
        (member_a, offset_a), (member_b, offset_b) = sides[0][name], sides[1][name]
        id_a, id_b = member_a["type_id"], member_b["type_id"]
        bits_a = member_a.get("bitfield_size") or (a.size(id_a) or 0) * 8
        bits_b = member_b.get("bitfield_size") or (b.size(id_b) or 0) * 8
        words = set()
        if offset_a != offset_b:
            words.add("moved")
        if bits_a != bits_b:
            words.add("resized")
        if spell(a, element(a, id_a)) != spell(b, element(b, id_b)) or meaning(a, id_a) != meaning(b, id_b):
            words.add("retyped")
        if words:
            changes[name] = words
    return changes


def unique_structs(expected):
    found = collections.defaultdict(list)
    for each in expected.types:
        if each["kind"] == "STRUCT" and each["name"] != "(anon)":
            found[each["name"]].append(each)
    return {name: types[0] for name, types in found.items() if len(types) == 1}


def test_two_kernels_against_bpftool(kernels, serve):
    """What is different between two kernels' structs is what their dumps say, member by member."""
    names = ("debian-6.1-cloud-amd64", "debian-7.2-cloud-amd64")
    a, b = (kernels.reference(name) for name in names)
    structs = [unique_structs(each) for each in (a, b)]
    shared = sorted(structs[0].keys() & structs[1].keys())
    chosen = shared[:: max(1, len(shared) // N_DIFFS)]
    counts = collections.Counter()
    with serve(*names) as client:
        questions = [{"type": f"struct {name}", "source": "vmlinux", "with": {"set": names[1]}} for name in chosen]
        for name, (_, response) in zip(chosen, client.stream("type.diff", questions)):
            result = response["result"]
            theirs = compute_changes(a, structs[0][name], b, structs[1][name])
            ours = {change["path"]: set(change["what"]) - {"redefined"} for change in result["changes"]}
            assert {path: words for path, words in ours.items() if words and "." not in path} == theirs, name
            assert result["a"]["size"] == structs[0][name]["size"]
            assert result["b"]["size"] == structs[1][name]["size"]
            assert result["same"] == (not result["differs"] and not result["changes"])
            assert result["count"] == len(result["changes"])
            for change in result["changes"]:
                counts.update(change["what"])
                # What is redefined is neither resized nor retyped, as these say it already.
                assert "redefined" not in change["what"] or not {"resized", "retyped"} & set(change["what"])
            counts["same"] += result["same"]
    assert all(counts[word] > 20 for word in ("added", "removed", "moved", "resized", "retyped", "redefined",
                                              "same")), counts


def test_the_other_side_takes_what_it_lacks_from_the_first(local):
    """But not what tells one definition of a name from another, if it is another name."""
    console = {"type": "console", "size": 280}
    result = local.call("type.diff", **console, **{"with": {"size": 40}})
    assert (result["a"]["id"], result["b"]["id"]) == (9098, 33902)
    assert local.call("type.diff", **console, **{"with": {}})["same"]
    result = local.call("type.diff", **console, **{"with": {"type": "struct list_head"}})
    assert result["b"]["name"] == "list_head"
    result = local.call("type.diff", source="vmlinux", id=9098, instance=1,
                        **{"with": {"source": "vmlinux", "id": 33902, "instance": 1}})
    assert result["b"]["size"] == 40
    assert local.fail("type.diff", **console, **{"with": {"set": "running"}}).reason == "ambiguous-name"
    assert local.fail("type.diff", source="vmlinux", id=9098, instance=1,
                      **{"with": {"source": "vmlinux"}}).reason == "invalid-params"


@pytest.mark.parametrize("params,reason", [
    ({"type": "struct list_head"}, "invalid-params"),
    ({"with": {"type": "struct list_head"}}, "invalid-params"),
    ({"type": "struct list_head", "with": "running"}, "invalid-params"),
    ({"type": "struct list_head", "with": {"with": {}}}, "invalid-params"),
    ({"type": "struct list_head", "with": {"type": ""}}, "invalid-params"),
    ({"type": "struct list_head", "with": {"id": 5}}, "invalid-params"),
    ({"type": "struct list_head", "with": {"set": "nonsuch"}}, "source-not-found"),
    ({"type": "struct list_head", "with": {"source": "nonsuch"}}, "source-not-found"),
    ({"type": "struct list_head", "with": {"type": "struct nonsuch"}}, "name-not-found"),
    ({"type": "struct nonsuch", "with": {}}, "name-not-found"),
    ({"type": "console", "with": {}}, "ambiguous-name"),
    ({"type": "list_head", "with": {"source": "vmlinux", "id": 1, "instance": 2}}, "stale-id"),
])
def test_type_diff_refuses(local, params, reason):
    error = local.fail("type.diff", **params)
    assert error.reason == reason
    if "with" in params and reason == "invalid-params" and isinstance(params["with"], dict) and "type" in params:
        assert error.data["where"] == "with"


# ---------------------------------------------------------------- btfd.probe


def test_hundreds_of_probes(kernels, local):
    """Every other name is one letter off; each is answered in its place."""
    expected = kernels.reference("local-6.18")
    functions = [each["name"] for each in expected.types if each["kind"] == "FUNC"][:400]
    known = {each["name"] for each in expected.types if each["kind"] == "FUNC"}
    structs = [each for each in expected.types if each["kind"] == "STRUCT" and each["name"] != "(anon)"
               and each["members"] and each["members"][0]["name"] != "(anon)"][:200]
    asked = [name if i % 2 else name + "_q" for i, name in enumerate(functions)]
    fields = [{"type": f"struct {each['name']}", "path": each["members"][0]["name"] + ("" if i % 2 else "_q")}
              for i, each in enumerate(structs)]
    result = local.call("btfd.probe", functions=asked, fields=fields,
                        types=[f"struct {each['name']}" for each in structs])
    assert result["functions"] == [name in known for name in asked]
    assert result["types"] == [True] * len(structs)
    assert result["fields"][1::2] == [True] * (len(structs) // 2)
    assert not any(result["fields"][0::2])


def test_an_empty_probe(local):
    assert local.call("btfd.probe") == {"generation": 1}
    assert local.call("btfd.probe", types=[]) == {"generation": 1, "types": []}


def test_as_many_probes_as_there_may_be(local):
    """The bound is of all arrays together, and is said."""
    limit = local.call("btfd.info")["limits"]["probe_questions"]
    assert local.call("btfd.probe", types=["int"] * (limit - 1), functions=["x"])["types"] == [True] * (limit - 1)
    error = local.fail("btfd.probe", types=["int"] * limit, functions=["x"])
    assert (error.reason, error.data["limit"], error.data["max"]) == ("request-too-large", "probe_questions", limit)


@pytest.mark.parametrize("params,reason,culprit", [
    ({"types": "int"}, "invalid-params", "types"),
    ({"types": ["int", ""]}, "invalid-params", "types[1]"),
    ({"functions": [None]}, "invalid-params", "functions[0]"),
    ({"enumerators": [["A"]]}, "invalid-params", "enumerators[0]"),
    ({"variables": [{}]}, "invalid-params", "variables[0]"),
    ({"fields": ["task_struct.pid"]}, "invalid-params", "fields[0]"),
    ({"fields": [{"type": "task_struct"}]}, "invalid-params", "path"),
    ({"fields": [{"path": "pid"}]}, "invalid-params", "type"),
    ({"fields": [{"path": "pid", "type": "task_struct", "var": "x"}]}, "invalid-params", "type"),
    ({"fields": [{"path": "pid", "func": "f", "var": "x"}]}, "invalid-params", "func"),
    ({"fields": [{"type": "task_struct", "path": "pid", "source": "vmlinux"}]}, "invalid-params", "source"),
    ({"set": "nonsuch"}, "source-not-found", None),
])
def test_probe_refuses(local, params, reason, culprit):
    error = local.fail("btfd.probe", **params)
    assert error.reason == reason
    assert error.data.get("param") == culprit


@pytest.mark.parametrize("path,position", [("a..b", 2), ("a[", 2), ("a.b" * 70, 0), ("a" * 65536 + ".", 65537),
                                           ("a[-1]", 2), ("a[99999999999999999999999]", 2)])
def test_a_malformed_path_is_named(local, path, position):
    """And where in it."""
    good = {"type": "struct task_struct", "path": "pid"}
    error = local.fail("btfd.probe", fields=[good, {"type": "struct task_struct", "path": path}])
    assert (error.reason, error.data["where"]) == ("bad-path", "fields[1]")
    assert position == 0 or error.data["position"] == position
