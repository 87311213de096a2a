"""The command line: output, JSON, exit statuses, where it looks for the daemon."""

import json
import os
import pty
import re
import select
import socket
import subprocess
import threading

import pytest

import harness
from harness import encode

FINE, FAILED, USAGE, NOT_FOUND, NO_DAEMON, DIFFERENT = range(6)


def btfctl(*arguments, environment=None, **options):
    options["env"] = harness.clean_environment(environment)
    result = harness.run([harness.btfctl_path(), *arguments], **options)
    assert not harness.SANITIZER_REPORT.search(result.stderr), result.stderr
    assert result.returncode in range(6), (result.returncode, result.stderr)
    return result


@pytest.fixture
def ctl(daemon):
    """btfctl against this file's daemon."""
    return lambda *arguments, **options: btfctl(f"--socket={daemon.path}", *arguments, **options)


@pytest.fixture
def local(local_daemon):
    """btfctl against a daemon whose numbers are known."""
    return lambda *arguments, **options: btfctl(f"--socket={local_daemon.path}", *arguments, **options)


def assert_fails(result, status, *words):
    """The status, nothing on standard output, and a sentence with these words on standard error."""
    assert result.returncode == status, result.stderr
    assert result.stdout == ""
    assert re.match(r"(\S*/)?btfctl: \S", result.stderr), result.stderr
    for word in words:
        assert word in result.stderr, result.stderr


# ---------------------------------------------------------------- offset


def test_offset_through_pointers(local):
    """DESIGN's promise: steps, type and size on one line."""
    result = local("offset", "task_struct", "mm->owner->comm")
    assert (result.returncode, result.stderr) == (FINE, "")
    assert result.stdout == "1136 -> 1296 -> 1752  char[16]  16\n"


@pytest.mark.parametrize("type_name,path,line", [
    ("task_struct", "pid", "1264  pid_t  4"),
    ("struct task_struct", "comm[3]", "1755  char  1"),
    ("task_struct", "se.avg.util_avg", None),
    ("task_struct", "mm", "1136  struct mm_struct *  8"),
])
def test_offset_of_plain_fields(local, type_name, path, line):
    """One step: the offset, the type, the size, separated by two spaces."""
    result = local("offset", type_name, path)
    assert result.returncode == FINE, result.stderr
    assert re.fullmatch(r"\d+  \S.*  \d+\n", result.stdout)
    assert line is None or result.stdout == line + "\n"


def test_offset_of_a_bitfield(local):
    """The line begins like any other and has the bit and its width."""
    result = local("offset", "task_struct", "in_execve")
    assert result.returncode == FINE
    fields = result.stdout.rstrip("\n").split("  ")
    assert fields[:3] == ["1192", "unsigned int", "4"]
    assert "3" in fields[3] and "1" in fields[3]
    assert result.stdout.count("\n") == 1


@pytest.mark.parametrize("arguments,line", [
    (["file", "((struct tty_file_private *)private_data)->tty->name"], "24 -> 0 -> 352  char[64]  64"),
    (["file", "(struct tty_file_private *)private_data"], "24  struct tty_file_private *  8"),
    (["dentry", "container_of(d_inode, struct ext4_inode_info, vfs_inode)->i_disksize"], "48 -> -48  loff_t  8"),
    (["--func=vfs_read", "file->f_path.dentry->d_name.name"],
     "argument 0, slot 0: 72 -> 40  const unsigned char *  8"),
    (["--func", "vfs_read", "file"], "argument 0, slot 0: struct file *  8"),
    (["--func=vfs_read", "return"], "return value: ssize_t  8"),
    # A large struct by value lies on the stack; what is behind it has no slot either, though it is in a register.
    (["--func=ZSTD_adjustCParams", "cPar.windowLog"], "argument 0, no slot, by value: 0  unsigned int  4"),
    (["--func=ZSTD_adjustCParams", "dictSize"], "argument 2, no slot: size_t  8"),
    (["--var=runqueues", "curr->pid"], ".data..percpu + 178816: 2720 -> 1264  pid_t  4"),
    (["task_struct", "state", "or", "task_struct", "__state"], "24  unsigned int  4  (task_struct __state)"),
    (["task_struct", "__state", "or", "task_struct", "state"], "24  unsigned int  4  (task_struct __state)"),
    (["--func=no_such", "x", "or", "vfs_read", "count"],
     "argument 2, slot 2: size_t  8  (vfs_read count)"),
])
def test_offset_from_anywhere(local, arguments, line):
    """Casts, steps back, arguments, variables, and the first of several questions."""
    result = local("offset", *arguments)
    assert (result.returncode, result.stderr) == (FINE, "")
    assert result.stdout == line + "\n"


def test_of_several_questions_each_is_explained(local):
    """The path pointed at is that of the question that the error is about; what came of the others follows."""
    result = local("offset", "task_struct", "no_such", "or", "task_strukt", "pid")
    assert_fails(result, NOT_FOUND, "no member 'no_such' in struct task_struct", "  no_such\n  ^~~~~~~",
                 "  nor: no type 'task_strukt'")
    result = local("offset", "task_struct", "no_such", "or", "console", "flags", "or", "task_struct", "pid")
    assert_fails(result, FAILED, "'console' has 2", "280 bytes", "  before it: no member 'no_such'")
    result = local("offset", "task_struct", "no_such", "or", "task_struct", "comm[")
    assert_fails(result, FAILED, "  comm[\n       ^")


