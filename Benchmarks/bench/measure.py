"""Runs a program and tells what it cost."""
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Cost:
    seconds: float
    # Processor seconds, those of all children included.
    processor: float
    # The most memory that the program itself had resident, in MB, without its children; 0 where it was not asked for.
    peak: float = 0
    # Seconds by step.
    steps: dict = field(default_factory=dict)

    def __add__(self, other):
        steps = dict(self.steps)
        for name, seconds in other.steps.items():
            steps[name] = steps.get(name, 0) + seconds
        return Cost(
            self.seconds + other.seconds, self.processor + other.processor, max(self.peak, other.peak), steps
        )

    def without(self, step):
        """The cost of the other steps; what they took of the processor is not told."""
        steps = {name: seconds for name, seconds in self.steps.items() if name != step}
        return Cost(self.seconds - self.steps[step], 0, 0, steps)


NOTHING = Cost(0, 0)


class Failed(RuntimeError):
    pass


class Watch(threading.Thread):
    """Looks at a process as long as it runs: at its peak of memory, and at the servers among its children."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.peak = 0
        # The command lines of the servers that it started.
        self.servers = []
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(0.02):
            try:
                with open(f"/proc/{self.pid}/status") as status:
                    for line in status:
                        if line.startswith("VmHWM:"):
                            self.peak = max(self.peak, int(line.split()[1]) / 1000)
                self.look_at_children()
            except OSError:
                pass

    def look_at_children(self):
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/children") as children:
                for child in children.read().split():
                    with open(f"/proc/{child}/cmdline") as text:
                        words = text.read().split("\0")
                    is_server = any(word.startswith("--innodb") for word in words)
                    if is_server and words not in self.servers:
                        self.servers.append(words)


def run(step, arguments, env=None, output=None, paused=None):
    """Runs a program, or a line for bash, and returns its cost and its watch.

    output: the file for what it prints on its standard output.
    paused: called with the process's id when it has stopped itself; it is sent on its way afterwards.
    """
    if isinstance(arguments, str):
        arguments = ["bash", "-c", f"set -euo pipefail; {arguments}"]
    messages = tempfile.TemporaryFile()
    begun = time.monotonic()
    with open(output or os.devnull, "wb") as out:
        child = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=messages, start_new_session=True, env=env
        )
    watch = Watch(child.pid)
    watch.start()
    waited = 0.0
    while True:
        _, status, usage = os.wait4(child.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        stopped = time.monotonic()
        if paused:
            paused(child.pid)
        os.kill(child.pid, signal.SIGCONT)
        waited += time.monotonic() - stopped
    seconds = time.monotonic() - begun - waited
    child.returncode = os.waitstatus_to_exitcode(status)
    watch.ended.set()
    watch.join()
    if child.returncode not in (0, 2):
        messages.seek(0)
        text = messages.read().decode(errors="replace")[-3000:]
        if output:
            with open(output, errors="replace") as printed:
                text += printed.read()[-2000:]
        raise Failed(f"{step}: exit status {child.returncode}: {' '.join(arguments)}\n{text}")
    cost = Cost(seconds, usage.ru_utime + usage.ru_stime, watch.peak, {step: round(seconds, 3)})
    return cost, watch


def cost(step, arguments, env=None, output=None):
    """The cost of a program alone; its memory is not told."""
    spent, _ = run(step, arguments, env, output)
    spent.peak = 0
    return spent
