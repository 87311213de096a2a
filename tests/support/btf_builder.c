#include "support/btf_builder.h"

#include <byteswap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct btf_builder {
        uint32_t *words; /* the type section */
        size_t n_words, words_size;
        char *strings;
        size_t strings_length, strings_size;
        size_t *records; /* id - start_id -> position in words */
        size_t n_records, records_size;
        uint32_t start_id;
        uint32_t strings_start;
        uint32_t header_length;
        uint8_t *layout;
        size_t layout_length, layout_size;
        bool foreign;
};

/* Makes room for `n_more` elements behind `n`; tests have nothing to say when memory runs out. */
static void *grow(void *array, size_t *size, size_t n, size_t n_more, size_t element_size)
{
        if (n + n_more <= *size)
                return array;
        *size = (n + n_more) * 2;
        array = realloc(array, *size * element_size);
        if (!array) {
                fputs("btf_builder: out of memory\n", stderr);
                abort();
        }
        return array;
}

struct btf_builder *btf_builder_new(void)
{
        struct btf_builder *b = calloc(1, sizeof(*b));

        if (!b)
                abort();
        b->header_length = BTF_HEADER_LENGTH;
        b->start_id = 1;
        b->strings = grow(NULL, &b->strings_size, 0, 1, 1);
        b->strings[b->strings_length++] = '\0';
        return b;
}

struct btf_builder *btf_builder_new_split(const struct btf_builder *base)
{
        struct btf_builder *b = btf_builder_new();

        b->start_id = btf_builder_next_id(base);
        b->strings_start = (uint32_t)base->strings_length;
        b->strings_length = 0;
        b->foreign = base->foreign;
        return b;
}

struct btf_builder *btf_builder_free(struct btf_builder *b)
{
        if (!b)
                return NULL;
        free(b->words);
        free(b->strings);
        free(b->records);
        free(b->layout);
        free(b);
        return NULL;
}

void btf_builder_foreign(struct btf_builder *b)
{
        b->foreign = true;
}

void btf_builder_header_length(struct btf_builder *b, uint32_t length)
{
        b->header_length = length;
}

void btf_builder_layout(struct btf_builder *b, uint32_t n_bytes)
{
        b->header_length = BTF_HEADER_LAYOUT_LENGTH;
        b->layout = grow(b->layout, &b->layout_size, 0, n_bytes + 1, 1);
        if (n_bytes > b->layout_length)
                memset(b->layout + b->layout_length, 0, n_bytes - b->layout_length);
        b->layout_length = n_bytes;
}

void btf_builder_layout_kind(struct btf_builder *b, uint32_t kind, uint8_t info_sz, uint8_t elem_sz)
{
        size_t at = (size_t)kind * BTF_LAYOUT_LENGTH;

        if (b->layout_length < at + BTF_LAYOUT_LENGTH)
                btf_builder_layout(b, (uint32_t)at + BTF_LAYOUT_LENGTH);
        b->layout[at + BTF_LAYOUT_INFO_SZ] = info_sz;
        b->layout[at + BTF_LAYOUT_ELEM_SZ] = elem_sz;
}

uint32_t btf_builder_string(struct btf_builder *b, const char *string)
{
        size_t length = strlen(string);
        uint32_t offset = b->strings_start + (uint32_t)b->strings_length;

        if (length == 0)
                return 0;
        b->strings = grow(b->strings, &b->strings_size, b->strings_length, length + 1, 1);
        memcpy(b->strings + b->strings_length, string, length + 1);
        b->strings_length += length + 1;
        return offset;
}

void btf_builder_word(struct btf_builder *b, uint32_t word)
{
        b->words = grow(b->words, &b->words_size, b->n_words, 1, sizeof(*b->words));
        b->words[b->n_words++] = word;
}

uint32_t btf_builder_record(struct btf_builder *b, const char *name, uint32_t kind, bool kind_flag,
                            uint32_t vlen, uint32_t size_or_type)
{
        b->records = grow(b->records, &b->records_size, b->n_records, 1, sizeof(*b->records));
        b->records[b->n_records++] = b->n_words;
        btf_builder_word(b, btf_builder_string(b, name));
        btf_builder_word(b, (uint32_t)kind_flag << 31 | kind << 24 | vlen);
        btf_builder_word(b, size_or_type);
        return btf_builder_next_id(b) - 1;
}

