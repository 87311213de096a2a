/*
 * A file that changes while it is read. read() is replaced by one that does what the test says: a module that is
 * unloaded between two reads cannot be had on demand.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source/file.h"
#include "support/unit.h"

#define FILE_SIZE 1000U

/* What each call of read() does; the last one again and again. */
enum answer {
        ALL,         /* what was asked for, as far as there is any */
        ONE,         /* one byte */
        END,         /* there is nothing more */
        MORE,        /* one byte, where the file should end */
        INTERRUPTED, /* EINTR */
        GONE,        /* ENODEV: the module has been unloaded */
        BROKEN,      /* EIO */
};

struct script {
        const char *name;
        enum answer answers[4];
        int result;
        uint64_t offset; /* of the error */
};

static const enum answer *next_answer;
static size_t position;

ssize_t __wrap_read(int fd, void *data, size_t size);

ssize_t __wrap_read(int fd, void *data, size_t size)
{
        enum answer answer = *next_answer;

        (void)fd;
        next_answer++;
        switch (answer) {
        case ALL:
                break;
        case ONE:
                size = 1;
                break;
        case END:
                return 0;
        case MORE:
                memset(data, 'x', 1);
                return 1;
        case INTERRUPTED:
                errno = EINTR;
                return -1;
        case GONE:
                errno = ENODEV;
                return -1;
        case BROKEN:
                errno = EIO;
                return -1;
        }
        size = size < FILE_SIZE - position ? size : FILE_SIZE - position;
        memset(data, 'a' + (int)(position % 26), size);
        position += size;
        return (ssize_t)size;
}

static const struct script scripts[] = {
        {"whole", {ALL, END}, 0, 0},
        {"in pieces, interrupted", {ONE, INTERRUPTED, ALL, END}, 0, 0},
        {"unloaded at once", {GONE}, FILE_GONE, 0},
        {"unloaded in between", {ONE, GONE}, FILE_GONE, 1},
        {"shorter than it was", {ONE, END}, FILE_BAD, 1},
        {"longer than it was", {ALL, MORE}, FILE_BAD, FILE_SIZE},
        {"unreadable", {ONE, ONE, BROKEN}, FILE_BAD, 2},
};

static void what_happens_meanwhile_is_noticed(void **state)
{
        char directory[] = "/tmp/btfd-test-XXXXXX";
        int dir_fd, fd;

        (void)state;
        assert_non_null(mkdtemp(directory));
        dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(dir_fd >= 0);
        fd = openat(dir_fd, "m", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        assert_true(fd >= 0);
        assert_int_equal(ftruncate(fd, FILE_SIZE), 0);
        close(fd);
        for (size_t i = 0; i < ARRAY_LENGTH(scripts); i++) {
                const struct script *script = &scripts[i];
                struct source_bytes bytes = {0};
                struct btf_error error = {.offset = 0};
                int r;

                next_answer = script->answers;
                position = 0;
                r = file_read(dir_fd, "m", FILE_SIZE, &bytes, &error);
                if (r != script->result || error.offset != script->offset)
                        fail_msg("%s: result %d, at %llu: %s", script->name, r,
                                 (unsigned long long)error.offset, error.message);
                if (r == 0) {
                        assert_int_equal(bytes.size, FILE_SIZE);
                        assert_int_equal(bytes.data[0], 'a');
                        source_bytes_free(&bytes);
                } else {
                        assert_null(bytes.data);
                        assert_int_equal(error.reason, BTF_ERROR_UNREADABLE);
                        assert_true(strlen(error.message) > 0);
                }
        }
        assert_int_equal(unlinkat(dir_fd, "m", 0), 0);
        close(dir_fd);
        assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_happens_meanwhile_is_noticed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
