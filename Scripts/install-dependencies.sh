#!/bin/bash
# Installs what Dorsal needs to be built, tried out and tested on Debian: only what is missing, and without ever
# starting, upgrading or removing a database server of yours.
#
# usage: Scripts/install-dependencies.sh [build|deb|deb-check|all]
#
# With nothing missing it does nothing, in no time. It becomes root through sudo when it has to.
set -euo pipefail
umask 022

# The libraries that Package.swift names, what fetches the Swift packages, and what writes the manual pages.
packages=(libmariadb-dev libarchive-dev libisal-dev libzstd-dev pkg-config git ca-certificates make python3)
deb=(dpkg-dev binutils)
case ${1:-all} in
build) ;;
# To make a Debian package, and to try it out.
deb) packages+=("${deb[@]}") ;;
deb-check) packages=(debootstrap procps) ;;
# To try it out and to test it: a server, its backup tool, a load generator; S3 servers come by python3-venv, their
# certificates from openssl. The others read what is installed along with the program: promtool (prometheus) the alert
# rules, systemd its units, the shells their completions, man and mandoc the manual pages.
all)
    packages+=(mariadb-server mariadb-backup sysbench python3-venv openssl zstd)
    packages+=("${deb[@]}" prometheus systemd zsh fish man-db mandoc)
    ;;
*)
    echo "usage: $0 [build|deb|deb-check|all]" >&2
    exit 64
    ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "this is not Debian; make sure that these are installed: ${packages[*]}" >&2
    exit 0
fi

missing=()
installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "${packages[@]}" 2>/dev/null || true)"
for package in "${packages[@]}"; do
    case $installed in
    *" installed:$package "*) ;;
    *) missing+=("$package") ;;
    esac
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "missing: ${missing[*]}" >&2
        echo "run as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    echo "installing through sudo: ${missing[*]}"
    exec sudo -- "$(readlink -f "$0")" "${1:-all}"
fi

export DEBIAN_FRONTEND=noninteractive
options=(-q -y --no-install-recommends --no-remove -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300)

apt-get -q -o Acquire::Retries=3 update || echo "warning: not every package list could be read; going on" >&2

# A server that is installed stays as it is: replacing its packages would restart it.
plan=$(apt-get "${options[@]}" --simulate install "${missing[@]}")
touched=$(sed -nE 's/^Inst ((mariadb|mysql|percona)[^ ]*server[^ ]*) \[.*/\1/p' <<<"$plan" | sort -u | tr '\n' ' ')
if [ -n "$touched" ]; then
    echo "installing ${missing[*]} would upgrade a database server on this machine: $touched" >&2
    echo "when it may be restarted, run: apt-get install ${missing[*]}" >&2
    exit 1
fi

# The packages of servers would start them, MariaDB's on port 3306. While we install, services are not started; a policy
# that this machine has already is left alone. (Debian policy, "invoke-rc.d".)
policy=/usr/sbin/policy-rc.d
mark="# Put here by Dorsal's installation of packages for a moment; it may be removed."
if [ -f "$policy" ] && grep -qxF "$mark" "$policy"; then
    # Left over by a run that was killed.
    rm -f "$policy"
fi
if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
    chmod 755 "$policy"
fi

echo "installing ${missing[*]}"
apt-get "${options[@]}" install "${missing[@]}"

# Nor are they to start at the next boot: nobody asked for a server.
for service in mariadb prometheus; do
    case " ${missing[*]} " in
    *" $service "* | *" $service-server "*)
        if command -v systemctl >/dev/null; then
            systemctl --quiet disable "$service.service" 2>/dev/null || true
            echo "$service is installed, but not started nor enabled (systemctl enable --now $service would do both)"
        fi
        ;;
    esac
done
