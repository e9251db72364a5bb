#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# intree.sh - the suite intree: doc/BACKPORTING.md's way into a kernel's tree, with Debian's 6.1 source. Kernel and modules are
# built whole, the module is compared with the one that is built outside, and it runs.
# usage: test/packaging/intree.sh	(after setup.sh; the first time builds a kernel)

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
. "$TOP/test/packaging/lib.sh"

NAME=6.1-le-intree
# all there is here, with its time of change
tree_list() { (cd "$TOP" && find . -path ./.git -prune -o -printf '%p %y %s %T@\n' | sort); }

tree_list >"$W/intree.before"
"$HOSTDIR/kernel-intree.sh" || { fail intree-kernel "it does not build"; test_end intree; exit 1; }
tree_list >"$W/intree.after"
check intree-tree-clean "$(diff "$W/intree.before" "$W/intree.after" | tail -n +2 | head -n 3 | tr '\n' ' ')" \
	cmp -s "$W/intree.before" "$W/intree.after" || true
load_kernel "$NAME"
check intree-kconfig "CONFIG_KVM_HV_SMT is not in the configuration" grep -qx 'CONFIG_KVM_HV_SMT=m' "$KERNELDIR/.config" || true
in=$KMODDIR/smt
if check intree-build "no kvm-hv-smt.ko among the kernel's modules" [ -e "$in/kvm-hv-smt.ko" ]; then
	check intree-modules-order "not in the kernel's modules.order" \
		grep -qE '^arch/powerpc/kvm/smt/kvm-hv-smt\.k?o$' "$KERNELDIR/modules.order" || true
	check intree-own "$(modinfo -F intree "$in/kvm-hv-smt.ko")" [ "$(modinfo -F intree "$in/kvm-hv-smt.ko")" = Y ] || true
	RIG_KERNEL=$NAME "$HOSTDIR/mkmod.sh" >"$CACHE/log/intree-outside.log" 2>&1 || fail intree-outside "see $CACHE/log/intree-outside.log"
	out=$CACHE/build/$NAME
	# from the sources, without a Module.symvers, the same is found
	check intree-same-config "$(diff "$in/smt-config.h" "$out/src/smt-config.h" | head -n 3 | tr '\n' ' ')" \
		cmp -s "$in/smt-config.h" "$out/src/smt-config.h" || true
	check intree-same-imports "another set of symbols than the module built outside" \
		diff <("${CROSS_COMPILE}nm" -u "$in/kvm-hv-smt.ko") <("${CROSS_COMPILE}nm" -u "$out/kvm-hv-smt.ko") || true
	check intree-same-release "$(modinfo -F vermagic "$in/kvm-hv-smt.ko")" \
		[ "$(modinfo -F vermagic "$in/kvm-hv-smt.ko")" = "$(modinfo -F vermagic "$out/kvm-hv-smt.ko")" ] || true
	RIG_DEBUG='' "$HOSTDIR/run.sh" intree || true
fi
test_end intree
