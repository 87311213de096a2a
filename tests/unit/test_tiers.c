/*
 * Names in two tiers: vmlinux, and where it has no definition all modules. The kernel here, with what its modules hold:
 *
 *   vmlinux                          a                               b                            c
 *   struct proto { int a; }          struct proto { int a, b; }                                   struct proto { int a, b; }
 *   struct later;                    struct later;                   struct later { int x; }
 *   union nowhere;                   union nowhere;
 *   enum kind_of;                                                    enum kind_of { A, B }
 *   typedef uchar u8;                typedef uchar u8;  (vmlinux's)  typedef uchar u8;  (its own)
 *   struct shared { int x; }         struct shared { int x; }
 *                                    struct only { int m; }          struct only { int m; }
 *   union mixed { int i; }                                                                        typedef int mixed;
 *                                    struct two { int t; }           struct two { int t; }        struct two { int t, u; }
 *   struct bag { struct pad *p; }    struct pad { int q; }
 *   struct pad { int p; }            struct bag { struct pad *p; }  (its own pad)
 *                                    struct sack { struct pad *p; }  struct sack { struct pad *p; }  (vmlinux's pad)
 *   int work(void)                   int work(void)                  void work(void)
 */
#include <stdio.h>

#include "query/copies.h"
#include "query/offset.h"
#include "support/fixture.h"
#include "support/unit.h"

/* What vmlinux holds, by id. */
enum {
        INT = 1,
        UCHAR,
        PROTO,
        LATER,
        NOWHERE,
        KIND_OF,
        U8,
        SHARED,
        MIXED,
        PAD,
        PTR_PAD,
        BAG,
        WORK_PROTO,
        WORK,
        BASE_END,
};

/* struct NAME { int FIRST; int SECOND; }, the second one only if it has a name. */
static uint32_t add_struct(struct btf_builder *b, const char *name, const char *first, const char *second)
{
        uint32_t id = btf_builder_struct(b, name, second ? 8 : 4, false);

        btf_builder_member(b, first, INT, 0, 0);
        if (second)
                btf_builder_member(b, second, INT, 32, 0);
        return id;
}

/* struct NAME { struct pad *p; } */
static uint32_t add_holder(struct btf_builder *b, const char *name, uint32_t ptr)
{
        uint32_t id = btf_builder_struct(b, name, 8, false);

        btf_builder_member(b, "p", ptr, 0, 0);
        return id;
}

static void build_base(struct btf_builder *b)
{
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_int(b, "unsigned char", 1, 8, 0);
        assert_int_equal(add_struct(b, "proto", "a", NULL), PROTO);
        btf_builder_fwd(b, "later", false);
        btf_builder_fwd(b, "nowhere", true);
        btf_builder_enum(b, "kind_of", 4, false);
        btf_builder_typedef(b, "u8", UCHAR);
        add_struct(b, "shared", "x", NULL);
        btf_builder_union(b, "mixed", 4, false);
        btf_builder_member(b, "i", INT, 0, 0);
        add_struct(b, "pad", "p", NULL);
        btf_builder_ptr(b, PAD);
        add_holder(b, "bag", PTR_PAD);
        btf_builder_func_proto(b, INT);
        assert_int_equal(btf_builder_func(b, "work", WORK_PROTO, 0), WORK);
}

static void build_a(struct btf_builder *b)
{
        uint32_t pad, ptr_pad;

        add_struct(b, "proto", "a", "b");
        btf_builder_fwd(b, "later", false);
        btf_builder_fwd(b, "nowhere", true);
        btf_builder_typedef(b, "u8", UCHAR);
        add_struct(b, "shared", "x", NULL);
        add_struct(b, "only", "m", NULL);
        add_struct(b, "two", "t", NULL);
        pad = add_struct(b, "pad", "q", NULL);
        ptr_pad = btf_builder_ptr(b, pad);
        add_holder(b, "bag", ptr_pad);
        add_holder(b, "sack", ptr_pad);
        btf_builder_func(b, "work", WORK_PROTO, 0);
}

