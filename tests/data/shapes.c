/*
 * What the BTF of shapes.h is made from. Also the table of what this compiler says of them, in a section of its own.
 */
#include "shapes_table.h"

/* Variables in sections, which `gcc -gbtf` describes. */
int shape_counter = 3;
static volatile int shape_hidden;
struct shape_flags shape_table[4] __attribute__((section(".shape_table")));
extern int shape_elsewhere;

static __attribute__((noinline)) int shape_local(struct shape_pointers *pointers, int n, ...)
{
        return n + pointers->in[1].b + shape_hidden;
}

int shape_global(struct shape_pointers *pointers, enum shape_state state)
{
        return shape_local(pointers, (int)state) + shape_counter + shape_elsewhere;
}

const struct shapes_table shapes_table __attribute__((section(".shapes"), used)) = SHAPES_TABLE;
