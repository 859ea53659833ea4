#!/bin/bash
# Measures uploads to and downloads from SeaweedFS on this machine, by Dorsal and by `aws s3 cp`, in turns.
#
# Downloads go to nowhere: writing a file would take more time than all else.
#
# usage: Benchmarks/transfer.sh [MEBIBYTES [ROUNDS]]
#
# Needs the `aws` program in PATH. Prints a table in Markdown: seconds, seconds of CPU time, and the peak of memory of each run.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

mebibytes=${1:-2048}
rounds=${2:-3}
program=${TRANSFER_BENCHMARK:-}
if [ -z "$program" ]; then
    swift build -c release --product TransferBenchmark >&2
    program=$(swift build -c release --show-bin-path)/TransferBenchmark
fi
weed=${DORSAL_S3_SERVERS:-$(Scripts/fetch-s3-servers.sh)}/weed

folder=$(mktemp -d /tmp/dorsal-transfer-XXXXXX)
server=
finish() {
    if [ -n "$server" ]; then kill -9 "$server" 2>/dev/null && wait "$server" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

port=$((12000 + RANDOM % 8000))
export AWS_ENDPOINT_URL=http://127.0.0.1:$port AWS_ACCESS_KEY_ID=transfer AWS_SECRET_ACCESS_KEY=benchmark
export AWS_DEFAULT_REGION=us-east-1 AWS_EC2_METADATA_DISABLED=true
cat >"$folder/s3.json" <<END
{"identities": [{"name": "transfer", "actions": ["Admin", "Read", "Write", "List"],
"credentials": [{"accessKey": "transfer", "secretKey": "benchmark"}]}]}
END
mkdir "$folder/data"
"$weed" server -dir="$folder/data" -ip=127.0.0.1 -s3 -s3.config="$folder/s3.json" -s3.port=$port \
    -s3.port.grpc=$((port + 1)) -s3.port.iceberg=0 -s3.port.lance=0 -master.port=$((port + 2)) \
    -master.port.grpc=$((port + 3)) -volume.port=$((port + 4)) -volume.port.grpc=$((port + 5)) \
    -filer.port=$((port + 6)) -filer.port.grpc=$((port + 7)) -master.telemetry=false -volume.max=200 \
    -master.volumeSizeLimitMB=1024 -filer.localSocket="$folder/filer.sock" -s3.localSocket="$folder/s3.sock" \
    >"$folder/log" 2>&1 &
server=$!
for ((i = 0; ; i++)); do
    if aws s3 mb s3://bucket >/dev/null 2>&1 && echo | aws s3 cp - s3://bucket/ready >/dev/null 2>&1; then break; fi
    if ((i > 60)); then
        cat "$folder/log" >&2
        exit 1
    fi
    sleep 1
done

# What neither compresses nor repeats.
openssl enc -aes-128-ctr -K 00112233445566778899aabbccddeeff -iv 0 -in /dev/zero 2>/dev/null |
    head -c "${mebibytes}M" >"$folder/file" || true

# Prints the same of a run of aws as the program prints of its own.
aws_run() {
    /usr/bin/env python3 - "$@" <<'END'
import resource, subprocess, sys, time
begun = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
seconds = time.monotonic() - begun
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{seconds:.2f} {usage.ru_utime + usage.ru_stime:.2f} {usage.ru_maxrss // 1024}")
END
}

"$program" upload "$folder/file" bucket check >/dev/null
"$program" download bucket check "$folder/copy" >/dev/null
cmp "$folder/file" "$folder/copy"
rm "$folder/copy"
aws s3 rm --quiet s3://bucket/check

echo "| round | direction | dorsal s | CPU s | MiB | aws s | CPU s | MiB |"
echo "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
upload() { "$program" upload "$folder/file" bucket "dorsal-$1"; }
download() { "$program" download bucket "dorsal-$1" /dev/null; }
aws_upload() { aws_run aws s3 cp --quiet "$folder/file" "s3://bucket/aws-$1"; }
aws_download() { aws_run aws s3 cp --quiet "s3://bucket/aws-$1" -; }

for ((round = 1; round <= rounds; round++)); do
    for direction in upload download; do
        # Whoever comes second finds a warmer server, so they take turns in that as well.
        if ((round % 2)); then
            ours=$($direction $round)
            theirs=$(aws_$direction $round)
        else
            theirs=$(aws_$direction $round)
            ours=$($direction $round)
        fi
        echo "| $round | $direction | ${ours// / | } | ${theirs// / | } |"
    done
    aws s3 rm --quiet "s3://bucket/dorsal-$round"
    aws s3 rm --quiet "s3://bucket/aws-$round"
done
