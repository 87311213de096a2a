/*
 * The kernel's rules of one record, by kind.
 */
#pragma once

#include "btf/kernel.h"

/* All rules that there are for a record of its kind. */
btf_kernel_rule btf_kernel_check_record;
