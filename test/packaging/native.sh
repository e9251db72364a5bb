#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# native.sh - the packages in a ppc64el root, run by a user-mode emulator: dkms add, build, install, remove for 6.1
# and 6.12; the Debian package installed, a kernel upgrade, kernels it is not for, the package removed.
# usage: test/packaging/native.sh	(as root; half an hour on two CPUs, the compiler is emulated)

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
. "$TOP/test/packaging/lib.sh"
need dh-dkms debhelper dpkg-dev fakeroot
"$PKGDIR/chroot.sh" || { fail native-chroot "not made"; test_end native; exit 1; }
C=$CACHE/chroot
R=$C/work
LOG=$CACHE/log/packaging-native.log
: >"$LOG"

in_root() { nice python3 "$PKGDIR/nsrun.py" "$C/qemu-ppc64le-static" "$R" "$@"; }
# run NAME WANT COMMAND...: in the root; one check, all output to the log
run() {
	local name=$1 want=$2 start=$SECONDS; shift 2
	check_status "$name" "$want" in_root "$@"
	{ echo "== $name: $*"; cat "$W/out"; } >>"$LOG"
	[ $((SECONDS - start)) -lt 10 ] || note "$name: $((SECONDS - start)) s"
}
# said NAME REGEX: in the output of the last run
said() { check "$1" "$(tail -n 3 "$W/out" | tr '\n' ' ')" grep -qE -- "$2" "$W/out" || true; }
# release NAME: of the headers in debs/NAME
release() { basename "$(ls "$C/debs/$1"/linux-headers-*-powerpc64le_*.deb)" | sed 's/^linux-headers-//; s/_.*//'; }
# install_headers CHECK NAME: as apt would do it; the image that 6.12's headers want is left out
install_headers() {
	cp "$C/debs/$2"/*.deb "$R/tmp/"
	run "$1" 0 sh -c 'dpkg --force-depends -i /tmp/linux-*.deb && rm /tmp/linux-*.deb'
}
module_of() { find "$R/lib/modules/$1/" -name 'kvm-hv-smt.ko*' 2>/dev/null; }
# installed NAME RELEASE: is a module for just this kernel there, signed, and known to modprobe?
installed() {
	local info
	info=$(in_root modinfo -k "$2" kvm_hv_smt 2>&1) || true
	check "$1-module" "$info" grep -q "^vermagic: *$2 " <<<"$info" || true
	check "$1-version" "$info" grep -q "^version: *$VERSION$" <<<"$info" || true
	check "$1-signed" "$info" grep -q '^signer: *DKMS module signing key' <<<"$info" || true
	check "$1-alias" "not in modules.alias" grep -qx 'alias char-major-10-232 kvm_hv_smt' \
		"$R/lib/modules/$2/modules.alias" || true
}
gone() { check "$1" "$(module_of "$2")" [ -z "$(module_of "$2")" ] || true; }
# fake_kernel RELEASE SED: headers of NEW under another name, with another configuration
fake_kernel() {
	mkdir -p "$R/lib/modules/$1/build"
	cp -r "$R/usr/src/linux-headers-$NEW/include" "$R/lib/modules/$1/build/"
	sed "$2" "$R/usr/src/linux-headers-$NEW/.config" >"$R/lib/modules/$1/build/.config"
}

rm -rf "$R"
cp -a "$C/base" "$R"
NEW=$(release 6.1)
OLD=$NEW; [ ! -d "$C/debs/6.1-old" ] || OLD=$(release 6.1-old)
BPO=$(release 6.12)
note "kernels: $OLD, $NEW, $BPO; dkms $(in_root dpkg-query -W -f '${Version}' dkms)"

# by hand, from a source tree
install_headers native-headers-6.1 6.1
install_headers native-headers-6.12 6.12
make_tree "$R/usr/src/kvm-hv-smt-$VERSION"
run native-add 0 dkms add "kvm-hv-smt/$VERSION"
for k in "$NEW" "$BPO"; do
	n=native-${k%%-*}; n=${n%+deb12}
	run "$n-build" 0 dkms build "kvm-hv-smt/$VERSION" -k "$k"
	check "$n-no-deprecated" "$(grep -i deprecated "$W/out")" sh -c "! grep -qi deprecated '$W/out'" || true
	run "$n-install" 0 dkms install "kvm-hv-smt/$VERSION" -k "$k"
	installed "$n" "$k"
done
run native-remove 0 dkms remove "kvm-hv-smt/$VERSION" --all
gone native-6.1-removed "$NEW"
gone native-6.12-removed "$BPO"
rm -rf "$R/usr/src/kvm-hv-smt-$VERSION"

# the Debian package, on a machine that has only an old kernel
in_root dpkg --purge "linux-headers-$NEW" "linux-headers-$BPO" >>"$LOG" 2>&1 || true
rm -rf "$R/lib/modules"
mkdir "$R/lib/modules"
if [ "$OLD" != "$NEW" ]; then
	install_headers native-headers-old 6.1-old
else
	skip native-old-abi "the archive has one ABI of 6.1 only; the upgrade is from it to 6.12"
	install_headers native-headers-old 6.1
fi
make_deb || fail native-deb "see $CACHE/log/packaging-deb.log"
cp "$DEB" "$R/tmp/kvm-hv-smt-dkms.deb"
run native-deb-install 0 dpkg -i /tmp/kvm-hv-smt-dkms.deb
installed native-deb "$OLD"
check native-deb-modprobe.d "not there" [ -e "$R/usr/lib/modprobe.d/kvm-hv-smt.conf" ] || true

# kernel upgrades: the headers' own hook rebuilds
if [ "$OLD" != "$NEW" ]; then
	install_headers native-upgrade 6.1
	installed native-upgrade "$NEW"
fi
install_headers native-upgrade-6.12 6.12
installed native-upgrade-6.12 "$BPO"

# kernels that are not supported: nothing is built, and nothing fails
fake_kernel 6.1.0-99-nokvm 's/^CONFIG_KVM_BOOK3S_HV_POSSIBLE=.*//'
fake_kernel 5.4.0-99-old ''
fake_kernel 8.0.1-99-new ''
for k in 6.1.0-99-nokvm 5.4.0-99-old 8.0.1-99-new; do
	run "native-skip-$k" 77 dkms build "kvm-hv-smt/$VERSION" -k "$k"
	said "native-skip-$k-says" 'should not be built'
	# 3.0.10 without what dkms.conf does about it: 11
	run "native-skip-$k-autoinstall" 0 dkms autoinstall -k "$k"
	run "native-skip-$k-hook" 0 /etc/kernel/header_postinst.d/dkms "$k"
	gone "native-skip-$k-nothing" "$k"
done
# a new version of the package is configured with all these kernels around
run native-deb-reinstall 0 dpkg -i /tmp/kvm-hv-smt-dkms.deb
installed native-deb-reinstall "$NEW"

run native-deb-purge 0 dpkg --purge kvm-hv-smt-dkms
for k in "$OLD" "$NEW" "$BPO"; do gone "native-purged-$k" "$k"; done
left=$(find "$R/usr/src" "$R/var/lib/dkms" "$R/etc/modprobe.d" "$R/usr/lib/modprobe.d" -name 'kvm-hv-smt*')
check native-purged-rest "$left" [ -z "$left" ] || true
rm -rf "$R"
test_end native
