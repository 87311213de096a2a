/*
 * C types of every shape that compilers lay out in ways of their own, and lists of what is in them. Adding a field
 * and its line in a list adds its tests: shapes_table.h makes a table of what the compiler says from the lists, and
 * tests/unit/test_compiled.c compares that with what btfd says of the BTF that the same compiler makes.
 *
 * Needs no library and no header, so that `gcc -m32 -c` can do without a 32-bit libc; and -fms-extensions for the unnamed
 * members of named types.
 */
#pragma once

typedef unsigned int shape_u32;
typedef shape_u32 shape_id;
typedef const volatile shape_id shape_chain;
typedef int shape_row[3];

struct shape_later; /* never defined */
union shape_later_union;

enum shape_state { SHAPE_IDLE, SHAPE_BUSY, SHAPE_DONE };
enum shape_negative { SHAPE_MINUS_TWO = -2, SHAPE_MINUS_ONE, SHAPE_THOUSAND = 1000 };
enum shape_unsigned { SHAPE_ONE = 1, SHAPE_TOP_BIT = 0x80000000U, SHAPE_ALL_BITS = 0xffffffffU };
enum shape_wide { SHAPE_WIDE_THREE = 3, SHAPE_WIDE_HIGH = 0x123456789abcdefULL, SHAPE_WIDE_ALL = ~0ULL };
enum shape_wide_negative { SHAPE_LOW = -0x123456789LL, SHAPE_HIGH = 0x7fffffffffffffffLL };
enum __attribute__((packed)) shape_byte { SHAPE_BYTE = 200 };

struct shape_empty {
};

struct shape_inner {
        int a;
        int b;
};

union shape_pipe {
        unsigned long head_tail;
        struct {
                unsigned int head;
                unsigned int tail;
        };
};

typedef struct {
        short near;
        short far;
} shape_pair;

/* Where i386 aligns `long long` and `double` to 4 bytes and gives `long double` 12. */
struct shape_scalars {
        _Bool flag;
        char letter;
        signed char small;
        unsigned char byte;
        short half;
        unsigned short word;
        int number;
        unsigned int count;
        long line;
        unsigned long address;
        char gap;
        long long far;
        unsigned long long farther;
        float single;
        double twice;
        char gap2;
        long double most;
        enum shape_state state;
        enum shape_negative negative;
        enum shape_unsigned positive;
        enum shape_byte tiny;
        enum shape_wide wide;
        enum shape_wide_negative deep;
        shape_chain chain;
};

struct shape_unnamed {
        char first;
        union {
                long word;
                struct {
                        short low;
                        union {
                                char tag;
                                struct {
                                        unsigned int on : 1, off : 2;
                                        struct {
                                                struct { /* six deep */
                                                        long long deepest;
                                                        int bits : 11;
                                                };
                                        };
                                };
                        };
                };
        };
        int last;
};

/* Unnamed members of types that have a name. */
struct shape_borrowed {
        char before;
        struct shape_inner;
        union shape_pipe;
        shape_pair;
        char after;
};

struct __attribute__((packed)) shape_packed {
        char c;
        int i;
        long long ll;
        struct shape_inner in;
        short s;
};

struct __attribute__((aligned(64))) shape_aligned {
        char c;
        int i __attribute__((aligned(32)));
        char d;
        struct shape_inner in __attribute__((aligned(16)));
};

struct __attribute__((packed, aligned(2))) shape_packed_aligned {
        char c;
        int i;
        char d;
};

struct shape_partly_packed {
        char c;
        int i __attribute__((packed));
        char d;
        long l;
};

struct shape_arrays {
        char name[13];
        struct shape_inner in[4];
        struct shape_packed packed[3];
        struct shape_inner *pointers[3];
        int (*calls[2])(int);
        int none[0];
        const short fixed[5];
        struct shape_aligned aligned[2];
        shape_row row;
        int grid[2][3];
};

struct shape_pointers {
        struct shape_pointers *next;
        struct shape_inner *in;
        const struct shape_arrays *volatile arrays;
        struct shape_borrowed *borrowed;
        struct shape_later *later;
        union shape_later_union *either;
        void *opaque;
        const char *restrict text;
        int (*callback)(struct shape_pointers *, const char *, ...);
        int (*(*chooser)(int))(long);
        int (*row)[4];
        struct shape_inner **list;
};