def test_an_ambiguous_name_lists_its_candidates(local):
    """Status 1, nothing on standard output, and both candidates with what selects them on standard error."""
    result = local("offset", "console", "flags")
    assert_fails(result, FAILED, "console", "280", "40", "--source=vmlinux", "--id=9098", "--id=33902",
                 "--instance=1")
    # What is printed can be pasted.
    options = re.search(r"--source=\S+ --id=9098 --instance=\S+", result.stderr).group(0).split()
    assert local("offset", *options, "console", "flags").stdout == "72  short int  2\n"


def test_console_flags_on_a_kernel_that_has_two(daemon, client, ctl):
    """The same on the running kernel, whatever its numbers are."""
    try:
        client.call("type.get", type="struct console")
    except harness.RpcError as error:
        candidates = error.data["candidates"]
    else:
        pytest.skip("this kernel has one struct console")
    result = ctl("offset", "console", "flags")
    assert_fails(result, FAILED, *(f"--id={candidate['id']}" for candidate in candidates))


@pytest.mark.parametrize("options", [["--size=280"], ["--has=flags"], ["--size=0x118"],
                                     ["--source=vmlinux", "--size=280", "--kind=struct", "--set=running"],
                                     ["--source=vmlinux", "--id=9098", "--instance=1"]])
def test_selectors(local, options):
    """Each selector chooses among the definitions of a name, before or behind the verb."""
    expected = "72  short int  2\n"
    assert local("offset", *options, "console", "flags").stdout == expected
    assert local(*options, "offset", "console", "flags").stdout == expected
    assert local("offset", "console", "flags", *options).stdout == expected


def test_an_id_needs_no_name(local):
    """With source, id and instance the type's name may be left out."""
    selector = ["--source=vmlinux", "--id=9098", "--instance=1"]
    assert local("offset", *selector, "flags").stdout == "72  short int  2\n"
    assert local("show", *selector).stdout.startswith("struct console, 280 bytes")


def test_half_of_an_id_is_refused(local):
    """An id without its instance, or an instance without an id, is not answered as if it were not there."""
    assert local("show", "--source=vmlinux", "--instance=7", "int").returncode in (FAILED, USAGE)
    assert local("show", "--source=vmlinux", "--id=21", "int").returncode in (FAILED, USAGE)
    assert local("show", "--id=21", "--instance=1", "int").returncode in (FAILED, USAGE)


# ---------------------------------------------------------------- layout, at

STATIC_KEY_TRUE = """\
struct static_key_true {
        struct static_key {
                atomic_t enabled;                                 /*        0      4 */
                /* hole: 4 bytes */
                union {
                        long unsigned int type;                   /*        8      8 */
                        struct jump_entry *entries;               /*        8      8 */
                        struct static_key_mod *next;              /*        8      8 */
                };                                                /*        8      8 */
        } key;                                                    /*        0     16 */
};
/* 16 bytes in 1 cache line; members ask for alignment to 8; vmlinux */
"""


def test_layout_of_nested_structs(local):
    """What a kernel developer would write, with offsets and sizes, and remarks where nothing lies."""
    result = local("layout", "--expand=1", "static_key_true")
    assert (result.returncode, result.stderr) == (FINE, "")
    assert result.stdout == STATIC_KEY_TRUE


def test_layout_tells_of_holes_bits_lines_and_padding(local):
    """In lines of their own, where they are."""
    result = local("layout", "fs_context")
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert "/* ---- cache line 1, byte 64 ---- */" in lines
    assert "enum fs_context_phase phase : 8;" in result.stdout
    assert any(re.fullmatch(r"bool exclusive : 1; +/\* +150:3 +1 \*/", line) for line in lines)
    assert lines[-3:-1] == ["/* padding: 4 bits and 1 byte */", "};"]
    lines = [line.strip() for line in local("layout", "task_struct").stdout.splitlines()]
    hole = lines.index("/* hole: 15 bytes, by an attribute or an unnamed bitfield */")
    assert lines[hole + 1] == "/* ---- cache line 12, byte 768 ---- */"
    assert "/* ---- cache line 1, byte 64: 8 bytes back ---- */" in lines
    assert not any("---- cache line" in line
                   for line in local("layout", "--cacheline=4096", "task_struct").stdout.splitlines())


def test_layout_declares_as_c_does(local):
    """Names stand where C wants them, in every member of large structs."""
    for name in "task_struct", "net_device", "sk_buff", "file_operations", "super_block":
        layout = local("layout", name).stdout
        members = json.loads(local("-j", "call", "type.layout", json.dumps({"type": name})).stdout)["members"]
        for member in members:
            declared = re.escape(member["path"])
            assert re.search(rf"[ *(]{declared}(\[\d+\])*(\)[^;]*| : \d+)?; +/\* ", layout), member


