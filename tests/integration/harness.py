"""Starts the daemon, talks to it, and checks every reply against protocol/openrpc.json.

A test never parses a reply by itself: Client hands out only what Checker has accepted.
"""

import filecmp
import json
import os
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import jsonschema

SYSFS_BTF = "/sys/kernel/btf"
SANITIZER_REPORT = re.compile(r"Sanitizer|runtime error:")
TIMEOUT = 60  # seconds; no test waits longer for anything, and none expects a time


# ---------------------------------------------------------------- where things are


def source_dir():
    here = os.path.dirname(os.path.abspath(__file__))
    return os.environ.get("BTFD_SOURCE_DIR", os.path.dirname(os.path.dirname(here)))


def btfd_path():
    path = os.environ.get("BTFD")
    assert path and os.access(path, os.X_OK), "the environment variable BTFD must name the daemon"
    return path


def btfctl_path():
    path = os.environ.get("BTFCTL")
    assert path and os.access(path, os.X_OK), "the environment variable BTFCTL must name btfctl"
    return path


def corpus(name):
    """The folder of one corpus, or None."""
    root = os.environ.get("BTFD_CORPUS")
    path = os.path.join(root, name) if root else None
    return path if path and os.path.exists(os.path.join(path, "vmlinux")) else None


def corpora():
    """The folders of $BTFD_CORPUS that hold a kernel."""
    root = os.environ.get("BTFD_CORPUS")
    names = sorted(os.listdir(root)) if root and os.path.isdir(root) else []
    return [path for path in map(corpus, names) if path]


def some_btf_dir():
    """A directory with a real kernel's vmlinux: the running one's, else a corpus, else None."""
    if os.path.exists(os.path.join(SYSFS_BTF, "vmlinux")):
        return SYSFS_BTF
    return corpus("local-6.18")


def why_not_compared(directory):
    """Why a directory's kernel is not worth a comparison that takes long, or None: it has no BTF, or is in the corpus."""
    vmlinux = os.path.join(directory, "vmlinux")
    is_running = directory == SYSFS_BTF
    if not os.path.exists(vmlinux):
        return "this kernel has no BTF" if is_running else "BTFD_CORPUS names no folder with a vmlinux"
    for other in corpora() if is_running else []:
        if filecmp.cmp(vmlinux, os.path.join(other, "vmlinux"), shallow=False):
            return f"the running kernel is {os.path.basename(other)}, which is compared"
    return None


def openrpc():
    with open(os.path.join(source_dir(), "protocol", "openrpc.json"), encoding="utf-8") as file:
        return json.load(file)


def temporary_directory():
    """A new directory with a path short enough for sockets (sun_path has 108 bytes), open to every user."""
    base = tempfile.gettempdir()
    path = tempfile.mkdtemp(prefix="btfd-", dir=base if len(base) < 60 else "/tmp")
    os.chmod(path, 0o755)
    return path


