"""JSON-RPC 2.0 over the wire: forms of requests, batches, bad lines, framing, backpressure, limits.

Nothing here depends on the kernel beyond `struct list_head` and `struct task_struct`.
"""

import json
import os
import re
import resource
import select
import socket
import time

import pytest

import harness
from harness import encode

LIMITS = ["request_bytes", "request_tokens", "request_depth", "batch_elements", "reply_bytes",
          "batch_reply_bytes", "bad_lines", "unsent_bytes", "total_unsent_bytes", "stall_seconds",
          "heavy_seconds", "heavy_bytes", "connections", "path_components", "alternatives", "candidates", "copies",
          "sources", "near", "member_visits", "type_name_bytes", "page_entries", "pattern_bytes", "member_path_bytes",
          "expand", "user_places", "diff_entries", "diff_changes", "probe_questions"]
NOTHING = object()  # a member that is left out

LIST_HEAD = {"type": "struct list_head"}
TASK_STRUCT = {"type": "struct task_struct"}


def question(request_id, method="type.get", params=None):
    message = {"jsonrpc": "2.0", "method": method, "params": LIST_HEAD if params is None else params}
    if request_id is not NOTHING:
        message["id"] = request_id
    return message


def assert_alive(client):
    """The connection still answers, and nothing is left over from before."""
    assert client.call("type.get", **LIST_HEAD)["name"] == "list_head"


def assert_error(reply, reason, request_id=None):
    assert reply["error"]["data"]["reason"] == reason, reply
    assert reply["id"] == request_id and type(reply["id"]) is type(request_id), reply
    return reply["error"]


def limit(client, name):
    return client.call("btfd.info")["limits"][name]


# ---------------------------------------------------------------- requests


@pytest.mark.parametrize("request_id", [0, 1, -1, 2 ** 53, -(2 ** 63), 2 ** 63 - 1, 1.5, -0.25, 1e300, "",
                                        "1", "id", "\u0001\"\\/\u00e4\u20ac\U0001f600", "x" * 1000, None])
def test_ids_come_back_as_they_were(client, request_id):
    """A client finds its answers by id, so value and type must survive, escapes and large numbers too."""
    reply = client.exchange(question(request_id))
    assert reply["id"] == request_id and type(reply["id"]) is type(request_id)
    assert reply["result"]["name"] == "list_head"
    reply = client.exchange(question(request_id, "no.method"))
    assert_error(reply, "method-not-found", request_id)


@pytest.mark.parametrize("request_id", [True, False, [], {}, [1], {"a": 1}])
def test_other_ids_are_refused(client, request_id):
    """JSON-RPC allows strings, numbers and null; the answer to anything else has a null id."""
    assert_error(client.exchange(question(request_id)), "invalid-request")
    assert_alive(client)


@pytest.mark.parametrize("request_id", [2 ** 63, -(2 ** 63) - 1, 10 ** 400])
def test_integers_beyond_64_bits_fail_the_line(client, request_id):
    """The parser cannot represent them, which must be an error and never another number."""
    assert_error(client.exchange(question(request_id)), "parse-error")
    assert_alive(client)


@pytest.mark.parametrize("message", [
    {}, {"jsonrpc": "2.0"}, {"jsonrpc": "2.0", "id": 1}, {"jsonrpc": "2.0", "id": 1, "method": 1},
    {"jsonrpc": "2.0", "id": 1, "method": None}, {"jsonrpc": "1.0", "id": 1, "method": "btfd.info"},
    {"jsonrpc": 2.0, "id": 1, "method": "btfd.info"}, {"id": 1, "method": "btfd.info"},
    {"jsonrpc": "2.0 ", "id": 1, "method": "btfd.info"},
    {"jsonrpc": "2.0", "id": 1, "method": ["btfd.info"]},
])
def test_malformed_requests_are_refused(client, message):
    """What is JSON but no request is -32600, with the id if it has a valid one."""
    error = assert_error(client.exchange(message), "invalid-request", message.get("id"))
    assert error["code"] == -32600
    assert_alive(client)


@pytest.mark.parametrize("text", ["1", "null", "\"x\"", "true", "1.5"])
def test_json_that_is_no_object_or_array(client, text):
    """A bare value is no message; the connection lives on."""
    client.send_line(text)
    reply = client.read_reply()
    assert reply["error"]["data"]["reason"] in ("parse-error", "invalid-request")
    assert reply["id"] is None
    assert_alive(client)


@pytest.mark.parametrize("params", [[], [1], ["struct list_head"], "x", 1, None, True])
def test_params_go_by_name(client, params):
    """An array of params, or no container at all, is -32602: openrpc.json promises by-name only."""
    message = {"jsonrpc": "2.0", "id": 7, "method": "type.get", "params": params}
    assert assert_error(client.exchange(message), "invalid-params", 7)["code"] == -32602
    assert_alive(client)


