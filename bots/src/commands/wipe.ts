import { isAdminAt, memberStateKey, Wipe, wipeTarget, WipeWish } from "@hearth/protocol";
import type { UserId } from "@hearth/protocol";
import { currentMember, noMember } from "./authority.ts";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation, Effect, Refusal, Situation } from "./implementation.ts";
import { CLOCK_TOLERANCE_MS, isSignedNow, rosterUpTo } from "./rosterSign.ts";

function adminsOnly({ org, actor, now }: Situation): Refusal | undefined {
  return isAdminAt(org, actor, now)
    ? undefined
    : refuse("not_permitted", "Only an admin can have keys destroyed. Ask one.");
}

/**
 * Typed in the admin room, which is not encrypted: the server could have written it. So it destroys nothing, and waits
 * for an admin to confirm it in their client, which signs.
 */
export const wipe: CommandImplementation<"wipe"> = {
  authorise: adminsOnly,
  plan({ org, actor, at }, { user, device, mode }) {
    if (!currentMember(org, user)) return noMember(user);
    const wish = {
      v: 1,
      user,
      mode,
      by: actor,
      at,
      open: true,
      ...(device === undefined ? {} : { device }),
    };
    return done([{ do: "org state", type: WipeWish.type, key: memberStateKey(user), content: wish }]);
  },
  render: (_data, { user, device }) => {
    const what = device === undefined ? `all devices of ${user}` : `the device ${device} of ${user}`;
    return `Nothing is destroyed yet, because only an admin's own client can sign that. Open Hearth: the Team page asks you to confirm that the keys on ${what} shall be destroyed.`;
  },
};

/**
 * The bot adds nothing to the record's truth: the device checks it for itself. What no device would heed is kept out,
 * so that no admin takes it for done.
 */
export const wipeSign: CommandImplementation<"wipe sign"> = {
  authorise(situation, { record }) {
    const refused = adminsOnly(situation);
    if (refused) return refused;
    if (record.org !== situation.orgId)
      return refuse("bad_arguments", "This is for another organisation's device.");
    return Math.abs(record.at - situation.at) > CLOCK_TOLERANCE_MS
      ? refuse("bad_arguments", "This device's clock is wrong. Set it right, then try again.")
      : undefined;
  },
  plan({ org, orgId, actor, at }, { user, device, device_key, record }) {
    const { target } = record.body;
    if (target !== wipeTarget({ org: orgId, user, device, key: device_key }))
      return refuse("bad_arguments", "The record is for another device. Reload Hearth, then try again.");
    const roster = rosterUpTo(org.roster, org.roster.size);
    if (!roster)
      return refuse("internal", "The roster that the server holds can't be read. Ask whoever hosts Hearth.");
    if (roster.signers.get(record.key) !== actor)
      return refuse(
        "not_permitted",
        "Your signing key is not an admin's on the roster. Ask an admin who is on it.",
      );
    if (!isSignedNow(record)) return refuse("bad_arguments", "The signature does not hold. Reload Hearth.");
    const content = { v: 1, record, user, device, device_key, by: actor, at, state: "waiting" };
    const effects: Effect[] = [{ do: "org state", type: Wipe.type, key: target, content }];
    const wish = org.wishes.get(memberStateKey(user));
    if (wish?.open) effects.push(withdrawn(wish));
    return done(effects);
  },
  render: (_data, { user, device }) =>
    `The order to destroy the keys on the device ${device} of ${user} is published.`,
};

export const wipeDone: CommandImplementation<"wipe done"> = {
  authorise: adminsOnly,
  plan({ org }, { target }) {
    const standing = org.wipes.get(target);
    if (!standing) return refuse("not_found", "There is no such order.");
    // The device is ended by what looks after wipes, here as where nobody answers: see wipes.ts.
    const content = { ...standing, state: "acknowledged" };
    return done([{ do: "org state", type: Wipe.type, key: target, content }]);
  },
  render: () => "The device has answered that its keys are gone.",
};

export const wipeDismiss: CommandImplementation<"wipe dismiss"> = {
  authorise: adminsOnly,
  plan({ org }, { user }) {
    const wish = org.wishes.get(memberStateKey(user));
    return wish ? done([withdrawn(wish)]) : refuse("not_found", "Nobody asked for that.");
  },
  render: () => "It is no longer asked for.",
};

function withdrawn(wish: { readonly user: UserId }): Effect {
  const content = { ...wish, open: false };
  return { do: "org state", type: WipeWish.type, key: memberStateKey(wish.user), content };
}
