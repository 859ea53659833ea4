"""Runs of dorsal."""
import json
import os

from measure import run
from scratch import USER, give
from servers import PASSWORD


def environment():
    """The environment but for what is a setting of the program."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DORSAL")}


class Dorsal:
    def __init__(self, program, scratch, server, s3, peer=None):
        self.program = program
        self.scratch = scratch
        self.server = server
        self.s3 = s3
        self.peer = peer
        self.folder = scratch.make(f"dorsal-{server.number}")
        for name in ("s3", "peer"):
            self.secret(name)

    def secret(self, name):
        with open(os.open(f"{self.folder}/{name}.secret", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(PASSWORD)

    def configuration(self, name, package="tar.gz", local=True, remote=True):
        """Writes a configuration and returns its path."""
        server = self.server
        instance = {
            "name": name, "id": server.number, "port": server.port, "data": server.data, "my_cnf": server.option_file,
            "socket": server.socket, "user": "root", "os_user": USER,
        }
        if server.base:
            instance["base"] = server.base
        lines = ["instance:"] + [f"  {key}: {value}" for key, value in instance.items()] + ["repository:"]
        if local:
            lines.append(f"  local: {self.scratch.path('backups')}")
        if self.s3 and remote:
            lines += [
                "  s3:", f"    endpoint: http://127.0.0.1:{self.s3.port}", f"    bucket: {self.s3.bucket}",
                "    access_key: bench", f"    secret_key_file: {self.folder}/s3.secret",
            ]
        lines += ["backup:", f"  package: {package}", f"  keep_local: {'true' if local else 'false'}"]
        if not local:
            lines.append(f"  staging: {self.scratch.make('staging')}")
        if self.peer:
            lines += [
                "replication:", "  user: repl", f"  password_file: {self.folder}/peer.secret", "  sources:",
                f"    - {{ id: {self.peer.number}, host: 127.0.0.1, port: {self.peer.port} }}",
            ]
        path = f"{self.folder}/{name}-{package}-{local}-{remote}.yaml"
        with open(path, "w") as file:
            file.write("\n".join(lines) + "\n")
        return path

    def run(self, verb, arguments, configuration, paused=None):
        """Runs a command and returns its cost, its summary and what was seen of its servers."""
        output = f"{self.folder}/{verb}.json"
        variables = environment() | ({"DORSAL_SYNC_POINT": "binlogs"} if paused else {})
        words = [self.program, verb, *arguments, "--config", configuration, "--json"]
        spent, watch = run(f"dorsal {verb}", words, variables, output, paused)
        with open(output) as lines:
            summary = next(each for each in map(json.loads, reversed(list(lines))) if each["type"] == "summary")
        spent.steps = summary["seconds"]
        return spent, summary, watch

    def backup(self, configuration, paused=None):
        """Makes a backup.

        paused: called between the copy of the data and that of the binary logs.
        """
        return self.run("backup", [], configuration, paused)

    def restore(self, configuration, target, *options):
        return self.run("restore", ["--target-dir", target, "--socket", self.server.socket,
                                    "--port", str(self.server.port), *options], configuration)


def durability(watch):
    """The InnoDB options of the server that replayed, for another replay under the same."""
    words = watch.servers[-1] if watch.servers else []
    return [word for word in words if word.startswith(("--innodb", "--loose-innodb"))]
