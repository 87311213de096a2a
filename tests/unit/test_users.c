/*
 * Who uses a type. Most of it is asked of this kernel, in which struct lock and lock_t are what is used:
 *
 *   struct lock { int v; };                         typedef struct lock lock_t;
 *   struct outer {
 *           struct lock one;
 *           const lock_t two[2];
 *           struct { union { struct lock three; } u[3]; struct lock **four; };
 *           struct { struct lock hidden; } *five;   int (*six)(struct lock *);
 *           union { struct lock }                   (no name on the way)
 *   };
 *   typedef struct { lock_t in; } wrap_t[2];        struct holder { struct outer o[4]; wrap_t w; };
 *   struct { lock_t in; } var[2];                   lock_t *pointer;
 *   typedef lock_t again_t;                         typedef ring_t *ring_t;
 *   lock_t *work(int, const struct lock *, ...);
 */
#include "query/users.h"
#include "support/fixture.h"
#include "support/unit.h"
#include "util/strbuf.h"

enum {
        INT = 1,
        LOCK,
        LOCK_T,
        CONST_LOCK_T,
        CONST_LOCK_T_2,
        HAS_THREE,
        HAS_THREE_3,
        PTR_LOCK,
        PTR_PTR_LOCK,
        ANONYMOUS,
        HIDDEN,
        PTR_HIDDEN,
        SIX_PROTO,
        PTR_SIX,
        NAMELESS,
        OUTER,
        IN,
        IN_2,
        WRAP_T,
        OUTER_4,
        HOLDER,
        VAR,
        PTR_LOCK_T,
        POINTER,
        AGAIN_T,
        RING_T,
        PTR_RING,
        CONST_LOCK,
        PTR_CONST_LOCK,
        WORK_PROTO,
        WORK,
};

static void add_composites(struct btf_builder *b)
{
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_struct(b, "lock", 4, false);
        btf_builder_member(b, "v", INT, 0, 0);
        btf_builder_typedef(b, "lock_t", LOCK);
        btf_builder_const(b, LOCK_T);
        btf_builder_array(b, CONST_LOCK_T, INT, 2);
        btf_builder_union(b, "", 4, false);
        btf_builder_member(b, "three", LOCK, 0, 0);
        btf_builder_array(b, HAS_THREE, INT, 3);
        btf_builder_ptr(b, LOCK);
        btf_builder_ptr(b, PTR_LOCK);
        btf_builder_struct(b, "", 24, false);
        btf_builder_member(b, "u", HAS_THREE_3, 0, 0);
        btf_builder_member(b, "four", PTR_PTR_LOCK, 128, 0);
        btf_builder_struct(b, "", 4, false);
        btf_builder_member(b, "hidden", LOCK, 0, 0);
        btf_builder_ptr(b, HIDDEN);
        btf_builder_func_proto(b, INT);
        btf_builder_param(b, "", PTR_LOCK);
        btf_builder_ptr(b, SIX_PROTO);
        btf_builder_union(b, "", 4, false);
        btf_builder_member(b, "", LOCK, 0, 0);
        btf_builder_struct(b, "outer", 64, false);
        btf_builder_member(b, "one", LOCK, 0, 0);
        btf_builder_member(b, "two", CONST_LOCK_T_2, 32, 0);
        btf_builder_member(b, "", ANONYMOUS, 128, 0);
        btf_builder_member(b, "five", PTR_HIDDEN, 320, 0);
        btf_builder_member(b, "six", PTR_SIX, 384, 0);
        btf_builder_member(b, "", NAMELESS, 448, 0);
        btf_builder_struct(b, "", 4, false);
        btf_builder_member(b, "in", LOCK_T, 0, 0);
        btf_builder_array(b, IN, INT, 2);
        btf_builder_typedef(b, "wrap_t", IN_2);
        btf_builder_array(b, OUTER, INT, 4);
        btf_builder_struct(b, "holder", 264, false);
        btf_builder_member(b, "o", OUTER_4, 0, 0);
        btf_builder_member(b, "w", WRAP_T, 2048, 0);
}

static struct source_set *build_set(void)
{
        struct btf_builder *b = btf_builder_new();
        struct source_set *set;

        add_composites(b);
        btf_builder_var(b, "var", IN_2, 1);
        btf_builder_ptr(b, LOCK_T);
        btf_builder_var(b, "pointer", PTR_LOCK_T, 1);
        btf_builder_typedef(b, "again_t", LOCK_T);
        btf_builder_typedef(b, "ring_t", PTR_RING);
        btf_builder_ptr(b, RING_T);
        btf_builder_const(b, LOCK);
        btf_builder_ptr(b, CONST_LOCK);
        btf_builder_func_proto(b, PTR_LOCK_T);
        btf_builder_param(b, "", INT);
        btf_builder_param(b, "", PTR_CONST_LOCK);
        btf_builder_param(b, "", 0);
        assert_int_equal(btf_builder_func(b, "work", WORK_PROTO, 0), WORK);
        set = fixture_set(b);
        assert_int_equal(source_set_build(set, SET_INDEX_USERS, NULL), 0);
        return set;
}

