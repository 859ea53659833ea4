"""Packing and unpacking alone, without a server."""
import os
import shutil

from measure import cost, run
from scratch import folder_size

PACK = "packing: tar, gzip --fast"
UNPACK = "unpacking: tar xzf"


def packing(report, scratch, data, settings):
    """Packs a folder and unpacks it again, in turns."""
    bench = Packing(report, scratch.path("packing"), data)
    for number in range(settings["runs"]):
        works = [bench.old, lambda: bench.new("gzip"), lambda: bench.new("zstd")]
        for work in works if number % 2 == 0 else reversed(works):
            os.makedirs(f"{bench.folder}/out")
            work()
            shutil.rmtree(bench.folder)


class Packing:
    def __init__(self, report, folder, data):
        self.report = report
        self.folder = folder
        self.data = data
        self.bytes = folder_size(data)
        self.program = os.path.join(os.path.dirname(os.environ["DORSAL"]), "PackingBenchmark")

    def old(self):
        package = f"{self.folder}/old.tgz"
        self.report.add(PACK, cost("pack", f"tar -C {self.data} -cf - . | gzip --fast > {package}"), self.bytes)
        self.report.add(UNPACK, cost("unpack", ["tar", "-C", f"{self.folder}/out", "-xzf", package]), self.bytes)

    def new(self, kind):
        package = f"{self.folder}/{kind}"
        spent, _ = run("pack", [self.program, "pack", self.data, package, kind])
        self.report.add(f"packing: dorsal, {kind}", spent, self.bytes, PACK)
        spent, _ = run("unpack", [self.program, "unpack", package, f"{self.folder}/new"])
        self.report.add(f"unpacking: dorsal, {kind}", spent, self.bytes, UNPACK)
