/*
 * Names that somebody may have meant: one slip away from what was asked.
 */
#pragma once

#include "query/error.h"

/* Longer names are not compared: no member or type in the kernels seen has more than 89 bytes. */
#define NEAR_MAX_LENGTH 96U

/*
 * Adds the members of `composite` whose names are nearest to `name`, nearest first: those that are a few
 * edits away, and those that contain it or are contained in it (`state` and `__state`).
 */
void near_members(struct query_error *error, const struct btf *btf, const struct btf_type *composite,
                  const char *name, size_t length);

/*
 * Adds the types of a source whose names are one edit away from `name`, and those of exactly that name but of
 * another kind; with `only`, nothing but that kind. Takes some 2,600 probes of the name index for a name of
 * 20 bytes, however many types there are.
 */
void near_types(struct query_error *error, const struct source *source, const char *name, size_t length,
                const enum btf_kind *only);
