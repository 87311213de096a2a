"""How the daemon starts and ends: bad input, sockets in use, options, signals, the service manager."""

import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile

import pytest

import harness
from harness import Client, Daemon, run, wait_until

NOBODY = 65534
LARGE_QUESTION = harness.encode({"jsonrpc": "2.0", "id": 1, "method": "type.get",
                                 "params": {"type": "struct task_struct"}})


def listen_argument(workdir):
    return f"--listen={workdir}/s"


def assert_refused(workdir, arguments, status=1, **options):
    """The daemon ends with this status, leaves neither a socket nor a lock, and says why: returns that."""
    before = sorted(os.listdir(workdir))
    result = run([harness.btfd_path(), *arguments], **options)
    assert result.returncode == status, result.stderr
    assert not harness.SANITIZER_REPORT.search(result.stderr), result.stderr
    assert sorted(os.listdir(workdir)) == before, "something was left behind"
    assert result.stderr.strip(), "no word about it"
    return result.stderr


def btf_directory(workdir, content):
    """A directory whose vmlinux holds these bytes."""
    directory = os.path.join(workdir, "btf")
    os.mkdir(directory)
    with open(os.path.join(directory, "vmlinux"), "wb") as file:
        file.write(content)
    return directory


def vmlinux_bytes(btf_dir):
    with open(os.path.join(btf_dir, "vmlinux"), "rb") as file:
        return file.read()


def answers(path, checker):
    with Client(path, checker) as client:
        return client.call("type.get", type="struct list_head")["size"] > 0


# ---------------------------------------------------------------- bad input


def assert_bad_input(workdir, directory, *words, byte=0):
    """Exit status 1 and a message with the file, the byte, and what was expected there."""
    message = assert_refused(workdir, [f"--btf-dir={directory}", listen_argument(workdir)])
    assert f"{directory}/vmlinux" in message
    if byte is not None:
        assert f"byte {byte}:" in message, message
    for word in words:
        assert word in message, message
    return message


def test_a_directory_without_vmlinux(workdir):
    """Says which file is missing."""
    os.mkdir(f"{workdir}/btf")
    assert_bad_input(workdir, f"{workdir}/btf", "No such file")


def test_a_directory_that_does_not_exist(workdir):
    """The same for the directory itself."""
    message = assert_refused(workdir, [f"--btf-dir={workdir}/absent", listen_argument(workdir)])
    assert f"{workdir}/absent" in message and "No such file" in message


def test_a_directory_that_is_a_file(workdir):
    """--btf-dir names the folder, not vmlinux."""
    directory = btf_directory(workdir, b"")
    message = assert_refused(workdir, [f"--btf-dir={directory}/vmlinux", listen_argument(workdir)])
    assert "Not a directory" in message


def test_an_unreadable_vmlinux(workdir, btf_dir):
    """Permission denied is said, with the file's name. Root may read everything, so this runs as nobody."""
    directory = btf_directory(workdir, vmlinux_bytes(btf_dir)[:4096])
    os.chmod(f"{directory}/vmlinux", 0)
    os.mkdir(f"{workdir}/own")
    binary, options = as_nobody(workdir)
    arguments = [f"--btf-dir={directory}", f"--listen={workdir}/own/s"]
    if options:
        os.chown(f"{workdir}/own", NOBODY, NOBODY)
    result = run([binary, *arguments], **options)
    assert result.returncode == 1
    assert f"{directory}/vmlinux: byte 0:" in result.stderr and "Permission denied" in result.stderr
    assert not os.listdir(f"{workdir}/own")


