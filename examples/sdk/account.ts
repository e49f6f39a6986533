// Accounts of the token, shared by the token and whoever holds its coins: 0x01 || user[32], or 0x02 || contract[32] || subaccount.
import { Bytes, IDENTIFIER, Writer } from "./protean";

export const USER_ACCOUNT: u8 = 1;
export const CONTRACT_ACCOUNT: u8 = 2;
export const MAX_SUBACCOUNT: i32 = 128;

export function isAccount(bytes: Bytes): bool {
  if (bytes.length <= IDENTIFIER) return false;
  if (bytes[0] == USER_ACCOUNT) return bytes.length == 1 + IDENTIFIER;
  return bytes[0] == CONTRACT_ACCOUNT && bytes.length <= 1 + IDENTIFIER + MAX_SUBACCOUNT;
}

export function userAccount(user: Bytes): Bytes {
  return new Writer(1 + IDENTIFIER).u8(USER_ACCOUNT).raw(user).done();
}

export function contractAccount(contract: Bytes, subaccount: Bytes): Bytes {
  return new Writer(1 + IDENTIFIER + subaccount.length).u8(CONTRACT_ACCOUNT).raw(contract).raw(subaccount).done();
}
