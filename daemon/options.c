#include "options.h"

#include <getopt.h>
#include <stdio.h>

#include "source/scan.h"
#include "util/util.h"
#include "util/version.h"

static const char help[] =
        "Usage: btfd [OPTION]...\n"
        "Answer questions about kernel types over a Unix socket.\n"
        "\n"
        "  --listen=PATH      listen at PATH, unless the service manager passes a socket; default\n"
        "                     /run/btfd/btfd.sock for root, $XDG_RUNTIME_DIR/btfd.sock for others\n"
        "  --btf-dir=DIR      serve the types in DIR: vmlinux, and a file for each module; default\n"
        "                     " SCAN_DEFAULT_DIRECTORY "\n"
        "  --btf-set=NAME=DIR serve those in DIR as well, to questions that name the set NAME; may be\n"
        "                     given up to 16 times\n"
        "  --log-level=LEVEL  error, warning, info (default) or debug\n"
        "  -h, --help         show this and exit\n"
        "  --version          show the version and exit\n";

enum {
        OPTION_LISTEN = 256,
        OPTION_BTF_DIR,
        OPTION_BTF_SET,
        OPTION_LOG_LEVEL,
        OPTION_VERSION,
};

static int usage(void)
{
        fprintf(stderr, "Try 'btfd --help'.\n");
        return OPTIONS_USAGE;
}

/* Names are typed on command lines and stand in errors: letters, digits and `.`, `-`, `_`. */
static bool add_set(struct options *options, const char *argument)
{
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
        size_t length = strspn(argument, allowed);
        struct option_set set = {.directory = argument + length + 1};

        if (length == 0 || length > OPTIONS_MAX_SET_NAME || argument[length] != '=' ||
            set.directory[0] == '\0') {
                fprintf(stderr,
                        "btfd: --btf-set=%s: expected NAME=DIR, NAME of 1 to %u letters, digits and . - _\n",
                        argument, OPTIONS_MAX_SET_NAME);
                return false;
        }
        memcpy(set.name, argument, length);
        for (size_t i = 0; i < options->n_sets; i++) {
                if (string_equal(options->sets[i].name, set.name)) {
                        fprintf(stderr, "btfd: --btf-set=%s: there is a set '%s' already\n", argument,
                                set.name);
                        return false;
                }
        }
        if (options->n_sets == ARRAY_LENGTH(options->sets)) {
                fprintf(stderr, "btfd: --btf-set=%s: more than %u sets\n", argument, OPTIONS_MAX_SETS);
                return false;
        }
        options->sets[options->n_sets++] = set;
        return true;
}

int options_parse(struct options *ret, int argc, char *argv[])
{
        static const struct option long_options[] = {
                {"listen", required_argument, NULL, OPTION_LISTEN},
                {"btf-dir", required_argument, NULL, OPTION_BTF_DIR},
                {"btf-set", required_argument, NULL, OPTION_BTF_SET},
                {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
                {"help", no_argument, NULL, 'h'},
                {"version", no_argument, NULL, OPTION_VERSION},
                {0},
        };
        struct options options = {
                .sets = {{OPTIONS_DEFAULT_SET, SCAN_DEFAULT_DIRECTORY}},
                .n_sets = 1,
                .log_level = LOG_LEVEL_INFO,
        };
        int option;

        while ((option = getopt_long(argc, argv, "h", long_options, NULL)) >= 0) {
                switch (option) {
                case OPTION_LISTEN:
                        options.listen = optarg;
                        break;
                case OPTION_BTF_DIR:
                        options.sets[0].directory = optarg;
                        break;
                case OPTION_BTF_SET:
                        if (!add_set(&options, optarg))
                                return usage();
                        break;
                case OPTION_LOG_LEVEL:
                        if (!log_level_from_name(optarg, &options.log_level)) {
                                fprintf(stderr,
                                        "btfd: --log-level=%s: expected error, warning, info or debug\n",
                                        optarg);
                                return usage();
                        }
                        break;
                case 'h':
                        fputs(help, stdout);
                        return OPTIONS_DONE;
                case OPTION_VERSION:
                        puts("btfd " BTFD_VERSION);
                        return OPTIONS_DONE;
                default:
                        return usage();
                }
        }
        if ((options.listen && options.listen[0] == '\0') || options.sets[0].directory[0] == '\0') {
                fprintf(stderr, "btfd: --listen and --btf-dir need a path\n");
                return usage();
        }
        if (optind < argc) {
                fprintf(stderr, "btfd: unexpected argument '%s'\n", argv[optind]);
                return usage();
        }
        *ret = options;
        return 0;
}