def as_nobody(workdir):
    """The daemon's binary where nobody can execute it, and options for subprocess that run it as nobody."""
    if os.geteuid() != 0:
        return harness.btfd_path(), {}
    binary = os.path.join(workdir, "btfd")
    shutil.copy(harness.btfd_path(), binary)
    os.chmod(binary, 0o755)
    return binary, {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def test_an_empty_vmlinux(workdir):
    """An empty file is no BTF: the header's length is what was expected."""
    assert_bad_input(workdir, btf_directory(workdir, b""), "empty", "24 bytes")


@pytest.mark.parametrize("content", [b"\x7fELF" + bytes(4096), b"not BTF at all\n" * 10, bytes(100),
                                     b"\x9f\xec" + bytes(98)], ids=["elf", "text", "zeros", "almost"])
def test_a_vmlinux_that_is_no_btf(workdir, content):
    """Another kind of file is told by its magic number; both the found and the expected one are named."""
    assert_bad_input(workdir, btf_directory(workdir, content), "not BTF", content[:2].hex(" "),
                     "expected 9f eb or eb 9f")


@pytest.mark.parametrize("length", [1, 2, 8, 23, 24, 100, 4096, 1_000_000, -1])
def test_a_truncated_vmlinux(workdir, btf_dir, length):
    """Cut anywhere, from within the header to the last byte, it is refused: with the header's field to blame,
    what it asks for, and what there is."""
    content = vmlinux_bytes(btf_dir)[:length]
    message = assert_bad_input(workdir, btf_directory(workdir, content), byte=None)
    words = message.partition("/vmlinux: ")[2]
    assert re.match(r"byte \d+: ", words), message
    if len(content) < 24:
        assert f"{len(content)} bytes" in words and "24 bytes" in words or "at least 24" in words, message
    else:
        assert re.search(rf"section takes bytes \d+ to \d+ after the header, but only {len(content) - 24}\b",
                         words), message


def test_a_damaged_vmlinux(workdir, btf_dir):
    """A type in the middle of the kernel's BTF with an impossible kind: all-or-nothing, with its byte."""
    content = bytearray(vmlinux_bytes(btf_dir))
    content[24 + 4 : 24 + 8] = b"\xff\xff\xff\xff"  # the info word of the first type
    message = assert_bad_input(workdir, btf_directory(workdir, bytes(content)), byte=None)
    assert "byte 28:" in message or "byte 24:" in message, message


@pytest.mark.parametrize("make", ["fifo", "directory", "socket", "dangling link", "device"])
def test_a_vmlinux_that_is_no_file(workdir, make):
    """Nothing but a regular file is read; a FIFO must not hang the daemon."""
    os.mkdir(f"{workdir}/btf")
    path = f"{workdir}/btf/vmlinux"
    if make == "fifo":
        os.mkfifo(path)
    elif make == "directory":
        os.mkdir(path)
    elif make == "socket":
        with socket.socket(socket.AF_UNIX) as unused:
            unused.bind(path)
    elif make == "device":
        os.symlink("/dev/zero", path)
    else:
        os.symlink("nowhere", path)
    assert_bad_input(workdir, f"{workdir}/btf")


# ---------------------------------------------------------------- the socket


def test_a_socket_in_use_is_refused(workdir, start, btf_dir, checker):
    """A second daemon does not take a live one's place, and the first one is unharmed."""
    first = start()
    before = os.stat(first.path).st_ino
    result = run([harness.btfd_path(), f"--btf-dir={btf_dir}", f"--listen={first.path}"])
    assert result.returncode == 1
    assert first.path in result.stderr and "in use" in result.stderr.lower(), result.stderr
    assert os.stat(first.path).st_ino == before
    assert os.path.exists(first.path + ".lock")
    assert answers(first.path, checker)


def test_a_socket_of_another_program_is_refused(workdir, btf_dir):
    """Also a server that knows nothing of our lock keeps its socket."""
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(f"{workdir}/s")
        other.listen(1)
        before = os.stat(f"{workdir}/s").st_ino
        message = assert_refused(workdir, [f"--btf-dir={btf_dir}", listen_argument(workdir)])
        assert f"{workdir}/s" in message
        assert os.stat(f"{workdir}/s").st_ino == before


def test_a_stale_socket_is_taken_over(workdir, start, checker):
    """What a killed daemon or another program left behind does not prevent a start."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(f"{workdir}/s")
    daemon = start(path=f"{workdir}/s")
    assert answers(daemon.path, checker)


def test_after_a_kill_the_next_daemon_starts(workdir, start, checker, btf_dir):
    """SIGKILL leaves socket and lock file; both are taken over."""
    victim = Daemon(checker, btf_dir, path=f"{workdir}/s").wait_ready()
    victim.process.kill()
    victim.process.wait(harness.TIMEOUT)
    victim.remove()
    assert os.path.exists(f"{workdir}/s") and os.path.exists(f"{workdir}/s.lock")
    daemon = start(path=f"{workdir}/s")
    assert answers(daemon.path, checker)


@pytest.mark.parametrize("make", ["file", "directory", "fifo", "link to a file", "link to a socket"])
def test_what_is_no_socket_is_not_removed(workdir, btf_dir, make):
    """A mistyped --listen never costs a file."""
    path = f"{workdir}/s"
    if make == "directory":
        os.mkdir(path)
    elif make == "fifo":
        os.mkfifo(path)
    elif make.startswith("link"):
        with open(f"{workdir}/target", "w", encoding="ascii") as file:
            file.write("precious")
        if make.endswith("socket"):
            os.remove(f"{workdir}/target")
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(f"{workdir}/target")
        os.symlink("target", path)
    else:
        with open(path, "w", encoding="ascii") as file:
            file.write("precious")
    before = os.lstat(path)
    message = assert_refused(workdir, [f"--btf-dir={btf_dir}", listen_argument(workdir)])
    assert path in message and "not a socket" in message
    assert os.lstat(path).st_ino == before.st_ino and os.lstat(path).st_size == before.st_size


def test_a_lock_file_that_is_a_link_is_not_followed(workdir, btf_dir):
    """Whoever may write the directory must not make the daemon create files elsewhere."""
    os.symlink(f"{workdir}/elsewhere", f"{workdir}/s.lock")
    assert_refused(workdir, [f"--btf-dir={btf_dir}", listen_argument(workdir)])


def longest_path(workdir):
    return f"{workdir}/{'x' * (107 - len(workdir) - 1)}"


def test_a_path_as_long_as_a_socket_may_have(workdir, start, checker):
    """107 bytes work, also for the longer lock file beside it."""
    daemon = start(path=longest_path(workdir))
    assert answers(daemon.path, checker)


@pytest.mark.parametrize("more", [1, 20, 5000])
def test_a_path_that_is_too_long(workdir, btf_dir, more):
    """It is refused, never cut, and the message says how long it may be, however long it is."""
    path = longest_path(workdir) + "y" * more
    message = assert_refused(workdir, [f"--btf-dir={btf_dir}", f"--listen={path}"])
    assert "107" in message


def test_a_missing_directory_for_the_socket(workdir, btf_dir):
    """It is not created, and the message has the path."""
    message = assert_refused(workdir, [f"--btf-dir={btf_dir}", f"--listen={workdir}/absent/s"])
    assert f"{workdir}/absent/s" in message and "No such file" in message


def test_an_empty_path_is_refused(workdir, btf_dir):
    """--listen= must not end in an abstract socket or a lock file somewhere."""
    result = run([harness.btfd_path(), f"--btf-dir={btf_dir}", "--listen="], cwd=workdir)
    assert result.returncode in (1, 2)
    assert result.stderr
    assert os.listdir(workdir) == []


def test_everyone_may_connect(start):
    """The socket's mode lets any user connect, whatever umask the daemon was started with."""
    daemon = start(preexec=lambda: os.umask(0o077))
    assert stat.S_IMODE(os.stat(daemon.path).st_mode) == 0o666


def test_a_relative_path(workdir, checker, btf_dir):
    """--listen=NAME is in the working directory, and is removed there at the end."""
    with subprocess.Popen([harness.btfd_path(), f"--btf-dir={btf_dir}", "--listen=s"], cwd=workdir,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          env=harness.clean_environment()) as process:
        try:
            wait_until(lambda: os.path.exists(f"{workdir}/s") and try_answers(f"{workdir}/s", checker), "it")
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=harness.TIMEOUT)
    assert process.returncode == 0, errors
    assert os.listdir(workdir) == []


