// A lottery: tickets are coins in escrow, one subaccount each. README.md gives the methods to the byte.
// State lies under the instance whose workflow calls, so that no workflow but those pinned by the instance's creator reaches it: that the
// sale ends in time and that the randomness is the randomness unit's is the pinned workflow's to say.
import { contractAccount, USER_ACCOUNT, userAccount } from "../../sdk/account";
import {
  ascii, Bytes, call, caller, callerKind, CONTRACT, equal, fail, get, IDENTIFIER, input, instance, output, put, Reader, require, scan, self,
  UNKNOWN_METHOD, Writer,
} from "../../sdk/protean";

const NOT_IN_INSTANCE: i32 = 16;
const ALREADY_OPEN: i32 = 17;
const NOT_OPEN: i32 = 18;
const BAD_CONFIGURATION: i32 = 19;
const NOT_THE_TOKEN: i32 = 20;
const WRONG_PRICE: i32 = 21;
const ALREADY_BOUGHT: i32 = 22;
const ALREADY_ENDED: i32 = 23;
const NO_TICKETS: i32 = 24;
const NOT_ENDED: i32 = 25;
const NO_TICKET: i32 = 26;
const WRONG_BUYER: i32 = 27;
const ESCROW_MISSING: i32 = 28;

const RANDOMNESS: i32 = 64;

const DRAWN: u8 = 1;
const REFUNDED: u8 = 2;

/** Length of i/ instance /t/. */
const TICKET_PREFIX: i32 = 2 + IDENTIFIER + 3;

/** Escrows emptied with the end itself; the rest by collect, so that no number of tickets can lock the coins. */
const AT_ONCE: i32 = 1500;

class Configuration {
  constructor(public token: Bytes, public price: u64) {}
}

export function invoke(): void {
  const from = input();
  const method = from.bytes();
  if (equal(method, ascii("open"))) open(from);
  else if (equal(method, ascii("onPayment"))) onPayment(from);
  else if (equal(method, ascii("finish"))) finish(from);
  else if (equal(method, ascii("refund"))) refund(from);
  else if (equal(method, ascii("collect"))) collect(from);
  else if (equal(method, ascii("result"))) result(from);
  else fail(UNKNOWN_METHOD, "unknown method");
}

function open(from: Reader): void {
  const token = from.raw(IDENTIFIER);
  const price = from.u64();
  const endOfSale = from.u64();
  const finalDeadline = from.u64();
  from.end();
  require(price > 0 && endOfSale < finalDeadline, BAD_CONFIGURATION, "price above zero and end of sale before the final deadline expected");
  const key = keyOf("/c");
  require(get(key) == null, ALREADY_OPEN, "the lottery is open already");
  put(key, new Writer(56).raw(token).u64(price).u64(endOfSale).u64(finalDeadline).done());
}

/** Called by the token after it moved the coins to the escrow. */
function onPayment(from: Reader): void {
  const payer = from.bytes();
  const escrow = from.bytes();
  const amount = from.u64();
  from.bytes();
  from.end();
  const configuration = notEnded();
  require(callerKind() == CONTRACT && equal(caller(), configuration.token), NOT_THE_TOKEN, "tickets are paid in the lottery's token");
  const account = new Reader(payer);
  require(account.u8() == USER_ACCOUNT, WRONG_BUYER, "only a user buys a ticket");
  const buyer = account.raw(IDENTIFIER);
  require(equal(escrow, escrowOf(buyer)), WRONG_BUYER, "the escrow is not this buyer's");
  require(amount == configuration.price, WRONG_PRICE, "the amount is not the ticket's price");
  const ticket = ticketKey(buyer);
  require(get(ticket) == null, ALREADY_BOUGHT, "this buyer has a ticket");
  put(ticket, escrow);
}

function finish(from: Reader): void {
  const randomness = from.raw(RANDOMNESS);
  from.end();
  const configuration = notEnded();
  const buyers = ticketBuyers();
  require(buyers.length > 0, NO_TICKETS, "no ticket was sold");
  end(configuration, DRAWN, unchecked(buyers[remainder(randomness, buyers.length)]), buyers);
}

function refund(from: Reader): void {
  from.end();
  const nobody = new StaticArray<u8>(IDENTIFIER);
  end(notEnded(), REFUNDED, nobody, ticketBuyers());
}

