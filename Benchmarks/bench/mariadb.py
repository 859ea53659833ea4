"""Backup and restore on MariaDB, old and new in turns on the same servers."""
import functools
import os
import shutil

from old import OldBackup, OldRestore
from ours import Dorsal
from scratch import alternating, folder_size, give, wait_for
from servers import PASSWORD, SeaweedFS, Server

OLD_BACKUP = "backup: mysqlbackup.py's steps"
OLD_LOCAL = "backup to a folder: mysqlbackup.py's steps"
OLD_RESTORE = "restore: mysqlbackup.py's steps"
PACKAGES = ["tar.gz", "tar.zst", "stream"]


class MariaDBBench:
    def __init__(self, report, scratch, settings):
        self.report = report
        self.scratch = scratch
        self.settings = settings
        self.server = Server(scratch, "mariadb", 1)
        self.peer = None

    def prepare(self, with_peer):
        """Makes the tables, and the binary logs of some of them."""
        print("filling tables on MariaDB", flush=True)
        server, settings = self.server, self.settings
        server.create()
        # What sysbench fills a table with takes about four fifths of the table's size in the binary log.
        logged = min(int(max(0, settings["binlogs"] - settings["replay"]) * 1.2), settings["size"] * 3 // 4)
        server.start("--skip-log-bin")
        server.fill("bench", settings["size"] - logged)
        server.query(f"create user repl@'%' identified by '{PASSWORD}'",
                     "grant replication slave, slave monitor on *.* to repl@'%'",
                     "delete from mysql.global_priv where User = ''", "flush privileges")
        server.stop()
        server.start()
        server.fill("logged", max(logged, 1 << 20))
        # Whole files, as servers have them.
        server.query("flush binary logs")
        if with_peer:
            self.make_peer()
        self.s3 = SeaweedFS(self.scratch)
        self.dorsal = Dorsal(os.environ["DORSAL"], self.scratch, server, self.s3, self.peer)

    def make_peer(self):
        """A replica, from a copy of the stopped server's data."""
        server = self.server
        reached = server.query("select @@global.gtid_binlog_pos")[0]
        server.stop()
        peer = self.peer = Server(self.scratch, "peer", 2)
        shutil.copytree(server.data, peer.data, ignore=shutil.ignore_patterns("mysql-bin.*"))
        peer.write_options()
        give(peer.folder)
        server.start()
        peer.start()
        peer.query(f"set global gtid_slave_pos = '{reached}'",
                   f"change master 'source-1' to master_host='127.0.0.1', master_port={server.port},"
                   f" master_user='repl', master_password='{PASSWORD}', master_use_gtid=slave_pos",
                   "start slave 'source-1'")

    def bytes(self):
        """What a backup has to copy."""
        return folder_size(self.server.data, but=("ib_logfile", "ibtmp"))

    def backups(self):
        """Backups of a server at rest to a folder and to S3, and to a folder alone."""
        works = [self.old_backup] + [functools.partial(self.new_backup, package) for package in PACKAGES]
        works.append(functools.partial(self.new_backup, "stream", remote=False))
        for run in range(self.settings["runs"]):
            for work in alternating(run, works):
                work()
                self.s3.clear()
                shutil.rmtree(self.scratch.path("backups"), ignore_errors=True)

    def old_backup(self):
        backup = OldBackup(self.server, self.s3, self.scratch.path("backups/old"), "old")
        spent = backup.run()
        self.report.add(OLD_BACKUP, spent, self.bytes())
        # Step after step, so that the same run tells what it takes without the last but one.
        self.report.add(OLD_LOCAL, spent.without("aws s3 cp"), self.bytes())

    def new_backup(self, package, remote=True):
        spent, _, _ = self.dorsal.backup(self.dorsal.configuration("bench", package, remote=remote))
        name, reference = ("backup", OLD_BACKUP) if remote else ("backup to a folder", OLD_LOCAL)
        self.report.add(f"{name}: dorsal, {package}", spent, self.bytes(), reference)

    def lose(self):
        """Makes an old and a new backup of the same moment, with writes between data and binary logs and after, and
        loses the server."""
        print("making the backups to restore", flush=True)
        server, dorsal = self.server, self.dorsal
        self.old = OldBackup(server, self.s3, self.scratch.path("backups/old"), "old")
        self.old.copy()

        def write(_pid):
            server.write("bench", self.settings["replay"])
            self.old.binlogs()

        dorsal.backup(dorsal.configuration("bench"), paused=write)
        self.old.store()
        os.remove(self.old.package)
        server.write("logged", self.settings["replay"] // 20)
        self.final_sums = server.checksums()
        if self.peer:
            wanted = server.sequence()
            wait_for("the peer", lambda: self.peer.sequence() >= wanted, 3600)
        self.bytes_lost = self.bytes()
        server.stop(kill=True)

    def check(self, data, option_file, sums, what):
        """Fails when a restored server holds anything else."""
        self.server.start("--skip-networking", "--skip-slave-start", data=data, option_file=option_file)
        found = self.server.checksums()
        self.server.stop()
        if found != sums:
            raise RuntimeError(f"{what}: the checksums of the tables differ: {found} instead of {sums}")

    def restores(self):
        """From S3 alone to a data directory that has caught up with the peer."""
        for run in range(self.settings["runs"]):
            for work in alternating(run, [self.old_restore, self.new_restore]):
                work()

    def old_restore(self):
        folder = self.scratch.make("old-restore")
        restore = OldRestore(self.old, self.server, self.peer, folder)
        spent = restore.run()
        self.check(restore.data, self.server.option_file, self.final_sums, "the old restore")
        shutil.rmtree(folder)
        self.report.add(OLD_RESTORE, spent, self.bytes_lost)

    def new_restore(self):
        target = self.scratch.path("restored")
        configuration = self.dorsal.configuration("bench", local=False)
        spent, summary, _ = self.dorsal.restore(configuration, target)
        self.check(target, summary["option_file"], self.final_sums, "dorsal's restore")
        shutil.rmtree(target)
        self.report.add("restore: dorsal", spent, self.bytes_lost, OLD_RESTORE)

    def end(self):
        for server in (self.server, self.peer):
            if server:
                server.stop()
        self.s3.process.terminate()
        self.s3.process.wait(60)

    def remove(self):
        """Makes room."""
        for name in ("mariadb", "peer", "backups", "s3"):
            shutil.rmtree(self.scratch.path(name), ignore_errors=True)