@pytest.mark.parametrize("arguments,lines", [
    (["task_struct", "1755"], ["comm[3]  char  at 1755, 1 byte", "  in comm  char[16]  at 1752, 16 bytes"]),
    (["task_struct", "0x2f8"], ["hole of 15 bytes at 753, after throttled, before stats"]),
    (["--bit", "task_struct", "9539"], ["in_execve  unsigned int  at 1192, bit 3, 1 wide"]),
    (["fs_context", "122"], ["security  void *  at 120, 8 bytes, byte 2 of it"]),
    (["page", "24"], ["mapping  struct address_space *  at 24, 8 bytes",
                      "_pp_mapping_pad  long unsigned int  at 24, 8 bytes"]),
    (["fs_context", "151"], ["padding of 1 byte at 151, after exclusive"]),
])
def test_at(local, arguments, lines):
    """One line for what lies there, and under it what that is in."""
    options = [each for each in arguments if each.startswith("--")]
    result = local("at", *options, *arguments[len(options):])
    assert (result.returncode, result.stderr) == (FINE, "")
    assert result.stdout.splitlines() == lines


@pytest.mark.parametrize("arguments,status,words", [
    (["at", "task_struct", "3264"], FAILED, ["byte 3264", "3264 bytes"]),
    (["at", "task_struct", "1x"], USAGE, ["OFFSET '1x'", "decimal or 0x"]),
    (["at", "task_struct", "18446744073709551615"], USAGE, ["'offset'", "2^53 - 1"]),
    (["show", "--size=18446744073709551615", "task_struct"], USAGE, ["'size'", "2^53 - 1"]),
    (["funcs", "--param=int", "--position=18446744073709551615"], USAGE, ["'position'", "2^53 - 1"]),
    (["at", "int", "0"], FAILED, ["'int' is a number"]),
    (["layout", "--cacheline=48", "task_struct"], USAGE, ["cacheline", "power of two"]),
    (["layout", "console"], FAILED, ["--id=9098", "--id=33902"]),
    (["layout", "--bit", "task_struct"], USAGE, ["--bit makes no sense for the verb layout"]),
])
def test_layout_and_at_refuse(local, arguments, status, words):
    """With what helps next."""
    assert_fails(local(*arguments), status, *words)


# ---------------------------------------------------------------- enum, var, diff, probe


@pytest.mark.parametrize("arguments", [["BPF_TRACE_RAW_TP"], ["bpf_attach_type", "BPF_TRACE_RAW_TP"],
                                       ["--source=vmlinux", "--id=1893", "--instance=1", "BPF_TRACE_RAW_TP"]])
def test_an_enumerator(local, arguments):
    """Alone, or of an enum: its value and the enum, on one line."""
    result = local("enum", *arguments)
    assert (result.returncode, result.stderr) == (FINE, "")
    assert result.stdout == "BPF_TRACE_RAW_TP = 23  (enum bpf_attach_type, 4 bytes, unsigned, vmlinux)\n"


def test_an_enum(local):
    """All values, aligned."""
    for name in ("pid_type", "enum pid_type"):
        lines = local("enum", name).stdout.splitlines()
        assert lines[0] == "enum pid_type, 4 bytes, unsigned, vmlinux"
        assert [line.split() for line in lines[1:3]] == [["NAME", "VALUE"], ["PIDTYPE_PID", "0"]]
        assert len(lines) == 7


@pytest.mark.parametrize("arguments,words", [
    (["BPF_TRACE_RAW_T"], ["enumerator", "near: BPF_TRACE_RAW_TP"]), (["pid_typ"], ["pid_typ", "near: enum pid_type"]),
    (["pid_type", "PIDTYPE_PIX"], ["PIDTYPE_PIX", "near: PIDTYPE_PID"]),
])
def test_no_such_enum(local, arguments, words):
    """What the name looks like decides which error helps."""
    assert_fails(local("enum", *arguments), NOT_FOUND, *words)


def test_an_ambiguous_enumerator(local):
    """Each enum that has it, with the value there."""
    result = local("enum", "Opt_gid")
    assert_fails(result, FAILED, "Opt_gid", "enum {...}  = 2  4 bytes  --source=vmlinux --id=20568 --instance=1")


def test_a_variable(local):
    result = local("var", "runqueues")
    assert (result.returncode, result.stderr) == (FINE, "")
    assert result.stdout == ("runqueues: struct rq, 3584 bytes, global, vmlinux\n"
                             "  at 178816 (0x2ba80) in .data..percpu: one for each CPU\n")
    assert_fails(local("var", "runqueue"), NOT_FOUND, "near: runqueues")


