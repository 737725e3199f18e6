// SPDX-License-Identifier: Apache-2.0
"use strict";
/*
 * C2SP tlog-policy (draft): which logs and witnesses count, and how many are enough.
 * For those who have no policy, a list of witness keys alone will do: one a line.
 */

const BROKEN = "This policy cannot be used as it stands. Get it again from those who agreed on it.";
const LOG_KEY = 1;
const WITNESS_KEY = 4;

/** A policy, or keys one a line; then every key is a witness, named by itself, and no quorum is set. */
function readPolicy(text) {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text)) {
    throw new Failure("The policy has control characters.", BROKEN);
  }
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.split(/[ \t]+/).filter(Boolean))
    .filter((words) => words.length > 0 && !words[0].startsWith("#"));
  const policy = { logs: [], witnesses: [], groups: [], quorum: undefined };
  const bare = lines.every((words) => words.length === 1);
  for (const words of lines) {
    const problem = bare ? takeWitness(policy, words[0], words[0]) : takeLine(policy, words);
    if (problem) throw new Failure(`${problem} The line reads: ${words.join(" ")}`, BROKEN);
  }
  if (!bare && policy.quorum === undefined) throw new Failure("The policy has no quorum line.", BROKEN);
  return policy;
}

/** Take one line; return what is wrong with it, or nothing. */
function takeLine(policy, words) {
  const [sort, name, ...rest] = words;
  if (sort === "log" && name && rest.length <= 1) {
    const key = readKey(name, LOG_KEY, "A log's key");
    if (policy.logs.some((log) => same(log.public, key.public))) return "A log stands there twice.";
    policy.logs.push(key);
    return undefined;
  }
  if (sort === "witness" && (rest.length === 1 || rest.length === 2)) return takeWitness(policy, name, rest[0]);
  if (sort === "group" && rest.length >= 2) return takeGroup(policy, name, rest[0], rest.slice(1));
  if (sort === "quorum" && name && rest.length === 0) {
    if (policy.quorum !== undefined) return "There is a second quorum line.";
    if (name !== "none" && !isDefined(policy, name)) return "The quorum is not defined above.";
    policy.quorum = name;
    return undefined;
  }
  return "This is no log, witness, group or quorum line.";
}

const isDefined = (policy, name) => [...policy.witnesses, ...policy.groups].some((one) => one.name === name);
const isTaken = (policy, name) => name === "none" || isDefined(policy, name);

function takeWitness(policy, name, text) {
  const key = readKey(text, WITNESS_KEY, "A witness's key");
  if (isTaken(policy, name)) return "The name is taken.";
  if (policy.witnesses.some((witness) => same(witness.key.public, key.public))) {
    return "The witness's key stands there already.";
  }
  policy.witnesses.push({ name, key });
  return undefined;
}

function takeGroup(policy, name, threshold, members) {
  if (isTaken(policy, name)) return "The name is taken.";
  const placed = policy.groups.flatMap((group) => group.members);
  if (new Set(members).size !== members.length || members.some((member) => placed.includes(member))) {
    return "A member is in a group already.";
  }
  if (!members.every((member) => isDefined(policy, member))) return "A member is not defined above.";
  let enough = /^[1-9]\d{0,5}$/.test(threshold) ? Number(threshold) : 0;
  if (threshold === "any") enough = 1;
  if (threshold === "all") enough = members.length;
  if (enough < 1 || enough > members.length) return "The number needed does not fit the members.";
  policy.groups.push({ name, enough, members });
  return undefined;
}

/** Tell whether cosignatures by these witnesses meet the quorum; members stand before their group. */
function isMet(policy, names) {
  const met = new Set(names);
  for (const group of policy.groups) {
    if (group.members.filter((member) => met.has(member)).length >= group.enough) met.add(group.name);
  }
  return policy.quorum === "none" || met.has(policy.quorum);
}
