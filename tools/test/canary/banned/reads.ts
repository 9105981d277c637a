// Ways to read a published view back. tools/test/bannedReads.ts must find each; nothing runs this file.
import { PublishedViews } from "../../../../client-core/src/session/views.ts";

export function decidesByPictures(views: PublishedViews): unknown {
  views.listen("org", () => {});
  const { latest } = views;
  return [views.latest("team"), views["latest"]("org"), latest];
}