def test_diff(local):
    """Marked as diff(1) does; the status tells whether anything is different."""
    result = local("diff", "list_head", "hlist_node")
    assert (result.returncode, result.stderr) == (DIFFERENT, "")
    assert result.stdout == ("- struct list_head, 16 bytes, vmlinux of running\n"
                             "+ struct hlist_node, 16 bytes, vmlinux of running\n"
                             "~ next   retyped struct list_head * -> struct hlist_node *\n"
                             "- prev   at 8  struct list_head *  8\n"
                             "+ pprev  at 8  struct hlist_node **  8\n")
    same = local("diff", "list_head", "--with-set=running")
    assert (same.returncode, same.stdout.count("\n")) == (FINE, 2)
    assert local("-j", "diff", "list_head", "hlist_node").returncode == DIFFERENT
    assert_fails(local("diff", "list_head", "--with-set=nonsuch"), NOT_FOUND, "nonsuch")
    assert local("diff", "--size=280", "console", "--with-size=40").returncode == DIFFERENT


def test_probe(local):
    """A line each; 3 unless all exist."""
    things = ["task_struct", "struct sock", "task_struct.__state", "task_struct->mm->owner", "vfs_read()",
              "BPF_TRACE_RAW_TP", "&runqueues", "vfs_read(file->f_path.dentry)", "&runqueues.curr->pid"]
    result = local("probe", *things)
    assert (result.returncode, result.stderr) == (FINE, "")
    assert [line.split(None, 2) for line in result.stdout.splitlines()] == [
        ["yes", kind, thing] for kind, thing in
        zip(["type", "type", "field", "field", "function", "enumerator", "variable", "field", "field"], things)]
    result = local("probe", "vfs_reed()", "task_struct", "nonsuch", "task_struct.state", "vfs_read(fil->f_path)")
    assert (result.returncode, result.stderr) == (NOT_FOUND, "")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["no", "yes", "no", "no", "no"]
    assert local("probe", "task_struct.pid..x").returncode == FAILED


# ---------------------------------------------------------------- show, info, call


def test_show_a_struct(ctl, client):
    """Every member is there with its offset and size, in order."""
    result = ctl("show", "struct task_struct")
    answer = client.call("type.get", type="struct task_struct")
    assert result.returncode == FINE
    lines = result.stdout.splitlines()
    assert "task_struct" in lines[0] and str(answer["size"]) in lines[0]
    rows = [line.split() for line in lines[-len(answer["members"]) :]]
    for row, member in zip(rows, answer["members"]):
        assert row[0].split(":")[0] == str(member["offset"])
        if "name" in member:
            assert row[-1] == member["name"]
        if "bitfield" in member:
            assert row[0].split(":")[1] == str(member["bitfield"]["bit_offset"])
        else:
            assert row[1] == str(member["size"])


@pytest.mark.parametrize("arguments,words", [
    (["size_t"], ["typedef size_t", "8 bytes"]),
    (["int"], ["int int", "4 bytes", "signed"]),
    (["enum pid_type"], ["PIDTYPE_PID", "PIDTYPE_MAX"]),
    (["--kind=func", "vfs_read"], ["vfs_read", "struct file *", "count", "ssize_t"]),
    (["spinlock_t"], ["typedef spinlock_t"]),
    (["--kind=datasec", ".data..percpu"], [".data..percpu", "OFFSET"]),
    (["--source=vmlinux", "--id=5", "--instance=1"], ["ptr", "8 bytes"]),
])
def test_show_other_kinds(local, arguments, words):
    """Typedefs, enums, functions, sections: what there is to see of each."""
    result = local("show", *arguments)
    assert result.returncode == FINE, result.stderr
    for word in words:
        assert word in result.stdout


def test_every_kind_can_be_shown(local):
    """No type of a whole kernel's first thousand makes btfctl fail: a sample of every kind by id."""
    kinds = {}
    for type_id in (1, 2, 3, 4, 5, 11, 39, 42, 89, 134, 194, 3930, 5194, 8209, 17474, 45110, 48054, 63522):
        result = local("-j", "show", "--source=vmlinux", f"--id={type_id}", "--instance=1")
        assert result.returncode == FINE, result.stderr
        kinds[json.loads(result.stdout)["kind"]] = type_id
        text = local("show", "--source=vmlinux", f"--id={type_id}", "--instance=1")
        assert text.returncode == FINE and text.stdout.strip(), type_id
    assert len(kinds) == 18


def test_info(ctl, client):
    """Version, kernel and where the types are from."""
    info = client.call("btfd.info")
    result = ctl("info")
    assert result.returncode == FINE
    assert info["version"] in result.stdout and info["directory"] in result.stdout
    if "kernel_release" in info:
        assert info["kernel_release"] in result.stdout


def test_call(ctl, client):
    """Any method with any params; the result as JSON."""
    assert json.loads(ctl("call", "btfd.info").stdout) == client.call("btfd.info")
    assert json.loads(ctl("call", "rpc.discover", "{}").stdout) == harness.openrpc()
    params = {"type": "struct list_head", "has": "next"}
    for text in (json.dumps(params), json.dumps(params, indent=2)):
        assert json.loads(ctl("call", "type.get", text).stdout) == client.call("type.get", **params)


@pytest.mark.parametrize("text", ["{", "[]", "1", "x", "", "{} {}", '{"type":"int","type":"x"}', "{}\n{}",
                                  '{"type":"a\\u0000b"}'])
def test_call_with_bad_params(ctl, text):
    """What is no JSON object is refused on this side; it can never become a second request."""
    result = ctl("call", "type.get", text)
    assert_fails(result, result.returncode)
    assert result.returncode in (FAILED, USAGE)


