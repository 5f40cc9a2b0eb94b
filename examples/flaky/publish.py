"""Publishes what is in a folder, and does not give up at the first trouble: the script that is under test."""

import subprocess
import sys
import time
from pathlib import Path

ATTEMPTS = 3


def publish(folder):
    for file in sorted(Path(folder).iterdir()):
        for attempt in range(1, ATTEMPTS + 1):
            done = subprocess.run(
                [sys.executable, "-m", "twine", "upload", "--verbose", file],
                capture_output=True,
                text=True,
                check=False,
            )
            # Of a reply that was lost it is not known whether the file is there: then the registry says so.
            if done.returncode == 0 or (attempt > 1 and "already" in done.stdout):
                print(f"published {file.name} at attempt {attempt}")
                break
            print(f"attempt {attempt} failed: {done.stdout[-300:]}", file=sys.stderr)
            time.sleep(0.1 * attempt)
        else:
            raise SystemExit(f"{file.name} could not be published")


if __name__ == "__main__":
    publish(sys.argv[1])
