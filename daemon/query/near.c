#include "query/near.h"

#include <ctype.h>

#include "query/member.h"

/* Members that are compared, at up to 2 us each; the largest struct of the kernels seen has 1,024. */
#define NEAR_MAX_MEMBERS 2048U

/* Enumerators that are compared; the largest enum of the kernels seen has 2,402. */
#define NEAR_MAX_VALUES 4096U

/* Shorter names are in too many others. */
#define NEAR_MIN_PART 3U

/* A name one could have meant, by how far it is from what was asked. */
struct scored {
        const char *name;
        unsigned int distance;
};

static unsigned int min(unsigned int a, unsigned int b)
{
        return a < b ? a : b;
}

/* Which bytes there are in a name, one bit for each but for case. */
static uint64_t bytes_in(const char *name, size_t length)
{
        uint64_t set = 0;

        for (size_t i = 0; i < length; i++)
                set |= UINT64_C(1) << (name[i] & 63);
        return set;
}

/* As one edit adds at most one byte and takes away at most one, names of different bytes are that far apart at least. */
static unsigned int least_distance(uint64_t a, uint64_t b)
{
        unsigned int only_a = (unsigned int)__builtin_popcountll(a & ~b);
        unsigned int only_b = (unsigned int)__builtin_popcountll(b & ~a);

        return only_a > only_b ? only_a : only_b;
}

/*
 * The number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, each at
 * most NEAR_MAX_LENGTH bytes long; or something above `max`, if it is. Row by row: row[j] is the distance between the
 * first i bytes of a and the first j of b.
 */
static unsigned int edit_distance(const char *a, size_t length_a, const char *b, size_t length_b,
                                  unsigned int max)
{
        unsigned int rows[3][NEAR_MAX_LENGTH + 1];
        unsigned int least_above = 0;

        for (size_t j = 0; j <= length_b; j++)
                rows[0][j] = (unsigned int)j;
        for (size_t i = 1; i <= length_a; i++) {
                unsigned int *row = rows[i % 3];
                unsigned int least = (unsigned int)i;
                const unsigned int *above = rows[(i + 2) % 3];
                const unsigned int *two_above = rows[(i + 1) % 3];

                row[0] = (unsigned int)i;
                for (size_t j = 1; j <= length_b; j++) {
                        unsigned int replaced = above[j - 1] + (a[i - 1] != b[j - 1]);

                        row[j] = min(min(above[j], row[j - 1]) + 1, replaced);
                        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                                row[j] = min(row[j], two_above[j - 2] + 1);
                        least = min(least, row[j]);
                }
                /* What comes is made of these two rows. */
                if (least > max && least_above > max)
                        return max + 1;
                least_above = least;
        }
        return rows[length_a % 3][length_b];
}

/* Whether `part` is in the text, and if so, whether it is a whole word of it: `state` is one of `__state`. */
static bool contains(const char *text, size_t length, const char *part, size_t part_length, bool *ret_is_word)
{
        const char *at = memmem(text, length, part, part_length);

        if (!at)
                return false;
        *ret_is_word = (at == text || at[-1] == '_') &&
                       (at + part_length == text + length || at[part_length] == '_');
        return true;
}

/* Returns false if the names have nothing to do with each other. The asked one, whose bytes are `asked_bytes`, is not in
 * the type, so they differ. */
static bool score(const char *asked, size_t asked_length, uint64_t asked_bytes, const char *name,
                  unsigned int *ret)
{
        size_t length = strlen(name);
        unsigned int surplus =
                (unsigned int)(length > asked_length ? length - asked_length : asked_length - length);
        /* One slip in three bytes is still a slip. */
        unsigned int max_distance = min(1 + (unsigned int)asked_length / 3, (unsigned int)asked_length - 1);
        bool is_word = false, is_part = false;

        if (length == 0 || length > NEAR_MAX_LENGTH)
                return false;
        if (asked_length >= NEAR_MIN_PART && length >= NEAR_MIN_PART)
                is_part = contains(name, length, asked, asked_length, &is_word) ||
                          contains(asked, asked_length, name, length, &is_word);
        if (is_word) {
                /* How kernels rename: a prefix more or less. Among several the one closest in length. */
                *ret = surplus > 2 ? surplus - 2 : 0;
                return true;
        }
        /* Most names need not be compared: the distance is at least the surplus, and what other bytes they have. */
        if (surplus <= max_distance && least_distance(asked_bytes, bytes_in(name, length)) <= max_distance) {
                *ret = edit_distance(asked, asked_length, name, length, max_distance);
                if (*ret <= max_distance)
                        return true;
        }
        *ret = NEAR_MAX_LENGTH + surplus;
        return is_part;
}