def try_answers(path, checker):
    try:
        return answers(path, checker)
    except (ConnectionRefusedError, FileNotFoundError):
        return False


def test_two_daemons_race_for_one_path(checker, btf_dir, workdir):
    """Of two that start at once exactly one serves, and the other says that it is in use: 20 times, over a
    fresh path and over a stale socket."""
    for i in range(20):
        path = f"{workdir}/s"
        if i % 2:
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(path)
        racers = [Daemon(checker, btf_dir, path=path) for _ in range(2)]
        try:
            wait_until(lambda: any(each.process.poll() is not None for each in racers), "one of them ends")
            loser, winner = sorted(racers, key=lambda each: each.process.poll() is None)
            assert loser.process.returncode == 1, loser.stderr()
            assert "in use" in loser.stderr().lower(), loser.stderr()
            winner.wait_ready()
            assert answers(path, checker)
            winner.stop()
        finally:
            for each in racers:
                each.kill()
        assert os.listdir(workdir) == []


# ---------------------------------------------------------------- where to listen by default


def test_the_default_socket_of_an_ordinary_user(workdir, checker, btf_dir):
    """$XDG_RUNTIME_DIR/btfd.sock, so that nobody needs root to try it."""
    binary, options = as_nobody(workdir)
    runtime = os.path.join(workdir, "run")
    os.mkdir(runtime, 0o700)
    if options:
        os.chown(runtime, NOBODY, NOBODY)
    path = os.path.join(runtime, "btfd.sock")
    with subprocess.Popen([binary, f"--btf-dir={btf_dir}"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          env=harness.clean_environment({"XDG_RUNTIME_DIR": runtime}), **options) as process:
        try:
            wait_until(lambda: process.poll() is not None or try_answers(path, checker), path)
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=harness.TIMEOUT)
    assert process.returncode == 0, errors
    assert path.encode() in errors, "the log says where it listens"
    assert os.listdir(runtime) == []


