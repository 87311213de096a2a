"""What pahole says of the structs in a BTF file: its listing, read back.

A listing is C with comments: members with their offset and size, remarks on holes between them, and sums at the end.
    struct cfs_rq {
            struct load_weight         load;                 /*     0    16 */
            ...
            bool                       throttled:1;          /*   416: 0  1 */
            /* XXX 7 bits hole, try to pack */
            /* XXX 3 bytes hole, try to pack */
            /* size: 512, cachelines: 8, members: 39 */
            /* padding: 40 */
    };
Unnamed types are written out where they are used, anonymous members and named ones alike.
"""

import re
import subprocess

BEGIN = re.compile(r"^\s*(?:(?:const|volatile) )*(struct|union|enum)(?: (\w+))? \{$")
END = re.compile(r"^\s*\}(.*?);\s*(?:/\*\s*(\d+)(?::\s*(\d+))?\s+(\d+) \*/)?$")
MEMBER = re.compile(r"^\s*(.*?);\s*/\*\s*(\d+)(?::\s*(\d+))?\s+(\d+) \*/$")
HOLE = re.compile(r"XXX (\d+) (bit|byte)s? hole")
BOUNDARY = re.compile(r"--- cacheline (\d+) boundary")
SUM = re.compile(r"([a-z_ ]+): (\d+)")
ATTRIBUTE = re.compile(r"__attribute__\(\((?:[^()]|\([^()]*\))*\)\)")
UNNAMED = re.compile(r"^(?:struct|union) \w+$")
FUNCTION_POINTER = re.compile(r"\(\*+\s*(?:(?:const|volatile)\s+)?(\w+)")
NAME = re.compile(r"(\w+)\s*(?:\[[^\]]*\]\s*)*(?::(\d+))?\s*$")


class Member:
    """A member; its path is None if it is unnamed."""

    def __init__(self, path, bit_offset, size, n_bits, cacheline=None):
        self.path = path
        self.bit_offset = bit_offset  # from the start of the outermost struct
        self.size = size  # bytes of its type
        self.n_bits = n_bits  # of a bitfield, else None
        self.cacheline = cacheline  # the last boundary that was announced before it; None within others

    def end(self):
        return self.bit_offset + (self.size * 8 if self.n_bits is None else self.n_bits)


class Gap:
    """A hole, of bits, bytes or both."""

    def __init__(self, member):
        self.member = member  # what is before it, or the scope that it begins
        self.n = {"bit": 0, "byte": 0}

    def place(self):
        begin = self.member.bit_offset if isinstance(self.member, Scope) else self.member.end()
        return begin, self.n["bit"], self.n["byte"]


class Scope:
    """A struct or union that is written out."""

    def __init__(self, kind, n_members, n_gaps):
        self.kind = kind
        self.first = n_members  # how many there were at its beginning
        self.first_gap = n_gaps
        self.bit_offset = 0  # known at its end


class Struct:
    """A struct or union of the listing, with what is flattened into it."""

    def __init__(self, kind, name):
        self.kind = kind
        self.name = name
        self.members = []
        self.gaps = []
        self.sums = {}
        self.expanded = {None}  # paths of the members whose unnamed types are written out

    def named(self):
        return [member for member in self.members if member.path]

    def depth(self):
        return max((path.count(".") + 1 for path in self.expanded if path), default=0)


def declared_name(declaration):
    """The name that a C declaration declares, None if it is a type's alone, and its bits if it is a bitfield."""
    declaration = ATTRIBUTE.sub("", declaration).strip()
    if UNNAMED.match(declaration):
        return None, None
    function = FUNCTION_POINTER.search(declaration)
    if function:
        return function.group(1), None
    found = NAME.search(declaration)
    return found.group(1), int(found.group(2)) if found.group(2) else None


class Reader:
    def __init__(self, known):
        self.known = known
        self.structs = []
        self.struct = None
        self.scopes = []
        self.cacheline = 0
        self.last = None  # what ends where a hole would begin

    def read(self, line):
        begin = BEGIN.match(line) if line.endswith("{") else None
        if begin and (self.struct or (line[0] != "\t" and begin.group(2) not in self.known)):
            self.begin(*begin.groups())
        elif self.struct and line.lstrip().startswith("/*"):
            self.remark(line)
        elif self.struct and END.match(line):
            self.end(*END.match(line).groups())
        elif self.struct and MEMBER.match(line):
            self.member(*MEMBER.match(line).groups())

    def begin(self, kind, name):
        if not self.scopes:
            self.struct = Struct(kind, name)
            self.cacheline = 0
        self.scopes.append(Scope(kind, len(self.struct.members), len(self.struct.gaps)))
        self.last = self.scopes[-1]

    def end(self, declarator, offset, bit, size):
        scope = self.scopes.pop()
        if not self.scopes:
            self.structs.append(self.struct)
            self.struct = None
            return
        scope.bit_offset = int(offset) * 8 + int(bit or 0)
        declarator = ATTRIBUTE.sub("", declarator).strip()
        name, n_bits = declared_name(declarator) if declarator else (None, None)
        self.last = Member(name, scope.bit_offset, int(size), n_bits)
        if name:
            self.name(scope, declarator == name)

    def name(self, scope, is_plain):
        """The type that has just ended is that of a named member: what is in it is not the outer type's."""
        name, members = self.last.path, self.struct.members
        if is_plain and scope.kind != "enum":
            for member in members[scope.first :]:
                member.path = member.path and f"{name}.{member.path}"
            self.struct.expanded = {self.inside(path, name, scope) for path in self.struct.expanded} | {None, name}
        else:  # an array, a pointer, a bitfield
            del members[scope.first :]
            del self.struct.gaps[scope.first_gap :]
        members.insert(scope.first, self.last)

    def inside(self, path, name, scope):
        """The path of what has been expanded before, now that it turns out to be in a member of that name."""
        is_inside = path and any(member.path and member.path.startswith(f"{name}.{path}.")
                                 for member in self.struct.members[scope.first :])
        return f"{name}.{path}" if is_inside else path

    def member(self, declaration, offset, bit, size):
        name, n_bits = declared_name(declaration)
        # Within unions and structs of their own, members do not follow one another.
        line = self.cacheline if len(self.scopes) == 1 else None
        self.last = Member(name, int(offset) * 8 + int(bit or 0), int(size), n_bits, line)
        self.struct.members.append(self.last)

    def remark(self, line):
        hole = HOLE.search(line)
        boundary = BOUNDARY.search(line)
        if hole:
            gaps = self.struct.gaps
            if not gaps or gaps[-1].member is not self.last:
                gaps.append(Gap(self.last))
            gaps[-1].n[hole.group(2)] += int(hole.group(1))
        elif boundary:
            self.cacheline = int(boundary.group(1))
        elif len(self.scopes) == 1:
            self.struct.sums.update((name.strip(), int(value)) for name, value in SUM.findall(line))


def read(path, base=None, known=()):
    """All structs and unions that pahole prints of a file, on a base if it is a module's, but those of known names."""
    command = ["pahole", "-F", "btf"] + ([f"--btf_base={base}"] if base else []) + [path]
    # It complains of each declaration tag, as it does not know them, and goes on.
    text = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout.decode()
    reader = Reader(known)
    for line in text.splitlines():
        reader.read(line)
    return reader.structs
