# SPDX-License-Identifier: GPL-2.0-only
# kernel: 6.12-le
# boot: -l guest --timeout 900
#
# Another kernel series, and a host with 4 KiB pages.

. /lib.sh

kernel_checks
test_end k612
