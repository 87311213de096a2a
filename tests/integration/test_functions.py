"""func.get and func.find against bpftool: every prototype of whole kernels as data, and as C by the compiler's word;
searches against a plain scan."""

import collections
import os
import random
import re
import shutil

import pytest

import harness
from reference import COMPOSITES, ENUMS, Reference

CORPORA = ["local-6.18", "debian-6.1-cloud-amd64", "debian-7.2-cloud-amd64", "debian-6.1-i386", "debian-6.1-s390x"]
# A daemon with sanitizers takes a minute for a kernel's functions: of these every eighth, beginning anywhere.
SANITIZED_STEP = 8
# Of a kernel's modules, spread evenly over their names.
MAX_MODULES = 40
COMPILED = 2000

if not harness.bpftool():
    pytest.skip("bpftool is not installed (Debian package bpftool)", allow_module_level=True)


class Kernel:
    """A corpus: what bpftool reads of vmlinux and of some modules, and a daemon that serves just these."""

    def __init__(self, checker, directory):
        names = sorted(set(os.listdir(directory)) - {"vmlinux"})
        n_chosen = min(len(names), MAX_MODULES)
        self.chosen = ["vmlinux"] + [names[i * len(names) // n_chosen] for i in range(n_chosen)]
        self.btf_dir = harness.temporary_directory()
        for name in self.chosen:
            os.symlink(os.path.join(directory, name), os.path.join(self.btf_dir, name))
        self.vmlinux = Reference(os.path.join(directory, "vmlinux"))
        self.references = {"vmlinux": self.vmlinux}
        for name in self.chosen[1:]:
            self.references[name] = Reference(os.path.join(directory, name), self.vmlinux)
        self.daemon = harness.Daemon(checker, self.btf_dir)

    def instances(self, client):
        return {each["name"]: each["instance"] for each in client.call("source.list")["sources"]}

    def functions(self):
        """(source, type) of every FUNC, in the order of a list."""
        return self.listed("FUNC")

    def listed(self, kind):
        every = [(name, each) for name, expected in self.references.items()
                 for each in expected.types[expected.first_id:] if each["kind"] == kind]
        return sorted(every, key=lambda each: (each[1]["name"].encode(), self.chosen.index(each[0]), each[1]["id"]))


@pytest.fixture(scope="module", params=CORPORA)
def kernel(request, checker):
    directory = harness.corpus(request.param)
    if not directory:
        pytest.skip(f"BTFD_CORPUS names no folder with {request.param}")
    started = Kernel(checker, directory)
    try:
        started.daemon.wait_ready()
        yield started
        started.daemon.stop()
    finally:
        started.daemon.kill()
        shutil.rmtree(started.btf_dir, ignore_errors=True)


def report(capsys, text):
    with capsys.disabled():
        print(f"\n    {text}", flush=True)


# ---------------------------------------------------------------- prototypes as data


def encoding(expected, type_id):
    found = expected.strip(type_id)
    if found["kind"] in ENUMS:
        return found["encoding"].lower()
    if found["kind"] == "INT":
        return "unsigned" if found["encoding"] == "(none)" else found["encoding"].lower()
    return None


def n_slots(expected, type_id):
    """Registers of the machine's width that hold it, or None if a trampoline hands over no such thing."""
    found, size = expected.strip(type_id), expected.size(type_id)
    if found["kind"] == "FLOAT" or not size or size > 16:
        return None
    return -(-size // expected.pointer_size)


def expected_value(expected, type_id):
    value = {"type_id": type_id, "kind": expected.strip(type_id)["kind"].lower(), "size": expected.size(type_id),
             "encoding": encoding(expected, type_id)}
    return {key: each for key, each in value.items() if each is not None}


def expected_params(expected, proto):
    params, slot = [], 0
    for i, each in enumerate(proto["params"]):
        if each["type_id"] == 0 and i + 1 == len(proto["params"]):
            break
        param = {"index": i, **expected_value(expected, each["type_id"])}
        if each["name"] != "(anon)":
            param["name"] = each["name"]
        slots = n_slots(expected, each["type_id"])
        if slot is not None and slots is not None:
            param.update(slot=slot, slots=slots)
        slot = None if None in (slot, slots) else slot + slots
        params.append(param)
    return params


def told(answer, keys):
    return {key: answer[key] for key in keys if key in answer}


VALUE = ("type_id", "kind", "size", "encoding")


def tags_by_component(expected):
    tags = collections.defaultdict(list)
    for each in expected.types[expected.first_id:]:
        if each["kind"] == "DECL_TAG":
            # Of the whole, bpftool writes -1 or, in some versions, what that is without a sign.
            component = each["component_idx"]
            tags[each["type_id"], -1 if component == 0xffffffff else component].append(each["name"])
    return tags


def compare_function(expected, tags, func, answer):
    """Returns differences."""
    proto = expected.types[func["type_id"]]
    theirs = expected_params(expected, proto)
    ours = [told(each, ("index", "name", "slot", "slots") + VALUE) for each in answer["params"]]
    pairs = [
        (answer["id"], func["id"]),
        (answer["name"], func["name"]),
        (answer["linkage"], func["linkage"]),
        (told(answer["returns"], VALUE), expected_value(expected, proto["ret_type_id"])),
        (ours, theirs),
        (answer["variadic"], len(theirs) < len(proto["params"])),
        (answer.get("tags", []), tags[func["id"], -1]),
        ([each.get("tags", []) for each in answer["params"]], [tags[func["id"], i] for i in range(len(theirs))]),
    ]
    return [f"{func['name']}: btfd has {one!r}, bpftool {other!r}" for one, other in pairs if one != other]


def test_every_prototype(kernel, capsys):
    """Parameters with names, types, sizes and slots, what is returned, tags: of every function, by its id."""
    differences, n_compared = [], 0
    step = SANITIZED_STEP if kernel.daemon.is_sanitized() else 1
    with kernel.daemon.client() as client:
        instances = kernel.instances(client)
        for source, expected in kernel.references.items():
            tags = tags_by_component(expected)
            funcs = [each for each in expected.types[expected.first_id:] if each["kind"] == "FUNC"]
            funcs = funcs[random.randrange(step)::step]
            questions = [{"source": source, "instance": instances[source], "id": each["id"]} for each in funcs]
            for func, (_, response) in zip(funcs, client.stream("func.get", questions)):
                n_compared += 1
                if "error" in response:
                    differences.append(f"{func['name']}: {response['error']}")
                else:
                    differences.extend(compare_function(expected, tags, func, response["result"]))
    report(capsys, f"{n_compared} prototypes of {len(kernel.references)} sources compared")
    assert not differences, "\n".join(differences[:20])
    assert n_compared > 3000


def signature(expected, func):
    """What two functions of one name must share to be one, beside what same types are: sizes behind pointers."""
    proto = expected.types[func["type_id"]]
    bases = [expected.strip(each) for each in [proto["ret_type_id"]] + [each["type_id"] for each in proto["params"]]]
    return [expected.size(base["type_id"]) for base in bases if base["kind"] == "PTR"]


def test_names_that_stand_twice(kernel, capsys):
    """Functions of one name are one if their prototypes say the same, and else an error that lists them."""
    expected = kernel.vmlinux
    by_name = collections.defaultdict(list)
    for each in expected.types:
        if each["kind"] == "FUNC":
            by_name[each["name"]].append(each)
    repeated = {name: funcs for name, funcs in by_name.items() if len(funcs) > 1}
    ambiguous = set()
    with kernel.daemon.client() as client:
        for (name, funcs), (_, response) in zip(repeated.items(),
                                                client.stream("func.get", [{"func": name} for name in repeated])):
            is_one = all(expected.is_same(funcs[0]["type_id"], each["type_id"]) and
                         signature(expected, funcs[0]) == signature(expected, each) for each in funcs)
            if is_one:
                assert response["result"]["id"] in [each["id"] for each in funcs], name
                continue
            ambiguous.add(name)
            data = response["error"]["data"]
            assert (data["reason"], data["name"]) == ("ambiguous-name", name)
            ids = {each["id"] for each in funcs}
            assert {each["id"] for each in data["candidates"]} <= ids
            # What makes them different is to be seen.
            assert len({each["type"] for each in data["candidates"]}) > 1, name
    report(capsys, f"{len(repeated)} names of functions stand several times, {len(ambiguous)} are ambiguous")


# ---------------------------------------------------------------- prototypes as C


class Spelling:
    """C types put together from one typedef an id, so that no declarator is ever nested."""

    def __init__(self, expected):
        self.expected = expected
        self.lines, self.done = [], {}
        tags, ordinary = collections.Counter(), collections.Counter()
        for each in expected.types:
            if each["kind"] in COMPOSITES | ENUMS | {"FWD"}:
                tags[each["name"]] += 1
            elif each["kind"] in ("TYPEDEF", "FUNC"):
                ordinary[each["name"]] += 1
        # bpftool calls the second one of a name name___2: which is which does not matter here.
        self.unusable = ({name for name, number in tags.items() if number > 1} |
                         {name for name, number in ordinary.items() if number > 1} | {"(anon)"})

    def name(self, type_id):
        """The typedef's name, or None for what cannot be written so."""
        if type_id not in self.done:
            definition = self.define(self.expected.types[type_id], f"t{type_id}")
            self.done[type_id] = f"t{type_id}" if definition else None
            if definition:
                self.lines.append(f"typedef {definition};")
        return self.done[type_id]

    def define(self, found, name):
        kind = found["kind"]
        if kind == "VOID":
            return f"void {name}"
        if kind in ("INT", "FLOAT"):
            return f"{found['name']} {name}"
        if kind in COMPOSITES | ENUMS | {"FWD", "TYPEDEF"}:
            if found["name"] in self.unusable:
                return None
            keyword = {"TYPEDEF": "", "ENUM64": "enum ", "FWD": found.get("fwd_kind", "") + " "}
            return f"{keyword.get(kind, kind.lower() + ' ')}{found['name']} {name}"
        if kind == "FUNC_PROTO":
            return self.define_proto(found, name)
        target = self.name(found["type_id"]) if kind in ("PTR", "CONST", "VOLATILE", "RESTRICT", "ARRAY") else None
        if not target:
            return None
        if kind == "PTR":
            return f"{target} *{name}"
        if kind == "ARRAY":
            return f"{target} {name}[{found['nr_elems']}]"
        return f"{target} {kind.lower()} {name}"

    def define_proto(self, found, name):
        params = []
        for i, each in enumerate(found["params"]):
            if each["type_id"] == 0 and i + 1 == len(found["params"]):
                params.append("...")
            else:
                params.append(self.name(each["type_id"]))
        returns = self.name(found["ret_type_id"])
        if not returns or None in params or params == ["..."]:
            return None
        return f"{returns} {name}({', '.join(params) or 'void'})"


def chosen_functions(kernel, spelling):
    """COMPILED of vmlinux's functions, those with a function, an array or a second pointer in a parameter first."""
    expected = kernel.vmlinux

    def is_intricate(func):
        for each in expected.types[func["type_id"]]["params"]:
            found = expected.strip(each["type_id"])
            behind = expected.strip(found["type_id"]) if found["kind"] == "PTR" else found
            if behind["kind"] in ("PTR", "FUNC_PROTO", "ARRAY"):
                return True
        return False

    funcs = [each for each in expected.types if each["kind"] == "FUNC" and spelling.name(each["type_id"])]
    return sorted(funcs, key=lambda each: not is_intricate(each))[:COMPILED]


def test_prototypes_are_what_the_compiler_takes_them_for(checker, capsys, workdir):
    """btfd's declaration of a function, compiled beside bpftool's header, has the very type that BTF says, which is
    written down for this by one typedef for each id."""
    directory = harness.corpus("local-6.18")
    if not directory or not shutil.which("gcc"):
        pytest.skip("BTFD_CORPUS names no folder with local-6.18, or gcc is not installed")
    kernel = Kernel(checker, directory)
    try:
        spelling = Spelling(kernel.vmlinux)
        funcs = chosen_functions(kernel, spelling)
        with kernel.daemon.wait_ready().client() as client:
            questions = [{"source": "vmlinux", "instance": 1, "id": each["id"]} for each in funcs]
            prototypes = [response["result"]["prototype"] for _, response in client.stream("func.get", questions)]
        kernel.daemon.stop()
    finally:
        kernel.daemon.kill()
        shutil.rmtree(kernel.btf_dir, ignore_errors=True)
    checks = []
    for i, (func, prototype) in enumerate(zip(funcs, prototypes)):
        assert prototype.count(func["name"] + "(") == 1, prototype
        checks.append(f"extern {prototype.replace(func['name'] + '(', f'f{i}(')};")
        checks.append(f"_Static_assert(__builtin_types_compatible_p(__typeof__(f{i}), "
                      f"{spelling.name(func['type_id'])}), \"{func['name']}\");")
    # The check itself must be able to fail.
    checks.append("extern int wrong(const char *);")
    checks.append("_Static_assert(!__builtin_types_compatible_p(__typeof__(wrong), int(char *)), \"wrong\");")
    header = harness.run([harness.bpftool(), "btf", "dump", "file", os.path.join(directory, "vmlinux"), "format", "c"])
    path = os.path.join(workdir, "functions.c")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join([header.stdout] + spelling.lines + checks) + "\n")
    compiled = harness.run(["gcc", "-std=gnu11", "-w", "-fsyntax-only", "-ffreestanding", path])
    assert compiled.returncode == 0, compiled.stderr[:3000]
    n_intricate = sum("(*" in each or "**" in each or "[" in each for each in prototypes)
    report(capsys, f"{len(funcs)} prototypes compiled, {n_intricate} of them intricate")
    assert len(funcs) == COMPILED and n_intricate > 300


# ---------------------------------------------------------------- searches


def find_all(client, limit=1000, **question):
    """All pages."""
    found = []
    cursor = {}
    while True:
        page = client.call("func.find", limit=limit, **question, **cursor)
        found.extend(page["functions"])
        assert len(page["functions"]) == limit or "cursor" not in page
        if "cursor" not in page:
            return found
        cursor = {"cursor": page["cursor"]}


def identify(found):
    return [(each["source"], each["id"]) for each in found]


def is_type(expected, type_id, pointers, kinds, name):
    """A plain word: so many pointers to a type of one of these kinds and that name."""
    found = expected.strip(type_id)
    for _ in range(pointers):
        if found["kind"] != "PTR":
            return False
        found = expected.strip(found["type_id"])
    return found["kind"] in kinds and found["name"] == name


STRUCT = {"STRUCT", "FWD"}
# A type as it is asked for, and how a plain scan sees it.
TYPES = [
    ("struct sk_buff *", 1, STRUCT, "sk_buff"),
    ("const struct sk_buff *", 1, STRUCT, "sk_buff"),
    ("struct task_struct *", 1, STRUCT, "task_struct"),
    ("struct list_head **", 2, STRUCT, "list_head"),
    ("void *", 1, {"VOID"}, "(anon)"),
    ("char *", 1, {"INT"}, "char"),
    ("unsigned long", 0, {"INT"}, "long unsigned int"),
    ("gfp_t", 0, {"INT"}, "unsigned int"),
    ("struct timespec64", 0, {"STRUCT"}, "timespec64"),
    ("enum pid_type", 0, {"ENUM"}, "pid_type"),
]


# Fewer than fifty functions of a kernel take one.
RARE = {"struct list_head **", "struct timespec64", "enum pid_type"}


def scan(kernel, funcs, matches, position, within):
    """(source, id) and the indices of the parameters that match, of every function that has one."""
    for source, func in funcs:
        expected = kernel.references[source]
        params = expected.types[func["type_id"]]["params"]
        indices = [i for i, each in enumerate(params)
                   if (position is None or i == position) and (within is None or i < within) and
                   not (each["type_id"] == 0 and i + 1 == len(params)) and matches(expected, each["type_id"])]
        if indices:
            yield (source, func["id"]), indices


@pytest.mark.parametrize("place", [{}, {"within": 5}, {"position": 1}], ids=["any", "within", "position"])
def test_functions_by_parameter(kernel, capsys, place):
    """Every function that takes a `struct sk_buff *` among its first five parameters (pwru's question), and the like,
    is what a plain scan of bpftool's types finds, in the order of names, with the parameters that match."""
    funcs = kernel.functions()
    counts = []
    with kernel.daemon.client() as client:
        for text, pointers, kinds, name in TYPES[:4] if place else TYPES:
            theirs = list(scan(kernel, funcs, lambda expected, type_id: is_type(expected, type_id, pointers, kinds, name),
                               place.get("position"), place.get("within")))
            ours = find_all(client, param={"type": text, **place})
            assert identify(ours) == [each for each, _ in theirs], text
            assert [[match["index"] for match in each["matches"]] for each in ours] == [
                indices for _, indices in theirs], text
            assert text in RARE or len(ours) > 50
            counts.append(f"{len(ours)} {text}")
    report(capsys, f"{place}: " + ", ".join(counts))


def test_functions_by_what_they_return(kernel):
    funcs = kernel.functions()
    with kernel.daemon.client() as client:
        for text, pointers, kinds, name in TYPES:
            theirs = [(source, func["id"]) for source, func in funcs
                      if is_type(kernel.references[source],
                                 kernel.references[source].types[func["type_id"]]["ret_type_id"], pointers, kinds, name)]
            assert identify(find_all(client, returns={"type": text})) == theirs, text


def test_functions_by_tag_name_and_source(kernel):
    """Each condition alone and all together; pages of any size add up to the same."""
    tagged = {(source, each["type_id"]) for source, expected in kernel.references.items()
              for each in expected.types[expected.first_id:]
              if each["kind"] == "DECL_TAG" and each["name"] == "bpf_kfunc" and each["component_idx"] in (-1, 0xffffffff)}
    funcs = kernel.functions()
    with kernel.daemon.client() as client:
        theirs = [(source, each["id"]) for source, each in funcs if (source, each["id"]) in tagged]
        assert identify(find_all(client, tag="bpf_kfunc")) == theirs
        assert identify(find_all(client, tag="bpf_kfunc", limit=7)) == theirs
        theirs = [(source, each["id"]) for source, each in funcs if each["name"].startswith("bpf_")]
        assert identify(find_all(client, name="bpf_*")) == theirs
        assert identify(find_all(client, name="BPF_*", ignore_case=True)) == [
            (source, each["id"]) for source, each in funcs if each["name"].lower().startswith("bpf_")]
        for chosen in kernel.chosen[:3]:
            theirs = [(source, each["id"]) for source, each in funcs if source == chosen and "init" in each["name"]]
            assert identify(find_all(client, name="init", match="substring", source=chosen)) == theirs


def test_lsm_hooks(kernel, capsys):
    """The hooks that the kernel's union of hooks has, and not BPF's own functions of that prefix."""
    expected = kernel.vmlinux
    union = next(each for each in expected.types
                 if (each["kind"], each["name"]) == ("UNION", "security_list_options"))
    hooks = {each["name"] for each in union["members"]}
    theirs = [("vmlinux", each["id"]) for source, each in kernel.functions()
              if each["name"].startswith("bpf_lsm_") and each["name"][8:] in hooks]
    with kernel.daemon.client() as client:
        found = find_all(client, category="lsm")
        assert identify(found) == theirs
        assert all(each["name"] == "bpf_lsm_" + each["hook"] for each in found)
        if not found:
            pytest.skip("this kernel has no BPF LSM")
        one = client.call("func.get", func="bpf_lsm_file_open")
        assert (one["hook"], one["linkage"] in ("static", "global")) == ("file_open", True)
        assert identify(find_all(client, category="lsm", name="file_*")) == [
            each for each, hit in zip(theirs, found) if hit["hook"].startswith("file_")]
    report(capsys, f"{len(found)} LSM hooks")


def test_tracepoints(kernel, capsys):
    """Every btf_trace_* typedef of a prototype, with the parameters behind the probe's own and their names."""
    theirs, named = [], 0
    for source, each in kernel.listed("TYPEDEF"):
        expected = kernel.references[source]
        target = expected.strip(each["id"])
        if each["name"].startswith("btf_trace_") and target["kind"] == "PTR":
            theirs.append((source, each, expected.types[target["type_id"]]))
    functions = {(source, each["name"]): each for source, each in kernel.functions()}
    with kernel.daemon.client() as client:
        found = find_all(client, category="tracepoint")
        assert identify(found) == [(source, each["id"]) for source, each, _ in theirs]
        questions = [{"tracepoint": each["tracepoint"], "source": each["source"]} for each in found]
        answers = [response["result"] for _, response in client.stream("func.get", questions)]
    for (source, each, proto), hit, answer in zip(theirs, found, answers):
        name = each["name"][len("btf_trace_"):]
        assert (answer["id"], answer["tracepoint"], hit["prototype"]) == (each["id"], name, answer["prototype"])
        assert [param["type_id"] for param in answer["params"]] == [param["type_id"] for param in proto["params"][1:]]
        assert [(param["slot"], param["slots"]) for param in answer["params"]] == [
            (i, 1) for i in range(len(answer["params"]))]
        assert answer["prototype"].startswith(f"void {name}(")
        own = functions.get((source, "__bpf_trace_" + name)) or functions.get((source, "__traceiter_" + name))
        if own:
            expected = kernel.references[source]
            names = [param["name"] for param in expected.types[own["type_id"]]["params"][1:]]
            assert [param.get("name") for param in answer["params"]] == names
            named += 1
    report(capsys, f"{len(found)} tracepoints, {named} with names")
    assert named > len(found) * 0.9


# ---------------------------------------------------------------- bad input


BAD = [
    ("func.get", {}, "invalid-params"),
    ("func.get", {"func": ""}, "invalid-params"),
    ("func.get", {"func": 1}, "invalid-params"),
    ("func.get", {"func": "vfs_read", "tracepoint": "sched_switch"}, "invalid-params"),
    ("func.get", {"func": "vfs_read", "kind": "func"}, "invalid-params"),
    ("func.get", {"func": "vfs_raed"}, "name-not-found"),
    ("func.get", {"func": "task_struct"}, "name-not-found"),
    ("func.get", {"func": "x" * 65536}, "name-not-found"),
    ("func.get", {"tracepoint": "x" * 65536}, "name-not-found"),
    ("func.get", {"tracepoint": "sched_swich"}, "name-not-found"),
    ("func.get", {"func": "vfs_read", "source": "nowhere"}, "source-not-found"),
    ("func.get", {"id": 1, "instance": 1}, "invalid-params"),
    ("func.get", {"id": 1, "instance": 1, "source": "vmlinux"}, "wrong-kind"),
    ("func.get", {"id": 1, "instance": 77, "source": "vmlinux"}, "stale-id"),
    ("func.get", {"id": 2**53 - 1, "instance": 1, "source": "vmlinux"}, "name-not-found"),
    ("func.get", {"id": -1, "instance": 1, "source": "vmlinux"}, "invalid-params"),
    ("func.find", {"name": ""}, "invalid-params"),
    ("func.find", {"name": "[a"}, "invalid-params"),
    ("func.find", {"name": "x" * 65536}, "invalid-params"),
    ("func.find", {"category": "syscall"}, "invalid-params"),
    ("func.find", {"tag": ""}, "invalid-params"),
    ("func.find", {"source": "nowhere"}, "source-not-found"),
    ("func.find", {"limit": 0}, "invalid-params"),
    ("func.find", {"limit": 1001}, "invalid-params"),
    ("func.find", {"limit": -1}, "invalid-params"),
    ("func.find", {"cursor": "forged"}, "stale-cursor"),
    ("func.find", {"param": "struct sk_buff *"}, "invalid-params"),
    ("func.find", {"param": {}}, "invalid-params"),
    ("func.find", {"param": {"type": "struct sk_buff *", "within": 5, "position": 0}}, "invalid-params"),
    ("func.find", {"param": {"type": "struct sk_buff *", "path": "x"}}, "invalid-params"),
    ("func.find", {"param": {"type": "struct sk_buff *", "position": -1}}, "invalid-params"),
    ("func.find", {"param": {"type": "struct sk_buff *", "set": "running"}}, "invalid-params"),
    ("func.find", {"param": {"type": "int (*)(void)"}}, "invalid-params"),
    ("func.find", {"param": {"type": "*"}}, "invalid-params"),
    ("func.find", {"param": {"type": "x" + "*" * 60000}}, "invalid-params"),
    ("func.find", {"param": {"type": "x" * 60000}}, "invalid-params"),
    ("func.find", {"param": {"type": "struct sk_bufff *"}}, "name-not-found"),
    ("func.find", {"param": {"id": 1, "instance": 1}}, "invalid-params"),
    ("func.find", {"param": {"id": 1, "instance": 9, "source": "vmlinux"}}, "stale-id"),
    ("func.find", {"returns": {"type": "struct none"}}, "name-not-found"),
    ("func.find", {"returns": {"type": "int", "within": 1}}, "invalid-params"),
    ("func.find", {"set": "none"}, "source-not-found"),
]


@pytest.mark.parametrize("method,params,reason", BAD, ids=range(len(BAD)))
def test_what_cannot_be_asked_is_refused(local_daemon, method, params, reason):
    """A precise error, and the connection goes on."""
    with local_daemon.client() as client:
        assert client.fail(method, **params).reason == reason
        assert client.call("func.get", func="vfs_read")["name"] == "vfs_read"


def test_what_looks_odd_is_fine(local_daemon):
    """Nothing that matches, positions that no function has, a thousand stars."""
    with local_daemon.client() as client:
        for params in [
            {"name": "no_function_is_called_like_this"},
            {"name": "*" * 1000 + "?_no_function_is_called_like_this"},
            {"tag": "no_such_tag"},
            {"param": {"type": "int", "position": 2**53 - 1}},
            {"param": {"type": "int", "within": 0}},
            {"param": {"type": "void"}},
        ]:
            assert client.call("func.find", **params)["functions"] == [], params


def test_a_cursor_belongs_to_its_question(local_daemon):
    with local_daemon.client() as client:
        question = {"param": {"type": "struct sk_buff *"}, "limit": 1}
        page = client.call("func.find", **question)
        second = client.call("func.find", **question, cursor=page["cursor"])
        assert second["functions"] != page["functions"]
        for other in [{**question, "param": {"type": "struct sk_buff *", "within": 5}}, {**question, "name": "*"},
                      {**question, "returns": {"type": "int"}}, {**question, "tag": "bpf_kfunc"}]:
            assert client.fail("func.find", **other, cursor=page["cursor"]).reason == "stale-cursor"
        assert client.fail("type.find", name="*", cursor=page["cursor"]).reason == "stale-cursor"


def test_ambiguous_types_are_refused_and_can_be_selected(local_daemon):
    """A 6.18 kernel has two different `struct console`: functions that take one take not the other."""
    with local_daemon.client() as client:
        error = client.fail("func.find", param={"type": "struct console *"})
        assert error.reason == "ambiguous-name" and error.data["count"] == 2
        found = {}
        for size in (280, 40):
            found[size] = set(identify(find_all(client, param={"type": "struct console *", "size": size})))
        assert found[280] and not found[280] & found[40]
        by_id = error.data["candidates"][0]
        assert set(identify(find_all(client, param={
            "type": "struct console *", "source": "vmlinux", "id": by_id["id"], "instance": by_id["instance"],
        }))) == found[by_id["size"]]


# ---------------------------------------------------------------- btfctl


@pytest.fixture
def ctl(local_daemon):
    def run(*arguments):
        return harness.run([harness.btfctl_path(), f"--socket={local_daemon.path}", *arguments])

    return run


def test_btfctl_func(ctl):
    assert ctl("func", "vfs_read").stdout == (
        "ssize_t vfs_read(struct file *file, char *buf, size_t count, loff_t *pos);\n"
        "  static, vmlinux\n"
        "  SLOT  SIZE  TYPE           NAME\n"
        "     0     8  struct file *  file\n"
        "     1     8  char *         buf\n"
        "     2     8  size_t         count\n"
        "     3     8  loff_t *       pos\n")
    switch = ctl("func", "--tracepoint", "sched_switch")
    assert switch.stdout.splitlines()[:2] == [
        "void sched_switch(bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state);",
        "  tracepoint sched_switch, vmlinux"]
    misspelt = ctl("func", "vfs_raed")
    assert (misspelt.returncode, misspelt.stdout) == (3, "")
    assert "near: vfs_read" in misspelt.stderr


def test_btfctl_funcs(ctl):
    listed = ctl("funcs", "--param=struct sk_buff *", "--within=5", "ip_rcv*")
    assert listed.returncode == 0, listed.stderr
    for line in listed.stdout.splitlines():
        assert re.match(r"vmlinux +\d(,\d)*  .*\bip_rcv\w*\(.*struct sk_buff \*", line), line
    # All pages, and no more than are wanted.
    assert len(ctl("funcs", "--lsm").stdout.splitlines()) == 271
    assert len(ctl("funcs", "--limit=1500").stdout.splitlines()) == 1500
    assert len(ctl("funcs", "--tracepoints").stdout.splitlines()) > 1500
    assert "bpf_rcu_read_lock" in ctl("funcs", "--tag=bpf_kfunc").stdout
    assert ctl("funcs", "no_such_function").returncode == 3
    for wrong in (["--within=5"], ["--position=1"], ["--lsm", "--tracepoints"], ["--limit=0"],
                  ["--param=int", "--within=1", "--position=1"], ["--tracepoint"]):
        assert ctl("funcs", *wrong).returncode == 2, wrong
