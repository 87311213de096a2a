"""Writes, compiles and runs the C programs in which the compiler judges: tables for check.c (check.h has the model)."""

import collections
import os
import re

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
DIFFERENCE = re.compile(r"0x([0-9a-f]+) (.*): 0x([0-9a-f]+) 0x([0-9a-f]+)\Z")
# What the tables hold where the daemon does not answer what the compiler knows.
ABSENT = -1
STDERR_SHOWN = 5000  # characters
# __builtin_classify_type()'s numbers, which gcc documents as those of its typeclass.h.
CLASSES = {"int": 1, "enum": 1, "enum64": 1, "ptr": 5, "float": 8, "struct": 12, "union": 13}


class CompileError(Exception):
    pass


# A bitfield, C's name for the type that the path's last segment begins at, and what the daemon says of it.
Bits = collections.namedtuple("Bits", "question path object answer")


class Program:
    """Tables in the making."""

    def __init__(self):
        self.declarations = []
        self.facts = []  # (question, what, the daemon's value, C for the compiler's)
        self.bits = []

    def declare(self, line):
        self.declarations.append(line)

    def fact(self, question, what, btfd, compiler):
        self.facts.append((question, what, btfd, compiler))

    def text(self):
        lines = ['#include "types.h"', '#include "check.h"', *self.declarations]
        for each in self.bits:
            last = each.path.segments[-1]
            at = f"(({each.object} *)object + {last.index})->{last.designator}"
            lines.append(f"static void set_{each.question}(void *object, check_u64 value) {{ {at} = value; }}")
            lines.append(f"static check_s64 get_{each.question}(const void *object) {{ return {at}; }}")
        lines.append(self.text_of_facts())
        lines += ["const struct check_bits check_bits[] = {", *map(text_of_bits, self.bits), "{0}};",
                  f"const unsigned int check_n_bits = {len(self.bits)};", ""]
        return "\n".join(lines)

    def text_of_facts(self):
        rows = [f'{{{question}, "{what}", {btfd}, {compiler}}},' for question, what, btfd, compiler in self.facts]
        return "\n".join(["const struct check_fact check_facts[] = {", *rows, "{0}};",
                          f"const unsigned int check_n_facts = {len(rows)};"])


def text_of_bits(each):
    number, bits = each.question, each.answer["bitfield"]
    load, (index, _, _, before) = bits["load"], each.path.segments[-1]
    size = f"{index + 1} * sizeof({each.object})"
    if each.path.beyond:
        element = f"{each.object}, {each.path.beyond}"
        size = f"{index} * sizeof({each.object}) + __builtin_offsetof({element}) + check_sizeof_member({element})"
    return (f"{{{number}, set_{number}, get_{number}, {size}, {each.answer['steps'][-1]['offset']} - ({before}), "
            f"{bits['bit_offset']}, {bits['bit_size']}, {load['size']}, {load['lshift']}, {load['rshift']}, "
            f"{int(load['signed'])}}},")


class Compiler:
    """Runs the programs here, i386's by way of -m32."""

    def __init__(self, command, kernel, directory):
        self.directory = directory
        self.is_small = kernel.pointer_size == 4
        self.command = [command, *options(kernel)]
        if self.is_small:
            self.command += ["-m32", "-ffreestanding", "-nostdlib", "-static", "-no-pie", "-fno-pic",
                             "-fno-stack-protector"]

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def compile(self, name, text, *more):
        """The file that comes of it."""
        source, output = self.write(name + ".c", text), os.path.join(self.directory, name)
        compiled = harness.run([*self.command, "-o", output, source, *more])
        if compiled.returncode:
            raise CompileError(f"{name} does not compile:\n{compiled.stderr[:STDERR_SHOWN]}")
        return output

    def run(self, name, program):
        """(question, what, btfd's value, the compiler's) of each difference."""
        more = ["check.c", "freestanding.c"] if self.is_small else ["check.c"]
        binary = self.compile(name, program.text(), *(os.path.join(HERE, each) for each in more))
        ran = harness.run([binary])
        found = [self.parse(line) for line in ran.stdout.splitlines()]
        assert ran.returncode == (1 if found else 0), f"{name} ends with {ran.returncode}: {ran.stderr}"
        return found

    @staticmethod
    def parse(line):
        question, what, btfd, compiler = DIFFERENCE.match(line).groups()
        return int(question, 16), what, signed(int(btfd, 16)), signed(int(compiler, 16))


def options(kernel):
    """As the kernel was built, where it matters: unnamed members of named types, and the sign of char."""
    char = next(each for each in kernel.types if each["kind"] == "INT" and each["name"] == "char")
    sign = "-fsigned-char" if char["encoding"] == "SIGNED" else "-funsigned-char"
    return ["-std=gnu11", "-O0", "-w", "-fms-extensions", sign, f"-I{HERE}"]


def signed(value):
    return value - (1 << 64) if value >> 63 else value


