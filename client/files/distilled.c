/*
 * First the targets, one for each type of the distilled base, are sorted by name; then the base's types are gone through
 * once, each leaving a note with those of its name that it matches; then each target chooses.
 */
#include "files/distilled.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "files/relocate.h"

/* How many types of the base match, and the first two of them. */
struct matches {
        uint32_t n;
        uint32_t ids[2];
};

struct distilled_target {
        const char *name;       /* borrowed from the distilled base */
        struct btf_type type;   /* as the distilled base has it */
        bool is_embedded;       /* a struct or union of the module holds it by value */
        bool has_other_size;    /* a type was alike but for its size, which is `other_size` */
        uint32_t other_size;    /* bytes */
        uint32_t n_composites;  /* structs and unions of that name in the base */
        struct matches of_size; /* alike, and of its size */
        struct matches of_name; /* alike, of any size */
        struct matches forward; /* declarations of it */
        uint32_t chosen;        /* id in the base */
};

static int type_error(const struct btf *btf, const struct btf_type *type, enum files_error_reason reason,
                      const char *problem, struct files_error *error)
{
        return files_error_set(error, reason, FILES_PLACE_BTF_BASE, type->tail - BTF_RECORD_LENGTH,
                               "%s '%.100s', type %" PRIu32 " of the distilled base, %s",
                               btf_kind_name(type->kind), btf_name(btf, type), type->id, problem);
}

/* An ENUM64 is an ENUM there. */
static bool may_be_distilled(enum btf_kind kind)
{
        return kind == BTF_KIND_INT || kind == BTF_KIND_FLOAT || kind == BTF_KIND_ENUM ||
               kind == BTF_KIND_FWD || btf_kind_is_composite(kind);
}

static int check_distilled(const struct btf *distilled, const struct btf_type *type,
                           struct files_error *error)
{
        if (!may_be_distilled(type->kind))
                return type_error(
                        distilled, type, FILES_ERROR_BAD_DISTILLED,
                        "is of a kind that it may not hold: only int, float, enum, struct, union and fwd",
                        error);
        if (!btf_has_name(distilled, type))
                return type_error(distilled, type, FILES_ERROR_BAD_DISTILLED,
                                  "has no name to look for in the base", error);
        if (strnlen(btf_name(distilled, type), FILES_MAX_NAME_LENGTH + 1) > FILES_MAX_NAME_LENGTH)
                return type_error(distilled, type, FILES_ERROR_BAD_DISTILLED,
                                  "has a longer name than the kernel allows", error);
        return 0;
}

static int compare_targets(const void *a, const void *b)
{
        const struct distilled_target *first = a, *second = b;

        return strcmp(first->name, second->name);
}

