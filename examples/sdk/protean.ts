// A contract's view of PROTEAN: the host functions of docs/contracts.md, and the canonical byte form (protocols 0.2) in both directions.
// Nothing here uses a floating-point type: the reader at deploy refuses one.

export type Bytes = StaticArray<u8>;

@external("protean", "input_length") declare function input_length(): i32;
@external("protean", "input_read") declare function input_read(to: usize): void;
@external("protean", "output") declare function host_output(from: usize, length: i32): void;
@external("protean", "caller_kind") declare function caller_kind(): i32;
@external("protean", "caller_read") declare function caller_read(to: usize): void;
@external("protean", "self_read") declare function self_read(to: usize): void;
@external("protean", "instance_read") declare function instance_read(to: usize): i32;
@external("protean", "take") declare function take(to: usize): void;
@external("protean", "state_get") declare function state_get(key: usize, keyLength: i32): i32;
@external("protean", "state_put") declare function state_put(key: usize, keyLength: i32, value: usize, valueLength: i32): void;
@external("protean", "state_delete") declare function state_delete(key: usize, keyLength: i32): void;
@external("protean", "scan") declare function host_scan(prefix: usize, prefixLength: i32): i32;
@external("protean", "call_contract") declare function call_contract(contract: usize, input: usize, inputLength: i32): i32;
@external("protean", "fail") declare function host_fail(code: i32, message: usize, length: i32): void;

export const IDENTIFIER: i32 = 32;

/** Failure codes that every contract of this library shares; a contract's own begin at 16. */
export const MALFORMED_INPUT: i32 = 1;
export const UNKNOWN_METHOD: i32 = 2;
export const OVERFLOW: i32 = 3;

/** What callerKind gives. */
export const NOBODY: i32 = 0;
export const USER: i32 = 1;
export const CONTRACT: i32 = 2;

// @ts-ignore: decorator
@inline function at(bytes: Bytes): usize {
  return changetype<usize>(bytes);
}

/** The bytes of a literal in ASCII. */
export function ascii(text: string): Bytes {
  const bytes = new StaticArray<u8>(text.length);
  for (let i = 0; i < text.length; i++) unchecked(bytes[i] = <u8>text.charCodeAt(i));
  return bytes;
}

export function equal(left: Bytes, right: Bytes): bool {
  return left.length == right.length && memory.compare(at(left), at(right), left.length) == 0;
}

export function startsWith(bytes: Bytes, prefix: Bytes): bool {
  return bytes.length >= prefix.length && memory.compare(at(bytes), at(prefix), prefix.length) == 0;
}

/** Ends the whole call, with every call nested around it, leaving no effects. */
export function fail(code: i32, message: string): void {
  const bytes = ascii(message);
  host_fail(code, at(bytes), bytes.length);
  unreachable();
}

export function require(condition: bool, code: i32, message: string): void {
  if (!condition) fail(code, message);
}

export function checkedAdd(left: u64, right: u64): u64 {
  const sum = left + right;
  require(sum >= left, OVERFLOW, "sum exceeds 64 bits");
  return sum;
}

/** Reads the canonical byte form; anything else ends the call. */
export class Reader {
  private position: i32 = 0;

  constructor(private data: Bytes) {}

  private next(length: i32): usize {
    require(<u32>length <= <u32>(this.data.length - this.position), MALFORMED_INPUT, "input is too short");
    const start = at(this.data) + this.position;
    this.position += length;
    return start;
  }

  u8(): u8 { return load<u8>(this.next(1)); }
  u32(): u32 { return load<u32>(this.next(4)); }
  u64(): u64 { return load<u64>(this.next(8)); }

  raw(length: i32): Bytes {
    const start = this.next(length);
    const bytes = new StaticArray<u8>(length);
    memory.copy(at(bytes), start, length);
    return bytes;
  }

  bytes(): Bytes { return this.raw(this.u32()); }

  /** A list's count; the caller reads the items. */
  count(): i32 {
    const count = this.u32();
    // Every item takes at least a byte.
    require(count <= <u32>(this.data.length - this.position), MALFORMED_INPUT, "list is too long");
    return count;
  }

  /** Refuses trailing bytes. */
  end(): void {
    require(this.position == this.data.length, MALFORMED_INPUT, "input is too long");
  }
}

/** Writes the canonical byte form. */
export class Writer {
  private data: Bytes;
  private length: i32 = 0;

  constructor(capacity: i32 = 128) {
    this.data = new StaticArray<u8>(capacity);
  }

  private reserve(length: i32): usize {
    const needed = this.length + length;
    if (needed > this.data.length) {
      const grown = new StaticArray<u8>(max(needed, 2 * this.data.length));
      memory.copy(at(grown), at(this.data), this.length);
      this.data = grown;
    }
    const start = at(this.data) + this.length;
    this.length = needed;
    return start;
  }

  u8(value: u8): Writer { store<u8>(this.reserve(1), value); return this; }
  u32(value: u32): Writer { store<u32>(this.reserve(4), value); return this; }
  u64(value: u64): Writer { store<u64>(this.reserve(8), value); return this; }

  raw(bytes: Bytes): Writer {
    memory.copy(this.reserve(bytes.length), at(bytes), bytes.length);
    return this;
  }

  bytes(bytes: Bytes): Writer { return this.u32(bytes.length).raw(bytes); }
  text(text: string): Writer { return this.bytes(ascii(text)); }

  done(): Bytes {
    const bytes = new StaticArray<u8>(this.length);
    memory.copy(at(bytes), at(this.data), this.length);
    return bytes;
  }
}

export function input(): Reader {
  const bytes = new StaticArray<u8>(input_length());
  input_read(at(bytes));
  return new Reader(bytes);
}

export function output(bytes: Bytes): void {
  host_output(at(bytes), bytes.length);
}

/** NOBODY, USER or CONTRACT. */
export function callerKind(): i32 {
  return caller_kind();
}

/** The caller's public key or contract id; only where there is a caller. */
export function caller(): Bytes {
  const bytes = new StaticArray<u8>(IDENTIFIER);
  caller_read(at(bytes));
  return bytes;
}

/** This contract's own id. */
export function self(): Bytes {
  const bytes = new StaticArray<u8>(IDENTIFIER);
  self_read(at(bytes));
  return bytes;
}

/** The instance whose workflow this call is a step of, or null. */
export function instance(): Bytes | null {
  const bytes = new StaticArray<u8>(IDENTIFIER);
  return instance_read(at(bytes)) != 0 ? bytes : null;
}

function taken(length: i32): Bytes {
  const bytes = new StaticArray<u8>(length);
  take(at(bytes));
  return bytes;
}

export function get(key: Bytes): Bytes | null {
  const length = state_get(at(key), key.length);
  return length < 0 ? null : taken(length);
}

export function put(key: Bytes, value: Bytes): void {
  state_put(at(key), key.length, at(value), value.length);
}

export function remove(key: Bytes): void {
  state_delete(at(key), key.length);
}

/** A list of (key: bytes, value: bytes) in key order. */
export function scan(prefix: Bytes): Reader {
  return new Reader(taken(host_scan(at(prefix), prefix.length)));
}

/** Calls another contract, which sees this one as its caller, and gives what it put out. Its failure is this call's failure. */
export function call(contract: Bytes, input: Bytes): Bytes {
  return taken(call_contract(at(contract), at(input), input.length));
}
