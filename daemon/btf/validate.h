/*
 * The checks that need more than one record: what an id may point to, and what may not be nested without end.
 * Called by btf_new() once every record has been checked by itself, all ids are in range and `offsets` is
 * filled.
 */
#pragma once

#include "btf/btf.h"

/* Returns 0; -ENOMEM; or 1 with *ret_error set. */
int btf_validate(const struct btf *btf, struct btf_error *ret_error);