# ---------------------------------------------------------------- JSON


QUESTIONS = [
    (["info"], "btfd.info", {}),
    (["show", "struct task_struct"], "type.get", {"type": "struct task_struct"}),
    (["show", "size_t"], "type.get", {"type": "size_t"}),
    (["offset", "task_struct", "mm->owner->comm"], "field.offset",
     {"type": "task_struct", "path": "mm->owner->comm"}),
    (["offset", "--func=vfs_read", "file->f_mode"], "field.offset", {"func": "vfs_read", "path": "file->f_mode"}),
    (["offset", "task_struct", "state", "or", "task_struct", "pid"], "field.offset",
     {"any": [{"type": "task_struct", "path": "state"}, {"type": "task_struct", "path": "pid"}]}),
    (["call", "type.get", '{"type":"int"}'], "type.get", {"type": "int"}),
]


@pytest.mark.parametrize("arguments,method,params", QUESTIONS, ids=[" ".join(each[0]) for each in QUESTIONS])
def test_json_is_the_servers_result(ctl, client, arguments, method, params):
    """-j and --json= give the result as the server sent it: same fields, same order, nothing added."""
    expected = json.dumps(client.call(method, **params))
    for options in (["-j"], ["--json=short"], ["--json=pretty"], ["--json=off", "-j"]):
        result = ctl(*options, *arguments)
        assert (result.returncode, result.stderr) == (FINE, "")
        assert json.dumps(json.loads(result.stdout)) == expected
        assert result.stdout.endswith("}\n")
        is_pretty = result.stdout.count("\n") > 1
        assert is_pretty == ("--json=pretty" in options)


def test_json_on_a_terminal_is_pretty(daemon):
    """-j is one line for programs and indented for people; standard output decides."""
    try:
        control, terminal = pty.openpty()
    except OSError as error:  # a chroot without /dev/pts
        pytest.skip(f"no pseudo-terminal is to be had here: {error}")
    asked = None
    try:
        command = [harness.btfctl_path(), f"--socket={daemon.path}", "-j", "show", "list_head"]
        asked = harness.Background(command, output=terminal)
        os.close(terminal)
        text = read_terminal(control)
        assert asked.wait_end() == FINE
    finally:
        os.close(control)
        if asked:
            asked.kill()
    assert json.loads(text)["name"] == "list_head"
    assert text.count("\n") > 10


