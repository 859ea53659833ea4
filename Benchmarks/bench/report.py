"""What was measured, as a table and as JSON."""
import json
import os
import platform
import statistics
import time


class Report:
    def __init__(self, settings):
        self.settings = settings
        self.rows = {}
        self.started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def add(self, name, cost, bytes=0, reference=None):
        """Adds a run.

        bytes: what was to be copied or replayed, for the speed.
        reference: the name of the row to compare with.
        """
        row = self.rows.setdefault(name, {"name": name, "bytes": bytes, "reference": reference, "runs": []})
        row["runs"].append({"seconds": round(cost.seconds, 3), "processor": round(cost.processor, 2),
                            "peak_mb": round(cost.peak, 1), "steps": cost.steps, "load": os.getloadavg()[0]})
        steps = ", ".join(f"{step} {seconds:.1f}" for step, seconds in cost.steps.items())
        print(f"  {name}: {cost.seconds:.1f} s ({steps})", flush=True)

    def median(self, name, key):
        return statistics.median(run[key] for run in self.rows[name]["runs"])

    def lines(self):
        yield "| what | seconds | MB/s | times as fast | processor seconds | peak MB of dorsal |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: |"
        for name, row in self.rows.items():
            seconds, peak = self.median(name, "seconds"), self.median(name, "peak_mb")
            processor, reference = self.median(name, "processor"), row["reference"]
            speed = f"{row['bytes'] / 1e6 / seconds:.0f}" if row["bytes"] else ""
            ratio = f"{self.median(reference, 'seconds') / seconds:.1f}" if reference in self.rows else ""
            yield (f"| {name} | {seconds:.1f} | {speed} | {ratio} | {f'{processor:.1f}' if processor else ''} | "
                   f"{f'{peak:.0f}' if peak else ''} |")

    def write(self, folder):
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, self.started.replace(":", "") + ".json")
        with open("/proc/cpuinfo") as file:
            model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "")
        machine = {"cores": os.cpu_count(), "processor": model, "system": platform.platform()}
        with open(path, "w") as file:
            json.dump({"started": self.started, "machine": machine, "settings": self.settings,
                       "rows": list(self.rows.values())}, file, indent=1)
        return path
