# SPDX-License-Identifier: GPL-2.0-only
# build: test/host/mkmod.sh >"$CACHE/log/mkmod-modprobe.log" 2>&1 && test/host/kmod-layer.sh
# boot: -m none -l kmod --timeout 300
#
# packaging/kvm-hv-smt.conf with the real modprobe: on POWER7 and POWER8 every way to KVM loads kvm-hv-smt, on later
# processors, and where kvm-hv-smt is not built, kvm_hv. The processor is what /proc/cpuinfo says; another
# one is a file mounted over it.

. /report.sh
MODPROBE=/sbin/modprobe
loaded() { grep -oE '^kvm_hv(_smt)? ' /proc/modules | tr -d '\n'; }
# one by one: rmmod stops at the first that is not loaded
unload() {
	for m in kvm_hv_smt kvm_hv kvm; do rmmod $m 2>/dev/null; done
	[ -z "$(loaded)" ] || fail modprobe-unload "still loaded: $(loaded)"
}

# as CPU: what /proc/cpuinfo says from here on
as() {
	umount /proc/cpuinfo 2>/dev/null
	printf 'processor\t: 0\ncpu\t\t: %s\nclock\t\t: 3000MHz\n' "$1" >/tmp/cpuinfo
	mount --bind /tmp/cpuinfo /proc/cpuinfo
}
# loads NAME WANT WHAT: modprobe WHAT, then the module WANT, and it alone, is loaded
loads() {
	unload
	$MODPROBE "$3" 2>/tmp/err
	status=$?
	check "modprobe-$1" "modprobe $3: status $status, loaded: $(loaded) $(cat /tmp/err)" [ "$status $(loaded)" = "0 $2 " ]
}

check modprobe-is-kmod "$($MODPROBE --version)" [ "$($MODPROBE --version | grep -c '^kmod version')" = 1 ]
check modprobe-host "$(grep -m1 '^cpu' /proc/cpuinfo)" grep -qE '^cpu[[:space:]]*: POWER8' /proc/cpuinfo
loads host-kvm_hv kvm_hv_smt kvm_hv
loads host-kvm-hv-smt kvm_hv_smt kvm-hv-smt
loads host-dev-kvm kvm_hv_smt char-major-10-232
loads host-devname kvm_hv_smt devname:kvm
for cpu in "POWER7 (raw), altivec supported" "POWER7+ (raw), altivec supported" "POWER8E (raw), altivec supported" \
	"POWER8NVL (raw), altivec supported"; do
	as "$cpu"
	n=${cpu%% *}
	loads "$n-kvm_hv" kvm_hv_smt kvm_hv
	loads "$n-dev-kvm" kvm_hv_smt char-major-10-232
done
for cpu in "POWER9, altivec supported" "POWER10, altivec supported" "POWER11, altivec supported"; do
	as "$cpu"
	n=${cpu%%,*}
	loads "$n-kvm_hv" kvm_hv kvm_hv
	loads "$n-kvm-hv-smt" kvm_hv kvm-hv-smt
	loads "$n-dev-kvm" kvm_hv char-major-10-232
done
umount /proc/cpuinfo

# parameters reach it, from the command line and from a file
unload
$MODPROBE kvm_hv_smt slice_us=12345
check modprobe-parameter "slice_us $(cat /sys/module/kvm_hv_smt/parameters/slice_us)" \
	[ "$(cat /sys/module/kvm_hv_smt/parameters/slice_us)" = 12345 ]
unload
mkdir -p /etc/modprobe.d
echo 'options kvm_hv_smt slice_us=23456' >/etc/modprobe.d/test.conf
$MODPROBE kvm_hv
check modprobe-options "slice_us $(cat /sys/module/kvm_hv_smt/parameters/slice_us)" \
	[ "$(cat /sys/module/kvm_hv_smt/parameters/slice_us)" = 23456 ]

# a kernel that the module is not built for
unload
rm "/lib/modules/$(uname -r)/updates/kvm-hv-smt.ko"
: >"/lib/modules/$(uname -r)/modules.order"
/sbin/depmod -a 2>/dev/null
loads unbuilt-kvm_hv kvm_hv kvm_hv
loads unbuilt-dev-kvm kvm_hv char-major-10-232
unload
test_end modprobe
