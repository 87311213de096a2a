/*
 * A directory of modules, good ones and others: what is wrong with one is said of it and spoils nothing else.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source/file.h"
#include "source/scan.h"
#include "support/fixture.h"
#include "support/unit.h"

struct place {
        char directory[64];
        char path[1024]; /* of the last file that was named */
};

static const char *path_of(struct place *place, const char *name)
{
        snprintf(place->path, sizeof(place->path), "%s/%s", place->directory, name);
        return place->path;
}

static void write_bytes(struct place *place, const char *name, const void *data, size_t size)
{
        int fd = open(path_of(place, name), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, data, size), size);
        close(fd);
}

/* Writes what was built, and frees the builder. */
static void write_built(struct place *place, const char *name, struct btf_builder *b)
{
        struct btf_image image = btf_builder_steal(b);

        write_bytes(place, name, image.data, image.size);
        btf_image_free(&image);
}

static struct btf_builder *build_base(void)
{
        struct btf_builder *b = btf_builder_new();

        fixture_every_kind(b);
        return b;
}

/* A module with one typedef of that name. */
static struct btf_builder *build_module(const struct btf_builder *base, const char *name)
{
        struct btf_builder *b = btf_builder_new_split(base);

        btf_builder_typedef(b, name, EVERY_STRUCT);
        return b;
}

static int begin(void **state)
{
        struct place *place = calloc(1, sizeof(*place));
        struct btf_builder *base = build_base();

        assert_non_null(place);
        snprintf(place->directory, sizeof(place->directory), "%s/btfd-test-XXXXXX", P_tmpdir);
        assert_non_null(mkdtemp(place->directory));
        write_built(place, "b_good", build_module(base, "of_b"));
        write_built(place, "vmlinux", base);
        *state = place;
        return 0;
}

static int end(void **state)
{
        struct place *place = *state;
        char command[256];

        snprintf(command, sizeof(command), "rm -rf '%s'", place->directory);
        assert_int_equal(system(command), 0);
        free(place);
        return 0;
}

static struct source_set *scan(const struct place *place)
{
        struct source_set *set = NULL;
        uint64_t next_instance = 10;

        assert_int_equal(scan_directory(&set, "running", place->directory, &next_instance), 0);
        assert_int_equal(next_instance, 10 + set->n_sources);
        return set;
}

static void modules_come_behind_vmlinux_by_name(void **state)
{
        struct place *place = *state;
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        struct btf_builder *base = build_base();

        write_built(place, "a_first", build_module(base, "of_a"));
        write_built(place, "zz_last", build_module(base, "of_z"));
        write_built(place, "empty", btf_builder_new_split(base));
        btf_builder_free(base);
        set = scan(place);
        assert_int_equal(set->n_failures, 0);
        assert_int_equal(set->n_sources, 5);
        assert_string_equal(set->sources[0]->name, "vmlinux");
        assert_string_equal(set->sources[1]->name, "a_first");
        assert_string_equal(set->sources[2]->name, "b_good");
        assert_string_equal(set->sources[3]->name, "empty");
        assert_string_equal(set->sources[4]->name, "zz_last");
        for (size_t i = 0; i < set->n_sources; i++) {
                assert_int_equal(set->sources[i]->instance, 10 + i);
                assert_ptr_equal(source_set_find(set, set->sources[i]->name), set->sources[i]);
                assert_ptr_equal(set->sources[i]->base, i ? set->sources[0] : NULL);
        }
        /* 24 bytes, as some modules of Ubuntu's kernels have. */
        assert_int_equal(set->sources[3]->bytes.size, BTF_HEADER_LENGTH);
        assert_int_equal(source_n_types(set->sources[3]), 0);
        /* Two modules' ids are the same numbers. */
        assert_string_equal(btf_name_of(set->sources[1]->btf, EVERY_END), "of_a");
        assert_string_equal(btf_name_of(set->sources[2]->btf, EVERY_END), "of_b");
        assert_null(source_set_find(set, "of_b"));
        assert_null(source_set_find(set, "b_goo"));
}

struct bad_module {
        const char *name;
        const void *data;
        size_t size;
        enum btf_error_reason reason;
        uint64_t offset;
};

