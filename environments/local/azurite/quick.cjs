// Loaded before Azurite: its database looks a blob up by account and container first and scans all blobs for the name, and
// it lists by scanning all blobs for a prefix, so each request takes longer the more blobs there are.  Asking for the name
// first, and for a prefix as a range of names, uses the index that is there already.
const { createRequire } = require("node:module");

const { Resultset } = createRequire(process.argv[1])("lokijs");
const SELECTIVE = ["name", "blobName"];
const LAST = "\uffff";
// What Azurite's own escaping makes of a prefix.  The index sorts whatever reads as a number apart; no word does that
// begins with a small letter.
const PREFIX = /^\^([a-z](?:[^\\\-/^$*+?.()|[\]{}]|\\[\\\-/^$*+?.()|[\]{}])*)$/;
const findAnd = Resultset.prototype.findAnd;
const selective = (condition) => (SELECTIVE.some((field) => typeof condition[field] === "string") ? 0 : 1);

const range = (condition) => {
  const escaped = PREFIX.exec(condition.name?.$regex?.source ?? condition.name?.$regex ?? "");
  if (!escaped) return [];
  const prefix = escaped[1].replace(/\\(.)/g, "$1");
  return [{ name: { $between: [prefix, prefix + LAST] } }];
};

Resultset.prototype.findAnd = function (conditions) {
  const sorted = [...conditions].sort((one, other) => selective(one) - selective(other));
  return findAnd.call(this, [...sorted.flatMap(range), ...sorted]);
};
Resultset.prototype.$and = Resultset.prototype.findAnd;