def test_params_may_be_left_out(client):
    """A method without required parameters needs no `params` at all."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "btfd.info"}
    assert client.exchange(message)["result"] == client.call("btfd.info")


def test_unknown_members_of_a_request_do_no_harm(client):
    """JSON-RPC says nothing about further members; the answer is the same."""
    reply = client.exchange({**question(1), "trace": {"x": [1]}})
    assert reply["result"]["name"] == "list_head"


@pytest.mark.parametrize("method", ["", "nope", "type", "type.get ", "Type.Get", "rpc.nope", "type.get\x01",
                                    "x" * 5000, "\u20ac"])
def test_unknown_methods(client, method):
    """-32601, whatever the name looks like."""
    error = assert_error(client.exchange(question(3, method)), "method-not-found", 3)
    assert error["code"] == -32601
    assert_alive(client)


@pytest.mark.parametrize("method,params,blamed", [
    ("btfd.info", {"sett": "running"}, "sett"),
    ("rpc.discover", {"x": 1}, "x"),
    ("rpc.discover", {"set": "running"}, "set"),
    ("type.get", {"type": "x", "path": "y"}, "path"),
    ("type.get", {"type": "x", "Type": "y"}, "Type"),
    ("type.get", {"type": "x", "": 1}, ""),
    ("type.get", {}, "type"),
    ("field.offset", {"type": "task_struct"}, "path"),
    ("field.offset", {"path": "x"}, "type"),
    ("type.get", {"type": ""}, "type"),
    ("type.get", {"type": 1}, "type"),
    ("type.get", {"type": None}, "type"),
    ("type.get", {"type": ["x"]}, "type"),
    ("type.get", {"type": "x", "size": -1}, "size"),
    ("type.get", {"type": "x", "size": 1.0}, "size"),
    ("type.get", {"type": "x", "size": "1"}, "size"),
    ("type.get", {"type": "x", "size": True}, "size"),
    ("type.get", {"type": "x", "size": 2 ** 53}, "size"),
    ("type.get", {"type": "x", "kind": "STRUCT"}, "kind"),
    ("type.get", {"type": "x", "kind": "void"}, "kind"),
    ("type.get", {"type": "x", "kind": 4}, "kind"),
    ("type.get", {"type": "x", "has": ""}, "has"),
    ("type.get", {"type": "x", "source": 0}, "source"),
    ("type.get", {"id": 1}, "instance"),
    ("type.get", {"id": 1, "instance": 1}, "source"),
    ("type.get", {"type": "x", "instance": 1, "source": "vmlinux"}, "id"),
    ("type.get", {"id": -1, "instance": 1, "source": "vmlinux"}, "id"),
    ("field.offset", {"type": "task_struct", "path": ""}, "path"),
    ("field.offset", {"type": "task_struct", "path": 1}, "path"),
    ("type.layout", {"type": "task_struct", "expand": -1}, "expand"),
    ("type.layout", {"type": "task_struct", "expand": 33}, "expand"),
    ("type.layout", {"type": "task_struct", "expand": True}, "expand"),
    ("type.layout", {"type": "task_struct", "cacheline": 0}, "cacheline"),
    ("type.layout", {"type": "task_struct", "cacheline": 48}, "cacheline"),
    ("type.layout", {"type": "task_struct", "cacheline": 8192}, "cacheline"),
    ("type.layout", {"type": "task_struct", "cacheline": "64"}, "cacheline"),
    ("type.layout", {"type": "task_struct", "offset": 0}, "offset"),
    ("type.at", {"type": "task_struct"}, "offset"),
    ("type.at", {"type": "task_struct", "offset": -1}, "offset"),
    ("type.at", {"type": "task_struct", "offset": 2 ** 53}, "offset"),
    ("type.at", {"type": "task_struct", "offset": 1.0}, "offset"),
    ("type.at", {"type": "task_struct", "bit_offset": "0"}, "bit_offset"),
    ("type.at", {"type": "task_struct", "offset": 0, "bit_offset": 0}, "bit_offset"),
    ("type.at", {"offset": 0}, "type"),
    ("field.offset", {"type": "task_struct", "func": "vfs_read", "path": "x"}, "type"),
    ("field.offset", {"func": "vfs_read", "var": "runqueues", "path": "x"}, "func"),
    ("field.offset", {"func": "", "path": "x"}, "func"),
    ("field.offset", {"func": {}, "path": "x"}, "func"),
    ("field.offset", {"var": None, "path": "x"}, "var"),
    ("field.offset", {"var": "runqueues"}, "path"),
    ("field.offset", {"any": []}, "any"),
    ("field.offset", {"any": "task_struct"}, "any"),
    ("field.offset", {"any": [{"type": "x", "path": "y"}, None]}, "any[1]"),
    ("field.offset", {"any": [{"type": "x", "path": "y"}, {"type": "x"}]}, "path"),
    ("field.offset", {"any": [{"type": "x", "path": "y", "any": []}]}, "any"),
    ("field.offset", {"any": [{"type": "x", "path": "y", "size": -1}]}, "size"),
    ("field.offset", {"any": [{"type": "x", "path": "y"}], "path": "y"}, "any"),
])
def test_bad_params_are_named(client, method, params, blamed):
    """-32602 says which parameter is unknown, missing or of the wrong type, and what it may be."""
    error = client.fail(method, **params)
    assert error.code == -32602
    assert error.data["param"] == blamed
    assert error.data["expected"]
    assert_alive(client)


def test_duplicate_params_are_refused(client):
    """Two values for one name: neither is right. The request's id is in the answer all the same."""
    client.send_line('{"jsonrpc":"2.0","id":9,"method":"type.get",'
                     '"params":{"type":"struct list_head","type":"struct page"}}')
    error = assert_error(client.read_reply(), "invalid-params", 9)
    assert error["data"]["param"] == "type"
    client.send_line('{"jsonrpc":"2.0","id":9,"method":"rpc.discover","method":"btfd.info"}')
    assert_error(client.read_reply(), "invalid-request", 9)
    client.send_line('{"jsonrpc":"2.0","id":1,"id":2,"method":"btfd.info"}')
    assert client.read_reply()["error"]["data"]["reason"] == "invalid-request"
    assert_alive(client)


