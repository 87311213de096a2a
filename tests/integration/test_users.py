"""type.users against a scan of everything, written here: what each struct, function, variable and typedef leads to."""

import collections
import contextlib
import os
import shutil

import pytest

import harness
import rawbtf

CLASSES = {"struct": "struct", "union": "union", "enum": "enum", "enum64": "enum", "typedef": "typedef", "int": "int",
           "float": "float"}
MAX_MODULES = 30
MAX_PLACES = 16


def class_of(each):
    if each.kind == "fwd":
        return "union" if each.flag else "struct"
    return CLASSES.get(each.kind)


class Scan:
    """`users`: by the id of what is used, {user's id: [(relation, path or parameter or None), ...]}."""

    def __init__(self, btf):
        self.btf = btf
        self.users = collections.defaultdict(lambda: collections.defaultdict(list))
        for each in btf.named():
            for used, relation, where in self.uses(each):
                self.users[used][each.id].append((relation, where))

    def uses(self, each):
        types = self.btf.types
        if each.kind in rawbtf.COMPOSITES:
            yield from self.members(each, "", "embeds", "points")
        elif each.kind == "typedef":
            yield from self.whole(each, "typedef", "embeds", "points")
        elif each.kind == "var":
            yield from self.whole(each, "variable", "variable", "variable")
        elif each.kind == "func":
            proto = types[each.ref]
            for i, (_, param) in enumerate(proto.tail):
                for used, _, _ in self.names(param):
                    yield used, "takes", i
            for used, _, _ in self.names(proto.ref):
                yield used, "returns", None

    def whole(self, each, relation, value, pointer):
        """A typedef or variable: its type, or its type's members if that has no name."""
        for used, _, _ in self.names(each.ref):
            yield used, relation, None
        unnamed, is_array = self.unnamed(each.ref)
        if unnamed:
            yield from self.members(unnamed, "[0]" if is_array else "", value, pointer)

    def members(self, composite, path, value, pointer):
        for name_offset, member_type, _ in composite.tail:
            name = self.btf.string(name_offset)
            here = f"{path}.{name}" if path and name else path + name
            for used, is_pointer, _ in self.names(member_type):
                yield used, pointer if is_pointer else value, here
            unnamed, is_array = self.unnamed(member_type)
            if unnamed:
                yield from self.members(unnamed, here + "[0]" if is_array else here, value, pointer)

    def names(self, type_id):
        """(id, whether it is behind a pointer, whether in an array) of each name on the way."""
        is_pointer = is_array = False
        while True:
            each = self.btf.types[type_id]
            if each.kind == "array":
                is_array, type_id = True, each.tail[0]
            elif each.kind == "ptr":
                is_pointer, type_id = True, each.ref
            elif each.kind in rawbtf.MODIFIERS:
                if each.kind == "typedef":
                    yield type_id, is_pointer, is_array
                type_id = each.ref
            else:
                if each.name and class_of(each):
                    yield type_id, is_pointer, is_array
                return

    def unnamed(self, type_id):
        """The struct or union without any name that an object of this type is, and whether in an array."""
        is_array = False
        while True:
            each = self.btf.types[type_id]
            if each.kind == "array":
                is_array, type_id = True, each.tail[0]
            elif each.kind in rawbtf.QUALIFIERS:
                type_id = each.ref
            else:
                return (each if each.kind in rawbtf.COMPOSITES and not each.name else None), is_array


@contextlib.contextmanager
def served(checker, directory, names):
    """A daemon on that vmlinux and these modules."""
    path = harness.temporary_directory()
    for name in ["vmlinux"] + names:
        os.symlink(os.path.join(directory, name), os.path.join(path, name))
    daemon = harness.Daemon(checker, path)
    try:
        daemon.wait_ready()
        with daemon.client() as client:
            yield client
        daemon.stop()
    finally:
        daemon.kill()
        shutil.rmtree(path)


def corpus(name):
    directory = harness.corpus(name)
    if not directory:
        pytest.skip(f"BTFD_CORPUS names no folder with {name}")
    return directory


def pages_of(client, params, result):
    """The users on all pages of which `result` is the first."""
    users = list(result["users"])
    count = result["count"]
    while "cursor" in result:
        result = client.call("type.users", cursor=result["cursor"], **params)
        users += result["users"]
    assert len(users) == count, params
    return users


