# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 400 -m $CACHE/kernel/6.1-le-intree/obj/arch/powerpc/kvm/smt/kvm-hv-smt.ko
# kernel: 6.1-le-intree
#
# The module that was built in the kernel's tree, as one of its own (test/packaging/intree.sh): it runs guests like the other.

. /lib.sh

# O: out of the tree; E: without a signature. taint 4096 is the kernel's memory of an O
check intree-loaded-own "$(grep '^kvm_hv_smt ' /proc/modules)" sh -c '! grep "^kvm_hv_smt .*(.*O.*)" /proc/modules'
check intree-loaded-untainted "$(cat /proc/sys/kernel/tainted)" [ $(($(cat /proc/sys/kernel/tainted) & 4096)) = 0 ]
kernel_checks
test_end intree-run
