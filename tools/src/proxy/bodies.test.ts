import { describe, expect, test } from "vitest";
import { refuseBody, refuseUpload } from "./bodies.ts";

const login = ["_matrix", "client", "v3", "login"];
const register = ["_matrix", "client", "v3", "register"];
const refusal = (segments: string[], body: unknown) =>
  refuseBody("POST", segments, Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));

describe("[P1] signing in and registering name a device by closed shapes only", () => {
  test.each([undefined, "Hearth", "Hearth on Firefox", "Hearth on Chrome on Android 14"])(
    "a device called %s passes",
    (name) => {
      const body = { type: "m.login.password", initial_device_display_name: name };
      expect(refusal(login, body)).toBeUndefined();
      expect(refusal(register, body)).toBeUndefined();
    },
  );

  test.each([
    "",
    "Ada's phone",
    "Hearth on Ada's phone",
    "hearth",
    "Hearth ",
    `Hearth on ${"x".repeat(33)}`,
    7,
    {},
  ])("a device called %j is refused", (name) => {
    const body = { initial_device_display_name: name };
    expect(refusal(login, body)).toMatchObject({ status: 403, errcode: "M_FORBIDDEN" });
    expect(refusal(register, body)).toMatchObject({ status: 403, errcode: "M_FORBIDDEN" });
  });

  test("a device id that is a sentence is refused", () => {
    expect(refusal(login, { device_id: "ABCDEFGHIJ" })).toBeUndefined();
    expect(refusal(login, { device_id: "what the caller said" })).toMatchObject({ status: 403 });
  });

  test("of a key that stands there twice, the last counts, as in Synapse", () => {
    expect(
      refusal(login, '{"initial_device_display_name":"Hearth","initial_device_display_name":"Ada"}'),
    ).toMatchObject({ status: 403 });
  });

  test.each(["", "[]", "null", "{", '"Hearth"'])("%j is not an object", (text) => {
    expect(refusal(login, text)).toMatchObject({ status: 400, errcode: "M_NOT_JSON" });
  });

  test("a user name that would need encoding in a path is refused with a sentence", () => {
    expect(refusal(register, { username: "sam.1" })).toBeUndefined();
    for (const username of ["sam/1", "Sam", "sam smith", "sam%2f"])
      expect(refusal(register, { username })).toMatchObject({ status: 400, errcode: "M_INVALID_USERNAME" });
  });

  test("other requests are not looked at", () => {
    expect(refusal(["_matrix", "client", "v3", "keys", "upload"], "not JSON")).toBeUndefined();
  });
});

describe("[P1] the server's half of a device's key is a number and nothing else", () => {
  const kept = ["_matrix", "client", "v3", "user", "@sam:hearth.localhost", "account_data"];
  const put = (type: string, body: unknown) =>
    refuseBody("PUT", [...kept, type], Buffer.from(JSON.stringify(body)));
  const half = "A".repeat(43);

  test("half of a key passes, and so does emptying it", () => {
    expect(put("org.hearth.unlock.ABC", { half })).toBeUndefined();
    expect(put("org.hearth.unlock.ABC", {})).toBeUndefined();
    expect(put("m.cross_signing.master", { anything: "else is none of this rule" })).toBeUndefined();
  });

  test.each([
    { half: "words" },
    { half, note: "words" },
    { note: "words" },
    { half: 7 },
    [half],
    "words",
    null,
  ])("%j is refused", (body) => {
    expect(put("org.hearth.unlock.ABC", body)).toMatchObject({ status: 403, errcode: "M_FORBIDDEN" });
  });
});

describe("[P1] a file is uploaded without a name and without a type", () => {
  const upload = ["_matrix", "media", "v3", "upload"];
  const octets = "application/octet-stream";

  test("as noise it passes", () => {
    expect(refuseUpload("POST", upload, "", octets)).toBeUndefined();
    expect(refuseUpload("POST", login, "?filename=a", undefined)).toBeUndefined();
  });

  test.each([
    ["?filename=what-the-caller-said.txt", octets],
    ["?x=1", octets],
    ["", "text/plain"],
    ["", `${octets}; name=secret`],
    ["", undefined],
  ])("with %j and the type %j it is refused", (query, type) => {
    expect(refuseUpload("POST", upload, query, type)).toMatchObject({ status: 403, errcode: "M_FORBIDDEN" });
  });
});