static void check_failure(const struct source_set *set, const char *name, enum btf_error_reason reason,
                          uint64_t offset, uint64_t size)
{
        const struct source_failure *failure = source_set_find_failure(set, name);

        assert_non_null(failure);
        if (failure->error.reason != reason || failure->error.offset != offset || failure->size != size)
                fail_msg("%s: %s at %llu of %llu: %s", name, btf_error_reason_name(failure->error.reason),
                         (unsigned long long)failure->error.offset, (unsigned long long)failure->size,
                         failure->error.message);
        assert_null(source_set_find(set, name));
}

static void a_bad_module_spoils_nothing(void **state)
{
        static const struct bad_module bad[] = {
                {"a_text", "hello, this is no BTF at all", 28, BTF_ERROR_BAD_MAGIC, 0},
                {"c_short", "\x9f\xeb\x01", 3, BTF_ERROR_TRUNCATED, 3},
                {"d_nothing", "", 0, BTF_ERROR_TRUNCATED, 0},
        };
        struct place *place = *state;
        struct btf_builder *base = build_base(), *module;
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;
        char long_name[101];
        size_t record;

        for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
                write_bytes(place, bad[i].name, bad[i].data, bad[i].size);
        module = build_module(base, "alias");
        btf_builder_set_word(module, EVERY_END, 2, EVERY_END + 7);
        record = btf_builder_offset(module, EVERY_END);
        write_built(place, "e_id", module);
        module = build_module(base, "alias");
        btf_builder_foreign(module);
        write_built(place, "f_foreign", module);
        memset(long_name, 'g', sizeof(long_name) - 1);
        long_name[sizeof(long_name) - 1] = '\0';
        write_built(place, long_name, build_module(base, "alias"));
        btf_builder_free(base);
        assert_int_equal(mkfifo(path_of(place, "h_fifo"), 0644), 0);
        assert_int_equal(symlink("h_loop", path_of(place, "h_loop")), 0);

        set = scan(place);
        assert_int_equal(set->n_sources, 2);
        assert_string_equal(set->sources[1]->name, "b_good");
        for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
                check_failure(set, bad[i].name, bad[i].reason, bad[i].offset, bad[i].size);
        check_failure(set, "e_id", BTF_ERROR_BAD_ID, record + 8, 24 + 12 + 6);
        check_failure(set, "f_foreign", BTF_ERROR_OTHER_ENDIAN, 0, 24 + 12 + 6);
        check_failure(set, "h_fifo", BTF_ERROR_UNREADABLE, 0, 0);
        check_failure(set, "h_loop", BTF_ERROR_UNREADABLE, 0, 0);
        long_name[SOURCE_NAME_SIZE - 1] = '\0';
        check_failure(set, long_name, BTF_ERROR_UNREADABLE, 0, 0);
        assert_int_equal(set->n_failures, ARRAY_LENGTH(bad) + 5);
        assert_int_equal(set->n_left_out, 0);
}

static void what_is_hidden_or_a_directory_is_no_module(void **state)
{
        struct place *place = *state;
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;

        write_bytes(place, ".hidden", "x", 1);
        assert_int_equal(mkdir(path_of(place, "directory"), 0755), 0);
        set = scan(place);
        assert_int_equal(set->n_sources, 2);
        assert_int_equal(set->n_failures, 0);
}

/* A link that leads nowhere is what a module's file is that vanishes before it can be opened. */
static void a_module_that_is_gone_never_was(void **state)
{
        struct place *place = *state;
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;

        assert_int_equal(symlink("nowhere", path_of(place, "gone")), 0);
        set = scan(place);
        assert_int_equal(set->n_sources, 2);
        assert_int_equal(set->n_failures, 0);
}

static void modules_without_vmlinux_are_nothing(void **state)
{
        struct place *place = *state;
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;

        assert_int_equal(unlink(path_of(place, "vmlinux")), 0);
        set = scan(place);
        assert_int_equal(set->n_sources, 0);
        assert_int_equal(set->n_failures, 1);
        check_failure(set, "vmlinux", BTF_ERROR_UNREADABLE, 0, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(modules_come_behind_vmlinux_by_name, begin, end),
                cmocka_unit_test_setup_teardown(a_bad_module_spoils_nothing, begin, end),
                cmocka_unit_test_setup_teardown(what_is_hidden_or_a_directory_is_no_module, begin, end),
                cmocka_unit_test_setup_teardown(a_module_that_is_gone_never_was, begin, end),
                cmocka_unit_test_setup_teardown(modules_without_vmlinux_are_nothing, begin, end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
