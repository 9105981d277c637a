import type { AccessCode, OrgDeed, RequestDeed, RequestFields } from "@hearth/protocol";

/** What a screen may ask of the client: name → argument and the value of a good answer. All of it serialisable. */
export type Commands = {
  // -- getting in ------------------------------------------------------------------------------------------
  /** Signs in with a password. On a locked session: must be the same user, goes on with the same device. */
  "session.signIn": { arg: { userName: string; password: string }; value: void };
  /** Destroys key material first, then everything else, then tells the server if it can be reached. */
  "session.signOut": { arg: Record<never, never>; value: { serverTold: boolean } };
  /** Another tab has the client: asks it to stop, and starts here. */
  "session.takeOver": { arg: Record<never, never>; value: void };
  /** Reads an invite link (or its fragment) and asks the server whether it still works. */
  "join.look": { arg: { link: string }; value: { orgId: string } };
  /**
   * Registers, or resumes a join that broke off; ends with the session in phase `setup` or `ready`, and
   * `JoinView` telling how far it came. Safe to repeat with the same arguments.
   */
  "join.accept": {
    arg: { link: string; userName: string; displayName: string; password: string };
    value: void;
  };
  /** After a reload in the middle: goes on with what is stored. */
  "join.resume": { arg: Record<never, never>; value: void };

  // -- encryption set-up -------------------------------------------------------------------------------------
  /**
   * Cross-signing and secret storage, half-done states repaired. Gives the recovery key to be shown once.
   * Asks for the password where the server wants it again (`needs_password`).
   */
  "encryption.setUp": { arg: { password?: string }; value: { recoveryKey: string } };
  /** The person says that they kept the recovery key. */
  "encryption.confirmSaved": { arg: Record<never, never>; value: void };
  /** Signs this device with the recovery key (also accepts the key without spaces). */
  "encryption.unlock": { arg: { recoveryKey: string }; value: void };
  /** Forgotten recovery key: new identity, with what that costs; others will see that it changed. */
  "encryption.reset": { arg: { password: string }; value: { recoveryKey: string } };
  /** A new recovery key for the same identity, on a device that is signed. */
  "encryption.newRecoveryKey": { arg: { password?: string }; value: { recoveryKey: string } };
  /** Whose role has a key backup: makes it or opens it with the recovery key. */
  "encryption.turnOnBackup": { arg: { recoveryKey: string }; value: void };
  /** "I have read that older messages can't be read on this device." */
  "encryption.dismissNotice": { arg: Record<never, never>; value: void };

  // -- app lock ----------------------------------------------------------------------------------------------
  /** Puts the root key under a passphrase. */
  "lock.turnOn": { arg: { passphrase: string }; value: void };
  "lock.turnOff": { arg: { passphrase: string }; value: void };
  "lock.change": { arg: { current: string; next: string }; value: void };
  /** Locks by itself after so long without a touch, in milliseconds; null for never. */
  "lock.setIdle": { arg: { idleMs: number | null }; value: void };
  /** Keys leave memory, and nothing is shown until `lock.open`. */
  "lock.now": { arg: Record<never, never>; value: void };
  "lock.open": { arg: { passphrase: string }; value: void };
  /**
   * Lets a passkey open the lock as well. The page talks to the passkey; `prf` is what it gives for `salt` (WebAuthn's
   * extension of that name). Both are 32 bytes in base64url.
   */
  "lock.addPasskey": {
    arg: { passphrase: string; credentialId: string; salt: string; prf: string };
    value: void;
  };
  "lock.removePasskey": { arg: Record<never, never>; value: void };
  "lock.openByPasskey": { arg: { prf: string }; value: void };
  /** "Somebody is there": a key, a touch, a pointer. */
  "lock.touch": { arg: Record<never, never>; value: void };

  // -- requests ----------------------------------------------------------------------------------------------
  /** Queued at once; the room exists when the outbox has got through. Gives a local id until then. */
  "request.open": { arg: { fields: RequestFields; invite: string[] }; value: { roomId: string } };
  /** Writes the entry of the request's log whose definition lets any screen ask for it. */
  "request.do": { arg: { roomId: string; deed: RequestDeed }; value: void };
  "request.close": { arg: { roomId: string; outcome?: string }; value: void };
  "request.reopen": { arg: { roomId: string }; value: void };
  /** Invites, then writes a snapshot so that they can read what the request says. */
  "request.addPeople": {
    arg: { roomId: string; userIds: string[] };
    value: { added: string[]; failed: { userId: string; message: string }[] };
  };
  /** Three example requests, marked as examples, for a first look. */
  "request.addExamples": { arg: Record<never, never>; value: void };

  // -- conversation ------------------------------------------------------------------------------------------
  /** Starts (or stops) publishing `room:<id>` and loads what is missing. */
  "room.open": { arg: { roomId: string }; value: void };
  "room.close": { arg: { roomId: string }; value: void };
  /** Older events into the view. */
  "room.loadOlder": { arg: { roomId: string }; value: { more: boolean } };
  /** Somebody has had all in view up to this event. What is not known here, or was read before, changes nothing. */
  "room.markRead": { arg: { roomId: string; upTo: string }; value: void };
  "chat.send": { arg: { roomId: string; body: string; replyTo?: string }; value: { localId: string } };
  "outbox.retry": { arg: { localId: string }; value: void };
  "outbox.discard": { arg: { localId: string }; value: void };

  // -- team, org ---------------------------------------------------------------------------------------------
  "duty.set": { arg: { onDuty: boolean }; value: void };
  "profile.save": {
    arg: {
      displayName: string;
      pronouns?: string;
      bio?: string;
      phone?: string;
      email?: string;
      colour?: string;
    };
    value: void;
  };
  /** Makes an invite; the secret is made here and stands in the link only. */
  "invite.create": {
    arg: { roles: string[]; note?: string; expiresIn?: string };
    value: { link: string; inviteId: string; expiresAt: number };
  };
  "invite.revoke": { arg: { inviteId: string }; value: void };
  /** Asks the organisation's bot for what its definition lets any screen ask for. Gives the bot's data. */
  "org.do": { arg: OrgDeed; value: Readonly<Record<string, unknown>> };
  "role.grant": { arg: { userId: string; role: string }; value: void };
  "role.revoke": { arg: { userId: string; role: string }; value: void };
  "member.remove": { arg: { userId: string }; value: void };
  "policy.set": {
    arg: {
      name?: string;
      key_block?: string;
      key_window?: string;
      retention?: string;
      lease?: string;
      invite_expiry?: string;
      lock_idle?: string;
      lock_wipe_after?: string;
      online_unlock?: string;
      device_storage?: string;
      automatic_access?: boolean;
    };
    value: void;
  };
  /**
   * "I have looked": takes a member's keys for theirs on this device. With the `code` that was compared, from the member's
   * row, an admin on the roster signs it, and the member receives (again), from everybody.
   */
  "member.acceptIdentity": { arg: { userId: string; code?: string }; value: void };
  /** Somebody's devices as this admin's client knows them. */
  "wipe.devices": {
    arg: { userId: string };
    value: {
      devices: {
        deviceId: string;
        name: string;
        signed: boolean;
        /** When this device first saw it; missing where it never looked. */
        seenAt?: number;
      }[];
    };
  };
  /**
   * Signs that the keys on these devices (all of theirs, without `deviceIds`) be destroyed, publishes that, and tells the
   * devices. What they answer is in the view `wipes`.
   */
  "wipe.start": {
    arg: { userId: string; deviceIds?: string[]; mode: "keys" | "sign_out" };
    value: { orders: number };
  };
  /** An admin signs what the org's state says of somebody: the row's `unsigned`, so that nothing else is signed. */
  "roster.sign": { arg: { userId: string; says: "admin" | "exporter" | "member" | "ended" }; value: void };
  /** "I have compared": the roster with this code, from the team view, is the organisation's. */
  "roster.believe": { arg: { code: string }; value: void };
  /** "I have read it": puts away what is said about a person's new devices. */
  "member.dismissDevices": { arg: { userId: string }; value: void };

  // -- access to older messages, see the view of that name ---------------------------------------------------------
  /** Asks the admins: `window` for all that the key window lets one read, `span` for an older, named time. */
  "access.ask": {
    arg: {
      kind: "window" | "span";
      code: AccessCode;
      from?: number;
      to?: number;
      /** One request only. */
      roomId?: string;
      reason?: string;
    };
    value: { request: string };
  };
  /** Puts away an ask of one's own: takes it back if nobody has answered. */
  "access.withdraw": { arg: { request: string }; value: void };
  /** An admin says yes. `until`: the end, needed for an older span. What follows is in the view. */
  "access.give": { arg: { request: string; until?: number }; value: void };
  /**
   * An admin lets this device answer asks for the key window by itself, up to the `window` that they saw (the view's
   * `policyWindow`); without one no longer.
   */
  "access.answerAlone": { arg: { window?: string }; value: void };
  "access.decline": { arg: { request: string }; value: void };
  /** Ends a grant early, whoever gave it. */
  "access.revoke": { arg: { userId: string; request: string }; value: void };

  // -- verification: one flow at a time, see the view of that name -----------------------------------------------
  /** Asks a person, or (without `userId`) another of one's own devices, to compare. Takes up their ask if there is one. */
  "verification.start": { arg: { userId?: string }; value: void };
  /** Says yes to the ask that the view shows. */
  "verification.accept": { arg: Record<never, never>; value: void };
  /** Both are there: compare emoji. */
  "verification.chooseEmoji": { arg: Record<never, never>; value: void };
  /** What a camera read from the other's screen: the bytes of the code, in base64. */
  "verification.scan": { arg: { data: string }; value: void };
  /** The emoji are the same; or, after a scan, the other screen says that it worked. */
  "verification.confirm": { arg: Record<never, never>; value: void };
  /** The emoji differ. */
  "verification.mismatch": { arg: Record<never, never>; value: void };
  /** Ends it in whatever state: declines, cancels, or puts away what the last one came to. */
  "verification.cancel": { arg: Record<never, never>; value: void };

  // -- own account -------------------------------------------------------------------------------------------
  "devices.refresh": { arg: Record<never, never>; value: void };
  "devices.signOut": { arg: { deviceId: string; password?: string }; value: void };
  "password.change": { arg: { current: string; next: string; signOutOthers: boolean }; value: void };
};

export type CommandName = keyof Commands;
export type CommandArg<Name extends CommandName> = Commands[Name]["arg"];
export type CommandValue<Name extends CommandName> = Commands[Name]["value"];
