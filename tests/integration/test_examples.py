"""The documents against the daemon: openrpc.json's examples, DESIGN.md's headline answers, versions."""

import copy
import os
import platform
import re

import jsonschema
import pytest

import harness


@pytest.fixture
def local(local_daemon):
    """A client of a daemon on the corpus that the examples are about."""
    with local_daemon.client() as client:
        yield client


EXAMPLES = [(method["name"], example) for method in harness.openrpc()["methods"]
            for example in method.get("examples", [])]


@pytest.mark.parametrize("method,example", EXAMPLES,
                         ids=[f"{method}: {example['name']}" for method, example in EXAMPLES])
def test_every_example_is_true(local, method, example):
    """Who reads openrpc.json may rely on its examples: asked, each gives exactly what stands there."""
    params = {param["name"]: param["value"] for param in example["params"]}
    assert local.call(method, **params) == example["result"]["value"]


def test_rpc_discover_is_openrpc_json(client):
    """The daemon serves the very document in the tree."""
    assert client.call("rpc.discover") == harness.openrpc()


def test_every_method_of_the_document_exists(client):
    """What the document lists is there, and its required parameters are really required."""
    schema = harness.Schema(harness.openrpc())
    for method in harness.openrpc()["methods"]:
        params = [schema.resolve(param["$ref"]) if "$ref" in param else param for param in method["params"]]
        required = [param["name"] for param in params if param.get("required")]
        reply = client.exchange({"jsonrpc": "2.0", "id": 1, "method": method["name"], "params": {}})
        if required:
            assert reply["error"]["data"]["reason"] == "invalid-params"
        else:
            assert "result" in reply or reply["error"]["data"]["reason"] == "invalid-params"
        names = {param["name"] for param in params}
        reply = client.exchange({"jsonrpc": "2.0", "id": 1, "method": method["name"],
                                 "params": {"no_such_parameter": 1}})
        listed = set(re.findall(r"\w+", reply["error"]["data"]["expected"]))
        assert names <= listed, f"{method['name']} does not list {names - listed} as accepted"


def test_versions_agree(client):
    """The project's version is in the document, in btfd.info, and on the command line."""
    with open(os.path.join(harness.source_dir(), "CMakeLists.txt"), encoding="utf-8") as file:
        version = re.search(r"project\(btfd\s+VERSION\s+(\S+)", file.read()).group(1)
    assert harness.openrpc()["info"]["version"] == version
    assert client.call("btfd.info")["version"] == version
    assert harness.run([harness.btfd_path(), "--version"]).stdout.split()[-1] == version


def test_info_of_the_running_kernel(client, btf_dir):
    """Release and machine are uname's, where the types are the running kernel's."""
    if btf_dir != harness.SYSFS_BTF:
        pytest.skip("this kernel has no BTF")
    info = client.call("btfd.info")
    assert info["kernel_release"] == platform.release()
    assert info["arch"] == platform.machine()
    assert info["directory"] == harness.SYSFS_BTF
    assert (info["generation"], info["protocol"], info["sets"]) == (1, 1, ["running"])


def test_the_errors_of_the_document_are_those_of_the_code():
    """errors.def and openrpc.json say the same codes, reasons and messages."""
    path = os.path.join(harness.source_dir(), "protocol", "errors.def")
    with open(path, encoding="utf-8") as file:
        rows = re.findall(r'^X\((\w+), (-?\d+), "([^"]+)", "([^"]+)"\)', file.read(), re.MULTILINE)
    theirs = {name.lower(): {"code": int(code), "message": message, "data": {"reason": reason}}
              for name, code, reason, message in rows}
    components = harness.openrpc()["components"]
    assert components["errors"] == theirs
    reasons = components["schemas"]["error_data"]["properties"]["reason"]["enum"]
    assert reasons == [error["data"]["reason"] for error in theirs.values()]


# ---------------------------------------------------------------- DESIGN.md's headline answers


def test_headline_mm_owner_comm(local):
    """`mm->owner->comm`: two dereferences, then an array of 16 char."""
    result = local.call("field.offset", type="struct task_struct", path="mm->owner->comm")
    assert result == {
        "generation": 1, "source": "vmlinux",
        "steps": [{"offset": 1136, "deref": True}, {"offset": 1296, "deref": True},
                  {"offset": 1752, "deref": False}],
        "type": "char[16]", "kind": "array", "size": 16, "nelems": 16, "elem_size": 1,
    }
    assert "offset" not in result, "a client that ignores the steps must not find a number to be wrong with"


def test_headline_in_execve(local):
    """A bitfield has its load recipe."""
    assert local.call("field.offset", type="task_struct", path="in_execve") == {
        "generation": 1, "source": "vmlinux", "steps": [{"offset": 1192, "deref": False}], "offset": 1192,
        "type": "unsigned int", "kind": "int", "size": 4, "encoding": "unsigned",
        "bitfield": {"bit_offset": 3, "bit_size": 1,
                     "load": {"size": 4, "lshift": 60, "rshift": 63, "signed": False}},
    }


