"use strict";
// [P2] Bots hold no keys. matrix-bot-sdk imports its crypto library whether or not it is used; this package
// stands in its place and exports nothing, so a bot process cannot decrypt even if somebody asks it to.
module.exports = {};
