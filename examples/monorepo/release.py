"""Releases the packages, each after those that it needs: the script that CI runs, and that the tests run too.

Where to and as whom stands in the environment, as twine and pip read it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ORDER = ["acme-core", "acme-client", "acme-app"]
PACKAGES = Path(__file__).parent / "packages"


def main(names):
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            python(None, "-m", "build", "--no-isolation", "--outdir", folder, PACKAGES / name)
            python(None, "-m", "twine", "upload", *Path(folder).iterdir())
            # Whoever comes next needs it: a package that cannot be installed stops the release here.
            python(folder, "-m", "pip", "install", "--target", f"{folder}/site", f"{name}==1.0")
        print(f"released {name}", flush=True)


def python(folder, *arguments):
    # Not in the project's own folder, where an import would find what is not released.
    subprocess.run([sys.executable, *arguments], cwd=folder, check=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ORDER)
