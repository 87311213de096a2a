"""Starts btfd on one kernel's BTF and lets `differential` compare what it serves with what libbpf reads there.

    run.py DIFFERENTIAL DIRECTORY

Exit status 77, ctest's for a skipped test, if there is nothing to compare; the reason is printed.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import harness  # noqa: E402 (the path comes first)

SKIPPED = 77
# A daemon with sanitizers takes minutes for all modules of a kernel: of these it gets every eighth. All of them are
# compared with the release build.
SANITIZED_STEP = 8


def skip(reason):
    print(f"SKIPPED {reason}")
    sys.exit(SKIPPED)


def compare(program, directory):
    daemon = harness.Daemon(btf_dir=directory)
    try:
        daemon.wait_ready()
        step = SANITIZED_STEP if daemon.is_sanitized() else 1
        status = subprocess.run([program, daemon.path, directory, str(step)], check=False).returncode
        daemon.stop()
    finally:
        daemon.kill()
    return status


def main():
    program, directory = sys.argv[1], os.path.realpath(sys.argv[2])  # as the daemon calls it
    reason = harness.why_not_compared(directory)
    if reason:
        skip(reason)
    return compare(program, directory)


if __name__ == "__main__":
    sys.exit(main())
