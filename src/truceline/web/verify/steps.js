// SPDX-License-Identifier: Apache-2.0
"use strict";
/*
 * The checks, in the order in which they are made.  Each says what holds and what that
 * means, or throws a Failure; what comes after a failure is not checked.  SHA-256,
 * HMAC and Ed25519 are the browser's own (WebCrypto).
 */

const NOT_VOUCHED = "The operator's key does not vouch for this state of the log. Do not rely on it.";
const NOT_INCLUDED =
  "The record shown is not the one that the log committed to at this place. Do not rely on it, and keep this file.";
const NOT_THIS_ITEM =
  "What was disclosed is not what the record committed to at this tier and place. Do not rely on it.";
const EARLIER = "An earlier step failed, so this one would say nothing.";

/** The public key of RFC 8032 section 7.1, test 1: to ask whether the browser knows Ed25519 at all. */
const ANY_KEY = Uint8Array.from(atob("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="), (char) => char.charCodeAt(0));

/** The browser cannot do what is needed; that says nothing about the proof. */
class Unable extends Error {}

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const leafHash = (entry) => sha256(join([0], entry));
const nodeHash = (left, right) => sha256(join([1], left, right));

async function hmac(key, message) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

async function isSignedBy(publicKey, signature, message) {
  let key;
  try {
    key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  } catch (error) {
    if (error.name === "DataError") return false; // bytes that are no key have signed nothing
    throw error;
  }
  return crypto.subtle.verify("Ed25519", key, signature, message);
}

/** Refuse to start in a browser without WebCrypto or without Ed25519 in it. */
async function requireCrypto() {
  if (!globalThis.crypto?.subtle) {
    throw new Unable(
      "This browser gives its cryptography to local files and https pages only. Save this page and open the file.",
    );
  }
  try {
    await crypto.subtle.importKey("raw", ANY_KEY, "Ed25519", false, ["verify"]);
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
    throw new Unable(
      "This browser cannot check Ed25519 signatures, so nothing was checked. Use a newer browser, or the program: " +
        "python -m truceline.evidence.verify.",
    );
  }
}

/** RFC 9162 section 2.1.3.2, step by step: a leaf hash stands at `index` in the tree of `size` with `root`. */
async function checkInclusion(leaf, index, size, path, root, meaning) {
  // 1. The index must lie in the tree.
  if (index >= size) throw new Failure(`Place ${index} does not exist in a tree of ${size}.`, meaning);
  // 2. and 3. Start at the leaf.
  let [fn, sn, computed] = [index, size - 1n, leaf];
  // 4. Climb, joining each sibling on its own side.
  for (const sibling of path) {
    if (sn === 0n) throw new Failure("The path is too long.", meaning);
    if (fn & 1n || fn === sn) {
      computed = await nodeHash(sibling, computed);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      computed = await nodeHash(computed, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  // 5. We must have arrived at the top, and at the same root.
  if (sn !== 0n) throw new Failure("The path is too short.", meaning);
  if (!same(computed, root)) throw new Failure("The path leads to another root than the one signed.", meaning);
}

/** C2SP signed-note, "Signatures": the key id is SHA-256(name || 0x0A || type || public key)[:4]. */
async function checkKey(key, what) {
  const id = (await sha256(join(utf8(`${key.name}\n`), [key.type], key.public))).slice(0, 4);
  if (hex(id) !== key.id) throw new Failure(`The id of ${what} does not fit it.`);
}

const byKey = (key) => (line) => line.name === key.name && line.id === key.id;

/** The words of the log: every line by its own key must verify, and there must be one. */
async function checkLogSignature(note, key) {
  const lines = note.signatures.filter(byKey(key));
  if (lines.length === 0) throw new Failure(`There is no signature by ${key.label}.`, NOT_VOUCHED);
  for (const line of lines) {
    if (!(await isSignedBy(key.public, line.data, utf8(note.text)))) {
      throw new Failure(`The signature by ${key.name} does not verify.`, NOT_VOUCHED);
    }
  }
}

/** The end of the year 9999, in seconds since 1970. */
const LAST_SECOND = 253_402_300_799n;

/** C2SP tlog-cosignature, type 0x04: eight bytes of time, then the signature; the earliest time, or nothing. */
async function cosignedAt(note, witness) {
  const times = [];
  for (const line of note.signatures.filter(byKey(witness.key))) {
    const seconds = line.data.length === 72 ? new DataView(line.data.buffer).getBigUint64(0) : LAST_SECOND + 1n;
    if (seconds > LAST_SECOND) throw new Failure(`The cosignature by ${witness.key.name} is malformed.`);
    const message = utf8(`cosignature/v1\ntime ${seconds}\n${note.text}`);
    if (!(await isSignedBy(witness.key.public, line.data.slice(8), message))) {
      throw new Failure(
        `The cosignature by ${witness.key.name} does not verify.`,
        "Somebody put a cosignature here that the witness did not make over this state of the log. " +
          "Ask the witness what it has seen.",
      );
    }
    times.push(Number(seconds) * 1000);
  }
  return times.length === 0 ? undefined : Math.min(...times);
}
