export { createFirstAdminInvite } from "./firstAdmin.ts";
