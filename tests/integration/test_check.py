"""btfctl check: whatever form a file has, everything that is wrong with its BTF, and nothing that a terminal obeys."""

import concurrent.futures
import gzip
import json
import lzma
import os
import re
import shutil
import struct
import subprocess

import pytest

import harness

FINE, FAILED, USAGE = range(3)

INT, PTR, STRUCT, TYPEDEF = 1, 2, 4, 8

# Of a corpus only every so many files are looked at by a btfctl with sanitizers, which takes ten times as long.
SANITIZED_STEP = 20


# ---------------------------------------------------------------- BTF and objects by hand


class Btf:
    """A type section and its strings; `base` makes it split BTF."""

    def __init__(self, base=None, order="<"):
        self.order = order
        self.types, self.n_types = b"", base.n_types if base else 0
        self.strings = b"" if base else b"\0"
        self.strings_start = len(base.strings) if base else 0

    def name(self, text):
        if not text:
            return 0
        offset = self.strings_start + len(self.strings)
        self.strings += text + b"\0"
        return offset

    def add(self, kind, name=b"", size_or_type=0, vlen=0, tail=()):
        words = [self.name(name), kind << 24 | vlen, size_or_type, *tail]
        self.types += struct.pack(f"{self.order}{len(words)}I", *words)
        self.n_types += 1
        return self.n_types

    def bytes(self):
        header = struct.pack(self.order + "HBB5I", 0xeb9f, 1, 0, 24, 0, len(self.types), len(self.types),
                             len(self.strings))
        return header + self.types + self.strings


def small(order="<"):
    btf = Btf(order=order)
    btf.add(INT, b"long int", 8, tail=[1 << 24 | 64])
    btf.add(PTR, size_or_type=1)
    return btf


def run_tool(*command):
    subprocess.run(command, check=True, capture_output=True, timeout=harness.TIMEOUT)


@pytest.fixture
def write(workdir):
    """Writes a file and returns its path."""

    def write_file(name, data):
        path = os.path.join(os.fsencode(workdir), os.fsencode(name))
        with open(path, "wb") as file:
            file.write(data)
        return os.fsdecode(path)

    return write_file


@pytest.fixture
def make_object(workdir, write):
    """Makes an object with the given sections, by compiler and objcopy."""
    run_tool("gcc", "-x", "c", "-c", "-o", f"{workdir}/empty.o", "/dev/null")

    def make(name, **sections):
        options = []
        for section, data in sections.items():
            path = write(f"{name}.{section}", data)
            options.append(f"--add-section=.{section.replace('_', '.')}={path}")
        run_tool("objcopy", *options, f"{workdir}/empty.o", f"{workdir}/{name}")
        return f"{workdir}/{name}"

    return make


def check(*arguments, environment=None, **options):
    """btfctl check's CompletedProcess, without anything that a terminal would obey in its output."""
    options["env"] = harness.clean_environment({"BTFD_SOCKET": "/nonexistent/s", **(environment or {})})
    command = [harness.btfctl_path(), "check", *arguments]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=harness.TIMEOUT,
                            check=False, **options)
    stderr = result.stderr.decode(errors="replace")
    assert not harness.SANITIZER_REPORT.search(stderr), stderr
    assert result.returncode in (FINE, FAILED, USAGE), (result.returncode, stderr)
    text = result.stdout.decode()
    controls = [c for c in text if (ord(c) < 0x20 and c != "\n") or 0x7f <= ord(c) < 0xa0]
    assert not controls, text
    result.stdout, result.stderr = text, stderr
    return result


def check_json(*arguments):
    """The object, and the exit status."""
    result = check("--json=short", *arguments)
    assert result.stdout.count("\n") == 1 and result.stderr == ""
    return json.loads(result.stdout, object_pairs_hook=harness.refuse_duplicates), result.returncode


def lines_of(result, status):
    assert (result.returncode, result.stderr) == (status, ""), result
    return result.stdout.splitlines()


# ---------------------------------------------------------------- forms


@pytest.mark.parametrize("order,word", [("<", "little"), (">", "big")])
def test_raw(write, order, word):
    """One line with what a person wants to know."""
    data = small(order).bytes()
    path = write("x", data)
    line = f"{path}: valid: 2 types, {len(data)} bytes, {word}-endian, 8-byte pointers"
    assert lines_of(check(path), FINE) == [line]


