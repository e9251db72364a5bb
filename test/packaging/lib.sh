# SPDX-License-Identifier: GPL-2.0-only
#
# lib.sh - common part of the packaging tests. Source it after host/env.sh and host/report.sh.

. "$HOSTDIR/aptlib.sh"
. "$HOSTDIR/root-lib.sh"
PKGDIR=$TOP/test/packaging
VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
W=$CACHE/packaging
mkdir -p "$W"

# make_tree DIR: the sources as they are now, without build products
make_tree() {
	rm -rf "$1"
	mkdir -p "$1"
	(cd "$TOP" && { git ls-files -z -co --exclude-standard 2>/dev/null || find . -type f -print0; } | tar --null -T - -c) |
		tar -x -C "$1"
}

# make_deb: build the Debian package, DEB is its path
make_deb() {
	rm -rf "$W/deb"
	"$TOP/packaging/mkdeb.sh" "$W/deb" >"$CACHE/log/packaging-deb.log" 2>&1 || return 1
	DEB=$(ls "$W"/deb/*.deb)
}

# status_is WANT COMMAND...: run it, output to $W/out; is its status WANT?
status_is() {
	local want=$1 got=0; shift
	"$@" >"$W/out" 2>&1 || got=$?
	[ "$got" = "$want" ] || echo "status $got instead of $want: $*" >>"$W/out"
	[ "$got" = "$want" ]
}
# check_status NAME WANT COMMAND...
check_status() {
	local name=$1
	shift
	if status_is "$@"; then pass "$name"; else fail "$name" "$(tail -n 3 "$W/out" | tr '\n' ' ')"; fi
}
