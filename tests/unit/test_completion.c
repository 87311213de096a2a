/*
 * Paths that leave the source they begin in: what one file only declares, others define; names in casts; and definitions
 * beside the one that answers. The kernel here, with what its modules hold:
 *
 *   vmlinux                                    a                              b                          c
 *   struct later;                              struct later {                 struct two { int t; }      struct two { int s, t; }
 *   struct two;                                  int x;                       struct two_user {          struct gone;
 *   struct gone;                                 struct host *host;             struct two *two; }       struct host { int c; }
 *   struct pad { int p; }                        struct own *own; }           struct own { int b; }
 *   struct host {                              struct own;                    struct pad { int q; }
 *     struct later *later;                     struct own { int a; }          struct chip { struct pad *pad; }
 *     struct two *two;                         struct chip {                  int probe(struct two *two)
 *     struct gone *gone;                         struct pad *pad; }
 *     void *data;                              (vmlinux's pad)
 *     int v; }
 *   int probe(struct host *h)
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "query/offset.h"
#include "support/fixture.h"
#include "support/unit.h"
#include "util/strbuf.h"

/* What vmlinux holds, by id. */
enum {
        INT = 1,
        LATER,
        TWO,
        GONE,
        PAD,
        PTR_LATER,
        PTR_TWO,
        PTR_GONE,
        PTR_PAD,
        PTR_VOID,
        HOST,
        PTR_HOST,
        PROBE_PROTO,
        PROBE,
};

/* struct NAME { TYPE MEMBER; ... }, each member 8 bytes on from the last. */
struct field {
        const char *name;
        uint32_t type;
};

static uint32_t add_struct(struct btf_builder *b, const char *name, const struct field *fields, uint32_t n)
{
        uint32_t id = btf_builder_struct(b, name, n * 8, false);

        for (uint32_t i = 0; i < n; i++)
                btf_builder_member(b, fields[i].name, fields[i].type, i * 64, 0);
        return id;
}

#define STRUCT(b, name, ...)                                                                                 \
        add_struct(b, name, (const struct field[]){__VA_ARGS__},                                             \
                   sizeof((const struct field[]){__VA_ARGS__}) / sizeof(struct field))

static void build_base(struct btf_builder *b)
{
        btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED);
        btf_builder_fwd(b, "later", false);
        btf_builder_fwd(b, "two", false);
        btf_builder_fwd(b, "gone", false);
        STRUCT(b, "pad", {"p", INT});
        btf_builder_ptr(b, LATER);
        btf_builder_ptr(b, TWO);
        btf_builder_ptr(b, GONE);
        btf_builder_ptr(b, PAD);
        btf_builder_ptr(b, 0);
        STRUCT(b, "host", {"later", PTR_LATER}, {"two", PTR_TWO}, {"gone", PTR_GONE}, {"data", PTR_VOID},
               {"v", INT});
        btf_builder_ptr(b, HOST);
        btf_builder_func_proto(b, INT);
        btf_builder_param(b, "h", PTR_HOST);
        assert_int_equal(btf_builder_func(b, "probe", PROBE_PROTO, 0), PROBE);
}

static void build_a(struct btf_builder *b)
{
        uint32_t own = btf_builder_fwd(b, "own", false);
        uint32_t ptr_own = btf_builder_ptr(b, own);

        STRUCT(b, "later", {"x", INT}, {"host", PTR_HOST}, {"own", ptr_own});
        STRUCT(b, "own", {"a", INT});
        STRUCT(b, "chip", {"pad", PTR_PAD});
}

static void build_b(struct btf_builder *b)
{
        uint32_t two = STRUCT(b, "two", {"t", INT});
        uint32_t ptr_two = btf_builder_ptr(b, two);
        uint32_t pad, proto;

        STRUCT(b, "two_user", {"two", ptr_two});
        STRUCT(b, "own", {"b", INT});
        pad = STRUCT(b, "pad", {"q", INT});
        STRUCT(b, "chip", {"pad", btf_builder_ptr(b, pad)});
        proto = btf_builder_func_proto(b, INT);
        btf_builder_param(b, "two", ptr_two);
        btf_builder_func(b, "probe", proto, 0);
}

