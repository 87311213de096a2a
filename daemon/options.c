#include "options.h"

#include <getopt.h>
#include <stdio.h>

#include "source/scan.h"
#include "util/version.h"

static const char help[] =
        "Usage: btfd [OPTION]...\n"
        "Answer questions about kernel types over a Unix socket.\n"
        "\n"
        "  --listen=PATH      listen at PATH, unless the service manager passes a socket; default\n"
        "                     /run/btfd/btfd.sock for root, $XDG_RUNTIME_DIR/btfd.sock for others\n"
        "  --btf-dir=DIR      read DIR/vmlinux; default " SCAN_DEFAULT_DIRECTORY "\n"
        "  --log-level=LEVEL  error, warning, info (default) or debug\n"
        "  -h, --help         show this and exit\n"
        "  --version          show the version and exit\n";

enum {
        OPTION_LISTEN = 256,
        OPTION_BTF_DIR,
        OPTION_LOG_LEVEL,
        OPTION_VERSION,
};

static int usage(void)
{
        fprintf(stderr, "Try 'btfd --help'.\n");
        return OPTIONS_USAGE;
}

int options_parse(struct options *ret, int argc, char *argv[])
{
        static const struct option long_options[] = {
                {"listen", required_argument, NULL, OPTION_LISTEN},
                {"btf-dir", required_argument, NULL, OPTION_BTF_DIR},
                {"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
                {"help", no_argument, NULL, 'h'},
                {"version", no_argument, NULL, OPTION_VERSION},
                {0},
        };
        struct options options = {.directory = SCAN_DEFAULT_DIRECTORY, .log_level = LOG_LEVEL_INFO};
        int option;

        while ((option = getopt_long(argc, argv, "h", long_options, NULL)) >= 0) {
                switch (option) {
                case OPTION_LISTEN:
                        options.listen = optarg;
                        break;
                case OPTION_BTF_DIR:
                        options.directory = optarg;
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
        if ((options.listen && options.listen[0] == '\0') || options.directory[0] == '\0') {
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
