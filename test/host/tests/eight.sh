# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest -t 1x1x8 --timeout 600
#
# POWER8's full width: a guest on all eight threads of a core.

. /lib.sh

linux_guest eight 8,threads=8 240
test_end eight
