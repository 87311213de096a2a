/*
 * Runs a fuzz target over the files in the directories given, and over truncations of each file:
 *
 *   fuzz_x [--truncations=N] DIRECTORY...
 *
 * All of them, or N of lengths evenly spread where a target takes long.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static int run(const uint8_t *data, size_t length)
{
        /* A copy of the exact length, so that AddressSanitizer sees a read beyond it. */
        uint8_t *copy = malloc(length > 0 ? length : 1);

        if (!copy)
                return -1;
        memcpy(copy, data, length);
        LLVMFuzzerTestOneInput(copy, length);
        free(copy);
        return 0;
}

static int replay_file(const char *path, size_t max_truncations)
{
        FILE *file = fopen(path, "rb");
        size_t size, n_truncations;
        struct stat status;
        uint8_t *data;

        if (!file || fstat(fileno(file), &status) < 0) {
                perror(path);
                return -1;
        }
        size = (size_t)status.st_size;
        data = malloc(size + 1);
        if (!data || fread(data, 1, size, file) != size) {
                perror(path);
                return -1;
        }
        fclose(file);
        fprintf(stderr, "%s\n", path); /* for whoever wonders what ended the program */
        n_truncations = size < max_truncations ? size : max_truncations;
        for (size_t i = 0; i < n_truncations; i++) {
                if (run(data, i * size / n_truncations) < 0)
                        return -1;
        }
        if (run(data, size) < 0)
                return -1;
        free(data);
        return 0;
}

static int replay_directory(const char *path, size_t max_truncations, unsigned int *n_files)
{
        DIR *directory = opendir(path);
        struct dirent *entry;

        if (!directory) {
                perror(path);
                return -1;
        }
        while ((entry = readdir(directory))) {
                char file[4096];

                if (entry->d_name[0] == '.')
                        continue;
                snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
                if (replay_file(file, max_truncations) < 0)
                        return -1;
                (*n_files)++;
        }
        closedir(directory);
        return 0;
}

int main(int argc, char *argv[])
{
        static const char option[] = "--truncations=";
        size_t max_truncations = SIZE_MAX;
        unsigned int n_files = 0;

        for (int i = 1; i < argc; i++) {
                if (strncmp(argv[i], option, strlen(option)) == 0)
                        max_truncations = strtoul(argv[i] + strlen(option), NULL, 10);
                else if (replay_directory(argv[i], max_truncations, &n_files) < 0)
                        return EXIT_FAILURE;
        }
        printf("%u files replayed\n", n_files);
        return n_files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