uint32_t btf_builder_int_at(struct btf_builder *b, const char *name, uint32_t size, uint32_t bits,
                            uint32_t bit_offset, uint32_t encoding)
{
        uint32_t id = btf_builder_record(b, name, BTF_KIND_INT, false, 0, size);

        btf_builder_word(b, encoding << 24 | bit_offset << 16 | bits);
        return id;
}

uint32_t btf_builder_int(struct btf_builder *b, const char *name, uint32_t size, uint32_t bits,
                         uint32_t encoding)
{
        return btf_builder_int_at(b, name, size, bits, 0, encoding);
}

uint32_t btf_builder_ptr(struct btf_builder *b, uint32_t type)
{
        return btf_builder_record(b, "", BTF_KIND_PTR, false, 0, type);
}

uint32_t btf_builder_array(struct btf_builder *b, uint32_t type, uint32_t index_type, uint32_t nelems)
{
        uint32_t id = btf_builder_record(b, "", BTF_KIND_ARRAY, false, 0, 0);

        btf_builder_word(b, type);
        btf_builder_word(b, index_type);
        btf_builder_word(b, nelems);
        return id;
}

uint32_t btf_builder_struct(struct btf_builder *b, const char *name, uint32_t size, bool kind_flag)
{
        return btf_builder_record(b, name, BTF_KIND_STRUCT, kind_flag, 0, size);
}

uint32_t btf_builder_union(struct btf_builder *b, const char *name, uint32_t size, bool kind_flag)
{
        return btf_builder_record(b, name, BTF_KIND_UNION, kind_flag, 0, size);
}

uint32_t btf_builder_enum(struct btf_builder *b, const char *name, uint32_t size, bool is_signed)
{
        return btf_builder_record(b, name, BTF_KIND_ENUM, is_signed, 0, size);
}

uint32_t btf_builder_enum64(struct btf_builder *b, const char *name, uint32_t size, bool is_signed)
{
        return btf_builder_record(b, name, BTF_KIND_ENUM64, is_signed, 0, size);
}

uint32_t btf_builder_fwd(struct btf_builder *b, const char *name, bool is_union)
{
        return btf_builder_record(b, name, BTF_KIND_FWD, is_union, 0, 0);
}

uint32_t btf_builder_typedef(struct btf_builder *b, const char *name, uint32_t type)
{
        return btf_builder_record(b, name, BTF_KIND_TYPEDEF, false, 0, type);
}

uint32_t btf_builder_const(struct btf_builder *b, uint32_t type)
{
        return btf_builder_record(b, "", BTF_KIND_CONST, false, 0, type);
}

uint32_t btf_builder_volatile(struct btf_builder *b, uint32_t type)
{
        return btf_builder_record(b, "", BTF_KIND_VOLATILE, false, 0, type);
}

uint32_t btf_builder_restrict(struct btf_builder *b, uint32_t type)
{
        return btf_builder_record(b, "", BTF_KIND_RESTRICT, false, 0, type);
}

uint32_t btf_builder_type_tag(struct btf_builder *b, const char *value, uint32_t type, bool is_attribute)
{
        return btf_builder_record(b, value, BTF_KIND_TYPE_TAG, is_attribute, 0, type);
}

uint32_t btf_builder_func(struct btf_builder *b, const char *name, uint32_t proto, uint32_t linkage)
{
        return btf_builder_record(b, name, BTF_KIND_FUNC, false, linkage, proto);
}

uint32_t btf_builder_func_proto(struct btf_builder *b, uint32_t return_type)
{
        return btf_builder_record(b, "", BTF_KIND_FUNC_PROTO, false, 0, return_type);
}

uint32_t btf_builder_var(struct btf_builder *b, const char *name, uint32_t type, uint32_t linkage)
{
        uint32_t id = btf_builder_record(b, name, BTF_KIND_VAR, false, 0, type);

        btf_builder_word(b, linkage);
        return id;
}

uint32_t btf_builder_datasec(struct btf_builder *b, const char *name, uint32_t size)
{
        return btf_builder_record(b, name, BTF_KIND_DATASEC, false, 0, size);
}

uint32_t btf_builder_float(struct btf_builder *b, const char *name, uint32_t size)
{
        return btf_builder_record(b, name, BTF_KIND_FLOAT, false, 0, size);
}

uint32_t btf_builder_decl_tag(struct btf_builder *b, const char *value, uint32_t type, int32_t component)
{
        uint32_t id = btf_builder_record(b, value, BTF_KIND_DECL_TAG, false, 0, type);

        btf_builder_word(b, (uint32_t)component);
        return id;
}

