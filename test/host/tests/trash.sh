# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest -a test_trash=1 --timeout 600
#
# Every wake-up from nap as hardware may make it: GPRs, LR and CTR destroyed, SRR1 saying so.  "make check-trash"
# does that to all suites.

. /lib.sh

linux_guest trash4 4,threads=4 120
linux_guest trash1 1 60
test_end trash
