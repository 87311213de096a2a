#!/usr/bin/python3
"""Writes the seeds of fuzz_structure, programs as program.h describes them: make_seeds.py corpus/structure

Each seed says what the fuzzer would need long to come by. To be run again whenever operations.c or program.c change.
"""
import pathlib
import sys

NAMES = ["", "a", "b", "c", "foo", "bar", "state", "__state", "list_head", "next", "int", "char", "unsigned long",
         "long unsigned int", "unsigned int", "u32", "enum", "foo ", "struct foo", "x y", "ete", "quote", "invalid", "0"]
SHORT_POINTERS, NO_LONG = 8, 16  # of the header
BITS = 64  # of a member's place, plus its width minus 1
SIZELESS = 128  # of a member's place
INT, LONG = 1, 2  # what each vmlinux begins with
LENGTHS = {0: 0, 1: 1, 2: 2, 7: 3, 255: 4, 65536: 5, 65535: 6, 2**32 - 1: 7}
FOLLOW, LONGER, LEAVE_OUT = 16, 32, 64  # of repeat()


class Program:
    """A program under construction; each method adds an operation, and returns the id of the type that it adds."""

    def __init__(self, n_modules, header=0, options=0):
        self.data = bytearray([n_modules | header, options])
        self.next_id = 2 if header & NO_LONG else 3
        self.base = 0

    def module(self, options=0):
        self.base = self.base or self.next_id
        self.next_id = self.base
        self.data += bytes([0, options])

    def add(self, *code):
        self.data += bytes(code)
        self.next_id += 1
        return self.next_id - 1

    def int(self, name, shape, *bits):
        return self.add(1, NAMES.index(name), shape, *bits)

    def ptr(self, target):
        return self.add(2, target)

    def waiting(self):
        return self.add(3)

    def array(self, element, length):
        return self.add(4, element, LENGTHS[length])

    def struct(self, name, members, op=5, flag=False, takes=False, padding=0):
        code = [op, NAMES.index(name), len(members) | flag << 3 | takes << 4 | padding << 5]
        for member_name, target, *place in members:
            code += [NAMES.index(member_name), place[0] if place else 0, target]
        return self.add(*code)

    def union(self, name, members, **options):
        return self.struct(name, members, op=6, **options)

    def enum(self, name, log2_size=2, signed=False, wide=False, values=()):
        code = [7, NAMES.index(name), log2_size | signed << 2 | wide << 3 | len(values) << 4]
        for value_name, value in values:
            code += [NAMES.index(value_name), value]
        return self.add(*code)

    def fwd(self, name, is_union=0):
        return self.add(8, NAMES.index(name), is_union)

    def typedef(self, name, target):
        return self.add(9, NAMES.index(name), target)

    def qualify(self, which, target):
        return self.add(10, which, target)

    def proto(self, result, params=(), variadic=False):
        code = [11, len(params) | variadic << 3, result]
        for name, target in params:
            code += [NAMES.index(name), target]
        return self.add(*code)

    def func(self, name, proto, linkage=0):
        return self.add(12, NAMES.index(name), linkage, proto)

    def var(self, name, target, linkage=1):
        return self.add(13, NAMES.index(name), linkage, target)

    def datasec(self, name, variables, unlinked=False):
        return self.add(14, NAMES.index(name), len(variables) | unlinked << 3, *variables)

    def float(self, name, log2_size):
        return self.add(15, NAMES.index(name), log2_size - 1)

    def decl_tag(self, name, which, target):
        return self.add(16, NAMES.index(name), which, target)

    def opaque(self, name, options):
        return self.add(17, NAMES.index(name), options)

    def repeat(self, first, count, options=0):
        self.data += bytes([18, first - 1, count - 1, options])
        self.next_id += count - bool(options & LEAVE_OUT)

    def deep(self, shape, n, inner):
        self.data += bytes([19, shape, n, inner])
        self.next_id += n + 1
        return self.next_id - 1

    def many(self, name, n, step):
        self.data += bytes([20, NAMES.index(name), n, step])
        self.next_id += n

    def patch(self, i_type, i_word, value):
        self.data += bytes([21, i_type, i_word, value])


def pointers():
    p = Program(3)
    foo = p.struct("foo", [("a", INT)])
    bar = p.ptr(p.typedef("bar", foo))
    p.struct("state", [("next", bar), ("a", INT)])
    p.typedef("state", bar)
    for _ in range(2):
        p.module()
        bar = p.ptr(p.typedef("bar", p.struct("foo", [("a", INT), ("b", INT)])))
        p.struct("state", [("next", bar), ("a", INT)])
        p.typedef("state", bar)
    p.module()
    p.repeat(foo, 5, FOLLOW)
    yield "typedef_behind_pointer", p

    p = Program(4)
    for i in range(4):
        p.module()
        foo = p.fwd("foo") if i < 2 else p.struct("foo", [("a", INT), ("b", LONG)], padding=i - 2)
        p.struct("state", [("next", p.ptr(foo)), ("b", INT)])
        p.typedef("bar", foo)
        p.struct("list_head", [("a", INT), ("b", foo, SIZELESS)])
    yield "declared_and_defined", p

    p = Program(3)
    first = p.waiting()
    head = p.struct("list_head", [("next", first), ("a", first)], takes=True)
    others = p.waiting(), p.waiting()
    foo = p.struct("foo", [("next", head), ("b", others[0]), ("c", others[1])], takes=True)
    p.struct("bar", [("a", foo), ("next", first)])
    for options in FOLLOW, FOLLOW | LONGER | 1, 0:
        p.module()
        p.repeat(first, 6, options)
    p.repeat(first + 1, 2, LEAVE_OUT)
    yield "cycles", p


