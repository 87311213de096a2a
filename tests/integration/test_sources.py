"""Modules and further directories: what is served, what is not and why, and whose definition answers."""

import json
import os
import struct

import pytest

import harness
from harness import RpcError, run

HEADER = struct.Struct("<HBBIIIII")
RECORD = struct.Struct("<III")
KIND_INT, KIND_STRUCT, KIND_TYPEDEF = 1, 4, 8


def record(name, kind, vlen, size_or_type, *tail):
    return RECORD.pack(name, kind << 24 | vlen, size_or_type) + struct.pack(f"<{len(tail)}I", *tail)


def file_bytes(records, strings):
    types = b"".join(records)
    return HEADER.pack(0xeb9f, 1, 0, 24, 0, len(types), len(types), len(strings)) + types + strings


# vmlinux: int (1), struct thing { int a; } (2), typedef struct thing thing_t (3)
BASE_STRINGS = b"\0int\0thing\0a\0thing_t\0"
BASE = file_bytes([record(1, KIND_INT, 0, 4, 1 << 24 | 32),
                   record(5, KIND_STRUCT, 1, 4, 11, 1, 0),
                   record(13, KIND_TYPEDEF, 0, 2)], BASE_STRINGS)
OWN = len(BASE_STRINGS)


def module_with_typedef(name, target=2):
    return file_bytes([record(OWN, KIND_TYPEDEF, 0, target)], name.encode() + b"\0")


# struct thing { int a; int b; }
OTHER_THING = file_bytes([record(5, KIND_STRUCT, 2, 8, 11, 1, 0, OWN, 1, 32)], b"b\0")
EMPTY = file_bytes([], b"")


@pytest.fixture
def kernel(workdir):
    """A small kernel of our own: what is written beside its vmlinux are modules."""
    directory = os.path.join(workdir, "btf")
    os.mkdir(directory)
    write(directory, "vmlinux", BASE)
    return directory


def write(directory, name, content):
    with open(os.path.join(directory, name), "wb") as file:
        file.write(content)


def ctl(daemon, *arguments):
    return run([harness.btfctl_path(), f"--socket={daemon.path}", *arguments])


def test_modules_are_served_and_bad_ones_named(start, kernel):
    """Each file beside vmlinux is a module; what is wrong with one is said in source.list and in the log, and
    everything else is served."""
    write(kernel, "good", module_with_typedef("own_t"))
    write(kernel, "empty", EMPTY)
    write(kernel, "bad_id", module_with_typedef("bad_t", target=9))
    write(kernel, "text", b"this is no BTF")
    daemon = start(btf_dir=kernel)
    with daemon.client() as client:
        answer = client.call("source.list")
        states = {each["name"]: each for each in answer["sources"]}
        assert [each["name"] for each in answer["sources"]] == ["vmlinux", "empty", "good", "bad_id", "text"]
        assert states["vmlinux"] == {"name": "vmlinux", "state": "loaded", "bytes": len(BASE), "types": 3,
                                     "first_id": 1, "instance": 1}
        assert states["empty"] == {"name": "empty", "state": "loaded", "bytes": 24, "types": 0, "first_id": 4,
                                   "instance": 2}
        assert states["good"]["types"] == 1 and states["good"]["first_id"] == 4
        error = states["bad_id"]["error"]
        assert (error["reason"], error["offset"]) == ("bad-id", 24 + 8) and "id 9" in error["message"]
        assert states["text"]["error"]["reason"] == "bad-magic"
        assert (client.call("btfd.info")["sources"], client.call("btfd.info")["failed"]) == (3, 2)
        own = client.call("type.get", type="own_t")
        assert (own["source"], own["instance"], own["id"], own["type"]) == ("good", 3, 4, "struct thing")
        # What it refers to is vmlinux's, and says so.
        thing = client.call("type.get", source="good", instance=3, id=own["type_id"])
        assert (thing["source"], thing["instance"], thing["id"]) == ("vmlinux", 1, 2)
        assert client.fail("type.get", type="bad_t").reason == "name-not-found"
        error = client.fail("type.get", type="bad_t", source="bad_id")
        assert (error.reason, error.data["name"]) == ("btf-unavailable", "bad_id") and "byte 32" in str(error)
        assert client.fail("type.get", type="own_t", source="nonsuch").reason == "source-not-found"
    assert "vmlinux and 2 modules, 2 failed" in ctl(daemon, "info").stdout
    assert "bad_id: byte 32" in daemon.stderr() and "text: byte 0" in daemon.stderr()
    assert "2 modules" in daemon.stderr() and "2 failed" in daemon.stderr()


