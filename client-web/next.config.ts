import { join } from "node:path";
import type { NextConfig } from "next";

/** A static export: the web server hands out files, and everything else happens in the browser. */
const config: NextConfig = {
  output: "export",
  trailingSlash: true,
  images: { unoptimized: true },
  transpilePackages: ["@hearth/protocol", "@hearth/client-core"],
  // The workspaces are linked from the root's node_modules, so that is where files may come from.
  turbopack: { root: join(import.meta.dirname, "..") },
  poweredByHeader: false,
  devIndicators: false,
  // Types are checked by `npm test`, once, for all workspaces; a build must not take twice as long for it.
  typescript: { ignoreBuildErrors: true },
};

export default config;
