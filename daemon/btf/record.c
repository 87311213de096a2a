#include "btf/record.h"

#include <inttypes.h>

#include "btf/base_type.h"

/* `long` or `unsigned long`, which are as wide as a pointer, however the compiler spells them. */
static bool is_long(const char *name)
{
        size_t length = strnlen(name, BASE_TYPE_MAX_LENGTH + 1); /* of millions of names, which may be long */
        const char *const *spellings;

        if (length > BASE_TYPE_MAX_LENGTH)
                return false;
        spellings = base_type_spellings(name, length);
        return spellings && spellings[1] &&
               (string_equal(spellings[1], "long") || string_equal(spellings[1], "unsigned long"));
}

static int check_name(const struct btf *btf, size_t at, struct btf_error *error)
{
        uint32_t name = btf_load_u32(btf, at);

        if (name < btf->strings_end)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_NAME, at,
                             "name offset %" PRIu32 ", expected less than %" PRIu32
                             ", where the strings%s end",
                             name, btf->strings_end, btf->base ? " of the base and the module" : "");
}

/* `void_allowed`: whether id 0 may stand there. */
static int check_id(const struct btf *btf, size_t at, bool void_allowed, struct btf_error *error)
{
        uint32_t id = btf_load_u32(btf, at);

        if (id >= btf->n_types)
                return btf_error_set(error, BTF_ERROR_BAD_ID, at,
                                     "type id %" PRIu32 ", the last one is %" PRIu32, id, btf->n_types - 1);
        if (id == 0 && !void_allowed)
                return btf_error_set(error, BTF_ERROR_BAD_REFERENCE, at,
                                     "type id 0 (void) is not possible here");
        return 0;
}

/* An id that stands for a type of the C language: a pointer to a section or to a tag means nothing. */
static int check_type_id(const struct btf *btf, size_t at, bool void_allowed, struct btf_error *error)
{
        int r = check_id(btf, at, void_allowed, error);
        uint32_t id = btf_load_u32(btf, at);
        enum btf_kind kind;

        if (r != 0)
                return r;
        kind = btf_kind(btf, id);
        if (kind != BTF_KIND_FUNC && kind != BTF_KIND_VAR && kind != BTF_KIND_DATASEC &&
            kind != BTF_KIND_DECL_TAG)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_REFERENCE, at,
                             "type id %" PRIu32 " is a %s, expected a type", id, btf_kind_name(kind));
}

static int check_id_of_kind(const struct btf *btf, size_t at, enum btf_kind expected, struct btf_error *error)
{
        int r = check_id(btf, at, /* void_allowed= */ false, error);
        uint32_t id = btf_load_u32(btf, at);

        if (r != 0 || btf_kind(btf, id) == expected)
                return r;
        return btf_error_set(error, BTF_ERROR_BAD_REFERENCE, at, "type id %" PRIu32 " is a %s, expected a %s",
                             id, btf_kind_name(btf_kind(btf, id)), btf_kind_name(expected));
}

static int check_int(struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        uint32_t word = btf_word(btf, type);
        uint32_t size = type->size_or_type;
        uint32_t bits = BTF_INT_BITS(word), offset = BTF_INT_OFFSET(word);

        if (size == 0 || size > 16)
                return btf_error_set(error, BTF_ERROR_BAD_SIZE, btf_type_word(type),
                                     "an integer of %" PRIu32 " bytes, expected 1 to 16", size);
        if (bits == 0 || bits + offset > size * 8)
                return btf_error_set(error, BTF_ERROR_BAD_ENCODING, type->tail,
                                     "an integer of %" PRIu32 " bits at bit %" PRIu32
                                     " does not fit its %" PRIu32 " bytes",
                                     bits, offset, size);
        if (bits != size * 8)
                btf->legacy_bitfields = true;
        else if (!btf->base && (size == 4 || size == 8) && type->name_offset < btf->strings_end &&
                 is_long(btf_name(btf, type)))
                btf->pointer_size = (uint8_t)size;
        return 0;
}

