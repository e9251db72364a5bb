#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest-be.sh - build the big-endian Linux guest: the layer guest-be, /guest-be/vmlinux and initrd.
# usage: test/host/guest-be.sh		(after setup.sh; some minutes the first time)
#
# Debian has no big-endian ppc64 packages: the kernel is built from Debian's source for POWER7, the programs are those of the
# big-endian host.

. "$(dirname "$0")/env.sh"

"$HOSTDIR/kernel-be.sh"
"$HOSTDIR/kernel-built.sh" 6.1-be-guest
w=$CACHE/guest-be
in=("$HOSTDIR/guest-init" "$HOSTDIR/smtload.c" "$CACHE/stamp/kernel-6.1-be-guest" "$CACHE/stamp/base-be")
if stamped guest-be "${in[@]}"; then exit 0; fi
lock guest-be
load_kernel 6.1-be-guest
rm -rf "$w"; mkdir -p "$w"/tiny/{bin,proc,sys,dev,tmp} "$w/host/guest-be"
cp "$CACHE/base-be/bin/busybox" "$w/tiny/bin/"
ln -s busybox "$w/tiny/bin/sh"
install -m 755 "$HOSTDIR/guest-init" "$w/tiny/init"
powerpc64-linux-gnu-gcc-12 -O2 -Wall -Wextra -Werror -mcpu=power7 -static -pthread -o "$w/tiny/bin/smtload" "$HOSTDIR/smtload.c"
mkcpio "$w/tiny" "$w/host/guest-be/initrd"
powerpc64-linux-gnu-strip -o "$w/host/guest-be/vmlinux" "$VMLINUX"
mkcpio "$w/host" "$CACHE/layer/guest-be.cpio"
stamp guest-be "${in[@]}"
