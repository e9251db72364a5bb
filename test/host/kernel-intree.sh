#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-intree.sh - build 6.1-le-intree: Debian's 6.1 with this tree in it as doc/BACKPORTING.md says, and the module built
# with the kernel's own.
# usage: test/host/kernel-intree.sh	(after setup.sh; some 6 minutes the first time)
#
# The first time kernel and modules are built whole, in a folder without a Module.symvers; later, what has changed since.

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"

# put_in: from here on SRC is a copy of it (hard links) with this tree in it, by the three commands of doc/BACKPORTING.md; what is
# appended to must be no link
put_in() {
	local from=$SRC kvm=arch/powerpc/kvm f
	SRC=$SRC-intree
	if [ ! -e "$SRC" ]; then
		rm -rf "$SRC.new"
		cp -al "$from" "$SRC.new"
		for f in Kconfig Makefile; do
			rm "$SRC.new/$kvm/$f"
			cp "$from/$kvm/$f" "$SRC.new/$kvm/$f"
		done
		echo 'source "arch/powerpc/kvm/smt/packaging/Kconfig"' >>"$SRC.new/$kvm/Kconfig"
		# shellcheck disable=SC2016
		echo 'obj-$(CONFIG_KVM_HV_SMT) += smt/' >>"$SRC.new/$kvm/Makefile"
		mv "$SRC.new" "$SRC"
	fi
	# each time, as another clone may have been here
	ln -sfn "$TOP" "$SRC/$kvm/smt"
}

lock kernel-build
fetch_source 6.1
put_in
if kernel_there 6.1-le-intree le-intree; then
	say "kernel 6.1-le-intree: what has changed"
	LOG=$CACHE/log/kernel-6.1-le-intree-again.log
	nice -n "${KERNEL_NICE:-19}" make -s -C "$SRC" O="$KERNELDIR" ARCH=powerpc CROSS_COMPILE="$CROSS_COMPILE" CC="$XCC" \
		-j"$(nproc)" vmlinux modules >"$LOG" 2>&1 || die "the build failed, see $LOG"
else
	make_kernel 6.1-le-intree le
fi
