/*
 * The service manager's side: sockets it passes, and what it is told. All of it does nothing without systemd.
 */
#pragma once

#include <stddef.h>

/*
 * The sockets that were passed, as the descriptors *ret_first to *ret_first + n - 1, which are the caller's.
 * Returns how many there are; 0 if we were not activated; or -errno, with -EINVAL for one that is no
 * listening Unix stream socket.
 */
int service_listen_fds(int *ret_first);

/* Says that questions are answered from now on; `status` is a sentence for `systemctl status`. */
void service_ready(const char *status);
/* Says that the daemon is about to end. */
void service_stopping(void);
