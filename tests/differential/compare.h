/*
 * One answer of type.get against the type as libbpf reads it: every field of it, and that there is none beside.
 */
#pragma once

#include <jansson.h>

#include "declaration.h"
#include "reader.h"
#include "report.h"

struct comparison {
        struct report *report;
        const struct kernel *kernel;
        const struct reader *reader; /* whose types are compared */
        struct declarations *declarations;
        uint64_t instance; /* of the source */
};

/* Compares `result` with the reader's type of that id. */
void compare_type(struct comparison *comparison, uint32_t id, const json_t *result);
