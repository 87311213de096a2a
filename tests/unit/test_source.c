/*
 * From a directory to a snapshot, with everything in its place that may stand there instead of BTF.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void check_refused(const char *directory, enum btf_error_reason reason, uint64_t offset)
{
        struct snapshot *snapshot = NULL;
        struct btf_error error = {0};

        assert_int_equal(scan_directory(&snapshot, directory, /* generation= */ 1, &error), 1);
        assert_null(snapshot);
        if (error.reason != reason || error.offset != offset)
                fail_msg("%s at %llu: %s", btf_error_reason_name(error.reason),
                         (unsigned long long)error.offset, error.message);
        assert_true(strlen(error.message) > 0);
}

static void a_good_file_is_served(void **state)
{
        const struct place *place = *state;
        CLEANUP(snapshot_cleanup) struct snapshot *snapshot = NULL;
        struct btf_error error;

        write_every_kind(place, /* cut= */ 0);
        assert_int_equal(scan_directory(&snapshot, place->directory, /* generation= */ 42, &error), 0);
        assert_int_equal(snapshot->generation, 42);
        assert_int_equal(snapshot->n_sources, 1);
        assert_string_equal(snapshot->sources[0]->name, "vmlinux");
        assert_true(snapshot->sources[0]->instance > 0);
        assert_int_equal(snapshot->sources[0]->btf->n_types, EVERY_END);
        assert_ptr_equal(snapshot_source(snapshot, "vmlinux"), snapshot->sources[0]);
        assert_null(snapshot_source(snapshot, "vmlinu"));
        /* Anyone who can write the file could shorten it under a mapping, which would kill the daemon. */
        assert_false(snapshot->sources[0]->bytes.mapped);
        write_file(place, "", 0);
        assert_int_equal(btf_type(snapshot->sources[0]->btf, EVERY_ARRAY).kind, BTF_KIND_ARRAY);
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
        assert_int_equal(file_read(dir_fd, "vmlinux", &bytes, &error), 0);
        assert_int_equal(bytes.size, sizeof(data));
        assert_memory_equal(bytes.data, data, sizeof(data));
        source_bytes_free(&bytes);
        assert_null(bytes.data);

        assert_int_equal(file_read(dir_fd, "nf_conntrack", &bytes, &error), 1);
        assert_int_equal(error.reason, BTF_ERROR_UNREADABLE);
        assert_null(bytes.data);
        close(dir_fd);
}

/* A source takes its bytes whatever happens, so that nobody else need free them. */
static void a_source_is_shared_by_its_snapshots(void **state)
{
        struct btf_builder *b = btf_builder_new();
        struct source *source;
        struct snapshot *first = NULL, *second = NULL;
        struct btf_error error;
        uint8_t *garbage = calloc(1, 64);

        (void)state;
        fixture_every_kind(b);
        source = fixture_source(b, "vmlinux", 3);
        assert_int_equal(snapshot_new(&first, 1, &source, 1), 0);
        assert_int_equal(snapshot_new(&second, 2, &source, 1), 0);
        assert_null(source_unref(source));
        assert_ptr_equal(first->sources[0], second->sources[0]);
        assert_null(snapshot_unref(first));
        assert_int_equal(second->sources[0]->instance, 3);
        assert_ptr_equal(snapshot_ref(second), second);
        assert_null(snapshot_unref(second));
        assert_int_equal(second->generation, 2);
        assert_null(snapshot_unref(second));
        assert_null(snapshot_unref(NULL));
        assert_null(source_unref(NULL));

        assert_non_null(garbage);
        source = NULL;
        assert_int_equal(
                source_new(&source, "x", 1, (struct source_bytes){.data = garbage, .size = 64}, &error), 1);
        assert_null(source);
}

static void the_running_kernel_s_is_mapped_where_that_is_safe(void **state)
{
        CLEANUP(snapshot_cleanup) struct snapshot *snapshot = NULL;
        struct btf_error error;

        (void)state;
        if (scan_directory(&snapshot, SCAN_DEFAULT_DIRECTORY, 1, &error) != 0) {
                print_message("skipped: %s: %s\n", SCAN_DEFAULT_DIRECTORY, error.message);
                skip();
        }
        assert_true(snapshot->sources[0]->btf->n_types > 10000);
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
                cmocka_unit_test(a_source_is_shared_by_its_snapshots),
                cmocka_unit_test(the_running_kernel_s_is_mapped_where_that_is_safe),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
