// SPDX-License-Identifier: Apache-2.0
"use strict";
/*
 * What the page checks, step by step, from a proof file and a key to what they mean.
 * Each step takes what was given and what earlier steps found, adds what it finds, and
 * returns [what holds, what that means]; undefined: nothing was given for it.
 */

const utc = (ms) => `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;

const STEPS = [
  {
    id: "file",
    title: "The proof file can be read",
    async check(given, found) {
      found.proof = readProof(given.proof);
      return [`It holds a record, its place ${found.proof.index}, and a checkpoint.`, "Nothing in it is believed yet."];
    },
  },
  {
    id: "key",
    title: "The verifier key is whole",
    async check(given, found) {
      found.key = readKey(given.key.trim(), LOG_KEY, "The verifier key");
      await checkKey(found.key, "the verifier key");
      return [
        `It is a key of ${found.key.name}.`,
        "Everything below rests on it. Be sure that you had it from the operator by another way than this file.",
      ];
    },
  },
  {
    id: "checkpoint",
    title: "The operator signed this state of the log",
    async check(_given, found) {
      // Signature before meaning, as in verify_checkpoint.
      found.note = readNote(found.proof.checkpoint);
      await checkLogSignature(found.note, found.key);
      found.state = readCheckpoint(found.note.text);
      if (found.state.origin !== found.key.name) {
        throw new Failure(
          `The checkpoint is of ${found.state.origin}, the key of ${found.key.name}.`,
          "This is another log than the one that the key belongs to.",
        );
      }
      return [
        `${found.state.origin}, ${found.state.size} entries, root ${hex(found.state.root)}.`,
        "The operator cannot deny that the log stood so. Keep this file: it binds the operator.",
      ];
    },
  },
  {
    id: "inclusion",
    title: "The record stands in that log",
    async check(_given, found) {
      const { leaf, index, path } = found.proof;
      await checkInclusion(await leafHash(leaf), index, found.state.size, path, found.state.root, NOT_INCLUDED);
      return [
        `It is entry ${index}, counted from 0, of ${found.state.size}; ${path.length} hashes lead from it to the root.`,
        "It cannot be changed, dropped or moved without breaking the operator's signature.",
      ];
    },
  },
  {
    id: "leaf",
    title: "The record is in its one exact form",
    async check(_given, found) {
      const leaf = readLeaf(found.proof.leaf);
      if (BigInt(leaf.seen_size) > found.proof.index) {
        throw new Failure(
          `Its author had seen a log of ${leaf.seen_size} entries, and yet it is entry ${found.proof.index}.`,
          "The log was cut back, or its author was shown another log. Ask the author, and keep this file.",
        );
      }
      found.leaf = leaf;
      return [
        `${leaf.id}, kind ${leaf.kind}, stated as made at ${leaf.made_at}, with ${leaf.items} items in each of ` +
          `${Object.keys(leaf.roots).join(", ")}.`,
        `It was made after the log had ${leaf.seen_size} entries. The time is its author's own word.`,
      ];
    },
  },
  {
    id: "author",
    title: "Its author signed it",
    async check(_given, found) {
      // The signature is over the leaf without it: its last 104 bytes are ,"signature":"..."}
      const message = join(utf8("truceline/record/v1\n"), found.proof.leaf.slice(0, -104), utf8("}"));
      if (!(await isSignedBy(found.leaf.authorKey, found.leaf.signatureBytes, message))) {
        throw new Failure(
          `The author's signature on ${found.leaf.id} does not verify.`,
          "The author named in this record did not sign these words. Do not rely on the record.",
        );
      }
      return [
        `Number ${found.leaf.author_seq} of ${found.leaf.author}.`,
        "Whoever holds that key made this record, not the operator alone. Who that is, an enrolment record says.",
      ];
    },
  },
  {
    id: "witnesses",
    title: "Witnesses saw the same log",
    async check(given, found) {
      if (given.policy.trim() === "") return undefined;
      const policy = readPolicy(given.policy);
      for (const witness of policy.witnesses) await checkKey(witness.key, `the key of ${witness.name}`);
      if (policy.logs.length > 0 && !policy.logs.some((log) => log.label === found.key.label)) {
        throw new Failure("The policy does not list this log's key.", "The policy was agreed for another log.");
      }
      const times = new Map();
      for (const witness of policy.witnesses) {
        const at = await cosignedAt(found.note, witness);
        if (at !== undefined) times.set(witness.name, at);
      }
      const each = policy.witnesses.map(
        ({ name, key }) => `${key.name}: ${times.has(name) ? utc(times.get(name)) : "no cosignature"}`,
      );
      const told = each.join("; ") || "No witness is named";
      const enough = policy.quorum === undefined ? times.size > 0 : isMet(policy, times.keys());
      if (!enough) {
        throw new Failure(
          `Too few have cosigned. ${told}.`,
          "The record is in the log that you were shown, but too few witnesses say that others are shown the same. " +
            "Ask for a later proof.",
        );
      }
      const rule = policy.quorum === undefined ? "No number was asked for." : `The quorum ${policy.quorum} is met.`;
      return [
        `${told}. ${rule}`,
        times.size === 0
          ? "Nobody but the operator vouches for this state."
          : "Each of them found that this state continues all that it saw before. The record was in the log by then.",
      ];
    },
  },
  {
    id: "item",
    title: "The disclosed item is what was recorded",
    async check(given, found) {
      if (given.item.trim() === "") return undefined;
      const item = readItem(given.item);
      // 1. The record has the tier.
      if (!Object.hasOwn(found.leaf.roots, item.tier)) {
        throw new Failure(`The record has no tier ${item.tier}.`, NOT_THIS_ITEM);
      }
      // 2. The commitment is HMAC-SHA256(salt, item).  3. The path leads from it to the tier's root.
      const commitment = await leafHash(await hmac(item.salt, item.item));
      const [index, items, root] = [BigInt(item.index), BigInt(found.leaf.items), found.leaf.roots[item.tier]];
      await checkInclusion(commitment, index, items, item.path, root, NOT_THIS_ITEM);
      return [
        `Tier ${item.tier}, item ${item.index}: ${item.text}`,
        "These are the words that the author signed for, to the letter. Whether they are true, no log can say.",
      ];
    },
  },
];

/**
 * Check what was given; never throws for bad input.
 *
 * given: {proof: Uint8Array, key, policy, item: texts; empty texts: not given}.
 * Returns a list of {id, title, state, what, meaning}; state is holds, failed, not checked or not given.
 * Throws Unable if the browser cannot check at all.
 */
async function verify(given) {
  await requireCrypto();
  const found = {};
  const results = [];
  let failed = false;
  for (const { id, title, check } of STEPS) {
    const result = { id, title, state: "not checked", what: "", meaning: EARLIER };
    results.push(result);
    if (failed) continue;
    try {
      const said = await check(given, found);
      result.state = said ? "holds" : "not given";
      [result.what, result.meaning] = said ?? ["", "Nothing was given for this step."];
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failed = true;
      Object.assign(result, { state: "failed", what: error.message, meaning: error.meaning });
    }
  }
  return results;
}
