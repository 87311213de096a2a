/*
 * Memory for large tables that are written from end to end as soon as they are there.
 *
 * The kernel provides fresh memory page by page, at the first touch of each: over 10 us a page on a virtual
 * machine, 0.5 us where all are asked for at once. That makes the difference between 20 and 12 ms for loading
 * a vmlinux.
 */
#pragma once

#include <stddef.h>

/* malloc() and calloc(), with the pages already there if the kernel can do that (Linux 5.14). Freed by
 * free(). */
void *memory_new(size_t size);
void *memory_new_zeroed(size_t n_elements, size_t element_size);
