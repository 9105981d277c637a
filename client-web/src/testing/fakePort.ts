import type {
  ClientPort,
  CommandName,
  Outcome,
  SessionView,
  Slice,
  Views,
} from "@hearth/client-core/contract.ts";
import { fakeViews } from "./fakeViews.ts";

/**
 * A stand-in for the client, to look at screens without a server: views that never were anybody's, commands
 * that only move those views about. Only `next dev` loads it (`/?fake=ready`); a production build has no trace.
 */
export const SCENARIOS = [
  "ready",
  "responder",
  "empty",
  "signed_out",
  "joining",
  "setup_new",
  "setup_unlock",
  "setup_show_key",
  "locked",
  "app_locked",
  "other_tab",
  "storage_problem",
  "starting",
] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** The scenario that the address asks for, kept for the tab. */
export function wantedFake(window: Window): Scenario | undefined {
  const asked = new URLSearchParams(window.location.search).get("fake");
  if (asked !== null) window.sessionStorage.setItem("hearth.fake", asked);
  const kept = asked ?? window.sessionStorage.getItem("hearth.fake");
  return SCENARIOS.find((scenario) => scenario === kept);
}

const PHASES: Partial<Record<Scenario, SessionView["phase"]>> = {
  signed_out: { kind: "signed_out" },
  joining: { kind: "joining" },
  setup_new: { kind: "setup", step: "new" },
  setup_unlock: { kind: "setup", step: "unlock" },
  setup_show_key: {
    kind: "setup",
    step: "show_key",
    recoveryKey: "EsTA 1234 abcd 5678 efgh 9012 ijkl 3456 mnop 7890 qrst uvwx",
  },
  locked: {
    kind: "locked",
    userId: "@demo-dispatcher:hearth.localhost",
    message: "The server asks you to sign in again. Your keys are safe on this device.",
  },
  app_locked: { kind: "app_locked", failed: 0 },
  other_tab: { kind: "other_tab" },
  storage_problem: {
    kind: "storage_problem",
    message: "The browser refused to store anything for this site.",
  },
  starting: { kind: "starting" },
};

export function makeFakePort(scenario: Scenario): ClientPort {
  const views = new Map<string, unknown>(Object.entries(fakeViews(scenario === "empty")));
  const listeners = new Map<Slice, Set<() => void>>();

  const get = <S extends Slice>(slice: S) => views.get(slice) as Views[S] | undefined;
  const set = <S extends Slice>(slice: S, value: Views[S]) => {
    views.set(slice, value);
    for (const listener of listeners.get(slice) ?? []) listener();
  };
  const change = <S extends Slice>(slice: S, how: (value: Views[S]) => Views[S]) => {
    const value = get(slice);
    if (value !== undefined) set(slice, how(value));
  };
  const phase = PHASES[scenario];
  if (phase) change("session", (session) => ({ ...session, phase }));
  if (scenario === "responder")
    change("session", (session) => ({
      ...session,
      isAdmin: false,
      permissions: ["edit_request_data", "invite_to_channels"],
    }));

  let count = 0;
  const commands: Partial<Record<CommandName, (arg: never) => unknown>> = {
    "session.signIn": ({ password }: { password: string }) =>
      password === "wrong"
        ? { ok: false, code: "wrong_password", message: "The password is not right for this user name." }
        : change("session", (session) => ({ ...session, phase: { kind: "ready" } })),
    "session.signOut": () => {
      change("session", (session) => ({ ...session, phase: { kind: "signed_out" } }));
      return { ok: true, value: { serverTold: true } };
    },
    "join.look": ({ link }: { link: string }) =>
      link.includes("used")
        ? { ok: false, code: "invite_used", message: "This invite has been used. Ask for a new one." }
        : { ok: true, value: { orgId: "example" } },
    "join.accept": () =>
      change("session", (session) => ({ ...session, phase: { kind: "setup", step: "new" } })),
    "encryption.setUp": () =>
      change("session", (session) => ({ ...session, phase: PHASES.setup_show_key ?? { kind: "ready" } })),
    "encryption.confirmSaved": () =>
      change("session", (session) => ({ ...session, phase: { kind: "ready" } })),
    "encryption.newRecoveryKey": () => ({
      ok: true,
      value: { recoveryKey: "EsTA 1234 abcd 5678 efgh 9012 ijkl 3456 mnop 7890 qrst uvwx" },
    }),
    "encryption.unlock": () => ({
      ok: false,
      code: "wrong_recovery_key",
      message: "This is not the recovery key of this account. Check it letter by letter.",
    }),
    "duty.set": ({ onDuty }: { onDuty: boolean }) =>
      change("team", (team) => ({
        members: team.members.map((member) => (member.isMe ? { ...member, onDuty } : member)),
      })),
    "request.setStatus": ({ roomId, status }: { roomId: string; status: null }) =>
      change(`room:${roomId}`, (room) =>
        room.request ? { ...room, request: { ...room.request, status: status ?? "unassigned" } } : room,
      ),
    "chat.send": ({ roomId, body }: { roomId: string; body: string }) => {
      const localId = `local-${++count}`;
      change(`room:${roomId}`, (room) => ({
        ...room,
        timeline: [
          ...room.timeline,
          {
            id: localId,
            at: Date.now(),
            sender: "@demo-dispatcher:hearth.localhost",
            senderName: "Demo Dispatcher",
            mine: true,
            delivery: body.includes("fail")
              ? { kind: "failed", message: "The server did not take it.", canRetry: true }
              : { kind: "queued" },
            body: { kind: "message", text: body },
          },
        ],
      }));
      return { ok: true, value: { localId } };
    },
    "invite.create": () => ({
      ok: true,
      value: {
        link: "https://hearth.example/join/#org=example&invite=abc",
        inviteId: "abc",
        expiresAt: Date.now() + 604_800_000,
      },
    }),
    "request.open": () => ({ ok: true, value: { roomId: "!r1:hearth.localhost" } }),
    "request.addPeople": ({ userIds }: { userIds: string[] }) => ({
      ok: true,
      value: { added: userIds, failed: [] },
    }),
    "wipe.devices": () => ({
      ok: true,
      value: {
        devices: [
          { deviceId: "KLMNOPQRST", name: "Hearth on Chrome on Android", signed: true },
          { deviceId: "UVWXYZABCD", name: "Hearth on Firefox on Linux", signed: false },
        ],
      },
    }),
    "room.loadOlder": () => ({ ok: true, value: { more: false } }),
  };

  return {
    run: async (name, arg) => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const answer = commands[name]?.(arg as never);
      return (typeof answer === "object" ? answer : { ok: true, value: undefined }) as Outcome<never>;
    },
    view: get,
    subscribe: (slice, listener) => {
      const set = listeners.get(slice) ?? new Set();
      listeners.set(slice, set.add(listener));
      return () => void set.delete(listener);
    },
    dispose: () => Promise.resolve(),
  };
}
