import "@hearth/client-core/contract.ts";
