/*
 * Everything that is wrong with a file, instead of the first thing only.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/*
 * Validates as btf_new() does, and passes each finding to `found` in the order of discovery: errors, after which some
 * checks are not made as they would build on what is broken, and, if there is none, warnings. Returns 0 with *ret
 * loaded (there may have been warnings); 1 after an error; or -ENOMEM.
 */
int btf_check(struct btf **ret, const uint8_t *data, size_t size, const struct btf *base, btf_finding *found,
              void *context);