/* The last record's info word, whose lowest bits are its vlen. */
static uint32_t *last_info(struct btf_builder *b)
{
        return &b->words[b->records[b->n_records - 1] + 1];
}

void btf_builder_member(struct btf_builder *b, const char *name, uint32_t type, uint32_t bit_offset,
                        uint32_t bitfield_size)
{
        bool kind_flag = BTF_INFO_KIND_FLAG(*last_info(b));

        (*last_info(b))++;
        btf_builder_word(b, btf_builder_string(b, name));
        btf_builder_word(b, type);
        btf_builder_word(b, kind_flag ? bitfield_size << 24 | bit_offset : bit_offset);
}

void btf_builder_value(struct btf_builder *b, const char *name, uint64_t value)
{
        bool is_wide = BTF_INFO_KIND(*last_info(b)) == BTF_KIND_ENUM64;

        (*last_info(b))++;
        btf_builder_word(b, btf_builder_string(b, name));
        btf_builder_word(b, (uint32_t)value);
        if (is_wide)
                btf_builder_word(b, (uint32_t)(value >> 32));
}

void btf_builder_param(struct btf_builder *b, const char *name, uint32_t type)
{
        (*last_info(b))++;
        btf_builder_word(b, btf_builder_string(b, name));
        btf_builder_word(b, type);
}

void btf_builder_secinfo(struct btf_builder *b, uint32_t var, uint32_t offset, uint32_t size)
{
        (*last_info(b))++;
        btf_builder_word(b, var);
        btf_builder_word(b, offset);
        btf_builder_word(b, size);
}

uint32_t btf_builder_next_id(const struct btf_builder *b)
{
        return b->start_id + (uint32_t)b->n_records;
}

size_t btf_builder_offset(const struct btf_builder *b, uint32_t id)
{
        return b->header_length + b->records[id - b->start_id] * sizeof(uint32_t);
}

void btf_builder_set_word(struct btf_builder *b, uint32_t id, size_t i_word, uint32_t word)
{
        b->words[b->records[id - b->start_id] + i_word] = word;
}

static void put_u16(struct btf_image *image, size_t offset, uint16_t value, bool swap)
{
        value = swap ? bswap_16(value) : value;
        memcpy(image->data + offset, &value, sizeof(value));
}

static void put_u32(struct btf_image *image, size_t offset, uint32_t value, bool swap)
{
        value = swap ? bswap_32(value) : value;
        memcpy(image->data + offset, &value, sizeof(value));
}

struct btf_image btf_builder_finish(const struct btf_builder *b)
{
        uint32_t types_length = (uint32_t)(b->n_words * sizeof(uint32_t));
        uint32_t layout_length = (uint32_t)b->layout_length;
        uint32_t sections[] = {0,
                               types_length,
                               types_length + layout_length,
                               (uint32_t)b->strings_length,
                               types_length,
                               layout_length};
        size_t n_sections = b->header_length >= BTF_HEADER_LAYOUT_LENGTH ? 6 : 4;
        struct btf_image image = {
                .size = b->header_length + types_length + b->layout_length + b->strings_length,
        };

        image.data = calloc(1, image.size);
        if (!image.data)
                abort();
        put_u16(&image, 0, BTF_MAGIC, b->foreign);
        image.data[2] = BTF_VERSION;
        put_u32(&image, 4, b->header_length, b->foreign);
        for (size_t i = 0; i < n_sections; i++)
                put_u32(&image, 8 + i * sizeof(uint32_t), sections[i], b->foreign);
        for (size_t i = 0; i < b->n_words; i++)
                put_u32(&image, b->header_length + i * sizeof(uint32_t), b->words[i], b->foreign);
        if (layout_length > 0)
                memcpy(image.data + b->header_length + types_length, b->layout, layout_length);
        memcpy(image.data + image.size - b->strings_length, b->strings, b->strings_length);
        return image;
}

struct btf_image btf_builder_steal(struct btf_builder *b)
{
        struct btf_image image = btf_builder_finish(b);

        btf_builder_free(b);
        return image;
}

void btf_image_free(struct btf_image *image)
{
        free(image->data);
        *image = (struct btf_image){0};
}

void btf_image_patch_u32(struct btf_image *image, size_t offset, uint32_t value)
{
        put_u32(image, offset, value, /* swap= */ false);
}

uint32_t btf_image_u32(const struct btf_image *image, size_t offset)
{
        uint32_t value;

        memcpy(&value, image->data + offset, sizeof(value));
        return value;
}