/* The best few of what is compared with a name. */
struct nearest {
        const char *asked;
        size_t length;  /* of `asked`, up to NEAR_MAX_LENGTH */
        uint64_t bytes; /* that are in it */
        struct scored best[QUERY_MAX_NEAR + 1];
        size_t n_best;
};

static struct nearest nearest_to(const char *asked, size_t length)
{
        return (struct nearest){.asked = asked, .length = length, .bytes = bytes_in(asked, length)};
}

/* Keeps the name if it is one of the best, the earliest first among equals. */
static void consider(struct nearest *nearest, const char *name)
{
        struct scored candidate = {.name = name};
        size_t at = nearest->n_best;

        if (!score(nearest->asked, nearest->length, nearest->bytes, name, &candidate.distance))
                return;
        while (at > 0 && nearest->best[at - 1].distance > candidate.distance)
                at--;
        if (at == QUERY_MAX_NEAR)
                return;
        if (nearest->n_best < QUERY_MAX_NEAR)
                nearest->n_best++;
        memmove(&nearest->best[at + 1], &nearest->best[at],
                (nearest->n_best - at - 1) * sizeof(nearest->best[0]));
        nearest->best[at] = candidate;
}

static void add_nearest(struct query_error *error, const struct nearest *nearest)
{
        for (size_t i = 0; i < nearest->n_best; i++)
                query_error_add_near(error, "", nearest->best[i].name);
}

void near_members(struct query_error *error, const struct btf *btf, const struct btf_type *composite,
                  const char *name, size_t length)
{
        struct nearest nearest = nearest_to(name, length);
        struct member_walk walk;
        struct member_place place;

        if (length > NEAR_MAX_LENGTH)
                return;
        member_walk_begin(&walk, btf, composite);
        for (size_t i = 0; i < NEAR_MAX_MEMBERS && member_walk_next(&walk, &place) == 0; i++)
                consider(&nearest, place.member.name);
        add_nearest(error, &nearest);
}

void near_parameters(struct query_error *error, const struct btf *btf, const struct btf_type *func,
                     const char *name, size_t length)
{
        struct btf_type proto = btf_strip(btf, func->size_or_type);
        struct nearest nearest = nearest_to(name, length);

        if (length > NEAR_MAX_LENGTH || proto.kind != BTF_KIND_FUNC_PROTO)
                return;
        for (uint32_t i = 0; i < proto.vlen && i < NEAR_MAX_MEMBERS; i++)
                consider(&nearest, btf_param(btf, &proto, i).name);
        add_nearest(error, &nearest);
}

/* What stands before the name to ask for such a type; NULL for what has no place among type names. */
static const char *kind_prefix(const struct btf_type *type)
{
        if (type->kind == BTF_KIND_STRUCT || (type->kind == BTF_KIND_FWD && !type->kind_flag))
                return "struct ";
        if (type->kind == BTF_KIND_UNION || type->kind == BTF_KIND_FWD)
                return "union ";
        if (btf_kind_is_enum(type->kind))
                return "enum ";
        if (type->kind == BTF_KIND_TYPEDEF || type->kind == BTF_KIND_INT || type->kind == BTF_KIND_FLOAT)
                return "";
        return NULL;
}

/* Called for a name that may or may not exist. */
typedef void edit_visitor(void *context, const char *name, size_t length);

