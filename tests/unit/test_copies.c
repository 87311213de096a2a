/*
 * Definitions that say the same but lead to different things: behind a pointer a name is enough to be the same, so
 * only a path that follows one can tell them apart. (Debian's 6.1 kernel for i386 has three `intel_pinctrl`.)
 */
#include "support/unit.h"

#include "query/copies.h"
#include "query/lookup.h"
#include "query/offset.h"
#include "support/fixture.h"

enum {
        INT = 1,
        PAD_SMALL,
        PTR_SMALL,
        PAD_BIG,
        PTR_BIG,
        CHIP_SMALL,
        CHIP_BIG,
        CHIP_SMALL_AGAIN,
        PLAIN,
        PLAIN_AGAIN,
        PTR_CHIP_SMALL,
        HOLDER,
        LATER_FWD, /* struct later; */
        LATER_T,   /* typedef struct later later_t, of that one */
        LATER,     /* struct later { struct pad *pads; } */
        LATER_T2,  /* typedef struct later later_t, of this one, */
        LATER_T3,  /* and again */
        MODULE_PAD,
        MODULE_PTR,
        MODULE_LATER,   /* the module's own struct later, */
        MODULE_LATER_T, /* and its typedef */
};

static void build_later(struct btf_builder *b)
{
        assert_int_equal(btf_builder_fwd(b, "later", false), LATER_FWD);
        btf_builder_typedef(b, "later_t", LATER_FWD);
        btf_builder_struct(b, "later", 8, false);
        btf_builder_member(b, "pads", PTR_SMALL, 0, 0);
        btf_builder_typedef(b, "later_t", LATER);
        btf_builder_typedef(b, "later_t", LATER);
}

static void build_module(struct btf_builder *b)
{
        assert_int_equal(btf_builder_struct(b, "pad", 20, false), MODULE_PAD);
        btf_builder_ptr(b, MODULE_PAD);
        btf_builder_struct(b, "later", 8, false);
        btf_builder_member(b, "pads", MODULE_PTR, 0, 0);
        assert_int_equal(btf_builder_typedef(b, "later_t", MODULE_LATER), MODULE_LATER_T);
}

/* struct chip { int id; struct pad *pads; }, three times; the second one's struct pad is larger. */
static int begin(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct fixture_module module = {.name = "m"};

        assert_int_equal(btf_builder_int(b, "int", 4, 32, BTF_INT_SIGNED), INT);
        assert_int_equal(btf_builder_struct(b, "pad", 4, false), PAD_SMALL);
        btf_builder_member(b, "a", INT, 0, 0);
        assert_int_equal(btf_builder_ptr(b, PAD_SMALL), PTR_SMALL);
        assert_int_equal(btf_builder_struct(b, "pad", 12, false), PAD_BIG);
        btf_builder_member(b, "a", INT, 32, 0);
        btf_builder_member(b, "b", INT, 64, 0);
        assert_int_equal(btf_builder_ptr(b, PAD_BIG), PTR_BIG);
        for (uint32_t id = CHIP_SMALL; id <= CHIP_SMALL_AGAIN; id++) {
                assert_int_equal(btf_builder_struct(b, "chip", 16, false), id);
                btf_builder_member(b, "id", INT, 0, 0);
                btf_builder_member(b, "pads", id == CHIP_BIG ? PTR_BIG : PTR_SMALL, 64, 0);
        }
        for (uint32_t id = PLAIN; id <= PLAIN_AGAIN; id++) {
                assert_int_equal(btf_builder_struct(b, "plain", 8, false), id);
                btf_builder_member(b, "pads", PTR_SMALL, 0, 0);
        }
        assert_int_equal(btf_builder_ptr(b, CHIP_SMALL), PTR_CHIP_SMALL);
        assert_int_equal(btf_builder_struct(b, "holder", 8, false), HOLDER);
        btf_builder_member(b, "chip", PTR_CHIP_SMALL, 0, 0);
        build_later(b);
        module.b = btf_builder_new_split(b);
        build_module(module.b);
        *state = fixture_set_with(b, &module, 1);
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

static void copies_are_one_definition(void **state)
{
        struct query_error error;
        struct looked_up found;

        assert_int_equal(lookup(*state, &(struct selector){.name = "chip"}, &found, &error), 0);
        assert_int_equal(found.type.id, CHIP_SMALL);
}

static void what_they_hold_themselves_is_the_same(void **state)
{
        struct selector chip = {.name = "struct chip"};
        struct query_error error;
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &chip, "id", &plan, &also, &error), 0);
        assert_int_equal(plan.steps[0].offset, 0);
}