static void build_b(struct btf_builder *b)
{
        uint32_t own_uchar, proto;

        add_struct(b, "later", "x", NULL);
        btf_builder_enum(b, "kind_of", 4, false);
        btf_builder_value(b, "A", 0);
        btf_builder_value(b, "B", 1);
        own_uchar = btf_builder_int(b, "unsigned char", 1, 8, 0);
        btf_builder_typedef(b, "u8", own_uchar);
        add_struct(b, "only", "m", NULL);
        add_struct(b, "two", "t", NULL);
        add_holder(b, "sack", PTR_PAD);
        proto = btf_builder_func_proto(b, 0);
        btf_builder_func(b, "work", proto, 0);
}

static void build_c(struct btf_builder *b)
{
        add_struct(b, "proto", "a", "b");
        btf_builder_typedef(b, "mixed", INT);
        add_struct(b, "two", "t", "u");
}

static int begin(void **state)
{
        static fixture_build *const modules[] = {build_a, build_b, build_c};

        *state = fixture_set_of(build_base, modules, ARRAY_LENGTH(modules));
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

/* "source kind size" of each candidate, as in "a struct 8, c struct 8". */
static const char *describe(const struct query_candidate *candidates, size_t n_candidates)
{
        static char text[512];
        size_t length = 0;

        text[0] = '\0';
        for (size_t i = 0; i < n_candidates; i++) {
                const struct source *source = candidates[i].type.source;
                uint64_t bytes = 0;

                (void)btf_type_size(source->btf, candidates[i].type.id, &bytes);
                length += (size_t)snprintf(
                        text + length, sizeof(text) - length, "%s%s %s %u", i ? ", " : "", source->name,
                        btf_kind_name(btf_kind(source->btf, candidates[i].type.id)), (unsigned int)bytes);
        }
        return text;
}

struct tier_case {
        struct selector selector;
        const char *answers;    /* what answers, or all that is listed if it is ambiguous */
        const char *also;       /* NULL if it is ambiguous */
        const char *with_scope; /* what answers or is listed with scope all; the answer itself if NULL */
};

#define KIND(name) .has_kind = true, .kind = BTF_KIND_##name

static const struct tier_case tier_cases[] = {
        /* vmlinux goes first, and different ones are told, each once. */
        {{.name = "proto"}, "vmlinux struct 4", "a struct 8", "vmlinux struct 4, a struct 8"},
        {{.name = "struct proto"}, "vmlinux struct 4", "a struct 8", "vmlinux struct 4, a struct 8"},
        /* Where it only declares, modules' definitions answer. */
        {{.name = "later"}, "b struct 4", "", NULL},
        {{.name = "struct later"}, "b struct 4", "", NULL},
        {{.name = "enum kind_of"}, "b enum 4", "", NULL},
        {{.name = "nowhere"}, "vmlinux fwd 0", "", NULL},
        /* What says the same is one. */
        {{.name = "u8"}, "vmlinux typedef 1", "", NULL},
        {{.name = "shared"}, "vmlinux struct 4", "", NULL},
        {{.name = "only"}, "a struct 4", "", NULL},
        {{.name = "work", KIND(FUNC)}, "vmlinux func 0", "b func 0", "vmlinux func 0, b func 0"},
        /* In c, the typedef is what a bare name means. */
        {{.name = "mixed"}, "vmlinux union 4", "c typedef 4", "vmlinux union 4, c typedef 4"},
        {{.name = "union mixed"}, "vmlinux union 4", "", NULL},
        /* Within the modules. */
        {{.name = "two"}, "a struct 4, c struct 8", NULL, NULL},
        {{.name = "two", .has_size = true, .size = 8}, "c struct 8", "", NULL},
        {{.name = "two", .has = "u"}, "c struct 8", "", NULL},
        /* Selectors may leave nothing of vmlinux's. */
        {{.name = "proto", .has = "b"}, "a struct 8", "", NULL},
        {{.name = "proto", .has_size = true, .size = 4}, "vmlinux struct 4", "", NULL},
        /* A source is asked for what it holds itself. */
        {{.name = "proto", .source = "c"}, "c struct 8", "", NULL},
        {{.name = "later", .source = "a"}, "a fwd 0", "", NULL},
        {{.name = "shared", .source = "a"}, "a struct 4", "", NULL},
        {{.name = "u8", .source = "b"}, "b typedef 1", "", NULL},
        {{.name = "later", .source = "vmlinux"}, "vmlinux fwd 0", "", NULL},
};

static void check(const struct source_set *set, const struct selector *selector, const char *answers,
                  const char *also)
{
        struct query_error error = {0};
        struct looked_up found;
        int r = lookup(set, selector, &found, &error);

        if (also) {
                if (r != 0)
                        fail_msg("%s: %s", selector->name, error.message);
                assert_string_equal(describe(&(struct query_candidate){.type = found.type}, 1), answers);
                assert_string_equal(describe(found.also.candidates, found.also.n_candidates), also);
                assert_int_equal(found.also.n_definitions, found.also.n_candidates);
        } else {
                assert_int_equal(r, QUERY_AMBIGUOUS_NAME);
                assert_string_equal(describe(error.candidates, error.n_candidates), answers);
                assert_int_equal(error.n_definitions, error.n_candidates);
        }
}

static void names_are_looked_for_in_tiers(void **state)
{
        for (size_t i = 0; i < ARRAY_LENGTH(tier_cases); i++) {
                const struct tier_case *c = &tier_cases[i];
                const char *with_scope = c->with_scope ? c->with_scope : c->answers;
                struct selector selector = c->selector;

                check(*state, &selector, c->answers, c->also);
                selector.all_tiers = true;
                check(*state, &selector, with_scope, strchr(with_scope, ',') ? NULL : "");
        }
}

/* Only what vmlinux does not say, each once: proto, later, kind_of, only, two (2), pad, bag, sack (2), work, mixed. */
static void the_index_over_modules_holds_what_is_new(void **state)
{
        const struct source_set *set = *state;
        const struct source *source;
        struct module_cursor cursor;
        uint32_t id;
        bool is_copy;

        assert_int_equal(set->modules.n_entries, 12);
        cursor = module_index_find(&set->modules, "sack", 4);
        assert_true(module_index_next(&set->modules, &cursor, &source, &id, &is_copy));
        assert_string_equal(source->name, "a");
        assert_false(is_copy);
        assert_true(module_index_next(&set->modules, &cursor, &source, &id, &is_copy));
        assert_string_equal(source->name, "b");
        assert_true(is_copy);
        assert_false(module_index_next(&set->modules, &cursor, &source, &id, &is_copy));
        cursor = module_index_find(&set->modules, "shared", 6);
        assert_false(module_index_next(&set->modules, &cursor, &source, &id, &is_copy));
        /* A part of a name is none, and neither is more than one. */
        cursor = module_index_find(&set->modules, "sac", 3);
        assert_false(module_index_next(&set->modules, &cursor, &source, &id, &is_copy));
        cursor = module_index_find(&set->modules, "sacks", 5);
        assert_false(module_index_next(&set->modules, &cursor, &source, &id, &is_copy));
}

/* "p" is a pointer to another struct pad in a's bag: that is no matter of vmlinux's, unless all count. */
static void copies_count_in_the_tier_that_answers(void **state)
{
        static const struct {
                const char *type, *path;
                bool all_tiers;
                int result;
        } cases[] = {
                {"bag", "p->p", false, 0},
                {"bag", "p->q", false, QUERY_MEMBER_NOT_FOUND},
                {"bag", "p", true, 0}, /* both have 4 bytes */
                {"bag", "p->p", true, QUERY_AMBIGUOUS_NAME},
                {"bag", "p->q", true, QUERY_AMBIGUOUS_NAME},
                {"sack", "p", false, 0},
                {"sack", "p->p", false, QUERY_AMBIGUOUS_NAME},
                {"sack", "p->q", false, QUERY_AMBIGUOUS_NAME},
                {"sack", "p->r", false, QUERY_MEMBER_NOT_FOUND}, /* in none of them */
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct selector selector = {.name = cases[i].type, .all_tiers = cases[i].all_tiers};
                struct query_error error = {0};
                struct found also;
                struct plan plan;
                int r = field_offset(*state, &selector, cases[i].path, &plan, &also, &error);

                if (r != cases[i].result)
                        fail_msg("%s %s: result %d: %s", cases[i].type, cases[i].path, r, error.message);
                if (r == QUERY_AMBIGUOUS_NAME) {
                        assert_int_equal(error.n_candidates, 2);
                        assert_true(error.candidates[0].resolves != error.candidates[1].resolves);
                }
        }
}

/*
 * struct crate { struct box *p; } in one to three modules, of which a only declares struct box, b defines it as { int w; },
 * and c as { int w, h; }.
 */
static struct source_set *crates(size_t n_modules)
{
        static const char *const names[] = {"a", "b", "c"};
        struct btf_builder *base = btf_builder_new();
        struct fixture_module modules[ARRAY_LENGTH(names)];

        btf_builder_int(base, "int", 4, 32, BTF_INT_SIGNED);
        for (size_t i = 0; i < n_modules; i++) {
                struct btf_builder *b = btf_builder_new_split(base);
                uint32_t box;

                box = i == 0 ? btf_builder_fwd(b, "box", false)
                             : add_struct(b, "box", "w", i == 2 ? "h" : NULL);
                add_holder(b, "crate", btf_builder_ptr(b, box));
                modules[i] = (struct fixture_module){names[i], b};
        }
        return fixture_set_with(base, modules, n_modules);
}

/* What one module only declares, another may define: it says more, not otherwise. A third one's own differs. */
static void a_copy_that_only_declares_is_no_other_opinion(void **state)
{
        static const struct {
                size_t n_modules;
                const char *path;
                int result;
                const char *source; /* that answers */
        } cases[] = {
                {1, "p->w", QUERY_INCOMPLETE_TYPE, NULL},  {1, "p", 0, "a"}, {2, "p->w", 0, "b"},
                {2, "p->h", QUERY_MEMBER_NOT_FOUND, NULL}, {2, "p", 0, "a"}, {3, "p->w", 0, "b"},
                {3, "p->h", QUERY_AMBIGUOUS_NAME, NULL},
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                CLEANUP(source_set_cleanup) struct source_set *set = crates(cases[i].n_modules);
                struct selector crate = {.name = "crate"};
                struct query_error error = {0};
                struct looked_up found;
                struct found also;
                struct plan plan;
                int r = field_offset(set, &crate, cases[i].path, &plan, &also, &error);

                if (r != cases[i].result)
                        fail_msg("%s of %zu: result %d: %s", cases[i].path, cases[i].n_modules, r,
                                 error.message);
                if (r == 0)
                        assert_string_equal(plan.root.source->name, cases[i].source);
                assert_int_equal(lookup_members(set, &crate, &found, &error), 0);
        }
}

static void the_others_are_tried_against_the_path(void **state)
{
        struct query_error error = {0};
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &(struct selector){.name = "proto"}, "a", &plan, &also, &error),
                         0);
        assert_string_equal(plan.root.source->name, "vmlinux");
        assert_int_equal(also.n_definitions, 1);
        assert_true(also.candidates[0].resolves);
        assert_int_equal(field_offset(*state, &(struct selector){.name = "pad"}, "p", &plan, &also, &error),
                         0);
        assert_int_equal(also.n_definitions, 1);
        assert_false(also.candidates[0].resolves);
}