def test_modules_come_second(start, kernel):
    """vmlinux answers, and says what modules define otherwise; with scope all that is ambiguous."""
    write(kernel, "other", OTHER_THING)
    daemon = start(btf_dir=kernel)
    candidate = {"source": "other", "kind": "struct", "name": "thing", "id": 4, "instance": 2, "size": 8}
    with daemon.client() as client:
        answer = client.call("type.get", type="struct thing")
        assert (answer["source"], answer["size"]) == ("vmlinux", 4)
        assert (answer["also_count"], answer["also"]) == (1, [candidate])
        answer = client.call("field.offset", type="thing", path="a")
        assert answer["also"] == [{**candidate, "resolves": True}]
        assert client.call("field.offset", type="thing", path="b", source="other")["offset"] == 4
        assert client.call("field.offset", type="thing", path="b", has="b")["source"] == "other"
        error = client.fail("field.offset", type="thing", path="b")
        assert (error.reason, error.data["component"], error.data["name"]) == ("member-not-found", "b", "thing")
        assert (error.data["count"], error.data["candidates"]) == (1, [{**candidate, "resolves": True}])
        error = client.fail("field.offset", type="thing", path="c")
        assert error.reason == "member-not-found" and "candidates" not in error.data
        error = client.fail("field.offset", type="thing", path="b", scope="all")
        assert (error.reason, error.data["count"]) == ("ambiguous-name", 2)
        assert [each["resolves"] for each in error.data["candidates"]] == [False, True]
        assert "also" not in client.call("type.get", type="int")
    result = ctl(daemon, "offset", "thing", "a")
    assert result.stdout == "0  int  4\n"
    assert "--source=other --id=4 --instance=2" in result.stderr and "modules define another" in result.stderr
    assert ctl(daemon, "--all", "offset", "thing", "a").returncode == 1
    assert ctl(daemon, "--source=other", "offset", "thing", "b").stdout == "4  int  4\n"


def test_sets(start, kernel, workdir):
    """Questions name one of the directories; one that has no vmlinux says why and harms no other."""
    other, broken = os.path.join(workdir, "other"), os.path.join(workdir, "broken")
    for directory in other, broken:
        os.mkdir(directory)
    write(other, "vmlinux", BASE.replace(b"thing", b"thong"))
    write(other, "m", module_with_typedef("own_t"))
    write(broken, "vmlinux", BASE[:-1])
    daemon = start(btf_dir=kernel, arguments=[f"--btf-set=other={other}", f"--btf-set=broken-1={broken}"])
    with daemon.client() as client:
        assert client.call("btfd.info")["sets"] == ["running", "other", "broken-1"]
        assert client.call("btfd.info")["directory"] == os.path.realpath(kernel)
        assert client.call("btfd.info", set="other")["directory"] == os.path.realpath(other)
        assert client.call("type.get", type="thing", set="running")["size"] == 4
        assert client.call("type.get", type="thong", set="other")["size"] == 4
        assert client.fail("type.get", type="thong").reason == "name-not-found"
        assert client.fail("type.get", type="thing", set="other").reason == "name-not-found"
        own = client.call("type.get", type="own_t", set="other")
        # An id is of one load of one source, whatever set it is asked in.
        asked = {"source": "vmlinux", "id": 2}
        assert client.call("type.get", set="other", instance=2, **asked)["name"] == "thong"
        assert client.fail("type.get", set="other", instance=1, **asked).reason == "stale-id"
        assert (own["source"], own["instance"]) == ("m", 3)
        for method, params in (("btfd.info", {}), ("type.get", {"type": "int"}),
                               ("field.offset", {"type": "thing", "path": "a"})):
            error = client.fail(method, set="broken-1", **params)
            assert (error.reason, error.data["name"]) == ("btf-unavailable", "broken-1")
        failed, = client.call("source.list", set="broken-1")["sources"]
        assert (failed["name"], failed["state"], failed["bytes"]) == ("vmlinux", "failed", len(BASE) - 1)
        assert failed["error"]["reason"] == "bad-section"
        error = client.fail("source.list", set="nonsuch")
        assert (error.reason, error.data["name"]) == ("source-not-found", "nonsuch")
    assert "typedef own_t" in ctl(daemon, "--set=other", "show", "own_t").stdout
    assert ctl(daemon, "--set=broken-1", "show", "int").returncode == 1
    assert ctl(daemon, "--set=nonsuch", "show", "int").returncode == 3


