/*
 * Enumerators against a look at every enum there is; and types compared with themselves, with others, and the other way round.
 */
#include "fuzz/asker.h"
#include "index/same.h"
#include "index/set_index.h"
#include "query/diff.h"
#include "query/enumerator.h"

/* Questions of each sort about one kernel. */
#define MAX_QUESTIONS 12U

static uint32_t first_id(const struct source *source)
{
        return source->base ? source->btf->start_id : 1;
}

/* The enums of a tier that have an enumerator: the first of them, and whether others say something else. */
struct havers {
        struct query_type first;
        size_t n_different; /* at least 1 if there is any */
};

static void count_havers(const struct source *source, const char *enumerator, struct havers *havers)
{
        const struct btf *btf = source->btf;
        struct same same = {0};

        for (uint32_t id = first_id(source); id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);
                bool has = false;

                for (uint32_t i = 0; btf_kind_is_enum(type.kind) && i < type.vlen && !has; i++)
                        has = string_equal(btf_enumerator(btf, &type, i).name, enumerator);
                if (!has)
                        continue;
                if (havers->n_different == 0)
                        *havers = (struct havers){{source, id}, 1};
                else
                        havers->n_different += same_types(&same, havers->first.source->btf, havers->first.id,
                                                          btf, id) != SAME_YES;
        }
        same_deinit(&same);
}

/* vmlinux's, or if it has none those of all modules. */
static struct havers find_havers(const struct source_set *set, const char *enumerator)
{
        struct havers havers = {.n_different = 0};

        count_havers(set->sources[0], enumerator, &havers);
        if (havers.n_different > 0)
                return havers;
        for (size_t i = 1; i < set->n_sources; i++)
                count_havers(set->sources[i], enumerator, &havers);
        return havers;
}

/* Values of one enum that have one name, which no compiler writes, are different answers. */
static bool repeats(const struct btf *btf, uint32_t id)
{
        struct btf_type type = btf_type(btf, id);

        for (uint32_t i = 0; i < type.vlen; i++) {
                for (uint32_t j = 0; j < i; j++) {
                        if (string_equal(btf_enumerator(btf, &type, i).name,
                                         btf_enumerator(btf, &type, j).name))
                                return true;
                }
        }
        return false;
}

static void ask_enumerator(struct asker *asker, const char *enumerator)
{
        struct havers havers = find_havers(asker->set, enumerator);
        struct query_error error;
        struct enum_answer answer;
        int r = enum_find(asker->set, &(struct selector){0}, enumerator, &answer, &error);

        json_decref(ask_rpc(asker, "enum.get", json_pack("{s:s}", "enumerator", enumerator)));
        json_decref(ask_rpc(asker, "btfd.probe",
                            json_pack("{s:[s], s:[s]}", "enumerators", enumerator, "types", enumerator)));
        if (r == 0) {
                fuzz_check(havers.n_different == 1);
                fuzz_check(answer.type.source == havers.first.source && answer.type.id == havers.first.id);
        } else if (r == QUERY_AMBIGUOUS_NAME) {
                fuzz_check(havers.n_different > 1 || repeats(havers.first.source->btf, havers.first.id));
        } else {
                fuzz_check(havers.n_different == 0 && r == QUERY_NAME_NOT_FOUND);
        }
}

static void ask_enums(struct asker *asker)
{
        unsigned int n_left = MAX_QUESTIONS;

        for (size_t i = asker->set->n_sources; i-- > 0;) {
                const struct source *source = asker->set->sources[i];

                for (uint32_t id = first_id(source); id < source->btf->n_types && n_left > 0; id++) {
                        struct btf_type type = btf_type(source->btf, id);

                        if (!btf_kind_is_enum(type.kind) || type.vlen == 0)
                                continue;
                        n_left--;
                        ask_enumerator(
                                asker,
                                btf_enumerator(source->btf, &type, asker_random(asker, type.vlen)).name);
                }
        }
        ask_enumerator(asker, "int");
}

static struct query_type random_type(struct asker *asker)
{
        const struct source *source =
                asker->set->sources[asker_random(asker, (uint32_t)asker->set->n_sources)];

        return (struct query_type){source, asker_random(asker, source->btf->n_types)};
}

/* A type is like itself, and another one as unlike it as it is unlike the other. */
static void ask_difference(struct asker *asker, struct query_type a, struct query_type b)
{
        const struct query_type pairs[][2] = {{a, a}, {a, b}, {b, a}};
        bool is_same[ARRAY_LENGTH(pairs)];

        for (size_t i = 0; i < ARRAY_LENGTH(pairs); i++) {
                struct query_error error;
                struct diff diff;
                int r = diff_types(&diff, pairs[i][0], pairs[i][1], /* stop= */ NULL, &error);

                fuzz_check(r == 0 || r == QUERY_OPAQUE_KIND || r == QUERY_OVERFLOW);
                if (r != 0)
                        return;
                is_same[i] = diff_is_same(&diff);
                diff_deinit(&diff);
        }
        fuzz_check(is_same[0] && is_same[1] == is_same[2]);
        json_decref(ask_rpc(asker, "type.diff",
                            json_pack("{s:s, s:I, s:I, s:{s:s, s:I, s:I}}", "source", a.source->name, "id",
                                      (json_int_t)a.id, "instance", (json_int_t)a.source->instance, "with",
                                      "source", b.source->name, "id", (json_int_t)b.id, "instance",
                                      (json_int_t)b.source->instance)));
}

static void ask_variables(struct asker *asker)
{
        for (size_t i = 0; i < asker->set->n_sources; i++) {
                const struct source *source = asker->set->sources[i];
                unsigned int n_left = MAX_QUESTIONS;

                for (uint32_t id = first_id(source); id < source->btf->n_types && n_left > 0; id++) {
                        if (btf_kind(source->btf, id) != BTF_KIND_VAR)
                                continue;
                        n_left--;
                        json_decref(
                                ask_rpc(asker, "var.get",
                                        json_pack("{s:s, s:I, s:I}", "source", source->name, "id",
                                                  (json_int_t)id, "instance", (json_int_t)source->instance)));
                        json_decref(ask_rpc(asker, "var.get",
                                            json_pack("{s:s}", "var", btf_name_of(source->btf, id))));
                }
        }
}

void ask_values(struct asker *asker)
{
        fuzz_check(source_set_build(asker->set, SET_INDEX_ENUMERATORS, /* stop= */ NULL) == 0);
        ask_enums(asker);
        ask_variables(asker);
        for (unsigned int i = 0; i < MAX_QUESTIONS; i++)
                ask_difference(asker, random_type(asker), random_type(asker));
}
