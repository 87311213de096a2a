"""Methods that the helper thread answers: who waits for whom, and what clients see of deadlines and of too much work.

A daemon of its own for each test, so that none finds another's work in the queue. This is to be clean under
ThreadSanitizer.
"""

import random
import time

import pytest

import harness
from harness import encode

# By heavy method, a question that takes milliseconds and has a short answer. A test takes the first method that the
# document has.
SLOW = {
    "type.find": {"name": "*[a-z_]*[!0]*", "limit": 1},
}
METHOD = next((name for name in SLOW if name in harness.Checker().heavy), None)
LIGHT = {"type": "struct list_head"}

pytestmark = pytest.mark.skipif(not METHOD, reason="openrpc.json has none of the heavy methods that are asked here")


def heavy(request_id, **params):
    return {"jsonrpc": "2.0", "id": request_id, "method": METHOD, "params": {**SLOW[METHOD], **params}}


def light(request_id):
    return {"jsonrpc": "2.0", "id": request_id, "method": "type.get", "params": LIGHT}


def batch(n_requests=512):
    """Work for a fraction of a second or more."""
    return [heavy(i) for i in range(n_requests)]


def ask_beyond_the_deadline(daemon):
    """Clients that have asked for twice as much work as the helper thread can do within the deadline."""
    with daemon.client() as client:
        limits = client.call("btfd.info")["limits"]
        client.exchange(heavy("builds the indexes"))
        began = time.monotonic()
        client.exchange(batch(64))
        n_clients = 2 + int(2 * limits["heavy_seconds"] / (8 * (time.monotonic() - began)))
    if (n_clients + 1) * len(encode(batch())) > limits["heavy_bytes"]:
        pytest.skip("this machine does in no time whatever may wait")
    clients = [daemon.client() for _ in range(n_clients)]
    for client in clients:
        client.send_line(batch())
    return clients


def assert_light(client):
    assert client.call("type.get", **LIGHT)["name"] == "list_head"


def reason(response):
    return response["error"]["data"]["reason"] if "error" in response else None


def test_the_answer_is_the_same_alone_in_a_batch_and_behind_others(start):
    """What is put off is answered as a whole, in order, notifications left out and errors in their places."""
    with start().client() as client:
        alone = client.exchange(heavy("x"))
        assert "result" in alone
        notification = {"jsonrpc": "2.0", "method": METHOD, "params": SLOW[METHOD]}
        unknown = {"jsonrpc": "2.0", "id": 4, "method": METHOD, "params": {"no_such": 1}}
        replies = client.exchange([light(1), heavy(2), notification, light(3), unknown, {}, heavy("x")])
        assert [reply["id"] for reply in replies] == [1, 2, 3, 4, None, "x"]
        assert replies[1]["result"] == alone["result"] and replies[5] == alone
        assert [reason(reply) for reply in replies[3:5]] == ["invalid-params", "invalid-request"]
        client.send_line(notification)
        client.send_line([notification, notification])
        assert client.exchange(heavy("x")) == alone


def test_light_questions_of_others_do_not_wait(start):
    """While one client's work goes on, another is answered; the client's own next line waits for its turn."""
    daemon = start()
    with daemon.client() as busy, daemon.client() as other:
        assert_light(other)
        busy.send(encode(light("first")) + encode(batch(128)) + encode(light("last")))
        assert busy.read_reply()["id"] == "first"
        n_answered = 0
        while not harness.is_readable(busy.socket, 0):
            assert_light(other)
            n_answered += 1
        assert n_answered > 1
        assert [reply["id"] for reply in busy.read_reply()] == list(range(128))
        assert busy.read_reply()["id"] == "last"


# By name, in the order in which they are asked, questions that build an index each. `enumerators` answers in the loop's
# thread once it is there, while the helper thread builds the next.
INDEXED = {
    "enumerators": ("enum.get", {"enumerator": "BPF_TRACE_RAW_TP"}),
    "order": ("type.find", {"name": "list_*", "limit": 1}),
    "users": ("type.users", {"type": "struct list_head", "limit": 1}),
}


def test_indexes_are_built_beside_light_questions(start):
    """Each index is built in one thread while another answers, and read by both; what they say is the same."""
    daemon = start()
    questions = [{"jsonrpc": "2.0", "id": name, "method": method, "params": params}
                 for name, (method, params) in INDEXED.items()]
    with daemon.client() as builder, daemon.client() as other:
        builder.send(b"".join(map(encode, questions)))
        built = other.exchange(questions[0])
        for question in questions:
            while not harness.is_readable(builder.socket, 0):
                assert_light(other)
                assert other.exchange(questions[0]) == built
            reply = builder.read_reply()
            assert reply["id"] == question["id"] and "result" in reply
            assert other.exchange(question) == reply