def test_btfctl_lists_sources(start, kernel):
    """A line a file, and why those that failed did; names are shown so that no terminal obeys them."""
    write(kernel, "good", module_with_typedef("own_t"))
    write(kernel, "\033[31mred", b"x" * 30)
    daemon = start(btf_dir=kernel)
    result = ctl(daemon, "sources")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["SOURCE", "BYTES", "TYPES", "INSTANCE"]
    assert lines[1].split() == ["vmlinux", str(len(BASE)), "3", "1"]
    assert lines[2].split() == ["good", str(len(module_with_typedef("own_t"))), "1", "2"]
    assert lines[3].startswith("?[31mred") and "failed: byte 0: not BTF" in lines[3] and "(bad-magic)" in lines[3]
    with daemon.client() as client:
        assert json.loads(ctl(daemon, "--json=short", "sources").stdout) == client.call("source.list")
    assert ctl(daemon, "--source=good", "sources").returncode == 2


@pytest.mark.parametrize("argument", ["", "x", "=d", "x=", "a b=d", "a/b=d", "running=d", "n" * 64 + "=d"])
def test_a_set_needs_a_name_and_a_directory(kernel, argument):
    result = run([harness.btfd_path(), f"--btf-dir={kernel}", f"--btf-set={argument}"])
    assert result.returncode == 2
    assert f"--btf-set={argument}" in result.stderr


def test_sets_are_bounded(kernel):
    one = [f"--btf-set=s{i}={kernel}" for i in range(17)]
    result = run([harness.btfd_path(), f"--btf-dir={kernel}", *one])
    assert result.returncode == 2 and "more than 16 sets" in result.stderr
    result = run([harness.btfd_path(), f"--btf-dir={kernel}", one[0], one[0]])
    assert result.returncode == 2 and "already" in result.stderr


def test_paths_lead_into_modules_of_a_real_kernel(checker):
    """vmlinux declares struct netns_ipvs, ip_vs defines it: each step names its source."""
    directory = harness.corpus("debian-6.1-cloud-amd64")
    if not directory:
        pytest.skip("BTFD_CORPUS names no folder with debian-6.1-cloud-amd64")
    daemon = harness.Daemon(checker, directory)
    try:
        with daemon.wait_ready().client() as client:
            answer = client.call("field.offset", type="net", path="ipvs->net->ifindex")
            assert answer["source"] == "vmlinux" and "type_source" not in answer
            assert answer["steps"] == [{"offset": 4040, "deref": True, "source": "vmlinux"},
                                       {"offset": 2160, "deref": True, "source": "ip_vs"},
                                       {"offset": 16, "deref": False, "source": "vmlinux"}]
            answer = client.call("field.offset", type="net", path="ipvs[0]")
            assert (answer["type"], answer["type_source"]) == ("struct netns_ipvs", "ip_vs")
            answer = client.call("field.offset", type="netns_ipvs", path="enable")
            assert answer["source"] == "ip_vs" and "source" not in answer["steps"][0]
            error = client.fail("field.offset", func="vlan_exit_net", path="net->ifindex")
            assert (error.reason, error.data["count"]) == ("ambiguous-name", 2)
            assert sorted(each["source"] for each in error.data["candidates"]) == ["8021q", "act_vlan"]
        assert ctl(daemon, "offset", "net", "ipvs->enable").stdout == "4040 -> 4 [ip_vs]  int  4\n"
        daemon.stop()
    finally:
        daemon.kill()


def test_selectors_reach_into_modules_of_a_real_kernel(checker):
    """Every module's ids begin where vmlinux's end, and each answers for its own."""
    directory = harness.corpus("debian-6.1-cloud-amd64")
    if not directory:
        pytest.skip("BTFD_CORPUS names no folder with debian-6.1-cloud-amd64")
    daemon = harness.Daemon(checker, directory)
    try:
        with daemon.wait_ready().client() as client:
            sources = client.call("source.list")["sources"]
            assert len(sources) == len(os.listdir(directory))
            assert all(each["state"] == "loaded" for each in sources)
            assert len({each["instance"] for each in sources}) == len(sources)
            assert {each["first_id"] for each in sources[1:]} == {sources[0]["types"] + 1}
            names = set()
            for each in sources[1:200]:
                first = {"source": each["name"], "instance": each["instance"], "id": each["first_id"]}
                if each["types"] == 0:
                    continue
                answer = client.call("type.get", **first)
                assert {key: answer[key] for key in first} == first
                names.add(answer.get("name"))
                last = client.call("type.get", **{**first, "id": each["first_id"] + each["types"] - 1})
                assert last["source"] == each["name"]
                with pytest.raises(RpcError):
                    client.call("type.get", **{**first, "id": each["first_id"] + each["types"]})
            assert len(names) > 20
        daemon.stop()
    finally:
        daemon.kill()
