"""Paths that begin at a function's argument or a variable, or pass a cast or a container_of()."""

import collections

from reference import COMPOSITES
from sample import Path, Segment

N_TRIED = 20000  # random choices a category; many lead nowhere
MAX_IN_REGISTERS = 16  # bytes of a struct that is passed by value


class Further:
    """Adds to a Sample."""

    def __init__(self, sample):
        self.sample, self.walk = sample, sample.walk
        self.kernel, self.header, self.random = self.walk.kernel, self.walk.header, self.walk.random
        self.pointers = collections.defaultdict(list)  # (root, member) by what is pointed to
        self.embedded = collections.defaultdict(list)  # by what the member is
        for root, member in sample.flat:
            found = self.kernel.strip(member.type_id)
            if found["kind"] == "PTR":
                self.pointers[self.kernel.strip(found["type_id"])["id"]].append((root, member))
            elif found["kind"] in COMPOSITES:
                self.embedded[found["id"]].append((root, member))
        self.choose_casts()
        self.choose_array_casts()
        self.choose_containers()
        self.choose_arguments()
        self.choose_variables()
        self.choose_alternatives()

    def try_often(self, category, make):
        for _ in range(N_TRIED):
            if self.sample.is_full(category):
                return
            path = make()
            if path:
                self.sample.take(category, path)

    def go_on(self, path, separator="->"):
        """To a member of the struct that the path has come to, and perhaps further."""
        found = self.kernel.strip(path.type_id)
        path = self.walk.member(path, self.random.choice(self.walk.flatten(found)), separator)
        if self.random.random() < 0.5:
            path = self.walk.walk_somewhere(path)
        pointee = self.walk.pointee(path)
        if pointee and self.walk.has_members(pointee) and self.random.random() < 0.5:
            path = self.walk.step_through(path, self.random.choice(self.walk.flatten(pointee)))
        return path

    def turned(self, path, text, segments, type_id, size):
        """A path that goes on in an object of another type."""
        path = path.grown("", "", type_id)
        path.text, path.segments, path.object_size = text, segments, size
        path.is_const, path.beyond = False, ""
        return path

    # -- casts

    def some_root(self):
        root = self.random.choice(self.sample.roots)
        return root, self.header.names[root]

    def some_pointer(self):
        """A path to a member that a cast can make a pointer of, at times behind another pointer."""
        path = self.walk.member(*self.random.choice(self.sample.flat))
        pointee = self.walk.pointee(path)
        if pointee and self.walk.has_members(pointee) and self.random.random() < 0.3:
            path = self.walk.step_through(path, self.random.choice(self.walk.flatten(pointee)))
        found = self.kernel.strip(path.type_id)
        is_address = found["kind"] == "INT" and found["size"] == self.kernel.pointer_size and not path.n_bits
        return path if found["kind"] == "PTR" or is_address else None

    def choose_casts(self):
        self.try_often("cast", self.make_cast)

    def make_cast(self):
        path = self.some_pointer()
        if not path:
            return None
        root, name = self.some_root()
        size, choice = self.kernel.size(root), self.random.random()
        if choice < 0.15:
            return self.cast_to_number(path)
        if choice < 0.3:
            i = self.random.choice([0, 3])
            segments = [*path.segments, Segment(i, "", f"{name} *", "0"), Segment(0, "", None, "0")]
            return self.go_on(self.turned(path, f"(({name} **){path.text})[{i}]", segments, root, size))
        turned = self.turned(path, f"(({name} *){path.text})", [*path.segments, Segment(0, "", name, "0")], root, size)
        turned = self.go_on(turned)
        if self.random.random() < 0.2 and self.walk.pointee(turned):
            # A cast of what a cast led to.
            root, name = self.some_root()
            segments = [*turned.segments, Segment(0, "", name, "0")]
            turned = self.turned(turned, f"(({name} *){turned.text})", segments, root, self.kernel.size(root))
            turned = self.go_on(turned)
        return turned

    def cast_to_number(self, path):
        number = self.random.choice([each for each in self.kernel.types if each["kind"] == "INT" and "char" not in each["name"]
                                     and each["size"] <= 8 and each["name"].split()[-1] in ("int", "_Bool")])
        i = self.random.choice([0, 5])
        segments = [*path.segments, Segment(i, "", number["name"], "0")]
        return self.turned(path, f"(({number['name']} *){path.text})[{i}]", segments, number["id"], number["size"])

    def choose_array_casts(self):
        """An array stands for the address of its first element: what is cast to lies in the object itself."""
        arrays = [(root, member) for root, member in self.sample.flat
                  if self.kernel.strip(member.type_id)["kind"] == "ARRAY" and (self.kernel.size(member.type_id) or 0) > 8]
        self.try_often("array cast", lambda: self.make_array_cast(*self.random.choice(arrays)))

    def make_array_cast(self, root, member):
        path = self.walk.member(root, member)
        into, name = self.some_root()
        last = path.segments[-1]
        if self.kernel.size(into) > self.kernel.size(member.type_id):
            return None
        segments = [Segment(0, "", name, f"(check_s64)__builtin_offsetof({last.type}, {last.designator})")]
        return self.go_on(self.turned(path, f"(({name} *){path.text})", segments, into, self.kernel.size(into)))

    # -- container_of

    def choose_containers(self):
        members = [each for found in self.embedded.values() for each in found]
        self.try_often("container_of", lambda: self.make_container(*self.random.choice(members)))

    def make_container(self, outer, member):
        """From some address of what `member` of `outer` is, or of what it holds, to the outer one."""
        inside = self.walk.member(outer, member)
        while self.random.random() < 0.3:
            held = [each for each in self.walk.flatten(self.kernel.strip(inside.type_id))
                    if self.kernel.strip(each.type_id)["kind"] in COMPOSITES]
            if not held:
                break
            inside = self.walk.member(inside, self.random.choice(held))
        name, designator = outer.segments[0].type, inside.segments[0].designator
        back = f"-(check_s64)__builtin_offsetof({name}, {designator})"
        address = self.some_address(self.kernel.strip(inside.type_id)["id"])
        if not address:
            return None
        path, text, segments = address
        segments = [*segments[:-1], segments[-1]._replace(type=name, before=f"{segments[-1].before} {back}")]
        text = f"container_of({text}, {name}, {designator})"
        return self.go_on(self.turned(path, text, segments, outer.type_id, outer.object_size))

    def some_address(self, type_id):
        """(path, text, segments) of a pointer to that, or of the object or a member that is it."""
        choice = self.random.random()
        if choice < 0.6 and self.pointers[type_id]:
            path = self.walk.member(*self.random.choice(self.pointers[type_id]))
            return path, path.text, [*path.segments, Segment(0, "", None, "0")]
        if choice < 0.8 and self.embedded[type_id]:
            path = self.walk.member(*self.random.choice(self.embedded[type_id]))
            first = path.segments[0]
            before = f"(check_s64)__builtin_offsetof({first.type}, {first.designator})"
            return path, f"&{path.text}", [Segment(0, "", None, before)]
        if type_id in self.header.names:
            path = self.walk.start(type_id)
            return path, "&.", [Segment(0, "", None, "0")]
        return None

    # -- other roots

    def once(self, kind):
        """Those of a kind whose name no other one has."""
        found = [each for each in self.kernel.types if each["kind"] == kind]
        counts = collections.Counter(each["name"] for each in found)
        return [each for each in found if counts[each["name"]] == 1]

    def begin(self, params, text, type_id):
        """At an object of a named struct; None for other types."""
        composite = self.kernel.strip(type_id)
        if composite["id"] not in self.header.names or not self.walk.has_members(composite):
            return None
        path = Path(params, composite["id"], self.header.names[composite["id"]], composite["size"])
        path.text, path.is_const = text, self.walk.is_const(type_id)
        return path

    def choose_arguments(self):
        functions = self.once("FUNC")
        self.try_often("argument", lambda: self.make_argument(self.random.choice(functions)))

    def make_argument(self, function):
        proto = self.kernel.types[function["type_id"]]
        params = proto["params"]
        i = self.random.randrange(len(params) + 1)
        if i < len(params):
            name, type_id = params[i]["name"], params[i]["type_id"]
            argument = {"index": i, "name": name, **self.slot(params, i)}
        else:
            name, type_id, argument = "return", proto["ret_type_id"], {"returns": True}
        if name == "(anon)" or [each["name"] for each in params].count(name) > 1:
            return None
        found, separator = self.kernel.strip(type_id), "."
        if found["kind"] == "PTR":
            type_id, separator = found["type_id"], "->"
        elif found["kind"] in COMPOSITES:
            argument["by_value"] = True
        path = self.begin({"func": function["name"]}, name, type_id)
        if path:
            path = self.go_on(path, separator)
            path.argument = argument
        return path

    def slot(self, params, i):
        """As many register-sized slots as those before it fill, unless one of them is not passed in registers."""
        sizes = [self.kernel.size(each["type_id"]) or 0 for each in params[: i + 1]]
        if any(size > MAX_IN_REGISTERS and self.kernel.strip(each["type_id"])["kind"] in COMPOSITES
               for size, each in zip(sizes, params)):
            return {}
        return {"slot": sum(max(1, -(-size // self.kernel.pointer_size)) for size in sizes[:i])}

    def choose_variables(self):
        places = {}
        for section in (each for each in self.kernel.types if each["kind"] == "DATASEC"):
            for each in section["vars"]:
                places[each["type_id"]] = {"section": section["name"], "offset": each["offset"], "size": each["size"]}
        variables = self.once("VAR")
        self.random.shuffle(variables)
        for variable in variables * 3:
            path = self.begin({"var": variable["name"]}, "", variable["type_id"])
            if path:
                path = self.go_on(path, ".")
                path.variable = places.get(variable["id"])
                self.sample.take("variable", path)

    def choose_alternatives(self):
        known = [path for _, path in self.sample.paths if not path.n_bits]
        self.try_often("alternative", lambda: self.make_alternative(self.random.choice(known)))

    def make_alternative(self, known):
        path = known.grown("", "", known.type_id)
        path.is_flexible, path.which = known.is_flexible, 1
        return path
