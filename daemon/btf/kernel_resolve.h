/*
 * The kernel's search for what each type stands for, which must come to an end within a bounded stack.
 */
#pragma once

#include "btf/kernel.h"

/*
 * Warns of each of the file's own types from which the kernel would come back to where it was, or run out of stack.
 * Returns 0 or -ENOMEM.
 */
int btf_kernel_check_resolving(struct btf_kernel *kernel);
