#include "source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "util/memory.h"
#include "util/util.h"

/*
 * Only sysfs: its BTF cannot change while the kernel runs, whereas an ordinary file may be truncated by
 * anyone who can write it, which would kill us with SIGBUS. The kernel maps vmlinux since 6.16, only
 * privately (a shared mapping gets EACCES), and answers ENODEV for modules and before.
 */
static const uint8_t *try_map(int fd, size_t size)
{
        struct statfs file_system;
        void *data;

        if (fstatfs(fd, &file_system) < 0 || file_system.f_type != SYSFS_MAGIC)
                return NULL;
        data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        return data == MAP_FAILED ? NULL : data;
}

/* Of an open file whose module is unloaded every read fails with ENODEV. */
static int refuse(struct btf_error *error, uint64_t position, const char *what, int number)
{
        btf_error_set(error, BTF_ERROR_UNREADABLE, position, "cannot %s: %s", what, strerror(number));
        return number == ENOENT || number == ENODEV ? FILE_GONE : FILE_BAD;
}

/* sysfs hands out at most 4096 bytes at a time, so this takes over a thousand calls for vmlinux. */
static int read_all(int fd, uint8_t *data, size_t size, struct btf_error *error)
{
        size_t position = 0;
        uint8_t beyond;

        for (;;) {
                /* Behind the last byte, what there is to read is what has been added since. */
                bool is_whole = position == size;
                ssize_t n_read =
                        read(fd, is_whole ? &beyond : data + position, is_whole ? 1 : size - position);

                if (n_read < 0 && errno == EINTR)
                        continue;
                if (n_read < 0)
                        return refuse(error, position, "read", errno);
                if (n_read == 0 && is_whole)
                        return 0;
                if (n_read == 0 || is_whole)
                        return btf_error_set(
                                error, BTF_ERROR_UNREADABLE, position,
                                "the file has %s than its %zu bytes: it changed while it was read",
                                is_whole ? "more" : "less", size);
                position += (size_t)n_read;
        }
}

static int check_status(const struct stat *status, uint64_t max_size, struct btf_error *error)
{
        if (!S_ISREG(status->st_mode))
                return btf_error_set(error, BTF_ERROR_UNREADABLE, 0, "not a regular file");
        if (status->st_size == 0)
                return btf_error_set(error, BTF_ERROR_TRUNCATED, 0,
                                     "the file is empty, a BTF header has at least %u bytes",
                                     BTF_HEADER_LENGTH);
        if (status->st_size > BTF_MAX_SIZE)
                return btf_error_set(error, BTF_ERROR_TOO_LARGE, BTF_MAX_SIZE,
                                     "the file has %" PRIu64 " bytes, expected at most %u",
                                     (uint64_t)status->st_size, BTF_MAX_SIZE);
        if ((uint64_t)status->st_size > max_size)
                return btf_error_set(error, BTF_ERROR_TOO_LARGE, max_size,
                                     "the file has %" PRIu64 " bytes, of which %" PRIu64
                                     " are left for this directory",
                                     (uint64_t)status->st_size, max_size);
        return 0;
}

int file_read(int dir_fd, const char *name, uint64_t max_size, struct source_bytes *ret,
              struct btf_error *ret_error)
{
        CLEANUP(close_cleanup) int fd = -1;
        CLEANUP(free_cleanup) uint8_t *data = NULL;
        const uint8_t *mapped;
        struct stat status;
        size_t size;
        int r;

        /* O_NONBLOCK: a FIFO in the file's place must not hold us up. */
        fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &status) < 0)
                return refuse(ret_error, 0, "open", errno);
        r = check_status(&status, max_size, ret_error);
        if (r != 0)
                return r;
        size = (size_t)status.st_size;
        mapped = try_map(fd, size);
        if (mapped) {
                *ret = (struct source_bytes){.data = mapped, .size = size, .mapped = true};
                return 0;
        }
        data = memory_new(size);
        if (!data)
                return -ENOMEM;
        r = read_all(fd, data, size, ret_error);
        if (r != 0)
                return r;
        *ret = (struct source_bytes){.data = STEAL(data), .size = size};
        return 0;
}