struct shape_hollow {
        char c;
        struct shape_empty nothing;
        int x;
        struct shape_empty end;
};

union shape_union {
        char c;
        long l;
        struct shape_packed packed;
        unsigned int bits : 7;
};

struct shape_flexible {
        char n;
        struct shape_packed items[];
};

/* Bitfields: each width of each integer type, as the compiler aligns them and without any gaps. */
#define SHAPE_BIT(type, unused, n) type w##n : n;

/* clang-format off */
#define SHAPE_WIDTHS_8(W, a, b) W(a, b, 1) W(a, b, 2) W(a, b, 3) W(a, b, 4) W(a, b, 5) W(a, b, 6) W(a, b, 7) W(a, b, 8)
#define SHAPE_WIDTHS_16(W, a, b)                                                                             \
        SHAPE_WIDTHS_8(W, a, b)                                                                              \
        W(a, b, 9) W(a, b, 10) W(a, b, 11) W(a, b, 12) W(a, b, 13) W(a, b, 14) W(a, b, 15) W(a, b, 16)
#define SHAPE_WIDTHS_32(W, a, b)                                                                             \
        SHAPE_WIDTHS_16(W, a, b)                                                                             \
        W(a, b, 17) W(a, b, 18) W(a, b, 19) W(a, b, 20) W(a, b, 21) W(a, b, 22) W(a, b, 23) W(a, b, 24)      \
        W(a, b, 25) W(a, b, 26) W(a, b, 27) W(a, b, 28) W(a, b, 29) W(a, b, 30) W(a, b, 31) W(a, b, 32)
#define SHAPE_WIDTHS_64(W, a, b)                                                                             \
        SHAPE_WIDTHS_32(W, a, b)                                                                             \
        W(a, b, 33) W(a, b, 34) W(a, b, 35) W(a, b, 36) W(a, b, 37) W(a, b, 38) W(a, b, 39) W(a, b, 40)      \
        W(a, b, 41) W(a, b, 42) W(a, b, 43) W(a, b, 44) W(a, b, 45) W(a, b, 46) W(a, b, 47) W(a, b, 48)      \
        W(a, b, 49) W(a, b, 50) W(a, b, 51) W(a, b, 52) W(a, b, 53) W(a, b, 54) W(a, b, 55) W(a, b, 56)      \
        W(a, b, 57) W(a, b, 58) W(a, b, 59) W(a, b, 60) W(a, b, 61) W(a, b, 62) W(a, b, 63) W(a, b, 64)
/* clang-format on */

/* integer type, its bits, the struct's name */
#define SHAPE_WIDTH_STRUCTS(X)                                                                               \
        X(signed char, 8, s8)                                                                                \
        X(unsigned char, 8, u8)                                                                              \
        X(short, 16, s16)                                                                                    \
        X(unsigned short, 16, u16)                                                                           \
        X(int, 32, s32)                                                                                      \
        X(unsigned int, 32, u32)                                                                             \
        X(long long, 64, s64)                                                                                \
        X(unsigned long long, 64, u64)

#define SHAPE_WIDTH_STRUCT(type, bits, name)                                                                 \
        struct shape_##name {                                                                                \
                SHAPE_WIDTHS_##bits(SHAPE_BIT, type, )                                                       \
        };                                                                                                   \
        struct __attribute__((packed)) shape_packed_##name {                                                 \
                SHAPE_WIDTHS_##bits(SHAPE_BIT, type, )                                                       \
        };
SHAPE_WIDTH_STRUCTS(SHAPE_WIDTH_STRUCT)

struct shape_flags {
        unsigned int low : 3;
        int middle : 5;
        _Bool ready : 1;
        enum shape_state state : 3;
        enum shape_negative negative : 11;
        unsigned int : 0;
        unsigned int after_zero : 2;
        unsigned int : 3;
        volatile shape_id after_gap : 4;
        char letter : 7;
        unsigned long long across : 33;
        unsigned int whole : 32;
        struct {
                unsigned int unnamed : 9;
        };
        union {
                unsigned int either : 13;
                int other : 17;
        };
        unsigned char last : 1;
};

struct __attribute__((packed)) shape_odd {
        unsigned int low : 3;
        int high : 18;
};

/* Whose loads must not leave the last element. */
struct shape_holder {
        char c;
        struct shape_flags flags[2];
        struct shape_odd odds[3];
};

