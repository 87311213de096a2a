#include "server/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* Bounded by the kernel at net.core.somaxconn, 4096 by default; a burst of clients should never see
 * ECONNREFUSED. */
#define LISTEN_BACKLOG 1024

#define LOCK_SUFFIX ".lock"

/* A lock file that vanishes while we wait for it means that its owner has just gone; it cannot go on for
 * ever. */
#define LOCK_MAX_TRIES 16

struct bound_socket {
        int fd;
        int lock_fd;
        bool is_bound;
        char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
        char lock_path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + sizeof(LOCK_SUFFIX)];
};

static int fail(int error, const char *what, const char *path, char *message)
{
        /* A longer path could not be a socket's anyway. */
        snprintf(message, BOUND_SOCKET_MESSAGE_SIZE, "%.120s: %s: %s", path, what, strerror(error));
        return -error;
}

/*
 * A daemon that ends removes its lock file, so having locked a file is not enough: it must still be the one
 * at the path.
 */
static int take_lock(struct bound_socket *bound, char *message)
{
        for (int i = 0; i < LOCK_MAX_TRIES; i++) {
                CLEANUP(close_cleanup) int fd = -1;
                struct stat locked, present;

                fd = open(bound->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
                if (fd < 0)
                        return fail(errno, "cannot create the lock file", bound->lock_path, message);
                if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
                        if (errno != EWOULDBLOCK)
                                return fail(errno, "cannot lock", bound->lock_path, message);
                        return fail(EADDRINUSE, "another btfd serves this socket", bound->path, message);
                }
                if (fstat(fd, &locked) == 0 && stat(bound->lock_path, &present) == 0 &&
                    locked.st_ino == present.st_ino && locked.st_dev == present.st_dev) {
                        bound->lock_fd = fd;
                        fd = -1;
                        return 0;
                }
        }
        return fail(EAGAIN, "the lock file does not stay in place", bound->lock_path, message);
}

/* Under the lock: removes a socket file that nobody listens on. Not every server takes our lock, so it is
 * asked. */
static int remove_stale(const struct bound_socket *bound, const struct sockaddr_un *address, char *message)
{
        CLEANUP(close_cleanup) int fd = -1;
        struct stat status;

        if (lstat(bound->path, &status) < 0) {
                if (errno == ENOENT)
                        return 0;
                return fail(errno, "cannot look at the socket", bound->path, message);
        }
        if (!S_ISSOCK(status.st_mode))
                return fail(EEXIST, "exists and is not a socket", bound->path, message);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return fail(errno, "cannot create a socket", bound->path, message);
        /* ECONNREFUSED is how a file without a listener answers; EAGAIN is a listener with a full backlog. */
        if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 || errno == EAGAIN)
                return fail(EADDRINUSE, "a server listens on this socket", bound->path, message);
        if (errno != ECONNREFUSED)
                return fail(errno, "cannot tell whether a server listens", bound->path, message);
        if (unlink(bound->path) < 0)
                return fail(errno, "cannot remove the stale socket", bound->path, message);
        return 0;
}

static int bind_and_listen(struct bound_socket *bound, const struct sockaddr_un *address, char *message)
{
        bound->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (bound->fd < 0)
                return fail(errno, "cannot create a socket", bound->path, message);
        if (bind(bound->fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
                return fail(errno, "cannot bind", bound->path, message);
        bound->is_bound = true;
        if (chmod(bound->path, 0666) < 0)
                return fail(errno, "cannot set the mode", bound->path, message);
        if (listen(bound->fd, LISTEN_BACKLOG) < 0)
                return fail(errno, "cannot listen", bound->path, message);
        return 0;
}

int bound_socket_new(struct bound_socket **ret, const char *path, char ret_message[BOUND_SOCKET_MESSAGE_SIZE])
{
        CLEANUP(bound_socket_cleanup) struct bound_socket *bound = NULL;
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int r;

        if (strlen(path) >= sizeof(address.sun_path))
                return fail(ENAMETOOLONG, "a socket's path has at most 107 bytes", path, ret_message);
        strcpy(address.sun_path, path);
        bound = calloc(1, sizeof(*bound));
        if (!bound)
                return fail(ENOMEM, "cannot listen", path, ret_message);
        bound->fd = bound->lock_fd = -1;
        strcpy(bound->path, path);
        snprintf(bound->lock_path, sizeof(bound->lock_path), "%s" LOCK_SUFFIX, path);

        r = take_lock(bound, ret_message);
        if (r == 0)
                r = remove_stale(bound, &address, ret_message);
        if (r == 0)
                r = bind_and_listen(bound, &address, ret_message);
        if (r < 0)
                return r;
        *ret = STEAL(bound);
        return 0;
}

struct bound_socket *bound_socket_free(struct bound_socket *bound)
{
        if (!bound)
                return NULL;
        if (bound->is_bound)
                unlink(bound->path);
        if (bound->fd >= 0)
                close(bound->fd);
        if (bound->lock_fd >= 0) {
                unlink(bound->lock_path);
                close(bound->lock_fd);
        }
        free(bound);
        return NULL;
}

int bound_socket_take(struct bound_socket *bound)
{
        int fd = bound->fd;

        bound->fd = -1;
        return fd;
}
