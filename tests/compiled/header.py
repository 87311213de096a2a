"""bpftool's C header of a BTF file, and what of it means what the BTF says.

bpftool does not know our code, but it is not the kernel's source either: it guesses attributes that BTF does not record. So
every struct and union is measured by the compiler before anything is asked about it: one whose size, or the offset of any
member, differs from what stands in the BTF is left out, and the caller says how many those are.
"""

import collections
import re
import subprocess

import harness
from reference import COMPOSITES, ENUMS, IDENTIFIER

TAGGED = COMPOSITES | ENUMS | {"FWD"}
DEFINITION = re.compile(r"^(struct|union) (\w+) \{", re.MULTILINE)
# bpftool tells definitions of one name apart by a number behind it, in an order of its own.
NUMBERED = re.compile(r"(\w+?)___\d+\Z")
BYTE_ENUM = "__attribute__((mode(byte)))"


class Header:
    """The text, and C's name of each type id that has one of its own."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.text = dump(kernel.path)
        self.n_enums_mended = self.mend_byte_enums()
        self.n_of_tag = collections.Counter(each["name"] for each in kernel.types if each["kind"] in TAGGED)
        self.n_of_typedef = collections.Counter(each["name"] for each in kernel.types if each["kind"] == "TYPEDEF")
        self.names = {}  # by type id
        self.left_out = collections.defaultdict(list)  # names by reason
        self.name_composites()
        self.name_typedefs()

    def mend_byte_enums(self):
        """bpftool 7.1 drops the attribute that makes an enum one byte wide; wider ones, the compiler widens itself."""
        n_mended = 0
        for each in self.kernel.types:
            if each["kind"] in ENUMS and each["size"] == 1 and each["name"] != "(anon)" and each["values"]:
                pattern = rf"^(enum {each['name']} \{{\n(?:\t.*\n)*\}});"
                self.text, n_found = re.subn(pattern, rf"\1 {BYTE_ENUM};", self.text, flags=re.MULTILINE)
                n_mended += n_found
        return n_mended

    def name_composites(self):
        """One definition of a name has that name. Several are told apart by their sizes, which the compiler confirms
        later, as numbered ones may stand in any order."""
        defined = collections.defaultdict(list)
        for kind, name in DEFINITION.findall(self.text):
            numbered = NUMBERED.match(name)
            defined[kind, name].append(f"{kind} {name}")
            if numbered and numbered[1] in self.n_of_tag:
                defined[kind, numbered[1]].append(f"{kind} {name}")
        self.numbered = []  # (type id, C's names that may be it)
        for each in self.kernel.types:
            if each["kind"] not in COMPOSITES or each["name"] == "(anon)":
                continue
            choices = defined[each["kind"].lower(), each["name"]]
            if self.n_of_tag[each["name"]] == 1:
                self.names[each["id"]] = f"{each['kind'].lower()} {each['name']}"
            else:
                self.numbered.append((each["id"], choices))

    def name_typedefs(self):
        """Of unnamed structs and unions, which have no other name."""
        for each in self.kernel.types:
            if each["kind"] != "TYPEDEF" or not IDENTIFIER.match(each["name"]):
                continue
            target = self.kernel.types[each["type_id"]]
            if target["kind"] in COMPOSITES and target["name"] == "(anon)":
                if self.n_of_typedef[each["name"]] == 1:
                    self.names[each["id"]] = each["name"]
                else:
                    self.left_out["typedef of a name that several have"].append(each["name"])

    def facts_of_sizes(self):
        """(key, what BTF says, the expression in C) for everything that decides which names can be trusted."""
        for type_id, name in self.names.items():
            composite = self.kernel.strip(type_id)
            yield (type_id, name), composite["size"], f"sizeof({name})"
            for member, offset, _ in self.kernel.flatten(composite):
                if not member.get("bitfield_size") and IDENTIFIER.match(member["name"]):
                    yield (type_id, name), offset // 8, f"__builtin_offsetof({name}, {member['name']})"
        for type_id, choices in self.numbered:
            for name in choices:
                yield (type_id, name), self.kernel.types[type_id]["size"], f"sizeof({name})"

    def trust(self, wrong):
        """Given the keys of which the compiler says otherwise."""
        for type_id, name in sorted(wrong):
            if self.names.get(type_id) == name:
                del self.names[type_id]
                self.left_out["not laid out as in BTF"].append(name)
        claims = collections.Counter()
        fitting = {}
        for type_id, choices in self.numbered:
            fitting[type_id] = [name for name in choices if (type_id, name) not in wrong]
            claims.update(fitting[type_id])
        for type_id, names in fitting.items():
            if len(names) == 1 and claims[names[0]] == 1:
                self.names[type_id] = names[0]
            else:
                name = self.kernel.types[type_id]["name"]
                self.left_out["name that several have, and not told apart by size"].append(name)

    def preserves(self, type_id):
        """None if C's name of this type is the same here and in the header, else the reason why not."""
        pending, seen = [type_id], set()
        while pending:
            found = self.kernel.types[pending.pop()]
            if found["id"] in seen:
                continue
            seen.add(found["id"])
            if found["kind"] in TAGGED:
                if found["name"] == "(anon)":
                    return "unnamed type"
                if self.n_of_tag[found["name"]] > 1:
                    return "name that several have"
            elif found["kind"] == "TYPEDEF":
                if self.n_of_typedef[found["name"]] > 1:
                    return "name that several have"
            elif found["kind"] == "FUNC_PROTO":
                pending.append(found["ret_type_id"])
                pending.extend(each["type_id"] for each in found["params"])
            elif "type_id" in found:
                pending.append(found["type_id"])
        return None


def dump(path):
    return subprocess.run([harness.bpftool(), "btf", "dump", "file", path, "format", "c"], check=True,
                          stdout=subprocess.PIPE, text=True, timeout=harness.TIMEOUT).stdout