def test_heavy_questions_are_answered_in_the_order_they_came(start):
    """Pipelined by one client, light and heavy ones mixed."""
    with start().client() as client:
        kinds = random.Random(1).choices((heavy, light), k=100)
        client.send(b"".join(encode(kind(i)) for i, kind in enumerate(kinds)))
        for i in range(len(kinds)):
            reply = client.read_reply()
            assert reply["id"] == i and "result" in reply


@pytest.mark.parametrize("ending", [b"\n", b""])
def test_half_closing_cancels_nothing(start, ending):
    """As with `socat` and `nc -N`: every answer, then the end; what stands behind the last newline is a line."""
    daemon = start()
    with daemon.client() as client:
        client.send(encode(batch(8)) + encode(light("a")) + encode(heavy("b")).rstrip(b"\n") + ending)
        client.expect(heavy("b"))
        client.half_close()
        assert all("result" in reply for reply in client.read_reply())
        assert client.read_reply()["id"] == "a"
        assert "result" in client.read_reply()
        client.read_end()


def test_hanging_up_cancels(start):
    """Clients that left do not keep others waiting, who would else have to wait beyond the deadline."""
    daemon = start()
    gone = ask_beyond_the_deadline(daemon)
    with daemon.client() as other:
        other.send_line(heavy(1))
        gone[0].half_close()
        for client in gone:
            client.close()
        assert reason(other.read_reply()) is None


def test_the_deadline(start):
    """Waiting counts, so every client is answered in time: those at the end of a long queue with an error."""
    daemon = start()
    clients = ask_beyond_the_deadline(daemon)
    all_done = []
    for client in clients:
        replies = client.read_reply()
        assert [reply["id"] for reply in replies] == list(range(512))
        # What was done before the time was over is there.
        n_done = sum("result" in reply for reply in replies)
        assert [reason(reply) for reply in replies] == [None] * n_done + ["deadline"] * (512 - n_done)
        all_done.append(n_done)
    assert all_done[0] > 0 and all_done[-1] < 512
    data = replies[-1]["error"]["data"]
    assert (data["limit"], data["max"]) == ("heavy_seconds", clients[0].call("btfd.info")["limits"]["heavy_seconds"])
    assert reason(clients[0].exchange(heavy(1))) is None
    for client in clients:
        client.close()


def test_too_much_work_is_refused(start):
    """Beyond so many bytes of waiting lines, each element of a further one is answered `busy`, at once."""
    daemon = start()
    with daemon.client() as other:
        limits = other.call("btfd.info")["limits"]
        line = encode([light(0)] + batch()[1:]).rstrip(b"\n")
        line += b" " * (limits["request_bytes"] - len(line)) + b"\n"
        n_clients = limits["heavy_bytes"] // limits["request_bytes"]
        clients = [daemon.client() for _ in range(n_clients + 8)]
        for client in clients:
            client.send(line)
        harness.wait_until(lambda: harness.is_readable(clients[-1].socket, 0), "the last one to be refused")
        answered = [each for each in clients if harness.is_readable(each.socket, 0)]
        refused = [reply for reply in (each.read_reply() for each in answered) if reason(reply[0]) == "busy"]
        assert refused
        for reply in refused:
            assert [each["id"] for each in reply] == list(range(512))
            assert {reason(each) for each in reply} == {"busy"}
            data = reply[0]["error"]["data"]
            assert (data["limit"], data["max"]) == ("heavy_bytes", limits["heavy_bytes"])
        assert_light(other)
        for client in clients:
            client.close()
        harness.wait_until(lambda: reason(other.exchange(heavy(1))) is None, "room once all have left")


def test_clients_that_come_and_go(start):
    """Hanging up at any moment of a line's life harms nobody else; the daemon ends in order (the fixture looks)."""
    daemon = start()
    chance = random.Random(2)
    with daemon.client() as other:
        for i in range(150):
            client = daemon.client()
            client.send(encode(light("a")) * chance.randrange(3) + encode(batch(chance.randrange(1, 9))) +
                        encode(heavy("b")))
            if chance.random() < 0.3:
                client.half_close()
            if chance.random() < 0.3:
                client.read_reply()
            if i % 10 == 0:
                assert reason(other.exchange(heavy(1))) is None
            client.close()
        assert_light(other)


def test_ending_with_work_under_way(start):
    """SIGTERM does not wait for work that is queued or under way, and leaves nothing behind."""
    daemon = start()
    clients = [daemon.client() for _ in range(10)]
    for client in clients:
        client.send_line(batch())
    with daemon.client() as other:
        assert_light(other)
    daemon.stop()
    for client in clients:
        assert client.read_line() is None
        client.close()