def wait_until(condition, what, timeout=TIMEOUT):
    """Polls until the condition is truthy, and returns what it gave."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited {timeout} s in vain: {what}")


# ---------------------------------------------------------------- checking replies


class Schema:
    """The JSON schemas of openrpc.json as Python functions: as strict as jsonschema, and fast enough for all
    of a kernel's types. A keyword that is not known here is refused, so nothing is left unchecked silently.
    """

    ANNOTATIONS = {"title", "description"}
    TYPES = {
        "object": lambda value: isinstance(value, dict),
        "array": lambda value: isinstance(value, list),
        "string": lambda value: isinstance(value, str),
        "boolean": lambda value: isinstance(value, bool),
        "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
        "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
        "null": lambda value: value is None,
    }

    def __init__(self, document):
        self.document = document
        self.compiled = {}

    def resolve(self, ref):
        assert ref.startswith("#/"), ref
        found = self.document
        for part in ref[2:].split("/"):
            found = found[part]
        return found

    def checker(self, schema):
        """A function that takes a value and returns None, or a sentence about what is wrong with it."""
        key = id(schema)
        if key not in self.compiled:
            self.compiled[key] = self.compile(schema)
        return self.compiled[key]

    def compile(self, schema):
        checks = []
        for keyword in sorted(schema, key=lambda each: each != "type"):
            if keyword in self.ANNOTATIONS:
                continue
            build = getattr(self, "keyword_" + keyword.lstrip("$"), None)
            assert build, f"openrpc.json uses a schema keyword that the harness does not know: {keyword}"
            check = build(schema)
            if check:
                checks.append(check)
        if len(checks) == 1:
            return checks[0]

        def check_all(value):
            for one in checks:
                problem = one(value)
                if problem:
                    return problem
            return None

        return check_all

    def keyword_ref(self, schema):
        return self.checker(self.resolve(schema["$ref"]))

    def keyword_type(self, schema):
        accepts, name = self.TYPES[schema["type"]], schema["type"]
        return lambda value: None if accepts(value) else f"{value!r:.80} is no {name}"

    def keyword_enum(self, schema):
        choices = schema["enum"]
        return lambda value: None if value in choices else f"{value!r:.80} is none of {choices}"

    def keyword_const(self, schema):
        const = schema["const"]
        return lambda value: None if value == const and type(value) is type(const) else f"not {const!r}"

    def keyword_minimum(self, schema):
        bound = schema["minimum"]
        return lambda value: None if value >= bound else f"{value} is below {bound}"

    def keyword_maximum(self, schema):
        bound = schema["maximum"]
        return lambda value: None if value <= bound else f"{value} is above {bound}"

    def keyword_minLength(self, schema):
        bound = schema["minLength"]
        return lambda value: None if len(value) >= bound else f"{value!r} is too short"

    def keyword_pattern(self, schema):
        pattern = re.compile(schema["pattern"])
        return lambda value: None if pattern.search(value) else f"{value!r} does not match {pattern.pattern}"

    def keyword_minItems(self, schema):
        bound = schema["minItems"]
        return lambda value: None if len(value) >= bound else "too few items"

    def keyword_maxItems(self, schema):
        bound = schema["maxItems"]
        return lambda value: None if len(value) <= bound else "too many items"

    def keyword_items(self, schema):
        check = self.checker(schema["items"])

        def check_items(value):
            for i, item in enumerate(value):
                problem = check(item)
                if problem:
                    return f"[{i}]: {problem}"
            return None

        return check_items

    def keyword_required(self, schema):
        required = frozenset(schema["required"])
        return lambda value: None if required <= value.keys() else f"lacks {sorted(required - value.keys())}"

    def keyword_additionalProperties(self, schema):
        return None if "properties" in schema else self.keyword_properties(schema)

    def keyword_properties(self, schema):
        checks = {name: self.checker(each) for name, each in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties", True)
        check_other = self.checker(others) if isinstance(others, dict) else None

        def check_properties(value):
            for name, item in value.items():
                check = checks.get(name, check_other)
                if check:
                    problem = check(item)
                    if problem:
                        return f".{name}: {problem}"
                elif others is False:
                    return f"has an unknown field {name!r}"
            return None

        return check_properties


class Checker:
    """Knows what openrpc.json lets each method answer."""

    # What the transport says of a request before any method is looked at.
    BEFORE_THE_METHOD = {"parse-error", "invalid-request", "request-too-large", "quota-exceeded"}
    # What any method may be answered if it stands in a line with a heavy one, which lists these itself.
    OF_HEAVY_LINES = {"deadline", "busy"}
    # jsonschema looks too, at this many replies of every method; it is too slow for a whole kernel.
    SECOND_OPINIONS = 500

    def __init__(self, document=None):
        self.document = document or openrpc()
        self.schema = Schema(self.document)
        components = self.document["components"]
        self.codes = {error["data"]["reason"]: error["code"] for error in components["errors"].values()}
        self.methods = {method["name"]: method for method in self.document["methods"]}
        self.reasons = {
            name: {self.schema.resolve(error["$ref"])["data"]["reason"] for error in method["errors"]}
            for name, method in self.methods.items()
        }
        self.heavy = {name for name, reasons in self.reasons.items() if self.OF_HEAVY_LINES <= reasons}
        self.resolver = jsonschema.RefResolver("", self.document)
        self.opinions = {}

    def validate(self, value, schema, context):
        problem = self.schema.checker(schema)(value)
        assert not problem, f"{context}: {problem}"
        self.opinions[context] = self.opinions.get(context, 0) + 1
        if self.opinions[context] <= self.SECOND_OPINIONS:
            jsonschema.Draft7Validator(schema, resolver=self.resolver).validate(value)

    def check_result(self, method, result):
        self.validate(result, self.methods[method]["result"]["schema"], f"result of {method}")

    def check_error(self, method, error, has_id=True, is_heavy=False):
        """`method` is None where the reply belongs to no request; `is_heavy` says that its line has a heavy method."""
        self.validate(error, self.document["components"]["schemas"]["error"], "error")
        reason = error["data"]["reason"]
        assert error["code"] == self.codes[reason], f"code {error['code']} does not go with {reason}"
        if method in self.methods:
            allowed = self.reasons[method] | ({"invalid-request"} if has_id else self.BEFORE_THE_METHOD)
        elif method is not None:
            allowed = {"method-not-found", "invalid-request"}
        else:
            allowed = self.BEFORE_THE_METHOD | {"invalid-params"}
        if is_heavy:
            allowed = allowed | self.OF_HEAVY_LINES
        assert reason in allowed, f"{method} answers {reason}, which openrpc.json does not list: {error}"

    def check_response(self, response, methods, heavy_ids=frozenset()):
        """`methods` maps the ids that were sent to the methods they were sent with; `heavy_ids` are those of lines with
        a heavy method."""
        assert isinstance(response, dict), f"no response object: {response!r:.200}"
        assert response.get("jsonrpc") == "2.0", response
        assert "id" in response, response
        members = set(response) - {"jsonrpc", "id"}
        assert members in ({"result"}, {"error"}), f"neither a result nor an error alone: {sorted(response)}"
        key = id_key(response["id"])
        method = methods.get(key)
        if "error" in response:
            self.check_error(method, response["error"], has_id=response["id"] is not None, is_heavy=key in heavy_ids)
        else:
            assert method, f"a result for an id that nobody sent: {response['id']!r}"
            self.check_result(method, response["result"])


def id_key(request_id):
    """1, 1.0, True and "1" are different ids, though Python takes the first three for equal."""
    return type(request_id).__name__, request_id


# ---------------------------------------------------------------- a client


class RpcError(Exception):
    def __init__(self, error):
        super().__init__(f"{error['code']} {error['data']['reason']}: {error['message']}")
        self.error = error
        self.code = error["code"]
        self.data = error["data"]
        self.reason = error["data"]["reason"]


def refuse_constant(text):
    raise AssertionError(f"{text} is not JSON")


def refuse_duplicates(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"a key stands twice: {keys}"
    return dict(pairs)


class Client:
    """One connection. Everything that is read goes through the checker."""

    def __init__(self, path, checker, timeout=TIMEOUT):
        self.checker = checker
        self.methods = {}  # by id, of what was sent
        self.heavy_ids = set()  # of what was sent in a line with a heavy method
        self.buffer = bytearray()
        self.scanned = 0
        self.next_id = 1
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    # -- sending

    def expect(self, message):
        """Remembers the methods of what is sent, for the check of the replies."""
        keys, is_heavy = [], False
        for request in message if isinstance(message, list) else [message]:
            if isinstance(request, dict) and isinstance(request.get("method"), str):
                is_heavy = is_heavy or request["method"] in self.checker.heavy
                request_id = request.get("id")
                if request_id is None or isinstance(request_id, (str, int, float)):
                    keys.append(id_key(request_id))
                    self.methods[keys[-1]] = request["method"]
        if is_heavy:
            self.heavy_ids.update(keys)
        else:
            self.heavy_ids.difference_update(keys)

    def send(self, data):
        """Bytes as they are; complete lines in them that are JSON are remembered."""
        for line in data.split(b"\n"):
            try:
                self.expect(json.loads(line))
            except (ValueError, RecursionError):
                pass
        self.socket.sendall(data)

    def send_line(self, message):
        """A message as JSON, or text or bytes as they are, and a newline."""
        if isinstance(message, bytes):
            self.send(message + b"\n")
        elif isinstance(message, str):
            self.send(message.encode() + b"\n")
        else:
            self.expect(message)
            self.socket.sendall(encode(message))

    # -- receiving

    def read_line(self):
        """The next line without its newline, or None at the end of the stream."""
        while True:
            end = self.buffer.find(b"\n", self.scanned)
            if end >= 0:
                line = bytes(self.buffer[:end])
                del self.buffer[: end + 1]
                self.scanned = 0
                return line
            self.scanned = len(self.buffer)
            try:
                data = self.socket.recv(1 << 20)
            except ConnectionResetError:
                # How the kernel tells that the daemon closed without reading all we sent; data comes first.
                data = b""
            if not data:
                assert not self.buffer, f"the stream ends within a line: {bytes(self.buffer[:200])}"
                return None
            self.buffer += data

    def read_reply(self, bulk=False):
        """The next reply: an object, or a list for a batch. `bulk` skips the search for duplicate keys."""
        line = self.read_line()
        assert line is not None, "the daemon closed the connection instead of replying"
        hook = None if bulk else refuse_duplicates
        reply = json.loads(line.decode("utf-8"), object_pairs_hook=hook, parse_constant=refuse_constant)
        if isinstance(reply, list):
            assert reply, "a reply must not be an empty array"
        for response in reply if isinstance(reply, list) else [reply]:
            self.checker.check_response(response, self.methods, self.heavy_ids)
        return reply

    def read_end(self):
        assert self.read_line() is None, "the daemon sends more than was asked"

    # -- asking

    def exchange(self, message):
        self.send_line(message)
        return self.read_reply()

    def request(self, method, params=None):
        """A new request with an id of its own."""
        request = {"jsonrpc": "2.0", "id": self.next_id, "method": method}
        if params is not None:
            request["params"] = params
        self.next_id += 1
        return request

    def call(self, method, **params):
        """The result; raises RpcError."""
        request = self.request(method, params)
        response = self.exchange(request)
        assert response["id"] == request["id"]
        if "error" in response:
            raise RpcError(response["error"])
        return response["result"]

    def fail(self, method, **params):
        """The error that this must give, as RpcError."""
        try:
            result = self.call(method, **params)
        except RpcError as error:
            return error
        raise AssertionError(f"{method} {params} should have failed but gave {result!r:.300}")

    def stream(self, method, all_params, size=512):
        """Asks one question for each of `all_params`, in batches, and yields (params, response) in order.
        One batch is always under way while another is looked at."""
        waiting = []
        for begin in range(0, len(all_params), size):
            chunk = all_params[begin : begin + size]
            requests = [self.request(method, params) for params in chunk]
            self.methods = {}
            self.expect(requests)
            for _, asked in waiting:
                self.expect(asked)
            self.socket.sendall(encode(requests))
            waiting.append((chunk, requests))
            if len(waiting) > 1:
                yield from self.take_batch(*waiting.pop(0))
        for chunk, requests in waiting:
            yield from self.take_batch(chunk, requests)

    def take_batch(self, chunk, requests):
        responses = self.read_reply(bulk=True)
        assert isinstance(responses, list) and len(responses) == len(requests)
        for params, request, response in zip(chunk, requests, responses):
            assert response["id"] == request["id"]
            yield params, response


def encode(message):
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


# ---------------------------------------------------------------- the daemon


class Daemon:
    """A btfd of ours on a private socket in a private directory."""

    def __init__(self, checker=None, btf_dir=None, arguments=(), environment=None, wrapper=(), listen=True,
                 preexec=None, path=None, pass_fds=()):
        binary = btfd_path()
        self.directory = temporary_directory()
        self.path = path or os.path.join(self.directory, "s")
        self.checker = checker
        self.owns_socket = listen
        self.is_stopped = False
        self.stderr_path = os.path.join(self.directory, "stderr")
        command = list(wrapper) + [binary]
        if btf_dir:
            command.append(f"--btf-dir={btf_dir}")
        if listen:
            command.append(f"--listen={self.path}")
        command.extend(arguments)
        with open(self.stderr_path, "wb") as stderr:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, preexec_fn=preexec,
                env=clean_environment(environment), pass_fds=pass_fds)
        self.pid = self.process.pid

    def stderr(self):
        with open(self.stderr_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_ready(self):
        """Until somebody accepts connections at the path."""
        wait_until(self.is_answering, f"the socket {self.path}")
        return self

    def is_answering(self):
        assert self.process.poll() is None, f"btfd ended with {self.process.returncode}: {self.stderr()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(self.path)
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        return True

    def client(self, **options):
        return Client(self.path, self.checker, **options)

    def is_sanitized(self):
        with open(f"/proc/{self.pid}/maps", encoding="ascii", errors="replace") as file:
            maps = file.read()
        return "libasan" in maps or "libtsan" in maps

    def memory_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1))

    def cpu_ticks(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    def wait_end(self):
        try:
            return self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"btfd does not end: {self.stderr()}") from None

    def stop(self, number=signal.SIGTERM):
        """Ends the daemon and checks that it leaves in order. Safe to call twice."""
        if self.is_stopped:
            return
        self.is_stopped = True
        try:
            if self.process.poll() is None:
                self.process.send_signal(number)
            status = self.wait_end()
            assert status == 0, f"exit status {status}: {self.stderr()}"
            self.check_traces()
        finally:
            self.remove()

    def check_traces(self):
        report = self.stderr()
        assert not SANITIZER_REPORT.search(report), report
        if self.owns_socket:
            assert not os.path.lexists(self.path), "the socket file is still there"
        assert not os.path.lexists(self.path + ".lock"), "the lock file is still there"

    def kill(self):
        """Whatever state it is in; for the end of tests that fail."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(TIMEOUT)
        self.remove()

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)


