import { describe, expect, test } from "vitest";
import { allowing } from "./allowList.ts";
import { readAllowList } from "./allowListFile.ts";
import { plainPath } from "./path.ts";

const isAllowed = allowing(readAllowList());

function passes(method: string, target: string): boolean {
  const path = plainPath(target);
  return path !== undefined && isAllowed(method, path.segments);
}

const room = "!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM";
const event = "$Rqnc-F-dvnEYJTyHq_iKxU2bZ1CI92-kuZq3a5lr5Zg";
const v3 = "/_matrix/client/v3";

describe("[P1] what the client needs passes", () => {
  test.each([
    ["GET", "/_matrix/client/versions"],
    ["POST", `${v3}/login`],
    ["POST", `${v3}/register?kind=user`],
    ["POST", `${v3}/refresh`],
    ["POST", "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?timeout=30000&pos=5"],
    ["POST", `${v3}/keys/upload`],
    ["POST", `${v3}/keys/device_signing/upload`],
    ["PUT", `${v3}/sendToDevice/m.room.encrypted/m1700000000000.0`],
    ["PUT", `${v3}/sendToDevice/m.key.verification.request/m1`],
    ["PUT", `${v3}/user/%40sam%3Ahearth.localhost/account_data/m.cross_signing.master`],
    ["PUT", `${v3}/user/@sam:hearth.localhost/account_data/m.secret_storage.key.abCD12`],
    ["PUT", `${v3}/user/@sam:hearth.localhost/account_data/org.hearth.unlock.ABCDEFGHIJ`],
    ["POST", `${v3}/createRoom`],
    ["POST", `${v3}/rooms/${encodeURIComponent(room)}/invite`],
    ["GET", `${v3}/rooms/${room}/messages?dir=b&limit=50`],
    ["PUT", `${v3}/rooms/${room}/send/m.room.encrypted/m1700000000000.1`],
    ["PUT", `${v3}/rooms/${room}/state/org.hearth.lifecycle/`],
    ["PUT", `${v3}/rooms/${room}/state/org.hearth.profile/@sam:hearth.localhost`],
    ["PUT", `${v3}/rooms/${room}/redact/${event}/m1`],
    ["POST", `${v3}/rooms/${room}/receipt/m.read/${event}`],
    ["GET", `/_matrix/client/v1/rooms/${room}/relations/${event}/m.reference`],
    ["GET", `${v3}/devices`],
    ["DELETE", `${v3}/devices/ABCDEFGHIJ`],
    ["GET", `${v3}/room_keys/version`],
    ["GET", `${v3}/room_keys/keys/${room}/${"a".repeat(43)}?version=1`],
    ["GET", `${v3}/room_keys/keys/${room}/${encodeURIComponent(`+/${"a".repeat(40)}/`)}?version=1`],
    ["GET", `${v3}/pushrules/`],
  ])("%s %s", (method, target) => {
    expect(passes(method, target)).toBe(true);
  });
});

describe("[P1] what would put plaintext on the server, or reach its insides, does not", () => {
  test.each([
    ["PUT", `${v3}/room_keys/keys/${room}/the-caller-says-that`],
    ["GET", `${v3}/rooms/${encodeURIComponent("a".repeat(21) + "/" + "b".repeat(21))}/messages`],
    ["PUT", `${v3}/devices/ABCDEFGHIJ`],
    ["PUT", `${v3}/user/@sam:hearth.localhost/rooms/${room}/tags/u.secret`],
    ["PUT", `${v3}/user/@sam:hearth.localhost/rooms/${room}/account_data/m.tag`],
    ["PUT", `${v3}/user/@sam:hearth.localhost/account_data/org.hearth.notes`],
    ["PUT", `${v3}/user/@sam:hearth.localhost/account_data/m.direct`],
    ["PUT", `${v3}/user/@sam:hearth.localhost/account_data/org.hearth.unlock.`],
    ["PUT", `${v3}/user/@sam:hearth.localhost/account_data/org.hearth.unlock.anote`],
    ["PUT", `${v3}/sendToDevice/org.hearth.note/m1`],
    ["PUT", `${v3}/sendToDevice/m.room_key/m1`],
    ["PUT", `${v3}/profile/@sam:hearth.localhost/displayname`],
    ["PUT", `${v3}/pushrules/global/content/secret`],
    ["POST", `${v3}/pushers/set`],
    ["POST", `${v3}/rooms/${room}/report/${event}`],
    ["POST", `${v3}/rooms/${room}/upgrade`],
    ["POST", `${v3}/rooms/${room}/ban`],
    ["PUT", `${v3}/directory/room/%23secret:hearth.localhost`],
    ["POST", `${v3}/publicRooms`],
    ["POST", `${v3}/user_directory/search`],
    ["POST", `${v3}/search`],
    ["PUT", `${v3}/presence/@sam:hearth.localhost/status`],
    ["PUT", "/_matrix/media/v3/upload/hearth.localhost/abc"],
    ["POST", "/_matrix/media/v1/create"],
    ["GET", "/_matrix/client/v1/media/download/hearth.localhost/abc/secret.jpg"],
    ["POST", `${v3}/account/deactivate`],
    ["POST", `${v3}/account/3pid/add`],
    ["POST", `${v3}/login/get_token`],
    ["PUT", "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device"],
    ["GET", "/_synapse/admin/v2/users"],
    ["GET", "/_synapse/client/unsubscribe"],
    ["GET", "/_matrix/federation/v1/version"],
    ["GET", "/_matrix/key/v2/server"],
    ["POST", "/_matrix/client/r0/login"],
    ["POST", "/_matrix/client/v1/appservice/hearth/ping"],
    ["OPTIONS", `${v3}/login`],
    ["TRACE", `${v3}/login`],
    ["get", "/_matrix/client/versions"],
    ["GET", "/_Matrix/client/versions"],
    ["GET", "/_matrix/client/versions/"],
    ["POST", `${v3}/login/`],
  ])("%s %s", (method, target) => {
    expect(passes(method, target)).toBe(false);
  });

  test.each([
    ["GET", `${v3}/rooms/${room}/..%2f..%2f..%2f..%2f_synapse/admin/v2/users`],
    ["GET", "/_matrix/client/../../_synapse/admin/v2/users"],
    ["GET", "/_matrix/client/versions/../../../_synapse/admin/v2/users"],
    ["GET", "/_matrix/client/%2e%2e/%2e%2e/_synapse/admin/v2/users"],
    ["PUT", `${v3}//devices/ABCDEFGHIJ`],
    ["PUT", `${v3}/sendToDevice/m.room.encrypted%2f..%2fm.room_key/m1`],
    [
      "PUT",
      `${v3}/user/@sam:hearth.localhost%2frooms%2f${room}%2ftags%2fu.x/account_data/m.cross_signing.master`,
    ],
    ["PUT", `${v3}/user/@sam:hearth.localhost/account_data/m.cross_signing.master%00`],
    ["PUT", `${v3}/rooms/${room}/send/what the caller said/m1`],
    ["PUT", `${v3}/rooms/${room}/send/what%20the%20caller%20said/m1`],
  ])("nor do tricks: %s %s", (method, target) => {
    expect(passes(method, target)).toBe(false);
  });
});
