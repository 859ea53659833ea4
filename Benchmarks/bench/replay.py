"""Replay, Dorsal's way and through a client: the same binary logs into the same data."""
import os
import shutil
import subprocess

from measure import Cost
from old import pipe_binlogs, position, timed
from ours import Dorsal, durability
from scratch import alternating, give
from servers import Server

# What writes the binary logs (sysbench's test), and what it is called in the table.
LOADS = {
    "mariadb": [("oltp_write_only", "four changes each"), ("oltp_update_index", "one change each")],
    "mysql": [("oltp_write_only", "four changes each")],
}
FLAVORS = {"mariadb": "MariaDB", "mysql": "MySQL"}


class ReplayBench:
    """A small server with a backup whose binary logs go far past its data."""

    def __init__(self, report, scratch, settings, flavor, load, base=None):
        self.report = report
        self.scratch = scratch
        self.settings = settings
        self.test, described = load
        self.name = f"{FLAVORS[flavor]}, {described}"
        self.is_mariadb = flavor == "mariadb"
        self.quiet = ["--skip-networking", "--skip-slave-start" if self.is_mariadb else "--skip-replica-start"]
        self.server = Server(scratch, flavor, 3, base)
        # A local repository is enough here.
        self.dorsal = Dorsal(os.environ["DORSAL"], scratch, self.server, None)

    @property
    def old_name(self):
        return f"replay, {self.name}: mysqlbinlog, mysql"

    def run(self):
        self.prepare()
        options = []
        for run in range(self.settings["runs"]):
            # Dorsal first: which options its server has is seen then.
            works = [self.new, self.old]
            for work in works if not options else alternating(run, works):
                options = work(options) or options
        for name in ("mariadb", "mysql", "base", "backups"):
            shutil.rmtree(self.scratch.path(name), ignore_errors=True)

    def prepare(self):
        """Makes tables and a backup that lacks what its binary logs hold."""
        print(f"filling tables for {self.name}", flush=True)
        server = self.server
        server.create()
        server.start("--skip-log-bin")
        server.fill("bench", self.settings["size"] // 4)
        server.stop()
        server.start()
        begun = server.binlog_bytes()

        def write(_pid):
            server.write("bench", self.settings["replay"], test=self.test)
            self.bytes = server.binlog_bytes() - begun
            self.sums = server.checksums()

        _, summary, _ = self.dorsal.backup(self.dorsal.configuration("replay"), paused=write)
        server.stop()
        self.base = self.scratch.make("base")
        subprocess.run(["tar", "-C", self.base, "-xzf", summary["package"]["local"]], check=True)
        if self.is_mariadb:
            subprocess.run(["mariabackup", "--prepare", f"--target-dir={self.base}/data"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def check(self, data, option_file, what):
        """Fails when a server that has replayed holds anything else."""
        self.server.start(*self.quiet, data=data, option_file=option_file)
        found = self.server.checksums()
        self.server.stop()
        if found != self.sums:
            raise RuntimeError(f"{what}: the checksums of the tables differ: {found} instead of {self.sums}")

    def new(self, _options):
        target = self.scratch.path("restored")
        spent, summary, watch = self.dorsal.restore(self.dorsal.configuration("replay"), target, "--no-catch-up")
        self.check(target, summary["option_file"], "dorsal's replay")
        shutil.rmtree(target)
        seconds = summary["seconds"]["replay"]
        self.report.add(f"replay, {self.name}: dorsal", Cost(seconds, 0, spent.peak, spent.steps), self.bytes,
                        self.old_name)
        return durability(watch)

    def old(self, options):
        """From the start of a server to its end, as Dorsal's stage is: what it holds in memory is on the disk then."""
        target = self.scratch.path("restored")
        shutil.copytree(f"{self.base}/data", target)
        give(target)
        spent = timed("start", lambda: self.server.start(
            "--skip-log-bin", *self.quiet, *options, data=target, option_file=self.server.option_file))
        spent += pipe_binlogs(self.server, f"{self.base}/binlog", *self.selection(target))
        spent += timed("stop", self.server.stop)
        self.check(target, self.server.option_file, "the old replay")
        shutil.rmtree(target)
        self.report.add(self.old_name, Cost(spent.seconds, 0, 0, spent.steps), self.bytes)

    def selection(self, data):
        """What tells mysqlbinlog where the data stands, and the binary log to begin with."""
        if self.is_mariadb:
            file, offset, _ = position(data)
            return [f"--start-position={offset}"], file
        held = "".join(self.server.query("select replace(@@global.gtid_executed, '\\n', '')"))
        return ([f"--exclude-gtids={held}"] if held else []), ""


def replays(report, scratch, settings, mysql_base):
    for flavor, loads in LOADS.items():
        for load in loads:
            ReplayBench(report, scratch, settings, flavor, load, mysql_base if flavor == "mysql" else None).run()