/* The position of the first target that is not below `name`. */
static uint32_t find_target(const struct distilled_map *map, const char *name)
{
        uint32_t low = 0, high = map->n_targets;

        while (low < high) {
                uint32_t middle = low + (high - low) / 2;

                if (strcmp(map->targets[middle].name, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool is_target(const struct distilled_map *map, uint32_t i, const char *name)
{
        return i < map->n_targets && string_equal(map->targets[i].name, name);
}

static int sort_targets(struct distilled_map *map, struct files_error *error)
{
        struct distilled_target *targets = map->targets;
        uint32_t n_same = 0;

        qsort(targets, map->n_targets, sizeof(*targets), compare_targets);
        for (uint32_t i = 0; i < map->n_targets; i++) {
                n_same = i > 0 && string_equal(targets[i].name, targets[i - 1].name) ? n_same + 1 : 1;
                if (n_same > FILES_MAX_SAME_NAME)
                        return type_error(map->distilled, &targets[i].type, FILES_ERROR_BAD_DISTILLED,
                                          "is one of too many of that name", error);
                map->by_id[targets[i].type.id] = i;
        }
        return 0;
}

static int collect_targets(struct distilled_map *map, struct files_error *error)
{
        const struct btf *distilled = map->distilled;
        int r;

        map->targets = calloc(distilled->n_types, sizeof(*map->targets));
        map->by_id = calloc(distilled->n_types, sizeof(*map->by_id));
        if (!map->targets || !map->by_id)
                return -ENOMEM;
        for (uint32_t id = 1; id < distilled->n_types; id++) {
                struct distilled_target *target = &map->targets[map->n_targets++];

                target->type = btf_type(distilled, id);
                target->name = btf_name(distilled, &target->type);
                r = check_distilled(distilled, &target->type, error);
                if (r != 0)
                        return r;
        }
        return sort_targets(map, error);
}

/* The struct or union that a member holds, through modifiers and arrays; else what there is instead. */
static uint32_t held_type(const struct btf *btf, uint32_t id)
{
        for (;;) {
                struct btf_type type = btf_strip(btf, id);

                if (type.kind != BTF_KIND_ARRAY)
                        return type.id;
                id = btf_array(btf, &type).type;
        }
}

static void mark_embedded(struct distilled_map *map, const struct btf *split)
{
        for (uint32_t id = split->start_id; id < split->n_types; id++) {
                struct btf_type type;

                if (!btf_kind_is_composite(btf_kind(split, id)))
                        continue;
                type = btf_type(split, id);
                for (uint32_t i = 0; i < type.vlen; i++) {
                        uint32_t held = held_type(split, btf_member(split, &type, i).type);

                        if (held != 0 && held < split->start_id)
                                map->targets[map->by_id[held]].is_embedded = true;
                }
        }
}

static bool is_union(const struct btf_type *type)
{
        return type->kind == BTF_KIND_UNION || (type->kind == BTF_KIND_FWD && type->kind_flag);
}

/* Whether the two may be the same type, sizes aside. */
static bool is_alike(const struct distilled_map *map, const struct btf_type *distilled,
                     const struct btf_type *candidate)
{
        if (distilled->kind == BTF_KIND_FWD)
                return btf_kind_is_composite(candidate->kind) && is_union(distilled) == is_union(candidate);
        if (distilled->kind == BTF_KIND_ENUM)
                return btf_kind_is_enum(candidate->kind);
        if (distilled->kind != candidate->kind)
                return false;
        return candidate->kind != BTF_KIND_INT || BTF_INT_ENCODING(btf_word(map->distilled, distilled)) ==
                                                          BTF_INT_ENCODING(btf_word(map->base, candidate));
}

static void note(struct matches *matches, uint32_t id)
{
        if (matches->n < ARRAY_LENGTH(matches->ids))
                matches->ids[matches->n] = id;
        matches->n++;
}

static void note_candidate(const struct distilled_map *map, struct distilled_target *target,
                           const struct btf_type *candidate)
{
        const struct btf_type *type = &target->type;

        target->n_composites += btf_kind_is_composite(candidate->kind);
        if (candidate->kind == BTF_KIND_FWD) {
                if ((type->kind == BTF_KIND_FWD || btf_kind_is_composite(type->kind)) &&
                    is_union(type) == is_union(candidate))
                        note(&target->forward, candidate->id);
                return;
        }
        if (!is_alike(map, type, candidate))
                return;
        note(&target->of_name, candidate->id);
        if (type->size_or_type == candidate->size_or_type) {
                note(&target->of_size, candidate->id);
        } else if (type->kind != BTF_KIND_FWD) {
                target->has_other_size = true;
                target->other_size = candidate->size_or_type;
        }
}

static void match_base(struct distilled_map *map)
{
        const struct btf *base = map->base;

        for (uint32_t id = 1; id < base->n_types; id++) {
                struct btf_type type = btf_type(base, id);
                const char *name = btf_name(base, &type);

                for (uint32_t i = find_target(map, name); is_target(map, i, name); i++)
                        note_candidate(map, &map->targets[i], &type);
        }
}

/* What a target may choose from: the rules of relocate.h. */
static struct matches choice(const struct distilled_target *target)
{
        struct matches matches = target->of_size;
        bool is_composite = btf_kind_is_composite(target->type.kind);

        if (is_composite && !target->is_embedded && target->n_composites <= 1)
                matches = target->of_name;
        else if (target->type.kind == BTF_KIND_FWD)
                matches = target->n_composites <= 1 ? target->of_name : (struct matches){0};
        if (!target->is_embedded) {
                for (uint32_t i = 0; i < target->forward.n && i < ARRAY_LENGTH(matches.ids); i++)
                        note(&matches, target->forward.ids[i]);
        }
        return matches;
}

static int no_match(const struct distilled_map *map, const struct distilled_target *target,
                    struct files_error *error)
{
        char problem[FILES_ERROR_MESSAGE_SIZE];

        if (target->has_other_size) {
                snprintf(problem, sizeof(problem), "has %" PRIu32 " bytes, but %" PRIu32 " in the base%s",
                         target->type.size_or_type, target->other_size,
                         target->is_embedded ? ", and the module holds it by value" : "");
                return type_error(map->distilled, &target->type, FILES_ERROR_OTHER_SIZE, problem, error);
        }
        if (target->type.kind == BTF_KIND_FWD && target->of_name.n > 0)
                return type_error(map->distilled, &target->type, FILES_ERROR_MANY_CANDIDATES,
                                  "could be any of several definitions in the base", error);
        return type_error(map->distilled, &target->type, FILES_ERROR_NO_CANDIDATE, "is not in the base",
                          error);
}

static int choose(const struct distilled_map *map, struct distilled_target *target, struct files_error *error)
{
        struct matches matches = choice(target);
        char problem[FILES_ERROR_MESSAGE_SIZE];

        if (matches.n == 0)
                return no_match(map, target, error);
        if (matches.n > 1) {
                snprintf(problem, sizeof(problem),
                         "could be type %" PRIu32 " or type %" PRIu32 " of the base", matches.ids[0],
                         matches.ids[1]);
                return type_error(map->distilled, &target->type, FILES_ERROR_MANY_CANDIDATES, problem, error);
        }
        target->chosen = matches.ids[0];
        return 0;
}

static int choose_all(struct distilled_map *map, struct files_error *error)
{
        int r = 0;

        /* In the order of ids, so that the first error is the first in the file. */
        for (uint32_t id = 1; id < map->distilled->n_types && r == 0; id++)
                r = choose(map, &map->targets[map->by_id[id]], error);
        return r;
}

int distilled_map_init(struct distilled_map *map, const struct btf *split, const struct btf *base,
                       struct files_error *ret_error)
{
        int r;

        *map = (struct distilled_map){.distilled = split->base, .base = base};
        r = collect_targets(map, ret_error);
        if (r != 0)
                return r;
        mark_embedded(map, split);
        match_base(map);
        return choose_all(map, ret_error);
}

void distilled_map_deinit(struct distilled_map *map)
{
        free(map->targets);
        free(map->by_id);
}

uint32_t distilled_map_id(const struct distilled_map *map, uint32_t id)
{
        return id == 0 ? 0 : map->targets[map->by_id[id]].chosen;
}

bool distilled_map_name(const struct distilled_map *map, const char *name, uint32_t *ret)
{
        uint32_t i = find_target(map, name);

        if (!is_target(map, i, name))
                return false;
        *ret = btf_type(map->base, map->targets[i].chosen).name_offset;
        return true;
}
