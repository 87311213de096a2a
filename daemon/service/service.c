#include "service/service.h"

#include <errno.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

int service_listen_fds(int *ret_first)
{
        int n_fds = sd_listen_fds(/* unset_environment= */ 1);

        for (int i = 0; i < n_fds; i++) {
                int r = sd_is_socket_unix(SD_LISTEN_FDS_START + i, SOCK_STREAM, /* listening= */ 1,
                                          /* path= */ NULL,
                                          /* length= */ 0);

                if (r < 0)
                        return r;
                if (r == 0)
                        return -EINVAL;
        }
        *ret_first = SD_LISTEN_FDS_START;
        return n_fds;
}

void service_ready(const char *status)
{
        sd_notifyf(/* unset_environment= */ 0, "READY=1\nSTATUS=%s", status);
}

void service_stopping(void)
{
        sd_notify(/* unset_environment= */ 0, "STOPPING=1");
}
