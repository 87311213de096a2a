/*
 * btf_new(): from untrusted bytes to a validated `struct btf`.
 *
 * The header and its sections first, then two passes over the records: one that finds where each begins and what
 * it is, and one that checks every word of every record, ids and what kind they lead to included. What needs to
 * follow ids further comes last, in validate.c.
 */
#include <errno.h>
#include <inttypes.h>

#include "btf/base_type.h"
#include "btf/btf.h"
#include "btf/cursor.h"
#include "btf/validate.h"
#include "util/memory.h"

/* Byte offsets of the header's fields, for errors. */
enum {
        HEADER_MAGIC = 0,
        HEADER_VERSION = 2,
        HEADER_FLAGS = 3,
        HEADER_LENGTH = 4,
        HEADER_TYPES = 8,
        HEADER_STRINGS = 16,
        HEADER_LAYOUT = 24,
};

/* The kernel's BTF_MAX_NAME_OFFSET + 1. */
#define STRINGS_MAX_LENGTH (1U << 24)

struct section {
        const char *name;
        uint32_t field;  /* byte offset of its pair of words in the header */
        uint32_t offset; /* bytes from the header's end */
        uint32_t length; /* bytes */
};

struct header {
        uint32_t length;
        bool swap;
        struct section types;
        struct section strings;
        struct section layout;
};

static bool host_is_big_endian(void)
{
        return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

static int check_magic(const uint8_t *data, size_t size, bool *ret_swap, struct btf_error *error)
{
        struct btf_cursor cursor = btf_cursor(data, 0, size, /* swap= */ false);
        uint16_t magic;

        if (!btf_cursor_u16(&cursor, &magic))
                return btf_error_set(error, BTF_ERROR_TRUNCATED, size,
                                     "the file has %zu bytes, a BTF header has at least %u", size,
                                     BTF_HEADER_LENGTH);
        if (magic != BTF_MAGIC && bswap_16(magic) != BTF_MAGIC)
                return btf_error_set(error, BTF_ERROR_BAD_MAGIC, HEADER_MAGIC,
                                     "not BTF: the first two bytes are %02x %02x, expected 9f eb or eb 9f",
                                     data[0], data[1]);
        *ret_swap = magic != BTF_MAGIC;
        return 0;
}

static int parse_section(struct btf_cursor *cursor, const char *name, struct section *ret)
{
        struct section section = {.name = name, .field = (uint32_t)cursor->position};

        if (!btf_cursor_u32(cursor, &section.offset) || !btf_cursor_u32(cursor, &section.length))
                return -EINVAL;
        *ret = section;
        return 0;
}

static int parse_header(const uint8_t *data, size_t size, struct header *ret, struct btf_error *error)
{
        struct header header = {.layout.name = "layout"};
        struct btf_cursor cursor;
        uint16_t magic;
        uint8_t version, flags;
        int r;

        r = check_magic(data, size, &header.swap, error);
        if (r != 0)
                return r;
        cursor = btf_cursor(data, 0, size, header.swap);
        if (!btf_cursor_u16(&cursor, &magic) || !btf_cursor_u8(&cursor, &version) ||
            !btf_cursor_u8(&cursor, &flags) || !btf_cursor_u32(&cursor, &header.length) ||
            parse_section(&cursor, "type", &header.types) < 0 ||
            parse_section(&cursor, "string", &header.strings) < 0)
                return btf_error_set(error, BTF_ERROR_TRUNCATED, size,
                                     "the file has %zu bytes, a BTF header has at least %u", size,
                                     BTF_HEADER_LENGTH);
        if (version != BTF_VERSION)
                return btf_error_set(error, BTF_ERROR_BAD_VERSION, HEADER_VERSION, "version %u, expected %u",
                                     version, BTF_VERSION);
        if (flags != 0)
                return btf_error_set(error, BTF_ERROR_BAD_FLAGS, HEADER_FLAGS, "flags 0x%02x, expected 0",
                                     flags);
        if (header.length < BTF_HEADER_LENGTH || header.length > size)
                return btf_error_set(error, BTF_ERROR_BAD_HEADER_LENGTH, HEADER_LENGTH,
                                     "header length %" PRIu32 ", expected %u to the file's %zu bytes",
                                     header.length, BTF_HEADER_LENGTH, size);

        cursor.end = header.length;
        if (header.length >= BTF_HEADER_LAYOUT_LENGTH)
                (void)parse_section(&cursor, header.layout.name, &header.layout);
        /* A later extension of the header may be ignored only if it is all zero. */
        while (btf_cursor_left(&cursor) > 0) {
                uint8_t byte = 0;

                (void)btf_cursor_u8(&cursor, &byte);
                if (byte != 0)
                        return btf_error_set(error, BTF_ERROR_UNKNOWN_HEADER, cursor.position - 1,
                                             "byte 0x%02x in an unknown extension of the header, expected 0",
                                             byte);
        }
        *ret = header;
        return 0;
}

static int check_section(const struct section *section, uint64_t room, struct btf_error *error)
{
        if ((uint64_t)section->offset + section->length <= room)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_SECTION, section->field,
                             "the %s section takes bytes %" PRIu32 " to %" PRIu64
                             " after the header, but only %" PRIu64 " follow it",
                             section->name, section->offset, (uint64_t)section->offset + section->length,
                             room);
}

