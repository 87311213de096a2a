/*
 * The checks that follow ids: which bitfields and tags fit what they are in, and what may not be nested without
 * end. Called by btf_new() once every record has been checked by itself, and all ids are in range and of a
 * fitting kind.
 */
#pragma once

#include "btf/btf.h"

/* Returns 0; -ENOMEM; or 1 with *ret_error set. */
int btf_validate(const struct btf *btf, struct btf_error *ret_error);
