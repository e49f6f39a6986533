// The allocator of a contract: memory is given out once and never taken back, since a call is short and its instance is thrown away after
// it.
// The compiler's own stub would need a start function, which the reader at deploy refuses.

/** An object's type and size stand before it, as the compiler expects. */
const HEADER: usize = 8;
const ALIGNMENT: usize = 8;
const PAGE_BITS: usize = 16;

// 0 until the first allocation: only constants are known before a contract runs.
let next: usize = 0;

// @ts-ignore: decorator
@unsafe @global
export function __new(size: usize, id: u32): usize {
  if (next == 0) next = __heap_base;
  const start = (next + HEADER + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  const end = <u64>start + <u64>size;
  const missing = <i32>((end + 0xffff) >> PAGE_BITS) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  next = <usize>end;
  store<u32>(start - 8, id);
  store<u32>(start - 4, <u32>size);
  return start;
}

// @ts-ignore: decorator
@unsafe @global
export function __renew(object: usize, size: usize): usize {
  const renewed = __new(size, load<u32>(object - 8));
  memory.copy(renewed, object, min<usize>(size, load<u32>(object - 4)));
  return renewed;
}

// Nothing is collected, so nothing is linked or pinned.

// @ts-ignore: decorator
@unsafe @global
export function __link(parent: usize, child: usize, expectMultiple: bool): void {}

// @ts-ignore: decorator
@unsafe @global
export function __pin(object: usize): usize { return object; }

// @ts-ignore: decorator
@unsafe @global
export function __unpin(object: usize): void {}

// @ts-ignore: decorator
@unsafe @global
export function __visit(object: usize, cookie: u32): void {}

// @ts-ignore: decorator
@unsafe @global
export function __collect(): void {}
