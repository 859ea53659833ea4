#!/bin/bash
# Prints the folder of the MySQL server to try out and test with, and fetches that server when it is not there yet.
#
# DORSAL_MYSQL_BASE names a folder that holds one; else it is kept in a cache outside the repository.
set -euo pipefail
# The server runs as another user when we are root, and must reach its own files.
umask 022

here=$(dirname "$(readlink -f "$0")")
if [ -n "${DORSAL_MYSQL_BASE:-}" ]; then
    base=$DORSAL_MYSQL_BASE
elif [ "$(id -u)" -eq 0 ]; then
    base=/var/cache/dorsal/mysql-9.7
else
    base=${XDG_CACHE_HOME:-$HOME/.cache}/dorsal/mysql-9.7
fi

if [ ! -x "$base/bin/mysqld" ] && [ ! -x "$base/sbin/mysqld" ]; then
    "$here/fetch-mysql.sh" "$base" >&2
fi
echo "$base"
