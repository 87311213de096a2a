/*
 * Parsed BTF: one validated type section that can be asked for any id in constant time.
 *
 * A module's BTF is split: its ids and name offsets continue those of a base, vmlinux's, and its types refer to the
 * base's as to its own. Whoever has a module's `struct btf` may ask it about any id of both; records and strings are
 * found in the file that holds them.
 *
 * btf_new() validates everything before it returns, so that whoever holds a `struct btf` may follow any id,
 * name or member without a check: ids are in range, names end inside the string section, what may not contain
 * itself does not, and modifier chains, embedding and declarators are no deeper than the bounds in format.h.
 *
 * A `struct btf` borrows its base and the bytes it was made from, of which it keeps a copy only if they were of the other
 * byte order. Everything it returns is borrowed from it. It is immutable, so any number of threads may read it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "btf/error.h"
#include "btf/format.h"
#include "util/util.h"

struct btf {
        const struct btf *base; /* NULL if it stands alone */
        const uint8_t *data;    /* the whole file, types in native byte order */
        size_t size;            /* bytes */
        uint8_t *swapped;       /* owned storage behind `data` if it had to be byte-swapped, else NULL */
        const char *strings;    /* the file's own string section */
        uint32_t strings_start; /* the name offset at which it begins: where the base's ends, or 0 */
        uint32_t strings_end;
        uint32_t start_id; /* of the file's first type: what is below is the base's; 0 (void) without one */
        uint32_t n_types;  /* ids are 0 to n_types - 1, the base's included */
        uint32_t sections_begin, sections_end; /* ids of its DATASECs are from the one to below the other */
        size_t types;                          /* byte offset of the type section in `data` */
        uint32_t *records;      /* [id - start_id]: the record's place and kind, see btf_kind() */
        uint8_t *depths;        /* how deep types nest, for what continues this file: chain.c, validate.c */
        uint32_t *stripped;     /* [id - start_id]: what a modifier leads to; NULL if no chain is long */
        size_t layout;          /* byte offset of the layout section in `data` */
        uint32_t layout_length; /* bytes; 0 if there is none */
        uint8_t pointer_size;   /* bytes; from the size of `long`, as BTF does not record it */
        uint8_t wide_align;     /* bytes; what 8-byte integers ask for in structs: align.c */
        bool big_endian;        /* the machine that the types describe */
        bool legacy_bitfields;  /* some INT is narrower than its size: members must be looked at one by one */
};

/* A record's head, decoded. `tail` is for the files of btf/ only. */
struct btf_type {
        uint32_t id;
        enum btf_kind kind;
        bool kind_flag;
        uint32_t vlen;
        uint32_t name_offset;
        uint32_t size_or_type; /* use btf_type_size() or `type` below, by kind */
        size_t tail;           /* byte offset in the file that holds the record */
};

struct btf_member {
        const char *name; /* "" if unnamed */
        uint32_t type;
        uint32_t bit_offset;    /* from the start of the struct */
        uint32_t bitfield_size; /* bits; 0 if it is not a bitfield */
};

struct btf_array {
        uint32_t type;
        uint32_t index_type;
        uint32_t nelems;
};

struct btf_enumerator {
        const char *name;
        uint64_t value; /* sign-extended to 64 bits if the enum is signed (kind_flag) */
};

struct btf_param {
        const char *name; /* "" if unnamed */
        uint32_t type;    /* 0 with an empty name in the last place: `...` */
};

struct btf_secinfo {
        uint32_t type; /* id of the VAR */
        uint32_t offset;
        uint32_t size; /* both in bytes */
};

/*
 * Validates `size` bytes at `data`, as split BTF on `base` if that is not NULL, and indexes them by id. Returns 0;
 * -ENOMEM; or 1 with *ret_error saying which byte is wrong and what was expected there. The bytes and the base must
 * outlive the result. A base has no base itself, as in the kernel.
 */
int btf_new(struct btf **ret, const uint8_t *data, size_t size, const struct btf *base,
            struct btf_error *ret_error);
struct btf *btf_free(struct btf *btf);