/* As the kernel has it: the sections follow one another without gap or overlap and fill the file. */
static int check_contiguous(const struct header *header, uint64_t room, struct btf_error *error)
{
        const struct section *sections[] = {&header->types, &header->layout, &header->strings};
        bool placed[ARRAY_LENGTH(sections)] = {false};
        uint64_t position = 0;
        size_t n_left = ARRAY_LENGTH(sections);

        /* An empty section lies nowhere: pahole writes offset 0 for it. */
        for (size_t i = 0; i < ARRAY_LENGTH(sections); i++) {
                placed[i] = sections[i]->length == 0;
                n_left -= placed[i];
        }
        while (n_left > 0) {
                const struct section *next = NULL;

                for (size_t i = 0; i < ARRAY_LENGTH(sections); i++) {
                        if (!placed[i] && (!next || sections[i]->offset < next->offset))
                                next = sections[i];
                }
                if (next->offset != position)
                        return btf_error_set(error, BTF_ERROR_BAD_SECTION, next->field,
                                             "the %s section begins at byte %" PRIu32
                                             " after the header, expected %" PRIu64
                                             ": sections may neither overlap nor leave a gap",
                                             next->name, next->offset, position);
                position += next->length;
                for (size_t i = 0; i < ARRAY_LENGTH(sections); i++)
                        placed[i] = placed[i] || sections[i] == next;
                n_left--;
        }
        if (position != room)
                return btf_error_set(error, BTF_ERROR_BAD_SECTION, header->length + position,
                                     "%" PRIu64
                                     " bytes follow the last section, expected the end of the file",
                                     room - position);
        return 0;
}

static int check_sections(const struct header *header, const uint8_t *data, size_t size,
                          struct btf_error *error)
{
        uint64_t room = size - header->length;
        const struct section *strings = &header->strings;
        size_t begin;
        int r;

        r = check_section(&header->types, room, error);
        if (r == 0)
                r = check_section(strings, room, error);
        if (r == 0)
                r = check_section(&header->layout, room, error);
        if (r != 0)
                return r;

        if (header->types.offset % 4 != 0)
                return btf_error_set(error, BTF_ERROR_BAD_SECTION, HEADER_TYPES,
                                     "type section at offset %" PRIu32 ", expected a multiple of 4",
                                     header->types.offset);
        if (header->types.length == 0)
                return btf_error_set(error, BTF_ERROR_BAD_SECTION, HEADER_TYPES + 4,
                                     "the type section is empty");
        if (header->layout.offset % 4 != 0 || header->layout.length % 4 != 0)
                return btf_error_set(error, BTF_ERROR_BAD_SECTION, HEADER_LAYOUT,
                                     "layout section of %" PRIu32 " bytes at offset %" PRIu32
                                     ", expected multiples of 4",
                                     header->layout.length, header->layout.offset);
        if (strings->length == 0 || strings->length > STRINGS_MAX_LENGTH)
                return btf_error_set(error, BTF_ERROR_BAD_STRINGS, HEADER_STRINGS + 4,
                                     "the string section has %" PRIu32 " bytes, expected 1 to %u",
                                     strings->length, STRINGS_MAX_LENGTH);
        r = check_contiguous(header, room, error);
        if (r != 0)
                return r;

