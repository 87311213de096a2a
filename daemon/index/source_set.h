/*
 * A set: one BTF directory, loaded. vmlinux and its modules, the index over all modules' names, and what could not be
 * loaded.
 *
 * It is immutable, holds a reference on each of its sources, and is shared by reference between snapshots: a module that
 * comes or goes in one directory leaves the others' sets as they are. References may be taken and dropped in any thread.
 * What is built over it only when a question needs it hangs beside, in set_index.h.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "index/module_index.h"
#include "index/source.h"

/* A file that is no source, and why. */
struct source_failure {
        char name[SOURCE_NAME_SIZE]; /* cut if it is longer */
        uint64_t size;               /* of the file in bytes; 0 if it could not be read */
        struct btf_error error;
};

struct set_indexes;

struct source_set {
        atomic_uint n_refs;
        char *name;      /* as clients ask for it */
        char *directory; /* where it was loaded from */
        struct source *
                *sources; /* owned references; [0] is vmlinux, then modules by name; none if vmlinux failed */
        size_t n_sources;
        struct module_index modules;
        struct source_failure *failures; /* by name */
        size_t n_failures;
        uint64_t n_left_out;         /* files beyond the bounds, of which nothing is known */
        struct set_indexes *indexes; /* owned; see set_index.h */
};

/*
 * Takes a reference of its own on each source, of which the modules must be based on the first, and copies the rest.
 * Returns 0 or -ENOMEM.
 */
int source_set_new(struct source_set **ret, const char *name, const char *directory,
                   struct source *const *sources, size_t n_sources, const struct source_failure *failures,
                   size_t n_failures);
struct source_set *source_set_ref(struct source_set *set);
struct source_set *source_set_unref(struct source_set *set);

/* The source of that name, borrowed; NULL if there is none. */
const struct source *source_set_find(const struct source_set *set, const char *name);
/* Why the file of that name is no source, borrowed; NULL if there is no such failure. */
const struct source_failure *source_set_find_failure(const struct source_set *set, const char *name);

DEFINE_CLEANUP(struct source_set *, source_set_cleanup, source_set_unref)
