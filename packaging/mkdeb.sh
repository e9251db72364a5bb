#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mkdeb.sh - build the Debian package kvm-hv-smt-dkms.
# usage: packaging/mkdeb.sh OUTDIR	(needs debhelper, dh-dkms, dpkg-dev; any architecture)
#
# debhelper wants debian/ at the top of the source; this tree has it in
# packaging/, so the source is made in OUTDIR: orig tarball, debian/, package.

set -euo pipefail
TOP=$(cd "$(dirname "$0")/.." && pwd)
OUT=${1:?usage: mkdeb.sh OUTDIR}
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
deb=$(dpkg-parsechangelog -l "$TOP/packaging/debian/changelog" -S Version)
[ "${deb%-*}" = "$version" ] || {
	echo "mkdeb.sh: packaging/debian/changelog has $deb, dkms.conf $version" >&2
	exit 1
}

mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
src=$OUT/kvm-hv-smt-$version
rm -rf "$src"
mkdir "$src"
# what is not ignored, as it is now; or all, in a tree without version control
(cd "$TOP" && { git ls-files -z -co --exclude-standard 2>/dev/null || find . -type f -print0; } |
	grep -zv -e '^packaging/debian/' -e '^\./packaging/debian/' -e '^\.ci/' |
	tar --null -T - --owner 0 --group 0 -c) | tar -x -C "$src"
tar -C "$OUT" --sort=name --owner 0 --group 0 -cJf "$OUT/kvm-hv-smt_$version.orig.tar.xz" "$(basename "$src")"
cp -r "$TOP/packaging/debian" "$src/debian"
cd "$src"
dpkg-buildpackage -us -uc -d