def bitfields():
    p = Program(1)
    uchar, u32, schar, flag, wide = (p.int("char", 2), p.int("u32", 1), p.int("char", 10), p.int("enum", 26),
                                     p.int("x y", 4))
    colour, big = p.enum("enum", signed=True, values=[("a", 200), ("b", 3)]), p.enum("foo", 3, wide=True, values=[("c", 0)])
    foo = p.struct("foo", [("a", INT, BITS | 2), ("b", u32, BITS | 39), ("c", schar, BITS | 6), ("state", flag, BITS),
                           ("next", colour, BITS | 4), ("bar", big, BITS | 62), ("__state", wide, BITS | 63)], flag=True)
    bar = p.union("bar", [("a", INT, BITS | 30), ("b", u32, BITS | 63)], flag=True)
    p.ptr(p.struct("state", [("a", p.array(foo, 7)), ("b", bar), ("next", p.ptr(foo)), ("c", p.array(foo, 0))]))
    odd = p.struct("list_head", [("a", INT, BITS | 2)], flag=True)
    p.struct("next", [("a", uchar), ("b", p.array(odd, 7)), ("c", p.array(odd, 0))])
    p.module()
    p.repeat(foo, 8, FOLLOW)
    yield "bitfields", p

    p = Program(1)
    narrow = p.int("int", 128, 4, 3), p.int("u32", 129, 38, 20), p.int("char", 132, 99, 20)
    foo = p.struct("foo", list(zip("abc", narrow)))
    p.union("bar", [("a", narrow[0]), ("b", narrow[2])])
    p.struct("state", [("a", foo, 3), ("b", p.array(foo, 2))])
    p.module()
    p.repeat(foo, 4, FOLLOW)
    p.struct("foo", [("a", p.int("int", 128, 9, 1)), ("b", narrow[0]), ("c", narrow[1])])
    yield "legacy_bitfields", p


def arrays():
    p = Program(0)
    ints = p.array(INT, 0)
    foo = p.struct("foo", [("a", INT), ("b", ints)])
    bars = p.array(p.struct("bar", [("a", INT), ("next", foo)]), 0)
    p.struct("state", [("b", ints), ("a", LONG), ("next", p.ptr(foo)), ("c", bars)])
    p.typedef("list_head", ints)
    p.union("next", [("a", INT), ("b", ints)])
    p.struct("__state", [("a", INT), ("c", p.array(bars, 0))])
    yield "flexible", p

    p = Program(1)
    char = p.int("char", 2)
    huge = p.array(char, 2**32 - 1)
    p.struct("bar", [("a", p.ptr(p.typedef("foo", huge))), ("b", huge)])
    p.array(huge, 1)
    p.struct("state", [("a", INT), ("next", huge)])
    p.array(p.array(char, 65536), 65535)
    p.module()
    p.array(INT, 2**32 - 1)
    yield "huge", p


def bounds():
    for shape, kind in enumerate(["typedef", "const", "pointer", "array", "proto", "struct", "union"]):
        for n in 31, 32, 33:
            p = Program(1)
            deep = p.deep(shape, n, INT)
            p.module()
            p.typedef("foo", deep)
            p.struct("bar", [("next", p.ptr(deep)), ("a", INT)])
            yield f"deep_{kind}_{n}", p
    p = Program(1)
    p.struct("foo", [("", p.deep(6, 20, INT)), ("next", INT)])
    p.module()
    p.deep(6, 30, INT)
    yield "wide_union", p
    for n, step in (64, 0), (65, 1), (69, 2):
        p = Program(4)
        p.many("foo", n, step)
        for i in range(4):
            p.module()
            p.many("foo", 20, 1 + i % 2)
            p.many("bar", 30, i % 3)
        yield f"many_{n}", p


