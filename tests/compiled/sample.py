"""Chooses paths: a walk over bpftool's dump that knows nothing of the daemon.

A Path is written down twice while it grows: as the daemon is asked, and as segments of C, a new one for each pointer
followed. So where a step ends, and with which designator, follows from BTF and C alone.

Here is what goes down from an object of a type; further.py has what else a path may begin with or pass.
"""

import collections
import random

from reference import COMPOSITES, ENUMS, IDENTIFIER

SEED = 4
# How many paths of each category, at most; together well above the 2,000 that a kernel gets at least.
QUOTAS = {
    "plain member": 1000, "unnamed members": 800, "nested": 1500, "array": 1000, "bitfield": 800, "signed bitfield": 100,
    "bitfield further down": 250, "pointer": 2000, "flexible array": 300, "enum": 300, "union": 500, "typedef": 300,
    "several definitions": 80, "cast": 600, "array cast": 150, "container_of": 600, "argument": 500, "variable": 150,
    "alternative": 60,
}
N_DEEPEST = 100  # of the unnamed and of the nested ones: those that go deepest
OBJECT_MAX = 64 * 1024  # bytes; check.h's CHECK_OBJECT_MAX
MAX_FOLLOWED = 5  # pointers in a row
FAR = 1000  # an index that no bound stops: of flexible arrays and of pointers

Member = collections.namedtuple("Member", "name type_id n_bits depth in_union is_last")
# `type` is C's name of the object that `designator` begins at, None for what the segment before points to; it lies `before`
# (bytes, in C) and `index` objects on from where the step begins.
Segment = collections.namedtuple("Segment", "index designator type before")


class Path:
    """`text` is the daemon's, `params` what else it is asked with."""

    def __init__(self, params, type_id, name, object_size):
        self.params = params
        self.type_id = type_id
        self.text = ""
        self.segments = [Segment(0, "", name, "0")]
        self.argument = self.variable = self.which = None  # what the daemon has to say of it
        self.object_size = object_size  # bytes from where the last segment begins, up to what it may reach
        self.n_bits = 0
        self.is_signed = False  # of a bitfield
        self.n_members = 0
        self.n_unnamed = 0
        self.is_const = False  # what it leads to may not be written
        self.is_flexible = False
        self.beyond = ""  # the designator of a flexible array's element, which lies behind the object's end

    def question(self):
        """As field.offset is asked. Where a choice is expected, the first alternative leads nowhere."""
        asked = {**self.params, "path": self.text}
        if self.which is None:
            return asked
        return {"any": [{**asked, "path": f"{self.text}.no_such_member"}, asked]}

    def grown(self, text, designator, type_id):
        """A longer path, in the same object."""
        path = Path.__new__(Path)
        path.__dict__.update(self.__dict__)
        last = self.segments[-1]
        path.segments = [*self.segments[:-1], last._replace(designator=last.designator + designator)]
        path.text += text
        path.type_id = type_id
        path.n_bits, path.is_flexible = 0, False
        return path


