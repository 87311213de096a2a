/*
 * The members of a struct or union. Load recipes of bitfields are executed.
 */
#pragma once

#include "check.h"
#include "compare.h"

/* Checks the array "members". */
void check_members(struct comparison *comparison, struct check *check, const struct btf_type *type);
