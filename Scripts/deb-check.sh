#!/bin/bash
# Tries a Debian package of dorsal out: installs it with apt in a clean, minimal Debian of its own, runs it, looks for
# what removing it leaves behind, and makes backups with it as the documentation tells (deb-check-backup.sh). As root;
# it takes some minutes and about a gigabyte below TMPDIR.
#
# usage: Scripts/deb-check.sh PACKAGE
#
# The Debian is this machine's release, from the archives that apt has here.
set -euo pipefail
umask 022

if [ $# -ne 1 ] || [ ! -f "$1" ]; then
    echo "usage: $0 PACKAGE" >&2
    echo "hint: make deb makes the package; keep one only in its folder" >&2
    exit 64
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "$0: only root can make a Debian to try the package out in" >&2
    exit 1
fi
package=$(readlink -f "$1")
repository=$(dirname "$(dirname "$(readlink -f "$0")")")
"$repository/Scripts/install-dependencies.sh" deb-check
# shellcheck source=Scripts/deb-check-backup.sh
. "$repository/Scripts/deb-check-backup.sh"

# The archives of Debian here, without those of others: repository, codename and component.
mapfile -t archives < <(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' | sort -u)
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=
for archive in "${archives[@]}"; do
    if [[ $archive == *" $codename main" ]]; then mirror=${archive%% *}; fi
done
if [ -z "$mirror" ]; then
    echo "$0: apt has no archive of Debian '$codename' here" >&2
    echo "hint: apt-get update" >&2
    exit 1
fi

work=$(mktemp -d)
root=$work/root
finish() {
    local status=$?
    trap - EXIT
    stop_machine
    # Not one file is removed while something else is mounted there.
    if mountpoint -q "$root/proc"; then umount "$root/proc"; fi
    if mountpoint -q "$root/proc"; then exit 1; fi
    rm -rf --one-file-system "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

inside() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+http_proxy="$http_proxy"} "$@"
}
# Runs a command whose output matters only when it fails.
quietly() {
    if ! "$@" >"$work/log" 2>&1; then
        tail -n 40 "$work/log" >&2
        fail "failed: $*"
    fi
}
say() { echo "* $*"; }
fail() {
    echo "error: $*" >&2
    exit 1
}

say "making a minimal Debian $codename from $mirror"
quietly debootstrap --variant=minbase "$codename" "$root" "$mirror"
mount -t proc proc "$root/proc"
for archive in "${archives[@]}"; do
    [[ $archive != *" "*" "*" "* ]] && echo "deb $archive"
done >"$root/etc/apt/sources.list"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
quietly inside apt-get -q -o Acquire::Retries=3 update
# To ask for manual pages.
quietly inside apt-get -q -y --no-install-recommends install man-db
find "$root" -xdev | sort >"$work/before"

say "installing $(basename "$package")"
cp "$package" "$root/tmp/dorsal.deb"
quietly inside apt-get -q -y --no-install-recommends install /tmp/dorsal.deb
inside dpkg --verify dorsal
if [ -e "$root/opt/swift" ] || inside sh -c 'ldd /usr/bin/dorsal' | grep -E 'not found|libswift'; then
    fail "dorsal needs libraries that are not there"
fi
wanted=$(dpkg-deb -f "$package" Version)
version=$(inside dorsal --version)
[ "$(tr - '~' <<<"${version#dorsal }")-1" = "$wanted" ] || fail "'$version' is not the package's $wanted"
say "$version runs"
inside dorsal --help | grep -q 'SUBCOMMANDS' || fail "dorsal --help tells no commands"
# Without a configuration it says so, with the exit code for that: more of it runs than for its version.
status=0
inside dorsal list >/dev/null 2>&1 || status=$?
[ "$status" -eq 64 ] || fail "dorsal list without a configuration ended with $status, not 64"
inside man -w dorsal >/dev/null || fail "there is no manual page"
inside man -w dorsal-backup >/dev/null || fail "there is no manual page of dorsal backup"
for file in share/bash-completion/completions/dorsal share/zsh/vendor-completions/_dorsal \
    share/fish/vendor_completions.d/dorsal.fish lib/systemd/system/dorsal-backup@.service \
    share/dorsal/dorsal-alerts.yaml; do
    [ -s "$root/usr/$file" ] || fail "there is no /usr/$file"
done
[ -z "$(find "$root/etc/systemd" -name '*dorsal*' 2>/dev/null)" ] || fail "a unit was enabled"

# A timer that somebody enabled must not outlive the program.
mkdir -p "$root/etc/systemd/system/timers.target.wants"
ln -s /usr/lib/systemd/system/dorsal-backup@.timer \
    "$root/etc/systemd/system/timers.target.wants/dorsal-backup@orders.timer"
say "purging it"
quietly inside apt-get -q -y purge dorsal
rm "$root/tmp/dorsal.deb"
left=$(find "$root" -xdev -iname '*dorsal*' -not -path "$root/var/log/*")
[ -z "$left" ] || fail "left behind: $left"
quietly inside apt-get -q -y --purge autoremove
inside apt-get -q clean
find "$root" -xdev | sort >"$work/after"
# What apt and dpkg themselves keep of any package, and what was made here.
left=$(comm -13 "$work/before" "$work/after" |
    grep -vE "^$root/(var/(lib/(dpkg|apt|systemd)|cache|log)(/|$)|etc/systemd(/|$)|etc/ld.so.cache|tmp)" || true)
[ -z "$left" ] || fail "left behind: $left"
say "nothing is left of it"

walk
