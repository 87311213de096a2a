#include "btf/kernel_rules.h"

void btf_check_kernel_rules(const struct btf *btf, struct btf_report *report)
{
        (void)btf;
        (void)report;
}
