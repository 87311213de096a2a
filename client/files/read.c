#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "btf/format.h"
#include "files/elf_sections.h"
#include "files/files.h"
#include "util/util.h"

/* The longest magic number is xz's. */
#define MAGIC_SIZE 6U

DEFINE_CLEANUP(Elf *, elf_cleanup, elf_end)

static bool is_btf(const uint8_t *data, size_t size)
{
        uint16_t magic;

        if (size < sizeof(magic))
                return false;
        memcpy(&magic, data, sizeof(magic));
        return magic == BTF_MAGIC || __builtin_bswap16(magic) == BTF_MAGIC;
}

static bool is_elf(const uint8_t *data, size_t size)
{
        return size >= SELFMAG && memcmp(data, ELFMAG, SELFMAG) == 0;
}

static int unknown_form(const uint8_t *data, size_t size, enum files_place place, struct files_error *error)
{
        char bytes[MAGIC_SIZE * 3 + 1] = "";

        for (size_t i = 0; i < size && i < MAGIC_SIZE; i++)
                snprintf(bytes + i * 3, sizeof(bytes) - i * 3, " %02x", data[i]);
        return files_error_set(error, FILES_ERROR_UNKNOWN_FORM, place, 0,
                               "begins with%s: neither BTF nor ELF%s", bytes,
                               place == FILES_PLACE_FILE ? ", nor compressed by gzip, xz or zstd" : "");
}

static int empty(enum files_place place, struct files_error *error)
{
        return files_error_set(error, FILES_ERROR_EMPTY, place, 0, "there is nothing in it");
}

static int too_large(uint64_t size, size_t max, enum files_place place, struct files_error *error)
{
        return files_error_set(error, FILES_ERROR_TOO_LARGE, place, max,
                               "%" PRIu64 " bytes, expected at most %zu", size, max);
}

/*
 * From memory, or, if `data` is NULL, from `fd`. A file is not mapped, as a mapped one that somebody cuts would kill us;
 * libelf then reads no more of it than is asked for.
 */
static int read_elf(struct files_btf *ret, int fd, uint8_t *data, uint64_t size, enum files_place place,
                    struct files_error *error)
{
        CLEANUP(elf_cleanup) Elf *elf = NULL;

        (void)elf_version(EV_CURRENT);
        elf = data ? elf_memory((char *)data, (size_t)size) : elf_begin(fd, ELF_C_READ, NULL);
        if (!elf)
                return files_error_set(error, FILES_ERROR_BAD_ELF, place, 0, "cannot read the ELF header: %s",
                                       elf_errmsg(-1));
        return files_elf_sections(ret, elf, place, size, error);
}

/* Takes over `data`, which is not compressed (any more). */
static int take_bytes(struct files_btf *ret, uint8_t *data, size_t size, enum files_place place,
                      struct files_error *error)
{
        CLEANUP(free_cleanup) uint8_t *owned = data;

        if (size == 0)
                return empty(place, error);
        if (is_elf(owned, size))
                return read_elf(ret, /* fd= */ -1, owned, size, place, error);
        if (!is_btf(owned, size))
                return unknown_form(owned, size, place, error);
        if (size > BTF_MAX_SIZE)
                return too_large(size, BTF_MAX_SIZE, place, error);
        *ret = (struct files_btf){.data = STEAL(owned), .size = size, .form = FILES_FORM_RAW};
        return 0;
}

/* Takes over `data`, the bytes of a whole file. */
static int take_file(struct files_btf *ret, uint8_t *data, size_t size, size_t max_unpacked,
                     struct files_error *error)
{
        enum files_packing packing = files_packing_of(data, size);
        uint8_t *unpacked;
        size_t unpacked_size;
        int r;

        if (packing == FILES_PACKING_NONE)
                return take_bytes(ret, data, size, FILES_PLACE_FILE, error);
        r = files_unpack(&unpacked, &unpacked_size, data, size, packing, max_unpacked, error);
        free(data);
        if (r == 0)
                r = take_bytes(ret, unpacked, unpacked_size, FILES_PLACE_UNPACKED, error);
        if (r == 0)
                ret->packing = packing;
        return r;
}

int files_read_bytes(struct files_btf *ret, const uint8_t *data, size_t size, size_t max_unpacked,
                     struct files_error *ret_error)
{
        uint8_t *copy = malloc(size > 0 ? size : 1);

