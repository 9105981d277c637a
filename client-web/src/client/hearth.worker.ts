import "@hearth/client-core/worker.ts";
