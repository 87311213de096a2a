/*
 * From a directory to a set, with everything in its place that may stand there instead of BTF.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "index/snapshot.h"
#include "source/file.h"
#include "source/scan.h"
#include "support/fixture.h"
#include "support/unit.h"

/* Nobody's user id on Linux. */
#define UID_NOBODY 65534

struct place {
        char directory[64];
        char vmlinux[96];
};

static int begin(void **state)
{
        struct place *place = calloc(1, sizeof(*place));

        assert_non_null(place);
        snprintf(place->directory, sizeof(place->directory), "%s/btfd-test-XXXXXX", P_tmpdir);
        assert_non_null(mkdtemp(place->directory));
        assert_int_equal(chmod(place->directory, 0755), 0);
        snprintf(place->vmlinux, sizeof(place->vmlinux), "%s/vmlinux", place->directory);
        *state = place;
        return 0;
}

static int end(void **state)
{
        struct place *place = *state;

        (void)unlink(place->vmlinux);
        (void)rmdir(place->vmlinux);
        assert_int_equal(rmdir(place->directory), 0);
        free(place);
        return 0;
}

static void write_file(const struct place *place, const void *data, size_t size)
{
        int fd = open(place->vmlinux, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, data, size), size);
        close(fd);
}

static void write_every_kind(const struct place *place, size_t cut)
{
        struct btf_builder *b = btf_builder_new();
        struct btf_image image;

        fixture_every_kind(b);
        image = btf_builder_steal(b);
        write_file(place, image.data, image.size - cut);
        btf_image_free(&image);
}

static struct source_set *scan(const char *directory)
{
        struct source_set *set = NULL;
        uint64_t next_instance = 41;

        assert_int_equal(scan_directory(&set, "running", directory, &next_instance), 0);
        assert_int_equal(next_instance, 41 + set->n_sources);
        return set;
}

/* Without vmlinux there are no sources, and the one failure says why. */
static void check_refused(const char *directory, enum btf_error_reason reason, uint64_t offset)
{
        CLEANUP(source_set_cleanup) struct source_set *set = scan(directory);
        const struct source_failure *failure = source_set_find_failure(set, "vmlinux");

        assert_int_equal(set->n_sources, 0);
        assert_int_equal(set->n_failures, 1);
        assert_non_null(failure);
        if (failure->error.reason != reason || failure->error.offset != offset)
                fail_msg("%s at %llu: %s", btf_error_reason_name(failure->error.reason),
                         (unsigned long long)failure->error.offset, failure->error.message);
        assert_true(strlen(failure->error.message) > 0);
        assert_null(source_set_find(set, "vmlinux"));
}

static void a_good_file_is_served(void **state)
{
        const struct place *place = *state;
        CLEANUP(source_set_cleanup) struct source_set *set = NULL;

        write_every_kind(place, /* cut= */ 0);
        set = scan(place->directory);
        assert_string_equal(set->name, "running");
        assert_string_equal(set->directory, place->directory);
        assert_int_equal(set->n_sources, 1);
        assert_int_equal(set->n_failures, 0);
        assert_string_equal(set->sources[0]->name, "vmlinux");
        assert_int_equal(set->sources[0]->instance, 41);
        assert_int_equal(source_n_types(set->sources[0]), EVERY_END - 1);
        assert_ptr_equal(source_set_find(set, "vmlinux"), set->sources[0]);
        assert_null(source_set_find(set, "vmlinu"));
        /* Anyone who can write the file could shorten it under a mapping, which would kill the daemon. */
        assert_false(set->sources[0]->bytes.mapped);
        write_file(place, "", 0);
        assert_int_equal(btf_type(set->sources[0]->btf, EVERY_ARRAY).kind, BTF_KIND_ARRAY);
}

static void what_is_missing_is_said(void **state)
{
        const struct place *place = *state;

        check_refused(place->directory, BTF_ERROR_UNREADABLE, 0);
        check_refused(place->vmlinux, BTF_ERROR_UNREADABLE, 0);
        check_refused("", BTF_ERROR_UNREADABLE, 0);
        /* A file in the directory's place. */
        write_every_kind(place, /* cut= */ 0);
        check_refused(place->vmlinux, BTF_ERROR_UNREADABLE, 0);
}

