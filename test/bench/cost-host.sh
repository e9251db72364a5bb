# SPDX-License-Identifier: GPL-2.0-only
#
# The host's side of cost.sh: whatever module is loaded, what its exits cost.

. /lib.sh

while read -r args; do
	# shellcheck disable=SC2086
	/vmm/t_bench -r 40 $args
done </bench.args
test_end bench_cost
