#!/bin/sh
# Runs a command in a root as if the root were a machine of its own: mounts, processes, IPC, name and
# network are its own, with /proc, a small /dev, /run and a loopback that is up. When the command or
# this script ends, every process in it is killed, and its mounts are gone.
# usage: enter_root.sh [--network] [--read-only] ROOT [--bind SOURCE TARGET].. COMMAND [ARG..]
#        enter_root.sh --boot ROOT [--bind SOURCE TARGET]..
# --network: the network of this machine. --bind: SOURCE is seen, read-only, at TARGET of the root.
# --read-only: the root cannot be written; /run and /tmp can.
# --boot: the root's systemd is its process 1. The control group we are in becomes the top of its hierarchy.
set -eu
if [ "${1:-}" != --inside ]; then
    own_network=--net
    [ "${1:-}" != --network ] || own_network=
    # shellcheck disable=SC2086 # one option or none
    exec unshare --mount --propagation private --pid --fork --kill-child --uts --ipc --cgroup $own_network \
        -- sh "$0" --inside "$@"
fi
shift
if [ "$1" = --network ]; then
    shift
else
    ip link set lo up
fi
boot=no
if [ "$1" = --boot ]; then
    boot=yes
    shift
fi
read_only=no
if [ "$1" = --read-only ]; then
    read_only=yes
    shift
fi
root=$1
shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
if [ $boot = yes ]; then
    mount -t sysfs -o ro sysfs "$root/sys"
    mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
    mount -t tmpfs tmp "$root/tmp"
else
    mount --rbind -o ro /sys "$root/sys" 2>/dev/null || true
fi
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=755 dev "$root/dev"
for node in null zero full random urandom tty; do
    : >"$root/dev/$node"
    # Read-only keeps the machine's own node from a chmod; what is written still arrives.
    mount --bind "/dev/$node" "$root/dev/$node"
    mount -o remount,bind,ro "$root/dev/$node"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
while [ "${1:-}" = --bind ]; do
    [ -e "$root/$3" ] || mkdir -p "$root/$3"
    mount --bind "$2" "$root/$3"
    mount -o remount,bind,ro "$root/$3"
    shift 3
done
if [ $read_only = yes ]; then
    mount -t tmpfs tmp "$root/tmp"
    mount -o remount,bind,ro "$root"
fi
hostname purpose-host
cd "$root"
pivot_root . mnt
cd /
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
if [ $boot = yes ]; then
    # shellcheck disable=SC2016 # it is for the inner shell
    exec /usr/sbin/chroot . /bin/sh -c 'umount -l /mnt
        exec env -i container=thimble PATH="$PATH" /lib/systemd/systemd --system --show-status=0 </dev/null'
fi
# Not exec: the command must not be the process 1, which inherits orphans and ignores signals.
exec /usr/sbin/chroot . /bin/sh -c 'umount -l /mnt; "$@"; exit $?' sh "$@"
