#!/bin/sh
# Compiles every contract to the .wasm that stands beside its source. With --check: compares instead, and fails where they differ.
set -eu
cd "$(dirname "$0")"
[ -x node_modules/.bin/asc ] || npm ci --no-audit --no-fund

# Our own allocator, no start function, no floats: what the reader at deploy demands (docs/contracts.md).
compile() {
  node_modules/.bin/asc "$1" --outFile "$2" --optimizeLevel 3 --shrinkLevel 1 --converge --runtime sdk/runtime --noAssert \
    --use abort= --initialMemory 1 --maximumMemory 256
}

differ=0
for source in token/token.ts lottery/contract/lottery.ts; do
  target="${source%.ts}.wasm"
  if [ "${1:-}" = "--check" ]; then
    built="$(mktemp)"
    compile "$source" "$built"
    if cmp -s "$built" "$target"; then echo "same    $target"; else echo "differs $target"; differ=1; fi
    rm -f "$built"
  else
    compile "$source" "$target"
    echo "built   $target"
  fi
done
exit $differ
