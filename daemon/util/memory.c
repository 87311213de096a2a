#include "util/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Debian 12's headers have it, but not everyone's. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Only whole pages inside the allocation; failure changes nothing but the time that the first touch takes. */
static void *populate(void *memory, size_t size)
{
        uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
        uintptr_t begin = ((uintptr_t)memory + page - 1) & ~(page - 1);
        uintptr_t end = ((uintptr_t)memory + size) & ~(page - 1);

        if (memory && begin < end)
                (void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
        return memory;
}

void *memory_new(size_t size)
{
        return populate(malloc(size), size);
}

void *memory_new_zeroed(size_t n_elements, size_t element_size)
{
        /* calloc() has checked that the product does not overflow before it is used. */
        void *memory = calloc(n_elements, element_size);

        return memory ? populate(memory, n_elements * element_size) : NULL;
}