PACKERS = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "xz-crc32": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32),
    "zstd": lambda data: subprocess.run(["zstd", "-q"], input=data, capture_output=True, check=True).stdout,
    "gzip-tool": lambda data: subprocess.run(["gzip"], input=data, capture_output=True, check=True).stdout,
    "xz-tool": lambda data: subprocess.run(["xz"], input=data, capture_output=True, check=True).stdout,
}


@pytest.mark.parametrize("packer", PACKERS)
def test_compressed(write, make_object, packer):
    """Raw or ELF, in any format, whatever the file's name says."""
    pack, data = PACKERS[packer], small().bytes()
    with open(make_object("object", BTF=data), "rb") as file:
        module = file.read()
    for name, packed in (("raw.gz", pack(data)), ("module.ko.zst", pack(module)),
                         ("two.ko.xz", pack(module[:100]) + pack(module[100:]))):
        path = write(name, packed)
        assert re.fullmatch(r"\S+: valid: 2 types, \d+ bytes, .*", lines_of(check(path), FINE)[0])
        # Whether it is cut or has something behind it, the byte is told at which that shows.
        result = lines_of(check(write("cut", packed[:-3])), FAILED)
        assert re.fullmatch(r"\S+: byte \d+: error: .*ends too early \(truncated\)", result[0])
        result = lines_of(check(write("more", packed + b"more")), FAILED)
        assert f": byte {len(packed)}: error: " in result[0] and "(trailing-bytes)" in result[0]


def test_what_a_compiler_writes(workdir):
    """gcc's own object, and what objcopy takes out of it: the same types."""
    with open(f"{workdir}/t.c", "w", encoding="ascii") as file:
        file.write("struct s { int a : 3, b; struct s *next; enum { A, B = -1 } e; } s; long f(char *p) { return *p; }\n")
    run_tool("gcc", "-gbtf", "-c", "-o", f"{workdir}/t.o", f"{workdir}/t.c")
    run_tool("objcopy", f"--dump-section=.BTF={workdir}/t.btf", f"{workdir}/t.o")
    whole, status = check_json(f"{workdir}/t.o")
    raw, _ = check_json(f"{workdir}/t.btf")
    assert status == FINE and whole["types"] > 8 and whole["bytes"] == os.path.getsize(f"{workdir}/t.btf")
    for report in whole, raw:
        for finding in report["findings"]:
            del finding["file"], finding["section"]
    assert {**whole, "file": 0} == {**raw, "file": 0}
    run_tool("strip", "--remove-section=.BTF", f"{workdir}/t.o")
    assert "(no-btf)" in lines_of(check(f"{workdir}/t.o"), FAILED)[0]


# ---------------------------------------------------------------- findings


def broken(n=1):
    """A long int and n typedefs of types that there are not."""
    btf = small()
    for _ in range(n):
        btf.add(TYPEDEF, b"t", 1000000)
    return btf.bytes()


def test_findings_have_their_byte(write, make_object):
    """The word that is wrong, counted from the start of the BTF, also where that is a section."""
    data = broken(2)
    first = 24 + 16 + 12 + 8  # behind the header, the int and the pointer; the typedef's third word
    for path, section in ((write("raw", data), ""), (write("raw.gz", gzip.compress(data)), "unpacked: "),
                          (make_object("object", BTF=data), ".BTF: ")):
        lines = lines_of(check(path), FAILED)
        assert lines == [
            f"{path}: {section}byte {first}: error: type id 1000000, the last one is 4 (bad-id)",
            f"{path}: {section}byte {first + 12}: error: type id 1000000, the last one is 4 (bad-id)",
            f"{path}: invalid: 2 errors"]


@pytest.mark.parametrize("n", [999, 1000, 1001, 2500])
def test_findings_are_capped(write, n):
    """A thousand are shown, and how many there are."""
    path = write("x", broken(n))
    lines = lines_of(check(path), FAILED)
    assert sum(": error: " in line for line in lines) == min(n, 1000)
    more = {1001: ["1 more finding is"], 2500: ["1,500 more findings are"]}.get(n, [])
    assert lines[min(n, 1000):] == [f"{path}: {words} not shown" for words in more] + [
        f"{path}: invalid: {n:,} errors"]
    found, status = check_json(path)
    assert status == FAILED and len(found["findings"]) == min(n, 1000)
    assert (found["errors"], found["findings_left_out"]) == (n, max(0, n - 1000))


