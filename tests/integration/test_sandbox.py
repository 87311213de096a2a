"""What btfd is for: a program that cannot see /sys learns where a field lives."""

import os
import re
import shutil

import pytest

import harness

# Ends with 99 if the sandbox is none, else becomes the command.
NO_SYS = 'test -e /sys/kernel/btf && exit 99; ls /sys 2>/dev/null | grep -q . && exit 98; exec "$@"'


@pytest.fixture(scope="module")
def expected(daemon):
    """The line that btfctl must print in the sandbox; the numbers are from the daemon's own answer."""
    with daemon.client() as client:
        result = client.call("field.offset", type="task_struct", path="mm->owner->comm")
    offsets = " -> ".join(str(step["offset"]) for step in result["steps"])
    return f"{offsets}  {result['type']}  {result['size']}\n"


def ask(socket):
    return [harness.btfctl_path(), f"--socket={socket}", "offset", "task_struct", "mm->owner->comm"]


def try_sandbox(command, name):
    """Skips the test if the sandbox cannot be made here."""
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    result = harness.run(command)
    if result.returncode != 0:
        pytest.skip(f"{name} is not permitted here: {result.stderr.strip()}")


def test_in_a_mount_namespace_without_sys(daemon, expected):
    """An empty file system over /sys: the socket is all that the client has."""
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
    hide = f"mount -t tmpfs none /sys && exec sh -c '{NO_SYS}' sh \"$@\""
    in_sandbox = [*unshare, "sh", "-c", hide, "sh"]
    try_sandbox([*in_sandbox, "true"], "unshare")
    result = harness.run([*in_sandbox, *ask(daemon.path)])
    assert (result.returncode, result.stdout) == (0, expected), result.stderr
    assert not harness.SANITIZER_REPORT.search(result.stderr), result.stderr


def libraries(*programs):
    """The files that these programs load, by their paths."""
    found = set()
    for program in programs:
        output = harness.run(["ldd", program]).stdout
        found.update(re.findall(r"(?:=> )?(/\S+) \(0x", output))
    return found


def bubblewrap(*directories):
    """A sandbox that holds a shell, btfctl, their libraries, /proc, and these directories; nothing else."""
    programs = [shutil.which(name) for name in ("sh", "ls", "grep")] + [harness.btfctl_path()]
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/proc", "/proc", "--dev", "/dev"]
    for path in [*programs, *sorted(libraries(*programs)), *directories]:
        command += ["--ro-bind", path, path]
    return [*command, shutil.which("sh"), "-c", NO_SYS, "sh"]


def test_in_bubblewrap(daemon, expected):
    """A container's view: only the socket's directory, the program and its libraries. The directory is bound
    and not the socket, as DESIGN advises, and read-only, which is enough to connect."""
    if not shutil.which("bwrap"):
        pytest.skip("bwrap is not installed (Debian package bubblewrap)")
    sandbox = bubblewrap(os.path.dirname(daemon.path))
    try_sandbox([*sandbox, shutil.which("sh"), "-c", ":"], "bwrap")
    result = harness.run([*sandbox, *ask(daemon.path)])
    assert (result.returncode, result.stdout) == (0, expected), result.stderr
    assert not harness.SANITIZER_REPORT.search(result.stderr), result.stderr


def test_a_restarted_daemon_is_found_from_within(start, expected, workdir):
    """A sandbox that lives longer than the daemon: with the directory bound, the next daemon's socket is
    reached through the same bind."""
    if not shutil.which("bwrap"):
        pytest.skip("bwrap is not installed (Debian package bubblewrap)")
    first = start(path=f"{workdir}/s")
    sandbox = bubblewrap(workdir)
    try_sandbox([*sandbox, shutil.which("sh"), "-c", ":"], "bwrap")
    # Asks until the file `again` is there, which is after the restart, and then once more.
    script = 'until test -e "$1/again"; do "$2" --socket="$1/s" info >/dev/null && echo ready >&2; done; ' \
             'exec "$2" --socket="$1/s" offset task_struct "$3"'
    command = [*sandbox, shutil.which("sh"), "-c", script, "sh", workdir, harness.btfctl_path(),
               "mm->owner->comm"]
    asked = harness.Background(command)
    try:
        harness.wait_until(lambda: "ready" in asked.stderr(), "an answer from the first daemon")
        first.stop()
        start(path=first.path)
        os.mkdir(f"{workdir}/again")
        assert asked.wait_end() == 0, asked.stderr()
        assert asked.stdout() == expected
    finally:
        asked.kill()


def test_the_sandbox_check_is_no_sham():
    """Outside of a sandbox the check that the tests above rely on must object."""
    if not os.path.exists(harness.SYSFS_BTF):
        pytest.skip("this kernel has no BTF")
    result = harness.run(["sh", "-c", NO_SYS, "sh", "true"])
    assert result.returncode == 99
