#include "index/snapshot.h"

#include <errno.h>

int snapshot_new(struct snapshot **ret, uint64_t generation, struct source_set *const *sets, size_t n_sets)
{
        struct snapshot *snapshot;

        snapshot = malloc(sizeof(*snapshot) + n_sets * sizeof(struct source_set *));
        if (!snapshot)
                return -ENOMEM;
        atomic_init(&snapshot->n_refs, 1);
        snapshot->generation = generation;
        snapshot->n_sets = n_sets;
        for (size_t i = 0; i < n_sets; i++)
                snapshot->sets[i] = source_set_ref(sets[i]);
        *ret = snapshot;
        return 0;
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
        atomic_fetch_add_explicit(&snapshot->n_refs, 1, memory_order_relaxed);
        return snapshot;
}

struct snapshot *snapshot_unref(struct snapshot *snapshot)
{
        if (!snapshot || atomic_fetch_sub_explicit(&snapshot->n_refs, 1, memory_order_acq_rel) != 1)
                return NULL;
        for (size_t i = 0; i < snapshot->n_sets; i++)
                source_set_unref(snapshot->sets[i]);
        free(snapshot);
        return NULL;
}

const struct source_set *snapshot_set(const struct snapshot *snapshot, const char *name)
{
        for (size_t i = 0; i < snapshot->n_sets; i++) {
                if (string_equal(snapshot->sets[i]->name, name))
                        return snapshot->sets[i];
        }
        return NULL;
}
