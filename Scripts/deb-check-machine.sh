#!/bin/bash
# Becomes the first process of a Debian in a folder, as of a machine of its own: with its own processes, mounts, network
# (loopback only) and name. It ends, with everything in it, when this process does.
#
# usage: unshare --mount --pid --net --ipc --uts --cgroup --fork \
#     Scripts/deb-check-machine.sh ROOT PROGRAM [ARGUMENT ...]
set -euo pipefail
umask 022

root=$1
shift
# Nothing that is mounted here is seen outside.
mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount -t proc proc proc
# The kernel is not this machine's alone: its settings are not to be changed.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
for device in null zero full random urandom tty; do cp -a "/dev/$device" dev; done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
# Only systemd wants it.
mount -t cgroup2 cgroup2 sys/fs/cgroup || true

mkdir -p .outside
pivot_root . .outside
cd /
umount --lazy /.outside
rmdir /.outside
# systemd hands credentials to a service by a mount that the service is to see.
mount --make-rshared /
hostname=$(cat /etc/hostname)
# Through what was mounted read-only above it cannot be set.
unshare --mount sh -c "mount -t proc proc /proc && echo '$hostname' >/proc/sys/kernel/hostname"
ip link set lo up
# container: what a systemd is told that is not the whole machine's.
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"
