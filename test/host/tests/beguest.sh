# SPDX-License-Identifier: GPL-2.0-only
# build: test/host/guest-be.sh
# boot: -l guest-be --timeout 900
#
# A big-endian Linux guest, compiled for POWER7, on all threads of a core: as what the host is, and in POWER7's
# compatibility mode, in which it has no doorbells and sends every IPI by H_IPI.

. /lib.sh

GUEST_DIR=/guest-be
linux_guest be 4,threads=4 180
check be-cpu "$(grep -a GUEST-CPU /tmp/be.log)" guest_has be 'GUEST-CPU.*POWER8'
GUEST_MACHINE=$GUEST_MACHINE,max-cpu-compat=power7
linux_guest be-power7 4,threads=4 240
check be-power7-cpu "$(grep -a GUEST-CPU /tmp/be-power7.log)" guest_has be-power7 'GUEST-CPU.*POWER7'
test_end beguest