def test_unknown_sets_and_sources(client):
    """`running` is the set there is; another is an error with its name and not an empty answer."""
    assert client.call("type.get", set="running", **LIST_HEAD) == client.call("type.get", **LIST_HEAD)
    for params in ({"set": "other"}, {"source": "no_such_module"}):
        error = client.fail("type.get", **LIST_HEAD, **params)
        assert (error.reason, error.data["name"]) == ("source-not-found", list(params.values())[0])


def test_a_stale_id_is_an_error(client):
    """An id of another instance of its source never answers with whatever has that number now."""
    found = client.call("type.get", **LIST_HEAD)
    selector = {"source": "vmlinux", "id": found["id"]}
    assert client.call("type.get", instance=found["instance"], **selector) == found
    assert client.fail("type.get", instance=found["instance"] + 1, **selector).reason == "stale-id"
    assert client.fail("type.get", source="vmlinux", instance=1, id=2 ** 53 - 1).reason == "name-not-found"
    stale = {"instance": found["instance"] + 1, "path": "next", **selector}
    error = client.fail("field.offset", any=[{"path": "next", **LIST_HEAD}, stale][::-1])
    assert (error.reason, error.data["which"]) == ("stale-id", 0)


def test_failing_paths_say_where(client):
    """A failing path names the component, its position and the type it was looked up in, and near names."""
    error = client.fail("field.offset", type="struct task_struct", path="mm->ownr->comm")
    assert error.reason == "member-not-found"
    assert (error.data["component"], error.data["position"], error.data["index"]) == ("ownr", 4, 1)
    assert error.data["in"] == "struct mm_struct"
    assert "owner" in error.data["near"]
    cases = {
        "mm.owner": "wrong-kind", "pid->x": "wrong-kind", "pid[0]": "wrong-kind",
        "comm[99]": "index-out-of-range",
        "mm->": "bad-path", "..": "bad-path", "[": "bad-path", "comm[-1]": "bad-path", " ": "bad-path",
        "comm[99999999999999999999]": "bad-path", "a-b": "bad-path",
        "mm->owner[99999999999999999]": "overflow",
        "(mm": "bad-path", "(" * 1000: "bad-path", "&" * 1000 + "mm": "bad-path", "(int)mm": "bad-path",
        "(u8 *)" * 64 + "mm": "bad-path", "(struct mm_struct)mm": "bad-path", "container_of(mm": "bad-path",
        "((struct mm_strukt *)mm)->x": "name-not-found", "((struct " + "x" * 60000 + " *)mm)->x": "bad-path",
        "((struct mm_struct *)pid)->x": "wrong-kind", "&mm": "wrong-kind",
        "container_of(mm, struct task_struct, active_mm)->pid": "wrong-kind",
        "container_of(pid, struct task_struct, pid)->pid": "wrong-kind",
        "(&mm)[99999999999999999]": "overflow", "((u64 *)mm)[1125899906842624]": "overflow",
        "comm[3][0]": "wrong-kind", "comm[0x10]": "index-out-of-range", "x" * 65536: "member-not-found",
    }
    for path, reason in cases.items():
        error = client.fail("field.offset", type="struct task_struct", path=path)
        assert error.reason == reason, f"{path}: {error}"
        assert "position" in error.data
    long_path = "mm" + "->owner->mm" * 32
    assert client.fail("field.offset", type="struct task_struct", path=long_path).reason == "bad-path"
    long_path = "mm" + "->owner->mm" * 31
    assert len(client.call("field.offset", type="struct task_struct", path=long_path)["steps"]) == 63