def all_users(client, **params):
    params["limit"] = 1000
    return pages_of(client, params, client.call("type.users", **params))


def spell(btf, type_id):
    """A type down to the first names, without what the daemon sees through as well."""
    each = btf.types[type_id]
    while each.kind in rawbtf.MODIFIERS:
        each = btf.types[each.ref]
    if each.kind == "ptr":
        return "*", spell(btf, each.ref)
    if each.kind == "array":
        return each.tail[2], spell(btf, each.tail[0])
    if each.kind == "func_proto":
        return tuple([spell(btf, each.ref)] + [spell(btf, param) for _, param in each.tail])
    return (class_of(each), each.name) if each.name else shape(btf, each)


def shape(btf, each):
    """What tells definitions of one name apart."""
    if each.kind in rawbtf.COMPOSITES:
        return each.ref, tuple((btf.string(name), spell(btf, member), at) for name, member, at in each.tail)
    if each.kind == "typedef":
        return spell(btf, each.ref)
    return each.ref, tuple((btf.string(value[0]), value[1:]) for value in each.tail) if class_of(each) == "enum" else 0


def is_meant(btf, target, used, namesakes):
    """Whether a use of `used` means `target`, among the types of its name and class."""
    definitions = {shape(btf, each) for each in namesakes if not each.is_declaration()}
    if len(definitions) <= 1:
        return True
    if used.is_declaration() or target.is_declaration():
        return used.is_declaration() and target.is_declaration()
    return used.id == target.id or shape(btf, used) == shape(btf, target)


def is_repeated(btf, namesakes, users, user):
    """Whether an earlier user of that name says the same: they are listed once."""
    each = btf.types[user]
    return class_of(each) is not None and any(
        other.id < user and other.id in users and other.kind == each.kind and shape(btf, other) == shape(btf, each)
        for other in namesakes[class_of(each), each.name])


def compare_user(btf, target, user, uses):
    what = f"{target.kind} {target.name} used by {user['kind']} {user['name']}"
    order = ["embeds", "points", "takes", "returns", "variable", "typedef"]
    assert user["relations"] == [each for each in order if any(each == relation for relation, _ in uses)], what
    assert user["uses"] == len(uses), what
    assert len(user["places"]) == min(len(uses), MAX_PLACES), what
    expected = [dict({"relation": relation}, **({"param": where} if relation == "takes" else
                                                {} if where is None else {"path": where}))
                for relation, where in uses[:MAX_PLACES]]
    assert [{key: value for key, value in each.items() if key != "type"} for each in user["places"]] == expected, what
    assert all(each["type"] for each in user["places"])
    assert (user["source"], user["name"], user["kind"]) == (
        btf.source, btf.types[user["id"]].name, btf.types[user["id"]].kind)


@pytest.mark.parametrize("kernel", ["local-6.18", "debian-6.1-s390x", "debian-7.2-cloud-amd64"])
def test_every_type_of_a_vmlinux(checker, capsys, kernel):
    """Each named type, by its id: who uses it, how and where, in the order of the list."""
    directory = corpus(kernel)
    btf = rawbtf.RawBtf(os.path.join(directory, "vmlinux"))
    scan = Scan(btf)
    namesakes = collections.defaultdict(list)
    for each in btf.named():
        namesakes[class_of(each), each.name].append(each)
    targets = [each for each in btf.named() if class_of(each)]
    counts = collections.Counter()
    with served(checker, directory, []) as client:
        questions = [{"source": "vmlinux", "instance": 1, "id": each.id, "limit": 1000} for each in targets]
        for target, (params, response) in zip(targets, client.stream("type.users", questions, size=8)):
            same = namesakes[class_of(target), target.name]
            expected = collections.defaultdict(list)
            for each in same:
                if is_meant(btf, target, each, same):
                    for user, uses in scan.users[each.id].items():
                        expected[user] += uses
            result = response["result"]
            counts["types"] += 1
            counts["users"] += result["count"]
            counts["of several definitions"] += len(same) > 1
            order = sorted((user for user in expected if not is_repeated(btf, namesakes, expected, user)),
                           key=lambda user: (btf.types[user].name, user))
            assert result["count"] == len(order), f"{target.kind} {target.name}"
            assert [user["id"] for user in result["users"]] == order[:1000], f"{target.kind} {target.name}"
            for user in result["users"]:
                compare_user(btf, target, user, expected[user["id"]])
    with capsys.disabled():
        print(f"\n{kernel}: " + ", ".join(f"{number} {what}" for what, number in counts.items()))
    assert counts["users"] > 100000 and counts["of several definitions"] > 10