/* A module's types refer to vmlinux's by its ids. */
static void an_id_is_of_the_source_that_holds_it(void **state)
{
        struct selector selector = {.source = "c", .has_id = true, .instance = 4, .id = BASE_END + 1};
        struct query_error error = {0};
        struct looked_up found;

        assert_int_equal(lookup(*state, &selector, &found, &error), 0);
        assert_string_equal(found.type.source->name, "c");
        assert_string_equal(btf_name_of(found.type.source->btf, found.type.id), "mixed");
        selector.id = PROTO;
        assert_int_equal(lookup(*state, &selector, &found, &error), 0);
        assert_string_equal(found.type.source->name, "vmlinux");
        assert_int_equal(found.type.id, PROTO);
        selector.id = BASE_END + 3;
        assert_int_equal(lookup(*state, &selector, &found, &error), QUERY_NAME_NOT_FOUND);
        selector.instance = 3;
        assert_int_equal(lookup(*state, &selector, &found, &error), QUERY_STALE_ID);
}

static void near_names_are_looked_for_in_modules_too(void **state)
{
        struct query_error error = {0};
        struct looked_up found;

        assert_int_equal(lookup(*state, &(struct selector){.name = "onlly"}, &found, &error),
                         QUERY_NAME_NOT_FOUND);
        assert_int_equal(error.n_near, 1);
        assert_string_equal(error.near[0].name, "only");
        assert_int_equal(lookup(*state, &(struct selector){.name = "onlly", .source = "c"}, &found, &error),
                         QUERY_NAME_NOT_FOUND);
        assert_int_equal(error.n_near, 0);
}

