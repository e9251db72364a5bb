# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest -t 1x2x4 --timeout 900
#
# A host with two cores: a guest with two vcores, and two VMs at once.

. /lib.sh

linux_guest wide 8,threads=4 180
CLOCK_SLACK_S=2
guest_start one 4,threads=4 "quiet smtload=$LOAD_S"
guest_start two 4,threads=4 "quiet smtload=$LOAD_S"
linux_guest_check one 4,threads=4 180
linux_guest_check two 4,threads=4 180
test_end cores
