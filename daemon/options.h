/*
 * The daemon's command line.
 */
#pragma once

#include "log.h"

struct options {
        const char *listen;    /* NULL: the default for who we are */
        const char *directory; /* a directory shaped like /sys/kernel/btf */
        enum log_level log_level;
};

enum options_result {
        OPTIONS_DONE = 1,  /* --help or --version has been answered */
        OPTIONS_USAGE = 2, /* the command line is wrong; it has been said how */
};

/* Returns 0 or an options_result. The options borrow from `argv`. */
int options_parse(struct options *ret, int argc, char *argv[]);
