# SPDX-License-Identifier: GPL-2.0-only
#
# lib.sh - common part of the packaging tests. Source it after host/env.sh and host/report.sh.

. "$HOSTDIR/aptlib.sh"
PKGDIR=$TOP/test/packaging
VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$TOP/dkms.conf")
W=$CACHE/packaging
mkdir -p "$W"

# need PACKAGE...: see that they are installed on the build machine
need() {
	local p want=()
	for p in "$@"; do
		dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || want+=("$p")
	done
	[ ${#want[@]} -gt 0 ] || return 0
	apt_ready
	say "installing: ${want[*]}"
	apt-get -q -y --no-install-recommends install "${want[@]}" >>"$CACHE/log/apt-install.log" 2>&1 ||
		die "apt-get install failed, see $CACHE/log/apt-install.log"
}

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