#ifdef __SIZEOF_INT128__
struct shape_int128 {
        unsigned __int128 low : 3;
        __int128 middle : 50;
        unsigned __int128 wide : 70;
        __int128 high : 64;
        __int128 whole;
};
#endif

/* The lists. Those of one compiler for two ABIs must be the same, so that __int128 is in none. */

/* tag, name: what has a size */
#define SHAPES_TYPES(X)                                                                                      \
        X(struct, shape_empty)                                                                               \
        X(struct, shape_inner)                                                                               \
        X(union, shape_pipe)                                                                                 \
        X(struct, shape_scalars)                                                                             \
        X(struct, shape_unnamed)                                                                             \
        X(struct, shape_borrowed)                                                                            \
        X(struct, shape_packed)                                                                              \
        X(struct, shape_aligned)                                                                             \
        X(struct, shape_packed_aligned)                                                                      \
        X(struct, shape_partly_packed)                                                                       \
        X(struct, shape_arrays)                                                                              \
        X(struct, shape_pointers)                                                                            \
        X(struct, shape_hollow)                                                                              \
        X(union, shape_union)                                                                                \
        X(struct, shape_flexible)                                                                            \
        X(struct, shape_s8)                                                                                  \
        X(struct, shape_packed_s16)                                                                          \
        X(struct, shape_u32)                                                                                 \
        X(struct, shape_packed_u64)                                                                          \
        X(struct, shape_flags)                                                                               \
        X(struct, shape_odd)                                                                                 \
        X(struct, shape_holder)                                                                              \
        X(enum, shape_state)                                                                                 \
        X(enum, shape_negative)                                                                              \
        X(enum, shape_unsigned)                                                                              \
        X(enum, shape_wide)                                                                                  \
        X(enum, shape_wide_negative)                                                                         \
        X(enum, shape_byte)

/* tag, type, path: what has an offset, a size and a way to be read */
#define SHAPES_FIELDS(X)                                                                                     \
        X(struct, shape_scalars, flag)                                                                       \
        X(struct, shape_scalars, letter)                                                                     \
        X(struct, shape_scalars, small)                                                                      \
        X(struct, shape_scalars, byte)                                                                       \
        X(struct, shape_scalars, half)                                                                       \
        X(struct, shape_scalars, word)                                                                       \
        X(struct, shape_scalars, number)                                                                     \
        X(struct, shape_scalars, count)                                                                      \
        X(struct, shape_scalars, line)                                                                       \
        X(struct, shape_scalars, address)                                                                    \
        X(struct, shape_scalars, far)                                                                        \
        X(struct, shape_scalars, farther)                                                                    \
        X(struct, shape_scalars, single)                                                                     \
        X(struct, shape_scalars, twice)                                                                      \
        X(struct, shape_scalars, most)                                                                       \
        X(struct, shape_scalars, state)                                                                      \
        X(struct, shape_scalars, negative)                                                                   \
        X(struct, shape_scalars, positive)                                                                   \
        X(struct, shape_scalars, tiny)                                                                       \
        X(struct, shape_scalars, wide)                                                                       \
        X(struct, shape_scalars, deep)                                                                       \
        X(struct, shape_scalars, chain)                                                                      \
        X(struct, shape_unnamed, first)                                                                      \
        X(struct, shape_unnamed, word)                                                                       \
        X(struct, shape_unnamed, low)                                                                        \
        X(struct, shape_unnamed, tag)                                                                        \
        X(struct, shape_unnamed, deepest)                                                                    \
        X(struct, shape_unnamed, last)                                                                       \
        X(struct, shape_borrowed, b)                                                                         \
        X(struct, shape_borrowed, head_tail)                                                                 \
        X(struct, shape_borrowed, tail)                                                                      \
        X(struct, shape_borrowed, far)                                                                       \
        X(struct, shape_borrowed, after)                                                                     \
        X(struct, shape_packed, i)                                                                           \
        X(struct, shape_packed, ll)                                                                          \
        X(struct, shape_packed, in.b)                                                                        \
        X(struct, shape_packed, s)                                                                           \
        X(struct, shape_aligned, i)                                                                          \
        X(struct, shape_aligned, d)                                                                          \
        X(struct, shape_aligned, in.b)                                                                       \
        X(struct, shape_packed_aligned, i)                                                                   \
        X(struct, shape_packed_aligned, d)                                                                   \
        X(struct, shape_partly_packed, i)                                                                    \
        X(struct, shape_partly_packed, d)                                                                    \
        X(struct, shape_partly_packed, l)                                                                    \
        X(struct, shape_arrays, name)                                                                        \
        X(struct, shape_arrays, name[12])                                                                    \
        X(struct, shape_arrays, in[3])                                                                       \
        X(struct, shape_arrays, in[3].b)                                                                     \
        X(struct, shape_arrays, packed[2].in.b)                                                              \
        X(struct, shape_arrays, pointers[2])                                                                 \
        X(struct, shape_arrays, calls[1])                                                                    \
        X(struct, shape_arrays, none)                                                                        \
        X(struct, shape_arrays, fixed[4])                                                                    \
        X(struct, shape_arrays, aligned[1].in.b)                                                             \
        X(struct, shape_arrays, row[2])                                                                      \
        X(struct, shape_arrays, grid)                                                                        \
        X(struct, shape_pointers, in)                                                                        \
        X(struct, shape_pointers, later)                                                                     \
        X(struct, shape_pointers, either)                                                                    \
        X(struct, shape_pointers, opaque)                                                                    \
        X(struct, shape_pointers, callback)                                                                  \
        X(struct, shape_pointers, chooser)                                                                   \
        X(struct, shape_pointers, row)                                                                       \
        X(struct, shape_pointers, list)                                                                      \
        X(struct, shape_hollow, nothing)                                                                     \
        X(struct, shape_hollow, x)                                                                           \
        X(struct, shape_hollow, end)                                                                         \
        X(union, shape_union, l)                                                                             \
        X(union, shape_union, packed.in.b)                                                                   \
        X(struct, shape_flexible, items[2].in.b)                                                             \
        X(struct, shape_holder, flags[1])                                                                    \
        X(struct, shape_holder, odds[2])

