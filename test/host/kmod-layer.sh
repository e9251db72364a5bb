#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kmod-layer.sh - layer "kmod": Debian's ppc64el kmod for the emulated host, whose own modprobe is busybox's and
# knows no install lines; and the kernel's KVM modules where modprobe looks, with ours.
# usage: test/host/kmod-layer.sh		(after setup.sh and mkmod.sh)

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/fetch.sh"
load_kernel "$RIG_KERNEL"
K=$CACHE/kmod

if ! stamped kmod; then
	apt_ready
	rm -rf "$K" "$CACHE/debs/kmod"
	fetch_closure "$CACHE/debs/kmod" -- kmod:ppc64el
	unpack "$K/root" "$CACHE"/debs/kmod/*.deb
	rm -rf "$CACHE/debs/kmod"
	stamp kmod
fi
d=$K/layer
rm -rf "$d"
mkdir -p "$d/lib/modprobe.d" "$d/sbin" "$d/lib/modules/$KREL/kernel" "$d/lib/modules/$KREL/updates"
python3 "$HOSTDIR/mkbase.py" "$K/root" "$d" bin/kmod
mv "$d/bin/kmod" "$d/sbin/kmod"
rmdir "$d/bin"
for p in modprobe depmod; do ln -s kmod "$d/sbin/$p"; done
for m in kvm kvm-hv irqbypass; do
	f=$(find "$KMODDIR" -name "$m.ko*" | head -n 1)
	[ -z "$f" ] || cp "$f" "$d/lib/modules/$KREL/kernel/"
done
cp "$CACHE/build/$KERNEL/kvm-hv-smt.ko" "$d/lib/modules/$KREL/updates/"
cp "$TOP/packaging/kvm-hv-smt.conf" "$d/lib/modprobe.d/"
# lists of the whole kernel that depmod expects
: >"$d/lib/modules/$KREL/modules.order"
: >"$d/lib/modules/$KREL/modules.builtin"
: >"$d/lib/modules/$KREL/modules.builtin.modinfo"
depmod -b "$d" "$KREL"
mkcpio "$d" "$CACHE/layer/kmod.cpio"