def test_json(write):
    """The whole object, as verb_check.c documents it."""
    data = small(">").bytes()
    path = write("fine", data)
    assert check_json(path) == ({
        "file": path, "base": None, "valid": True, "types": 2, "bytes": len(data), "endianness": "big",
        "pointer_size": 8, "distilled": False, "errors": 0, "warnings": 0, "findings": [],
        "findings_left_out": 0}, FINE)
    path = write("broken", broken())
    expected = {
        "file": path, "base": None, "valid": False, "errors": 1, "warnings": 0, "findings": [
            {"file": path, "severity": "error", "reason": "bad-id", "offset": 60, "section": None,
             "message": "type id 1000000, the last one is 3"}], "findings_left_out": 0}
    assert check_json(path) == (expected, FAILED)
    assert check("-j", path).stdout == check("--json=short", path).stdout
    pretty = check("--json=pretty", path).stdout
    assert pretty == json.dumps(expected, indent=2) + "\n"
    found, _ = check_json(write("nothing", b""))
    assert found["findings"][0]["reason"] == "empty"
    found, _ = check_json(path + "absent")
    assert (found["findings"][0]["offset"], found["findings"][0]["reason"]) == (None, "unreadable")


def test_what_cannot_be_read(workdir, write):
    """An error and no waiting; a full disk does not look like success."""
    os.mkfifo(f"{workdir}/fifo")
    for path, words in ((f"{workdir}/absent", "No such file"), (workdir, "a directory"),
                        (f"{workdir}/fifo", "a FIFO"), ("/dev/zero", "a device")):
        lines = lines_of(check(path), FAILED)
        assert words in lines[0] and lines[0].endswith("(unreadable)")
        assert lines[1:] == [f"{path}: invalid: 1 error"]
    assert lines_of(check(write("empty", b"")), FAILED)[0].endswith("(empty)")
    with open("/dev/full", "wb") as full:
        result = subprocess.run([harness.btfctl_path(), "check", write("x", small().bytes())], stdout=full,
                                stderr=subprocess.PIPE, check=False, timeout=harness.TIMEOUT)
    assert result.returncode == FAILED and b"No space left" in result.stderr


@pytest.mark.parametrize("arguments", [
    ["check"], ["check", "a", "b"], ["check", "--size=1", "a"], ["check", "--set=running", "a"],
    ["check", "--source=vmlinux", "a"], ["check", "--kind=struct", "a"], ["check", "--socket=/s", "a"],
    ["check", "--base", "a"], ["info", "--base=a"], ["show", "--base=a", "int"], ["call", "--base=a", "btfd.info"],
])
def test_usage(arguments):
    """Options that make no sense for a verb are refused, before anything is looked for."""
    result = harness.run([harness.btfctl_path(), *arguments])
    assert result.returncode == USAGE and result.stdout == "" and "--help" in result.stderr


def test_help():
    result = harness.run([harness.btfctl_path(), "--help"])
    assert re.search(r"^  check +FILE ", result.stdout, re.MULTILINE) and "--base=FILE" in result.stdout


# ---------------------------------------------------------------- bases


@pytest.fixture
def base_and_module(write):
    """A base, a module on it, and the module's path; both have another pointer size than this machine."""
    base = Btf()
    base.add(INT, b"long int", 4, tail=[1 << 24 | 32])
    base.add(STRUCT, b"thing", 8)
    module = Btf(base)
    module.add(PTR, size_or_type=2)
    return base, module, write("module", module.bytes())


def test_split_btf_needs_its_base(base_and_module, write, make_object):
    """Without one that is what is said; with one, of any form, module and base are checked together."""
    base, module, path = base_and_module
    lines = lines_of(check(path), FAILED)
    assert lines == [f"{path}: byte {24 + len(module.types)}: error: {lines[0].partition('error: ')[2]}",
                     f"{path}: invalid: 1 error"]
    assert "--base=FILE" in lines[0] and lines[0].endswith("(no-base)")
    # A module without types and names of its own has no more than a header.
    empty = write("empty", Btf(base).bytes())
    assert "(no-base)" in lines_of(check(empty), FAILED)[0]
    for base_path in (write("base", base.bytes()), make_object("base.o", BTF=base.bytes()),
                      write("base.xz", lzma.compress(base.bytes()))):
        size = len(module.bytes())
        assert lines_of(check(f"--base={base_path}", path), FINE) == [
            f"{path}: valid: 1 type, {size} bytes, little-endian, 4-byte pointers, split BTF on {base_path}"]
        found, status = check_json(f"--base={base_path}", path)
        assert (found["base"], found["pointer_size"], status) == (base_path, 4, FINE)
        assert check_json(f"--base={base_path}", empty)[0]["types"] == 0