static int check_member(const struct btf *btf, const struct btf_type *type, uint32_t i,
                        struct btf_error *error)
{
        uint64_t struct_bits = (uint64_t)type->size_or_type * 8;
        size_t at = btf_entry(type, i, BTF_MEMBER_LENGTH);
        uint32_t word = btf_load_u32(btf, at + BTF_MEMBER_OFFSET);
        uint64_t end = word;
        int r;

        r = check_name(btf, at, error);
        if (r == 0)
                r = check_type_id(btf, at + BTF_MEMBER_TYPE, /* void_allowed= */ false, error);
        if (r != 0)
                return r;
        if (type->kind_flag)
                end = (uint64_t)BTF_MEMBER_BIT_OFFSET(word) + BTF_MEMBER_BITFIELD_SIZE(word);
        if (end > struct_bits)
                return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at + BTF_MEMBER_OFFSET,
                                     "member %" PRIu32 " lies at bit %" PRIu64 ", beyond its type's %" PRIu64
                                     " bits",
                                     i, end, struct_bits);
        if (type->kind == BTF_KIND_UNION && word != 0 &&
            (!type->kind_flag || BTF_MEMBER_BIT_OFFSET(word) != 0))
                return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at + BTF_MEMBER_OFFSET,
                                     "member %" PRIu32 " of a union has a bit offset, expected 0", i);
        return 0;
}

static int check_param(const struct btf *btf, const struct btf_type *type, uint32_t i,
                       struct btf_error *error)
{
        size_t at = btf_entry(type, i, BTF_PARAM_LENGTH);
        int r = check_name(btf, at, error);

        return r != 0 ? r : check_type_id(btf, at + BTF_PARAM_TYPE, /* void_allowed= */ true, error);
}

static int check_value(const struct btf *btf, const struct btf_type *type, uint32_t i,
                       struct btf_error *error)
{
        uint32_t length = type->kind == BTF_KIND_ENUM64 ? BTF_ENUM64_LENGTH : BTF_ENUM_LENGTH;

        return check_name(btf, btf_entry(type, i, length), error);
}

/*
 * The variables of a section follow one another. A compiler leaves the section's size and the offsets 0 for a linker
 * to fill in.
 */
static int check_variable(const struct btf *btf, const struct btf_type *type, uint32_t i,
                          struct btf_error *error)
{
        size_t at = btf_entry(type, i, BTF_SECINFO_LENGTH);
        struct btf_secinfo info = btf_secinfo(btf, type, i);
        uint64_t end_of_last = 0;
        int r;

        r = check_id_of_kind(btf, at, BTF_KIND_VAR, error);
        if (r != 0 || type->size_or_type == 0)
                return r;
        if (i > 0) {
                struct btf_secinfo last = btf_secinfo(btf, type, i - 1);

                end_of_last = (uint64_t)last.offset + last.size;
        }
        if (info.offset < end_of_last)
                return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at + BTF_SECINFO_OFFSET,
                                     "variable %" PRIu32 " of a section lies at byte %" PRIu32
                                     ", where the one before it ends at %" PRIu64,
                                     i, info.offset, end_of_last);
        if ((uint64_t)info.offset + info.size > type->size_or_type)
                return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at + BTF_SECINFO_SIZE,
                                     "variable %" PRIu32 " of a section ends at byte %" PRIu64
                                     ", beyond the section's %" PRIu32 " bytes",
                                     i, (uint64_t)info.offset + info.size, type->size_or_type);
        return 0;
}

static int check_enum_size(const struct btf_type *type, struct btf_error *error)
{
        uint32_t size = type->size_or_type;

        if (size == 1 || size == 2 || size == 4 || size == 8)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_SIZE, btf_type_word(type),
                             "an enum of %" PRIu32 " bytes, expected 1, 2, 4 or 8", size);
}

