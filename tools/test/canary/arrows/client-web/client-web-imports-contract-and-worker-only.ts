// Through the symlink in node_modules and the package's exports: the entry that holds the whole core.
import "@hearth/client-core";