        begin = (size_t)header->length + strings->offset;
        if (data[begin] != 0)
                return btf_error_set(error, BTF_ERROR_BAD_STRINGS, begin,
                                     "the string section begins with byte 0x%02x, expected NUL", data[begin]);
        if (data[begin + strings->length - 1] != 0)
                return btf_error_set(error, BTF_ERROR_BAD_STRINGS, begin + strings->length - 1,
                                     "the string section ends with byte 0x%02x, expected NUL",
                                     data[begin + strings->length - 1]);
        return 0;
}

/* Every word of the type section is a u32, so that foreign bytes need no knowledge of kinds to be swapped. */
static int swap_types(struct btf *btf, const struct section *types, uint32_t header_length)
{
        size_t begin = (size_t)header_length + types->offset;
        uint8_t *copy;

        copy = memory_new(btf->size);
        if (!copy)
                return -ENOMEM;
        memcpy(copy, btf->data, btf->size);
        for (size_t at = begin; at + 4 <= begin + types->length; at += 4) {
                uint32_t word = bswap_32(btf_load_u32(btf, at));

                memcpy(copy + at, &word, sizeof(word));
        }
        btf->swapped = copy;
        btf->data = copy;
        return 0;
}

/* Bytes of tail for a record's info word; false if the kind is unknown. */
static bool tail_length(uint32_t info, uint64_t *ret)
{
        static const struct {
                bool known;
                uint8_t once;
                uint8_t per_vlen;
        } tails[] = {
#define X(id, name, value, tail, tail_per_vlen) [value] = {true, tail, tail_per_vlen},
                BTF_KINDS(X)
#undef X
        };
        uint32_t kind = BTF_INFO_KIND(info);

        if (kind >= ARRAY_LENGTH(tails) || !tails[kind].known)
                return false;
        *ret = tails[kind].once + (uint64_t)tails[kind].per_vlen * BTF_INFO_VLEN(info);
        return true;
}

/*
 * Finds where each record begins and what it is. There is room for as many as the section could hold if it
 * were made of the shortest ones, and what is not needed is given back.
 */
static int find_records(struct btf *btf, struct btf_cursor cursor, struct btf_error *error)
{
        size_t n_max = btf_cursor_left(&cursor) / BTF_RECORD_LENGTH;
        uint32_t n_records = 0;
        uint32_t *cut;

        btf->types = cursor.position;
        btf->records = memory_new((n_max + 1) * sizeof(*btf->records));
        if (!btf->records)
                return -ENOMEM;
        btf->records[0] = BTF_KIND_VOID;
        while (btf_cursor_left(&cursor) > 0) {
                size_t begin = cursor.position;
                uint32_t info = 0;
                uint64_t tail = 0;
                bool complete;

                complete = btf_cursor_skip(&cursor, 4) && btf_cursor_u32(&cursor, &info) &&
                           btf_cursor_skip(&cursor, 4);
                if (complete && !tail_length(info, &tail))
                        return btf_error_set(error, BTF_ERROR_UNKNOWN_KIND, begin + BTF_RECORD_INFO,
                                             "type %" PRIu32 " has kind %" PRIu32 ", expected 1 to %u",
                                             n_records + 1, BTF_INFO_KIND(info), BTF_KIND_ENUM64);
                if (!complete || !btf_cursor_skip(&cursor, tail))
                        return btf_error_set(error, BTF_ERROR_BAD_RECORD, begin,
                                             "type %" PRIu32 " needs %" PRIu64
                                             " bytes, but the type section ends after %zu",
                                             n_records + 1, BTF_RECORD_LENGTH + tail, cursor.end - begin);
                btf->records[++n_records] =
                        (uint32_t)((begin - btf->types) / 4) << BTF_RECORD_KIND_BITS | BTF_INFO_KIND(info);
        }
        btf->n_types = n_records + 1;
        cut = realloc(btf->records, btf->n_types * sizeof(*btf->records));
        if (cut)
                btf->records = cut;
        return 0;
}

