// A token: one supply, balances by account. README.md gives the methods to the byte.
import { contractAccount, isAccount, MAX_SUBACCOUNT, userAccount } from "../sdk/account";
import {
  ascii, Bytes, call, caller, callerKind, checkedAdd, CONTRACT, equal, fail, get, IDENTIFIER, input, NOBODY, output, put, Reader, remove,
  require, startsWith, UNKNOWN_METHOD, USER, Writer,
} from "../sdk/protean";

const ALREADY_CREATED: i32 = 16;
const NOT_OWNER: i32 = 17;
const TOO_LITTLE: i32 = 18;
const BAD_ACCOUNT: i32 = 19;
const ZERO_AMOUNT: i32 = 20;
const NO_CALLER: i32 = 21;

export function invoke(): void {
  const from = input();
  const method = from.bytes();
  if (equal(method, ascii("create"))) create(from);
  else if (equal(method, ascii("transfer"))) transfer(from);
  else if (equal(method, ascii("transferMany"))) transferMany(from);
  else if (equal(method, ascii("transferAndCall"))) transferAndCall(from);
  else if (equal(method, ascii("sweep"))) sweep(from);
  else if (equal(method, ascii("balance"))) balance(from);
  else if (equal(method, ascii("supply"))) supply(from);
  else fail(UNKNOWN_METHOD, "unknown method");
}

function create(from: Reader): void {
  const amount = from.u64();
  from.end();
  require(callerKind() == USER, NO_CALLER, "create needs an authenticated user");
  require(amount > 0, ZERO_AMOUNT, "the supply is zero");
  require(get(ascii("s")) == null, ALREADY_CREATED, "the supply exists already");
  put(ascii("s"), new Writer(8).u64(amount).done());
  credit(userAccount(caller()), amount);
}

function transfer(from: Reader): void {
  move(from);
  from.end();
}

function transferMany(from: Reader): void {
  for (let left = from.count(); left > 0; left--) move(from);
  from.end();
}

function transferAndCall(from: Reader): void {
  const payer = account(from);
  const contract = from.raw(IDENTIFIER);
  const subaccount = from.bytes();
  const amount = from.u64();
  const data = from.bytes();
  from.end();
  pay(payer, accountOf(contract, subaccount), amount);
  const payment = new Writer(256).text("onPayment").bytes(payer).bytes(subaccount).u64(amount).bytes(data);
  output(call(contract, payment.done()));
}

/** All coins of many subaccounts of the calling contract to one account. */
function sweep(from: Reader): void {
  require(callerKind() == CONTRACT, NO_CALLER, "only a contract has subaccounts");
  const contract = caller();
  let total: u64 = 0;
  for (let left = from.count(); left > 0; left--) {
    const key = balanceKey(accountOf(contract, from.bytes()));
    total = checkedAdd(total, amountAt(key));
    remove(key);
  }
  const to = account(from);
  from.end();
  if (total > 0) credit(to, total);
  output(new Writer(8).u64(total).done());
}

function balance(from: Reader): void {
  const owner = account(from);
  from.end();
  output(new Writer(8).u64(amountAt(balanceKey(owner))).done());
}

function supply(from: Reader): void {
  from.end();
  output(new Writer(8).u64(amountAt(ascii("s"))).done());
}

function move(from: Reader): void {
  const payer = account(from);
  const payee = account(from);
  pay(payer, payee, from.u64());
}

function pay(payer: Bytes, payee: Bytes, amount: u64): void {
  require(isCallers(payer), NOT_OWNER, "the account is not the caller's");
  require(amount > 0, ZERO_AMOUNT, "the amount is zero");
  debit(payer, amount);
  credit(payee, amount);
}

function debit(payer: Bytes, amount: u64): void {
  const key = balanceKey(payer);
  const held = amountAt(key);
  require(held >= amount, TOO_LITTLE, "too little money");
  setAmount(key, held - amount);
}

function credit(payee: Bytes, amount: u64): void {
  const key = balanceKey(payee);
  setAmount(key, checkedAdd(amountAt(key), amount));
}

function balanceKey(account: Bytes): Bytes {
  return new Writer(2 + account.length).raw(ascii("b/")).raw(account).done();
}

function amountAt(key: Bytes): u64 {
  const value = get(key);
  return value == null ? 0 : load<u64>(changetype<usize>(value));
}

function setAmount(key: Bytes, amount: u64): void {
  if (amount == 0) remove(key);
  else put(key, new Writer(8).u64(amount).done());
}

function account(from: Reader): Bytes {
  const bytes = from.bytes();
  require(isAccount(bytes), BAD_ACCOUNT, "this is no account");
  return bytes;
}

function accountOf(contract: Bytes, subaccount: Bytes): Bytes {
  require(subaccount.length <= MAX_SUBACCOUNT, BAD_ACCOUNT, "the subaccount's name is too long");
  return contractAccount(contract, subaccount);
}

/** A user owns one account, a contract every account that begins with its own. */
function isCallers(account: Bytes): bool {
  const kind = callerKind();
  require(kind != NOBODY, NO_CALLER, "coins move only for an authenticated caller");
  return kind == USER ? equal(account, userAccount(caller())) : startsWith(account, contractAccount(caller(), new StaticArray<u8>(0)));
}
