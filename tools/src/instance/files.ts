// An instance's folder: what is in it, and the secrets that are made once and kept.
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Problem } from "../../setup/problem.mjs";

export interface InstanceFiles {
  readonly folder: string;
  readonly homeserverConfig: string;
  readonly overrides: string;
  readonly logConfig: string;
  readonly appserviceConfig: string;
  readonly signingKey: string;
  readonly macaroonSecret: string;
  readonly formSecret: string;
  readonly database: string;
  readonly media: string;
  readonly pid: string;
  readonly lock: string;
  readonly synapseLog: string;
  readonly synapseOutput: string;
  readonly botsLog: string;
  readonly webLog: string;
}

export interface InstanceSecrets {
  readonly asToken: string;
  readonly hsToken: string;
}

/** What an instance is, fixed when its folder is made: rooms and user ids carry both for ever. */
export interface InstanceIdentity {
  readonly serverName: string;
  readonly orgId: string;
  readonly orgName: string;
}

/** Names the files below `folder` and makes the folders, readable by their owner alone. */
export function openFolder(folder: string): InstanceFiles {
  const at = (...parts: string[]) => join(resolve(folder), ...parts);
  for (const each of [at(), at("logs"), at("media"), at("secrets")]) {
    mkdirSync(each, { recursive: true, mode: 0o700 });
    chmodSync(each, 0o700);
  }
  return {
    folder: at(),
    homeserverConfig: at("homeserver.yaml"),
    overrides: at("overrides.yaml"),
    logConfig: at("log.yaml"),
    appserviceConfig: at("appservice.yaml"),
    signingKey: at("secrets", "signing.key"),
    macaroonSecret: at("secrets", "macaroon"),
    formSecret: at("secrets", "form"),
    database: at("homeserver.db"),
    media: at("media"),
    pid: at("synapse.pid"),
    lock: at("instance.lock"),
    synapseLog: at("logs", "synapse.log"),
    synapseOutput: at("logs", "synapse-start.log"),
    botsLog: at("logs", "bots.log"),
    webLog: at("logs", "web.log"),
  };
}

/** Written beside and renamed, so that a crash leaves the old file or the new one; mode 0600. */
export function writePrivate(path: string, text: string): void {
  const aside = `${path}.new`;
  writeFileSync(aside, text, { mode: 0o600 });
  chmodSync(aside, 0o600);
  renameSync(aside, path);
}

/** Secrets of the instance, made at its first start. */
export function openSecrets(files: InstanceFiles): InstanceSecrets {
  once(files.macaroonSecret, randomToken);
  once(files.formSecret, randomToken);
  // Synapse's own format: algorithm, key id, unpadded base64 of the 32 byte seed.
  once(
    files.signingKey,
    () =>
      `ed25519 a_${randomBytes(3).toString("hex")} ${randomBytes(32).toString("base64").replace("=", "")}\n`,
  );
  const at = (name: string) => join(files.folder, "secrets", name);
  return { asToken: once(at("as_token"), randomToken), hsToken: once(at("hs_token"), randomToken) };
}

/** The identity that a folder was made with, or undefined for a new one. */
export function readIdentity(folder: string): InstanceIdentity | undefined {
  const path = join(folder, "identity.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as InstanceIdentity) : undefined;
}

/**
 * The identity that the folder was made with; a new one gets what is wanted.
 * @throws Problem when the folder belongs to another server name or org than the one asked for
 */
export function openIdentity(files: InstanceFiles, wanted: Partial<InstanceIdentity>): InstanceIdentity {
  const kept = readIdentity(files.folder);
  if (!kept) {
    const made: InstanceIdentity = {
      serverName: wanted.serverName ?? "hearth.localhost",
      orgId: wanted.orgId ?? "test",
      orgName: wanted.orgName ?? "Test org",
    };
    writePrivate(join(files.folder, "identity.json"), `${JSON.stringify(made, undefined, 2)}\n`);
    return made;
  }
  const { serverName = kept.serverName, orgId = kept.orgId } = wanted;
  if (kept.serverName !== serverName || kept.orgId !== orgId)
    throw new Problem(
      `The data in ${files.folder} belongs to the org "${kept.orgId}" on ${kept.serverName}, not to "${orgId}" on ${serverName}: start it as what it is, or begin anew with --fresh.`,
    );
  return kept;
}

function once(path: string, make: () => string): string {
  if (!existsSync(path)) writePrivate(path, make());
  return readFileSync(path, "utf8");
}

function randomToken(): string {
  return randomBytes(32).toString("base64url");
}
