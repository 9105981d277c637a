import type { Incompleteness } from "@hearth/protocol";

/**
 * Why one can't vouch for a request, in one sentence, and what to do.
 * @param newerBuild our origin serves a newer build: to reload helps
 */
export function incompleteWords(
  incomplete: readonly Incompleteness[],
  nameOf: (userId: string) => string,
  newerBuild: boolean,
): string {
  const mismatch = incomplete.find((each) => each.kind === "snapshot_mismatch");
  if (mismatch)
    return `A summary by ${nameOf(mismatch.author)} does not agree with what this device has read. What stands here is what this device read itself. Ask in the chat.`;
  const newer = incomplete.find((each) => each.kind === "newer_version");
  if (newer)
    return newerBuild
      ? `${nameOf(newer.author)} wrote in this request with a newer version of Hearth. Reload to update: until then what stands below may be out of date.`
      : `${nameOf(newer.author)} wrote in this request with a newer version of Hearth than this server has for you, so what stands below may be out of date. Ask them what they changed.`;
  const unreadable = incomplete.filter((each) => each.kind === "unreadable").length;
  if (unreadable > 0)
    return `${unreadable === 1 ? "One change" : `${unreadable} changes`} to this request can’t be read here, so what stands below may be out of date. Ask in the chat what changed.`;
  if (incomplete.some((each) => each.kind === "out_of_order"))
    return "Changes to this request reached this device in another order than others saw them, so what stands below may be wrong. Ask in the chat what counts.";
  return "Something that belongs to this request has not reached this device, so what stands below may be out of date. Ask in the chat if it matters.";
}
