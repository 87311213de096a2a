/*
 * Types of our own in every shape that C has, compiled to BTF with `gcc -gbtf`: the seed of fuzz_btf, and
 * what fuzz_rpc asks about. To make corpus/btf/types.btf anew:
 *
 *   gcc -gbtf -x c -c -o types.o - < types.c && objcopy --dump-section .BTF=corpus/btf/types.btf types.o
 *
 * (from standard input, as gcc writes the source's path into the strings).
 */
typedef unsigned int u32;
typedef int (*compare_fn)(const void *a, const void *b, ...);

enum color {
        RED,
        GREEN = -2,
        BLUE = 7,
};

struct list {
        struct list *next, *prev;
};

struct undefined;

struct bits {
        u32 a : 3;
        u32 b : 7;
        int c : 12;
        unsigned long long d : 40;
        enum color color : 4;
        _Bool flag : 1;
} __attribute__((packed));

union any {
        long number;
        void *pointer;
        char text[16];
};

typedef struct {
        int counter;
} counter_t;

struct task {
        struct list list;
        volatile long state;
        struct {
                u32 id;
                union {
                        u32 x;
                        float f;
                };
        };
        const char *const name;
        struct task *parent;
        struct bits bits[2];
        int matrix[2][3];
        union any any;
        compare_fn compare;
        int *(*table[4])(struct task *restrict self, u32);
        counter_t count;
        struct undefined *opaque;
        double ratio;
        char tail[];
};

struct task first_task;
enum color favourite;

int run(struct task *task, compare_fn compare)
{
        return compare(task, task->parent, 0);
}