static void what_is_no_file_is_refused_at_once(void **state)
{
        const struct place *place = *state;

        assert_int_equal(mkdir(place->vmlinux, 0755), 0);
        check_refused(place->directory, BTF_ERROR_UNREADABLE, 0);
        assert_int_equal(rmdir(place->vmlinux), 0);

        /* Opening one without a writer would wait for ever. */
        assert_int_equal(mkfifo(place->vmlinux, 0644), 0);
        check_refused(place->directory, BTF_ERROR_UNREADABLE, 0);
        assert_int_equal(unlink(place->vmlinux), 0);

        assert_int_equal(symlink("vmlinux", place->vmlinux), 0);
        check_refused(place->directory, BTF_ERROR_UNREADABLE, 0);
}

static void an_empty_file_is_truncated(void **state)
{
        write_file(*state, "", 0);
        check_refused(((const struct place *)*state)->directory, BTF_ERROR_TRUNCATED, 0);
}

static void a_short_file_is_refused_where_it_ends(void **state)
{
        const struct place *place = *state;

        write_every_kind(place, /* cut= */ 1);
        check_refused(place->directory, BTF_ERROR_BAD_SECTION, 16); /* the strings reach too far */
        write_file(place, "\x9f\xeb\x01", 3);
        check_refused(place->directory, BTF_ERROR_TRUNCATED, 3);
        write_file(place,
                   "\x7f"
                   "ELF",
                   4);
        check_refused(place->directory, BTF_ERROR_BAD_MAGIC, 0);
}

/* Sparse, so that it takes no room; btfd must not even try to read it. */
static void a_file_beyond_the_bound_is_not_read(void **state)
{
        const struct place *place = *state;

        write_file(place, "", 0);
        assert_int_equal(truncate(place->vmlinux, (off_t)BTF_MAX_SIZE + 1), 0);
        check_refused(place->directory, BTF_ERROR_TOO_LARGE, BTF_MAX_SIZE);
        assert_int_equal(truncate(place->vmlinux, (off_t)1 << 40), 0);
        check_refused(place->directory, BTF_ERROR_TOO_LARGE, BTF_MAX_SIZE);
        assert_int_equal(truncate(place->vmlinux, 4096), 0);
        check_refused(place->directory, BTF_ERROR_BAD_MAGIC, 0);
}

static void a_file_without_permission_is_unreadable(void **state)
{
        const struct place *place = *state;

        write_every_kind(place, /* cut= */ 0);
        assert_int_equal(chmod(place->vmlinux, 0), 0);
        if (geteuid() == 0)
                (void)setfsuid(UID_NOBODY); /* root may read anything, this user may not */
        if (open(place->vmlinux, O_RDONLY | O_CLOEXEC) >= 0) {
                print_message("skipped: no way to lose the right to read a file here\n");
                (void)setfsuid(geteuid());
                skip();
        }
        check_refused(place->directory, BTF_ERROR_UNREADABLE, 0);
        (void)setfsuid(geteuid());
}