def kinds():
    p = Program(2, options=1)
    foo = p.opaque("foo", 3)
    p.struct("bar", [("a", foo, SIZELESS), ("next", p.ptr(foo)), ("b", INT)])
    p.array(foo, 2)
    p.typedef("state", foo)
    p.var("foo", foo)
    p.proto(foo, [("a", foo)])
    p.module()
    p.repeat(foo, 7, FOLLOW)
    p.opaque("bar", 4)
    p.module(options=1)
    p.opaque("foo", 3)
    p.repeat(foo, 4)
    yield "opaque", p
    p = Program(1)
    p.module(options=3)
    p.opaque("foo", 2)
    yield "opaque_own_layout", p
    p = Program(1)
    p.opaque("foo", 255)
    yield "opaque_unknown", p

    p = Program(3)
    p.enum("enum")
    p.enum("enum", values=[("a", 1)])
    p.enum("foo")
    p.struct("bar", [("a", p.enum("state", 1))], padding=3)
    for i in range(3):
        p.module()
        p.enum("foo", signed=i == 2, values=[("a", 1)])
        p.enum("enum", i, wide=i == 1, values=[("a", 1), ("b", 64), ("c", 130)])
        p.struct("bar", [("a", p.enum("state", [2, 1, 1][i], wide=i == 2, values=[("b", 9)]))], padding=[1, 3, 3][i])
    yield "enums", p

    p = Program(2)
    proto = p.proto(INT, [("a", INT), ("b", LONG)], variadic=True)
    p.func("foo", proto, 1)
    func = p.func("foo", proto)
    variables = p.var("bar", INT), p.var("a", LONG, 2)
    p.datasec("state", variables)
    p.datasec("next", variables[:1], unlinked=True)
    foo = p.struct("foo", [("a", INT)])
    p.decl_tag("state", 0, foo)
    p.decl_tag("state", 18, func)
    p.decl_tag("b", 3, variables[0])
    p.decl_tag("c", 4, p.typedef("bar", foo))
    p.float("foo", 3)
    p.ptr(p.qualify(3 | 4 << 3, foo))
    p.qualify(7 | 2 << 3, p.ptr(p.qualify(0, p.qualify(1, foo))))
    p.module()
    p.repeat(proto, 16, FOLLOW)
    p.module()
    p.repeat(proto, 6)
    p.func("foo", p.proto(LONG, [("a", foo)]))
    p.datasec("state", [p.var("bar", LONG)])
    yield "functions", p


def names():
    p = Program(3)
    p.struct("foo", [("a", INT)])
    p.struct("unsigned int", [("a", INT)])
    p.fwd("bar")
    p.fwd("bar", 1)
    p.typedef("state", INT)
    p.struct("state", [("a", INT)])
    p.struct("foo ", [("b", INT)])
    p.struct("struct foo", [("c", INT)])
    p.module()
    p.typedef("foo", INT)
    p.struct("foo", [("b", INT)])
    p.int("unsigned long", 0)
    p.struct("bar", [("a", INT)])
    p.union("state", [("a", INT)])
    p.module()
    p.typedef("foo", LONG)
    p.int("unsigned long", 1)
    p.int("unsigned int", 0)
    p.union("bar", [("a", INT)])
    p.struct("state", [("b", INT)])
    p.module()
    p.typedef("foo", INT)
    p.int("char", 26)
    p.typedef("state", LONG)
    p.enum("state", values=[("a", 1)])
    yield "names", p

    p = Program(1)
    inner = p.struct("", [("a", INT), ("b", INT)])
    named = p.union("state", [("c", LONG), ("", inner)])
    outer = p.union("", [("next", LONG), ("", named), ("", inner)])
    p.struct("foo", [("a", INT), ("", named), ("", outer), ("bar", inner)])
    p.struct("bar", [("", p.qualify(0, outer)), ("", p.typedef("foo", inner)), ("", INT), ("", p.array(inner, 2))])
    p.module()
    p.repeat(inner, 4, FOLLOW)
    p.repeat(inner, 4, FOLLOW | LONGER | 3)
    yield "unnamed", p


def machines():
    p = Program(1, SHORT_POINTERS)
    pointer = p.ptr(INT)
    p.struct("foo", [("a", pointer), ("b", p.array(pointer, 7)), ("c", p.ptr(pointer))])
    p.module()
    p.repeat(pointer, 4, FOLLOW)
    p.int("long unsigned int", 1)
    yield "short_pointers", p
    p = Program(1, NO_LONG)
    pointer = p.ptr(INT)
    p.struct("foo", [("a", pointer), ("b", INT)])
    p.module()
    p.repeat(pointer, 2, FOLLOW)
    p.int("unsigned long", 1)
    yield "no_long", p


def patches():
    for word in range(6):
        p = Program(1)
        foo = p.struct("foo", [("a", INT), ("next", p.ptr(INT))])
        p.patch(0 if word % 2 else 3, word, 250 + word)
        p.module()
        p.func("foo", p.proto(INT, [("a", INT)]))
        p.datasec("state", [p.var("a", INT)])
        p.decl_tag("a", 0, foo)
        p.struct("bar", [("a", INT, BITS | 3), ("b", INT)], flag=True)
        p.patch(word, word * 5 % 7, [0, 1, 255, 254, 7, 252][word])
        yield f"patch_{word}", p


directory = pathlib.Path(sys.argv[1])
for group in pointers, bitfields, arrays, bounds, kinds, names, machines, patches:
    for seed_name, program in group():
        (directory / seed_name).write_bytes(program.data)
