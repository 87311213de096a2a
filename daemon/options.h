/*
 * The daemon's command line.
 */
#pragma once

#include <stddef.h>

#include "log.h"

/* The set that is asked when a question names none. */
#define OPTIONS_DEFAULT_SET "running"

/* BTF directories beside the default one. Each takes a kernel's BTF of memory, 5 to 120 MB. */
#define OPTIONS_MAX_SETS 16U

/* Of a set's name, in bytes; it is echoed in errors. */
#define OPTIONS_MAX_SET_NAME 63U

/* A directory shaped like /sys/kernel/btf, and what clients call it. */
struct option_set {
        char name[OPTIONS_MAX_SET_NAME + 1];
        const char *directory;
};

struct options {
        const char *listen;                           /* NULL: the default for who we are */
        struct option_set sets[OPTIONS_MAX_SETS + 1]; /* [0] is the default one */
        size_t n_sets;
        enum log_level log_level;
};

enum options_result {
        OPTIONS_DONE = 1,  /* --help or --version has been answered */
        OPTIONS_USAGE = 2, /* the command line is wrong; it has been said how */
};

/* Returns 0 or an options_result. The options borrow from `argv`. */
int options_parse(struct options *ret, int argc, char *argv[]);
