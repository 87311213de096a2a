"""The same tables for a machine whose programs do not run here: compiled only, and read from the object file.

What the compiler says of types is constant, so it stands there. Bitfields are written by the compiler too, as initial values
of constant objects, and the recipe is executed on their bytes.
"""

import os
import shutil
import struct

import harness
from program import Compiler, CompileError, options
from reference import read_bitfield

PREFIX = "s390x-linux-gnu-"
PACKAGE = "gcc-s390x-linux-gnu"
FACT_SIZE = 32  # of struct check_fact, with 8-byte pointers
OBJECT_MAX = 4096  # bytes; each object stands in the file as often as there are values
VALUES = [1, 0x5555555555555555, 0x123456789abcdef1, (1 << 64) - 1]


class ForeignCompiler(Compiler):
    def __init__(self, _, kernel, directory):
        self.gcc, self.objcopy = shutil.which(PREFIX + "gcc"), shutil.which(PREFIX + "objcopy")
        if not self.gcc or not self.objcopy:
            raise CompileError(f"the Debian package {PACKAGE} is not installed")
        self.directory = directory
        self.command = [self.gcc, *options(kernel), "-ffreestanding", "-c"]

    def run(self, name, program):
        objects = Objects(program)
        n_facts = len(program.facts)
        for i, each in enumerate(objects.objects):
            program.fact(i, "place", 0, f"__builtin_offsetof(struct objects, o{i})")
            program.fact(i, "size", 0, f"sizeof({each[0].object})")
            last = each[0].path.segments[-1]
            program.fact(i, "begin", 0, f"{last.before} + {last.index} * sizeof({each[0].object})")
        path = self.compile(name, objects.text())
        said = self.section(path, ".check.facts")
        values = [struct.unpack_from(">q", said, i * FACT_SIZE + 24)[0] for i in range(len(program.facts))]
        del program.facts[n_facts:]
        found = [(question, what, btfd, value) for (question, what, btfd, _), value in zip(program.facts, values)
                 if int(btfd) != value]
        return found + list(objects.compare(self.section(path, ".check.objects"), values[n_facts:]))

    def section(self, path, name):
        output = os.path.join(self.directory, "section")
        copied = harness.run([self.objcopy, "-O", "binary", "-j", name, "--set-section-flags", f"{name}=alloc", path, output])
        assert copied.returncode == 0, copied.stderr
        with open(output, "rb") as file:
            return file.read()


class Objects:
    """One constant object for each bitfield and value. An initial value cannot lie behind a struct's end."""

    def __init__(self, program):
        self.program = program
        self.objects = [(each, value) for each in program.bits for value in VALUES
                        if each.path.object_size <= OBJECT_MAX and not each.path.beyond]

    def text(self):
        lines = ['#include "types.h"', '#include "check.h"', *self.program.declarations, "struct objects {"]
        lines += [f"{each.object} o{i};" for i, (each, _) in enumerate(self.objects)]
        lines += ["};", 'const struct objects check_objects __attribute__((section(".check.objects"))) = {']
        lines += [f".o{i}.{each.path.segments[-1].designator} = {value}ull," for i, (each, value) in enumerate(self.objects)]
        lines += ["};", 'extern const struct check_fact check_facts[] __attribute__((section(".check.facts")));',
                  self.program.text_of_facts(), ""]
        return "\n".join(lines)

    def compare(self, memory, places):
        for i, (each, value) in enumerate(self.objects):
            place, size, begin = places[3 * i : 3 * i + 3]
            difference = compare_object(each, value, memory[place : place + size], begin)
            if difference:
                yield (each.question, *difference)


def compare_object(each, value, memory, begin):
    """None, or (what, the daemon's, the compiler's). The bits that the compiler set are those that the daemon names; the
    recipe makes of them what was written, and takes in no other: not when each bit of the object is the opposite either."""
    bits, load = each.answer["bitfield"], each.answer["bitfield"]["load"]
    offset = each.answer["steps"][-1]["offset"] - begin
    n_bits = each.path.n_bits
    if each.answer["encoding"] == "bool":
        value = 1
    value &= (1 << n_bits) - 1
    named = object_with(len(memory), offset * 8 + bits["bit_offset"], bits["bit_size"], value)
    if named != memory:
        return "bits of the object", int.from_bytes(named, "big"), int.from_bytes(memory, "big")
    if not 0 <= offset <= len(memory) - load["size"]:
        return "bitfield's load leaves the object", offset, len(memory)
    opposite = bytes(byte ^ 0xff for byte in memory)
    for written, expected in ((memory, value), (opposite, value ^ (1 << n_bits) - 1)):
        if each.path.is_signed and expected >> (n_bits - 1):
            expected -= 1 << n_bits
        read = read_bitfield(written, offset, load, big_endian=True)
        if read != expected:
            return "bitfield's value", read, expected
    return None


def object_with(size, first, n_bits, value):
    """`value` in the bits from `first` on, counted from the most significant of byte 0, as BTF does on such machines."""
    shift = size * 8 - first - n_bits
    return (value << shift).to_bytes(size, "big") if shift >= 0 else b""