/* type, path: an array of one dimension, or a pointer: what an index steps over */
#define SHAPES_ELEMENTS(X)                                                                                   \
        X(shape_arrays, name)                                                                                \
        X(shape_arrays, in)                                                                                  \
        X(shape_arrays, packed)                                                                              \
        X(shape_arrays, pointers)                                                                            \
        X(shape_arrays, calls)                                                                               \
        X(shape_arrays, fixed)                                                                               \
        X(shape_arrays, aligned)                                                                             \
        X(shape_arrays, row)                                                                                 \
        X(shape_arrays, pointers[1])                                                                         \
        X(shape_flexible, items)                                                                             \
        X(shape_pointers, next)                                                                              \
        X(shape_pointers, arrays)                                                                            \
        X(shape_pointers, text)                                                                              \
        X(shape_pointers, row)                                                                               \
        X(shape_pointers, list)

/* type, pointer in it, type that this leads to, path in that */
#define SHAPES_POINTER_PATHS(X)                                                                              \
        X(shape_pointers, next, shape_pointers, list)                                                        \
        X(shape_pointers, in, shape_inner, b)                                                                \
        X(shape_pointers, arrays, shape_arrays, in[2].b)                                                     \
        X(shape_pointers, borrowed, shape_borrowed, tail)                                                    \
        X(shape_arrays, pointers[1], shape_inner, b)

#define SHAPES_EACH_WIDTH(X, name, n) X(name, w##n, w##n)

