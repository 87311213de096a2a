"""What is hard about names, each on an instance from a real kernel: several definitions, several kinds, forward declarations
beside definitions, and what lies deep inside. Expected values are added up from bpftool's dump."""

import collections
import os
import shutil

import pytest

import harness
from conftest import running
from reference import COMPOSITES, ENUMS, IDENTIFIER, Reference, object_with_bits, read_bitfield

TAGS = COMPOSITES | ENUMS
PLAIN = {"TYPEDEF", "INT", "FLOAT"}  # what C finds a bare name among
# Of Debian's 6.1 the modules that define what its vmlinux only declares.
DEFINING_MODULES = ["kvm", "nf_nat", "nf_conntrack"]

if not harness.bpftool():
    pytest.skip("bpftool is not installed (Debian package bpftool)", allow_module_level=True)


class Kernel:
    """A client of a daemon, and what bpftool says of the same vmlinux."""

    def __init__(self, client, expected):
        self.client = client
        self.expected = expected
        self.by_name = collections.defaultdict(list)
        for each in expected.types:
            if each["name"] != "(anon)":
                self.by_name[each["name"]].append(each)

    def defined(self, kind, name):
        return [each for each in self.by_name[name] if each["kind"] == kind]

    def only(self, kind, name):
        (found,) = self.defined(kind, name)
        return found

    def offset(self, composite, name):
        """Bytes; of a member of a module's struct too, if no unnamed one holds it."""
        return self.find(composite, name)[1] // 8

    def find(self, composite, name):
        """(type id, bit offset, bits, unnamed members passed) of a member, which unnamed ones may hold."""
        pending = [(composite, 0, 0)]
        while pending:
            holder, base, depth = pending.pop()
            for member in holder["members"]:
                offset = base + member["bits_offset"]
                if member["name"] == name:
                    return member["type_id"], offset, member.get("bitfield_size", 0), depth
                if member["name"] == "(anon)" and self.expected.strip(member["type_id"])["kind"] in COMPOSITES:
                    pending.append((self.expected.strip(member["type_id"]), offset, depth + 1))
        raise AssertionError(f"{composite['name']} has no {name}")


def corpus_kernel(checker, name):
    directory = harness.corpus(name)
    if not directory:
        pytest.skip(f"BTFD_CORPUS names no folder with {name}")
    with running(checker, directory) as daemon, daemon.client() as client:
        yield Kernel(client, Reference(os.path.join(directory, "vmlinux")))


@pytest.fixture(scope="module")
def local(checker):
    yield from corpus_kernel(checker, "local-6.18")


@pytest.fixture(scope="module")
def sorted_72(checker, tmp_path_factory):
    yield from with_modules(checker, "debian-7.2-cloud-amd64", [], tmp_path_factory)


@pytest.fixture(scope="module")
def i386(checker):
    yield from corpus_kernel(checker, "debian-6.1-i386")


@pytest.fixture(scope="module")
def s390x(checker):
    yield from corpus_kernel(checker, "debian-6.1-s390x")


@pytest.fixture(scope="module")
def with_kvm(checker, tmp_path_factory):
    yield from with_modules(checker, "debian-6.1-cloud-amd64", DEFINING_MODULES, tmp_path_factory)


def with_modules(checker, name, modules, tmp_path_factory):
    """Some modules only: a daemon with sanitizers takes long for a thousand."""
    source = harness.corpus(name)
    if not source:
        pytest.skip(f"BTFD_CORPUS names no folder with {name}")
    directory = tmp_path_factory.mktemp(name)
    for each in ["vmlinux", *modules]:
        shutil.copy(os.path.join(source, each), directory)
    with running(checker, str(directory)) as daemon, daemon.client() as client:
        yield Kernel(client, Reference(os.path.join(source, "vmlinux")))


def by_id(composite):
    return {"source": "vmlinux", "instance": 1, "id": composite["id"]}


def candidates(error):
    """What an ambiguous name may mean: (kind, id, size)."""
    assert error.reason == "ambiguous-name", error
    assert error.data["count"] == len(error.data["candidates"])
    return [(each["kind"], each["id"], each.get("size")) for each in error.data["candidates"]]


def described(found):
    return [(each["kind"].lower(), each["id"], each["size"]) for each in found]