/* The word at a byte offset of this very file. */
static inline uint32_t btf_load_u32(const struct btf *btf, size_t offset)
{
        uint32_t value;

        memcpy(&value, btf->data + offset, sizeof(value));
        return value;
}

/* The file that holds an id's record. */
static inline const struct btf *btf_owner(const struct btf *btf, uint32_t id)
{
        return id < btf->start_id ? btf->base : btf;
}

/*
 * A word of `records` is kind:5 (least significant) and the record's offset in the type section, in units of
 * four bytes, of which BTF_MAX_SIZE needs 24 bits. Most questions about an id end with its kind and never
 * read the record.
 */
#define BTF_RECORD_KIND_BITS 5U

static inline enum btf_kind btf_kind(const struct btf *btf, uint32_t id)
{
        const struct btf *owner = btf_owner(btf, id);

        return (enum btf_kind)(owner->records[id - owner->start_id] & ((1U << BTF_RECORD_KIND_BITS) - 1));
}

/* The byte offset of an id's record in the file that holds it. */
static inline size_t btf_record(const struct btf *btf, uint32_t id)
{
        const struct btf *owner = btf_owner(btf, id);

        return owner->types + (size_t)(owner->records[id - owner->start_id] >> BTF_RECORD_KIND_BITS) * 4;
}

/* The type of a valid id; id 0 gives BTF_KIND_VOID. */
static inline struct btf_type btf_type(const struct btf *btf, uint32_t id)
{
        const struct btf *owner = btf_owner(btf, id);
        size_t offset = btf_record(owner, id);
        uint32_t info;

        if (id == 0)
                return (struct btf_type){.kind = BTF_KIND_VOID};
        info = btf_load_u32(owner, offset + BTF_RECORD_INFO);
        return (struct btf_type){
                .id = id,
                .kind = btf_kind(owner, id),
                .kind_flag = BTF_INFO_KIND_FLAG(info),
                .vlen = BTF_INFO_VLEN(info),
                .name_offset = btf_load_u32(owner, offset),
                .size_or_type = btf_load_u32(owner, offset + BTF_RECORD_TYPE),
                .tail = offset + BTF_RECORD_LENGTH,
        };
}

/* The name at a valid name offset. */
static inline const char *btf_string(const struct btf *btf, uint32_t name_offset)
{
        if (name_offset < btf->strings_start)
                btf = btf->base;
        return btf->strings + (name_offset - btf->strings_start);
}

/* A word of a type's record or tail, by its byte offset. */
static inline uint32_t btf_type_load(const struct btf *btf, const struct btf_type *type, size_t offset)
{
        return btf_load_u32(btf_owner(btf, type->id), offset);
}

/* The byte offsets in the file of a record's three words: name_off, info, size_or_type. */
static inline size_t btf_name_word(const struct btf_type *type)
{
        return type->tail - BTF_RECORD_LENGTH;
}

static inline size_t btf_info_word(const struct btf_type *type)
{
        return btf_name_word(type) + BTF_RECORD_INFO;
}

static inline size_t btf_type_word(const struct btf_type *type)
{
        return btf_name_word(type) + BTF_RECORD_TYPE;
}

/* The byte offset in the file of the i-th of a tail's entries, which have `length` bytes each. */
static inline size_t btf_entry(const struct btf_type *type, uint32_t i, uint32_t length)
{
        return type->tail + (size_t)i * length;
}

/* A type's name, "" if it has none. void's name is "void". */
static inline const char *btf_name(const struct btf *btf, const struct btf_type *type)
{
        return type->kind == BTF_KIND_VOID ? "void" : btf_string(btf, type->name_offset);
}

/* The same by id (of 1 and up), without decoding the rest. */
static inline const char *btf_name_of(const struct btf *btf, uint32_t id)
{
        return btf_string(btf, btf_load_u32(btf_owner(btf, id), btf_record(btf, id)));
}

/* The record's one-word tail: an INT's encoding, a VAR's linkage, a DECL_TAG's component index. */
static inline uint32_t btf_word(const struct btf *btf, const struct btf_type *type)
{
        return btf_type_load(btf, type, type->tail);
}

