/*
 * Sources and snapshots for tests. What cannot be loaded ends the program with the loader's own words: such a
 * test has nothing to say.
 */
#pragma once

#include "index/snapshot.h"
#include "support/btf_builder.h"

/* What fixture_every_kind() writes, by id. */
enum fixture_every {
        EVERY_INT = 1,
        EVERY_UCHAR,
        EVERY_PTR,
        EVERY_STRUCT,
        EVERY_UNION,
        EVERY_ENUM,
        EVERY_ENUM64,
        EVERY_FWD,
        EVERY_FWD_UNION,
        EVERY_TYPEDEF,
        EVERY_VOLATILE,
        EVERY_CONST,
        EVERY_RESTRICT,
        EVERY_FUNC_PROTO,
        EVERY_FUNC,
        EVERY_VAR,
        EVERY_DATASEC,
        EVERY_FLOAT,
        EVERY_DECL_TAG,
        EVERY_TYPE_TAG,
        EVERY_ARRAY,
        EVERY_END,
};

/* A valid type section with each of the 19 kinds, which refer to one another. */
void fixture_every_kind(struct btf_builder *b);

/* What fixture_types() writes, by id: types to refer to. */
enum fixture_types {
        TYPES_INT = 1, /* a long of 8 bytes */
        TYPES_PART,    /* three bits of an int */
        TYPES_FWD,
        TYPES_PTR,
        TYPES_STRUCT, /* 8 bytes */
        TYPES_FLOAT,  /* 8 bytes */
        TYPES_BYTE_ENUM,
        TYPES_CONST_VOID,
        TYPES_FWD_T, /* a typedef of TYPES_FWD */
        TYPES_VAR,
        TYPES_TAGGED,  /* a type_tag */
        TYPES_PROTO,   /* of one parameter that has a name */
        TYPES_UNNAMED, /* of one that has none */
        TYPES_NEXT,
};

/* A builder with these types, which keep all rules of the kernel's. */
struct btf_builder *fixture_types(void);

/* Loads what was built, as a module on `base` if that is not NULL, and frees the builder. */
struct source *fixture_source(struct btf_builder *b, const char *name, uint64_t instance,
                              struct source *base);

/* A module's name, and what it holds. */
struct fixture_module {
        const char *name;
        struct btf_builder *b;
};

/* A set "running" of what was built as vmlinux, instance 1, and modules, from instance 2 on; frees the builders. */
struct source_set *fixture_set_with(struct btf_builder *vmlinux, const struct fixture_module *modules,
                                    size_t n_modules);
/* The same of what functions build: vmlinux, and the modules "a", "b", "c" and "d", or the first of these. */
typedef void fixture_build(struct btf_builder *b);
struct source_set *fixture_set_of(fixture_build *vmlinux, fixture_build *const *modules, size_t n_modules);
/* The same without modules. */
struct source_set *fixture_set(struct btf_builder *b);
/* A snapshot of such a set, generation 7. */
struct snapshot *fixture_snapshot(struct btf_builder *b);

/* Only the parsed BTF, for tests of what lies below a source. It borrows the image, which
 * the caller frees. */
struct btf *fixture_btf(const struct btf_image *image);

/*
 * A real kernel's vmlinux: the corpus's (named by $BTFD_CORPUS), else this machine's. NULL if there is
 * neither, after saying so; the test is then to be skipped.
 */
struct source_set *fixture_real_set(void);

/* One of the corpus's kernels with its modules; NULL if it is not there, after saying so. */
struct source_set *fixture_corpus_set(const char *kernel);
/* The same of several, and what frees them; NULL without memory. */
struct source_set **fixture_corpus_sets(const char *const *kernels, size_t n_kernels);
void fixture_corpus_sets_free(struct source_set **sets, size_t n_kernels);
