/*
 * Variables: where in its section one lies.
 */
#pragma once

#include <stdbool.h>

#include "btf/btf.h"
#include "index/source.h"

struct variable {
        const char *section; /* ".data..percpu"; borrowed from the BTF */
        uint32_t section_id; /* of its DATASEC, in the source that has the variable */
        uint32_t offset;     /* bytes from the section's start */
        uint32_t size;       /* bytes */
};

/* Finds a VAR in the sections of the file that holds it. Returns whether it is in one. */
bool variable_find(const struct source *source, uint32_t id, struct variable *ret);
