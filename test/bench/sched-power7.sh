# SPDX-License-Identifier: GPL-2.0-only
#
# sched.sh's figures of a host that takes its cpus for POWER7: vcores of one VM in one run.

. /lib.sh

/vmm/t_sched -r 20 -n 4 pack >/tmp/pack.out
grep -E '^(PASS|FAIL)' /tmp/pack.out
t=$(sed -n 's/.* 4 vcores of one vcpu: \([0-9]*\) %.*/\1/p' /tmp/pack.out)
note "bench POWER7, 4 vcores of one vcpu packed: occupancy | $((t / 4)) % | >= 95 %"
test_end bench_sched_power7
