#include "index/set_index.h"

#include <errno.h>
#include <stdatomic.h>

struct set_indexes {
        atomic_uint built; /* set of set_index: these are complete and do not change any more */
        struct name_order order;
        struct users users;
        struct enumerator_index *enumerators; /* NULL before it is built */
};

static int build_order(const struct source_set *set, const struct stop *stop)
{
        return name_order_init(&set->indexes->order, set->sources, set->n_sources, &set->modules, stop);
}

static int build_users(const struct source_set *set, const struct stop *stop)
{
        return users_init(&set->indexes->users, &set->indexes->order, set->n_sources, stop);
}

static int build_enumerators(const struct source_set *set, const struct stop *stop)
{
        return enumerator_index_new(&set->indexes->enumerators, set->sources, set->n_sources, stop);
}

/* Each behind those that it is built from. A build leaves nothing behind when it fails, and returns as
 * source_set_build() does. */
static const struct {
        enum set_index index;
        unsigned int needs;
        int (*build)(const struct source_set *set, const struct stop *stop);
} builders[] = {
        {SET_INDEX_ORDER, 0, build_order},
        {SET_INDEX_USERS, SET_INDEX_ORDER, build_users},
        {SET_INDEX_ENUMERATORS, 0, build_enumerators},
};

int set_indexes_new(struct set_indexes **ret)
{
        struct set_indexes *indexes = calloc(1, sizeof(*indexes));

        if (!indexes)
                return -ENOMEM;
        atomic_init(&indexes->built, 0);
        *ret = indexes;
        return 0;
}

struct set_indexes *set_indexes_free(struct set_indexes *indexes)
{
        if (!indexes)
                return NULL;
        users_deinit(&indexes->users);
        name_order_deinit(&indexes->order);
        enumerator_index_free(indexes->enumerators);
        free(indexes);
        return NULL;
}

bool source_set_has(const struct source_set *set, unsigned int indexes)
{
        /* Pairs with the release below: what is said to be there is seen whole. */
        return (atomic_load_explicit(&set->indexes->built, memory_order_acquire) & indexes) == indexes;
}

int source_set_build(const struct source_set *set, unsigned int indexes, const struct stop *stop)
{
        for (size_t i = ARRAY_LENGTH(builders); i-- > 0;) {
                if (indexes & builders[i].index)
                        indexes |= builders[i].needs;
        }
        for (size_t i = 0; i < ARRAY_LENGTH(builders); i++) {
                int r;

                if (!(indexes & builders[i].index) || source_set_has(set, builders[i].index))
                        continue;
                r = builders[i].build(set, stop);
                if (r != 0)
                        return r;
                atomic_fetch_or_explicit(&set->indexes->built, builders[i].index, memory_order_release);
        }
        return 0;
}

const struct name_order *source_set_order(const struct source_set *set)
{
        return source_set_has(set, SET_INDEX_ORDER) ? &set->indexes->order : NULL;
}

const struct users *source_set_users(const struct source_set *set)
{
        return source_set_has(set, SET_INDEX_USERS) ? &set->indexes->users : NULL;
}

const struct enumerator_index *source_set_enumerators(const struct source_set *set)
{
        return source_set_has(set, SET_INDEX_ENUMERATORS) ? set->indexes->enumerators : NULL;
}
