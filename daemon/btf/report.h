/*
 * Where the checks of a file leave what they find. Loading ends at the first error; `btfctl check` wants them all, and
 * warnings too. So each check fills `error` and returns 1, and the loop that called it asks btf_report_add() whether
 * to go on with the next type or member. Checks that build on others' success run only if there was no error so far.
 */
#pragma once

#include <stddef.h>

#include "btf/error.h"

enum btf_severity {
        BTF_SEVERITY_ERROR,   /* the file cannot be used */
        BTF_SEVERITY_WARNING, /* a rule of the kernel's that it does not enforce on vmlinux and modules */
};

typedef void btf_finding(void *context, enum btf_severity severity, const struct btf_error *finding);

struct btf_report {
        struct btf_error error; /* what the last failed check found */
        btf_finding *found;     /* called for each finding; NULL to end at the first error */
        void *context;
        size_t n_errors;
};

/*
 * Takes what a check returned: 0, 1 with `report->error` filled, or a negative errno. Returns 0 to go on; 1 to end with
 * `report->error`; or the errno.
 */
int btf_report_add(struct btf_report *report, int result);

/* Passes on what breaks a rule of the kernel's; `report->found` must not be NULL. */
void btf_report_warning(struct btf_report *report, enum btf_error_reason reason, uint64_t offset,
                        const char *format, ...) __attribute__((__format__(__printf__, 4, 5)));
