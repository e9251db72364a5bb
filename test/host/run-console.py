#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""run-console.py: the suite "console": does console.py see trouble, and only trouble?

Each case is a shell script in QEMU's place and the status console.py must give.
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
UP = "echo 'HOST-UP 3.1'; "
DONE = "echo '[    9.000000] HOST-DONE 9.0'; sleep 30"
CASES = [
    ("good", UP + DONE, 0, []),
    ("guest-lines-are-not-the-hosts", UP + "echo '[ 1.000000] guest g| WARNING: CPU: 0'; " + DONE, 0, []),
    ("command-line-is-no-trouble", UP + "echo '[ 0.000000] Kernel command line: nosoftlockup'; " + DONE, 0, []),
    ("warning", UP + "echo '[ 4.000000] WARNING: CPU: 0 PID: 1 at x.c:1 f+0x1/0x2'; " + DONE, 1, []),
    ("warning-with-caller", UP + "echo '[ 4.000000][   T12] BUG: sleeping function'; " + DONE, 1, []),
    ("allowed", UP + "echo '[ 4.000000] WARNING: expected'; " + DONE, 0, ["--allow", "WARNING: expected"]),
    ("soft-lockup", UP + "echo 'watchdog: BUG: soft lockup - CPU#0 stuck for 22s!'; " + DONE, 1, []),
    ("hard-lockup", UP + "echo 'watchdog: CPU 0 self-detected hard LOCKUP'; sleep 30", 1, []),
    ("lockup-before-up", "echo 'watchdog: CPU 1 self-detected hard LOCKUP @ do_idle'; sleep 30", 75, []),
    ("rcu-stall", UP + "echo 'rcu: INFO: rcu_sched self-detected stall on CPU'; " + DONE, 1, []),
    ("hung-task", UP + "echo 'INFO: task sh:1 blocked for more than 120 seconds.'; " + DONE, 1, []),
    ("cpu-stuck", UP + "echo 'Processor 1 is stuck.'; " + DONE, 1, []),
    ("host-error", UP + "echo 'HOST-ERROR cannot load x.ko'; " + DONE, 1, []),
    ("panic-ends-the-run", UP + "echo '[ 5.0] Kernel panic - not syncing'; sleep 30", 1, []),
    ("oops-before-up", "echo 'Oops: Kernel access of bad area'; sleep 30", 1, []),
    ("timeout", UP + "sleep 30", 2, ["--timeout", "2"]),
    ("qemu-ends", UP + "exit 0", 3, []),
    ("boot-hangs", "sleep 30", 75, ["--boot-timeout", "2"]),
]


def main():
    for name, script, want, extra in CASES:
        with tempfile.NamedTemporaryFile() as log:
            run = subprocess.run(
                [sys.executable, os.path.join(HERE, "console.py"), "--log", log.name, "--timeout", "20", *extra,
                 "--", "sh", "-c", script], capture_output=True, text=True, check=False)
        if run.returncode == want:
            print(f"PASS console-{name}")
        else:
            print(f"FAIL console-{name}: status {run.returncode}, not {want}: {run.stdout} {run.stderr}")
    print("TEST-END console")


main()
