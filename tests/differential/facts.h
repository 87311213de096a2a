/*
 * What the daemon tells of any type and of any member: its kind, how C writes it, how large it is and how to read it.
 */
#pragma once

#include "check.h"
#include "compare.h"

/* As the daemon calls it. */
const char *kind_name(const struct btf_type *type);

/* Checks that the field at `key` is how C writes that type. */
void check_declaration(struct comparison *comparison, struct check *check, const char *key, uint32_t id);
/* "type" and "type_id". */
void check_reference(struct comparison *comparison, struct check *check, uint32_t id);
/* "size", "encoding", and what an index steps over. */
void check_sizes(struct comparison *comparison, struct check *check, uint32_t id);
