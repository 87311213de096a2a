"""What bpftool says about a BTF file, and what follows from it: sizes, kinds, flattened members.

Nothing here knows the daemon. Types are the dicts of `bpftool -j btf dump file`, by id.
"""

import json
import re
import subprocess

import harness

MODIFIERS = {"TYPEDEF", "VOLATILE", "CONST", "RESTRICT", "TYPE_TAG"}
COMPOSITES = {"STRUCT", "UNION"}
ENUMS = {"ENUM", "ENUM64"}
VOID = {"id": 0, "kind": "VOID", "name": "(anon)"}
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Reference:
    def __init__(self, path, base=None):
        """`base` is the Reference of the vmlinux that `path` is a module of: its types count as the module's, which
        begin at first_id."""
        self.path = path
        on_base = ["-B", base.path] if base else []
        output = subprocess.run([harness.bpftool(), "-j", *on_base, "btf", "dump", "file", path], check=True,
                                stdout=subprocess.PIPE, timeout=harness.TIMEOUT).stdout
        known = base.types if base else [VOID]
        self.first_id = len(known)
        self.types = known + json.loads(output)["types"]
        assert all(self.types[i]["id"] == i for i in range(self.first_id, len(self.types)))
        self.sizes = {}
        self.big_endian = endianness(path) == "big"
        # As the C compiler has it: the size of a long is that of a pointer.
        self.pointer_size = next(each["size"] for each in self.types
                                 if each["kind"] == "INT" and each["name"] in ("long unsigned int",
                                                                               "unsigned long"))

    def strip(self, type_id):
        """The type behind typedefs, qualifiers and tags."""
        found = self.types[type_id]
        while found["kind"] in MODIFIERS:
            found = self.types[found["type_id"]]
        return found

    def size(self, type_id):
        """Bytes, or None for what has none."""
        if type_id not in self.sizes:
            self.sizes[type_id] = self.compute_size(type_id)
        return self.sizes[type_id]

    def compute_size(self, type_id):
        count = 1
        while True:
            found = self.strip(type_id)
            if found["kind"] == "ARRAY":
                count *= found["nr_elems"]
                type_id = found["type_id"]
            elif found["kind"] == "VAR":
                type_id = found["type_id"]
            elif found["kind"] == "PTR":
                return count * self.pointer_size
            elif "size" in found:
                return count * found["size"]
            else:
                return None

    def values(self, enum):
        """(name, value) of an enum. bpftool 7.1 sign-extends unsigned 32-bit enumerators from 2^31 on to 64
        bits: exactly those are masked."""
        if enum["kind"] == "ENUM64" or enum["encoding"] == "SIGNED":
            return [(each["name"], each["val"]) for each in enum["values"]]
        first_wrong = (1 << 64) - (1 << 31)
        return [(each["name"], each["val"] & 0xffffffff if each["val"] >= first_wrong else each["val"])
                for each in enum["values"]]

    def flatten(self, composite):
        """(member, absolute bit offset, whether reached through an unnamed member) of every member that one
        name reaches."""
        pending = [(composite, 0, False)]
        while pending:
            holder, base, is_inner = pending.pop()
            for member in holder["members"]:
                offset = base + member["bits_offset"]
                if member["name"] != "(anon)":
                    yield member, offset, is_inner
                    continue
                inner = self.strip(member["type_id"])
                if inner["kind"] in COMPOSITES:
                    pending.append((inner, offset, True))


    def is_same(self, id_a, id_b):
        """Whether two types say the same, by DESIGN's rule: members compared by value, behind a pointer only
        down to the first name, typedefs and qualifiers seen through."""
        seen = set()
        pending = [(id_a, id_b, False)]
        while pending:
            pair = pending.pop()
            if pair in seen:
                continue
            seen.add(pair)
            a, b, is_behind = self.strip(pair[0]), self.strip(pair[1]), pair[2]
            further = self.compare_shallow(a, b, is_behind)
            if further is None:
                return False
            pending.extend(further)
        return True

    @staticmethod
    def declared_kind(found):
        return found["fwd_kind"].upper() if found["kind"] == "FWD" else found["kind"]

    @staticmethod
    def shape(composite):
        members = [(member["name"], member["bits_offset"], member.get("bitfield_size", 0))
                   for member in composite["members"]]
        return composite["size"], members

    def compare_shallow(self, a, b, is_behind):
        """None if they differ, else the pairs of types on which it depends whether they do."""
        if a is b:
            return []
        if self.declared_kind(a) != self.declared_kind(b) or a["name"] != b["name"]:
            return None
        is_named = a["name"] != "(anon)"
        if "FWD" in (a["kind"], b["kind"]) or (is_behind and is_named):
            return []
        if a["kind"] in ENUMS:
            is_forward = is_named and 0 in (a["vlen"], b["vlen"])
            is_equal = (a["size"], a["encoding"], a["values"]) == (b["size"], b["encoding"], b["values"])
            return [] if is_forward or is_equal else None
        if a["kind"] in COMPOSITES:
            if self.shape(a) != self.shape(b):
                return None
            return [(one["type_id"], other["type_id"], is_behind)
                    for one, other in zip(a["members"], b["members"])]
        if a["kind"] == "PTR":
            return [(a["type_id"], b["type_id"], True)]
        if a["kind"] == "ARRAY":
            return [(a["type_id"], b["type_id"], is_behind)] if a["nr_elems"] == b["nr_elems"] else None
        if a["kind"] == "FUNC_PROTO":
            if a["vlen"] != b["vlen"]:
                return None
            return [(a["ret_type_id"], b["ret_type_id"], is_behind)] + [
                (one["type_id"], other["type_id"], is_behind) for one, other in zip(a["params"], b["params"])]
        return [] if {**a, "id": 0} == {**b, "id": 0} else None


def endianness(path):
    with open(path, "rb") as file:
        magic = file.read(2)
    assert magic in (b"\x9f\xeb", b"\xeb\x9f"), f"{path} is no BTF"
    return "little" if magic == b"\x9f\xeb" else "big"


def read_bitfield(memory, offset, load, big_endian):
    """Executes a load recipe on the bytes of an object."""
    data = memory[offset : offset + load["size"]]
    assert len(data) == load["size"], "the load leaves the object"
    value = int.from_bytes(data, "big" if big_endian else "little")
    value = value << load["lshift"] & (1 << 64) - 1
    if load["signed"] and value >> 63:
        value -= 1 << 64
    return value >> load["rshift"]


def object_with_bits(size, first, n_bits, big_endian):
    """`size` bytes in which exactly the `n_bits` from bit `first` on are set, as BTF numbers bits: from the
    least significant bit of byte 0 on a little-endian machine, from the most significant on a big-endian."""
    memory = bytearray(size)
    for bit in range(first, first + n_bits):
        memory[bit // 8] |= (0x80 >> bit % 8) if big_endian else (1 << bit % 8)
    return bytes(memory)