def test_a_base_that_is_none(base_and_module, write, make_object):
    """What is wrong is the base, and it is said of which file."""
    base, module, path = base_and_module
    wrong = write("wrong", broken())
    assert lines_of(check(f"--base={wrong}", path), FAILED) == [
        f"{wrong}: byte 60: error: type id 1000000, the last one is 3 (bad-id)",
        f"{path}: not checked, as its base cannot be used: 1 error"]
    found, status = check_json(f"--base={wrong}", path)
    assert (found["findings"][0]["file"], found["valid"], status) == (wrong, False, FAILED)
    distilled = make_object("distilled", BTF=module.bytes(), BTF_base=base.bytes())
    for bad in (path, distilled):
        lines = lines_of(check(f"--base={bad}", path), FAILED)
        assert lines[0].startswith(f"{bad}: error: split BTF") and lines[0].endswith("(bad-base)")
    lines = lines_of(check("--base=/nonexistent", path), FAILED)
    assert lines[0] == "/nonexistent: error: cannot open: No such file or directory (unreadable)"
    other = write("other", small(">").bytes())
    assert "(other-endian)" in lines_of(check(f"--base={other}", path), FAILED)[0]


def test_a_base_for_what_needs_none(write):
    """BTF that stands alone would give a wrong answer on a base, so there is a warning; that is no failure."""
    path = write("alone", small().bytes())
    lines = lines_of(check(f"--base={path}", path), FINE)
    assert lines[0].startswith(f"{path}: byte 52: warning: ") and lines[0].endswith("(not-split)")
    assert lines[1].endswith(f", split BTF on {path}, 1 warning")


def test_a_distilled_base(base_and_module, make_object, write):
    """A module with .BTF.base is checked on that, and with --base it must find all of it there."""
    base, module, _ = base_and_module
    path = make_object("module.ko", BTF=module.bytes(), BTF_base=base.bytes())
    size = len(module.bytes())
    line = f"{path}: valid: 1 type, {size} bytes, little-endian, 8-byte pointers, split BTF on its own .BTF.base"
    assert lines_of(check(path), FINE) == [line]
    kernel = Btf()
    kernel.add(INT, b"char", 1, tail=[8])
    kernel.add(STRUCT, b"thing", 24)
    without_int = write("without_int", kernel.bytes())
    kernel.add(INT, b"long int", 4, tail=[1 << 24 | 32])
    with_int = write("with_int", kernel.bytes())
    assert lines_of(check(f"--base={with_int}", path), FINE) == [f"{line}, relocated onto {with_int}"]
    assert check_json(f"--base={with_int}", path)[0]["distilled"] is True
    assert lines_of(check(f"--base={without_int}", path), FAILED) == [
        f"{path}: .BTF.base: byte 24: error: int 'long int', type 1 of the distilled base, is not in the base "
        "(no-candidate)", f"{path}: invalid: 1 error"]


def test_a_distilled_base_that_is_broken(base_and_module, make_object):
    """The section is told; .BTF cannot be checked then."""
    _, module, _ = base_and_module
    path = make_object("module.ko", BTF=module.bytes(), BTF_base=broken())
    assert lines_of(check(path), FAILED) == [
        f"{path}: .BTF.base: byte 60: error: type id 1000000, the last one is 3 (bad-id)",
        f"{path}: invalid: 1 error"]


def test_a_module_that_does_not_fit_where_it_is_moved(make_object, write):
    """What is valid on the distilled base need not be on the kernel's: that is looked at as well."""
    distilled = Btf()
    distilled.add(STRUCT, b"thing", 8)
    distilled.add(INT, b"int", 4, tail=[32])
    module = Btf(distilled)
    array = module.add(3, tail=[1, 2, 1 << 28])
    module.add(PTR, size_or_type=array)
    kernel = Btf()
    kernel.add(INT, b"int", 4, tail=[32])
    kernel.add(STRUCT, b"thing", 24)
    path = make_object("module.ko", BTF=module.bytes(), BTF_base=distilled.bytes())
    lines = lines_of(check(f"--base={write('kernel', kernel.bytes())}", path), FAILED)
    assert lines[0].startswith(f"{path}: relocated: byte ") and lines[0].endswith("(bad-size)")


# ---------------------------------------------------------------- hostile names