/* vmlinux by gcc, m by clang: a module must not take over what a question about vmlinux finds. */
static void all_spellings_are_looked_for_in_vmlinux_first(void **state)
{
        static const struct {
                const char *name, *source;
                bool all_tiers;
                uint32_t id;
        } cases[] = {
                {"unsigned long", NULL, false, 1},      {"long unsigned int", NULL, false, 1},
                {"unsigned long", NULL, true, 1},       {"unsigned long int", NULL, true, 1},
                {"long unsigned int", "m", false, 2},   {"unsigned short", NULL, false, 3},
                {"short unsigned int", NULL, false, 3},
        };
        struct btf_builder *base = btf_builder_new();
        struct fixture_module module = {.name = "m"};
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;

        (void)state;
        btf_builder_int(base, "long unsigned int", 8, 64, 0);
        module.b = btf_builder_new_split(base);
        btf_builder_int(module.b, "unsigned long", 4, 32, 0);
        btf_builder_int(module.b, "unsigned short", 2, 16, 0);
        set = fixture_set_with(base, &module, 1);
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct selector selector = {
                        .name = cases[i].name, .source = cases[i].source, .all_tiers = cases[i].all_tiers};
                struct query_error error = {0};
                struct looked_up found = {0};

                if (lookup(set, &selector, &found, &error) != 0 || found.type.id != cases[i].id)
                        fail_msg("%s: type %u, not %u: %s", cases[i].name, found.type.id, cases[i].id,
                                 error.message);
        }
}

