"""Fixtures: a daemon for a whole file, and a factory of daemons for tests that need their own."""

import contextlib
import os
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import harness  # noqa: E402 (the path comes first)


@pytest.fixture(scope="session")
def checker():
    return harness.Checker()


@pytest.fixture(scope="session")
def btf_dir():
    """A directory with some real kernel's vmlinux."""
    directory = harness.some_btf_dir()
    if not directory:
        pytest.skip("this kernel has no BTF, and BTFD_CORPUS names no folder with local-6.18")
    return directory


@contextlib.contextmanager
def running(checker, directory):
    """A daemon that answers, and that ends in order once all that was asked of it went well."""
    started = harness.Daemon(checker, directory)
    try:
        started.wait_ready()
        yield started
        started.stop()
    finally:
        started.kill()


@pytest.fixture(scope="module")
def daemon(checker, btf_dir):
    """One daemon for all tests of a file, which only read."""
    with running(checker, btf_dir) as started:
        yield started


@pytest.fixture(scope="module")
def local_daemon(checker):
    """A daemon on the corpus local-6.18, whose numbers are known."""
    directory = harness.corpus("local-6.18")
    if not directory:
        pytest.skip("BTFD_CORPUS names no folder with local-6.18")
    with running(checker, directory) as started:
        yield started


@pytest.fixture
def client(daemon):
    with daemon.client() as connected:
        yield connected


@pytest.fixture
def start(checker, btf_dir):
    """Starts daemons that answer; ends them all, and checks that they end in order."""
    started = []

    def start_one(**options):
        options.setdefault("btf_dir", btf_dir)
        started.append(harness.Daemon(checker, **options))
        return started[-1].wait_ready()

    yield start_one
    try:
        for each in started:
            each.stop()
    finally:
        for each in started:
            each.kill()


@pytest.fixture
def workdir():
    """A temporary directory with a short path that every user may enter."""
    path = harness.temporary_directory()
    yield path
    shutil.rmtree(path, ignore_errors=True)
