#include "util/hash.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

/* Odd constants with no structure: the fractional bits of the square roots of 2 and 3. */
#define HASH_MIX_1 UINT64_C(0x6a09e667f3bcc909)
#define HASH_MIX_2 UINT64_C(0xbb67ae8584caa73b)

/* Folds the 128-bit product into 64 bits, so that every input bit reaches every output bit. */
static uint64_t hash_fold(uint64_t a, uint64_t b)
{
        __extension__ typedef unsigned __int128 uint128;
        uint128 product = (uint128)a * b;

        return (uint64_t)product ^ (uint64_t)(product >> 64);
}

void hash_seed_init(struct hash_seed *seed)
{
        struct timespec now;

        if (getrandom(seed->key, sizeof(seed->key), GRND_NONBLOCK) == (ssize_t)sizeof(seed->key))
                return;
        clock_gettime(CLOCK_MONOTONIC, &now);
        seed->key[0] = hash_fold((uint64_t)now.tv_nsec ^ HASH_MIX_1, (uint64_t)(uintptr_t)&now ^ HASH_MIX_2);
        seed->key[1] = hash_fold(seed->key[0], (uint64_t)now.tv_sec ^ HASH_MIX_2);
}

uint64_t hash_string(const struct hash_seed *seed, const char *string, size_t length)
{
        uint64_t state = seed->key[0] ^ length;
        uint64_t words[2] = {0, 0};

        while (length > sizeof(words)) {
                memcpy(words, string, sizeof(words));
                state = hash_fold(words[0] ^ seed->key[1] ^ HASH_MIX_1, words[1] ^ state);
                string += sizeof(words);
                length -= sizeof(words);
        }
        words[0] = words[1] = 0;
        memcpy(words, string, length);
        state = hash_fold(words[0] ^ seed->key[1] ^ HASH_MIX_2, words[1] ^ state);
        return hash_fold(state ^ HASH_MIX_1, seed->key[1] ^ HASH_MIX_2);
}