# ---------------------------------------------------------------- several definitions


def test_one_name_four_structs(local):
    """6.18 has four structs `workspace`, of zlib, lzo, zstd and btrfs: nobody gets another one's field."""
    found = local.defined("STRUCT", "workspace")
    assert sorted(each["size"] for each in found) == [24, 40, 136, 160]
    error = local.client.fail("field.offset", type="struct workspace", path="mem")
    assert candidates(error) == described(found)
    assert [each["resolves"] for each in error.data["candidates"]] == [
        any(member["name"] == "mem" for member in each["members"]) for each in found] == [True, False, True, True]
    for composite in found:
        for member in composite["members"]:
            for selector in ({"type": "workspace", "size": composite["size"]}, by_id(composite)):
                answer = local.client.call("field.offset", path=member["name"], **selector)
                assert answer["offset"] * 8 == member["bits_offset"]
    # `strm` is in one of them only, `mem` in three: a member's name selects, as long as it leaves one.
    assert local.client.call("field.offset", type="workspace", has="strm", path="level")["offset"] == 128
    error = local.client.fail("field.offset", type="workspace", has="mem", path="mem")
    assert candidates(error) == [each for each in described(found) if each[2] != 136]


def test_every_member_of_every_definition_of_a_repeated_name(local, i386, s390x):
    """By id, which alone tells those apart that have the same size."""
    for kernel in (local, i386, s390x):
        asked = []
        for name, each in kernel.by_name.items():
            for kind in COMPOSITES:
                found = [one for one in each if one["kind"] == kind]
                asked += [(one, member) for one in found if len(found) > 1 for member in one["members"]
                          if IDENTIFIER.match(member["name"])]
        assert len({composite["id"] for composite, _ in asked}) > 10
        questions = [{**by_id(composite), "path": member["name"]} for composite, member in asked]
        for (composite, member), (params, response) in zip(asked, kernel.client.stream("field.offset", questions)):
            answer = response["result"]
            bit = answer["offset"] * 8 + answer.get("bitfield", {}).get("bit_offset", 0)
            assert (params, bit) == (params, member["bits_offset"])
            assert answer.get("size") == kernel.expected.size(member["type_id"])


def test_definitions_that_only_differ_behind_pointers(i386):
    """i386's three `intel_pinctrl_context` read alike, member by member; but what `communities` points to is declared
    only, 8 bytes or 68 bytes."""
    found = i386.defined("STRUCT", "intel_pinctrl_context")
    assert len(found) == 3
    declared, small, large = found
    assert i386.client.call("field.offset", type="intel_pinctrl_context", path="communities")["offset"] == 4
    error = i386.client.fail("field.offset", type="intel_pinctrl_context", path="communities->intmask")
    assert candidates(error) == described(found)
    assert [each["resolves"] for each in error.data["candidates"]] == [False, True, False]
    assert i386.client.call("field.offset", path="communities->intmask", **by_id(small))["steps"] == [
        {"offset": 4, "deref": True}, {"offset": 0, "deref": False}]
    assert i386.client.call("field.offset", path="communities[1]", **by_id(small))["steps"][1]["offset"] == 8
    assert i386.client.call("field.offset", path="communities[1]", **by_id(large))["steps"][1]["offset"] == 68
    assert i386.client.fail("field.offset", path="communities->intmask", **by_id(large)).reason == "member-not-found"
    # Declared, and defined twice differently: whichever was taken would be a guess.
    error = i386.client.fail("field.offset", path="communities->intmask", **by_id(declared))
    assert candidates(error) == described(i386.defined("STRUCT", "intel_community_context"))
    assert [each["resolves"] for each in error.data["candidates"]] == [True, False]


# ---------------------------------------------------------------- several kinds


def test_an_enum_and_a_struct_of_one_name(local):
    enum, struct = local.only("ENUM", "format_state"), local.only("STRUCT", "format_state")
    error = local.client.fail("field.offset", type="format_state", path="base")
    assert candidates(error) == described([enum, struct])
    assert [each["resolves"] for each in error.data["candidates"]] == [False, True]
    assert local.client.call("field.offset", type="struct format_state", path="base")["offset"] == 3
    assert local.client.call("field.offset", type="format_state", kind="struct", path="base")["offset"] == 3
    assert local.client.call("type.get", type="enum format_state")["id"] == enum["id"]
    assert local.client.fail("field.offset", type="enum format_state", path="base").reason == "wrong-kind"