def test_names_that_nobody_has(client):
    """Unknown, empty-looking and hostile names: an error, near names, and no harm."""
    error = client.fail("type.get", type="struct task_strukt")
    assert error.reason == "name-not-found"
    assert "struct task_struct" in error.data["near"]
    for name in ("struct ", "struct", "struct  x y", "\u20ac" * 300, "\n", "%s%n%x", "a" * 20000, " "):
        assert client.fail("type.get", type=name).reason == "name-not-found", name
    assert_alive(client)


# ---------------------------------------------------------------- notifications and batches


def test_notifications_are_not_answered(client):
    """A request without an id has no reply, not even an error."""
    for message in (question(NOTHING), question(NOTHING, "no.method"), question(NOTHING, params={"x": 1})):
        client.send_line(message)
    assert_alive(client)


def test_a_batch_is_answered_as_one(client):
    """Results and errors of one batch come as one array, notifications are left out."""
    replies = client.exchange([
        question("a"), question(NOTHING), question(2, "no.method"), 1, {}, question(3, params={"x": 1}),
        question(NOTHING, "no.method"), [], question(None), question(4, "btfd.info", {}),
    ])
    assert [reply["id"] for reply in replies] == ["a", 2, None, None, 3, None, None, 4]
    assert replies[0]["result"]["name"] == "list_head"
    reasons = [reply["error"]["data"]["reason"] for reply in replies if "error" in reply]
    assert reasons == ["method-not-found", "invalid-request", "invalid-request", "invalid-params",
                       "invalid-request"]
    assert replies[6]["result"]["name"] == "list_head"
    assert_alive(client)


def test_one_request_in_a_batch_gives_an_array(client):
    """Also a batch of one is answered by an array."""
    replies = client.exchange([question(1)])
    assert isinstance(replies, list) and replies[0]["result"]["name"] == "list_head"


def test_an_empty_batch_is_an_error(client):
    """As in the specification's examples: one error object, no array."""
    assert assert_error(client.exchange([]), "invalid-request")["code"] == -32600
    assert_alive(client)


def test_a_batch_of_notifications_is_not_answered(client):
    """Nothing at all is sent, no empty array."""
    client.send_line([question(NOTHING)] * 5)
    client.send_line([question(NOTHING, "no.method")])
    assert_alive(client)


def test_batches_up_to_the_limit(client):
    """512 elements are answered, in order; 513 are refused as a whole with the limit's name."""
    size = limit(client, "batch_elements")
    assert size == 512
    replies = client.exchange([question(i) for i in range(size)])
    assert [reply["id"] for reply in replies] == list(range(size))
    assert all(reply["result"]["name"] == "list_head" for reply in replies)
    error = assert_error(client.exchange([question(i) for i in range(size + 1)]), "request-too-large")
    assert (error["data"]["limit"], error["data"]["max"]) == ("batch_elements", size)
    assert_alive(client)


def test_a_full_batch_of_the_largest_question(client):
    """512 times task_struct: each element is its answer or says that the batch's reply is full; the array is
    whole in any case."""
    replies = client.exchange([question(i, params=TASK_STRUCT) for i in range(512)])
    assert [reply["id"] for reply in replies] == list(range(512))
    full = [reply for reply in replies if "error" in reply]
    assert all(reply["error"]["data"]["reason"] == "reply-too-large" for reply in full)
    answered = [reply["result"] for reply in replies if "result" in reply]
    assert len(answered) > 100
    assert all(result == answered[0] for result in answered)
    assert_alive(client)


# ---------------------------------------------------------------- bad lines


BAD_LINES = [b"{", b"nope", b"{\"jsonrpc\":\"2.0\",}", b"{'a':1}", b"\xff\xfe", b"\"\xc3\x28\"",
             b"{\"id\":\"\xed\xa0\x80\"}", b"[1,2", b"{\"a\":1}{\"b\":2}", b"[NaN]", b"[1e999]", b"[01]",
             b"[\"\\ud800\"]", b"\x01", b"[\"\t\"]", b"{\"a\":\"\\u0000\\x\"}"]


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_gets_an_error_and_the_connection_lives(client, line):
    """-32700 with a null id and the byte; then the next question is answered."""
    client.send_line(line)
    error = assert_error(client.read_reply(), "parse-error")
    assert error["code"] == -32700
    assert 0 <= error["data"]["byte"] <= len(line)
    assert_alive(client)


