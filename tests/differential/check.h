/*
 * Compares the fields of one JSON object with what they should be. Whoever checks says of every field that should be there
 * what it should be; check_end() finds those that nobody has spoken of.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "reader.h"
#include "report.h"

struct check {
        struct report *report;
        const json_t *object;
        const char *what;            /* part of the type: "member"; NULL for the type itself */
        size_t i;                    /* which of them */
        const struct reader *reader; /* of the type, to be named where something differs */
        uint32_t id;
        size_t n_fields; /* spoken of so far */
};

/* A part of what `whole` checks. */
struct check check_part(const struct check *whole, const char *what, size_t i, const json_t *object);

void check_uint(struct check *check, const char *key, uint64_t expected);
void check_int(struct check *check, const char *key, int64_t expected);
void check_true(struct check *check, const char *key);
void check_text(struct check *check, const char *key, const char *expected);
/* The same, for what is absent instead of empty. */
void check_name(struct check *check, const char *expected);
/* A field that the caller looks at; NULL, which is a difference, if it is absent. */
const json_t *check_field(struct check *check, const char *key);
/* An array of so many elements; NULL, which is a difference, if it is none. */
const json_t *check_array(struct check *check, const char *key, size_t n_elements);
void check_end(const struct check *check);

/* Counts a difference in what is checked. */
void check_differs(const struct check *check, const char *key, const char *ours, const char *theirs);
