/*
 * What is different between two types: every word that a change can have, and nothing where there is none.
 */
#include "support/unit.h"

#include "index/same.h"
#include "query/diff.h"
#include "query/lookup.h"
#include "support/fixture.h"

/* Of each type one kernel has one form and another kernel the other. */
struct form {
        uint32_t signed_int, u32, pair, pair_ptr, unit_t, other_t, colour;
};

static struct form build_parts(struct btf_builder *b, bool later)
{
        struct form f;

        f.signed_int = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        f.u32 = btf_builder_int(b, "unsigned int", 4, 32, 0);
        f.pair = btf_builder_struct(b, "pair", later ? 12 : 8, false);
        btf_builder_member(b, "x", f.signed_int, 0, 0);
        btf_builder_member(b, "y", f.signed_int, later ? 64 : 32, 0);
        f.pair_ptr = btf_builder_ptr(b, f.pair);
        f.unit_t = btf_builder_typedef(b, "unit_t", later ? f.u32 : f.signed_int);
        f.other_t = btf_builder_typedef(b, later ? "new_t" : "old_t", f.signed_int);
        f.colour = btf_builder_enum(b, "colour", 4, later);
        btf_builder_value(b, "RED", 0);
        btf_builder_value(b, later ? "BLUE" : "GREEN", 1);
        btf_builder_value(b, "LAST", later ? (uint64_t)-1 : 2);
        return f;
}

/* union { int l; struct { int m; } inner[2]; } named `named`, and the same unnamed */
static void build_nested(struct btf_builder *b, const struct form *f, bool later)
{
        uint32_t inner, array, named, unnamed;

        inner = btf_builder_struct(b, "", 4, false);
        btf_builder_member(b, later ? "m2" : "m", f->signed_int, 0, 0);
        array = btf_builder_array(b, inner, f->signed_int, 2);
        named = btf_builder_union(b, "", 8, false);
        btf_builder_member(b, "l", f->signed_int, 0, 0);
        btf_builder_member(b, "inner", array, 0, 0);
        unnamed = btf_builder_struct(b, "", 8, false);
        btf_builder_member(b, "first", f->signed_int, later ? 32 : 0, 0);
        btf_builder_member(b, "second", f->signed_int, later ? 0 : 32, 0);
        btf_builder_struct(b, "nested", 16, false);
        btf_builder_member(b, "named", named, 0, 0);
        btf_builder_member(b, "", unnamed, 64, 0);
}

static void build_members(struct btf_builder *b, const struct form *f, bool later)
{
        uint32_t array = btf_builder_array(b, f->signed_int, f->signed_int, later ? 4 : 2);

        btf_builder_struct(b, "all", 64, true);
        btf_builder_member(b, "gone", f->signed_int, 0, 0);
        if (later) /* what was there first is called otherwise now */
                btf_builder_set_word(b, btf_builder_next_id(b) - 1, 3, btf_builder_string(b, "came"));
        btf_builder_member(b, "kept", f->signed_int, 32, 0);
        btf_builder_member(b, "moved", f->signed_int, later ? 96 : 64, 0);
        btf_builder_member(b, "grown", f->pair, 128, 0);
        btf_builder_member(b, "array", array, 224, 0);
        btf_builder_member(b, "sign", f->unit_t, 352, 0);
        btf_builder_member(b, "name", f->other_t, 384, 0);
        btf_builder_member(b, "pointer", f->pair_ptr, 416, 0);
        btf_builder_member(b, "bits", f->u32, 480, later ? 5 : 3);
        btf_builder_member(b, "flag", f->u32, later ? 488 : 487, 1);
}

static void build_functions(struct btf_builder *b, const struct form *f, bool later)
{
        uint32_t proto = btf_builder_func_proto(b, later ? f->u32 : f->signed_int);

        if (later)
                btf_builder_param(b, "new", f->pair_ptr);
        btf_builder_param(b, "first", f->signed_int);
        btf_builder_param(b, "second", later ? f->u32 : f->signed_int);
        btf_builder_param(b, later ? "last" : "third", f->pair_ptr);
        if (!later)
                btf_builder_param(b, "", 0);
        btf_builder_func(b, "function", proto, later ? 0 : 1);
        proto = btf_builder_func_proto(b, 0);
        btf_builder_param(b, later ? "b" : "a", f->signed_int);
        btf_builder_param(b, "", f->signed_int);
        btf_builder_func(b, "renamed", proto, 0);
}