/* Every name that is one edit away, some 2,600 of one of 20 bytes. */
static void visit_edits(const char *name, size_t length, edit_visitor *try, void *context)
{
        static const char alphabet[] = "_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ ";
        char edited[NEAR_MAX_LENGTH + 1];

        if (length == 0 || length > NEAR_MAX_LENGTH)
                return;
        for (size_t i = 0; i < length; i++) { /* one byte too many */
                memcpy(edited, name, i);
                memcpy(edited + i, name + i + 1, length - i - 1);
                try(context, edited, length - 1);
        }
        memcpy(edited, name, length);
        for (size_t i = 0; i + 1 < length; i++) { /* two neighbours swapped */
                edited[i] = name[i + 1];
                edited[i + 1] = name[i];
                try(context, edited, length);
                edited[i] = name[i];
                edited[i + 1] = name[i + 1];
        }
        for (size_t i = 0; i < length; i++) { /* one byte wrong */
                for (size_t j = 0; j < sizeof(alphabet) - 1; j++) {
                        edited[i] = alphabet[j];
                        if (edited[i] != name[i])
                                try(context, edited, length);
                }
                edited[i] = name[i];
        }
        if (length == NEAR_MAX_LENGTH)
                return;
        for (size_t i = 0; i <= length; i++) { /* one byte missing */
                memcpy(edited, name, i);
                memcpy(edited + i + 1, name + i, length - i);
                for (size_t j = 0; j < sizeof(alphabet) - 1; j++) {
                        edited[i] = alphabet[j];
                        try(context, edited, length + 1);
                }
        }
}

/* Where near_types() looks, and for what. */
struct probe {
        struct query_error *error;
        const struct source_set *set;
        const struct source *only;
        const enum btf_kind *kind;
};

static void probe_type(const struct probe *probe, const struct btf *btf, uint32_t id)
{
        struct btf_type type = btf_type(btf, id);
        const char *prefix = kind_prefix(&type);

        if (probe->kind ? type.kind == *probe->kind : prefix != NULL)
                query_error_add_near(probe->error, prefix ? prefix : "", btf_name(btf, &type));
}

static void probe_name(void *context, const char *name, size_t length)
{
        const struct probe *probe = context;
        const struct source *source = probe->only ? probe->only : probe->set->sources[0];
        struct name_cursor cursor = name_index_find(&source->names, name, length);
        struct module_cursor module_cursor;
        uint32_t id;
        bool is_copy;

        while (name_index_next(&source->names, &cursor, &id))
                probe_type(probe, source->btf, id);
        if (probe->only)
                return;
        module_cursor = module_index_find(&probe->set->modules, name, length);
        while (module_index_next(&probe->set->modules, &module_cursor, &source, &id, &is_copy))
                probe_type(probe, source->btf, id);
}

void near_types(struct query_error *error, const struct source_set *set, const struct source *only,
                const char *name, size_t length, const enum btf_kind *kind)
{
        struct probe probe = {error, set, only, kind};

        if (length <= NEAR_MAX_LENGTH)
                probe_name(&probe, name, length);
        visit_edits(name, length, probe_name, &probe);
}

void near_values(struct query_error *error, const struct btf *btf, const struct btf_type *type,
                 const char *name, size_t length)
{
        struct nearest nearest = nearest_to(name, length);

        if (length == 0 || length > NEAR_MAX_LENGTH)
                return;
        for (uint32_t i = 0; i < NEAR_MAX_VALUES && i < type->vlen; i++)
                consider(&nearest, btf_enumerator(btf, type, i).name);
        add_nearest(error, &nearest);
}

/* Where near_enumerators() looks. */
struct enumerator_probe {
        struct query_error *error;
        const struct enumerator_index *index;
};

static void probe_enumerator(void *context, const char *name, size_t length)
{
        const struct enumerator_probe *probe = context;
        struct enumerator_cursor cursor = enumerator_index_find(probe->index, name, length);
        const struct source *source;
        uint32_t id, i_value;

        while (enumerator_index_next(probe->index, &cursor, &source, &id, &i_value)) {
                struct btf_type type = btf_type(source->btf, id);

                query_error_add_near(probe->error, "", btf_enumerator(source->btf, &type, i_value).name);
        }
}

void near_enumerators(struct query_error *error, const struct enumerator_index *index, const char *name,
                      size_t length)
{
        struct enumerator_probe probe = {error, index};
        char upper[NEAR_MAX_LENGTH];

        if (length > NEAR_MAX_LENGTH)
                return;
        for (size_t i = 0; i < length; i++)
                upper[i] = (char)toupper((unsigned char)name[i]);
        probe_enumerator(&probe, upper, length);
        visit_edits(name, length, probe_enumerator, &probe);
}
