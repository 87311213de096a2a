/*
 * A seeded hash for names. The seed is drawn once per process, so that nobody who can choose names (a
 * module's author, a directory given with --btf-dir) can choose colliding ones. Not a MAC: never send a value
 * outside.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct hash_seed {
        uint64_t key[2];
};

/* Draws a seed from the kernel. Never fails: before the entropy pool is ready it mixes the clocks instead. */
void hash_seed_init(struct hash_seed *seed);

uint64_t hash_string(const struct hash_seed *seed, const char *string, size_t length);
