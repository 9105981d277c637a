import { userIdFromMemberStateKey, type LoggedAsk, type RoomId, type UserId } from "@hearth/protocol";
import type { AccessAsk, AccessView, OwnAccess } from "../../contract/index.ts";
import type { DeviceWatch } from "../people/deviceWatch.ts";
import { isAdmin, nameOf, type Org } from "../../org/org.ts";
import type { Recipients } from "../people/recipients.ts";
import type { AccessStore, OwnAsk, TheirAsk } from "./store.ts";

export type AccessViewInput = {
  readonly me: UserId;
  readonly org: Org;
  readonly now: number;
  readonly store: AccessStore;
  readonly recipients: Pick<Recipients, "identityOf" | "rosterOf">;
  readonly devices: Pick<DeviceWatch, "of">;
  readonly titleOf: (roomId: RoomId) => string | undefined;
  readonly refused: AccessView["refused"];
  readonly alone: NonNullable<AccessView["alone"]>;
};

const MOST_SHOWN = 200;

export function accessView(input: AccessViewInput): AccessView {
  const { store, org, me, now } = input;
  return {
    mine: [...store.own.values()].map((own) => mine(own, input)).toSorted((a, b) => b.at - a.at),
    asks: isAdmin(org, me, now) ? asks(input) : [],
    ...(isAdmin(org, me, now) ? { alone: input.alone } : {}),
    refused: input.refused,
  };
}

function mine(
  { ask, state, by, grant, done, taken, problem }: OwnAsk,
  { org, now }: AccessViewInput,
): OwnAccess {
  const over = state === "given" && grant !== undefined && grant.until <= now;
  const [only] = ask.rooms ?? [];
  return {
    request: ask.request,
    kind: ask.kind,
    from: ask.from,
    to: ask.to,
    at: ask.at,
    ...(only === undefined ? {} : { roomId: only }),
    state: over ? "ended" : state,
    ...(by === undefined ? {} : { byName: nameOf(org, by) }),
    ...(grant === undefined ? {} : { until: grant.until }),
    ...(state === "receiving" && grant ? { progress: { done, of: grant.parts.length } } : {}),
    ...(state === "waiting" || state === "declined" ? {} : { keys: taken }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** The log that all admins have, and beside it what this device knows of each. */
function asks(input: AccessViewInput): AccessAsk[] {
  const { org, store } = input;
  const shown = new Map<string, AccessAsk>();
  for (const [key, { asks: logged }] of org.accessLog) {
    const userId = userIdFromMemberStateKey(key);
    if (userId === undefined) continue;
    for (const one of logged) {
      const their = store.their.get(one.request);
      shown.set(one.request, row(userId, one, their?.from === userId ? their : undefined, input));
    }
  }
  // The bot may be away: what came from device to device is shown without it.
  for (const their of store.their.values())
    if (!shown.has(their.ask.request) && their.state === "waiting")
      shown.set(
        their.ask.request,
        row(their.from, { ...their.ask, rooms: undefined, state: "asked" }, their, input),
      );
  return [...shown.values()].toSorted((a, b) => b.at - a.at).slice(0, MOST_SHOWN);
}

function row(
  userId: UserId,
  logged: Omit<LoggedAsk, "rooms"> & { rooms?: number | undefined },
  their: TheirAsk | undefined,
  { me, org, recipients, devices, titleOf }: AccessViewInput,
): AccessAsk {
  // What the asker's device said counts; the log is the server's word.
  const { request, device, kind, code, from, to } = their?.ask ?? logged;
  const seen = devices.of(userId, device);
  const rooms = their?.ask.rooms?.map((roomId) => titleOf(roomId) ?? "A request") ?? logged.rooms;
  return {
    request,
    userId,
    name: nameOf(org, userId),
    kind,
    code,
    ...(their?.ask.reason === undefined ? {} : { reason: their.ask.reason }),
    from,
    to,
    at: logged.at,
    ...(rooms === undefined ? {} : { rooms }),
    deviceId: device,
    device: { signed: seen?.signed ?? false, ...(seen === undefined ? {} : { seenAt: seen.at }) },
    identity: recipients.identityOf(userId),
    listed: recipients.rosterOf(userId).roster === "listed",
    state: brokeOff(logged, their, me) ? "waiting" : stateOf(logged, their),
    ...(logged.by === undefined ? {} : { byName: nameOf(org, logged.by) }),
    automatic: logged.automatic === true,
    ...(logged.until === undefined ? {} : { until: logged.until }),
    ...(logged.sessions === undefined ? {} : { keys: logged.sessions }),
    devices: Object.entries(their?.devices ?? {}).map(([deviceId, { state, taken }]) => ({
      deviceId,
      state,
      taken,
    })),
    canAnswer: their?.state === "waiting" && (logged.state === "asked" || brokeOff(logged, their, me)),
    ...(their?.problem === undefined ? {} : { problem: their.problem }),
  };
}

/** It is in the log already that this person gave it, and then it broke off: it is theirs to give once more. */
function brokeOff(
  { state, by }: Pick<LoggedAsk, "state" | "by">,
  their: TheirAsk | undefined,
  me: UserId,
): boolean {
  return state === "given" && by === me && their?.state === "waiting" && their.problem !== undefined;
}

function stateOf(logged: Pick<LoggedAsk, "state">, their: TheirAsk | undefined): AccessAsk["state"] {
  if (their?.state === "giving") return "giving";
  if (logged.state !== "asked") return logged.state;
  return their?.state === "declined" || their?.state === "given" || their?.state === "revoked"
    ? their.state
    : "waiting";
}
