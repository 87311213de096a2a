#include "source/scan.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "source/file.h"

/* A directory while it is being read. */
struct scan {
        DIR *directory;
        uint64_t *next_instance;
        uint64_t bytes_left; /* of SCAN_MAX_BYTES */
        uint64_t n_left_out;
        char **names; /* of the files to load, sorted */
        size_t n_names;
        struct source **sources;
        size_t n_sources;
        struct source_failure *failures;
        size_t n_failures;
};

static void scan_deinit(struct scan *scan)
{
        for (size_t i = 0; i < scan->n_names; i++)
                free(scan->names[i]);
        for (size_t i = 0; i < scan->n_sources; i++)
                source_unref(scan->sources[i]);
        free(scan->names);
        free(scan->sources);
        free(scan->failures);
        if (scan->directory)
                closedir(scan->directory);
}

static struct btf_error *add_failure(struct scan *scan, const char *name, uint64_t size)
{
        struct source_failure *failure = &scan->failures[scan->n_failures++];

        snprintf(failure->name, sizeof(failure->name), "%s", name);
        failure->size = size;
        return &failure->error;
}

/* Loads one file as a source, or notes why it is none. A file that is gone by now never was one. */
static int load(struct scan *scan, const char *name)
{
        struct source *base = scan->n_sources > 0 ? scan->sources[0] : NULL;
        struct source_bytes bytes;
        struct btf_error error;
        uint64_t size;
        int r;

        if (strlen(name) >= SOURCE_NAME_SIZE) {
                btf_error_set(add_failure(scan, name, /* size= */ 0), BTF_ERROR_UNREADABLE, 0,
                              "the name has %zu bytes, expected at most %u", strlen(name),
                              SOURCE_NAME_SIZE - 1);
                return 0;
        }
        r = file_read(dirfd(scan->directory), name, scan->bytes_left, &bytes, &error);
        if (r == FILE_GONE && base)
                return 0;
        if (r > 0)
                *add_failure(scan, name, /* size= */ 0) = error;
        if (r != 0)
                return r < 0 ? r : 0;
        size = bytes.size;
        scan->bytes_left -= size;
        r = source_new(&scan->sources[scan->n_sources], name, *scan->next_instance, bytes, base, &error);
        if (r > 0)
                *add_failure(scan, name, size) = error;
        if (r != 0)
                return r < 0 ? r : 0;
        (*scan->next_instance)++;
        scan->n_sources++;
        return 0;
}

static bool is_candidate(const struct scan *scan, const struct dirent *entry)
{
        struct stat status;

        if (entry->d_name[0] == '.' || string_equal(entry->d_name, SCAN_BASE_NAME) || entry->d_type == DT_DIR)
                return false;
        return entry->d_type != DT_UNKNOWN ||
               fstatat(dirfd(scan->directory), entry->d_name, &status, 0) < 0 || !S_ISDIR(status.st_mode);
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_modules(struct scan *scan)
{
        struct dirent *entry;

        scan->names = calloc(MODULE_INDEX_MAX_SOURCES, sizeof(*scan->names));
        if (!scan->names)
                return -ENOMEM;
        while ((entry = readdir(scan->directory))) {
                if (!is_candidate(scan, entry))
                        continue;
                /* vmlinux takes one of the places. */
                if (scan->n_names == MODULE_INDEX_MAX_SOURCES - 1) {
                        scan->n_left_out++;
                        continue;
                }
                scan->names[scan->n_names] = strdup(entry->d_name);
                if (!scan->names[scan->n_names])
                        return -ENOMEM;
                scan->n_names++;
        }
        qsort(scan->names, scan->n_names, sizeof(*scan->names), compare_names);
        return 0;
}

static int load_all(struct scan *scan)
{
        int r;

        r = load(scan, SCAN_BASE_NAME);
        if (r < 0 || scan->n_sources == 0)
                return r;
        r = list_modules(scan);
        for (size_t i = 0; i < scan->n_names && r == 0; i++)
                r = load(scan, scan->names[i]);
        return r;
}

int scan_directory(struct source_set **ret, const char *name, const char *directory, uint64_t *next_instance)
{
        CLEANUP(scan_deinit)
        struct scan scan = {
                .next_instance = next_instance,
                .bytes_left = SCAN_MAX_BYTES,
        };
        int r = 0;

        scan.sources = calloc(MODULE_INDEX_MAX_SOURCES, sizeof(struct source *));
        scan.failures = calloc(MODULE_INDEX_MAX_SOURCES, sizeof(*scan.failures));
        if (!scan.sources || !scan.failures)
                return -ENOMEM;
        scan.directory = opendir(directory);
        if (!scan.directory)
                btf_error_set(add_failure(&scan, SCAN_BASE_NAME, /* size= */ 0), BTF_ERROR_UNREADABLE, 0,
                              "cannot open the directory: %s", strerror(errno));
        else
                r = load_all(&scan);
        if (r < 0)
                return r;
        r = source_set_new(ret, name, directory, scan.sources, scan.n_sources, scan.failures,
                           scan.n_failures);
        if (r == 0)
                (*ret)->n_left_out = scan.n_left_out;
        return r;
}
