#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# native.sh - the packages in a ppc64el root, where a user-mode emulator runs the compiler.
# usage: test/packaging/native.sh [--emulate-cc] [hand] [deb]	(as root; default both; each two builds)
#
# All of dkms, make, kbuild and dpkg is emulated, but the compiler, without --emulate-cc, is the build machine's cross
# compiler of the same version, put into the root in the place of the root's own: minutes instead of hours.
#
#  hand	dkms add, build, install, remove from a source tree, for 6.1 and 6.12
#  deb	the Debian package is installed, a newer kernel comes, kernels it is not for, the package is removed

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
. "$TOP/test/packaging/lib.sh"
need dh-dkms debhelper dpkg-dev fakeroot
"$PKGDIR/chroot.sh" || { fail native-chroot "not made"; test_end native; exit 1; }
C=$CACHE/chroot
# of this run only, so that the parts can run side by side
R=$C/work-$$ W=$W/native-$$
trap 'rm -rf "$R" "$W"' EXIT
mkdir "$W"
LOG=$CACHE/log/packaging-native${1:+-${!#}}.log
: >"$LOG"

in_ppc64el() { nice -n 5 python3 "$PKGDIR/nsrun.py" "$C/qemu-ppc64le-static" "$R" "$@"; }
# run NAME WANT COMMAND...: in the root; one check, all output to the log
run() {
	local name=$1 want=$2 start=$SECONDS; shift 2
	check_status "$name" "$want" in_ppc64el "$@"
	{ echo "== $name: $*"; cat "$W/out"; } >>"$LOG"
	[ $((SECONDS - start)) -lt 10 ] || note "$name: $((SECONDS - start)) s"
}
# said NAME REGEX: in the output of the last run
said() { check "$1" "$(tail -n 3 "$W/out" | tr '\n' ' ')" grep -qE -- "$2" "$W/out" || true; }
# release NAME: of the headers in debs/NAME
release() { basename "$(ls "$C/debs/$1"/linux-headers-*-powerpc64le_*.deb)" | sed 's/^linux-headers-//; s/_.*//'; }
# install_headers CHECK NAME: as apt would do it, but for the kernel's image, which 6.12's headers also want
install_headers() {
	mkdir "$R/tmp/headers"
	cp "$C/debs/$2"/*.deb "$R/tmp/headers/"
	run "$1" 0 sh -c 'dpkg --force-depends -i /tmp/headers/*.deb'
	rm -r "$R/tmp/headers"
}
module_of() { find "$R/lib/modules/$1/" -name 'kvm-hv-smt.ko*' 2>/dev/null || true; }
# installed NAME RELEASE: is a module for just this kernel there, signed, and known to modprobe?
installed() {
	local info
	info=$(in_ppc64el modinfo -k "$2" kvm_hv_smt 2>&1) || true
	check "$1-module" "$info" grep -q "^vermagic: *$2 " <<<"$info" || true
	check "$1-version" "$info" grep -q "^version: *$VERSION$" <<<"$info" || true
	check "$1-signed" "$info" grep -q '^signer: *DKMS module signing key' <<<"$info" || true
	check "$1-alias" "not in modules.alias" grep -qx 'alias char-major-10-232 kvm_hv_smt' \
		"$R/lib/modules/$2/modules.alias" || true
}
gone() { check "$1" "$(module_of "$2")" [ -z "$(module_of "$2")" ] || true; }
# fake_kernel RELEASE SED: headers of FROM under another name, with another configuration
fake_kernel() {
	mkdir -p "$R/lib/modules/$1/build"
	cp -r "$R/usr/src/linux-headers-$FROM/include" "$R/lib/modules/$1/build/"
	sed "$2" "$R/usr/src/linux-headers-$FROM/.config" >"$R/lib/modules/$1/build/.config"
}

# put FILE [AS]: a program of the build machine into the root, with its libraries
put() {
	local f
	for f in "$1" $(ldd "$1" | grep -o '/[^ ]*'); do
		mkdir -p "$R$(dirname "$f")"
		cp -L "$f" "$R$f"
	done
	[ -z "${2:-}" ] || { mkdir -p "$R$(dirname "$2")"; mv -f "$R$1" "$R$2"; }
}
fast_compiler() {
	local gcc=powerpc64le-linux-gnu-gcc-12 dir f
	dir=$(dirname "$($gcc -print-libgcc-file-name)")
	[ "$($gcc -dumpfullversion)" = "$(in_ppc64el gcc-12 -dumpfullversion)" ] || die "the two gcc-12 differ"
	put "/usr/bin/$gcc"
	for f in cc1 collect2 lto-wrapper; do put "$($gcc -print-prog-name=$f)"; done
	put "$($gcc -print-file-name=liblto_plugin.so)"
	cp -r "$dir/include" "$R$dir/"
	put /usr/bin/powerpc64le-linux-gnu-as /usr/powerpc64le-linux-gnu/bin/as
	echo 'int x;' >"$R/tmp/x.c"
	in_ppc64el sh -c 'gcc-12 -fsyntax-only /tmp/x.c && gcc-12 -c -o /tmp/x.o /tmp/x.c'
	[ "$(file -b "$R/tmp/x.o" | grep -c '64-bit LSB relocatable, 64-bit PowerPC')" = 1 ] || die "no compiler in the root"
}
fresh_root() {
	rm -rf "$R"
	cp -a "$C/base" "$R"
	[ -n "$EMULATE_CC" ] || fast_compiler
}

part_hand() {
	local k n
	fresh_root
	install_headers native-headers-6.1 6.1
	install_headers native-headers-6.12 6.12
	make_tree "$R/usr/src/kvm-hv-smt-$VERSION"
	run native-add 0 dkms add "kvm-hv-smt/$VERSION"
	for k in "$NEW" "$BPO"; do
		n=native-$(cut -d. -f1,2 <<<"$k")
		run "$n-build" 0 dkms build "kvm-hv-smt/$VERSION" -k "$k"
		check "$n-no-deprecated" "$(grep -i deprecated "$W/out")" sh -c "! grep -qi deprecated '$W/out'" || true
		run "$n-install" 0 dkms install "kvm-hv-smt/$VERSION" -k "$k"
		installed "$n" "$k"
	done
	run native-remove 0 dkms remove "kvm-hv-smt/$VERSION" --all
	gone native-6.1-removed "$NEW"
	gone native-6.12-removed "$BPO"
	run native-status 0 dkms status
	check native-status-empty "$(cat "$W/out")" sh -c "! grep -q kvm-hv-smt '$W/out'" || true
}

# Its kernels: an ABI of 6.1, then a newer one (6.12 if the archive has only one of 6.1); and three that are not
# supported, for which nothing may be built and nothing may fail.
part_deb() {
	local k left first=6.1-old next=6.1 fakes="6.1.0-99-nokvm 5.4.0-99-old 8.0.1-99-new"
	[ -d "$C/debs/6.1-old" ] || { first=6.1 next=6.12; note "the archive has one ABI of 6.1 only"; }
	fresh_root
	install_headers native-headers-first $first
	FROM=$(release $first)
	fake_kernel 6.1.0-99-nokvm 's/^CONFIG_KVM_BOOK3S_HV_POSSIBLE=.*//'
	fake_kernel 5.4.0-99-old ''
	fake_kernel 8.0.1-99-new ''
	make_deb || fail native-deb "see $CACHE/log/packaging-deb.log"
	cp "$DEB" "$R/tmp/kvm-hv-smt-dkms.deb"
	run native-deb-install 0 dpkg -i /tmp/kvm-hv-smt-dkms.deb
	said native-deb-skips 'Skipped'
	installed native-deb "$FROM"
	check native-deb-modprobe.d "not there" [ -e "$R/usr/lib/modprobe.d/kvm-hv-smt.conf" ] || true

	# the new kernel's own hook rebuilds
	install_headers native-upgrade $next
	installed native-upgrade "$(release $next)"
	for k in $fakes; do
		run "native-skip-$k" 77 dkms build "kvm-hv-smt/$VERSION" -k "$k"
		said "native-skip-$k-says" 'should not be built'
		# 3.0.10 without what dkms.conf does about it: 11
		run "native-skip-$k-upgrade" 0 dkms autoinstall -k "$k"
		run "native-skip-$k-hook" 0 /etc/kernel/header_postinst.d/dkms "$k"
		gone "native-skip-$k-nothing" "$k"
	done

	run native-deb-purge 0 dpkg --purge kvm-hv-smt-dkms
	for k in $first $next; do gone "native-purged-$k" "$(release $k)"; done
	left=$(find "$R/usr/src" "$R/var/lib/dkms" "$R/etc/modprobe.d" "$R/usr/lib/modprobe.d" -name 'kvm-hv-smt*')
	check native-purged-rest "$left" [ -z "$left" ] || true
}

NEW=$(release 6.1) BPO=$(release 6.12) EMULATE_CC=''
[ "${1:-}" != --emulate-cc ] || { EMULATE_CC=1; shift; }
if [ -n "$EMULATE_CC" ]; then note "gcc-12: the root's own, emulated"; else note "gcc-12: the build machine's"; fi
[ $# -gt 0 ] || set -- hand deb
for part in "$@"; do "part_$part"; done
rm -rf "$R"
test_end native
