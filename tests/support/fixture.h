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

/* Loads what was built, and frees the builder. */
struct source *fixture_source(struct btf_builder *b, const char *name, uint64_t instance);

/* A snapshot of what was built as vmlinux, instance 1, generation 7; frees the builder. */
struct snapshot *fixture_snapshot(struct btf_builder *b);

/* Only the parsed BTF, for tests of what lies below a source. It borrows the image, which
 * the caller frees. */
struct btf *fixture_btf(const struct btf_image *image);

/*
 * A real kernel's vmlinux: the corpus's (named by $BTFD_CORPUS), else this machine's. NULL if there is
 * neither, after saying so; the test is then to be skipped.
 */
struct snapshot *fixture_real_snapshot(void);
