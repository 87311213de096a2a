/*
 * Whether two definitions of a name say the same: DESIGN's "Same or different", word by word.
 */
#pragma once

#include "reader.h"

/* A type that has a name. */
struct definition {
        const struct reader *reader; /* that holds it */
        uint32_t id;
        const char *name;
        const struct btf_type *type;
};

enum likeness {
        DIFFERENT,
        ALIKE, /* they say the same, but a pointer in them was compared by a name, which is not what is behind it */
        IDENTICAL, /* nobody can tell them apart: all pointers in them lead to the very same types */
};

enum likeness definition_compare(const struct definition *a, const struct definition *b);
