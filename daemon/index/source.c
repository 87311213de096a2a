#include "index/source.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

void source_bytes_free(struct source_bytes *bytes)
{
        /* munmap() and free() take what they once gave as a pointer to mutable bytes. */
        void *data = (void *)(uintptr_t)bytes->data;

        if (bytes->mapped)
                munmap(data, bytes->size);
        else
                free(data);
        *bytes = (struct source_bytes){0};
}

static struct source *source_free(struct source *source)
{
        tags_deinit(&source->tags);
        name_index_deinit(&source->names);
        btf_free(source->btf);
        source_bytes_free(&source->bytes);
        source_unref(source->base);
        free(source);
        return NULL;
}

int source_new(struct source **ret, const char *name, uint64_t instance, struct source_bytes bytes,
               struct source *base, struct btf_error *ret_error)
{
        CLEANUP(source_cleanup) struct source *source = NULL;
        int r;

        source = calloc(1, sizeof(*source));
        if (!source) {
                source_bytes_free(&bytes);
                return -ENOMEM;
        }
        atomic_init(&source->n_refs, 1);
        snprintf(source->name, sizeof(source->name), "%s", name);
        source->instance = instance;
        source->bytes = bytes;
        if (base)
                source->base = source_ref(base);
        r = btf_new(&source->btf, bytes.data, bytes.size, base ? base->btf : NULL, ret_error);
        if (r != 0)
                return r;
        r = name_index_init(&source->names, source->btf, base ? &base->names : NULL, ret_error);
        if (r != 0)
                return r;
        r = tags_init(&source->tags, source->btf);
        if (r != 0)
                return r;
        *ret = STEAL(source);
        return 0;
}

struct source *source_ref(struct source *source)
{
        atomic_fetch_add_explicit(&source->n_refs, 1, memory_order_relaxed);
        return source;
}

struct source *source_unref(struct source *source)
{
        if (source && atomic_fetch_sub_explicit(&source->n_refs, 1, memory_order_acq_rel) == 1)
                source_free(source);
        return NULL;
}