@pytest.mark.parametrize("value", [None, "", "relative/path"])
def test_without_a_runtime_directory(workdir, btf_dir, value):
    """An ordinary user without XDG_RUNTIME_DIR is told about --listen."""
    binary, options = as_nobody(workdir)
    result = run([binary, f"--btf-dir={btf_dir}"], cwd=workdir,
                 env=harness.clean_environment({"XDG_RUNTIME_DIR": value}), **options)
    assert result.returncode == 1
    assert "--listen" in result.stderr


# ---------------------------------------------------------------- options


def test_help():
    """--help goes to standard output and names every option."""
    result = run([harness.btfd_path(), "--help"])
    assert (result.returncode, result.stderr) == (0, "")
    for option in ("--listen", "--btf-dir", "--log-level", "--help", "--version"):
        assert option in result.stdout


def test_version():
    """--version is the CMake project's."""
    result = run([harness.btfd_path(), "--version"])
    assert (result.returncode, result.stderr) == (0, "")
    expected = os.environ.get("BTFD_VERSION")
    assert result.stdout.split()[0] == "btfd"
    assert not expected or result.stdout.split()[1] == expected


@pytest.mark.parametrize("arguments", [["--nope"], ["argument"], ["--listen"], ["--log-level=loud"],
                                       ["--log-level="], ["-x"], ["--help=1"], ["--version", "--nope"][1:]])
def test_usage_errors(workdir, arguments):
    """Exit status 2 and a hint; nothing is opened."""
    assert_refused(workdir, arguments, status=2, cwd=workdir)


@pytest.mark.parametrize("level,is_told", [("error", False), ("warning", False), ("info", True),
                                           ("debug", True)])