class Walk:
    """What BTF lets one write behind an object, and random choices among it."""

    def __init__(self, kernel, header, seed):
        self.kernel, self.header = kernel, header
        self.random = random.Random(seed)
        self.members = {}  # by composite id
        self.depths = {}  # likewise

    # -- what a composite holds

    def flatten(self, composite):
        """Its members that exactly one name reaches, unnamed ones being transparent."""
        if composite["id"] not in self.members:
            found = list(self.gather(composite))
            counts = collections.Counter(each.name for each in found)
            self.members[composite["id"]] = [each for each in found if counts[each.name] == 1]
        return self.members[composite["id"]]

    def gather(self, composite):
        pending = [(composite, 0, False)]
        while pending:
            holder, depth, in_union = pending.pop()
            in_union = in_union or holder["kind"] == "UNION"
            for member in holder["members"]:
                inner = self.kernel.strip(member["type_id"])
                if member["name"] == "(anon)" and inner["kind"] in COMPOSITES:
                    pending.append((inner, depth + 1, in_union))
                elif IDENTIFIER.match(member["name"]):
                    is_last = holder["kind"] == "UNION" or member is holder["members"][-1]
                    yield Member(member["name"], member["type_id"], member.get("bitfield_size", 0), depth, in_union,
                                 is_last)

    def has_members(self, found):
        return found["kind"] in COMPOSITES and bool(self.flatten(found))

    def pointee(self, path):
        """What the path's pointer points to, or None."""
        found = self.kernel.strip(path.type_id)
        return self.kernel.strip(found["type_id"]) if found["kind"] == "PTR" else None

    def element(self, type_id):
        found = self.kernel.strip(type_id)
        while found["kind"] == "ARRAY":
            found = self.kernel.strip(found["type_id"])
        return found

    def depth(self, composite):
        """How many structs and unions lie in each other, at most."""
        if composite["id"] not in self.depths:
            self.depths[composite["id"]] = 1 + max(map(self.depth_below, self.flatten(composite)), default=0)
        return self.depths[composite["id"]]

    def depth_below(self, member):
        found = self.element(member.type_id)
        return member.depth + (self.depth(found) if found["kind"] in COMPOSITES else 0)

    def encoding(self, member):
        return self.kernel.strip(member.type_id).get("encoding")

    def is_const(self, type_id):
        """Whether `const` stands before an object of this type, or before an array's elements."""
        while True:
            found = self.kernel.types[type_id]
            if found["kind"] not in ("CONST", "TYPEDEF", "VOLATILE", "RESTRICT", "TYPE_TAG", "ARRAY"):
                return False
            if found["kind"] == "CONST":
                return True
            type_id = found["type_id"]

    # -- growing a path

    def start(self, root):
        """At an object of a type, by its name if that is the only one."""
        found, name = self.kernel.types[root], self.header.names[root]
        is_plain = found["kind"] == "TYPEDEF" or self.header.n_of_tag[found["name"]] == 1
        params = {"type": name} if is_plain else {"source": "vmlinux", "instance": 1, "id": root}
        return Path(params, root, name, self.kernel.size(root))

    def member(self, path, member, separator="."):
        designator = ("." if path.segments[-1].designator else "") + member.name
        text = (separator if path.text or separator == "->" else "") + member.name
        path = path.grown(text, designator, member.type_id)
        path.n_bits, path.is_signed = member.n_bits, self.encoding(member) == "SIGNED"
        path.n_members += 1
        path.n_unnamed += member.depth
        path.is_const = path.is_const or self.is_const(member.type_id)
        array = self.kernel.strip(member.type_id)
        path.is_flexible = array["kind"] == "ARRAY" and array["nr_elems"] == 0 and member.is_last
        return path

    def index(self, path):
        """Some element of the array that the path leads to."""
        array = self.kernel.strip(path.type_id)
        last = array["nr_elems"] - 1 if array["nr_elems"] else FAR
        i = self.random.choice([0, last, self.random.randint(0, last)])
        element = path.grown(f"[{i}]", f"[{i}]", array["type_id"])
        if path.is_flexible:
            element.beyond = element.segments[-1].designator
            element.object_size += (i + 1) * (self.kernel.size(array["type_id"]) or 0)
        return element

    def can_index(self, path):
        found = self.kernel.strip(path.type_id)
        return found["kind"] == "ARRAY" and (found["nr_elems"] > 0 or path.is_flexible)

    def index_all(self, path):
        while self.can_index(path):
            path = self.index(path)
        return path

    def follow(self, path, i):
        """To the object at index `i` behind the pointer; the caller writes down how."""
        pointee = self.kernel.strip(path.type_id)["type_id"]
        path = path.grown("", "", pointee)
        path.beyond = ""
        path.segments.append(Segment(i, "", None, "0"))
        path.object_size = (i + 1) * self.kernel.size(pointee)
        path.is_const = self.is_const(pointee)
        return path

    def step_through(self, path, member):
        """Through the pointer that the path leads to, to a member of what is there."""
        if self.random.random() < 0.75:
            return self.member(self.follow(path, 0), member, "->")
        return self.member(self.step_to(path), member)

    def step_to(self, path):
        i = self.random.choice([0, 1, 7, FAR])
        path = self.follow(path, i)
        path.text += f"[{i}]"
        return path

    def walk(self, path, choose):
        """Down to a leaf of what is embedded here."""
        while True:
            array = path
            path = self.index_all(path)
            found = self.kernel.strip(path.type_id)
            if not self.has_members(found):
                return path
            member = choose(self.flatten(found))
            if self.can_index(array) and path.text == array.text + "[0]" and self.random.random() < 0.5:
                # In C an array on the left of `->` stands for its first element.
                path.text = array.text
                path = self.member(path, member, "->")
            else:
                path = self.member(path, member)

    def walk_somewhere(self, path):
        return self.walk(path, self.random.choice)

    def walk_deepest(self, path):
        return self.walk(path, lambda members: max(members, key=self.depth_below))


