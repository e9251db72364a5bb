#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# intree.sh - the suite intree: doc/BACKPORTING.md's way into a kernel's tree, with Debian's 6.1 source.
# usage: test/packaging/intree.sh	(after setup.sh; the first time builds the kernel 6.1-be)
#
# The tree is a copy by hard links, and only the module is compiled in it. It is not run: a module of the tree gets its symbol
# versions from the whole kernel's build, which is not repeated here.

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"

"$HOSTDIR/kernel.sh" 6.1-be
fetch_source 6.1
load_kernel 6.1-be
tree=$CACHE/src/intree-6.1 obj=$CACHE/build/intree-6.1 log=$CACHE/log/intree.log
rm -rf "$tree" "$obj"; mkdir -p "$obj"
cp -al "$SRC" "$tree"

# the three commands of doc/BACKPORTING.md; what is appended to must be no hard link of the cache's source
cd "$tree"
for f in arch/powerpc/kvm/Kconfig arch/powerpc/kvm/Makefile; do cp "$f" "$f.copy"; mv "$f.copy" "$f"; done
ln -s "$TOP" arch/powerpc/kvm/smt
echo 'source "arch/powerpc/kvm/smt/packaging/Kconfig"' >>arch/powerpc/kvm/Kconfig
echo 'obj-$(CONFIG_KVM_HV_SMT) += smt/' >>arch/powerpc/kvm/Makefile

mk=(nice make -s -C "$tree" O="$obj" ARCH=powerpc CROSS_COMPILE="$CROSS_COMPILE" CC="$XCC")
cp "$KERNELDIR/.config" "$obj/.config"
echo CONFIG_KVM_HV_SMT=m >>"$obj/.config"
{ "${mk[@]}" olddefconfig && "${mk[@]}" -j"$(nproc)" modules_prepare; } >"$log" 2>&1 || true
check intree-kconfig "CONFIG_KVM_HV_SMT is not taken, see $log" grep -qx 'CONFIG_KVM_HV_SMT=m' "$obj/.config" || true
cp "$KERNELDIR/Module.symvers" "$obj/"
"${mk[@]}" -j"$(nproc)" arch/powerpc/kvm/smt/kvm-hv-smt.ko >>"$log" 2>&1 || true
ko=$obj/arch/powerpc/kvm/smt/kvm-hv-smt.ko
if check intree-build "see $log" [ -e "$ko" ]; then
	RIG_KERNEL=6.1-be "$HOSTDIR/mkmod.sh" >>"$log" 2>&1 || true
	outside=$CACHE/build/6.1-be/kvm-hv-smt.ko
	check intree-same-imports "another set of symbols than the module built outside" \
		diff <("${CROSS_COMPILE}nm" -u "$ko") <("${CROSS_COMPILE}nm" -u "$outside") || true
	check intree-same-release "$(modinfo -F vermagic "$ko")" \
		[ "$(modinfo -F vermagic "$ko")" = "$(modinfo -F vermagic "$outside")" ] || true
fi
rm -rf "$tree" "$obj"
test_end intree
