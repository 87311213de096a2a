#include "source/scan.h"

#include <errno.h>
#include <fcntl.h>

#include "source/file.h"

int scan_directory(struct snapshot **ret, const char *directory, uint64_t generation,
                   struct btf_error *ret_error)
{
        CLEANUP(close_cleanup) int dir_fd = -1;
        CLEANUP(source_cleanup) struct source *vmlinux = NULL;
        struct source_bytes bytes;
        int r;

        dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                return btf_error_set(ret_error, BTF_ERROR_UNREADABLE, 0, "cannot open the directory: %s",
                                     strerror(errno));
        r = file_read(dir_fd, SCAN_BASE_NAME, &bytes, ret_error);
        if (r != 0)
                return r;
        r = source_new(&vmlinux, SCAN_BASE_NAME, /* instance= */ 1, bytes, ret_error);
        if (r != 0)
                return r;
        return snapshot_new(ret, generation, &vmlinux, /* n_sources= */ 1);
}
