"""The dependency rules of the README's code map, checked against every include in the tree."""

import os
import pathlib
import re
import subprocess

import harness

ROOT = pathlib.Path(os.environ["BTFD_SOURCE_DIR"])

CORE = {"btf", "index", "query", "source", "util"}

# folder -> the project folders and the libraries that its files may include from
RULES = {
    "protocol": ({"protocol"}, set()),
    "daemon/util": ({"util"}, set()),
    "daemon/btf": ({"btf", "util"}, set()),
    "daemon/index": ({"index", "btf", "util"}, set()),
    "daemon/query": ({"query", "index", "btf", "util"}, set()),
    "daemon/source": ({"source", "index", "btf", "util"}, set()),
    "daemon/rpc": (CORE - {"source"} | {"rpc", "protocol"}, {"jansson"}),
    "daemon/server": ({"server", "rpc", "protocol", "util"}, {"event2"}),
    "daemon/service": ({"service", "util"}, {"systemd"}),
    "daemon": (CORE | {"rpc", "server", "service", "protocol"}, {"event2", "jansson"}),
    "client/include/btfd": (set(), set()),
    "client/lib": ({"lib", "btfd", "protocol"}, {"jansson"}),
    "client/files": ({"files", "btf", "util"}, {"libelf", "gelf", "lzma", "zlib", "zstd"}),
    # Verbs that ask a daemon have the client library only, which proves that it is sufficient.
    "client/btfctl": ({"btfctl", "btfd"}, set()),
    "client/btfctl/verb_check.c": ({"btfctl", "files", "protocol"}, set()),
}

LIBRARIES = {"event2", "jansson", "systemd", "libelf", "gelf", "lzma", "zlib", "zstd", "archive", "bpf"}

# What reads files needs, and a daemon that runs as root over hostile bytes should not bring along.
FILE_LIBRARIES = {"libelf", "liblzma", "libz", "libzstd"}


def includes(path):
    """The included names of one file, quoted and bracketed alike."""
    return re.findall(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', path.read_text(), re.MULTILINE)


def test_includes_follow_the_code_map():
    """A wrong include compiles as long as some other target brings the library along: only this test sees it."""
    wrong, n_files = [], 0
    for folder in sorted(path for path in RULES if (ROOT / path).is_dir()):
        for path in sorted((ROOT / folder).glob("*.[ch]")):
            n_files += 1
            projects, libraries = RULES.get(path.relative_to(ROOT).as_posix(), RULES[folder])
            for name in includes(path):
                first = name.split("/")[0].removesuffix(".h")
                if "/" in name and (ROOT / "daemon" / first).is_dir() and first not in projects:
                    wrong.append(f"{path.relative_to(ROOT)} includes {name}")
                if first in LIBRARIES and first not in libraries:
                    wrong.append(f"{path.relative_to(ROOT)} includes {name}")
                if first in {"protocol", "lib", "btfctl", "files"} and "/" in name and first not in projects:
                    wrong.append(f"{path.relative_to(ROOT)} includes {name}")
    assert n_files > 50
    assert not wrong, "\n".join(wrong)


def test_every_folder_has_a_rule():
    """A new folder must say what it may depend on."""
    folders = {path.parent.relative_to(ROOT).as_posix()
               for top in ("daemon", "protocol", "client") for path in (ROOT / top).rglob("*.[ch]")}
    assert folders == {path for path in RULES if (ROOT / path).is_dir()}
    assert all((ROOT / path).exists() for path in RULES)


def needed(path):
    """The shared libraries that a program names itself, without versions: those of its libraries do not count."""
    result = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in re.findall(r"NEEDED\s+(\S+)", result.stdout)}


def test_the_daemon_reads_no_objects():
    """btfd is linked with nothing of libbtfd_files, which btfctl is linked with."""
    assert FILE_LIBRARIES <= needed(harness.btfctl_path())
    daemon = needed(harness.btfd_path())
    assert "libc" in daemon and not daemon & FILE_LIBRARIES
