#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run.sh - what can be told without running: both byte orders build without a warning of gcc (W=1) or sparse,
# the image has no relocation, nothing restricted to kvm-hv on 7.1 and later is used.
# usage: test/static/run.sh

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"

"$HOSTDIR/kernel-be.sh" >"$CACHE/log/static-kernel-be.log" 2>&1 ||
	fail static-kernel-be "see $CACHE/log/static-kernel-be.log"

# Symbols that 7.1 exports to modules named kvm-hv and kvm-pr only (HOST-API of the design, 3.5)
RESTRICTED='gfn_to_memslot gfn_to_hva_memslot kvm_is_visible_gfn __gfn_to_pfn_memslot __kvm_faultin_pfn
	kvm_release_page_clean kvm_release_page_dirty kvm_release_pfn_clean kvm_read_guest kvm_write_guest
	kvm_vcpu_read_guest kvm_vcpu_write_guest kvm_clear_guest mark_page_dirty kvm_vcpu_yield_to kvm_io_bus_write
	halt_poll_ns halt_poll_ns_grow halt_poll_ns_grow_start halt_poll_ns_shrink kvm_put_kvm_no_destroy
	kvm_vcpu_wake_up kvm_vcpu_kick kvm_get_running_vcpu vcpu_load vcpu_put'

# check_kernel NAME OBJDUMP_PREFIX
check_kernel() {
	local name=$1 log=$CACHE/log/static-$1.log ko dir=$CACHE/build/static-$1 bad
	rm -rf "$dir"
	if ! "$HOSTDIR/mkmod.sh" -k "$name" -o "static-$name" W=1 C=1 >"$log" 2>&1; then
		fail "static-$name-build" "$(grep -m1 -E 'error|warning' "$log")"
		return
	fi
	pass "static-$name-build"
	bad=$(grep -c 'warning' "$log" || true)
	check "static-$name-warnings" "$bad, the first: $(grep -m1 warning "$log")" [ "$bad" = 0 ] || true
	bad=$("$2objdump" -r -j .smt_image "$dir/src/asm/image.o" | grep -c R_PPC || true)
	check "static-$name-image-relocations" "$bad relocations" [ "$bad" = 0 ] || true
	ko=$dir/kvm-hv-smt.ko
	bad=$("$2nm" -u "$ko" | awk '{ print $2 }' | grep -Fx "$(tr -s ' \n\t' '\n' <<<"$RESTRICTED")" | tr '\n' ' ' || true)
	check "static-$name-restricted" "$bad" [ -z "$bad" ] || true
}

check_kernel 6.1-le powerpc64le-linux-gnu-
check_kernel 6.1-be powerpc64-linux-gnu-
test_end static
