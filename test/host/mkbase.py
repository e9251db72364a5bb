#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""mkbase.py ROOT OUT BIN...: copy programs and the libraries they need.

Each BIN (a path relative to ROOT, an unpacked foreign root) is copied to OUT
with, recursively, every shared object its DT_NEEDED names and its ELF
interpreter.  Links are resolved inside ROOT.
"""
import os
import re
import shutil
import subprocess
import sys

LIBDIRS = ["lib/powerpc64le-linux-gnu", "usr/lib/powerpc64le-linux-gnu", "lib64", "lib", "usr/lib",
           "usr/lib/powerpc64le-linux-gnu/pulseaudio"]
LOADER = "ld64.so.2"


def find_library(root, name):
    for folder in LIBDIRS:
        rel = os.path.join(folder, name)
        if os.path.lexists(os.path.join(root, rel)):
            return rel
    sys.exit(f"mkbase: no {name} in {root}")


def resolve(root, rel):
    """Follow links as a process inside ROOT would."""
    path = os.path.join(root, rel)
    for _ in range(10):
        if not os.path.islink(path):
            return path
        target = os.readlink(path)
        if target.startswith("/"):
            path = os.path.join(root, target.lstrip("/"))
        else:
            path = os.path.normpath(os.path.join(os.path.dirname(path), target))
    sys.exit(f"mkbase: link loop at {rel}")


def main():
    root, out, todo = sys.argv[1], sys.argv[2], [(b, b) for b in sys.argv[3:]]
    done, size = set(), 0
    while todo:
        rel, dest = todo.pop()
        if dest in done:
            continue
        done.add(dest)
        src, dst = resolve(root, rel), os.path.join(out, dest)
        os.makedirs(os.path.dirname(dst), exist_ok=True)
        shutil.copy2(src, dst)
        size += os.path.getsize(src)
        elf = subprocess.run(["readelf", "-dlW", src], capture_output=True, text=True, check=True).stdout
        for name in re.findall(r"NEEDED.*\[(.*)\]", elf):
            if name != LOADER:
                todo.append((find_library(root, name), "lib/" + name))
        interp = re.search(r"interpreter: (.*)\]", elf)
        if interp:
            todo.append((find_library(root, LOADER), interp.group(1).lstrip("/")))
    print(f"mkbase: {len(done)} files, {size // 1024} KiB")


main()