def test_typedefs_and_structs_of_one_name(s390x):
    """s390x has three typedefs and three structs `addrtype`, all six different: as in C, a bare name means the
    typedefs."""
    typedefs, structs = s390x.defined("TYPEDEF", "addrtype"), s390x.defined("STRUCT", "addrtype")
    sizes = {each["id"]: s390x.expected.size(each["id"]) for each in typedefs}
    assert sorted(sizes.values()) == [8, 24, 128]
    bare = candidates(s390x.client.fail("field.offset", type="addrtype", path="_"))
    assert bare == [("typedef", each["id"], sizes[each["id"]]) for each in typedefs]
    tagged = candidates(s390x.client.fail("field.offset", type="struct addrtype", path="_"))
    assert tagged == described(structs)
    for size in sizes.values():
        assert s390x.client.call("field.offset", type="addrtype", size=size, path="_")["size"] == size
    for each in structs:
        answer = s390x.client.call("field.offset", type="struct addrtype", size=each["size"], path="_")
        assert answer["size"] == each["size"]


def test_every_name_of_several_kinds(local):
    """A bare name is the typedef or base type, else the only tag; functions and variables are asked for by kind."""
    counts = collections.Counter()
    for name, found in local.by_name.items():
        kinds = {each["kind"] for each in found}
        if len(kinds) == 1 or len(found) > len(kinds) or kinds & {"DECL_TAG", "TYPE_TAG", "DATASEC"}:
            continue
        plain, tags = kinds & PLAIN, kinds & TAGS
        counts["of a plain type" if plain else "of one tag" if len(tags) == 1 else "of several tags"] += 1
        if not plain and len(tags) > 1:
            continue
        expected = local.only((plain or tags).pop(), name)
        assert local.client.call("type.get", type=name)["id"] == expected["id"]
        for kind in kinds & (TAGS | {"FUNC", "VAR", "TYPEDEF"}):
            answer = local.client.call("type.get", type=name, kind=kind.lower())
            assert answer["id"] == local.only(kind, name)["id"]
    assert counts == {"of a plain type": 68, "of one tag": 158, "of several tags": 1}


# ---------------------------------------------------------------- forward declarations


def test_a_declaration_beside_definitions(i386):
    """A declaration is no further meaning of its name, and is there for who asks for it."""
    definitions = i386.defined("STRUCT", "intel_community_context")
    declaration = i386.only("FWD", "intel_community_context")
    assert len(definitions) == 2
    error = i386.client.fail("field.offset", type="intel_community_context", path="intmask")
    assert candidates(error) == described(definitions)
    assert i386.client.call("type.get", **by_id(declaration))["declares"] == "struct"
    answer = i386.client.call("field.offset", type="intel_community_context", has="intmask", path="hostown")
    assert answer["offset"] == 4


def test_a_struct_that_only_a_module_defines(with_kvm):
    """vmlinux of Debian's 6.1 declares `kvm_lapic`, the module kvm defines it: the definition answers."""
    declaration = with_kvm.only("FWD", "kvm_lapic")
    assert not with_kvm.defined("STRUCT", "kvm_lapic")
    answer = with_kvm.client.call("type.get", type="struct kvm_lapic")
    assert (answer["source"], answer["kind"], answer["size"]) == ("kvm", "struct", 240)
    answer = with_kvm.client.call("field.offset", type="kvm_lapic", path="dev")
    assert (answer["source"], answer["offset"]) == ("kvm", 8)
    assert with_kvm.client.call("type.get", **by_id(declaration))["kind"] == "fwd"


