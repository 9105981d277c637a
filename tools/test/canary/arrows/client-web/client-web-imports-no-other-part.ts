import type {} from "@hearth/bots";
