/*
 * The rules of the kernel's full checker, which it applies to BTF that programs load but not to vmlinux and modules:
 * what breaks one can be used all the same, so it is only worth a warning.
 *
 * Here are the rules that btf_new() does not enforce: those of the file as a whole (kernel_rules.c), of one record
 * (kernel_record.c, kernel_member.c, kernel_proto.c), and of what a record leads to (kernel_resolve.c). Each is looked
 * at by itself, so that no warning hides another.
 */
#pragma once

#include "btf/btf.h"
#include "btf/report.h"

/*
 * Passes what breaks a rule to `report->found`, which must not be NULL: first what concerns the whole file, then records
 * in the order of their ids, then what comes of following ids. Returns 0 or -ENOMEM.
 */
int btf_check_kernel_rules(const struct btf *btf, struct btf_report *report);
