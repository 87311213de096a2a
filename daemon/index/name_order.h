/*
 * Everything that has a name, in the order in which it is listed: by name bytewise, vmlinux before modules by name, id.
 *
 * Of vmlinux that is all named types. Of the modules it is what the index over them holds: types that vmlinux does not
 * say, each definition once, copies marked (see name_index.h). Functions, variables and sections are no types but code
 * and data of the module that holds them, so that each module's are there, whoever else has such ones, and none is a
 * copy.
 *
 * An entry says all that a scan wants to know of it without a look at the type: where its name lies, and whose it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "index/module_index.h"
#include "util/stop.h"

/* A name's offset counts through base and module, of BTF_MAX_SIZE bytes each. */
#define NAME_ORDER_STRING_BITS 27U
#define NAME_ORDER_COPY        (UINT64_C(1) << NAME_ORDER_STRING_BITS)
/* The types of one file, without its base's. */
#define NAME_ORDER_OWN_SHIFT    (NAME_ORDER_STRING_BITS + 1)
#define NAME_ORDER_OWN_BITS     23U
#define NAME_ORDER_SOURCE_SHIFT (NAME_ORDER_OWN_SHIFT + NAME_ORDER_OWN_BITS)

struct name_order {
        struct source *const *sources; /* borrowed */
        uint64_t *entries; /* position in `sources`:13, id - start_id:23, copy:1, name_off:27 from the most
                            * significant bit */
        uint32_t n_entries;
};

enum name_order_result {
        NAME_ORDER_STOPPED = 1,
};

/*
 * Orders what a set's sources hold, which must outlive the order as the array must. Returns 0; -ENOMEM; or
 * NAME_ORDER_STOPPED.
 */
int name_order_init(struct name_order *order, struct source *const *sources, size_t n_sources,
                    const struct module_index *modules, const struct stop *stop);
/* The same of all that one source holds itself, whatever others say, none of it a copy. */
int name_order_init_source(struct name_order *order, struct source *const *source, const struct stop *stop);
void name_order_deinit(struct name_order *order);

static inline size_t name_order_i_source(const struct name_order *order, uint32_t i)
{
        return order->entries[i] >> NAME_ORDER_SOURCE_SHIFT;
}

static inline const struct source *name_order_source(const struct name_order *order, uint32_t i)
{
        return order->sources[name_order_i_source(order, i)];
}

static inline uint32_t name_order_id(const struct name_order *order, uint32_t i)
{
        uint32_t own = order->entries[i] >> NAME_ORDER_OWN_SHIFT & ((1U << NAME_ORDER_OWN_BITS) - 1);

        return name_order_source(order, i)->btf->start_id + own;
}

static inline bool name_order_is_copy(const struct name_order *order, uint32_t i)
{
        return order->entries[i] & NAME_ORDER_COPY;
}

static inline const char *name_order_name(const struct name_order *order, uint32_t i)
{
        uint32_t offset = order->entries[i] & ((1U << NAME_ORDER_STRING_BITS) - 1);

        return btf_string(name_order_source(order, i)->btf, offset);
}

/* Asks for the name of an entry to come, so that a scan of all names does not wait for each. */
static inline void name_order_prefetch(const struct name_order *order, uint32_t i)
{
        if (i < order->n_entries)
                __builtin_prefetch(name_order_name(order, i));
}

/* The first entry whose name is not less than the bytes given, and the first behind those whose names begin with
 * them. With its NUL as the last byte, a name begins with nothing but itself. */
uint32_t name_order_begin(const struct name_order *order, const char *prefix, size_t length);
uint32_t name_order_end(const struct name_order *order, const char *prefix, size_t length);

/* The first entry behind a place in the order, whether anything stands there or not. */
uint32_t name_order_after(const struct name_order *order, const char *name, const char *source, uint32_t id);
