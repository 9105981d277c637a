import type { z } from "zod";
import { Help } from "./commands/help.ts";
import { InviteCreate } from "./commands/invite/create.ts";
import { InviteList } from "./commands/invite/list.ts";
import { InviteRevoke } from "./commands/invite/revoke.ts";
import { InviteAccept } from "./commands/invite/accept.ts";
import { RosterSign } from "./commands/roster/sign.ts";
import { RoleGrant } from "./commands/role/grant.ts";
import { RoleRevoke } from "./commands/role/revoke.ts";
import { MemberRemove } from "./commands/member/remove.ts";
import { WipeAsk } from "./commands/wipe/ask.ts";
import { WipeSign } from "./commands/wipe/sign.ts";
import { WipeDone } from "./commands/wipe/done.ts";
import { WipeDismiss } from "./commands/wipe/dismiss.ts";
import { PolicyShow } from "./commands/policy/show.ts";
import { PolicySet } from "./commands/policy/set.ts";
import { AccessAsk } from "./commands/access/ask.ts";
import { AccessWithdraw } from "./commands/access/withdraw.ts";
import { AccessAnswer } from "./commands/access/answer.ts";
import { AccessClean } from "./commands/access/clean.ts";
import { Message } from "./chat.ts";
import { KeyAsk } from "./grant/ask.ts";
import { KeyAnswer, KeyGrant, KeyReceipt } from "./grant/grant.ts";
import { RotateAsk } from "./keys/rotateAsk.ts";
import { Access } from "./grant/log.ts";
import { Audit, Command, Result } from "./org/command.ts";
import { Duty } from "./org/duty.ts";
import { Invite } from "./org/invite.ts";
import { Lifecycle } from "./org/lifecycle.ts";
import { Member } from "./org/member.ts";
import { Policy } from "./org/policy.ts";
import { Profile } from "./org/profile.ts";
import { Role } from "./org/role.ts";
import { Attributes, RequestTypes, Tags } from "./org/vocabulary.ts";
import { RosterAsk, RosterTell } from "./roster/ownDevices.ts";
import { RosterEvent } from "./roster/statement.ts";
import { REQUEST_ENTRIES } from "./request/entries.ts";
import { KeyWipe, KeyWiped, Wipe, WipeWish } from "./wipe/events.ts";

import {
  RootKeyFile,
  LockFile,
  LockNotesFile,
  SealedHeaderFile,
  ReplacedBucketFile,
  CryptoStore,
  ThemeChoice,
} from "./records/files.ts";
import {
  AccountRecord,
  TokensRecord,
  CryptoKeyRecord,
  RotationRecord,
  LastContactRecord,
  JoinRecord,
  RecoveryKeyRecord,
  SigningRecord,
  ServerHalfRecord,
} from "./records/session.ts";
import { AliasesRecord, OutboxRecord, ReadMark, RoomRecord, UnreadableRecord } from "./records/rooms.ts";
import {
  OutboundBlockRecord,
  KeyAgesRecord,
  PrunePlanRecord,
  RestoreRecord,
  BeganRecord,
} from "./records/keys.ts";
import { RosterRecord, MadeInvitesRecord, SeenDevicesRecord, SignedDevicesRecord } from "./records/people.ts";
import {
  OwnAskRecord,
  TheirAskRecord,
  GatheredRecord,
  SharedKeysRecord,
  InboxRecord,
  AnswersAloneRecord,
} from "./records/access.ts";
import { catalogueOf } from "./define/catalogue.ts";

/** Every event that this package defines. A test finds one that is missing here. */
export const ALL_EVENTS = [
  Policy,
  Role,
  Member,
  Attributes,
  Tags,
  RequestTypes,
  Invite,
  RosterEvent,
  Wipe,
  WipeWish,
  KeyWipe,
  KeyWiped,
  RosterAsk,
  RosterTell,
  Command,
  Result,
  Audit,
  Profile,
  Duty,
  Lifecycle,
  ...REQUEST_ENTRIES,
  Message,
  Access,
  KeyAsk,
  KeyGrant,
  KeyAnswer,
  KeyReceipt,
  RotateAsk,
] as const;

/** Every kind of thing that a device stores. */
export const ALL_RECORDS = [
  RootKeyFile,
  LockFile,
  LockNotesFile,
  SealedHeaderFile,
  ReplacedBucketFile,
  CryptoStore,
  ThemeChoice,
  AccountRecord,
  TokensRecord,
  CryptoKeyRecord,
  RotationRecord,
  LastContactRecord,
  JoinRecord,
  RecoveryKeyRecord,
  SigningRecord,
  ServerHalfRecord,
  RoomRecord,
  OutboxRecord,
  ReadMark,
  AliasesRecord,
  UnreadableRecord,
  OutboundBlockRecord,
  KeyAgesRecord,
  PrunePlanRecord,
  RestoreRecord,
  BeganRecord,
  RosterRecord,
  MadeInvitesRecord,
  SeenDevicesRecord,
  SignedDevicesRecord,
  OwnAskRecord,
  TheirAskRecord,
  GatheredRecord,
  SharedKeysRecord,
  InboxRecord,
  AnswersAloneRecord,
] as const;

/** Every command to the organisation's bot, in the order in which help lists them. */
export const ALL_COMMANDS = [
  Help,
  InviteCreate,
  InviteList,
  InviteRevoke,
  InviteAccept,
  RosterSign,
  RoleGrant,
  RoleRevoke,
  MemberRemove,
  WipeAsk,
  WipeSign,
  WipeDone,
  WipeDismiss,
  PolicyShow,
  PolicySet,
  AccessAsk,
  AccessWithdraw,
  AccessAnswer,
  AccessClean,
] as const;

type CommandTable = { readonly [Each in (typeof ALL_COMMANDS)[number] as Each["name"]]: Each };
export const COMMANDS = Object.fromEntries(ALL_COMMANDS.map((each) => [each.name, each])) as CommandTable;
export type CommandName = keyof CommandTable;
/** Those that anybody's screen gives, through `org.do`. */
export type ScreenCommand = {
  [Name in CommandName]: CommandTable[Name]["givenBy"] extends "screen" ? Name : never;
}[CommandName];
/** One of them with its arguments, as a screen has them: checked before it is sent. */
export type OrgDeed = {
  [Name in ScreenCommand]: { readonly name: Name; readonly args: z.input<CommandTable[Name]["args"]> };
}[ScreenCommand];
export type CommandArgs<Name extends CommandName> = z.infer<CommandTable[Name]["args"]>;

/** Names that were used once, and what they stood for: what was written under them may still be somewhere. */
export const RETIRED = {
  "records.misc": "eight kinds of records at once",
  "records.org": "a collection that nothing was written to",
  door: "the sealed header's file under an older word",
} as const;

/** All that is defined, each name once. What breaks that does not start. */
export const CATALOGUE = catalogueOf({
  events: ALL_EVENTS,
  records: ALL_RECORDS,
  commands: ALL_COMMANDS,
  retired: RETIRED,
});
