"""Replay on MySQL, Dorsal's way and through a client."""
import os
import shutil
import subprocess

from mariadb import alternating
from measure import Cost
from old import pipe_binlogs
from ours import Dorsal, durability
from scratch import give
from servers import Server

OLD = "replay, MySQL: mysqlbinlog, mysql"


class MySQLBench:
    def __init__(self, report, scratch, settings, base):
        self.report = report
        self.scratch = scratch
        self.settings = settings
        self.server = Server(scratch, "mysql", 3, base)
        # A local repository is enough here.
        self.dorsal = Dorsal(os.environ["DORSAL"], scratch, self.server, None)

    def run(self):
        self.prepare()
        options = []
        for run in range(self.settings["runs"]):
            works = [self.new, self.old]
            for work in works if not options else alternating(run, works):
                options = work(options) or options
        for name in ("mysql", "base", "backups"):
            shutil.rmtree(self.scratch.path(name), ignore_errors=True)

    def prepare(self):
        """Makes tables and a backup that lacks what its binary logs hold."""
        print("filling tables on MySQL", flush=True)
        server = self.server
        server.create()
        server.start("--skip-log-bin")
        server.fill("bench", self.settings["size"] // 4)
        server.stop()
        server.start()

        def write(_pid):
            server.write("bench", self.settings["replay"])
            self.bytes = server.binlog_bytes()
            self.sums = server.checksums()

        _, summary, _ = self.dorsal.backup(self.dorsal.configuration("mysql"), paused=write)
        server.stop()
        self.base = self.scratch.make("base")
        subprocess.run(["tar", "-C", self.base, "-xzf", summary["package"]["local"]], check=True)

    def check(self, data, option_file, what):
        self.server.start("--skip-networking", "--skip-replica-start", data=data, option_file=option_file)
        found = self.server.checksums()
        self.server.stop()
        if found != self.sums:
            raise RuntimeError(f"{what}: the checksums of the tables differ: {found} instead of {self.sums}")

    def new(self, _options):
        target = self.scratch.path("restored")
        spent, summary, watch = self.dorsal.restore(self.dorsal.configuration("mysql"), target, "--no-catch-up")
        self.check(target, summary["option_file"], "dorsal's replay")
        shutil.rmtree(target)
        seconds = summary["seconds"]["replay"]
        self.report.add("replay, MySQL: dorsal", Cost(seconds, 0, spent.peak, spent.steps), self.bytes, OLD)
        return durability(watch)

    def old(self, options):
        target = self.scratch.path("restored")
        shutil.copytree(f"{self.base}/data", target)
        give(target)
        self.server.start("--skip-log-bin", "--skip-networking", "--skip-replica-start", *options, data=target,
                          option_file=self.server.option_file)
        held = "".join(self.server.query("select replace(@@global.gtid_executed, '\\n', '')"))
        selection = [f"--exclude-gtids={held}"] if held else []
        spent = pipe_binlogs(self.server, f"{self.base}/binlog", selection)
        self.server.stop()
        self.check(target, self.server.option_file, "the old replay")
        shutil.rmtree(target)
        self.report.add(OLD, Cost(spent.seconds, 0, 0, spent.steps), self.bytes)
