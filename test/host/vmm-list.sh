# SPDX-License-Identifier: GPL-2.0-only
#
# vmm-list.sh - in the emulated host: run the lines of one group of t-vmm.list.
# usage: . /vmm/run.sh; vmm_group GROUP
#
# A program reports its own checks. Status 2 is a wrong line of the list, 3 a
# process that cannot be killed: then nothing more is to be had from this host.

vmm_group() {
	vmm_lines=0
	while IFS='	' read -r vmm_g vmm_cmd; do
		[ "$vmm_g" = "$1" ] || continue
		vmm_lines=$((vmm_lines + 1))
		vmm_t=$(uptime_s) vmm_rc=0
		# shellcheck disable=SC2086
		/vmm/${vmm_cmd%% *} -x "$SLOW" ${vmm_cmd#* } </dev/null || vmm_rc=$?
		note "$vmm_cmd: $(elapsed "$vmm_t") s"
		case $vmm_rc in
		0|1) ;;
		3) fail "vmm-$1-stuck" "$vmm_cmd: a process that cannot be killed"; return;;
		*) fail "vmm-$1-status" "$vmm_cmd: status $vmm_rc";;
		esac
	done </vmm/list
	[ $vmm_lines -gt 0 ] || fail "vmm-$1-list" "no line for this group"
}