/* `long` or `unsigned long`, which are as wide as a pointer, however the compiler spells them. */
static bool is_long(const char *name)
{
        const char *const *spellings = base_type_spellings(name, strlen(name));

        return spellings && spellings[1] &&
               (string_equal(spellings[1], "long") || string_equal(spellings[1], "unsigned long"));
}

static int check_name(const struct btf *btf, size_t at, struct btf_error *error)
{
        uint32_t name = btf_load_u32(btf, at);

        if (name < btf->strings_length)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_NAME, at,
                             "name offset %" PRIu32 ", expected less than the string section's %" PRIu32,
                             name, btf->strings_length);
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
        else if ((size == 4 || size == 8) && is_long(btf_name(btf, type)))
                btf->pointer_size = (uint8_t)size;
        return 0;
}

static int check_members(const struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        uint64_t struct_bits = (uint64_t)type->size_or_type * 8;

        for (uint32_t i = 0; i < type->vlen; i++) {
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
                                             "member %" PRIu32 " lies at bit %" PRIu64
                                             ", beyond its type's %" PRIu64 " bits",
                                             i, end, struct_bits);
                if (type->kind == BTF_KIND_UNION && word != 0 &&
                    (!type->kind_flag || BTF_MEMBER_BIT_OFFSET(word) != 0))
                        return btf_error_set(error, BTF_ERROR_BAD_MEMBER, at + BTF_MEMBER_OFFSET,
                                             "member %" PRIu32 " of a union has a bit offset, expected 0", i);
        }
        return 0;
}

/* Entries of `length` bytes, each beginning with a name offset. */
static int check_names(const struct btf *btf, const struct btf_type *type, uint32_t length,
                       struct btf_error *error)
{
        int r = 0;

        for (uint32_t i = 0; i < type->vlen && r == 0; i++)
                r = check_name(btf, btf_entry(type, i, length), error);
        return r;
}

static int check_params(const struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        int r = check_names(btf, type, BTF_PARAM_LENGTH, error);

        for (uint32_t i = 0; i < type->vlen && r == 0; i++)
                r = check_type_id(btf, btf_entry(type, i, BTF_PARAM_LENGTH) + BTF_PARAM_TYPE,
                                  /* void_allowed= */ true, error);
        return r;
}

static int check_variables(const struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        int r = 0;

        for (uint32_t i = 0; i < type->vlen && r == 0; i++)
                r = check_id_of_kind(btf, btf_entry(type, i, BTF_SECINFO_LENGTH), BTF_KIND_VAR, error);
        return r;
}

static int check_enum_size(const struct btf_type *type, struct btf_error *error)
{
        uint32_t size = type->size_or_type;

        if (size == 1 || size == 2 || size == 4 || size == 8)
                return 0;
        return btf_error_set(error, BTF_ERROR_BAD_SIZE, btf_type_word(type),
                             "an enum of %" PRIu32 " bytes, expected 1, 2, 4 or 8", size);
}

