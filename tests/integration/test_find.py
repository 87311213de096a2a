"""type.find against a list of all names read from the files, with fnmatch(3) as the second opinion on patterns."""

import contextlib
import ctypes
import os
import shutil

import pytest

import harness
import rawbtf

LIBC = ctypes.CDLL(None)
FNM_CASEFOLD = 1 << 4
DATA = {"func", "var", "datasec"}
MAX_MODULES = 40
PATTERNS = ["task_struct", "*lock*", "bpf_*_ops", "sk_buf?", "[A-Z]*", "*[!a-z_0-9]*", "*_*_*_*_*_*_*", "?", "*[0-9]",
            "__*__", "*.data*", "*a*e*i*o*u*", "[^_a-z]?[a-c]*t", "list_hea[d-f]", "\\*", "nothing_is_called_like_this",
            "*" * 1000 + "lock" + "*" * 1000 + "t", "*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*"]


def fnmatch(pattern, name, ignore_case=False):
    return LIBC.fnmatch(pattern.encode("latin-1"), name.encode("latin-1"), FNM_CASEFOLD if ignore_case else 0) == 0


def find_all(client, limit=1000, **params):
    """All pages together, and the count that the first one gave."""
    found, cursor, count = [], {}, None
    while True:
        page = client.call("type.find", limit=limit, **params, **cursor)
        assert len(page["types"]) <= limit
        assert ("count" in page) == (not cursor), "the count stands on the first page"
        count = page.get("count", count)
        found += page["types"]
        if "cursor" not in page:
            assert len(found) == count
            return found
        assert len(page["types"]) == limit
        cursor = {"cursor": page["cursor"]}


def keys(found):
    return [(each["name"], each["id"], each["kind"]) for each in found]


def expected(btf, accepts):
    return sorted((each.name, each.id, each.kind) for each in btf.named() if accepts(each))


@contextlib.contextmanager
def directory_of(corpus, names):
    path = harness.temporary_directory()
    for name in ["vmlinux"] + names:
        os.symlink(os.path.join(corpus, name), os.path.join(path, name))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextlib.contextmanager
def client_of(checker, directory):
    daemon = harness.Daemon(checker, directory)
    try:
        with daemon.wait_ready().client() as client:
            yield client
        daemon.stop()
    finally:
        daemon.kill()


