#include "index/source_set.h"

#include <errno.h>

#include "index/set_index.h"

static struct source_set *source_set_free(struct source_set *set)
{
        set_indexes_free(set->indexes);
        module_index_deinit(&set->modules);
        for (size_t i = 0; i < set->n_sources; i++)
                source_unref(set->sources[i]);
        free(set->sources);
        free(set->failures);
        free(set->directory);
        free(set->name);
        free(set);
        return NULL;
}

int source_set_new(struct source_set **ret, const char *name, const char *directory,
                   struct source *const *sources, size_t n_sources, const struct source_failure *failures,
                   size_t n_failures)
{
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        int r;

        set = calloc(1, sizeof(*set));
        if (!set)
                return -ENOMEM;
        atomic_init(&set->n_refs, 1);
        set->name = strdup(name);
        set->directory = strdup(directory);
        set->sources = calloc(n_sources + 1, sizeof(struct source *));
        set->failures = calloc(n_failures + 1, sizeof(*failures));
        if (!set->name || !set->directory || !set->sources || !set->failures)
                return -ENOMEM;
        for (; set->n_sources < n_sources; set->n_sources++)
                set->sources[set->n_sources] = source_ref(sources[set->n_sources]);
        for (; set->n_failures < n_failures; set->n_failures++)
                set->failures[set->n_failures] = failures[set->n_failures];
        r = module_index_init(&set->modules, set->sources, n_sources);
        if (r < 0)
                return r;
        r = set_indexes_new(&set->indexes);
        if (r < 0)
                return r;
        *ret = STEAL(set);
        return 0;
}

struct source_set *source_set_ref(struct source_set *set)
{
        atomic_fetch_add_explicit(&set->n_refs, 1, memory_order_relaxed);
        return set;
}

struct source_set *source_set_unref(struct source_set *set)
{
        if (set && atomic_fetch_sub_explicit(&set->n_refs, 1, memory_order_acq_rel) == 1)
                source_set_free(set);
        return NULL;
}

/* Sources and failures are sorted by name, but for vmlinux, which comes first wherever it is. */
static int compare_name(const void *name, const void *element)
{
        return strcmp(name, (*(struct source *const *)element)->name);
}

static int compare_failure(const void *name, const void *element)
{
        return strcmp(name, ((const struct source_failure *)element)->name);
}

const struct source *source_set_find(const struct source_set *set, const char *name)
{
        struct source *const *found;

        if (set->n_sources == 0)
                return NULL;
        if (string_equal(set->sources[0]->name, name))
                return set->sources[0];
        found = bsearch(name, set->sources + 1, set->n_sources - 1, sizeof(struct source *), compare_name);
        return found ? *found : NULL;
}

const struct source_failure *source_set_find_failure(const struct source_set *set, const char *name)
{
        return bsearch(name, set->failures, set->n_failures, sizeof(*set->failures), compare_failure);
}
