/*
 * Indexes over a whole set that few questions need: each is built when the first question that does is asked, at the
 * cost of some tens of milliseconds, and lives as long as the set.
 *
 * They are built in one thread, the helper's; any thread may ask what there is, and use what it was told is there.
 * An index that is there does not change any more.
 */
#pragma once

#include <stdbool.h>

#include "index/enumerator_index.h"
#include "index/name_order.h"
#include "index/source_set.h"
#include "index/users.h"

/* To be or'ed to a set of them. */
enum set_index {
        SET_INDEX_ORDER = 1 << 0,
        SET_INDEX_USERS = 1 << 1,
        SET_INDEX_ENUMERATORS = 1 << 2,
};

enum set_index_result {
        SET_INDEX_STOPPED = 1,
};

int set_indexes_new(struct set_indexes **ret);
struct set_indexes *set_indexes_free(struct set_indexes *indexes);

/* Whether all of these are there. */
bool source_set_has(const struct source_set *set, unsigned int indexes);

/*
 * Builds those of these that are not there yet, and those that they are built from. Only one thread may do so at a time.
 * Returns 0; -ENOMEM; or SET_INDEX_STOPPED, after which what was finished is there.
 */
int source_set_build(const struct source_set *set, unsigned int indexes, const struct stop *stop);

/* Each borrowed from the set, and NULL before it is built. */
const struct name_order *source_set_order(const struct source_set *set);
const struct users *source_set_users(const struct source_set *set);
const struct enumerator_index *source_set_enumerators(const struct source_set *set);
