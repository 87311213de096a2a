/*
 * From enumerators to their enums: each definition once, vmlinux's first, in whatever source it is repeated.
 */
#include "support/unit.h"

#include "index/enumerator_index.h"
#include "index/same.h"
#include "support/fixture.h"
#include "util/strbuf.h"

enum {
        UNNAMED = 1, /* enum { RED, BLUE = -1 } */
        UNNAMED_AGAIN,
        COLOUR, /* enum colour { RED, BLUE = -1 }: of a name, so another one */
        BIG,    /* enum big { GREEN = 2^40 } of 8 bytes */
        DECLARED,
        REPEATS, /* enum repeats { TWICE, TWICE }: no compiler writes that */
        N_VMLINUX,
};

enum {
        MODULE_SAME = N_VMLINUX, /* enum colour { RED, BLUE = -1 } as vmlinux has it */
        MODULE_OTHER,            /* enum { RED = 7 } */
        MODULE_OWN,              /* enum { MINE = 3 } */
};

static void build_colours(struct btf_builder *b, const char *name)
{
        btf_builder_enum(b, name, 4, true);
        btf_builder_value(b, "RED", 0);
        btf_builder_value(b, "BLUE", (uint64_t)-1);
}

static struct btf_builder *build_vmlinux(void)
{
        struct btf_builder *b = btf_builder_new();

        build_colours(b, "");
        build_colours(b, "");
        build_colours(b, "colour");
        assert_int_equal(btf_builder_enum64(b, "big", 8, false), BIG);
        btf_builder_value(b, "GREEN", UINT64_C(1) << 40);
        assert_int_equal(btf_builder_enum(b, "declared", 4, false), DECLARED);
        assert_int_equal(btf_builder_enum(b, "repeats", 4, false), REPEATS);
        btf_builder_value(b, "TWICE", 0);
        btf_builder_value(b, "TWICE", 1);
        return b;
}

static struct btf_builder *build_module(const struct btf_builder *base)
{
        struct btf_builder *b = btf_builder_new_split(base);

        build_colours(b, "colour");
        assert_int_equal(btf_builder_enum(b, "", 4, false), MODULE_OTHER);
        btf_builder_value(b, "RED", 7);
        assert_int_equal(btf_builder_enum(b, "", 4, false), MODULE_OWN);
        btf_builder_value(b, "MINE", 3);
        return b;
}

static int begin(void **state)
{
        struct btf_builder *vmlinux = build_vmlinux();
        struct fixture_module modules[] = {{"m", build_module(vmlinux)}, {"n", build_module(vmlinux)}};

        *state = fixture_set_with(vmlinux, modules, ARRAY_LENGTH(modules));
        return 0;
}

static int end(void **state)
{
        source_set_unref(*state);
        return 0;
}

/* The enums that have it, as "source:id.value ". */
static void find(const struct enumerator_index *index, const char *name, struct strbuf *text)
{
        struct enumerator_cursor cursor = enumerator_index_find(index, name, strlen(name));
        const struct source *source;
        uint32_t id, i_value;

        while (enumerator_index_next(index, &cursor, &source, &id, &i_value))
                strbuf_printf(text, "%s:%u.%u ", source->name, id, i_value);
}

static void each_definition_is_found_once(void **state)
{
        static const struct {
                const char *name, *found;
        } cases[] = {
                {"RED", "vmlinux:1.0 vmlinux:3.0 m:8.0 "},
                {"BLUE", "vmlinux:1.1 vmlinux:3.1 "},
                {"GREEN", "vmlinux:4.0 "},
                {"MINE", "m:9.0 "},
                {"TWICE", "vmlinux:6.0 vmlinux:6.1 "},
                {"RE", ""},
                {"REDD", ""},
                {"colour", ""},
                {"", ""},
        };
        struct source_set *set = *state;
        CLEANUP(enumerator_index_cleanup) struct enumerator_index *index = NULL;

        assert_int_equal(enumerator_index_new(&index, set->sources, set->n_sources, /* stop= */ NULL), 0);
        for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
                char buffer[256];
                struct strbuf text;

                strbuf_init(&text, buffer, sizeof(buffer));
                find(index, cases[i].name, &text);
                assert_string_equal(buffer, cases[i].found);
        }
}

static void nothing_makes_an_empty_index(void **state)
{
        CLEANUP(enumerator_index_cleanup) struct enumerator_index *index = NULL;
        struct enumerator_cursor cursor;
        const struct source *source;
        uint32_t id, i_value;

        (void)state;
        assert_int_equal(enumerator_index_new(&index, NULL, 0, /* stop= */ NULL), 0);
        cursor = enumerator_index_find(index, "RED", 3);
        assert_false(enumerator_index_next(index, &cursor, &source, &id, &i_value));
}

static void it_stops_when_asked_to(void **state)
{
        struct source_set *set = *state;
        const atomic_bool cancelled = true;
        const struct stop stop = {.cancelled = &cancelled, .deadline_nsec = INT64_MAX};
        struct enumerator_index *index = NULL;

        assert_int_equal(enumerator_index_new(&index, set->sources, set->n_sources, &stop),
                         ENUMERATOR_INDEX_STOPPED);
        assert_null(index);
}

/* Every enumerator of every source leads to an enum that says the same as its own. */
static void check_source(const struct enumerator_index *index, const struct source *source)
{
        CLEANUP(same_deinit) struct same same = {0};
        const struct btf *btf = source->btf;

        for (uint32_t id = source->base ? btf->start_id : 1; id < btf->n_types; id++) {
                struct btf_type type = btf_type(btf, id);

                for (uint32_t i = 0; btf_kind_is_enum(type.kind) && i < type.vlen; i++) {
                        const char *name = btf_enumerator(btf, &type, i).name;
                        struct enumerator_cursor cursor = enumerator_index_find(index, name, strlen(name));
                        const struct source *found_in;
                        uint32_t found, i_value, n_same = 0;

                        while (enumerator_index_next(index, &cursor, &found_in, &found, &i_value)) {
                                same.n_total = 0;
                                n_same += i_value == i &&
                                          same_types(&same, found_in->btf, found, btf, id) == SAME_YES;
                        }
                        assert_int_equal(n_same, 1);
                }
        }
}

static void whole_kernels_are_covered(void **state)
{
        static const char *const kernels[] = {"local-6.18", "debian-6.1-i386", "debian-6.1-s390x"};
        size_t n_tested = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_LENGTH(kernels); i++) {
                CLEANUP(source_set_cleanup) struct source_set *set = fixture_corpus_set(kernels[i]);
                CLEANUP(enumerator_index_cleanup) struct enumerator_index *index = NULL;

                if (!set)
                        continue;
                assert_int_equal(enumerator_index_new(&index, set->sources, set->n_sources, NULL), 0);
                for (size_t j = 0; j < set->n_sources; j++)
                        check_source(index, set->sources[j]);
                n_tested++;
        }
        if (n_tested == 0)
                skip();
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_definition_is_found_once),
                cmocka_unit_test(nothing_makes_an_empty_index),
                cmocka_unit_test(it_stops_when_asked_to),
                cmocka_unit_test(whole_kernels_are_covered),
        };

        return cmocka_run_group_tests(tests, begin, end);
}