@pytest.mark.parametrize("line", [b"\x00", b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"btfd.info\"}\x00",
                                  b"[1\x00]", b"\x00" * 1000])
def test_a_nul_byte_is_an_error(client, line):
    """A JSON parser may take it for the end of the text; nothing before it is answered."""
    client.send_line(line)
    assert_error(client.read_reply(), "parse-error")
    assert_alive(client)


def test_escaped_nul_bytes_are_refused(client):
    """No name holds a NUL, and one in a string must not cut it short: `list_head\\0x` is not list_head."""
    client.send_line(b'{"jsonrpc":"2.0","id":1,"method":"type.get","params":{"type":"list_head\\u0000x"}}')
    reply = client.read_reply()
    assert "error" in reply
    assert_alive(client)


def test_an_empty_line_is_a_bad_line(client):
    """No silent skipping: whoever sends one is told."""
    client.send_line(b"")
    assert_error(client.read_reply(), "parse-error")
    client.send_line(b"   ")
    assert_error(client.read_reply(), "parse-error")
    assert_alive(client)


def test_carriage_returns_do_no_harm(client):
    """CR is white space in JSON, so a client that ends lines with CR LF is answered."""
    client.send_line(encode(question(1)).rstrip(b"\n") + b"\r")
    assert client.read_reply()["result"]["name"] == "list_head"


def test_too_many_bad_lines_close_the_connection(daemon):
    """After 8 bad lines the daemon hangs up, but all answers arrive before, those to good lines too."""
    with daemon.client() as client:
        n_bad = limit(client, "bad_lines")
        assert n_bad == 8
        lines = b"".join(encode(question(i)) + b"bad\n" for i in range(n_bad))
        client.send(lines + encode(question("after")))
        for i in range(n_bad):
            assert client.read_reply()["id"] == i
            assert_error(client.read_reply(), "parse-error")
        client.read_end()


def test_fewer_bad_lines_do_not_close_it(daemon):
    """Seven are forgiven, and lines that are JSON but wrong do not count."""
    with daemon.client() as client:
        for _ in range(7):
            assert_error(client.exchange("bad"), "parse-error")
        for _ in range(20):
            assert_error(client.exchange("{}"), "invalid-request")
        assert_alive(client)
        assert_error(client.exchange("bad"), "parse-error")
        client.read_end()


def test_a_line_of_exactly_the_limit(client):
    """128 KiB without the newline are a request; one byte more is not."""
    size = limit(client, "request_bytes")
    assert size == 128 << 10
    line = encode(question(1)).rstrip(b"\n")
    client.send_line(line + b" " * (size - len(line)))
    assert client.read_reply()["result"]["name"] == "list_head"
    client.send_line(line + b" " * (size + 1 - len(line)))
    error = assert_error(client.read_reply(), "request-too-large")
    assert (error["data"]["limit"], error["data"]["max"]) == ("request_bytes", size)
    assert_alive(client)


def test_an_over_long_line_is_discarded(client):
    """One error however long it is, nothing of its rest is taken for a request, the next line is answered,
    and it does not count as a bad line."""
    for _ in range(10):
        client.send(b"x" * 700_000)
        client.send(encode(question("inside"))[:-1] + b"x" * 10)
        client.send(b"\n" + encode(question("next")))
        assert_error(client.read_reply(), "request-too-large")
        assert client.read_reply()["id"] == "next"
    assert_alive(client)


def test_an_over_long_line_that_never_ends(daemon):
    """The error comes before the newline does; at the end of the stream nothing more."""
    with daemon.client() as client:
        client.send(b"[" * 300_000)
        assert_error(client.read_reply(), "request-too-large")
        client.half_close()
        client.read_end()


@pytest.mark.parametrize("opening,closing", [("[", "]"), ('{"a":', "}")])
def test_depth(client, opening, closing):
    """16 levels are parsed, 17 are refused before any parser sees them."""
    depth = limit(client, "request_depth")
    assert depth == 16
    inner = "1"
    for levels, reason in ((depth, "invalid-request"), (depth + 1, "request-too-large"),
                           (20000, "request-too-large")):
        if opening == "[" and levels == depth:
            continue  # a batch within the limit is answered element by element
        text = opening * levels + inner + closing * levels
        client.send_line(text)
        error = assert_error(client.read_reply(), reason)
        if reason == "request-too-large":
            assert (error["data"]["limit"], error["data"]["max"]) == ("request_depth", depth)
    client.send_line("[" * 60000)
    assert_error(client.read_reply(), "request-too-large")
    assert_alive(client)