def test_log_levels(start, level, is_told):
    """The line about what is served is information; below that level a start says nothing."""
    daemon = start(arguments=[f"--log-level={level}"])
    with daemon.client() as client:
        client.call("btfd.info")
    daemon.process.terminate()
    assert daemon.wait_end() == 0
    assert ("serving" in daemon.stderr()) == is_told
    assert is_told or daemon.stderr() == ""


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_in_order(checker, btf_dir, number):
    """Exit status 0, socket and lock removed, with clients connected and answers not taken."""
    daemon = Daemon(checker, btf_dir).wait_ready()
    idle, busy = daemon.client(), daemon.client()
    idle.call("btfd.info")
    busy.socket.sendall(LARGE_QUESTION * 500)
    idle.call("btfd.info")
    daemon.stop(number)
    idle.read_end()
    idle.close()
    busy.close()


def test_sigpipe_does_not_end_it(start):
    """Clients that go away before their answers are taken."""
    daemon = start()
    for _ in range(10):
        client = daemon.client()
        client.socket.sendall(LARGE_QUESTION * 100)
        client.close()
    with daemon.client() as client:
        assert client.call("btfd.info")["generation"] == 1


# ---------------------------------------------------------------- the service manager


class NotifySocket:
    """Stands for the service manager's end of sd_notify()."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "n")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(harness.TIMEOUT)

    def receive(self):
        return self.socket.recv(4096).decode().splitlines()

    def close(self):
        self.socket.close()


def test_readiness_is_notified(workdir, checker, btf_dir):
    """READY=1 comes once questions are answered, not earlier; STOPPING=1 comes at the end."""
    notify = NotifySocket(workdir)
    daemon = Daemon(checker, btf_dir, environment={"NOTIFY_SOCKET": notify.path})
    try:
        message = notify.receive()
        assert "READY=1" in message
        assert any(line.startswith("STATUS=") and btf_dir in line for line in message), message
        # No waiting here: whoever is told READY=1 may connect at once.
        assert answers(daemon.path, checker)
    finally:
        daemon.stop()
    assert "STOPPING=1" in notify.receive()
    assert not harness.is_readable(notify.socket, 0)
    notify.close()


def test_a_failed_start_notifies_nothing(workdir):
    """Who cannot serve never says READY=1."""
    notify = NotifySocket(workdir)
    os.mkdir(f"{workdir}/btf")
    result = run([harness.btfd_path(), f"--btf-dir={workdir}/btf", listen_argument(workdir)],
                 env=harness.clean_environment({"NOTIFY_SOCKET": notify.path}))
    assert result.returncode == 1
    assert not harness.is_readable(notify.socket, 0)
    notify.close()


# Executes its arguments with the listening or other descriptors that it got from us as 3, 4, ...
PASS_DESCRIPTORS = """
import fcntl, os, sys
high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[1].split(',')]
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i, inheritable=True)
    os.close(fd)
