// SPDX-License-Identifier: Apache-2.0
"use strict";
/*
 * Strict readers of the formats in docs/evidence-format.md.  What is accepted has one
 * spelling; anything else is a Failure.  Nothing is verified here: see steps.js.
 *
 * Three plain scripts, not modules: browsers do not load modules from a local file,
 * and this page must work from a memory stick.
 */

const MALFORMED =
  "This was not written by a working log, or it was altered. Ask for it again, and keep this copy.";

/** Something that does not hold: what, and what a party should take from it. */
class Failure extends Error {
  constructor(what, meaning = MALFORMED) {
    super(what);
    this.meaning = meaning;
  }
}

const utf8 = (text) => new TextEncoder().encode(text);
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The text of UTF-8 bytes; a byte order mark is kept, so that it is refused like any other byte. */
function readText(bytes, what) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Failure(`${what} is not UTF-8.`);
  }
}

/** The bytes of standard base64 (RFC 4648 section 4) in its one exact spelling. */
function readBase64(text, what, length) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new Failure(`${what} is not base64.`);
  }
  if (btoa(binary) !== text || (length !== undefined && binary.length !== length)) {
    throw new Failure(`${what} is not the exact base64 of ${length ?? "some"} bytes.`);
  }
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** A whole number from 0 up, without leading zeroes; BigInt, as logs may outgrow 2^53. */
function readDecimal(text, what) {
  if (!/^(0|[1-9][0-9]{0,18})$/.test(text)) throw new Failure(`${what} is not a plain whole number.`);
  return BigInt(text);
}

/** C2SP signed-note: a key's name has no spaces, plus signs or control characters. */
const NAME = /^[^\s+\u0000-\u0020\u007f\u0085\ud800-\udfff]{1,255}$/u;

/** `name+hexadecimal key id+base64(type || public key)` (C2SP signed-note). */
function readKey(text, type, what) {
  const parts = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text);
  if (!parts || !NAME.test(parts[1])) throw new Failure(`${what} is not a verifier key.`);
  const [, name, id, encoded] = parts;
  const data = readBase64(encoded, what, 33);
  if (data[0] !== type) throw new Failure(`${what} is not an Ed25519 key of type ${type}.`);
  return { name, id, type, public: data.slice(1), label: text };
}

/** C2SP tlog-proof (draft): the leaf, its place, the path up, and the checkpoint as it is. */
function readProof(bytes) {
  if (bytes.length > 1 << 20) throw new Failure("The file is too long for a proof.");
  const text = readText(bytes, "The file");
  const end = text.indexOf("\n\n");
  const lines = text.slice(0, Math.max(end, 0)).split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Failure("This is not a tlog-proof file.");
  if (!lines[0]?.startsWith("extra ")) {
    throw new Failure(
      "The file does not carry the record.",
      "Without the record there is nothing to prove. Ask for a proof file with its extra line.",
    );
  }
  const leaf = readBase64(lines.shift().slice(6), "The extra line");
  if (!lines[0]?.startsWith("index ")) throw new Failure("The index line is missing.");
  const index = readDecimal(lines.shift().slice(6), "The index");
  const path = lines.map((line) => readBase64(line, "A line of the path", 32));
  return { leaf, index, path, checkpoint: text.slice(end + 2) };
}

/** C2SP signed-note 1.0.0: a text, an empty line, signature lines. */
function readNote(whole) {
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) throw new Failure("The checkpoint has control characters.");
  const end = whole.lastIndexOf("\n\n");
  const tail = whole.slice(end + 2);
  if (end < 1 || !tail.endsWith("\n")) throw new Failure("The checkpoint has no text, or no signatures.");
  const lines = tail.slice(0, -1).split("\n");
  if (lines.length > 64) throw new Failure("The checkpoint has more than 64 signatures.");
  const signatures = lines.map((line) => {
    const parts = line.split(" ");
    if (parts.length !== 3 || parts[0] !== "\u2014" || !NAME.test(parts[1])) {
      throw new Failure("A signature line of the checkpoint is malformed.");
    }
    const data = readBase64(parts[2], "A signature");
    if (data.length < 5) throw new Failure("A signature is too short.");
    return { name: parts[1], id: hex(data.slice(0, 4)), data: data.slice(4) };
  });
  return { text: whole.slice(0, end + 1), signatures };
}

/** C2SP tlog-checkpoint 1.0.0 without extension lines: origin, size, root. */
function readCheckpoint(text) {
  const lines = text.slice(0, -1).split("\n");
  if (lines.length !== 3 || !NAME.test(lines[0])) {
    throw new Failure("A checkpoint must be three lines: origin, size, root.");
  }
  return {
    origin: lines[0],
    size: readDecimal(lines[1], "The log's size"),
    root: readBase64(lines[2], "The log's root", 32),
  };
}

