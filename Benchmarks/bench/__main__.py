"""Measures Dorsal against what mysqlbackup.py does; see ../bench.sh, which sets everything up."""
import argparse
import os
import re
import shutil
import subprocess
import sys

from mariadb import MariaDBBench
from packing import packing
from replay import replays
from report import Report
from scratch import Scratch, interruptible

PARTS = ["backup", "replay", "restore", "packing", "transfer"]
HERE = os.path.dirname(os.path.abspath(__file__))


def size(name, default):
    """A size from the environment: bytes, or a number and K, M or G."""
    text = os.environ.get(name, default)
    match = re.fullmatch(r"(\d+)([KMG]?)", text)
    if not match:
        sys.exit(f"{name} is a size such as 512M or 2G, not '{text}'")
    return int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30}[match[2]]


def parts():
    wanted = os.environ.get("BENCH_ONLY", ",".join(PARTS)).split(",")
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        sys.exit(f"BENCH_ONLY names some of {', '.join(PARTS)}, not '{unknown[0]}'")
    return wanted


def check_space(settings, folder):
    # Tables on the instance, its peer and two restored ones, copies of the old backup's, packages here and in S3.
    needed = int(settings["size"] * 6 + settings["binlogs"] * 6 + settings["replay"] * 12)
    free = shutil.disk_usage(folder).free
    if free < needed:
        sys.exit(f"{folder} has {free >> 20} MiB free, about {needed >> 20} are needed: set TMPDIR or BENCH_SIZE")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--mysql-base", required=True)
    base = arguments.parse_args().mysql_base
    settings = {"size": size("BENCH_SIZE", "2G"), "binlogs": size("BENCH_BINLOGS", "1G"),
                "replay": size("BENCH_REPLAY", "128M"), "runs": int(os.environ.get("BENCH_RUNS", "3"))}
    wanted = parts()
    interruptible()
    report, scratch = Report(settings), Scratch()
    try:
        check_space(settings, scratch.folder)
        if set(wanted) & {"backup", "restore", "packing"}:
            bench = MariaDBBench(report, scratch, settings)
            bench.prepare(with_peer="restore" in wanted)
            if "backup" in wanted:
                bench.backups()
            if "restore" in wanted:
                bench.lose()
                bench.restores()
            bench.end()
            if "packing" in wanted:
                packing(report, scratch, bench.server.data, settings)
            bench.remove()
        if "replay" in wanted:
            replays(report, scratch, settings, base)
    finally:
        scratch.close()
        if report.rows:
            print("\n" + "\n".join(report.lines()))
            print("\n" + report.write(os.path.join(HERE, "..", "results")))
    if "transfer" in wanted:
        program = os.path.join(os.path.dirname(os.environ["DORSAL"]), "TransferBenchmark")
        subprocess.run([os.path.join(HERE, "..", "transfer.sh"), str(settings["size"] >> 20), str(settings["runs"])],
                       env=os.environ | {"TRANSFER_BENCHMARK": program}, check=True)


main()