def test_brackets_in_strings_are_no_depth(client):
    """Depth is counted outside of strings, escaped quotes considered."""
    error = client.fail("type.get", type='[{"\\"[[[[[' + "[{" * 40)
    assert error.reason == "name-not-found"
    assert_alive(client)


def test_tokens(client):
    """What would make the parser use much memory is refused: 24,576 tokens are parsed, more are not."""
    most = limit(client, "request_tokens")
    assert most == 24576
    # {"a":[1,1,...,1]} has 6 tokens around the elements, n elements have 2n - 1.
    n_elements = (most - 6 + 1) // 2
    client.send_line('{"a":[' + ",".join("1" * n_elements) + "]}")
    assert_error(client.read_reply(), "invalid-request")
    client.send_line('{"a":[' + ",".join("1" * (n_elements + 1)) + "]}")
    error = assert_error(client.read_reply(), "request-too-large")
    assert (error["data"]["limit"], error["data"]["max"]) == ("request_tokens", most)
    client.send_line("[" + ",".join(["{}"] * 40000) + "]")
    assert_error(client.read_reply(), "request-too-large")
    assert_alive(client)


# ---------------------------------------------------------------- framing


def test_a_request_split_at_every_byte(client):
    """However the stream is cut, the answer is the same."""
    line = encode(question("split", params={"type": "struct list_head", "has": "next"}))
    for at in range(1, len(line)):
        client.expect(question("split"))
        client.socket.sendall(line[:at])
        # Lets the daemon read the first part alone now and then; the answer is the same if it does not.
        time.sleep(0.001)
        client.socket.sendall(line[at:])
        assert client.read_reply()["result"]["name"] == "list_head"


def test_a_request_byte_by_byte(client):
    """One byte a write."""
    line = encode(question("bytes"))
    client.expect(question("bytes"))
    for at in range(len(line)):
        client.socket.sendall(line[at : at + 1])
    assert client.read_reply()["result"]["name"] == "list_head"


def test_many_requests_in_one_write(daemon):
    """10,000 pipelined questions are all answered, in order."""
    n_requests = 10_000
    requests = b"".join(encode(question(i, params={"type": "struct list_head"})) for i in range(n_requests))
    with daemon.client() as client:
        client.methods = {harness.id_key(i): "type.get" for i in range(n_requests)}
        received = pump(client, requests, n_requests)
    assert received == list(range(n_requests))


def pump(client, data, n_replies):
    """Sends while it receives, as a pipelining client must; returns the ids of the replies."""
    received, sent = [], 0
    deadline = time.monotonic() + harness.TIMEOUT
    client.socket.setblocking(False)
    while sent < len(data):
        assert time.monotonic() < deadline
        try:
            sent += client.socket.send(data[sent : sent + (1 << 20)])
        except BlockingIOError:
            client.socket.settimeout(harness.TIMEOUT)
            received.append(client.read_reply()["id"])
            client.socket.setblocking(False)
    client.socket.settimeout(harness.TIMEOUT)
    while len(received) < n_replies:
        received.append(client.read_reply()["id"])
    return received


def test_half_close(daemon):
    """A client that shuts its sending side down (socat, nc -N) still gets every answer, then the end."""
    with daemon.client() as client:
        client.send(b"".join(encode(question(i, params=TASK_STRUCT)) for i in range(100)))
        client.half_close()
        for i in range(100):
            assert client.read_reply()["id"] == i
        client.read_end()


@pytest.mark.parametrize("line", [encode(question("last")).rstrip(b"\n"), b"bad", b"\x00", b""])
def test_an_unterminated_last_line(daemon, line):
    """At the end of the stream what stands behind the last newline is a line."""
    with daemon.client() as client:
        client.send(encode(question("first")) + line)
        client.half_close()
        assert client.read_reply()["id"] == "first"
        if line.startswith(b"{"):
            assert client.read_reply()["id"] == "last"
        elif line:
            assert_error(client.read_reply(), "parse-error")
        client.read_end()


def test_an_unterminated_line_of_too_many_bytes(daemon):
    """The same bound holds at the end of the stream."""
    with daemon.client() as client:
        client.send(b" " * ((128 << 10) + 1))
        client.half_close()
        assert_error(client.read_reply(), "request-too-large")
        client.read_end()


def test_a_client_that_sends_nothing(daemon):
    """Connect and leave, connect and half-close: no answer, no harm."""
    for _ in range(20):
        daemon.client().close()
        with daemon.client() as client:
            client.half_close()
            client.read_end()
    with daemon.client() as client:
        assert_alive(client)


# ---------------------------------------------------------------- clients that behave badly


