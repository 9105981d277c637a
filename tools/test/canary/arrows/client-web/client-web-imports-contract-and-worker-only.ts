// Through the symlink in node_modules and the package's exports: an entry that is not for the screen.
import "@hearth/client-core/node.ts";
