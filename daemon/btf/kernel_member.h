/*
 * The kernel's rules of where a member lies in its struct or union and what it may be.
 */
#pragma once

#include "btf/kernel.h"

/* All rules for a member but that of its name. */
btf_kernel_entry_rule btf_kernel_check_member;
