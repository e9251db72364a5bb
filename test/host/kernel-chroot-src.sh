#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel-chroot-src.sh - build a ppc64el kernel from the linux-source of a newer Debian, by that release's compiler.
# usage: test/host/kernel-chroot-src.sh NAME		(see the table; after setup.sh, as root; a quarter of an hour the first time)
#
# For a release whose own ppc64el kernel cannot be had, or with a patch of src/shim. The source is of all architectures, so the
# index of this machine's own finds it. It is unpacked and built in the root of that release, as the module is then.

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/kernel-lib.sh"

# name		suite	compiler	package with the source		conf/NAME.config	patch of src/shim
declare -A KERNELS=(
	[6.12-trixie-src]='trixie gcc-14 linux-source-6\.12 le-4k'
	[7.x-le-shim]='sid gcc-16 linux-source-7\.[0-9]+ le-7x 7.x'
)

NAME=${1:-none}
[ -n "${KERNELS[$NAME]:-}" ] || die "give one of: ${!KERNELS[*]}"
read -r SUITE GCC PACKAGE CONF PATCH <<<"${KERNELS[$NAME]}"
[ -z "$PATCH" ] || PATCH=$TOP/src/shim/$PATCH.patch

# fetch_root_source SUITE LOG: SRC is the newest PACKAGE there is, unpacked in the root
fetch_root_source() {
	local pkg d=$ROOT/var/cache/kvm-hv-smt-source
	pkg=$(in_root "$ROOT" apt-cache pkgnames linux-source- | grep -E "^($PACKAGE)\$" | sort -V | tail -n 1) || true
	[ -n "$pkg" ] || die "no $PACKAGE in $1; was its index fetched? See $2"
	SRC=$ROOT/usr/src/$pkg
	if stamped "source-$1-$pkg"; then return; fi
	rm -rf "$d" "$SRC"; mkdir -p "$d"
	in_root "$ROOT" sh -c 'cd "$1" && shift && "$@"' sh "${d#"$ROOT"}" "${ROOT_APT[@]}" download "$pkg" >>"$2" 2>&1 ||
		die "download of $pkg failed, see $2"
	say "source: $(cd "$d" && ls ./*.deb | sed 's,^\./,,')"
	unpack_source "$d"/*.deb
	rm -rf "$d"
	stamp "source-$1-$pkg"
}

if kernel_there "$NAME" "$CONF" "$PATCH"; then exit 0; fi
suite_root "$SUITE" "$CACHE/log/root-$SUITE.log"
root_install "$CACHE/log/root-$SUITE.log" "$GCC-powerpc64le-linux-gnu" gcc libc6-dev bison flex bc libelf-dev libssl-dev perl \
	python3-minimal xz-utils
fetch_root_source "$SUITE" "$CACHE/log/root-$SUITE.log"
[ -z "$PATCH" ] || patch_source "$PATCH"
make_kernel "$NAME" le