/** Empties, after the end, the escrows of the buyers named: to the winner, or back to each. */
function collect(from: Reader): void {
  const buyers = new StaticArray<Bytes>(from.count());
  for (let i = 0; i < buyers.length; i++) unchecked(buyers[i] = from.raw(IDENTIFIER));
  from.end();
  const configuration = configured();
  const ended = get(keyOf("/r"));
  require(ended != null, NOT_ENDED, "the lottery has not ended");
  for (let i = 0; i < buyers.length; i++) require(get(ticketKey(unchecked(buyers[i]))) != null, NO_TICKET, "this buyer has no ticket");
  const outcome = new Reader(ended!);
  const kind = outcome.u8();
  settle(configuration, kind, outcome.raw(IDENTIFIER), buyers);
}

function result(from: Reader): void {
  from.end();
  const ended = get(keyOf("/r"));
  if (ended != null) output(ended);
}

function end(configuration: Configuration, kind: u8, winner: Bytes, buyers: StaticArray<Bytes>): void {
  const pot = configuration.price * <u64>buyers.length;
  const outcome = new Writer(45).u8(kind).raw(winner).u64(pot).u32(buyers.length).done();
  put(keyOf("/r"), outcome);
  settle(configuration, kind, winner, buyers);
  output(outcome);
}

function settle(configuration: Configuration, kind: u8, winner: Bytes, buyers: StaticArray<Bytes>): void {
  const count = min(buyers.length, AT_ONCE);
  if (count == 0) return;
  if (kind == DRAWN) payWinner(configuration, winner, buyers, count);
  else payBack(configuration, buyers, count);
}

function payWinner(configuration: Configuration, winner: Bytes, buyers: StaticArray<Bytes>, count: i32): void {
  const sweep = new Writer(128 * count).text("sweep").u32(count);
  for (let i = 0; i < count; i++) sweep.bytes(escrowOf(unchecked(buyers[i])));
  const swept = new Reader(call(configuration.token, sweep.bytes(userAccount(winner)).done())).u64();
  require(swept >= configuration.price * <u64>count, ESCROW_MISSING, "an escrow was emptied before");
}

function payBack(configuration: Configuration, buyers: StaticArray<Bytes>, count: i32): void {
  const lottery = self();
  const transfers = new Writer(256 * count).text("transferMany").u32(count);
  for (let i = 0; i < count; i++) {
    const buyer = unchecked(buyers[i]);
    transfers.bytes(contractAccount(lottery, escrowOf(buyer))).bytes(userAccount(buyer)).u64(configuration.price);
  }
  call(configuration.token, transfers.done());
}

/** The randomness, a little-endian number of 512 bits, modulo count: its bias is below count / 2^512. */
function remainder(randomness: Bytes, count: i32): i32 {
  let rest: u64 = 0;
  for (let i = RANDOMNESS - 1; i >= 0; i--) rest = ((rest << 8) | unchecked(randomness[i])) % <u64>count;
  return <i32>rest;
}

function notEnded(): Configuration {
  const configuration = configured();
  require(get(keyOf("/r")) == null, ALREADY_ENDED, "the lottery has ended");
  return configuration;
}

function configured(): Configuration {
  const value = get(keyOf("/c"));
  require(value != null, NOT_OPEN, "the lottery is not open");
  const reader = new Reader(value!);
  const token = reader.raw(IDENTIFIER);
  return new Configuration(token, reader.u64());
}

/** In the order of their keys, which is the order of state. */
function ticketBuyers(): StaticArray<Bytes> {
  const tickets = scan(keyOf("/t/"));
  const buyers = new StaticArray<Bytes>(tickets.count());
  for (let i = 0; i < buyers.length; i++) {
    const key = new Reader(tickets.bytes());
    tickets.bytes();
    key.raw(TICKET_PREFIX);
    unchecked(buyers[i] = key.raw(IDENTIFIER));
  }
  return buyers;
}

function ticketKey(buyer: Bytes): Bytes {
  return new Writer(128).raw(keyOf("/t/")).raw(buyer).done();
}

function escrowOf(buyer: Bytes): Bytes {
  return new Writer(2 * IDENTIFIER).raw(thisInstance()).raw(buyer).done();
}

function keyOf(name: string): Bytes {
  return new Writer(64).raw(ascii("i/")).raw(thisInstance()).raw(ascii(name)).done();
}

function thisInstance(): Bytes {
  const id = instance();
  require(id != null, NOT_IN_INSTANCE, "a lottery is a workflow's instance");
  return id!;
}
