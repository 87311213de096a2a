/*
 * A kernel in miniature, for the demo on machines whose kernel carries no BTF. Compiled with -gbtf only for
 * the types: nothing here is ever run. The names are Linux's, so that the demo asks the same questions; the
 * layouts are our own and not those of any kernel.
 */

struct list_head {
        struct list_head *next, *prev;
};

struct inode {
        unsigned long i_ino;
};

struct file {
        struct inode *f_inode;
        unsigned int f_flags;
};

struct fdtable {
        unsigned int max_fds;
        struct file **fd;
};

struct files_struct {
        int count;
        struct fdtable *fdt;
};

struct mm_struct {
        unsigned long total_vm;
        struct task_struct *owner;
};

struct sched_avg {
        unsigned long load_avg;
        unsigned long util_avg;
};

struct sched_entity {
        unsigned long vruntime;
        struct sched_avg avg;
};

struct task_struct {
        unsigned int state;
        struct sched_entity se;
        struct list_head tasks;
        struct mm_struct *mm;
        int pid;
        unsigned int in_execve : 1;
        unsigned int in_iowait : 1;
        char comm[16];
        struct files_struct *files;
};

/* A type without an object leaves no trace in the debug information. */
struct task_struct init_task;