static void build_rest(struct btf_builder *b, const struct form *f, bool later)
{
        uint32_t var, redefined;

        redefined = btf_builder_struct(b, "redefined", 8, false);
        btf_builder_member(b, later ? "q" : "p", f->signed_int, 0, 0);
        btf_builder_struct(b, "holder", 8, false);
        btf_builder_member(b, "r", redefined, 0, 0);
        if (later)
                btf_builder_union(b, "kind", 4, false);
        else
                btf_builder_struct(b, "kind", 4, false);
        btf_builder_member(b, "x", f->signed_int, 0, 0);
        btf_builder_typedef(b, "target_t", later ? f->u32 : f->signed_int);
        var = btf_builder_var(b, "variable", later ? f->u32 : f->signed_int, later ? 0 : 1);
        btf_builder_datasec(b, ".data", 64);
        btf_builder_secinfo(b, var, later ? 8 : 0, 4);
        btf_builder_int(b, "odd", 4, later ? 31 : 32, 0);
        btf_builder_struct(b, "same", 8, false);
        btf_builder_member(b, "p", f->pair_ptr, 0, 0);
}

static struct source_set *build(bool later)
{
        struct btf_builder *b = btf_builder_new();
        struct form f = build_parts(b, later);

        build_nested(b, &f, later);
        build_members(b, &f, later);
        build_functions(b, &f, later);
        build_rest(b, &f, later);
        return fixture_set(b);
}

struct kernels {
        struct source_set *a, *b;
};

static int begin(void **state)
{
        struct kernels *kernels = calloc(1, sizeof(*kernels));

        assert_non_null(kernels);
        *kernels = (struct kernels){build(/* later= */ false), build(/* later= */ true)};
        *state = kernels;
        return 0;
}

static int end(void **state)
{
        struct kernels *kernels = *state;

        source_set_unref(kernels->a);
        source_set_unref(kernels->b);
        free(kernels);
        return 0;
}

static void append_changes(const struct diff *diff, struct strbuf *text)
{
        static const char letters[] = "+-mstdvn"; /* of each diff_what, from the first bit on */

        for (uint32_t i = 0; i < diff->n_changes; i++) {
                const struct diff_change *change = &diff->changes[i];

                for (size_t bit = 0; bit < sizeof(letters) - 1; bit++) {
                        if (change->what & 1U << bit)
                                strbuf_printf(text, "%c", letters[bit]);
                }
                strbuf_append(text, " ");
                if (change->i_b == ENTRY_NONE)
                        entries_path(&diff->a.entries, change->i_a, text);
                else
                        entries_path(&diff->b.entries, change->i_b, text);
                strbuf_append(text, "; ");
        }
}

static struct query_type find(const struct source_set *set, const char *name, enum btf_kind kind)
{
        struct selector selector = {.name = name, .has_kind = kind != BTF_KIND_VOID, .kind = kind};
        struct query_error error;
        struct looked_up looked_up;

        assert_int_equal(lookup(set, &selector, &looked_up, &error), 0);
        return looked_up.type;
}

static void each_change_is_named(void **state)
{
        static const struct {
                const char *name;
                enum btf_kind kind;
                unsigned int whole;
                const char *changes;
        } cases[] = {
                {"struct all", 0, 0,
                 "- gone; + came; m moved; s grown; s array; t sign; t name; s bits; m flag; "},
                {"struct nested", 0, 0, "- named.inner[0].m; + named.inner[0].m2; m first; m second; "},
                {"enum colour", 0, DIFF_ENCODING, "- GREEN; + BLUE; v LAST; "},
                {"function", BTF_KIND_FUNC, DIFF_RETURNS | DIFF_LINKAGE,
                 "+ new; m first; mt second; - third; - ...; + last; "},
                {"renamed", BTF_KIND_FUNC, 0, "n b; "},
                {"struct holder", 0, 0, "d r; "},
                {"kind", 0, DIFF_KIND, ""},
                {"target_t", 0, DIFF_ENCODING | DIFF_TYPE, ""},
                {"variable", BTF_KIND_VAR, DIFF_TYPE | DIFF_LINKAGE, ""},
                {".data", BTF_KIND_DATASEC, 0, "mt variable; "},
                {"odd", 0, DIFF_BITS, ""},
                {"struct pair", 0, DIFF_SIZE, "m y; "},
                {"struct same", 0, 0, ""},
        };
        const struct kernels *kernels = *state;

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct query_error error = {0};
                CLEANUP(diff_deinit) struct diff diff = {0};
                char buffer[512];
                struct strbuf text;

                strbuf_init(&text, buffer, sizeof(buffer));
                assert_int_equal(diff_types(&diff, find(kernels->a, cases[i].name, cases[i].kind),
                                            find(kernels->b, cases[i].name, cases[i].kind), NULL, &error),
                                 0);
                append_changes(&diff, &text);
                assert_string_equal(buffer, cases[i].changes);
                assert_int_equal(diff.whole, cases[i].whole);
                assert_int_equal(diff_is_same(&diff), diff.whole == 0 && buffer[0] == '\0');
        }
}

