#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""nsrun.py QEMU ROOT COMMAND...: run COMMAND in the ppc64el root ROOT.

In namespaces of its own (user, mount, pid, uts), with a binfmt_misc of its own where QEMU, a static
user-mode emulator, is registered: nothing of it is seen on the machine, and it all goes away with
the last process.  A binfmt_misc per user namespace needs a build machine with Linux 6.7 or later.
Status: that of COMMAND.
"""
import ctypes
import os
import sys

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWUSER, CLONE_NEWPID = 0x20000, 0x4000000, 0x10000000, 0x20000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
BINFMT = "/proc/sys/fs/binfmt_misc"
# e_ident (64 bits, little-endian), e_type executable or shared, e_machine 21
MAGIC = rb"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x15\x00"
MASK = rb"\xff\xff\xff\xff\xff\xff\xff\xfc\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\x00"
LIBC = ctypes.CDLL(None, use_errno=True)


def call(what, result):
    if result != 0:
        sys.exit(f"nsrun: {what}: {os.strerror(ctypes.get_errno())}")


def mount(src, dst, fstype=None, flags=0):
    enc = [x.encode() if x else None for x in (src, dst, fstype)]
    call(f"mount {dst}", LIBC.mount(*enc, flags, None))


def in_namespaces(qemu, root, cmd):
    mount(None, "/", flags=MS_REC | MS_PRIVATE)
    mount("binfmt_misc", BINFMT, "binfmt_misc")
    with open(BINFMT + "/register", "wb", 0) as file:
        # F: the emulator is opened now, so that it need not be in ROOT
        file.write(b":ppc64le:M::" + MAGIC + b":" + MASK + b":" + qemu.encode() + b":F")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        node = f"{root}/dev/{name}"
        if not os.path.exists(node):
            open(node, "w").close()
        mount("/dev/" + name, node, flags=MS_BIND)
    mount("proc", root + "/proc", "proc")
    mount("/sys", root + "/sys", flags=MS_BIND | MS_REC)
    os.chroot(root)
    os.chdir("/")
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TERM": "dumb", "LC_ALL": "C",
           "DEBIAN_FRONTEND": "noninteractive"}
    os.execvpe(cmd[0], cmd, env)


def status(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) & 255


def main():
    qemu, root, cmd = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:]
    ready, unshared = os.pipe()
    mapped, go = os.pipe()
    child = os.fork()
    if child == 0:
        call("unshare", LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS))
        os.write(unshared, b"x")
        os.close(go)
        if os.read(mapped, 1) != b"x":
            os._exit(1)
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
        init = os.fork()        # the first process of the pid namespace: when it ends, all end
        if init == 0:
            in_namespaces(qemu, root, cmd)
        os._exit(status(init))
    os.close(unshared)
    if os.read(ready, 1) == b"x":
        for name in ("uid_map", "gid_map"):
            with open(f"/proc/{child}/{name}", "w", encoding="ascii") as file:
                file.write("0 0 65536\n")
        os.write(go, b"x")
    return status(child)


sys.exit(main())