/* The id in the third word of a type's record, of a kind that has one there. */
static inline uint32_t btf_target(const struct btf *btf, uint32_t id)
{
        const struct btf *owner = btf_owner(btf, id);

        return btf_load_u32(owner, btf_record(owner, id) + BTF_RECORD_TYPE);
}

/* The kind's number in the format, which an opaque type is told apart by. */
static inline uint32_t btf_kind_number(const struct btf *btf, const struct btf_type *type)
{
        return BTF_INFO_KIND(btf_type_load(btf, type, btf_info_word(type)));
}

/* The name of the i-th member of a STRUCT or UNION, "" if it is unnamed; `i_member` < vlen. */
static inline const char *btf_member_name(const struct btf *btf, const struct btf_type *type,
                                          uint32_t i_member)
{
        return btf_string(btf, btf_type_load(btf, type, btf_entry(type, i_member, BTF_MEMBER_LENGTH)));
}

/* The i-th member of a STRUCT or UNION, legacy bitfields included; `i_member` < vlen. */
struct btf_member btf_member(const struct btf *btf, const struct btf_type *type, uint32_t i_member);
struct btf_array btf_array(const struct btf *btf, const struct btf_type *type);
/* The i-th value of an ENUM or ENUM64. */
struct btf_enumerator btf_enumerator(const struct btf *btf, const struct btf_type *type, uint32_t i_value);
/* The i-th parameter of a FUNC_PROTO. */
struct btf_param btf_param(const struct btf *btf, const struct btf_type *type, uint32_t i_param);
/* The i-th variable of a DATASEC. */
struct btf_secinfo btf_secinfo(const struct btf *btf, const struct btf_type *type, uint32_t i_variable);

/* Whether the kind stands for another type that is used in the same way: const, volatile,
 * restrict, type tag. */
static inline bool btf_kind_is_qualifier(enum btf_kind kind)
{
        return kind == BTF_KIND_CONST || kind == BTF_KIND_VOLATILE || kind == BTF_KIND_RESTRICT ||
               kind == BTF_KIND_TYPE_TAG;
}

/* A qualifier or a typedef: what the kernel calls a modifier. */
static inline bool btf_kind_is_modifier(enum btf_kind kind)
{
        return kind == BTF_KIND_TYPEDEF || btf_kind_is_qualifier(kind);
}

static inline bool btf_kind_is_composite(enum btf_kind kind)
{
        return kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;
}

static inline bool btf_kind_is_enum(enum btf_kind kind)
{
        return kind == BTF_KIND_ENUM || kind == BTF_KIND_ENUM64;
}

static inline bool btf_has_name(const struct btf *btf, const struct btf_type *type)
{
        return btf_name(btf, type)[0] != '\0';
}

/* A FWD, or a named enum without values: BTF has no FWD for enums. */
static inline bool btf_is_forward(const struct btf *btf, const struct btf_type *type)
{
        return type->kind == BTF_KIND_FWD ||
               (btf_kind_is_enum(type->kind) && type->vlen == 0 && btf_has_name(btf, type));
}

/* Follows modifiers to the type that they modify: to its id, and to itself. */
uint32_t btf_strip_id(const struct btf *btf, uint32_t id);
static inline struct btf_type btf_strip(const struct btf *btf, uint32_t id)
{
        return btf_type(btf, btf_strip_id(btf, id));
}

/* Why a type has no size. */
enum btf_size_result {
        BTF_SIZE_NONE = 1,     /* void, FWD, FUNC, FUNC_PROTO, DECL_TAG, an opaque kind */
        BTF_SIZE_OVERFLOW = 2, /* an array of more than BTF_MAX_TYPE_BYTES: only while it is validated */
};

/* A type's size in bytes, through modifiers and arrays; a VAR's is its type's. Returns 0 or a
 * btf_size_result. */
int btf_type_size(const struct btf *btf, uint32_t id, uint64_t *ret_bytes);

/* The kind's name in lower case as btfd's protocol spells it: "struct", "func_proto". */
const char *btf_kind_name(enum btf_kind kind);
/* The reverse; false if there is no such kind. */
bool btf_kind_from_name(const char *name, enum btf_kind *ret);

DEFINE_CLEANUP(struct btf *, btf_cleanup, btf_free)
