#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""console.py: run QEMU, keep its console log, end it at the end marker.

usage: console.py --log FILE [options] -- QEMU ARG...

The whole console goes to the log.  Lines that begin with PASS, FAIL, SKIP,
NOTE, HOST- or TEST- (the rig's own markers, see report.sh) are also printed;
-v prints everything.  Host trouble (WARNING, Oops, BUG, lockups, RCU stalls,
...) is reported as FAIL host-log.  Lines of guests, which test scripts print
with the prefix "guest", are not host trouble.

exit status: 0 end marker seen and no host trouble; 1 host trouble or panic;
2 timeout; 3 QEMU ended by itself before the end marker; 75 the boot hung
(no HOST-UP in time, or hard lockups before it, when no module is loaded yet:
the build machine is too busy; the caller may try again).
"""
import argparse
import os
import re
import selectors
import subprocess
import sys
import time

from park import Parker

TROUBLE = re.compile(
    r"WARNING: |Oops[: ]|\bBUG: |kernel BUG at|[Ll]ockup|LOCKUP|rcu.*(?:stall|starved)|Call Trace|Kernel panic"
    r"|Unable to handle kernel|Bad trap|bad frame|blocked for more than|is stuck|still stuck|INFO: task"
    r"|Machine check|kmemleak: [1-9]|UBSAN|KFENCE|HOST-ERROR|Unrecoverable|scheduling while atomic|sleeping function")
FATAL = re.compile(r"Kernel panic|Oops[: ]|kernel BUG at|[Hh]ard LOCKUP|hard lockup")
STAMP = re.compile(r"^\[ *\d+\.\d+\](?:\[ *[TC]\d+\])? ")
SHOWN = re.compile(r"(?:PASS|FAIL|SKIP|NOTE|HOST-|TEST-)")
END = "HOST-DONE"
GRACE = 5           # seconds for the rest of an oops


class Console:
    def __init__(self, opt):
        self.opt = opt
        self.log = open(opt.log, "a" if opt.append else "w", encoding="utf-8", errors="replace")
        self.allow = [re.compile(a) for a in opt.allow]
        self.trouble = []
        self.up = self.done = False
        self.fatal = None
        self.starved = False
        self.parker = Parker(opt.park, opt.threads) if opt.park else None
        self.start = time.monotonic()

    def line(self, text):
        text = text.rstrip("\r")
        self.log.write(text + "\n")
        self.log.flush()
        body = STAMP.sub("", text)
        if self.opt.verbose or SHOWN.match(body) \
                or (self.opt.show and re.search(self.opt.show, body)):
            print(text if self.opt.verbose else body, flush=True)
        self.up = self.up or body.startswith("HOST-UP")
        self.done = self.done or body.startswith(END)
        if self.parker:
            self.parker.line(text)
        if not body.startswith("guest") and TROUBLE.search(body) \
                and "Kernel command line" not in body and not any(a.search(body) for a in self.allow):
            self.trouble.append(text)
            if FATAL.search(body) and self.fatal is None:
                self.fatal = time.monotonic()
                self.starved = "LOCKUP" in body

    def run(self, argv):
        """Feed lines until the end; return (status, reason)."""
        proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        sel = selectors.DefaultSelector()
        sel.register(proc.stdout, selectors.EVENT_READ)
        rest = b""
        try:
            while True:
                now = time.monotonic() - self.start
                if self.fatal is not None and time.monotonic() - self.fatal > GRACE:
                    if not self.up and self.starved:
                        return 75, "lockups of a starved emulator before HOST-UP"
                    return 1, "the host crashed"
                if not self.up and now > self.opt.boot_timeout:
                    return 75, f"no HOST-UP in {self.opt.boot_timeout} s"
                if now > self.opt.timeout:
                    return 2, f"no {END} in {self.opt.timeout} s"
                if self.parker:
                    self.parker.poll()
                if not sel.select(timeout=0.5):
                    continue
                data = os.read(proc.stdout.fileno(), 65536)
                if not data:
                    return 3, f"QEMU ended ({proc.wait()}) before {END}"
                *lines, rest = (rest + data).split(b"\n")
                for text in lines:
                    self.line(text.decode("utf-8", "replace"))
                if self.done:
                    return 0, ""
        finally:
            if rest:
                self.line(rest.decode("utf-8", "replace"))
            if proc.poll() is None:
                proc.kill()
            proc.wait()


def main():
    par = argparse.ArgumentParser()
    par.add_argument("--log", required=True)
    par.add_argument("--append", action="store_true", help="append to the log")
    par.add_argument("--timeout", type=float, default=600)
    par.add_argument("--boot-timeout", type=float, default=90)
    par.add_argument("--allow", action="append", default=[], metavar="REGEX", help="host trouble that is expected")
    par.add_argument("--show", metavar="REGEX", help="also print these lines")
    par.add_argument("--park", metavar="SOCKET", help="gdbstub by which to speed up the boot, see park.py")
    par.add_argument("--threads", type=int, default=1, help="threads per core, for --park")
    par.add_argument("-v", "--verbose", action="store_true")
    par.add_argument("qemu", nargs="+")
    opt = par.parse_args()
    con = Console(opt)
    status, reason = con.run(opt.qemu)
    wall = time.monotonic() - con.start
    if status == 0 and con.trouble:
        status, reason = 1, f"{len(con.trouble)} line(s) of host trouble"
    for text in con.trouble[:5]:
        print(f"HOST-LOG {text}")
    end = f"HOST-WALL {wall:.1f} s, status {status}" + (f": {reason}" if reason else "")
    print(end, flush=True)
    con.log.write(end + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