/* Types of no relation to each other can be compared as well. */
static void different_kinds_are_different(void **state)
{
        const struct kernels *kernels = *state;
        struct query_error error = {0};
        CLEANUP(diff_deinit) struct diff diff = {0};

        assert_int_equal(diff_types(&diff, find(kernels->a, "struct pair", 0), find(kernels->a, "int", 0),
                                    NULL, &error),
                         0);
        assert_int_equal(diff.whole, DIFF_KIND | DIFF_SIZE | DIFF_ENCODING);
        assert_int_equal(diff.n_total, 0);
}

/* Far more changes than are listed, and of one name, which no compiler writes: each counts, and it takes no time to speak of. */
static void many_changes_are_counted(void **state)
{
        struct btf_builder *b = btf_builder_new();
        uint32_t int_id = btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        CLEANUP(diff_deinit) struct diff diff = {0};
        struct query_error error = {0};
        enum { N = 60000 };

        (void)state;
        btf_builder_struct(b, "empty", 0, false);
        btf_builder_struct(b, "full", 4, false);
        for (size_t i = 0; i < N; i++)
                btf_builder_member(b, "x", int_id, 0, 0);
        btf_builder_struct(b, "fuller", 4, false);
        for (size_t i = 0; i <= ENTRIES_MAX; i++)
                btf_builder_member(b, "y", int_id, 0, 0);
        set = fixture_set(b);
        assert_int_equal(diff_types(&diff, find(set, "empty", 0), find(set, "full", 0), NULL, &error), 0);
        assert_int_equal(diff.n_total, N);
        assert_int_equal(diff.n_changes, DIFF_MAX_CHANGES);
        diff_deinit(&diff);
        assert_int_equal(diff_types(&diff, find(set, "full", 0), find(set, "full", 0), NULL, &error), 0);
        assert_true(diff_is_same(&diff));
        assert_int_equal(diff_types(&diff, find(set, "full", 0), find(set, "fuller", 0), NULL, &error),
                         QUERY_OVERFLOW);
}

static void it_stops_when_asked_to(void **state)
{
        const struct kernels *kernels = *state;
        const atomic_bool cancelled = true;
        const struct stop stop = {.cancelled = &cancelled, .deadline_nsec = INT64_MAX};
        struct query_error error = {0};
        struct diff diff = {0};

        assert_int_equal(diff_types(&diff, find(kernels->a, "struct all", 0),
                                    find(kernels->b, "struct all", 0), &stop, &error),
                         QUERY_DEADLINE);
}

static void every_type_of_a_kernel_is_like_itself(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = fixture_real_set();

        (void)state;
        if (!set)
                skip();
        for (uint32_t id = 1; id < set->sources[0]->btf->n_types; id++) {
                const struct query_type type = {set->sources[0], id};
                struct query_error error = {0};
                CLEANUP(diff_deinit) struct diff diff = {0};

                assert_int_equal(diff_types(&diff, type, type, NULL, &error), 0);
                assert_true(diff_is_same(&diff));
        }
}

/* Two answers to one question: what diff calls the same, same_types() does as well. */
static void two_kernels_are_told_apart_as_names_are(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *a = fixture_corpus_set("debian-6.1-s390x");
        CLEANUP(source_set_cleanup) struct source_set *b = fixture_corpus_set("local-6.18");
        CLEANUP(same_deinit) struct same same = {0};
        size_t n_same = 0, n_different = 0;

        (void)state;
        if (!a || !b)
                skip();
        for (uint32_t id = 1; id < a->sources[0]->btf->n_types; id++) {
                const struct btf *btf = a->sources[0]->btf;
                struct btf_type type = btf_type(btf, id);
                const struct selector selector = {
                        .name = btf_name(btf, &type), .has_kind = true, .kind = type.kind};
                struct query_error error = {0};
                struct looked_up found;
                CLEANUP(diff_deinit) struct diff diff = {0};

                if (!btf_kind_is_composite(type.kind) || !btf_has_name(btf, &type) ||
                    lookup(b, &selector, &found, &error) != 0)
                        continue;
                assert_int_equal(
                        diff_types(&diff, (struct query_type){a->sources[0], id}, found.type, NULL, &error),
                        0);
                same.n_total = 0;
                if (same_types(&same, btf, id, found.type.source->btf, found.type.id) == SAME_NO) {
                        assert_false(diff_is_same(&diff));
                        n_different++;
                } else if (diff_is_same(&diff)) {
                        n_same++;
                }
        }
        assert_true(n_same > 1000);
        assert_true(n_different > 1000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_change_is_named),
                cmocka_unit_test(different_kinds_are_different),
                cmocka_unit_test(many_changes_are_counted),
                cmocka_unit_test(it_stops_when_asked_to),
                cmocka_unit_test(every_type_of_a_kernel_is_like_itself),
                cmocka_unit_test(two_kernels_are_told_apart_as_names_are),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