def test_clients_that_hang_up_in_the_middle(daemon):
    """Hanging up within a line, before the answer is read, or within a large answer, harms nobody."""
    for at in (1, 20, 60):
        with daemon.client() as client:
            client.socket.sendall(encode(question(1))[:at])
    for _ in range(20):
        with daemon.client() as client:
            client.socket.sendall(encode(question(1, params=TASK_STRUCT)) * 200)
    for _ in range(5):
        with daemon.client() as client:
            client.socket.sendall(encode([question(i, params=TASK_STRUCT) for i in range(200)]))
            client.socket.recv(100)
    with daemon.client() as client:
        assert_alive(client)


def send_all_it_takes(client, data):
    """Sends `data` over and over until the socket takes no more for a while; returns the bytes taken."""
    client.socket.setblocking(False)
    sent, position = 0, 0
    last = time.monotonic()
    while time.monotonic() - last < 0.5 and sent < 64 << 20:
        try:
            n_bytes = client.socket.send(data[position:])
        except BlockingIOError:
            time.sleep(0.01)
            continue
        sent += n_bytes
        position = (position + n_bytes) % len(data)
        last = time.monotonic()
    return sent


def test_a_client_that_never_reads(start):
    """The daemon stops reading it (backpressure), serves others meanwhile, and its memory stays bounded."""
    daemon = start()
    data = encode([question(i, params=TASK_STRUCT) for i in range(500)])
    greedy = [daemon.client() for _ in range(4)]
    with daemon.client() as other:
        assert_alive(other)
        for client in greedy:
            taken = send_all_it_takes(client, data)
            assert taken < 16 << 20, "the daemon reads on though nobody takes its answers"
            for _ in range(50):
                assert_alive(other)
        memory = daemon.memory_kib()
        sanitized = daemon.is_sanitized()
        for client in greedy:
            client.close()
        assert_alive(other)
    if sanitized:
        pytest.skip("memory not measured: a sanitizer's is not the daemon's own. The rest passed")
    # What all may leave unread, in buffers of that size and no more; the types, the input, and one turn's replies.
    assert memory < (64 + 24) << 10


def is_closed(client):
    """Whether the daemon has closed the connection, unread answers in the socket's buffer or not."""
    poller = select.poll()
    poller.register(client.socket, 0)
    return any(event & (select.POLLHUP | select.POLLERR) for _, event in poller.poll(0))


