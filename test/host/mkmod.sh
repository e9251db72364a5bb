#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mkmod.sh - cross-build the module for a kernel of the cache.
# usage: test/host/mkmod.sh [-k NAME] [-s SRCDIR] [-o OUTNAME] [MAKE_ARG...]
#
# The sources (default: this tree) are mirrored to $CACHE/build/NAME/src and
# built there, incrementally; the tree stays clean. The modules are copied to
# $CACHE/build/NAME/, and their paths printed. OUTNAME in place of NAME keeps a second variant,
# e.g. with a MAKE_ARG that turns assertions on.

. "$(dirname "$0")/env.sh"
. "$HOSTDIR/root-lib.sh"

KERNEL=$RIG_KERNEL SRC=$TOP OUT=''
while [ $# -gt 0 ]; do
	case $1 in
	-k) KERNEL=$2; shift 2;;
	-s) SRC=$2; shift 2;;
	-o) OUT=$2; shift 2;;
	*) break;;
	esac
done
load_kernel "$KERNEL"
OUT=$CACHE/build/${OUT:-$KERNEL}
mkdir -p "$OUT"
lock "build-$(basename "$OUT")"
# a kernel whose compiler lies in a root of its own is built for there
DIR=$OUT/src
if [ -n "${CHROOT:-}" ]; then
	DIR=/build/$(basename "$OUT")
	mkdir -p "$CHROOT$DIR"
	ln -sfn "$CHROOT$DIR" "$OUT/src"
else
	mkdir -p "$DIR"
fi

# mirror: new contents get a new time, equal ones keep theirs; objects stay
products=(-name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd'
	-o -name '.*.d' -o -name modules.order -o -name Module.symvers -o -name .tmp_versions
	-o -path './probe/*' -o -path ./smt-config.h -o -path ./asm/smt-offsets.h)
(cd "$SRC" && find . -path ./.git -prune -o ! -type d ! \( "${products[@]}" \) -print | sort) >"$OUT/list.new"
if [ -e "$OUT/list" ]; then
	comm -23 "$OUT/list" "$OUT/list.new" | (cd "$OUT/src" && xargs -r -d '\n' rm -f --)
fi
rsync -lpc --files-from="$OUT/list.new" "$SRC/" "$OUT/src/"
mv "$OUT/list.new" "$OUT/list"

rm -f "$OUT"/*.ko
in_root "${CHROOT:-}" nice -n 5 make -C "$DIR" --no-print-directory -j"$(nproc)" KERNELDIR="$KERNELDIR" \
	ARCH=powerpc CROSS_COMPILE="$CROSS_COMPILE" CC="$XCC" ${MKARGS:+"$MKARGS"} "$@"
find "$OUT/src/" -name '*.ko' -exec cp -t "$OUT" {} +
ls "$OUT"/*.ko
