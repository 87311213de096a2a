#include "expect.h"

#include <stdlib.h>

#include "report.h"

/* What C prefers among all that a name may mean; less is better. */
enum rank {
        RANK_FIRST,       /* what was asked for; for a bare name, an ordinary identifier */
        RANK_TAG,         /* for a bare name, a struct, union or enum */
        RANK_DECLARATION, /* whatever is only declared */
};

void expected_init(struct expected *expected, size_t max_definitions)
{
        expected->list = allocate(max_definitions, sizeof(*expected->list));
        expected->also = allocate(max_definitions, sizeof(*expected->also));
        expected->meant = allocate(max_definitions, sizeof(*expected->meant));
}

void expected_deinit(struct expected *expected)
{
        free(expected->list);
        free(expected->also);
        free(expected->meant);
}

static bool is_tag(const struct btf_type *type)
{
        return is_composite(type) || btf_is_any_enum(type) || btf_is_fwd(type);
}

static bool is_of_form(enum form form, const struct btf_type *type)
{
        switch (form) {
        case FORM_STRUCT:
                return btf_is_struct(type) || (btf_is_fwd(type) && !btf_kflag(type));
        case FORM_UNION:
                return btf_is_union(type) || (btf_is_fwd(type) && btf_kflag(type));
        case FORM_ENUM:
                return btf_is_any_enum(type);
        case FORM_BARE:
                return is_tag(type) || btf_is_typedef(type) || btf_is_int(type) || btf_is_float(type);
        case FORM_FUNC:
                return btf_is_func(type);
        case FORM_VAR:
                return btf_is_var(type);
        case FORM_DATASEC:
                return btf_is_datasec(type);
        case N_FORMS:
                break;
        }
        return false;
}

static enum rank rank_of(enum form form, const struct btf_type *type)
{
        if (is_forward(type))
                return RANK_DECLARATION;
        return form == FORM_BARE && is_tag(type) ? RANK_TAG : RANK_FIRST;
}

bool can_mean(const struct question *question)
{
        for (size_t i = 0; i < question->n_definitions; i++) {
                if (is_of_form(question->form, question->definitions[i].type))
                        return true;
        }
        return false;
}

/* Where to look. */
enum tier {
        TIER_VMLINUX,
        TIER_MODULES,
        TIER_ALL,
};

static bool is_in_tier(enum tier tier, const struct definition *definition)
{
        return tier == TIER_ALL || (definition->reader->base != NULL) == (tier == TIER_MODULES);
}

/* Lists what a tier has of *rank or of a better one, which then alone counts and is *rank. Returns how many there are. */
static size_t gather_best(const struct question *question, enum tier tier, enum rank *rank,
                          const struct definition **ret)
{
        size_t n = 0;

        for (size_t i = 0; i < question->n_definitions; i++) {
                const struct definition *definition = &question->definitions[i];
                enum rank its = rank_of(question->form, definition->type);

                if (!is_in_tier(tier, definition) || !is_of_form(question->form, definition->type) ||
                    its > *rank)
                        continue;
                if (its < *rank)
                        n = 0;
                *rank = its;
                ret[n++] = definition;
        }
        return n;
}

/* Lists what modules have beside vmlinux's of that rank: a typedef beside a struct too, as that is what the bare name means
 * in such a module. */
static size_t gather_others(const struct question *question, enum rank rank, const struct definition **ret)
{
        size_t n = 0;

        for (size_t i = 0; i < question->n_definitions; i++) {
                const struct definition *definition = &question->definitions[i];

                if (is_in_tier(TIER_MODULES, definition) && is_of_form(question->form, definition->type) &&
                    rank_of(question->form, definition->type) <= rank)
                        ret[n++] = definition;
        }
        return n;
}

static bool is_among(const struct definition *definition, const struct definition **list, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                if (definition_compare(list[i], definition) != DIFFERENT)
                        return true;
        }
        return false;
}

/* Adds those of `meant` that differ from all in the list and in `others`; returns how long the list is then. */
static size_t add_different(const struct definition **meant, size_t n_meant, const struct definition **others,
                            size_t n_others, const struct definition **list)
{
        size_t n = 0;

        for (size_t i = 0; i < n_meant; i++) {
                if (!is_among(meant[i], list, n) && !is_among(meant[i], others, n_others))
                        list[n++] = meant[i];
        }
        return n;
}

/* How far an index steps behind a pointer, and where there is none or it leads nowhere an impossible number. */
static uint64_t pointee_size(const struct kernel *kernel, const struct reader *reader, uint32_t id)
{
        uint64_t bytes;
        uint32_t element;

        if (!reader_element(reader, id, &element) || !reader_size(kernel, reader, element, &bytes))
                return UINT64_MAX;
        return bytes;
}

/* What is only declared in one place has no size there, which is no other size. */
static bool agree(uint64_t size_a, uint64_t size_b)
{
        return size_a == size_b || size_a == UINT64_MAX || size_b == UINT64_MAX;
}

/* Of definitions that say the same, whose members therefore correspond. A typedef may be of a declaration in one, and in the
 * other of what is declared, which has a size. */
static bool same_pointees(const struct kernel *kernel, const struct definition *a, const struct definition *b)
{
        const struct btf_type *type_a = reader_type(a->reader, reader_strip(a->reader, a->id));
        const struct btf_type *type_b = reader_type(b->reader, reader_strip(b->reader, b->id));

        if (is_forward(type_a) != is_forward(type_b))
                return false;
        if (!is_composite(type_a) || !is_composite(type_b))
                return agree(pointee_size(kernel, a->reader, a->id), pointee_size(kernel, b->reader, b->id));
        for (uint32_t i = 0; i < btf_vlen(type_a); i++) {
                if (!agree(pointee_size(kernel, a->reader, btf_members(type_a)[i].type),
                           pointee_size(kernel, b->reader, btf_members(type_b)[i].type)))
                        return false;
        }
        return true;
}

/* vmlinux's are all listed; of modules' those that can be told from the first. */
static size_t add_distinguishable(const struct definition **meant, size_t n_meant,
                                  const struct definition **list)
{
        size_t n = 0;

        for (size_t i = 0; i < n_meant; i++) {
                if (n == 0 || !meant[i]->reader->base || definition_compare(list[0], meant[i]) != IDENTICAL)
                        list[n++] = meant[i];
        }
        return n;
}

void expect(const struct kernel *kernel, const struct question *question, struct expected *ret)
{
        enum rank rank = RANK_DECLARATION;
        size_t n_meant = gather_best(question, TIER_VMLINUX, &rank, ret->meant);
        bool by_vmlinux = n_meant > 0 && rank < RANK_DECLARATION;
        bool all_same = true;

        ret->by_pointees = false;
        ret->n_also = 0;
        if (!by_vmlinux)
                n_meant = gather_best(question, TIER_ALL, &rank, ret->meant);
        else if (question->all_tiers)
                n_meant += gather_others(question, rank, ret->meant + n_meant);
        ret->n = add_different(ret->meant, n_meant, /* others= */ NULL, /* n_others= */ 0, ret->list);
        if (ret->n > 1)
                return;
        for (size_t i = 1; i < n_meant; i++)
                all_same = all_same && same_pointees(kernel, ret->list[0], ret->meant[i]);
        if (!all_same) {
                ret->n = add_distinguishable(ret->meant, n_meant, ret->list);
                ret->by_pointees = true;
                return;
        }
        if (by_vmlinux && !question->all_tiers) {
                n_meant = gather_others(question, rank, ret->meant);
                ret->n_also = add_different(ret->meant, n_meant, ret->list, ret->n, ret->also);
        }
}
