"""Proves that the judge can fail: answers that the compiler agrees with, each spoilt in one place, must all be found out."""

import copy

# (what is spoilt, whether an answer has it, how). Each by as little as a plausible bug would.
SPOILERS = [
    ("a step's offset", lambda answer: len(answer["steps"]) > 1,
     lambda answer: answer["steps"][0].update(offset=answer["steps"][0]["offset"] + 8)),
    ("the last step's offset", lambda answer: True,
     lambda answer: answer["steps"][-1].update(offset=answer["steps"][-1]["offset"] + 1)),
    ("offset", lambda answer: "offset" in answer, lambda answer: answer.update(offset=answer["offset"] + 1)),
    ("a missing step", lambda answer: len(answer["steps"]) > 1, lambda answer: answer["steps"].pop(0)),
    ("size", lambda answer: "size" in answer, lambda answer: answer.update(size=answer["size"] + 1)),
    ("a missing size", lambda answer: "size" in answer, lambda answer: answer.pop("size")),
    ("kind", lambda answer: answer["kind"] == "struct", lambda answer: answer.update(kind="union")),
    ("the kind of an array", lambda answer: answer["kind"] == "ptr", lambda answer: answer.update(kind="int")),
    ("elem_size", lambda answer: answer.get("nelems"), lambda answer: answer.update(elem_size=answer["elem_size"] * 2)),
    ("nelems", lambda answer: answer.get("nelems"), lambda answer: answer.update(nelems=answer["nelems"] - 1)),
    ("pointee_size", lambda answer: answer.get("pointee_size"),
     lambda answer: answer.update(pointee_size=answer["pointee_size"] + 1)),
    ("pointee", lambda answer: answer.get("pointee", "").startswith("struct ") and "*" not in answer["pointee"],
     lambda answer: answer.update(pointee="const " + answer["pointee"])),
    ("type", lambda answer: answer["type"] == "int", lambda answer: answer.update(type="unsigned int")),
    ("encoding", lambda answer: answer.get("encoding") == "signed" and "bitfield" not in answer,
     lambda answer: answer.update(encoding="unsigned")),
    ("a bitfield's type", lambda answer: "load" in answer.get("bitfield", {}) and answer["encoding"] == "unsigned",
     lambda answer: answer.update(encoding="signed")),
]
SPOILERS += [
    ("a negative offset", lambda answer: any(step["offset"] < 0 for step in answer["steps"]),
     lambda answer: [step.update(offset=abs(step["offset"])) for step in answer["steps"]]),
    ("the argument", lambda answer: "index" in answer.get("argument", {}),
     lambda answer: answer["argument"].update(index=answer["argument"]["index"] + 1)),
    ("the variable", lambda answer: "variable" in answer,
     lambda answer: answer["variable"].update(offset=answer["variable"]["offset"] + 8)),
    ("the choice", lambda answer: "which" in answer, lambda answer: answer.update(which=0)),
]
for number in ("lshift", "rshift"):
    SPOILERS.append((number, lambda answer: "load" in answer.get("bitfield", {}) and answer["bitfield"]["bit_size"] > 1,
                     lambda answer, name=number: answer["bitfield"]["load"].update(
                         {name: answer["bitfield"]["load"][name] - 1})))
for number in ("bit_offset", "bit_size"):
    SPOILERS.append((number, lambda answer: "load" in answer.get("bitfield", {}),
                     lambda answer, name=number: answer["bitfield"].update({name: answer["bitfield"][name] + 1})))
SPOILERS += [
    ("the load's size", lambda answer: "load" in answer.get("bitfield", {}) and answer["bitfield"]["load"]["size"] > 1,
     lambda answer: answer["bitfield"]["load"].update(size=0)),
    ("the load's sign", lambda answer: answer.get("bitfield", {}).get("load", {}).get("signed"),
     lambda answer: answer["bitfield"]["load"].update(signed=False)),
]


def spoil(asked):
    """(what is spoilt, path, answer) for each spoiler and the first answer that has what it spoils."""
    for what, applies, spoiler in SPOILERS:
        for path, answer in asked:
            if applies(answer):
                answer = copy.deepcopy(answer)
                spoiler(answer)
                yield what, path, answer
                break
        else:
            yield what, None, None