def read_terminal(control):
    """All that is written to the terminal until its last writer leaves."""
    data = b""
    while select.select([control], [], [], harness.TIMEOUT)[0]:
        try:
            chunk = os.read(control, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            break
        if not chunk:
            break
        data += chunk
    return data.decode()


def test_errors_in_json_mode(local):
    """The error object goes to standard output, the sentence to standard error, the status stays."""
    for options in (["-j"], ["--json=short"], ["--json=pretty"]):
        result = local(*options, "offset", "console", "flags")
        assert result.returncode == FAILED
        error = json.loads(result.stdout)
        assert (error["code"], error["data"]["reason"], error["data"]["count"]) == (2, "ambiguous-name", 2)
        assert error["message"] in result.stderr
    result = local("-j", "show", "no_such_type")
    assert result.returncode == NOT_FOUND
    assert json.loads(result.stdout)["data"]["reason"] == "name-not-found"


# ---------------------------------------------------------------- exit statuses


@pytest.mark.parametrize("arguments,words", [
    (["show", "no_such_type"], ["no_such_type"]),
    (["show", "struct task_strukt"], ["task_struct"]),
    (["offset", "no_such_type", "x"], ["no_such_type"]),
    (["offset", "task_struct", "mm->ownr->comm"], ["ownr", "mm_struct", "owner", "^~~~"]),
    (["show", "--source=no_such_module", "int"], ["no_such_module"]),
    (["show", "--set=no_such_set", "int"], ["set"]),
    (["call", "type.get", '{"type":"no_such_type"}'], ["no_such_type"]),
])
def test_not_found(ctl, arguments, words):
    """Status 3: the name, the member or the source does not exist; near names are offered."""
    assert_fails(ctl(*arguments), NOT_FOUND, *words)


@pytest.mark.parametrize("arguments", [
    ["offset", "task_struct", "comm[99]"], ["offset", "task_struct", "pid->x"],
    ["offset", "task_struct", "a..b"],
    ["show", "--source=vmlinux", "--id=1", "--instance=99"], ["call", "no.method"],
])
def test_failures(ctl, arguments):
    """Status 1: the daemon refused for another reason than that something does not exist."""
    assert_fails(ctl(*arguments), FAILED)


@pytest.mark.parametrize("arguments", [
    ["offset", "task_struct", ""], ["show", ""], ["show", "--kind=function", "int"],
    ["call", "type.get", '{"typ":"x"}'], ["call", "type.get"], ["call", "type.get", "[1]"],
    ["call", "type.get", '{"type":"a","type":"b"}'],
])
def test_what_the_daemon_cannot_make_sense_of(ctl, arguments):
    """Status 2 as well if it is the daemon that finds a parameter missing, unknown or impossible."""
    assert_fails(ctl(*arguments), USAGE)


@pytest.mark.parametrize("closed", [[1], [2], [0, 1, 2]])
def test_closed_standard_descriptors(ctl, daemon, closed):
    """What is printed never ends up in the daemon's socket, whose number would be that of standard output."""
    redirections = " ".join(f"{fd}>&-" if fd else "<&-" for fd in closed)
    command = f'"$0" --socket="$1" show task_struct {redirections}'
    result = subprocess.run(["sh", "-c", command, harness.btfctl_path(), daemon.path], capture_output=True,
                            timeout=60, check=False)
    assert result.returncode == FINE, result.stderr
    assert (len(result.stdout) > 1000) == (1 not in closed)
    assert ctl("offset", "task_struct", "pid").returncode == FINE


@pytest.mark.parametrize("arguments", [
    [], ["nope"], ["info", "x"], ["show", "a", "b"], ["offset", "a", "b", "c"], ["call"],
    ["offset", "a", "b", "or"], ["offset", "a", "b", "or", "c"], ["offset", "a", "b", "and", "c", "d"],
    ["offset", *["a", "b", "or"] * 16, "a", "b"], ["offset", "--func=a"], ["offset", "--func=a", "--var=b", "c"],
    ["offset", "--func=a", "b", "c"], ["show", "--func=a", "b"], ["offset", "--func"],
    ["call", "a", "{}", "c"], ["--nope", "info"], ["--json=x", "info"], ["--json", "-x"], ["-x", "info"],
    ["show", "--size=x", "int"], ["show", "--size=-1", "int"], ["show", "--size=", "int"],
    ["show", "--size=1x", "int"], ["show", "--size=99999999999999999999", "int"], ["show", "--id=", "int"],
    ["info", "--size=1"], ["call", "--source=x", "btfd.info"], ["offset"], ["enum"], ["var"], ["diff"], ["probe"],
    ["diff", "a"], ["diff", "a", "--set=b"],
    ["diff", "a", "b", "c"], ["diff", "a", "--with-id=1"], ["enum", "--has=x", "a"], ["show", "--with-set=x", "a"],
])
def test_usage_errors(ctl, arguments):
    """Status 2 and a hint; also without a daemon, as none is needed to see it."""
    assert_fails(ctl(*arguments), USAGE, "--help")
    assert btfctl("--socket=/nonexistent/s", *arguments).returncode == USAGE


@pytest.mark.parametrize("arguments", [["offset", "task_struct"], ["show"]])
def test_missing_arguments(ctl, arguments):
    """Without --id the type is needed: that is wrong usage (2), not a failure of the daemon's (1)."""
    assert_fails(ctl(*arguments), USAGE)


def test_help_and_version():
    """Both go to standard output, without a daemon; help names verbs, options and statuses."""
    result = btfctl("--help")
    assert (result.returncode, result.stderr) == (FINE, "")
    for word in ("info", "show", "offset", "call", "--socket", "--json", "-j", "--source", "--kind", "--id",
                 "--instance", "--size", "--has", "--set", "BTFD_SOCKET"):
        assert word in result.stdout
    result = btfctl("--version")
    assert (result.returncode, result.stderr) == (FINE, "")
    assert result.stdout.split() == ["btfctl", os.environ.get("BTFD_VERSION", result.stdout.split()[-1])]


def test_output_that_cannot_be_written(daemon):
    """A full disk does not look like success."""
    with open("/dev/full", "w", encoding="ascii") as full:
        command = [harness.btfctl_path(), f"--socket={daemon.path}", "show", "task_struct"]
        asked = harness.Background(command, output=full)
        try:
            assert asked.wait_end() == FAILED
            assert "No space left" in asked.stderr()
        finally:
            asked.kill()


# ---------------------------------------------------------------- which daemon


def assert_no_daemon(result, *words):
    assert_fails(result, NO_DAEMON, "--socket", *words)


def test_no_daemon(workdir):
    """Status 4: no file, a socket without a listener, a file that is no socket; each with the path and how to
    help it."""
    assert_no_daemon(btfctl(f"--socket={workdir}/absent", "info"), f"{workdir}/absent")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(f"{workdir}/dead")
    assert_no_daemon(btfctl(f"--socket={workdir}/dead", "info"), f"{workdir}/dead")
    open(f"{workdir}/file", "w", encoding="ascii").close()
    assert_no_daemon(btfctl(f"--socket={workdir}/file", "info"), f"{workdir}/file")
    assert_no_daemon(btfctl(f"--socket={workdir}/absent/s", "offset", "a", "b"), f"{workdir}/absent/s")


def test_no_daemon_by_environment(workdir):
    """The message has the path that was tried, which need not be on the command line."""
    environment = {"BTFD_SOCKET": f"{workdir}/absent"}
    assert_no_daemon(btfctl("info", environment=environment), f"{workdir}/absent")


def test_a_path_that_is_too_long(workdir):
    """It is refused and never cut to another socket's path."""
    result = btfctl(f"--socket={workdir}/{'x' * 200}", "info")
    assert result.returncode in (FAILED, USAGE, NO_DAEMON)
    assert "long" in result.stderr


def test_the_environment_names_the_daemon(daemon, workdir):
    """BTFD_SOCKET is used, and --socket wins over it."""
    assert btfctl("show", "list_head", environment={"BTFD_SOCKET": daemon.path}).returncode == FINE
    result = btfctl(f"--socket={workdir}/absent", "info", environment={"BTFD_SOCKET": daemon.path})
    assert result.returncode == NO_DAEMON
    result = btfctl(f"--socket={daemon.path}", "info", environment={"BTFD_SOCKET": f"{workdir}/absent"})
    assert result.returncode == FINE


def test_the_users_own_daemon_is_found(start, workdir):
    """Without any option the daemon at $XDG_RUNTIME_DIR/btfd.sock answers if the system has none; a
    BTFD_SOCKET that leads nowhere is an error and not a reason to ask another daemon."""
    if os.path.exists("/run/btfd/btfd.sock"):
        pytest.skip("this system has a btfd at /run/btfd/btfd.sock, which comes first")
    start(path=f"{workdir}/btfd.sock")
    environment = {"XDG_RUNTIME_DIR": workdir}
    assert btfctl("show", "list_head", environment=environment).returncode == FINE
    environment["BTFD_SOCKET"] = f"{workdir}/absent"
    assert btfctl("show", "list_head", environment=environment).returncode == NO_DAEMON


def test_too_many_connections(start):
    """A daemon whose places are taken says so, and btfctl repeats it: status 1 with the sentence, and never
    "no daemon"."""
    daemon = start(preexec=harness.limit_descriptors(33, 33))
    holder = harness.wait_until(lambda: harness.try_served(daemon), "the only place")
    for _ in range(20):
        assert_fails(btfctl(f"--socket={daemon.path}", "info"), FAILED, "too many connections")
    holder.close()


class FakeDaemon:
    """Listens, reads a line of each client, and answers with given bytes: for what btfd would never send."""

    def __init__(self, path, answer):
        self.answer = answer
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(4)
        self.listener.settimeout(harness.TIMEOUT)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        for _ in range(10):
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(harness.TIMEOUT)
                try:
                    if connection.recv(1 << 16):
                        connection.sendall(self.answer)
                except OSError:
                    pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(harness.TIMEOUT)


@pytest.mark.parametrize("answer", [
    b"nonsense\n", b"[]\n", b"{}\n", b"\xff\n", b"{\"jsonrpc\":\"2.0\",\"id\":1}\n", b"\n", b"\x00\n",
    encode({"jsonrpc": "2.0", "id": 1, "result": {}}), encode({"jsonrpc": "2.0", "id": 1, "result": 1}),
    encode({"jsonrpc": "2.0", "id": 1, "result": {"steps": [], "type": 1, "kind": None}}),
    encode({"jsonrpc": "2.0", "id": 1, "result": {"steps": 7, "type": "x", "kind": "int"}}),
    encode({"jsonrpc": "2.0", "id": 1, "result": {"steps": [], "type": "x", "kind": "int", "source": "v"}}),
    encode({"jsonrpc": "2.0", "id": 1, "result": {"steps": [], "type": "x", "kind": "int", "source": "v",
                                                  "argument": {"index": 0}}}),
    encode({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "x", "data": {
        "reason": "x", "which": 2, "alternatives": [{"reason": "x", "message": "x"}]}}}),
    encode({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "x", "data": {
        "reason": "x", "alternatives": [{"reason": "x"}]}}}),
    encode({"jsonrpc": "2.0", "id": 1, "error": 1}), encode({"jsonrpc": "2.0", "id": 1, "error": {}}),
    encode({"jsonrpc": "2.0", "id": 1, "error": {"code": "x", "message": 1, "data": []}}),
])
def test_answers_that_make_no_sense(workdir, answer):
    """Another program behind the socket: an error and a word about it, no crash, no half an answer."""
    fake = FakeDaemon(f"{workdir}/s", answer)
    try:
        for question in (["offset", "task_struct", "pid"], ["show", "int"], ["info"]):
            if question[0] == "show" and b'"result":{' in answer:
                continue  # most of what describes a type is optional
            result = btfctl(f"--socket={workdir}/s", *question)
            assert_fails(result, result.returncode)
            # What has no id answers nothing, so there the end of the connection is what fails.
            assert result.returncode in ((FAILED, NO_DAEMON) if answer == b"{}\n" else (FAILED,))
    finally:
        fake.close()


