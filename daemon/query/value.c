#include "query/value.h"

static enum value_encoding encoding_of(const struct btf *btf, const struct btf_type *base)
{
        uint32_t encoding;

        if (btf_kind_is_enum(base->kind))
                return base->kind_flag ? VALUE_SIGNED : VALUE_UNSIGNED;
        if (base->kind != BTF_KIND_INT)
                return VALUE_NO_ENCODING;
        encoding = BTF_INT_ENCODING(btf_word(btf, base));
        if (encoding & BTF_INT_BOOL)
                return VALUE_BOOL;
        if (encoding & BTF_INT_CHAR)
                return VALUE_CHAR;
        return encoding & BTF_INT_SIGNED ? VALUE_SIGNED : VALUE_UNSIGNED;
}

/* Of the number itself: compilers mark a `signed char` as both a character and signed. */
static bool is_signed(const struct btf *btf, const struct btf_type *base)
{
        if (base->kind == BTF_KIND_INT)
                return BTF_INT_ENCODING(btf_word(btf, base)) & BTF_INT_SIGNED;
        return base->kind_flag;
}

struct value value_of(const struct btf *btf, uint32_t id)
{
        struct value value = {.type = id, .base = btf_strip(btf, id)};

        value.has_size = btf_type_size(btf, id, &value.size) == 0;
        value.encoding = encoding_of(btf, &value.base);
        if (value.base.kind == BTF_KIND_ARRAY) {
                struct btf_array array = btf_array(btf, &value.base);

                value.has_element = true;
                value.element = array.type;
                value.nelems = array.nelems;
        } else if (value.base.kind == BTF_KIND_PTR) {
                value.has_element = true;
                value.element = value.base.size_or_type;
        }
        if (value.has_element)
                value.has_element_size = btf_type_size(btf, value.element, &value.element_size) == 0;
        return value;
}

struct value value_of_pointer(const struct btf *btf, uint32_t id, uint32_t n_stars)
{
        struct value value = {
                .type = id,
                .n_stars = n_stars,
                .base = {.kind = BTF_KIND_PTR, .size_or_type = id},
                .has_size = true,
                .size = btf->pointer_size,
                .has_element = true,
                .element = id,
                .has_element_size = n_stars > 1,
                .element_size = btf->pointer_size,
        };

        if (n_stars == 1) {
                value.element_size = 0;
                value.has_element_size = btf_type_size(btf, id, &value.element_size) == 0;
        }
        return value;
}

static bool bitfield_equal(const struct value_bitfield *a, const struct value_bitfield *b)
{
        return a->bit_offset == b->bit_offset && a->bit_size == b->bit_size && a->load_size == b->load_size &&
               a->lshift == b->lshift && a->rshift == b->rshift && a->is_signed == b->is_signed;
}

bool value_agrees(const struct value *a, const struct value *b)
{
        bool same_elements =
                !a->has_element_size || !b->has_element_size || a->element_size == b->element_size;

        return same_elements && a->base.kind == b->base.kind && a->has_size == b->has_size &&
               a->size == b->size && a->encoding == b->encoding && a->has_element == b->has_element &&
               a->nelems == b->nelems && a->is_bitfield == b->is_bitfield &&
               bitfield_equal(&a->bitfield, &b->bitfield);
}

struct load {
        uint64_t offset; /* bytes from the object's start */
        uint32_t size;   /* bytes; 0 if there is none */
};

/*
 * The load that CO-RE would choose: the declared type's size at a multiple of it, doubled until the bits fit.
 * For `unsigned int a : 3` at bit 30 that is 8 bytes at offset 0, as 4 at 0 end at bit 32.
 */
static struct load natural_load(uint64_t bit_offset, uint32_t bit_size, uint32_t storage_size)
{
        struct load load = {.size = 1};

        while (load.size < storage_size && load.size < 8)
                load.size *= 2;
        for (;;) {
                load.offset = bit_offset / 8 / load.size * load.size;
                if (bit_offset + bit_size <= (load.offset + load.size) * 8)
                        return load;
                if (load.size >= 8)
                        return (struct load){0};
                load.size *= 2;
        }
}

/*
 * At the end of a packed object the natural load may reach beyond it (or not exist). Then the smallest power
 * of two that covers the bits and can be moved forward to fit, and if even that is too large the very bytes
 * that hold them.
 */
static struct load fitting_load(uint64_t bit_offset, uint32_t bit_size, uint64_t object_size)
{
        uint64_t first = bit_offset / 8;
        uint64_t span = (bit_offset + bit_size + 7) / 8 - first;

        if (span > 8)
                return (struct load){.offset = first};
        for (uint32_t size = 1; size <= 8; size *= 2) {
                if (size < span || size > object_size)
                        continue;
                return (struct load){
                        .offset = first + size <= object_size ? first : object_size - size,
                        .size = size,
                };
        }
        return (struct load){.offset = first, .size = (uint32_t)span};
}

uint64_t value_place_bitfield(struct value *value, const struct btf *btf, uint64_t bit_offset,
                              uint32_t bit_size, uint64_t object_size)
{
        struct load load = natural_load(bit_offset, bit_size, value->base.size_or_type);
        struct value_bitfield bitfield = {.bit_size = bit_size};

        /* BTF may claim a member beyond its struct's size; the bits themselves are there all the same. */
        if (object_size < (bit_offset + bit_size + 7) / 8)
                object_size = (bit_offset + bit_size + 7) / 8;
        if (load.size == 0 || load.offset + load.size > object_size)
                load = fitting_load(bit_offset, bit_size, object_size);
        bitfield.bit_offset = (uint32_t)(bit_offset - load.offset * 8);
        if (load.size > 0) {
                bitfield.has_load = true;
                bitfield.load_size = load.size;
                /* Big-endian BTF counts bits from the most significant one of the load. */
                bitfield.lshift = btf->big_endian ? (8 - load.size) * 8 + bitfield.bit_offset
                                                  : 64 - (bitfield.bit_offset + bit_size);
                bitfield.rshift = 64 - bit_size;
                bitfield.is_signed = is_signed(btf, &value->base);
        }
        value->is_bitfield = true;
        value->bitfield = bitfield;
        return load.offset;
}