@pytest.fixture(scope="module", params=["local-6.18", "debian-6.1-s390x", "debian-7.2-cloud-amd64"])
def kernel(request, checker):
    """(client, vmlinux as it is in the file, its directory with some of the modules)."""
    directory = harness.corpus(request.param)
    if not directory:
        pytest.skip(f"BTFD_CORPUS names no folder with {request.param}")
    names = rawbtf.module_names(directory)
    with directory_of(directory, names[:: max(1, len(names) // MAX_MODULES)]) as copy:
        with client_of(checker, copy) as client:
            yield client, rawbtf.RawBtf(os.path.join(directory, "vmlinux")), copy


def test_patterns_in_vmlinux(kernel):
    client, vmlinux, _ = kernel
    n_found = 0
    for pattern in PATTERNS:
        for ignore_case in (False, True):
            found = find_all(client, name=pattern, match="glob", ignore_case=ignore_case, source="vmlinux")
            assert keys(found) == expected(vmlinux, lambda each: fnmatch(pattern, each.name, ignore_case)), pattern
            n_found += len(found)
    assert n_found > 10000


@pytest.mark.parametrize("match,accepts", [
    ("exact", lambda text, name: text == name),
    ("prefix", lambda text, name: name.startswith(text)),
    ("substring", lambda text, name: text in name),
])
def test_texts_in_vmlinux(kernel, match, accepts):
    client, vmlinux, _ = kernel
    for text in ["task_struct", "sk_buff", "lock", "_", "list_*", "e", "bpf_", "zzzz", "Task"]:
        found = find_all(client, name=text, match=match, source="vmlinux")
        assert keys(found) == expected(vmlinux, lambda each: accepts(text, each.name)), text
        found = find_all(client, name=text, match=match, source="vmlinux", ignore_case=True)
        assert keys(found) == expected(vmlinux, lambda each: accepts(text.lower(), each.name.lower())), text


def test_kinds(kernel):
    client, vmlinux, _ = kernel
    for kinds in [["struct"], ["typedef", "union"], ["func"], ["fwd", "enum", "enum64"], ["var", "datasec"], ["ptr"]]:
        found = find_all(client, name="*s*", kinds=kinds, source="vmlinux")
        assert keys(found) == expected(vmlinux, lambda each: "s" in each.name and each.kind in kinds), kinds


def test_declarations_are_marked(kernel):
    client, vmlinux, _ = kernel
    found = find_all(client, name="*", kinds=["fwd", "enum", "enum64"], source="vmlinux")
    marked = {each["id"]: each["declares"] for each in found if "declares" in each}
    assert marked == {each.id: ("union" if each.flag else "struct") if each.kind == "fwd" else "enum"
                      for each in vmlinux.named() if each.is_declaration()}


def test_everything_of_each_module(kernel):
    client, vmlinux, directory = kernel
    for name in rawbtf.module_names(directory):
        module = rawbtf.RawBtf(os.path.join(directory, name), vmlinux)
        found = find_all(client, name="*", source=name)
        assert keys(found) == expected(module, lambda each: True), name
        assert all(each["source"] == name for each in found)


def test_everything_of_all_sources(kernel):
    """In order, nothing twice; code and data of each module; and no type that is called otherwise than all listed."""
    client, vmlinux, directory = kernel
    found = find_all(client, name="*")
    order = [(each["name"], each["source"] != "vmlinux", each["source"], each["id"]) for each in found]
    assert order == sorted(set(order))
    listed = {(each["source"], each["id"]) for each in found}
    names = {(each["name"], each["kind"]) for each in found}
    tags = {each["name"] for each in found if each["kind"] in ("struct", "union", "enum", "enum64", "fwd")}
    for name in ["vmlinux"] + rawbtf.module_names(directory):
        btf = vmlinux if name == "vmlinux" else rawbtf.RawBtf(os.path.join(directory, name), vmlinux)
        for each in btf.named():
            if each.kind in DATA:
                assert (name, each.id) in listed, (name, each.name)
            elif each.kind == "fwd":
                assert each.name in tags, (name, each.name)
            else:
                assert (each.name, each.kind) in names or each.name in tags, (name, each.name)
    if rawbtf.module_names(directory):
        assert any(each["source"] != "vmlinux" and each["kind"] == "struct" for each in found)


def test_pages_of_any_size_give_the_same(kernel):
    client, _, _ = kernel
    whole = find_all(client, name="*_ops", kinds=["struct"])
    assert len(whole) > 100
    for limit in (7, 99, len(whole) - 1, len(whole)):
        assert find_all(client, name="*_ops", kinds=["struct"], limit=limit) == whole
    assert len(client.call("type.find", name="*")["types"]) == 100, "the default limit"


def test_a_cursor_belongs_to_its_question(kernel):
    client, _, _ = kernel
    cursor = client.call("type.find", name="*_ops", limit=3)["cursor"]
    again = client.call("type.find", name="*_ops", limit=9, cursor=cursor)
    assert len(again["types"]) == 9, "the limit is no part of the question"
    for params in [{"name": "*_op"}, {"name": "*_ops", "kinds": ["struct"]}, {"name": "*_ops", "ignore_case": True},
                   {"name": "*_ops", "source": "vmlinux"}, {"name": "*_ops", "match": "glob"}]:
        assert client.fail("type.find", cursor=cursor, **params).reason == "stale-cursor", params
    for forged in ["x", "A" * 6000, cursor[:-1], cursor + "A", cursor[:-4] + "AAAA", "\u00e9", "=", cursor[::-1]]:
        assert client.fail("type.find", name="*_ops", cursor=forged).reason == "stale-cursor", forged


@pytest.mark.parametrize("params,param", [
    ({}, "name"), ({"name": ""}, "name"), ({"name": 1}, "name"), ({"name": None}, "name"),
    ({"name": "a["}, "name"), ({"name": "a*\\"}, "name"), ({"name": "[z-a]"}, "name"), ({"name": "?" * 512}, "name"),
    ({"name": "x" * 65536, "match": "exact"}, "name"),
    ({"name": "x", "match": "regex"}, "match"), ({"name": "x", "match": 1}, "match"),
    ({"name": "x", "limit": 0}, "limit"), ({"name": "x", "limit": 1001}, "limit"), ({"name": "x", "limit": -1}, "limit"),
    ({"name": "x", "limit": 2**53}, "limit"), ({"name": "x", "limit": 1.5}, "limit"), ({"name": "x", "limit": "9"}, "limit"),
    ({"name": "x", "kinds": []}, "kinds"), ({"name": "x", "kinds": "struct"}, "kinds"),
    ({"name": "x", "kinds": ["struct", "class"]}, "kinds"), ({"name": "x", "kinds": [4]}, "kinds"),
    ({"name": "x", "ignore_case": "yes"}, "ignore_case"), ({"name": "x", "ignore_case": 1}, "ignore_case"),
    ({"name": "x", "cursor": ""}, "cursor"), ({"name": "x", "cursor": 7}, "cursor"), ({"name": "x", "path": "y"}, "path"),
])
def test_bad_params(client, params, param):
    error = client.fail("type.find", **params)
    assert (error.reason, error.data["param"]) == ("invalid-params", param)


def test_a_bad_pattern_says_where(client):
    error = client.fail("type.find", name="list_[a-")
    assert error.data["expected"] == "a ']' that ends what '[' begins, at byte 5"


def test_sources_that_are_not_there(client):
    assert client.fail("type.find", name="x", source="nosuch").reason == "source-not-found"
    assert client.fail("type.find", name="x", set="nosuch").reason == "source-not-found"


def test_a_cursor_outlives_modules(checker):
    """Asked again where other modules are loaded, as after a modprobe, the list goes on behind the last entry."""
    directory = harness.corpus("debian-7.2-cloud-amd64")
    if not directory:
        pytest.skip("BTFD_CORPUS names no folder with debian-7.2-cloud-amd64")
    names = rawbtf.module_names(directory)[::30]
    question = {"name": "*", "kinds": ["func"]}
    with directory_of(directory, names) as before, directory_of(directory, names[:7] + names[9:]) as after:
        with client_of(checker, before) as old, client_of(checker, after) as new:
            whole = find_all(new, **question)
            page = old.call("type.find", limit=500, **question)
            while "cursor" in page:
                last = page["types"][-1]
                rest = new.call("type.find", limit=5, cursor=page["cursor"], **question)["types"]
                place = (last["name"], last["source"] != "vmlinux", last["source"], last["id"])
                behind = [each for each in whole
                          if (each["name"], each["source"] != "vmlinux", each["source"], each["id"]) > place]
                assert without_instances(rest) == without_instances(behind[:5])
                page = old.call("type.find", limit=997, cursor=page["cursor"], **question)


def without_instances(found):
    return [{key: value for key, value in each.items() if key != "instance"} for each in found]
