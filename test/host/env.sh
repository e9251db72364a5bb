# SPDX-License-Identifier: GPL-2.0-only
#
# env.sh - common part of the rig's scripts. Source it, do not run it.
#
# Everything the rig downloads or builds lies in one cache folder outside the
# tree:
#	KVM_HV_SMT_CACHE	default ${XDG_CACHE_HOME:-$HOME/.cache}/kvm-hv-smt
#
# $CACHE/debs/		downloaded packages
# $CACHE/kernel/NAME/	one host kernel each: kernel.env and what it names
# $CACHE/userland/	unpacked ppc64el packages (QEMU, busybox)
# $CACHE/layer/		cpio archives; boot.sh concatenates them to an initramfs
# $CACHE/build/		module builds
# $CACHE/log/		console logs
# $CACHE/stamp/		one file per finished step; remove one to redo the step
#
# A kernel.env has: KREL (release), VMLINUX, KERNELDIR (for module builds),
# KMODDIR (where kvm.ko is), ENDIAN (le or be), CROSS_COMPILE, XCC, MKARGS (one more
# argument for module builds: stock headers come without the vmlinux that BTF needs), and
# CHROOT if XCC and KERNELDIR lie in a root of their own (kernel-chroot.sh).

set -euo pipefail
export LC_ALL=C PYTHONDONTWRITEBYTECODE=1

HOSTDIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$HOSTDIR/../.." && pwd)
CACHE=${KVM_HV_SMT_CACHE:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/kvm-hv-smt}
# the host kernel unless a script is told another: RIG_KERNEL, or the debug kernel with RIG_DEBUG
RIG_KERNEL=${RIG_KERNEL:-6.1-le${RIG_DEBUG:+-debug}}
mkdir -p "$CACHE"/{debs,kernel,layer,build,log,stamp,lock}

say() { printf '%s: %s\n' "$(basename "$0" .sh)" "$*"; }
die() { printf '%s: error: %s\n' "$(basename "$0" .sh)" "$*" >&2; exit 1; }

# lock NAME: one holder per cache and NAME, until the caller exits; once more by the holder is nothing
declare -A LOCKS=()
lock() {
	[ -z "${LOCKS[$1]:-}" ] || return 0
	LOCKS[$1]=1
	exec {LOCKFD}>"$CACHE/lock/$1"
	if ! flock -n "$LOCKFD"; then
		say "waiting for another run ($1)"
		flock -w 3600 "$LOCKFD" || die "lock $1 still taken after an hour"
	fi
}

# A stamp is valid for the inputs it was made from: stamped NAME [file...]
stamp_sum() { shift; cat /dev/null "$@" | sha256sum | cut -d' ' -f1; }
stamped() {
	[ -e "$CACHE/stamp/$1" ] && [ "$(cat "$CACHE/stamp/$1")" = "$(stamp_sum "$@")" ]
}
stamp() { stamp_sum "$@" >"$CACHE/stamp/$1.new"; mv "$CACHE/stamp/$1.new" "$CACHE/stamp/$1"; }

# load_kernel NAME: read the kernel's description
load_kernel() {
	KERNEL=$1
	local e=$CACHE/kernel/$1/kernel.env
	[ -e "$e" ] || die "no kernel '$1' in the cache; have: $(ls "$CACHE/kernel" | tr '\n' ' ')"
	CHROOT=
	# shellcheck disable=SC1090
	. "$e"
}

# mkcpio DIR OUT: uncompressed newc archive; such archives can be concatenated
mkcpio() {
	(cd "$1" && find . -mindepth 1 | sort | cpio -o -H newc -R 0:0 --quiet) >"$2.new"
	mv "$2.new" "$2"
}
