#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# rpm.sh - the spec file: source package, and a kmod built ahead (across, for the cached 6.1 headers) with what
# belongs in it. kmodtool and akmods are not in Debian: their part of the spec file is only looked at.
# usage: test/packaging/rpm.sh

. "$(dirname "$0")/../host/env.sh"
. "$HOSTDIR/report.sh"
. "$TOP/test/packaging/lib.sh"
need rpm rpmlint
load_kernel 6.1-le
T=$W/rpm
LOG=$CACHE/log/packaging-rpm.log
rm -rf "$T"
make_tree "$T/tree/kvm-hv-smt-$VERSION"
mkdir -p "$T/SOURCES" "$T/bin"
tar -C "$T/tree" -cJf "$T/SOURCES/kvm-hv-smt-$VERSION.tar.xz" "kvm-hv-smt-$VERSION"

# build ARG...: rpmbuild with its folders in $T; its requirements are Debian packages here
build() {
	ARCH=powerpc CROSS_COMPILE="$CROSS_COMPILE" rpmbuild --nodeps --target ppc64le --define "_topdir $T" --define "__strip ${CROSS_COMPILE}strip" \
		"$@" "$TOP/packaging/kvm-hv-smt.spec" >>"$LOG" 2>&1
}
: >"$LOG"
check rpm-source "see $LOG" build -bs || true
srpm=$(ls "$T/SRPMS/kvm-hv-smt-$VERSION"-*.src.rpm 2>/dev/null) || true
check rpm-source-there "none in $T/SRPMS" [ -n "$srpm" ] || true

check rpm-kmod "see $LOG" build -bb --define "kernel_versions ${KREL}___$KERNELDIR" || true
kmod=$(ls "$T"/RPMS/ppc64le/kmod-kvm-hv-smt-*.rpm 2>/dev/null) || true
common=$(ls "$T"/RPMS/noarch/kvm-hv-smt-kmod-common-*.rpm 2>/dev/null) || true
if [ -n "$kmod" ] && [ -n "$common" ]; then
	check rpm-kmod-module "$(rpm -qlp "$kmod")" \
		grep -qx "/lib/modules/$KREL/extra/kvm-hv-smt/kvm-hv-smt.ko" <<<"$(rpm -qlp "$kmod")" || true
	check rpm-kmod-provides "$(rpm -qp --provides "$kmod")" \
		grep -q "^kvm-hv-smt-kmod = $VERSION" <<<"$(rpm -qp --provides "$kmod")" || true
	check rpm-common-modprobe.d "$(rpm -qlp "$common")" \
		grep -qx /usr/lib/modprobe.d/kvm-hv-smt.conf <<<"$(rpm -qlp "$common")" || true
	mkdir "$T/x"
	(cd "$T/x" && rpm2cpio "$kmod" | cpio -id --quiet)
	info=$(modinfo "$T/x/lib/modules/$KREL/extra/kvm-hv-smt/kvm-hv-smt.ko")
	check rpm-kmod-kernel "$info" grep -q "^vermagic: *$KREL " <<<"$info" || true
else
	fail rpm-kmod-packages "kmod: ${kmod:-none}, common: ${common:-none}"
fi
test_end rpm