HOSTILE = [b"\x1b]0;owned\x07", b"\x1b[2J", b"a\nb: valid", b"\x7f\x08\x08", b"\xc2\x9b31m", b"\xff\xfe\x80",
           b'"},{"', b"\xe2\x80\x8f"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(write, make_object, name):
    """Names out of the file, and the file's own, in every form of output; check() looks for control characters."""
    distilled = Btf()
    distilled.add(STRUCT, name, 8)
    module = Btf(distilled)
    module.add(PTR, size_or_type=1)
    base = write("base", small().bytes())
    source = make_object("module.ko", BTF=module.bytes(), BTF_base=distilled.bytes())
    path = os.path.join(os.path.dirname(os.fsencode(source)), name.replace(b"/", b"_"))
    shutil.copy(source, path)
    result = subprocess.run([harness.btfctl_path(), "check", f"--base={base}", path], capture_output=True,
                            timeout=harness.TIMEOUT, check=False)
    # A warning about the name, but for what is printable or letters to the kernel, the error, and the sum of both.
    assert result.returncode == FAILED and result.stdout.count(b"\n") == 2 + (b"warning: " in result.stdout)
    controls = rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]"
    assert not re.search(controls, result.stdout), result.stdout
    assert b"(no-candidate)\n" in result.stdout
    for mode in ("short", "pretty"):
        result = subprocess.run([harness.btfctl_path(), f"--json={mode}", "check", f"--base={base}", path],
                                capture_output=True, timeout=harness.TIMEOUT, check=False)
        assert not re.search(controls, result.stdout), result.stdout
        found = json.loads(result.stdout, object_pairs_hook=harness.refuse_duplicates)
        assert name.decode(errors="replace") in found["findings"][-1]["message"]
        assert found["file"].endswith(name.decode(errors="replace"))


# ---------------------------------------------------------------- real kernels


def corpus_commands():
    """[--base=..., FILE] for each file under $BTFD_CORPUS, and what its line must begin with."""
    root = os.environ.get("BTFD_CORPUS")
    if not root:
        pytest.skip("BTFD_CORPUS names no folder of real kernels' BTF")
    kernel = os.path.join(root, "layout-6.1-cloud-amd64", "vmlinux")
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                if file.read(2) not in (b"\x9f\xeb", b"\xeb\x9f"):
                    continue
            vmlinux = os.path.join(folder, "vmlinux")
            if os.path.basename(folder) == "split":
                yield [f"--base={os.path.join(os.path.dirname(folder), 'base', name)}", path]
            elif os.path.basename(folder) == "relocated":
                yield [f"--base={kernel}", path]
            elif name != "vmlinux" and os.path.exists(vmlinux):
                yield [f"--base={vmlinux}", path]
            else:
                yield [path]


def is_sanitized():
    return b"libasan" in subprocess.run(["ldd", harness.btfctl_path()], capture_output=True, check=True).stdout


def test_every_corpus_is_valid():
    """Each file of each kernel, without an error."""
    commands = list(corpus_commands())
    if is_sanitized():
        commands = [each for i, each in enumerate(commands) if len(each) == 1 or i % SANITIZED_STEP == 0]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for command, result in zip(commands, pool.map(lambda each: check(*each), commands)):
            assert result.returncode == FINE and ": error: " not in result.stdout, result.stdout
            assert result.stdout.splitlines()[-1].startswith(f"{command[-1]}: valid: ")
    assert len(commands) > 50


def test_distilled_modules_find_their_kernel(make_object):
    """Real modules as they lie on disk, with and without the kernel."""
    root = os.environ.get("BTFD_CORPUS")
    folder = os.path.join(root, "distilled-6.1-cloud-amd64") if root else None
    if not folder or not os.path.isdir(folder):
        pytest.skip("BTFD_CORPUS names no folder with distilled-6.1-cloud-amd64")
    kernel = os.path.join(root, "layout-6.1-cloud-amd64", "vmlinux")
    names = sorted(os.listdir(os.path.join(folder, "split")))
    for name in names[:: 10 if is_sanitized() else 1]:
        sections = {}
        for section, part in (("BTF", "split"), ("BTF_base", "base")):
            with open(os.path.join(folder, part, name), "rb") as file:
                sections[section] = file.read()
        path = make_object(name, **sections)
        assert lines_of(check(path), FINE)[-1].endswith("split BTF on its own .BTF.base")
        assert f"relocated onto {kernel}" in lines_of(check(f"--base={kernel}", path), FINE)[-1]
    other = os.path.join(root, "debian-6.1-i386", "vmlinux")
    assert lines_of(check(f"--base={other}", path), FAILED)[-1] == f"{path}: invalid: 1 error"