/* A kind without entries has nothing to count; a function's and a variable's linkage is 0 to 2. */
static int check_vlen(const struct btf_type *type, struct btf_error *error)
{
        if (type->kind == BTF_KIND_FUNC ? type->vlen <= BTF_LINKAGE_EXTERN : type->vlen == 0)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_VALUE, btf_info_word(type),
                             "a %s with vlen %" PRIu32 ", expected %s", btf_kind_name(type->kind), type->vlen,
                             type->kind == BTF_KIND_FUNC ? "a linkage of 0 to 2" : "0");
}

static int check_array(const struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        int r = check_type_id(btf, type->tail, /* void_allowed= */ false, error);

        return r != 0 ? r
                      : check_type_id(btf, type->tail + BTF_ARRAY_INDEX_TYPE, /* void_allowed= */ false,
                                      error);
}

static int check_var(const struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        if (btf_word(btf, type) > BTF_LINKAGE_EXTERN)
                return btf_error_set(error, BTF_ERROR_BAD_VALUE, type->tail,
                                     "a variable's linkage %" PRIu32 ", expected 0 to 2",
                                     btf_word(btf, type));
        return check_type_id(btf, btf_type_word(type), /* void_allowed= */ false, error);
}

static int check_decl_tag(const struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        if ((int32_t)btf_word(btf, type) < -1)
                return btf_error_set(error, BTF_ERROR_BAD_VALUE, type->tail,
                                     "component index %" PRId32 ", expected -1 or more",
                                     (int32_t)btf_word(btf, type));
        return check_id(btf, btf_type_word(type), /* void_allowed= */ false, error);
}

/* What stands in a record once, its name aside. */
static int check_head(struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        size_t type_at = btf_type_word(type);

        switch (type->kind) {
        case BTF_KIND_INT:
                return check_int(btf, type, error);
        case BTF_KIND_PTR:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_TYPE_TAG:
        case BTF_KIND_FUNC_PROTO:
                return check_type_id(btf, type_at, /* void_allowed= */ true, error);
        case BTF_KIND_ARRAY:
                return check_array(btf, type, error);
        case BTF_KIND_ENUM:
        case BTF_KIND_ENUM64:
                return check_enum_size(type, error);
        case BTF_KIND_FUNC:
                return check_id_of_kind(btf, type_at, BTF_KIND_FUNC_PROTO, error);
        case BTF_KIND_VAR:
                return check_var(btf, type, error);
        case BTF_KIND_DECL_TAG:
                return check_decl_tag(btf, type, error);
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
        case BTF_KIND_DATASEC:
        case BTF_KIND_FWD:
        case BTF_KIND_FLOAT:
        case BTF_KIND_OPAQUE:
        case BTF_KIND_VOID:
                return 0;
        }
        return 0;
}

typedef int check_entry(const struct btf *btf, const struct btf_type *type, uint32_t i,
                        struct btf_error *error);

/* The check for each of the vlen entries of a kind's tail; NULL if it has none. */
static check_entry *entry_check(enum btf_kind kind)
{
        if (btf_kind_is_composite(kind))
                return check_member;
        if (btf_kind_is_enum(kind))
                return check_value;
        if (kind == BTF_KIND_FUNC_PROTO)
                return check_param;
        return kind == BTF_KIND_DATASEC ? check_variable : NULL;
}

int btf_record_check(struct btf *btf, const struct btf_type *type, struct btf_report *report)
{
        check_entry *check = entry_check(type->kind);
        int r;

        r = btf_report_add(report, check_name(btf, btf_name_word(type), &report->error));
        if (r == 0 && !check && type->kind != BTF_KIND_OPAQUE)
                r = btf_report_add(report, check_vlen(type, &report->error));
        if (r == 0)
                r = btf_report_add(report, check_head(btf, type, &report->error));
        for (uint32_t i = 0; check && i < type->vlen && r == 0; i++)
                r = btf_report_add(report, check(btf, type, i, &report->error));
        return r;
}