def limit_descriptors(soft, hard):
    """For Daemon's preexec."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def try_served(daemon):
    """A connection that has been answered, or None if it was refused for want of places."""
    client = daemon.client()
    request = client.request("btfd.info")
    client.expect(request)
    try:
        client.socket.sendall(encode(request))
    except BrokenPipeError:
        pass  # refused before we asked; the refusal is there to be read
    if client.read_reply()["id"] == request["id"]:
        return client
    client.close()
    return None


def clean_environment(extra=None):
    """Ours without what would make the daemon behave as under a service manager."""
    environment = dict(os.environ)
    for name in ("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "JOURNAL_STREAM",
                 "WATCHDOG_USEC", "WATCHDOG_PID", "BTFD_SOCKET", "XDG_RUNTIME_DIR"):
        environment.pop(name, None)
    for name, value in (extra or {}).items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment


def run(command, timeout=TIMEOUT, **options):
    """A program to its end: CompletedProcess with text output."""
    options.setdefault("env", clean_environment())
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, text=True, errors="replace", check=False, **options)


class Background:
    """A program of ours that runs while the test goes on."""

    def __init__(self, command, output=None, **options):
        self.output, self.errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        options.setdefault("env", clean_environment())
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output or self.output,
                                        stderr=self.errors, **options)

    def stdout(self):
        return self.read(self.output)

    def stderr(self):
        return self.read(self.errors)

    @staticmethod
    def read(file):
        # pread() leaves the position alone, which the program shares.
        return os.pread(file.fileno(), 1 << 20, 0).decode(errors="replace")

    def wait_end(self):
        return self.process.wait(TIMEOUT)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(TIMEOUT)
        self.output.close()
        self.errors.close()


def is_readable(sock, seconds):
    return bool(select.select([sock], [], [], seconds)[0])


def bpftool():
    return shutil.which("bpftool") or shutil.which("bpftool", path="/usr/sbin:/sbin")