@pytest.mark.parametrize("answer", [b"", b'{"jsonrpc":"2.0","id":1,"res'])
def test_a_daemon_that_hangs_up(workdir, answer):
    """The connection ends before the answer does: an error and no answer."""
    fake = FakeDaemon(f"{workdir}/s", answer)
    try:
        result = btfctl(f"--socket={workdir}/s", "info")
        assert_fails(result, result.returncode)
        assert result.returncode in (FAILED, NO_DAEMON)
    finally:
        fake.close()


def test_names_that_need_escaping(ctl):
    """Whatever is on the command line reaches the daemon as a string and comes back in the message."""
    for name in ('a"b', "a\\b", "a\nb", "\u20ac", "%s%n", "--", "a\tb"):
        result = ctl("show", "--", name)
        assert result.returncode == NOT_FOUND, result.stderr
    result = ctl("show", "--", b"\xff\xfe")
    assert result.returncode == NOT_FOUND, result.stderr


# ---------------------------------------------------------------- find


def test_find(local):
    result = local("find", "--kinds=struct", "hlist_*")
    assert result.stdout == ("struct hlist_bl_head     vmlinux  8\n"
                             "struct hlist_bl_node     vmlinux  16\n"
                             "struct hlist_head        vmlinux  8\n"
                             "struct hlist_node        vmlinux  16\n"
                             "struct hlist_nulls_head  vmlinux  8\n"
                             "struct hlist_nulls_node  vmlinux  16\n")
    assert re.fullmatch(r"func +vfs_read +vmlinux +-\n", local("find", "vfs_read").stdout)