/* Everything about one record that can be said without looking at another. */
static int check_record(struct btf *btf, const struct btf_type *type, struct btf_error *error)
{
        size_t type_at = btf_type_word(type);
        int r;

        r = check_name(btf, type->tail - BTF_RECORD_LENGTH, error);
        if (r != 0)
                return r;

        switch (type->kind) {
        case BTF_KIND_INT:
                return check_int(btf, type, error);
        case BTF_KIND_PTR:
        case BTF_KIND_TYPEDEF:
        case BTF_KIND_VOLATILE:
        case BTF_KIND_CONST:
        case BTF_KIND_RESTRICT:
        case BTF_KIND_TYPE_TAG:
                return check_type_id(btf, type_at, /* void_allowed= */ true, error);
        case BTF_KIND_VAR:
                return check_type_id(btf, type_at, /* void_allowed= */ false, error);
        case BTF_KIND_FUNC:
                return check_id_of_kind(btf, type_at, BTF_KIND_FUNC_PROTO, error);
        case BTF_KIND_DECL_TAG:
                if ((int32_t)btf_word(btf, type) < -1)
                        return btf_error_set(error, BTF_ERROR_BAD_VALUE, type->tail,
                                             "component index %" PRId32 ", expected -1 or more",
                                             (int32_t)btf_word(btf, type));
                return check_id(btf, type_at, /* void_allowed= */ false, error);
        case BTF_KIND_ARRAY:
                r = check_type_id(btf, type->tail, /* void_allowed= */ false, error);
                return r != 0 ? r
                              : check_type_id(btf, type->tail + BTF_ARRAY_INDEX_TYPE,
                                              /* void_allowed= */ false, error);
        case BTF_KIND_STRUCT:
        case BTF_KIND_UNION:
                return check_members(btf, type, error);
        case BTF_KIND_ENUM:
                r = check_enum_size(type, error);
                return r != 0 ? r : check_names(btf, type, BTF_ENUM_LENGTH, error);
        case BTF_KIND_ENUM64:
                r = check_enum_size(type, error);
                return r != 0 ? r : check_names(btf, type, BTF_ENUM64_LENGTH, error);
        case BTF_KIND_FUNC_PROTO:
                r = check_type_id(btf, type_at, /* void_allowed= */ true, error);
                return r != 0 ? r : check_params(btf, type, error);
        case BTF_KIND_DATASEC:
                return check_variables(btf, type, error);
        case BTF_KIND_FWD:
        case BTF_KIND_FLOAT:
        case BTF_KIND_VOID:
                return 0;
        }
        return 0;
}

static int parse_types(struct btf *btf, const struct section *types, uint32_t header_length,
                       struct btf_error *error)
{
        size_t begin = (size_t)header_length + types->offset;
        int r;

        r = find_records(btf, btf_cursor(btf->data, begin, begin + types->length, /* swap= */ false), error);
        for (uint32_t id = 1; r == 0 && id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);

                r = check_record(btf, &type, error);
        }
        return r;
}

int btf_new(struct btf **ret, const uint8_t *data, size_t size, struct btf_error *ret_error)
{
        CLEANUP(btf_cleanup) struct btf *btf = NULL;
        struct header header;
        int r;

        if (size > BTF_MAX_SIZE)
                return btf_error_set(ret_error, BTF_ERROR_TOO_LARGE, BTF_MAX_SIZE,
                                     "the file has %zu bytes, expected at most %u", size, BTF_MAX_SIZE);
        r = parse_header(data, size, &header, ret_error);
        if (r != 0)
                return r;
        r = check_sections(&header, data, size, ret_error);
        if (r != 0)
                return r;

        btf = calloc(1, sizeof(*btf));
        if (!btf)
                return -ENOMEM;
        btf->data = data;
        btf->size = size;
        btf->pointer_size = sizeof(void *); /* until a `long` says otherwise */
        btf->big_endian = host_is_big_endian() != header.swap;
        if (header.swap) {
                r = swap_types(btf, &header.types, header.length);
                if (r < 0)
                        return r;
        }
        btf->strings = (const char *)btf->data + header.length + header.strings.offset;
        btf->strings_length = header.strings.length;

        r = parse_types(btf, &header.types, header.length, ret_error);
        if (r == 0)
                r = btf_validate(btf, ret_error);
        if (r != 0)
                return r;
        *ret = STEAL(btf);
        return 0;
}

struct btf *btf_free(struct btf *btf)
{
        if (!btf)
                return NULL;
        free(btf->records);
        free(btf->swapped);
        free(btf);
        return NULL;
}
