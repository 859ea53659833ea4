#!/bin/bash
# Unpacks a MySQL server from Debian sid into a folder of its own, beside the system and never into it.
#
# usage: Scripts/fetch-mysql.sh FOLDER
#
# Afterwards FOLDER/bin/ holds mysqld, mysql, mysqlbinlog and mysqladmin: wrappers that run each program with the
# C library it came with. Running the script again is harmless: what is there stays.
set -euo pipefail
# A server of another user must reach what is unpacked here.
umask 022

if [ $# -ne 1 ] || [ -z "$1" ]; then
    echo "usage: $0 FOLDER" >&2
    exit 64
fi
mkdir -p "$1"
root=$(cd "$1" && pwd)
arch=$(dpkg --print-architecture)

case $arch in
amd64) loader=ld-linux-x86-64.so.2 triplet=x86_64-linux-gnu ;;
arm64) loader=ld-linux-aarch64.so.1 triplet=aarch64-linux-gnu ;;
*)
    echo "$0: no recipe for the architecture $arch" >&2
    exit 1
    ;;
esac

# Downloads the packages down to the C library, with a state of apt's own, and unpacks them into the folder.
unpack() {
    local work state options
    work=$(mktemp -d)
    # The work folder's name is expanded now, on purpose: the variable is local.
    # shellcheck disable=SC2064
    trap "rm -rf '$work'" EXIT
    chmod 755 "$work"
    state=$work/apt
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    # An empty status file: apt then takes every package down to libc, instead of counting on the system's own.
    : >"$state/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian sid main" \
        >"$state/sources.list"
    options=(
        -qq
        -o "Dir::Etc::sourcelist=$state/sources.list"
        -o Dir::Etc::sourceparts=/dev/null
        -o Dir::Etc::preferences=/dev/null
        -o Dir::Etc::preferencesparts=/dev/null
        -o "Dir::State::Lists=$state/lists"
        -o "Dir::State::status=$state/status"
        -o "Dir::Cache=$state/cache"
        -o APT::Install-Recommends=false
        -o APT::Sandbox::User=
        -o Acquire::Retries=3
        # Signatures are checked as ever; a mirror that lags behind is good enough for a server to test with.
        -o Acquire::Check-Valid-Until=false
    )
    echo "reading Debian sid's package list"
    apt-get "${options[@]}" update
    echo "downloading the server, the client and their libraries"
    apt-get "${options[@]}" -y --download-only -t sid install mysql-server-core mysql-client-core >/dev/null
    echo "unpacking $(find "$state/cache/archives" -name '*.deb' | wc -l) packages into $root"
    # Into a neighbour first and from there by one rename, so that a run cut short never looks complete. Everything
    # that is needed lies under usr.
    rm -rf "$root.partial"
    mkdir "$root.partial"
    local package
    for package in "$state"/cache/archives/*.deb; do
        dpkg -x "$package" "$root.partial"
    done
    rm -rf "${root:?}/usr"
    mv "$root.partial/usr" "$root/usr"
    rm -rf "$root.partial"
}

# Writes bin/NAME, which runs the given program of the folder with the folder's own loader and libraries.
wrap() {
    local name=$1 program=$2
    mkdir -p "$root/bin"
    cat >"$root/bin/$name.new" <<WRAPPER
#!/bin/sh
exec "$root/usr/lib/$triplet/$loader" --library-path "$root/usr/lib/$triplet" "$root/$program" "\$@"
WRAPPER
    chmod 755 "$root/bin/$name.new"
    mv -f "$root/bin/$name.new" "$root/bin/$name"
}

if [ -x "$root/usr/sbin/mysqld" ]; then
    echo "$root already holds a server"
else
    unpack
fi
wrap mysqld usr/sbin/mysqld
wrap mysql usr/bin/mysql
wrap mysqlbinlog usr/bin/mysqlbinlog
wrap mysqladmin usr/bin/mysqladmin

"$root/bin/mysqld" --no-defaults --version