def test_find_follows_pages(local, local_daemon):
    """As many lines as there are, though a page of the daemon's has 1,000; --limit ends them."""
    with local_daemon.client() as client:
        count = client.call("type.find", name="*_*", kinds=["func"])["count"]
    assert count > 3000
    assert len(local("find", "--kinds=func", "*_*").stdout.splitlines()) == count
    for limit in (3, 1000, 1001):
        assert len(local("find", "--kinds=func", f"--limit={limit}", "*_*").stdout.splitlines()) == limit


@pytest.mark.parametrize("expression,options", [
    ("lock$", []), ("^list_", []), ("^list_|hlist", []), ("^lists*_head", []), ("^[a-c].*t$", []), ("^LIST_", ["--ignore-case"]),
])
def test_find_by_regular_expression(local, expression, options):
    """The same as grep -E makes of everything."""
    names = [line.split()[1] for line in local("find", "--kinds=struct", "*").stdout.splitlines()]
    flags = re.I if options else 0
    result = local("find", "--kinds=struct", "--regex", *options, expression)
    found = [line.split()[1] for line in result.stdout.splitlines()]
    assert found == [name for name in names if re.search(expression, name, flags)]
    assert found
    assert local("find", "--kinds=struct", "--regex", "--limit=1", *options, expression).stdout.split()[1] == found[0]


@pytest.mark.parametrize("arguments,status,words", [
    (["nosuch_*"], 3, ["nothing is called like 'nosuch_*'"]),
    (["list_[a"], 2, ["a ']' that ends what '[' begins, at byte 5"]),
    (["--regex", "list_[a"], 2, ["regular expression: "]),
    (["--kinds=class", "x"], 2, ["names of BTF kinds"]),
    (["--limit=0", "x"], 2, ["--limit=0"]),
    (["--source=nosuch", "x"], 3, ["nosuch"]),
    (["-j", "--regex", "x"], 2, ["JSON"]),
])
def test_find_says_what_is_wrong(local, arguments, status, words):
    assert_fails(local("find", *arguments), status, *words)


# ---------------------------------------------------------------- users


def test_users(local):
    result = local("users", "fdtable")
    assert result.stdout == ("func alloc_fdtable      vmlinux  returns\n"
                             "struct files_struct     vmlinux  points fdt, embeds fdtab\n"
                             "func sane_fdtable_size  vmlinux  takes 0\n")
    assert local("users", "--relations=embeds,takes", "fdtable").stdout == (
        "struct files_struct     vmlinux  embeds fdtab\n"
        "func sane_fdtable_size  vmlinux  takes 0\n")


def test_users_at_any_depth(local):
    lines = local("users", "--transitive", "struct rb_root_cached").stdout.splitlines()
    assert re.fullmatch(r"struct alarm_base +vmlinux  embeds timerqueue.rb_root", lines[1])
    assert len(lines) == 54


def test_users_follow_pages(local, local_daemon):
    with local_daemon.client() as client:
        count = client.call("type.users", type="struct list_head")["count"]
    assert count > 1000
    assert len(local("users", "struct list_head").stdout.splitlines()) == count
    assert len(local("users", "--limit=1002", "struct list_head").stdout.splitlines()) == 1002
    assert "more" in local("users", "--relations=embeds", "struct list_head").stdout


@pytest.mark.parametrize("arguments,status,words", [
    (["no_such_type_at_all"], 3, ["no_such_type_at_all"]),
    (["--relations=uses", "fdtable"], 2, ["embeds, points"]),
    (["--transitive", "--relations=points", "fdtable"], 2, ["none but embeds"]),
    (["--limit=0", "fdtable"], 2, ["--limit=0"]),
    (["--kind=func", "vfs_read"], 1, ["have users"]),
    (["console"], 1, ["2 different definitions"]),
])
def test_users_says_what_is_wrong(local, arguments, status, words):
    assert_fails(local("users", *arguments), status, *words)


def test_a_type_that_nothing_uses(local):
    result = local("users", "latch_tree_root")
    assert (result.returncode, result.stdout) == (0, "")
    assert "nothing uses it" in result.stderr