/** RFC 8785 for what a leaf may hold: ASCII texts, whole numbers, lists and objects. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.keys(value).sort();
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** Tell whether a value is written in canonical form; what nests too deep for a stack is not. */
function isCanonical(value, text) {
  try {
    return canonical(value) === text;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readJson(text, what) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(`${what} is not JSON.`);
  }
}

const TIERS = ["public", "parties", "commission", "sealed"];
const FIELDS = "author author_seq commitments id items kind made_at refs schema seen_size signature";
const NUMBERS = {
  author_seq: [1, Number.MAX_SAFE_INTEGER],
  items: [1, 10_000],
  schema: [1, Number.MAX_SAFE_INTEGER],
  seen_size: [0, Number.MAX_SAFE_INTEGER],
};
const RECORD_ID = /^rec-[0-9a-f]{32}$/;
const isText = (value) => typeof value === "string";
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const hasFields = (value, names) => isObject(value) && Object.keys(value).sort().join(" ") === names;

/** A leaf (docs/evidence-format.md, "Leaf"); its signature is not checked here. */
function readLeaf(bytes) {
  // 1. It fits in an entry bundle.
  if (bytes.length > 65_535) throw new Failure("The record has more than 65535 bytes.");
  // 2. It is canonical: written again it gives the same text.
  const text = readText(bytes, "The record");
  const leaf = readJson(text, "The record");
  if (!isCanonical(leaf, text)) throw new Failure("The record is not in canonical form.");
  // 3. It has the known fields, each of its own sort, and no others.
  if (!hasFields(leaf, FIELDS)) throw new Failure("The record lacks a field, or has an unknown one.");
  for (const [name, [least, most]] of Object.entries(NUMBERS)) {
    if (!Number.isInteger(leaf[name]) || leaf[name] < least || leaf[name] > most) {
      throw new Failure(`${name} is not a whole number from ${least} to ${most}.`);
    }
  }
  if (!isText(leaf.id) || !RECORD_ID.test(leaf.id)) throw new Failure("id is not a record's id.");
  if (!isText(leaf.kind) || !/^[a-z][a-z0-9_.-]{0,63}$/.test(leaf.kind)) {
    throw new Failure("kind is malformed.");
  }
  if (!Array.isArray(leaf.refs) || !leaf.refs.every((ref) => isText(ref) && RECORD_ID.test(ref))) {
    throw new Failure("refs is not a list of record ids.");
  }
  if (new Set(leaf.refs).size !== leaf.refs.length) throw new Failure("refs names a record twice.");
  const tiers = isObject(leaf.commitments) ? Object.keys(leaf.commitments) : [];
  if (tiers.length === 0 || !tiers.every((tier) => TIERS.includes(tier) && isText(leaf.commitments[tier]))) {
    throw new Failure("commitments does not hold a root for each of one or more known tiers.");
  }
  if (!isText(leaf.made_at) || !isMoment(leaf.made_at)) throw new Failure("made_at is not a moment in UTC.");
  if (!isText(leaf.author) || !leaf.author.startsWith("ed25519:") || !isText(leaf.signature)) {
    throw new Failure("The author is not an Ed25519 key, or there is no signature.");
  }
  // 4. Each value is spelled in its one form.
  return {
    ...leaf,
    authorKey: readBase64(leaf.author.slice(8), "author", 32),
    signatureBytes: readBase64(leaf.signature, "signature", 64),
    roots: Object.fromEntries(
      tiers.map((tier) => [tier, readBase64(leaf.commitments[tier], "A commitment", 32)]),
    ),
  };
}

/** RFC 3339 in UTC with Z: seconds, or six digits of fraction that are not all zero. */
function isMoment(text) {
  const parts = /^(\d{4})-(\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{6})?Z$/.exec(text);
  if (!parts || parts[1] === "0000" || parts[3] === ".000000") return false;
  const moment = new Date(`${parts[1]}-${parts[2]}Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === `${parts[1]}-${parts[2]}.000Z`;
}

/** A disclosed item: {tier, index, salt, item, path}; item is the exact text that was committed to. */
function readItem(text) {
  const given = readJson(text, "The disclosed item");
  if (!hasFields(given, "index item path salt tier") || !isText(given.item) || !isText(given.salt)) {
    throw new Failure("A disclosed item has exactly tier, index, salt, item and path.");
  }
  if (!Number.isSafeInteger(given.index) || given.index < 0) {
    throw new Failure("The item's index is not a whole number.");
  }
  if (!isText(given.tier) || !Array.isArray(given.path) || !given.path.every(isText)) {
    throw new Failure("The item's tier is not a text, or its path is not a list of texts.");
  }
  return {
    tier: given.tier,
    index: given.index,
    salt: readBase64(given.salt, "The salt", 32),
    item: utf8(given.item),
    path: given.path.map((one) => readBase64(one, "A line of the item's path", 32)),
    text: given.item,
  };
}
