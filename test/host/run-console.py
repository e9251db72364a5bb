#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""run-console.py: the suite "console": are the judges of the other suites right?

Does console.py see trouble, and only trouble?  Each case of CASES is a shell script in QEMU's place and the status
console.py must give.  CLOCK: may clock.sh blame the clock for such lines of a suite?  COUNTERS: does lib.sh's
at_once see from a VM's counters that all threads were in the guest at once?
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
    ("module-roll-call", UP + "echo '[ 4.0] kvm-hv-smt: core of cpu 0: a thread did not report for a run; the core'; "
     + DONE, 1, []),
    ("module-self-test", UP + "echo '[ 4.0] kvm-hv-smt: self-test of cpu 0: LPCR was 1, came back as 2'; " + DONE, 1, []),
    ("module-late", UP + "echo '[ 4.0] kvm-hv-smt: core of cpu 0 was away for 1200 ms: roll call 1 us'; " + DONE, 1, []),
    ("module-ready", UP + "echo '[ 4.0] kvm-hv-smt: self-test passed on 1 cores, 0 wait for their threads'; " + DONE, 0, []),
    ("host-error", UP + "echo 'HOST-ERROR cannot load x.ko'; " + DONE, 1, []),
    ("panic-ends-the-run", UP + "echo '[ 5.0] Kernel panic - not syncing'; sleep 30", 1, []),
    ("oops-before-up", "echo 'Oops: Kernel access of bad area'; sleep 30", 1, []),
    ("timeout", UP + "sleep 30", 2, ["--timeout", "2"]),
    ("qemu-ends", UP + "exit 0", 3, []),
    ("boot-hangs", "sleep 30", 75, ["--boot-timeout", "2"]),
]


CLOCK = [
    ("clock", True, "FAIL one-clock: host 3 s"),
    ("nothing-in-time", True, "FAIL smp1-load: "),
    ("wrong-result", False, "FAIL smp1-load: load error: cpu 0: sort: not sorted"),
    ("no-power-off", True, "FAIL x-power-off: status 124"),
    ("qemu-dies", False, "FAIL x-power-off: status 1"),
    ("warning", False, "FAIL one-clock: x\nHOST-LOG WARNING: y"),
    ("trouble", False, "FAIL one-clock: x\nHOST-WALL 3.0 s, status 1: 1 line(s) of host trouble"),
    ("too-slow", True, "FAIL s-host: see HOST-LOG lines or the log (status 2 of console.py)\n"
     "FAIL s-end: the suite did not come to its end (status 2), see x\nHOST-WALL 900.0 s, status 2: no HOST-DONE"),
    ("crash", False, "FAIL s-host: see HOST-LOG lines or the log (status 1 of console.py)"),
    ("one-timeout", True, "FAIL t_smt.meet.le.n2.timeout: a vcpu is not ready"),
    ("not-at-once", False, "FAIL t_smt.meet.le.n2.timeout: a vcpu\nFAIL t_smt.meet.le.n2.at_once0: no two meetings"),
    ("lost-wake-up", False, "FAIL t_smt.pingpong.n2.wake: 3 times only the decrementer ended an H_CEDE"),
]

VCORE = "vcore {0}: runs 9 roll_call_failures 0\nvcore {0}: threads_in_guest {1} runs 8 us {2}\n"
VCPU = "vcpu {0}: entries {1} cedes 3\nvcpu {0}: run_us {2} stolen_us 1\n"
COUNTERS = [
    ("four", True, 4, VCORE.format(0, 4, 100) + VCPU.format(0, 5, 6)),
    ("three-of-four", False, 4, VCORE.format(0, 3, 100) + VCPU.format(0, 5, 6)),
    ("two-of-one", False, 1, VCORE.format(0, 2, 100) + VCORE.format(0, 1, 100)),
    ("no-time", False, 4, VCORE.format(0, 4, 0) + VCPU.format(0, 5, 6)),
    ("one-vcore-only", False, 4, VCORE.format(0, 4, 9) + VCORE.format(4, 2, 9)),
    ("both-vcores", True, 4, VCORE.format(0, 4, 9) + VCORE.format(4, 4, 9)),
    ("idle-vcpu", False, 4, VCORE.format(0, 4, 9) + VCPU.format(0, 0, 6)),
    ("nothing", False, 4, ""),
]


def say(name, right, why):
    print(f"PASS {name}" if right else f"FAIL {name}: {why}")


def run_clock():
    for name, want, text in CLOCK:
        with tempfile.NamedTemporaryFile("w") as log:
            log.write(text + "\n")
            log.flush()
            run = subprocess.run(["bash", "-c", '. "$1/../clock.sh"; clock_only "$2"', "bash", HERE, log.name], check=False)
        say("clock-" + name, (run.returncode == 0) == want, f"not {want}")


def run_counters():
    script = 'eval "$(sed -n "/^at_once()/,/^}/p" "$1/lib.sh")"; at_once "$2"'
    for name, want, width, text in COUNTERS:
        run = subprocess.run(["sh", "-c", script, "sh", HERE, str(width)], input=text, text=True, check=False)
        say("counters-" + name, (run.returncode == 0) == want, f"not {want}")


def main():
    for name, script, want, extra in CASES:
        with tempfile.NamedTemporaryFile() as log:
            run = subprocess.run(
                [sys.executable, os.path.join(HERE, "console.py"), "--log", log.name, "--timeout", "20", *extra,
                 "--", "sh", "-c", script], capture_output=True, text=True, check=False)
        say("console-" + name, run.returncode == want, f"status {run.returncode}, not {want}: {run.stdout} {run.stderr}")
    run_clock()
    run_counters()
    print("TEST-END console")


main()