/* type, path, path as part of an identifier */
#define SHAPES_BITFIELDS(X)                                                                                  \
        SHAPE_WIDTHS_8(SHAPES_EACH_WIDTH, X, shape_s8)                                                       \
        SHAPE_WIDTHS_8(SHAPES_EACH_WIDTH, X, shape_u8)                                                       \
        SHAPE_WIDTHS_16(SHAPES_EACH_WIDTH, X, shape_s16)                                                     \
        SHAPE_WIDTHS_16(SHAPES_EACH_WIDTH, X, shape_u16)                                                     \
        SHAPE_WIDTHS_32(SHAPES_EACH_WIDTH, X, shape_s32)                                                     \
        SHAPE_WIDTHS_32(SHAPES_EACH_WIDTH, X, shape_u32)                                                     \
        SHAPE_WIDTHS_64(SHAPES_EACH_WIDTH, X, shape_s64)                                                     \
        SHAPE_WIDTHS_64(SHAPES_EACH_WIDTH, X, shape_u64)                                                     \
        SHAPE_WIDTHS_8(SHAPES_EACH_WIDTH, X, shape_packed_s8)                                                \
        SHAPE_WIDTHS_8(SHAPES_EACH_WIDTH, X, shape_packed_u8)                                                \
        SHAPE_WIDTHS_16(SHAPES_EACH_WIDTH, X, shape_packed_s16)                                              \
        SHAPE_WIDTHS_16(SHAPES_EACH_WIDTH, X, shape_packed_u16)                                              \
        SHAPE_WIDTHS_32(SHAPES_EACH_WIDTH, X, shape_packed_s32)                                              \
        SHAPE_WIDTHS_32(SHAPES_EACH_WIDTH, X, shape_packed_u32)                                              \
        SHAPE_WIDTHS_64(SHAPES_EACH_WIDTH, X, shape_packed_s64)                                              \
        SHAPE_WIDTHS_64(SHAPES_EACH_WIDTH, X, shape_packed_u64)                                              \
        X(shape_unnamed, on, on)                                                                             \
        X(shape_unnamed, off, off)                                                                           \
        X(shape_unnamed, bits, bits)                                                                         \
        X(shape_flags, low, low)                                                                             \
        X(shape_flags, middle, middle)                                                                       \
        X(shape_flags, ready, ready)                                                                         \
        X(shape_flags, state, state)                                                                         \
        X(shape_flags, negative, negative)                                                                   \
        X(shape_flags, after_zero, after_zero)                                                               \
        X(shape_flags, after_gap, after_gap)                                                                 \
        X(shape_flags, letter, letter)                                                                       \
        X(shape_flags, across, across)                                                                       \
        X(shape_flags, whole, whole)                                                                         \
        X(shape_flags, unnamed, unnamed)                                                                     \
        X(shape_flags, either, either)                                                                       \
        X(shape_flags, other, other)                                                                         \
        X(shape_flags, last, last)                                                                           \
        X(shape_odd, low, low)                                                                               \
        X(shape_odd, high, high)                                                                             \
        X(shape_holder, flags[1].across, flags_across)                                                       \
        X(shape_holder, flags[1].last, flags_last)                                                           \
        X(shape_holder, odds[0].high, odds_0_high)                                                           \
        X(shape_holder, odds[2].high, odds_2_high)

/* The structs that these are in. */
#define SHAPES_BIT_STRUCTS(X)                                                                                \
        X(shape_s8)                                                                                          \
        X(shape_u8)                                                                                          \
        X(shape_s16)                                                                                         \
        X(shape_u16)                                                                                         \
        X(shape_s32)                                                                                         \
        X(shape_u32)                                                                                         \
        X(shape_s64)                                                                                         \
        X(shape_u64)                                                                                         \
        X(shape_packed_s8)                                                                                   \
        X(shape_packed_u8)                                                                                   \
        X(shape_packed_s16)                                                                                  \
        X(shape_packed_u16)                                                                                  \
        X(shape_packed_s32)                                                                                  \
        X(shape_packed_u32)                                                                                  \
        X(shape_packed_s64)                                                                                  \
        X(shape_packed_u64)                                                                                  \
        X(shape_unnamed)                                                                                     \
        X(shape_flags)                                                                                       \
        X(shape_odd)                                                                                         \
        X(shape_holder)

/* enum, enumerator */
#define SHAPES_ENUMERATORS(X)                                                                                \
        X(shape_state, SHAPE_IDLE)                                                                           \
        X(shape_state, SHAPE_DONE)                                                                           \
        X(shape_negative, SHAPE_MINUS_TWO)                                                                   \
        X(shape_negative, SHAPE_MINUS_ONE)                                                                   \
        X(shape_negative, SHAPE_THOUSAND)                                                                    \
        X(shape_unsigned, SHAPE_ONE)                                                                         \
        X(shape_unsigned, SHAPE_TOP_BIT)                                                                     \
        X(shape_unsigned, SHAPE_ALL_BITS)                                                                    \
        X(shape_wide, SHAPE_WIDE_THREE)                                                                      \
        X(shape_wide, SHAPE_WIDE_HIGH)                                                                       \
        X(shape_wide, SHAPE_WIDE_ALL)                                                                        \
        X(shape_wide_negative, SHAPE_LOW)                                                                    \
        X(shape_wide_negative, SHAPE_HIGH)                                                                   \
        X(shape_byte, SHAPE_BYTE)
