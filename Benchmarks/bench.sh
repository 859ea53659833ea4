#!/bin/bash
# Measures Dorsal against what mysqlbackup.py does, on real servers and SeaweedFS of its own. See Benchmarks/README.md.
#
# usage: Benchmarks/bench.sh
#
# BENCH_SIZE=2G and BENCH_BINLOGS=1G are the sizes of tables and binary logs, BENCH_REPLAY=128M is how far the binary
# logs go past the data, BENCH_RUNS=3 is how often everything is done, BENCH_ONLY=backup,replay,restore,packing,transfer
# picks. DORSAL names a program to measure in place of one that is built. TMPDIR is where everything is put.
set -euo pipefail
umask 022
cd "$(dirname "$(readlink -f "$0")")/.."

Scripts/install-dependencies.sh
if [ -z "${DORSAL:-}" ]; then
    Scripts/check-swift.sh
    swift build -c release --product dorsal --static-swift-stdlib >&2
    DORSAL=$PWD/.build/release/dorsal
fi
case ",${BENCH_ONLY:-backup,replay,restore,packing,transfer}," in
*,packing,* | *,transfer,*)
    swift build -c release --product PackingBenchmark >&2
    swift build -c release --product TransferBenchmark >&2
    ;;
esac
mysql=$(Scripts/mysql-base.sh)
python=${DORSAL_S3_SERVERS:-$(Scripts/fetch-s3-servers.sh)}
if ! PATH=$PATH:$python command -v aws >/dev/null; then
    echo "installing the AWS command line into $python" >&2
    "$python/python" -m pip install --quiet --disable-pip-version-check awscli >&2
fi
export DORSAL PATH=$PATH:$python
exec python3 -B Benchmarks/bench --mysql-base "$mysql"