def test_long_lists_in_pages(checker):
    """Those that no page holds, whole and in order."""
    directory = corpus("local-6.18")
    btf = rawbtf.RawBtf(os.path.join(directory, "vmlinux"))
    scan = Scan(btf)
    with served(checker, directory, []) as client:
        for name, kind in [("list_head", "struct"), ("u32", "typedef"), ("file", "struct"), ("bool", "typedef")]:
            target, = [each for each in btf.named() if (each.name, each.kind) == (name, kind)]
            users = all_users(client, type=name, kind=kind)
            order = sorted(scan.users[target.id], key=lambda user: (btf.types[user].name, user))
            assert [user["id"] for user in users] == order
            assert len(users) > 1000
            for relation in ["embeds", "points", "takes", "returns", "variable", "typedef"]:
                some = all_users(client, type=name, kind=kind, relations=[relation])
                assert [user["id"] for user in some] == [
                    user for user in order if any(each == relation for each, _ in scan.users[target.id][user])]
            some = all_users(client, type=name, kind=kind, relations=["embeds", "returns"])
            assert {tuple(user["relations"]) for user in some} <= {("embeds",), ("returns",), ("embeds", "returns")}


def test_modules(checker, capsys):
    """With modules, users of all sources together, by name: who says the same as another is listed once."""
    directory = corpus("debian-7.2-cloud-amd64")
    names = rawbtf.module_names(directory)
    names = names[:: max(1, len(names) // MAX_MODULES)] + ["nf_tables", "bonding", "hdlc_ppp", "xfs"]
    names = sorted(set(names) & set(rawbtf.module_names(directory)))
    vmlinux = rawbtf.RawBtf(os.path.join(directory, "vmlinux"))
    scans = [Scan(vmlinux)] + [Scan(rawbtf.RawBtf(os.path.join(directory, name), vmlinux)) for name in names]
    users, definitions = collections.defaultdict(set), collections.defaultdict(set)
    for scan in scans:
        types = scan.btf.types
        for each in scan.btf.named():
            if class_of(each) and not each.is_declaration():
                definitions[class_of(each), each.name].add(shape(scan.btf, each))
        for used, by in scan.users.items():
            for user in by:
                users[class_of(types[used]), types[used].name].add((types[user].name, types[user].kind))
    targets = [key for key, shapes in definitions.items() if len(shapes) == 1 and users[key]]
    targets = [key for key in targets if key[0] in ("struct", "union", "typedef")][::5]
    with served(checker, directory, names) as client:
        n_users = 0
        for kind, name in targets:
            found = all_users(client, type=name, kind=kind)
            assert {(user["name"], user["kind"]) for user in found} == users[kind, name], (kind, name)
            data = [(user["name"], user["source"]) for user in found if user["kind"] == "func"]
            assert len(data) <= len(found)
            n_users += len(found)
        for scan in scans[1:]:
            check_functions(client, scan, definitions)
    with capsys.disabled():
        print(f"\n{len(names)} modules: {len(targets)} types, {n_users} users")
    assert len(targets) > 1000


def check_functions(client, scan, definitions):
    """Each function of a module that takes what only this module has."""
    btf = scan.btf
    for each in btf.named():
        if each.kind != "struct" or len(definitions["struct", each.name]) != 1 or not scan.users[each.id]:
            continue
        expected = {user for user in scan.users[each.id] if btf.types[user].kind == "func"}
        found = all_users(client, type=f"struct {each.name}", relations=["takes", "returns"])
        assert expected <= {user["id"] for user in found if user["source"] == btf.source}, each.name


def test_transitive_embedding(checker):
    """Everything that holds a type at any depth, each with a path that leads there."""
    directory = corpus("local-6.18")
    btf = rawbtf.RawBtf(os.path.join(directory, "vmlinux"))
    scan = Scan(btf)
    with served(checker, directory, []) as client:
        for name in ["rb_node", "work_struct", "list_head", "dentry", "spinlock"]:
            target, = [each for each in btf.named() if (each.name, each.kind) == (name, "struct")]
            holders, pending, depths = set(), [target.id], {target.id: 0}
            while pending:
                used = pending.pop(0)
                for user, uses in scan.users[used].items():
                    if user not in holders and any(relation == "embeds" for relation, _ in uses):
                        holders.add(user)
                        depths[user] = depths[used] + 1
                        pending.append(user)
            found = all_users(client, type=f"struct {name}", transitive=True)
            assert {user["id"] for user in found} == holders
            assert [(user["name"], user["id"]) for user in found] == sorted(
                (user["name"], user["id"]) for user in found)
            for user in found:
                assert user["depth"] == depths[user["id"]]
                assert user["relations"] == ["embeds"]
            for user in found[:: max(1, len(found) // 200)]:
                check_path(client, user, name)


def check_path(client, user, name):
    """The path leads to such a struct, as field.offset has it."""
    place, = user["places"]
    field = client.call("field.offset", source=user["source"], instance=user["instance"], id=user["id"],
                        path=place["path"])
    assert field["type"] == place["type"]
    assert name in place["type"] or client.call("type.get", type=place["type"].split("[")[0])["type"], user
    assert len(field["steps"]) == 1, "what is embedded needs no pointer"


def test_a_typedef_has_only_those_that_go_through_it(checker):
    directory = corpus("local-6.18")
    with served(checker, directory, []) as client:
        by_typedef = {user["id"] for user in all_users(client, type="spinlock_t")}
        by_struct = {user["id"] for user in all_users(client, type="struct spinlock")}
        assert by_typedef < by_struct | {-1}
        spinlock_t = client.call("type.get", type="spinlock_t")["id"]
        assert spinlock_t in by_struct and spinlock_t not in by_typedef


def test_of_two_structs_of_one_name_each_has_its_own(checker):
    """vmlinux's two struct console."""
    with served(checker, corpus("local-6.18"), []) as client:
        serial = all_users(client, type="console", size=280)
        virtual = all_users(client, type="console", size=40)
        assert "register_console" in {user["name"] for user in serial}
        assert "register_console" not in {user["name"] for user in virtual}
        assert not {user["id"] for user in serial} & {user["id"] for user in virtual}
        assert {user["name"] for user in virtual} >= {"port"}


@pytest.mark.parametrize("params,reason", [
    ({}, "invalid-params"),
    ({"type": ""}, "invalid-params"),
    ({"type": "list_head", "relations": []}, "invalid-params"),
    ({"type": "list_head", "relations": ["uses"]}, "invalid-params"),
    ({"type": "list_head", "relations": "embeds"}, "invalid-params"),
    ({"type": "list_head", "relations": [1]}, "invalid-params"),
    ({"type": "list_head", "transitive": 1}, "invalid-params"),
    ({"type": "list_head", "transitive": True, "relations": ["embeds", "points"]}, "invalid-params"),
    ({"type": "list_head", "limit": 0}, "invalid-params"),
    ({"type": "list_head", "limit": 1001}, "invalid-params"),
    ({"type": "list_head", "limit": -5}, "invalid-params"),
    ({"type": "list_head", "cursor": "AAAA"}, "stale-cursor"),
    ({"type": "no_such_type_at_all"}, "name-not-found"),
    ({"type": "vfs_read", "kind": "func"}, "wrong-kind"),
    ({"type": "list_head", "source": "nosuch"}, "source-not-found"),
    ({"source": "vmlinux", "instance": 999999, "id": 1}, "stale-id"),
    ({"source": "vmlinux", "instance": 1, "id": 2**40}, "name-not-found"),
    ({"type": "*"}, "name-not-found"),
])
def test_what_is_refused(client, params, reason):
    assert client.fail("type.users", **params).reason == reason


def test_a_cursor_belongs_to_its_question(client):
    cursor = client.call("type.users", type="struct list_head", limit=2)["cursor"]
    assert client.call("type.users", type="struct list_head", limit=5, cursor=cursor)["users"]
    for params in [{"type": "list_head"}, {"type": "struct hlist_node"},
                   {"type": "struct list_head", "relations": ["embeds"]},
                   {"type": "struct list_head", "transitive": True}]:
        assert client.fail("type.users", cursor=cursor, **params).reason == "stale-cursor"
    other = client.call("type.find", name="*", limit=2)["cursor"]
    assert client.fail("type.users", type="struct list_head", cursor=other).reason == "stale-cursor"
