#!/usr/bin/env bash
# Fuzzes decoders under afl++, guided by coverage: fuzz.sh [SECONDS] [TARGET...]; without targets, each for its share of the time.
# Needs afl-fuzz (Debian: afl++). Inputs that break a law are kept in the corpus, where the tests read them from then on.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v afl-fuzz > /dev/null || { echo "afl-fuzz is missing: install afl++" >&2; exit 2; }
seconds="${1:-3600}"; shift || true

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
dotnet tool restore > /dev/null
dotnet publish tests/Protean.Fuzz -c Release -v q -nologo -o "$work/fuzz"
for library in Protean Protean.Cryptography Protean.Units Protean.Client Protean.Node Protean.Wasm YamlDotNet; do
  dotnet sharpfuzz "$work/fuzz/$library.dll"
done
fuzz() { dotnet "$work/fuzz/Protean.Fuzz.dll" "$@"; }
[ $# -gt 0 ] || mapfile -t targets < <(fuzz list)
[ $# -eq 0 ] || targets=("$@")

export AFL_SKIP_BIN_CHECK=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1
broken=0
for target in "${targets[@]}"; do
  afl-fuzz -V $((seconds / ${#targets[@]} + 1)) -t 5000 -m none -i "tests/Protean.Fuzz/corpus/$target" -o "$work/$target" \
    -- dotnet "$work/fuzz/Protean.Fuzz.dll" afl "$target" > "$work/$target.log" 2>&1 || { tail -20 "$work/$target.log"; exit 1; }
  found=("$work/$target/default/crashes/id"* "$work/$target/default/hangs/id"*)
  printf '%s: %s inputs, %s paths\n' "$target" \
    "$(sed -n 's/^execs_done *: *//p' "$work/$target/default/fuzzer_stats")" "$(ls "$work/$target/default/queue" | wc -l)"
  for input in "${found[@]}"; do
    [ -e "$input" ] || continue
    broken=1
    cp "$input" "tests/Protean.Fuzz/corpus/$target/$(sha256sum "$input" | cut -c1-16)"
    fuzz replay "$target" "$input" || true
  done
done
exit "$broken"
