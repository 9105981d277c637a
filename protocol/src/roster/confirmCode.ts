import { sha256 } from "@noble/hashes/sha2.js";
import type { UserId } from "../ids.ts";
import type { RosterHash } from "./statement.ts";

/**
 * What two people read to each other to see that they mean the same keys: 30 digits in groups of five, of a hash of
 * the person's user id and master key (SPEC [M8]). 99 bits: nobody makes a second key with the same code.
 */
export function confirmCode(userId: UserId, masterKey: string): string {
  return digits(`hearth confirm\n${userId}\n${masterKey}`);
}

/**
 * What two people read to each other to see that they mean the same roster (SPEC [M9]): the same for everybody, for as
 * long as the roster stands.
 * @param founding the hash of its first statement
 */
export function rosterCode(founding: RosterHash): string {
  return digits(`hearth roster\n${founding}`);
}

function digits(text: string): string {
  const hash = sha256(new TextEncoder().encode(text));
  const groups: string[] = [];
  for (let at = 0; at < 30; at += 5) {
    const number = hash.subarray(at, at + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    groups.push(String(number % 100_000).padStart(5, "0"));
  }
  return groups.join(" ");
}
