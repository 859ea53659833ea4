"""A scratch folder, and the processes that work in it: all of them end with the benchmark, however that ends."""
import getpass
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

IS_ROOT = os.getuid() == 0
# The user that servers run as: they refuse to be root's.
USER = "mysql" if IS_ROOT else getpass.getuser()


class Scratch:
    def __init__(self):
        # The name is in the command line of everything that is started, and so tells what is ours.
        self.folder = tempfile.mkdtemp(prefix="dorsal-bench-")
        os.chmod(self.folder, 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def make(self, name, owner=None):
        path = self.path(name)
        os.makedirs(path, exist_ok=True)
        if owner:
            give(path, owner)
        return path

    def processes(self):
        """The ids of processes, other than this one, with the folder in their command line."""
        found = []
        for name in os.listdir("/proc"):
            if not name.isdigit() or int(name) == os.getpid():
                continue
            try:
                with open(f"/proc/{name}/cmdline", "rb") as file:
                    if self.folder.encode() in file.read():
                        found.append(int(name))
            except OSError:
                pass
        return found

    def close(self):
        """Ends what still runs, and removes everything."""
        for number, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
            deadline = time.monotonic() + seconds
            pids = self.processes()
            for pid in pids:
                for each in (number, signal.SIGCONT):
                    try:
                        os.kill(pid, each)
                    except ProcessLookupError:
                        pass
            while pids and time.monotonic() < deadline:
                reap()
                if not any(pid in self.processes() for pid in pids):
                    break
                time.sleep(0.1)
        shutil.rmtree(self.folder, ignore_errors=True)


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def interruptible():
    """Has all signals that ask for an end raise an exception, so that nothing is left behind."""

    def stop(number, _frame):
        # One is enough: what cleans up is not to be interrupted.
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def give(path, user=USER):
    """Gives a file or a whole folder to a user."""
    if not IS_ROOT:
        return
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            os.lchown(os.path.join(folder, name), entry.pw_uid, entry.pw_gid)


def free_port():
    """A port that nobody listens on, below those that the system hands out."""
    while True:
        port = random.randrange(20000, 31000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def start(arguments, log, env=None):
    """Starts a server in a session of its own, out of reach of a terminal's Ctrl-C: it ends in order."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, env=env
        )


def wait_for(what, condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def folder_size(path, but=()):
    """The bytes of all files in a folder, but for those whose names begin with certain words."""
    return sum(
        os.path.getsize(os.path.join(folder, name))
        for folder, _, files in os.walk(path)
        for name in files
        if not name.startswith(tuple(but))
    )


def alternating(run, works):
    """The works in an order that changes from run to run: who comes second finds warmer caches."""
    return works if run % 2 == 0 else list(reversed(works))
