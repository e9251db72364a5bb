#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# mkconfig.sh - smt-config.h from the answers of the probes (see probes.c); called by Kbuild.
# usage: mkconfig.sh PROBES.C EXPORTS DIR	(DIR/NAME.probe holds y or n for each FACT)
#
# EXPORTS is the kernel's Module.symvers, or a folder of its sources: what they export to modules of any name.
#
# When something essential is missing: a sentence on standard error for each, status 1.

set -eu
probes=$1 exports=$2 dir=$3

[ -e "$exports" ] || {
	echo "kvm-hv-smt cannot be built for this kernel: it has no Module.symvers; build its modules, or install its headers" >&2
	exit 1
}

answers() {
	for f in "$dir"/*.probe; do
		n=${f##*/}
		echo "ANSWER ${n%.probe} $(cat "$f")"
	done
}
exported() {
	if [ -d "$exports" ]; then
		# other macros name the modules that a symbol is for
		find "$exports" -name '*.[cS]' -exec sed -n 's/^EXPORT_SYMBOL\(_GPL\)\{0,1\}(\([A-Za-z0-9_]*\)).*/EXPORTED \2/p' {} +
	else
		# CRC, symbol, module, kind, namespace; a namespace is none of ours
		awk -F'\t' '$5 == "" { print "EXPORTED " $2 }' "$exports"
	fi
}
exported >"$dir/exports.list"
{ answers; cat "$dir/exports.list"; } | awk '
FNR == 1 { part++ }
part == 1 && $1 == "ANSWER" { yes[$2] = $3 == "y"; asked[$2] = 1; next }
part == 1 { exported[$2] = 1; next }
/^(FACT|EXPORT|NEED)\(/ {
	kind = $0; sub(/\(.*/, "", kind)
	arg = $0; sub(/^[A-Z]*\(/, "", arg); sub(/\)[ \t]*$/, "", arg)
	if (kind == "NEED") {
		n++
		split(arg, part_of, "\"")
		names[n] = part_of[2]; sentence[n] = part_of[4]
		next
	}
	m++
	name[m] = arg; sub(/,.*/, "", name[m])
	what[m] = arg; sub(/^[^"]*"/, "", what[m]); sub(/"$/, "", what[m])
	if (kind == "EXPORT") {
		symbol[m] = name[m]
		name[m] = toupper(name[m])
		yes[name[m]] = symbol[m] in exported
		what[m] = "exported: " symbol[m] ", " what[m]
	} else if (!asked[name[m]]) {
		print "mkconfig.sh: no answer for " name[m] >"/dev/stderr"
		exit 1
	}
}
END {
	for (i = 1; i <= n; i++) {
		k = split(names[i], alt, " ")
		found = 0
		for (j = 1; j <= k; j++)
			found += yes[alt[j]]
		if (!found) {
			print "kvm-hv-smt cannot be built for this kernel: " sentence[i] >"/dev/stderr"
			failed = 1
			# without headers every other answer is no
			if (names[i] == "HEADERS")
				exit 1
		}
	}
	if (failed)
		exit 1
	print "/* What this kernel has, found by the probes of include/compat/probes.c; made by mkconfig.sh */"
	for (i = 1; i <= m; i++) {
		if (yes[name[i]])
			printf "#define SMT_HAVE_%s 1 /* %s */\n", name[i], what[i]
		else
			printf "/* no SMT_HAVE_%s: %s */\n", name[i], what[i]
		if (symbol[i] != "")
			printf "#define SMT_FN_%s %s\n", symbol[i], yes[name[i]] ? symbol[i] : "NULL"
	}
}' - "$probes"