        if (!copy)
                return -ENOMEM;
        if (size > 0)
                memcpy(copy, data, size);
        return take_file(ret, copy, size, max_unpacked, ret_error);
}

static int read_error(int number, const char *what, struct files_error *error)
{
        return files_error_set(error, FILES_ERROR_UNREADABLE, FILES_PLACE_NONE, 0, "cannot %s: %s", what,
                               strerror(number));
}

static int open_file(int *ret_fd, uint64_t *ret_size, const char *path, struct files_error *error)
{
        CLEANUP(close_cleanup) int fd = -1;
        struct stat status;

        /* O_NONBLOCK: opening a FIFO would wait for somebody to write to it. */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd < 0 || fstat(fd, &status) < 0)
                return read_error(errno, "open", error);
        if (!S_ISREG(status.st_mode))
                return files_error_set(error, FILES_ERROR_UNREADABLE, FILES_PLACE_NONE, 0,
                                       "%s, expected a regular file",
                                       S_ISDIR(status.st_mode)    ? "a directory"
                                       : S_ISFIFO(status.st_mode) ? "a FIFO"
                                                                  : "a device");
        *ret_fd = fd;
        fd = -1;
        *ret_size = (uint64_t)status.st_size;
        return 0;
}

static int read_at_start(int fd, uint8_t *data, size_t size, struct files_error *error)
{
        size_t position = 0;

        while (position < size) {
                ssize_t n_read = pread(fd, data + position, size - position, (off_t)position);

                if (n_read < 0 && errno == EINTR)
                        continue;
                if (n_read < 0)
                        return read_error(errno, "read", error);
                if (n_read == 0)
                        return files_error_set(
                                error, FILES_ERROR_UNREADABLE, FILES_PLACE_FILE, position,
                                "the file ended after %zu of %zu bytes: it changed while it was read",
                                position, size);
                position += (size_t)n_read;
        }
        return 0;
}

/* Whether a file that begins so may have so many bytes. */
static int check_size(const uint8_t *magic, size_t n_magic, uint64_t size, struct files_error *error)
{
        size_t max = BTF_MAX_SIZE;

        if (files_packing_of(magic, n_magic) != FILES_PACKING_NONE)
                max = FILES_MAX_UNPACKED;
        else if (!is_btf(magic, n_magic))
                return unknown_form(magic, n_magic, FILES_PLACE_FILE, error);
        return size > max ? too_large(size, max, FILES_PLACE_FILE, error) : 0;
}

int files_read(struct files_btf *ret, const char *path, struct files_error *ret_error)
{
        CLEANUP(close_cleanup) int fd = -1;
        CLEANUP(free_cleanup) uint8_t *data = NULL;
        uint8_t magic[MAGIC_SIZE] = {0};
        size_t n_magic;
        uint64_t size = 0;
        int r;

        r = open_file(&fd, &size, path, ret_error);
        if (r != 0)
                return r;
        if (size == 0)
                return empty(FILES_PLACE_FILE, ret_error);
        n_magic = size < MAGIC_SIZE ? (size_t)size : MAGIC_SIZE;
        r = read_at_start(fd, magic, n_magic, ret_error);
        if (r != 0)
                return r;
        if (is_elf(magic, n_magic))
                return read_elf(ret, fd, /* data= */ NULL, size, FILES_PLACE_FILE, ret_error);
        r = check_size(magic, n_magic, size, ret_error);
        if (r != 0)
                return r;
        data = malloc((size_t)size);
        if (!data)
                return -ENOMEM;
        r = read_at_start(fd, data, (size_t)size, ret_error);
        if (r != 0)
                return r;
        return take_file(ret, STEAL(data), (size_t)size, FILES_MAX_UNPACKED, ret_error);
}

void files_btf_deinit(struct files_btf *file)
{
        free(file->data);
        free(file->base);
        *file = (struct files_btf){0};
}

enum files_place files_btf_place(const struct files_btf *file)
{
        switch (file->form) {
        case FILES_FORM_ELF:
                return FILES_PLACE_BTF;
        case FILES_FORM_RAW:
                return file->packing == FILES_PACKING_NONE ? FILES_PLACE_FILE : FILES_PLACE_UNPACKED;
        }
        return FILES_PLACE_FILE;
}