static void reading_gives_exactly_the_bytes(void **state)
{
        const struct place *place = *state;
        int dir_fd = open(place->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct source_bytes bytes = {0};
        struct btf_error error;
        char data[10000];

        assert_true(dir_fd >= 0);
        for (size_t i = 0; i < sizeof(data); i++)
                data[i] = (char)(i * 7);
        write_file(place, data, sizeof(data));
        assert_int_equal(file_read(dir_fd, "vmlinux", sizeof(data), &bytes, &error), 0);
        assert_int_equal(bytes.size, sizeof(data));
        assert_memory_equal(bytes.data, data, sizeof(data));
        source_bytes_free(&bytes);
        assert_null(bytes.data);

        assert_int_equal(file_read(dir_fd, "nf_conntrack", sizeof(data), &bytes, &error), FILE_GONE);
        assert_int_equal(error.reason, BTF_ERROR_UNREADABLE);
        assert_null(bytes.data);
        assert_int_equal(file_read(dir_fd, "vmlinux", sizeof(data) - 1, &bytes, &error), FILE_BAD);
        assert_int_equal(error.reason, BTF_ERROR_TOO_LARGE);
        assert_int_equal(error.offset, sizeof(data) - 1);
        close(dir_fd);
}

/* A module's reference keeps its vmlinux, a set's its sources, a snapshot's its sets. */
static void what_is_shared_lives_as_long_as_anyone_who_shares_it(void **state)
{
        struct btf_builder *base = btf_builder_new(), *module;
        struct source *sources[2];
        struct source_set *old = NULL, *new = NULL;
        struct snapshot *first = NULL, *second = NULL;

        (void)state;
        fixture_every_kind(base);
        module = btf_builder_new_split(base);
        btf_builder_typedef(module, "own", EVERY_STRUCT);
        sources[0] = fixture_source(base, "vmlinux", 3, /* base= */ NULL);
        sources[1] = fixture_source(module, "m", 4, sources[0]);
        assert_int_equal(source_set_new(&old, "running", "/a", sources, 1, NULL, 0), 0);
        assert_int_equal(source_set_new(&new, "running", "/a", sources, 2, NULL, 0), 0);
        assert_int_equal(snapshot_new(&first, 1, &old, 1), 0);
        assert_int_equal(snapshot_new(&second, 2, &new, 1), 0);
        assert_null(source_set_unref(old));
        assert_null(source_set_unref(new));
        assert_null(source_unref(sources[1]));
        assert_null(source_unref(sources[0]));
        assert_ptr_equal(first->sets[0]->sources[0], second->sets[0]->sources[0]);
        assert_null(snapshot_unref(first));
        assert_ptr_equal(snapshot_set(second, "running"), second->sets[0]);
        assert_null(snapshot_set(second, "runnin"));
        assert_ptr_equal(source_set_find(second->sets[0], "m"), second->sets[0]->sources[1]);
        sources[1] = source_ref(second->sets[0]->sources[1]);
        assert_ptr_equal(snapshot_ref(second), second);
        assert_null(snapshot_unref(second));
        assert_int_equal(second->generation, 2);
        assert_null(snapshot_unref(second));
        assert_int_equal(sources[1]->base->instance, 3);
        assert_string_equal(btf_name_of(sources[1]->btf, EVERY_STRUCT), "node");
        assert_null(source_unref(sources[1]));
        assert_null(snapshot_unref(NULL));
        assert_null(source_set_unref(NULL));
        assert_null(source_unref(NULL));
}

/* A source takes its bytes whatever happens, so that nobody else need free them. */
static void a_source_that_cannot_be_made_frees_its_bytes(void **state)
{
        uint8_t *garbage = calloc(1, 64);
        struct source *source = NULL;
        struct btf_error error;

        (void)state;
        assert_non_null(garbage);
        assert_int_equal(source_new(&source, "x", 1, (struct source_bytes){.data = garbage, .size = 64},
                                    /* base= */ NULL, &error),
                         1);
        assert_null(source);
}

static void the_running_kernel_s_is_mapped_where_that_is_safe(void **state)
{
        CLEANUP(source_set_cleanup) struct source_set *set = scan(SCAN_DEFAULT_DIRECTORY);

        (void)state;
        if (set->n_sources == 0) {
                print_message("skipped: " SCAN_DEFAULT_DIRECTORY ": %s\n", set->failures[0].error.message);
                skip();
        }
        assert_true(set->sources[0]->btf->n_types > 10000);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_good_file_is_served, begin, end),
                cmocka_unit_test_setup_teardown(what_is_missing_is_said, begin, end),
                cmocka_unit_test_setup_teardown(what_is_no_file_is_refused_at_once, begin, end),
                cmocka_unit_test_setup_teardown(an_empty_file_is_truncated, begin, end),
                cmocka_unit_test_setup_teardown(a_short_file_is_refused_where_it_ends, begin, end),
                cmocka_unit_test_setup_teardown(a_file_beyond_the_bound_is_not_read, begin, end),
                cmocka_unit_test_setup_teardown(a_file_without_permission_is_unreadable, begin, end),
                cmocka_unit_test_setup_teardown(reading_gives_exactly_the_bytes, begin, end),
                cmocka_unit_test(what_is_shared_lives_as_long_as_anyone_who_shares_it),
                cmocka_unit_test(a_source_that_cannot_be_made_frees_its_bytes),
                cmocka_unit_test(the_running_kernel_s_is_mapped_where_that_is_safe),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
