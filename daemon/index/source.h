/*
 * A source: one BTF file, loaded: vmlinux, or a module, which holds a reference on the vmlinux that it continues. It
 * owns its bytes, the BTF parsed from them and the index over that, and is shared by reference between the sets that
 * serve it, so that a change of one module re-parses only that module. Immutable once made; references may be taken and
 * dropped in any thread.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/btf.h"
#include "index/name_index.h"
#include "index/tags.h"

/* The kernel's MODULE_NAME_LEN is 56 on 64-bit machines, and "vmlinux" is shorter. */
#define SOURCE_NAME_SIZE 64U

/* A file's bytes, however they came into memory. */
struct source_bytes {
        const uint8_t *data;
        size_t size;
        bool mapped; /* data came from mmap, else from malloc */
};

struct source {
        atomic_uint n_refs;
        char name[SOURCE_NAME_SIZE]; /* "vmlinux", or the module's as sysfs spells it */
        struct source *base;         /* owned reference; NULL of vmlinux */
        uint64_t instance;           /* differs for each load of a source, so that an old id is recognised */
        struct source_bytes bytes;
        struct btf *btf;
        struct name_index names;
        struct tags tags;
};

/*
 * Parses and indexes `bytes`, of which it takes ownership whatever happens, as a module on `base` if that is not NULL.
 * Returns 0; -ENOMEM; or 1 with *ret_error saying what is wrong with them.
 */
int source_new(struct source **ret, const char *name, uint64_t instance, struct source_bytes bytes,
               struct source *base, struct btf_error *ret_error);
struct source *source_ref(struct source *source);
struct source *source_unref(struct source *source);

/* How many types it holds itself, void and its base's not counted. */
static inline uint32_t source_n_types(const struct source *source)
{
        return source->btf->n_types - (source->base ? source->btf->start_id : 1);
}

void source_bytes_free(struct source_bytes *bytes);

DEFINE_CLEANUP(struct source *, source_cleanup, source_unref)
