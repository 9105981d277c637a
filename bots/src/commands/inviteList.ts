import type { InviteContent } from "@hearth/protocol";
import { done } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

/** An event holds 64 kB; of invites that are over, the newest are enough. */
const MOST = 100;

type Row = Omit<InviteContent, "v" | "secret_hash"> & { invite: string };

export const inviteList: CommandImplementation<"invite list"> = {
  plan({ org, now }) {
    const rows = [...org.invites].map(([invite, { v: _v, secret_hash: _hash, ...rest }]): Row => ({
      invite,
      ...rest,
    }));
    const open = (row: Row) => row.status === "pending" && row.expires_at > now;
    const ordered = rows.toSorted(
      (a, b) =>
        Number(open(b)) - Number(open(a)) || b.created_at - a.created_at || (a.invite < b.invite ? -1 : 1),
    );
    return done([], { invites: ordered.slice(0, MOST) });
  },
  render(data) {
    const rows = data["invites"] as Row[];
    if (rows.length === 0) return "There are no invites.";
    return rows
      .map((row) => {
        const roles = row.roles.length > 0 ? row.roles.join(", ") : "no role";
        const until = new Date(row.expires_at).toISOString().slice(0, 16).replace("T", " ");
        const by = row.accepted_by ? ` by ${row.accepted_by}` : "";
        return `${row.invite}  ${row.status}${by}, ${roles}, until ${until} UTC, made by ${row.created_by}${row.note ? `, "${row.note}"` : ""}`;
      })
      .join("\n");
  },
};
