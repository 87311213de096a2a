"""BTF read from the file's bytes, as include/uapi/linux/btf.h has it, to compare the daemon with. Valid files only."""

import os
import struct

KINDS = ["void", "int", "ptr", "array", "struct", "union", "enum", "fwd", "typedef", "volatile", "const", "restrict",
         "func", "func_proto", "var", "datasec", "float", "decl_tag", "type_tag", "enum64"]
QUALIFIERS = {"volatile", "const", "restrict", "type_tag"}
MODIFIERS = QUALIFIERS | {"typedef"}
COMPOSITES = {"struct", "union"}
TAIL = {"int": (4, 0), "array": (12, 0), "struct": (0, 12), "union": (0, 12), "enum": (0, 8), "func_proto": (0, 8),
        "var": (4, 0), "datasec": (0, 12), "decl_tag": (4, 0), "enum64": (0, 12)}


class Type:
    """One record: `ref` is the third word, `tail` what follows, in tuples of words."""

    __slots__ = ("id", "kind", "flag", "name", "ref", "tail")

    def __init__(self, type_id, kind, flag, name, ref, tail):
        self.id, self.kind, self.flag, self.name, self.ref, self.tail = type_id, kind, flag, name, ref, tail

    def is_declaration(self):
        return self.kind == "fwd" or self.kind in ("enum", "enum64") and not self.tail and bool(self.name)


class RawBtf:
    """`types` by id, the base's included; those from `first_id` on are the file's own."""

    def __init__(self, path, base=None):
        with open(path, "rb") as file:
            data = file.read()
        self.source = os.path.basename(path)
        order = "<" if data[:2] == b"\x9f\xeb" else ">"
        header_length, type_off, type_len, str_off, str_len = struct.unpack_from(order + "5I", data, 4)
        begin = header_length + str_off
        self.own_strings = data[begin : begin + str_len]
        self.base = base
        self.strings_start = base.strings_end if base else 0
        self.strings_end = self.strings_start + str_len
        self.types = list(base.types) if base else [Type(0, "void", 0, "", 0, ())]
        self.first_id = len(self.types)
        self.read(data[header_length + type_off : header_length + type_off + type_len], order)

    def string(self, offset):
        if offset < self.strings_start:
            return self.base.string(offset)
        offset -= self.strings_start
        return self.own_strings[offset : self.own_strings.index(b"\0", offset)].decode("latin-1")

    def read(self, data, order):
        words = struct.unpack(f"{order}{len(data) // 4}I", data)
        at = 0
        while at < len(words):
            name, info, ref = words[at : at + 3]
            kind, vlen = KINDS[info >> 24 & 0x7f], info & 0xffffff
            once, each = TAIL.get(kind, (0, 0))
            once, each = once // 4, each // 4
            at += 3
            tail = words[at : at + once]
            if each:
                tail = [words[at + i * each : at + (i + 1) * each] for i in range(vlen)]
            at += once + each * (vlen if each else 0)
            self.types.append(Type(len(self.types), kind, info >> 31, self.string(name), ref, tail))

    def own(self):
        return self.types[self.first_id :] if self.base else self.types[1:]

    def named(self):
        """Those that can be asked for by name."""
        return [each for each in self.own() if each.name and each.kind not in ("decl_tag", "type_tag")]


def module_names(directory):
    return sorted(name for name in os.listdir(directory) if name != "vmlinux" and not name.startswith("."))
