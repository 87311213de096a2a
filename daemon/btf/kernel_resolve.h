/*
 * The kernel's search for what each type stands for, which must come to an end within a bounded stack.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/*
 * Warns of each of the file's own types from which the kernel would come back to where it was, or run out of stack.
 * Returns 0 or -ENOMEM.
 */
int btf_kernel_check_resolving(const struct btf *btf, struct btf_report *report);
