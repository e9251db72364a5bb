# SPDX-License-Identifier: GPL-2.0-only
# boot: -l guest --timeout 240
#
# Inside a pseries guest there is no hypervisor mode.

. /lib.sh

mkdir -p /tmp/tiny
cp /lib/modules/kvm.ko /lib/modules/kvm-hv-smt.ko /tmp/tiny/
(cd /tmp/tiny && find . | cpio -o -H newc 2>/dev/null) >/tmp/tiny.cpio
cat /guest/initrd /tmp/tiny.cpio >/tmp/initrd
guest_start g 1 "quiet do=insmod,/kvm.ko;insmod,/kvm-hv-smt.ko||echo,REFUSED;grep,^kvm,/proc/modules;dmesg|grep,kvm-hv" -initrd /tmp/initrd
check refuse-guest-end "$(tail -n 3 /tmp/g.log)" guest_wait g 120 '^GUEST-TIME end'
check refuse-guest "it was loaded" guest_has g '^REFUSED'
check refuse-guest-error "$(grep -a insmod /tmp/g.log)" guest_has g "insmod: .*kvm-hv-smt.*No such device"
check refuse-guest-sentence "$(grep -a kvm-hv-smt: /tmp/g.log)" \
	guest_has g 'kvm-hv-smt: not loaded: this host does not run in hypervisor mode \(it is a guest itself\)'
check refuse-guest-kvm "kvm.ko is not there" guest_has g '^kvm '
check refuse-guest-gone "something is left" sh -c '! grep -q ^kvm_hv_smt /tmp/g.log'
guest_wait_end g 30
guest_show g 20
guest_kill g
test_end refuse_guest