def test_a_path_through_what_only_a_module_defines(with_kvm):
    """`arch.apic` of a kvm_vcpu points to what vmlinux only declares: the path goes on in the module's definition, and back
    in vmlinux's kvm_vcpu."""
    kvm = Reference(os.path.join(harness.corpus("debian-6.1-cloud-amd64"), "kvm"), with_kvm.expected)
    (lapic,) = (each for each in kvm.types if each["kind"] == "STRUCT" and each["name"] == "kvm_lapic")
    vcpu = with_kvm.only("STRUCT", "kvm_vcpu")
    arch_id, arch, _, _ = with_kvm.find(vcpu, "arch")
    apic = with_kvm.offset(with_kvm.expected.strip(arch_id), "apic")
    first = {"offset": arch // 8 + apic, "deref": True, "source": "vmlinux"}
    answer = with_kvm.client.call("field.offset", type="kvm_vcpu", path="arch.apic->dev")
    assert answer["steps"] == [first, {"offset": with_kvm.offset(lapic, "dev"), "deref": False, "source": "kvm"}]
    assert (answer["source"], answer["type_source"]) == ("vmlinux", "kvm")
    answer = with_kvm.client.call("field.offset", type="kvm_vcpu", path="arch.apic[2]")
    assert answer["steps"] == [first, {"offset": 2 * lapic["size"], "deref": False, "source": "kvm"}]
    answer = with_kvm.client.call("field.offset", type="kvm_vcpu", path="arch.apic->vcpu->vcpu_id")
    offsets = [with_kvm.offset(lapic, "vcpu"), with_kvm.offset(vcpu, "vcpu_id")]
    assert [step["offset"] for step in answer["steps"][1:]] == offsets


def test_an_enum_that_only_modules_have_values_of(with_kvm):
    """An enum of no values is a declaration: `nf_nat_manip_type` is what nf_nat and nf_conntrack say of it, alike."""
    assert with_kvm.only("ENUM", "nf_nat_manip_type")["values"] == []
    answer = with_kvm.client.call("type.get", type="enum nf_nat_manip_type")
    assert answer["source"] in ("nf_nat", "nf_conntrack")
    assert [each["name"] for each in answer["values"]] == ["NF_NAT_MANIP_SRC", "NF_NAT_MANIP_DST"]


# ---------------------------------------------------------------- deep inside


@pytest.mark.parametrize("kernel, names, depth", [
    ("local", ["inuse", "objects", "frozen"], 6), ("sorted_72", ["inuse", "objects", "frozen", "stride"], 7)])
def test_bitfields_under_six_unnamed_types(request, kernel, names, depth):
    """`slab` counts its objects in bits of a struct in a union in a struct in a union in a struct in a union."""
    kernel = request.getfixturevalue(kernel)
    slab = kernel.only("STRUCT", "slab")
    for name in names:
        _, bit, n_bits, passed = kernel.find(slab, name)
        assert passed == depth
        answer = kernel.client.call("field.offset", type="struct slab", path=name)
        bitfield = answer.get("bitfield", {"bit_offset": 0, "bit_size": 0})
        assert (answer["offset"] * 8 + bitfield["bit_offset"], bitfield["bit_size"]) == (bit, n_bits)
        if n_bits:
            memory = object_with_bits(slab["size"], bit, n_bits, big_endian=False)
            assert read_bitfield(memory, answer["offset"], bitfield["load"], False) == (1 << n_bits) - 1


# 17 structs and unions, the unnamed ones among them, and the number at the bottom.
DEEPEST = ["h323_uu_pdu", "h245Control", "item[3]", "request", "openLogicalChannel", "forwardLogicalChannelParameters",
           "multiplexParameters", "h2250LogicalChannelParameters", "mediaChannel", "unicastAddress", "iPAddress", "network"]


def test_the_deepest_embedding(local):
    """Every prefix of the way down 18 types of H.323, through an array's last element on the way."""
    holder, bit, n_types = local.only("STRUCT", "H323_UserInformation"), 0, 1
    for i, component in enumerate(DEEPEST):
        name, _, index = component.rstrip("]").partition("[")
        type_id, offset, _, passed = local.find(holder, name)
        bit += offset
        n_types += passed + 1
        holder = local.expected.strip(type_id)
        if index:
            holder = local.expected.strip(holder["type_id"])
            bit += int(index) * holder["size"] * 8
        answer = local.client.call("field.offset", type="struct H323_UserInformation", path=".".join(DEEPEST[: i + 1]))
        assert answer["steps"] == [{"offset": bit // 8, "deref": False}]
        assert answer["size"] == holder["size"]
    assert (n_types, answer["type"]) == (18, "unsigned int")
