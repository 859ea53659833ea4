"""mysqlbackup.py's steps, as its users run them: each after the other, through files and pipes of clients."""
import glob
import os
import shlex
import time

from measure import NOTHING, Cost, cost
from scratch import give, wait_for
from servers import PASSWORD

TEMPORARY_ID = 100_000_009


def timed(step, work):
    """The cost of work in this process; of its processor time nothing is told."""
    begun = time.monotonic()
    work()
    seconds = time.monotonic() - begun
    return Cost(seconds, 0, 0, {step: round(seconds, 3)})


class OldBackup:
    def __init__(self, server, s3, folder, key):
        self.server = server
        self.s3 = s3
        self.folder = folder
        self.package = f"{folder}.tgz"
        self.key = f"s3://{s3.bucket}/{key}.tgz"

    def copy(self):
        os.makedirs(self.folder)
        server = self.server
        spent = cost("mariabackup", ["mariabackup", f"--defaults-file={server.option_file}", "--backup", "--user=root",
                                     f"--socket={server.socket}", "--slave-info", f"--target-dir={self.folder}/data"])
        return spent + cost("prepare", ["mariabackup", "--prepare", f"--target-dir={self.folder}/data"])

    def binlogs(self):
        os.makedirs(f"{self.folder}/binlog")
        first = self.server.binlogs()[0][0]
        return cost("mysqlbinlog --raw", self.server.mysqlbinlog + [
            "--user=root", f"--socket={self.server.socket}", "--raw", "--read-from-remote-server", "--to-last-log",
            f"--result-file={self.folder}/binlog/", first])

    def store(self):
        folder, package = shlex.quote(self.folder), shlex.quote(self.package)
        spent = cost("copy my.cnf", f"cp {shlex.quote(self.server.option_file)} {folder}/my.cnf")
        spent += cost("tar | gzip --fast", f"tar -C {folder} -cf - . | gzip --fast > {package}")
        spent += cost("sha1sum", f"sha1sum {package} > {package}.sha1")
        with open(f"{self.package}.sha1") as file:
            self.sha1 = file.read().split()[0]
        spent += cost("aws s3 cp", ["aws", "s3", "cp", "--quiet", self.package, self.key, "--metadata",
                                    f"sha1={self.sha1}"], env=self.s3.environment)
        return spent + cost("remove", ["rm", "-rf", self.folder])

    def run(self):
        return self.copy() + self.binlogs() + self.store()


def position(data):
    """Where a copy by mariabackup stands: file, position, GTIDs."""
    with open(f"{data}/xtrabackup_binlog_info") as file:
        return file.read().rstrip("\n").split("\t")


def pipe_binlogs(server, folder, selection, first=""):
    """mysqlbinlog | mysql, into a server that runs; the cost is the clients' alone.

    first: the binary log to begin with.
    """
    files = [file for file in sorted(glob.glob(f"{folder}/mysql-bin.[0-9]*")) if os.path.basename(file) >= first]
    reader = shlex.join(server.mysqlbinlog + selection + files)
    return cost("mysqlbinlog | mysql", f"{reader} | {shlex.join(server.client + ['--binary-mode'])}")


class OldRestore:
    """From S3 to a data directory that has caught up with a peer."""

    def __init__(self, backup, server, peer, folder):
        self.backup = backup
        self.server = server
        self.peer = peer
        self.folder = folder
        self.data = f"{folder}/restored"

    def fetch(self):
        backup, package = self.backup, f"{self.folder}/package.tgz"
        os.makedirs(f"{self.folder}/unpacked")
        spent = cost("aws s3 cp", ["aws", "s3", "cp", "--quiet", backup.key, package], env=backup.s3.environment)
        spent += cost("sha1sum", f"echo '{backup.sha1}  {package}' | sha1sum --check")
        return spent + cost("tar xzf", ["tar", "-C", f"{self.folder}/unpacked", "-xzf", package])

    def place(self):
        copied = cost("copy-back", ["mariabackup", "--copy-back", f"--target-dir={self.folder}/unpacked/data",
                                    f"--datadir={self.data}"])
        return copied + timed("chown", lambda: give(self.data))

    def start(self, *options):
        self.server.start("--skip-networking", "--skip-slave-start", "--read-only=1", *options, data=self.data,
                          option_file=f"{self.folder}/unpacked/my.cnf")

    def stop(self):
        used = self.server.processor()
        return timed("stop", self.server.stop) + Cost(0, used)

    def replay(self):
        file, offset, self.gtid = position(f"{self.folder}/unpacked/data")
        spent = timed("start", lambda: self.start("--skip-log-bin"))
        spent += pipe_binlogs(self.server, f"{self.folder}/unpacked/binlog", [f"--start-position={offset}"], file)
        spent += self.stop()
        binlogs, index = f"{self.folder}/unpacked/binlog", f"{self.data}/mysql-bin.index"
        spent += cost("copy binlogs back", f"cp {shlex.quote(binlogs)}/* {shlex.quote(self.data)}/")
        with open(index, "w") as lines:
            lines.writelines(f"./{name}\n" for name in sorted(os.listdir(binlogs)))
        return spent + timed("chown", lambda: give(self.data))

    def catch_up(self):
        spent = timed("start", lambda: self.start(f"--server-id={TEMPORARY_ID}"))

        def follow():
            self.server.query(
                "set global gtid_slave_pos = @@global.gtid_binlog_pos",
                f"change master 'source-2' to master_host='127.0.0.1', master_port={self.peer.port},"
                f" master_user='repl', master_password='{PASSWORD}', master_use_gtid=slave_pos",
                "start slave 'source-2'")
            wanted = self.peer.sequence()
            wait_for("the old catch-up", lambda: self.server.sequence() >= wanted, 3600)
            self.server.query("stop slave 'source-2'")

        return spent + timed("catch up", follow) + self.stop()

    def run(self):
        return NOTHING + self.fetch() + self.place() + self.replay() + self.catch_up()
