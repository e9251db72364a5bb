#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# shim.sh - the suite shim: the kernel patches of src/shim are small, and the module works with the accessor they
# add and without it.
# usage: test/host/shim.sh	(builds the kernel 6.1-le-shim the first time)

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/report.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"

for p in "$TOP"/src/shim/*.patch; do
	n=$(grep -cE '^(\+($|[^+])|-($|[^-]))' "$p")
	check "shim-size-$(basename "$p" .patch)" "$n changed lines" [ "$n" -lt 40 ] || true
done
fetch_source 6.1
check shim-applies-6.1 "git apply refuses" \
	env GIT_CEILING_DIRECTORIES="$CACHE/src" git -C "$SRC" apply --check "$TOP/src/shim/6.1.patch" || true
check shim-wake-cpu-6.1 "xics_wake_cpu is not exported" \
	grep -q '^EXPORT_SYMBOL_GPL(xics_wake_cpu)' "$SRC/arch/powerpc/sysdev/xics/icp-native.c" || true

"$HOSTDIR/kernel-shim.sh" || fail shim-kernel "the kernel with the shim does not build"
for k in 6.1-le 6.1-le-shim; do
	# with RIG_DEBUG the kernel would be another
	RIG_DEBUG='' RIG_KERNEL=$k "$HOSTDIR/run.sh" shim || true
done
test_end shim
