/*
 * What the types of a distilled base are in a real base; the rules stand in relocate.h.
 */
#pragma once

#include "btf/btf.h"
#include "files/error.h"

struct distilled_target;

struct distilled_map {
        const struct btf *distilled, *base;
        struct distilled_target *targets; /* owned; one for each type of the distilled base, sorted by name */
        uint32_t n_targets;
        uint32_t *by_id; /* owned; [id in the distilled base]: position in `targets`; [0] is not used */
};

/*
 * Finds all types of the base of `split` in `base`. Returns 0; -ENOMEM; or 1 with *ret_error naming the type that is not
 * there, or there more than once. What is left in `map` needs distilled_map_deinit() in any case.
 */
int distilled_map_init(struct distilled_map *map, const struct btf *split, const struct btf *base,
                       struct files_error *ret_error);
void distilled_map_deinit(struct distilled_map *map);

/* The id in the base of a type of the distilled base (void is void). */
uint32_t distilled_map_id(const struct distilled_map *map, uint32_t id);
/* The name offset in the base of a name that a type of the distilled base has; false if none has it. */
bool distilled_map_name(const struct distilled_map *map, const char *name, uint32_t *ret);
