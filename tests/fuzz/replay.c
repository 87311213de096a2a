/*
 * Runs a fuzz target over the files and directories given, and over every truncation of each file.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"

static int replay_file(const char *path)
{
        FILE *file = fopen(path, "rb");
        struct stat status;
        uint8_t *data;
        size_t size;

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
        for (size_t length = 0; length <= size; length++) {
                /* A copy of the exact length, so that AddressSanitizer sees a read beyond it. */
                uint8_t *copy = malloc(length > 0 ? length : 1);

                if (!copy)
                        return -1;
                memcpy(copy, data, length);
                LLVMFuzzerTestOneInput(copy, length);
                free(copy);
        }
        free(data);
        return 0;
}

int main(int argc, char *argv[])
{
        unsigned int n_files = 0;

        for (int i = 1; i < argc; i++) {
                DIR *directory = opendir(argv[i]);
                struct dirent *entry;

                if (!directory) {
                        perror(argv[i]);
                        return EXIT_FAILURE;
                }
                while ((entry = readdir(directory))) {
                        char path[4096];

                        if (entry->d_name[0] == '.')
                                continue;
                        snprintf(path, sizeof(path), "%s/%s", argv[i], entry->d_name);
                        if (replay_file(path) < 0)
                                return EXIT_FAILURE;
                        n_files++;
                }
                closedir(directory);
        }
        printf("%u files replayed\n", n_files);
        return n_files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
