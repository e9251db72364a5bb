# SPDX-License-Identifier: GPL-2.0-only
#
# The host's side of sched.sh: each figure in a line "NOTE bench what | value | target".

. /lib.sh

LOAD_S=2

figure() { note "bench $1 | $2 | ${3:-}"; }
# ratio A B: in two digits; busybox has no %.*f
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", b ? a / b : 0 }'; }
# value LINE KEY: the sum of the numbers after KEY in the lines that begin with LINE, of standard input
value() {
	awk -v l="$1" -v k="$2" 'index($0, l) == 1 { for (i = 1; i < NF; i++) if ($i == k) s += $(i + 1) } END { print s + 0 }'
}

/vmm/t_sched -r 20 -n 4 occupancy fair2 fair4 >/tmp/sched.out
grep -E '^(PASS|FAIL)' /tmp/sched.out
figure "occupancy, 4 runnable vcpus" "$(sed -n 's/.*4 vcpus: \([0-9.]* %\).*in the guest/\1/p' /tmp/sched.out)" ">= 95 %"
figure "2 VMs, one core: apart" "$(sed -n 's/.* 2 VMs.*, \([0-9.]* %\) apart.*/\1/p' /tmp/sched.out)" "<= 5 %"
figure "4 VMs, one core: apart" "$(sed -n 's/.* 4 VMs.*, \([0-9.]* %\) apart.*/\1/p' /tmp/sched.out)" "<= 10 %"
figure "4 VMs, waits of more than two slices" "$(sed -n 's/.* 4 VMs.*ever [0-9]* us, \([0-9]*\) of more.*/\1/p' /tmp/sched.out)" "0"

/vmm/t_smt -r 20 -n 2 pingpong pingpong_far >/tmp/smt.out
grep -E '^(PASS|FAIL)' /tmp/smt.out
for w in pingpong pingpong_far; do
	t=$(sed -n "s/.*t_smt.$w.n2 .* \([0-9]*\) ticks a turn.*/\1/p" /tmp/smt.out)
	figure "H_PROD to the guest of the other vcpu, $w" "$(awk -v t="$t" 'BEGIN { print int(t * 1.953) }') instructions"
done

# what each kind of real-mode answer is worth: the same guest, more and more of them (the module's parameter fast)
for f in 0:nothing 1:"hash table hcalls" 3:"and storage faults" 7:"and H_CEDE, H_PROD" 15:"and XICS hcalls" 31:"and breakpoints, all"; do
	echo "${f%%:*}" >/sys/module/kvm_hv_smt/parameters/fast
	linux_guest "smt4-${f%%:*}" 4,threads=4 900
	c=/tmp/smt4-${f%%:*}.counters
	figure "Linux guest, in real mode ${f#*:}: exits that need the host" "$(value vcore exits_host <"$c")"
	figure "Linux guest, in real mode ${f#*:}: threads pulled out for them" "$(value vcore exits_pulled <"$c")"
done
c=/tmp/smt4-31.counters
j=$(value vcore joins <$c) late=$(($(value vcore late_joins <$c) + $(value vcore refused_joins <$c)))
naps=$(value vcore late_naps <$c)
figure "Linux guest: wake-ups in a run served by joining" "$(ratio $((j * 100)) $((j + late))) %" ">= 90 %"
figure "Linux guest: woken when the run was ending" "$naps of $((j + late + naps))"
figure "Linux guest: threads pulled out per exit" "$(ratio "$(value vcore exits_pulled <$c)" "$(value vcore exits_host <$c)")"
n=$(($(value vcore runs <$c) - $(value vcore slice_ends <$c)))
figure "Linux guest: IPIs per collective exit" "$(ratio "$(value vcore exit_ipis <$c)" "$n")"
figure "Linux guest: IPIs at the end of a slice" "$(ratio "$(value vcore slice_ipis <$c)" "$(value vcore slice_ends <$c)")" "0"
check bench-joins "$j joins, $late late" [ $((j * 10)) -ge $(((j + late) * 9)) ]
check bench-slice-ipis "$(value vcore slice_ipis <$c)" [ "$(value vcore slice_ipis <$c)" = 0 ]
test_end bench_sched
