# SPDX-License-Identifier: GPL-2.0-only
"""park.py: hold the host's other threads still while its kernel boots alone.

Until the kernel starts them, the other threads spin in firmware.  Each code
patch of the early kernel (ftrace: 33000 of them) does a tlbie, and for each one
the emulator must stop every spinning thread; on a build machine with fewer
CPUs than emulated threads that takes half a minute.  So QEMU's gdbstub, which
can let single threads run, stops the others from the kernel's command line
message until the one before it starts them.  This changes nothing that the
emulated machine can see but time.
"""
import re
import socket
import time


class Parker:
    BOOT = re.compile(r"CPU: Boot CPU PIR is 0x([0-9a-f]+)")
    CORE = re.compile(r"CPU: CPU from DT PIR=0x([0-9a-f]+)")
    BEGIN = re.compile(r"Kernel command line: ")
    END = re.compile(r"smp: Bringing up secondary CPUs|Kernel panic|Oops")
    LIMIT = 60          # seconds to stay parked

    def __init__(self, path, threads):
        self.path, self.threads = path, threads
        self.boot, self.cores = None, []
        self.sock, self.since, self.used = None, 0, False

    def line(self, text):
        """Look at one console line; park or release when it says so."""
        if (m := self.BOOT.search(text)) and self.boot is None:
            self.boot = int(m.group(1), 16)
        elif m := self.CORE.search(text):
            self.cores.append(int(m.group(1), 16))
        elif self.sock and self.END.search(text):
            self.release()
        elif not self.used and self.BEGIN.search(text):
            self.used = True
            self.park()

    def poll(self):
        if self.sock and time.monotonic() - self.since > self.LIMIT:
            self.release()

    def boot_thread(self):
        """The gdbstub's number of the boot thread: it counts threads by PIR order from 1."""
        for rank, base in enumerate(sorted(self.cores)):
            if base <= (self.boot or 0) < base + self.threads:
                return rank * self.threads + self.boot - base + 1
        return None

    def park(self):
        number = self.boot_thread()
        if number is None or len(self.cores) * self.threads < 2:
            return
        try:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(10)
            self.sock.connect(self.path)        # this stops the machine
            self.send(b"qC")
            self.reply()
            self.send(b"vCont;c:%x" % number)
            self.since = time.monotonic()
        except OSError as err:
            print(f"NOTE slow boot: cannot park the other threads: {err}")
            self.sock = None

    def release(self):
        sock, self.sock = self.sock, None
        try:
            sock.sendall(b"\x03")
            self.sock = sock
            self.reply()
            self.send(b"D")
            self.reply()
        except OSError as err:
            print(f"NOTE cannot release the parked threads: {err}")
        self.sock = None
        sock.close()

    def send(self, body):
        self.sock.sendall(b"$%s#%02x" % (body, sum(body) & 255))

    def reply(self):
        """One packet, acknowledged."""
        data = b""
        while not (m := re.search(rb"\$([^#]*)#..", data)):
            got = self.sock.recv(4096)
            if not got:
                raise OSError("the gdbstub closed the connection")
            data += got
        self.sock.sendall(b"+")
        return m.group(1)
