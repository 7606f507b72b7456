// Loaded before Azurite: its database looks a blob up by account and container first and scans all blobs for the name, so
// each request takes longer the more blobs there are.  Asking for the name first uses the index that is there already.
const { createRequire } = require("node:module");

const { Resultset } = createRequire(process.argv[1])("lokijs");
const SELECTIVE = ["name", "blobName"];
const findAnd = Resultset.prototype.findAnd;
const selective = (condition) => (SELECTIVE.some((field) => typeof condition[field] === "string") ? 0 : 1);

Resultset.prototype.findAnd = function (conditions) {
  return findAnd.call(this, [...conditions].sort((one, other) => selective(one) - selective(other)));
};
Resultset.prototype.$and = Resultset.prototype.findAnd;
