# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 1200
#
# One row of the matrix of kernels, for a host that has QEMU; test/matrix.sh says which kernel.

. /lib.sh

kernel_checks
test_end matrix