class Sample:
    """`paths` are (category, Path), no path of a root twice."""

    def __init__(self, walk):
        self.walk, self.random = walk, walk.random
        self.paths = []
        self.counts = collections.Counter()
        self.seen = set()
        self.choose_roots(walk.header)
        self.flat = [(walk.start(root), member) for root in self.roots
                     for member in walk.flatten(walk.kernel.strip(root))]
        self.random.shuffle(self.flat)
        self.choose_unnamed()
        self.choose_members()
        self.choose_nested()
        self.choose_arrays()
        self.choose_followed()
        self.choose_roots_of_other_kinds()

    def choose_roots(self, header):
        walk = self.walk
        numbered = {type_id for type_id, _ in header.numbered}
        roots = [each for each in header.names if walk.has_members(walk.kernel.strip(each))]
        self.random.shuffle(roots)
        self.typedefs = [each for each in roots if walk.kernel.types[each]["kind"] == "TYPEDEF"]
        self.numbered = [each for each in roots if each in numbered]
        self.roots = [each for each in roots if each not in numbered and each not in self.typedefs]

    def take(self, category, path):
        key = str(path.question())
        if self.is_full(category) or key in self.seen:
            return
        if path.n_bits and (path.is_const or path.object_size > OBJECT_MAX):
            return
        self.seen.add(key)
        self.counts[category] += 1
        self.paths.append((category, path))

    def is_full(self, category):
        return self.counts[category] >= QUOTAS[category]

    def kind(self, member):
        return self.walk.kernel.strip(member.type_id)["kind"]

    def choose_members(self):
        """One step, by what the member is."""
        for root, member in self.flat:
            path = self.walk.member(root, member)
            if member.n_bits:
                self.take("signed bitfield" if path.is_signed else "bitfield", path)
            elif path.is_flexible:
                self.take("flexible array", path)
                self.take("flexible array", self.walk.walk_somewhere(self.walk.index(path)))
            elif self.kind(member) in ENUMS:
                self.take("enum", path)
            elif member.in_union:
                self.take("union", path)
            elif not member.depth:
                self.take("plain member", path)

    def choose_unnamed(self):
        """The deepest first; shuffled as they are, those of a depth stay mixed."""
        unnamed = [each for each in self.flat if each[1].depth]
        deepest = sorted(unnamed, key=lambda each: -each[1].depth)[:N_DEEPEST]
        for root, member in deepest + unnamed:
            self.take("unnamed members", self.walk.member(root, member))

    def choose_nested(self):
        walk = self.walk
        deepest = sorted(self.roots, key=lambda root: -walk.depth(walk.kernel.strip(root)))[:N_DEEPEST]
        for root in deepest:
            self.take("nested", walk.walk_deepest(walk.start(root)))
        for root, member in self.flat:
            if self.is_full("nested") and self.is_full("bitfield further down"):
                break
            if self.kind(member) in COMPOSITES:
                path = walk.walk_somewhere(walk.member(root, member))
                self.take("bitfield further down" if path.n_bits else "nested", path)

    def choose_arrays(self):
        """An array itself, an element, and if that holds something a leaf of it."""
        for root, member in self.flat:
            if self.is_full("array"):
                break
            path = self.walk.member(root, member)
            if self.walk.can_index(path) and not path.is_flexible:
                path = self.random.choice([path, self.walk.index_all(path)])
                if self.walk.element(member.type_id)["kind"] in COMPOSITES:
                    path = self.walk.walk_somewhere(path)
                self.take("array", path)

    def choose_followed(self):
        """Through one pointer or several; where a struct is embedded behind one, into that."""
        walk = self.walk
        for root, member in self.flat:
            if self.is_full("pointer"):
                break
            path = walk.index_all(walk.member(root, member))
            n_followed = 0
            while n_followed < MAX_FOLLOWED and (pointee := walk.pointee(path)) and walk.has_members(pointee):
                n_followed += 1
                path = self.step(path, walk.flatten(pointee))
                if self.random.random() < 0.3:
                    break
            if n_followed:
                self.take("bitfield further down" if path.n_bits else "pointer", path)

    def step(self, path, members):
        """Preferably to where it goes on; or to an object itself."""
        walk = self.walk
        if self.random.random() < 0.05:
            return walk.step_to(path)
        pointers = [each for each in members if self.kind(each) == "PTR"]
        if pointers and self.random.random() < 0.5:
            return walk.step_through(path, self.random.choice(pointers))
        path = walk.step_through(path, self.random.choice(members))
        return walk.walk_somewhere(path) if self.random.random() < 0.5 else path

    def choose_roots_of_other_kinds(self):
        for category, roots in (("typedef", self.typedefs), ("several definitions", self.numbered)):
            for root in roots * 4:
                path = self.walk.start(root)
                member = self.random.choice(self.walk.flatten(self.walk.kernel.strip(root)))
                self.take(category, self.walk.walk_somewhere(self.walk.member(path, member)))
