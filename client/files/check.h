/*
 * Everything that is wrong with the BTF in a file: that it cannot be got out of it, what btf_check() finds, and, for a
 * module with a distilled base, why it cannot be moved onto a kernel's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "btf/report.h"
#include "files/error.h"

/* Everything in it is borrowed for the call that gets it. */
struct files_finding {
        const char *path; /* of the file, or of its base */
        enum btf_severity severity;
        const char *reason; /* a stable name of btf/error.h or files/error.h */
        enum files_place place;
        uint64_t offset; /* bytes in `place` */
        const char *message;
};

typedef void files_found(void *context, const struct files_finding *finding);

/* What a valid file holds. */
struct files_summary {
        uint32_t n_types; /* of its own: without void and the base's */
        size_t size;      /* bytes of BTF */
        bool big_endian;
        uint8_t pointer_size; /* bytes */
        bool is_distilled;    /* split BTF on its own .BTF.base */
};

enum files_check_result {
        FILES_CHECK_INVALID = 1,  /* the file has errors */
        FILES_CHECK_BAD_BASE = 2, /* the base has, so not everything of the file was checked */
};

/*
 * Checks the file at `path`, as split BTF on the one at `base_path` unless that is NULL. What has a distilled base is
 * checked on that, and then moved onto the base. Findings go to `found`; of the base only errors. Returns 0 with *ret
 * filled (there may have been warnings); a files_check_result; or -ENOMEM.
 */
int files_check(const char *path, const char *base_path, files_found *found, void *context,
                struct files_summary *ret);