/* Also where one of them has no such member, and where the asked place is the pointer, whose steps differ. */
static void a_path_that_tells_them_apart_is_ambiguous(void **state)
{
        static const struct {
                const char *path;
                bool resolves[3];
        } cases[] = {
                {"pads->a", {true, true, true}},
                {"pads[1]", {true, true, true}},
                {"pads->b", {false, true, false}},
                {"pads", {true, true, true}},
        };

        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                struct selector chip = {.name = "struct chip"};
                struct query_error error;
                struct found also;
                struct plan plan;

                assert_int_equal(field_offset(*state, &chip, cases[i].path, &plan, &also, &error),
                                 QUERY_AMBIGUOUS_NAME);
                assert_int_equal(error.n_definitions, 3);
                assert_string_equal(error.name, "struct chip");
                for (size_t j = 0; j < 3; j++) {
                        assert_int_equal(error.candidates[j].type.id, CHIP_SMALL + j);
                        assert_int_equal(error.candidates[j].resolves, cases[i].resolves[j]);
                }
        }
}

static void an_error_that_all_share_is_that_error(void **state)
{
        struct selector chip = {.name = "struct chip"};
        struct query_error error;
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &chip, "pads->nonsuch", &plan, &also, &error),
                         QUERY_MEMBER_NOT_FOUND);
        assert_int_equal(error.i_component, 1);
}

static void copies_that_lead_to_the_same_do_not_matter(void **state)
{
        struct selector plain = {.name = "plain"};
        struct query_error error;
        struct looked_up found;
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &plain, "pads->a", &plan, &also, &error), 0);
        assert_int_equal(plan.n_steps, 2);
        assert_int_equal(lookup_members(*state, &plain, &found, &error), 0);
}

static void an_id_means_exactly_one(void **state)
{
        struct selector big = {
                .name = "chip", .source = "vmlinux", .has_id = true, .id = CHIP_BIG, .instance = 1};
        struct query_error error;
        struct looked_up found;
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &big, "pads->b", &plan, &also, &error), 0);
        assert_int_equal(plan.steps[1].offset, 8);
        assert_int_equal(lookup_members(*state, &big, &found, &error), 0);
        assert_int_equal(found.type.id, CHIP_BIG);
}

/* A pointer says which of them it points to: copies matter only where a name was asked for. */
static void a_pointer_means_exactly_one(void **state)
{
        struct selector holder = {.name = "holder"};
        struct query_error error;
        struct found also;
        struct plan plan;

        assert_int_equal(field_offset(*state, &holder, "chip->pads->a", &plan, &also, &error), 0);
        assert_int_equal(plan.steps[2].offset, 0);
}

static void members_with_other_pointees_are_ambiguous(void **state)
{
        struct selector chip = {.name = "chip"};
        struct query_error error;
        struct looked_up found;

        assert_int_equal(lookup_members(*state, &chip, &found, &error), QUERY_AMBIGUOUS_NAME);
        assert_int_equal(error.n_candidates, 3);
}

/* A typedef of what is only declared says the same as one of what is defined, but has no size and no members. */
static void a_copy_is_found_where_what_it_copies_is_not_selected(void **state)
{
        const struct selector selectors[] = {
                {.name = "later_t", .has_size = true, .size = 8},
                {.name = "later_t", .has = "pads"},
                {.name = "later_t", .has = "pads", .source = "vmlinux"},
        };
        struct query_error error;
        struct looked_up found;

        for (size_t i = 0; i < ARRAY_LENGTH(selectors); i++) {
                assert_int_equal(lookup(*state, &selectors[i], &found, &error), 0);
                assert_int_equal(found.type.id, LATER_T2);
                /* The module's says the same as this one. */
                assert_int_equal(found.also.n_definitions, 0);
        }
        assert_int_equal(lookup(*state, &(struct selector){.name = "later_t"}, &found, &error), 0);
        assert_int_equal(found.type.id, LATER_T);
        assert_int_equal(lookup(*state,
                                &(struct selector){.name = "later_t", .has = "pads", .all_tiers = true},
                                &found, &error),
                         0);
        assert_int_equal(found.type.id, LATER_T2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(copies_are_one_definition),
                cmocka_unit_test(what_they_hold_themselves_is_the_same),
                cmocka_unit_test(a_path_that_tells_them_apart_is_ambiguous),
                cmocka_unit_test(an_error_that_all_share_is_that_error),
                cmocka_unit_test(copies_that_lead_to_the_same_do_not_matter),
                cmocka_unit_test(an_id_means_exactly_one),
                cmocka_unit_test(a_pointer_means_exactly_one),
                cmocka_unit_test(members_with_other_pointees_are_ambiguous),
                cmocka_unit_test(a_copy_is_found_where_what_it_copies_is_not_selected),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
