#include "index/snapshot.h"

#include <errno.h>

int snapshot_new(struct snapshot **ret, uint64_t generation, struct source *const *sources, size_t n_sources)
{
        struct snapshot *snapshot;

        snapshot = malloc(sizeof(*snapshot) + n_sources * sizeof(struct source *));
        if (!snapshot)
                return -ENOMEM;
        atomic_init(&snapshot->n_refs, 1);
        snapshot->generation = generation;
        snapshot->n_sources = n_sources;
        for (size_t i = 0; i < n_sources; i++)
                snapshot->sources[i] = source_ref(sources[i]);
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
        for (size_t i = 0; i < snapshot->n_sources; i++)
                source_unref(snapshot->sources[i]);
        free(snapshot);
        return NULL;
}

const struct source *snapshot_source(const struct snapshot *snapshot, const char *name)
{
        for (size_t i = 0; i < snapshot->n_sources; i++) {
                if (string_equal(snapshot->sources[i]->name, name))
                        return snapshot->sources[i];
        }
        return NULL;
}
