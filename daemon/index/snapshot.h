/*
 * A snapshot: everything that is served at one moment, under one generation number.
 *
 * It is immutable. Whoever answers a question takes a reference first and keeps it until the answer is
 * written, so that a reload in between changes nothing for it. The last reference frees it, and with it
 * whatever sets and sources no newer snapshot shares. References may be taken and dropped in any thread.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "index/source_set.h"

struct snapshot {
        atomic_uint n_refs;
        uint64_t generation; /* counts the changes of the whole since the daemon started, from 1 */
        size_t n_sets;
        struct source_set *sets[]; /* owned references; [0] is what is asked when a question names none */
};

/* Takes references of its own on the sets, of which there must be one. Returns 0 or -ENOMEM. */
int snapshot_new(struct snapshot **ret, uint64_t generation, struct source_set *const *sets, size_t n_sets);
struct snapshot *snapshot_ref(struct snapshot *snapshot);
struct snapshot *snapshot_unref(struct snapshot *snapshot);

/* The set of that name, borrowed; NULL if there is none. */
const struct source_set *snapshot_set(const struct snapshot *snapshot, const char *name);

DEFINE_CLEANUP(struct snapshot *, snapshot_cleanup, snapshot_unref)