os.environ['LISTEN_FDS'] = str(len(high))
os.environ['LISTEN_PID'] = str(os.getpid())
os.execv(sys.argv[2], sys.argv[2:])
"""


def start_activated(checker, btf_dir, fds, **options):
    """A daemon that gets `fds` as from a service manager."""
    wrapper = [sys.executable, "-c", PASS_DESCRIPTORS, ",".join(str(fd) for fd in fds)]
    return Daemon(checker, btf_dir, wrapper=wrapper, listen=False, pass_fds=fds, **options)


def listening_socket(path, backlog=16):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(backlog)
    return listener


def test_a_passed_socket_is_served_and_left_alone(workdir, checker, btf_dir):
    """Socket activation: clients that came before the daemon are answered; at the end the socket file stays,
    as it belongs to the service manager."""
    path = f"{workdir}/s"
    with listening_socket(path) as listener:
        early = Client(path, checker)
        early.send(b'{"jsonrpc":"2.0","id":"early","method":"btfd.info"}\n')
        daemon = start_activated(checker, btf_dir, [listener.fileno()], path=path)
        try:
            assert early.read_reply()["id"] == "early"
            early.close()
            assert answers(path, checker)
        finally:
            daemon.stop()
        assert os.path.exists(path), "an activated socket's file is not the daemon's to remove"
        # The socket is alive: what connects now waits for the next daemon.
        waiting = Client(path, checker)
        waiting.send(b'{"jsonrpc":"2.0","id":"waiting","method":"btfd.info"}\n')
        daemon = start_activated(checker, btf_dir, [listener.fileno()], path=path)
        try:
            assert waiting.read_reply()["id"] == "waiting"
        finally:
            waiting.close()
            daemon.stop()


def test_several_passed_sockets(workdir, checker, btf_dir):
    """Every socket that is passed is served."""
    with listening_socket(f"{workdir}/a") as one, listening_socket(f"{workdir}/b") as other:
        daemon = start_activated(checker, btf_dir, [one.fileno(), other.fileno()], path=f"{workdir}/a")
        try:
            assert answers(f"{workdir}/a", checker)
            assert answers(f"{workdir}/b", checker)
        finally:
            daemon.stop()


def test_activation_wins_over_listen(workdir, checker, btf_dir):
    """With a passed socket --listen is not used, as --help says."""
    path = f"{workdir}/s"
    with listening_socket(path) as listener:
        daemon = start_activated(checker, btf_dir, [listener.fileno()], path=path,
                                 arguments=[f"--listen={workdir}/other"])
        try:
            assert answers(path, checker)
            assert not os.path.exists(f"{workdir}/other")
        finally:
            daemon.stop()


@pytest.mark.parametrize("kind", ["file", "datagram", "not listening", "connected", "inet", "pipe"])
def test_a_passed_descriptor_that_does_not_listen(workdir, checker, btf_dir, kind):
    """Anything but a listening Unix stream socket is refused at the start."""
    opened = []
    if kind == "file":
        opened.append(tempfile.TemporaryFile())
    elif kind == "datagram":
        opened.append(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        opened[0].bind(f"{workdir}/d")
    elif kind == "not listening":
        opened.append(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    elif kind == "connected":
        opened.extend(socket.socketpair())
    elif kind == "inet":
        opened.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        opened[0].bind(("127.0.0.1", 0))
        opened[0].listen(1)
    else:
        opened.extend(os.fdopen(fd, "rb" if i == 0 else "wb") for i, fd in enumerate(os.pipe()))
    daemon = start_activated(checker, btf_dir, [opened[0].fileno()])
    try:
        assert daemon.wait_end() == 1, daemon.stderr()
        assert "service manager" in daemon.stderr()
        daemon.check_traces()
    finally:
        daemon.remove()
        for each in opened:
            each.close()


def test_descriptors_for_another_process_are_not_taken(workdir, checker, btf_dir):
    """LISTEN_PID of somebody else: the variables were inherited by accident, so the daemon listens itself."""
    daemon = Daemon(checker, btf_dir, environment={"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    try:
        daemon.wait_ready()
        assert answers(daemon.path, checker)
    finally:
        daemon.stop()


def test_systemd_socket_activate(workdir, checker, btf_dir):
    """The real thing without a service manager: systemd-socket-activate listens, starts the daemon at the
    first client, and that client is answered."""
    tool = shutil.which("systemd-socket-activate")
    if not tool:
        pytest.skip("systemd-socket-activate is not installed (Debian package systemd)")
    path = f"{workdir}/s"
    daemon = Daemon(checker, btf_dir, wrapper=[tool, "-l", path], listen=False, path=path)
    try:
        # Only a look at the file: the first connection starts the daemon, and is to be one that asks.
        wait_until(lambda: os.path.exists(path), path)
        assert answers(path, checker)
        assert answers(path, checker)
    finally:
        daemon.stop()


def test_low_limits(start):
    """With 16 descriptors in all the daemon still starts and serves one client."""
    daemon = start(preexec=harness.limit_descriptors(16, 16))
    wait_until(lambda: harness.try_served(daemon), "an answer").close()
