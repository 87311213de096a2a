"""field.offset against the compiler, on one kernel's BTF: bpftool dumps the types to C, gcc says where their fields are.

    run.py CC DIRECTORY

What the files do: header.py has bpftool's C, sample.py chooses paths, the daemon is asked for their plans, program.py puts its
answers beside what the compiler makes of the same paths, check.c compares, and corrupt.py proves that a wrong answer would
have been seen. Exit status 77, ctest's for a skipped test, if there is nothing to compare; the reason is printed.
"""

import collections
import os
import platform
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import corrupt  # noqa: E402 (the path comes first)
import harness  # noqa: E402
from foreign import ForeignCompiler  # noqa: E402
from further import Further  # noqa: E402
from header import Header  # noqa: E402
from program import CompileError, Compiler, Judge, Program  # noqa: E402
from reference import Reference  # noqa: E402
from sample import SEED, Sample, Walk  # noqa: E402

SKIPPED = 77
ENOUGH = 2000  # paths that a whole kernel must give
SHOWN = 30  # differences, of how many there are


def skip(reason):
    print(f"SKIPPED {reason}")
    sys.exit(SKIPPED)


def skip_unless_comparable(directory):
    if not harness.bpftool():
        skip("bpftool is not installed (Debian package bpftool)")
    reason = harness.why_not_compared(directory)
    if reason:
        skip(reason)


def compiler_for(kernel, cc, directory):
    """A host of 8-byte pointers stands in for every kernel that has them, x86-64 with -m32 for i386 too; s390x's compiler for
    what has the other byte order."""
    if kernel.pointer_size == 4 and platform.machine() != "x86_64":
        skip("only x86-64 runs programs of i386")
    try:
        compiler = (ForeignCompiler if kernel.big_endian else Compiler)(cc, kernel, directory)
        compiler.write("types.h", "")
        compiler.run("nothing", Program())
    except (OSError, CompileError) as error:
        skip(f"programs for the kernel's machine cannot be compiled or run here: {error}")
    return compiler


class Comparison:
    def __init__(self, kernel, compiler):
        self.kernel, self.compiler = kernel, compiler
        self.header = Header(kernel)
        compiler.write("types.h", self.header.text)

    def measure(self):
        """Leaves out what the header has differently from BTF."""
        program, keys = Program(), []
        for key, said, compiler in self.header.facts_of_sizes():
            program.fact(len(keys), "measure", said, compiler)
            keys.append(key)
        wrong = {keys[question] for question, *_ in self.compiler.run("measure", program)}
        self.header.trust(wrong)
        return len(keys)

    def judge(self, name, asked):
        """The differences, by number in `asked`: (path, answer)."""
        program = Program()
        judge = Judge(self.kernel, self.header, program)
        found = collections.defaultdict(list)
        for number, (path, answer) in enumerate(asked):
            found[number] += misshapen(path, answer)
            if not found[number]:
                judge.add(number, path, answer)
        for number, what, btfd, compiler in self.compiler.run(name, program):
            found[number].append(f"{what}: btfd {btfd}, compiler {compiler}")
        return {number: lines for number, lines in found.items() if lines}, judge, program


def misshapen(path, answer):
    """What needs no compiler: which parts an answer must have."""
    for part in ("argument", "variable", "which"):
        if answer.get(part) != getattr(path, part):
            return [f"{part}: btfd has {answer.get(part)}, BTF {getattr(path, part)}"]
    derefs = [step["deref"] for step in answer["steps"]]
    if derefs != [True] * (len(path.segments) - 1) + [False]:
        return [f"steps: btfd has {answer['steps']}, C has {path.segments}"]
    only = answer["steps"][0]["offset"] if len(derefs) == 1 and not path.argument else None
    if answer.get("offset") != only:
        return [f"offset: btfd has {answer.get('offset')} beside {answer['steps']}"]
    bitfield = answer.get("bitfield")
    if bool(bitfield) != bool(path.n_bits):
        return [f"bitfield: btfd has {bitfield}, BTF {path.n_bits} bits"]
    if bitfield and bitfield["bit_size"] != path.n_bits:
        return [f"bitfield: btfd has {bitfield}, BTF {path.n_bits} bits"]
    if bitfield and ("load" in bitfield) != (bitfield["bit_offset"] % 8 + path.n_bits <= 64):
        return [f"bitfield: btfd has {bitfield}, and 8 bytes hold 64 bits"]
    if bool(answer.get("flexible")) != path.is_flexible:
        return [f"flexible: btfd has {answer.get('flexible')}, BTF {path.is_flexible}"]
    return []