class Judge:
    """Turns questions with their answers into facts for one program."""

    def __init__(self, kernel, header, program):
        self.kernel, self.header, self.program = kernel, header, program
        self.n_types = 0
        self.types_not_compared = {}  # number by reason
        self.n_without_load = 0

    def add(self, number, path, answer):
        """The names qN_K are C's for the object that step K begins at, qN for what the path leads to."""
        objects = self.declare_objects(number, path)
        self.add_steps(number, path, answer, objects)
        if path.n_bits:
            self.add_bits(number, path, answer, objects[-1])
        else:
            self.add_value(number, path, answer, objects[-1])

    def declare_objects(self, number, path):
        objects = []
        for k in range(len(path.segments)):
            of = path.segments[k].type or f"__typeof__(*{value(objects[-1], path.segments[k - 1].designator)})"
            objects.append(f"q{number}_{k}")
            self.program.declare(f"typedef {of} {objects[-1]};")
        return objects

    def add_steps(self, number, path, answer, objects):
        """A bitfield has no address: the last step to one is judged by what is read there."""
        n_steps = len(objects) - (path.n_bits > 0)
        steps = list(zip(answer["steps"], objects, path.segments))[:n_steps]
        for k, (step, name, (index, designator, _, before)) in enumerate(steps):
            compiler = f"{before} + {index} * sizeof({name})" if index else before
            if designator:
                compiler += f" + __builtin_offsetof({name}, {designator})"
            self.program.fact(number, f"offset of step {k}", step["offset"], compiler)

    # -- a value

    def add_value(self, number, path, answer, last):
        name, found = f"q{number}", self.kernel.strip(path.type_id)
        self.program.declare(f"typedef __typeof__({value(last, path.segments[-1].designator)}) {name};")
        self.program.fact(number, "size", answer.get("size", ABSENT), f"sizeof({name})")
        self.add_kind(number, answer, name)
        self.add_type(number, path.type_id, "type", answer["type"], name,
                      is_exact=path.n_members == 1 and not path.n_unnamed)
        if found["kind"] == "ARRAY":
            self.add_array(number, answer, name)
        elif found["kind"] == "PTR":
            self.add_pointer(number, answer, name, found["type_id"])
        elif found["kind"] in ("INT", "ENUM", "ENUM64"):
            self.add_encoding(number, answer, name)

    def add_kind(self, number, answer, name):
        if answer["kind"] == "array":
            # An array and the address of its first element differ in type, a pointer and that do not.
            first = f"__typeof__(&(*({name} *)0)[0])"
            self.program.fact(number, "kind is array", 0, f"__builtin_types_compatible_p({name}, {first})")
        else:
            self.program.fact(number, f"kind is {answer['kind']}", CLASSES.get(answer["kind"], ABSENT),
                              f"__builtin_classify_type(*({name} *)0)")

    def add_array(self, number, answer, name):
        element = f"sizeof((*({name} *)0)[0])"
        self.program.fact(number, "elem_size", answer.get("elem_size", ABSENT), element)
        self.program.fact(number, "nelems times elem_size", answer.get("nelems", ABSENT) * answer.get("elem_size", 1),
                          f"sizeof({name})")

    def add_pointer(self, number, answer, name, pointee_id):
        kind = self.kernel.strip(pointee_id)["kind"]
        if kind != "FWD":  # of which sizeof is an error, while btfd may know a module that defines it
            # gcc's extension says 1 of what has no size.
            size = ABSENT if kind in ("VOID", "FUNC_PROTO") else f"sizeof(**({name} *)0)"
            self.program.fact(number, "pointee_size", answer.get("pointee_size", ABSENT), size)
        self.add_type(number, pointee_id, "pointee", answer.get("pointee", ""), f"__typeof__(**({name} *)0)",
                      is_exact=True)

    def add_encoding(self, number, answer, name):
        encoding = answer.get("encoding")
        self.program.fact(number, f"encoding is {encoding}", {"signed": 1, "unsigned": 0, "bool": 0}.get(encoding, ABSENT),
                          f"({name})-1 < 0")
        self.program.fact(number, "encoding is bool", int(encoding == "bool"),
                          f"__builtin_types_compatible_p({name}, _Bool)")

    def add_type(self, number, type_id, what, text, name, is_exact):
        """Whether the daemon's text is C and names the very type. Qualifiers count where nothing around the member can
        have added one."""
        reason = self.header.preserves(type_id)
        if reason:
            self.types_not_compared[reason] = self.types_not_compared.get(reason, 0) + 1
            return
        self.n_types += 1
        if is_exact:
            name, text = f"{name} *", f"__typeof__({text}) *"
        self.program.fact(number, what, 1, f"__builtin_types_compatible_p({text}, {name})")

    # -- a bitfield

    def add_bits(self, number, path, answer, last):
        """Of its type the compiler does not speak, but what it reads from there is as wide and as signed as the text."""
        program, text = self.program, answer["type"]
        if "{" not in text:
            program.fact(number, "size", answer.get("size", ABSENT), f"sizeof({text})")
            is_signed = answer["encoding"] == "signed"
            program.fact(number, "signedness of the type", int(is_signed), f"({text})-1 < 0")
        if "load" not in answer["bitfield"]:
            self.n_without_load += 1
            return
        program.bits.append(Bits(number, path, last, answer))


def value(object_type, designator):
    """C for what a designator leads to in an object, of which only type and size count."""
    return f"(*({object_type} *)0).{designator}" if designator else f"(*({object_type} *)0)"
