/*
 * A listening socket at a path of the file system, for when no service manager passes one.
 */
#pragma once

#include <stddef.h>

#include "util/util.h"

struct bound_socket;

#define BOUND_SOCKET_MESSAGE_SIZE 256U

/*
 * Binds and listens at `path`, with mode 0666: who may connect is decided by the directory. A socket file
 * that no one listens on is replaced; one in use is not. While it lives, PATH.lock is locked, so that two
 * daemons that start at once do not take each other's. Returns 0, or -errno with a sentence in `ret_message`.
 */
int bound_socket_new(struct bound_socket **ret, const char *path,
                     char ret_message[BOUND_SOCKET_MESSAGE_SIZE]);
/* Removes the socket's file and the lock; the descriptor is not closed if bound_socket_take() was called. */
struct bound_socket *bound_socket_free(struct bound_socket *bound);

/* Hands the listening descriptor over. */
int bound_socket_take(struct bound_socket *bound);

DEFINE_CLEANUP(struct bound_socket *, bound_socket_cleanup, bound_socket_free)
