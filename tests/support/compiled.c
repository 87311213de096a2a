#include "support/compiled.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Tests in one program. */
#define MAX_TESTS 16U

/* One test with one fixture: cmocka's state. */
struct compiled_run {
        struct compiled *fixture;
        const struct compiled_test *test;
};

static struct compiled_file read_file(const char *path)
{
        struct compiled_file file = {0};
        FILE *stream = fopen(path, "rb");

        if (!stream || fseek(stream, 0, SEEK_END) != 0)
                fail_msg("%s cannot be read", path);
        file.size = (size_t)ftell(stream);
        file.data = malloc(file.size);
        rewind(stream);
        if (!file.data || fread(file.data, 1, file.size, stream) != file.size)
                fail_msg("%s cannot be read", path);
        fclose(stream);
        return file;
}

/* The one place that makes a source. */
static void load_source(struct compiled *c)
{
        struct btf_error error = {0};

        if (btf_new(&c->source.btf, c->btf_file.data, c->btf_file.size, /* base= */ NULL, &error) != 0)
                fail_msg("%s at byte %" PRIu64 ": %s", c->btf_path, error.offset, error.message);
        snprintf(c->source.name, sizeof(c->source.name), "shapes");
        assert_int_equal(name_index_init(&c->source.names, c->source.btf, /* base= */ NULL, &error), 0);
}

static int begin(void **state)
{
        struct compiled_run *run = *state;
        struct compiled *c = run->fixture;
        struct compiled_file table_file;

        if (c->missing[0])
                return 0;
        c->btf_file = read_file(c->btf_path);
        load_source(c);
        table_file = read_file(c->table_path);
        /* Were the table's layout to depend on the ABI, its size would. */
        assert_int_equal(table_file.size, sizeof(*c->table));
        c->table = aligned_alloc(_Alignof(struct shapes_table), sizeof(*c->table));
        assert_non_null(c->table);
        memcpy(c->table, table_file.data, sizeof(*c->table));
        free(table_file.data);
        return 0;
}

static int end(void **state)
{
        struct compiled_run *run = *state;
        struct compiled *c = run->fixture;

        if (c->missing[0])
                return 0;
        name_index_deinit(&c->source.names);
        c->source.btf = btf_free(c->source.btf);
        free(c->btf_file.data);
        free(c->table);
        return 0;
}

struct btf_type compiled_find(const struct compiled *c, const char *kind_name, const char *name)
{
        struct name_cursor cursor = name_index_find(&c->source.names, name, strlen(name));
        enum btf_kind kind;
        uint32_t id;

        assert_true(btf_kind_from_name(kind_name, &kind));
        while (name_index_next(&c->source.names, &cursor, &id)) {
                if (btf_kind(c->source.btf, id) == kind ||
                    (kind == BTF_KIND_ENUM && btf_kind(c->source.btf, id) == BTF_KIND_ENUM64))
                        return btf_type(c->source.btf, id);
        }
        fail_msg("no %s %s", kind_name, name);
        return (struct btf_type){0};
}

int compiled_try_resolve(const struct compiled *c, const char *tag, const char *type, const char *path_text,
                         struct plan *ret, struct query_error *ret_error)
{
        struct path path;
        struct path_error path_error;

        assert_int_equal(path_parse(path_text, &path, &path_error), 0);
        return plan_resolve(&(struct plan_scope){0},
                            (struct query_type){&c->source, compiled_find(c, tag, type).id}, &path, ret,
                            ret_error);
}

struct plan compiled_resolve(const struct compiled *c, const char *tag, const char *type, const char *path)
{
        struct query_error error = {0};
        struct plan plan;

        if (compiled_try_resolve(c, tag, type, path, &plan, &error) != 0)
                fail_msg("%s %s: %s", type, path, error.message);
        return plan;
}

void compiled_check(uint64_t got, uint64_t expected, const char *what, const char *type, const char *path)
{
        if (got != expected)
                fail_msg("%s of %s %s: %" PRIu64 ", the compiler says %" PRIu64, what, type, path, got,
                         expected);
}

static void run_one(void **state)
{
        const struct compiled_run *run = *state;

        if (run->fixture->missing[0]) {
                print_message("skipped: %s: %s\n", run->fixture->name, run->fixture->missing);
                skip();
        }
        run->test->function(run->fixture);
}

static bool is_for(enum compiled_for fixtures, const struct compiled *c)
{
        switch (fixtures) {
        case FOR_ALL:
                return true;
        case FOR_GCC:
                return c->producer == PRODUCER_gcc;
        case FOR_HOST:
                return c->abi == ABI_host;
        }
        return false;
}

int compiled_run(const struct compiled_test *tests, size_t n_tests)
{
        struct compiled fixtures[] = {
#define X(producer_, abi_, btf_path_, table_path_, missing_)                                                 \
        {.producer = PRODUCER_##producer_,                                                                   \
         .abi = ABI_##abi_,                                                                                  \
         .name = #producer_ " " #abi_,                                                                       \
         .btf_path = btf_path_,                                                                              \
         .table_path = table_path_,                                                                          \
         .missing = missing_},
#include "shapes_fixtures.def"
#undef X
        };
        struct compiled_run runs[ARRAY_LENGTH(fixtures) * MAX_TESTS];
        struct CMUnitTest units[ARRAY_LENGTH(runs)];
        char names[ARRAY_LENGTH(runs)][128];
        size_t n_runs = 0;

        assert(n_tests <= MAX_TESTS);
        for (size_t i = 0; i < ARRAY_LENGTH(fixtures) * n_tests; i++) {
                struct compiled_run *run = &runs[n_runs];

                *run = (struct compiled_run){&fixtures[i / n_tests], &tests[i % n_tests]};
                if (!is_for(run->test->fixtures, run->fixture))
                        continue;
                snprintf(names[n_runs], sizeof(names[n_runs]), "%s: %s", run->fixture->name, run->test->name);
                units[n_runs] = (struct CMUnitTest){names[n_runs], run_one, begin, end, run};
                n_runs++;
        }
        return _cmocka_run_group_tests("compiled", units, n_runs, NULL, NULL);
}
