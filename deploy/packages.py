#!/usr/bin/env python3
"""Looks at what was built for Lambda before it is deployed, and prints how large it is.

Usage: packages.py arm64|x86_64 PROGRAM...

Exit status: 0 if Lambda can run every program, 2 if it cannot; what is wrong is said on standard error.
"""

from __future__ import annotations

import re
import struct
import sys
import zlib
from pathlib import Path

#: `e_machine` of an ELF header.
#: Source: the ELF specification's registry of machines, EM_X86_64 and EM_AARCH64.
MACHINES = {"x86_64": 62, "arm64": 183}

#: The glibc of Amazon Linux 2023, on which `provided.al2023` stands.
#: Source: Amazon Linux 2023 release notes, glibc.
GLIBC = (2, 34)


def problem(program: Path, architecture: str) -> str | None:
    """Why Lambda could not run a program, if it could not."""
    if not program.is_file():
        return "expected a program, found none; make build"
    content = program.read_bytes()
    if content[:4] != b"\x7fELF" or len(content) < 20:
        return "expected a program for Linux, found something else; make build"
    (machine,) = struct.unpack_from("<H", content, 18)
    if machine != MACHINES[architecture]:
        other = next((name for name, number in MACHINES.items() if number == machine), f"machine {machine}")
        return f"expected a program for {architecture}, found one for {other}; make build ARCHITECTURE={architecture}"
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)", content)
    wanted = max(((int(major), int(minor)) for major, minor in versions), default=(0, 0))
    if GLIBC < wanted:
        newest, limit = (".".join(map(str, version)) for version in (wanted, GLIBC))
        return f"expected a program that needs glibc {limit} at most, found one that needs {newest}; make build"
    return None


def zipped(content: bytes) -> int:
    """How many bytes a package has, which is what Lambda stores and loads; its directory adds 200."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return len(compressor.compress(content)) + len(compressor.flush()) + 200


def main() -> int:
    architecture, *programs = sys.argv[1:]
    status = 0
    print(f"{'package':>9} {'program':>9}  (MB, {architecture})")
    for program in map(Path, programs):
        wrong = problem(program, architecture)
        if wrong:
            print(f"{program}: {wrong}", file=sys.stderr)
            status = 2
            continue
        content = program.read_bytes()
        print(f"{zipped(content) / 1e6:9.2f} {len(content) / 1e6:9.2f}  {program}")
    return status


if __name__ == "__main__":
    sys.exit(main())