def test_headline_console_flags(local):
    """An ambiguous name is an error with both candidates, and says in which of them the path resolves."""
    error = local.fail("field.offset", type="console", path="flags")
    assert error.code == 2
    assert error.data == {
        "reason": "ambiguous-name", "name": "console", "count": 2,
        "candidates": [
            {"source": "vmlinux", "kind": "struct", "name": "console", "id": 9098, "instance": 1, "size": 280,
             "resolves": True},
            {"source": "vmlinux", "kind": "struct", "name": "console", "id": 33902, "instance": 1, "size": 40,
             "resolves": False},
        ],
    }


def test_selectors_resolve_an_ambiguous_name(local):
    """Size, a member's name, or id with source and instance choose among the candidates."""
    by_size = local.call("field.offset", type="console", path="flags", size=280)
    by_member = local.call("field.offset", type="struct console", path="flags", has="flags")
    by_id = local.call("field.offset", id=9098, source="vmlinux", instance=1, path="flags")
    by_both = local.call("field.offset", type="console", id=9098, source="vmlinux", instance=1, path="flags")
    assert by_size == by_member == by_id == by_both
    assert local.fail("field.offset", type="console", path="flags", size=41).data["count"] == 2
    assert local.fail("field.offset", type="console", path="flags", size=40).reason == "member-not-found"
    assert local.fail("type.get", type="console", kind="union").reason == "name-not-found"
    assert local.fail("type.get", type="union console", size=280).reason == "name-not-found"


def test_bare_names_are_read_as_in_c(local):
    """A bare name is the typedef or base type, else the tag; functions and variables need `kind`."""
    assert local.call("type.get", type="size_t")["kind"] == "typedef"
    assert local.call("type.get", type="int")["kind"] == "int"
    assert local.call("type.get", type="task_struct")["kind"] == "struct"
    assert local.call("type.get", type="struct bpf_spin_lock")["kind"] == "struct"
    assert local.fail("type.get", type="vfs_read").reason == "name-not-found"
    function = local.call("type.get", type="vfs_read", kind="func")
    assert [param["name"] for param in function["params"]] == ["file", "buf", "count", "pos"]
    assert function["returns"] == "ssize_t"


# ---------------------------------------------------------------- the checker itself


def mutations(value):
    """Copies of a JSON value that each break one thing in it."""
    if isinstance(value, dict):
        yield {**value, "no_such_field": 1}
        for key in value:
            yield {other: item for other, item in value.items() if other != key}
            for mutation in mutations(value[key]):
                yield {**value, key: mutation}
    elif isinstance(value, list):
        yield "no array"
        for i, item in enumerate(value):
            for mutation in mutations(item):
                yield value[:i] + [mutation] + value[i + 1 :]
    elif isinstance(value, bool):
        yield 1
    elif isinstance(value, int):
        yield from (-1, 2 ** 53, str(value), None)
    else:
        yield from ("", 1, None)


def test_the_checker_is_as_strict_as_jsonschema(local, checker):
    """The harness checks all replies with its own, fast validator; it must refuse what jsonschema refuses."""
    results = {
        "field.offset": [local.call("field.offset", type="task_struct", path="in_execve"),
                         local.call("field.offset", type="task_struct", path="mm->owner->comm")],
        "type.get": [local.call("type.get", type="struct list_head"), local.call("type.get", type="size_t"),
                     local.call("type.get", type="enum pid_type")],
        "btfd.info": [local.call("btfd.info")],
    }
    resolver = jsonschema.RefResolver("", checker.document)
    n_refused = 0
    for method, examples in results.items():
        schema = checker.methods[method]["result"]["schema"]
        validator = jsonschema.Draft7Validator(schema, resolver=resolver)
        check = checker.schema.checker(schema)
        for example in examples:
            assert check(example) is None
            for mutation in mutations(copy.deepcopy(example)):
                theirs = validator.is_valid(mutation)
                assert (check(mutation) is None) == theirs, mutation
                n_refused += not theirs
    assert n_refused > 100


@pytest.mark.parametrize("response", [
    {"jsonrpc": "2.0", "id": 1}, {"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}},
    {"id": 1, "result": {}}, {"jsonrpc": "2.0", "result": {}}, {"jsonrpc": "2.0", "id": 2, "result": {}},
    {"jsonrpc": "2.0", "id": 1, "result": {}},
    {"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "x"}},
    {"jsonrpc": "2.0", "id": 1, "error": {"code": 2, "message": "x", "data": {"reason": "name-not-found"}}},
    {"jsonrpc": "2.0", "id": 1, "error": {"code": 4, "message": "x", "data": {"reason": "bad-path"}}},
    {"jsonrpc": "2.0", "id": 1, "error": {"code": 20, "message": "x", "data": {"reason": "busy"}}},
    {"jsonrpc": "2.0", "id": None,
     "error": {"code": 1, "message": "x", "data": {"reason": "name-not-found"}}},
])
def test_the_checker_refuses(checker, response):
    """Envelopes that are none, codes that do not go with their reason, errors the method does not list."""
    with pytest.raises(AssertionError):
        checker.check_response(response, {harness.id_key(1): "type.get"})