static void print_user(struct strbuf *text, const struct user *user)
{
        strbuf_printf(text, "%s", name_index_name(user->type.source->btf, user->type.id));
        if (user->type.source->base)
                strbuf_printf(text, "@%s", user->type.source->name);
        strbuf_append(text, ":");
        for (size_t i = 0; i < user->n_places; i++) {
                const struct user_place *place = &user->places[i];

                strbuf_printf(text, "%s %s", i > 0 ? "," : "", use_relation_word(place->relation));
                if (place->path)
                        strbuf_printf(text, " '%s'", place->path);
                if (place->relation == USE_TAKES)
                        strbuf_printf(text, " %u", place->i_param);
        }
        if (user->depth > 0)
                strbuf_printf(text, " depth %u", user->depth);
        strbuf_append(text, "\n");
}

/* The users, a line each: `name@module: relation 'path', relation parameter`. */
static void assert_users(const struct source_set *set, struct query_type target, unsigned int relations,
                         bool transitive, const char *expected)
{
        const struct users_question question = {target, relations, transitive};
        struct query_error error;
        struct users_page found;
        struct page page;
        char text[2048];
        struct strbuf lines;

        assert_int_equal(users_check(target, &error), 0);
        assert_int_equal(page_begin(&page, 0, 100, NULL, &error), 0);
        assert_int_equal(users_list(set, &question, &page, NULL, &found, &error), 0);
        assert_int_equal(found.count, found.list.n_entries);
        strbuf_init(&lines, text, sizeof(text));
        for (size_t i = 0; i < found.list.n_entries; i++) {
                struct user user;

                assert_int_equal(users_describe(&question, &found, found.list.entries[i], &user), 0);
                print_user(&lines, &user);
        }
        users_page_deinit(&found);
        assert_string_equal(text, expected);
}

static struct query_type vmlinux_type(const struct source_set *set, uint32_t id)
{
        return (struct query_type){set->sources[0], id};
}

static void test_users_of_a_struct(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();

        (void)state;
        assert_users(set, vmlinux_type(set, LOCK), USE_ALL_RELATIONS, false,
                     "again_t: typedef\n"
                     "lock_t: typedef\n"
                     "outer: embeds 'one', embeds 'two', embeds 'u[0].three', points 'four', embeds ''\n"
                     "pointer: variable\n"
                     "var: variable '[0].in'\n"
                     "work: takes 1, returns\n"
                     "wrap_t: embeds '[0].in'\n");
}

static void test_users_of_a_typedef(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();

        (void)state;
        assert_users(set, vmlinux_type(set, LOCK_T), USE_ALL_RELATIONS, false,
                     "again_t: typedef\n"
                     "outer: embeds 'two'\n"
                     "pointer: variable\n"
                     "var: variable '[0].in'\n"
                     "work: returns\n"
                     "wrap_t: embeds '[0].in'\n");
        assert_users(set, vmlinux_type(set, WRAP_T), USE_ALL_RELATIONS, false, "holder: embeds 'w'\n");
        assert_users(set, vmlinux_type(set, AGAIN_T), USE_ALL_RELATIONS, false, "");
        assert_users(set, vmlinux_type(set, INT), USE_TAKES | USE_EMBEDS, false,
                     "lock: embeds 'v'\nwork: takes 0\n");
}

static void test_relations_filter(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();

        (void)state;
        assert_users(set, vmlinux_type(set, LOCK), USE_POINTS, false, "outer: points 'four'\n");
        assert_users(set, vmlinux_type(set, LOCK), USE_RETURNS | USE_TYPEDEF, false,
                     "again_t: typedef\nlock_t: typedef\nwork: returns\n");
}

static void test_transitive_embedding(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();

        (void)state;
        assert_users(set, vmlinux_type(set, LOCK), USE_EMBEDS, true,
                     "holder: embeds 'o[0].one' depth 2\n"
                     "outer: embeds 'one' depth 1\n"
                     "wrap_t: embeds '[0].in' depth 1\n");
        assert_users(set, vmlinux_type(set, INT), USE_EMBEDS, true,
                     "holder: embeds 'o[0].one.v' depth 3\n"
                     "lock: embeds 'v' depth 1\n"
                     "outer: embeds 'one.v' depth 2\n"
                     "wrap_t: embeds '[0].in.v' depth 2\n");
}

/* A typedef that leads to itself through a pointer does not keep anyone. */
static void test_a_ring_of_typedefs(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        const struct users_question question = {vmlinux_type(set, RING_T), USE_ALL_RELATIONS, false};
        struct query_error error;
        struct users_page found;
        struct page page;
        struct user user;

        (void)state;
        assert_int_equal(page_begin(&page, 0, 100, NULL, &error), 0);
        assert_int_equal(users_list(set, &question, &page, NULL, &found, &error), 0);
        assert_int_equal(found.list.n_entries, 1);
        assert_int_equal(users_describe(&question, &found, found.list.entries[0], &user), 0);
        assert_int_equal(user.type.id, RING_T);
        assert_int_equal(user.relations, USE_TYPEDEF);
        assert_true(user.n_uses > user.n_places);
        assert_int_equal(user.n_places, USERS_MAX_PLACES);
        users_page_deinit(&found);
}