static void build_c(struct btf_builder *b)
{
        STRUCT(b, "two", {"s", INT}, {"t", INT});
        btf_builder_fwd(b, "gone", false);
        STRUCT(b, "host", {"c", INT});
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

/* "vmlinux+0 -> a+8 -> vmlinux+32: vmlinux". */
static const char *plan_text(const struct plan *plan)
{
        static char buffer[512];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        for (size_t i = 0; i < plan->n_steps; i++)
                strbuf_printf(&text, "%s%+" PRId64 "%s", plan->steps[i].source->name, plan->steps[i].offset,
                              plan->steps[i].dereference ? " -> " : "");
        strbuf_printf(&text, ": %s", plan->source->name);
        return buffer;
}

struct crossing {
        struct selector selector;
        const char *path, *expected;
};

#define FUNC .has_kind = true, .kind = BTF_KIND_FUNC

static void declarations_are_followed_into_definitions(void **state)
{
        static const struct crossing cases[] = {
                {{.name = "host"}, "later->x", "vmlinux+0 -> a+0: vmlinux"},
                {{.name = "host"}, "later[1].x", "vmlinux+0 -> a+24: vmlinux"},
                {{.name = "host"}, "later[0]", "vmlinux+0 -> a+0: a"},
                {{.name = "host"}, "later->host->v", "vmlinux+0 -> a+8 -> vmlinux+32: vmlinux"},
                {{.name = "host"}, "later->host->later->x", "vmlinux+0 -> a+8 -> vmlinux+0 -> a+0: vmlinux"},
                {{.name = "probe", FUNC}, "h->later->x", "vmlinux+0 -> a+0: vmlinux"},
                /* A declaration at the end is what there is: nothing beyond it was asked for. */
                {{.name = "host"}, "later", "vmlinux+0: vmlinux"},
                {{.name = "host"}, "(&later->x)[0]", "vmlinux+0 -> a+0: vmlinux"},
                /* The file's own definition goes first: b has another one. */
                {{.name = "later"}, "own->a", "a+16 -> a+0: a"},
                {{.name = "host"}, "later->own->a", "vmlinux+0 -> a+16 -> a+0: vmlinux"},
                {{.name = "two_user", .source = "b"}, "two->t", "b+0 -> b+0: b"},
                /* Casts. */
                {{.name = "host"}, "((struct later *)data)->x", "vmlinux+24 -> a+0: vmlinux"},
                {{.name = "host"}, "(struct later *)data", "vmlinux+24: a"},
                {{.name = "two_user", .source = "b"}, "((struct two *)two)->t", "b+0 -> b+0: b"},
                {{.name = "later"},
                 "container_of(&x, struct later, x)->host->v",
                 "a+8 -> vmlinux+32: vmlinux"},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct query_error error = {0};
                struct found also;
                struct plan plan;

                if (field_offset(*state, &cases[i].selector, cases[i].path, &plan, &also, &error) != 0)
                        fail_msg("%s %s: %s", cases[i].selector.name, cases[i].path, error.message);
                if (strcmp(plan_text(&plan), cases[i].expected) != 0)
                        fail_msg("%s %s: %s; expected %s", cases[i].selector.name, cases[i].path,
                                 plan_text(&plan), cases[i].expected);
        }
}

struct failing {
        struct selector selector;
        const char *path;
        enum query_reason reason;
        size_t i_component;
        const char *name;       /* of what is ambiguous, as an error has it */
        const char *candidates; /* "source:resolves" of each */
};

static const char *candidates_text(const struct query_error *error)
{
        static char buffer[512];
        struct strbuf text;

        strbuf_init(&text, buffer, sizeof(buffer));
        for (size_t i = 0; i < error->n_candidates; i++)
                strbuf_printf(&text, "%s%s:%d", i > 0 ? " " : "", error->candidates[i].type.source->name,
                              error->candidates[i].resolves);
        return buffer;
}

/* Each candidate tells whether the rest of the path leads on in it. */
static void several_definitions_are_ambiguous(void **state)
{
        static const struct failing cases[] = {
                {{.name = "host"}, "two->t", QUERY_AMBIGUOUS_NAME, 1, "two", "b:1 c:1"},
                {{.name = "host"}, "two->s", QUERY_AMBIGUOUS_NAME, 1, "two", "b:0 c:1"},
                {{.name = "host"}, "two[1]", QUERY_AMBIGUOUS_NAME, 1, "two", "b:1 c:1"},
                {{.name = "host"}, "later->host->two->s", QUERY_AMBIGUOUS_NAME, 3, "two", "b:0 c:1"},
                {{.name = "probe", FUNC}, "h->two->s", QUERY_AMBIGUOUS_NAME, 2, "two", "b:0 c:1"},
                {{.name = "host"},
                 "((struct two *)data)->s",
                 QUERY_AMBIGUOUS_NAME,
                 1,
                 "struct two",
                 "b:0 c:1"},
                {{.name = "host"}, "((two *)data)->t", QUERY_AMBIGUOUS_NAME, 1, "two", "b:1 c:1"},
                {{.name = "host"},
                 "container_of(data, struct two, s)->t",
                 QUERY_AMBIGUOUS_NAME,
                 1,
                 "struct two",
                 "b:0 c:1"},
                /* With all tiers, vmlinux's own definition is one of two. */
                {{.name = "later", .all_tiers = true},
                 "((struct pad *)host)->p",
                 QUERY_AMBIGUOUS_NAME,
                 1,
                 "struct pad",
                 "vmlinux:1 b:0"},
                /* Definitions that say the same, and lead to different pads. */
                {{.name = "host"},
                 "((struct chip *)data)->pad->p",
                 QUERY_AMBIGUOUS_NAME,
                 1,
                 "chip",
                 "a:1 b:0"},
                {{.name = "host"},
                 "((struct chip *)data)->pad->q",
                 QUERY_AMBIGUOUS_NAME,
                 1,
                 "chip",
                 "a:0 b:1"},
                {{.name = "host"}, "((struct chip *)data)->pad->r", QUERY_MEMBER_NOT_FOUND, 3, NULL, ""},
                {{.name = "host"}, "gone->x", QUERY_INCOMPLETE_TYPE, 1, NULL, ""},
                {{.name = "host"}, "((struct gone *)data)->x", QUERY_INCOMPLETE_TYPE, 2, NULL, ""},
                {{.name = "host"}, "later->y", QUERY_MEMBER_NOT_FOUND, 1, NULL, ""},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                const struct failing *c = &cases[i];
                struct query_error error = {0};
                struct found also;
                struct plan plan;
                int r = field_offset(*state, &c->selector, c->path, &plan, &also, &error);

                if (r != (int)c->reason || error.i_component != c->i_component ||
                    strcmp(candidates_text(&error), c->candidates) != 0)
                        fail_msg("%s %s: %d, component %zu, candidates '%s': %s", c->selector.name, c->path,
                                 r, error.i_component, candidates_text(&error), error.message);
                if (!c->name)
                        continue;
                assert_non_null(error.component);
                assert_memory_equal(error.name, c->name, strlen(c->name));
                assert_true(error.name_length == 0 ? error.name[strlen(c->name)] == '\0'
                                                   : error.name_length == strlen(c->name));
        }
}

/* What does not leave the copies' own bytes is the same in all of them. */
static void copies_that_lead_to_the_same_do_not_matter(void **state)
{
        struct selector host = {.name = "host"};
        struct query_error error;
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &host, "((struct chip *)data)->pad", &plan, &also, &error), 0);
        assert_string_equal(plan_text(&plan), "vmlinux+24 -> a+0: vmlinux");
        host.source = "vmlinux";
        assert_int_equal(field_offset(*state, &host, "((struct pad *)data)->p", &plan, &also, &error), 0);
}

