# SPDX-License-Identifier: GPL-2.0-only
#
# The host's side of cost.sh: whatever module is loaded, what its exits cost.

. /lib.sh

T=/sys/module/kvm_hv_smt/parameters/timing
C=/sys/kernel/debug/kvm-hv-smt/cores

# phases THREADS: in which phases of its runs the time of a hcall to virtual mode goes
phases() {
	sed -n 's/^core of cpu 0: //p' $C >/tmp/before
	BENCH_OP="hcall in the kernel" /vmm/t_bench -r 100 -n "$1" hcalls >/dev/null
	sed -n 's/^core of cpu 0: //p' $C >/tmp/after
	awk -v n="$1" '
		$1 == "runs" && $2 + 0 == $2 { runs = (FNR == NR ? -$2 : runs + $2); next }
		/ us [0-9]+$/ { t = $NF; sub(/ us [0-9]+$/, ""); if (FNR == NR) was[$0] = t; else { d[++k] = t - was[$0]; name[k] = $0 } }
		END { for (i = 1; i <= k; i++) printf "NOTE phase %d | %s | %d\n", n, name[i], runs ? d[i] * 1000 / runs : 0 }' /tmp/before /tmp/after
}

# timing: the phases, and runs to draw: a thread that is woken, others that spin
timing() {
	echo 1 >$T
	phases 1
	phases 4
	BENCH_OP="wake-up lateness, 1 ms" /vmm/t_bench -r 500 -n 4 sleep >/dev/null &
	sleep 0.3
	sed 's/^/PLOT /' /sys/kernel/debug/kvm-hv-smt/runs
	wait
	echo 0 >$T
}

while read -r args; do
	if [ "$args" = timing ]; then
		timing
	else
		# shellcheck disable=SC2086
		/vmm/t_bench -r 40 $args
	fi
done </bench.args
test_end bench_cost
