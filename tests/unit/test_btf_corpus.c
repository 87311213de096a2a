/*
 * BTF of real kernels, every file of every folder of $BTFD_CORPUS: nothing in it is an error, and nothing breaks a rule
 * of the kernel's either, which is what a kernel says of those that it can load.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/findings.h"
#include "support/fixture.h"
#include "support/unit.h"

#define PATH_SIZE 4096

static void join(char path[static PATH_SIZE], const char *directory, const char *name)
{
        assert_true(snprintf(path, PATH_SIZE, "%s/%s", directory, name) < PATH_SIZE);
}

static struct btf_image read_file(const char *path)
{
        FILE *file = fopen(path, "rb");
        struct btf_image image = {0};
        long size;

        if (!file)
                fail_msg("cannot open %s", path);
        assert_int_equal(fseek(file, 0, SEEK_END), 0);
        size = ftell(file);
        assert_true(size > 0);
        rewind(file);
        image = (struct btf_image){.data = malloc((size_t)size), .size = (size_t)size};
        assert_non_null(image.data);
        assert_int_equal(fread(image.data, 1, image.size, file), image.size);
        fclose(file);
        return image;
}

static void check_file(const char *path, const struct btf *base)
{
        struct btf_image image = read_file(path);
        struct findings findings;

        findings_of(&findings, &image, base);
        btf_image_free(&image);
        findings_expect(&findings, path, NULL, 0);
}

/* The folder's entries, but for those that begin with a dot, one at each call; NULL behind the last one. */
static const char *next_name(DIR *dir)
{
        struct dirent *entry;

        while ((entry = readdir(dir))) {
                if (entry->d_name[0] != '.')
                        return entry->d_name;
        }
        return NULL;
}

/* Checks a folder like /sys/kernel/btf. Returns false if it is none. */
static bool check_kernel(const char *directory)
{
        char path[PATH_SIZE];
        struct btf_image image;
        struct btf *vmlinux;
        const char *name;
        size_t n = 0;
        DIR *dir;

        join(path, directory, "vmlinux");
        if (access(path, R_OK) != 0)
                return false;
        check_file(path, NULL);
        image = read_file(path);
        vmlinux = fixture_btf(&image);
        dir = opendir(directory);
        assert_non_null(dir);
        while ((name = next_name(dir))) {
                join(path, directory, name);
                if (strcmp(name, "vmlinux") != 0) {
                        check_file(path, vmlinux);
                        n++;
                }
        }
        closedir(dir);
        btf_free(vmlinux);
        btf_image_free(&image);
        print_message("%s: vmlinux and %zu modules\n", directory, n);
        return true;
}

/* Checks a folder of modules that bring a base each. Returns false if it is none. */
static bool check_distilled(const char *directory)
{
        char bases[PATH_SIZE], splits[PATH_SIZE], path[PATH_SIZE];
        const char *name;
        size_t n = 0;
        DIR *dir;

        join(bases, directory, "base");
        join(splits, directory, "split");
        dir = opendir(bases);
        if (!dir)
                return false;
        while ((name = next_name(dir))) {
                struct btf_image image;
                struct btf *base;

                join(path, bases, name);
                check_file(path, NULL);
                image = read_file(path);
                base = fixture_btf(&image);
                join(path, splits, name);
                check_file(path, base);
                btf_free(base);
                btf_image_free(&image);
                n++;
        }
        closedir(dir);
        print_message("%s: %zu modules with their bases\n", directory, n);
        return true;
}

static void real_kernels_keep_all_rules(void **state)
{
        const char *corpus = getenv("BTFD_CORPUS");
        char path[PATH_SIZE];
        const char *name;
        size_t n = 0;
        DIR *dir;

        (void)state;
        if (!corpus) {
                print_message("skipped: $BTFD_CORPUS is not set\n");
                skip();
        }
        dir = opendir(corpus);
        assert_non_null(dir);
        while ((name = next_name(dir))) {
                join(path, corpus, name);
                n += check_kernel(path) || check_distilled(path);
        }
        closedir(dir);
        assert_true(n > 0);
}

/* What gcc writes by itself is not meant for a kernel, but it is no error. */
static void what_a_compiler_writes_has_no_errors(void **state)
{
        const char *corpus = getenv("BTFD_CORPUS");
        char path[PATH_SIZE];
        struct btf_image image;
        struct findings findings;

        (void)state;
        if (corpus)
                join(path, corpus, "gcc12-gbtf/t.btf");
        if (!corpus || access(path, R_OK) != 0) {
                print_message("skipped: no gcc12-gbtf/t.btf in $BTFD_CORPUS\n");
                skip();
        }
        image = read_file(path);
        findings_of(&findings, &image, /* base= */ NULL);
        btf_image_free(&image);
        assert_int_equal(findings.result, 0);
        /* Two FWDs with a type, `char` both signed and char, a FUNC without name and of unnamed parameters, and
         * two sections of size 0, of which one has two variables too many at byte 0. */
        assert_int_equal(findings.n, 9);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(real_kernels_keep_all_rules),
                cmocka_unit_test(what_a_compiler_writes_has_no_errors),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
