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

/* sysfs hands out at most 4096 bytes at a time, so this takes over a thousand calls for vmlinux. */
static int read_all(int fd, uint8_t *data, size_t size, struct btf_error *error)
{
        size_t position = 0;

        while (position < size) {
                ssize_t n_read = read(fd, data + position, size - position);

                if (n_read < 0 && errno == EINTR)
                        continue;
                if (n_read < 0)
                        return btf_error_set(error, BTF_ERROR_UNREADABLE, position, "cannot read: %s",
                                             strerror(errno));
                if (n_read == 0)
                        return btf_error_set(
                                error, BTF_ERROR_UNREADABLE, position,
                                "the file ended after %zu of %zu bytes: it changed while it was read",
                                position, size);
                position += (size_t)n_read;
        }
        return 0;
}

int file_read(int dir_fd, const char *name, struct source_bytes *ret, struct btf_error *ret_error)
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
                return btf_error_set(ret_error, BTF_ERROR_UNREADABLE, 0, "cannot open: %s", strerror(errno));
        if (!S_ISREG(status.st_mode))
                return btf_error_set(ret_error, BTF_ERROR_UNREADABLE, 0, "not a regular file");
        if (status.st_size == 0)
                return btf_error_set(ret_error, BTF_ERROR_TRUNCATED, 0,
                                     "the file is empty, a BTF header has at least %u bytes",
                                     BTF_HEADER_LENGTH);
        if (status.st_size > BTF_MAX_SIZE)
                return btf_error_set(ret_error, BTF_ERROR_TOO_LARGE, BTF_MAX_SIZE,
                                     "the file has %" PRIu64 " bytes, expected at most %u",
                                     (uint64_t)status.st_size, BTF_MAX_SIZE);
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