/* More definitions than are compared with one another, two a module: none is lost. */
static void a_name_that_every_module_defines_otherwise_is_counted(void **state)
{
        struct btf_builder *base = btf_builder_new();
        struct fixture_module modules[60];
        struct query_error error = {0};
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct looked_up found;
        char names[ARRAY_LENGTH(modules)][8];

        (void)state;
        btf_builder_int(base, "int", 4, 32, BTF_INT_SIGNED);
        for (size_t i = 0; i < ARRAY_LENGTH(modules); i++) {
                snprintf(names[i], sizeof(names[i]), "m%02zu", i);
                modules[i] = (struct fixture_module){names[i], btf_builder_new_split(base)};
                btf_builder_struct(modules[i].b, "own", 4 + (uint32_t)i % 50 * 4, false);
                btf_builder_member(modules[i].b, "x", INT, 0, 0);
                /* A second one in the same module is another definition, too. */
                btf_builder_struct(modules[i].b, "own", 1000 + (uint32_t)i, false);
        }
        set = fixture_set_with(base, modules, ARRAY_LENGTH(modules));
        assert_int_equal(lookup(set, &(struct selector){.name = "own"}, &found, &error),
                         QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_candidates, QUERY_MAX_CANDIDATES);
        assert_true(error.n_definitions >= 50 + 60);
        assert_string_equal(error.candidates[0].type.source->name, "m00");
        assert_string_equal(error.candidates[2].type.source->name, "m01");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(names_are_looked_for_in_tiers, begin, end),
                cmocka_unit_test_setup_teardown(the_index_over_modules_holds_what_is_new, begin, end),
                cmocka_unit_test_setup_teardown(copies_count_in_the_tier_that_answers, begin, end),
                cmocka_unit_test(a_copy_that_only_declares_is_no_other_opinion),
                cmocka_unit_test_setup_teardown(the_others_are_tried_against_the_path, begin, end),
                cmocka_unit_test_setup_teardown(an_id_is_of_the_source_that_holds_it, begin, end),
                cmocka_unit_test_setup_teardown(near_names_are_looked_for_in_modules_too, begin, end),
                cmocka_unit_test(all_spellings_are_looked_for_in_vmlinux_first),
                cmocka_unit_test(a_name_that_every_module_defines_otherwise_is_counted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