static void test_what_has_no_users(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        static const uint32_t ids[] = {0, PTR_LOCK, ANONYMOUS, VAR, WORK, WORK_PROTO, CONST_LOCK};
        struct query_error error;

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
                assert_int_equal(users_check(vmlinux_type(set, ids[i]), &error), QUERY_WRONG_KIND);
                assert_true(strlen(error.message) > 0);
        }
}

/*
 * Several definitions, copies and declarations:
 *
 *   vmlinux                       a                                b
 *   int                           struct pad { int a; }            struct pad { int b; }
 *   struct pad;                   struct bag { struct pad *p; }    struct bag { struct pad *p; }
 *   struct far { struct pad *p; } struct own { struct pad x; }     typedef struct pad pad_t;
 */
enum {
        FAR_PAD = 2,
        FAR_PTR,
        FAR,
        MODULE_PAD,
        MODULE_PTR,
        MODULE_BAG,
        MODULE_LAST,
};

static struct btf_builder *build_module(const struct btf_builder *base, const char *member, bool has_typedef)
{
        struct btf_builder *b = btf_builder_new_split(base);

        btf_builder_struct(b, "pad", 4, false);
        btf_builder_member(b, member, INT, 0, 0);
        btf_builder_ptr(b, MODULE_PAD);
        btf_builder_struct(b, "bag", 8, false);
        btf_builder_member(b, "p", MODULE_PTR, 0, 0);
        if (has_typedef) {
                btf_builder_typedef(b, "pad_t", MODULE_PAD);
        } else {
                btf_builder_struct(b, "own", 4, false);
                btf_builder_member(b, "x", MODULE_PAD, 0, 0);
        }
        return b;
}

static struct source_set *build_modules(const char *second)
{
        struct btf_builder *base = btf_builder_new();
        struct fixture_module modules[2];
        struct source_set *set;

        btf_builder_int(base, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_fwd(base, "pad", false);
        btf_builder_ptr(base, FAR_PAD);
        btf_builder_struct(base, "far", 8, false);
        btf_builder_member(base, "p", FAR_PTR, 0, 0);
        modules[0] = (struct fixture_module){"a", build_module(base, "a", false)};
        modules[1] = (struct fixture_module){"b", build_module(base, second, true)};
        set = fixture_set_with(base, modules, ARRAY_LENGTH(modules));
        assert_int_equal(source_set_build(set, SET_INDEX_USERS, NULL), 0);
        return set;
}

/* Each of two definitions has its own users, though both bags say the same; vmlinux's declaration may mean either. */
static void test_users_of_several_definitions(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_modules("b");
        struct query_type a = {set->sources[1], MODULE_PAD}, b = {set->sources[2], MODULE_PAD};

        (void)state;
        assert_users(set, a, USE_ALL_RELATIONS, false, "bag@a: points 'p'\nown@a: embeds 'x'\n");
        assert_users(set, b, USE_ALL_RELATIONS, false, "bag@b: points 'p'\npad_t@b: typedef\n");
        assert_users(set, vmlinux_type(set, FAR_PAD), USE_ALL_RELATIONS, false, "far: points 'p'\n");
}

/* Where both modules' pads are the same, all use it, and the bags are listed once. */
static void test_users_that_say_the_same(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_modules("a");
        static const char all[] = "bag@a: points 'p'\nfar: points 'p'\nown@a: embeds 'x'\npad_t@b: typedef\n";
        struct query_type a = {set->sources[1], MODULE_PAD}, b = {set->sources[2], MODULE_PAD};

        (void)state;
        assert_users(set, a, USE_ALL_RELATIONS, false, all);
        assert_users(set, b, USE_ALL_RELATIONS, false, all);
        assert_users(set, vmlinux_type(set, FAR_PAD), USE_ALL_RELATIONS, false, all);
}

static void test_stops(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = build_set();
        atomic_bool cancelled = true;
        const struct stop stop = {.cancelled = &cancelled, .deadline_nsec = INT64_MAX};
        struct users_question question = {vmlinux_type(set, LOCK), USE_EMBEDS, true};
        struct users users;
        struct query_error error;
        struct users_page found;
        struct page page;

        (void)state;
        assert_int_equal(page_begin(&page, 0, 100, NULL, &error), 0);
        assert_int_equal(users_list(set, &question, &page, &stop, &found, &error), QUERY_DEADLINE);
        assert_int_equal(users_init(&users, source_set_order(set), set->n_sources, &stop), USERS_STOPPED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_users_of_a_struct),
                cmocka_unit_test(test_users_of_a_typedef),
                cmocka_unit_test(test_relations_filter),
                cmocka_unit_test(test_transitive_embedding),
                cmocka_unit_test(test_a_ring_of_typedefs),
                cmocka_unit_test(test_what_has_no_users),
                cmocka_unit_test(test_users_of_several_definitions),
                cmocka_unit_test(test_users_that_say_the_same),
                cmocka_unit_test(test_stops),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