def test_unread_answers_are_bounded_for_all_together(start):
    """Many clients that never read cannot make the daemon keep more than its limit: the rest is closed."""
    daemon = start()
    with daemon.client() as other:
        limit = other.call("btfd.info")["limits"]["total_unsent_bytes"]
        batch = encode([question(i, params=TASK_STRUCT) for i in range(400)])
        size = 400 * len(encode(other.exchange(question(1, params=TASK_STRUCT))))
        greedy = [daemon.client() for _ in range(limit // size + 3)]
        for client in greedy:
            client.socket.sendall(batch)
            assert_alive(other)
        harness.wait_until(lambda: sum(map(is_closed, greedy)) >= 2, "those that do not fit to be closed")
        assert not is_closed(greedy[0]), "the first ones fit"
        for client in greedy:
            client.close()
        assert_alive(other)
        with daemon.client() as late:  # what was kept is given back
            late.socket.sendall(batch)
            assert late.read_line()
    # the daemon is stopped by the fixture, which asserts that all is freed


def test_a_client_that_stalls_is_closed(start):
    """Who takes nothing of its answers for the stall time is gone; who has nothing to take may be silent for longer."""
    daemon = start()
    with daemon.client() as silent, daemon.client() as stalled:
        assert_alive(silent)
        stalled.socket.sendall(encode([question(i, params=TASK_STRUCT) for i in range(100)]))
        harness.wait_until(lambda: is_closed(stalled), "the stalled client to be closed", timeout=60)
        assert not is_closed(silent)
        assert_alive(silent)


def test_a_slow_reader_gets_everything(daemon):
    """Answers that wait for the client are neither lost nor mixed up."""
    n_requests = 300
    data = b"".join(encode(question(i, params=TASK_STRUCT)) for i in range(n_requests))
    with daemon.client() as client:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.methods = {harness.id_key(i): "type.get" for i in range(n_requests)}
        assert pump(client, data, n_requests) == list(range(n_requests))


def test_a_pipelining_client_does_not_starve_another(daemon):
    """While one connection has thousands of questions waiting, another is answered."""
    with daemon.client() as busy, daemon.client() as other:
        busy.socket.setblocking(False)
        line = encode(question(1, params=LIST_HEAD))
        for _ in range(20):
            try:
                busy.socket.send(line * 500)
            except BlockingIOError:
                pass
            assert_alive(other)


# ---------------------------------------------------------------- connections


def test_the_connection_limit_is_polite(start):
    """With few descriptors the daemon promises fewer connections; one too many is told so, and when somebody
    leaves there is room again."""
    daemon = start(preexec=harness.limit_descriptors(40, 40))
    with daemon.client() as first:
        most = limit(first, "connections")
        assert 0 < most < 40
    harness.wait_until(lambda: n_descriptors(daemon) < 20, "the first client's descriptor is closed")
    clients = [daemon.client() for _ in range(most)]
    for client in clients:
        assert_alive(client)
    for _ in range(3):
        with daemon.client() as refused:
            error = assert_error(refused.read_reply(), "quota-exceeded")
            assert (error["data"]["limit"], error["data"]["max"]) == ("connections", most)
            refused.read_end()
    for client in clients:
        assert_alive(client)
    clients.pop().close()
    served = harness.wait_until(lambda: harness.try_served(daemon), "room after a client has left")
    served.close()
    for client in clients:
        client.close()


def test_a_refused_client_that_has_asked_already_is_told(start):
    """A client that writes at once gets the refusal, not a reset without a word."""
    daemon = start(preexec=harness.limit_descriptors(33, 33))
    with harness.wait_until(lambda: harness.try_served(daemon), "the only place") as only:
        assert limit(only, "connections") == 1
        for _ in range(20):
            with daemon.client() as refused:
                try:
                    refused.socket.sendall(encode(question(1)))
                except BrokenPipeError:
                    pass
                assert_error(refused.read_reply(), "quota-exceeded")
                refused.read_end()
        assert_alive(only)


def n_descriptors(daemon):
    return len(os.listdir(f"/proc/{daemon.pid}/fd"))


def test_the_soft_limit_is_raised(start):
    """A low soft limit with a high hard one does not lower the number of connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1100:
        pytest.skip(f"the hard limit of descriptors is {hard}")
    daemon = start(preexec=harness.limit_descriptors(64, hard))
    with daemon.client() as client:
        assert limit(client, "connections") == 1024
        others = [daemon.client() for _ in range(200)]
        for other in others:
            assert_alive(other)
        for other in others:
            other.close()


def test_running_out_of_descriptors_does_not_spin(start):
    """accept() failing with EMFILE neither ends the daemon nor keeps the processor busy; connected clients
    are served, and those who wait are when others leave."""
    daemon = start(arguments=["--log-level=warning"])
    connected = [daemon.client() for _ in range(4)]
    for client in connected:
        assert_alive(client)
    # Below what the daemon has open, so that the next accept() fails.
    _, hard = resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (n_descriptors(daemon), hard))
    waiting = [daemon.client() for _ in range(8)]
    for client in waiting:
        client.send_line(question("waiting"))
    harness.wait_until(lambda: "accept" in daemon.stderr(), "a word about accept() in the log")
    before = daemon.cpu_ticks()
    time.sleep(1)
    spent = (daemon.cpu_ticks() - before) / os.sysconf("SC_CLK_TCK")
    assert spent < 0.5, f"the daemon used {spent} s of processor time in a second of waiting"
    assert len(daemon.stderr().splitlines()) < 200, "the log is flooded"
    for client in connected:
        assert_alive(client)
        client.close()
    resource.prlimit(daemon.pid, resource.RLIMIT_NOFILE, (256, hard))
    for client in waiting:
        assert client.read_reply()["id"] == "waiting"
        client.close()


def test_an_idle_daemon_sleeps(daemon):
    """With clients connected and nothing to do, no processor time is spent."""
    clients = [daemon.client() for _ in range(10)]
    for client in clients:
        assert_alive(client)
        client.socket.sendall(b"{")
    before = daemon.cpu_ticks()
    time.sleep(1)
    assert (daemon.cpu_ticks() - before) / os.sysconf("SC_CLK_TCK") < 0.5
    for client in clients:
        client.close()


def test_limits_are_reported(client):
    """Every bound that a client can meet has a name in btfd.info."""
    assert sorted(client.call("btfd.info")["limits"]) == sorted(LIMITS)


def test_descriptors_that_clients_send_are_closed(daemon):
    """A client that attaches descriptors is answered as ever, and the daemon does not collect them."""
    with daemon.client() as client:
        assert_alive(client)
        before = n_descriptors(daemon)
        for i in range(50):
            client.expect(question(i))
            socket.send_fds(client.socket, [encode(question(i))], [0, 0, 0])
            assert client.read_reply()["id"] == i
        assert n_descriptors(daemon) == before


def test_a_reply_is_one_line(client):
    """There is no newline or control byte in it, whatever names a client sends."""
    client.send_line(json.dumps(question(1, "a\nb\r\u2028")).encode())
    line = client.read_line()
    assert not re.search(rb"[\x00-\x1f]", line)
    assert_alive(client)
