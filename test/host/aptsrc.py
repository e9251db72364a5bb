#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""aptsrc.py SUITE NEWSUITE: print a deb822 source for NEWSUITE.

It is derived from the source by which this machine already reaches SUITE, so
that a mirror (and its key) configured here is used again.  Reads both formats
of /etc/apt: *.sources (deb822) and *.list (one line).
"""
import glob
import re
import sys


def deb822():
    for name in sorted(glob.glob("/etc/apt/sources.list.d/*.sources")):
        with open(name, encoding="utf-8") as file:
            text = "".join(l for l in file if not l.startswith("#"))
        for para in re.split(r"\n\s*\n", text):
            fields, key = {}, None
            for line in para.splitlines():
                if line[:1].isspace() and key:
                    fields[key] += "\n" + line
                elif ":" in line:
                    key, val = line.split(":", 1)
                    key = key.lower()
                    fields[key] = val.strip()
            if fields.get("enabled", "yes") == "yes" and "deb" in fields.get("types", "").split():
                yield fields.get("uris", ""), fields.get("suites", "").split(), fields.get("signed-by", "")


def oneline():
    for name in ["/etc/apt/sources.list"] + sorted(glob.glob("/etc/apt/sources.list.d/*.list")):
        try:
            file = open(name, encoding="utf-8")
        except FileNotFoundError:
            continue
        with file:
            for line in file:
                m = re.match(r"deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s", line)
                if m:
                    key = re.search(r"signed-by=(\S+)", m.group(1) or "")
                    yield m.group(2), [m.group(3)], key.group(1) if key else ""


def main():
    suite, new = sys.argv[1:]
    for uris, suites, key in list(deb822()) + list(oneline()):
        if suite in suites and uris:
            print("# made by kvm-hv-smt test/host/setup.sh; safe to remove")
            print(f"Types: deb\nURIs: {uris}\nSuites: {new}\nComponents: main")
            if key:
                print(f"Signed-By: {key}")
            return 0
    print(f"aptsrc: no apt source for the suite {suite} found", file=sys.stderr)
    return 1


sys.exit(main())
