/*
 * Bitfields of every width and sign, aligned and packed: what btfd's recipe reads, against what the compiler wrote.
 * data/shapes.h has the types, and the list of their fields.
 */
#include <string.h>

#include "support/compiled.h"
#include "support/recipe.h"

/* Lets the compiler store `value` in the field of the object at `bytes`, and returns what it then reads. */
typedef uint64_t store(uint8_t *bytes, uint64_t value);

#pragma GCC diagnostic push
/* That the field is too narrow for the value, or of another sign, is the point. */
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#define X(type, path, id)                                                                                    \
        static uint64_t store_##type##_##id(uint8_t *bytes, uint64_t value)                                  \
        {                                                                                                    \
                struct type object;                                                                          \
                                                                                                             \
                memcpy(&object, bytes, sizeof(object));                                                      \
                object.path = value;                                                                         \
                memcpy(bytes, &object, sizeof(object));                                                      \
                return (uint64_t)object.path;                                                                \
        }
SHAPES_BITFIELDS(X)
#ifdef __SIZEOF_INT128__
#define WIDE_BITFIELDS(X)                                                                                    \
        X(shape_int128, low, low)                                                                            \
        X(shape_int128, middle, middle)                                                                      \
        X(shape_int128, wide, wide)                                                                          \
        X(shape_int128, high, high)
WIDE_BITFIELDS(X)
#else
#define WIDE_BITFIELDS(X)
#endif
#undef X
#pragma GCC diagnostic pop

struct bitfield {
        const char *type, *path;
        store *store;
        size_t size; /* of the struct on this machine, in bytes */
};

/* In the table's order; what is not in the table comes last. */
static const struct bitfield bitfields[] = {
#define X(type, path, id) {#type, #path, store_##type##_##id, sizeof(struct type)},
        SHAPES_BITFIELDS(X) WIDE_BITFIELDS(X)
#undef X
};

/* Where the field's bits lie in an object in which all others are 0. */
struct extent {
        size_t first, last; /* bytes */
        uint32_t n_bits;
};

static struct extent extent_of(const uint8_t *object)
{
        struct extent extent = {.first = SIZE_MAX};

        for (size_t i = 0; i < SHAPES_OBJECT_SIZE; i++) {
                if (object[i] == 0)
                        continue;
                extent.first = extent.first == SIZE_MAX ? i : extent.first;
                extent.last = i;
                extent.n_bits += (uint32_t)__builtin_popcount(object[i]);
        }
        return extent;
}

/* Resolves a bitfield and checks what is promised of its load. Returns whether there is one. */
static bool resolve_bitfield(const struct compiled *c, const struct bitfield *bitfield,
                             const struct extent *extent, struct plan *ret)
{
        const struct value_bitfield *recipe = &ret->value.bitfield;
        uint64_t struct_size;

        *ret = compiled_resolve(c, "struct", bitfield->type, bitfield->path);
        assert_int_equal(btf_type_size(c->source.btf, ret->root.id, &struct_size), 0);
        assert_int_equal(ret->n_steps, 1);
        assert_true(ret->value.is_bitfield);
        /* One of 58 bits or more may touch nine bytes. */
        compiled_check(recipe->has_load, extent->last - extent->first < 8, "load", bitfield->type,
                       bitfield->path);
        if (recipe->has_load)
                assert_true((uint64_t)ret->steps[0].offset + recipe->load_size <= struct_size);
        return recipe->has_load;
}

/* gcc 12 says of no enum that it is signed, so that a negative value is read without its sign. */
static uint64_t expected_value(const struct compiled *c, const struct value *value, uint64_t compiler_s)
{
        if (c->producer == PRODUCER_gcc && btf_kind_is_enum(value->base.kind) && !value->base.kind_flag)
                return compiler_s & ((UINT64_C(1) << value->bitfield.bit_size) - 1);
        return compiler_s;
}

/* In the compiler's objects only the bits of one field are 1: for either ABI. */
static void recipes_read_the_compiler_s_objects(const struct compiled *c)
{
        for (size_t i = 0; i < ARRAY_LENGTH(c->table->ones); i++) {
                const uint8_t *object = c->table->ones[i].bytes;
                const struct bitfield *bitfield = &bitfields[i];
                struct extent extent = extent_of(object);
                uint8_t others[SHAPES_OBJECT_SIZE], scratch[SHAPES_OBJECT_SIZE] = {0};
                struct plan plan;
                bool big_endian = c->source.btf->big_endian;

                for (size_t byte = 0; byte < sizeof(others); byte++)
                        others[byte] = (uint8_t)~object[byte];
                if (!resolve_bitfield(c, bitfield, &extent, &plan))
                        continue;
                compiled_check(plan.value.bitfield.bit_size, extent.n_bits, "width", bitfield->type,
                               bitfield->path);
                compiled_check(recipe_execute(object, (uint64_t)plan.steps[0].offset, &plan.value.bitfield,
                                              big_endian),
                               expected_value(c, &plan.value, bitfield->store(scratch, UINT64_MAX)), "ones",
                               bitfield->type, bitfield->path);
                compiled_check(recipe_execute(others, (uint64_t)plan.steps[0].offset, &plan.value.bitfield,
                                              big_endian),
                               0, "zeros", bitfield->type, bitfield->path);
        }
}

static void check_stored(const struct compiled *c, const struct bitfield *bitfield, const struct plan *plan)
{
        static const uint64_t patterns[] = {0, UINT64_MAX, 1, UINT64_C(0xa5a5a5a5a5a5a5a5),
                                            UINT64_C(0x123456789abcdef0)};
        static const uint8_t backgrounds[] = {0x00, 0xff};

        for (size_t i = 0; i < ARRAY_LENGTH(backgrounds); i++) {
                for (size_t j = 0; j < ARRAY_LENGTH(patterns); j++) {
                        uint8_t object[SHAPES_OBJECT_SIZE];
                        uint64_t expected;

                        memset(object, backgrounds[i], sizeof(object));
                        expected = expected_value(c, &plan->value, bitfield->store(object, patterns[j]));
                        compiled_check(recipe_execute(object, (uint64_t)plan->steps[0].offset,
                                                      &plan->value.bitfield, c->source.btf->big_endian),
                                       expected, "value", bitfield->type, bitfield->path);
                }
        }
}

static void recipes_read_what_the_compiler_s_code_stores(const struct compiled *c)
{
        for (size_t i = 0; i < ARRAY_LENGTH(bitfields); i++) {
                uint8_t object[SHAPES_OBJECT_SIZE] = {0};
                struct extent extent;
                struct plan plan;

                assert_true(bitfields[i].size <= sizeof(object));
                bitfields[i].store(object, UINT64_MAX);
                extent = extent_of(object);
                if (resolve_bitfield(c, &bitfields[i], &extent, &plan))
                        check_stored(c, &bitfields[i], &plan);
        }
}

int main(void)
{
        static const struct compiled_test tests[] = {
                {"recipes read the compiler's objects", recipes_read_the_compiler_s_objects, FOR_ALL},
                {"recipes read what the compiler's code stores", recipes_read_what_the_compiler_s_code_stores,
                 FOR_HOST},
        };

        return compiled_run(tests, ARRAY_LENGTH(tests));
}
