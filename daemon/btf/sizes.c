#include "btf/sizes.h"

#include <errno.h>

/* What is known of an array: nothing, or its bytes and one more, or that it has no size for one of these reasons. */
#define SIZE_UNKNOWN  UINT64_C(0)
#define SIZE_NONE     (UINT64_MAX - BTF_SIZE_NONE)
#define SIZE_OVERFLOW (UINT64_MAX - BTF_SIZE_OVERFLOW)

int btf_sizes_init(struct btf_sizes *sizes, const struct btf *btf)
{
        /* Most of it is never touched, so that it is not asked for at once. */
        uint64_t *arrays = calloc((size_t)btf->n_types - btf->start_id + 1, sizeof(*arrays));

        if (!arrays)
                return -ENOMEM;
        *sizes = (struct btf_sizes){.btf = btf, .arrays = arrays};
        return 0;
}

void btf_sizes_deinit(struct btf_sizes *sizes)
{
        free(sizes->arrays);
        sizes->arrays = NULL;
}

/* The type of which a type has the size: modifiers and variables seen through. */
static uint32_t sized_id(const struct btf *btf, uint32_t id)
{
        id = btf_strip_id(btf, id);
        return btf_kind(btf, id) == BTF_KIND_VAR ? btf_strip_id(btf, btf_target(btf, id)) : id;
}

/* What there is to know of an array of `nelems` elements of which `element` is known. */
static uint64_t array_size(uint32_t nelems, uint64_t element)
{
        uint64_t bytes;

        if (element == SIZE_NONE || element == SIZE_OVERFLOW)
                return SIZE_NONE;
        if (__builtin_mul_overflow(nelems, element - 1, &bytes) || bytes > BTF_MAX_TYPE_BYTES)
                return SIZE_OVERFLOW;
        return bytes + 1;
}

/* The base's arrays have been found to have sizes, each in few steps, as what is behind long chains is kept. */
static bool is_own_array(const struct btf *btf, uint32_t id)
{
        return id >= btf->start_id && btf_kind(btf, id) == BTF_KIND_ARRAY;
}

int btf_sizes_get(struct btf_sizes *sizes, uint32_t id, uint64_t *ret_bytes)
{
        const struct btf *btf = sizes->btf;
        uint32_t unknown[BTF_MAX_EMBEDDING]; /* arrays, each the element of the one before */
        uint32_t n_unknown = 0;
        uint64_t known, bytes;

        id = sized_id(btf, id);
        while (is_own_array(btf, id) && sizes->arrays[id - btf->start_id] == SIZE_UNKNOWN) {
                struct btf_type array = btf_type(btf, id);

                unknown[n_unknown++] = id;
                id = sized_id(btf, btf_array(btf, &array).type);
        }
        if (is_own_array(btf, id))
                known = sizes->arrays[id - btf->start_id];
        else
                known = btf_type_size(btf, id, &bytes) == 0 ? bytes + 1 : SIZE_NONE;
        while (n_unknown > 0) {
                struct btf_type array = btf_type(btf, unknown[--n_unknown]);

                known = array_size(btf_array(btf, &array).nelems, known);
                sizes->arrays[array.id - btf->start_id] = known;
        }
        if (known == SIZE_NONE || known == SIZE_OVERFLOW)
                return known == SIZE_NONE ? BTF_SIZE_NONE : BTF_SIZE_OVERFLOW;
        *ret_bytes = known - 1;
        return 0;
}