/* A member that only a module's different definition has. */
static void errors_list_the_definitions_that_have_the_path(void **state)
{
        struct selector host = {.name = "struct host"};
        struct query_error error = {0};
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &host, "c", &plan, &also, &error), QUERY_MEMBER_NOT_FOUND);
        assert_string_equal(candidates_text(&error), "c:1");
        assert_int_equal(error.n_definitions, 1);
        assert_string_equal(error.name, "struct host");
        assert_memory_equal(error.component, "c", 1);
        assert_non_null(strstr(error.message, "another definition"));
        assert_int_equal(field_offset(*state, &host, "d", &plan, &also, &error), QUERY_MEMBER_NOT_FOUND);
        assert_int_equal(error.n_definitions, 0);
        assert_null(strstr(error.message, "another definition"));
        /* A function's, too. */
        assert_int_equal(field_offset(*state, &(struct selector){.name = "probe", FUNC}, "two->t", &plan,
                                      &also, &error),
                         QUERY_MEMBER_NOT_FOUND);
        assert_string_equal(candidates_text(&error), "b:1");
}

struct any_case {
        struct alternative alternatives[3];
        size_t n;
        int result;
        size_t which, n_failures;
};

static void the_first_that_this_kernel_has_is_answered(void **state)
{
        static const struct any_case cases[] = {
                {{{{.name = "host"}, "v"}, {{.name = "host"}, "data"}}, 2, 0, 0, 0},
                {{{{.name = "hots"}, "v"}, {{.name = "host"}, "v"}}, 2, 0, 1, 1},
                {{{{.name = "host"}, "w"}, {{.name = "host"}, "v.x"}, {{.name = "probe", FUNC}, "h->v"}},
                 3,
                 0,
                 2,
                 2},
                {{{{.name = "host"}, "gone->x"}, {{.name = "host"}, "v"}}, 2, 0, 1, 1},
                /* What does not depend on the kernel, or must not be guessed, ends it. */
                {{{{.name = "host"}, "w"}, {{.name = "host"}, "v["}, {{.name = "host"}, "v"}},
                 3,
                 QUERY_BAD_PATH,
                 1,
                 2},
                {{{{.name = "two"}, "t"}, {{.name = "host"}, "v"}}, 2, QUERY_AMBIGUOUS_NAME, 0, 1},
                {{{{.name = "host", .source = "z"}, "v"}, {{.name = "host"}, "v"}},
                 2,
                 QUERY_SOURCE_NOT_FOUND,
                 0,
                 1},
                {{{{.source = "a", .has_id = true, .id = HOST, .instance = 9}, "v"}, {{.name = "host"}, "v"}},
                 2,
                 QUERY_STALE_ID,
                 0,
                 1},
                /* None: the first one's error. */
                {{{{.name = "host"}, "w"}, {{.name = "hots"}, "v"}}, 2, QUERY_MEMBER_NOT_FOUND, 0, 2},
                {{{{.name = "hots"}, "v"}, {{.name = "host"}, "w"}}, 2, QUERY_NAME_NOT_FOUND, 0, 2},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct alternatives_result result;
                struct query_error error = {0};
                struct found also;
                struct plan plan;
                int r = field_offset_any(*state, cases[i].alternatives, cases[i].n, &plan, &also, &error,
                                         &result);

                if (r != cases[i].result || result.which != cases[i].which ||
                    result.n_failures != cases[i].n_failures)
                        fail_msg("case %zu: %d, which %zu, %zu failures: %s", i, r, result.which,
                                 result.n_failures, error.message);
                if (r != 0) {
                        assert_int_equal(error.reason, r);
                        assert_int_equal(result.failures[result.which].reason, r);
                        assert_string_equal(result.failures[result.which].message, error.message);
                }
        }
}

/* A declaration that many files complete costs a path no more than one: next->next->... through all of them. */
static void cycles_through_sources_end_with_the_path(void **state)
{
        char path[1024] = "later";
        struct selector host = {.name = "host"};
        struct query_error error;
        struct found also;
        struct plan plan;

        for (int i = 0; i < 31; i++)
                strcat(path, "->host->later");
        assert_int_equal(field_offset(*state, &host, path, &plan, &also, &error), 0);
        assert_int_equal(plan.n_steps, 63);
        assert_string_equal(plan.steps[61].source->name, "a");
        strcat(path, "->x->y");
        assert_int_equal(field_offset(*state, &host, path, &plan, &also, &error), QUERY_BAD_PATH);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(declarations_are_followed_into_definitions),
                cmocka_unit_test(several_definitions_are_ambiguous),
                cmocka_unit_test(copies_that_lead_to_the_same_do_not_matter),
                cmocka_unit_test(errors_list_the_definitions_that_have_the_path),
                cmocka_unit_test(the_first_that_this_kernel_has_is_answered),
                cmocka_unit_test(cycles_through_sources_end_with_the_path),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
