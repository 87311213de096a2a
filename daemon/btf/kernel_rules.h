/*
 * The rules of the kernel's full checker, which it applies to BTF that programs load but not to vmlinux and modules:
 * what breaks one can be used all the same, so it is only worth a warning.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/* Passes what breaks a rule to `report->found`, which must not be NULL. */
void btf_check_kernel_rules(const struct btf *btf, struct btf_report *report);
