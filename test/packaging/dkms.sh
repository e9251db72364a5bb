#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# dkms.sh - the packages, as far as an amd64 machine can tell: dkms builds the module across and skips what it is
# not for, the Debian package is built and lintian has nothing to say, rpmlint has nothing to say of the spec file.
# usage: test/packaging/dkms.sh
#
# dkms runs in a mount namespace where its folders are ours: nothing is added to this machine's.

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
. "$TOP/test/packaging/lib.sh"
need dkms dh-dkms debhelper dpkg-dev fakeroot lintian rpm rpmlint
load_kernel 6.1-le

# dkms_ns COMMAND...: with dkms's own state and keys in $W/var
dkms_ns() {
	mkdir -p "$W/var"
	# shellcheck disable=SC2016
	unshare -r -m sh -ec 'mount --bind "$1" /var/lib/dkms; shift; exec "$@"' - "$W/var" "$@"
}
# cross VERB KERNEL KERNELDIR [ARCH]
cross() {
	dkms_ns env ARCH=powerpc CROSS_COMPILE="$CROSS_COMPILE" dkms "$1" -m kvm-hv-smt -v "$VERSION" -k "$2" \
		-a "${4:-ppc64le}" --kernelsourcedir "$3" --sourcetree "$W/src" --installtree "$W/inst" --no-depmod
}
# skipped NAME KERNEL KERNELDIR [ARCH]: dkms build says 77 and leaves nothing
skipped() {
	local name=$1; shift
	check_status "$name" 77 cross build "$@"
	check "$name-says" "$(cat "$W/out")" grep -q 'should not be built' "$W/out" || true
	check "$name-nothing" "something was built" [ ! -e "$W/var/kvm-hv-smt/$VERSION/$1" ] || true
}
# config_without OPTION: folder with the kernel's configuration but for it
config_without() {
	mkdir -p "$W/config-$1"
	sed "s/^$1=.*/# $1 is not set/" "$KERNELDIR/.config" >"$W/config-$1/.config"
	echo "$W/config-$1"
}

rm -rf "${W:?}"/{var,src,inst}
make_tree "$W/src/kvm-hv-smt-$VERSION"

check dkms-spec-version "the spec file has another version than dkms.conf" \
	grep -qx "Version: *$VERSION" "$TOP/packaging/kvm-hv-smt.spec" || true
for key in CLEAN OBSOLETE_BY REMAKE_INITRD MODULES_CONF MODULES_CONF_OBSOLETES MODULES_CONF_ALIAS_TYPE \
	MODULES_CONF_OBSOLETE_ONLY; do
	! grep -q "^$key\>" "$TOP/dkms.conf" || fail "dkms-deprecated-$key" "it is in dkms.conf"
done

check_status dkms-add 0 dkms_ns dkms add "kvm-hv-smt/$VERSION" --sourcetree "$W/src"
skipped dkms-skip-amd64 "$KREL" "$KERNELDIR" x86_64
skipped dkms-skip-5.4 5.4.0-42-powerpc64le "$KERNELDIR"
skipped dkms-skip-8.0 8.0.1-powerpc64le "$KERNELDIR"
for option in CONFIG_KVM_BOOK3S_HV_POSSIBLE CONFIG_PPC_POWERNV CONFIG_PPC_ICP_NATIVE; do
	skipped "dkms-skip-no-${option#CONFIG_}" "6.1.0-none" "$(config_without $option)"
done
# a kernel upgrade on a machine that the module is not for; dkms 3.0.10 alone would fail it
check_status dkms-autoinstall-skips 0 dkms_ns dkms autoinstall -k 6.1.0-none

start=$SECONDS
check_status dkms-cross-build 0 cross build "$KREL" "$KERNELDIR"
note "dkms build across, $KREL: $((SECONDS - start)) s"
check dkms-no-deprecated "$(grep -i deprecated "$W/out")" sh -c "! grep -qi deprecated '$W/out'" || true
cp "$W/var/kvm-hv-smt/$VERSION/$KREL/ppc64le/log/make.log" "$CACHE/log/packaging-make.log" || true
mkdir -p "$W/inst/$KREL"
check_status dkms-cross-install 0 cross install "$KREL" "$KERNELDIR"
ko=$(find "$W/inst/$KREL" -name 'kvm-hv-smt.ko*')
check dkms-cross-module "$ko" [ -n "$ko" ] || true
if [ -n "$ko" ]; then
	info=$(modinfo "$ko")
	check dkms-module-version "$info" grep -qx "version: *$VERSION" <<<"$info" || true
	check dkms-module-kernel "$info" grep -q "^vermagic: *$KREL " <<<"$info" || true
	check dkms-module-little-endian "$(file -b "$ko")" grep -q 'ELF 64-bit LSB.*PowerPC' <<<"$(file -b "$ko")" || true
fi
check_status dkms-remove 0 dkms_ns dkms remove "kvm-hv-smt/$VERSION" --all --installtree "$W/inst" --no-depmod
check dkms-remove-clean "$(find "$W/inst" "$W/var" -name '*.ko*')" [ -z "$(find "$W/inst" "$W/var" -name '*.ko*')" ] || true

if make_deb; then
	pass deb-build
	lintian --allow-root --show-overrides -I --tag-display-limit 0 "$W"/deb/*.changes >"$W/lintian" 2>&1 || true
	grep -E '^[EWI]:' "$W/lintian" >"$W/lintian.tags" || true
	check deb-lintian "$(cat "$W/lintian.tags" | head -n 3 | tr '\n' ' ')" [ ! -s "$W/lintian.tags" ] || true
	# what it overrides shows that it looked
	check deb-lintian-ran "$(tail -n 1 "$W/lintian")" grep -q '^O: kvm-hv-smt-dkms: initial-upload' "$W/lintian" || true
	dpkg-deb -c "$DEB" >"$W/deb.list"
	for f in "usr/src/kvm-hv-smt-$VERSION/dkms.conf" "usr/src/kvm-hv-smt-$VERSION/src/main.c" \
		usr/lib/modprobe.d/kvm-hv-smt.conf; do
		check "deb-has-$(basename "$f")" "not in $DEB" grep -q " ./$f\$" "$W/deb.list" || true
	done
else
	fail deb-build "see $CACHE/log/packaging-deb.log"
fi

rpmlint -r "$TOP/packaging/kvm-hv-smt.rpmlintrc" "$TOP/packaging/kvm-hv-smt.spec" >"$W/rpmlint" 2>&1 || true
check rpm-lint "$(grep -m1 -E ': [EW]: ' "$W/rpmlint")" grep -q '1 specfiles checked; 0 errors, 0 warnings' "$W/rpmlint" || true
test_end dkms
