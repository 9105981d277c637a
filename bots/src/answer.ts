import { Audit, cleanTexts, Result } from "@hearth/protocol";
import type { CommandId, ResultContent } from "@hearth/protocol";
import { decide } from "./commands/decide.ts";
import { refuse } from "./commands/implementation.ts";
import type { Refusal, Situation } from "./commands/implementation.ts";
import { carryOut } from "./effects.ts";
import type { Hands } from "./effects.ts";
import type { History } from "./history.ts";
import { isPassing } from "./homeserver.ts";
import type { RawEvent } from "./homeserver.ts";
import { readRoom } from "./rooms/view.ts";
import type { RoomHead, RoomView } from "./rooms/view.ts";

/** A command as it was asked, by event or by text. */
export type Asked = {
  readonly event: RawEvent;
  readonly room: RoomHead;
  readonly id: CommandId;
  readonly name: string;
  readonly args: unknown;
  /** By text: answered in words, with this added when it was done. */
  readonly text?: { readonly addition?: (data: Readonly<Record<string, unknown>>) => string };
};

type Answer = { ok: true; data?: Readonly<Record<string, unknown>>; text: string } | Refusal;

export type AnswerContext = Hands & {
  readonly history: History;
  readonly tokenFor: Situation["tokenFor"];
  readonly shortTimes: boolean;
};

/**
 * Answers a command once. Interrupted anywhere and called again it goes on: a command that is found good leaves its
 * audit entry before it changes anything, and is then carried out whatever it has changed already; what it writes is
 * absolute; its answer comes last. [P9]
 * @throws HomeserverError when the server can't be reached: call again
 */
export async function answer(asked: Asked, context: AnswerContext): Promise<void> {
  const { event } = asked;
  const { history } = context;
  if (history.isAnswered(event.event_id)) return;
  const earlier = history.earlierAnswer(event.sender, asked.id);
  if (earlier) return sendResult(asked, earlier, context);

  const outcome = await perform(asked, context).catch((error: unknown): Answer => {
    if (isPassing(error)) throw error;
    context.log.error(`command "${asked.name}" (${event.event_id}) failed`, error);
    return refuse("internal", "The bot could not do this, and its log says why. Ask whoever hosts Hearth.");
  });
  context.log.info(`"${asked.name}" by ${event.sender}: ${outcome.ok ? "done" : outcome.code}`);
  if (asked.text) return sendNotice(asked, outcome, context);
  return sendResult(
    asked,
    outcome.ok
      ? { v: 1, command_id: asked.id, ok: true, ...(outcome.data ? { data: { ...outcome.data } } : {}) }
      : { v: 1, command_id: asked.id, ok: false, code: outcome.code, message: outcome.message },
    context,
  );
}

async function perform(asked: Asked, context: AnswerContext): Promise<Answer> {
  const { event, room } = asked;
  const { homeserver, history, orgRoomId } = context;
  const begun = history.isBegun(event.sender, asked.id);
  const at = event.origin_server_ts;
  const decision = decide(
    { name: asked.name, args: cleanTexts(asked.args), roomType: room.type, begun },
    {
      actor: event.sender,
      at,
      now: Math.max(at, context.now()),
      org: await context.readOrg(),
      orgId: room.orgId,
      orgRoomId,
      botUserId: homeserver.userId,
      onboarding: await onboardingRoom(room, context),
      shortTimes: context.shortTimes,
      tokenFor: context.tokenFor,
    },
  );
  if (!decision.ok) return decision;
  if (decision.auditArgs && !begun) {
    const content = Audit.schema.parse({
      v: 1,
      command_id: asked.id,
      actor: event.sender,
      name: asked.name,
      args: decision.auditArgs,
      at,
    });
    await homeserver.sendEvent(orgRoomId, Audit.type, content, `audit-${event.event_id}`);
  }
  for (const effect of decision.plan.effects) await carryOut(effect, context);
  const { data } = decision.plan;
  return { ok: true, text: decision.text, ...(data ? { data } : {}) };
}

async function onboardingRoom(room: RoomHead, { homeserver }: AnswerContext): Promise<RoomView | undefined> {
  if (room.type !== "org.hearth.onboarding") return undefined;
  return readRoom(room.id, await homeserver.roomState(room.id));
}

async function sendResult(asked: Asked, result: ResultContent, context: AnswerContext): Promise<void> {
  const content = {
    ...result,
    "m.relates_to": { rel_type: "m.reference" as const, event_id: asked.event.event_id },
  };
  await send(asked, Result.type, content, context);
}

async function sendNotice(asked: Asked, outcome: Answer, context: AnswerContext): Promise<void> {
  const addition = outcome.ok ? asked.text?.addition?.(outcome.data ?? {}) : undefined;
  const body = outcome.ok
    ? [outcome.text, addition].filter((each) => each !== undefined).join("\n")
    : outcome.message;
  await send(asked, "m.room.message", notice(asked.event, body), context);
}

/** Says in words, once, why a typed command can't be read. */
export async function answerProblem(
  asked: { readonly event: RawEvent; readonly room: RoomHead; readonly problem: string },
  context: AnswerContext,
): Promise<void> {
  if (context.history.isAnswered(asked.event.event_id)) return;
  await send(asked, "m.room.message", notice(asked.event, asked.problem), context);
}

function notice(event: RawEvent, body: string) {
  return {
    msgtype: "m.notice",
    body,
    "m.relates_to": { rel_type: "m.reference", event_id: event.event_id },
  };
}

async function send(
  { event, room }: { readonly event: RawEvent; readonly room: RoomHead },
  type: string,
  content: Readonly<Record<string, unknown>>,
  { homeserver, history }: AnswerContext,
): Promise<void> {
  await homeserver.sendEvent(room.id, type, content, `answer-${event.event_id}`);
  history.learn([event, { ...event, type, content, sender: homeserver.userId }]);
}
