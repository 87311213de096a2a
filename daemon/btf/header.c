#include "btf/header.h"

#include <errno.h>
#include <inttypes.h>

#include "btf/cursor.h"
#include "btf/format.h"
#include "util/util.h"

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

bool btf_host_is_big_endian(void)
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

static int parse_section(struct btf_cursor *cursor, const char *name, struct btf_section *ret)
{
        struct btf_section section = {.name = name, .field = (uint32_t)cursor->position};

        if (!btf_cursor_u32(cursor, &section.offset) || !btf_cursor_u32(cursor, &section.length))
                return -EINVAL;
        *ret = section;
        return 0;
}

static int parse_header(const uint8_t *data, size_t size, struct btf_header *ret, struct btf_error *error)
{
        struct btf_header header = {.layout.name = "layout"};
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

static int check_section(const struct btf_section *section, uint64_t room, struct btf_error *error)
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
static int check_contiguous(const struct btf_header *header, uint64_t room, struct btf_error *error)
{
        const struct btf_section *sections[] = {&header->types, &header->layout, &header->strings};
        bool placed[ARRAY_LENGTH(sections)] = {false};
        uint64_t position = 0;
        size_t n_left = ARRAY_LENGTH(sections);

        /* An empty section lies nowhere: pahole writes offset 0 for it. */
        for (size_t i = 0; i < ARRAY_LENGTH(sections); i++) {
                placed[i] = sections[i]->length == 0;
                n_left -= placed[i];
        }
        while (n_left > 0) {
                const struct btf_section *next = NULL;

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

/* Up to the last NUL that a string could end with, no string is too long: so only few bytes are looked at. */
static int check_string_lengths(const uint8_t *data, size_t begin, size_t end, struct btf_error *error)
{
        while (end - begin > BTF_MAX_STRING) {
                const uint8_t *nul = memrchr(data + begin, 0, BTF_MAX_STRING + 1);

                if (!nul)
                        return btf_error_set(error, BTF_ERROR_BAD_STRINGS, begin,
                                             "a string of more than %u bytes", BTF_MAX_STRING);
                begin = (size_t)(nul - data) + 1;
        }
        return 0;
}

static int check_strings(const struct btf_header *header, const uint8_t *data, bool is_split,
                         struct btf_error *error)
{
        const struct btf_section *strings = &header->strings;
        size_t begin = btf_section_begin(header, strings);

        if (strings->length == 0)
                return 0;
        /* The empty name is the base's first string. */
        if (!is_split && data[begin] != 0)
                return btf_error_set(error, BTF_ERROR_BAD_STRINGS, begin,
                                     "the string section begins with byte 0x%02x, expected NUL", data[begin]);
        if (data[begin + strings->length - 1] != 0)
                return btf_error_set(error, BTF_ERROR_BAD_STRINGS, begin + strings->length - 1,
                                     "the string section ends with byte 0x%02x, expected NUL",
                                     data[begin + strings->length - 1]);
        return check_string_lengths(data, begin, begin + strings->length, error);
}

/* What a section needs beside a place in the file. */
static int check_sections(const struct btf_header *header, size_t size, bool is_split,
                          struct btf_error *error)
{
        uint64_t room = size - header->length;
        int r;

        r = check_section(&header->types, room, error);
        if (r == 0)
                r = check_section(&header->strings, room, error);
        if (r == 0)
                r = check_section(&header->layout, room, error);
        if (r != 0)
                return r;

        if (header->types.offset % 4 != 0)
                return btf_error_set(error, BTF_ERROR_BAD_SECTION, HEADER_TYPES,
                                     "type section at offset %" PRIu32 ", expected a multiple of 4",
                                     header->types.offset);
        if (header->types.length == 0 && !is_split)
                return btf_error_set(error, BTF_ERROR_BAD_SECTION, HEADER_TYPES + 4,
                                     "the type section is empty");
        if (header->layout.offset % 4 != 0 || header->layout.length % 4 != 0)
                return btf_error_set(error, BTF_ERROR_BAD_SECTION, HEADER_LAYOUT,
                                     "layout section of %" PRIu32 " bytes at offset %" PRIu32
                                     ", expected multiples of 4",
                                     header->layout.length, header->layout.offset);
        if (header->strings.length > STRINGS_MAX_LENGTH || (header->strings.length == 0 && !is_split))
                return btf_error_set(error, BTF_ERROR_BAD_STRINGS, HEADER_STRINGS + 4,
                                     "the string section has %" PRIu32 " bytes, expected %d to %u",
                                     header->strings.length, is_split ? 0 : 1, STRINGS_MAX_LENGTH);
        return check_contiguous(header, room, error);
}

int btf_header_parse(struct btf_header *ret, const uint8_t *data, size_t size, bool is_split,
                     struct btf_error *ret_error)
{
        struct btf_header header;
        int r;

        r = parse_header(data, size, &header, ret_error);
        if (r == 0)
                r = check_sections(&header, size, is_split, ret_error);
        if (r == 0)
                r = check_strings(&header, data, is_split, ret_error);
        if (r == 0)
                *ret = header;
        return r;
}
