# SPDX-License-Identifier: GPL-2.0-only
#
# root-lib.sh - roots of other Debian releases, made by debootstrap. Source it after env.sh; what makes or fills a root needs
# aptlib.sh, too.

# in_root DIR COMMAND...: in the root DIR, or here if DIR is empty; of the environment, nothing gets into a root
in_root() {
	local dir=$1; shift
	[ -n "$dir" ] || { "$@"; return; }
	chroot "$dir" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

# bootstrap SUITE DIR LOG OPTION...: a minimal root of SUITE, from where this machine has its own packages
bootstrap() {
	local suite=$1 dir=$2 log=$3 mirror; shift 3
	need debootstrap
	mirror=$(python3 "$HOSTDIR/aptsrc.py" bookworm "$suite" | sed -n 's/^URIs: *\([^ ]*\).*/\1/p')
	[ -n "$mirror" ] || die "this machine has no apt source to take $suite from"
	rm -rf "$dir"; mkdir -p "$dir"
	say "debootstrap of $suite, log $log"
	nice debootstrap --variant=minbase "$@" "$suite" "$dir" "$mirror" >>"$log" 2>&1 || die "debootstrap of $suite failed, see $log"
}

# apt-get in a root: a suite under snapshots may be older than its own validity
ROOT_APT=(apt-get -q -y -o Acquire::Check-Valid-Until=false -o APT::Install-Recommends=false -o APT::Sandbox::User=root)

# suite_root SUITE LOG: ROOT is an amd64 root of SUITE for building kernels and modules of that release; its holder is who
# has the lock chroot-SUITE
suite_root() {
	ROOT=$CACHE/chroot/$1
	[ "$(id -u)" = 0 ] || die "a root of $1 can be made by root only"
	lock "chroot-$1"
	if stamped "chroot-$1"; then return; fi
	bootstrap "$1" "$ROOT" "$2" --include=make,sparse,kmod
	in_root "$ROOT" dpkg --add-architecture ppc64el
	# stable kernels come by the security suite, too, and that is a second mirror to find them on
	if python3 "$HOSTDIR/aptsrc.py" bookworm-security "$1-security" >"$ROOT/security" 2>>"$2" && [ "$1" != sid ]; then
		grep -v '^Signed-By' "$ROOT/security" >"$ROOT/etc/apt/sources.list.d/security.sources"
	fi
	rm -f "$ROOT/security"
	stamp "chroot-$1"
}

# root_install LOG PACKAGE...: into ROOT. A mirror in the middle of a sync must not stop us: what is missing is missed then.
root_install() {
	local log=$1; shift
	in_root "$ROOT" "${ROOT_APT[@]}" update >>"$log" 2>&1 || say "note: an index for $ROOT was not fetched, see $log"
	in_root "$ROOT" nice "${ROOT_APT[@]}" install "$@" >>"$log" 2>&1 || die "no $* in $ROOT, see $log"
}
