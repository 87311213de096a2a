#!/bin/sh
# Starts btfd on a private socket, asks it about task_struct as a tracer would, and stops it.
# Usage: demo.sh BTFD BTFCTL
#
# BTFD_DEMO_BTF_DIR names another directory than /sys/kernel/btf to look for the kernel's BTF in; one without
# a vmlinux shows what the demo does on a kernel that has no BTF.
set -eu

btfd=$1
btfctl=$2
here=$(dirname "$0")
kernel=${BTFD_DEMO_BTF_DIR:-/sys/kernel/btf}

tmp=$(mktemp -d)
daemon=
finish() {
        status=$?
        trap - EXIT
        if [ -n "$daemon" ]; then
                kill "$daemon" 2>/dev/null || true
                wait "$daemon" || status=$?
        fi
        rm -rf "$tmp"
        [ $status -eq 0 ] || echo "demo: failed" >&2
        exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

# ask VERB [ARGUMENT]...: shows the command as one would type it, then runs it.
ask() {
        printf '$ btfctl'
        for word; do
                case $word in
                *[!A-Za-z0-9_.-]*) printf " '%s'" "$word" ;;
                *) printf ' %s' "$word" ;;
                esac
        done
        echo
        "$btfctl" --socket="$tmp/btfd.sock" "$@"
        echo
}

if [ -r "$kernel/vmlinux" ]; then
        echo "The types of the running kernel, $(uname -r), from $kernel:"
else
        echo "This kernel has no BTF ($kernel/vmlinux is not there), so here are the types of a sample in C,"
        echo "tests/demo/sample.c. The offsets are the sample's, not those of this kernel:"
        kernel=$tmp/btf
        mkdir "$kernel"
        gcc -gbtf -c -o "$tmp/sample.o" "$here/sample.c"
        objcopy --dump-section .BTF="$kernel/vmlinux" "$tmp/sample.o" "$tmp/sample-copy.o"
fi
echo

"$btfd" --listen="$tmp/btfd.sock" --btf-dir="$kernel" --log-level=warning &
daemon=$!

# It is ready in a few hundredths of a second; ten seconds are for a machine that does other things.
tries=0
until "$btfctl" --socket="$tmp/btfd.sock" info >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -eq 100 ] || ! kill -0 "$daemon" 2>/dev/null; then
                echo "demo: btfd does not answer" >&2
                exit 1
        fi
        sleep 0.1
done

ask info
ask show 'struct list_head'

echo "Where is it? An arrow is a pointer to follow; the last number is where the value lies. Then its type"
echo "and its size in bytes:"
echo
ask offset task_struct pid
ask offset task_struct comm
ask offset task_struct 'mm->owner->comm'
ask offset task_struct se.avg.util_avg
ask offset task_struct 'files->fdt->fd[3]->f_inode'

echo "A bit field comes with the recipe to load it:"
echo
ask offset task_struct in_execve