def show(title, counts):
    print(f"{title}: " + (", ".join(f"{number} {what}" for what, number in counts.items()) or "none"))


def ask(daemon, comparison, paths):
    """[(path, answer)], and what the daemon refuses."""
    asked, refused = [], []
    questions = [path.question() for path in paths]
    with daemon.client() as client:
        for path, (params, response) in zip(paths, client.stream("field.offset", questions)):
            if "error" in response:
                refused.append(f"{params}: {response['error']}")
            else:
                asked.append((path, response["result"]))
    return asked, refused


def describe_sample(sample, paths):
    show(f"{len(paths)} paths (seed {SEED})", sample.counts)
    print(f"up to {max(path.n_unnamed for path in paths)} unnamed members, {max(path.n_members for path in paths)} names and "
          f"{max(len(path.segments) for path in paths) - 1} pointers in a path; "
          f"{sum(path.n_bits > 0 for path in paths)} bitfields, {sum('[' in path.text for path in paths)} with an index")


def check_corruption(comparison, asked):
    """That every spoilt answer is found out; returns what is wrong."""
    spoilt = list(corrupt.spoil(asked))
    usable = [each for each in spoilt if each[1]]
    found, _, _ = comparison.judge("corrupted", [(path, answer) for _, path, answer in usable])
    missed = [usable[i][0] for i in range(len(usable)) if i not in found]
    print(f"{len(found)} of {len(usable)} spoilt answers found out; no answer has " +
          (", ".join(what for what, path, _ in spoilt if not path) or "lacked a part to spoil"))
    return [f"a spoilt answer was not found out: {what}" for what in missed]


def compare(daemon, comparison):
    n_measured = comparison.measure()
    header = comparison.header
    print(f"{len(header.names)} structs, unions and typedefs of them, {n_measured} sizes and offsets measured; "
          f"{header.n_enums_mended} enums of one byte mended")
    for reason, names in header.left_out.items():
        print(f"left out as {reason}: {len(names)}: {' '.join(names)}")
    sample = Sample(Walk(comparison.kernel, header, SEED))
    Further(sample)
    paths = [path for _, path in sample.paths]
    describe_sample(sample, paths)
    asked, problems = ask(daemon, comparison, paths)
    found, judge, program = comparison.judge("truth", asked)
    print(f"{len(program.facts)} facts, {len(program.bits)} bitfields written and read, {judge.n_types} types compared; "
          f"{judge.n_without_load} bitfields that no load holds")
    show("types not compared", judge.types_not_compared)
    for number, lines in found.items():
        path = asked[number][0]
        problems += [f"{path.question()}: {line}" for line in lines]
    if len(paths) < ENOUGH:
        problems.append(f"only {len(paths)} paths")
    if not found:
        problems += check_corruption(comparison, asked)
    return problems


def main():
    cc, directory = sys.argv[1], os.path.realpath(sys.argv[2])
    vmlinux = os.path.join(directory, "vmlinux")
    skip_unless_comparable(directory)
    kernel = Reference(vmlinux)
    with tempfile.TemporaryDirectory(prefix="btfd-") as work:
        compiler = compiler_for(kernel, cc, work)
        daemon = harness.Daemon(harness.Checker(), directory)
        try:
            daemon.wait_ready()
            problems = compare(daemon, Comparison(kernel, compiler))
            daemon.stop()
        finally:
            daemon.kill()
    print("\n".join(problems[:SHOWN]))
    if problems:
        sys.exit(f"{len(problems)} differences")


if __name__ == "__main__":
    main()
