#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest-be.sh - build the big-endian Linux guest: the layer guest-be, /guest-be/vmlinux and initrd.
# usage: test/host/guest-be.sh		(after setup.sh; some minutes the first time)
#
# Debian has no big-endian ppc64 packages: the kernel is built from Debian's source for POWER7, the programs are those of the
# big-endian host.

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/fetch.sh"

"$HOSTDIR/kernel-be.sh"
"$HOSTDIR/kernel-built.sh" 6.1-be-guest
lock guest-be
make_linux_guest guest-be 6.1-be-guest "$CACHE/base-be/bin/busybox" power7
