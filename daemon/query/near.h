/*
 * Names that somebody may have meant: one slip away from what was asked.
 */
#pragma once

#include "index/enumerator_index.h"
#include "index/source_set.h"
#include "query/error.h"

/* Longer names are not compared: no member or type in the kernels seen has more than 89 bytes. */
#define NEAR_MAX_LENGTH 96U

/*
 * Adds the members of `composite` whose names are nearest to `name`, nearest first: those that are a few
 * edits away, and those that contain it or are contained in it (`state` and `__state`).
 */
void near_members(struct query_error *error, const struct btf *btf, const struct btf_type *composite,
                  const char *name, size_t length);

/* The same of a function's parameters. */
void near_parameters(struct query_error *error, const struct btf *btf, const struct btf_type *func,
                     const char *name, size_t length);

/*
 * Adds the types of a set (or, if `only` is not NULL, of that source of it) whose names are one edit away from `name`,
 * and those of exactly that name but of another kind; with `kind`, nothing but that kind. Takes some 2,600 probes of each
 * of two indices for a name of 20 bytes, however many types and modules there are.
 */
void near_types(struct query_error *error, const struct source_set *set, const struct source *only,
                const char *name, size_t length, const enum btf_kind *kind);

/* Adds the enumerators of an ENUM or ENUM64 that are nearest to `name`, nearest first, as near_members() does members. */
void near_values(struct query_error *error, const struct btf *btf, const struct btf_type *type,
                 const char *name, size_t length);

/* Adds the enumerators of all enums that are one edit away from `name`, and that of its name in capitals. */
void near_enumerators(struct query_error *error, const struct enumerator_index *index, const char *name,
                      size_t length);
