# SPDX-License-Identifier: GPL-2.0-only
# build: make -s -C test/vmm O="$CACHE/build/vmm"
# boot: -m kvm-hv -f "$CACHE/build/$RIG_KERNEL/kvm-hv-smt.ko:/lib/modules/kvm-hv-smt.ko"
# boot: -f "$CACHE/build/vmm/t_smt:/vmm/t_smt" --timeout 180
# boot: --allow "self-test of cpu 0: HRMOR" --allow "core of cpu 0: self-test failed" --allow "not loaded: the self-test failed"
#
# Another hypervisor module is there, with and without a VM; then it goes, and ours finds a register changed
# (test_fault=2), then loads and works.

. /lib.sh

taken() { load_refused "$1" "Device or resource busy" "another hypervisor module is loaded; end its VMs and run: rmmod kvm_hv"; }
taken refuse-taken
check refuse-taken-works "in-tree kvm-hv is broken" /vmm/t_smt -n 1 -r 5 meet
check refuse-taken-unload "rmmod kvm_hv failed" rmmod kvm_hv
load_refused refuse-self-test "Input.output error" "the self-test failed, the lines above say where" test_fault=2
check refuse-self-test-line "$(cat /tmp/insmod.log)" grep -q "self-test of cpu 0: HRMOR was .*, came back as" /tmp/insmod.log
check refuse-then-loads "not loaded" insmod /lib/modules/kvm-hv-smt.ko
check refuse-then-works "no guest runs" /vmm/t_smt -n 4 -r 5 meet
module_end refuse-then
test_end refuse_taken
