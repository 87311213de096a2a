#!/bin/sh
# Prints all figures of tests/bench in one run; README.md says what each row means.
# Usage: run.sh BTFD BTFCTL DIRECTORY_OF_THE_BENCH_PROGRAMS
set -eu

btfd=$1
btfctl=$2
programs=$3

kernel_btf=/sys/kernel/btf
n_exec=21    # starts of a whole program
n_parse=15   # runs of parse and index
n_set=11     # loads of vmlinux with all modules
n_rounds=3   # of the load figures
n_requests=100000
n_methods=500 # questions of each kind
n_light=20000 # light questions beside heavy ones

PATH=$PATH:/usr/sbin:/sbin # bpftool
if ! [ -r $kernel_btf/vmlinux ]; then
        echo "bench: $kernel_btf/vmlinux is not there: this kernel has no BTF to measure with" >&2
        exit 1
fi

tmp=$(mktemp -d)
daemon=
finish() {
        if [ -n "$daemon" ]; then
                kill "$daemon" 2>/dev/null || true
                wait "$daemon" 2>/dev/null || true
        fi
        rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM
mkdir "$tmp/btf"
cat $kernel_btf/vmlinux >"$tmp/btf/vmlinux"

left_out() {
        echo "  (left out: $1; apt install $2)"
}

# parse_row LABEL FILE FIELD: median, minimum and maximum of a column of nanoseconds, in milliseconds.
parse_row() {
        sort -n -k "$3,$3" "$2" | awk -v label="$1" -v field="$3" '
                { value[NR] = $field / 1e6 }
                END { printf "  %-46s %9.2f %9.2f %9.2f", label, value[int(NR / 2) + 1], value[1], value[NR] }'
}

# parse_median FILE FIELD
parse_median() {
        sort -n -k "$2,$2" "$1" | awk -v field="$2" '{ value[NR] = $field } END { print value[int(NR / 2) + 1] }'
}

# parse_rows TITLE DIRECTORY N_PROCESSES N_RUNS_IN_EACH: ours and libbpf's in turn, then the rows.
parse_rows() {
        : >"$tmp/ours"
        : >"$tmp/libbpf"
        i=0
        while [ $i -lt "$3" ]; do
                "$programs/bench_parse" "$2" "$4" >>"$tmp/ours"
                [ -z "$libbpf" ] || "$libbpf" "$2" "$4" >>"$tmp/libbpf"
                i=$((i + 1))
        done
        parse_row "$1: btfd, all" "$tmp/ours" 1
        awk '{ if ($6 > peak) peak = $6; if ($7 > own) own = $7 } END { printf " %8d %8d\n", peak, own }' "$tmp/ours"
        parse_row "    open, map or read" "$tmp/ours" 2 && echo
        parse_row "    parse" "$tmp/ours" 3 && echo
        parse_row "    validate" "$tmp/ours" 4 && echo
        parse_row "    index" "$tmp/ours" 5 && echo
        [ -n "$libbpf" ] || return 0
        parse_row "$1: libbpf, all" "$tmp/libbpf" 1
        awk '{ if ($4 > peak) peak = $4; if ($5 > own) own = $5 } END { printf " %8d %8d\n", peak, own }' "$tmp/libbpf"
        parse_row "    read and parse" "$tmp/libbpf" 2 && echo
        parse_row "    hash" "$tmp/libbpf" 3 && echo
        echo "$(parse_median "$tmp/libbpf" 1) $(parse_median "$tmp/ours" 1)" |
                awk '{ printf "  libbpf / btfd %42.2f\n", $1 / $2 }'
}

# set_row LABEL FIELD: median, minimum and maximum of a column of nanoseconds.
set_row() {
        parse_row "$1" "$tmp/ours" "$2" && echo
}

# set_rows KERNEL: vmlinux with all its modules, ours and libbpf's in turn.
set_rows() {
        : >"$tmp/ours"
        : >"$tmp/libbpf"
        i=0
        while [ $i -lt $n_set ]; do
                "$programs/bench_set" "$BTFD_CORPUS/$1" >>"$tmp/ours"
                [ -z "$libbpf" ] || "$libbpf" "$BTFD_CORPUS/$1" modules >>"$tmp/libbpf"
                i=$((i + 1))
        done
        awk -v kernel="$1" 'NR == 1 { printf "  %s: %d modules, %d types, %d bytes\n", kernel, $7, $8, $9 }' "$tmp/ours"
        set_row "    btfd, all" 1
        set_row "        vmlinux" 2
        set_row "        modules: read" 3
        set_row "        modules: parse, validate, index" 4
        set_row "        index over all modules" 6
        set_row "    (of these two: compare what shares a name)" 5
        sort -n -k 11,11 "$tmp/ours" | awk '
                { alone[NR] = $10; all[NR] = $11; n = $7; types = $8; bytes = $9 }
                END { i = int(NR / 2) + 1; extra = (all[i] - alone[i]) * 1024 - bytes
                      printf "    btfd: private memory, KiB %30d\n", all[i]
                      printf "        beyond the bytes: for a type, bytes %16.1f\n", extra / types
                      printf "        beyond the bytes: for a source, bytes %14.0f\n", extra / n }'
        [ -n "$libbpf" ] || return 0
        parse_row "    libbpf, all (parse and hash)" "$tmp/libbpf" 1 && echo
        sort -n -k 3,3 "$tmp/libbpf" | awk '{ all[NR] = $3 }
                END { printf "    libbpf: private memory, KiB %28d\n", all[int(NR / 2) + 1] }'
        echo "$(parse_median "$tmp/libbpf" 1) $(parse_median "$tmp/ours" 1)" |
                awk '{ printf "    libbpf / btfd %40.2f\n", $1 / $2 }'
}

echo "$(date -u +%Y-%m-%d), $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) CPUs," \
        "Linux $(uname -r), load $(cut -d ' ' -f 1 /proc/loadavg)"
echo "BTF of $(wc -c <"$tmp/btf/vmlinux") bytes"

echo
printf '%-48s %9s %9s %9s\n' "a. start to first answer, ms (N=$n_exec)" median min max
"$programs/bench_start" $n_exec "$btfd" "$tmp/start.sock" "$tmp/btf"

libbpf=$programs/bench_libbpf
[ -x "$libbpf" ] || libbpf=
echo
printf '%-48s %9s %9s %9s %8s %8s\n' "b. parse and index, ms (N=$n_parse)" median min max 'peak KiB' 'own KiB'
[ -n "$libbpf" ] || left_out "built without libbpf" libbpf-dev
parse_rows "fresh process, /sys/kernel/btf" $kernel_btf $n_parse 1
parse_rows "fresh process, ordinary file" "$tmp/btf" $n_parse 1
parse_rows "one process again and again, file" "$tmp/btf" 3 $((n_parse / 3))
# The heap is taken once and kept, so that what the page faults of this machine cost falls away.
GLIBC_TUNABLES=glibc.malloc.mmap_threshold=1073741824:glibc.malloc.trim_threshold=1073741824
export GLIBC_TUNABLES
parse_rows "the same, heap kept" "$tmp/btf" 3 $((n_parse / 3))
unset GLIBC_TUNABLES

echo
printf '%-48s %9s %9s %9s\n' "c. vmlinux and all modules, ms (N=$n_set)" median min max
if [ -n "${BTFD_CORPUS:-}" ]; then
        for kernel in debian-6.1-cloud-amd64 debian-7.2-cloud-amd64; do
                if [ -r "$BTFD_CORPUS/$kernel/vmlinux" ]; then
                        set_rows $kernel
                else
                        echo "  (left out: \$BTFD_CORPUS holds no $kernel)"
                fi
        done
else
        echo "  (left out: BTFD_CORPUS names no folder of kernels)"
fi

echo
printf '%-48s %9s %9s %9s %8s\n' "d. one question from a shell, ms (N=$n_exec)" median min max 'x btfctl'
"$btfd" --listen="$tmp/exec.sock" --log-level=error &
daemon=$!
tries=0
until "$btfctl" --socket="$tmp/exec.sock" info >"$tmp/info" 2>&1; do
        tries=$((tries + 1))
        if [ $tries -eq 100 ] || ! kill -0 "$daemon" 2>/dev/null; then
                cat "$tmp/info" >&2
                exit 1
        fi
        sleep 0.1
done
set -- -- "btfctl offset task_struct 'mm->owner->comm'" \
        "$btfctl" --socket="$tmp/exec.sock" offset task_struct 'mm->owner->comm' \
        -- "btfctl --version (exec and link)" "$btfctl" --version
if command -v pahole >/dev/null; then
        set -- "$@" -- "pahole -C task_struct" pahole -C task_struct
else
        left_out "no pahole" dwarves
fi
if command -v bpftool >/dev/null; then
        set -- "$@" -- "bpftool btf dump file .../vmlinux format raw" \
                bpftool btf dump file $kernel_btf/vmlinux format raw
else
        left_out "no bpftool" bpftool
fi
"$programs/bench_exec" $n_exec "$@"
kill "$daemon"
wait "$daemon"
daemon=

echo
printf '%-48s %10s %9s %9s %9s %8s\n' "e. field.offset over the socket ($n_rounds x $n_requests)" \
        'requests/s' 'p50 us' 'p99 us' 'CPU us' 'x btfd'
"$programs/bench_load" $n_rounds $n_requests "$tmp/load.sock" "$btfd" "$programs/bench_echo"

echo
printf '%-48s %10s %9s %9s\n' "f. beside heavy questions, us (N=$n_light)" p50 p99 max
"$programs/bench_heavy" $n_light "$tmp/heavy.sock" "$btfd"

# method_rows TITLE DIRECTORY
method_rows() {
        echo "  $1"
        "$programs/bench_methods" "$2" $n_methods "$tmp/methods.sock" "$btfd"
}

echo
printf '%-50s %8s %8s %8s %8s %8s %7s\n' "g. one question of each kind, us (N=$n_methods)" 'own' 'inside' 'p99' 'socket' \
        'p99' 'bytes'
method_rows "vmlinux of this kernel" $kernel_btf
if [ -n "${BTFD_CORPUS:-}" ] && [ -r "$BTFD_CORPUS/debian-7.2-cloud-amd64/vmlinux" ]; then
        method_rows "debian-7.2-cloud-amd64 with all modules" "$BTFD_CORPUS/debian-7.2-cloud-amd64"
fi
