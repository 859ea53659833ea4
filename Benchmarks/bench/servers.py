"""Database servers and an S3 server in the scratch folder."""
import json
import os
import shutil
import subprocess

from scratch import IS_ROOT, USER, free_port, give, start, wait_for

PASSWORD = "bench-Secret-1"


def output(arguments, **more):
    """What a program prints."""
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr[-2000:]}")
    return done.stdout


class Server:
    """A MariaDB server of this machine, or the MySQL server below a folder."""

    def __init__(self, scratch, name, number, base=None):
        self.base = base
        self.number = number
        self.folder = scratch.make(name, owner=USER)
        self.data = f"{self.folder}/data"
        self.socket = f"{self.folder}/s"
        self.option_file = f"{self.data}/my.cnf"
        self.port = free_port()
        self.process = None

    def program(self, name, mariadb_name):
        if self.base:
            return f"{self.base}/bin/{name}"
        return shutil.which(mariadb_name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")

    @property
    def server(self):
        return self.program("mysqld", "mariadbd")

    @property
    def client(self):
        return [self.program("mysql", "mariadb"), "--no-defaults", "--user=root", f"--socket={self.socket}"]

    @property
    def mysqlbinlog(self):
        return [self.program("mysqlbinlog", "mariadb-binlog"), "--no-defaults"]

    @property
    def options(self):
        lines = [
            "[mysqld]", f"datadir={self.data}", f"port={self.port}", f"socket={self.socket}",
            f"pid-file={self.folder}/server.pid", f"log-error={self.folder}/error.log", f"tmpdir={self.folder}",
            "bind-address=127.0.0.1", f"server-id={self.number}", "log-bin=mysql-bin", "binlog-format=ROW",
            "innodb-buffer-pool-size=512M",
        ]
        if not self.base:
            return lines + [f"gtid-domain-id={self.number}", "log-slave-updates=ON", "innodb-log-file-size=256M"]
        lines += [
            "gtid-mode=ON", "enforce-gtid-consistency=ON", "mysqlx=0", "secure-file-priv=NULL",
            "innodb-redo-log-capacity=512M",
        ]
        return lines + self.paths

    @property
    def paths(self):
        """Options for a MySQL server that lies in a folder of its own."""
        if not os.path.isdir(f"{self.base}/usr/lib/mysql/plugin"):
            return []
        return [
            f"basedir={self.base}/usr", f"lc-messages-dir={self.base}/usr/share/mysql",
            f"plugin-dir={self.base}/usr/lib/mysql/plugin",
        ]

    def create(self):
        """Makes an empty data directory and its option file."""
        user = [f"--user={USER}"] if IS_ROOT else []
        if self.base:
            options = f"{self.folder}/new.cnf"
            with open(options, "w") as file:
                file.write("\n".join(["[mysqld]", "mysqlx=0", "secure-file-priv=NULL"] + self.paths) + "\n")
            output([self.server, f"--defaults-file={options}", "--initialize-insecure", f"--datadir={self.data}",
                    *user])
        else:
            output(["mariadb-install-db", "--no-defaults", f"--datadir={self.data}", "--skip-test-db",
                    "--auth-root-authentication-method=normal", "--skip-name-resolve", "--force"] + user)
        self.write_options()

    def write_options(self):
        with open(self.option_file, "w") as file:
            file.write("\n".join(self.options) + "\n")
        give(self.option_file)

    def start(self, *options, data=None, option_file=None):
        """Starts the server and waits until it answers."""
        arguments = [self.server, f"--defaults-file={option_file or self.option_file}",
                     f"--datadir={data or self.data}", f"--socket={self.socket}"]
        arguments += [f"--user={USER}"] if IS_ROOT else []
        self.process = start(arguments + list(options), f"{self.folder}/start.log")
        wait_for(f"the server in {self.folder}", self.answers, 300)

    def answers(self):
        if self.process.poll() is not None:
            with open(f"{self.folder}/error.log") as log:
                raise RuntimeError(f"the server in {self.folder} ended: {log.read()[-2000:]}")
        return subprocess.run(self.client + ["-e", "select 1"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def stop(self, kill=False):
        if self.process:
            self.process.kill() if kill else self.process.terminate()
            self.process.wait(600)
            self.process = None

    def query(self, *statements):
        """Runs statements and returns the lines of their results, tabs between the columns."""
        text = output(self.client + ["-N", "-B", "-e", ";".join(statements)])
        return text.rstrip("\n").split("\n") if text else []

    def processor(self):
        """Processor seconds that the server has used. (proc(5), /proc/PID/stat, utime and stime.)"""
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def sequence(self):
        """How far MariaDB has come in the GTID domain of the first server."""
        text = ",".join(self.query("select concat_ws(',', @@global.gtid_binlog_pos, @@global.gtid_slave_pos)"))
        return max([int(gtid.split("-")[2]) for gtid in text.split(",") if gtid.startswith("1-")], default=0)

    def checksums(self):
        """The checksum of every table that the benchmark made."""
        tables = self.query("select concat(table_schema, '.', table_name) from information_schema.tables where"
                            " table_schema in ('bench', 'logged') order by 1")
        return self.query("checksum table " + ", ".join(tables))

    def binlogs(self):
        return [line.split("\t") for line in self.query("show binary logs")]

    def binlog_bytes(self):
        return sum(int(row[1]) for row in self.binlogs())

    def sysbench(self, test, database, *arguments):
        output(["sysbench", test, "--db-driver=mysql", f"--mysql-socket={self.socket}", "--mysql-user=root",
                f"--mysql-db={database}", *arguments])

    def fill(self, database, size, tables=4):
        """Makes tables of a size in bytes, about."""
        self.rows = max(1000, size // tables // 235)
        self.query(f"create database {database}")
        self.sysbench("oltp_write_only", database, f"--tables={tables}", f"--table-size={self.rows}",
                      f"--threads={tables}", "prepare")

    def write(self, database, size, tables=4, test="oltp_write_only"):
        """Writes transactions of sysbench's, until the binary logs have grown by so many bytes, about."""
        begun = self.binlog_bytes()
        rows = self.query(f"select max(id) from {database}.sbtest1")[0]
        events, done = 2000, 0
        while (grown := self.binlog_bytes() - begun) < size * 0.95:
            if done:
                events = max(500, int((size - grown) * done / grown))
            done += events
            self.sysbench(test, database, f"--tables={tables}", f"--table-size={rows}", "--threads=8", "--time=0",
                          f"--events={events}", "run")


class SeaweedFS:
    bucket = "bench"

    def __init__(self, scratch):
        self.folder = scratch.make("s3/data")
        folder = os.path.dirname(self.folder)
        self.port = free_port()
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", "AWS_ACCESS_KEY_ID": "bench",
            "AWS_SECRET_ACCESS_KEY": PASSWORD, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
        }
        account = {"accessKey": "bench", "secretKey": PASSWORD}
        with open(f"{folder}/s3.json", "w") as file:
            json.dump({"identities": [{"name": "bench", "actions": ["Admin", "Read", "Write", "List", "Tagging"],
                                       "credentials": [account]}]}, file)
        arguments = ["weed", "server", f"-dir={self.folder}", "-ip=127.0.0.1", "-s3", f"-s3.config={folder}/s3.json",
                     f"-s3.port={self.port}", "-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false",
                     "-volume.max=200", "-master.volumeSizeLimitMB=1024", f"-filer.localSocket={folder}/filer.sock",
                     f"-s3.localSocket={folder}/s3.sock"]
        arguments += [f"-{name}.port={free_port()}" for name in ("master", "volume", "filer")]
        arguments += [f"-{name}.port.grpc={free_port()}" for name in ("master", "volume", "filer", "s3")]
        self.process = start(arguments, f"{folder}/log")
        wait_for("SeaweedFS", self.answers)

    def answers(self):
        """Whether the bucket takes objects, for which there must be volumes too."""
        line = f"aws s3 mb s3://{self.bucket}; echo | aws s3 cp - s3://{self.bucket}/ready"
        return subprocess.run(["bash", "-c", line], env=self.environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode == 0

    def clear(self):
        """Removes all objects, and gives their space back."""
        output(["aws", "s3", "rm", "--quiet", "--recursive", f"s3://{self.bucket}/"], env=self.environment)
